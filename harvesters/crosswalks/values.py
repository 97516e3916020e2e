"""Dates, numbers and places as people write them in their language, by written rules; what no rule reads is None."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from pyoxigraph import Literal

from harvesters.crosswalks.words import primary
from hub.namespaces import XSD

# Dates

# The separators with which a language writes day, month, year. English is left out: 04/05 is April or May by country.
_DAY_FIRST: Final[Mapping[str, str]] = {
    "cs": ".", "da": ".-/", "de": "./", "es": "/-.", "fi": ".", "fr": "/.-", "it": "/.-", "nb": ".", "nl": "-/.",
    "no": ".", "pl": ".", "pt": "/-.", "sk": ".", "sl": ".", "sv": "/.",
}  # fmt: skip
_WEEKDAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "de": ("mo", "di", "mi", "do", "fr", "sa", "so"),
    "en": ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    "fr": ("lun", "mar", "mer", "jeu", "ven", "sam", "dim"),
    "hu": ("h", "k", "sze", "cs", "p", "szo", "v"),
    "it": ("lun", "mar", "mer", "gio", "ven", "sab", "dom"),
    "nl": ("ma", "di", "wo", "do", "vr", "za", "zo"),
    "sv": ("mån", "tis", "ons", "tors", "fre", "lör", "sön"),
}
_ZONE: Final = r"(?P<zone>Z|[+-](?:0\d|1[0-3]):?[0-5]\d)?"
_YEAR: Final = re.compile(r"(\d{4})(?:\.0)?")  # 2020.0: a column of numbers with gaps, as many programs save it
_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_DAY: Final = re.compile(rf"(\d{{4}}-\d\d-\d\d){_ZONE}")
_TIME: Final = re.compile(rf"(\d{{4}}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?) ?{_ZONE}")
_YEAR_FIRST: Final = re.compile(
    r"(\d{4})(?:([./-]) ?(\d{1,2})\2 ?(\d{1,2})\.?|(\d\d)(\d\d))"
)  # 2024. 05. 17. and 20240517
_DAY_LAST: Final = re.compile(r"(\d{1,2})([./-]) ?(\d{1,2})\2 ?(\d{4})")
# Drupal's long form, as DKAN sends it: "jeu, 19/12/2019 - 03:00", "Date changed  jeu, 19/12/2019 - 03:00"
_DRUPAL: Final = re.compile(r"(?:Date changed\s+)?(?P<weekday>\w+)\.?, (?P<day>\S+) - (?P<time>\d\d:\d\d)")
_SPAN: Final = re.compile(r"\s*(?:/|–|—|\s-\s|\bto\b|\.\.\.?)\s*")
_YEARS: Final = re.compile(r"(\d{4})\s?[-–/]\s?(\d{4})")
_DCMI: Final = re.compile(r"(start|end|name|scheme)\s*=\s*([^;]*)", re.IGNORECASE)


def date_literal(text: str, language: str) -> Literal | None:
    """An xsd:date, xsd:dateTime or xsd:gYear. A month becomes its year: the shapes know no month."""
    text = text.strip()
    if time := _TIME.fullmatch(text):
        return _moment(time[1], time[2], time["zone"])
    if day := _DAY.fullmatch(text):
        return _day(day[1], _zone(day["zone"]))
    if month := _MONTH.fullmatch(text):
        return _year(month[1])
    if year := _YEAR.fullmatch(text):
        return _year(year[1])
    if drupal := _DRUPAL.fullmatch(text):
        return _drupal(drupal, language)
    iso = _iso_day(text, language)
    return _day(iso) if iso else None


def _year(text: str) -> Literal | None:
    return Literal(text, datatype=XSD.gYear) if text > "0000" else None


def _iso_day(text: str, language: str) -> str | None:
    """A day in numbers as YYYY-MM-DD: year first in every language, day first where the language writes it so."""
    if found := _YEAR_FIRST.fullmatch(text):
        return f"{found[1]}-{found[3] or found[5]:0>2}-{found[4] or found[6]:0>2}"
    found = _DAY_LAST.fullmatch(text)
    if found and found[2] in _DAY_FIRST.get(primary(language), ""):
        return f"{found[4]}-{found[3]:0>2}-{found[1]:0>2}"
    return None


def _day(iso: str, zone: str = "") -> Literal | None:
    try:
        date.fromisoformat(iso)
    except ValueError:
        return None
    return Literal(iso + zone, datatype=XSD.date)


def _zone(zone: str | None) -> str:
    if not zone:
        return ""
    return zone if zone == "Z" or ":" in zone else f"{zone[:3]}:{zone[3:]}"


def _moment(day: str, time: str, zone: str | None) -> Literal | None:
    text = f"{day}T{time.replace(',', '.')}{':00' if time.count(':') == 1 else ''}"
    try:
        # More than six decimals are valid in XSD and no matter here.
        datetime.fromisoformat(re.sub(r"\.\d+$", "", text))
    except ValueError:
        return None
    return Literal(text + _zone(zone), datatype=XSD.dateTime)


def _drupal(found: re.Match[str], language: str) -> Literal | None:
    """A day with its weekday; the weekday must be that day's, which makes the reading certain."""
    iso = _iso_day(found["day"], language)
    if not iso or not _day(iso):
        return None
    names = _WEEKDAYS.get(primary(language), ())
    weekday = date.fromisoformat(iso).weekday()
    is_certain = bool(names) and found["weekday"].casefold() == names[weekday]
    return _moment(iso, found["time"], None) if is_certain else None


