"""The file `lexicon.sqlite`: what is imported, replaced and removed there. One transaction each; readers go on."""

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Final, Self, TypeVar

from hub.errors import BadRequest, Unavailable
from hub.languages import LANGUAGES
from hub.search.analysis import edition
from hub.search.lexicon import FILE, FORMAT, keys
from hub.search.lexicons.formats import Lexical
from hub.search.lexicons.reading import LexiconError, Named

_NONE: Final = "nothing: no lexicon is imported"
_TOO_FEW: Final = (
    f"words of the same concepts in two or more of {' '.join(LANGUAGES)}; "
    "where each language has a file of its own, name them all at once"
)
AT_ONCE: Final = 50_000  # words or concepts that are written at once
WAIT: Final = 600  # seconds that an import waits for another one
INFLECTED: Final = 9  # places that an entry goes down which is found by its stem, so that ház is not first házunk
CACHE: Final = 64 << 10  # kB; keys come in no order
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS lexicon (name TEXT PRIMARY KEY, format TEXT, languages TEXT, entries INTEGER, title TEXT,
    licence TEXT, origin TEXT, imported TEXT, first INTEGER, last INTEGER);
CREATE TABLE IF NOT EXISTS term (id INTEGER PRIMARY KEY, language TEXT, text TEXT, stem TEXT, entries INTEGER,
    UNIQUE (language, text));
