"""Where a tantivy index lies: a folder with one current generation, which a rebuild replaces as a whole.

The file `current` names the generation's directory and the digest of what it was made for; renaming another file over
it is the swap. One process writes, held to it by a lock of the system that ends with the process; any number read.
"""

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TextIO

import tantivy

from hub.errors import Unavailable
from hub.search.base import Suggestion
from hub.search.expansion import Meaning
from hub.search.tantivy_fields import POSITION, key_of, position_document

HEAP: Final = 64_000_000  # bytes that the writer fills before it writes a segment; tantivy asks for 15 MB at least
TRIES: Final = 5
NAMES: Final = 100_000  # ids that are kept, some 150 bytes each
# tantivy merges segments of up to SMALL documents once there are ENOUGH. A search asks each for each of its terms: with
# two in place of four it took .93 of the time, and a fifth less of the processor's.
SMALL: Final = 10_000
ENOUGH: Final = 8
MANY: Final = 3  # that are merged at rest
FREQUENCIES: Final = 50_000  # of terms that are kept, some 200 bytes each; a query asks for 100, at 2 µs each


@contextmanager
def _writing() -> Iterator[None]:
    """Raises Unavailable where the system or tantivy, which raises ValueError for all, cannot write."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise Unavailable(f"The search index cannot be written: {error}") from error


Scored = tuple[float, tantivy.DocAddress]


@dataclass(frozen=True, slots=True)
class View:
    """An index as it was at one moment, and what was computed of it and may be asked again."""

    searcher: tantivy.Searcher
    frequency: Callable[[str, str], int]  # of a term in a field: how many documents have it
    facets: dict[str, list[tuple[str, int]]] = field(default_factory=dict)  # of all documents
    suggested: dict[tuple[str, int], list[Suggestion]] = field(default_factory=dict)
    meanings: dict[Meaning, list[tantivy.Query]] = field(default_factory=dict)
    names_of: dict[int, str] = field(default_factory=dict)  # of keys, which stay the same from view to view

    def named(self, hits: Sequence[tuple[Any, tantivy.DocAddress]]) -> dict[str, Scored]:
        """Hits by the ids of their documents. To read one takes 13 µs, a key 0.1 µs."""
        keys = self.searcher.fast_field_values("fast_key", [address for _, address in hits])
        if len(self.names_of) > NAMES:
            self.names_of.clear()
        named = zip(keys, hits, strict=True)
        return {self._name(int(key or 0), address): (float(score), address) for key, (score, address) in named}

    def _name(self, key: int, address: tantivy.DocAddress) -> str:
        if not (name := self.names_of.get(key)):
            name = self.names_of[key] = self.searcher.doc(address)["id"][0].decode()
        return name


class Generation:
    """One directory of tantivy's; without a directory an empty index in memory, for who finds none."""

    def __init__(self, index: tantivy.Index, directory: Path | None) -> None:
        self.index, self.directory = index, directory
        # By hand: tantivy would otherwise watch the file in a thread, and show a commit some time after it.
        self.index.config_reader("manual")
        self._shown: tuple[int, int] | None = None
        self._names: dict[int, str] = {}
        self._show()
        self._writer: tantivy.IndexWriter | None = None

    def commit(self, deleted: Sequence[str], added: Sequence[tantivy.Document], position: int) -> None:
        """Deletes by id, adds and keeps the position, in one commit; Unavailable where that fails."""
        # By query: by term, tantivy's Python takes a number for one with a sign, and finds nothing.
        keys = [key_of(name) for name in deleted]
        with self._committed() as writer:
            writer.delete_documents_by_query(tantivy.Query.term_set_query(self.index.schema, "key", keys))
            writer.delete_documents_by_term("meta", POSITION)
            for document in (*added, position_document(position)):
                writer.add_document(document)

    def tidy(self, position: int) -> None:
        """Merges small segments, in the background. tantivy's Python cannot ask for that, so further documents of the
        position, each a segment, make up their number; the next commit deletes them all."""
        with _writing():
            small = _small(self.directory) if self.directory else 0
        for _ in range(ENOUGH - small if small >= MANY else 0):
            with self._committed() as writer:
                writer.add_document(position_document(position))
        self._show()  # what was merged since

    @contextmanager
    def _committed(self) -> Iterator[tantivy.IndexWriter]:
        try:
            with _writing():
                self._writer = self._writer or self.index.writer(HEAP, 1)
                yield self._writer
                self._writer.commit()
        except Unavailable:
            self._give_up()
            raise
        self._show()

    def _show(self) -> None:
        """What was computed of a view is kept until there was another commit, by this process or another."""
        state = self._state()
        self.index.reload()
        if state != self._shown or state is None:
            searcher = self.index.searcher()
            self._shown, self.view = (
                state,
                View(searcher, lru_cache(FREQUENCIES)(searcher.doc_freq), names_of=self._names),
            )

    def _state(self) -> tuple[int, int] | None:
        """Of the file that tantivy replaces at each commit; None for an index in memory."""
        if self.directory is None:
            return None
        told = (self.directory / "meta.json").stat()
        return told.st_ino, told.st_mtime_ns

    def reload(self) -> bool:
        """Shows the last commit; False where the directory was taken away."""
        try:
            self._show()
        except (ValueError, OSError):
            return False
        return True

    def _give_up(self) -> None:
        """Forgets what was not committed; the next commit begins with a writer of its own."""
        with suppress(ValueError, OSError):
            if self._writer is not None:
                self._writer.rollback()
        self.close()

    def close(self) -> None:
        writer, self._writer = self._writer, None
        with suppress(ValueError, OSError):
            if writer is not None:
                writer.wait_merging_threads()

    def remove(self) -> None:
        """Takes the directory away; who still reads it has its files open."""
        self.close()
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)


