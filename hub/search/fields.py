"""What the fields of an index are called, and what they hold of long values: the same in every engine."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from hub.languages import FALLBACK, pick
from hub.search.analysis import folded
from hub.search.base import Document
from hub.search.weights import BOOSTS, LABEL, OWN_LANGUAGE, TAG

SORTED_CHARACTERS: Final = 80
LONGEST_KEYWORD: Final = 1000  # characters; engines drop or refuse terms of more than 32,766 or 65,530 bytes


def text_field(weight: str, language: str) -> str:
    return f"{weight}_{language}"


@lru_cache(100)
def text_fields(language: str, reader: str | None) -> tuple[tuple[str, str, float], ...]:
    """The parts of a text in a language, each with its field and its boost for who reads in another or the same."""
    own = OWN_LANGUAGE if language == reader else 1.0
    return tuple((part, text_field(part, language), boost * own) for part, boost in BOOSTS.items())


def concepts_field(part: str) -> str:
    """The concepts that a part of the texts names, in whatever language."""
    return f"c_{part}"


@cache
def concept_fields(keywords: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """Where a document can have a concept, as a tag or by a label in a text, each with its boost."""
    tags = tuple((keyword_field(key), TAG) for key in keywords)
    return (*tags, *((concepts_field(part), LABEL * boost) for part, boost in BOOSTS.items()))


def keyword_field(key: str) -> str:
    return f"k_{key}"


def is_whole(field: str) -> bool:
    """Whether its values are terms as they are, not texts."""
    return field.startswith(("c_", "k_"))


def date_field(key: str) -> str:
    """Seconds since 1970: tantivy's own dates end in 2262 and begin in 1677."""
    return f"d_{key}"


def number_field(key: str) -> str:
    return f"n_{key}"


def sort_field(language: str) -> str:
    return f"sort_{language}"


def sort_title(document: Document, language: str) -> str:
    """The title that a language's readers see, without case and accents."""
    titles: Mapping[str, str] = document.item.get("title") or {}
    text = pick(titles, language)[0] or pick(titles, FALLBACK)[0] or document.id
    return folded(text[:SORTED_CHARACTERS].casefold())
