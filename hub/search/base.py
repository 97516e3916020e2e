"""The contract of a search index. What a query means is said here; no engine's syntax is."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from hub.errors import BadRequest
from hub.languages import LANGUAGES
from hub.search.dates import seconds

WEIGHTS: Final = ("title", "summary", "body")
SORTS: Final = ("relevance", "newest", "title")
MAX_SIZE: Final = 100
MAX_DEPTH: Final = 10_000
MAX_QUERY: Final = 1000
CHANGED: Final = "changed"  # the key of the date that `newest` sorts by
OTHER: Final = "other"  # texts in languages that the hub does not speak
PLAIN_KEYWORDS: Final = ("kind", "source", "language")  # keywords that come from the ledger or the texts, from no field


@dataclass(frozen=True, slots=True)
class Document:
    """What is indexed of one cluster of records.

    `id` is the representative's IRI. `texts`: weight → language (one of seven, or "other") → texts. `keywords`: key →
    plain values or concept IRIs with their ancestors. `dates`: key → complete ISO dates or moments; the key "changed"
    is what `newest` sorts by. `points`: (latitude, longitude) in degrees of WGS 84. `item` is the complete result item.
    """

    id: str
    seq: int
    kind: str
    texts: Mapping[str, Mapping[str, tuple[str, ...]]]
    keywords: Mapping[str, tuple[str, ...]]
    dates: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, tuple[float, ...]]
    points: tuple[tuple[float, float], ...]
    item: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """A search. Filters are OR within a key and AND between keys; a concept's IRI finds its narrower ones too.

    `q` is plain words in any language, `lang` the caller's own, one of seven (its matches are favoured, and titles are
    sorted as it has them). Without words nothing is more relevant than another: the newest come first. `bbox` is
    (west, south, east, north) in degrees; west > east crosses the antimeridian. `dates`: key → (from, to), both
    inclusive, either None, as years, months, days or moments. `facets`: the keys to count, each without its own filter.
    Raises BadRequest, naming the parameter, for what cannot be asked.
    """

    q: str = ""
    lang: str | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    bbox: tuple[float, float, float, float] | None = None
    dates: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    page: int = 1
    size: int = 20
    sort: str = "relevance"
    facets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.q) > MAX_QUERY:
            raise BadRequest("q", f"{self.q[:40]}…", f"at most {MAX_QUERY:,} characters")
        if not 1 <= self.size <= MAX_SIZE:
            raise BadRequest("size", self.size, f"1 to {MAX_SIZE}")
        if self.page < 1 or self.page * self.size > MAX_DEPTH:
            most = MAX_DEPTH // self.size
            raise BadRequest("page", self.page, "1 to {most} with size {size}", most=most, size=self.size)
        if self.lang not in (None, *LANGUAGES):
            raise BadRequest("lang", self.lang, ", ".join(LANGUAGES))
        if self.sort not in SORTS:
            raise BadRequest("sort", self.sort, ", ".join(SORTS))
        self._check_bbox()
        self._check_dates()

    @property
    def order(self) -> str:
        """What the hits are sorted by in fact."""
        return "newest" if self.sort == "relevance" and not self.q.strip() else self.sort

    def _check_bbox(self) -> None:
        if self.bbox is None:
            return
        west, south, east, north = self.bbox
        if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
            raise BadRequest("bbox", self.bbox, "west,south,east,north in degrees, such as 9.5,46.3,17.2,49.0")

    def _check_dates(self) -> None:
        for key, ends in self.dates.items():
            for end in ends:
                try:
                    seconds(end or "2000")
                except ValueError as error:
                    allowed = "an ISO 8601 date such as 2025, 2025-03 or 2025-03-14"
                    raise BadRequest(key, end, allowed) from error


@dataclass(frozen=True, slots=True)
class Hit:
    """One result. `matched`: {"words": [words of the query as typed], "concepts": [IRIs]}, why it was found."""

    item: Mapping[str, Any]
    score: float
    matched: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """`total` counts all hits exactly; a facet's rows are (value, count), the most frequent first, then by value."""

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, list[tuple[str, int]]]


class SearchIndex(Protocol):
    """An engine. Readers see what was applied by another process after `reload()`.

    An index that was made for other fields or another analysis counts as empty, at position 0: replaying the ledger's
    changes, or a rebuild, fills it.
    """

    def position(self) -> int:
        """The number that came with the last `apply`; 0 for an empty index."""

    def apply(self, documents: Mapping[str, Document | None], position: int) -> None:
        """Puts documents, each under its own id, or deletes them (None), together with the position: all or nothing.

        Raises Refused where a document cannot be indexed, Unavailable where the index cannot be written to now.
        """

    def search(self, query: Query) -> Answer: ...

    def count(self) -> int: ...

    def rebuild(self) -> "AbstractContextManager[SearchIndex]":
        """A fresh, empty index beside this one, which takes its place at the end of the block; an error discards it."""

    def reload(self) -> None: ...

    def close(self) -> None: ...
