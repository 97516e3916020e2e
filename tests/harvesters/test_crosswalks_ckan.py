"""CKAN packages and the ways in which portals bend them."""

import json
from typing import Any

import pytest

from harvesters.crosswalks.ckan import CkanCrosswalk
from hub.errors import Rejected
from hub.model import Mapped
from tests.harvesters.conftest import PAYLOADS, Told, map_json, notes, read, source

CKAN = CkanCrosswalk()


def package(kind: str = "practice", where: dict[str, Any] | None = None, **written: Any) -> Mapped:
    return map_json(CKAN, written, source("ckan", **(where or {})), kind)


def told(kind: str = "practice", where: dict[str, Any] | None = None, **written: Any) -> Told:
    return read(package(kind, where, **written))


def test_the_page_of_a_package_is_its_origin() -> None:
    for url in (
        "https://dati.example/opendata/api/3/action/",
        "https://dati.example/opendata",
        "https://dati.example/opendata/",
    ):
        found = told(where={"url": url}, name="tetto-nuovo")
        assert found[".", "dct:source"] == {"https://dati.example/opendata/dataset/tetto-nuovo"}


def test_standard_keys() -> None:
    found = told(
        id="p1", name="tetto", title="Tetto", notes="<p>Un tetto&nbsp;nuovo</p>", url="https://example.org/tetto",
        metadata_created="2021-08-04T12:35:41.758778", metadata_modified="2026-04-07T08:03:03", issued="04-08-2021",
        organization={"id": "org-1", "name": "pat", "title": "Provincia"}, language="{DEU,ITA}",
        license_id="cc-by", license_url="https://creativecommons.org/licenses/by/4.0/deed.it",
    )  # fmt: skip
    assert found[".", "dct:title"] == {"Tetto@it"}
    assert found[".", "dct:description"] == {"Un tetto nuovo@it"}
    assert found[".", "dcat:landingPage"] == {"https://example.org/tetto"}
    assert found[".", "dct:issued"] == {"2021-08-04^^xsd:date"}
    assert found[".", "dct:modified"] == {"2026-04-07T08:03:03^^xsd:dateTime"}
    assert found[".", "dct:publisher"] == {"~organisation/partner/org-1"}
    assert found["~organisation/partner/org-1", "foaf:name"] == {"Provincia@it"}
    assert {language.rsplit("/", 1)[1] for language in found[".", "dct:language"]} == {"DEU", "ITA"}
    assert found[".", "dct:license"] == {"http://creativecommons.org/licenses/by/4.0/"}


# Languages


def test_fluent_title_beside_the_plain_one() -> None:
    """The plain title repeats one of the translations; which one, only the portal knows."""
    found = told(title="A roof", title_translated={"it": "Un tetto", "en": "A roof"})
    assert found[".", "dct:title"] == {"Un tetto@it", "A roof@en"}
    found = told(title="A roof", title_translated={"en": "A roof", "sv": "Ett tak"})
    assert found[".", "dct:title"] == {"A roof@en", "Ett tak@sv"}


def test_a_plain_title_that_differs_from_its_own_translation_is_told() -> None:
    mapped = package(title="Tetto vecchio", title_translated={"it": "Tetto nuovo"})
    assert read(mapped)[".", "dct:title"] == {"Tetto nuovo@it"}
    assert notes(mapped) == {("title", "Tetto vecchio")}


def test_fluent_as_a_bare_object_or_json_text() -> None:
    assert told(title={"de": "Dach", "fr": ""})[".", "dct:title"] == {"Dach@de"}
    found = told(title="x", notes='{"de": "Dach", "en_GB": "Roof"}')
    assert found[".", "dct:description"] == {"Dach@de", "Roof@en-gb"}


def test_a_key_that_is_no_language_is_told() -> None:
    mapped = package(title_translated={"default": "Tetto", "en": "Roof"})
    assert read(mapped)[".", "dct:title"] == {"Tetto@it", "Roof@en"}
    assert notes(mapped) == {("title", "Tetto@default")}


def test_tags_as_objects_as_texts_and_translated() -> None:
    assert told(tags=[{"name": "tetto", "id": "x"}, {"id": "y"}, 5])[".", "dcat:keyword"] == {"tetto@it"}
    assert told(tags=["arbeit", "frau"], where={"language": "de"})[".", "dcat:keyword"] == {"arbeit@de", "frau@de"}
    found = told(tags=[{"name": "Oaks"}], tags_translated={"en": ["Oaks", "Pines"], "es": ["Robles"]})
    assert found[".", "dcat:keyword"] >= {"Oaks@en", "Pines@en", "Robles@es"}


def test_a_tag_that_names_a_concept_is_one() -> None:
    found = told(tags=[{"name": "Fotovoltaico"}, {"name": "comunità energetica"}])
    assert found[".", "coped:energyMeasure"] == {"concept:energy-measure/photovoltaics"}
    assert found[".", "dcat:theme"] == {"concept:theme/energy-community"}
    assert len(found[".", "dcat:keyword"]) == 2


# Extras


