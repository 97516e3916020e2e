"""The application profile to take away: shapes, ontology, lists, JSON Schema, forms, and their documentation."""

import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from pyoxigraph import RdfFormat, parse, serialize

from hub.errors import NotFound
from hub.languages import catalogue
from hub.namespaces import PREFIXES
from hub.profile import Profile
from hub.profile.diagram import diagram
from hub.profile.form import form
from hub.profile.json_schema import json_schema
from hub.profile.reference import Reference, reference, scheme_file
from hub.profile.reference_markdown import markdown
from hub.profile.spreadsheet import MEDIA_TYPE as XLSX
from hub.profile.spreadsheet import workbook
from hub.validation.published import published_shapes
from hub.web.conditional import is_known, tag_of
from hub.web.pages import page
from hub.web.portal import Language
from hub.web.problems import language_of
from hub.web.rdf import HTML, MEDIA_TYPES, preferred
from hub.web.serving import serving_of

router = APIRouter(tags=["profile"])
KEPT: Final = "max-age=3600"
SCHEMA_JSON: Final = "application/schema+json"
MARKDOWN: Final = "text/markdown; charset=utf-8"


def answer(
    request: Request, body: str | bytes, media_type: str, headers: Mapping[str, str] = MappingProxyType({})
) -> Response:
    """A file with a tag of its content; 304 without a body where the asker has it."""
    content = body.encode() if isinstance(body, str) else body
    tag = tag_of(content)
    told = {"ETag": tag, "Cache-Control": KEPT, **headers}
    if is_known(request, tag):
        return Response(status_code=304, headers=told)
    return Response(content, 200, told, media_type=media_type)


@router.get("/schema", summary="The profile: redirects to its page in the reader's language, or to the ontology")
def profile(request: Request) -> Response:
    """By Accept; where https://w3id.org/co-ped/ns leads, so that the page shows the term behind the #."""
    wanted = preferred(request.headers.get("accept"), {HTML: "html", MEDIA_TYPES["ttl"]: "ttl"})[0]
    path = f"/{language_of(request)}/reference" if wanted == "html" else "/schema/ontology.ttl"
    return RedirectResponse(path, 303, {"Vary": "Accept, Accept-Language"})


@router.get("/schema/shapes.ttl", summary="The SHACL shapes, with messages in seven languages")
def shapes(request: Request) -> Response:
    """Each constraint has `sh:message` in every language, for any SHACL validator."""
    return answer(request, published_shapes(serving_of(request).profile), MEDIA_TYPES["ttl"])


@router.get("/schema/ontology.ttl", summary="The ontology: the classes and properties of our own")
def ontology(request: Request) -> Response:
    return answer(request, serving_of(request).profile.ontology, MEDIA_TYPES["ttl"])


@router.get("/schema/reference.{tongue}.md", summary="The documentation of the profile, as Markdown")
def reference_file(request: Request, language: Language) -> Response:
    told = _reference(serving_of(request).profile, language)
    return answer(request, markdown(told), MARKDOWN, {"Content-Language": language})


@router.get("/schema/{scheme}.ttl", summary="A list of values (SKOS concept scheme)")
def vocabulary(request: Request, scheme: str) -> Response:
    """A list by its name, such as theme or country."""
    profile = serving_of(request).profile
    files = {scheme_file(iri): iri for iri in profile.schemes}
    if scheme not in files:
        raise NotFound(
            "There is no list {scheme}; the lists are {schemes}", scheme=scheme, schemes=", ".join(sorted(files))
        )
    return answer(request, _vocabulary(profile, files[scheme]), MEDIA_TYPES["ttl"])


@router.get("/api/schema/{kind}.json", summary="JSON Schema of a kind's records, as JSON-LD with our context")
def schema(request: Request, kind: str) -> Response:
    """JSON Schema 2020-12, with words in the caller's language (`lang=` or Accept-Language)."""
    language = language_of(request)
    told = json_schema(_profile_with(request, kind), kind, language)
    body = {"$id": f"{serving_of(request).base}/api/schema/{kind}.json", **told}
    return answer(request, _json(body), SCHEMA_JSON, {"Vary": "Accept-Language", "Content-Language": language})


@router.get("/api/form/{kind}", summary="The form of a kind: groups, fields, choices")
def form_model(request: Request, kind: str) -> Response:
    """What an editor shows, in the caller's language (`lang=` or Accept-Language)."""
    language = language_of(request)
    told = form(_profile_with(request, kind), kind, language)
    return answer(request, _json(told), "application/json", {"Vary": "Accept-Language", "Content-Language": language})


@router.get("/api/template/{tongue}.xlsx", summary="The spreadsheet in which records are filled in")
def template(request: Request, language: Language) -> Response:
    body = _workbook(serving_of(request).profile, language)
    saved = f'attachment; filename="co-ped-{language}.xlsx"'
    return answer(request, body, XLSX, {"Content-Language": language, "Content-Disposition": saved})


@router.get("/{tongue}/reference", include_in_schema=False)
def reference_page(request: Request, language: Language) -> HTMLResponse:
    """The documentation as a page of the portal; an anchor for each term, field and concept."""
    told = _reference(serving_of(request).profile, language)
    drawing = diagram(told, catalogue(language).gettext("Classes and their links"))
    return page(request, "reference.html", language, told=told, drawing=Markup(drawing))  # noqa: S704 (made by us)


def _profile_with(request: Request, kind: str) -> Profile:
    profile = serving_of(request).profile
    if kind not in profile.kinds:
        raise NotFound("There is no kind {kind}; the kinds are {kinds}", kind=kind, kinds=", ".join(profile.kinds))
    return profile


def _json(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, indent=1)


@lru_cache(maxsize=16)
def _reference(profile: Profile, language: str) -> Reference:
    return reference(profile, language)


@lru_cache(maxsize=16)
def _workbook(profile: Profile, language: str) -> bytes:
    return workbook(profile, language)


@lru_cache(maxsize=64)
def _vocabulary(profile: Profile, scheme: str) -> bytes:
    """The statements about a scheme and its concepts."""
    about = tuple(f"<{iri}> " for iri in (scheme, *profile.schemes[scheme].concepts))
    lines = [line for line in profile.vocabularies_text.splitlines(keepends=True) if line.startswith(about)]
    prefixes = {name: str(base) for name, base in PREFIXES.items() if any(f"<{base}" in line for line in lines)}
    triples = parse("".join(lines), format=RdfFormat.N_TRIPLES)
    return serialize(triples, format=RdfFormat.TURTLE, prefixes=prefixes) or b""
