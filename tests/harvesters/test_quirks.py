"""What real portals get wrong, one test a quirk, from the wire to the ledger.

The numbers are those of the project's list of payload quirks. Where the collection of real payloads has one it is read;
elsewhere the payload is written for the test, after the portal's own.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse

from hub.fetch import Client
from hub.harvest import harvest
from hub.ledger import Ledger
from hub.model import HarvestReport, Mapped, Source
from hub.profile import load
from hub.validation import report_from_json
from tests.harvesters.conftest import BASE, PAYLOADS, Told, read
from tests.servers.loopback import Answer, Question, serving

RDF_XML, JSON_LD = "application/rdf+xml", "application/ld+json"
real = pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the real payloads are not part of the repository")


@dataclass(frozen=True)
class Record:
    state: str
    said: Told
    remarks: list[tuple[str, str]]  # field or path, and value, of what no rule maps


@dataclass(frozen=True)
class Harvested:
    report: HarvestReport
    records: dict[str, Record]

    @property
    def one(self) -> Record:
        (record,) = self.records.values()
        return record


def harvested(
    protocol: str, answers: dict[str, Answer] | Answer, tmp_path: Path, where: str = "ITA it", **more: Any
) -> Harvested:
    """What becomes of the answers of a portal; by path and query where they differ."""

    def answer(question: Question) -> Answer:
        if isinstance(answers, Answer):
            return answers
        query = "&".join(f"{key}={value}" for key, value in question.query.items())
        return answers.get(f"{question.path}?{query}" if query else question.path, Answer(status=404))

    country, language = where.split()
    with serving(answer) as server:
        source = Source("partner", {"en": "Partner"}, country, language, protocol, server.url, protocol, **more)
        ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", BASE)
        client = Client("tests/1", allowed_hosts=[server.host], retries=0)
        report = harvest(ledger, source, client, load(), lambda *_: None)
    records = {r.identifier: _record(ledger, r.iri, r.state, r.graph) for r in ledger.changes.all_records()}
    ledger.close()
    return Harvested(report, records)


def _record(ledger: Ledger, iri: str, state: str, graph: str) -> Record:
    told = report_from_json(ledger.records.versions(iri)[0].report).results
    remarks = [(result.path, result.value or "") for result in told if result.component == "UnmappedValue"]
    triples = frozenset(quad.triple for quad in parse(graph, format=RdfFormat.N_TRIPLES))
    return Record(state, read(Mapped(triples)) if triples else {}, remarks)


def search(*packages: Any) -> str:
    result = {"count": len(packages), "results": list(packages)}
    return json.dumps({"success": True, "result": result}, ensure_ascii=False)


def listed(*packages: Any) -> Answer:
    return Answer(search(*packages), media_type="application/json")


def values(record: Record, path: str, of: str = ".") -> set[str]:
    return record.said.get((of, path), set())


VIENNA = {
    "id": "0f1e-ckan",
    "name": "wuk-daechergemeinschaft",
    "title": "Dächergemeinschaft für die Kultur",
    "notes": "Fünf Kulturhäuser teilen sich den Strom ihrer Dächer.",
    "tags": ["Dächer", "Öffentlichkeit"],
    "groups": ["kunst-und-kultur"],
    "license_url": "http://creativecommons.org/licenses/by/3.0/at/deed.de",
    "metadata_modified": "2026-03-02T10:00:00",
    "extras": {
        "metadata_identifier": "a2b4c6d8-ogd",
        "remote_id": "77",
        "remote_guid": "77-guid",
        "maintainer_link": "haus@kultur.example",
        "schema_language": "ger",
        "schema_characterset": "utf8",
        "metadata_original_portal": "http://portal.example",
        "en_title_and_desc": "A community of roofs: five cultural centres share the power of their roofs.",
        "metadata_modified": "2012-04-11T11:15:08",
        "schema_name": "OGD Austria Metadata 2.1",
        "begin_datetime": "2024-01-01",
        "categorization": ["kunst-und-kultur", ["wirtschaft"]],
    },
}


def test_quirk_01_an_austrian_portal_in_latin_1_with_extras_as_an_object(tmp_path: Path) -> None:
    body = search(VIENNA).encode("latin-1")
    found = harvested("ckan", Answer(body, media_type="application/json; charset=utf-8"), tmp_path, "AUT de")
    assert found.report.created == 1
    assert values(found.one, "dct:title") == {"Dächergemeinschaft für die Kultur@de"}
    assert values(found.one, "dcat:keyword") == {"Dächer@de", "Öffentlichkeit@de"}
    assert values(found.one, "dcat:startDate", "#period-1") == {"2024-01-01^^xsd:date"}


def test_quirk_02_an_austrian_record_with_two_identifiers_and_english_in_one_field(tmp_path: Path) -> None:
    found = harvested("ckan", listed(VIENNA), tmp_path, "AUT de")
    assert list(found.records) == ["0f1e-ckan"]  # the portal's own; the publisher's is kept beside it
    assert {"0f1e-ckan", "a2b4c6d8-ogd"} <= values(found.one, "dct:identifier")
    assert {language.rsplit("/", 1)[1] for language in values(found.one, "dct:language")} == {"DEU"}
    english = "A community of roofs: five cultural centres share the power of their roofs.@en"
    assert english in values(found.one, "dct:description")
    assert values(found.one, "dct:license") == {"http://creativecommons.org/licenses/by/3.0/at/"}
    assert values(found.one, "dct:modified") == {"2026-03-02T10:00:00^^xsd:dateTime"}  # the entry's, not the extra's
    assert not any("haus@kultur.example" in value for said in found.one.said.values() for value in said)


@pytest.mark.parametrize("spatial", ["POLYGON (-180 -90, 180 90)", "POLYGON ((9.5 46.4, 17.2 49.0))"])
def test_quirk_03_a_polygon_that_is_none_is_told_and_costs_no_record(tmp_path: Path, spatial: str) -> None:
    found = harvested("ckan", listed({**VIENNA, "extras": {"spatial": spatial}}), tmp_path, "AUT de")
    assert found.one.state == "live" and not any(path == "dcat:centroid" for _, path in found.one.said)
    assert spatial in [value for _, value in found.one.remarks]


DKAN = {
    "id": "04be6288",
    "name": "maison-commune",
    "title": "La maison commune de l’énergie",
    "notes": "<p>Les habitants rénovent la salle des fêtes.</p>\n",
    "license_title": "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf",
    "state": "Active",
    "private": True,
    "metadata_created": "mar, 10/12/2019 - 09:23",
    "metadata_modified": "Date changed  jeu, 19/12/2019 - 03:00",
    "resources": [{"size": "42 octets", "state": "Active", "created": "jeu, 19/12/2019 - 03:00"}],
}


@pytest.mark.parametrize("result", [[DKAN], [[DKAN]], [{"count": 1, "results": [DKAN]}]])
def test_quirk_04_a_dkan_with_a_list_as_result_and_dates_in_words(tmp_path: Path, result: Any) -> None:
    body = json.dumps({"success": True, "result": result})
    found = harvested("ckan", Answer(body, media_type="application/json"), tmp_path, "FRA fr")
    assert (found.report.state, found.one.state) == ("complete", "live")  # `private` and "Active" hide nothing
    assert values(found.one, "dct:issued") == {"2019-12-10T09:23:00^^xsd:dateTime"}
    assert values(found.one, "dct:modified") == {"2019-12-19T03:00:00^^xsd:dateTime"}
    assert values(found.one, "dct:license") == {"https://spdx.org/licenses/etalab-2.0"}
    assert values(found.one, "dct:description") == {"Les habitants rénovent la salle des fêtes.@fr"}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"success": false, "error": {"message": "Search index is down"}}', "Search index is down"),
        ("<!DOCTYPE html><html><title>Maintenance</title></html>", "Maintenance"),
        ('"The portal is closed"', "The portal is closed"),
    ],
)
def test_quirk_05_a_failure_with_status_200_is_a_failure(tmp_path: Path, body: str, told: str) -> None:
    found = harvested("ckan", Answer(body, media_type="application/json"), tmp_path)
    assert (found.report.state, found.records) == ("failed", {})
    assert told in found.report.message


@pytest.mark.parametrize("title", [{"it": "Un tetto", "sv": "Ett tak"}, '{"it": "Un tetto", "sv": "Ett tak"}'])
def test_quirk_06_fluent_texts_beside_the_plain_ones_or_in_their_place(tmp_path: Path, title: Any) -> None:
    beside = {"id": "a", "title": "Un tetto", "title_translated": title, "notes_translated": {"it": "Isolato."}}
    tags = {"tags_translated": {"it": ["teatro"], "sv": ["teater"]}}
    found = harvested("ckan", listed({**beside, **tags}, {"id": "b", "title": title, "notes": "Isolato."}), tmp_path)
    for record in found.records.values():
        assert record.state == "live" and values(record, "dct:title") == {"Un tetto@it", "Ett tak@sv"}
    assert values(found.records["a"], "dcat:keyword") == {"teatro@it", "teater@sv"}


ARCGIS = {
    "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",
    "@type": "dcat:Catalog",
    "dataset": [
        {
            "@type": "dcat:Dataset",
            "identifier": "https://www.arcgis.com/home/item.html?id=f65&sublayer=5",
            "landingPage": "https://ville.example/maps/f65_5",
            "title": "Toits solaires",
            "description": '<DIV STYLE="text-align:Left;"><P><SPAN>Toits solaires de la ville</SPAN></P></DIV>',
            "keyword": ["énergie"],
            "modified": "2022-07-29T11:29:07.556Z",
            "publisher": {"name": "Ville"},
            "spatial": "6.5735,46.3912,6.6069,46.4028",
            "license": "<DIV><P>Licence Etalab : https://www.etalab.gouv.fr/licence-ouverte-open-licence/</P></DIV>",
        }
    ],
}


def test_quirk_08_arcgis_with_markup_a_box_and_a_context_that_is_gone(tmp_path: Path) -> None:
    found = harvested("dcat", Answer(json.dumps(ARCGIS), media_type="application/json"), tmp_path, "FRA fr")
    assert (found.report.state, found.one.state) == ("complete", "live")
    assert values(found.one, "dct:description") == {"Toits solaires de la ville@fr"}
    assert values(found.one, "dct:license") == {"https://www.etalab.gouv.fr/licence-ouverte-open-licence/"}
    assert values(found.one, "dct:modified") == {"2022-07-29T11:29:07.556Z^^xsd:dateTime"}
    assert values(found.one, "foaf:name", "#publisher-1") == {"Ville@fr"}
    assert "6.5735,46.3912,6.6069,46.4028" in [value for _, value in found.one.remarks]


PAGE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
<https://portal.example/> a dcat:Catalog ; dcat:dataset <https://portal.example/{name}> .
<https://portal.example/{name}> a dcat:Dataset ; dct:title "Tetto {name}"@it ; dct:description "Isolato."@it .
{link}
"""


