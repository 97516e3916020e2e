"""The parameters of a search, each checked; what narrows it is declared by the Profile."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi import Query as Parameter

from hub.errors import BadRequest
from hub.languages import FALLBACK, LANGUAGES, N_
from hub.model import KINDS
from hub.profile import Field, Profile
from hub.search.base import CHANGED, MAX_KM, MAX_QUERY, MAX_SIZE, PLAIN_KEYWORDS, SORTS, Query
from hub.search.dates import seconds
from hub.search.detection import detect
from hub.web.problems import language_of
from hub.web.serving import serving_of

SIZE: Final = 20
ASKED: Final = ("q", "lang", "qlang", "bbox", "near", "page", "size", "sort", "after", "meaning", "explain", "format")
DATES, NUMBERS = ("_from", "_to"), ("_min", "_max")  # what stands behind a field's key, of what has two ends
LAST_CHANGED: Final = "When the record last changed"
WORDS: Final = "Words in any of the seven languages; what stands between double quotes must stand so."
BOX: Final = N_("west,south,east,north in degrees, such as 9.5,46.3,17.2,49.0")
CIRCLE: Final = N_("latitude,longitude,kilometres, such as 52.25,6.16,50; at most {most} km")

End = TypeVar("End", str, float)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a profile lets a search be narrowed by: the fields of each key."""

    filters: Mapping[str, Field]
    dates: Mapping[str, str]  # key → what it is
    numbers: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        """The parameters."""
        ends = [(self.dates, DATES), (self.numbers, NUMBERS)]
        return [*self.filters, *(f"{key}{end}" for keys, behind in ends for key in keys for end in behind)]


@lru_cache(maxsize=16)
def narrowing(profile: Profile) -> Narrowing:
    """The facets first; of a field of several kinds the first kind's. `changed` is the hub's own, and no field."""
    fields = [field for kind in profile.kinds for field in profile.fields(kind)]

    def keys(index_as: str) -> dict[str, Field]:
        return {f.key: f for f in reversed(fields) if f.index_as == index_as and f.key not in PLAIN_KEYWORDS}

    def told(index_as: str) -> dict[str, str]:
        return {key: field.name[FALLBACK] for key, field in sorted(keys(index_as).items())}

    keywords = keys("keyword")
    filters = {**{field.key: keywords[field.key] for field in profile.facets}, **keywords}
    return Narrowing(filters, {**told("date"), CHANGED: LAST_CHANGED}, told("number"))


def parameters(profile: Profile) -> Iterator[dict[str, Any]]:
    """What narrows a search, as OpenAPI describes parameters; fields are described in English, by the profile."""
    declared = narrowing(profile)
    for key, field in declared.filters.items():
        yield _parameter(key, *_values(field, profile))
    for keys, behind, form, said in (
        (declared.dates, DATES, {"type": "string"}, ("from this year, month, day or moment on", "to this, inclusive")),
        (declared.numbers, NUMBERS, {"type": "number"}, ("at least", "at most")),
    ):
        for key, name in keys.items():
            for end, words in zip(behind, said, strict=True):
                yield _parameter(f"{key}{end}", f"{name}: {words}.", form)


