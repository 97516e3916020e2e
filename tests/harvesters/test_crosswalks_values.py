"""The written rules for values: what they read, and what they leave."""

from decimal import Decimal

import pytest

from harvesters.crosswalks.licences import is_stated, is_uncertain, licence
from harvesters.crosswalks.tongues import languages
from harvesters.crosswalks.values import currency, date_literal, decimal_text, number, period, quantity, wkt_point
from harvesters.crosswalks.words import clean, language_tag, plain

# Dates


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("2024-05-17", "sv", "2024-05-17 date"),
        ("2024-05-17Z", "sv", "2024-05-17Z date"),
        ("2021-08-04T12:35:41.758778", "it", "2021-08-04T12:35:41.758778 dateTime"),
        ("2019-09-30 22:00:00", "fr", "2019-09-30T22:00:00 dateTime"),
        ("2024-05-17T09:30+0200", "it", "2024-05-17T09:30:00+02:00 dateTime"),
        ("2024", "hu", "2024 gYear"),
        ("2024.0", "hu", "2024 gYear"),
        ("2024-05", "hu", "2024 gYear"),
        ("20240517", "en", "2024-05-17 date"),
        ("17.05.2024", "de", "2024-05-17 date"),
        ("7.5.2024", "de-AT", "2024-05-07 date"),
        ("04-08-2021", "it", "2021-08-04 date"),
        ("17/05/2024", "fr", "2024-05-17 date"),
        ("17-05-2024", "nl", "2024-05-17 date"),
        ("2024.05.17.", "hu", "2024-05-17 date"),
        ("2024. 05. 17.", "hu", "2024-05-17 date"),
        ("2024/05/17", "en", "2024-05-17 date"),
        ("jeu, 19/12/2019 - 03:00", "fr", "2019-12-19T03:00:00 dateTime"),
    ],
)
def test_a_date_is_read_by_the_rule_of_its_language(text: str, language: str, expected: str) -> None:
    literal = date_literal(text, language)
    assert literal is not None
    assert f"{literal.value} {literal.datatype.value.partition('#')[2]}" == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("04/05/2021", "en"),  # April or May
        ("17.05.2024", "hu"),  # not how Hungarian writes it
        ("mer, 19/12/2019 - 03:00", "fr"),  # it was a Thursday
        ("2024-02-30", "it"),
        ("31.02.2024", "de"),
        ("2024-05-17T25:00:00", "it"),
        ("2024-05-17T10:00:00+99:00", "it"),
        ("0000", "it"),
        ("1889-06/07", "nl"),
        ("spring 2024", "en"),
        ("", "it"),
    ],
)
def test_what_no_rule_reads_is_no_date(text: str, language: str) -> None:
    assert date_literal(text, language) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-2027", ("2025", "2027")),
        ("1939/1945", ("1939", "1945")),
        ("2014-01-01/2015-02-01", ("2014-01-01", "2015-02-01")),
        ("2014-01-01/..", ("2014-01-01", None)),
        ("01.01.2025–31.12.2027", ("2025-01-01", "2027-12-31")),
        ("start=2014-01-01; end=2014-12-31; scheme=W3C-DTF", ("2014-01-01", "2014-12-31")),
        ("2014", ("2014", "2014")),
    ],
)
def test_a_period_is_read(text: str, expected: tuple[str | None, str | None]) -> None:
    ends = period(text, "de")
    assert ends is not None
    assert tuple(literal.value if literal else None for literal in ends) == expected


@pytest.mark.parametrize("text", ["1889-06/07", "name=CHIETI; year=2001", "two years", "/", "1/2/3"])
def test_what_no_rule_reads_is_no_period(text: str) -> None:
    assert period(text, "en") is None


# Numbers


@pytest.mark.parametrize(
    ("value", "language", "expected"),
    [
        ("149 736 100", "hu", "149736100"),
        ("149\u00a0736\u00a0100,5", "hu", "149736100.5"),
        ("1.234.567,89", "de", "1234567.89"),
        ("12.500", "de", "12500"),
        ("0.185", "de", "0.185"),
        ("0.18", "it", "0.18"),
        ("1,234.5", "en", "1234.5"),
        ("12’500", "de-CH", "12500"),
        ("−3,5", "sv", "-3.5"),
        (1.234, "de", "1.234"),
        (1450, "de", "1450"),
        (Decimal("1.234"), "de", "1.234"),
    ],
)
def test_a_number_is_read_by_the_rule_of_its_language(value: object, language: str, expected: str) -> None:
    read = number(value, language)
    assert read is not None
    assert decimal_text(read) == expected