@pytest.mark.parametrize(
    "link",
    [
        '<http://paster/catalog.rdf> a hydra:PagedCollection ; hydra:nextPage "http://paster/catalog.rdf?page=2" .',
        "<http://paster/> a hydra:PartialCollectionView ; hydra:next <http://paster/catalog.rdf?page=2> .",
    ],
)
def test_quirk_09_hydra_old_and_new_with_literals_and_an_internal_host(tmp_path: Path, link: str) -> None:
    answers = {
        "/": Answer(PAGE.format(name="uno", link=link), media_type="text/turtle"),
        "/catalog.rdf?page=2": Answer(PAGE.format(name="due", link=""), media_type="text/turtle"),
    }
    found = harvested("dcat", answers, tmp_path)
    assert (found.report.state, found.report.created) == ("complete", 2), found.report.message


@real
def test_quirk_10_an_italian_example_with_a_broken_namespace(tmp_path: Path) -> None:
    body = (PAYLOADS / "dcat" / "it_esempio_6.rdf").read_bytes()
    found = harvested("dcat", Answer(body, media_type=RDF_XML), tmp_path)
    assert (found.report.state, found.report.created, found.report.failed) == ("complete", 2, 0)
    for record in found.records.values():
        assert values(record, "dct:title") and values(record, "dct:license")
        assert all(value.startswith("http://creativecommons.org") for value in values(record, "dct:license"))


