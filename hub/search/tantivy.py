"""The embedded search index, on tantivy."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Final, cast

import tantivy

from hub.errors import Refused, Unavailable
from hub.languages import FALLBACK
from hub.profile import Profile
from hub.search.base import CHANGED, Answer, Document, Hit, Query, SearchIndex
from hub.search.documents import declared
from hub.search.expansion import Expansion
from hub.search.tantivy_fields import POSITION, build_schema, date_field, digest, indexed, keyword_field, sort_field
from hub.search.tantivy_generations import Generation, Generations
from hub.search.tantivy_queries import Asked, everything

MOST_VALUES: Final = 10_000  # of a facet; beyond, the rarest are not listed (tantivy itself stops at 65,000)

Rows = list[tuple[str, int]]
Address = tuple[int, int]


class _Plan:
    """What a profile makes of an index."""

    def __init__(self, profile: Profile) -> None:
        self.declared = declared(profile)
        self.digest = digest(self.declared)
        self.schema = build_schema(self.declared)
        self.expansion = Expansion(profile)

    def indexed(self, documents: Mapping[str, Document | None]) -> list[tantivy.Document]:
        """Raises Refused, naming the document that does not fit the fields."""
        made = []
        for name, document in documents.items():
            if document and document.id != name:
                raise Refused(f"{name} is not the id of its document, which is {document.id}")
            try:
                made += [indexed(document, self.declared)] if document else []
            except (ValueError, TypeError, OverflowError) as error:
                raise Refused(f"{name} cannot be indexed: {error}") from error
        return made


class _Opened:
    """What can be asked of one generation."""

    def __init__(self, plan: _Plan, generation: Generation) -> None:
        self._plan, self._generation = plan, generation

    def position(self) -> int:
        searcher = self._generation.index.searcher()
        kept = tantivy.Query.term_query(self._plan.schema, "meta", POSITION, "basic")
        found = searcher.search(kept, 1).hits
        return int(searcher.doc(found[0][1])["seq"][0]) if found else 0

    def count(self) -> int:
        return _total(self._generation.index.searcher().search(everything(self._plan.schema), 1))

    def search(self, query: Query) -> Answer:
        question = self._plan.expansion.question(query.q, query.lang)
        searcher = self._generation.index.searcher()  # one view for hits, reasons and facets
        asked = Asked(self._plan.schema, self._plan.declared, searcher, query, question)
        found = searcher.search(asked.whole(), query.size, offset=(query.page - 1) * query.size, **_order(query))
        items = {_key(address): json.loads(searcher.doc(address)["item"][0]) for _, address in found.hits}
        reasons = _Reasons(searcher, asked, [item["id"] for item in items.values()])
        scores = [float(score) if query.order == "relevance" else 0.0 for score, _ in found.hits]
        hits = [Hit(item, score, reasons.of(key)) for score, (key, item) in zip(scores, items.items(), strict=True)]
        return Answer(_total(found), tuple(hits), _facets(searcher, asked))


class TantivyIndex(_Opened):
    """The index in a folder, made for a profile; the folder is made by the first `apply`."""

    def __init__(self, folder: Path, profile: Profile) -> None:
        plan = _Plan(profile)
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


def _total(result: tantivy.SearchResult) -> int:
    return int(cast(Any, result).count)  # tantivy's own types leave it out


def _key(address: tantivy.DocAddress) -> Address:
    return address.segment_ord, address.doc


def _order(query: Query) -> dict[str, Any]:
    if query.order == "newest":
        return {"order_by_field": date_field(CHANGED), "order": tantivy.Order.Desc}
    if query.order == "title":
        return {"order_by_field": sort_field(query.lang or FALLBACK), "order": tantivy.Order.Asc}
    return {}


class _Reasons:
    """Why each of the shown documents was found: one small query a word and a concept, over those documents alone."""

    def __init__(self, searcher: tantivy.Searcher, asked: Asked, ids: Sequence[str]) -> None:
        self._searcher, self._asked, self._ids = searcher, asked, ids
        self._found: dict[Address, dict[str, list[str]]] = {}
        for word in asked.question.words if ids else ():
            if word.required:
                self._ask(asked.in_texts[word.text], "words", word.text)
        for meaning in asked.question.meanings if ids else ():
            self._ask(asked.by_meaning[meaning.iri], "concepts", meaning.iri)

    def _ask(self, query: tantivy.Query, why: str, name: str) -> None:
        for _, address in self._searcher.search(self._asked.among(self._ids, query), len(self._ids), count=False).hits:
            self._found.setdefault(_key(address), {"words": [], "concepts": []})[why].append(name)

    def of(self, key: Address) -> Mapping[str, list[str]]:
        return self._found.get(key) or {"words": [], "concepts": []}


def _facets(searcher: tantivy.Searcher, asked: Asked) -> dict[str, Rows]:
    """Facets without a filter of their own are counted together, each of the others under its own condition."""
    filtered = [key for key in asked.query.facets if asked.query.filters.get(key)]
    plain = [key for key in asked.query.facets if key not in filtered]
    counted = _counts(searcher, asked.whole(), plain)
    for key in filtered:
        counted |= _counts(searcher, asked.whole(without=key), [key])
    return {key: counted[key] for key in asked.query.facets}


def _counts(searcher: tantivy.Searcher, query: tantivy.Query, keys: Sequence[str]) -> dict[str, Rows]:
    if not keys:
        return {}
    wanted = {key: {"terms": {"field": keyword_field(key), "size": MOST_VALUES}} for key in keys}
    answer = searcher.aggregate(query, wanted)
    counted = {key: [(row["key"], row["doc_count"]) for row in answer[key]["buckets"]] for key in keys}
    return {key: sorted(rows, key=lambda row: (-row[1], row[0])) for key, rows in counted.items()}
