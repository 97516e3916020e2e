"""What is behind an address: portals' doors over HTTP, kinds of documents, columns of tables, language and country."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from harvesters.guessing import Guess, guess
from harvesters.guessing.columns import suggested
from harvesters.guessing.speech import country_of, language_of
from harvesters.source_text import source_text
from harvesters.tables import Row
from hub.errors import FetchError
from hub.fetch import Client
from hub.languages import LANGUAGES
from hub.model import Source
from hub.profile import load
from hub.profile.spreadsheet import workbook
from tests.servers.loopback import Answer, Server, serving
from tests.servers.oai import oai_provider
from tests.servers.oxigraph import oxigraph

HTML, JSON, TURTLE = "text/html", "application/json", "text/turtle"
CATALOGUE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<#c> a dcat:Catalog ; dct:title "Il catalogo"@it ; dcat:dataset <#d> .
<#d> a dcat:Dataset ; dct:title "Il tetto"@it .
"""
PACKAGE = {
    "id": "p1",
    "name": "tetto",
    "title": "Il tetto del teatro",
    "notes": "I vicini lo hanno isolato.",
    "tags": [],
}
SEARCH = json.dumps({"success": True, "result": {"count": 1, "results": [PACKAGE]}})


@contextmanager
def site(pages: Mapping[str, Answer]) -> Iterator[Server]:
    """A site that has these paths (with or without a query) and no others."""
    with serving(lambda question: pages.get(question.path, Answer("not here", 404))) as server:
        yield server


def guessed(server: Server, path: str) -> Guess:
    return guess(server.url + path, Client("tests/1", allowed_hosts=[server.host], retries=0))


def page(head: str = "", body: str = "Benvenuti", lang: str = "it") -> Answer:
    return Answer(f"<!doctype html><html lang={lang}><head>{head}</head><body>{body}</body></html>", media_type=HTML)


def speaks(found: Guess) -> tuple[str, str]:
    return found.protocol, found.format


# Doors of portals


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("/", ""),
        ("/dataset", ""),
        ("/dataset/tetto", ""),
        ("/opendata/dataset/tetto", "/opendata"),
        ("/opendata", "/opendata"),
        ("/organization/comune", ""),
        ("/api/3/action/package_show?id=tetto", ""),
        ("/api/3", ""),
    ],
)
def test_a_ckan_portal_is_found_from_any_of_its_addresses(path: str, root: str) -> None:
    api = {f"{root}/api/3/action/package_search": Answer(SEARCH, media_type=JSON)}
    show = json.dumps({"success": True, "result": PACKAGE})
    pages = {"/": page(), f"{root}/dataset": page(), "/api/3/action/package_show": Answer(show, media_type=JSON)}
    with site({**pages, **api}) as server:
        found = guessed(server, path)
        assert (speaks(found), found.url, found.part) == (("ckan", "ckan"), server.url + root, None)


def test_a_package_whose_portal_does_not_answer_is_a_part() -> None:
    show = {"help": "https://dati.example.it/api/3/action/help_show?name=package_show", "success": True}
    with site({"/p.json": Answer(json.dumps({**show, "result": PACKAGE}), media_type=JSON)}) as server:
        found = guessed(server, "/p.json")
    assert (speaks(found), found.url) == (("ckan", "ckan"), "https://dati.example.it")
    assert found.part and json.loads(found.part)["result"]["results"] == [PACKAGE]


@pytest.mark.parametrize(
    ("home", "path", "url"),
    [
        (
            page("<meta name=generator content=udata>"),
            "/api/1/site/catalog.ttl",
            "/api/1/site/catalog.ttl?page_size=100",
        ),
        (
            page("<script src=/static/opendatasoft.js></script>"),
            "/api/explore/v2.1/catalog/exports/dcat",
            "/api/explore/v2.1/catalog/exports/dcat",
        ),
        (
            page("<meta name=generator content=piveau>"),
            "/api/hub/repo/datasets",
            "/api/hub/repo/datasets?valueType=metadata&hydra=true&limit=100&offset=0",
        ),
        (
            Answer('{"data": [], "next_page": null}', media_type=JSON),
            "/api/1/site/catalog.ttl",
            "/api/1/site/catalog.ttl?page_size=100",
        ),
        (page("<link rel=alternate type='text/turtle' href='/x/catalog.ttl'>"), "/x/catalog.ttl", "/x/catalog.ttl"),
    ],
)
def test_a_home_page_leads_to_its_catalogue(home: Answer, path: str, url: str) -> None:
    with site({"/": home, path: Answer(CATALOGUE, media_type=TURTLE)}) as server:
        found = guessed(server, "/")
        assert (speaks(found), found.url, found.title) == (("dcat", "dcat"), server.url + url, "Il catalogo")
        assert len(server.asked) < 8, "doors are tried, not hammered"