@pytest.mark.parametrize(
    "said",
    [
        "<https://w3id.org/italia/controlled-vocabulary/licences/C1_Unknown>",
        '"C1_Unknown"',
    ],
)
def test_quirk_11_an_unknown_licence_is_no_licence(tmp_path: Path, said: str) -> None:
    event = "dct:type <https//schema.org/EducationEvent> ;"
    licence = f"<https://portal.example/uno> dct:license {said} ; {event} dct:issued '2026-01-02' ."
    found = harvested("dcat", Answer(PAGE.format(name="uno", link=licence), media_type="text/turtle"), tmp_path)
    assert found.one.state == "live" and not values(found.one, "dct:license")
    assert any("C1_Unknown" in value for _, value in found.one.remarks)


@real
def test_quirk_12_a_swedish_record_with_languages_of_two_tables(tmp_path: Path) -> None:
    body = (PAYLOADS / "dcat" / "se_dataset_sweden.rdf").read_bytes()
    found = harvested("dcat", Answer(body, media_type=RDF_XML), tmp_path, "SWE sv")
    assert found.one.state == "live"
    assert all("authority/language/" in language for language in values(found.one, "dct:language"))
    tags = {value.rpartition("@")[2] for value in values(found.one, "dct:description")}
    assert "" not in tags and tags <= {"sv", "en"}


