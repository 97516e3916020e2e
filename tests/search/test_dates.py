from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.search.dates import completed, seconds


@pytest.mark.parametrize(
    "text, first, last",
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        (" 2024-03-05\n", "2024-03-05", "2024-03-05"),
        ("2024-03-05+02:00", "2024-03-05", "2024-03-05"),
        ("2024-03-05Z", "2024-03-05", "2024-03-05"),
        ("2024-03Z", "2024-03-01", "2024-03-31"),
        ("2024-11:00", "2024-01-01", "2024-12-31"),  # a year with a zone, as xsd:gYear may have one
        ("2024-03-05T10:20:30", "2024-03-05T10:20:30", "2024-03-05T10:20:30"),
        ("2024-03-05T10:20:30.5+02:00", "2024-03-05T10:20:30.5+02:00", "2024-03-05T10:20:30.5+02:00"),
        ("0001", "0001-01-01", "0001-12-31"),
        ("9999-12", "9999-12-01", "9999-12-31"),
    ],
)
def test_a_part_of_a_date_is_its_first_day_or_its_last(text: str, first: str, last: str) -> None:
    assert (completed(text), completed(text, last=True)) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "soon", "0000", "24", "12024", "-0044", "2024-13", "2024-00", "2024-02-30", "2024-2-3", "20240305"),
        *("2024-W11", "2024-03-05T", "2024-03-05T25:00", "2024-03-05 10:00", "2024-03-05T10:00+25:00", "2024–2025"),
        *("05/03/2024", "5.3.2024"),
    ],
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        completed(text)
    with pytest.raises(ValueError):
        seconds(text)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("1970", 0),
        ("1969-12-31", -86_400),
        ("2024-03-05T00:00:00+02:00", seconds("2024-03-04") + 22 * 3600),
        ("2024-03-05T10:00", seconds("2024-03-05T10:00Z")),
        ("0001-01-01T00:00:00+14:00", seconds("0001-01-01") - 14 * 3600),
        ("9999-12-31T23:59:59-12:00", seconds("9999-12-31", last=True) + 12 * 3600),
    ],
)
def test_seconds_are_in_utc(text: str, expected: int) -> None:
    assert seconds(text) == expected


@given(st.dates())
def test_a_day_has_all_its_seconds(day: date) -> None:
    text = day.isoformat()
    assert seconds(text, last=True) - seconds(text) == 86_399
    assert seconds(f"{day.year:04}") <= seconds(text[:7]) <= seconds(text)
    assert seconds(text, last=True) <= seconds(text[:7], last=True) <= seconds(f"{day.year:04}", last=True)


@given(st.datetimes(), st.integers(-14 * 60, 14 * 60))
def test_moments_are_in_order_whatever_their_zone(moment: datetime, minutes: int) -> None:
    whole = moment.replace(microsecond=0)
    zoned = whole.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert seconds(zoned.isoformat()) == seconds(whole.replace(tzinfo=UTC).isoformat()) - minutes * 60
