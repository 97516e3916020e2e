"""Sources: how fresh they are, their pages in each language, and their IRIs."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rdflib import RDF, Graph, URIRef

from hub.harvest import VERSION
from hub.languages import LANGUAGES
from hub.ledger import Ledger
from hub.model import HarvestReport
from hub.profile import load
from hub.web.answers import SourceAnswer, SourcesAnswer
from tests.web.hub import BY_HAND, Hub, append, arrival, open_ledger, running, settings_for
from tests.web.pages import Page

PROV = "http://www.w3.org/ns/prov#"
BROWSER, TURTLE = "text/html,*/*;q=0.8", "text/turtle"


def test_the_api_tells_how_fresh_each_source_is(hub: Hub) -> None:
    rows = {row.key: row for row in SourcesAnswer.model_validate(hub.get("/api/sources").json()).sources}
    here = rows["sample-hu"]
    assert (here.protocol, here.country, here.failed_runs, here.silent_days) == ("ckan", "HUN", 0, 0)
    assert here.last_run and here.last_full == here.last_run.ended and here.last_incremental is None
    assert here.next_run and here.next_run > here.last_run.started and here.url and here.rhythm


def test_the_api_tells_a_source_with_its_runs(hub: Hub) -> None:
    told = SourceAnswer.model_validate(hub.get("/api/sources/by-hand").json())
    assert [run.state for run in told.runs] == ["complete", "complete"] and told.runs[0].run > told.runs[1].run
    assert told.records == hub.get("/api/sources").json()["sources"][-1]["records"]
    sample = SourceAnswer.model_validate(hub.get("/api/sources/sample-it").json()).runs[0]
    assert (sample.profile, sample.since) == (load().digest, None) and sample.created == sample.seen
    assert sample.code and sample.code.startswith(f"{VERSION}+")
    unknown = hub.get("/api/sources/nobody")
    assert unknown.status_code == 404 and "nobody" in unknown.json()["detail"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_source_has_a_page_in_each_language(hub: Hub, language: str) -> None:
    page = Page(hub.page(f"/{language}/sources/sample-at").text)
    text = " ".join(t.text for t in page.texts())
    assert f"{hub.url}/id/source/sample-at" in text and f"/{language}/?source=sample-at" in page.links()
    assert hub.page(f"/{language}/sources/nobody").status_code == 404
    assert f"/{language}/sources/sample-at" in Page(hub.page(f"/{language}/sources").text).links()
    record = "practice/sample-it/tetto-fornace-lucciola"
    assert f"/{language}/sources/sample-it" in Page(hub.page(f"/{language}/{record}").text).links()


def test_a_source_s_iri_leads_to_its_page_or_its_data(hub: Hub) -> None:
    def leads(path: str, accept: str) -> tuple[int, str]:
        answer = hub.get(path, accept, language="hu")
        return answer.status_code, answer.headers["Location"]

    assert leads("/id/source/sample-hu", BROWSER) == (303, "/doc/source/sample-hu")
    assert leads("/doc/source/sample-hu", BROWSER) == (302, "/hu/sources/sample-hu")
    assert leads("/id/source/sample-hu", TURTLE) == (303, "/data/source/sample-hu.ttl")
    assert leads("/id/source/sample-hu.nt", BROWSER) == (303, "/data/source/sample-hu.nt")
    assert leads("/data/source/sample-hu", BROWSER) == (303, "/doc/source/sample-hu")
    for path in ("/id/source/nobody", "/data/source/nobody", "/data/source/nobody.ttl"):
        assert hub.get(path, TURTLE).status_code == 404


@pytest.mark.parametrize(("suffix", "syntax"), [("ttl", "turtle"), ("nt", "nt"), ("rdf", "xml")])
def test_a_source_s_data_says_what_a_record_s_run_was(hub: Hub, suffix: str, syntax: str) -> None:
    record = Graph().parse(data=hub.get("/data/practice/sample-it/tetto-fornace-lucciola.nt").text, format="nt")
    (run,) = set(record.objects(predicate=URIRef(f"{PROV}wasGeneratedBy")))
    data = Graph().parse(data=hub.get(f"/data/source/sample-it.{suffix}").text, format=syntax)
    assert (run, RDF.type, URIRef(f"{PROV}Activity")) in data
    assert (URIRef(f"{hub.url}/id/source/sample-it"), RDF.type, URIRef("http://www.w3.org/ns/dcat#Catalog")) in data


def test_the_run_of_each_record_is_told_in_sparql(hub: Hub) -> None:
    query = f"""PREFIX prov: <{PROV}> SELECT (COUNT(DISTINCT ?entry) AS ?all) (COUNT(DISTINCT ?told) AS ?with) {{
        ?entry prov:wasGeneratedBy ?run OPTIONAL {{
          ?told prov:wasGeneratedBy ?run . ?run a prov:Activity ; prov:startedAtTime ?start ; prov:endedAtTime ?end ;
            prov:qualifiedAssociation [ prov:agent ?hub ; prov:hadPlan ?profile ] . ?hub a prov:SoftwareAgent }} }}"""
    rows = hub.get("/sparql", "text/csv", params={"query": query}).text.split()
    entries, told = map(int, rows[1].split(","))
    by_hand = 5  # whose runs the tests began without saying with what
    assert told == entries - by_hand > 60


def failed(ledger: Ledger, message: str, seen: int = 0) -> None:
    with ledger.runs.begin(BY_HAND, resumable=False) as run:
        report = HarvestReport(BY_HAND.key, seen=seen, message=message)
        ledger.runs.finish(run, report, {}, complete=False)


def test_a_source_whose_runs_fail_is_told_by_readiness_and_costs_none(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with open_ledger(settings) as ledger, running(settings) as hub:
        append(ledger, arrival(ledger.base, "a"))
        assert hub.get("/health/ready").json()["sources"] == []
        failed(ledger, "the disk is full")
        failed(ledger, "the disk is still full")
        ready = hub.get("/health/ready")
        told = {"source": "by-hand", "state": "failed", "failed_runs": 2, "message": "the disk is still full"}
        assert ready.status_code == 200 and ready.json()["sources"] == [told]
        row = hub.get("/api/sources/by-hand").json()
        assert (row["failed_runs"], row["last_run"]["state"], row["silent_days"]) == (2, "failed", 0)
        assert datetime.fromisoformat(row["last_full"]) < datetime.now(UTC)
        with ledger.runs.begin(BY_HAND, resumable=False) as run:
            ledger.runs.finish(run, HarvestReport(BY_HAND.key), {}, complete=True)
        (held,) = hub.get("/health/ready").json()["sources"]
        assert held["state"] == "held" and re.search("listing is empty", held["message"])
