"""The file `lexicon.sqlite`: what is imported, replaced and removed there. One transaction each; readers go on."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final, Self

from hub.errors import BadRequest, Unavailable
from hub.languages import LANGUAGES
from hub.search.analysis import edition
from hub.search.lexicon import FILE, keys
from hub.search.lexicons.formats import Lexical
from hub.search.lexicons.reading import LexiconError, Named

_NONE: Final = "nothing: no lexicon is imported"
_TOO_FEW: Final = (
    f"words of the same concepts in two or more of {' '.join(LANGUAGES)}; "
    "where each language has a file of its own, name them all at once"
)
AT_ONCE: Final = 5000  # rows between two statements
WAIT: Final = 600  # seconds that an import waits for another one
INFLECTED: Final = 9  # places that an entry goes down which is found by its stem, so that ház is not first házunk
CACHE: Final = 64 << 10  # kB; keys come in no order
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS lexicon (name TEXT PRIMARY KEY, format TEXT, languages TEXT, entries INTEGER, title TEXT,
    licence TEXT, origin TEXT, imported TEXT, first INTEGER, last INTEGER);
CREATE TABLE IF NOT EXISTS member (sense INTEGER, place INTEGER, language TEXT, text TEXT,
    PRIMARY KEY (sense, language, place)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS key (language TEXT, key TEXT, sense INTEGER, place INTEGER,
    PRIMARY KEY (language, key, sense)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS analysis (edition TEXT);
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """`entries` counts concepts that have words in two languages or more; of a dictionary these are its entries."""

    name: str
    format: str
    languages: tuple[str, ...]
    entries: int
    title: str
    licence: str
    origin: str
    imported: str


class Shelf:
    """The lexicons of a hub, to be changed. Keys that an older analysis made are made anew when it is opened."""

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._file = data / FILE
        self._kept = sqlite3.connect(self._file, timeout=WAIT, isolation_level=None)
        with self._told():
            self._kept.execute("PRAGMA journal_mode=WAL")
            self._kept.execute("PRAGMA synchronous=NORMAL")
            self._kept.execute(f"PRAGMA cache_size=-{CACHE}")
            self._kept.executescript(_TABLES)
        if self._kept.execute("SELECT edition FROM analysis").fetchall() != [(edition(),)]:
            self._make_keys_anew()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._kept.close()

    def listed(self) -> list[Listed]:
        rows = self._kept.execute("SELECT * FROM lexicon ORDER BY name")
        return [Listed(name, form, tuple(codes.split()), *rest) for name, form, codes, *rest, _, _ in rows]

    def put(self, lexical: Lexical, licence: str | None = None) -> Listed:
        """Imports a lexicon in place of the one of its name. Raises LexiconError, and nothing has changed."""
        with self._transaction():
            self._take_away(lexical.name)
            self._gather(lexical.rows())
            ((first,),) = self._kept.execute("SELECT coalesce(max(last), 0) + 1 FROM lexicon")
            languages, last = self._write(first)
            if last < first:
                raise LexiconError(lexical.files[0], "", _TOO_FEW)
            row = _listed(lexical, tuple(sorted(languages)), last - first + 1, licence)
            columns = asdict(row) | {"languages": " ".join(row.languages)}
            values = (*columns.values(), first, last)
            self._kept.execute("INSERT INTO lexicon VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        return row

    def remove(self, name: str) -> None:
        known = [row.name for row in self.listed()]
        if name not in known:
            raise BadRequest("NAME", name, ", ".join(known) or _NONE)
        with self._transaction():
            self._take_away(name)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing; another import waits for its end."""
        with self._told(), self._kept:
            self._kept.execute("BEGIN IMMEDIATE")
            yield

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the database cannot do (it is locked, full, or none) in one line."""
        try:
            yield
        except sqlite3.Error as error:
            raise Unavailable(f"{self._file} cannot be changed: {error}") from error

    def _take_away(self, name: str) -> None:
        for span in self._kept.execute("SELECT first, last FROM lexicon WHERE name = ?", (name,)).fetchall():
            self._kept.execute("DELETE FROM member WHERE sense BETWEEN ? AND ?", span)
            self._kept.execute("DELETE FROM key WHERE sense BETWEEN ? AND ?", span)
        self._kept.execute("DELETE FROM lexicon WHERE name = ?", (name,))

    def _gather(self, rows: Iterator[Named]) -> None:
        """Concepts come from several files and in any order, so they meet in a table first."""
        self._kept.execute("CREATE TEMP TABLE gathered (concept, language TEXT, text TEXT)")
        values = ((row.concept, row.language, row.text) for row in rows)
        self._kept.executemany("INSERT INTO gathered VALUES (?, ?, ?)", values)

    def _write(self, first: int) -> tuple[set[str], int]:
        """The languages, and the last concept's number."""
        rows = self._kept.execute("SELECT concept, language, text FROM gathered ORDER BY concept, rowid")
        members: list[tuple[int, int, str, str]] = []
        languages, sense = set[str](), first - 1
        for _, group in groupby(rows, itemgetter(0)):
            words = _words((language, text) for _, language, text in group)
            if len(words) < 2:
                continue
            sense += 1
            languages |= words.keys()
            members += [(sense, n, language, text) for language, own in words.items() for n, text in enumerate(own)]
            if len(members) > AT_ONCE:
                self._add(members)
                members.clear()
        self._add(members)
        self._kept.execute("DROP TABLE gathered")
        return languages, sense

    def _add(self, members: list[tuple[int, int, str, str]]) -> None:
        self._kept.executemany("INSERT INTO member VALUES (?, ?, ?, ?)", members)
        self._add_keys(members)

    def _add_keys(self, members: Iterable[tuple[int, int, str, str]]) -> None:
        found = (
            (code, key, sense, place + (INFLECTED if n else 0))
            for sense, place, code, text in members
            for n, key in enumerate(keys(text, code))
        )
        self._kept.executemany("INSERT OR IGNORE INTO key VALUES (?, ?, ?, ?)", found)

    def _make_keys_anew(self) -> None:
        with self._transaction():
            self._kept.execute("DELETE FROM key")
            self._add_keys(self._kept.execute("SELECT sense, place, language, text FROM member"))
            self._kept.execute("DELETE FROM analysis")
            self._kept.execute("INSERT INTO analysis VALUES (?)", (edition(),))


def _words(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The words of one concept by language, each once, in their order; those that nobody could look up are left out."""
    found: dict[str, dict[str, None]] = {}
    for language, text in rows:
        if keys(text, language):
            found.setdefault(language, {})[text] = None
    return {language: list(texts) for language, texts in found.items()}


def _listed(lexical: Lexical, languages: tuple[str, ...], entries: int, licence: str | None) -> Listed:
    about, origin = lexical.about, ", ".join(file.name for file in lexical.files)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Listed(lexical.name, lexical.format, languages, entries, about.title, licence or about.licence, origin, now)
