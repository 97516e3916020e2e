"""Flat keys and tables: columns of a spreadsheet, extras of a portal."""

from typing import Any

import pytest

from harvesters.crosswalks.flat import is_known, read_key
from harvesters.crosswalks.table import TableCrosswalk
from hub.errors import Rejected
from hub.model import Mapped
from tests.harvesters.conftest import Told, map_bytes, map_json, notes, read, source

TABLE = TableCrosswalk()


def row(cells: dict[str, Any], kind: str = "practice", language: str = "it", **more: Any) -> Mapped:
    """A row whose columns are called as the flat keys are."""
    where = source("table", language, options={"fields": {key: key for key in cells}, **more})
    return map_json(TABLE, cells, where, kind)


def told(cells: dict[str, Any], kind: str = "practice", language: str = "it") -> Told:
    return read(row(cells, kind, language))


# Keys


@pytest.mark.parametrize(
    "key",
    ["title", "title@en", "title@en-t-da-t0-mtec", "theme", "point", "start", "place.point", "place-2.name@fr",
     "lead.name", "lead.identifier", "indicator-12.value", "funding.funder.name@it", "venue.title",
     "funding.funder.place.name"],
)  # fmt: skip
def test_a_key_of_the_profile_is_known(key: str) -> None:
    assert is_known("practice", key)


@pytest.mark.parametrize(
    "key",
    ["", "titel", "title.en", "title@", "title@english", "lead.colour", "floorArea", "indicator-0.value", "a b",
     "place.", ".name", "lead..name", "@it"],
)  # fmt: skip
def test_a_key_that_the_profile_does_not_have_is_unknown(key: str) -> None:
    assert not is_known("practice", key)


def test_what_is_known_depends_on_the_kind() -> None:
    assert is_known("venue", "floorArea")
    assert is_known("event", "capacity")
    assert not is_known("event", "floorArea")


def test_a_key_has_numbers_and_a_language() -> None:
    key = read_key("funding-2.funder.name@fr")
    assert key is not None
    assert [(step.name, step.number) for step in key.steps] == [("funding", "2"), ("funder", None), ("name", None)]
    assert key.language == "fr"


# Values


def test_a_text_without_tag_is_in_the_language_of_the_source() -> None:
    found = told({"title": "Un tetto nuovo", "title@en": "A new roof", "challenge@de_DE": "Kälte"})
    assert found[".", "dct:title"] == {"Un tetto nuovo@it", "A new roof@en"}
    assert found[".", "coped:challenge"] == {"Kälte@de-de"}


def test_what_the_hub_adds_to_every_record() -> None:
    mapped = row({"title": "Un tetto"})
    found = read(mapped)
    assert found[".", "rdf:type"] == {"coped:GoodPractice"}
    assert found[".", "coped:country"] == {"country:ITA"}
    assert found[".", "dct:identifier"] == {"p1"}
    assert not mapped.notes


def test_a_country_that_is_stated_takes_the_place_of_the_source_s() -> None:
    for name in (
        "SE",
        "SWE",
        "Sweden",
        "Svezia",
        "sverige",
        "http://publications.europa.eu/resource/authority/country/SWE",
    ):
        assert told({"country": name})[".", "coped:country"] == {"country:SWE"}


def test_the_eu_s_own_country_codes() -> None:
    assert told({"country": "EL; UK"})[".", "coped:country"] == {"country:GRC", "country:GBR"}


def test_the_source_s_licence_only_where_the_record_states_none() -> None:
    where = source("table", options={"fields": {"t": "title", "l": "licence"}}, licence="https://example.org/licence")

    def licences(cell: str) -> tuple[set[str], set[tuple[str, str]]]:
        mapped = map_json(TABLE, {"t": "Titolo", "l": cell}, where)
        return read(mapped).get((".", "dct:license"), set()), notes(mapped)

    assert licences("") == ({"https://example.org/licence"}, set())
    assert licences("notspecified") == ({"https://example.org/licence"}, set())
    assert licences("CC0") == ({"http://creativecommons.org/publicdomain/zero/1.0/"}, set())
    assert licences("cc-by") == (set(), {("licence", "cc-by")})


