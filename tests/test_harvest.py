"""What a run promises, whatever the source does: nothing is lost, nothing wrongly deleted, nothing done twice."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

import hub.harvest
from harvesters import CROSSWALKS
from hub.fetch import Client
from hub.harvest import harvest, remap
from hub.ledger import Ledger
from hub.model import HarvestReport, Mapped, RawRecord, Source
from hub.namespaces import DCT
from hub.profile import load
from hub.validation import Validator, report_from_json
from tests.portal import Portal, open_portal, package
from tests.servers.loopback import Answer

BASE = "http://localhost:8000"
NAMES = tuple(f"n{n:02}" for n in range(8))


@pytest.fixture
def portal() -> Iterator[Portal]:
    with open_portal(*NAMES) as opened:
        yield opened


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", BASE)
    yield opened
    opened.close()


def silent(_report: HarvestReport, _total: int | None) -> None:
    pass


def run(ledger: Ledger, portal: Portal, source: Source | None = None, limit: int | None = None) -> HarvestReport:
    client = Client("tests/1", allowed_hosts=[portal.server.host], retries=0)
    return harvest(ledger, source or portal.source(), client, load(), silent, limit)


def states(ledger: Ledger) -> dict[str, str]:
    return {record.identifier: record.state for record in ledger.changes.all_records()}


def written(ledger: Ledger) -> tuple[int, int]:
    """How many change rows and versions there are."""
    records = ledger.changes.all_records()
    return ledger.changes.head(), sum(len(ledger.records.versions(record.iri)) for record in records)


def reasons(ledger: Ledger, name: str, language: str = "en") -> list[str]:
    report = report_from_json(ledger.records.versions(f"{BASE}/id/practice/portal/{name}")[0].report)
    return [load().message(result, language) for result in report.results if result.severity == "Violation"]


# Once and again


def test_every_page_arrives(ledger: Ledger, portal: Portal) -> None:
    told: list[tuple[int, int | None]] = []
    client = Client("tests/1", allowed_hosts=[portal.server.host])
    report = harvest(ledger, portal.source(), client, load(), lambda r, total: told.append((r.seen, total)))
    assert (report.state, report.seen, report.created) == ("complete", 8, 8)
    assert told == [(3, 8), (6, 8), (8, 8)]
    assert states(ledger) == dict.fromkeys(NAMES, "live")


def test_a_second_run_validates_nothing_and_writes_nothing(
    ledger: Ledger, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(ledger, portal)
    before, checked = written(ledger), []
    check = Validator.check
    monkeypatch.setattr(Validator, "check", lambda *told, **more: checked.append(1) or check(*told, **more))
    report = run(ledger, portal)
    assert (report.unchanged, report.created, report.changed) == (8, 0, 0)
    assert checked == [] and written(ledger) == before
    portal.packages["n03"] = package("n03", "Un titolo nuovo")
    assert run(ledger, portal).changed == 1
    assert checked == [1] and written(ledger) == (before[0] + 1, before[1] + 1)


def test_other_rules_that_come_to_the_same_write_no_version(ledger: Ledger, portal: Portal) -> None:
    run(ledger, portal)
    before = written(ledger)
    portal.packages["n03"] = package("n03", "Un titolo nuovo")
    other = portal.source(licence="http://creativecommons.org/licenses/by/4.0/")  # the packages state their own
    report = run(ledger, portal, other)
    assert (report.unchanged, report.changed) == (7, 1)
    assert written(ledger) == (before[0] + 1, before[1] + 1)
    assert run(ledger, portal, other).unchanged == 8


def test_a_limit_stops_behind_a_page_and_deletes_nothing(ledger: Ledger, portal: Portal) -> None:
    run(ledger, portal)
    report = run(ledger, portal, limit=2)
    assert (report.state, report.seen) == ("partial", 3)
    assert states(ledger) == dict.fromkeys(NAMES, "live")


# One bad record costs one record


def test_a_record_that_cannot_be_valid_costs_itself(ledger: Ledger, portal: Portal) -> None:
    portal.packages["n02"] = package("n02", notes="", title="x" * 300)
    report = run(ledger, portal)
    assert (report.state, report.created, report.quarantined) == ("complete", 7, 1)
    assert states(ledger)["n02"] == "quarantined"
    summary, title = sorted(reasons(ledger, "n02"))
    assert "Summary" in summary and "Title" in title and "250" in title
    assert any("Sintesi" in words for words in reasons(ledger, "n02", "it"))


def test_a_fault_of_ours_in_one_record_costs_that_record(
    ledger: Ledger, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = CROSSWALKS["ckan"]

    def stumbling(raw: RawRecord, source: Source, record: NamedNode, base: str) -> Mapped:
        if raw.identifier == "n05":
            raise ZeroDivisionError("by nothing")
        return ours(raw, source, record, base)

    monkeypatch.setitem(CROSSWALKS, "ckan", stumbling)
    report = run(ledger, portal)
    assert (report.created, report.failed) == (7, 1)
    assert "ZeroDivisionError: by nothing" in reasons(ledger, "n05")[0]


def test_an_invalid_new_version_leaves_the_good_one_served(ledger: Ledger, portal: Portal) -> None:
    run(ledger, portal)
    portal.packages["n01"] = package("n01", notes="")
    assert run(ledger, portal).quarantined == 1
    record = ledger.changes.record(f"{BASE}/id/practice/portal/n01")
    assert record.state == "stale" and record.served and "isolato il tetto" in record.graph
    assert run(ledger, portal).unchanged == 8  # the same invalid payload is not judged again


# What a source answers instead


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer("the disk is full", 500), "answered 500"),
        (Answer("<html>Wartung</html>", media_type="text/html"), "no CKAN answer"),
        (Answer('{"success": false, "error": {"message": "Solr is down"}}', media_type="application/json"), "Solr"),
        (Answer(""), "no CKAN answer"),
    ],
)
def test_a_failure_half_way_keeps_what_came_and_deletes_nothing(
    ledger: Ledger, portal: Portal, answer: Answer, words: str
) -> None:
    run(ledger, portal)
    portal.packages["n00"] = package("n00", "Un titolo nuovo")
    portal.before = lambda start: answer if start >= 3 else None
    for _ in range(4):
        report = run(ledger, portal)
        assert report.state == "partial" and words in report.message
    assert states(ledger) == dict.fromkeys(NAMES, "live")
    assert "Un titolo nuovo" in ledger.changes.record(f"{BASE}/id/practice/portal/n00").graph


def test_a_source_that_is_not_there_fails_with_its_address(ledger: Ledger, portal: Portal) -> None:
    portal.before = lambda start: Answer("gone", 404)
    report = run(ledger, portal)
    assert report.state == "failed" and portal.server.url in report.message


def test_an_empty_listing_is_held(ledger: Ledger, portal: Portal) -> None:
    run(ledger, portal)
    portal.packages.clear()
    report = run(ledger, portal)
    assert (report.state, report.missing) == ("held", 0)
    assert report.message == "The listing is empty, though 8 records were there."
    assert states(ledger) == dict.fromkeys(NAMES, "live")


def test_a_vanished_record_is_withdrawn_after_its_grace_and_comes_back(ledger: Ledger, portal: Portal) -> None:
    run(ledger, portal)
    gone = portal.packages.pop("n07")
    found = []
    for _ in range(3):
        report = run(ledger, portal)
        found.append((states(ledger)["n07"], report.missing, report.withdrawn))
    assert found == [("missing", 1, 0), ("missing", 1, 0), ("withdrawn", 0, 1)]
    portal.packages["n07"] = gone
    assert run(ledger, portal).changed == 1 and states(ledger)["n07"] == "live"


def test_a_sources_own_limits_count(ledger: Ledger, portal: Portal) -> None:
    run(ledger, portal)
    for name in NAMES[:3]:
        portal.packages.pop(name)
    assert run(ledger, portal, portal.source(limits={"drop_count": 2})).state == "held"
    assert run(ledger, portal).state == "complete"


# Mapped again, without a fetch


def test_a_mended_mapping_changes_records_without_a_fetch(ledger: Ledger, portal: Portal) -> None:
    portal.packages["n04"] = package("n04", extras=[{"key": "sfida", "value": "Il tetto perdeva calore."}])
    run(ledger, portal)
    asked = len(portal.server.asked)
    mended = portal.source(options={"fields": {"sfida": "challenge@it"}})
    report = remap(ledger, mended, load(), silent)
    assert (report.seen, report.changed, report.unchanged) == (8, 1, 7)
    assert len(portal.server.asked) == asked
    assert "Il tetto perdeva calore." in ledger.changes.record(f"{BASE}/id/practice/portal/n04").graph
    before = written(ledger)
    assert remap(ledger, mended, load(), silent).unchanged == 8 and written(ledger) == before
    assert run(ledger, portal, mended).unchanged == 8  # mapped with the same: nothing to do


def test_a_mended_crosswalk_changes_records_and_frees_quarantined_ones(
    ledger: Ledger, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.packages["n06"] = package("n06", notes="")
    run(ledger, portal)
    ours = CROSSWALKS["ckan"]

    def mended(raw: RawRecord, source: Source, record: NamedNode, base: str) -> Mapped:
        mapped = ours(raw, source, record, base)
        if any(triple.predicate == DCT.description for triple in mapped.graph):
            return mapped
        summary = Triple(record, DCT.description, Literal("Un tetto isolato.", language="it"))
        return dataclasses.replace(mapped, graph=mapped.graph | {summary})

    monkeypatch.setitem(CROSSWALKS, "ckan", mended)
    assert remap(ledger, portal.source(), load(), silent).unchanged == 8  # it does not know that the code changed
    monkeypatch.setattr(hub.harvest, "crosswalk_digest", lambda format: "mended")
    report = remap(ledger, portal.source(), load(), silent)
    assert (report.changed, report.unchanged) == (1, 7)
    assert states(ledger)["n06"] == "live"


def test_a_missing_record_that_is_mapped_again_stays_missing(ledger: Ledger, portal: Portal) -> None:
    run(ledger, portal)
    portal.packages.pop("n07")
    run(ledger, portal)
    remap(ledger, portal.source(options={"fields": {"title": "title@de"}}), load(), silent)
    assert states(ledger)["n07"] == "missing"


# What is told


def test_disagreements_of_the_engines_are_counted_in_the_report(
    ledger: Ledger, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Blind:
        """An engine that sees a violation where there is none."""

        def __init__(self, shapes: str) -> None:
            self._engine = fast_engine(shapes)

        def results(self, statements: str) -> list[object]:
            found = list(self._engine.results(statements))
            return [dataclasses.replace(r, severity="Violation") for r in found]

    fast_engine = hub.validation.fast_engine
    monkeypatch.setattr(hub.validation, "fast_engine", Blind)
    report = run(ledger, portal)
    assert report.disagreements == 8  # each lacks what is only recommended
    assert report.created == 8  # the reference's word stands


def test_the_report_of_a_run_is_kept(ledger: Ledger, portal: Portal) -> None:
    report = run(ledger, portal)
    kept = ledger.runs.latest()[0]
    assert kept.report == report and kept.state == "complete" and kept.ended is not None
