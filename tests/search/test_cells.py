"""A circle of cells is round to 1 % of its radius, or 57 m, anywhere on the globe, and small."""

import math

from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.search.base import MAX_KM
from hub.search.cells import EARTH, FIRST, LAST, cells, circle

LATITUDES = st.floats(-90, 90) | st.sampled_from([-90.0, 90.0, 89.999, 0.0])
LONGITUDES = st.floats(-180, 180) | st.sampled_from([-180.0, 180.0, 179.99, 0.0])
KILOMETRES = st.floats(0.01, MAX_KM) | st.floats(0.01, 20)


def apart(latitude: float, longitude: float, other: float, elsewhere: float) -> float:
    """Kilometres on the globe, by the haversine formula."""
    one, two = math.radians(latitude), math.radians(other)
    half = math.sin((two - one) / 2) ** 2
    half += math.cos(one) * math.cos(two) * math.sin(math.radians(elsewhere - longitude) / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(half)))


@settings(deadline=None)
@given(LATITUDES, LONGITUDES, KILOMETRES, st.floats(-1.1, 1.1), st.floats(-1.1, 1.1))
@example(90.0, 0.0, 3.0, -1.0, 0.2)
@example(-89.999, 179.99, 500.0, 0.7, 0.7)
def test_what_is_farther_from_the_rim_than_that_is_on_the_right_side(
    latitude: float, longitude: float, km: float, north: float, east: float
) -> None:
    degrees = math.degrees(km / EARTH)
    there = max(-90.0, min(90.0, latitude + north * degrees))
    wide = min(360.0, east * degrees / max(math.cos(math.radians(there)), 1e-6))
    elsewhere = (longitude + wide + 540) % 360 - 180
    distance = apart(latitude, longitude, there, elsewhere)
    if abs(distance - km) > max(0.01 * km, 0.057):
        assert bool(set(circle(latitude, longitude, km)) & set(cells(there, elsewhere))) == (distance < km)


@settings(deadline=None)
@given(LATITUDES, LONGITUDES, KILOMETRES)
def test_a_circle_has_few_cells_and_its_centre(latitude: float, longitude: float, km: float) -> None:
    found = circle(latitude, longitude, km)
    assert len(set(found)) == len(found) <= 3500
    assert len(set(found) & set(cells(latitude, longitude))) == 1, "no cell lies in another"


@settings(deadline=None)
@given(LATITUDES, LONGITUDES)
def test_a_point_has_one_cell_of_each_depth(latitude: float, longitude: float) -> None:
    assert [key >> 40 for key in cells(latitude, longitude)] == [*range(FIRST, LAST + 1)]
