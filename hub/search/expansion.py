"""What a query asks of any engine: its words as terms of each language, and the concepts that they name.

A concept is found by its label or alternative label in any of the seven languages, inflected or not, and stands for
its words: a text in another language that has one of its labels, or a record tagged with it or a narrower concept, has
the words. Labels are read from the vocabularies at the time of the query, so a changed label needs no new index.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hub.languages import LANGUAGES
from hub.profile import Concept, Profile
from hub.search.analysis import Token, analyzer
from hub.search.base import OTHER
from hub.search.stopwords import NEGATIONS, STOPWORDS

MAX_WORDS: Final = 40  # different words of a query that are looked up; the rest of a pasted page adds time, no sense
TEXT_LANGUAGES: Final = (*LANGUAGES, OTHER)
_EVERY_STOPWORD: Final = frozenset[str]().union(*STOPWORDS.values())
_SILENT: Final = {language: words - NEGATIONS for language, words in STOPWORDS.items()}

Terms = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A label in one language: (offset, term) of each word that is no stop word, beginning at offset 0."""

    language: str
    terms: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A concept that the query names with `length` of its words."""

    iri: str
    length: int
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the query: its terms in each language where it is no stop word, and the concepts that it helps to name.

    A word that is a stop word in any of the languages is not required, since the query's own is not known.
    """

    text: str
    terms: Mapping[str, Terms]
    required: bool
    meanings: tuple[Meaning, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    words: tuple[Word, ...]
    meanings: tuple[Meaning, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A label in the query: the places of its first and last token, and of those between that are no stop words."""

    places: tuple[int, ...]
    language: str
    iri: str

    @property
    def span(self) -> tuple[int, int]:
        return self.places[0], self.places[-1]


def _telling(tokens: Sequence[Token], language: str) -> list[int]:
    """The places of the tokens that are no stop words, or negate; all places where there are only stop words."""
    silent = _SILENT[language]
    return [n for n, token in enumerate(tokens) if token.forms[0] not in silent] or list(range(len(tokens)))


def _steps(tokens: Sequence[Token]) -> Iterator[Terms]:
    """A sequence of tokens as the surfaces, as the first stems, and so on."""
    return zip(*(token.forms for token in tokens), strict=True)


def _labels(concept: Concept, language: str) -> tuple[str, ...]:
    label = concept.labels.get(language)
    return ((label,) if label else ()) + tuple(concept.alternatives.get(language, ()))


class Expansion:
    """The labels of the concepts that records can be found by: those of the facets' schemes."""

    def __init__(self, profile: Profile) -> None:
        schemes = {field.scheme for field in profile.facets}
        concepts = [concept for concept in profile.concepts.values() if concept.scheme in schemes]
        self._concepts = {concept.iri: concept for concept in concepts}
        self._by_label: dict[str, dict[Terms, list[str]]] = {language: {} for language in LANGUAGES}
        for concept in concepts:
            for language in LANGUAGES:
                self._learn(concept, language)
        self._longest = max((len(key) for labels in self._by_label.values() for key in labels), default=0)
        self._phrases: dict[str, tuple[Phrase, ...]] = {}

    def _learn(self, concept: Concept, language: str) -> None:
        for label in _labels(concept, language):
            tokens = analyzer(language).tokens(label)
            for key in _steps([tokens[place] for place in _telling(tokens, language)]):
                known = self._by_label[language].setdefault(key, [])
                if concept.iri not in known:
                    known.append(concept.iri)

    def question(self, text: str, language: str | None = None) -> Question:
        """`language` is tried first: where it knows a label, the same words are no label of another language."""
        analysed = {code: analyzer(code).tokens(text) for code in TEXT_LANGUAGES}
        found = _chosen([label for code in LANGUAGES for label in self._find(analysed[code], code)], language)
        meanings: dict[str, Meaning] = {}
        naming: dict[int, list[str]] = {}
        for label in found:
            meanings.setdefault(label.iri, Meaning(label.iri, len(label.places), self._phrases_of(label.iri)))
            for place in label.places:
                naming.setdefault(place, []).append(label.iri)
        words = _words(text, analysed, {n: [meanings[iri] for iri in iris] for n, iris in naming.items()})
        return Question(words, tuple(meanings.values()))

    def _find(self, tokens: Sequence[Token], language: str) -> Iterator[_Found]:
        """Every sequence of tokens that is a label in this language, stop words between them aside."""
        labels, telling = self._by_label[language], _telling(tokens, language)
        for first in range(len(telling)):
            for length in range(1, min(self._longest, len(telling) - first) + 1):
                places = tuple(telling[first : first + length])
                for key in dict.fromkeys(_steps([tokens[place] for place in places])):
                    yield from (_Found(places, language, iri) for iri in labels.get(key, ()))

    def _phrases_of(self, iri: str) -> tuple[Phrase, ...]:
        """All labels of a concept, as the stems that a text would have."""
        if iri not in self._phrases:
            self._phrases[iri] = tuple(dict.fromkeys(self._all_phrases(self._concepts[iri])))
        return self._phrases[iri]

    @staticmethod
    def _all_phrases(concept: Concept) -> Iterator[Phrase]:
        for language in LANGUAGES:
            for label in _labels(concept, language):
                tokens = analyzer(language).tokens(label)
                places = _telling(tokens, language)
                for stems in list(_steps([tokens[place] for place in places]))[1:]:
                    offsets = (place - places[0] for place in places)
                    yield Phrase(language, tuple(zip(offsets, stems, strict=True)))


def _chosen(found: list[_Found], language: str | None) -> list[_Found]:
    """The longest labels; on the same words all concepts, but those of `language` alone where it has one."""
    found = sorted(found, key=lambda label: (-len(label.places), label.language != language, label.span))
    taken: dict[tuple[int, int], str] = {}  # span → the language that took it
    chosen: dict[tuple[str, tuple[int, int]], _Found] = {}
    for label in found:
        first, last = label.span
        overlaps = [span for span in taken if span[0] <= last and first <= span[1]]
        if overlaps not in ([], [label.span]) or (overlaps and taken[label.span] == language != label.language):
            continue
        taken.setdefault(label.span, label.language)
        chosen.setdefault((label.iri, label.span), label)
    return list(chosen.values())


def _words(
    text: str, analysed: Mapping[str, Sequence[Token]], meanings: Mapping[int, Sequence[Meaning]]
) -> tuple[Word, ...]:
    """The different words of the query, each with all that its occurrences name."""
    surfaces = [token.forms[0] for token in analysed[OTHER]]
    only_stopwords = all(surface in _EVERY_STOPWORD for surface in surfaces)
    places: dict[str, list[int]] = {}
    for place, surface in enumerate(surfaces):
        places.setdefault(surface, []).append(place)
    words = []
    for surface, occurrences in list(places.items())[:MAX_WORDS]:
        token = analysed[OTHER][occurrences[0]]
        terms = {
            code: tokens[occurrences[0]].alternatives
            for code, tokens in analysed.items()
            if only_stopwords or surface not in STOPWORDS.get(code, ())
        }
        required = only_stopwords or surface not in _EVERY_STOPWORD
        named = dict.fromkeys(meaning for place in occurrences for meaning in meanings.get(place, ()))
        words.append(Word(text[token.start : token.end], terms, required, tuple(named)))
    return tuple(words)
