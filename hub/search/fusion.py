"""How meaning and words are weighed together: by how far a document stands out among those of its language.

Cosines and scores of different languages cannot be compared: what is written in the query's own language has more of
its words, and lies nearer to it. So each is measured in standard deviations from the mean of its language (a z-score),
and the two are added.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hub.search.base import LOOKED

# The weight of words beside meaning falls with their number to the power of FALL, from at most MOST: the more words,
# the more documents have some of them, and the better the meaning is known. Scores by words are raised to the power of
# SHARP: a document with one word of four is little more than one with none. nDCG of judged queries (the tuned half),
# headlines (all 861) and keywords (every eighth): .466 .808 .762 by meaning alone; .699 .822 .726 with SHARP 1 and 0.8
# over the number of words; .694 .817 .779 so.
MOST: Final = 0.4
FALL: Final = 1.5
SHARP: Final = 3
FEW: Final = 50  # documents that stand beside those of a language, so that three of them have no wild z-scores
SPREAD: Final = 0.1  # the standard deviation of their cosines, as measured on the evaluation sets
# Standard deviations above its language's mean that a document must be, to be found by meaning alone; and beside any of
# the words. Of what answers a judged query (odd needs), .42 stands at 1.75 and .70 at 1; of what is there, .41 and .18
# answer. nDCG .682 and headlines .835 with 1.75 for all, .700 and .840 so, which is as good as with 1 for all.
NEAR: Final = 1.75
NEARBY: Final = 1.0
MANY: Final = 1000  # texts of a language; of more, the words of one document would stand out ever more
# What the best documents mean is added to what was asked for, in these shares; together they weigh as much as the
# query. Whatever language they are written in, they lie nearer to what answers than a few words do. nDCG of judged
# queries (the tuned half), headlines (all 861) and keywords (every eighth) without it .699 .827 .788; by the first
# alone .72 .854 .985, by three alike .730 .839 .879, by five alike .736 .838 .860; so .727 .845 .919.
BEST: Final = (1.0, 1 / 2, 1 / 3)

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Population:
    """Of each language: how many texts there are, and mean and standard deviation of their cosines to a query."""

    counts: Mapping[str, int]
    means: Mapping[str, float]
    deviations: Mapping[str, float]

    def z(self, language: str, cosine: float) -> float:
        return (cosine - self.means[language]) / self.deviations[language]


def unit(vector: Floats) -> Floats:
    scaled: Floats = vector / np.float32(max(float(np.linalg.norm(vector)), 1e-6))
    return scaled


class Candidates:
    """Documents with their scores by words (0: it has none of them), and a row for each of their texts."""

    def __init__(self, by_words: Mapping[str, float], texts: Sequence[tuple[str, str]], rows: Floats) -> None:
        """`texts`: document and language of each row; a row is a centred vector of length 1."""
        spoken = {name for name, _ in texts}
        silent = [(name, "") for name in by_words if name not in spoken]
        self.by_words, self.texts = by_words, [*texts, *silent]
        self.rows = np.concatenate([rows, np.zeros((len(silent), rows.shape[1]), np.float32)])
        self._of: dict[str, list[int]] = {}
        for row, (_, language) in enumerate(self.texts):
            self._of.setdefault(language, []).append(row)

    @property
    def languages(self) -> Sequence[str]:
        """Those that texts are in, and "" where a document has none."""
        return list(self._of)

    def of(self, language: str) -> Sequence[int]:
        return self._of[language]


def population(cosines: Mapping[str, Floats], counts: Mapping[str, int] | None = None) -> Population:
    """Of the cosines by language, of all texts or of a sample; `counts` says how many there are in all."""
    means, deviations = {}, {}
    for language, found in cosines.items():
        mean = float(found.sum()) / (len(found) + FEW)
        spread = float(np.square(found - mean).sum()) + FEW * (SPREAD**2 + mean**2)
        means[language], deviations[language] = mean, (spread / (len(found) + FEW)) ** 0.5
    return Population(counts or {code: len(found) for code, found in cosines.items()}, means, deviations)


def standing_out(names: Sequence[str], cosines: Floats, standing: Floats) -> tuple[dict[str, float], int]:
    """Id → cosine, for the documents of which a text stands out by NEARBY, and how many of them do by NEAR.

    The most outstanding come first, at most LOOKED. A row a text: its document, its cosine, and its z-score.
    """
    near = np.flatnonzero(standing >= NEARBY)
    found: dict[str, float] = {}
    alone = 0
    for row in near[np.argsort(-standing[near], kind="stable")]:
        found.setdefault(names[row], float(cosines[row]))
        alone = len(found) if standing[row] >= NEAR else alone
        if len(found) == LOOKED:
            break
    return found, alone


def fused(
    found: Candidates,
    direction: Floats,
    among: Callable[[Floats], Population],
    words: int,
    anywhere: Candidates | None = None,
) -> dict[str, float]:
    """Id → score. What the best documents (`anywhere`) mean is added to what was asked for, and all are weighed again.

    A document without a vector stands at the mean of all languages. `words` is how many the query has; `among` tells
    how all texts lie to a direction.
    """
    if not found.by_words:
        return {}
    led_by = anywhere or found
    first = _scores(led_by, direction, among(direction), words)
    told = _told(led_by, sorted(first, key=lambda name: (-first[name], name))[: len(BEST)])
    led = unit(direction + unit(told))
    return _scores(found, led, among(led), words)


def _told(found: Candidates, best: Sequence[str]) -> Floats:
    """What documents mean, the first above all."""
    weights = dict(zip(best, BEST, strict=False))
    told: Floats = np.array([weights.get(name, 0.0) for name, _ in found.texts], np.float32) @ found.rows
    return told


def _scores(found: Candidates, direction: Floats, among: Population, words: int) -> dict[str, float]:
    weight = min(MOST, max(1, words) ** -FALL)
    told = {name: score**SHARP for name, score in found.by_words.items()}
    best, scores = max(told.values(), default=0.0), dict[str, float]()
    cosines = (found.rows @ direction).tolist()
    for code in found.languages:
        spoken = found.of(code)
        stands = _standing([told[found.texts[row][0]] for row in spoken], among.counts.get(code, 0), best)
        for row in spoken:
            name = found.texts[row][0]
            score = (among.z(code, cosines[row]) if code else 0.0) + weight * stands(told[name])
            scores[name] = max(scores.get(name, score), score)
    return scores


def _standing(scores: Sequence[float], there: int, best: float) -> Callable[[float], float]:
    """How far words stand out in a language, less where its best has little of what the best of all has.

    `there` is how many texts it has; those that are not asked about have none of the words.
    """
    count = max(min(there, MANY), len(scores)) + FEW
    mean = sum(scores) / count
    deviation = max(sum(score * score for score in scores) / count - mean * mean, 0.0) ** 0.5
    scale = (max(scores) / best) ** (0.5 / SHARP) / deviation if deviation else 0.0
    return lambda score: (score - mean) * scale
