"""Concepts that texts name, by one of their labels.

A document is indexed with them, so a query asks for a concept as for one term, not for each of its labels, which are
some 100 phrases.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain, product
from typing import Final, NamedTuple

from hub.languages import LANGUAGES
from hub.profile import Concept, Profile
from hub.search.analysis import Terms, analyzer
from hub.search.base import Document
from hub.search.expansion import labels_of, phrases, searchable
from hub.search.fields import text_field
from hub.search.weights import SLOP

Following = tuple[tuple[int, str], ...]  # (offset from the first word, term) of each further word of a label

# How far words may stand from where a label has them: one word between, or one missing, such as its stop word; those
# of a label of two words may be the parts of one compound.
_SHIFTS: Final = (range(SLOP + 1), range(-SLOP, 1))


@dataclass(frozen=True, slots=True)
class _Begun:
    """The labels that begin with one term: of concepts of one word, and the others by their second term."""

    alone: list[str] = field(default_factory=list)
    longer: dict[str, list[tuple[Following, str]]] = field(default_factory=dict)


class Said(NamedTuple):
    """What the texts of a document say: by field the alternatives at each position of each passage, and by part of
    the texts the concepts that are named there, in whatever language."""

    words: Mapping[str, Sequence[Sequence[Terms]]]
    concepts: Mapping[str, Set[str]]


class Labels:
    """The labels, in seven languages, of the concepts that records can be found by."""

    def __init__(self, profile: Profile) -> None:
        self._begun: dict[str, dict[str, _Begun]] = {language: {} for language in LANGUAGES}
        self._reach = 1  # places that a label can stand in
        for concept, language in product(searchable(profile), LANGUAGES):
            for (_, first), *following in _phrases(concept, language):
                begun = self._begun[language].setdefault(first, _Begun())
                if following:
                    begun.longer.setdefault(following[0][1], []).append((tuple(following), concept.iri))
                    self._reach = max(self._reach, following[-1][0] + SLOP + 1)
                else:
                    begun.alone.append(concept.iri)

    def said(self, document: Document) -> Said:
        """It takes twice as long as the analysis alone: of 130 words 0.3 ms."""
        words: dict[str, list[list[Terms]]] = {}
        concepts: dict[str, set[str]] = {}
        for part, texts in document.texts.items():
            for language, passages in texts.items():
                read = words[text_field(part, language)] = [analyzer(language).terms(passage) for passage in passages]
                concepts.setdefault(part, set()).update(*(self.named(passage, language) for passage in read))
        return Said(words, concepts)

    def named(self, words: Sequence[Terms], language: str) -> Iterator[str]:
        """The concepts of a text, given as alternatives at each position; none where the hub does not speak it."""
        begun = self._begun.get(language, {})
        for place, alternatives in enumerate(words):
            if not begun.keys().isdisjoint(alternatives):
                yield from self._named(words, place, [begun[term] for term in alternatives if term in begun])

    def _named(self, words: Sequence[Terms], place: int, begun: Sequence[_Begun]) -> Iterator[str]:
        near = frozenset(chain.from_iterable(words[place : place + self._reach]))
        for labels in begun:
            yield from labels.alone
            for second in labels.longer.keys() & near:
                yield from (iri for following, iri in labels.longer[second] if _follows(words, place, following))


def _phrases(concept: Concept, language: str) -> Iterator[tuple[tuple[int, str], ...]]:
    found = (phrase.terms for label in labels_of(concept, language) for phrase in phrases(label, language))
    yield from dict.fromkeys(found)


def _follows(words: Sequence[Terms], place: int, following: Following) -> bool:
    return any(all(_is_near(words, place + offset, term, shifts) for offset, term in following) for shifts in _SHIFTS)


def _is_near(words: Sequence[Terms], place: int, term: str, shifts: range) -> bool:
    return any(term in alternatives for alternatives in words[place + shifts.start : place + shifts.stop])


def digest(profile: Profile) -> str:
    """Changes with any label, and with which concepts records can be found by."""
    told = [(c.iri, language, labels_of(c, language)) for c in searchable(profile) for language in LANGUAGES]
    return hashlib.sha256(repr(sorted(told)).encode()).hexdigest()
