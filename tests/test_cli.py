"""The command `hub`: what it prints, for people and for machines, and how it fails."""

import json
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.search.vectors import missing
from tests.command import environment, hub, portal_environment
from tests.portal import Portal, open_portal, package, toml
from tests.servers.loopback import Answer


@pytest.fixture
def portal() -> Iterator[Portal]:
    with open_portal(*(f"n{n:02}" for n in range(8))) as opened:
        yield opened


@pytest.fixture
def env(portal: Portal, tmp_path: Path) -> dict[str, str]:
    return portal_environment(tmp_path, portal)


def test_harvest_prints_a_row_for_each_source(env: dict[str, str]) -> None:
    shown = hub(["harvest"], env)
    assert "portal" in shown and "complete" in shown and "8 new" in shown


def test_harvest_as_json_is_json_alone(env: dict[str, str]) -> None:
    (run,) = json.loads(hub(["harvest", "--json"], env))["runs"]
    assert {"source", "state", "seen", "created", "changed", "unchanged", "quarantined", "missing", "withdrawn"} <= set(
        run
    )
    assert (run["source"], run["state"], run["created"]) == ("portal", "complete", 8)


def test_a_failed_source_is_told_and_the_exit_status_says_so(portal: Portal, env: dict[str, str]) -> None:
    portal.before = lambda start: Answer("", 500)
    assert "answered 500" in hub(["harvest", "--json"], env, expected=1)


def test_sources_and_runs_tell_how_it_went(portal: Portal, env: dict[str, str]) -> None:
    assert "never" in hub(["sources"], env)
    hub(["harvest"], env)
    (source,) = json.loads(hub(["sources", "--json"], env))["sources"]
    assert source["records"] == {"live": 8} and source["last_run"]["state"] == "complete"
    assert source["quality"]["of"] == 405 and len(source["quality"]["parts"]) == 5 and source["quality"]["raise"]
    assert "8 live" in hub(["sources"], env)
    assert "complete" in hub(["runs"], env)


def test_a_held_run_is_released_by_its_number(portal: Portal, env: dict[str, str]) -> None:
    hub(["harvest"], env)
    for name in list(portal.packages)[:5]:
        portal.packages.pop(name)
    held = json.loads(hub(["harvest", "--json"], env))["runs"][0]
    assert held["state"] == "held" and "5 of 8 records vanished" in held["message"]
    number = json.loads(hub(["runs", "--json"], env))["runs"][0]["id"]
    released = json.loads(hub(["runs", "--release", str(number), "--json"], env))["runs"][0]
    assert (released["state"], released["missing"]) == ("complete", 5)
    assert f"Run {number} is complete, not held" in hub(["runs", "--release", str(number)], env, expected=1)


def test_remap_changes_records_without_asking_the_source(portal: Portal, env: dict[str, str]) -> None:
    portal.packages["n01"] = package("n01", extras=[{"key": "sfida", "value": "Il tetto perdeva calore."}])
    hub(["harvest"], env)
    mended = portal.source(options={"fields": {"sfida": "challenge@it"}})
    (Path(env["HUB_SOURCES"]) / "portal.toml").write_text(toml(mended), "utf-8")
    asked = len(portal.server.asked)
    (run,) = json.loads(hub(["remap", "--json"], env))["runs"]
    assert (run["changed"], run["unchanged"]) == (1, 7) and len(portal.server.asked) == asked


def test_rebuild_makes_all_anew(env: dict[str, str]) -> None:
    hub(["harvest"], env)
    made = {"graph": 8, "search": 8, **({} if missing() else {"meaning": 8})}
    assert json.loads(hub(["rebuild", "--json"], env)) == made
    assert "graph: 8 records" in hub(["rebuild", "graph"], env)
    assert "'everything' is not valid; allowed: graph, search, meaning, all" in hub(
        ["rebuild", "everything"], env, expected=1
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"HUB_PORT": "eighty"}, "HUB_PORT: 'eighty' is not valid"),
        ({"HUB_QUERY_SECONDS": "0"}, "HUB_QUERY_SECONDS: '0' is not valid"),
        ({"HUB_DATABASE_URL": "nonsense"}, "HUB_DATABASE_URL: 'nonsense' is not a database URL"),
        ({"HUB_DATABASE_URL": "postgresql://hub:secret@127.0.0.1:9/hub"}, "does not answer"),
        ({"HUB_SOURCES": "/nowhere"}, "/nowhere is no folder of source files"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(env: dict[str, str], settings: dict[str, str], words: str) -> None:
    shown = hub(["harvest"], {**env, **settings}, expected=1)
    assert words in shown and "secret" not in shown


def test_another_base_is_refused(env: dict[str, str]) -> None:
    hub(["harvest"], env)
    shown = hub(["harvest"], {**env, "HUB_BASE_IRI": "https://hub.example"}, expected=1)
    assert "Set HUB_BASE_IRI to http://localhost:8000" in shown
    shown = hub(["serve"], {**env, "HUB_BASE_IRI": "https://hub.example"}, expected=1)
    assert "Set HUB_BASE_IRI to http://localhost:8000" in shown


def test_an_unknown_source_is_named_with_those_there_are(env: dict[str, str]) -> None:
    assert "SOURCE: 'nowhere' is not valid; allowed: portal" in hub(["harvest", "nowhere"], env, expected=1)


def test_a_ledger_that_is_no_database_is_told_in_one_line(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"this is no database, but long enough to be read as one" * 20)
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(tmp_path / "ledger.sqlite").execute("SELECT 1 FROM sqlite_master")
    assert "not a database" in hub(["sources"], env, expected=1)


def test_a_taken_port_is_told_before_the_harvest(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        shown = hub(["demo"], environment(tmp_path / "data", HUB_PORT=port), expected=1)
    assert f"HUB_PORT: '{port}' is not valid; allowed: a free port" in shown
    assert not (tmp_path / "data").exists()
