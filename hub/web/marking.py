"""The words of a text that a query asked for, marked; by the analysis that found them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from markupsafe import Markup, escape

from hub.languages import LANGUAGES
from hub.profile import Concept
from hub.search.analysis import Token, analyzer
from hub.search.expansion import labels_of
from hub.search.stopwords import STOPWORDS

_STOPWORDS: Final = frozenset[str]().union(*STOPWORDS.values())
Phrase = Sequence[frozenset[str]]  # the terms of each word


class Marker:
    """Marks the words of a query, and the labels of the concepts that it names, in texts of any language.

    A word is marked whole where a part of it was asked for. Of a label only the whole stands for the concept, not its
    parts: of "solenergi" no word with "energi". `others`: (language, words) in place of the query's own, such as
    translations.
    """

    def __init__(self, query: str, concepts: Iterable[Concept] = (), others: Iterable[tuple[str, str]] = ()) -> None:
        self._query, self._concepts, self._others = query, tuple(concepts), tuple(others)
        self._phrases: dict[str, list[Phrase]] = {}

    def __call__(self, text: str, tag: str) -> Markup:
        language = tag.partition("-")[0].lower()
        tokens = analyzer(language).tokens(text)
        marked, end = Markup(), 0
        for first, last in self._found(tokens, language):
            start, stop = tokens[first].start, tokens[last].end
            if start >= end:
                marked += escape(text[end:start]) + Markup("<mark>{}</mark>").format(text[start:stop])
                end = stop
        return marked + escape(text[end:])

    def _found(self, tokens: Sequence[Token], language: str) -> Iterator[tuple[int, int]]:
        """The places of the first and last word of each phrase in the text; where several begin, the longest."""
        if language not in self._phrases:
            self._phrases[language] = sorted(self._phrases_of(language), key=len, reverse=True)
        terms = [frozenset(token.alternatives) for token in tokens]
        for first in range(len(tokens)):
            for phrase in self._phrases[language]:
                here = terms[first : first + len(phrase)]
                if len(here) == len(phrase) and all(map(frozenset.intersection, here, phrase)):
                    yield first, first + len(phrase) - 1
                    break

    def _phrases_of(self, language: str) -> Iterator[Phrase]:
        for token in analyzer(language).tokens(self._query):
            if token.forms[0] not in _STOPWORDS:
                yield [frozenset(token.own)]
        labels = [words for code, words in self._others if code == language]
        for concept in self._concepts if language in LANGUAGES else ():
            labels += labels_of(concept, language)
        for tokens in (analyzer(language).tokens(label) for label in labels if label):
            yield [frozenset(token.forms) for token in tokens]
