"""A hub on loopback, over real HTTP: the six sample sources, and a source of records in every state."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import uvicorn
from pyoxigraph import Literal, NamedNode, Triple

from harvesters.samples.server import serve
from harvesters.source_files import SOURCES, load_sources
from hub.fetch import Client
from hub.harvest import harvest
from hub.ledger import Arrival, Ledger, Statements, canonical
from hub.model import HarvestReport, RawRecord, Source
from hub.namespaces import COPED, COUNTRY, DCAT, DCT, RDF, record_iri
from hub.profile import load
from hub.settings import Settings
from hub.validation import Validator, report_json
from hub.web.app import create_app
from tests.servers.processes import free_port

BY_HAND = Source("by-hand", {"en": "Made by hand"}, "SWE", "sv", "tabular", "http://127.0.0.1/x.csv", "table")
HOSTILE = '<script>alert("1")</script>'


@dataclass(frozen=True)
class Hub:
    url: str
    settings: Settings

    def get(self, path: str, accept: str = "", language: str = "", **more: Any) -> requests.Response:
        headers = {"Accept": accept, "Accept-Language": language, **more.pop("headers", {})}
        sent = {name: value or None for name, value in headers.items()}  # None: not even the client's own
        return requests.get(f"{self.url}{path}", headers=sent, allow_redirects=False, timeout=60, **more)

    def page(self, path: str, **more: Any) -> requests.Response:
        return self.get(path, accept="text/html,application/xhtml+xml,*/*;q=0.8", **more)

    def caught_up(self, *projections: str) -> None:
        """Waits until projections stand where the ledger does; without a name graph and search."""
        for _ in range(2400):
            told = self.get("/health/ready").json()
            parts = [told["parts"].get(name, {"behind": 1}) for name in projections or ("graph", "search")]
            if all(part.get("behind", 0) == 0 for part in parts) and told["status"] == "ok":
                return
            time.sleep(0.05)
        raise AssertionError(told)


@contextmanager
def running(settings: Settings) -> Iterator[Hub]:
    """The application under a real server, in a thread of this process."""
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=settings.port, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield Hub(f"http://127.0.0.1:{settings.port}", settings)
    finally:
        server.should_exit = True
        thread.join()


def settings_for(data: Path, **more: Any) -> Settings:
    port = free_port()
    return Settings(_env_file=None, data=data, port=port, base_iri=f"http://127.0.0.1:{port}", **more)  # type: ignore[call-arg]


@contextmanager
def open_ledger(settings: Settings) -> Iterator[Ledger]:
    ledger = Ledger(settings.ledger_url, settings.base)
    try:
        yield ledger
    finally:
        ledger.close()


def harvest_samples(ledger: Ledger) -> None:
    with serve() as samples:
        for source in load_sources(SOURCES.parent / "samples" / "sources", samples.url).values():
            client = Client("coped-hub-tests (+http://127.0.0.1)", allowed_hosts=["127.0.0.1"])
            report = harvest(ledger, source, client, load(), lambda _report, _total: None)
            assert (report.state, report.quarantined, report.failed) == ("complete", 0, 0), report


def practice(base: str, key: str, **more: Any) -> Statements:
    """A valid practice; `more` adds or (None) takes away statements by the key of their property."""
    node = record_iri(base, "practice", BY_HAND.key, key)
    said: dict[str, Any] = {
        "title": [Literal(f"Taket {key}", language="sv")],
        "description": [Literal("Grannarna isolerade taket.", language="sv")],
        **more,
    }
    triples = {Triple(node, RDF.type, COPED.GoodPractice), Triple(node, COPED.country, COUNTRY.SWE)}
    for name, values in said.items():
        path = {"landingPage": DCAT.landingPage}.get(name, DCT[name])
        triples |= {Triple(node, path, value) for value in values or ()}
    return canonical(frozenset(triples))


def arrival(base: str, key: str, **more: Any) -> Arrival:
    """A record as a harvest brings it, with the validator's own report."""
    iri, statements = record_iri(base, "practice", BY_HAND.key, key).value, practice(base, key, **more)
    report = Validator(load()).check(statements, record=iri)
    raw = RawRecord(key, statements.encode(), "application/n-triples")
    return Arrival(raw, iri, "mapped-1", statements, report_json(report), report.valid)


def append(ledger: Ledger, *arrivals: Arrival) -> None:
    """A complete listing of the source by hand."""
    with ledger.runs.begin(BY_HAND, resumable=False) as run:
        report = HarvestReport(BY_HAND.key)
        ledger.records.commit_page(run.id, BY_HAND.key, arrivals=arrivals, report=report)
        ledger.runs.finish(run, report, {}, complete=True)
        assert report.state == "complete", report


def append_every_state(ledger: Ledger) -> None:
    """Records that are live, stale, quarantined, missing and withdrawn; one whose texts are hostile; one translated."""
    base = ledger.base
    hostile = {
        "title": [Literal(HOSTILE, language="sv")],
        "landingPage": [NamedNode("javascript:alert(1)"), NamedNode("https://example.org/?a=1&b=2")],
    }
    translated = {"title": [Literal("Tak", language="sv"), Literal("Tető", language="hu-t-sv-t0-mtec")]}
    lasting = [arrival(base, "live"), arrival(base, "hostile", **hostile), arrival(base, "translated", **translated)]
    going = [arrival(base, "stale"), arrival(base, "missing"), arrival(base, "withdrawn")]
    append(ledger, *lasting, *going)
    broken = {"title": None}
    append(
        ledger,
        *lasting,
        arrival(base, "stale", **broken),
        arrival(base, "quarantined", **broken),
        arrival(base, "withdrawn"),
    )
    known = ledger.records.known(BY_HAND.key, [RawRecord("withdrawn", b"", "text/plain")])
    ledger.records.commit_page(None, BY_HAND.key, deleted=list(known.values()), report=HarvestReport(BY_HAND.key))