@pytest.mark.parametrize("question", ["", "?verb=Identify", "?verb=ListRecords&metadataPrefix=oai_dc"])
def test_an_oai_provider_is_known_by_its_answers(question: str) -> None:
    with oai_provider() as running:
        running.put(1)
        client = Client("tests/1", allowed_hosts=[running.host], retries=0)
        found = guess(running.url + question, client)
    assert speaks(found) == ("oai-pmh", "oai_dc")
    assert (found.url, found.part) == (running.url, None), "the provider itself is asked, not this one answer"


def test_a_sparql_endpoint_is_asked_for_the_classes_that_we_know(tmp_path: Path) -> None:
    with oxigraph(tmp_path) as server:
        client = Client("tests/1", allowed_hosts=[server.url.split("/")[2]], retries=0)
        update = "INSERT DATA { <urn:x> a <http://www.w3.org/ns/dcat#Dataset> . <urn:y> a <http://schema.org/Event> }"
        client.session.post(server.update_url, data={"update": update}).raise_for_status()
        found = guess(server.url, client)
    assert speaks(found) == ("sparql", "dcat")
    assert dict(found.select) == {"practice": "dcat:Dataset", "event": "schema:Event"}


@pytest.mark.parametrize(
    ("marks", "name"),
    [
        ('<script type="application/ld+json">{"@type": "Event"}</script>', "JSON-LD"),
        ('<div itemscope itemtype="https://schema.org/Event">', "Microdata"),
        ('<div vocab="https://schema.org/" typeof="Event">', "RDFa"),
    ],
)
def test_pages_that_say_what_they_are_about(marks: str, name: str) -> None:
    sitemap = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>/a</loc></url></urlset>'
    with site({"/progetti": page(body=marks), "/sitemap.xml": Answer(sitemap, media_type="text/xml")}) as server:
        found = guessed(server, "/progetti")
        assert (speaks(found), dict(found.tags)) == (("web-pages", "dcat"), {"it": 1})
        assert [said.values for said in found.reasons] == [{"names": name}, {"value": f"{server.url}/sitemap.xml"}]
        assert guessed(server, "/sitemap.xml").protocol == "web-pages"


def test_a_page_that_says_nothing_is_no_catalogue() -> None:
    with site({"/": page("<title>Il nostro  centro</title>")}) as server:
        found = guessed(server, "/")
    assert (speaks(found), found.what.values) == (("", ""), {"name": "Il nostro centro"}) and found.advice


def test_an_address_that_fails_is_told_as_it_failed() -> None:
    with site({}) as server, pytest.raises(FetchError, match="answered 404"):
        guessed(server, "/nowhere")


# Kinds of documents

