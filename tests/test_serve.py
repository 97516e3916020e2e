"""A real `hub serve`, with a real `hub harvest` beside it from another process."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from hub.ledger import Ledger, Statements
from hub.model import HarvestReport
from tests.command import hub, portal_environment, start
from tests.portal import Portal, open_portal, package
from tests.servers import need
from tests.servers.oxigraph import MISSING as OXIGRAPH_MISSING
from tests.servers.oxigraph import oxigraph, program
from tests.servers.postgresql import MISSING as POSTGRESQL_MISSING
from tests.servers.postgresql import postgresql, programs
from tests.servers.processes import free_port
from tests.test_projection import SOURCE, arrival
from tests.waiting import wait_until


@pytest.fixture
def portal() -> Iterator[Portal]:
    with open_portal("n00", "n01", "n02", "n03") as opened:
        yield opened


@pytest.fixture
def env(portal: Portal, tmp_path: Path) -> dict[str, str]:
    return portal_environment(tmp_path, portal, HUB_PORT=str(free_port()))


@contextmanager
def served(env: dict[str, str]) -> Iterator[str]:
    """The address of a hub that is ready."""
    address = f"http://localhost:{env['HUB_PORT']}"
    process = start(["serve"], env)
    try:
        wait_until(lambda: _status(f"{address}/health/live") == 200, 60)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert "Traceback" not in err, err


def _status(address: str) -> int:
    try:
        return requests.get(address, timeout=10).status_code
    except requests.ConnectionError:
        return 0


def found(address: str, **asked: str) -> dict[str, Any]:
    answer = requests.get(f"{address}/api/search", params=asked, timeout=10)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def rows(address: str) -> int:
    query = "SELECT (COUNT(*) AS ?n) { ?p a <https://w3id.org/co-ped/ns#GoodPractice> }"
    answer = requests.post(f"{address}/sparql", data={"query": query}, headers={"Accept": "text/csv"}, timeout=20)
    assert answer.status_code == 200, answer.text
    return int(answer.text.split()[1])


def test_what_another_process_harvests_appears_in_the_running_server(portal: Portal, env: dict[str, str]) -> None:
    with served(env) as address:
        assert found(address)["total"] == 0
        hub(["harvest"], env)
        wait_until(lambda: found(address)["total"] == 4)
        wait_until(lambda: rows(address) == 4)
        portal.packages["new"] = package("new", "Un circolo con il fotovoltaico")
        hub(["harvest"], env)
        wait_until(lambda: found(address, q="solceller", lang="sv")["total"] == 1)
        turtle = requests.get(f"{address}/id/practice/portal/new", headers={"Accept": "text/turtle"}, timeout=10)
        assert turtle.url.endswith("/data/practice/portal/new.ttl") and "fotovoltaico" in turtle.text


def test_a_server_that_starts_during_a_harvest_takes_over(portal: Portal, env: dict[str, str]) -> None:
    hub(["harvest", "--limit", "1"], env)
    portal.before = lambda start_at: time.sleep(2.0)
    harvesting = start(["harvest", "--json"], env)
    with served(env) as address:
        wait_until(lambda: found(address)["total"] >= 3)  # it reads what there is
        _, err = harvesting.communicate(timeout=60)
        assert harvesting.returncode == 0, err
        wait_until(lambda: found(address)["total"] == 4)
        wait_until(lambda: _status(f"{address}/sparql?query=ASK%7B%7D") == 200)
        wait_until(lambda: rows(address) == 4)  # SPARQL answers from a snapshot, which may be 5 s old


def test_a_withdrawn_record_answers_410_with_its_tombstone(portal: Portal, env: dict[str, str]) -> None:
    hub(["harvest"], env)
    with served(env) as address:
        record = f"{address}/id/practice/portal/n03"
        assert _status(record) == 200
        portal.packages.pop("n03")
        for _ in range(3):
            hub(["harvest"], env)
        gone = requests.get(record, headers={"Accept": "text/turtle"}, timeout=10)
        assert gone.status_code == 410 and "record-state/withdrawn" in gone.text.replace("\\", "")
        told = requests.get(f"{address}/api/records/practice/portal/n03", timeout=10)
        assert told.status_code == 410 and told.headers["Content-Type"] == "application/problem+json"
        assert "n03" in told.json()["detail"]
        wait_until(lambda: found(address)["total"] == 3 and rows(address) == 3)


def test_a_poison_record_is_told_by_health_and_costs_no_readiness(env: dict[str, str], tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", f"http://localhost:{env['HUB_PORT']}")
    with served(env) as address:
        with ledger.runs.begin(SOURCE, resumable=False) as run:
            report, poison = HarvestReport(SOURCE.key), arrival("poison", statements=Statements("<no iri>\n"))
            arrivals = [poison, arrival("behind")]
            ledger.records.commit_page(run.id, SOURCE.key, arrivals=arrivals, report=report)
            ledger.runs.finish(run, report, {}, complete=True)
        wait_until(lambda: found(address)["total"] == 1)
        ready = requests.get(f"{address}/health/ready", timeout=10)
        assert ready.status_code == 200
        told = ready.json()["unprojected"]
        assert {"graph", "search"} <= {row["projection"] for row in told} <= {"graph", "search", "meaning"}
        assert all("poison" in row["record"] and row["reason"] for row in told)
    ledger.close()


def test_two_servers_share_a_ledger_and_one_projects(portal: Portal, env: dict[str, str]) -> None:
    other = {**env, "HUB_PORT": str(free_port()), "HUB_BASE_IRI": f"http://localhost:{env['HUB_PORT']}"}
    with served(env) as first, served(other) as second:
        hub(["harvest"], env)
        wait_until(lambda: found(first)["total"] == 4)
        wait_until(lambda: found(second)["total"] == 4)
        busy = requests.get(f"{second}/sparql", params={"query": "ASK {}"}, timeout=10)
        assert busy.status_code == 503 and int(busy.headers["Retry-After"]) > 0


def test_killed_while_serving_nothing_is_lost(portal: Portal, env: dict[str, str]) -> None:
    process = start(["serve"], env)
    address = f"http://localhost:{env['HUB_PORT']}"
    wait_until(lambda: _status(f"{address}/health/live") == 200, 60)
    hub(["harvest"], env)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with served(env) as again:
        wait_until(lambda: found(again)["total"] == 4 and rows(again) == 4)


def test_on_postgresql_and_a_sparql_server_it_is_the_same_hub(
    portal: Portal, env: dict[str, str], tmp_path: Path
) -> None:
    """The production engines in place of the embedded ones, with the same commands."""
    need(programs() is not None, POSTGRESQL_MISSING)
    need(program() is not None, OXIGRAPH_MISSING)
    with postgresql() as database, oxigraph(tmp_path / "oxigraph") as sparql:
        env |= {"HUB_DATABASE_URL": f"{database}/postgres", "HUB_SPARQL_URL": sparql.url}
        with served(env) as address:
            hub(["harvest"], env)
            wait_until(lambda: found(address)["total"] == 4 and rows(address) == 4)
            portal.packages.pop("n03")
            for _ in range(3):
                hub(["harvest"], env)
            assert _status(f"{address}/id/practice/portal/n03") == 410
            wait_until(lambda: found(address)["total"] == 3 and rows(address) == 3)
            ready = requests.get(f"{address}/health/ready", timeout=10).json()
            assert all(part["status"] == "ok" for part in ready["parts"].values())
        assert "graph: 4 records, search: 4 records" in hub(["rebuild"], env)
