"""SPARQL over HTTP: three ways to ask, seven formats to answer in, and a page for people."""

import csv
import io
import json
import re
from typing import Any
from urllib.parse import quote

import pytest
import requests
from rdflib import Graph

from hub.languages import LANGUAGES
from hub.web.sparql import EXAMPLES, FORMATS
from tests.web.hub import Hub

SELECT = "SELECT ?p { ?p a <https://w3id.org/co-ped/ns#GoodPractice> } ORDER BY ?p LIMIT 2"
CONSTRUCT = "CONSTRUCT { ?p a <a:practice> } WHERE { ?p a <https://w3id.org/co-ped/ns#GoodPractice> }"
MANY = "SELECT * { ?s ?p ?o }"
ROWS = ["application/sparql-results+json", "text/csv", "text/tab-separated-values", "application/sparql-results+xml"]
TRIPLES = {"text/turtle": "turtle", "application/n-triples": "nt", "application/ld+json": "json-ld",
           "application/rdf+xml": "xml"}  # fmt: skip
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def ask(hub: Hub, query: str, accept: str = "", **more: Any) -> requests.Response:
    return hub.get(f"/sparql?query={quote(query)}", accept, **more)


@pytest.mark.parametrize("media_type", ROWS)
def test_rows_come_in_every_format(hub: Hub, media_type: str) -> None:
    answer = ask(hub, SELECT, media_type)
    assert answer.headers["Content-Type"].partition(";")[0] == media_type
    assert (answer.headers["Hub-Rows"], answer.headers["Hub-Truncated"]) == ("2", "false")
    found = set(re.findall(r"http://127[^\"<>\s]+/id/practice/[^\"<>\s]+", answer.text))
    assert len(found) == 2 and all(hub.get(iri.removeprefix(hub.url)).status_code == 303 for iri in found)


@pytest.mark.parametrize("media_type", TRIPLES)
def test_triples_come_in_every_format(hub: Hub, media_type: str) -> None:
    answer = ask(hub, CONSTRUCT, media_type)
    assert answer.headers["Content-Type"].partition(";")[0] == media_type
    graph = Graph().parse(data=answer.text, format=TRIPLES[media_type])
    assert len(graph) == int(answer.headers["Hub-Rows"]) > 40


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (SELECT, "", ROWS[0]),
        (SELECT, "*/*", ROWS[0]),
        (SELECT, "application/json", ROWS[0]),
        (SELECT, "text/turtle, text/csv;q=0.5", "text/csv"),
        ("ASK {}", "application/sparql-results+xml", ROWS[3]),
        (CONSTRUCT, "", "text/turtle"),
        (CONSTRUCT, "application/sparql-results+json, application/ld+json;q=0.1", "application/ld+json"),
        (CONSTRUCT, "application/*", "application/n-triples"),
    ],
)
def test_the_format_fits_the_query(hub: Hub, query: str, accept: str, media_type: str) -> None:
    assert ask(hub, query, accept).headers["Content-Type"].partition(";")[0] == media_type


@pytest.mark.parametrize("format", dict.fromkeys(FORMATS.values()))
def test_a_parameter_overrules_accept(hub: Hub, format: str) -> None:
    query = SELECT if format in ("json", "csv", "tsv", "xml") else CONSTRUCT
    answer = hub.get(f"/sparql?format={format}&query={quote(query)}", HTML)
    assert FORMATS[answer.headers["Content-Type"].partition(";")[0]] == format


def test_a_query_comes_by_get_by_form_and_as_it_is(hub: Hub) -> None:
    headers = {"Accept": "text/csv"}
    form = requests.post(f"{hub.url}/sparql", {"query": SELECT}, headers=headers, timeout=10)
    direct = requests.post(
        f"{hub.url}/sparql", SELECT, headers={**headers, "Content-Type": "application/sparql-query"}, timeout=10
    )
    assert form.text == direct.text == ask(hub, SELECT, "text/csv").text
    assert form.text.count("/id/practice/") == 2


def test_the_default_graph_is_the_union_unless_it_is_named(hub: Hub) -> None:
    record = f"{hub.url}/data/practice/sample-it/tetto-fornace-lucciola"
    count = "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?p a <https://w3id.org/co-ped/ns#GoodPractice> }"
    named = f"/sparql?format=csv&query={quote(count)}&default-graph-uri={quote(record)}"
    assert hub.get(named).text.split() == ["n", "1"]
    posted = requests.post(
        f"{hub.url}/sparql?format=csv&default-graph-uri={quote(record)}", count.encode(), timeout=10,
        headers={"Content-Type": "application/sparql-query"},
    )  # fmt: skip
    assert posted.text.split() == ["n", "1"]
    assert int(ask(hub, count, "text/csv").text.split()[1]) > 40
    # Records that are withdrawn or were never valid are in no graph; stale and missing ones are.
    by_hand = f"SELECT ?g {{ GRAPH ?g {{ ?r a <http://www.w3.org/ns/dcat#CatalogRecord> }} FILTER(STRSTARTS(STR(?g), '{hub.url}/data/practice/by-hand/')) }}"  # noqa: E501
    graphs = {line.rpartition("/")[2] for line in ask(hub, by_hand, "text/csv").text.split()[1:]}
    assert graphs == {"live", "hostile", "translated", "stale", "missing"}


