"""A page of results as table and as linked data, its links, and the answer that nothing has changed."""

import csv
from io import StringIO
from typing import Any

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from hub.languages import pick
from hub.namespaces import DCT, GEO, HYDRA, RDF
from hub.profile import load
from hub.web.listing import COLUMNS, table
from tests.web.hub import Hub

QUESTION = "/api/search?q=tetto&lang=hu&size=5"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


@pytest.mark.parametrize(("address", "accept"), [(f"{QUESTION}&format=csv", ""), (QUESTION, "text/csv")])
def test_a_page_of_results_is_a_table(hub: Hub, address: str, accept: str) -> None:
    answer = hub.get(address, accept=accept)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    told, items = rows(answer.content.decode("utf-8")), hub.get(QUESTION).json()["items"]
    assert tuple(told[0]) == COLUMNS and [row["id"] for row in told] == [item["id"] for item in items]
    for row, item in zip(told, items, strict=True):
        assert (row["title"], row["summary"]) == (pick(item["title"], "hu")[0], pick(item["summary"], "hu")[0])
        assert row["country"] == "; ".join(load().label(iri, "hu") for iri in item["country"])
        assert row["languages"] == "; ".join(item["languages"]) and row["start"] == (item["start"] or "")
        assert not item["point"] or (float(row["lat"]), float(row["lon"])) == tuple(item["point"].values())


def test_no_text_of_a_source_becomes_a_formula() -> None:
    nothing: dict[str, Any] = {
        "id": "https://hub.example/id/practice/x/1",
        "kind": "practice",
        "summary": {"en": 'A "quoted", long\nline'},
        "country": [],
        "themes": [],
        "sources": ["x"],
        "languages": ["en"],
        "start": None,
        "end": None,
        "point": {"lat": -1.5, "lon": 2.0},
    }
    for dangerous in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'):
        [row] = rows(table([{**nothing, "title": {"en": dangerous}}], lambda key, iri: iri, "en"))
        assert row["title"] == f"'{dangerous}" and row["lat"] == "-1.5"
        assert row["summary"] == nothing["summary"]["en"]


@pytest.mark.parametrize(("address", "accept"), [(f"{QUESTION}&format=jsonld", ""), (QUESTION, "application/ld+json")])
def test_a_page_of_results_is_linked_data(hub: Hub, address: str, accept: str) -> None:
    """Read by a JSON-LD processor that fetches nothing."""
    answer = hub.get(address, accept=accept)
    assert answer.headers["Content-Type"] == "application/ld+json"
    statements = [quad.triple for quad in parse(answer.content, format=RdfFormat.JSON_LD)]
    told = hub.get(QUESTION).json()
    [collection] = [t.subject for t in statements if (t.predicate, t.object) == (RDF.type, HYDRA.Collection)]
    members = [t.object for t in statements if (t.subject, t.predicate) == (collection, HYDRA.member)]
    assert {member.value for member in members} == {item["id"] for item in told["items"]}
    assert [t.object.value for t in statements if t.predicate == HYDRA.totalItems] == [str(told["total"])]
    for item in told["items"]:
        about = [t for t in statements if t.subject == NamedNode(item["id"])]
        assert NamedNode(load().kinds[item["kind"]].target) in [t.object for t in about if t.predicate == RDF.type]
        titles = {t.object.language: t.object.value for t in about if t.predicate == DCT.title}
        assert titles == item["title"]
        country = load().role(item["kind"], "country")
        assert {t.object.value for t in about if country and t.predicate.value == country.path} == set(item["country"])
    points = [t.object.value for t in statements if getattr(t.object, "datatype", None) == GEO.wktLiteral]
    assert len(points) == len([item for item in told["items"] if item["point"]]) > 0
    [following] = [t.object.value for t in statements if t.predicate == HYDRA.next]
    assert following.startswith(f"{hub.url}/api/search?") and "page=2" in following


def test_what_cannot_be_served_is_told(hub: Hub) -> None:
    assert hub.get(QUESTION, accept="application/xml").status_code == 406
    assert hub.get(QUESTION, accept="text/html,*/*;q=0.8").headers["Content-Type"] == "application/json"


def test_the_header_leads_to_the_other_pages_as_the_body_does(hub: Hub) -> None:
    for page, expected in ((1, {"first", "next", "last"}), (2, {"first", "prev", "next", "last"})):
        answer = hub.get(f"/api/search?kind=practice&size=7&page={page}")
        links = {rel: link["url"] for rel, link in answer.links.items()}
        assert links == {rel: link for rel, link in answer.json()["links"].items() if rel != "self"}
        assert set(links) == expected
    last = hub.get(links["last"]).json()
    assert "next" not in last["links"] and last["items"]
    nothing = hub.get("/api/search?q=xyzzyplugh&meaning=false")
    assert set(nothing.links) == {"first"} and nothing.json()["total"] == 0


def test_what_the_asker_has_is_not_sent_again(hub: Hub) -> None:
    first = hub.get(QUESTION)
    assert first.headers["Cache-Control"] == "no-cache"
    tag = first.headers["ETag"]
    again = hub.get(QUESTION, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    for other, more in ((f"{QUESTION}&explain=true", {}), (QUESTION, {"accept": "text/csv"})):
        answer = hub.get(other, headers={"If-None-Match": tag}, **more)
        assert answer.status_code == 200 and answer.headers["ETag"] != tag
    unnamed = "/api/search?q=tetto"
    tags = {hub.get(unnamed, language=language).headers["ETag"] for language in ("hu", "sv")}
    assert len(tags) == 2  # the labels differ
