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


class Matched(_Answer):
    """Why a record was found."""

    words: list[str] = Field(description="Words of the query, as typed.")
    concepts: list[str] = Field(description="IRIs of the concepts that the query names.")


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
    matched: Matched


class FacetRow(_Answer):
    value: str = Field(description="What the parameter of the facet's name takes.")
    iri: str | None
    label: str
    count: int


class SearchAnswer(_Answer):
    total: int
    items: list[Item]
    facets: dict[str, list[FacetRow]]
    links: dict[str, str] = Field(description="self, prev and next.")


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