def test_an_answer_that_was_cut_says_so(hub: Hub) -> None:
    answer = ask(hub, MANY, "text/csv")
    assert (answer.headers["Hub-Rows"], answer.headers["Hub-Truncated"]) == ("1000", "true")
    assert len(list(csv.reader(io.StringIO(answer.text)))) == 1001
    page = ask(hub, MANY, HTML, language="sv").text
    assert "Det fanns fler: svaret kapades här." in page and page.count("<tr>") == 501


PROBLEMS = [
    ("SELECT", "", 400, "query"),
    ("INSERT DATA { <a:a> <a:b> <a:c> }", "", 400, "query"),
    ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "", 400, "query"),
    (SELECT, "image/png", 406, ""),
    (SELECT, "text/turtle", 406, ""),
    ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", "", 503, ""),
]


@pytest.mark.parametrize(("query", "accept", "status", "parameter"), PROBLEMS)
def test_what_goes_wrong_is_a_problem_in_the_caller_s_language(
    hub: Hub, query: str, accept: str, status: int, parameter: str
) -> None:
    answer = ask(hub, query, accept, language="de")
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert problem.get("parameter", "") == parameter
    assert re.search("Abfrage|Accept|gibt|erlaubt|angeboten", problem["detail"]), problem
    assert answer.headers["Content-Language"] == "de"


@pytest.mark.parametrize(
    ("body", "media_type", "parameter"),
    [
        (b"query=ASK{}", "text/plain", "Content-Type"),
        (b"\xff\xfe", "application/sparql-query", "query"),
        (b"query=" + b"x" * (1 << 20), "application/x-www-form-urlencoded", "query"),
        (b"format=foo&query=ASK{}", "application/x-www-form-urlencoded", "format"),
    ],
)
def test_a_post_that_is_no_query_is_told_by_name(hub: Hub, body: bytes, media_type: str, parameter: str) -> None:
    answer = requests.post(f"{hub.url}/sparql", body, headers={"Content-Type": media_type}, timeout=10)
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)


@pytest.mark.parametrize(("accept", "form"), [("", "turtle"), ("application/rdf+xml", "xml")])
def test_without_a_query_the_endpoint_describes_itself(hub: Hub, accept: str, form: str) -> None:
    graph = Graph().parse(data=hub.get("/sparql", accept).text, format=form)
    said = {(p.rpartition("#")[2], o.rpartition("#")[2]) for p, o in graph.predicate_objects()}
    assert {("supportedLanguage", "SPARQL11Query"), ("feature", "UnionDefaultGraph")} <= said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_browser_gets_a_form_with_examples_that_run(hub: Hub, language: str) -> None:
    page = hub.get(f"/sparql?lang={language}", HTML).text
    assert f'<html lang="{language}">' in page and "<textarea" in page and "<script" not in page
    links = re.findall(r'href="(/sparql\?lang=[a-z]+&amp;query=[^"]+)"', page)
    assert len(links) == len(EXAMPLES)
    for link in links:
        found = hub.get(link.replace("&amp;", "&"), HTML)
        assert found.status_code == 200 and found.text.count("<tr>") > 5, link


def test_a_person_sees_rows_triples_and_mistakes_on_the_page(hub: Hub) -> None:
    rows = ask(hub, SELECT, HTML).text
    assert rows.count('<td><a href="http://127.0.0.1') == 2 and SELECT in rows.replace("&lt;", "<").replace("&gt;", ">")
    assert "a:practice" in ask(hub, CONSTRUCT, HTML).text
    assert ">true<" in ask(hub, "ASK {}", HTML).text
    mistake = ask(hub, "SELECT <script>", HTML, language="fr")
    assert mistake.status_code == 400
    assert "<script>" not in mistake.text and "une requête SPARQL 1.1" in mistake.text


def test_json_is_what_the_protocol_says(hub: Hub) -> None:
    document = json.loads(ask(hub, SELECT, "application/json").text)
    assert document["head"]["vars"] == ["p"] and document["results"]["bindings"][0]["p"]["type"] == "uri"
