"""SIGKILL of a real `hub harvest`, at page boundaries and at any moment: what comes of it equals an undisturbed run."""

import json
import os
import random
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode

from hub.graph.oxigraph import OxigraphStore
from hub.ledger import Ledger, checksum
from hub.namespaces import DCT
from hub.profile import load
from hub.search.base import Query
from hub.search.tantivy import TantivyIndex
from tests.command import hub, portal_environment, start
from tests.forked import fork
from tests.portal import ROWS, Portal, open_portal, package, toml
from tests.servers.loopback import Answer

BASE = "http://localhost:8000"
NAMES = tuple(f"n{n:02}" for n in range(11))
STARTS = range(0, len(NAMES) + 1, ROWS)
TIMES = (DCT.issued, DCT.modified)  # of the catalogue records: when the hub took a record up
NUMBER = re.compile(r"#run-\d+")  # a kill behind the last commit leaves a run that is ended: the next is another


@pytest.fixture
def portal() -> Iterator[Portal]:
    with open_portal(*NAMES) as opened:
        opened.packages["n04"] = package("n04", notes="")  # one that is quarantined
        yield opened


def kill_at(portal: Portal, env: dict[str, str], start_at: int) -> None:
    """Kills a harvest while it waits for the page from `start_at`: all pages before are committed, it is not."""
    asked = threading.Event()
    killed = threading.Event()

    def wait(start_now: int) -> Answer | None:
        if start_now == start_at:
            asked.set()
            killed.wait(60)
            return Answer("", 500)
        return None

    portal.before = wait
    process = start(["harvest"], env)
    try:
        assert asked.wait(60), process.communicate(timeout=5)
    finally:
        process.kill()
        process.communicate()
        killed.set()
        portal.before = lambda start_now: None
    assert process.returncode == -9


def made(data: Path) -> dict[str, Any]:
    """Ledger, graph and index as a person would compare them: all but numbers and times."""
    ledger = Ledger(f"sqlite:///{data / 'ledger.sqlite'}", BASE)
    records = ledger.changes.all_records()
    rows = sorted(
        (r.iri, r.state, r.graph, [checksum(v.payload + v.report.encode()) for v in ledger.records.versions(r.iri)])
        for r in records
    )
    runs = [run.state for run in ledger.runs.latest()]
    ledger.close()
    store = OxigraphStore(data / "graph")
    names = sorted(row["g"].value for row in store.select("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"))
    graphs = {name: _timeless(store, name) for name in names if not name.startswith(f"{BASE}/graph/runs/")}
    behind = store.position()
    store.close()
    index = TantivyIndex(data / "search", load())
    answer = index.search(Query(size=100, sort="title", facets=("country", "source")))
    found = (answer.total, sorted((hit.item for hit in answer.hits), key=lambda i: str(i["id"])), answer.facets)
    assert index.position() == behind
    index.close()
    return {"records": rows, "last run": runs[0], "graphs": graphs, "found": json.loads(json.dumps(found))}


def _timeless(store: OxigraphStore, name: str) -> list[str]:
    entry = NamedNode(name)
    triples = store.construct(f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{name}> {{ ?s ?p ?o }} }}")
    return sorted(NUMBER.sub("#run", str(t)) for t in triples if not (t.subject == entry and t.predicate in TIMES))


def test_killed_at_every_page_boundary(portal: Portal, tmp_path: Path) -> None:
    """One hub is killed at one boundary after the other, another only once each."""
    undisturbed = portal_environment(tmp_path / "undisturbed", portal)
    hub(["harvest"], undisturbed)
    wanted = made(tmp_path / "undisturbed")
    assert (len(wanted["records"]), wanted["found"][0], wanted["last run"]) == (11, 10, "complete")
    often = portal_environment(tmp_path / "often", portal)
    for boundary in STARTS[:-1]:
        once = portal_environment(tmp_path / f"once-{boundary}", portal)
        kill_at(portal, once, boundary)
        report = json.loads(hub(["harvest", "--json"], once))["runs"][0]
        assert (report["state"], report["seen"], report["created"]) == ("complete", 11, 10)
        assert made(tmp_path / f"once-{boundary}") == wanted
        kill_at(portal, often, boundary)
    hub(["harvest"], often)
    assert made(tmp_path / "often") == wanted


