"""The search API; the portal's pages ask the same question through `find`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi import Query as Parameter

from hub.errors import BadRequest
from hub.languages import LANGUAGES
from hub.model import KINDS
from hub.profile import Field, Profile
from hub.search.base import Answer, Query
from hub.web.problems import language_of
from hub.web.serving import Serving, serving_of

router = APIRouter()
PLAIN_FILTERS = ("kind", "source", "language")
SORTS = ("relevance", "newest", "title")


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as the caller wrote it, with what it means to the index."""

    query: Query
    parameters: Mapping[str, list[str]]

    def link(self, **changes: str | int) -> str:
        """The query string of this search with some parameters set; an empty value removes one."""
        merged = {**self.parameters, **{key: [str(value)] for key, value in changes.items()}}
        return urlencode([(key, v) for key, values in merged.items() for v in values if v], safe=":/")


def asked(
    request: Request,
    q: Annotated[str, Parameter(description="What to look for, in any of the seven languages.", max_length=1000)] = "",
    lang: Annotated[str | None, Parameter(description="The language of the query and of labels.")] = None,
    kind: Annotated[list[str] | None, Parameter(description=f"One of {', '.join(KINDS)}; may be repeated.")] = None,
    source: Annotated[list[str] | None, Parameter(description="A source's key; may be repeated.")] = None,
    language: Annotated[list[str] | None, Parameter(description="A language of the record itself.")] = None,
    bbox: Annotated[str | None, Parameter(description="west,south,east,north in degrees.")] = None,
    page: Annotated[int, Parameter(ge=1)] = 1,
    size: Annotated[int, Parameter(ge=1, le=100)] = 20,
    sort: Annotated[str, Parameter(description=", ".join(SORTS))] = "relevance",
) -> Asked:
    """The parameters of a search, checked; every facet of the profile is a parameter too."""
    profile = serving_of(request).profile
    plain = {"kind": kind, "source": source, "language": language}
    filters = {key: tuple(values) for key, values in plain.items() if values}
    _check_each("kind", filters.get("kind", ()), KINDS)
    _check_each("sort", (sort,), SORTS)
    _check_each("lang", (lang,) if lang else (), LANGUAGES)
    filters |= _concept_filters(request, profile)
    parameters = {key: request.query_params.getlist(key) for key in request.query_params if key != "page"}
    wanted = (*PLAIN_FILTERS, *(field.key for field in profile.facets))
    query = Query(
        q=q,
        lang=lang or language_of(request),
        filters=filters,
        bbox=_bbox(bbox),
        page=page,
        size=size,
        sort=sort,
        facets=wanted,
    )
    return Asked(query, parameters)


def _check_each(parameter: str, values: Sequence[str], allowed: Sequence[str]) -> None:
    for value in values:
        if value not in allowed:
            raise BadRequest(parameter, value, ", ".join(allowed))


def _concept_filters(request: Request, profile: Profile) -> dict[str, tuple[str, ...]]:
    """The facets' parameters as concept IRIs, given by notation, IRI or label."""
    known = {*PLAIN_FILTERS, "q", "lang", "bbox", "page", "size", "sort"}
    by_key = {field.key: field for field in profile.facets}
    found = {}
    for name in request.query_params:
        if name not in known and name not in by_key:
            raise BadRequest("parameter", name, ", ".join(sorted(known | set(by_key))))
        if name in by_key:
            texts = [text for text in request.query_params.getlist(name) if text]
            found[name] = tuple(_concept(profile, by_key[name], text) for text in texts)
    return {name: iris for name, iris in found.items() if iris}


def _concept(profile: Profile, field: Field, text: str) -> str:
    concept = profile.concept(field.scheme or "", text)
    if concept is None:
        scheme = profile.schemes[field.scheme or ""]
        raise BadRequest(field.key, text, ", ".join(profile.concepts[iri].notation for iri in scheme.concepts))
    return concept.iri


def _bbox(text: str | None) -> tuple[float, float, float, float] | None:
    if not text:
        return None
    allowed = "west,south,east,north in degrees, such as 9.5,46.3,17.2,49.0"
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadRequest("bbox", text, allowed) from error
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise BadRequest("bbox", text, allowed)
    return west, south, east, north


def find(serving: Serving, wanted: Asked) -> Answer:
    return serving.index.search(wanted.query)


def facet_rows(serving: Serving, answer: Answer, language: str) -> dict[str, list[dict[str, Any]]]:
    """Facets as `{value, iri, label, count}`; `value` is what the parameter of that name takes."""
    profile = serving.profile
    rows: dict[str, list[dict[str, Any]]] = {}
    for key, counts in answer.facets.items():
        rows[key] = []
        for text, count in counts:
            concept = profile.concepts.get(text)
            label = concept and profile.label(text, language)
            row = {"value": concept.notation if concept else text, "iri": text if concept else None}
            rows[key].append({**row, "label": label or serving.plain_label(key, text, language), "count": count})
    return rows


@router.get("/api/search", summary="Find records in any of seven languages", tags=["search"])
def search(request: Request, wanted: Annotated[Asked, Depends(asked)]) -> dict[str, Any]:
    """Items with their facets; beyond the declared parameters, every facet's key filters (`theme=`, `country=` …).

    A concept is given by its notation, IRI or label, and includes narrower ones.
    """
    serving = serving_of(request)
    answer = find(serving, wanted)
    page, size = wanted.query.page, wanted.query.size
    links = {"self": f"/api/search?{wanted.link(page=page)}"}
    if page > 1:
        links["prev"] = f"/api/search?{wanted.link(page=page - 1)}"
    if page * size < answer.total:
        links["next"] = f"/api/search?{wanted.link(page=page + 1)}"
    return {
        "total": answer.total,
        "items": [{**hit.item, "matched": hit.matched} for hit in answer.hits],
        "facets": facet_rows(serving, answer, wanted.query.lang or "en"),
        "links": links,
    }


@router.get("/api/sources", summary="Who the hub harvests, and how fresh that is", tags=["search"])
def sources(request: Request) -> dict[str, Any]:
    serving = serving_of(request)
    counts = serving.ledger.records.counts()
    rows = []
    for key, declared in serving.ledger.runs.sources().items():
        latest = serving.ledger.runs.latest(key, 1)
        run = latest and {"state": latest[0].state, "started": latest[0].started, "message": latest[0].report.message}
        title, country = declared["title"], declared["country"]
        rows.append({"key": key, "title": title, "country": country, "records": counts.get(key, {}), "last_run": run or None})
    return {"sources": rows}
