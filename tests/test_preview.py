"""`hub harvest --dry-run`: what is said of every payload, in which words, and that nothing is written for it."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harvesters import CROSSWALKS, HARVESTERS
from harvesters.samples.server import serve
from harvesters.source_files import SOURCES, load_sources
from hub.cli import app
from hub.fetch import Client
from hub.languages import LANGUAGES
from tests.command import environment, hub, portal_environment
from tests.portal import Portal, open_portal, toml
from tests.servers.loopback import Answer, Question, serving
from tests.servers.oai import oai_provider
from tests.servers.oxigraph import oxigraph

PAYLOADS = Path(__file__).parents[1].parent / "shared" / "payloads"
needs_payloads = pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the real payloads are not part of the repository")

# What each payload is: protocol and format where it is a catalogue, the records that 20 asked for give, what is said.
CKAN, DCAT, TABLE, OAI, NONE = "ckan ckan", "dcat dcat", "tabular table", "oai-pmh oai_dc", ""
SAID: Mapping[str, tuple[str, int, str]] = {
    "casestudies/at_efre_vorhaben.csv": (TABLE, 20, "a table with 49 rows"),
    "casestudies/at_efre_vorhaben.xlsx": (TABLE, 20, "a table with 49 rows"),
    "casestudies/eu_ips_cases.csv": (TABLE, 20, "a table with 853 rows"),
    "casestudies/hu_uszt_KA.json": (TABLE, 20, "a table with 2037 rows"),
    "casestudies/it_2014_2020_allfunds.csv": (TABLE, 20, "a table with 82 rows"),
    "casestudies/nl_esf_publicatielijst.csv": (TABLE, 20, "a table with 70 rows"),
    "ckan/ch_scheming_multilingual.json": (NONE, 0, "a schema for CKAN"),
    "ckan/ckan_full_dataset_dcat_ap.json": (CKAN, 1, "It has the keys of a CKAN package"),
    "ckan/it_package_search_success.json": (CKAN, 2, "a harvest asks http://demo.ckan.org for all records"),
    "ckan/it_trentino_package_show.json": (CKAN, 1, "a harvest asks https://dati.trentino.it for all records"),
    "dcat/ch_catalog_multilingual.xml": (DCAT, 2, "records of the class dcat:Dataset (2)"),
    "dcat/ckanext_catalog.rdf": (DCAT, 2, "records of the class dcat:Dataset (2)"),
    "dcat/dcat-ap_3.0.1_context.jsonld": (NONE, 0, "a JSON-LD context"),
    "dcat/de_brandenburg_catalog.ttl": (DCAT, 20, "records of the class dcat:Dataset (112)"),
    "dcat/de_gov_dataset.rdf": (DCAT, 1, "records of the class dcat:Dataset (1)"),
    "dcat/it_esempio_6.rdf": (DCAT, 2, "records of the class dcat:Dataset (2)"),
    "dcat/se_dataset_sweden.rdf": (DCAT, 1, "records of the class dcat:Dataset (1)"),
    "dcat/se_rekommenderat.ttl": (DCAT, 1, "records of the class dcat:Dataset (1)"),
    "dcat/semic_2.1.1_example1.nt": (DCAT, 1, "records of the class dcat:Dataset (1)"),
    "dcat/semic_3.0.0_bee-population.ttl": (DCAT, 2, "records of the class dcat:Dataset (2)"),
    "edm/europeana_record_geospatial.xml": (NONE, 0, "reads such records by OAI-PMH"),
    "oai-pmh/de_bielefeld_GetRecord.xml": (OAI, 1, "answer of OAI-PMH to GetRecord"),
    "oai-pmh/de_bielefeld_GetRecord_utf8test.xml": (OAI, 1, "answer of OAI-PMH to GetRecord"),
    "oai-pmh/de_bielefeld_Identify.xml": (OAI, 0, "a harvest asks http://test.example.com/oai for all records"),
    "oai-pmh/de_bielefeld_ListMetadataFormats.xml": (OAI, 0, "formats: epicur, xMetaDissPlus, oai_dc, mods"),
    "oai-pmh/de_bielefeld_ListRecords.xml": (OAI, 2, "answer of OAI-PMH to ListRecords"),
    "oai-pmh/de_bielefeld_ListRecords2.xml": (OAI, 2, "answer of OAI-PMH to ListRecords"),
    "oai-pmh/de_bielefeld_ListRecords4.xml": (OAI, 2, "answer of OAI-PMH to ListRecords"),
    "oai-pmh/de_bielefeld_ListRecordsBroken.xml": (NONE, 0, "of a kind that the hub does not read: “broken xml”"),
    "oai-pmh/de_bielefeld_ListSets.xml": (OAI, 0, "answer of OAI-PMH to ListSets"),
    "oai-pmh/de_bielefeld_badResumptionToken.xml": (NONE, 0, "badResumptionToken: This resumptionToken is invalid"),
    "oai-pmh/de_bielefeld_noRecordsMatch.xml": (NONE, 0, "without a question behind it: http://www.perseus.tufts.edu"),
    "oai-pmh/de_bielefeld_noSetHierarchy.xml": (NONE, 0, "This repository does not support sets"),
    "oai-pmh/de_bielefeld_undefinedError.xml": (NONE, 0, "the error undefinedError"),
    "oai-pmh/xsd/MARC21slim.xsd": (NONE, 0, "a schema for http://www.loc.gov/MARC21/slim"),
    "oai-pmh/xsd/OAI-PMH.xsd": (NONE, 0, "a schema for http://www.openarchives.org/OAI/2.0/:"),
    "oai-pmh/xsd/oai-identifier.xsd": (NONE, 0, "a schema for http://www.openarchives.org/OAI/2.0/oai-identifier"),
    "oai-pmh/xsd/oai_dc.xsd": (NONE, 0, "a schema for http://www.openarchives.org/OAI/2.0/oai_dc/"),
    "oai-pmh/xsd/simpledc20021212.xsd": (NONE, 0, "a schema for http://purl.org/dc/elements/1.1/"),
    "oai-pmh/xsd/xml.xsd": (NONE, 0, "a schema for http://www.w3.org/XML/1998/namespace"),
    "schemaorg/nl_dataset-dcat-valid.jsonld": (DCAT, 1, "records of the class dcat:Dataset (1)"),
    "schemaorg/nl_dataset-schema-org-gouda-tijdmachine.ttl": (DCAT, 1, "records of the class schema:Dataset (1)"),
    "schemaorg/nl_hydra-page1.jsonld": (DCAT, 2, "hydra-page2.jsonld: lies outside the file"),
    "schemaorg/nl_hydra-page1.ttl": (DCAT, 1, "hydra-page2.ttl: lies outside the file"),
    "schemaorg/nl_hydra-page2.ttl": (DCAT, 1, "records of the class schema:Dataset (1)"),
    "shacl/dcat-ap-nl_3.0_SHACL.ttl": (NONE, 0, "a set of SHACL shapes: 7 rules"),
    "shacl/dcat-ap_3.0.1_SHACL.ttl": (NONE, 0, "a set of SHACL shapes: 33 rules"),
    "shacl/dcat-ap_3.0.1_ranges.ttl": (NONE, 0, "a set of SHACL shapes: 34 rules"),
    "sparql/sparql11_protocol_data1.nt": (NONE, 0, "RDF about other things: foaf:Document (1)"),
    "sparql/sparql11_protocol_data2.nt": (NONE, 0, "RDF about other things: foaf:Document (1)"),
    "sparql/sparql11_protocol_data3.nt": (NONE, 0, "RDF about other things: foaf:Document (1)"),
    "sparql/sparql11_protocol_manifest.ttl": (NONE, 0, "test-manifest#ProtocolTest (34)"),
    "udata/fr_bnodes.xml": (DCAT, 3, "records of the class dcat:Dataset (3)"),
    "udata/fr_catalog.xml": (DCAT, 4, "records of the class dcat:Dataset (4)"),
    "udata/fr_series.xml": (DCAT, 1, "records of the class dcat:Dataset (1)"),
    "udata/fr_udata.xml": (DCAT, 2, "records of the class dcat:Dataset (2)"),
    "vocab/eu_countries-skos.rdf": (NONE, 0, "a list of 284 concepts"),
    "vocab/eu_data-theme-skos.rdf": (NONE, 0, "a list of 14 concepts"),
    "vocab/eu_filetypes-skos.rdf": (NONE, 0, "a list of 143 concepts"),
    "vocab/eu_frequencies-skos.rdf": (NONE, 0, "a list of 23 concepts"),
}
PRACTICE = """
PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
INSERT DATA { <https://x.example/d> a dcat:Dataset ; dct:title "Il tetto"@it ; dct:description "Isolato."@it }
"""
MEDIA_TYPES = {".csv": "text/csv", ".json": "application/json", ".ttl": "text/turtle", ".xml": "text/xml"}
LIES = "text/plain"  # what every other file is sent as
OVER_HTTP = (
    "casestudies/nl_esf_publicatielijst.csv",
    "casestudies/at_efre_vorhaben.xlsx",
    "ckan/it_package_search_success.json",
    "ckan/ch_scheming_multilingual.json",
    "dcat/it_esempio_6.rdf",
    "dcat/se_rekommenderat.ttl",
    "dcat/semic_2.1.1_example1.nt",
    "oai-pmh/de_bielefeld_ListRecords.xml",
    "schemaorg/nl_dataset-dcat-valid.jsonld",
    "shacl/dcat-ap_3.0.1_SHACL.ttl",
    "udata/fr_udata.xml",
    "vocab/eu_data-theme-skos.rdf",
)


@dataclass(frozen=True)
class Command:
    """The command in this process, with a data folder that must not come to be."""

    data: Path

    def __call__(self, *arguments: str, status: int = 0) -> str:
        result = CliRunner().invoke(app, ["harvest", "--dry-run", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return result.stdout

    def told(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        read = json.loads(self(*arguments, "--json", status=status))
        assert isinstance(read, dict)
        return read


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    for name, value in environment(tmp_path / "data").items():
        if name.startswith(("HUB_", "COLUMNS", "NO_COLOR")):
            monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    yield Command(tmp_path / "data")
    assert list(tmp_path.iterdir()) == [], "a preview wrote something"


def sentences(told: Mapping[str, Any]) -> str:
    return " | ".join((told["what"], *told["reasons"], *told["advice"], told["message"]))


def is_there(speaks: str) -> bool:
    protocol, _, form = speaks.partition(" ")
    return protocol in HARVESTERS and form in CROSSWALKS


@needs_payloads
def test_the_table_has_every_payload() -> None:
    files = {path.relative_to(PAYLOADS).as_posix() for path in PAYLOADS.rglob("*") if path.is_file()}
    assert set(SAID) == files - {"SOURCES.tsv"}


@needs_payloads
@pytest.mark.parametrize("path", SAID)
def test_something_useful_is_said_of_every_payload(path: str, command: Command) -> None:
    speaks, records, words = SAID[path]
    told = command.told(str(PAYLOADS / path), status=0 if speaks else 1)
    source = told["source"] or {"protocol": "", "format": ""}
    assert f"{source['protocol']} {source['format']}".strip() == speaks
    assert words in sentences(told)
    assert told["catalogue"] == bool(speaks)
    if speaks and is_there(speaks):
        assert len(told["records"]) == records == told["summary"]["records"]
        assert records == 0 or any(one["title"] and one["fields"] for one in told["records"])
    else:
        assert told["records"] == [] and told["advice"]


@needs_payloads
@pytest.mark.parametrize("path", [path for path, (speaks, *_) in SAID.items() if speaks])
def test_the_source_file_can_be_saved(path: str, command: Command, tmp_path_factory: pytest.TempPathFactory) -> None:
    told = command.told(str(PAYLOADS / path), "--country", "ITA", "--language", "it", "--limit", "1")
    folder = tmp_path_factory.mktemp("sources")
    key = tomllib.loads(told["source_file"])["key"]
    (folder / f"{key}.toml").write_text(told["source_file"], "utf-8")
    (source,) = load_sources(folder, "").values()
    assert told["ready"] and (source.key, source.country, source.language) == (key, "ITA", "it")
    assert (source.url, dict(source.options)) == (told["source"]["url"], told["source"]["options"])


@needs_payloads
@pytest.mark.parametrize("path", OVER_HTTP)
def test_the_same_is_said_over_http(path: str, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    file = PAYLOADS / path

    def answer(question: Question) -> Answer:
        if question.path != f"/data/{file.name}":
            return Answer("", 404)
        return Answer(file.read_bytes(), media_type=MEDIA_TYPES.get(file.suffix, LIES))

    speaks, records, words = SAID[path]
    with serving(answer) as server:
        monkeypatch.setenv("HUB_ALLOWED_HOSTS", server.host)
        told = command.told(f"{server.url}/data/{file.name}", status=0 if speaks else 1)
    assert words in sentences(told) and len(told["records"]) == records
    assert [(q.path, q.query) for q in server.asked].count((f"/data/{file.name}", {})) == 1, "it is fetched once"


def test_a_network_of_the_hub_stays_closed(tmp_path: Path) -> None:
    with serving(lambda question: Answer("a,b\n1,2\n")) as server:
        shown = hub(["harvest", "--dry-run", server.url], environment(tmp_path / "data"), expected=1)
        assert "name it in HUB_ALLOWED_HOSTS" in shown and server.asked == []
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "SOURCE: '' is not valid; allowed: with --dry-run one address, file or source’s key"),
        (["it", "at"], "SOURCE: 'it at' is not valid"),
        (["nowhere.csv"], "SOURCE: 'nowhere.csv' is not valid; allowed: an address (http or https), a file"),
        (["https://data.example.org", "--country", "Italy"], "--country: 'Italy' is not valid; allowed: ALB, AUT"),
        (["https://data.example.org", "--language", "elvish!"], "--language: 'elvish!' is not valid; allowed: a tag"),
    ],
)
def test_what_cannot_be_used_is_named(arguments: list[str], words: str, tmp_path: Path) -> None:
    assert words in hub(["harvest", "--dry-run", *arguments], environment(tmp_path / "data"), expected=1)


@pytest.fixture
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table as a partner has it: with columns of other names, one value that no rule reads and one text missing."""
    file = tmp_path_factory.mktemp("table") / "buone_pratiche.csv"
    lines = (
        "Codice;Nome del progetto;Descrizione;Licenza;Data di inizio",
        "a-1;Il tetto del teatro di via Lunga;I vicini hanno isolato il tetto del teatro con una cooperativa;boh;2021",
        "a-2;La caldaia della biblioteca di quartiere;Una pompa di calore al posto della caldaia;CC BY 4.0;2022-03-01",
        "a-3;Il cortile che raccoglie la pioggia per gli orti;;CC BY 4.0;2023",
    )
    file.write_text("\n".join(lines), "utf-8")
    return file


def test_a_table_is_shown_with_a_mapping_that_says_it_is_a_guess(table: Path, command: Command) -> None:
    told = command.told(str(table))
    assert told["guessed"] and "is a guess by the headings" in sentences(told)
    assert told["source"]["options"]["fields"] == {
        "Codice": "identifier",
        "Nome del progetto": "title@it",
        "Descrizione": "summary@it",
        "Licenza": "licence",
        "Data di inizio": "period.start",
    }
    first, second, third = told["records"]
    assert (first["title"], first["iri"]) == (
        "Il tetto del teatro di via Lunga",
        "http://localhost:8000/id/practice/buone-pratiche/a-1",
    )
    assert first["unmapped"] == [{"field": "Licence", "value": "boh"}]
    assert [second["valid"], third["valid"]] == [True, False]
    assert [r["field"] for r in third["results"] if r["severity"] == "Violation"] == ["Summary"]


def test_the_summary_counts_what_was_found(table: Path, command: Command) -> None:
    summary = command.told(str(table))["summary"]
    found = {field["field"]: (field["records"], field["of"]) for field in summary["fields"]}
    assert (found["title"], found["summary"], found["licence"]) == ((3, 3), (2, 3), (2, 3))
    most = summary["frequent"]
    assert (most[0]["severity"], most[0]["field"], most[0]["records"]) == ("Violation", "Summary", 1)
    assert len(most) == 5 and summary["quality"]["of"] == 405


def test_the_limit_stops_and_the_rest_is_told(table: Path, command: Command) -> None:
    told = command.told(str(table), "--limit", "2")
    assert (len(told["records"]), told["total"], told["whole"]) == (2, 3, False)
    assert "Records: 2. Valid: 2. To mend: 0. The source lists 3 in all." in command(str(table), "--limit", "2")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_partner_is_told_in_its_own_language(lang: str, table: Path, command: Command) -> None:
    told = command.told(str(table), "--lang", lang)
    mend = next(r for r in told["records"][2]["results"] if r["severity"] == "Violation")
    words = {
        "it": ("una tabella di 3 righe", "Sintesi"),
        "sv": ("en tabell med 3 rader", "Sammanfattning"),
        "de": ("eine Tabelle mit 3 Zeilen", "Kurzbeschreibung"),
        "hu": ("egy 3 soros táblázat", "Összefoglaló"),
        "nl": ("een tabel met 3 rijen", "Samenvatting"),
        "fr": ("un tableau de 3 lignes", "Résumé"),
        "en": ("a table with 3 rows", "Summary"),
    }
    assert (told["what"], mend["field"]) == words[lang] and words[lang][1] in mend["message"]
    text = command(str(table), "--lang", lang)
    assert words[lang][0] in text and mend["message"][:30] in text


def test_the_text_fits_a_screen_of_80_columns(table: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = command(str(table))
    above, _, file = text.partition('key = "buone-pratiche"')
    assert file and max(map(len, above.splitlines())) <= 80
    for words in ("✗ Good practice: Il cortile", "No rule reads: Licence “boh”", "Found in", "Quality: "):
        assert words in above


def test_country_and_language_are_asked_for_where_they_cannot_be_guessed(command: Command, table: Path) -> None:
    table.write_text("name;amount\nPlum;3\nPear;4\n", "utf-8")
    told = command.told(str(table))
    assert not told["ready"] and "say it with --country" in sentences(told)
    assert "Not ready to be saved yet" in command(str(table))
    assert command.told(str(table), "--country", "HUN", "--language", "hu")["ready"]


# Sources whose files are there


@pytest.fixture
def portal() -> Iterator[Portal]:
    with open_portal(*(f"n{n:02}" for n in range(8))) as opened:
        yield opened


def preview_of(env: Mapping[str, str]) -> dict[str, Any]:
    read = json.loads(hub(["harvest", "--dry-run", "portal", "--json", "--limit", "100"], env))
    assert isinstance(read, dict)
    return read


def changes(told: Mapping[str, Any]) -> list[str]:
    return [one["change"] for one in told["records"]]


def test_a_source_is_shown_against_what_the_ledger_has(portal: Portal, tmp_path: Path) -> None:
    env = portal_environment(tmp_path, portal)
    assert changes(preview_of(env)) == [None] * 8, "without a ledger nothing is known to change"
    assert not (tmp_path / "ledger.sqlite").exists() and not (tmp_path / "fetched").exists()
    hub(["harvest"], env)
    before = (tmp_path / "ledger.sqlite").read_bytes()
    assert changes(preview_of(env)) == ["unchanged"] * 8
    other = portal.source(licence="http://creativecommons.org/licenses/by/4.0/")  # the packages state their own
    (tmp_path / "sources" / "portal.toml").write_text(toml(other), "utf-8")
    assert changes(preview_of(env)) == ["unchanged"] * 8, "other rules that come to the same change nothing"
    portal.packages["n01"]["title"] = "Un altro titolo"
    portal.packages["n99"] = {**portal.packages["n02"], "name": "n99", "id": "n99"}
    portal.packages.pop("n03")
    told = preview_of(env)
    assert sorted(changes(told)) == ["changed", "new", *["unchanged"] * 6]
    assert (told["gone"], told["held"], told["whole"]) == (1, False, True)
    for name in ("n04", "n05", "n06", "n07"):
        portal.packages.pop(name)
    shown = hub(["harvest", "--dry-run", "portal"], env)
    assert "5 of the 8 records that the hub has are not listed any more" in shown and "would be held" in shown
    assert (tmp_path / "ledger.sqlite").read_bytes() == before
    (run,) = json.loads(hub(["runs", "--json"], env))["runs"]
    assert run["created"] == 8, "a preview is no run"


def test_what_the_preview_says_is_what_the_harvest_does(portal: Portal, tmp_path: Path) -> None:
    portal.packages["n05"].pop("notes")
    env = portal_environment(tmp_path, portal)
    told = {one["iri"]: one["valid"] for one in preview_of(env)["records"]}
    (run,) = json.loads(hub(["harvest", "--json"], env))["runs"]
    assert (run["created"], run["quarantined"]) == (sum(told.values()), 8 - sum(told.values()))
    assert run["quarantined"] == 1


def test_every_sample_source_is_recognised(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(0) as samples:
        monkeypatch.setenv("HUB_ALLOWED_HOSTS", samples.url.removeprefix("http://"))
        for key, source in load_sources(SOURCES.parent / "samples" / "sources", samples.url).items():
            told = command.told(source.url, "--limit", "3")
            assert (told["source"]["protocol"], told["source"]["format"]) == (source.protocol, source.format), key
            assert told["source"]["country"] == source.country and told["ready"], key
            assert [one["valid"] for one in told["records"]] == [True] * 3, key


def test_a_provider_of_oai_pmh_is_shown_from_its_bare_address(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with oai_provider() as provider:
        for number in range(6):
            provider.put(number)
        monkeypatch.setenv("HUB_ALLOWED_HOSTS", provider.host)
        told = command.told(provider.url, "--country", "ITA", "--limit", "5")
    assert told["source"]["protocol"] == "oai-pmh" and told["source"]["url"] == provider.url
    assert [one["valid"] for one in told["records"]] == [True] * 5 and told["ready"]


def test_a_sparql_endpoint_is_shown(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with oxigraph(tmp_path_factory.mktemp("endpoint")) as endpoint:
        host = endpoint.url.split("/")[2]
        monkeypatch.setenv("HUB_ALLOWED_HOSTS", host)
        client = Client("tests/1", allowed_hosts=[host])
        client.session.post(endpoint.update_url, data={"update": PRACTICE}).raise_for_status()
        told = command.told(endpoint.url, "--country", "ITA")
    assert told["source"]["protocol"] == "sparql" and told["source"]["select"] == {"practice": "dcat:Dataset"}
    assert [(one["title"], one["valid"]) for one in told["records"]] == [("Il tetto", True)]


def test_a_page_with_structured_data_is_shown(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    data = {
        "@context": "https://schema.org",
        "@type": "Project",
        "@id": "#p",
        "name": "Il tetto",
        "description": "Via!",
    }
    page = f'<html lang="it"><script type="application/ld+json">{json.dumps(data)}</script><p>Il tetto</html>'
    pages = {"/progetti/tetto": Answer(page, media_type="text/html")}
    with serving(lambda question: pages.get(question.path, Answer("", 404))) as server:
        monkeypatch.setenv("HUB_ALLOWED_HOSTS", server.host)
        told = command.told(f"{server.url}/progetti/tetto", "--country", "ITA")
    assert (told["source"]["protocol"], told["source"]["language"]) == ("web-pages", "it")
    assert [(one["title"], one["valid"]) for one in told["records"]] == [("Il tetto", True)]


def test_a_saved_page_is_shown_alone(command: Command, tmp_path_factory: pytest.TempPathFactory) -> None:
    data = {"@context": "https://schema.org", "@type": "Event", "name": "Visita al tetto", "description": "Si sale."}
    file = tmp_path_factory.mktemp("saved") / "visita.html"
    file.write_text(f'<!doctype html><html lang="it"><script type="application/ld+json">{json.dumps(data)}</script>')
    told = command.told(str(file), "--country", "ITA")
    assert [(one["kind"], one["title"]) for one in told["records"]] == [("event", "Visita al tetto")]
