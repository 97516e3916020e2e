"""A `Query`, and what is near to it in meaning, in tantivy's terms."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice

import tantivy
from tantivy import Occur

from hub.search.base import LOOKED, NEAREST, Meant, Query
from hub.search.documents import Declared
from hub.search.expansion import Question
from hub.search.tantivy_fields import POSITION, key_of
from hub.search.tantivy_filters import anyone, both, conditions, unscored
from hub.search.tantivy_generations import Scored, View
from hub.search.tantivy_words import Words


class Asked:
    """One query against one view of an index."""

    def __init__(
        self,
        schema: tantivy.Schema,
        declared: Declared,
        view: View,
        query: Query,
        question: Question,
        meant: Meant | None,
    ) -> None:
        declared.check(query)
        self._schema, self._view = schema, view
        self.declared, self.query, self.question, self.meant = declared, query, question, meant
        self.words = Words(schema, declared, view, query, question)

    @cached_property
    def near(self) -> dict[str, Scored]:
        """The documents found by meaning, the nearest first, each with its score by words: 0 where it has none."""
        return self._near(None)

    @property
    def nearest(self) -> dict[str, float]:
        """Their cosines."""
        return {name: self.meant.nearest[name] for name in self.near} if self.meant else {}

    def is_everything(self, without: str | None) -> bool:
        return not self.query.q.strip() and not [*conditions(self._schema, self.query, without)]

    def hits(self, without: str | None = None) -> tantivy.Query:
        """All that is found, without scores; a facet leaves out its own filter."""
        if not self.query.q.strip():
            return both(everything(self._schema), *self._conditions(without))
        near = self.near if without is None else self._near(without)
        found = anyone([self.words.unscored, among(self._schema, near)]) if near else self.words.unscored
        return both(found, *self._conditions(without))

    def others(self) -> list[tantivy.Query]:
        """What is found by words alone, with its score: what has all words, then what lacks some."""
        conditions = [(Occur.Must, query) for query in self._conditions(None)]
        near = [(Occur.MustNot, among(self._schema, self.near))] if self.near else []
        return [tantivy.Query.boolean_query([(Occur.Must, q), *conditions, *near]) for q in self.words.ranked]

    @property
    def is_filtered(self) -> bool:
        return any(conditions(self._schema, self.query))

    def anywhere(self, most: int) -> tuple[tantivy.Query, list[tantivy.Query]]:
        """Whatever the filters: the nearest with their scores by words, and what else has the words, as `others`."""
        nearest = among(self._schema, islice(self.meant.nearest if self.meant else (), most))
        near = tantivy.Query.boolean_query([(Occur.Must, unscored(nearest)), (Occur.Should, self.words.some)])
        without = (Occur.MustNot, nearest)
        return near, [tantivy.Query.boolean_query([(Occur.Must, query), without]) for query in self.words.ranked]

    def _conditions(self, without: str | None) -> Iterator[tantivy.Query]:
        yield from map(unscored, conditions(self._schema, self.query, without))
        yield from map(unscored, self.words.quoted)

    def _near(self, without: str | None) -> dict[str, Scored]:
        if self.meant is None or not self.meant.nearest:
            return {}
        wanted, alone = list(self.meant.nearest), self.meant.alone
        clauses = [(Occur.Must, query) for query in (unscored(among(self._schema, wanted)), *self._conditions(without))]
        query = tantivy.Query.boolean_query([*clauses, (Occur.Should, self.words.some)])
        found = self._view.named(self._view.searcher.search(query, LOOKED, count=False).hits)
        there = ((n, name, found[name]) for n, name in enumerate(wanted) if name in found)
        passing = ((name, scored) for n, name, scored in there if n < alone or scored[0])
        return dict(islice(passing, NEAREST))


def among(schema: tantivy.Schema, names: Iterable[str]) -> tantivy.Query:
    """Some documents, by id."""
    return tantivy.Query.term_set_query(schema, "key", [key_of(name) for name in names])


def everything(schema: tantivy.Schema) -> tantivy.Query:
    """All documents but the one that keeps the position; the other queries cannot find that one."""
    position = tantivy.Query.term_query(schema, "meta", POSITION, "basic")
    return tantivy.Query.boolean_query([(Occur.Must, tantivy.Query.all_query()), (Occur.MustNot, position)])
