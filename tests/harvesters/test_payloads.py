"""What real portals publish, from fetching to the ledger: no payload stops a run, and each fault is told."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harvesters.source_files import load_sources
from hub.fetch import Client
from hub.harvest import harvest
from hub.languages import LANGUAGES
from hub.ledger import Ledger
from hub.model import HarvestReport, Source, ValidationReport
from hub.profile import load
from hub.validation import report_from_json
from tests.servers.loopback import Answer, Question, Server, serving

PAYLOADS = Path(__file__).parents[2].parent / "shared" / "payloads"
pytestmark = pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the real payloads are not part of the repository")

MEDIA_TYPES = {
    ".ttl": "text/turtle",
    ".nt": "application/n-triples",
    ".rdf": "application/rdf+xml",
    ".xml": "application/xml",
    ".jsonld": "application/ld+json",
    ".json": "application/json",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

# Source files, as a person would write them for these addresses

HEAD = """
key = "{key}"
title = {{ en = "{path}" }}
country = "{country}"
language = "{language}"
protocol = "{protocol}"
format = "{format}"
url = "{{samples}}/{path}"
"""
SCHEMA_ORG = '[select]\npractice = "schema:Dataset"'
EFRE = """
[options.fields]
"Bezeichnung des Vorhabens/ operation name" = "title@de"
"Zusammenfassung des Vorhabens/ operation summary" = "summary@de"
"Name des Begünstigten/ name of beneficiary" = "lead.name@de"
"Datum des Beginns des Vorhabens/ operation start date" = "period.start"
"Datum des Endes des Vorhabens/ operation end date" = "period.end"
"Gesamtbetrag der förderfähigen Ausgaben des Vorhabens/ total eligible expenditure allocated to the operation*" \
  = "funding.amount"
"Regionalcode des Vorhabens/ location indicator" = "place.name@de"
"Land/ country" = "country"