def period(text: str, language: str) -> tuple[Literal | None, Literal | None] | None:
    """Start and end: `2014/2016` and `2014-01-01/..` (ISO 8601), "2025-2027", "start=…; end=…" (DCMI), a single day."""
    text = text.strip()
    if parts := {key.lower(): value.strip() for key, value in _DCMI.findall(text)}:
        return _ends(parts.get("start", ""), parts.get("end", ""), language)
    if years := _YEARS.fullmatch(text):
        return _ends(years[1], years[2], language)
    single = date_literal(text, language)
    if single is not None:
        return single, single
    start, *end = _SPAN.split(text, maxsplit=1)
    return _ends(start, end[0], language) if end else None


def _ends(start: str, end: str, language: str) -> tuple[Literal | None, Literal | None] | None:
    read = [date_literal(text, language) for text in (start, end)]
    is_read = all(literal is not None or text in ("", "..") for literal, text in zip(read, (start, end), strict=True))
    return (read[0], read[1]) if is_read and any(read) else None


# Numbers

_POINT_BEFORE_DECIMALS: Final = frozenset(("en", "ga", "mt"))
_GROUPED: Final = {
    ",": re.compile(r"[+-]?(?:\d{1,3}(?P<by>[ .'])\d{3}(?:(?P=by)\d{3})*|\d+)(?:,\d+)?"),
    ".": re.compile(r"[+-]?(?:\d{1,3}(?P<by>[ ,'])\d{3}(?:(?P=by)\d{3})*|\d+)(?:\.\d+)?"),
}
_MACHINE: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")
_ZEROS: Final = re.compile(r"[+-]?0\.\d+")  # 0.185 has no groups of thousands in any language
_SPACES: Final = re.compile("[\u00a0\u2009\u202f]")
_MOST_DIGITS: Final = 18
_AMOUNT: Final = re.compile(r"(?P<number>[+-]?\d(?:[\d .,']*\d)?)(?: ?[.,] ?[-–])? ?(?P<unit>[^\d\s.,'-]\S{0,19})?")
_UNIT_FIRST: Final = re.compile(r"(?P<unit>[A-Z]{3}|[€£]) ?(?P<number>\d(?:[\d .,']*\d)?)(?: ?[.,] ?[-–])?")
_CODES: Final = ("BGN", "CHF", "CZK", "DKK", "EUR", "GBP", "HUF", "ISK", "NOK", "PLN", "RON", "SEK", "USD")
_CURRENCIES: Final[Mapping[str, str]] = {
    "€": "EUR", "euro": "EUR", "euros": "EUR", "euró": "EUR", "ft": "HUF", "ft.": "HUF", "forint": "HUF", "£": "GBP",
    **{code.lower(): code for code in _CODES},
}  # fmt: skip
_CROWNS: Final = {"sv": "SEK", "da": "DKK", "nb": "NOK", "nn": "NOK", "no": "NOK", "is": "ISK"}


