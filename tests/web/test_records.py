"""IRIs resolve, in the form that the caller asks for; what is gone says so."""

import json
import re

import pytest
import requests
from rdflib import Graph
from rdflib.compare import isomorphic, to_isomorphic

from hub.languages import LANGUAGES
from hub.profile import load
from tests.web.hub import Hub

ROOF = "practice/sample-it/tetto-fornace-lucciola"
TURTLE, JSON_LD, RDF_XML = "text/turtle", "application/ld+json", "application/rdf+xml"
N_TRIPLES, HTML = "application/n-triples", "text/html"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
SUFFIXES = {"ttl": TURTLE, "jsonld": JSON_LD, "rdf": RDF_XML, "nt": N_TRIPLES}
STATUSES = [
    ("live", 200),
    ("stale", 200),
    ("missing", 200),
    ("withdrawn", 410),
    ("quarantined", 404),
    ("unheard-of", 404),
]


@pytest.mark.parametrize(
    ("accept", "leads_to"),
    [
        ("", f"/doc/{ROOF}"),
        ("*/*", f"/doc/{ROOF}"),
        (BROWSER, f"/doc/{ROOF}"),
        (TURTLE, f"/data/{ROOF}.ttl"),
        (JSON_LD, f"/data/{ROOF}.jsonld"),
        (RDF_XML, f"/data/{ROOF}.rdf"),
        (N_TRIPLES, f"/data/{ROOF}.nt"),
        ("text/turtle;q=0.5, application/ld+json", f"/data/{ROOF}.jsonld"),
        ("application/rdf+xml;q=0.9, text/*;q=0.1, text/html;q=0", f"/data/{ROOF}.rdf"),
        ("text/*", f"/doc/{ROOF}"),
        ("application/*;q=0.2, text/turtle;q=0.1", f"/data/{ROOF}.jsonld"),
        ("Text/Turtle ; charset=utf-8", f"/data/{ROOF}.ttl"),
    ],
)
def test_an_iri_leads_to_what_is_asked_for(hub: Hub, accept: str, leads_to: str) -> None:
    answer = hub.get(f"/id/{ROOF}", accept)
    assert (answer.status_code, answer.headers["Location"]) == (303, leads_to)
    assert "Accept" in answer.headers["Vary"]
    assert hub.get(leads_to).status_code in (200, 302)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_suffix_overrules_accept(hub: Hub, suffix: str) -> None:
    assert hub.get(f"/id/{ROOF}.{suffix}", BROWSER).headers["Location"] == f"/data/{ROOF}.{suffix}"
    assert hub.get(f"/data/{ROOF}.{suffix}", BROWSER).headers["Content-Type"].partition(";")[0] == SUFFIXES[suffix]


@pytest.mark.parametrize(("accept", "media_type"), [("", TURTLE), *((t, t) for t in SUFFIXES.values())])
def test_data_comes_as_asked_for(hub: Hub, accept: str, media_type: str) -> None:
    assert hub.get(f"/data/{ROOF}", accept).headers["Content-Type"].partition(";")[0] == media_type


def test_a_browser_is_led_from_the_data_to_the_page_in_its_language(hub: Hub) -> None:
    page = hub.get(f"/data/{ROOF}", BROWSER)
    assert (page.status_code, page.headers["Location"]) == (303, f"/doc/{ROOF}")
    for language in LANGUAGES:
        answer = hub.get(f"/doc/{ROOF}", language=f"{language}-XX, en;q=0.5")
        assert answer.headers["Location"] == f"/{language}/{ROOF}"
        assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize("path", [f"/id/{ROOF}", f"/data/{ROOF}"])
def test_what_is_not_served_is_refused_by_name(hub: Hub, path: str) -> None:
    answer = hub.get(path, "image/png", "it")
    assert answer.status_code == 406
    problem = answer.json()
    assert problem["title"] == "Nessuno dei formati accettati è disponibile"
    assert "image/png" in problem["detail"] and "text/turtle" in problem["detail"]


def records(hub: Hub) -> list[str]:
    """The paths of all records that are shown."""
    found = hub.get("/api/search?size=100").json()
    assert found["total"] == len(found["items"]) > 60
    return [item["id"].partition("/id/")[2] for item in found["items"]]


