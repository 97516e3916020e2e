"""The search API; the portal's pages ask the same question through `find`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi import Query as Parameter
from fastapi.responses import JSONResponse

from hub.errors import BadRequest
from hub.languages import LANGUAGES
from hub.model import KINDS
from hub.profile import Field, Profile
from hub.search.base import MAX_QUERY, MAX_SIZE, PLAIN_KEYWORDS, SORTS, Answer, Query
from hub.web.answers import SearchAnswer
from hub.web.problems import language_of
from hub.web.serving import Serving, serving_of

router = APIRouter(tags=["search"])
SIZE: Final = 20
ASKED: Final = ("q", "lang", "bbox", "page", "size", "sort")  # the parameters that are no filters


def _among(values: Sequence[str], description: str) -> Any:
    return Parameter(description=description, json_schema_extra={"enum": list(values)})


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as the caller wrote it, with what it means to the index.

    `plain` are the parameters that are no filters, as they were given; `chosen` are the filters, each value as its
    parameter takes it: a concept's notation, a key.
    """

    query: Query
    plain: Mapping[str, str]
    chosen: Mapping[str, tuple[str, ...]]

    def link(self, **changes: str | int) -> str:
        """The query string of this search, from its first page on, with some plain parameters set ("" removes one)."""
        return _encoded({**self.plain, **{key: str(value) for key, value in changes.items()}}, self.chosen)

    def toggled(self, key: str, value: str) -> str:
        """The query string with one value of a filter added, or taken away where it is chosen."""
        there = self.chosen.get(key, ())
        values = tuple(v for v in there if v != value) if value in there else (*there, value)
        return _encoded(self.plain, {**self.chosen, key: values})


def _encoded(plain: Mapping[str, str], chosen: Mapping[str, Sequence[str]]) -> str:
    pairs = [(key, value) for key, value in plain.items() if value]
    return urlencode(pairs + [(key, value) for key, values in chosen.items() for value in values], safe=":/,")


def asked(
    request: Request,
    q: Annotated[str, Parameter(description="Words in any of the seven languages.", max_length=MAX_QUERY)] = "",
    lang: Annotated[str | None, _among(LANGUAGES, "The language of the query and of labels.")] = None,
    kind: Annotated[list[str] | None, Parameter(description=f"{', '.join(KINDS)}; may be repeated.")] = None,
    source: Annotated[list[str] | None, Parameter(description="A source's key; may be repeated.")] = None,
    language: Annotated[list[str] | None, Parameter(description="A language of the record itself.")] = None,
    bbox: Annotated[str | None, Parameter(description="west,south,east,north in degrees.")] = None,
    page: Annotated[int, Parameter(ge=1, description="From 1 on; page times size is at most 10,000.")] = 1,
    size: Annotated[int, Parameter(ge=1, le=MAX_SIZE)] = SIZE,
    sort: Annotated[str, _among(SORTS, "relevance where there is a query, else newest, is the default.")] = "",
) -> Asked:
    """The parameters of a search, checked; every facet of the profile is a parameter too."""
    profile = serving_of(request).profile
    given = {"kind": kind, "source": source, "language": language}
    keys = {key: tuple(dict.fromkeys(filter(None, values))) for key, values in given.items() if values and any(values)}
    _check_each("kind", keys.get("kind", ()), KINDS)
    _check_each("source", keys.get("source", ()), tuple(serving_of(request).sources()))
    _check_each("sort", (sort,) if sort else (), SORTS)
    _check_each("lang", (lang,) if lang else (), LANGUAGES)
    concepts = dict(_concepts(request, profile))
    query = Query(
        q=q,
        lang=lang or language_of(request),
        filters={**keys, **{key: tuple(found) for key, found in concepts.items()}},
        bbox=_bbox(bbox),
        page=page,
        size=size,
        sort=sort or ("relevance" if q.strip() else "newest"),
        facets=(*PLAIN_KEYWORDS, *(field.key for field in profile.facets)),
    )
    plain = {key: value for key in ASKED if key != "page" and (value := request.query_params.get(key))}
    return Asked(query, plain, {**keys, **{key: tuple(found.values()) for key, found in concepts.items()}})


def _check_each(parameter: str, values: Sequence[str], allowed: Sequence[str]) -> None:
    for value in values:
        if value not in allowed:
            raise BadRequest(parameter, value, ", ".join(allowed))


def _concepts(request: Request, profile: Profile) -> Iterator[tuple[str, dict[str, str]]]:
    """The facets' parameters: IRI → notation of each concept, which may be given by notation, IRI or label."""
    fields = {field.key: field for field in profile.facets}
    known = {*ASKED, *PLAIN_KEYWORDS, *fields}
    for name in dict.fromkeys(request.query_params):
        if name not in known and request.url.path.startswith("/api/"):  # links to pages carry others' parameters
            raise BadRequest("parameter", name, ", ".join(sorted(known)))
        texts = [text for text in request.query_params.getlist(name) if text] if name in fields else []
        if texts:
            yield name, dict(_concept(profile, fields[name], text) for text in texts)


def _concept(profile: Profile, field: Field, text: str) -> tuple[str, str]:
    concept = profile.concept(field.scheme or "", text)
    if concept is None:
        members = profile.schemes[field.scheme or ""].concepts
        raise BadRequest(field.key, text, ", ".join(profile.concepts[iri].notation for iri in members))
    return concept.iri, concept.notation


def _bbox(text: str | None) -> tuple[float, float, float, float] | None:
    """Raises BadRequest for what is not four numbers; `Query` checks what they mean."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadRequest("bbox", text, "west,south,east,north in degrees, such as 9.5,46.3,17.2,49.0") from error
    return west, south, east, north


def find(serving: Serving, wanted: Asked) -> Answer:
    return serving.index.search(wanted.query)


def facet_rows(serving: Serving, answer: Answer, language: str) -> dict[str, list[dict[str, Any]]]:
    """Facets as `{value, iri, label, count}`; `value` is what the parameter of that name takes."""
    profile = serving.profile

    def row(key: str, text: str, count: int) -> dict[str, Any]:
        concept = profile.concepts.get(text)
        told = {"value": concept.notation if concept else text, "iri": text if concept else None}
        return {**told, "label": serving.word(key, text, language), "count": count}

    return {key: [row(key, text, count) for text, count in counts] for key, counts in answer.facets.items()}


@router.get("/api/search", summary="Find records in any of seven languages", response_model=SearchAnswer)
def search(request: Request, wanted: Annotated[Asked, Depends(asked)]) -> JSONResponse:
    """Filters are OR within a parameter and AND between parameters; a facet is counted without its own filter.

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
    body = {
        "total": answer.total,
        "items": [{**hit.item, "matched": hit.matched} for hit in answer.hits],
        "facets": facet_rows(serving, answer, wanted.query.lang or language_of(request)),
        "links": links,
    }
    return JSONResponse(body, headers={"Vary": "Accept-Language"})  # as the index has it; a test holds it to the model
