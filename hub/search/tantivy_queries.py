"""A `Query` in tantivy's terms."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final

import tantivy
from tantivy import Occur

from hub.errors import BadRequest
from hub.search.base import Query
from hub.search.dates import seconds
from hub.search.documents import Declared
from hub.search.expansion import Meaning, Phrase, Question, Word
from hub.search.tantivy_fields import (
    LONGEST_KEYWORD,
    POINTS,
    POSITION,
    date_field,
    keyword_field,
    text_field,
)

BOOSTS: Final = {"title": 3.0, "summary": 1.5, "body": 1.0}
OWN_LANGUAGE: Final = 1.3  # what is written in the caller's language, among equals
LABEL: Final = 0.7  # a concept's label in place of the words themselves
TAG: Final = 1.5  # the concept said by the record itself
TIE: Final = 0.1  # what a second field or language that has a word adds to the best one
ALL_WORDS: Final = 10_000.0  # above any sum of scores: a record with all words comes before one without
SLOP: Final = 1  # words between those of a label: energy (of the) community

Clause = tuple[Occur, tantivy.Query]


class Asked:
    """One query against one view of an index."""

    def __init__(
        self,
        schema: tantivy.Schema,
        declared: Declared,
        searcher: tantivy.Searcher,
        query: Query,
        question: Question,
    ) -> None:
        self._schema, self._declared, self._searcher = schema, declared, searcher
        self.query, self.question = query, question
        self._check(query.filters, "filters", declared.keywords)
        self._check(query.facets, "facets", declared.keywords)
        self._check(query.dates, "dates", declared.dates)
        self.in_texts = {word.text: self._in_texts(word) for word in question.words}
        self.by_meaning = {meaning.iri: self._meaning(meaning) for meaning in question.meanings}

    @staticmethod
    def _check(keys: Iterable[str], what: str, allowed: Sequence[str]) -> None:
        for key in keys:
            if key not in allowed:
                raise BadRequest(what, key, ", ".join(allowed))

    def whole(self, without: str | None = None) -> tantivy.Query:
        """All conditions; a facet leaves out its own filter."""
        clauses = [(Occur.Must, self._text)] if self.query.q.strip() else [(Occur.Must, everything(self._schema))]
        filters = self._filters(without)
        clauses += [(Occur.Must, tantivy.Query.const_score_query(condition, 0.0)) for condition in filters]
        return tantivy.Query.boolean_query(clauses)

    def _filters(self, without: str | None) -> Iterator[tantivy.Query]:
        for key, values in self.query.filters.items():
            if values and key != without:
                yield self._one_of(keyword_field(key), key, values)
        for key, (first, last) in self.query.dates.items():
            if first or last:
                yield self._between(key, first, last)
        if self.query.bbox:
            yield _any(self._box(n, *self.query.bbox) for n in range(POINTS))

    def _one_of(self, field: str, key: str, values: Sequence[str]) -> tantivy.Query:
        for value in values:
            if any(0xD800 <= ord(c) <= 0xDFFF for c in value):
                raise BadRequest(key, ascii(value), "text without lone surrogates")
        return tantivy.Query.term_set_query(self._schema, field, [value[:LONGEST_KEYWORD] for value in values])

    def _between(self, key: str, first: str | None, last: str | None) -> tantivy.Query:
        return tantivy.Query.range_query(
            self._schema,
            date_field(key),
            tantivy.FieldType.Integer,
            seconds(first) if first else None,
            seconds(last, last=True) if last else None,
        )

    def _box(self, n: int, west: float, south: float, east: float, north: float) -> tantivy.Query:
        """Whether the point in slot n lies in the box; a box with west > east goes over the antimeridian."""
        spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        longitude = _any(self._span(f"lon_{n}", *span) for span in spans)
        latitude = self._span(f"lat_{n}", south, north)
        return tantivy.Query.boolean_query([(Occur.Must, latitude), (Occur.Must, longitude)])

    def _span(self, field: str, low: float, high: float) -> tantivy.Query:
        return tantivy.Query.range_query(self._schema, field, tantivy.FieldType.Float, float(low), float(high))

    @cached_property
    def _text(self) -> tantivy.Query:
        """The words. One or two are all required; of more, a third may be missing, behind those that have all.

        Two words of which one is missing are another question (of "energy poverty", all that is about energy); a
        sentence that must match to its last word finds nothing. Words that are a stop word somewhere only add.
        """
        required = [self.word(word) for word in self.question.words if word.required]
        optional = [self.word(word) for word in self.question.words if not word.required]
        if not required:
            return tantivy.Query.empty_query()
        enough = len(required) if len(required) <= 2 else len(required) - len(required) // 3
        clauses = [(Occur.Must, _any(required, enough))]
        clauses += [(Occur.Should, query) for query in optional]
        if enough < len(required):
            every = tantivy.Query.boolean_query([(Occur.Must, query) for query in required])
            clauses.append((Occur.Should, tantivy.Query.const_score_query(every, ALL_WORDS)))
        return tantivy.Query.boolean_query(clauses)

    def word(self, word: Word) -> tantivy.Query:
        """A word in any language's field, or a concept that it helps to name: that one's score, shared by its words."""
        ways = [tantivy.Query.boost_query(self.by_meaning[m.iri], 1 / m.length) for m in word.meanings]
        return tantivy.Query.disjunction_max_query([self.in_texts[word.text], *ways], TIE)

    def _in_texts(self, word: Word) -> tantivy.Query:
        """A word in any language's fields, by any of its terms there."""
        ways = [
            tantivy.Query.boost_query(self._term(field, term), boost)
            for language, terms in word.terms.items()
            for field, boost in self._fields(language)
            for term in terms
            if self._has(field, term)
        ]
        return tantivy.Query.disjunction_max_query(ways, TIE)

    def _term(self, field: str, term: str) -> tantivy.Query:
        """Without positions ("freq"), which cost a read and are no part of the score."""
        return tantivy.Query.term_query(self._schema, field, term, "freq")

    def _has(self, field: str, term: str) -> bool:
        """Whether any document has it; most of the languages and fields of a query are left out so."""
        return self._searcher.doc_freq(field, term) > 0

    def _fields(self, language: str) -> Iterator[tuple[str, float]]:
        own = OWN_LANGUAGE if language == self.query.lang else 1.0
        for weight, boost in BOOSTS.items():
            yield text_field(weight, language), boost * own

    def _meaning(self, meaning: Meaning) -> tantivy.Query:
        """The concept or a narrower one as a tag, or one of its labels in a text."""
        tagged = [keyword_field(key) for key in self._declared.keywords if self._has(keyword_field(key), meaning.iri)]
        ways = [
            tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, field, meaning.iri, "basic"), TAG)
            for field in tagged
        ]
        ways += [query for phrase in meaning.phrases for query in self._phrase(phrase)]
        return tantivy.Query.disjunction_max_query(ways, TIE)

    def _phrase(self, phrase: Phrase) -> Iterator[tantivy.Query]:
        for field, boost in self._fields(phrase.language):
            if not all(self._has(field, term) for _, term in phrase.terms):
                continue
            if len(phrase.terms) == 1:
                query = self._term(field, phrase.terms[0][1])
            else:
                query = tantivy.Query.phrase_query(self._schema, field, list(phrase.terms), SLOP)
            yield tantivy.Query.boost_query(query, boost * LABEL)

    def among(self, ids: Sequence[str], query: tantivy.Query) -> tantivy.Query:
        """Those of some documents that match."""
        ours = tantivy.Query.term_set_query(self._schema, "id", ids)
        return tantivy.Query.boolean_query([(Occur.Must, ours), (Occur.Must, query)])


def everything(schema: tantivy.Schema) -> tantivy.Query:
    """All documents but the one that keeps the position; the other queries cannot find that one."""
    position = tantivy.Query.term_query(schema, "meta", POSITION, "basic")
    return tantivy.Query.boolean_query([(Occur.Must, tantivy.Query.all_query()), (Occur.MustNot, position)])


def _any(queries: Iterable[tantivy.Query], enough: int = 1) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Should, query) for query in queries], enough)
