"""Runs: one harvest of one source, from its beginning to how it ended."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from hub.errors import LedgerError, NotFound
from hub.ledger.database import Database, holder
from hub.ledger.records import append_changes
from hub.ledger.tables import record, run, seen, source
from hub.model import HarvestReport, Source

GRACE = 2  # further complete listings without a record before it is withdrawn
DROP_COUNT, DROP_SHARE = 5, 0.1  # more than the larger of these vanishing at once holds a run


@dataclass(frozen=True, slots=True)
class Run:
    id: int
    source: str
    state: str
    started: datetime
    ended: datetime | None
    checkpoint: str | None
    report: HarvestReport


def _run(row: Row[Any]) -> Run:
    report = HarvestReport(**{**json.loads(row.report), "source": row.source, "state": row.state})
    return Run(row.id, row.source, row.state, row.started, row.ended, row.checkpoint, report)


class Runs:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put_source(self, declared: Source) -> None:
        """Keeps a source's declaration, as its file says it now."""
        declaration = json.dumps(asdict(declared), ensure_ascii=False, sort_keys=True, default=str)
        with self._database.write() as connection:
            changed = connection.execute(
                update(source).where(source.c.key == declared.key).values(declaration=declaration)
            )
            if not changed.rowcount:
                connection.execute(insert(source).values(key=declared.key, declaration=declaration))

    def sources(self) -> dict[str, dict[str, Any]]:
        """The declarations of all sources that were ever harvested, by key."""
        with self._database.read() as connection:
            return {row.key: json.loads(row.declaration) for row in connection.execute(select(source))}

    @contextmanager
    def begin(self, declared: Source, resumable: bool) -> Iterator[Run]:
        """A run of a source, held by this process alone.

        Goes on with a killed run where its cursor still holds (`resumable`); else that one ends as partial, and the
        new run starts at page 1, which skipping makes cheap.
        """
        with self._database.hold(declared.key):
            self.put_source(declared)
            with self._database.write() as connection:
                killed = connection.execute(
                    select(run).where(run.c.source == declared.key, run.c.state == "running").order_by(run.c.id.desc())
                ).first()
                if killed and not resumable:
                    _end(connection, killed.id, HarvestReport(declared.key, "partial", message="It was interrupted."))
                if not killed or not resumable:
                    killed = self._new(connection, declared.key)
            yield _run(killed)

    @staticmethod
    def _new(connection: Connection, key: str) -> Row[Any]:
        values = {"source": key, "state": "running", "started": datetime.now(UTC), "holder": holder()}
        return connection.execute(insert(run).values(**values).returning(run)).one()

    def finish(self, running: Run, report: HarvestReport, limits: dict[str, Any], *, complete: bool) -> None:
        """Ends a run; only a complete listing says that records are gone, and a suspicious one waits for a person.

        Sets the report's state, and its counts of missing and withdrawn records.
        """
        with self._database.write() as connection:
            report.state = "complete" if complete else ("partial" if report.seen else "failed")
            if complete:
                doubt = _doubt(connection, running, limits)
                if doubt:
                    report.state, report.message = "held", doubt
                else:
                    report.missing, report.withdrawn = _mark_missing(connection, running)
            _end(connection, running.id, report)

    def release(self, run_id: int) -> HarvestReport:
        """Believes a held run: what it did not list goes missing."""
        with self._database.write() as connection:
            held = self._held(connection, run_id)
            report = held.report
            report.missing, report.withdrawn = _mark_missing(connection, held)
            report.state, report.message = "complete", "Released by a person."
            _end(connection, run_id, report)
        return report

    def refuse(self, run_id: int) -> HarvestReport:
        """Does not believe a held run: what it brought stays, what it did not list stays too."""
        with self._database.write() as connection:
            report = self._held(connection, run_id).report
            report.state, report.message = "partial", "Refused by a person: nothing was taken as missing."
            _end(connection, run_id, report)
        return report

    @staticmethod
    def _held(connection: Connection, run_id: int) -> Run:
        row = connection.execute(select(run).where(run.c.id == run_id)).first()
        if row is None:
            raise NotFound(f"There is no run {run_id}; `hub runs` lists them")
        if row.state != "held":
            raise LedgerError(f"Run {run_id} is {row.state}, not held")
        later = select(run.c.id).where(run.c.source == row.source, run.c.id > run_id, run.c.state == "complete")
        if connection.execute(later).first():
            raise LedgerError(f"Run {run_id} is out of date: {row.source} was listed completely since")
        return _run(row)

    def latest(self, source_key: str | None = None, limit: int = 20) -> Sequence[Run]:
        """Runs, the newest first."""
        query = select(run).order_by(run.c.id.desc()).limit(limit)
        if source_key:
            query = query.where(run.c.source == source_key)
        with self._database.read() as connection:
            return [_run(row) for row in connection.execute(query)]


def _end(connection: Connection, run_id: int, report: HarvestReport) -> None:
    values = {"state": report.state, "ended": datetime.now(UTC), "report": json.dumps(asdict(report))}
    connection.execute(update(run).where(run.c.id == run_id).values(**values))


def _unlisted(running: Run) -> Any:
    """The condition of a record of the run's source that its listing did not have."""
    listed = select(seen.c.record).where(seen.c.run == running.id)
    return (record.c.source == running.source) & (record.c.state != "withdrawn") & record.c.id.not_in(listed)


def _doubt(connection: Connection, running: Run, limits: dict[str, Any]) -> str:
    """Why a person should look before the unlisted records go missing; empty where nothing is suspicious."""
    ours = (record.c.source == running.source) & record.c.state.in_(("live", "stale"))
    older = ours & (record.c.first_seen < running.started)
    there = connection.execute(select(func.count()).where(older)).scalar_one()
    gone = connection.execute(select(func.count()).where(ours & _unlisted(running))).scalar_one()
    listed = connection.execute(select(func.count()).where(seen.c.run == running.id)).scalar_one()
    allowed = max(limits.get("drop_count", DROP_COUNT), limits.get("drop_share", DROP_SHARE) * there)
    if there and not listed:
        return f"The listing is empty, though {there} records were there."
    if gone and (gone * 2 >= there or gone > allowed):
        return f"{gone} of {there} records vanished at once."
    return ""


def _mark_missing(connection: Connection, running: Run) -> tuple[int, int]:
    """Counts a complete listing against what it did not have; (how many are missing, how many were withdrawn)."""
    rows = connection.execute(select(record).where(_unlisted(running))).all()
    states = {row.id: "withdrawn" if row.missing_runs >= GRACE else "missing" for row in rows}
    if rows:  # row by row: a list of all ids could be longer than a database takes
        values = {"state": bindparam("now"), "missing_runs": record.c.missing_runs + 1}
        moved = [{"of": id_, "now": state} for id_, state in states.items()]
        connection.execute(update(record).where(record.c.id == bindparam("of")).values(**values), moved)
    append_changes(connection, {row.id: states[row.id] for row in rows if states[row.id] != row.state})
    withdrawn = list(states.values()).count("withdrawn")
    return len(rows) - withdrawn, withdrawn