CREATE TABLE IF NOT EXISTS member (sense INTEGER, term INTEGER, place INTEGER, PRIMARY KEY (sense, term)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS member_term ON member (term, place);
CREATE TABLE IF NOT EXISTS key (language TEXT, key TEXT, term INTEGER, place INTEGER,
    PRIMARY KEY (language, key, term)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS analysis (edition TEXT);
"""


_ANEW: Final = f"""
DROP TABLE IF EXISTS lexicon; DROP TABLE IF EXISTS term; DROP TABLE IF EXISTS member; DROP TABLE IF EXISTS key;
DROP TABLE IF EXISTS analysis;
PRAGMA user_version = {FORMAT};
"""
_COUNT: Final = "UPDATE term SET entries = (SELECT count(*) FROM member WHERE term = id) WHERE id = ?"
log = logging.getLogger(__name__)
T = TypeVar("T")


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
            if self._kept.execute("PRAGMA user_version").fetchone() != (FORMAT,):
                self._begin_anew()
            self._kept.executescript(_TABLES)
        if self._kept.execute("SELECT edition FROM analysis").fetchall() != [(edition(),)]:
            self._make_keys_anew()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._kept.close()

    def _begin_anew(self) -> None:
        if self._kept.execute("SELECT 1 FROM sqlite_master WHERE name = 'lexicon'").fetchall():
            log.warning("%s was made in another format, and is empty now: import its lexicons again", self._file)
        self._kept.executescript(_ANEW)

    def listed(self) -> list[Listed]:
        rows = self._kept.execute("SELECT * FROM lexicon ORDER BY name")
        return [Listed(name, form, tuple(codes.split()), *rest) for name, form, codes, *rest, _, _ in rows]

    def put(self, lexical: Lexical, licence: str | None = None) -> Listed:
        """Imports a lexicon in place of the one of its name. Raises LexiconError, and nothing has changed."""
        with self._transaction():
            self._take_away(lexical.name)
            ((first,),) = self._kept.execute("SELECT coalesce(max(last), 0) + 1 FROM lexicon")
            languages, last = self._write(lexical.rows(), first)
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
            terms = self._kept.execute("SELECT DISTINCT term FROM member WHERE sense BETWEEN ? AND ?", span).fetchall()
            self._kept.execute("DELETE FROM member WHERE sense BETWEEN ? AND ?", span)
            self._settle(terms)
        self._kept.execute("DELETE FROM lexicon WHERE name = ?", (name,))

    def _settle(self, terms: Iterable[tuple[int]]) -> None:
        """Counts the entries of some words, and takes away those that have none any more."""
        self._kept.executemany(_COUNT, terms)
        left = self._kept.execute("SELECT id, language, text FROM term WHERE entries = 0").fetchall()
        found = [(code, key, term) for term, code, text in left for key in keys(text, code)]
        self._kept.executemany("DELETE FROM key WHERE language = ? AND key = ? AND term = ?", found)
        self._kept.execute("DELETE FROM term WHERE entries = 0")

    def _write(self, rows: Iterator[Named], first: int) -> tuple[set[str], int]:
        """The languages, and the last concept's number."""
        self._gather(rows)
        ((term,),) = self._kept.execute("SELECT coalesce(max(id), 0) + 1 FROM term")
        self._name(term)
        languages, last = self._join(first)
        self._kept.execute("DROP TABLE gathered")
        self._settle(self._kept.execute("SELECT DISTINCT term FROM member WHERE sense >= ?", (first,)).fetchall())
        return languages, last

    def _gather(self, rows: Iterator[Named]) -> None:
        """Concepts come from several files and in any order, so they meet in a table first."""
        self._kept.execute("CREATE TEMP TABLE gathered (concept, language TEXT, text TEXT)")
        values = ((row.concept, row.language, row.text) for row in rows)
        self._kept.executemany("INSERT INTO gathered VALUES (?, ?, ?)", values)

    def _name(self, first: int) -> None:
        """Words that no lexicon had; those that nobody could look up are left out."""
        new = "SELECT language, text FROM gathered EXCEPT SELECT language, text FROM term"
        named = ((code, text, found) for code, text in self._kept.execute(new) if (found := keys(text, code)))
        for numbered in batches(enumerate(named, first)):
            terms = [(number, code, text, found[-1]) for number, (code, text, found) in numbered]
            self._kept.executemany("INSERT INTO term VALUES (?, ?, ?, ?, 0)", terms)
            self._add_keys((number, code, found) for number, (code, _, found) in numbered)

    def _add_keys(self, terms: Iterable[tuple[int, str, Sequence[str]]]) -> None:
        rows = sorted(
            (code, key, number, INFLECTED if place else 0)
            for number, code, found in terms
            for place, key in enumerate(found)
        )
        self._kept.executemany("INSERT INTO key VALUES (?, ?, ?, ?)", rows)

    def _join(self, first: int) -> tuple[set[str], int]:
        """The words of each concept that has some in two languages, each once, in their order."""
        rows = self._kept.execute(
            "SELECT concept, term.language, term.id FROM gathered JOIN term USING (language, text) "
            "ORDER BY concept, gathered.rowid"
        )
        concepts = (_words((code, term) for _, code, term in group) for _, group in groupby(rows, itemgetter(0)))
        languages, sense = set[str](), first - 1
        for several in batches(words for words in concepts if len(words) > 1):
            languages = languages.union(*several)
            members = [
                (number, term, place)
                for number, words in enumerate(several, sense + 1)
                for terms in words.values()
                for place, term in enumerate(terms)
            ]
            self._kept.executemany("INSERT INTO member VALUES (?, ?, ?)", members)
            sense += len(several)
        return languages, sense

    def _make_keys_anew(self) -> None:
        with self._transaction():
            self._kept.execute("DELETE FROM key")
            terms = self._kept.execute("SELECT id, language, text FROM term").fetchall()
            made = ((number, code, keys(text, code)) for number, code, text in terms)
            for several in batches(row for row in made if row[2]):
                self._add_keys(several)
                stems = [(found[-1], number) for number, _, found in several]
                self._kept.executemany("UPDATE term SET stem = ? WHERE id = ?", stems)
            self._kept.execute("DELETE FROM analysis")
            self._kept.execute("INSERT INTO analysis VALUES (?)", (edition(),))


def batches(rows: Iterable[T]) -> Iterator[list[T]]:
    left = iter(rows)
    while several := list(islice(left, AT_ONCE)):
        yield several


def _words(rows: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """The words of one concept by language."""
    found: dict[str, dict[int, None]] = {}
    for language, term in rows:
        found.setdefault(language, {})[term] = None
    return {language: list(terms) for language, terms in found.items()}


def _listed(lexical: Lexical, languages: tuple[str, ...], entries: int, licence: str | None) -> Listed:
    about, origin = lexical.about, ", ".join(file.name for file in lexical.files)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Listed(lexical.name, lexical.format, languages, entries, about.title, licence or about.licence, origin, now)
