"""A real CKAN with its real Solr: what happens to a portal, and what the hub makes of that."""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from pyoxigraph import Literal, RdfFormat, parse

from harvesters import HARVESTERS
from harvesters.source_files import load_sources
from hub.fetch import Client
from hub.harvest import harvest
from hub.ledger import Ledger, LedgerRecord
from hub.model import HarvestReport
from hub.namespaces import DCT
from hub.profile import load
from tests.command import environment, hub
from tests.servers import need
from tests.servers.ckan import MISSING, Ckan, available, ckan
from tests.servers.ckan_packages import GROUP, fill, name, place, texts
from tests.servers.processes import free_port, running, wait_for

PRACTICES, OTHERS, PAGE = 200, 5, 50
SOURCE = """
key = "real"
title = {{ en = "A real CKAN" }}
country = "ITA"
language = "it"
protocol = "{protocol}"
format = "{protocol}"
url = "{url}"
select = {{ practice = "{select}" }}
options = {{ page_size = {PAGE} }}
"""
COUNTS = ("seen", "created", "changed", "unchanged", "quarantined", "missing", "withdrawn", "failed")
Env = Mapping[str, str]


@pytest.fixture(scope="module")
def portal() -> Iterator[Ckan]:
    need(available(), MISSING)
    with ckan() as opened:
        fill(opened, PRACTICES, OTHERS)
        yield opened


@pytest.fixture
def env(portal: Ckan, tmp_path: Path) -> Env:
    """A hub of its own whose one source is the portal's action API."""
    return declared(tmp_path, "ckan", portal.url, f"groups:{GROUP}")


def declared(data: Path, protocol: str, url: str, select: str) -> Env:
    sources = data / "sources"
    sources.mkdir()
    (sources / "real.toml").write_text(SOURCE.format(protocol=protocol, url=url, select=select, PAGE=PAGE), "utf-8")
    port = str(free_port())
    return environment(data, HUB_SOURCES=str(sources), HUB_ALLOWED_HOSTS="127.0.0.1", HUB_PORT=port)


def harvested(env: Env, **counts: int) -> None:
    """Runs `hub harvest`; checks that it ended well, and that all counts but those given are 0."""
    (run,) = json.loads(hub(["harvest", "--json"], env))["runs"]
    expected = {"state": "complete", **dict.fromkeys(COUNTS, 0), **counts}
    assert {key: run[key] for key in expected} == expected, run["message"]


@contextmanager
def ledger_of(env: Env) -> Iterator[Ledger]:
    ledger = Ledger(f"sqlite:///{env['HUB_DATA']}/ledger.sqlite", f"http://localhost:{env['HUB_PORT']}")
    try:
        yield ledger
    finally:
        ledger.close()


def states(env: Env) -> dict[str, int]:
    with ledger_of(env) as ledger:
        return dict(ledger.records.counts()["real"])


Titles = Counter[frozenset[tuple[str, str]]]  # one record's: (language, text)


def titles(env: Env) -> Titles:
    with ledger_of(env) as ledger:
        return Counter(map(titles_of, ledger.changes.all_records()))


def titles_of(record: LedgerRecord) -> frozenset[tuple[str, str]]:
    found = (t.object for t in parse(record.graph, RdfFormat.N_TRIPLES) if t.predicate == DCT.title)
    return frozenset((o.language or "", o.value) for o in found if isinstance(o, Literal))


def entered(others: int = 0) -> Titles:
    """The titles that the portal was told, of its practices and its first other datasets."""
    return Counter(frozenset(texts(number).items()) for number in [*range(PRACTICES), *range(others)])


def test_its_packages_become_records_in_their_languages_and_then_nothing_moves(env: Env) -> None:
    harvested(env, seen=PRACTICES, created=PRACTICES)
    assert states(env) == {"live": PRACTICES}
    assert titles(env) == entered()
    with ledger_of(env) as ledger:
        head = ledger.changes.head()
    harvested(env, seen=PRACTICES, unchanged=PRACTICES)
    with ledger_of(env) as ledger:
        assert ledger.changes.head() == head
        assert all(len(ledger.records.versions(r.iri)) == 1 for r in ledger.changes.all_records())


def test_its_own_dcat_catalogue_says_the_same_in_all_languages(portal: Ckan, tmp_path: Path) -> None:
    """ckanext-dcat's pages of a hundred, which are linked by literals."""
    env = declared(tmp_path, "dcat", f"{portal.url}/catalog.ttl", "dcat:Dataset")
    everything = PRACTICES + OTHERS
    harvested(env, seen=everything, created=everything)
    assert states(env) == {"live": everything}
    assert titles(env) == entered(OTHERS)
    harvested(env, seen=everything, unchanged=everything)


