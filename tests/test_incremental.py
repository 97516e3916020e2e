"""Runs that ask for what changed: against a portal over HTTP, and as a person calls them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harvesters.samples.solr_query import matcher
from hub.fetch import Client
from hub.harvest import harvest
from hub.ledger import Ledger
from hub.model import HarvestReport, Source
from hub.profile import load
from tests.command import hub, portal_environment
from tests.portal import Portal, open_portal, package, toml
from tests.servers.loopback import Answer
from tests.test_harvest import BASE, NAMES, silent, states

OLD = "2020-01-01T10:00:00"
EVERY_YEAR = "0 0 1 1 *"


def now(hours: float = 0) -> str:
    return f"{datetime.now(UTC) + timedelta(hours=hours):%Y-%m-%dT%H:%M:%S}"


@pytest.fixture
def portal() -> Iterator[Portal]:
    with open_portal() as opened:
        opened.packages |= {name: package(name, metadata_modified=OLD) for name in NAMES}
        yield opened


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", BASE)
    yield opened
    opened.close()


def run(ledger: Ledger, portal: Portal, source: Source | None = None, full: bool = False) -> HarvestReport:
    client = Client("tests/1", allowed_hosts=[portal.server.host], retries=0)
    return harvest(ledger, source or portal.source(full=EVERY_YEAR), client, load(), silent, full=full)


def test_the_second_run_asks_for_what_changed_and_finds_what_is_new(ledger: Ledger, portal: Portal) -> None:
    first = run(ledger, portal)
    assert (first.seen, first.since) == (8, None)
    portal.packages["n03"] = package("n03", "Un titolo nuovo", metadata_modified=now())
    portal.packages["new"] = package("new", metadata_modified=now())
    second = run(ledger, portal)
    assert (second.state, second.seen, second.changed, second.created, second.missing) == ("complete", 2, 1, 1, 0)
    assert second.since and datetime.fromisoformat(second.since) < datetime.now(UTC) - timedelta(minutes=59)
    assert set(states(ledger).values()) == {"live"} and len(states(ledger)) == 9


def test_what_changed_within_the_overlap_is_not_lost(ledger: Ledger, portal: Portal) -> None:
    """A portal whose clock is behind, or whose index lags."""
    run(ledger, portal)
    portal.packages["n03"] = package("n03", "Un titolo nuovo", metadata_modified=now(hours=-0.9))
    assert run(ledger, portal).changed == 1


def test_an_empty_answer_to_what_changed_is_complete(ledger: Ledger, portal: Portal) -> None:
    run(ledger, portal)
    for _ in range(4):
        report = run(ledger, portal)
        assert (report.state, report.seen, report.missing, report.withdrawn) == ("complete", 0, 0, 0)
    assert states(ledger) == dict.fromkeys(NAMES, "live")


def test_what_vanished_is_found_by_a_listing_of_all(ledger: Ledger, portal: Portal) -> None:
    run(ledger, portal)
    portal.packages.pop("n07")
    assert run(ledger, portal).missing == 0
    report = run(ledger, portal, full=True)
    assert (report.since, report.missing, report.unchanged) == (None, 1, 7)
    assert run(ledger, portal, portal.source()).missing == 1  # without `full` each run lists all


def test_a_change_that_keeps_the_old_day_is_found_by_a_listing_of_all(ledger: Ledger, portal: Portal) -> None:
    run(ledger, portal)
    portal.packages["n03"] = package("n03", "Un titolo nuovo", metadata_modified=OLD)
    assert run(ledger, portal).changed == 0
    assert run(ledger, portal, full=True).changed == 1


def test_a_failure_does_not_move_on_what_is_asked_next(ledger: Ledger, portal: Portal) -> None:
    run(ledger, portal)
    portal.packages["n03"] = package("n03", "Un titolo nuovo", metadata_modified=now())
    portal.before = lambda start: Answer("the disk is full", 500)
    failed = run(ledger, portal)
    assert failed.state == "failed"
    portal.before = lambda start: None
    again = run(ledger, portal)
    assert again.since == failed.since and again.changed == 1


@pytest.mark.parametrize(
    ("select", "found"),
    [
        ("", {"a", "b"}),
        ("groups:x", {"a"}),
        ("groups:x OR groups:y", {"a", "b"}),
        ("-groups:x", {"b"}),
        ("NOT groups:x", {"b"}),
        ("+groups:(x OR y) -groups:y", {"a"}),
    ],
)
def test_what_is_selected_stays_selected_among_what_changed(
    ledger: Ledger, portal: Portal, select: str, found: set[str]
) -> None:
    """The filter that a portal is sent, by a reading of Solr's rules that a real CKAN is compared with elsewhere."""
    source = portal.source(full=EVERY_YEAR, select={"practice": select})
    run(ledger, portal, source)
    run(ledger, portal, source)
    asked = matcher(portal.server.asked[-1].query["fq"])
    portal_has = {"a": ("x", now()), "b": ("y", now()), "c": ("x", OLD), "d": ("y", OLD)}
    assert {
        name
        for name, (group, modified) in portal_has.items()
        if asked({"groups": {group}, "metadata_modified": {modified.lower()}, "text": set()})
    } == found


def test_a_mapping_that_changed_is_told_until_all_is_mapped_anew(portal: Portal, tmp_path: Path) -> None:
    env = portal_environment(tmp_path, portal)
    file = Path(env["HUB_SOURCES"]) / "portal.toml"
    declared = portal.source(full=EVERY_YEAR, licence="https://creativecommons.org/licenses/by/4.0/")
    file.write_text(toml(declared), "utf-8")
    hub(["harvest"], env)
    file.write_text(toml(replace(declared, licence="https://creativecommons.org/publicdomain/zero/1.0/")), "utf-8")
    portal.packages["n03"] = package("n03", "Un titolo nuovo", metadata_modified=now())
    (report,) = json.loads(hub(["harvest", "--json"], env))["runs"]
    assert report["since"] and report["changed"] == 1
    (row,) = json.loads(hub(["sources", "--json"], env))["sources"]
    assert row["mapped_with_older_rules"] == 7
    assert "7 mapped with older rules: hub remap portal" in hub(["sources"], env)
    hub(["remap"], env)
    (row,) = json.loads(hub(["sources", "--json"], env))["sources"]
    assert row["mapped_with_older_rules"] == 0
    assert json.loads(hub(["harvest", "--full", "--json"], env))["runs"][0]["since"] is None


def test_what_a_run_withdrew_is_taken_back_by_its_number(portal: Portal, tmp_path: Path) -> None:
    env = portal_environment(tmp_path, portal)
    hub(["harvest"], env)
    portal.packages.pop("n07")
    hub(["harvest"], env)
    run = json.loads(hub(["runs", "--json"], env))["runs"][0]
    assert run["missing"] == 1 and run["started"] < run["ended"] and run["code"] and run["profile"] == load().digest
    (undone,) = json.loads(hub(["runs", "--undo", str(run["id"]), "--json"], env))["runs"]
    assert (undone["state"], undone["missing"]) == ("partial", 0)
    (source,) = json.loads(hub(["sources", "--json"], env))["sources"]
    assert source["records"] == {"live": 8}
    shown = hub(["runs"], env)
    assert "Records that are back: 1" in shown and "8 created" in shown
    words = f"Run {run['id']} took no record as missing or withdrawn"
    assert words in hub(["runs", "--undo", str(run["id"])], env, expected=1)
    assert "There is no run 4711" in hub(["runs", "--undo", "4711"], env, expected=1)
