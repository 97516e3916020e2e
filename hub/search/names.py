"""Names as they are typed: without case, accents and punctuation, and begun at any of their words."""

import re
from collections.abc import Iterator
from typing import Final

from hub.search.analysis import folded

MOST_WORDS: Final = 16  # of a name, that it can be begun with
_WORD: Final = re.compile(r"[^\W_]+")


def plain(text: str) -> str:
    """The words of a text with one blank between two."""
    return " ".join(_WORD.findall(folded(text.casefold())))


def endings(name: str) -> Iterator[str]:
    """What is left of a plain name from its second word on, from the third, and so on."""
    rest = name
    for _ in range(MOST_WORDS - 1):
        _, blank, rest = rest.partition(" ")
        if not blank:
            return
        yield rest