KILLS, MANY, PAGE = 50, 200, 20


@pytest.fixture
def many() -> Iterator[Portal]:
    """Some hundred packages, of which every seventh is quarantined and two are one page's worth of text each."""
    with open_portal(*(f"n{n:03}" for n in range(MANY))) as opened:
        opened.packages |= {name: package(name, notes="") for name in list(opened.packages)[::7]}
        opened.packages |= {name: package(name, notes="Il tetto. " * 2000) for name in ("n050", "n051")}
        yield opened


def of_many(data: Path, many: Portal) -> dict[str, str]:
    env = portal_environment(data, many)
    (data / "sources" / "portal.toml").write_text(toml(many.source(options={"page_size": PAGE})), "utf-8")
    return env


def killed_after(seconds: float, env: dict[str, str], data: Path) -> bool:
    """Whether a harvest was killed; one that ended before must have ended well."""
    process = fork(["harvest", "--json"], env, data / "said")
    process.join(seconds)
    process.kill()
    process.join()
    assert process.exitcode in (0, -9), (data / "said").read_text("utf-8")
    return process.exitcode == -9


def test_killed_at_random_moments(many: Portal, tmp_path: Path) -> None:
    """One hub after the other is killed until its harvest came to its end; each has been killed several times then.

    KILL_SEED repeats the moments of a run that failed, as far as a machine repeats itself.
    """
    seed = int(os.environ.get("KILL_SEED") or random.randrange(10_000))
    print(f"KILL_SEED={seed}")
    chance, kills, hubs = random.Random(seed), 0, 0
    env = of_many(tmp_path / "undisturbed", many)
    assert not killed_after(60, env, tmp_path / "undisturbed")  # once more, since the first start is slower
    began = time.monotonic()
    assert not killed_after(60, of_many(tmp_path / "timed", many), tmp_path / "timed")
    undisturbed = time.monotonic() - began
    wanted = made(tmp_path / "undisturbed")
    assert (len(wanted["records"]), wanted["last run"]) == (MANY, "complete")
    while kills < KILLS:
        data = tmp_path / f"hub-{hubs}"
        env, hubs, here = of_many(data, many), hubs + 1, 0
        while killed_after(chance.uniform(0, undisturbed * (0.4 + 0.05 * here)), env, data):
            here += 1
        kills += here
        assert made(data) == wanted, f"after {here} kills"
    print(f"{kills} kills of {hubs} hubs; undisturbed {undisturbed:.1f} s")


def test_a_killed_run_goes_on_where_it_was(portal: Portal, tmp_path: Path) -> None:
    env = portal_environment(tmp_path, portal)
    kill_at(portal, env, 2 * ROWS)
    before = len(portal.server.asked)
    hub(["harvest"], env)
    assert [q.query["start"] for q in portal.server.asked[before:]] == ["6", "9"]


def test_killed_while_records_vanish_nothing_is_withdrawn(portal: Portal, tmp_path: Path) -> None:
    env = portal_environment(tmp_path, portal)
    hub(["harvest"], env)
    for boundary in (3, 3, 3, 3):
        kill_at(portal, env, boundary)
    report = json.loads(hub(["harvest", "--json"], env))["runs"][0]
    assert (report["missing"], report["withdrawn"]) == (0, 0)


def test_two_harvests_of_one_source_at_once(portal: Portal, tmp_path: Path) -> None:
    """The second is told to wait; the first is not harmed."""
    env = portal_environment(tmp_path, portal)
    asked, go_on = threading.Event(), threading.Event()

    def wait(start_now: int) -> Answer | None:
        if start_now == ROWS:
            asked.set()
            go_on.wait(60)
        return None

    portal.before = wait
    first: subprocess.Popen[str] = start(["harvest", "--json"], env)
    try:
        assert asked.wait(60)
        assert "portal is being harvested by another process" in hub(["harvest"], env, expected=1)
    finally:
        go_on.set()
        out, err = first.communicate(timeout=60)
    assert json.loads(out)["runs"][0]["state"] == "complete", err
