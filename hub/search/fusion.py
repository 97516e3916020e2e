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
NO_TEXT: Final = (("", 0.0),)

Floats = NDArray[np.float32]
Texts = Mapping[str, Sequence[tuple[str, float]]]  # id → (language, cosine) of each text of the document


@dataclass(frozen=True, slots=True)
class Population:
    """Of each language: how many texts there are, and mean and standard deviation of their cosines to a query."""

    counts: Mapping[str, int]
    means: Mapping[str, float]
    deviations: Mapping[str, float]

    def z(self, language: str, cosine: float) -> float:
        return (cosine - self.means[language]) / self.deviations[language]


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


def fused(texts: Texts, by_words: Mapping[str, float], among: Population, words: int) -> dict[str, float]:
    """Id → score, for the documents of `by_words`. One without a vector stands at the mean of all languages.

    `words` is how many the query has.
    """
    weight, spoken = min(MOST, max(1, words) ** -FALL), {name: texts.get(name) or NO_TEXT for name in by_words}
    told = {name: score**SHARP for name, score in by_words.items()}
    best = max(told.values(), default=0.0)
    stands = {code: _standing(code, spoken, told, among, best) for code in {c for t in spoken.values() for c, _ in t}}
    return {
        name: max(
            (among.z(code, cosine) if code else 0.0) + weight * stands[code](told[name]) for code, cosine in found
        )
        for name, found in spoken.items()
    }


def _standing(
    code: str, spoken: Texts, told: Mapping[str, float], among: Population, best: float
) -> Callable[[float], float]:
    """How far words stand out in a language, less where its best has little of what the best of all has.

    All texts that are not asked about have none of the words.
    """
    scores = [score for name, score in told.items() if any(code == other for other, _ in spoken[name])]
    count = max(min(among.counts.get(code, 0), MANY), len(scores)) + FEW
    mean = sum(scores) / count
    deviation = max(sum(score * score for score in scores) / count - mean * mean, 0.0) ** 0.5
    scale = (max(scores) / best) ** (0.5 / SHARP) / deviation if deviation else 0.0
    return lambda score: (score - mean) * scale
