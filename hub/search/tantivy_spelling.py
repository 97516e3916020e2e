"""Words of an index that are spelt much like one that it does not have.

tantivy's own fuzzy query would say which documents have some such word, but not which word it is, where it stands or
how often; and takes 1 ms for one letter, 7 ms for two, in a field of all words, and ten times that in all 24 fields.
"""

import string
from collections.abc import Iterator
from typing import Final

import numpy as np
import tantivy
from numpy.typing import NDArray

MOST: Final = 5  # words that stand for one
SURE: Final = 2  # letters at the beginning that must be right where two others may be wrong
LETTERS: Final = string.ascii_lowercase  # accents are folded


def spelt_alike(searcher: tantivy.Searcher, surface: str, edits: int) -> list[str]:
    """The nearest first, then the most frequent. A letter too many, too few, another, or two changed places: one edit.

    One is looked for by asking for each possible word: 500 for a word of 9 letters, 1 ms. Two would be 100,000, so they
    are looked for among the words with the same first letters: 1,000 to 7,000 of 540,000 words, 2 to 7 ms.
    """
    found = {word: (1, -count) for word in _one_edit(surface) if (count := searcher.doc_freq("surface", word))}
    if edits > 1:
        counts = dict(searcher.terms_with_prefix("surface", surface[:SURE]))
        words = [word for word in counts if abs(len(word) - len(surface)) <= edits]
        far = zip(words, _distances(surface, words, edits), strict=True)
        found |= {word: (distance, -counts[word]) for word, distance in far if distance <= edits}
    return sorted(found, key=lambda word: (*found[word], word))[:MOST]


def _one_edit(surface: str) -> Iterator[str]:
    for place in range(len(surface) + 1):
        head, tail = surface[:place], surface[place:]
        yield from (head + letter + tail for letter in LETTERS)
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in LETTERS)
            yield head + tail[1::-1] + tail[2:]


def _distances(surface: str, words: list[str], most: int) -> list[int]:
    """How many edits each word is away; `most` + 1 stands for more. Of all words at once, cell by cell of the table."""
    if not words:
        return []
    letters = np.array(words).view(np.uint32).reshape(len(words), -1)
    far = np.full((len(surface) + 1, letters.shape[1] + 1, len(words)), most + 1, np.int8)
    far[:, 0] = np.minimum(np.arange(len(surface) + 1), most + 1)[:, None]
    far[0] = np.minimum(np.arange(letters.shape[1] + 1), most + 1)[:, None]
    for i, letter in enumerate(map(ord, surface), 1):
        for j in range(max(1, i - most), min(letters.shape[1], i + most) + 1):
            far[i, j] = _cell(far, letters, i, j, letter, ord(surface[i - 2]))
    lengths = np.array([len(word) for word in words])
    return [int(distance) for distance in far[len(surface), lengths, np.arange(len(words))]]


def _cell(
    far: NDArray[np.int8], letters: NDArray[np.uint32], i: int, j: int, letter: int, before: int
) -> NDArray[np.int8]:
    nearest = np.minimum(far[i - 1, j], far[i, j - 1]) + 1
    nearest = np.minimum(nearest, far[i - 1, j - 1] + (letters[:, j - 1] != letter))
    if i > 1 and j > 1:
        swapped = (letters[:, j - 1] == before) & (letters[:, j - 2] == letter)
        nearest = np.where(swapped, np.minimum(nearest, far[i - 2, j - 2] + 1), nearest)
    cell: NDArray[np.int8] = nearest.astype(np.int8)
    return cell