def parsed(text: str, form: str) -> Graph:
    graph = Graph(bind_namespaces="none")
    return graph.parse(data=text, format=form)


def json_ld(text: str) -> Graph:
    """JSON-LD whose context is the one that the hub serves at the address that the document names."""
    document = json.loads(text)
    assert document["@context"].endswith("/context.jsonld")
    return parsed(json.dumps({**document, "@context": load().context}), "json-ld")


def test_every_format_of_every_record_says_the_same(hub: Hub) -> None:
    for path in records(hub):
        texts = {suffix: hub.get(f"/data/{path}.{suffix}").text for suffix in SUFFIXES}
        said = to_isomorphic(parsed(texts["nt"], "nt"))
        assert len(said) == texts["nt"].count("\n") > 8
        assert said == to_isomorphic(parsed(texts["ttl"], "turtle")), path
        assert said == to_isomorphic(parsed(texts["rdf"], "xml")), path
        assert said == to_isomorphic(json_ld(texts["jsonld"])), path


def test_json_ld_reads_like_the_profile(hub: Hub) -> None:
    nodes = {node["id"]: node for node in hub.get(f"/data/{ROOF}.jsonld").json()["@graph"]}
    roof = nodes[f"{hub.url}/id/{ROOF}"]
    assert roof["title"]["it"].startswith("Il tetto") and roof["title"]["en"].startswith("The roof")
    assert roof["type"] == "coped:GoodPractice" or "Practice" in roof["type"]


def test_the_context_is_served_and_is_the_profile_s(hub: Hub) -> None:
    answer = hub.get("/context.jsonld")
    assert answer.headers["Content-Type"].startswith(JSON_LD)
    assert answer.json() == {"@context": load().context}


@pytest.mark.parametrize(("key", "status"), STATUSES)
@pytest.mark.parametrize("place", ["/en", "/api/records"])
def test_each_state_has_its_status(hub: Hub, key: str, status: int, place: str) -> None:
    assert hub.get(f"{place}/practice/by-hand/{key}").status_code == status


@pytest.mark.parametrize(("key", "status"), [(k, 303 if s == 200 else s) for k, s in STATUSES])
def test_an_iri_of_each_state_has_its_status(hub: Hub, key: str, status: int) -> None:
    for accept in (BROWSER, TURTLE, JSON_LD):
        assert hub.get(f"/id/practice/by-hand/{key}", accept).status_code == status


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_withdrawn_record_leaves_a_tombstone_in_every_format(hub: Hub, suffix: str) -> None:
    answer = hub.get(f"/data/practice/by-hand/withdrawn.{suffix}")
    assert answer.status_code == 410
    read = {"ttl": "turtle", "rdf": "xml", "nt": "nt"}
    stone = json_ld(answer.text) if suffix == "jsonld" else parsed(answer.text, read[suffix])
    said = {(str(p), str(o)) for _, p, o in stone}
    assert ("http://www.w3.org/ns/adms#status", "https://w3id.org/co-ped/concept/record-state/withdrawn") in said
    assert ("http://xmlns.com/foaf/0.1/primaryTopic", f"{hub.url}/id/practice/by-hand/withdrawn") in said
    assert "Taket" not in answer.text


def test_a_withdrawn_record_tells_programs_when_it_was_last_there(hub: Hub) -> None:
    problem = hub.get("/api/records/practice/by-hand/withdrawn", language="hu").json()
    assert problem["title"] == "Ezt az adatlapot visszavonták"
    assert problem["id"] == f"{hub.url}/id/practice/by-hand/withdrawn"
    assert problem["source"] == "by-hand" and problem["last_seen"] in problem["detail"]


@pytest.mark.parametrize(
    "path", ["/en/practice/sample-it", "/en/x/y/z", "/id/practice/x", "/xx/", "/en/nothing", "/nowhere"]
)
def test_an_unknown_address_is_told_as_page_or_as_data(hub: Hub, path: str) -> None:
    page = hub.page(path, language="fr")
    assert page.status_code == 404 and page.headers["Content-Type"].startswith(HTML)
    problem = hub.get(path, language="fr")
    assert problem.status_code == 404 and problem.headers["Content-Type"] == "application/problem+json"
    assert problem.json()["instance"] == path