def test_extras_as_a_list_and_as_the_object_of_older_portals() -> None:
    where = {"options": {"fields": {"sfida": "challenge@it", "stato": "status", "title": "objective"}}}
    for extras in (
        [{"key": "sfida", "value": "Freddo"}, {"key": "stato", "value": "example"}],
        {"sfida": "Freddo", "stato": "example"},
    ):
        found = told(where=where, title="Tetto", extras=extras)
        assert found[".", "coped:challenge"] == {"Freddo@it"}
        assert found[".", "dct:type"] == {"concept:record-status/example"}
        assert found[".", "coped:objective"] == {"Tetto@it"}  # what the source file maps is not mapped twice
        assert (".", "dct:title") not in found


@pytest.mark.parametrize("extras", [None, "x", 5, [None, "x", {"value": 1}], {"a": {"b": []}}])
def test_extras_of_any_other_form_are_none(extras: Any) -> None:
    assert told(title="Tetto", extras=extras)[".", "dct:title"] == {"Tetto@it"}


def test_a_key_that_this_kind_does_not_have_is_told() -> None:
    where = {"options": {"fields": {"posti": "capacity"}}}
    assert notes(package(where=where, title="x", posti="80")) == {("capacity", "80")}
    assert told("event", where, title="x", posti="80")[".", "schema:maximumAttendeeCapacity"] == {"80^^xsd:integer"}


# Licences


@pytest.mark.parametrize(
    ("written", "expected", "noted"),
    [
        ({"license_id": "cc-by", "license_title": "Creative Commons Attribution"}, None, "cc-by"),
        ({"license_id": "cc-by", "license_url": "http://www.opendefinition.org/licenses/cc-by"}, None,
         "http://www.opendefinition.org/licenses/cc-by"),
        ({"license_id": "cc-by", "license_url": "https://creativecommons.org/licenses/by/3.0/at/deed.de"},
         "http://creativecommons.org/licenses/by/3.0/at/", None),
        ({"license_title": "http://www.etalab.gouv.fr/pages/Licence_ouverte_Open_licence-5899923.html"},
         "http://www.etalab.gouv.fr/pages/Licence_ouverte_Open_licence-5899923.html", None),
        ({"license_id": "notspecified", "license_title": "License not specified"}, "https://example.org/default", None),
        ({}, "https://example.org/default", None),
        ({"license_id": "other-open"}, None, "other-open"),
    ],
)  # fmt: skip
def test_the_one_field_that_names_a_licence_for_certain(
    written: dict[str, str], expected: str | None, noted: str | None
) -> None:
    mapped = package(where={"licence": "https://example.org/default"}, title="x", **written)
    assert read(mapped).get((".", "dct:license"), set()) == ({expected} if expected else set())
    assert notes(mapped) == ({("licence", noted)} if noted else set())


@pytest.mark.parametrize(
    ("package_s", "resources_s", "expected"),
    [
        (None, ["cc-by-4.0", "cc-by-4.0"], "http://creativecommons.org/licenses/by/4.0/"),
        ("notspecified", ["cc-by-4.0"], "http://creativecommons.org/licenses/by/4.0/"),
        ("cc-zero", ["cc-by-4.0"], "http://creativecommons.org/publicdomain/zero/1.0/"),
        (None, ["cc-by-4.0", None], None),
        (None, ["cc-by-4.0", "cc-zero"], None),
        (None, ["notspecified"], None),
    ],
)
def test_the_licence_of_all_resources(
    package_s: str | None, resources_s: list[str | None], expected: str | None
) -> None:
    found = told(license_id=package_s, resources=[{"license": licence} for licence in resources_s])
    assert found.get((".", "dct:license")) == ({expected} if expected else None)


# Dates


def test_dkan_s_dates_in_words() -> None:
    where = {"language": "fr", "country": "FRA"}
    mapped = package(
        where=where, title="x", metadata_created="mar, 10/12/2019 - 09:23", metadata_modified="Date changed  jeu"
    )
    assert read(mapped)[".", "dct:issued"] == {"2019-12-10T09:23:00^^xsd:dateTime"}
    assert notes(mapped) == {("modified", "Date changed  jeu")}


def test_two_dates_of_modification_are_one() -> None:
    found = told(
        title="x", metadata_modified="2012-10-17T13:24:09", extras={"metadata_modified": "2012-10-17T11:29:18"}
    )
    assert found[".", "dct:modified"] == {"2012-10-17T13:24:09^^xsd:dateTime"}


# Places, periods, organisations


def test_geojson_of_a_point_and_of_an_area() -> None:
    point = json.dumps({"type": "Point", "coordinates": [11.12, 46.07]})
    found = told(title="x", extras=[{"key": "spatial", "value": point}, {"key": "spatial_text", "value": "Trento"}])
    assert found["#place-1", "dcat:centroid"] == {"POINT(11.12 46.07)^^geo:wktLiteral"}
    assert found["#place-1", "locn:geographicName"] == {"Trento@it"}
    area = {"type": "Polygon", "coordinates": [[[4, 45], [4, float("nan")], [4, 46], [4, 45]]]}
    mapped = package(title="x", spatial=area)
    assert (".", "dct:spatial") not in read(mapped)
    assert [note.field for note in mapped.notes] == ["place"] or [note.field for note in mapped.notes] == ["centroid"]


