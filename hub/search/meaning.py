"""What documents mean: a sentence vector for each language of a document, kept in one SQLite file."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Final

from hub.errors import Unavailable
from hub.search.base import Document, Made, MeaningIndex, Meant, Query
from hub.search.expansion import QUOTED
from hub.search.space import Seen, Space
from hub.search.vectors import asked, model

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS text (number INTEGER PRIMARY KEY AUTOINCREMENT, edition INTEGER, document TEXT,
    language TEXT, made BLOB);
CREATE INDEX IF NOT EXISTS text_document ON text (edition, document);
CREATE TABLE IF NOT EXISTS gone (number INTEGER PRIMARY KEY AUTOINCREMENT, text INTEGER);
"""
_ADDED: Final = "SELECT number, document, language, made FROM text WHERE edition = ? AND number > ? ORDER BY number"
_WORD: Final = re.compile(r"(?<!\w)[^\W\d_]{3,}(?!\w)")
_THERE: Final = "FROM text WHERE edition = ? AND document = ?"


def sentences(document: Document) -> dict[str, str]:
    """Language → title and summary, of which a vector is made: as good as the whole text, in a tenth of the time."""
    titles, summaries = document.texts.get("title", {}), document.texts.get("summary", {})
    parts = {code: (*titles.get(code, ())[:1], *summaries.get(code, ())[:1]) for code in (*titles, *summaries)}
    return {code: ". ".join(" ".join(part.split()) for part in found) for code, found in parts.items()}


def meant(query: Query, meaning: MeaningIndex | None) -> Meant | None:
    """What a query means; None for one without a word (a number, a code), or that wants words to stand as quoted."""
    has_words = _WORD.search(query.q) and not QUOTED.search(query.q)
    return meaning.near(query.q, query.language or query.lang) if meaning and has_words else None


def count_words(text: str) -> int:
    """Different words of three letters or more, which tell something of how much of the meaning they are."""
    return len(set(_WORD.findall(text.casefold())))


class StoredMeaning:
    """The file. One process writes; readers see what was applied after `reload()`.

    A file that was made with another model counts as empty, at position 0.
    """

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(file, timeout=60, check_same_thread=False, isolation_level=None)
        self._lock = RLock()
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=NORMAL")
        self._file.executescript(_TABLES)
        self._space, self._edition, self._last, self._last_gone = Space(), 0, 0, 0
        self._seen: Seen = self._space.seen()
        self.reload()

    def position(self) -> int:
        with self._lock:
            return self._kept("position") if self._edition else 0

    def _kept(self, name: str) -> int:
        row = self._file.execute("SELECT value FROM kept WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def _current(self) -> int:
        """The edition that is served; 0 where there is none, or another model made it."""
        row = self._file.execute("SELECT value FROM kept WHERE name = 'model'").fetchone()
        return self._kept("edition") if row == (model(),) else 0

    def apply(self, documents: Mapping[str, Made | None], position: int) -> None:
        """Puts the vectors of documents or takes them away (None), together with the position."""
        with self._lock, self._writing():
            if not self._current():
                self._install(self._begin())
            self._write(self._current(), documents, position)
        self.reload()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction. Raises Unavailable where the file cannot be written to."""
        try:
            self._file.execute("BEGIN IMMEDIATE")
            yield
            self._file.execute("COMMIT")
        except sqlite3.Error as error:
            raise Unavailable(f"The sentence vectors cannot be written: {error}") from error
        finally:
            if self._file.in_transaction:
                self._file.rollback()

    def _write(self, edition: int, documents: Mapping[str, Made | None], position: int) -> None:
        for name, vectors in documents.items():
            self._file.execute(f"INSERT INTO gone (text) SELECT number {_THERE}", (edition, name))
            self._file.execute(f"DELETE {_THERE}", (edition, name))
            rows = [(edition, name, language, row.tobytes()) for language, row in (vectors or {}).items()]
            self._file.executemany("INSERT INTO text (edition, document, language, made) VALUES (?, ?, ?, ?)", rows)
        self._keep("position" if edition == self._current() else "position of the next", position)

    def _keep(self, name: str, value: int | str) -> None:
        self._file.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (name, value))

    def _begin(self) -> int:
        """The number of a new edition; what a killed rebuild left is taken away."""
        self._file.execute("DELETE FROM text WHERE edition <> ?", (self._current(),))
        return self._kept("edition") + 1

    def _install(self, edition: int) -> None:
        self._keep("edition", edition)
        self._keep("model", model())
        self._keep("position", self._kept("position of the next"))
        self._file.execute("DELETE FROM text WHERE edition <> ?", (edition,))
        self._file.execute("DELETE FROM gone")

    @contextmanager
    def rebuild(self) -> Iterator[MeaningIndex]:
        """A fresh, empty edition beside this one, which takes its place at the end; an error discards it."""
        with self._lock, self._writing():
            edition = self._begin()
            self._keep("position of the next", 0)
        yield Next(partial(self._add, edition))
        with self._lock, self._writing():
            self._install(edition)
        self.reload()

    def _add(self, edition: int, documents: Mapping[str, Made | None], position: int) -> None:
        with self._lock, self._writing():
            self._write(edition, documents, position)

    def reload(self) -> None:
        """Shows what was written since, by this process or another."""
        with self._lock:
            if (edition := self._current()) != self._edition:
                self._space, self._edition, self._last, self._last_gone = Space(), edition, 0, 0
                self._seen = self._space.seen()
            added = self._file.execute(_ADDED, (edition, self._last)).fetchall()
            gone = self._file.execute("SELECT number, text FROM gone WHERE number > ?", (self._last_gone,)).fetchall()
            if added:
                self._space.add(added)
                self._last = added[-1][0]
            if gone:
                self._space.remove([text for _, text in gone])
                self._last_gone = gone[-1][0]
            if added or gone:
                self._seen = self._space.seen()

    def near(self, text: str, language: str | None = None) -> Meant | None:
        """What is near to a query, written in a language if that is known; None where there are no vectors."""
        seen = self._seen
        return seen.near(seen.wanted(asked(text), language), count_words(text)) if seen.by_language else None

    def similar(self, name: str) -> list[str]:
        """The documents near to one in meaning, the nearest first; none where it has no vector."""
        seen = self._seen
        direction = seen.direction(name)
        if direction is None:
            return []
        near = seen.near(direction)
        return [other for other in list(near.nearest)[: near.alone] if other != name]

    def count(self) -> int:
        return sum(map(len, self._seen.by_language.values()))

    def close(self) -> None:
        self._file.close()


class Next:
    """An index that is being filled; it answers nothing until it takes its place."""

    def __init__(self, put: Callable[[Mapping[str, Made | None], int], None]) -> None:
        self._put = put

    def position(self) -> int:
        return 0

    def apply(self, documents: Mapping[str, Made | None], position: int) -> None:
        self._put(documents, position)

    def near(self, text: str, language: str | None = None) -> Meant | None:
        return None

    def similar(self, name: str) -> list[str]:
        return []

    def count(self) -> int:
        return 0

    def rebuild(self) -> AbstractContextManager[MeaningIndex]:
        raise Unavailable("The sentence vectors are being rebuilt already")

    def reload(self) -> None:
        """Nothing is shown."""

    def close(self) -> None:
        """There is nothing of its own to close."""