def test_a_wrong_method_says_which_are_right(hub: Hub) -> None:
    answer = requests.put(f"{hub.url}/api/search", headers={"Accept-Language": "de"}, timeout=10)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")
    assert answer.json()["title"] == "Diese Adresse nimmt diese Methode nicht an"


@pytest.mark.parametrize(
    "path", ["/", "/it/", f"/it/{ROOF}", f"/id/{ROOF}", f"/data/{ROOF}.ttl", "/sparql", "/health/live"]
)
def test_head_is_get_without_a_body(hub: Hub, path: str) -> None:
    whole = hub.get(path, headers={"Accept-Encoding": "identity"})
    head = requests.head(
        f"{hub.url}{path}", headers={"Accept": None, "Accept-Encoding": "identity"}, allow_redirects=False, timeout=10
    )
    assert (head.status_code, head.content) == (whole.status_code, b"")
    for name in ("Content-Type", "Content-Length", "Location"):
        assert head.headers.get(name) == whole.headers.get(name)


@pytest.mark.parametrize(
    "path", [f"/id/{ROOF}", f"/data/{ROOF}.jsonld", "/context.jsonld", "/api/search", "/sparql?query=ASK{}"]
)
def test_pages_of_others_may_read_the_data(hub: Hub, path: str) -> None:
    answer = hub.get(path, headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Hub-Truncated" in answer.headers["Access-Control-Expose-Headers"]


def test_a_query_may_be_posted_from_pages_of_others(hub: Hub) -> None:
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    answer = requests.options(f"{hub.url}/sparql", headers=asked, timeout=10)
    assert answer.status_code == 200 and "POST" in answer.headers["Access-Control-Allow-Methods"]


def test_what_is_only_spoken_of_has_a_page_and_data(hub: Hub) -> None:
    path = "organisation/sample-it/cooperativa-tegola-su-tegola"
    graph = parsed(hub.get(f"/data/{path}.nt").text, "nt")
    said = {(str(s), str(p)) for s, p, _ in graph}
    assert (f"{hub.url}/id/{path}", "http://xmlns.com/foaf/0.1/name") in said
    assert (f"{hub.url}/id/{ROOF}", "http://purl.org/dc/terms/references") in said
    assert hub.get(f"/api/records/{path}").status_code == 404
    page = hub.page(f"/it/{path}").text
    assert "Cooperativa Tegola su Tegola" in page and f'href="/it/{ROOF}"' in page


def test_the_api_tells_a_record_with_its_history(hub: Hub) -> None:
    record = hub.get("/api/records/practice/by-hand/stale").json()
    assert (record["state"], record["source"], record["identifier"]) == ("stale", "by-hand", "stale")
    assert record["data"]["@graph"]
    versions = hub.get("/api/records/practice/by-hand/stale/history").json()["versions"]
    assert [version["valid"] for version in versions] == [False, True]
    assert {version["payload"]["media_type"] for version in versions} == {"application/n-triples"}
    assert all(re.fullmatch("[0-9a-f]{64}", version["payload"]["sha256"]) for version in versions)
    assert hub.get("/api/records/practice/by-hand/unheard-of/history").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_says_what_to_mend_in_the_publisher_s_language(hub: Hub, language: str) -> None:
    path = "/api/records/practice/by-hand/quarantined/report"
    report = hub.get(f"{path}?lang={language}").json()
    assert (report["valid"], report["language"]) == (False, language)
    title = load().field("practice", "title").name[language]
    messages = [result["message"] for result in report["results"] if result["severity"] == "Violation"]
    assert any(title in message for message in messages), messages
    assert hub.get(path, language=language).json()["results"] == report["results"]


def test_isomorphic_tells_graphs_apart() -> None:
    """The comparison above can fail."""
    assert not isomorphic(parsed("<a:a> <a:b> <a:c> .", "nt"), parsed("<a:a> <a:b> <a:d> .", "nt"))
