"""Places as cells of a grid, so that an engine that knows only equal keys finds what lies within a circle.

At depth d the globe has 2^d rows of cells about as wide as high: twice as many columns at the equator, and half of the
columns whenever a row is half as long. A point lies in one cell of each depth. A circle is made of the largest cells
that lie wholly in it and, along its rim, of small ones whose centre does: what is nearer to the rim than 1 % of the
radius, or than 57 m where that is more, may count on its wrong side.
"""

import math
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

EARTH: Final = 6371.0088  # km, the mean radius
FIRST: Final = 3
LAST: Final = 18  # a cell is 76 m high
RIM: Final = 0.01  # of the radius
HALF_WIDE: Final = 0.71  # of its height: from a cell's centre to its farthest corner

Reals = NDArray[np.floating[Any]]
Places = NDArray[np.int64]


def cells(latitude: float, longitude: float) -> list[int]:
    """The keys of the cells that a point in degrees lies in."""
    depths = np.arange(FIRST, LAST + 1)
    rows = np.minimum(((latitude + 90) / 180 * (1 << depths)).astype(np.int64), (1 << depths) - 1)
    known = _columns(depths, rows)
    columns = np.minimum(((longitude + 180) / 360 * known).astype(np.int64), known - 1)
    return _keys(depths, rows, columns)


def _keys(depth: int | Places, rows: Places, columns: Places) -> list[int]:
    keys: list[int] = (np.left_shift(depth, 40) | rows << 20 | columns).tolist()
    return keys


@lru_cache(256)  # the pages of a list and the steps of a map ask for the same circle; 5 ms each
def circle(latitude: float, longitude: float, km: float) -> tuple[int, ...]:
    """The keys of the cells that make a circle; some 1,300, at most 2,200; 3,000 at a pole."""
    at, radius = (math.radians(latitude), math.radians(longitude)), km / EARTH
    last = min(LAST, max(FIRST, math.ceil(math.log2(HALF_WIDE * math.pi / (RIM * radius)))))
    rows = np.repeat(np.arange(1 << FIRST), 2 << FIRST)
    columns = np.tile(np.arange(2 << FIRST), 1 << FIRST)
    known = columns < _columns(FIRST, rows)
    rows, columns = rows[known], columns[known]
    found: list[int] = []
    for depth in range(FIRST, last + 1):
        near, far = _distances(at, depth, rows, columns)
        whole, rim = far <= radius, (near <= radius) & (far > radius)
        if depth == last:
            whole |= rim & _has_centre(at, radius, depth, rows, columns)
        found += _keys(depth, rows[whole], columns[whole])
        rows, columns = _parts(depth, rows[rim], columns[rim])
    middle = cells(latitude, longitude)[: last - FIRST + 1]  # what is there is found by the smallest circle too
    return tuple(found) if not {*middle}.isdisjoint(found) else (*found, middle[-1])


def _halvings(depth: int | Places, rows: Places) -> Places:
    """How many times the columns at the equator are halved, by the length of a row's longer side.

    A row of the next depth has the same length or is up to half as long, so cells always divide into whole ones.
    """
    from_pole = np.minimum(rows, np.left_shift(1, depth) - 1 - rows) + 1
    halvings: Places = np.floor(-np.log2(np.sin(from_pole * math.pi / np.left_shift(1, depth)))).astype(np.int64)
    return halvings


def _columns(depth: int | Places, rows: Places) -> Places:
    return np.left_shift(2, depth) >> _halvings(depth, rows)


def _parts(depth: int, rows: Places, columns: Places) -> tuple[Places, Places]:
    """The cells of the next depth: four, or two beside one another's columns where a row has none more than before."""
    down = np.concatenate([2 * rows, 2 * rows + 1])
    doubled = _columns(depth + 1, down) > _columns(depth, down // 2)
    left = np.where(doubled, 2, 1) * np.concatenate([columns, columns])
    return np.concatenate([down, down[doubled]]), np.concatenate([left, left[doubled] + 1])


def _distances(at: tuple[float, float], depth: int, rows: Places, columns: Places) -> tuple[Reals, Reals]:
    """From a place to the nearest and the farthest point of cells, in radians; the farthest is nearest its antipode."""
    high, wide = math.pi / (1 << depth), 2 * math.pi / _columns(depth, rows)
    south, west = rows * high - math.pi / 2, columns * wide - math.pi
    box = (south, south + high, west, west + wide)
    return _nearest(*at, *box), math.pi - _nearest(-at[0], at[1] + math.pi, *box)


def _has_centre(at: tuple[float, float], radius: float, depth: int, rows: Places, columns: Places) -> NDArray[np.bool_]:
    latitude = (rows + 0.5) * math.pi / (1 << depth) - math.pi / 2
    longitude = (columns + 0.5) * 2 * math.pi / _columns(depth, rows) - math.pi
    return _to_meridian(at[0], at[1] - longitude, latitude, latitude) <= radius


def _nearest(latitude: float, longitude: float, south: Reals, north: Reals, west: Reals, east: Reals) -> Reals:
    """Straight north or south where a box has the place's meridian; else at a corner, or on a side, of a box."""
    beside = np.minimum(_to_meridian(latitude, longitude - west, south, north),
                        _to_meridian(latitude, longitude - east, south, north))  # fmt: skip
    straight = np.abs(np.clip(latitude, south, north) - latitude)
    within: Reals = np.where((longitude - west) % (2 * math.pi) <= east - west, straight, beside)
    return within


def _to_meridian(latitude: float, turn: Reals, south: Reals, north: Reals) -> Reals:
    """To the nearest point of a piece of the meridian that lies `turn` away."""
    foot = np.arctan2(math.sin(latitude), math.cos(latitude) * np.cos(turn))
    cosines = [
        np.sin(there) * math.sin(latitude) + np.cos(there) * math.cos(latitude) * np.cos(turn)
        for there in (south, north, np.clip(foot, south, north))
    ]
    nearest: Reals = np.arccos(np.clip(np.max(cosines, axis=0), -1, 1))
    return nearest
