"""The words of a query in tantivy's terms, each way that a document can have them by itself."""

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Final, NamedTuple

import tantivy
from tantivy import Occur

from hub.search.analysis import analyzer
from hub.search.base import Match, Query
from hub.search.documents import Declared
from hub.search.expansion import Meaning, Phrase, Question, Terms, Word
from hub.search.fields import concept_fields, text_fields
from hub.search.tantivy_fields import CONCEPTS
from hub.search.tantivy_filters import anyone, both
from hub.search.tantivy_generations import View
from hub.search.tantivy_spelling import spelt_alike
from hub.search.weights import (
    LEXICON,
    NEARBY,
    PROXIMITY,
    SLOP,
    SPELLING,
    TIE,
    rareness,
)

MISSPELT: Final = 8  # words of a query that other spellings are looked for; they take up to 9 ms each


class Way(NamedTuple):
    """How a document can have a word, told as a `Match`; each of the queries suffices."""

    match: Match
    queries: tuple[tantivy.Query, ...]

    @property
    def query(self) -> tantivy.Query:
        return anyone(self.queries)


class Words:
    """A question against one view of an index. What no document has there is left out of every query."""

    def __init__(
        self, schema: tantivy.Schema, declared: Declared, view: View, query: Query, question: Question
    ) -> None:
        self._schema, self._declared, self._view = schema, declared, view
        self._query, self._question = query, question
        self._misspelt_left = MISSPELT
        named = [meaning.iri for meaning in question.meanings if self._has(CONCEPTS, meaning.iri)]
        self.concepts = {iri: self._term(CONCEPTS, iri, "basic") for iri in named}
        self.ways = {word.text: [*self._ways(word)] for word in question.words}

    @cached_property
    def ranked(self) -> list[tantivy.Query]:
        """What has all words, and behind it what lacks a third of them: of one or two words none may be missing.

        Two words of which one is missing are another question (of "energy poverty", all that is about energy); a
        sentence that must match to its last word finds nothing. Words that are a stop word somewhere only add.
        """
        if not self._required:
            return []
        adding = [(Occur.Should, query) for query in self._adding]
        found = [tantivy.Query.boolean_query([(Occur.Must, both(*self._required)), *adding])]
        if self._enough < len(self._required):
            lacking = [(Occur.Must, anyone(self._required, self._enough)), (Occur.MustNot, both(*self._unscored))]
            found.append(tantivy.Query.boolean_query([*lacking, *adding]))
        return found

    @cached_property
    def unscored(self) -> tantivy.Query:
        """All that is found, without scores: counted in half of the time.

        Two of three, asked for as such, are counted by a heap of words, document by document: a quarter slower.
        """
        words = self._unscored
        if len(words) == 3 and self._enough == 2:
            first, second, third = words
            return anyone([both(third, anyone([first, second])), both(first, second)])
        return anyone(words, self._enough) if words else tantivy.Query.empty_query()

    @property
    def some(self) -> tantivy.Query:
        """Any of the words: how a document is scored that is found by its meaning."""
        return anyone([*self._required, *self._adding])

    @property
    def _enough(self) -> int:
        required = sum(word.required for word in self._question.words)
        return required if required <= 2 else required - required // 3

    @cached_property
    def _unscored(self) -> list[tantivy.Query]:
        """The required words, without scores: a concept is looked for in one field, not in thirty."""
        return [
            anyone([*self._by_itself(word), *(self.concepts[m.iri] for m in word.meanings if m.iri in self.concepts)])
            for word in self._question.words
            if word.required
        ]

    @cached_property
    def _required(self) -> list[tantivy.Query]:
        return [self._word(word) for word in self._question.words if word.required]

    @cached_property
    def _adding(self) -> list[tantivy.Query]:
        words = self._question.words
        adding = [self._word(word) for word in words if not word.required]
        return [*adding, *self._together([word for word in words if word.required])]

    @property
    def quoted(self) -> Iterator[tantivy.Query]:
        """What must stand in a text, word beside word."""
        for phrases in self._question.quoted:
            yield anyone(query for phrase in phrases for _, query in self._phrase(phrase, slop=0))

    def _word(self, word: Word) -> tantivy.Query:
        """A word in any language's field, or a concept that it helps to name: that one's score, shared by its words."""
        concepts = [query for meaning in word.meanings for query in self._meaning(meaning)]
        return tantivy.Query.disjunction_max_query([*self._by_itself(word), *concepts], TIE)

    def _by_itself(self, word: Word) -> list[tantivy.Query]:
        return [query for way in self.ways[word.text] for query in way.queries]

    def _ways(self, word: Word) -> Iterator[Way]:
        own = [*self._own(word), *self._translated(word)]
        is_unknown = word.required and not own and not word.meanings and word.edits > 0
        yield from self._misspelt(word) if is_unknown and self._misspelt_left else own

    def _own(self, word: Word) -> Iterator[Way]:
        for language, terms in word.terms.items():
            yield from self._said(Match(word.text, "", language), terms, 1.0)

    def _said(self, match: Match, terms: Terms, weight: float) -> Iterator[Way]:
        """Any of some terms, in each part of the texts of the match's language."""
        for part, field, boost in text_fields(match.language, self._query.lang):
            if there := [term for term in terms if self._has(field, term)]:
                queries = tuple([_boosted(self._term(field, term), boost * weight) for term in there])
                yield Way(match._replace(part=part), queries)

    def _translated(self, word: Word) -> Iterator[Way]:
        for phrase in word.translations:
            for part, query in self._phrase(phrase, SLOP):
                match = Match(word.text, part, phrase.language, "lexicon", phrase.text)
                yield Way(match, (_boosted(query, LEXICON),))

    def _misspelt(self, word: Word) -> Iterator[Way]:
        self._misspelt_left -= 1
        for other in spelt_alike(self._view.searcher, word.surface, word.edits):
            for language in word.terms:
                match = Match(word.text, "", language, "spelling", other)
                yield from self._said(match, analyzer(language).terms(other)[0], SPELLING)

    def _together(self, words: list[Word]) -> Iterator[tantivy.Query]:
        """Words beside one another in the query that stand together in a title or summary of its language."""
        language = self._query.language or self._query.lang
        for one, other in pairwise(words) if language else ():
            for part, field, boost in text_fields(language or "", self._query.lang):
                terms = [self._commonest(field, word, language or "") for word in (one, other)]
                if part != "body" and all(terms):
                    near = tantivy.Query.phrase_query(self._schema, field, list(enumerate(terms)), NEARBY)
                    yield _boosted(near, boost * PROXIMITY)

    def _commonest(self, field: str, word: Word, language: str) -> str:
        """The form of a word that most documents have, whichever way it is inflected; "" where none has any."""
        counted = [(self._view.frequency(field, term), term) for term in word.terms.get(language, ())]
        count, term = max(counted, default=(0, ""))
        return term if count else ""

    def _meaning(self, meaning: Meaning) -> list[tantivy.Query]:
        """Each way that a document has a concept, as a tag (it or a narrower one) or by a label in a text, with a
        word's share of its score: by its rareness alone, since BM25 takes tags in a field that few have for long
        texts."""
        if meaning.iri in self.concepts and meaning not in self._view.meanings:
            self._view.meanings[meaning] = [
                tantivy.Query.const_score_query(self._term(field, meaning.iri, "basic"), boost * rare / meaning.length)
                for field, boost in concept_fields(self._declared.keywords)
                if (rare := self._rareness(field, meaning.iri))
            ]
        return self._view.meanings.get(meaning, [])

    def _rareness(self, field: str, term: str) -> float:
        """0 where no document has it."""
        count = self._view.frequency(field, term)
        return rareness(self._view.searcher.num_docs, count) if count else 0.0

    def _phrase(self, phrase: Phrase, slop: int) -> Iterator[tuple[str, tantivy.Query]]:
        """The parts of a text that can have it, each with the query."""
        for part, field, boost in text_fields(phrase.language, self._query.lang):
            if all(self._has(field, term) for _, term in phrase.terms):
                if len(phrase.terms) == 1:
                    query = self._term(field, phrase.terms[0][1])
                else:
                    query = tantivy.Query.phrase_query(self._schema, field, list(phrase.terms), slop)
                yield part, _boosted(query, boost)

    def _term(self, field: str, term: str, option: str = "freq") -> tantivy.Query:
        """Without positions ("freq"), which cost a read and are no part of the score."""
        return tantivy.Query.term_query(self._schema, field, term, option)

    def _has(self, field: str, term: str) -> bool:
        """Whether any document has it; most of the languages and fields of a query are left out so."""
        return self._view.frequency(field, term) > 0


def _boosted(query: tantivy.Query, boost: float) -> tantivy.Query:
    return tantivy.Query.boost_query(query, boost)
