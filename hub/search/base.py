"""The contract of a search index. What a query means is said here; no engine's syntax is."""

import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from hub.errors import BadRequest
from hub.languages import LANGUAGES
from hub.search.dates import seconds

WEIGHTS: Final = ("title", "summary", "body")
SORTS: Final = ("relevance", "newest", "title", "seq")
NAMED: Final = ("title", "place", "organisation")  # the parts of a document that are suggested while a person types
MAX_SIZE: Final = 100
MAX_DEPTH: Final = 10_000
MAX_QUERY: Final = 1000
CHANGED: Final = "changed"  # the key of the date that `newest` sorts by
OTHER: Final = "other"  # texts in languages that the hub does not speak
NEAREST: Final = 200  # documents that are found by meaning alone, at most
LOOKED: Final = 500  # of the nearest that are held against the filters, until NEAREST of them pass
ANYWHERE: Final = 20  # of the nearest and of the best by words that say what a query with filters means
WINDOW: Final = 200  # documents found by words that are ranked together with the nearest; the others follow
MAX_KM: Final = 5000
PLAIN_KEYWORDS: Final = ("kind", "source", "language")  # keywords that come from the ledger or the texts, from no field

Made = Mapping[str, NDArray[np.int8]]  # language → vector of a document's text in it, of 384 numbers


