"""The API's answers as its OpenAPI document describes them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

Texts = dict[str, str]  # by language tag


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Point(_Answer):
    """Degrees of WGS 84."""

    lat: float
    lon: float


class MatchedWord(_Answer):
    """A word of the query, and where it was found."""

    word: str = Field(description="As typed.")
    part: str = Field(description="title, summary or body; without `explain` the first of them")
    language: str = Field(description="Of the text that has it; other: none of the seven.")
    by: str = Field(
        description="word (itself, inflected, or a part of a compound), spelling (another by a letter or two) or "
        "lexicon (a translation)"
    )
    text: str = Field(description="The translation, or the word of another spelling where that is known; else empty.")
    machine: bool = Field(description="Whether the text is a machine's translation.")


class MatchedConcept(_Answer):
    iri: str
    label: str


class Matched(_Answer):
    """Why a record was found."""

    words: list[MatchedWord]
    concepts: list[MatchedConcept] = Field(description="Those that the query names.")
    meaning: float | None = Field(description="The cosine, where it is one of the nearest in meaning.")


class Item(_Answer):
    id: str = Field(description="The record's IRI; it resolves.")
    kind: str
    title: Texts
    summary: Texts
    languages: list[str] = Field(description="The languages of the record itself.")
    country: list[str] = Field(description="IRIs of the EU's authority table.")
    sources: list[str] = Field(description="Keys of /api/sources.")
    themes: list[str] = Field(description="IRIs of concepts.")
    status: str | None = Field(description="The IRI of a concept, such as …/record-status/example.")
    places: list[Texts]
    point: Point | None
    start: str | None
    end: str | None
    changed: str
    members: list[str] = Field(description="The records that this item stands for.")


class Found(Item):
    matched: Matched
    score: float | None = Field(None, description="With `explain`; 0 where the order is another.")


class Understood(_Answer):
    """What was asked, in which language."""

    text: str
    language: str | None = Field(description="Null: the words do not tell it, and nothing else says it.")
    detected: bool = Field(description="Whether the words told it.")


class FacetRow(_Answer):
    value: str = Field(description="What the parameter of the facet's name takes.")
    iri: str | None
    label: str
    count: int


class SearchAnswer(_Answer):
    total: int = Field(description="Exact; with `after` of what is left.")
    query: Understood
    items: list[Found]
    facets: dict[str, list[FacetRow]]
    links: dict[str, str] = Field(description="self, first, prev, next and last, where there are such.")


class Label(_Answer):
    text: str
    language: str


class Suggested(_Answer):
    text: str
    kind: str = Field(description="concept, title, place or organisation")
    language: str
    count: int = Field(description="How many records have it.")
    iri: str | None = Field(None, description="The concept's.")
    parameter: str | None = Field(None, description="The filter that takes the concept.")
    value: str | None = Field(None, description="What that filter takes.")
    also: Label | None = Field(None, description="The concept's label that begins so, where `text` is another one.")


class SuggestAnswer(_Answer):
    suggestions: list[Suggested]


class SimilarAnswer(_Answer):
    id: str
    by: str = Field(description="meaning, or words where there are no sentence vectors of the record")
    items: list[Item]


class LastRun(_Answer):
    state: str = Field(description="running, complete, partial, held or failed")
    started: datetime
    ended: datetime | None
    message: str


class Run(LastRun):
    run: int = Field(description="The number behind #run- in its IRI.")
    since: datetime | None = Field(description="Only what changed since then was asked for; null: all.")
    code: str | None = Field(description="The hub's version, and the digest of its crosswalks.")
    profile: str | None = Field(description="The digest of the application profile.")
    seen: int
    created: int
    changed: int
    unchanged: int
    quarantined: int
    failed: int
    missing: int
    withdrawn: int


class Part(_Answer):
    dimension: str
    name: str
    points: float
    of: int


class Gain(_Answer):
    kind: str
    field: str = Field(description="The key of the field that lacks.")
    name: str
    of_kind: str = Field(description="The kind's name.")
    dimension: str
    points: float = Field(description="What the field would add; of a source, if all its records had it.")


class Quality(_Answer):
    """Points as in the Metadata Quality Assessment of data.europa.eu; of a source, the mean of its records."""

    points: float
    of: int
    parts: list[Part] = Field(description="One a dimension.")
    gains: list[Gain] = Field(alias="raise", description="What would raise the points, the most first.")


class QualityAnswer(Quality):
    id: str
    language: str


class Source(_Answer):
    key: str
    title: Texts
    country: str
    protocol: str
    licence: str | None = Field(description="Of records that state none.")
    url: str | None = Field(description="The address that is harvested; null: records come from a file.")
    rhythm: str | None = Field(description="Five fields of cron, in UTC.")
    records: dict[str, int] = Field(description="How many records are in which state.")
    last_run: LastRun | None
    last_full: datetime | None = Field(description="When all was listed completely last.")
    last_incremental: datetime | None = Field(description="When what changed was listed completely last.")
    silent_days: int | None = Field(description="Whole days since the last complete run of either kind.")
    failed_runs: int = Field(description="Runs that failed since the last that did not.")
    next_run: datetime | None = Field(description="When its rhythm asks for a run; a past time: it is due now.")
    quality: Quality | None = Field(description="None before it was measured.")


class SourcesAnswer(_Answer):
    sources: list[Source]


class SourceAnswer(Source):
    runs: list[Run] = Field(description="The latest ones, the newest first.")


class Problem(BaseModel):
    """Problem details (RFC 9457), in the caller's language."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    parameter: str | None = None
    value: str | None = None
    allowed: str | None = None
