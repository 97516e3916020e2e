"""The words of a query in Elasticsearch's terms, each way that a document can have them by a name of its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from hub.search.analysis import analyzer
from hub.search.base import Match, Query
from hub.search.documents import Declared
from hub.search.elasticsearch_fields import HOLE, safe
from hub.search.expansion import Meaning, Phrase, Question, Word
from hub.search.fields import concept_fields, text_field, text_fields
from hub.search.weights import (
    ALL_WORDS,
    BOOSTS,
    LEXICON,
    NEARBY,
    PROXIMITY,
    SLOP,
    SPELLING,
    TIE,
    rareness,
)

Clause = dict[str, Any]
Spellings = Mapping[str, Sequence[str]]  # word that no document has → words that are spelt much like it
NOTHING: Final[Clause] = {"match_none": {}}


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many documents there are, how many have a field, and how many a term in a field; left out where none has."""

    documents: int
    frequencies: Mapping[tuple[str, str], int]

    def has(self, field: str, term: str) -> bool:
        return (field, term) in self.frequencies

    def rareness(self, field: str, term: str) -> float:
        """The weight of a keyword, whose own score would be higher in a field that some documents lack."""
        return rareness(self.documents, self.frequencies[field, term])


def looked_up(question: Question, declared: Declared, spellings: Spellings) -> dict[str, list[str]]:
    """Field → the terms that a question may use there."""
    texts: dict[str, dict[str, None]] = {}
    phrases = [phrase for word in question.words for phrase in word.translations]
    phrases += [phrase for quoted in question.quoted for phrase in quoted]
    for word in question.words:
        for language, terms in word.terms.items():
            texts.setdefault(language, {}).update(dict.fromkeys(map(safe, terms)))
        for other in spellings.get(word.surface, ()):
            for language in word.terms:
                texts.setdefault(language, {}).update(dict.fromkeys(_spelt(other, language)))
    for phrase in phrases:
        texts.setdefault(phrase.language, {}).update(dict.fromkeys(safe(term) for _, term in phrase.terms))
    iris = [meaning.iri for meaning in question.meanings]
    fields = {text_field(part, language): list(terms) for language, terms in texts.items() for part in BOOSTS}
    return fields | {field: iris for field, _ in concept_fields(declared.keywords) if iris}


def unknown(question: Question, statistics: Statistics) -> list[Word]:
    """The words that no document has in any way, and that may be misspelt."""
    return [
        word
        for word in question.words
        if word.required
        and word.edits
        and not word.meanings
        and not any(_is_there(language, [safe(t)], statistics) for language, terms in word.terms.items() for t in terms)
        and not any(_is_there(p.language, [safe(t) for _, t in p.terms], statistics) for p in word.translations)
    ]


def _is_there(language: str, terms: Sequence[str], statistics: Statistics) -> bool:
    return any(all(statistics.has(text_field(part, language), term) for term in terms) for part in BOOSTS)


def _spelt(word: str, language: str) -> Sequence[str]:
    """The terms of another spelling."""
    return [safe(term) for term in analyzer(language).terms(word)[0]]