@dataclass(frozen=True, slots=True)
class Document:
    """What is indexed of one cluster of records.

    `id` is the representative's IRI. `texts`: weight → language (one of seven, or "other") → texts. `keywords`: key →
    plain values or concept IRIs with their ancestors. `dates`: key → complete ISO dates or moments; the key "changed"
    is what `newest` sorts by. `points`: (latitude, longitude) in degrees of WGS 84. `item` is the complete result item.
    `names`: each of NAMED → language ("" where none is said) → what a person can begin to type.
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
    names: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Query:
    """A search. Filters are OR within a key and AND between keys; a concept's IRI finds its narrower ones too.

    `q` is plain words in any language; what stands between double quotes must stand so in a text, word beside word.
    `lang` is the caller's own language, one of seven (its matches are favoured, and titles are sorted as it has them),
    `language` the query's where it is known. Without words nothing is more relevant than another: the newest come
    first. `bbox` is (west, south, east, north) in degrees; west > east crosses the antimeridian. `near` is (latitude,
    longitude, kilometres): a point of the document lies in that circle. `dates` and `numbers`: key → (from, to), both
    inclusive, either None; dates as years, months, days or moments. `facets`: the keys to count, each without its own
    filter. `after` goes with the order `seq` and walks through any number of documents: those with a greater `seq`.
    Raises BadRequest, naming the parameter, for what cannot be asked.
    """

    q: str = ""
    lang: str | None = None
    language: str | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    bbox: tuple[float, float, float, float] | None = None
    near: tuple[float, float, float] | None = None
    dates: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    numbers: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    after: int | None = None
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
        for name, code in (("lang", self.lang), ("language", self.language)):
            if code not in (None, *LANGUAGES):
                raise BadRequest(name, code, ", ".join(LANGUAGES))
        if self.sort not in SORTS:
            raise BadRequest("sort", self.sort, ", ".join(SORTS))
        if self.after is not None and (self.sort != "seq" or self.after < 0 or self.page > 1):
            raise BadRequest("after", self.after, "a number from 0 on, with sort=seq and without page")
        self._check_places()
        self._check_dates()
        self._check_numbers()

    @property
    def order(self) -> str:
        """What the hits are sorted by in fact."""
        return "newest" if self.sort == "relevance" and not self.q.strip() else self.sort

    def _check_places(self) -> None:
        if self.bbox is not None:
            west, south, east, north = self.bbox
            if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
                raise BadRequest("bbox", self.bbox, "west,south,east,north in degrees, such as 9.5,46.3,17.2,49.0")
        if self.near is not None:
            latitude, longitude, km = self.near
            if not (-90 <= latitude <= 90 and -180 <= longitude <= 180 and 0 < km <= MAX_KM):
                allowed = "latitude,longitude,kilometres, such as 52.25,6.16,50; at most {most} km"
                raise BadRequest("near", self.near, allowed, most=MAX_KM)

    def _check_numbers(self) -> None:
        for key, ends in self.numbers.items():
            for end in ends:
                if end is not None and not math.isfinite(end):
                    raise BadRequest(key, end, "a number such as 250 or 0.5")

    def _check_dates(self) -> None:
        for key, ends in self.dates.items():
            for end in ends:
                try:
                    seconds(end or "2000")
                except ValueError as error:
                    allowed = "an ISO 8601 date such as 2025, 2025-03 or 2025-03-14"
                    raise BadRequest(key, end, allowed) from error


class Match(NamedTuple):
    """A word of the query as typed, and where it was found: in which of WEIGHTS, in a text of which language.

    `by` says how: "word" (itself, inflected, or as a part of a compound), "spelling" (another by a letter or two), or
    "lexicon" (a translation, which is `text`). Of another spelling `text` is the word that stands there, where the
    engine knows it.
    """

    word: str
    part: str
    language: str
    by: str = "word"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Matched:
    """Why a document was found; `concepts` by IRI, `meaning` the cosine where it is one of the nearest, else None."""

    words: tuple[Match, ...] = ()
    concepts: tuple[str, ...] = ()
    meaning: float | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One result; `score` is 0 where it is not sorted by relevance."""

    item: Mapping[str, Any]
    score: float
    matched: Matched
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """`total` counts all hits exactly; a facet's rows are (value, count), the most frequent first, then by value."""

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, list[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name that begins as a person typed, or one of its words does; `part` is one of NAMED."""

    text: str
    part: str
    language: str
    count: int


class Meant(Protocol):
    """What is near to a query in meaning, and how that is weighed against its words."""

    @property
    def nearest(self) -> Mapping[str, float]:
        """Id → cosine, the nearest first: at most LOOKED documents. Some may have left the index since."""

    @property
    def alone(self) -> int:
        """How many of the first of them are near enough to be found by meaning alone; the others need a word too."""

    def fused(self, by_words: Mapping[str, float], anywhere: Mapping[str, float] | None = None) -> Mapping[str, float]:
        """Id → score by meaning and words, for documents with their scores by words alone (0: it has none of them).

        `anywhere` are the best whatever the query's filters, where it has some: those say what is shown, not meant.
        """


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

    def search(self, query: Query, meant: Meant | None = None) -> Answer:
        """With `meant` (which needs `q`), hits are what has the words, and beside it the NEAREST that pass the filters.

        Of these all but the first `alone` must have any of the words. Total, facets and every order are over both. By
        relevance the WINDOW best by words, which are no nearest ones, and the nearest are ranked together by
        `meant.fused`; the others follow as their words rank them, with the scores of these. A document's score by words
        is there without any bonus for having all words.
        """

    def suggest(self, text: str, size: int = 10) -> list[Suggestion]:
        """Names that begin with the text, or have words in a row that do; case and accents aside.

        Those that begin with it come first, then those told by more documents. The same name in several languages is
        told once, in one of them. Without a letter or digit: none.
        """

    def similar(self, name: str, size: int = 10) -> list[Hit]:
        """Documents that share telling words with one, without itself; none where there is no such document.

        `matched` tells the words that they share.
        """

    def items(self, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """The result items of those documents that are there."""

    def count(self) -> int: ...

    def rebuild(self) -> "AbstractContextManager[SearchIndex]":
        """A fresh, empty index beside this one, which takes its place at the end of the block; an error discards it."""

    def tidy(self) -> None:
        """Makes searches faster where time makes them slower; called when there has been nothing to apply for a while.

        Raises Unavailable where the index cannot be written to now.
        """

    def reload(self) -> None: ...

    def close(self) -> None: ...


class MeaningIndex(Protocol):
    """What documents mean, as sentence vectors: another projection, which may be behind the words, and may be missing.

    Readers see what was applied by another process after `reload()`. An index of another model's vectors counts as
    empty, at position 0.
    """

    def position(self) -> int: ...

    def apply(self, documents: Mapping[str, Made | None], position: int) -> None:
        """Puts the vectors of documents, or takes them away (None), together with the position.

        Raises Unavailable where the index cannot be written to now.
        """

    def near(self, text: str, language: str | None = None) -> Meant | None:
        """What is near to a query, written in a language if that is known; None where there are no vectors."""

    def similar(self, name: str) -> list[str]:
        """The documents near to one in meaning, the nearest first; none where it has no vector."""

    def count(self) -> int:
        """How many texts have a vector."""

    def rebuild(self) -> "AbstractContextManager[MeaningIndex]": ...

    def reload(self) -> None: ...

    def close(self) -> None: ...
