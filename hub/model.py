"""What passes between the rooms, and the two protocols that a partner's system is read through."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from cronsim import CronSim, CronSimError
from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from hub.fetch import Client

Graph = frozenset[Triple]
KINDS = ("practice", "venue", "organisation", "event")


def sorted_lines(triples: Iterable[Triple]) -> str:
    """Triples as sorted N-Triples; cut as bytes, since text also breaks at U+2028, which literals hold unescaped."""
    lines = bytes(serialize(triples, format=RdfFormat.N_TRIPLES) or b"").splitlines(keepends=True)
    return b"".join(sorted(lines)).decode()


@dataclass(frozen=True, slots=True)
class Source:
    """A catalogue that the hub harvests (`dcat:Catalog`); one TOML file."""

    key: str
    title: Mapping[str, str]
    country: str  # ISO 3166-1 alpha-3, as in the EU authority table: ITA
    language: str  # BCP 47, of untagged text
    protocol: str
    url: str
    format: str
    licence: str | None = None
    rhythm: str = "0 3 * * *"  # cron, in UTC
    full: str | None = None  # cron: when all is listed, where a protocol can list what changed; None: at every run
    select: Mapping[str, str] = field(default_factory=dict)  # kind -> what selects it, in the protocol's own words
    options: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One entry of a source's listing, as it came.

    `payload` is canonical for its media type (sorted statements for RDF, sorted keys for JSON), so that equal
    content has equal bytes. `problem` says why an entry could not be read; it is then kept as a rejected record.
    """

    identifier: str
    payload: bytes
    media_type: str
    kind: str = "practice"
    deleted: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing. `cursor` is where the next page begins; None says that the listing ended here."""

    records: Sequence[RawRecord]
    cursor: str | None
    total: int | None = None  # what the source says it lists in all


class Harvester(Protocol):
    """A protocol: reads a source's listing page by page, and knows nothing of metadata formats.

    `stable` says that a cursor kept from a killed run still points to the same place (a sorted key, a living token).
    `incremental` says that it can list only what changed `since` a moment; the others list all, whatever is asked.
    Raises FetchError where the listing cannot go on; what was yielded stays valid.
    """

    stable: bool
    incremental: bool

    def pages(
        self, source: Source, client: Client, cursor: str | None = None, since: datetime | None = None
    ) -> Iterator[Page]: ...


@dataclass(frozen=True, slots=True)
class Note:
    """A value that no written rule maps: kept raw in the payload, told to the publisher."""

    field: str  # sh:codeIdentifier of the field it was meant for
    value: str
    component: str = (
        "UnmappedValue"  # local name in the coped: namespace; its message template is in schema/messages.ttl
    )


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a crosswalk made of one raw record: its graph, without blank nodes, and what it could not map."""

    graph: Graph
    notes: tuple[Note, ...] = ()


class Crosswalk(Protocol):
    """A metadata format: maps one raw record to a graph about `record`, and knows nothing of protocols.

    Raises Rejected with a reason that a publisher can act on.
    """

    def __call__(self, raw: RawRecord, source: Source, record: NamedNode, base: str) -> Mapped: ...


@dataclass(frozen=True, slots=True)
class Result:
    """One `sh:ValidationResult`. IRIs are plain strings; `path` is the field's path in Turtle-like text."""

    focus: str
    path: str
    value: str | None
    component: str
    shape: str
    severity: str  # Violation, Warning or Info
    limit: str | None = None
    note: str | None = None  # words that came with it and are not made from a template


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """`sh:ValidationReport` of one record; valid means no result of severity Violation."""

    results: tuple[Result, ...] = ()

    @property
    def valid(self) -> bool:
        return all(r.severity != "Violation" for r in self.results)


@dataclass(slots=True)
class HarvestReport:
    """How a run ended. `state`: complete, partial, held or failed; running where it is another's or was interrupted."""

    source: str
    state: str = "failed"
    seen: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    quarantined: int = 0
    missing: int = 0
    withdrawn: int = 0
    failed: int = 0
    disagreements: int = 0  # records of which the two validation engines told different results
    seconds: float = 0.0
    message: str = ""
    since: str | None = None  # ISO 8601: only what changed since then was asked for; None: all


# Rhythms: five fields of cron, in UTC, where no hour is skipped and none comes twice


def is_rhythm(text: str) -> bool:
    """Whether it is five fields of cron that some day comes up; cronsim itself would take a sixth, for seconds."""
    try:
        return len(text.split()) == 5 and next(CronSim(text, datetime(2000, 1, 1)), None) is not None
    except CronSimError:
        return False


def due_after(rhythm: str, moment: datetime) -> datetime:
    """The first time behind a moment."""
    return next(CronSim(rhythm, moment))


def last_due(rhythm: str, moment: datetime) -> datetime:
    """The last time up to a moment, that included."""
    return next(CronSim(rhythm, moment.replace(microsecond=0) + timedelta(seconds=1), reverse=True))