def test_concepts_are_found_by_notation_and_label_in_any_language() -> None:
    mapped = row({"theme": "energy-community; Énergie citoyenne partagée du futur", "measure": '["photovoltaics"]'})
    assert read(mapped)[".", "dcat:theme"] == {"concept:theme/energy-community"}
    assert read(mapped)[".", "coped:energyMeasure"] == {"concept:energy-measure/photovoltaics"}
    assert notes(mapped) == {("theme", "Énergie citoyenne partagée du futur")}


def test_a_keyword_of_our_vocabularies_is_a_concept_as_well() -> None:
    found = told({"keyword": "photovoltaics; tetto; energy community"})
    assert found[".", "dcat:keyword"] == {"photovoltaics@it", "tetto@it", "energy community@it"}
    assert found[".", "coped:energyMeasure"] == {"concept:energy-measure/photovoltaics"}
    assert found[".", "dcat:theme"] == {"concept:theme/energy-community"}


def test_dates_and_numbers_by_the_language_of_the_source() -> None:
    found = told({"start": "17.05.2024", "end": "2025", "issued": "01.02.2026"}, language="de")
    assert found["#period-1", "dcat:startDate"] == {"2024-05-17^^xsd:date"}
    assert found["#period-1", "dcat:endDate"] == {"2025^^xsd:gYear"}
    assert found[".", "dct:issued"] == {"2026-02-01^^xsd:date"}
    assert told({"floorArea": "1.450,5"}, "venue", "de")[".", "coped:floorArea"] == {"1450.5^^xsd:decimal"}
    assert told({"floorArea": 1450}, "venue", "de")[".", "coped:floorArea"] == {"1450^^xsd:decimal"}
    assert told({"floorArea": "1 450 m²"}, "venue", "fr")[".", "coped:floorArea"] == {"1450^^xsd:decimal"}
    assert told({"capacity": "120"}, "event")[".", "schema:maximumAttendeeCapacity"] == {"120^^xsd:integer"}


def test_what_no_rule_reads_is_told_and_not_guessed() -> None:
    mapped = row(
        {"issued": "04/05/2021", "start": "spring", "landingPage": "our page", "image": "javascript:alert(1)"},
        language="en",
    )
    assert notes(mapped) == {
        ("issued", "04/05/2021"), ("start", "spring"), ("landingPage", "our page"), ("image", "javascript:alert(1)"),
    }  # fmt: skip
    assert notes(row({"capacity": "12.5"}, "event", "en")) == {("capacity", "12.5")}


def test_an_address_with_a_space_is_encoded() -> None:
    found = told({"landingPage": "https://example.org/una pagina; https://example.org/b"})
    assert found[".", "dcat:landingPage"] == {"https://example.org/una%20pagina", "https://example.org/b"}


# What records embed


def test_a_place_has_its_name_point_and_region() -> None:
    found = told(
        {"place.name@it": "Bologna", "place.point": "44.49, 11.34", "place.nuts": "ITH55", "place.country": "IT"}
    )
    assert found[".", "dct:spatial"] == {"#place-1"}
    assert found["#place-1", "rdf:type"] == {"dct:Location"}
    assert found["#place-1", "locn:geographicName"] == {"Bologna@it"}
    assert found["#place-1", "dcat:centroid"] == {"POINT(11.34 44.49)^^geo:wktLiteral"}
    assert found["#place-1", "dct:isPartOf"] == {"http://data.europa.eu/nuts/code/ITH55"}
    assert found["#place-1", "coped:country"] == {"country:ITA"}