DOCUMENTS: Mapping[str, tuple[bytes | str, str]] = {
    "pdf": (b"%PDF-1.7 ...", "PDF"),
    "gzip": (b"\x1f\x8b\x08\x00", "gzip"),
    "image": (b"\x89PNG\r\n", "PNG"),
    "nothing": ("  \n", "0 bytes"),
    "feed": ("<rss version='2.0'><channel/></rss>", "RSS"),
    "marc": ("<collection xmlns='http://www.loc.gov/MARC21/slim'/>", "MARC"),
    "other xml": ("<a><b/></a>", "<a>"),
    "other json": ('{"ok": true, "at": 1}', "JSON (at, ok)"),
    "prose": ("There is nothing here that a machine could read", "“There is nothing here"),
    "json schema": ('{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}', "JSON"),
    "ckan failed": ('{"success": false, "error": {"message": "Access denied"}}', "Access denied"),
    "ckan names": ('{"success": true, "result": ["a", "b"]}', "['a', 'b']"),
    "broken xml": ("<?xml version='1.0'?><OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><x>", "Premature end"),
    "deep json": ("[" * 100_000, "recursion"),
    "deep xml": ("<a>" * 100_000, "depth"),
    "entities": ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "DOCTYPE"),
    "a broken workbook": (b"PK\x03\x04 and no more", "no readable workbook"),
    "rdf without end": ("@prefix a: <http://a/> .\n<http://a> a a:B ; ", "no valid Turtle"),
    "json-ld of elsewhere": ('{"@context": "https://elsewhere.example/c", "@type": "X"}', "options.contexts"),
    "sparql results": ("<sparql xmlns='http://www.w3.org/2005/sparql-results#'/>", "SPARQL"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_no_catalogue_is_told_as_what_it_is(name: str) -> None:
    body, words = DOCUMENTS[name]
    with site({"/x": Answer(body, media_type="application/octet-stream")}) as server:
        found = guessed(server, "/x")
    assert not found.protocol and found.advice
    assert words in found.what.text.format(**found.what.values)


@pytest.mark.parametrize("media_type", ["text/plain", "text/html", "application/json", ""])
def test_content_counts_and_not_its_media_type(media_type: str) -> None:
    table = "Titel;Kurzbeschreibung\n" + "Das Dach;Nachbarn haben das Dach gedämmt\n" * 3
    with site({"/t.xml": Answer(table, media_type=media_type)}) as server:
        assert speaks(guessed(server, "/t.xml")) == ("tabular", "table")


@pytest.mark.parametrize("language", ["hu", "fr"])
def test_our_own_template_is_known(language: str) -> None:
    with site({"/t": Answer(workbook(load(), language), media_type="application/zip")}) as server:
        found = guessed(server, "/t")
    assert (speaks(found), dict(found.tags)) == (("template", "template"), {language: 1})


def test_the_sheet_with_the_most_rows_is_taken(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.title = "Leggimi"
    book.create_sheet("Vuoto")
    sheet = book.create_sheet("Progetti")
    for row in (("Titolo", "Sintesi"), ("Il tetto", "Isolato dai vicini"), ("La caldaia", "Sostituita")):
        sheet.append(row)
    book.save(tmp_path / "b.xlsx")
    with site({"/b": Answer((tmp_path / "b.xlsx").read_bytes())}) as server:
        found = guessed(server, "/b")
    assert (dict(found.select), found.what.values) == ({"practice": "Progetti"}, {"number": 2})


def test_a_list_inside_a_document_is_named() -> None:
    document = {"meta": {"page": 1}, "answer": {"projects": [{"Title": "A", "Summary": "B"}], "errors": []}}
    with site({"/x": Answer(json.dumps(document), media_type=JSON)}) as server:
        found = guessed(server, "/x")
    assert found.options == {"fields": {"Title": "title@en", "Summary": "summary@en"}, "records": "answer.projects"}


def test_geojson_is_a_table_with_points() -> None:
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [9.2, 45.5]},
        "properties": {"Nome": "Il tetto"},
    }
    with site(
        {"/x": Answer(json.dumps({"type": "FeatureCollection", "features": [feature]}), media_type=JSON)}
    ) as server:
        found = guessed(server, "/x")
    assert found.options["fields"] == {"geometry": "place.point", "Nome": "title@en"}
    assert found.options["records"] == "features"


def test_an_old_workbook_is_a_table() -> None:
    with site({"/x": Answer((Path(__file__).parent / "practices.xls").read_bytes())}) as server:
        found = guessed(server, "/x")
    assert speaks(found) == ("tabular", "table") and found.options["fields"]
    assert found.select == {"practice": "Pratiche"}  # of its two sheets the longer one
    assert found.reasons[0].values == {"names": "Pratiche, Luoghi", "name": "Pratiche"}


def test_our_own_classes_go_before_those_beside_them() -> None:
    both = CATALOGUE + "<#d> a <https://w3id.org/co-ped/ns#GoodPractice> . <#o> a <http://xmlns.com/foaf/0.1/Agent> ."
    with site({"/x": Answer(both, media_type=TURTLE)}) as server:
        found = guessed(server, "/x")
    assert (dict(found.select), found.advice) == ({"practice": "coped:GoodPractice"}, ())


