"""What real portals publish, from fetching to the ledger: no payload stops a run, and each fault is told so that it can be mended."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harvesters.source_files import load_sources
from hub.fetch import Client
from hub.harvest import harvest
from hub.ledger import Ledger
from hub.model import HarvestReport, Source
from hub.profile import load
from hub.validation import report_from_json
from tests.servers.loopback import Answer, Question, serving

PAYLOADS = Path(__file__).parents[2].parent / "shared" / "payloads"

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

# As a person would write them. DCAT and schema.org need no more than an address.
RDF = {
    "dcat/ch_catalog_multilingual.xml": "CHE de",
    "dcat/ckanext_catalog.rdf": "DEU en",
    "dcat/de_brandenburg_catalog.ttl": "DEU de",
    "dcat/de_gov_dataset.rdf": "DEU de",
    "dcat/it_esempio_6.rdf": "ITA it",
    "dcat/se_dataset_sweden.rdf": "SWE sv",
    "dcat/se_rekommenderat.ttl": "SWE sv",
    "dcat/semic_2.1.1_example1.nt": "BEL en",
    "dcat/semic_3.0.0_bee-population.ttl": "GRC en",
    "udata/fr_bnodes.xml": "FRA fr",
    "udata/fr_catalog.xml": "FRA fr",
    "udata/fr_series.xml": "FRA fr",
    "udata/fr_udata.xml": "FRA fr",
    "schemaorg/nl_dataset-dcat-valid.jsonld": "NLD nl",
    "schemaorg/nl_dataset-schema-org-gouda-tijdmachine.ttl": "NLD nl",
    "schemaorg/nl_hydra-page1.jsonld": "NLD nl",
    "schemaorg/nl_hydra-page1.ttl": "NLD nl",
}
CKAN = {
    "ckan/ch_scheming_multilingual.json": "CHE de",
    "ckan/ckan_full_dataset_dcat_ap.json": "ITA en",
    "ckan/it_package_search_success.json": "ITA en",
    "ckan/it_trentino_package_show.json": "ITA it",
}
TABLES = {
    "casestudies/at_efre_vorhaben.csv": """AUT de
        "Bezeichnung des Vorhabens/ operation name" = "title@de"
        "Zusammenfassung des Vorhabens/ operation summary" = "summary@de"
        "Name des Begünstigten/ name of beneficiary" = "lead.name@de"
        "Datum des Beginns des Vorhabens/ operation start date" = "period.start"
        "Datum des Endes des Vorhabens/ operation end date" = "period.end"
        "Gesamtbetrag der förderfähigen Ausgaben des Vorhabens/ total eligible expenditure allocated to the operation*" \
            = "funding.amount"
        "Regionalcode des Vorhabens/ location indicator" = "place.name@de"
        "Land/ country" = "country"
        """,
    "casestudies/eu_ips_cases.csv": """BEL en
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
        """,
    "casestudies/hu_uszt_KA.json": """HUN hu
        "Projekt megnevezése" = "title@hu"
        "Pályázati kiírás megnevezése" = "summary@hu"
        "Pályázó neve" = "lead.name@hu"
        "Beruházás helye (helység)" = "place.name@hu"
        "Megítélt összeg" = "funding.amount"
        "Forrás megnevezése" = "funding.name@hu"
        "Támogatási döntés dátuma" = "issued"
        """,
    "casestudies/it_2014_2020_allfunds.csv": """ITA it
        OC_DESCRIZIONE_PROGRAMMA = "title@it"
        OC_AREA_OBIETTIVO_UE = "summary@it"
        FONDO = "funding.name@it"
        "DOTAZIONE TOTALE PROGRAMMA 20161231" = "funding.amount"
        """,
    "casestudies/nl_esf_publicatielijst.csv": """NLD nl
        "Project_Nummer Project_Number" = "identifier"
        "Naam Project Project Name" = "title@nl"
        "Project samenvatting Project Summary" = "summary@nl"
        "Naam Aanvrager Beneficiary name" = "lead.name@nl"
        "Locatie project operation postcode; or other appropriate location indicator" = "place.name@nl"
        "Land Country" = "country"
        "Startdatum project Project start date" = "period.start"
        "Einddatum project Project end date" = "period.end"
        "Totale subsidiabele kosten bij verlening Total eligible expenditure on request" = "funding.amount"
        """,
}
TABLES["casestudies/at_efre_vorhaben.xlsx"] = TABLES["casestudies/at_efre_vorhaben.csv"]


def key_of(path: str) -> str:
    name = path.rpartition("/")[2].lower().replace("_", "-").replace(".", "-")
    return name


def written(folder: Path) -> Path:
    for path, words in {**RDF, **CKAN, **TABLES}.items():
        country, language, *fields = words.split(None, 2)
        protocol, form = ("dcat", "dcat") if path in RDF else ("ckan", "ckan") if path in CKAN else ("tabular", "table")
        select = '[select]\npractice = "dcat:Dataset schema:Dataset"\n' if path in RDF else ""
        body = f"""
key = "{key_of(path)}"
title = {{ en = "{path}" }}
country = "{country}"
language = "{language}"
protocol = "{protocol}"
format = "{form}"
url = "{{samples}}/{path}"
{select}
"""
        if fields:
            body += "[options.fields]\n" + fields[0].replace("\\\n", "")
        (folder / f"{key_of(path)}.toml").write_text(body, "utf-8")
    return folder


def answer(question: Question) -> Answer:
    path = question.path.lstrip("/").removesuffix("/api/3/action/package_search").replace("datasets/hydra", "schemaorg/nl_hydra")
    file = PAYLOADS / path
    if not file.is_file():
        return Answer(status=404)
    if path in CKAN:
        return Answer(package_search(json.loads(file.read_bytes())), media_type="application/json")
    return Answer(file.read_bytes(), media_type=MEDIA_TYPES[file.suffix])


def package_search(document: Any) -> str:
    """A portal's answer with that package, unless it is an answer of its own."""
    package = document.get("result", document)
    if "results" in package or "scheming_version" in document:
        return json.dumps(document)
    return json.dumps({"success": True, "result": {"count": 1, "results": [package]}})
