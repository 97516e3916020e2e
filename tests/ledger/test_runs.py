"""What a run may ask for and decide, and how a person takes that back; on SQLite and on PostgreSQL."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from hub.errors import LedgerError, NotFound
from hub.ledger import Ledger, Run, checksum
from hub.ledger.runs import OVERLAP
from hub.ledger.tables import change, record, seen
from hub.model import HarvestReport, Source
from tests.ledger.records import BASE, arrival, source

Open = Callable[[], Ledger]
HERE = source()
LONG_AGO, TOMORROW = datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=1)
NAMES = tuple("abcdefgh")


def listed(
    ledger: Ledger,
    names: Sequence[str],
    *,
    full_due: datetime | None = None,
    deleted: Sequence[str] = (),
    complete: bool = True,
    declared: Source = HERE,
) -> Run:
    """One run over a listing of these identifiers, as it is kept."""
    with ledger.runs.begin(declared, resumable=True, full_due=full_due, code="1", profile="p") as run:
        read(ledger, run, names, deleted)
        ledger.runs.finish(run, run.report, {}, complete=complete)
    return next(kept for kept in ledger.runs.latest() if kept.id == run.id)


def read(ledger: Ledger, run: Run, names: Sequence[str], deleted: Sequence[str] = ()) -> None:
    arrivals = [arrival("here", name) for name in names]
    known = ledger.records.known("here", [arrival("here", name).raw for name in (*names, *deleted)])
    same = {key: k for (_, key), k in known.items() if k.payload_checksum == checksum(b"En titel") and key in names}
    ledger.records.commit_page(
        run.id,
        "here",
        arrivals=[a for a in arrivals if a.raw.identifier not in same],
        unchanged=list(same.values()),
        deleted=[known["practice", key] for key in deleted],
        report=run.report,
    )


def states(ledger: Ledger) -> dict[str, tuple[str, int]]:
    with ledger.database.read() as connection:
        rows = connection.execute(select(record.c.identifier, record.c.state, record.c.missing_runs))
        return {row.identifier: (row.state, row.missing_runs) for row in rows}


def reasons(ledger: Ledger) -> list[tuple[str, str, int | None]]:
    """(identifier, reason, run) of each change, in order."""
    query = select(record.c.identifier, change.c.reason, change.c.run).join(record, record.c.id == change.c.record)
    with ledger.database.read() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query.order_by(change.c.seq))]


# What a run asks for


def test_a_run_asks_for_what_changed_since_the_last_one_read_to_its_end(ledger: Ledger) -> None:
    first = listed(ledger, NAMES, full_due=LONG_AGO)
    assert first.since is None and first.report.since is None  # all was never listed
    second = listed(ledger, ("a",), full_due=LONG_AGO)
    assert second.since == first.started - OVERLAP
    listed(ledger, ("a",), full_due=LONG_AGO, complete=False)
    third = listed(ledger, ("a",), full_due=LONG_AGO)
    assert third.since == second.started - OVERLAP
    assert third.report.since == third.since.isoformat()


def test_a_run_lists_all_when_that_is_due_or_asked_for(ledger: Ledger) -> None:
    listed(ledger, NAMES)
    assert listed(ledger, NAMES, full_due=TOMORROW).since is None
    assert listed(ledger, NAMES).since is None
    assert listed(ledger, NAMES, full_due=LONG_AGO).since is not None


@pytest.mark.parametrize("change", [{"url": "http://127.0.0.1/there.csv"}, {"select": {"practice": "x"}}])
def test_another_listing_is_first_read_in_full(ledger: Ledger, change: dict[str, str]) -> None:
    """What another address or choice brings need not have changed lately."""
    listed(ledger, NAMES)
    other = replace(HERE, **change)
    assert listed(ledger, NAMES, full_due=LONG_AGO, declared=other, complete=False).since is None
    assert listed(ledger, NAMES, full_due=LONG_AGO, declared=other).since is None
    assert listed(ledger, NAMES, full_due=LONG_AGO, declared=other).since is not None
    assert listed(ledger, NAMES, full_due=LONG_AGO, declared=replace(other, rhythm="0 0 * * *")).since is not None


@pytest.mark.parametrize("names", [(), ("a",), NAMES[:4]])
def test_an_incremental_run_takes_nothing_as_missing_and_is_never_held(ledger: Ledger, names: Sequence[str]) -> None:
    listed(ledger, NAMES)
    for _ in range(4):
        run = listed(ledger, names, full_due=LONG_AGO)
        assert (run.state, run.report.missing, run.report.withdrawn) == ("complete", 0, 0)
    assert set(states(ledger).values()) == {("live", 0)}


def test_only_full_listings_count_in_a_grace(ledger: Ledger) -> None:
    listed(ledger, NAMES)
    listed(ledger, NAMES[1:])
    for _ in range(3):
        listed(ledger, (), full_due=LONG_AGO)
    assert states(ledger)["a"] == ("missing", 1)
    listed(ledger, NAMES[1:])
    listed(ledger, (), full_due=LONG_AGO)
    assert states(ledger)["a"] == ("missing", 2)
    listed(ledger, ("a",), full_due=LONG_AGO)  # it changed, so it is there
    assert states(ledger)["a"] == ("live", 0)


def test_the_sources_own_deletions_count_in_any_run_and_are_told(ledger: Ledger) -> None:
    listed(ledger, NAMES)
    run = listed(ledger, (), full_due=LONG_AGO, deleted=("a",))
    assert run.report.withdrawn == 1 and states(ledger)["a"] == ("withdrawn", 0)
    full = listed(ledger, NAMES[2:], deleted=("b",))
    assert full.report.withdrawn == 1 and states(ledger)["b"] == ("withdrawn", 0)


# Runs that were killed


def killed(ledger: Ledger, *, full_due: datetime | None, declared: Source = HERE) -> Run:
    with ledger.runs.begin(declared, resumable=True, full_due=full_due, code="1") as run:
        ledger.records.commit_page(
            run.id, "here", arrivals=[arrival("here", "a", "Ny")], checkpoint="2", report=run.report
        )
    return run


def test_a_killed_incremental_run_goes_on_with_its_own_since(ledger: Ledger) -> None:
    listed(ledger, NAMES)
    first = killed(ledger, full_due=LONG_AGO)
    with ledger.runs.begin(HERE, resumable=True, full_due=LONG_AGO, code="2") as again:
        assert (again.id, again.since, again.checkpoint) == (first.id, first.since, "2")
        assert again.since is not None and again.code == "2"


def test_a_killed_incremental_run_gives_way_to_one_of_all_and_keeps_its_counts(ledger: Ledger) -> None:
    listed(ledger, NAMES)
    first = killed(ledger, full_due=LONG_AGO)
    with ledger.runs.begin(HERE, resumable=True) as anew:
        assert anew.id != first.id and anew.since is None and anew.checkpoint is None
    ended = ledger.runs.latest()[1]
    assert (ended.state, ended.report.changed, ended.report.message) == ("partial", 1, "It was interrupted.")


def test_a_killed_run_of_all_goes_on_though_changes_would_do(ledger: Ledger) -> None:
    listed(ledger, NAMES)
    first = killed(ledger, full_due=None)
    with ledger.runs.begin(HERE, resumable=True, full_due=LONG_AGO) as again:
        assert (again.id, again.since) == (first.id, None)


def test_a_killed_run_does_not_go_on_in_another_listing(ledger: Ledger) -> None:
    """A cursor of the one would skip pages of the other, and what these hold would go missing."""
    first = killed(ledger, full_due=None)
    with ledger.runs.begin(replace(HERE, url="http://127.0.0.1/there.csv"), resumable=True) as anew:
        assert anew.id != first.id and anew.checkpoint is None


def test_a_process_at_work_is_told_from_one_that_died(open_ledger: Open) -> None:
    one, other = open_ledger(), open_ledger()
    assert not other.database.is_held("here")
    with one.runs.begin(HERE, resumable=True):
        assert other.database.is_held("here") and not other.database.is_held("there")
    assert not other.database.is_held("here") and other.runs.latest()[0].state == "running"


# What a run moved, and taken back


def test_each_change_says_in_which_run_it_came(ledger: Ledger) -> None:
    first = listed(ledger, ("a", "b", "c", "d"))
    second = listed(ledger, ("b", "c", "d"))
    third = listed(ledger, ("a", "b", "c"), deleted=("d",))
    assert reasons(ledger)[4:] == [
        ("a", "missing", second.id),
        ("a", "restored", third.id),
        ("d", "withdrawn", third.id),
    ]
    assert {run for _, _, run in reasons(ledger)[:4]} == {first.id}


def test_a_withdrawal_is_undone_run_by_run(ledger: Ledger) -> None:
    listed(ledger, NAMES)
    runs = [listed(ledger, NAMES[1:]) for _ in range(3)]
    assert states(ledger)["a"] == ("withdrawn", 3)
    told = ledger.runs.undo(runs[2].id)
    assert (told.state, told.missing, told.withdrawn) == ("partial", 0, 0)
    assert told.message == "Undone by a person. Records that are back: 0; missing for other runs: 1."
    assert states(ledger)["a"] == ("missing", 2) and reasons(ledger)[-1] == ("a", "restored", None)
    ledger.runs.undo(runs[1].id)
    assert states(ledger)["a"] == ("missing", 1)
    head = ledger.changes.head()
    assert ledger.runs.undo(runs[0].id).message == "Undone by a person. Records that are back: 1."
    assert states(ledger)["a"] == ("live", 0) and ledger.changes.head() == head + 1
    assert set(states(ledger).values()) == {("live", 0)}
    listed(ledger, NAMES[1:])  # a later listing decides anew
    assert states(ledger)["a"] == ("missing", 1)


def test_undoing_an_early_run_brings_back_what_only_later_ones_withdrew_for_it(ledger: Ledger) -> None:
    """Without the first, only two full listings lacked it, so its grace is not over."""
    listed(ledger, NAMES)
    runs = [listed(ledger, NAMES[1:]) for _ in range(3)]
    ledger.runs.undo(runs[0].id)
    assert states(ledger)["a"] == ("missing", 2)


def test_what_came_back_or_was_withdrawn_before_stays_as_it_is(ledger: Ledger) -> None:
    listed(ledger, NAMES)
    for _ in range(3):
        listed(ledger, NAMES[1:])
    run = listed(ledger, NAMES[3:])
    assert states(ledger) | {"b": ("missing", 1), "c": ("missing", 1), "a": ("withdrawn", 3)} == states(ledger)
    listed(ledger, NAMES[2:], complete=False)  # c is there again
    assert ledger.runs.undo(run.id).message == "Undone by a person. Records that are back: 1."
    assert states(ledger) == {**dict.fromkeys(NAMES, ("live", 0)), "a": ("withdrawn", 3)}


def test_the_sources_own_statement_is_undone_too(ledger: Ledger) -> None:
    listed(ledger, NAMES)
    run = listed(ledger, NAMES[2:], deleted=("a",))
    assert states(ledger) | {"a": ("withdrawn", 0), "b": ("missing", 1)} == states(ledger)
    ledger.runs.undo(run.id)
    assert states(ledger) == dict.fromkeys(NAMES, ("live", 0))
    incremental = listed(ledger, (), full_due=TOMORROW - timedelta(days=2), deleted=("a",))
    assert incremental.since is not None
    ledger.runs.undo(incremental.id)
    assert states(ledger) == dict.fromkeys(NAMES, ("live", 0))


def test_a_stale_and_a_quarantined_record_come_back_as_that(ledger: Ledger) -> None:
    listed(ledger, NAMES[:6])
    with ledger.runs.begin(HERE, resumable=True) as run:
        bad = [arrival("here", "a", "Fel", valid=False), arrival("here", "z", "Fel", valid=False)]
        ledger.records.commit_page(run.id, "here", arrivals=bad, report=run.report)
        read(ledger, run, NAMES[1:6])
        ledger.runs.finish(run, run.report, {}, complete=True)
    undone = listed(ledger, NAMES[1:6])
    assert states(ledger) | {"a": ("missing", 1), "z": ("missing", 1)} == states(ledger)
    ledger.runs.undo(undone.id)
    assert states(ledger) | {"a": ("stale", 0), "z": ("quarantined", 0)} == states(ledger)


def test_what_cannot_be_undone_is_told(ledger: Ledger) -> None:
    first = listed(ledger, NAMES)
    second = listed(ledger, NAMES[1:])
    listed(ledger, NAMES)
    with pytest.raises(NotFound, match="There is no run 4711; `hub runs` lists them"):
        ledger.runs.undo(4711)
    with pytest.raises(LedgerError, match=f"Run {first.id} took no record as missing or withdrawn"):
        ledger.runs.undo(first.id)
    with pytest.raises(LedgerError, match=f"All that run {second.id} took as missing or withdrawn was decided anew"):
        ledger.runs.undo(second.id)
    third = listed(ledger, NAMES[1:])
    ledger.runs.undo(third.id)
    with pytest.raises(LedgerError, match=f"Run {third.id} took no record"):
        ledger.runs.undo(third.id)
    running = killed(ledger, full_due=None)
    with pytest.raises(LedgerError, match=f"Run {running.id} has not ended"):
        ledger.runs.undo(running.id)


def test_an_undone_full_run_is_no_longer_what_changes_are_counted_from(ledger: Ledger) -> None:
    first = listed(ledger, NAMES)
    second = listed(ledger, NAMES[1:])
    ledger.runs.undo(second.id)
    since = listed(ledger, NAMES, full_due=LONG_AGO).since
    assert since == first.started - OVERLAP
    assert listed(ledger, NAMES, full_due=second.started).since is None


def test_a_released_run_leaves_alone_what_was_listed_since(ledger: Ledger) -> None:
    listed(ledger, NAMES)
    held = listed(ledger, ())
    assert held.state == "held"
    listed(ledger, NAMES[:5], complete=False)
    assert ledger.runs.release(held.id).missing == 3
    assert [name for name, (state, _) in states(ledger).items() if state == "missing"] == list(NAMES[5:])
    ended = next(run.ended for run in ledger.runs.latest() if run.id == held.id)
    assert ended == held.ended  # of the harvest, not of the decision


def test_which_records_a_run_listed_is_kept_only_while_it_may_matter(ledger: Ledger) -> None:
    listed(ledger, NAMES)
    held = listed(ledger, NAMES[:1])
    with ledger.database.read() as connection:
        assert set(connection.execute(select(seen.c.run)).scalars()) == {held.id}
    ledger.runs.refuse(held.id)
    with ledger.database.read() as connection:
        assert connection.execute(select(seen)).all() == []


# How fresh a source is


def test_how_fresh_a_source_is(ledger: Ledger) -> None:
    assert ledger.runs.freshness() == {}
    full = listed(ledger, NAMES)
    incremental = listed(ledger, ("a",), full_due=LONG_AGO)
    for _ in range(2):
        last = listed(ledger, (), complete=False)
    with ledger.runs.begin(source("there"), resumable=True):
        pass
    fresh = ledger.runs.freshness()
    assert (fresh["here"].full, fresh["here"].incremental, fresh["here"].last) == (full, incremental, last)
    assert fresh["here"].success == incremental and fresh["here"].failed == 2
    assert fresh["there"].last.state == "running" and fresh["there"].success is None
    assert ledger.runs.freshness("here") == {"here": fresh["here"]}
    listed(ledger, NAMES)
    assert ledger.runs.freshness()["here"].failed == 0


def test_with_what_a_run_was_made_is_kept(ledger: Ledger) -> None:
    run = listed(ledger, NAMES)
    assert (run.code, run.profile) == ("1", "p") and run.holder
    assert ledger.runs.between(1, run.id + 1) == [run] and ledger.runs.between(1, run.id) == []


def test_the_edition_of_a_block_of_runs_changes_when_one_ends_or_is_decided(ledger: Ledger) -> None:
    for _ in range(3):
        listed(ledger, NAMES)
    before = ledger.runs.editions(2)
    assert sorted(before) == [0, 1] and len(set(before.values())) == 2
    with ledger.runs.begin(HERE, resumable=True) as run:
        assert ledger.runs.editions(2) == before
        ledger.runs.finish(run, run.report, {}, complete=True)
    held = ledger.runs.editions(2)
    assert sorted(held) == [0, 1, 2] and {block: held[block] for block in before} == before
    ledger.runs.refuse(run.id)
    assert ledger.runs.editions(2)[2] != held[2]


def test_how_many_records_were_mapped_with_which_rules(ledger: Ledger) -> None:
    listed(ledger, NAMES)
    newer = replace(arrival("here", "a", "Ny titel"), mapped_with="mapped-2")
    ledger.records.commit_page(None, "here", arrivals=[newer], report=HarvestReport("here"))
    assert ledger.records.mapped() == {"here": {"mapped-1": 7, "mapped-2": 1}}
    assert f"{BASE}/id/practice/here/a" in {r.iri for r in ledger.changes.all_records()}
