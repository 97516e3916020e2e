"""How good a record is: points in the dimensions that the profile declares, as data.europa.eu's MQA counts them.

A dimension's points are shared among the fields of a kind that count for it (`coped:quality`, `coped:points`); a field
gives its share where it has a value. No property is named here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from hub.languages import pick
from hub.profile import Field, Profile

SHOWN: Final = 5  # fields that are named as raising the points the most


@dataclass(frozen=True, slots=True)
class Quality:
    """Points by the dimension's key, and by the field's shape what its value would add where it is missing.

    Of several records both are means: what a field would add if all of them had it.
    """

    points: Mapping[str, float]
    gains: Mapping[str, float]
    records: int = 1

    @property
    def total(self) -> float:
        return round(sum(self.points.values()), 1)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Assessor:
    """Assesses records of one profile."""

    def __init__(self, profile: Profile) -> None:
        self._dimensions = profile.dimensions
        self._shares = {kind: list(_shares(profile, kind)) for kind in profile.kinds}

    def __call__(self, record: str, kind: str, graph: str) -> Quality:
        """The quality of a record from its statements, N-Triples as the ledger has them: one blank between terms."""
        said: dict[tuple[str, str], list[str]] = defaultdict(list)
        for line in graph.split("\n"):
            subject, _, rest = line.partition(" ")
            predicate, _, value = rest.partition(" ")
            said[subject, predicate].append(value.removesuffix(" ."))
        points, gains = dict.fromkeys(self._dimensions, 0.0), {}
        for field, path, share in self._shares[kind]:
            if _has_value(said, f"<{record}>", path):
                points[field.quality or ""] += share
            else:
                gains[field.shape] = share
        return Quality(points, gains)


def _shares(profile: Profile, kind: str) -> Iterator[tuple[Field, tuple[str, ...], float]]:
    """Each field that counts, its path as N-Triples terms, and its share of the dimension's points."""
    fields = [field for field in profile.fields(kind) if field.quality in profile.dimensions]
    declared: dict[str | None, float] = defaultdict(float)
    for field in fields:
        declared[field.quality] += field.points
    for field in fields:
        share = profile.dimensions[field.quality or ""].points * field.points / declared[field.quality]
        path = field.index_path if field.is_inner else (field.path,)
        yield field, tuple(f"<{step}>" for step in path), share


def _has_value(said: Mapping[tuple[str, str], Sequence[str]], node: str, path: Sequence[str]) -> bool:
    values = said.get((node, path[0]), ())
    return any(_has_value(said, value, path[1:]) for value in values) if len(path) > 1 else bool(values)


def mean(qualities: Iterable[Quality]) -> Quality | None:
    """The quality of many records, one at a time; None of none."""
    points: dict[str, float] = defaultdict(float)
    gains: dict[str, float] = defaultdict(float)
    count = 0
    for quality in qualities:
        count += 1
        for sums, parts in ((points, quality.points), (gains, quality.gains)):
            for key, value in parts.items():
                sums[key] += value
    if not count:
        return None
    return Quality(_divided(points, count), _divided(gains, count), count)


def _divided(sums: Mapping[str, float], count: int) -> dict[str, float]:
    return {key: round(value / count, 2) for key, value in sums.items()}


def told(quality: Quality, profile: Profile, language: str) -> dict[str, Any]:
    """What a person or a program reads of it, with names in a language; `raise` begins with what helps most."""
    dimensions = profile.dimensions
    fields = [(profile.by_shape[shape], gain) for shape, gain in quality.gains.items() if shape in profile.by_shape]
    helping = sorted(fields, key=lambda pair: (-pair[1], pair[0].kind, pair[0].order))
    return {
        "points": quality.total,
        "of": round(sum(dimension.points for dimension in dimensions.values())),
        "parts": [
            {
                "dimension": key,
                "name": pick(dimension.names, language)[0],
                "points": round(quality.points.get(key, 0), 1),
                "of": round(dimension.points),
            }
            for key, dimension in dimensions.items()
        ],
        "raise": [_gain(profile, field, gain, language) for field, gain in helping if round(gain, 1)],
    }


def told_of_source(measured: Mapping[str, Any] | None, profile: Profile, language: str) -> dict[str, Any] | None:
    """The same of a source, from what the ledger keeps of it; None where it was not measured or shows no record."""
    return told(Quality(**measured), profile, language) if measured else None


def _gain(profile: Profile, field: Field, gain: float, language: str) -> dict[str, Any]:
    return {
        "kind": field.kind,
        "field": field.key,
        "name": pick(field.name, language)[0],
        "of_kind": pick(profile.kinds[field.kind].names, language)[0],
        "dimension": field.quality,
        "points": round(gain, 1),
    }


def in_words(told: Mapping[str, Any] | None) -> str:
    """Three lines for a terminal: the points, their parts, and what would raise them the most."""
    if told is None:
        return "not measured"
    parts = ", ".join(f"{part['name'].lower()} {part['points']:.0f}" for part in told["parts"])
    helping = ", ".join(f"{g['name']} ({g['of_kind']}) +{g['points']:.0f}" for g in told["raise"][:SHOWN])
    return f"{told['points']:.0f} of {told['of']}\n{parts}" + (f"\nto raise: {helping}" if helping else "")
