"""Words as labels, translations and queries have them: several in a row without stop words, and one word's parts."""

from collections.abc import Iterator, Sequence
from typing import Final

from hub.search.analysis import Terms, Token
from hub.search.compounds import splitter
from hub.search.stopwords import NEGATIONS, STOPWORDS

_SILENT: Final = {language: words - NEGATIONS for language, words in STOPWORDS.items()}


def telling(tokens: Sequence[Token], language: str) -> list[int]:
    """The places of the tokens that are no stop words, or negate; all places where there are only stop words."""
    return telling_surfaces([token.forms[0] for token in tokens], language)


def telling_surfaces(surfaces: Sequence[str], language: str) -> list[int]:
    silent = _SILENT[language]
    return [n for n, surface in enumerate(surfaces) if surface not in silent] or list(range(len(surfaces)))


def steps(tokens: Sequence[Token]) -> Iterator[Terms]:
    """A sequence of tokens as the surfaces, as the first stems, and so on."""
    return zip(*(token.forms for token in tokens), strict=True)


def parts(word: str, language: str) -> tuple[str, ...]:
    """The lemmas that a compound is made of, those that are compounds before their own; none of any other word."""
    split = splitter(language)
    return tuple(part.lemma for part in split.parts(word.casefold())) if split else ()