def test_quirk_13_tags_with_regions_that_are_none_and_a_dataset_without_iri(tmp_path: Path) -> None:
    body = """
    @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
    [] a dcat:Catalog ; dcat:identifier <https://portal.example/> ; dcat:dataset [
      a dcat:Dataset ; dct:title "Roof"@en, "Tak"@sv_SE ; dct:description "Insulated."@en ;
      dcat:keyword "theatre"@en-UK, "theater"@en-US ] .
    """
    found = harvested("dcat", Answer(body, media_type="text/turtle"), tmp_path, "SWE sv")
    assert (found.report.state, found.one.state) == ("complete", "live")
    assert values(found.one, "dct:title") == {"Roof@en", "Tak@sv-se"}
    assert values(found.one, "dcat:keyword") == {"theatre@en-gb", "theater@en-us"}


@pytest.mark.parametrize(
    "written",
    [
        "http://creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org/licenses/by/4.0",
        "httpss://creativecommons.org/licenses/by/4.0/deed.nl",
        "http://creativecommons.org/licenses/by/4.0/deed.sv",
        "http://publications.europa.eu/resource/authority/licence/CC_BY_4_0",
        "CC BY 4.0",
    ],
)
def test_quirk_14_all_ways_of_writing_one_licence_are_one(tmp_path: Path, written: str) -> None:
    package = {"id": "a", "title": "Dak", "notes": "Geïsoleerd.", "license_url": written}
    found = harvested("ckan", listed(package), tmp_path, "NLD nl")
    assert values(found.one, "dct:license") == {"http://creativecommons.org/licenses/by/4.0/"}


@pytest.mark.parametrize("written", ["geen beperkingen", "cc-by"])
def test_quirk_14_what_is_no_licence_for_certain_is_told(tmp_path: Path, written: str) -> None:
    package = {"id": "a", "title": "Dak", "notes": "Geïsoleerd.", "license_title": written}
    found = harvested("ckan", listed(package), tmp_path, "NLD nl")
    assert not values(found.one, "dct:license") and written in [value for _, value in found.one.remarks]


@pytest.mark.parametrize(
    "said", ["dut", "dutch", "http://publications.europa.eu/resource/authority/language/nld", "nl-NL"]
)
def test_quirk_15_dutch_by_any_name(tmp_path: Path, said: str) -> None:
    package = {"id": "a", "title": "Dak", "notes": "Geïsoleerd.", "language": said}
    found = harvested("ckan", listed(package), tmp_path, "NLD nl")
    assert values(found.one, "dct:language") == {"http://publications.europa.eu/resource/authority/language/NLD"}


def test_quirk_15_a_publisher_spelt_in_many_ways_is_one_where_its_identifier_is_one(tmp_path: Path) -> None:
    names = ("Gemeente Deventer", "gemeente deventer", "Gem. Deventer", "GEMEENTE  DEVENTER")
    same = [
        {"id": f"a{n}", "title": "Dak", "notes": "Goed.", "organization": {"id": "dev", "title": name}}
        for n, name in enumerate(names)
    ]
    apart = [
        {"id": f"b{n}", "title": "Dak", "notes": "Goed.", "extras": {"publisher_name": name}}
        for n, name in enumerate(names)
    ]
    found = harvested("ckan", listed(*same, *apart), tmp_path, "NLD nl")
    publishers = [next(iter(values(found.records[key], "dct:publisher"))) for key in found.records]
    assert publishers == ["~organisation/partner/dev"] * 4 + ["#publisher-1"] * 4  # by name alone nothing is joined


TRANSLATED = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcat="http://www.w3.org/ns/dcat#"
  xmlns:dct="http://purl.org/dc/terms/">
  <dcat:Dataset rdf:about="https://portal.example/uno">
    <dct:title xml:lang="da">Et nyt tag</dct:title>
    <dct:title xml:lang="en-t-da-t0-mtec">A new roof</dct:title>
    <dct:description xml:lang="da">Teatret har isoleret sit tag.</dct:description>
    <dct:description xml:lang="en-t-da-t0-mtec">The theatre insulated its roof.</dct:description>
  </dcat:Dataset>
</rdf:RDF>"""


def test_quirk_19_a_machine_s_translation_stays_one(tmp_path: Path) -> None:
    found = harvested("dcat", Answer(TRANSLATED, media_type=RDF_XML), tmp_path)
    assert values(found.one, "dct:title") == {"Et nyt tag@da", "A new roof@en-t-da-t0-mtec"}
    assert "The theatre insulated its roof.@en-t-da-t0-mtec" in values(found.one, "dct:description")
