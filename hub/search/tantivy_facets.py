"""The facets of a document as terms of one field, which are counted together.

18 fields of their own would have to be opened in each segment. A term is a line: the key of a facet, a value, and those
of its broader ones that stand there for the first time, since each term takes 8 ns a document. Concepts are told by
numbers: with their IRIs, the 300 lines of a search were 44 kB to be read.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from hub.profile import Profile

FACETS: Final = "facets"
LINES: Final = 10_000  # that are kept as their values, some 500 bytes each; a search counts 300
_END: Final = "\x1f"  # behind the key and each value of a line
_NUMBER: Final = "\x1e"  # before the number of a concept


class Lines:
    """The lines of all facets, as the concepts of a profile have them: another profile makes another index."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._concepts = sorted(profile.concepts)
        self._numbers = {iri: f"{_NUMBER}{number:05}" for number, iri in enumerate(self._concepts)}
        self.told = lru_cache(LINES)(self._told)

    def of(self, key: str, values: Sequence[str]) -> Iterator[str]:
        for line in self._lines(values):
            yield "".join(f"{part}{_END}" for part in (key, *(self._numbers.get(value, value) for value in line)))

    def _lines(self, values: Sequence[str]) -> list[list[str]]:
        """Each value with those of its broader ones that follow it."""
        lines: list[list[str]] = []
        for value in values:
            if lines and value in self._profile.ancestors(lines[-1][0]):
                lines[-1].append(value)
            else:
                lines.append([value])
        return lines

    def _told(self, line: str) -> tuple[str, tuple[str, ...]]:
        """The key of a facet, and those of its values that a line stands for."""
        key, *values = line.split(_END)[:-1]
        return key, tuple(self._concepts[int(v[1:])] if v.startswith(_NUMBER) else v for v in values)