@pytest.mark.parametrize(
    ("value", "language"),
    [("0,18", "en"), ("1,23,456", "en"), ("1.23.456", "de"), ("1 234.567 890", "en"), ("about 40", "en"), (True, "en"),
     ("", "en"), ("1e5", "en"), (float("inf"), "en"), ("9" * 40, "en")],
)  # fmt: skip
def test_what_no_rule_reads_is_no_number(value: object, language: str) -> None:
    assert number(value, language) is None


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("149 736 100 .- HUF", "hu", ("149736100", "HUF")),
        ("85 000 €", "fr", ("85000", "EUR")),
        ("25.000,- €", "de", ("25000", "EUR")),
        ("EUR 25.000,00", "de", ("25000", "EUR")),
        ("€ 1.500,-", "nl", ("1500", "EUR")),
        ("60 000 kr", "sv", ("60000", "SEK")),
        ("2 millió Ft", "hu", None),
        ("about 3 EUR", "en", None),
    ],
)
def test_a_sum_has_an_amount_and_a_currency(text: str, language: str, expected: tuple[str, str] | None) -> None:
    read = quantity(text, language)
    found = (decimal_text(read[0]), currency(read[1], language)) if read else None
    assert found == expected


# Points


@pytest.mark.parametrize(
    "value",
    [
        "44.49, 11.34",
        "44.49,11.34",
        "44,49; 11,34",
        "POINT(11.34 44.49)",
        "Point (11.34  44.49)",
        "SRID=4326;POINT(11.34 44.49)",
        "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(11.34 44.49)",
        "<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(44.49 11.34)",
        {"type": "Point", "coordinates": [11.34, 44.49]},
        '{"type": "Point", "coordinates": [11.34, 44.49, 54.0]}',
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [11.34, 44.49]}, "properties": {}},
    ],
)
def test_a_point_is_longitude_and_latitude(value: object) -> None:
    assert wkt_point(value) == "POINT(11.34 44.49)"


@pytest.mark.parametrize(
    "value",
    [
        "POLYGON (-180 -90, 180 90)",  # OGD Austria tolerates it
        "POLYGON ((11 44, 11 45, 12 45, 11 44))",
        "6.57,46.39,6.60,46.41",  # ArcGIS: a box
        "44,49",  # one number with a decimal comma
        "91.0, 11.0",
        "POINT(11.34 95)",
        "SRID=3857;POINT(1262000 5540000)",
        "POINT(1e400 2)",
        "POINT(. .)",
        {"type": "Polygon", "coordinates": [[[4, 45], [4, None], [4, 46]]]},
        {"type": "Point", "coordinates": [None, 45]},
        {"type": "Point", "coordinates": ["11", "44"]},
        {"type": "Point"},
        "wrong wkt",
        "{",
    ],
)
def test_what_is_no_point_on_earth_is_none(value: object) -> None:
    assert wkt_point(value) is None