@contextmanager
def served(env: Env, folder: Path) -> Iterator[str]:
    """`hub serve` in a process of its own; its address."""
    address, log = f"http://localhost:{env['HUB_PORT']}", folder / "serve.log"
    with running([sys.executable, "-m", "hub", "serve"], log, environment=env) as process:
        wait_for(f"{address}/health/ready", process, log)
        yield address


def found(address: str, words: str) -> list[str]:
    """The IRIs of the records that a search for words brings."""
    answer = requests.get(f"{address}/api/search", {"q": words, "size": 50, "meaning": "false"}, timeout=10)
    return [item["id"] for item in answer.json()["items"]]


def soon(question: Callable[[], bool]) -> bool:
    """Whether something becomes so within the time that a projection may take, ten times over."""
    deadline = time.monotonic() + 30
    while not question() and time.monotonic() < deadline:
        time.sleep(0.1)
    return question()


def test_a_deleted_package_is_missed_then_withdrawn_and_comes_back(portal: Ckan, env: Env, tmp_path: Path) -> None:
    word, rest = place(7), PRACTICES - 1
    with served(env, tmp_path) as address:
        harvested(env, seen=PRACTICES, created=PRACTICES)
        assert soon(lambda: len(found(address, word)) == 1)
        (iri,) = found(address, word)
        portal.act("package_delete", id=name(7))
        portal.publish()
        try:
            for _ in range(2):  # missed, and its grace
                harvested(env, seen=rest, unchanged=rest, missing=1)
                assert states(env) == {"live": rest, "missing": 1}
            assert (found(address, word), requests.get(iri, timeout=10).status_code) == ([iri], 200)
            harvested(env, seen=rest, unchanged=rest, withdrawn=1)
            assert states(env) == {"live": rest, "withdrawn": 1}
            assert soon(lambda: found(address, word) == [])
            tombstone = requests.get(iri, headers={"Accept": "text/turtle"}, timeout=10)
            assert (tombstone.status_code, word in tombstone.text) == (410, False)
            assert requests.get(iri, headers={"Accept": "text/html"}, timeout=10).status_code == 410
        finally:
            portal.act("package_patch", id=name(7), state="active")
            portal.publish()
        harvested(env, seen=PRACTICES, unchanged=rest, changed=1)
        assert soon(lambda: found(address, word) == [iri])
        assert requests.get(iri, timeout=10).status_code == 200


def test_where_its_solr_dies_nothing_is_missed(portal: Ckan, env: Env) -> None:
    """First amid a listing, then before one: CKAN still lists names then, but no packages."""
    harvested(env, seen=PRACTICES, created=PRACTICES)
    source = load_sources(Path(env["HUB_SOURCES"]), "")["real"]
    client, profile = Client("tests", allowed_hosts=["127.0.0.1"]), load()
    with ledger_of(env) as ledger, ExitStack() as down:

        def stop_solr(report: HarvestReport, total: int | None) -> None:
            assert (report.seen, total) == (PAGE, PRACTICES)
            down.enter_context(portal.without_solr())

        partial = harvest(ledger, source, client, profile, stop_solr)
        assert (partial.state, partial.unchanged, partial.missing) == ("partial", PAGE, 0)
        asked = (requests.get(f"{portal.url}/api/3/action/package_{x}", timeout=10) for x in ("list", "search"))
        assert [answer.status_code for answer in asked] == [200, 500]
        failed = harvest(ledger, source, client, profile, stop_solr)
        assert (failed.state, failed.seen, failed.missing) == ("failed", 0, 0)
        assert "Unable to connect to the search server" in partial.message == failed.message
    assert states(env) == {"live": PRACTICES}
    harvested(env, seen=PRACTICES, unchanged=PRACTICES)


SELECTIONS = ("", f"groups:{GROUP}", f"-groups:{GROUP}", f"groups:{GROUP} OR groups:none", "NOT groups:none")


@pytest.mark.parametrize("select", SELECTIONS)
def test_what_changed_is_chosen_among_what_is_selected(portal: Ckan, env: Env, select: str) -> None:
    source = replace(load_sources(Path(env["HUB_SOURCES"]), "")["real"], select={"practice": select})
    client = Client("tests", allowed_hosts=["127.0.0.1"])

    def listed(since: datetime | None) -> list[str]:
        pages = HARVESTERS["ckan"].pages(source, client, since=since)
        return [record.identifier for page in pages for record in page.records]

    now = datetime.now(UTC)
    assert len(listed(None)) >= OTHERS
    assert listed(now - timedelta(days=1)) == listed(None)
    assert listed(now + timedelta(days=1)) == []
    portal.act("package_patch", id=name(7), version=f"{now}")
    portal.publish()
    changed = portal.act("package_show", id=name(7))["id"]
    assert listed(now.replace(microsecond=0)) == [key for key in listed(None) if key == changed]