def test_a_point_without_name_is_called_after_its_country() -> None:
    assert told({"point": "44.49, 11.34"})["#place-1", "locn:geographicName"] == {"Italia@it"}
    found = told({"place.nuts": "EL30", "country": "IT"})
    assert {name.split("@")[0].endswith("(EL30)") for name in found["#place-1", "locn:geographicName"]} == {True}


def test_a_country_in_place_of_a_place_is_a_country() -> None:
    for cells in ({"place": "Norway"}, {"place.name@en": "Norway"}):
        found = told(cells)
        assert found[".", "coped:country"] == {"country:NOR"}
        assert (".", "dct:spatial") not in found


def test_a_polygon_is_not_turned_into_a_point() -> None:
    for key in ("place", "place.point", "point"):
        mapped = row({key: "POLYGON ((11 44, 11 45, 12 45, 11 44))", "title": "x"})
        assert read(mapped)["#place-1", "locn:geometry"] == {"POLYGON ((11 44, 11 45, 12 45, 11 44))^^geo:wktLiteral"}
        assert ("#place-1", "dcat:centroid") not in read(mapped) and not mapped.notes


def test_a_broken_polygon_is_told() -> None:
    mapped = row({"place": "POLYGON (-180 -90, 180 90)", "title": "x"})
    assert (".", "dct:spatial") not in read(mapped)
    assert notes(mapped) == {("place", "POLYGON (-180 -90, 180 90)")}


def test_a_period_in_one_cell() -> None:
    found = told({"period": "2025-2027"})
    assert found["#period-1", "dcat:startDate"] == {"2025^^xsd:gYear"}
    assert found["#period-1", "dcat:endDate"] == {"2027^^xsd:gYear"}
    assert notes(row({"period": "two years"})) == {("period", "two years")}


def test_an_organisation_with_identifier_is_shared_and_without_is_the_record_s_own() -> None:
    found = told({"lead.name@it": "Cooperativa Tetto", "lead.identifier": "coop-tetto", "partner": "Officina Legno"})
    assert found[".", "dct:creator"] == {"~organisation/partner/coop-tetto"}
    assert found["~organisation/partner/coop-tetto", "rdf:type"] == {"org:Organization", "foaf:Agent"}
    assert found["~organisation/partner/coop-tetto", "foaf:name"] == {"Cooperativa Tetto@it"}
    assert found["~organisation/partner/coop-tetto", "dct:identifier"] == {"coop-tetto"}
    assert found[".", "dct:contributor"] == {"#partner-1"}
    assert found["#partner-1", "foaf:name"] == {"Officina Legno@it"}


def test_an_organisation_s_iri_is_its_origin() -> None:
    found = told({"lead.name": "Coop", "lead.identifier": "https://example.org/coop"})
    (lead,) = found[".", "dct:creator"]
    assert lead.startswith("~organisation/partner/https-example-org-coop-")
    assert found[lead, "dct:source"] == {"https://example.org/coop"}
    assert (lead, "dct:identifier") not in found


def test_several_partners_by_semicolons_keep_their_identifiers() -> None:
    found = told({"partner.name@it": "Alfa; Beta", "partner.name@en": "Alpha; Beta", "partner.identifier": "a; b"})
    assert found[".", "dct:contributor"] == {"~organisation/partner/a", "~organisation/partner/b"}
    assert found["~organisation/partner/a", "foaf:name"] == {"Alfa@it", "Alpha@en"}
    assert found["~organisation/partner/b", "foaf:name"] == {"Beta@it", "Beta@en"}


