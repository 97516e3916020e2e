"""Rhythms, and the processes that keep them: `hub harvest --due`, and a server that calls it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from hub.ledger import Freshness, Ledger, Run
from hub.model import HarvestReport, due_after, is_rhythm, last_due
from hub.schedule import freshness_told, is_due, next_due
from hub.settings import Settings
from tests.command import hub, portal_environment, start
from tests.portal import ROWS, Portal, open_portal, package, toml
from tests.servers import need
from tests.servers.loopback import Answer
from tests.servers.postgresql import MISSING, postgresql, programs
from tests.servers.processes import free_port
from tests.test_serve import wait_until

BASE = "http://localhost:8000"
NAMES = tuple(f"n{n:02}" for n in range(8))
SUNDAY = datetime(2026, 3, 29, 3, 0, tzinfo=UTC)  # the day on which clocks in Europe go forward


@pytest.fixture
def portal() -> Iterator[Portal]:
    with open_portal(*NAMES) as opened:
        yield opened


@pytest.fixture
def env(portal: Portal, tmp_path: Path) -> dict[str, str]:
    return portal_environment(tmp_path, portal, HUB_PORT=str(free_port()))


# The rhythm


def test_a_rhythm_is_in_utc_so_each_hour_comes_once_a_day() -> None:
    day, times = SUNDAY - timedelta(days=1, hours=3), []
    for _ in range(4):
        day = due_after("30 1,2 * * *", day)
        times.append(f"{day:%d %H:%M}")
    assert times == ["28 01:30", "28 02:30", "29 01:30", "29 02:30"]


@pytest.mark.parametrize(
    ("moment", "last"),
    [
        (SUNDAY, SUNDAY),
        (SUNDAY + timedelta(microseconds=1), SUNDAY),
        (SUNDAY - timedelta(microseconds=1), SUNDAY - timedelta(days=1)),
        (SUNDAY + timedelta(hours=23), SUNDAY),
    ],
)
def test_the_last_time_of_a_rhythm(moment: datetime, last: datetime) -> None:
    assert last_due("0 3 * * *", moment) == last


@pytest.mark.parametrize("rhythm", ["0 3 29 2 *", "0 3 * * 1-5", "*/5 * * * *", "0 3 1 * MON"])
def test_what_some_day_comes_up_is_a_rhythm(rhythm: str) -> None:
    assert is_rhythm(rhythm) and last_due(rhythm, SUNDAY) <= SUNDAY < due_after(rhythm, SUNDAY)


def run_of(started: datetime, state: str = "complete", number: int = 1, since: datetime | None = None) -> Run:
    ended = started + timedelta(minutes=5)
    return Run(
        number, "portal", state, started, ended, None, "here:1", since, None, None, HarvestReport("portal", state)
    )


def test_a_missed_time_is_made_up_for_once() -> None:
    fresh = Freshness(run_of(SUNDAY - timedelta(days=9)), None, None, 0)
    assert next_due("0 3 * * *", fresh) == SUNDAY - timedelta(days=8)
    assert next_due("0 3 * * *", Freshness(run_of(SUNDAY), None, None, 0)) == SUNDAY + timedelta(days=1)
    assert next_due("0 3 * * *", None) is None


def test_a_source_s_freshness_is_told_by_its_last_success() -> None:
    full, incremental = run_of(SUNDAY - timedelta(days=6)), run_of(SUNDAY - timedelta(days=3), number=2, since=SUNDAY)
    told = freshness_told("0 3 * * *", Freshness(run_of(SUNDAY, "failed"), full, incremental, 4), SUNDAY)
    assert (told["last_full"], told["last_incremental"]) == (full.ended, incremental.ended)
    assert (told["silent_days"], told["failed_runs"]) == (2, 4)
    never = freshness_told("0 3 * * *", None, SUNDAY)
    assert never == {
        "last_run": None, "last_full": None, "last_incremental": None, "silent_days": None, "failed_runs": 0,
        "next_run": SUNDAY,
    }  # fmt: skip
    assert freshness_told(None, None, SUNDAY)["next_run"] is None


# What is due


def test_what_is_due_is_harvested_and_nothing_twice(portal: Portal, env: dict[str, str]) -> None:
    assert json.loads(hub(["harvest", "--due", "--json"], env))["runs"][0]["state"] == "complete"
    assert json.loads(hub(["harvest", "--due", "--json"], env)) == {"runs": []}
    asked = len(portal.server.asked)
    source = portal.source(rhythm="* * * * *")
    (Path(env["HUB_SOURCES"]) / "portal.toml").write_text(toml(source), "utf-8")
    ledger = Ledger(f"sqlite:///{Path(env['HUB_DATA']) / 'ledger.sqlite'}", f"http://localhost:{env['HUB_PORT']}")
    started = ledger.runs.latest()[0].started
    assert not is_due(ledger, source, started)
    assert is_due(ledger, source, started + timedelta(minutes=1))
    with ledger.runs.begin(source, resumable=True):
        assert not is_due(ledger, source, started + timedelta(days=1)), "this process is at it"
    assert is_due(ledger, source, started), "it was interrupted"
    ledger.close()
    assert len(portal.server.asked) == asked


def test_a_failed_source_waits_for_its_next_time(portal: Portal, env: dict[str, str]) -> None:
    portal.before = lambda at: Answer("the disk is full", 500)
    assert json.loads(hub(["harvest", "--due", "--json"], env, expected=1))["runs"][0]["state"] == "failed"
    assert json.loads(hub(["harvest", "--due", "--json"], env)) == {"runs": []}
    (row,) = json.loads(hub(["sources", "--json"], env))["sources"]
    assert row["failed_runs"] == 1 and row["silent_days"] is None and row["next_run"] > row["last_run"]["started"]


class Waiting:
    """A portal that keeps its answer to the page from `start` until it is told to go on."""

    def __init__(self, portal: Portal, start_at: int) -> None:
        self.asked, self.go_on, self._start = threading.Event(), threading.Event(), start_at
        portal.before = self._answer

    def _answer(self, start_at: int) -> Answer | None:
        if start_at == self._start:
            self.asked.set()
            self.go_on.wait(55)  # less than a client waits
        return None


@contextmanager
def harvesting(env: dict[str, str], *options: str) -> Iterator[subprocess.Popen[str]]:
    process = start(["harvest", "--json", *options], env)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_harvest_that_is_told_to_end_commits_its_page_and_goes_on_another_time(
    portal: Portal, env: dict[str, str]
) -> None:
    waiting = Waiting(portal, ROWS)
    with harvesting(env) as process:
        assert waiting.asked.wait(60)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        waiting.go_on.set()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1 and "Traceback" not in err
    (report,) = json.loads(out)["runs"]
    assert (report["state"], report["seen"]) == ("running", 2 * ROWS)
    shown = hub(["runs"], env)
    assert "interrupted" in shown and "the next harvest goes on" in shown
    portal.server.asked.clear()
    (report,) = json.loads(hub(["harvest", "--due", "--json"], env))["runs"]
    assert (report["state"], report["seen"]) == ("complete", 8)
    assert [question.query["start"] for question in portal.server.asked] == ["6"]


def test_two_processes_on_postgresql_never_harvest_a_source_at_once(
    portal: Portal, env: dict[str, str], tmp_path: Path
) -> None:
    """As two machines do: folders of their own, one ledger. The second leaves the source, and takes the other one."""
    need(programs() is not None, MISSING)
    with open_portal("m00", "m01") as other, postgresql() as database:
        file = Path(env["HUB_SOURCES"]) / "quick.toml"
        file.write_text(toml(other.source("quick")), "utf-8")
        env |= {
            "HUB_DATABASE_URL": f"{database}/postgres",
            "HUB_ALLOWED_HOSTS": f"{portal.server.host},{other.server.host}",
        }
        elsewhere = {**env, "HUB_DATA": str(tmp_path / "elsewhere")}
        waiting = Waiting(portal, ROWS)
        with harvesting(env, "portal") as first:
            assert waiting.asked.wait(60)
            (quick,) = json.loads(hub(["harvest", "--due", "--json"], elsewhere))["runs"]
            assert (quick["source"], quick["state"]) == ("quick", "complete")
            (told,) = json.loads(hub(["harvest", "portal", "--json"], elsewhere, expected=1))["runs"]
            assert told["state"] == "running" and "portal is being harvested by another process" in told["message"]
            waiting.go_on.set()
            out, err = first.communicate(timeout=100)
        assert json.loads(out)["runs"][0]["state"] == "complete", err
        assert [question.query["start"] for question in portal.server.asked] == ["0", "3", "6"]


# A server that keeps the rhythm


@contextmanager
def scheduled(env: dict[str, str], log: Path, ended_by: signal.Signals = signal.SIGTERM) -> Iterator[str]:
    """The address of a server with HUB_SCHEDULE on; all that it says is in `log`."""
    address = f"http://localhost:{env['HUB_PORT']}"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub", "serve"],
            env={**env, "HUB_SCHEDULE": "on"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield address
    finally:
        process.send_signal(ended_by)
        process.wait(timeout=30)
    assert "Traceback" not in log.read_text()


def total(address: str) -> int:
    try:
        return int(requests.get(f"{address}/api/search", timeout=10).json()["total"])
    except requests.ConnectionError:
        return -1


def test_a_server_harvests_what_is_due_and_shows_it(portal: Portal, env: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    with scheduled(env, log) as address:
        wait_until(lambda: total(address) == 8, 90)
        wait_until(lambda: '"state": "complete"' in log.read_text())
        (source,) = requests.get(f"{address}/api/sources", timeout=10).json()["sources"]
        assert source["last_run"]["state"] == "complete" and source["silent_days"] == 0


def test_a_server_does_not_harvest_unless_it_is_asked_to() -> None:
    assert Settings.model_fields["schedule"].default is False


def test_a_harvest_that_crashes_hurts_no_reader_and_the_next_goes_on(
    portal: Portal, env: dict[str, str], tmp_path: Path
) -> None:
    waiting, log = Waiting(portal, ROWS), tmp_path / "log"
    with scheduled(env, log) as address:
        assert waiting.asked.wait(90)
        runs = json.loads(hub(["runs", "--json"], env))["runs"]
        os.kill(int(runs[0]["holder"].rpartition(":")[2]), signal.SIGKILL)
        waiting.go_on.set()
        wait_until(lambda: "A harvest by schedule ended with -9" in log.read_text())
        wait_until(lambda: total(address) == ROWS)
    portal.before = lambda at: None
    with scheduled(env, log) as address:
        wait_until(lambda: total(address) == 8, 90)


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_ends_lets_its_harvest_end_its_page(
    portal: Portal, env: dict[str, str], tmp_path: Path, ended_by: signal.Signals
) -> None:
    waiting, log = Waiting(portal, ROWS), tmp_path / "log"
    with scheduled(env, log, ended_by):
        assert waiting.asked.wait(90)
        threading.Timer(4.0, waiting.go_on.set).start()  # by then the server has told its harvest; it waits 8 s for it
    last = json.loads(hub(["runs", "--json"], env))["runs"][0]
    assert (last["state"], last["seen"]) == ("running", 2 * ROWS)
    assert "interrupted" in hub(["runs"], env)
    portal.packages["new"] = package("new")
    (report,) = json.loads(hub(["harvest", "--due", "--json"], env))["runs"]
    assert (report["state"], report["seen"]) == ("complete", 9)


def test_a_source_file_that_is_wrong_is_told_once_and_the_portal_goes_on(env: dict[str, str], tmp_path: Path) -> None:
    (Path(env["HUB_SOURCES"]) / "wrong.toml").write_text('key = "Wrong"', "utf-8")
    log = tmp_path / "log"
    with scheduled(env, log) as address:
        wait_until(lambda: total(address) == 0, 90)
        wait_until(lambda: "Nothing is harvested by schedule: wrong.toml: key: 'Wrong'" in log.read_text())
