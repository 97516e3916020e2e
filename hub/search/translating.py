"""Which words of a query a lexicon knows, alone or with their neighbours, and what it translates them to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from hub.languages import LANGUAGES
from hub.search.analysis import Token
from hub.search.lexicon import MAX_WORDS, Lexicon, keys, keys_of
from hub.search.steps import parts, telling
from hub.search.stopwords import STOPWORDS

MAX_PLACES: Final = 40  # words of a query that are looked up

Translated = Mapping[int, tuple[tuple[str, str], ...]]  # place → (language, text)


@dataclass(frozen=True, slots=True)
class _Entry:
    """Words of the query, by their places, that have an entry; `rank` is their number, or 0 for a part of a word."""

    places: tuple[int, ...]
    keys: tuple[str, ...]
    rank: int


@dataclass(frozen=True, slots=True)
class _Spoken:
    """The query as of one language: its entries, the longest first, and how many of its words are of the language."""

    entries: tuple[_Entry, ...]
    words: int

    def of(self, place: int) -> list[_Entry]:
        return [entry for entry in self.entries if place in entry.places]


def translations(
    lexicon: Lexicon, text: str, analysed: Mapping[str, Sequence[Token]], language: str | None
) -> Translated:
    """For each place of the query that a lexicon has, in the query's language.

    Where that is not said, a word is taken as of those languages that most words of the query are of, or where none of
    these has it, as of any that has it.
    """
    codes = (language,) if language else LANGUAGES
    spoken = {code: _spoken(lexicon, text, analysed[code], code) for code in codes}
    most = max(one.words for one in spoken.values())
    likely = {code: one for code, one in spoken.items() if one.words == most}
    found = {}
    for place in range(min(MAX_PLACES, max(len(analysed[code]) for code in codes))):
        own = [pair for code, one in likely.items() for pair in _of(lexicon, code, one.of(place))]
        if not own:
            own = [pair for code, one in spoken.items() for pair in _of(lexicon, code, one.of(place))]
        if own:
            found[place] = tuple(dict.fromkeys(own))
    return found


def _spoken(lexicon: Lexicon, text: str, tokens: Sequence[Token], language: str) -> _Spoken:
    tokens = tokens[:MAX_PLACES]
    wanted = list(_sequences(text, tokens, language))
    known = lexicon.known(language, (key for entry in wanted for key in entry.keys))
    entries = sorted((entry for entry in wanted if known.intersection(entry.keys)), key=lambda e: -e.rank)
    words = {place for entry in entries for place in entry.places}
    words |= {n for n, token in enumerate(tokens) if token.forms[0] in STOPWORDS[language]}
    return _Spoken(tuple(entries), len(words))


def _sequences(text: str, tokens: Sequence[Token], language: str) -> Iterator[_Entry]:
    """Every sequence of words that may be an entry, stop words between them aside; then the parts of compounds.

    Dachdämmung is in no dictionary, Dach and Dämmung are.
    """
    places = telling(tokens, language)
    for first in range(len(places)):
        for length in range(1, min(MAX_WORDS, len(places) - first) + 1):
            own = tuple(places[first : first + length])
            found = keys_of(text, [tokens[place] for place in own], language)
            if found:
                yield _Entry(own, found, length)
    for place in places:
        for part in parts(text[tokens[place].start : tokens[place].end], language):
            yield _Entry((place,), keys(part, language), 0)


def _of(lexicon: Lexicon, language: str, entries: Sequence[_Entry]) -> Iterator[tuple[str, str]]:
    """Into each language from the longest entry that has a translation there, or from all parts of a compound."""
    there: set[str] = set()
    for _, alike in groupby(entries, key=lambda entry: entry.rank):
        new: set[str] = set()
        for entry in alike:
            found = lexicon.translations(language, entry.keys)
            yield from ((target, text) for target, texts in found.items() if target not in there for text in texts)
            new |= found.keys()
        there |= new
