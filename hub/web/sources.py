"""Sources: how fresh each is, what it brought, and its IRI, which leads to its page or its data."""

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from hub.errors import NotFound
from hub.harvest.imports import PROTOCOL as IMPORTED
from hub.ledger import Run
from hub.ledger.changes import SERVED
from hub.namespaces import CONCEPT, COUNTRY
from hub.projection.activities import activities
from hub.projection.entries import source_statements
from hub.schedule import freshness_told
from hub.web.answers import SourceAnswer, SourcesAnswer
from hub.web.pages import page
from hub.web.portal import Language
from hub.web.problems import language_of
from hub.web.rdf import HTML, MEDIA_TYPES, OFFERED, preferred, render
from hub.web.records import split
from hub.web.serving import Serving, serving_of

router = APIRouter(tags=["sources"])
RUNS: Final = 20  # the latest ones, that the API tells; a page shows half of them
ACTIVITIES: Final = 100  # the latest ones in a source's data; all are in the graph
COUNTS: Final = ("seen", "created", "changed", "unchanged", "quarantined", "failed", "missing", "withdrawn")


@router.get("/api/sources", summary="Who the hub harvests, and how fresh that is", response_model=SourcesAnswer)
def sources(request: Request, response: Response) -> dict[str, Any]:
    response.headers["Vary"] = "Accept-Language"
    return {"sources": source_rows(serving_of(request), language_of(request))}


@router.get("/api/sources/{key}", summary="One source, with its latest runs", response_model=SourceAnswer)
def source(request: Request, response: Response, key: str) -> dict[str, Any]:
    response.headers["Vary"] = "Accept-Language"
    serving = serving_of(request)
    row = _row(serving, key, language_of(request))
    return {**row, "runs": [_told(run) for run in serving.ledger.runs.latest(key, RUNS)]}


def source_rows(serving: Serving, language: str) -> list[dict[str, Any]]:
    """Each source that was ever harvested: its freshness, its records by state, and how good they are."""
    counts, qualities = serving.ledger.records.counts(), serving.qualities(language)
    fresh, now = serving.ledger.runs.freshness(), datetime.now(UTC)
    rows = []
    for key, declared in serving.sources().items():
        is_imported = declared["protocol"] == IMPORTED  # by a person, in no rhythm, from a file
        row = {name: declared[name] for name in ("key", "title", "country", "protocol", "licence")}
        told = {"url": None if is_imported else declared["url"], "rhythm": None if is_imported else declared["rhythm"]}
        freshness = freshness_told(told["rhythm"], fresh.get(key), now)
        rows.append({**row, **told, "records": counts.get(key, {}), **freshness, "quality": qualities.get(key)})
    return rows


def _row(serving: Serving, key: str, language: str) -> dict[str, Any]:
    for row in source_rows(serving, language):
        if row["key"] == key:
            return row
    raise NotFound("There is no source {key}", key=key)


def _told(run: Run) -> dict[str, Any]:
    times = {"started": run.started, "ended": run.ended, "since": run.since, "message": run.report.message}
    made = {"code": run.code, "profile": run.profile}
    return {"run": run.id, "state": run.state, **times, **made, **{name: getattr(run.report, name) for name in COUNTS}}


@router.get("/id/source/{key}", summary="A source: redirects to its page or its data")
def identify(request: Request, key: str) -> Response:
    """303 by Accept, or by the suffix .ttl .jsonld .rdf .nt; `#run-12` behind it names a run."""
    stem, suffix = split(key)
    _row(serving_of(request), stem, language_of(request))
    wanted = suffix or preferred(request.headers.get("accept"), {HTML: "html", **OFFERED})[0]
    path = f"/doc/source/{stem}" if wanted == "html" else f"/data/source/{stem}.{wanted}"
    return RedirectResponse(path, 303, {"Vary": "Accept"})


@router.get("/doc/source/{key}", summary="Redirects to the page in the reader's language")
def page_of(request: Request, key: str) -> Response:
    return RedirectResponse(f"/{language_of(request)}/sources/{key}", 302, {"Vary": "Accept-Language"})


@router.get("/data/source/{key}", summary="A source as a dcat:Catalog with its latest runs, by Accept or suffix")
def data(request: Request, key: str) -> Response:
    serving, (stem, suffix) = serving_of(request), split(key)
    wanted = suffix or preferred(request.headers.get("accept"), OFFERED)[0]
    declared = serving.sources().get(stem)
    if declared is None:
        raise NotFound("There is no source {key}", key=stem)
    if wanted == "html":
        return RedirectResponse(f"/doc/source/{stem}", 303, {"Vary": "Accept"})
    runs = activities(serving.ledger.runs.latest(stem, ACTIVITIES), serving.sources(), serving.base)
    statements = source_statements(stem, declared, serving.base) + runs
    body = render(statements, wanted, f"{serving.base}/context.jsonld", serving.profile.context)
    return Response(body, 200, {"Vary": "Accept"}, media_type=MEDIA_TYPES[wanted])


@router.get("/{tongue}/sources", include_in_schema=False)
def sources_page(request: Request, language: Language) -> HTMLResponse:
    """Who the hub harvests, and how fresh that is."""
    serving = serving_of(request)
    rows = source_rows(serving, language)
    for row in rows:
        row["served"] = sum(row["records"].get(state, 0) for state in SERVED)
    return page(
        request,
        "sources.html",
        language,
        sources=rows,
        country=lambda code: serving.profile.label(COUNTRY[code].value, language),
    )


@router.get("/{tongue}/sources/{key}", include_in_schema=False)
def source_page(request: Request, language: Language, key: str) -> HTMLResponse:
    serving = serving_of(request)
    row = _row(serving, key, language)
    states = {
        state: serving.profile.label(CONCEPT[f"record-state/{state}"].value, language) for state in row["records"]
    }
    return page(
        request,
        "source.html",
        language,
        source=row,
        country=serving.profile.label(COUNTRY[row["country"]].value, language),
        states=states,
        is_served=any(row["records"].get(state) for state in SERVED),
        runs=[run for run in serving.ledger.runs.latest(key, RUNS // 2) if run.state != "running"],
        iri=f"{serving.base}/id/source/{key}",
        now=datetime.now(UTC),
    )
