"""All tellings in one SQLite file, found by what they have in common; made anew whenever it is lost or out of date.

A key that too many records have says nothing and is not followed, so each record is compared with a bounded number.
"""

import hashlib
import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from hub.clusters.telling import EDITION, Telling, read
from hub.search.vectors import SIZE, Kept

TOO_COMMON: Final = 50  # records with a key; more, and nobody is led from one to another
AMBIGUOUS: Final = 5  # the same of an identifier or an address, which then is not one thing's
COUNTED: Final = 1000  # a word that so many titles have is as common as any
GRID: Final = 0.02  # degrees; two kilometres and more
DROPPED: Final = ("telling", "key", "at")


class Tellings:
    def __init__(self, file: Path, edition: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._store = sqlite3.connect(file, timeout=60, isolation_level=None)
        self._store.execute("PRAGMA journal_mode=WAL")
        self._store.execute("PRAGMA synchronous=NORMAL")
        self.rarity = lru_cache(100_000)(self._rarity)  # until something is put
        self._edition = f"{EDITION} {edition}"
        self._begin()

    def _begin(self) -> None:
        with self.writing():
            self._store.execute("CREATE TABLE IF NOT EXISTS at (position INTEGER, edition TEXT)")
            row = self._store.execute("SELECT edition FROM at").fetchone()
            if row is None or row[0] != self._edition:
                self._make()

    def clear(self) -> None:
        with self.writing():
            self._make()

    def _make(self) -> None:
        for table in DROPPED:
            self._store.execute(f"DROP TABLE IF EXISTS {table}")
        self._store.execute("CREATE TABLE at (position INTEGER, edition TEXT)")
        self._store.execute("INSERT INTO at VALUES (0, ?)", (self._edition,))
        self._store.execute(
            "CREATE TABLE telling (record INTEGER PRIMARY KEY, kind TEXT, language TEXT, told TEXT, vector BLOB)"
        )
        self._store.execute("CREATE TABLE key (key INTEGER, record INTEGER, PRIMARY KEY (key, record)) WITHOUT ROWID")
        self._store.execute("CREATE INDEX key_of_record ON key (record)")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, undone where the block raises."""
        with self._store:
            self._store.execute("BEGIN IMMEDIATE")
            self.rarity.cache_clear()
            yield

    def position(self) -> int:
        return int(self._store.execute("SELECT position FROM at").fetchone()[0])

    def move(self, position: int) -> None:
        self._store.execute("UPDATE at SET position = max(position, ?)", (position,))

    def changed(self, told: Mapping[int, Telling]) -> dict[int, Telling]:
        """Those that are not kept as they are."""
        return {id_: new for id_, new in told.items() if self._json(id_) != new.as_json()}

    def _json(self, record: int) -> str | None:
        row = self._store.execute("SELECT told FROM telling WHERE record = ?", (record,)).fetchone()
        return row[0] if row else None

    def put(self, record: int, told: Telling, vector: Kept | None) -> None:
        self.drop(record)
        row = (record, told.kind, told.language, told.as_json(), vector.tobytes() if vector is not None else None)
        self._store.execute("INSERT INTO telling VALUES (?, ?, ?, ?, ?)", row)
        rows = [(_number(told.kind, key), record) for key in {*keys(told), *_words(told)}]
        self._store.executemany("INSERT OR IGNORE INTO key VALUES (?, ?)", rows)

    def drop(self, record: int) -> None:
        self._store.execute("DELETE FROM telling WHERE record = ?", (record,))
        self._store.execute("DELETE FROM key WHERE record = ?", (record,))

    def get(self, record: int) -> Telling:
        return read(self._json(record) or "")

    def near(self, record: int, told: Telling) -> set[int]:
        """The other records that have something in common with one."""
        found: set[int] = set()
        for key in {*keys(told), *_words(told), *_around(told)}:
            most = AMBIGUOUS if key[0] in "ia" else TOO_COMMON
            query = "SELECT record FROM key WHERE key = ? LIMIT ?"
            rows = self._store.execute(query, (_number(told.kind, key), most + 1)).fetchall()
            if len(rows) <= most:
                found |= {row[0] for row in rows}
        return found - {record}

    def is_ambiguous(self, kind: str, key: str) -> bool:
        return self._count(kind, key, AMBIGUOUS + 1) > AMBIGUOUS

    def _count(self, kind: str, key: str, most: int) -> int:
        query = "SELECT count(*) FROM (SELECT 1 FROM key WHERE key = ? LIMIT ?)"
        return int(self._store.execute(query, (_number(kind, key), most)).fetchone()[0])

    def _rarity(self, kind: str, key: str) -> float:
        """How much a word says: of the words of thousands of titles the rarest says seven times as much."""
        return math.log(2 + 2 * COUNTED / (1 + self._count(kind, key, COUNTED)))

    def vectors(self, kind: str) -> tuple[list[int], list[str], Kept]:
        """(record ids, languages, vectors) of a kind."""
        query = "SELECT record, language, vector FROM telling WHERE kind = ? AND vector IS NOT NULL"
        rows = self._store.execute(query, (kind,)).fetchall()
        made = np.frombuffer(b"".join(row[2] for row in rows), np.int8).reshape(-1, SIZE)
        return [row[0] for row in rows], [row[1] for row in rows], made

    def close(self) -> None:
        self._store.close()


def _number(kind: str, key: str) -> int:
    """A key in eight bytes; two that fell together would only cost a comparison."""
    return int.from_bytes(hashlib.blake2b(f"{kind} {key}".encode(), digest_size=8).digest(), "big", signed=True)


def keys(told: Telling) -> Iterator[str]:
    """What leads to a record: its identifiers, whole titles, organisations, places, where it is and when."""
    yield from (f"i:{text}" for text in told.identifiers)
    yield from (f"a:{text}" for text in told.addresses)
    yield from (f"t:{' '.join(stems)}" for stems in told.titles.values())
    yield from (f"o:{name}" for name in told.organisations)
    yield from (f"p:{name}" for name in told.places)
    yield from (f"g:{_cell(lat)},{_cell(lon)}" for lat, lon in told.points)
    if told.period:
        yield from (f"d:{name} {told.period[0]}" for name in told.places)


def _words(told: Telling) -> Iterator[str]:
    yield from (f"w:{word}" for word in told.words)
    yield from (f"s:{stem}" for stem in {stem for stems in told.titles.values() for stem in stems})


def _around(told: Telling) -> Iterable[str]:
    steps = (-1, 0, 1)
    return (f"g:{_cell(lat) + x},{_cell(lon) + y}" for lat, lon in told.points for x in steps for y in steps)


def _cell(degrees: float) -> int:
    return math.floor(degrees / GRID)