class Words:
    """A question against one view of an index. What no document has there is left out of every clause."""

    def __init__(
        self,
        declared: Declared,
        statistics: Statistics,
        query: Query,
        question: Question,
        spellings: Spellings,
        is_told: bool = True,
    ) -> None:
        """`is_told`: clauses have names, which say why a document was found; a search takes 41 ms so, 28 without."""
        self._declared, self._statistics, self._query, self._question = declared, statistics, query, question
        self._spellings, self._is_told = spellings, is_told
        self._told: list[Match | str] = []  # what each name of a clause tells: a word's match, or a concept's IRI
        self._words = {word.text: self._word(word) for word in question.words}

    def told(self, names: Iterable[str]) -> tuple[list[Match], list[str]]:
        """The matches of words and the concepts that names of clauses tell, in the order of the question."""
        found = dict.fromkeys(self._told[number] for number in sorted(map(int, names)))
        return [m for m in found if isinstance(m, Match)], [iri for iri in found if isinstance(iri, str)]

    def clause(self, is_plain: bool = False) -> Clause:
        """One or two words are all required; of more, a third may be missing, behind those that have all.

        Two words of which one is missing are another question (of "energy poverty", all that is about energy); a
        sentence that must match to its last word finds nothing. Words that are a stop word somewhere only add.
        `is_plain`: without the bonus for having all.
        """
        required, adding = self._required, self._adding
        if not required:
            return NOTHING
        enough = len(required) if len(required) <= 2 else len(required) - len(required) // 3
        if enough < len(required) and not is_plain:
            adding = [*adding, {"constant_score": {"filter": {"bool": {"must": required}}, "boost": ALL_WORDS}}]
        return {"bool": {"must": [anyone(required, enough)], "should": adding}}

    def some(self) -> Clause:
        """Any of the words: how a document is scored that is found by its meaning."""
        return anyone([*self._required, *self._adding])

    @property
    def _required(self) -> list[Clause]:
        return [self._words[word.text] for word in self._question.words if word.required]

    @property
    def _adding(self) -> list[Clause]:
        words = self._question.words
        adding = [self._words[word.text] for word in words if not word.required]
        return [*adding, *self._together([word for word in words if word.required])]

    @property
    def quoted(self) -> Iterator[Clause]:
        """What must stand in a text, word beside word."""
        for phrases in self._question.quoted:
            yield anyone([clause for phrase in phrases for _, clause in self._phrase(phrase, 0, 1.0)])

    def _named(self, told: Match | str) -> Clause:
        if not self._is_told:
            return {}
        self._told.append(told)
        return {"_name": str(len(self._told) - 1)}

    def _word(self, word: Word) -> Clause:
        """A word in any language's field, or a concept that it helps to name: that one's score, shared by its words."""
        ways = [*self._own(word), *self._translated(word), *self._misspelt(word)]
        ways += [clause for meaning in word.meanings for clause in self._meaning(meaning)]
        return best(ways)

    def _own(self, word: Word) -> Iterator[Clause]:
        for language, terms in word.terms.items():
            yield from self._said(word, Match(word.text, "", language), list(map(safe, terms)), 1.0)

    def _said(self, word: Word, match: Match, terms: Sequence[str], weight: float) -> Iterator[Clause]:
        """Any of some terms, in each part of the texts of the match's language."""
        for part, field, boost in text_fields(match.language, self._query.lang):
            for term in terms:
                if self._statistics.has(field, term):
                    yield _term(field, term, boost * weight, self._name(word, match._replace(part=part)))

    def _translated(self, word: Word) -> Iterator[Clause]:
        for phrase in word.translations:
            for part, clause in self._phrase(phrase, SLOP, LEXICON):
                match = Match(word.text, part, phrase.language, "lexicon", phrase.text)
                yield _with_name(clause, self._name(word, match))

    def _misspelt(self, word: Word) -> Iterator[Clause]:
        for other in self._spellings.get(word.surface, ()):
            for language in word.terms:
                match = Match(word.text, "", language, "spelling", other)
                yield from self._said(word, match, _spelt(other, language), SPELLING)

    def _name(self, word: Word, match: Match) -> Clause:
        return self._named(match) if word.required else {}

    def _together(self, words: Sequence[Word]) -> Iterator[Clause]:
        """Words beside one another in the query that stand together in a title or summary of its language."""
        language = self._query.language or self._query.lang
        for one, other in pairwise(words) if language else ():
            for part, field, boost in text_fields(language or "", self._query.lang):
                terms = [self._commonest(field, word, language or "") for word in (one, other)]
                if part != "body" and all(terms):
                    yield self._phrase_in(field, list(enumerate(terms)), NEARBY, boost * PROXIMITY)

    def _commonest(self, field: str, word: Word, language: str) -> str:
        """The form of a word that most documents have, whichever way it is inflected; "" where none has any."""
        frequencies = self._statistics.frequencies
        counted = [(frequencies.get((field, term), 0), term) for term in map(safe, word.terms.get(language, ()))]
        count, term = max(counted, default=(0, ""))
        return term if count else ""

    def _meaning(self, meaning: Meaning) -> Iterator[Clause]:
        """The concept or a narrower one as a tag, or one of its labels in a text; with a word's share of its score."""
        known, iri = self._statistics, meaning.iri
        for field, boost in concept_fields(self._declared.keywords):
            if known.has(field, iri):
                score = boost * known.rareness(field, iri) / meaning.length
                yield {"constant_score": {"filter": {"term": {field: iri}}, "boost": score, **self._named(iri)}}

    def _phrase(self, phrase: Phrase, slop: int, weight: float) -> Iterator[tuple[str, Clause]]:
        """The parts of a text that can have it, each with the clause."""
        terms = [(offset, safe(term)) for offset, term in phrase.terms]
        for part, field, boost in text_fields(phrase.language, self._query.lang):
            if all(self._statistics.has(field, term) for _, term in terms):
                yield part, self._phrase_in(field, terms, slop, boost * weight)

    @staticmethod
    def _phrase_in(field: str, terms: Sequence[tuple[int, str]], slop: int, boost: float) -> Clause:
        if len(terms) == 1:
            return _term(field, terms[0][1], boost, {})
        there = dict(terms)
        text = " ".join(there.get(place, HOLE) for place in range(terms[-1][0] + 1))
        return {"match_phrase": {field: {"query": text, "slop": slop, "boost": boost}}}


def _term(field: str, term: str, boost: float, name: Clause) -> Clause:
    return {"term": {field: {"value": term, "boost": boost, **name}}}


def best(clauses: Sequence[Clause]) -> Clause:
    """The best way counts, and each other one a little."""
    return {"dis_max": {"queries": list(clauses), "tie_breaker": TIE}} if clauses else NOTHING


def anyone(clauses: Sequence[Clause], enough: int = 1) -> Clause:
    return {"bool": {"should": list(clauses), "minimum_should_match": enough}} if clauses else NOTHING


def _with_name(clause: Clause, name: Clause) -> Clause:
    """A clause of a field with a name, which stands beside what is looked for there."""
    [(kind, inner)] = clause.items()
    [(field, wanted)] = inner.items()
    return {kind: {field: {**wanted, **name}}}
