"""How good a ranking is, as numbers from 0 to 1."""

import random
from collections.abc import Mapping, Sequence
from math import log2
from typing import Final

DEPTH: Final = 10
SAMPLES: Final = 1000  # of the bootstrap
SEED: Final = 7

Grades = Mapping[str, int]  # document → how well it answers; what is not listed is 0


def ndcg(ranked: Sequence[str], grades: Grades) -> float:
    """Normalised discounted cumulative gain of the first ten, gain 2^grade - 1 (Järvelin and Kekäläinen 2002)."""
    best = _gain(sorted(grades.values(), reverse=True)[:DEPTH])
    return _gain([grades.get(name, 0) for name in ranked[:DEPTH]]) / best if best else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / log2(place + 2) for place, grade in enumerate(grades))


def recall(ranked: Sequence[str], grades: Grades) -> float:
    """The share of what answers that is among the first ten, of at most ten."""
    answers = {name for name, grade in grades.items() if grade > 0}
    return len(answers.intersection(ranked[:DEPTH])) / min(len(answers), DEPTH) if answers else 0.0


def reciprocal_rank(ranked: Sequence[str], grades: Grades) -> float:
    """1 over the place of the first answer; 0 where none is among the first ten."""
    places = (place for place, name in enumerate(ranked[:DEPTH], 1) if grades.get(name, 0) > 0)
    return 1 / next(places, float("inf"))


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def interval(groups: Sequence[Sequence[float]], samples: int = SAMPLES) -> tuple[float, float]:
    """The 95 % confidence interval of the mean over all values, by bootstrap over the groups.

    A group holds the values of one need: its queries in several languages are no independent evidence.
    """
    chance, totals = random.Random(SEED), [(sum(group), len(group)) for group in groups]  # noqa: S311
    means = []
    for _ in range(samples):
        drawn = chance.choices(totals, k=len(totals))
        means.append(sum(total for total, _ in drawn) / max(1, sum(count for _, count in drawn)))
    means.sort()
    return means[int(samples * 0.025)], means[int(samples * 0.975) - 1]