def test_the_lists_of_ckanext_dcat() -> None:
    found = told(
        title="x",
        theme=["http://publications.europa.eu/resource/authority/data-theme/ENER", "energy-community"],
        spatial_coverage=[{"uri": "http://data.europa.eu/nuts/code/ES514", "text": "Tarragona",
                           "centroid": {"type": "Point", "coordinates": [1.26639, 41.12386]}}],
        temporal_coverage=[{"start": "1905-03-01", "end": "2013-01-05"}],
        publisher=[{"name": "Editore", "email": "a@example.org", "url": "https://example.org",
                    "identifier": "http://example.org/publisher-id", "type": "public_body"}],
        organization={"id": "org-1", "name": "pat", "title": "Provincia"},
    )  # fmt: skip
    assert found[".", "dcat:theme"] == {"concept:theme/energy-community"}
    assert found["#place-1", "locn:geographicName"] == {"Tarragona@it"}
    assert found["#period-1", "dcat:endDate"] == {"2013-01-05^^xsd:date"}
    (publisher,) = found[".", "dct:publisher"]
    assert found[publisher, "foaf:name"] == {"Editore@it"}
    assert found[publisher, "foaf:homepage"] == {"https://example.org"}
    assert found[publisher, "dct:source"] == {"http://example.org/publisher-id"}


def test_ogd_austria_s_flat_extras() -> None:
    extras = {
        "begin_datetime": "2003-01-31",
        "end_datetime": "2011-06-30",
        "metadata_identifier": "9470466e",
        "publisher": "Stadt Linz",
        "schema_language": "ger",
        "maintainer_link": "a@linz.at",
        "categorization": ["wirtschaft"],
    }
    mapped = package(where={"language": "de", "country": "AUT"}, title="Arbeit", extras=extras, tags=["arbeit"])
    found = read(mapped)
    assert found["#period-1", "dcat:startDate"] == {"2003-01-31^^xsd:date"}
    assert found["#publisher-1", "foaf:name"] == {"Stadt Linz@de"}
    assert found[".", "dct:identifier"] == {"p1", "9470466e"}
    assert found[".", "coped:country"] == {"country:AUT"}
    assert not mapped.notes


def test_dcatapit_s_creators_in_json_text() -> None:
    creators = (
        '[{"creator_identifier": "EHGQO1", "creator_name": {"de": "Agentur", "it": "Agenzia", "en_GB": "Agency"}}]'
    )
    found = told(title="x", creator=creators, publisher_name="Provincia", publisher_identifier="p_TN")
    (lead,) = found[".", "dct:creator"]
    assert found[lead, "foaf:name"] == {"Agentur@de", "Agenzia@it", "Agency@en-gb"}
    assert found[lead, "dct:identifier"] == {"EHGQO1"}
    (publisher,) = found[".", "dct:publisher"]
    assert found[publisher, "dct:identifier"] == {"p_TN"}


def test_each_kind_has_its_own_link_and_no_field_that_it_lacks() -> None:
    written = {
        "title": "x",
        "url": "https://example.org/x",
        "organization": {"id": "o", "title": "O"},
        "creator": ["Coop"],
    }
    assert told("organisation", **written)[".", "foaf:homepage"] == {"https://example.org/x"}
    assert told("event", **written)[".", "schema:url"] == {"https://example.org/x"}
    venue = told("venue", **written)
    assert (".", "dct:publisher") not in venue
    assert venue["#operator-1", "foaf:name"] == {"Coop@it"}


# Payloads


@pytest.mark.parametrize("entry", [[], "text", None, 5])
def test_what_is_no_package_is_rejected(entry: Any) -> None:
    with pytest.raises(Rejected, match="no JSON object"):
        map_json(CKAN, entry, source("ckan"))


def test_a_real_package_of_trentino() -> None:
    file = PAYLOADS / "ckan" / "it_trentino_package_show.json"
    if not file.is_file():
        pytest.skip("shared/payloads is not there")
    found = told(**json.loads(file.read_text("utf-8"))["result"])
    assert found[".", "dct:license"] == {"http://creativecommons.org/licenses/by/4.0/"}
    assert found[".", "dct:issued"] == {"2021-08-04^^xsd:date"}
    assert len(found[".", "dcat:keyword"]) == 12


def test_a_nuts_region_beside_a_name_is_kept() -> None:
    """As ckanext-dcat writes a place; an address that is no region is told."""
    uri, other = "http://data.europa.eu/nuts/code/ITH5", "https://sws.geonames.org/3176746/"
    place = {"id": "p1", "title": "Tetto", "spatial_coverage": [{"uri": uri, "text": "Emilia"}]}
    told = read(map_json(CkanCrosswalk(), place, source()))
    assert told["#place-1", "dct:isPartOf"] == {uri} and told["#place-1", "locn:geographicName"] == {"Emilia@it"}
    place["spatial_coverage"] = [{"uri": other, "text": "Emilia"}]
    assert ("nuts", other) in notes(map_json(CkanCrosswalk(), place, source()))
