"""The embedded search index, on tantivy."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

import tantivy

from hub.errors import Refused, Unavailable
from hub.profile import Profile
from hub.search.base import Answer, Document, Hit, Meant, Query, SearchIndex, Suggestion
from hub.search.lexicon import Lexicon
from hub.search.names import plain
from hub.search.plan import Plan
from hub.search.tantivy_answers import answer, total
from hub.search.tantivy_facets import Lines
from hub.search.tantivy_fields import POSITION, build_schema, digest, indexed
from hub.search.tantivy_generations import Generation, Generations
from hub.search.tantivy_names import suggestions
from hub.search.tantivy_queries import Asked, among, everything
from hub.search.tantivy_similar import similar


class _Plan(Plan):
    """What a profile makes of an index."""

    def __init__(self, profile: Profile, lexicon: Lexicon | None) -> None:
        super().__init__(profile, lexicon)
        self.digest = digest(self.declared)
        self.schema = build_schema(self.declared)
        self.lines = Lines(profile)

    def indexed(self, documents: Mapping[str, Document | None]) -> list[tantivy.Document]:
        """Raises Refused, naming the document that does not fit the fields."""
        made = []
        for name, document in documents.items():
            if document and document.id != name:
                raise Refused(f"{name} is not the id of its document, which is {document.id}")
            try:
                made += [indexed(document, self.declared, self.labels, self.lines, self._profile)] if document else []
            except (ValueError, TypeError, OverflowError) as error:
                raise Refused(f"{name} cannot be indexed: {error}") from error
        return made


class _Opened:
    """What can be asked of one generation."""

    def __init__(self, plan: _Plan, generation: Generation) -> None:
        self._plan, self._generation = plan, generation
        self._beside = ThreadPoolExecutor(os.cpu_count(), "hits")  # its threads begin with the first question

    def position(self) -> int:
        searcher = self._generation.view.searcher
        kept = tantivy.Query.term_query(self._plan.schema, "meta", POSITION, "basic")
        found = searcher.search(kept, 1).hits
        return int(searcher.doc(found[0][1])["seq"][0]) if found else 0

    def count(self) -> int:
        return total(self._generation.view.searcher.search(everything(self._plan.schema), 1))

    def search(self, query: Query, meant: Meant | None = None) -> Answer:
        question = self._plan.expansion.question(query.q, query.language or query.lang)
        view = self._generation.view  # one for hits, reasons and facets
        asked = Asked(self._plan.schema, self._plan.declared, view, query, question, meant)
        return answer(self._plan.schema, self._plan.lines, view, asked, self._beside)

    def suggest(self, text: str, size: int = 10) -> list[Suggestion]:
        """Of one letter 30 ms, then kept until the index changes; of two 3 ms, of more under 1 ms."""
        view = self._generation.view
        typed = plain(text)
        if (typed, size) not in view.suggested:
            found = suggestions(self._plan.schema, view.searcher, typed, size)
            if len(typed) > 1:
                return found
            view.suggested[typed, size] = found
        return [*view.suggested[typed, size]]

    def similar(self, name: str, size: int = 10) -> list[Hit]:
        return similar(self._plan.schema, self._generation.view, name, size)

    def tidy(self) -> None:
        self._generation.tidy(self.position())

    def items(self, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        searcher = self._generation.view.searcher
        found = searcher.search(among(self._plan.schema, names), len(names), count=False).hits if names else []
        kept = [searcher.doc(address) for _, address in found]
        return {document["id"][0].decode(): json.loads(document["item"][0]) for document in kept}


class TantivyIndex(_Opened):
    """The index in a folder, made for a profile; the folder is made by the first `apply`."""

    def __init__(self, folder: Path, profile: Profile, lexicon: Lexicon | None = None) -> None:
        plan = _Plan(profile, lexicon)
        self._generations = Generations(folder, plan.schema, plan.digest)
        self._writing = RLock()
        super().__init__(plan, self._generations.opened())

    def apply(self, documents: Mapping[str, Document | None], position: int) -> None:
        added = self._plan.indexed(documents)
        with self._writing:
            self._begin()
            if self._generation.directory is None:
                first = self._generations.created()
                self._generations.install(first)
                self._generation = first
            self._generation.commit([*documents], added, position)

    @contextmanager
    def rebuild(self) -> Iterator[SearchIndex]:
        with self._writing, ExitStack() as undo:
            self._begin()
            generation = self._generations.created()
            undo.callback(generation.remove)
            yield _Fresh(self._plan, generation)
            self._generations.install(generation)
            undo.pop_all()
            old, self._generation = self._generation, generation
            old.remove()

    def tidy(self) -> None:
        with self._writing:
            if self._generation.directory:
                self._begin()
                super().tidy()

    def _begin(self) -> None:
        """Before the first writing: nobody else writes, and we have what the last writer left."""
        if self._generations.lock():
            self.reload()
            self._generations.clean(self._generation.directory)

    def reload(self) -> None:
        with self._writing:
            if self._generations.named() != self._generation.directory or not self._generation.reload():
                old, self._generation = self._generation, self._generations.opened()
                old.close()

    def close(self) -> None:
        self._beside.shutdown()
        with self._writing:
            self._generation.close()
            self._generations.unlock()


class _Fresh(_Opened):
    """A generation that is being filled; the index that it will replace holds the lock, and closes it."""

    def apply(self, documents: Mapping[str, Document | None], position: int) -> None:
        self._generation.commit([*documents], self._plan.indexed(documents), position)

    def rebuild(self) -> AbstractContextManager[SearchIndex]:
        raise Unavailable("The search index is being rebuilt already")

    def reload(self) -> None:
        self._generation.reload()

    def close(self) -> None:
        """There is nothing of its own to close."""
