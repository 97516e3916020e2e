"""How much each reason for a hit counts, for every engine."""

from math import log
from typing import Final

BOOSTS: Final = {"title": 3.0, "summary": 1.5, "body": 1.0}
OWN_LANGUAGE: Final = 1.3  # what is written in the caller's language, among equals
LABEL: Final = 0.2  # a concept by its label in a text, in place of the words themselves
TAG: Final = 1.5  # the concept said by the record itself
LEXICON: Final = 0.6  # a translation in place of the word itself
SPELLING: Final = 0.5  # another word that is spelt much the same
TIE: Final = 0.1  # what a second field or language that has a word adds to the best one
PROXIMITY: Final = 0.3  # two words of the query that stand together in a title or summary
ALL_WORDS: Final = 10_000.0  # above any sum of scores: a record with all words comes before one without


def rareness(documents: int, count: int) -> float:
    """The weight in BM25 of a term that `count` of the documents have."""
    return log(1 + (max(documents, count) - count + 0.5) / (count + 0.5))


SLOP: Final = 1  # words between those of a label: energy (of the) community
NEARBY: Final = 2  # words between two of the query's that stand together
