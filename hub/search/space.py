"""Sentence vectors in memory, asked what lies near to a direction.

Every vector is compared: of 130,000 that takes 5 ms of one core, and 50 MB.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Final

import numpy as np
import simsimd
from numpy.typing import NDArray

from hub.search.base import OTHER
from hub.search.expansion import TEXT_LANGUAGES
from hub.search.fusion import MANY, Candidates, Floats, Population, fused, population, standing_out, unit
from hub.search.vectors import SIZE, Kept, Means

GONE: Final = -1  # in place of the language of a text that is no longer there
BLOCK: Final = 4096  # rows that are made floats at once
ROOM: Final = 1024  # rows at first
CODES: Final = {language: code for code, language in enumerate(TEXT_LANGUAGES)}

Codes = NDArray[np.int8]
Told = tuple[int, str, str, bytes]  # number, document, language, vector


class Space:
    """A row for each text, in the order of their numbers; rows are added, or marked GONE.

    A language's mean moves with every text; its rows are centred by a new one when their number has doubled.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.rows: dict[str, list[int]] = {}  # of each document
        self._means = Means(np.empty((0, SIZE), np.int8), ())
        self._taken, self._asked = _stacked(self._means.of), _stacked(self._means.of_queries)
        self._texts, self._taken_at = np.zeros((2, len(CODES)), np.int64)  # of each language, now and at its last mean
        self._count = 0
        self._vectors = np.empty((ROOM, SIZE), np.int8)
        self._numbers = np.empty(ROOM, np.int64)
        self._codes = np.empty(ROOM, np.int8)
        self._scales = np.empty((2, ROOM), np.float32)  # 1 over its length, and over what centring leaves of it

    def add(self, told: Sequence[Told]) -> None:
        """Texts with greater numbers than those before."""
        start, self._count = self._count, self._count + len(told)
        self._grow()
        here = slice(start, self._count)
        self._vectors[here] = np.stack([np.frombuffer(vector, np.int8) for *_, vector in told])
        self._numbers[here] = [number for number, *_ in told]
        self._codes[here] = [CODES[language] for _, _, language, _ in told]
        for row, (_, name, _, _) in enumerate(told, start):
            self.names.append(name)
            self.rows.setdefault(name, []).append(row)
        self._means.add(self._vectors[here], [language for _, _, language, _ in told])
        self._texts += np.bincount(self._codes[here], minlength=len(CODES))
        grown = np.flatnonzero(self._texts >= np.maximum(2 * self._taken_at, 1))
        if len(grown):
            self._taken, self._asked = self._taken.copy(), self._asked.copy()
            for code in grown:
                self._taken[code] = self._means.of(TEXT_LANGUAGES[code])
                self._asked[code] = self._means.of_queries(TEXT_LANGUAGES[code])
            self._taken_at[grown] = self._texts[grown]
        before = np.flatnonzero(np.isin(self._codes[:start], grown))
        self._scale(np.concatenate([before, np.arange(start, self._count)]))

    def _grow(self) -> None:
        room = max(self._count, 2 * len(self._codes)) - len(self._codes)
        if self._count > len(self._codes):
            self._vectors = np.concatenate([self._vectors, np.empty((room, SIZE), np.int8)])
            self._numbers = np.concatenate([self._numbers, np.empty(room, np.int64)])
            self._codes = np.concatenate([self._codes, np.empty(room, np.int8)])
            self._scales = np.concatenate([self._scales, np.empty((2, room), np.float32)], axis=1)

    def _scale(self, rows: NDArray[np.int64]) -> None:
        scales = self._scales.copy()  # who searches reads the old ones
        for start in range(0, len(rows), BLOCK):
            here = rows[start : start + BLOCK]
            vectors = self._vectors[here].astype(np.float32)
            lengths = np.maximum(np.linalg.norm(vectors, axis=1), 1e-6)
            left = np.linalg.norm(vectors / lengths[:, None] - self._taken[self._codes[here]], axis=1)
            scales[0, here], scales[1, here] = 1 / lengths, 1 / np.maximum(left, 1e-3)
        self._scales = scales

    def remove(self, numbers: Sequence[int]) -> None:
        """What was taken away; a number that was never added counts as gone already."""
        codes, known = self._codes.copy(), self._numbers[: self._count]
        for number in numbers:
            row = int(np.searchsorted(known, number))
            if row < self._count and known[row] == number and codes[row] != GONE:
                codes[row] = GONE
                left = [other for other in self.rows[self.names[row]] if other != row]
                self.rows[self.names[row]] = left
        self._codes = codes

    def seen(self) -> "Seen":
        """As it is now; what is added or removed later does not change that."""
        count = self._count
        rows = (self._vectors[:count], self._codes[:count], self._scales[:, :count])
        return Seen(self.names, self.rows, rows, self._taken, self._asked)


