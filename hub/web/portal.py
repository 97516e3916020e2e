"""The portal: a search page and a record page in each language."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.errors import NotFound
from hub.languages import LANGUAGES, NAMES, catalogue, pick
from hub.web.problems import language_of
from hub.web.records import served_record, statements_about
from hub.web.search import Asked, asked, facet_rows, find
from hub.web.serving import serving_of
from hub.web.view import View

HERE = Path(__file__).parent
SHOWN_FACETS = 8  # values of a facet before "more"
router = APIRouter(include_in_schema=False)


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    return environment


ENVIRONMENTS = {language: _environment(language) for language in LANGUAGES}


def page(request: Request, template: str, language: str, status: int = 200, **values: Any) -> HTMLResponse:
    """One page of the portal; each address names its language, and links to itself in the others."""
    rest = request.url.path.split("/", 2)[2] if request.url.path.split("/")[1] in LANGUAGES else ""
    question = f"?{request.url.query}" if request.url.query else ""
    others = {code: f"/{code}/{rest}{question}" for code in LANGUAGES}
    environment = ENVIRONMENTS[language]
    html = environment.get_template(template).render(
        language=language, names=NAMES, others=others, pick=lambda texts: pick(texts, language), **values
    )
    return HTMLResponse(html, status, {"Content-Language": language})


def problem_page(request: Request, language: str, problem: dict[str, Any]) -> HTMLResponse:
    return page(request, "problem.html", language, problem["status"], problem=problem)


@router.get("/")
def choose_language(request: Request) -> Response:
    return RedirectResponse(f"/{language_of(request)}/", 302, {"Vary": "Accept-Language"})


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise NotFound(f"The portal speaks {', '.join(LANGUAGES)}, not {language}")
    return language


@router.get("/{language}/")
def search_page(request: Request, language: str, wanted: Annotated[Asked, Depends(asked)]) -> HTMLResponse:
    """The search box; below it what was found, or what is new."""
    serving = serving_of(request)
    answer = find(serving, wanted)
    chosen = {key: set(request.query_params.getlist(key)) for key in wanted.parameters}
    return page(
        request,
        "search.html",
        _known(language),
        wanted=wanted,
        answer=answer,
        facets=_facets(request, wanted, facet_rows(serving, answer, language)),
        chosen=chosen,
        label=lambda iri: serving.profile.label(iri, language),
        source_title=lambda key: serving.plain_label("source", key, language),
        path=_portal_path,
    )


def _facets(request: Request, wanted: Asked, rows: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Each facet with its name; a value's link sets it, or takes it away where it is chosen."""
    serving, language = serving_of(request), language_of(request)
    named = {f.key: pick(f.name, language)[0] for f in serving.profile.facets}
    found = []
    for key, values in rows.items():
        chosen = request.query_params.getlist(key)
        for row in values:
            row["chosen"] = row["value"] in chosen
            row["link"] = "?" + wanted.link(**{key: "" if row["chosen"] else row["value"]})
        name = named.get(key) or serving.facet_name(key, language)
        if len(values) > 1 or chosen:
            found.append({"key": key, "name": name, "rows": values, "shown": SHOWN_FACETS})
    return found


def _portal_path(iri: str, language: str) -> str:
    """A record's page: its IRI's path behind /id/, under the language."""
    return f"/{language}/{iri.partition('/id/')[2]}"


@router.get("/{language}/{kind}/{source}/{key}")
def record_page(request: Request, language: str, kind: str, source: str, key: str) -> HTMLResponse:
    serving = serving_of(request)
    _known(language)
    statements = statements_about(serving, kind, source, key)
    iri = f"{serving.ledger.base}/id/{kind}/{source}/{key}"
    view = View(statements, serving.profile, language)
    return page(
        request,
        "record.html",
        language,
        iri=iri,
        kind=pick(serving.profile.kinds[kind].names, language)[0],
        title=view.role(iri, kind, "title"),
        summary=view.role(iri, kind, "summary"),
        status=[v for row in view.role_rows(iri, kind, "status") for v in row.values],
        groups=view.groups(iri, kind),
        languages=view.languages(iri, kind),
        data=f"/data/{kind}/{source}/{key}",
        record=serving.record_or_none(iri),
        source_title=serving.plain_label("source", source, language),
        path=_portal_path,
        base=serving.ledger.base,
        search_link=serving.search_link,
    )


def install(app: FastAPI) -> None:
    app.state.problem_page = problem_page
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.include_router(router)


__all__ = ["install", "served_record"]
