"""Finds records of different sources that may tell the same thing. A person decides; nothing is joined by itself.

It follows the ledger's change rows behind the harvest: each record that moved is compared with those that share an
identifier, an address, a rare word, a place or an organisation with it, and with those that mean nearly the same.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import numpy as np

from hub.clusters.likeness import SUGGESTED, likeness
from hub.clusters.telling import Telling, telling
from hub.clusters.tellings import Tellings
from hub.errors import Unavailable
from hub.ledger import Found, Ledger, LedgerRecord
from hub.profile import Profile
from hub.search import analysis
from hub.search.vectors import AT_ONCE, Means, Rows, Vectors, missing, model, nearest, never

log = logging.getLogger(__name__)
NAME: Final = "pairs"  # its row among the ledger's positions
PAGE: Final = 200  # changes read at a time
NEIGHBOURS: Final = 10  # by meaning
LEAST: Final = 0.5  # cosine of a neighbour

Stop = Callable[[], bool]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Space:
    """The centred vectors of one kind: record id → row."""

    ids: Sequence[int]
    rows: Rows
    at: Mapping[int, int]

    def near(self, ids: Sequence[int]) -> dict[int, set[int]]:
        mine = [id_ for id_ in ids if id_ in self.at]
        found = nearest(self.rows[[self.at[id_] for id_ in mine]], self.rows, NEIGHBOURS + 1, LEAST) if mine else []
        return {id_: {self.ids[i] for i, _ in near} - {id_} for id_, near in zip(mine, found, strict=True)}

    def cosine(self, one: int, two: int) -> float | None:
        if one not in self.at or two not in self.at:
            return None
        return float(self.rows[self.at[one]] @ self.rows[self.at[two]])


def _until(stop: Stop, things: Iterable[T]) -> Iterator[T]:
    """The things one by one; Unavailable as soon as `stop` says so."""
    for number, thing in enumerate(things):
        if number % AT_ONCE == 0 and stop():
            raise Unavailable("Stopped; what was begun is done again the next time")
        yield thing


class Finder:
    """Keeps what it compares in two files of `data`, which can be deleted: they are made anew."""

    def __init__(self, ledger: Ledger, data: Path, profile: Profile) -> None:
        self._ledger, self._profile = ledger, profile
        self._vectors = None if missing() else Vectors(data / "vectors.sqlite")
        edition = (profile.digest, analysis.edition(), model() if self._vectors else "without vectors")
        self._tellings = Tellings(data / "pairs.sqlite", " ".join(edition))
        if self._tellings.position() > ledger.changes.head():
            self._tellings.clear()  # it was made from another ledger

    def catch_up(self, stop: Stop = never) -> int:
        """Looks at all that changed since, until `stop` says so; how many changes that were."""
        done = 0
        while not stop() and (changes := self._ledger.changes.after(self._tellings.position(), PAGE)):
            records = self._ledger.changes.records(record for _, record in changes)
            try:
                self._take(records, changes[-1][0], stop)
            except Unavailable:
                if stop():
                    break
                raise
            self._ledger.changes.tell_position(NAME, changes[-1][0])
            done += len(changes)
        return done

    def _take(self, records: Sequence[LedgerRecord], position: int, stop: Stop) -> None:
        """The ledger's pairs are written before the file's own position moves: a kill between costs a second look."""
        told = dict(self._told(_until(stop, records)))
        fresh = self._tellings.changed(told)
        vectors = dict.fromkeys(fresh) if self._vectors is None else self._embedded(self._vectors, fresh, stop)
        with self._tellings.writing():
            for record in records:
                if record.id not in told:
                    self._tellings.drop(record.id)
            for id_, new in fresh.items():
                self._tellings.put(id_, new, vectors[id_])
            self._ledger.clusters.suggest(dict(self._pairs(fresh, stop)), fresh.keys())
            self._tellings.move(position)

    def _told(self, records: Iterable[LedgerRecord]) -> Iterator[tuple[int, Telling]]:
        for record in records:
            if record.served:
                try:
                    yield record.id, telling(record, self._profile)
                except (SyntaxError, ValueError) as error:  # the search index refuses it too, and says so
                    log.warning("%s cannot be compared: %s", record.iri, error)

    def _embedded(self, vectors: Vectors, fresh: Mapping[int, Telling], stop: Stop) -> dict[int, "np.ndarray | None"]:
        made = vectors.embed([told.text for told in fresh.values()], stop)
        return {id_: row if told.text else None for (id_, told), row in zip(fresh.items(), made, strict=True)}

    def _pairs(self, fresh: Mapping[int, Telling], stop: Stop) -> Iterator[tuple[tuple[int, int], Found]]:
        """What is found for records that moved: (ids, score and reasons)."""
        for kind in sorted({told.kind for told in fresh.values()}):
            mine = {id_: told for id_, told in fresh.items() if told.kind == kind}
            space = self._space(kind)
            near = space.near(list(mine))
            others: dict[int, Telling] = {}
            for id_, told in _until(stop, mine.items()):
                one = self._plain(told)
                for other in self._tellings.near(id_, told) | near.get(id_, set()):
                    if other not in others:
                        others[other] = self._plain(self._tellings.get(other))
                    if (found := self._compare(one, others[other], space.cosine(id_, other))).score >= SUGGESTED:
                        yield (min(id_, other), max(id_, other)), found

    def _space(self, kind: str) -> _Space:
        ids, languages, kept = self._tellings.vectors(kind)
        rows = Means(kept, languages).centred(kept, languages) if ids else np.empty((0, 0), np.float32)
        return _Space(ids, rows, {id_: row for row, id_ in enumerate(ids)})

    def _plain(self, told: Telling) -> Telling:
        """Without the identifiers and addresses that too many have."""
        kept = {
            name: tuple(text for text in texts if not self._tellings.is_ambiguous(told.kind, f"{prefix}:{text}"))
            for name, prefix, texts in (("identifiers", "i", told.identifiers), ("addresses", "a", told.addresses))
        }
        return replace(told, **kept)  # type: ignore[arg-type]

    def _compare(self, one: Telling, two: Telling, cosine: float | None) -> Found:
        """One teller repeats itself only where it says so by an identifier."""
        if one.is_told_with(two) and not set(one.identifiers) & set(two.identifiers):
            return Found(0.0, ())
        return likeness(one, two, lambda key: self._tellings.rarity(one.kind, key), cosine)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._tellings.close()
        if self._vectors is not None:
            self._vectors.close()