[options.constants]
"funding.name@de" = "EFRE 2014–2020"
"funding.currency" = "EUR"
"""
IPS = """
[options.fields]
id = "identifier"
name = "title@en"
description = "summary@en"
url = "landingPage"
geocoverage = "place.name@en"
geocoverage_codes = "country"
lead_organisation_name = "lead.name@en"
start_date = "period.start"
end_date = "period.end"
primary_sector = "keyword@en"
technology = "keyword@en"
"""
USZT = """
[options.fields]
"Projekt megnevezése" = "title@hu"
"Pályázati kiírás megnevezése" = "summary@hu"
"Pályázó neve" = "lead.name@hu"
"Beruházás helye (helység)" = "place.name@hu"
"Megítélt összeg" = "funding.amount"
"Forrás megnevezése" = "funding.name@hu"
"Támogatási döntés dátuma" = "issued"
"""
# A programme has a row for each of its funds and areas: its code identifies no row.
PROGRAMMES = """
[options.fields]
OC_CODICE_PROGRAMMA = "identifier"
OC_DESCRIZIONE_PROGRAMMA = "title@it"
OC_AREA_OBIETTIVO_UE = "summary@it"
FONDO = "funding.name@it"
"DOTAZIONE TOTALE PROGRAMMA 20161231" = "funding.amount"
"""
# The sum of a grant without the grant's name.
ESF = """
[options.fields]
"Project_Nummer Project_Number" = "identifier"
"Naam Project Project Name" = "title@nl"
"Project samenvatting Project Summary" = "summary@nl"
"Naam Aanvrager Beneficiary name" = "lead.name@nl"
"Locatie project operation postcode; or other appropriate location indicator" = "place.name@nl"
"Land Country" = "country"
"Startdatum project Project start date" = "period.start"
"Einddatum project Project end date" = "period.end"
"Totale subsidiabele kosten bij verlening Total eligible expenditure on request" = "funding.amount"
"""
CKAN, DCAT, TABLE = ("ckan", "ckan"), ("dcat", "dcat"), ("tabular", "table")


@dataclass(frozen=True)
class Case:
    """A payload, how its source file is written, and what becomes of its records."""

    path: str
    country: str
    language: str
    speaks: tuple[str, str]
    outcome: tuple[str, int, int, int, int]  # state, seen, created, quarantined, failed
    rest: str = ""  # of the source file

    @property
    def key(self) -> str:
        return self.path.rpartition("/")[2].lower().replace("_", "-").replace(".", "-")

    def write(self, folder: Path) -> None:
        protocol, form = self.speaks
        head = HEAD.format(
            key=self.key, path=self.path, country=self.country, language=self.language, protocol=protocol, format=form
        )
        (folder / f"{self.key}.toml").write_text(head + self.rest, "utf-8")


CASES = (
    Case("dcat/ch_catalog_multilingual.xml", "CHE", "de", DCAT, ("complete", 2, 0, 2, 0)),
    Case("dcat/ckanext_catalog.rdf", "DEU", "en", DCAT, ("complete", 2, 2, 0, 0)),
    Case("dcat/de_brandenburg_catalog.ttl", "DEU", "de", DCAT, ("complete", 112, 110, 2, 0)),
    Case("dcat/de_gov_dataset.rdf", "DEU", "de", DCAT, ("complete", 1, 1, 0, 0)),
    Case("dcat/it_esempio_6.rdf", "ITA", "it", DCAT, ("complete", 2, 2, 0, 0)),
    Case("dcat/se_dataset_sweden.rdf", "SWE", "sv", DCAT, ("complete", 1, 1, 0, 0)),
    Case("dcat/se_rekommenderat.ttl", "SWE", "sv", DCAT, ("complete", 1, 1, 0, 0)),
    Case("dcat/semic_2.1.1_example1.nt", "BEL", "en", DCAT, ("complete", 1, 1, 0, 0)),
    Case("dcat/semic_3.0.0_bee-population.ttl", "GRC", "en", DCAT, ("complete", 2, 2, 0, 0)),
    Case("udata/fr_bnodes.xml", "FRA", "fr", DCAT, ("complete", 3, 3, 0, 0)),
    Case("udata/fr_catalog.xml", "FRA", "fr", DCAT, ("complete", 4, 4, 0, 0)),
    Case("udata/fr_series.xml", "FRA", "fr", DCAT, ("complete", 1, 1, 0, 0)),
    Case("udata/fr_udata.xml", "FRA", "fr", DCAT, ("complete", 2, 2, 0, 0)),
    Case("schemaorg/nl_dataset-dcat-valid.jsonld", "NLD", "nl", DCAT, ("complete", 1, 1, 0, 0)),
    Case(
        "schemaorg/nl_dataset-schema-org-gouda-tijdmachine.ttl", "NLD", "nl", DCAT, ("complete", 1, 1, 0, 0), SCHEMA_ORG
    ),
    Case("schemaorg/nl_hydra-page1.ttl", "NLD", "nl", DCAT, ("complete", 2, 2, 0, 0), SCHEMA_ORG),
    Case("schemaorg/nl_hydra-page1.jsonld", "NLD", "nl", DCAT, ("partial", 2, 0, 2, 0), SCHEMA_ORG),
    Case("ckan/ch_scheming_multilingual.json", "CHE", "de", CKAN, ("failed", 0, 0, 0, 0)),
    Case("ckan/ckan_full_dataset_dcat_ap.json", "ITA", "en", CKAN, ("complete", 1, 0, 1, 0)),
    Case("ckan/it_package_search_success.json", "ITA", "en", CKAN, ("partial", 2, 2, 0, 0)),
    Case("ckan/it_trentino_package_show.json", "ITA", "it", CKAN, ("complete", 1, 1, 0, 0)),
    Case("casestudies/at_efre_vorhaben.csv", "AUT", "de", TABLE, ("complete", 49, 49, 0, 0), EFRE),
    Case("casestudies/at_efre_vorhaben.xlsx", "AUT", "de", TABLE, ("complete", 49, 49, 0, 0), EFRE),
    Case("casestudies/eu_ips_cases.csv", "BEL", "en", TABLE, ("complete", 853, 853, 0, 0), IPS),
    Case("casestudies/hu_uszt_KA.json", "HUN", "hu", TABLE, ("complete", 2037, 2036, 1, 0), USZT),
    Case("casestudies/it_2014_2020_allfunds.csv", "ITA", "it", TABLE, ("complete", 82, 51, 0, 31), PROGRAMMES),
    Case("casestudies/nl_esf_publicatielijst.csv", "NLD", "nl", TABLE, ("complete", 70, 0, 70, 0), ESF),
)
# Why a run is not complete
MESSAGES = {
    "ckan/ch_scheming_multilingual.json": 'answered application/json that is no CKAN answer: \'{"scheming_version": 1,',
    "ckan/it_package_search_success.json": "paging loop: the page from 2 came before; the portal seems to",
    "schemaorg/nl_hydra-page1.jsonld": "/datasets/hydra-page2.jsonld: answered 404 Not Found",
}


def answer(question: Question) -> Answer:
    """The file at its path; packages as a portal's search answers with them."""
    path = question.path.strip("/").removesuffix("/api/3/action/package_search")
    file = PAYLOADS / path.replace("datasets/hydra", "schemaorg/nl_hydra")
    if not file.is_file():
        return Answer(status=404)
    body = file.read_bytes()
    return Answer(
        _packages(json.loads(body)) if path.startswith("ckan/") else body, media_type=MEDIA_TYPES[file.suffix]
    )


