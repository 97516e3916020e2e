"""Runs: one harvest of one source, from its beginning to how it ended."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, literal, select, true, update

from hub.errors import LedgerError, NotFound
from hub.ledger.database import Database, holder
from hub.ledger.statements import checksum
from hub.ledger.tables import Moment, run, seen, source
from hub.ledger.vanishing import doubt, is_settled, mark_missing, take_back
from hub.model import HarvestReport, Source

OVERLAP: Final = timedelta(hours=1)  # by which "what changed since" reaches back: clocks differ, and indexes lag

INTERRUPTED: Final = "It was interrupted."


@dataclass(frozen=True, slots=True)
class Run:
    """`code` is the hub's version and rules, `profile` the digest of the shapes; both None before they were kept."""

    id: int
    source: str
    state: str
    started: datetime
    ended: datetime | None
    checkpoint: str | None
    holder: str
    since: datetime | None
    code: str | None
    profile: str | None
    report: HarvestReport


@dataclass(frozen=True, slots=True)
class Freshness:
    """How a source does: its newest run, the newest complete ones of both kinds, and how many runs failed since."""

    last: Run
    full: Run | None
    incremental: Run | None
    failed: int

    @property
    def success(self) -> Run | None:
        """The newest run that read its listing to the end, and was believed."""
        there = [one for one in (self.full, self.incremental) if one]
        return max(there, key=lambda one: one.id, default=None)


def _run(row: Row[Any]) -> Run:
    since = row.since.isoformat() if row.since else None
    told = {**json.loads(row.report), "source": row.source, "state": row.state, "since": since}
    return Run(
        row.id, row.source, row.state, row.started, row.ended, row.checkpoint, row.holder, row.since, row.code,
        row.profile, HarvestReport(**told),
    )  # fmt: skip


def _listing(declared: Source) -> str:
    """The digest of what a source lists: a cursor, and "what changed since", hold only for the same."""
    told = (declared.protocol, declared.url, dict(declared.select), dict(declared.options))
    return checksum(json.dumps(told, sort_keys=True, default=str))


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
    def begin(
        self,
        declared: Source,
        resumable: bool,
        *,
        full_due: datetime | None = None,
        code: str | None = None,
        profile: str | None = None,
    ) -> Iterator[Run]:
        """A run of a source, held by this process alone.

        `full_due` is when all was to be listed last: where that was done since, this run asks for what changed only.
        None: it lists all.
        Goes on with a killed run where its cursor still holds (`resumable`), it read the same listing, and all that is
        wanted; else that one ends as partial, and the new run starts at page 1, which skipping makes cheap.
        """
        with self._database.hold(declared.key):
            self.put_source(declared)
            made = {"holder": holder(), "code": code, "profile": profile}
            with self._database.write() as connection:
                since = _since(connection, declared, full_due) if full_due else None
                killed = _killed(connection, declared.key)
                if killed and not (resumable and _goes_on(killed, declared, since)):
                    _end(connection, killed.id, replace(_run(killed).report, state="partial", message=INTERRUPTED))
                    killed = None
                begun = _go_on(connection, killed, made) if killed else _new(connection, declared, since, made)
            yield _run(begun)

    def finish(self, running: Run, report: HarvestReport, limits: Mapping[str, Any], *, complete: bool) -> None:
        """Ends a run; only a complete listing of all says what is gone, and a suspicious one waits for a person.

        Sets the report's state, and its counts of missing and withdrawn records.
        """
        with self._database.write() as connection:
            row = connection.execute(select(run).where(run.c.id == running.id)).one()
            report.state = "complete" if complete else ("partial" if report.seen else "failed")
            if complete and row.since is None:
                if told := doubt(connection, row, limits):
                    report.state, report.message = "held", told
                else:
                    _count(report, mark_missing(connection, row))
            _end(connection, row.id, report)

    def release(self, run_id: int) -> HarvestReport:
        """Believes a held run: what it did not list goes missing."""
        with self._database.write() as connection:
            row = _held(connection, run_id)
            report = _run(row).report
            _count(report, mark_missing(connection, row))
            report.state, report.message = "complete", "Released by a person."
            _end(connection, run_id, report)
        return report

    def refuse(self, run_id: int) -> HarvestReport:
        """Does not believe a held run: what it brought stays, what it did not list stays too."""
        with self._database.write() as connection:
            report = _run(_held(connection, run_id)).report
            report.state, report.message = "partial", "Refused by a person: nothing was taken as missing."
            _end(connection, run_id, report)
        return report

    def undo(self, run_id: int) -> HarvestReport:
        """Takes back what a run took as missing or withdrawn; a later listing decides anew. What it brought stays."""
        with self._database.write() as connection:
            row = _row(connection, run_id)
            report = _run(row).report
            if row.state == "running":
                raise LedgerError(f"Run {run_id} has not ended; there is nothing to undo yet")
            if not report.missing + report.withdrawn:
                raise LedgerError(f"Run {run_id} took no record as missing or withdrawn; there is nothing to undo")
            back, still = take_back(connection, row)
            if not back + still:
                raise LedgerError(f"All that run {run_id} took as missing or withdrawn was decided anew since")
            report.missing = report.withdrawn = 0
            missing = f"; missing for other runs: {still}" if still else ""
            report.state, report.message = "partial", f"Undone by a person. Records that are back: {back}{missing}."
            _end(connection, run_id, report)
        return report

    def latest(self, source_key: str | None = None, limit: int = 20) -> Sequence[Run]:
        """Runs, the newest first."""
        query = select(run).order_by(run.c.id.desc()).limit(limit)
        if source_key:
            query = query.where(run.c.source == source_key)
        with self._database.read() as connection:
            return [_run(row) for row in connection.execute(query)]

    def between(self, first: int, behind: int) -> Sequence[Run]:
        """The runs that have ended whose number is from `first` to just before `behind`, in order."""
        query = select(run).where(run.c.id >= first, run.c.id < behind, run.c.state != "running").order_by(run.c.id)
        with self._database.read() as connection:
            return [_run(row) for row in connection.execute(query)]

    def editions(self, size: int) -> dict[int, str]:
        """What changes when a run of a block ends or is decided, by the block's number; `size` runs are a block."""
        block, states = run.c.id // size, ("complete", "partial", "held")
        told = [func.max(run.c.id), func.max(run.c.ended), *(func.count().filter(run.c.state == s) for s in states)]
        query = select(block, *told).where(run.c.state != "running").group_by(block).order_by(block)
        with self._database.read() as connection:
            return {int(row[0]): " ".join(map(str, row[1:])) for row in connection.execute(query)}

    def freshness(self, key: str | None = None) -> dict[str, Freshness]:
        """How each source does that was ever harvested, or one alone, by key."""
        complete, all_of_it = run.c.state == "complete", run.c.since.is_(None)
        wanted = run.c.source == key if key else true()
        newest = (
            func.max(run.c.id).label("last"),
            func.max(run.c.id).filter(complete & all_of_it).label("full"),
            func.max(run.c.id).filter(complete & ~all_of_it).label("incremental"),
        )
        with self._database.read() as connection:
            found = connection.execute(select(run.c.source, *newest).where(wanted).group_by(run.c.source)).all()
            ids = {id_ for row in found for id_ in (row.last, row.full, row.incremental)}
            runs = {row.id: _run(row) for row in connection.execute(select(run).where(run.c.id.in_(ids)))}
            failed = {row[0]: row[1] for row in connection.execute(_failed().where(wanted))}
        return {
            row.source: Freshness(
                runs[row.last], runs.get(row.full), runs.get(row.incremental), failed.get(row.source, 0)
            )
            for row in found
        }