def number(value: Any, language: str) -> Decimal | None:
    """A number as machines write it, or as the language does: 149 736 100 · 1.234,5 (de) · 1,234.5 (en)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal):
        return _decimal(str(value))
    text = _SPACES.sub(" ", str(value)).replace("’", "'").replace("\u2212", "-").strip()
    if _ZEROS.fullmatch(text):
        return _decimal(text)
    mark = "." if primary(language) in _POINT_BEFORE_DECIMALS else ","
    if grouped := _GROUPED[mark].fullmatch(text):
        by = grouped["by"]
        return _decimal((text.replace(by, "") if by else text).replace(",", "."))
    return _decimal(text) if _MACHINE.fullmatch(text) else None


def _decimal(text: str) -> Decimal | None:
    try:
        read = Decimal(text)
    except InvalidOperation:
        return None
    is_usable = read.is_finite() and abs(read.adjusted()) < _MOST_DIGITS and len(read.as_tuple().digits) < 30
    return read if is_usable else None


def decimal_text(value: Decimal) -> str:
    """The lexical form of xsd:decimal, without exponent and needless zeros."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def quantity(text: str, language: str) -> tuple[Decimal, str] | None:
    """A number and the one word behind it ("41 000 kWh/a"), or a currency before it ("EUR 25.000,-"); "" without."""
    text = _SPACES.sub(" ", text).strip()
    if len(text) > 60:
        return None
    found = _AMOUNT.fullmatch(text) or _UNIT_FIRST.fullmatch(text)
    if not found:
        return None
    read = number(found["number"], language)
    return (read, found["unit"] or "") if read is not None else None


def currency(text: str, language: str) -> str | None:
    """The code (ISO 4217) that a code, sign or word stands for; "kr" by the language."""
    word = text.strip().casefold()
    return _CROWNS.get(primary(language)) if word in ("kr", "kr.", "kronor") else _CURRENCIES.get(word)


# Points

_WKT: Final = re.compile(
    r"(?:<(?P<crs>[^<>\s]*)>\s*|SRID=(?P<srid>\d+)\s*;\s*)?POINT\s*\(\s*(?P<x>[-+\d.eE]+)\s+(?P<y>[-+\d.eE]+)\s*\)",
    re.IGNORECASE,
)
_PAIR: Final = (
    re.compile(r"\(?\s*([-+]?\d{1,3}(?:\.\d+)?)\s*[,;\s]\s*([-+]?\d{1,3}(?:\.\d+)?)\s*\)?"),
    re.compile(r"\(?\s*([-+]?\d{1,3}(?:,\d+)?)\s*[;\s]\s*([-+]?\d{1,3}(?:,\d+)?)\s*\)?"),
)
_ONE_NUMBER: Final = re.compile(r"[-+]?\d+,\d+")  # 44,49 with a decimal comma
_LAT_LON: Final = re.compile(r".*EPSG[:/](?:0/|\d[\d.]*/)?(?::)?4326", re.IGNORECASE)
_LON_LAT: Final = re.compile(r".*CRS:?84", re.IGNORECASE)


def wkt_point(value: Any) -> str | None:
    """`POINT(lon lat)` of WKT, GeoJSON or a pair "lat, lon". None for lines and areas: their middle is a guess.

    WKT has longitude first unless it names EPSG:4326 by IRI, whose axes are latitude, longitude (OGC 11-052r4 §8.5).
    """
    if isinstance(value, Mapping):
        return _geojson(value)
    text = str(value).strip()
    if text.startswith("{"):
        return _geojson(_parsed(text))
    if wkt := _WKT.fullmatch(text):
        return _of_wkt(wkt)
    for pattern in _PAIR:
        if (pair := pattern.fullmatch(text)) and not _ONE_NUMBER.fullmatch(text):
            return _point(pair[2].replace(",", "."), pair[1].replace(",", "."))
    return None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _geojson(value: Any) -> str | None:
    """A Point (RFC 7946: longitude, latitude), or a Feature that has one."""
    if isinstance(value, Mapping) and value.get("type") == "Feature":
        value = value.get("geometry")
    if not isinstance(value, Mapping) or value.get("type") != "Point":
        return None
    place = value.get("coordinates")
    if not isinstance(place, list) or len(place) < 2 or any(isinstance(n, bool | str) for n in place[:2]):
        return None
    return _point(str(place[0]), str(place[1]))


def _of_wkt(found: re.Match[str]) -> str | None:
    crs = found["crs"]
    if crs and _LAT_LON.fullmatch(crs):
        return _point(found["y"], found["x"])
    is_known = (not crs or _LON_LAT.fullmatch(crs)) and found["srid"] in (None, "4326")
    return _point(found["x"], found["y"]) if is_known else None


def _point(longitude: str, latitude: str) -> str | None:
    x, y = _decimal(longitude), _decimal(latitude)
    if x is None or y is None or abs(x) > 180 or abs(y) > 90:
        return None
    return f"POINT({decimal_text(x)} {decimal_text(y)})"
