"""What every search index promises about places, times and numbers."""

import math
from random import Random

import pytest

from hub.search.base import Query, SearchIndex
from hub.search.cells import EARTH
from tests.search.examples import made
from tests.search.test_contract_queries import fill, found, keys


def test_a_box_on_the_map(index: SearchIndex) -> None:
    fill(
        index,
        made("rome", points=[(41.9, 12.5)]),
        made("fiji", points=[(-17.8, 178.0)]),
        made("samoa", points=[(-13.8, -172.0)]),
        made("nowhere"),
    )
    assert found(index, bbox=(6.6, 35.5, 18.5, 47.1)) == {"rome"}
    assert found(index, bbox=(12.5, 41.9, 12.5, 41.9)) == {"rome"}, "the edge belongs to it"
    assert found(index, bbox=(12.6, 41.9, 13, 42)) == set()
    assert found(index, bbox=(170, -30, -170, 0)) == {"fiji", "samoa"}, "over the antimeridian"
    assert found(index, bbox=(-170, -30, 170, 0)) == set()
    assert found(index, bbox=(-180, -90, 180, 90)) == {"rome", "fiji", "samoa"}


def test_a_box_holds_one_whole_point_of_several(index: SearchIndex) -> None:
    fill(index, made("two", points=[(48.0, 16.0), (60.0, 2.0)]))
    assert found(index, bbox=(15, 47, 17, 49)) == found(index, bbox=(1, 59, 3, 61)) == {"two"}
    assert found(index, bbox=(1, 47, 3, 49)) == set(), "the latitude of one, the longitude of the other"


def test_many_points_are_all_found(index: SearchIndex) -> None:
    fill(index, made("many", points=[(float(n), float(-n)) for n in range(40)]))
    assert all(found(index, bbox=(-n - 0.1, n - 0.1, -n + 0.1, n + 0.1)) == {"many"} for n in range(40))


@pytest.mark.parametrize(
    "first, last, expected",
    [
        ("2024", "2024", "abcd"),
        ("2024-02", "2024-02", "bc"),
        ("2024-02-29", "2024-02-29", "bc"),
        (None, "2023-12-31", ""),
        (None, "2024-01-01", "a"),
        ("2024-12-31", None, "d"),
        ("2024-12-31T12:30:00Z", None, "d"),
        ("2024-12-31T12:30:01Z", None, ""),
        (None, "2024-02-29T08:00:00+02:00", "ab"),
        ("2024-02-29T06:00:01", "2024-03", "c"),
        (None, None, "abcde"),
        ("2025", "2024", ""),
    ],
)
def test_dates_from_and_to_are_inclusive(
    index: SearchIndex, first: str | None, last: str | None, expected: str
) -> None:
    starts = {"a": "2024-01-01", "b": "2024-02-29T06:00:00Z", "c": "2024-02-29T23:59:59Z", "d": "2024-12-31T12:30:00Z"}
    fill(index, *(made(key, dates={"start": (start,)}) for key, start in starts.items()), made("e"))
    assert found(index, dates={"start": (first, last)}) == set(expected)


def test_dates_long_ago_and_far_away(index: SearchIndex) -> None:
    fill(index, made("old", dates={"start": ("0801-12-25",)}), made("far", dates={"start": ("9999-12-31",)}))
    assert found(index, dates={"start": (None, "1677")}) == {"old"}
    assert found(index, dates={"start": ("2263", None)}) == {"far"}


# Circles

ROME, NAPLES, FIJI, SAMOA = (41.9, 12.5), (40.85, 14.27), (-17.8, 178.0), (-13.8, -172.0)


def test_a_circle_on_the_map(index: SearchIndex) -> None:
    points = {"rome": [ROME], "naples": [NAPLES], "both": [ROME, NAPLES], "fiji": [FIJI], "samoa": [SAMOA]}
    fill(index, *(made(key, points=at) for key, at in points.items()), made("nowhere"))
    assert found(index, near=(*ROME, 100)) == {"rome", "both"}
    assert found(index, near=(*ROME, 0.1)) == {"rome", "both"}, "what is at its centre"
    assert found(index, near=(*ROME, 186)) == {"rome", "both"}, "Naples is 188.6 km away"
    assert found(index, near=(*NAPLES, 191)) == {"rome", "naples", "both"}
    assert found(index, near=(-16.0, -177.0, 700)) == {"fiji", "samoa"}, "over the antimeridian"
    assert found(index, near=(0.0, 0.0, 5000)) == {"rome", "naples", "both"}
    assert found(index, near=(90.0, 0.0, 5000)) == set()
    answer = index.search(Query(near=(*ROME, 100), facets=("kind",), size=1))
    assert (answer.total, answer.facets) == (2, {"kind": [("practice", 2)]})


def test_a_circle_holds_one_of_many_points(index: SearchIndex) -> None:
    fill(index, made("many", points=[(float(n), float(-n)) for n in range(40)]))
    assert all(found(index, near=(n, -n, 1)) == {"many"} for n in range(40))
    assert found(index, near=(10.5, -10.5, 70)) == set()


@pytest.mark.parametrize("latitude, longitude", [(47.2, 16.6), (0, 0), (-33, 180), (89.9, -70), (90, 0), (-90, 12)])
@pytest.mark.parametrize("km", [0.5, 20, 800, 5000])
def test_a_circle_is_round(index: SearchIndex, latitude: float, longitude: float, km: float) -> None:
    """What is two hundredths of the radius within the rim belongs to it, what is as far without does not."""
    off, chance = max(0.02 * km, 0.1), Random(7)
    bearings = [chance.uniform(0, 2 * math.pi) for _ in range(25)]
    within = [made(f"in{n}", points=[_gone(latitude, longitude, km - off, b)]) for n, b in enumerate(bearings)]
    without = [made(f"out{n}", points=[_gone(latitude, longitude, km + off, b)]) for n, b in enumerate(bearings)]
    fill(index, *within, *without)
    hits = keys(index.search(Query(near=(latitude, longitude, km), size=100)))
    assert sorted(hits) == sorted(f"in{n}" for n in range(25))


def _gone(latitude: float, longitude: float, km: float, bearing: float) -> tuple[float, float]:
    """Where one comes from a place by a straight way."""
    start, way = math.radians(latitude), km / EARTH
    sine = math.sin(start) * math.cos(way) + math.cos(start) * math.sin(way) * math.cos(bearing)
    east = math.sin(bearing) * math.sin(way) * math.cos(start)
    turned = math.degrees(math.atan2(east, math.cos(way) - math.sin(start) * sine))
    return math.degrees(math.asin(max(-1.0, min(1.0, sine)))), (longitude + turned + 540) % 360 - 180


# Numbers


@pytest.mark.parametrize(
    "low, high, expected",
    [
        (None, None, "abcd"),
        (100, None, "ac"),
        (100.5, None, "c"),
        (None, 100, "abc"),
        (-5, -5, "b"),
        (0.1, 0.3, "b"),
        (None, 7, "b"),
        (101, 99, ""),
        (10**300, None, ""),
        (7, 8, "c"),
    ],
)
def test_numbers_from_and_to_are_inclusive(
    index: SearchIndex, low: float | None, high: float | None, expected: str
) -> None:
    areas = {"a": (100.0,), "b": (-5.0, 0.25), "c": (7.5, 1e6)}
    fill(index, *(made(key, numbers={"floorArea": area}) for key, area in areas.items()), made("d"))
    assert found(index, numbers={"floorArea": (low, high)}) == set(expected)