# Columns, language, country


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_profile_s_own_names_are_known_in_every_language(language: str) -> None:
    names = {key: load().field("practice", key).name[language] for key in ("title", "summary", "theme", "country")}
    rows = [Row({name: f"{name} {number} x" for name in names.values()}) for number in range(3)]
    wanted = {names["title"]: f"title@{language}", names["summary"]: f"summary@{language}"}
    assert suggested(rows, language) == {**wanted, names["theme"]: "theme", names["country"]: "country"}


def cells(**columns: list[Any]) -> list[Row]:
    return [Row(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def test_one_key_goes_to_the_likelier_column() -> None:
    rows = cells(name=["A b", "C d"], beneficiary_name=["X y", "Z z"], projectStartDate=["2020", "2021"])
    wanted = {"name": "title@en", "beneficiary_name": "lead.title@en", "projectStartDate": "period.start"}
    assert suggested(rows, "en") == wanted


def test_a_column_identifies_only_where_no_two_rows_share_a_value() -> None:
    assert suggested(cells(code=["1", "2"], title=["A b", "C d"]), "en")["code"] == "identifier"
    assert "code" not in suggested(cells(code=["1", "1"], title=["A b", "C d"]), "en")


def test_texts_are_found_by_what_stands_in_them() -> None:
    long = "The neighbours have insulated the roof of the theatre together with a cooperative."
    rows = cells(foo=["Roof theatre one", "Roof theatre two"], bar=[long, long + " It worked."], qux=["7", "8"])
    assert suggested(rows, "en") == {"foo": "title@en", "bar": "summary@en"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Il tetto della biblioteca che i vicini hanno isolato con una cooperativa per il quartiere.", "it"),
        ("Grannarna har isolerat taket på teatern och det är nu varmt för den som vill dansa.", "sv"),
        ("Die Nachbarn haben das Dach des Theaters gedämmt, und der Saal ist nun im Winter warm.", "de"),
        ("A szomszédok szigetelték a színház tetejét, és az épület meg is újult, hogy ne fázzanak.", "hu"),
        ("De buren hebben het dak van het theater geïsoleerd en dat wordt ook voor de zaal gedaan.", "nl"),
        ("Les voisins ont isolé le toit du théâtre avec une coopérative pour les soirées dans le quartier.", "fr"),
        ("The neighbours have insulated the roof of the theatre and it is now warm for all to dance.", "en"),
        ("POR FESR 2014-2020", None),
    ],
)
def test_a_language_is_known_by_its_small_words(text: str, language: str | None) -> None:
    assert language_of({}, text) == language


def test_marked_texts_go_before_small_words() -> None:
    assert language_of({"de_AT": 3, "en": 3, "nonsense!": 9}, "the of and to for with is that") == "de"


@pytest.mark.parametrize(
    ("url", "language", "country"),
    [
        ("https://www.dati.gov.it/opendata", "en", "ITA"),
        ("https://data.gov.uk/", "en", "GBR"),
        ("https://data.example.org/", "sv", "SWE"),
        ("https://data.example.org/", "en", None),
        ("http://[not an address", "en", None),
    ],
)
def test_a_country_is_known_by_the_host_or_by_the_language(url: str, language: str, country: str | None) -> None:
    assert country_of(url, language) == country


def test_a_source_is_written_as_toml_that_reads_back() -> None:
    fields = {'Spalte "A"\\': "title@de", "b=c [d]": "summary@de", "ü\x7f": "theme"}
    options = {"fields": fields, "contexts": {"https://x.example/c": {"a": ["b", 1, True]}}, "page_size": 5}
    source = Source("a-b", {"de-AT": "Ä"}, "AUT", "de", "tabular", "https://x.example/?a=b", "table", options=options)
    text = source_text(source, {"url": "first\nsecond", "options": "a guess"})
    read = tomllib.loads(text)
    assert Source(**read) == source
    assert "# first second\nurl = " in text and "# a guess\n[options" in text