# Words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>Le 6b,<br>Saint-Denis</p><ul><li>un</li><li>deux</li></ul>", "Le 6b,\nSaint-Denis\nun\ndeux"),
        ("<p>Uno&nbsp;due\n tre</p>", "Uno due tre"),
        ("<style>p {}</style><p>Testo</p><script>alert(1)</script>", "Testo"),
        ("R&amp;D &#233;", "R&D é"),
        ("U < 0.2 and <unknown> & more", "U < 0.2 and <unknown> & more"),
        ("a\r\nb\x00\x07\ud800", "a\nb?"),
        ("e\u0301", "é"),
        ("<a href='x'>never closed", "never closed"),
        ("<!-- hidden <p> -->seen<!-- open", "seen"),
    ],
)
def test_a_text_is_what_a_reader_sees(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_broken_markup_is_read_at_all() -> None:
    """html.parser takes minutes for each of these."""
    assert plain("<p>" + "<a " * 200_000 + "x").endswith("x")
    assert plain("<p>x" + "<!-- " * 200_000) == "x"
    assert clean("\x01" * 10) == ""


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("it", "it"), ("de_DE", "de-DE"), ("en-UK", "en-GB"), ("ger", "de"), ("dut", "nl"), ("FR", "fr"),
        ("en-us", "en-US"), ("en-t-da-t0-mtec", "en-t-da-t0-mtec"), ("english", None), ("default", None),
        ("", None), ("und", None), ("x y", None), ("it_IT.utf8", None), ("xx", None),
    ],
)  # fmt: skip
def test_a_language_tag_is_in_canonical_form_or_none(tag: str, expected: str | None) -> None:
    assert language_tag(tag) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ger", ["DEU"]),
        ("dutch", ["NLD"]),
        ("Magyar", ["HUN"]),
        ("{DEU,ITA}", ["DEU", "ITA"]),
        ("nl-NL", ["NLD"]),
        ("http://publications.europa.eu/resource/authority/language/nld", ["NLD"]),
        ("http://id.loc.gov/vocabulary/iso639-1/en", ["ENG"]),
        ("http://lexvo.org/id/iso639-3/fra", ["FRA"]),
        ("Klingon", [None]),
        ("https://example.org/language/it", [None]),
    ],
)
def test_a_language_is_an_iri_of_the_eu_table(text: str, expected: list[str | None]) -> None:
    assert [term.value.rsplit("/", 1)[1] if term else None for _, term in languages(text)] == expected


# Licences

BY4 = "http://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    "text",
    [
        BY4,
        "https://creativecommons.org/licenses/by/4.0/deed.it",
        "https://creativecommons.org/licenses/by/4.0",
        "http://creativecommons.org/licenses/by/4.0/legalcode.nl",
        "http://creativecommons.org/licenses/by/4.0/nl/",
        "httpss://creativecommons.org/licenses/by/4.0/",
        "cc-by-4.0",
        "CC BY 4.0",
        "Creative Commons BY 4.0 International",
        "http://publications.europa.eu/resource/authority/licence/CC_BY_4_0",
        "https://w3id.org/italia/controlled-vocabulary/licences/A21_CCBY40",
        "http://dcat-ap.de/def/licenses/cc-by/4.0",
        "https://spdx.org/licenses/CC-BY-4.0",
    ],
)
def test_all_forms_of_a_licence_are_one_iri(text: str) -> None:
    found = licence(text)
    assert found is not None
    assert found.value == BY4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://creativecommons.org/licenses/by/3.0/at/deed.de", "http://creativecommons.org/licenses/by/3.0/at/"),
        ("http://publications.europa.eu/resource/authority/licence/CC_BYNCND_4_0",
         "http://creativecommons.org/licenses/by-nc-nd/4.0/"),
        ("CC0", "http://creativecommons.org/publicdomain/zero/1.0/"),
        ("https://creativecommons.org/publicdomain/zero/1.0/deed.nl", "http://creativecommons.org/publicdomain/zero/1.0/"),
        ("odc-odbl", "http://publications.europa.eu/resource/authority/licence/ODC_BL"),
        ("lov2", "https://spdx.org/licenses/etalab-2.0"),
        ("Licence Ouverte Version 2.0", "https://spdx.org/licenses/etalab-2.0"),
    ],
)  # fmt: skip
def test_a_licence_is_its_canonical_iri(text: str, expected: str) -> None:
    found = licence(text)
    assert found is not None
    assert found.value == expected


@pytest.mark.parametrize(
    "text",
    ["cc-by", "CC BY-SA", "Creative Commons Attribution", "geen beperkingen", "fr-lo", "other-open",
     "http://www.opendefinition.org/licenses/cc-by", "https://w3id.org/italia/controlled-vocabulary/licences/C1_Unknown"],
)  # fmt: skip
def test_an_uncertain_licence_is_not_guessed(text: str) -> None:
    assert licence(text) is None


def test_an_iri_without_version_is_uncertain_and_notspecified_says_nothing() -> None:
    assert is_uncertain("http://www.opendefinition.org/licenses/cc-by")
    assert is_uncertain("https://w3id.org/italia/controlled-vocabulary/licences/C1_Unknown")
    assert not is_uncertain("https://example.org/our-licence")
    assert not is_stated("notspecified")
    assert is_stated("cc-by")
