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

WORDS: Final = 0.4  # the weight of words beside meaning
FEW: Final = 50  # documents that stand beside those of a language, so that three of them have no wild z-scores
SPREAD: Final = 0.1  # the standard deviation of their cosines, as measured on the evaluation sets
NEAR: Final = (
    1.75  # standard deviations above its language's mean that a document must be, to be found by meaning alone
)

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


def fused(texts: Texts, by_words: Mapping[str, float], among: Population) -> dict[str, float]:
    """Id → score, for the documents of `by_words`. One without a vector stands at the mean of all languages."""
    spoken = {name: texts.get(name) or NO_TEXT for name in by_words}
    stands = {code: _standing(code, spoken, by_words, among) for code in {c for t in spoken.values() for c, _ in t}}
    return {
        name: max(
            (among.z(code, cosine) if code else 0.0) + WORDS * stands[code](by_words[name]) for code, cosine in found
        )
        for name, found in spoken.items()
    }


def _standing(code: str, spoken: Texts, by_words: Mapping[str, float], among: Population) -> Callable[[float], float]:
    """The z-score of a score by words in a language; all texts that are not asked about have none of the words."""
    scores = [score for name, score in by_words.items() if any(code == other for other, _ in spoken[name])]
    count = max(min(among.counts.get(code, 0), MANY), len(scores)) + FEW
    mean = sum(scores) / count
    deviation = max(sum(score * score for score in scores) / count - mean * mean, 0.0) ** 0.5
    return lambda score: (score - mean) / deviation if deviation else 0.0