def _parameter(name: str, description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _values(field: Field, profile: Profile) -> tuple[str, dict[str, Any]]:
    """What a filter is and takes."""
    told = f"{field.name[FALLBACK]}: {field.description[FALLBACK]}"
    if not field.scheme:
        return f"{told} May be repeated.", {"type": "array", "items": {"type": "string"}}
    notations = [profile.concepts[iri].notation for iri in profile.schemes[field.scheme].concepts]
    other = {"type": "string", "description": "The concept's IRI, or its label in any of the seven languages."}
    items = {"anyOf": [{"type": "string", "enum": notations}, other]}
    return f"{told} Includes narrower concepts; may be repeated.", {"type": "array", "items": items}


def among(values: Sequence[str], description: str) -> Any:
    return Parameter(description=description, json_schema_extra={"enum": list(values)})


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as the caller wrote it, with what it means to the index.

    `plain` are the parameters that are no filters, as they were given; `chosen` are the filters, each value as its
    parameter takes it: a concept's notation, a key. `detected`: the query's language was told by its words.
    """

    query: Query
    plain: Mapping[str, str]
    chosen: Mapping[str, tuple[str, ...]]
    detected: bool
    by_meaning: bool

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


@dataclass(frozen=True, slots=True)
class Speech:
    """The language to answer in, and the query's own where it is known; `detected`: by its words."""

    lang: str
    language: str | None
    detected: bool


def _speech(
    request: Request,
    lang: Annotated[str, among(LANGUAGES, "The language of labels; else by Accept-Language.")] = "",
    qlang: Annotated[str, among(LANGUAGES, "The language of the query; else told by its words.")] = "",
) -> Speech:
    """A query in no language that its words tell is in the page's, or in the one that `lang` names."""
    check("lang", filter(None, [lang]), LANGUAGES)
    check("qlang", filter(None, [qlang]), LANGUAGES)
    interface = lang or language_of(request)
    found = None if qlang else detect(request.query_params.get("q", ""))
    is_said = interface in (lang, request.url.path.split("/")[1])
    return Speech(interface, found[0] if found else qlang or (interface if is_said else None), found is not None)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters: each key's values as the index has them, with what the parameter takes for each."""

    values: Mapping[str, Mapping[str, str]]

    def as_filters(self) -> dict[str, tuple[str, ...]]:
        return {key: tuple(found) for key, found in self.values.items()}

    def as_given(self) -> dict[str, tuple[str, ...]]:
        return {key: tuple(found.values()) for key, found in self.values.items()}


def _chosen(
    request: Request,
    kind: Annotated[list[str] | None, Parameter(description=f"{', '.join(KINDS)}; may be repeated.")] = None,
    source: Annotated[list[str] | None, Parameter(description="A source's key; may be repeated.")] = None,
    language: Annotated[list[str] | None, Parameter(description="A language of the record itself.")] = None,
) -> Chosen:
    serving = serving_of(request)
    declared = narrowing(serving.profile)
    refuse_unknown(request, {*ASKED, *PLAIN_KEYWORDS, *declared.names})
    given = {"kind": kind, "source": source, "language": language}
    found = {key: {value: value for value in values or () if value} for key, values in given.items()}
    check("kind", found["kind"], KINDS)
    check("source", found["source"], tuple(serving.sources()))
    for key, field in declared.filters.items():
        texts = filter(None, request.query_params.getlist(key))
        found[key] = dict(_value(serving.profile, field, text) for text in texts)
    return Chosen({key: values for key, values in found.items() if values})


def _value(profile: Profile, field: Field, text: str) -> tuple[str, str]:
    """A filter's value as the index has it, and the short form; a concept is given by notation, IRI or label."""
    if not field.scheme:
        return text, text
    concept = profile.concept(field.scheme, text)
    if concept is None:
        members = profile.schemes[field.scheme].concepts
        raise BadRequest(field.key, text, ", ".join(profile.concepts[iri].notation for iri in members))
    return concept.iri, concept.notation


@dataclass(frozen=True, slots=True)
class Within:
    """Places, dates and numbers that a hit lies between."""

    bbox: Any  # four numbers and three, as `Query` has them
    near: Any
    dates: dict[str, tuple[str | None, str | None]]
    numbers: dict[str, tuple[float | None, float | None]]


def _within(
    request: Request,
    bbox: Annotated[str, Parameter(description="west,south,east,north in degrees.")] = "",
    near: Annotated[str, Parameter(description="latitude,longitude,kilometres: what lies in that circle.")] = "",
) -> Within:
    declared = narrowing(serving_of(request).profile)
    return Within(
        _degrees("bbox", bbox, 4, BOX),
        _degrees("near", near, 3, CIRCLE, most=MAX_KM),
        dict(_ranges(request, declared.dates, DATES, _date)),
        dict(_ranges(request, declared.numbers, NUMBERS, _number)),
    )


def _degrees(name: str, text: str, count: int, allowed: str, **values: object) -> tuple[float, ...] | None:
    """Raises BadRequest for what is not so many numbers; `Query` checks what they mean."""
    if not text:
        return None
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise BadRequest(name, text, allowed, **values) from error
    if len(numbers) != count:
        raise BadRequest(name, text, allowed, **values)
    return numbers


def _ranges(
    request: Request, keys: Iterable[str], behind: tuple[str, str], read: Callable[[str, str], End]
) -> Iterator[tuple[str, tuple[End | None, End | None]]]:
    """The two ends of each key of which one is given."""
    for key in keys:
        names = [f"{key}{end}" for end in behind]
        first, last = (read(name, text) if (text := request.query_params.get(name)) else None for name in names)
        if first is not None or last is not None:
            yield key, (first, last)


def _date(name: str, text: str) -> str:
    try:
        seconds(text)
    except (ValueError, OverflowError) as error:
        raise BadRequest(name, text, "an ISO 8601 date such as 2025, 2025-03 or 2025-03-14") from error
    return text


def _number(name: str, text: str) -> float:
    try:
        if isfinite(number := float(text)):
            return number
    except ValueError:
        pass
    raise BadRequest(name, text, "a number such as 250 or 0.5")


def check(parameter: str, values: Iterable[str], allowed: Sequence[str]) -> None:
    for value in values:
        if value not in allowed:
            raise BadRequest(parameter, value, ", ".join(allowed))


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """Raises BadRequest for another parameter, such as a misspelt one; links to pages carry others' parameters."""
    for name in request.query_params if request.url.path.startswith("/api/") else ():
        if name not in known:
            raise BadRequest("parameter", name, ", ".join(sorted(known)))


def asked(
    request: Request,
    speech: Annotated[Speech, Depends(_speech)],
    chosen: Annotated[Chosen, Depends(_chosen)],
    within: Annotated[Within, Depends(_within)],
    q: Annotated[str, Parameter(description=WORDS, max_length=MAX_QUERY)] = "",
    page: Annotated[int, Parameter(ge=1, description="From 1 on; page times size is at most 10,000.")] = 1,
    size: Annotated[int, Parameter(ge=1, le=MAX_SIZE, description=f"How many items, at most {MAX_SIZE}.")] = SIZE,
    sort: Annotated[str, among(SORTS, "relevance where there is a query, else newest, is the default.")] = "",
    after: Annotated[int | None, Parameter(ge=0, description="With sort=seq: goes on behind that hit.")] = None,
    meaning: Annotated[bool, Parameter(description="Whether what means the same in other words is found.")] = True,
) -> Asked:
    """The parameters of a search; those that the profile declares are read from the address."""
    profile = serving_of(request).profile
    check("sort", filter(None, [sort]), SORTS)
    query = Query(
        q=q,
        lang=speech.lang,
        language=speech.language,
        filters=chosen.as_filters(),
        bbox=within.bbox,
        near=within.near,
        dates=within.dates,
        numbers=within.numbers,
        after=after,
        page=page,
        size=size,
        sort=sort or ("relevance" if q.strip() else "newest"),
        facets=(*PLAIN_KEYWORDS, *(field.key for field in profile.facets)),
    )
    names = [name for name in (*ASKED, *narrowing(profile).names) if name not in ("page", "after", *chosen.values)]
    plain = {name: value for name in names if (value := request.query_params.get(name))}
    return Asked(query, plain, chosen.as_given(), speech.detected, meaning)