def _small(directory: Path) -> int:
    """How many segments are small."""
    segments = json.loads((directory / "meta.json").read_text("utf-8"))["segments"]
    return sum(segment["max_doc"] <= SMALL for segment in segments)


class Generations:
    """The folder. `digest` stands for what a generation must be made for; one made for another counts as none."""

    def __init__(self, folder: Path, schema: tantivy.Schema, digest: str) -> None:
        self._folder, self._schema, self._digest = folder, schema, digest
        self._lock: TextIO | None = None

    def named(self) -> Path | None:
        """The directory that `current` names; Unavailable where that cannot be read."""
        try:
            current = json.loads((self._folder / "current").read_text("utf-8"))
            return self._folder / current["generation"] if current["digest"] == self._digest else None
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        except OSError as error:
            raise Unavailable(f"The search index cannot be read: {error}") from error

    def opened(self) -> Generation:
        """The current generation. Another process may take it away between our look at `current` and the opening."""
        for _ in range(TRIES):
            directory = self.named()
            with suppress(ValueError, OSError):
                index = tantivy.Index.open(str(directory)) if directory else tantivy.Index(self._schema)
                if index.schema == self._schema:
                    return Generation(index, directory)
        return Generation(tantivy.Index(self._schema), None)

    @_writing()
    def created(self) -> Generation:
        directory = self._folder / f"generation-{uuid.uuid4().hex[:12]}"
        directory.mkdir(parents=True)
        return Generation(tantivy.Index(self._schema, str(directory)), directory)

    @_writing()
    def install(self, generation: Generation) -> None:
        """Makes a generation the current one, for this process and all others."""
        assert generation.directory is not None
        waiting = self._folder / "current.new"
        with waiting.open("w", encoding="utf-8") as file:
            file.write(json.dumps({"generation": generation.directory.name, "digest": self._digest}))
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(self._folder / "current")

    @_writing()
    def lock(self) -> bool:
        """Takes the right to write; whether it was taken just now. Unavailable where another process has it."""
        if self._lock is not None:
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = (self._folder / "writing.lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise Unavailable(f"Another process writes the search index in {self._folder}") from error
        self._lock = lock
        return True

    def unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def clean(self, kept: Path | None) -> None:
        """Removes what a killed writer left behind. Only the writer may: another's rebuild looks like a leftover."""
        for leftover in self._folder.glob("generation-*"):
            if leftover != kept:
                shutil.rmtree(leftover, ignore_errors=True)