def _failed() -> Any:
    """How many runs of each source failed behind the last one that did not."""
    last = func.max(run.c.id).filter(run.c.state.not_in(("failed", "running"))).label("good")
    good = select(run.c.source, last).group_by(run.c.source).subquery()
    behind = (run.c.state == "failed") & (run.c.id > func.coalesce(good.c.good, 0))
    query = select(run.c.source, func.count()).join(good, good.c.source == run.c.source)
    return query.where(behind).group_by(run.c.source)


def _row(connection: Connection, run_id: int) -> Row[Any]:
    row = connection.execute(select(run).where(run.c.id == run_id)).first()
    if row is None:
        raise NotFound(f"There is no run {run_id}; `hub runs` lists them")
    return row


def _held(connection: Connection, run_id: int) -> Row[Any]:
    row = _row(connection, run_id)
    if row.state != "held":
        raise LedgerError(f"Run {run_id} is {row.state}, not held")
    if is_settled(connection, row):
        raise LedgerError(f"Run {run_id} is out of date: {row.source} was listed completely since")
    return row


def _killed(connection: Connection, key: str) -> Row[Any] | None:
    query = select(run).where(run.c.source == key, run.c.state == "running").order_by(run.c.id.desc())
    return connection.execute(query).first()


def _goes_on(killed: Row[Any], declared: Source, since: datetime | None) -> bool:
    """An incremental run is not gone on with where all is to be listed."""
    return killed.listing == _listing(declared) and (killed.since is None or since is not None)


def _since(connection: Connection, declared: Source, full_due: datetime) -> datetime | None:
    """From when on to ask for what changed: where all was listed since `full_due`, and the listing is the same."""

    def newest(condition: ColumnElement[bool]) -> Row[Any] | None:
        ended = (run.c.source == declared.key) & (run.c.state == "complete") & (run.c.listing == _listing(declared))
        return connection.execute(select(run).where(ended & condition).order_by(run.c.id.desc()).limit(1)).first()

    full = newest(run.c.since.is_(None))
    if full is None or full.started < full_due:
        return None
    started: datetime = (newest(run.c.id >= full.id) or full).started
    return started - OVERLAP


def _new(connection: Connection, declared: Source, since: datetime | None, made: Mapping[str, Any]) -> Row[Any]:
    values = {"source": declared.key, "state": "running", "started": datetime.now(UTC), "since": since, **made}
    return connection.execute(insert(run).values(**values, listing=_listing(declared)).returning(run)).one()


def _go_on(connection: Connection, killed: Row[Any], made: Mapping[str, Any]) -> Row[Any]:
    """A killed run in a new process, and perhaps of a newer hub."""
    return connection.execute(update(run).where(run.c.id == killed.id).values(**made).returning(run)).one()


def _count(report: HarvestReport, marked: tuple[int, int]) -> None:
    """Beside what the source itself stated as withdrawn."""
    report.missing = marked[0]
    report.withdrawn += marked[1]


def _end(connection: Connection, run_id: int, report: HarvestReport) -> None:
    """A person's later decision does not move the end; which records were listed is kept as long as one may come."""
    ended = func.coalesce(run.c.ended, literal(datetime.now(UTC), Moment()))
    values = {"state": report.state, "ended": ended, "report": json.dumps(asdict(report))}
    connection.execute(update(run).where(run.c.id == run_id).values(**values))
    if report.state != "held":
        connection.execute(delete(seen).where(seen.c.run == run_id))