def _packages(document: Any) -> str:
    package = document.get("result", document)
    is_answer = "results" in package or "scheming_version" in document
    return json.dumps(document if is_answer else {"success": True, "result": {"count": 1, "results": [package]}})


@dataclass(frozen=True)
class Harvested:
    source: Source
    report: HarvestReport
    again: HarvestReport  # of the same, once more
    states: Mapping[str, str]  # of the records, by IRI
    reports: Mapping[str, ValidationReport]


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Harvested]]:
    folder = tmp_path_factory.mktemp("payloads")
    for case in CASES:
        case.write(folder)
    with serving(answer) as server:
        sources = load_sources(folder, server.url)
        yield {case.path: _harvested(sources[case.key], server, folder) for case in CASES}


def _harvested(source: Source, server: Server, folder: Path) -> Harvested:
    ledger = Ledger(f"sqlite:///{folder / source.key}.sqlite", "https://hub.example")
    client = Client("tests/1", allowed_hosts=[server.host], retries=0)
    first, again = (harvest(ledger, source, client, load(), lambda *_: None) for _ in range(2))
    records = ledger.changes.all_records(limit=10_000)
    reports = {r.iri: report_from_json(ledger.records.versions(r.iri)[0].report) for r in records}
    ledger.close()
    return Harvested(source, first, again, {record.iri: record.state for record in records}, reports)


def test_what_becomes_of_every_payload(harvested: Mapping[str, Harvested]) -> None:
    reports = {path: one.report for path, one in harvested.items()}
    found = {path: (r.state, r.seen, r.created, r.quarantined, r.failed) for path, r in reports.items()}
    for path, outcome in found.items():
        print(f"{path:55}", *(f"{value:>9}" for value in outcome))
    assert found == {case.path: case.outcome for case in CASES}


def test_a_run_that_is_not_complete_says_why(harvested: Mapping[str, Harvested]) -> None:
    told = {path: one.report.message for path, one in harvested.items() if one.report.state != "complete"}
    assert told.keys() == MESSAGES.keys()
    assert [path for path, words in MESSAGES.items() if words not in told[path]] == []


def test_the_same_payload_is_unchanged_the_second_time(harvested: Mapping[str, Harvested]) -> None:
    again = {path: one.again for path, one in harvested.items()}
    assert {path: r.unchanged for path, r in again.items()} == {path: r.seen for path, r in again.items()}
    assert {path: r.state for path, r in again.items()} == {case.path: case.outcome[0] for case in CASES}


def test_every_record_that_is_not_served_has_a_report_to_mend_it_by(harvested: Mapping[str, Harvested]) -> None:
    count = 0
    for one in harvested.values():
        for iri, state in one.states.items():
            violations = [r for r in one.reports[iri].results if r.severity == "Violation"]
            assert bool(violations) == (state != "live"), iri
            count += len(violations)
            for result in violations:
                for language in {one.source.language, *LANGUAGES}:
                    words = load().message(result, language)
                    field = load().by_shape.get(result.shape)
                    names = [field.name[language]] if field else []
                    for part in (*names, result.value, result.limit):
                        assert part is None or part in words, (iri, language, words)
    assert count


def test_every_remark_names_field_and_value(harvested: Mapping[str, Harvested]) -> None:
    for one in harvested.values():
        for iri, report in one.reports.items():
            for result in report.results:
                words = load().message(result, one.source.language)
                field = load().by_shape.get(result.shape.removesuffix("-recommended"))
                assert field is None or field.name[one.source.language] in words, (iri, words)
                assert result.value is None or result.value in words, (iri, words)
                assert "{" not in words.replace(result.value or "", ""), words