def _stacked(mean: Callable[[str], Floats]) -> Floats:
    return np.stack([mean(language) for language in TEXT_LANGUAGES])


def _along(vectors: Kept, direction: Floats) -> Floats:
    """How far each goes in a direction, of which whole numbers are made, and of what these leave over too.

    Of 130,000 in 4 ms; numpy, which makes floats of all vectors first, takes 11 ms. A cosine moves by .00001 at most.
    """
    scaled = direction * (127 / max(float(np.abs(direction).max()), 1e-6))
    whole = np.round(scaled)
    rest = np.round((scaled - whole) * 254)  # from -127 to 127
    along = [np.asarray(simsimd.dot(vectors, part.astype(np.int8)), np.float32) for part in (whole, rest)]
    found: Floats = (along[0] + along[1] / 254) * (direction.max() / scaled.max())
    return found


class Seen:
    """The space at one moment."""

    def __init__(
        self,
        names: Sequence[str],
        rows_of: Mapping[str, Sequence[int]],
        rows: tuple[Kept, Codes, Floats],
        means: Floats,
        means_of_queries: Floats,
    ) -> None:
        self.names, self._rows, self._means, self._asked = names, rows_of, means, means_of_queries
        self._vectors, self.codes, self._scales = rows

    @cached_property
    def by_language(self) -> Mapping[str, NDArray[np.int64]]:
        """Language → its rows."""
        rows = {language: np.flatnonzero(self.codes == code) for language, code in CODES.items()}
        return {language: found for language, found in rows.items() if len(found)}

    def rows(self, name: str) -> list[int]:
        """Of a document."""
        return [row for row in self._rows.get(name, ()) if row < len(self.codes) and self.codes[row] != GONE]

    def wanted(self, query: Floats, language: str | None) -> Floats:
        """A query's vector without what queries in its language have in common."""
        return unit(query - self._asked[CODES.get(language or OTHER, CODES[OTHER])])

    def direction(self, name: str) -> Floats | None:
        """What a document means by all its texts; None where it has no vector."""
        rows = self.rows(name)
        made = [unit(self._vectors[row] * self._scales[0, row] - self._means[self.codes[row]]) for row in rows]
        return unit(np.sum(made, axis=0)) if made else None

    def candidates(self, by_words: Mapping[str, float]) -> Candidates:
        """Documents, with their scores by words, beside what they mean."""
        rows = [row for name in by_words for row in self.rows(name)]
        texts = [(self.names[row], TEXT_LANGUAGES[self.codes[row]]) for row in rows]
        return Candidates(by_words, texts, self._centred(np.array(rows, np.int64)))

    def _centred(self, rows: NDArray[np.int64]) -> Floats:
        ours: Floats = self._vectors[rows] * self._scales[0, rows, None] - self._means[self.codes[rows]]
        return ours * self._scales[1, rows, None]

    @cached_property
    def _sample(self) -> Mapping[str, Floats]:
        """Language → at most MANY of its texts, from its first to its last."""
        return {language: self._centred(rows[:: -(-len(rows) // MANY)]) for language, rows in self.by_language.items()}

    def among(self, direction: Floats) -> Population:
        """By a sample of each language, which takes half a millisecond whatever there is."""
        counts = {language: len(rows) for language, rows in self.by_language.items()}
        return population({language: rows @ direction for language, rows in self._sample.items()}, counts)

    def near(self, direction: Floats, words: int = 1) -> "Near":
        """`words` is how many the query has that points there."""
        along = _along(self._vectors, direction) * self._scales[0] - (self._means @ direction)[self.codes]
        return Near(self, along * self._scales[1], direction, words)


class Near:
    """What lies beside one direction; `cosines` has a row for each text."""

    def __init__(self, seen: Seen, cosines: Floats, direction: Floats, words: int) -> None:
        self._seen, self._cosines, self._direction, self._words = seen, cosines, direction, words

    @cached_property
    def _among(self) -> Population:
        return population({language: self._cosines[rows] for language, rows in self._seen.by_language.items()})

    @property
    def nearest(self) -> Mapping[str, float]:
        return self._near[0]

    @property
    def alone(self) -> int:
        return self._near[1]

    @cached_property
    def _near(self) -> tuple[dict[str, float], int]:
        standing = np.full(len(self._cosines), -np.inf, np.float32)
        for language, rows in self._seen.by_language.items():
            standing[rows] = (self._cosines[rows] - self._among.means[language]) / self._among.deviations[language]
        return standing_out(self._seen.names, self._cosines, standing)

    def fused(self, by_words: Mapping[str, float], anywhere: Mapping[str, float] | None = None) -> Mapping[str, float]:
        found, best = self._seen.candidates(by_words), self._seen.candidates(anywhere) if anywhere else None
        return fused(found, self._direction, self._seen.among, self._words, best)
