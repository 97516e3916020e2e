"""ISO 8601 dates as numbers: years, months, days and moments on one line of seconds."""

import calendar
import re
from datetime import UTC, date, datetime, time

_PARTIAL = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d))?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT.+")  # Python reads more, such as 20250314 and 2025-W11
_ZONE = re.compile(r"(?<=\d)(?:Z|[+-]\d\d:\d\d)$")


def completed(text: str, last: bool = False) -> str:
    """The date in full: a year or month becomes its first day, or its last; ValueError where the text is no date.

    A day of `xsd:date` loses its time zone; a moment is kept as it is. Years are those of four digits.
    """
    text = text.strip()
    plain = _ZONE.sub("", text)
    if partial := _PARTIAL.fullmatch(plain):
        year = int(partial["year"])
        month = int(partial["month"] or (12 if last else 1))
        if year < 1 or not 1 <= month <= 12:
            raise ValueError(f"{text!r} is not a date")
        return date(year, month, calendar.monthrange(year, month)[1] if last else 1).isoformat()
    if _DAY.fullmatch(plain):
        return date.fromisoformat(plain).isoformat()
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"{text!r} is not a date")
    datetime.fromisoformat(text)
    return text


def seconds(text: str, last: bool = False) -> int:
    """The first second of a date, or its last, since 1970 in UTC; ValueError where the text is no date.

    A moment that names no zone is in UTC.
    """
    full = completed(text, last)
    if _DAY.fullmatch(full):
        moment = datetime.combine(date.fromisoformat(full), time(23, 59, 59) if last else time())
    else:
        moment = datetime.fromisoformat(full)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