def test_numbered_indicators_and_a_grant_with_its_funder() -> None:
    found = told({
        "indicator-1.name": "Gas", "indicator-1.value": "41 000 kWh/a", "indicator-1.baseline": "62.500",
        "indicator-2.name": "Soci", "indicator-2.value": 140, "indicator-2.unit": "persone", "indicator-2.date": "2024",
        "funding.name": "Bando", "funding.amount": "149 736 100 .- HUF", "funding.funder.name": "Fondazione",
    })  # fmt: skip
    assert found[".", "coped:indicator"] == {"#indicator-1", "#indicator-2"}
    assert found["#indicator-1", "schema:value"] == {"41000^^xsd:decimal"}
    assert found["#indicator-1", "schema:unitText"] == {"kWh/a"}
    assert found["#indicator-1", "coped:baseline"] == {"62500^^xsd:decimal"}
    assert found["#indicator-2", "schema:value"] == {"140^^xsd:decimal"}
    assert found["#funding-1", "schema:amount"] == {"149736100^^xsd:decimal"}
    assert found["#funding-1", "schema:currency"] == {"HUF"}
    assert found["#funding-1", "schema:funder"] == {"#funding-1-funder-1"}
    assert found["#funding-1-funder-1", "foaf:name"] == {"Fondazione@it"}


def test_a_unit_that_disagrees_is_not_taken() -> None:
    mapped = row({"indicator.name": "Gas", "indicator.value": "41 000 kWh", "indicator.unit": "m³"})
    assert notes(mapped) == {("value", "41 000 kWh")}
    assert read(mapped)["#indicator-1", "schema:unitText"] == {"m³"}


def test_objects_and_lists_as_json_text() -> None:
    found = told({
        "partner": '[{"name": "Alfa", "identifier": "a", "email": "a@b.it"}, {"name": {"it": "Beta", "en": "B"}}]',
        "place": '{"text": "Bologna (2 sedi)", "geom": {"type": "Point", "coordinates": [11.34, 44.49]}}',
        "title": '{"it": "Titolo", "en": "Title"}',
    })  # fmt: skip
    assert found[".", "dct:contributor"] == {"~organisation/partner/a", "#partner-2"}
    assert found["#partner-2", "foaf:name"] == {"Beta@it", "B@en"}
    assert found["#place-1", "locn:geographicName"] == {"Bologna (2 sedi)@it"}
    assert found["#place-1", "dcat:centroid"] == {"POINT(11.34 44.49)^^geo:wktLiteral"}
    assert found[".", "dct:title"] == {"Titolo@it", "Title@en"}


# Tables


def test_columns_become_fields_and_constants_are_in_every_row() -> None:
    options = {
        "fields": {"Titel": "title@nl", "Waar": "place.name@nl"},
        "constants": {"status": "example", "country": "NL"},
    }
    mapped = map_json(TABLE, {"Titel": "Dak", "Waar": "", "Anders": "x"}, source("table", "nl", "NLD", options=options))
    found = read(mapped)
    assert found[".", "dct:title"] == {"Dak@nl"}
    assert found[".", "dct:type"] == {"concept:record-status/example"}
    assert (".", "dct:spatial") not in found


def test_a_heading_may_be_written_as_it_stands_in_the_table() -> None:
    options = {"fields": {"Titel /\n  title": "title@nl"}}
    mapped = map_json(TABLE, {"Titel / title": "Dak"}, source("table", "nl", "NLD", options=options))
    assert read(mapped)[".", "dct:title"] == {"Dak@nl"}


def test_a_row_of_another_table_is_rejected_with_what_to_do() -> None:
    where = source("table", options={"fields": {"Titel": "title@nl"}})
    with pytest.raises(Rejected, match=r"none of the columns .*Titel.*options\.fields"):
        map_json(TABLE, {"Naam": "Dak"}, where)


@pytest.mark.parametrize("payload", [b"", b"[1]", b"{", b"\xff\xfe", b"[" * 100_000, b'"text"'])
def test_a_payload_that_is_no_row_is_rejected(payload: bytes) -> None:
    with pytest.raises(Rejected, match="JSON"):
        map_bytes(TABLE, payload, source("table", options={"fields": {"a": "title"}}), "practice", "p1")


def test_a_cell_of_ten_thousand_partners_is_rejected() -> None:
    with pytest.raises(Rejected, match="embeds more than"):
        row({"partner": ";".join(f"p{n}" for n in range(10_000))})
