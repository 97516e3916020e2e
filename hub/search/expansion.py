"""What a query asks of any engine: its words as terms of each language, and the concepts that they name.

A concept is found by its label or alternative label in any of the seven languages, inflected or not, and stands for
its words: a text in another language that has one of its labels, or a record tagged with it or a narrower concept, has
the words. Where bilingual lexicons are imported, other words have their translations.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from hub.languages import LANGUAGES
from hub.profile import Concept, Profile
from hub.search.analysis import Token, analyzer, runs
from hub.search.base import OTHER
from hub.search.lexicon import Lexicon
from hub.search.steps import parts, steps, telling
from hub.search.stopwords import STOPWORDS
from hub.search.translating import translations

MAX_PHRASES: Final = 20_000  # kept; about 500 bytes each
MAX_QUOTED: Final = 10
MAX_WORDS: Final = 40  # different words of a query that are looked up; the rest of a pasted page adds time, no sense
TEXT_LANGUAGES: Final = (*LANGUAGES, OTHER)
_EVERY_STOPWORD: Final = frozenset[str]().union(*STOPWORDS.values())
# Straight quotes are typed on purpose. “These” come with a text that is pasted, unless they stand around all of it, as
# telephones type them.
QUOTED: Final = re.compile(r'"([^"]+)"|^\s*[“”„«]([^“”„«»"]+)[“”»]\s*$')

Terms = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in one language: (offset, term) of each that is no stop word, beginning at offset 0; `text` as written."""

    language: str
    terms: tuple[tuple[int, str], ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A concept that the query names with `length` of its words."""

    iri: str
    length: int


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the query: its terms in each language where it is no stop word, and the concepts that it helps to name.

    A word that is a stop word in any of the languages is not required, since the query's own is not known. Where no
    document has it, words that differ from `surface` by at most `edits` letters stand for it; a code has none.
    `translations` are words or phrases of other languages, as a lexicon has them.
    """

    text: str
    terms: Mapping[str, Terms]
    required: bool
    meanings: tuple[Meaning, ...] = ()
    surface: str = ""
    edits: int = 0
    translations: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """`quoted`: what must stand in a text, word beside word: each as a phrase of every language's surfaces."""

    words: tuple[Word, ...]
    meanings: tuple[Meaning, ...]
    quoted: tuple[tuple[Phrase, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """A label in the query: the places of its first and last token, and of those between that are no stop words."""

    places: tuple[int, ...]
    language: str
    iri: str
    whole: bool = True  # not only a part of a compound

    @property
    def span(self) -> tuple[int, int]:
        return self.places[0], self.places[-1]


def searchable(profile: Profile) -> list[Concept]:
    """The concepts that records can be found by: those of the facets' schemes."""
    schemes = {field.scheme for field in profile.facets}
    return [concept for concept in profile.concepts.values() if concept.scheme in schemes]


def labels_of(concept: Concept, language: str) -> tuple[str, ...]:
    label = concept.labels.get(language)
    return ((label,) if label else ()) + tuple(concept.alternatives.get(language, ()))


class Expansion:
    """The labels of the concepts that records can be found by; and a lexicon."""

    def __init__(self, profile: Profile, lexicon: Lexicon | None = None) -> None:
        self._lexicon = lexicon
        self._by_label: dict[str, dict[Terms, list[str]]] = {language: {} for language in LANGUAGES}
        self._by_parts: dict[str, dict[Terms, list[str]]] = {language: {} for language in LANGUAGES}
        for concept in searchable(profile):
            for language in LANGUAGES:
                self._learn(concept, language)
        self._longest = max((len(key) for labels in self._by_label.values() for key in labels), default=0)
        self._begins = {language: {key[0] for key in labels} for language, labels in self._by_label.items()}

    def _learn(self, concept: Concept, language: str) -> None:
        for label in labels_of(concept, language):
            tokens = analyzer(language).tokens(label)
            for key in steps([tokens[place] for place in telling(tokens, language)]):
                known = self._by_label[language].setdefault(key, [])
                if concept.iri not in known:
                    known.append(concept.iri)
            if len(tokens) == 1:
                made_of = _stems(parts(label, language) or (label,), language)
                self._by_parts[language].setdefault(made_of, []).append(concept.iri)

    def question(self, text: str, language: str | None = None) -> Question:
        """`language` is tried first: where it knows a label, the same words are no label of another language."""
        written = runs(text)
        own = analyzer(language) if language else None
        foreign = {run for _, run in written if own and own.knows(run)}
        analysed = {
            code: analyzer(code).read(written, frozenset() if code == language else foreign) for code in TEXT_LANGUAGES
        }
        labels = [label for code in LANGUAGES for label in self._find(analysed[code], code)]
        for code in (language,) if language else LANGUAGES:
            labels += self._find_parts(text, analysed[code], code)
        found = _chosen(labels, language)
        meanings: dict[str, Meaning] = {}
        naming: dict[int, list[str]] = {}
        for label in found:
            meanings.setdefault(label.iri, Meaning(label.iri, len(label.places)))
            for place in label.places:
                naming.setdefault(place, []).append(label.iri)
        named = {n: [meanings[iri] for iri in iris] for n, iris in naming.items()}
        words = _words(text, analysed, named, self._translated(text, analysed, language))
        return Question(words, tuple(meanings.values()), tuple(_quoted(text)))

    def _find(self, tokens: Sequence[Token], language: str) -> Iterator[_Found]:
        """Every sequence of tokens that is a label in this language, stop words between them aside."""
        labels, words = self._by_label[language], telling(tokens, language)
        begins = self._begins[language]
        for first in (n for n, place in enumerate(words) if not begins.isdisjoint(tokens[place].forms)):
            for length in range(1, min(self._longest, len(words) - first) + 1):
                places = tuple(words[first : first + length])
                for key in dict.fromkeys(steps([tokens[place] for place in places])):
                    yield from (_Found(places, language, iri) for iri in labels.get(key, ()))

    def _find_parts(self, text: str, tokens: Sequence[Token], language: str) -> Iterator[_Found]:
        """Labels in compounds that are none themselves: Energiegemeinschaft in Energiegemeinschaftsmodell."""
        for place in telling(tokens, language):
            inner = _stems(parts(text[tokens[place].start : tokens[place].end], language), language)
            for iri in self._in_compound(inner, language):
                yield _Found((place,), language, iri, whole=False)

    def _in_compound(self, inner: Terms, language: str) -> Iterator[str]:
        """The concepts of labels that have these parts, or as many of them in a row as any label has."""
        labels = self._by_parts[language]
        for length in range(len(inner), 0, -1):
            rows = [inner[first : first + length] for first in range(len(inner) - length + 1)]
            if found := [iri for row in rows for iri in labels.get(row, ())]:
                yield from found
                return

    def _translated(
        self, text: str, analysed: Mapping[str, Sequence[Token]], language: str | None
    ) -> dict[int, list[Phrase]]:
        """Place in the query → what stands there in other languages."""
        lexicon = self._lexicon if self._lexicon and self._lexicon.is_there() else None
        found = translations(lexicon, text, analysed, language) if lexicon else {}
        return {
            place: [phrase for code, written in pairs for phrase in phrases(written, code)]
            for place, pairs in found.items()
        }


@lru_cache(MAX_PHRASES)
def phrases(text: str, language: str) -> tuple[Phrase, ...]:
    """Words as the stems that a text would have, each way once."""
    tokens = analyzer(language).tokens(text)
    places = telling(tokens, language)
    offsets = [place - places[0] for place in places]
    ways = dict.fromkeys(list(steps([tokens[place] for place in places]))[1:])
    return tuple(Phrase(language, tuple(zip(offsets, stems, strict=True)), text) for stems in ways)


def _stems(words: Sequence[str], language: str) -> Terms:
    return tuple(analyzer(language).tokens(word)[0].forms[-1] for word in words)


def _chosen(found: list[_Found], language: str | None) -> list[_Found]:
    """The longest labels, parts of words last; on the same words all concepts, but of `language` where it has one."""
    found = sorted(
        found, key=lambda label: (-len(label.places), not label.whole, label.language != language, label.span)
    )
    taken: dict[tuple[int, int], _Found] = {}
    chosen: dict[tuple[str, tuple[int, int]], _Found] = {}
    for label in found:
        first, last = label.span
        overlaps = [span for span in taken if span[0] <= last and first <= span[1]]
        if overlaps not in ([], [label.span]):
            continue
        one = taken.setdefault(label.span, label)
        if one.whole == label.whole and (one.language != language or label.language == language):
            chosen.setdefault((label.iri, label.span), label)
    return list(chosen.values())


def _quoted(text: str) -> Iterator[tuple[Phrase, ...]]:
    """What stands between two double quotes; a quote without its second means nothing."""
    for quoted in list(dict.fromkeys(found[1] or found[2] for found in QUOTED.finditer(text)))[:MAX_QUOTED]:
        surfaces = [token.forms[0] for token in analyzer(OTHER).tokens(quoted)]
        if surfaces:
            terms = tuple(enumerate(surfaces))
            yield tuple(Phrase(language, terms, quoted) for language in TEXT_LANGUAGES)


def _edits(surface: str) -> int:
    """How many letters may be wrong, by length: one of a short word makes it another word; a code has none."""
    if len(surface) < 5 or any(character.isdigit() for character in surface):
        return 0
    return 1 if len(surface) < 9 else 2


def _words(
    text: str,
    analysed: Mapping[str, Sequence[Token]],
    meanings: Mapping[int, Sequence[Meaning]],
    translated: Mapping[int, Sequence[Phrase]],
) -> tuple[Word, ...]:
    """The different words of the query, each with all that its occurrences name and are translated to."""
    surfaces = [token.forms[0] for token in analysed[OTHER]]
    only_stopwords = all(surface in _EVERY_STOPWORD for surface in surfaces)
    places: dict[str, list[int]] = {}
    for place, surface in enumerate(surfaces):
        places.setdefault(surface, []).append(place)
    words = []
    for surface, occurrences in list(places.items())[:MAX_WORDS]:
        token = analysed[OTHER][occurrences[0]]
        terms = {
            code: tokens[occurrences[0]].own
            for code, tokens in analysed.items()
            if only_stopwords or surface not in STOPWORDS.get(code, ())
        }
        required = only_stopwords or surface not in _EVERY_STOPWORD
        named = dict.fromkeys(meaning for place in occurrences for meaning in meanings.get(place, ()))
        shown, edits = text[token.start : token.end], _edits(surface)
        others = tuple(dict.fromkeys(phrase for place in occurrences for phrase in translated.get(place, ())))
        words.append(Word(shown, terms, required, tuple(named), surface, edits, others))
    return tuple(words)
