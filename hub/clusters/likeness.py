"""How alike two tellings are: what speaks for it that they tell the same thing, what against, and a score of 0 to 1.

The score is a logistic sum; it only says which pairs a person should look at first. Its weights were fitted to one half
of the examples in tests/clusters/pairs.json and rounded; titles count for more than that gave, since a hub without
vectors has little else. The other half holds the floors of the tests.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from hub.clusters.telling import Telling
from hub.ledger import Found
from hub.ledger.clusters import Reason

Rarity = Callable[[str], float]  # how much a word of a title says, by its key; a rare one says more

# What each code of a reason is worth, times its strength.
WEIGHTS: Final = {
    "same-identifier": 6.0,
    "same-address": 3.0,
    "same-organisation": 1.0,
    "like-title": 2.0,
    "shared-names": 2.5,
    "meaning": 4.0,
    "same-place": 2.0,
    "same-time": 1.5,
    "other-place": -1.5,
    "other-time": -3.0,
    "other-edition": -3.0,
    "other-country": -2.5,
}
START: Final = -3.5
# What two practices of one town share by chance: it counts only beside what the records say of the thing itself.
# Without this limit the towns and years of 100,000 made-up records alone suggested 43,512 pairs.
AROUND: Final = frozenset({"same-organisation", "same-place", "same-time"})
MOST_AROUND: Final = 1.5
# From this score on a pair is shown to a person. What is not shown is never joined, and what is shown in vain costs a
# look: so it is set for recall (.88 on the half that the weights were fitted to; three of four suggestions right).
SUGGESTED: Final = 0.3
NEAR, FAR = 2.0, 25.0  # km
ALIKE: Final = 0.3  # the likeness of titles from which it is told
MEANT: Final = (0.35, 0.85)  # cosines: below the first nothing is alike, above the second all is


def likeness(one: Telling, two: Telling, rarity: Rarity, cosine: float | None) -> Found:
    """`cosine` of the centred sentence vectors; None where there are none."""
    told = list(evidence(one, two, rarity, cosine))
    worth = [(reason["code"], WEIGHTS[reason["code"]] * strength) for reason, strength in told]
    against = sum(value for _, value in worth if value < 0)
    around = sum(value for code, value in worth if code in AROUND)
    itself = sum(value for code, value in worth if value > 0 and code not in AROUND)
    total = START + itself + min(around, MOST_AROUND * itself) + against
    return Found(round(1 / (1 + math.exp(-total)), 3), tuple(reason for reason, _ in told))


def evidence(one: Telling, two: Telling, rarity: Rarity, cosine: float | None) -> Iterator[tuple[Reason, float]]:
    """What speaks for or against it, each with its strength of 0 to 1."""
    if identifiers := set(one.identifiers) & set(two.identifiers):
        yield {"code": "same-identifier", "value": min(identifiers)}, 1.0
    if addresses := set(one.addresses) & set(two.addresses):
        yield {"code": "same-address", "value": min(addresses)}, 1.0
    if organisations := one.organisations.keys() & two.organisations.keys():
        yield {"code": "same-organisation", "value": one.organisations[min(organisations)]}, 1.0
    yield from _titles(one, two, rarity)
    if cosine is not None and cosine > MEANT[0]:
        strength = min(1.0, (cosine - MEANT[0]) / (MEANT[1] - MEANT[0]))
        yield {"code": "meaning", "value": round(cosine, 2)}, strength
    yield from _places(one, two, 2.0 if one.kind == "venue" else 1.0)
    yield from _times(one, two, 2.0 if one.kind == "event" else 1.0)
    if one.countries and two.countries and not set(one.countries) & set(two.countries):
        yield {"code": "other-country"}, 1.0


def _titles(one: Telling, two: Telling, rarity: Rarity) -> Iterator[tuple[Reason, float]]:
    tags = one.titles.keys() & two.titles.keys()
    alike = max(((_dice(one.titles[tag], two.titles[tag], rarity, "s"), tag) for tag in tags), default=(0.0, ""))
    if alike[0] >= ALIKE:
        yield {"code": "like-title", "language": alike[1], "value": round(alike[0], 2)}, alike[0]
    names = set(one.words) & set(two.words)
    share = _share(names, one.words, two.words, rarity)
    if not tags and share >= ALIKE:
        yield {"code": "shared-names", "value": " ".join(sorted(names))}, share


def _sum(words: Iterable[str], rarity: Rarity, space: str) -> float:
    return sum(rarity(f"{space}:{word}") for word in words)


def _dice(mine: Iterable[str], theirs: Iterable[str], rarity: Rarity, space: str) -> float:
    both = _sum(mine, rarity, space) + _sum(theirs, rarity, space)
    return 2 * _sum(set(mine) & set(theirs), rarity, space) / both if both else 0.0


def _share(common: set[str], mine: Iterable[str], theirs: Iterable[str], rarity: Rarity) -> float:
    """How much of the shorter title the common words are."""
    shorter = min(_sum(mine, rarity, "w"), _sum(theirs, rarity, "w"))
    return _sum(common, rarity, "w") / shorter if shorter else 0.0


def _places(one: Telling, two: Telling, apart_counts: float) -> Iterator[tuple[Reason, float]]:
    """A venue is in one place; of a practice one may tell the town and another the district."""
    if one.points and two.points:
        apart = min(_kilometres(a, b) for a in one.points for b in two.points)
        if apart <= NEAR:
            yield {"code": "same-place", "km": round(apart, 1)}, 1.0
            return
        if apart >= FAR:
            yield {"code": "other-place", "km": round(apart)}, apart_counts
            return
    if common := one.places.keys() & two.places.keys():
        yield {"code": "same-place", "value": one.places[min(common)]}, 1.0
    elif one.places and two.places and not _within(one.places, two.places):
        yield {"code": "other-place", "value": " – ".join(min(t.places.values()) for t in (one, two))}, apart_counts


def _within(mine: Iterable[str], theirs: Iterable[str]) -> bool:
    """Whether one place's name is part of another's: Trebbia, Trebbia Alta."""
    return any(set(a.split()) <= set(b.split()) or set(b.split()) <= set(a.split()) for a in mine for b in theirs)


def _kilometres(one: tuple[float, float], two: tuple[float, float]) -> float:
    """On a sphere (haversine)."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*one, *two))
    part = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 12742 * math.asin(math.sqrt(min(1.0, part)))


def _times(one: Telling, two: Telling, apart_counts: float) -> Iterator[tuple[Reason, float]]:
    """An event has its day; of a practice one may tell the works and another the whole."""
    if one.period and two.period:
        (start, end), (other_start, other_end) = one.period, two.period
        is_same = start <= other_end and other_start <= end
        yield ({"code": "same-time"}, 1.0) if is_same else ({"code": "other-time"}, apart_counts)
    mine, theirs = set(one.numbers), set(two.numbers)
    if mine - theirs and theirs - mine:
        yield {"code": "other-edition", "value": f"{min(mine - theirs)} – {min(theirs - mine)}"}, 1.0
    elif len(mine ^ theirs) == 1 and _is_edition(min(mine ^ theirs)):
        yield {"code": "other-edition", "value": min(mine ^ theirs)}, 0.5


def _is_edition(number: str) -> bool:
    """A Roman numeral, as of a second phase; a year that only one title names says nothing."""
    return not number.isdigit()
