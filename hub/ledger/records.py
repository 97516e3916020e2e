"""Records and their versions: what a page of a harvest brought, appended in one transaction with its checkpoint."""

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import Column, Connection, Row, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from hub.errors import NotFound
from hub.ledger.database import Database
from hub.ledger.statements import Statements, checksum
from hub.ledger.tables import change, mention, record, run, seen, version
from hub.model import HarvestReport, RawRecord

SERVED = ("live", "stale", "missing")


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger remembers of a record that a listing has again."""

    id: int
    iri: str
    state: str
    payload_checksum: str | None
    mapped_with: str | None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record that is new, changed, or mapped anew, with its verdict; `report` is JSON.

    `statements` is empty where the record could not be mapped.
    """

    raw: RawRecord
    iri: str
    mapped_with: str
    statements: Statements
    report: str
    valid: bool
    mentions: frozenset[str] = frozenset()

    @property
    def outcome(self) -> "Outcome":
        return checksum(self.statements), self.report


Outcome = tuple[str, str]  # what a payload was made into: its graph's checksum, and its report


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record, with the payload that it was made from."""

    id: int
    record: int
    run: int | None
    payload: bytes
    media_type: str
    graph: str
    checksum: str
    report: str
    created: datetime


Effect = Literal["created", "changed", "quarantined", "failed", "withdrawn", "unchanged"]


class Records:
    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, source: str, raws: Iterable[RawRecord]) -> dict[tuple[str, str], Known]:
        """The records of a page that the ledger has, by (kind, identifier)."""
        with self._database.read() as connection:
            rows = _there(connection, source, {(raw.kind, raw.identifier) for raw in raws})
        return {
            key: Known(row.id, row.iri, row.state, row.payload_checksum, row.mapped_with) for key, row in rows.items()
        }

    def commit_page(
        self,
        run_id: int | None,
        source: str,
        *,
        arrivals: Sequence[Arrival] = (),
        unchanged: Sequence[Known] = (),
        deleted: Sequence[Known] = (),
        checkpoint: str | None = None,
        report: HarvestReport,
    ) -> None:
        """Appends all that a page brought, with the run's checkpoint and its counts so far (`report` is counted up)."""
        with self._database.write() as connection:
            arrived, effects = _arrive(connection, run_id, source, arrivals)
            effects += [_see_again(connection, known, run_id) for known in unchanged]
            effects += [_withdraw(connection, known, run_id) for known in deleted]
            _count(report, effects)
            if run_id is not None:
                _mark_seen(connection, run_id, [*(known.id for known in unchanged), *arrived])
                values = {"checkpoint": checkpoint, "report": json.dumps(asdict(report))}
                connection.execute(update(run).where(run.c.id == run_id).values(**values))

    def outcomes(self, ids: Sequence[int]) -> dict[int, Outcome]:
        """What became of the latest payload of these records, by id."""
        if not ids:
            return {}
        query = select(record.c.id, version.c.checksum, version.c.report)
        joined = query.join(version, version.c.id == record.c.latest_version).where(record.c.id.in_(ids))
        with self._database.read() as connection:
            return {row.id: (row.checksum, row.report) for row in connection.execute(joined)}

    def latest(self, source: str, after: int = 0, limit: int = 100) -> list[tuple[Known, RawRecord, Outcome]]:
        """Records of a source with their latest payload, and what became of it; by id, behind `after`."""
        query = (
            select(record, version.c.payload, version.c.media_type, version.c.checksum, version.c.report)
            .join(version, version.c.id == record.c.latest_version)
            .where(record.c.source == source, record.c.id > after, record.c.state != "withdrawn")
            .order_by(record.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [
                (
                    Known(row.id, row.iri, row.state, row.payload_checksum, row.mapped_with),
                    RawRecord(row.identifier, row.payload, row.media_type, row.kind),
                    (row.checksum, row.report),
                )
                for row in connection.execute(query)
            ]

    def remapped(self, known: Sequence[Known], mapped_with: str) -> None:
        """Notes that records were mapped anew and came out the same: no version, no change."""
        ids = [k.id for k in known]
        if not ids:
            return
        with self._database.write() as connection:
            connection.execute(update(record).where(record.c.id.in_(ids)).values(mapped_with=mapped_with))

    def state(self, iri: str) -> str:
        with self._database.read() as connection:
            return str(_by_iri(connection, iri).state)

    def versions(self, iri: str) -> list[Version]:
        """All versions of a record, the newest first."""
        with self._database.read() as connection:
            query = select(version).where(version.c.record == _by_iri(connection, iri).id)
            rows = connection.execute(query.order_by(version.c.id.desc())).all()
        return [Version(**row._mapping) for row in rows]

    def mapped(self) -> dict[str, dict[str, int]]:
        """How many records each source has that were mapped with which edition of the rules."""
        found: dict[str, dict[str, int]] = {}
        there = record.c.state != "withdrawn"
        query = select(record.c.source, record.c.mapped_with, func.count()).where(there)
        with self._database.read() as connection:
            for source, edition, count in connection.execute(query.group_by(record.c.source, record.c.mapped_with)):
                found.setdefault(source, {})[edition or ""] = count
        return found

    def counts(self) -> dict[str, dict[str, int]]:
        """How many records each source has in each state."""
        found: dict[str, dict[str, int]] = {}
        query = select(record.c.source, record.c.state, func.count()).group_by(record.c.source, record.c.state)
        with self._database.read() as connection:
            for source, state, count in connection.execute(query):
                found.setdefault(source, {})[state] = count
        return found


def _count(report: HarvestReport, effects: Sequence[Effect]) -> None:
    report.seen += len(effects)
    for effect in effects:
        setattr(report, effect, getattr(report, effect) + 1)


def _by_iri(connection: Connection, iri: str) -> Row[Any]:
    row = connection.execute(select(record).where(record.c.iri == iri)).first()
    if row is None:
        raise NotFound("There is no record {iri}", iri=iri)
    return row


def _mark_seen(connection: Connection, run_id: int, ids: Sequence[int]) -> None:
    if not ids:
        return
    insert_or = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    rows = [{"run": run_id, "record": id_} for id_ in dict.fromkeys(ids)]
    connection.execute(insert_or(seen).on_conflict_do_nothing(), rows)
    connection.execute(update(record).where(record.c.id.in_(ids)).values(last_seen=datetime.now(UTC), missing_runs=0))


def append_changes(connection: Connection, reasons: Mapping[int, str], run_id: int | None = None) -> None:
    """Tells the projections that records moved (id → reason); numbered in the order of commits (`Database.write`).

    `run_id` is the run that they moved in, or None where a person or a new mapping moved them.
    """
    if not reasons:
        return
    of_all = {"created": datetime.now(UTC), "run": run_id}
    rows = [{"record": id_, "reason": reason, **of_all} for id_, reason in reasons.items()]
    numbers = _insert_all(connection, change, change.c.seq, rows)
    moved = [{"of": id_, "number": seq} for id_, seq in zip(reasons, numbers, strict=True)]
    connection.execute(update(record).where(record.c.id == bindparam("of")).values(seq=bindparam("number")), moved)


def _insert_all(connection: Connection, table: Table, key: Column[int], rows: list[dict[str, Any]]) -> list[int]:
    """Inserts rows in their order, in few statements; the numbers that they got."""
    if not rows:
        return []
    return list(connection.execute(insert(table).returning(key, sort_by_parameter_order=True), rows).scalars())


def _arrive(
    connection: Connection, run_id: int | None, source: str, arrivals: Sequence[Arrival]
) -> tuple[list[int], list[Effect]]:
    """Appends a version of each record, in as many statements for a page as for one record; ids and effects."""
    rows, created = _rows(connection, source, arrivals)
    versions = _insert_all(connection, version, version.c.id, [_version(run_id, a, rows[_key(a)].id) for a in arrivals])
    states, reasons, effects = [], {}, list[Effect]()
    for arrival, version_id in zip(arrivals, versions, strict=True):
        row, is_new = rows[_key(arrival)], _key(arrival) in created
        states.append(_state(row, arrival, version_id, listed=run_id is not None))
        reasons[row.id] = "created" if is_new else "changed"
        good: Effect = "created" if is_new else "changed"
        bad: Effect = "quarantined" if arrival.statements else "failed"
        effects.append(good if arrival.valid else bad)
    if states:
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _STATE}
        connection.execute(update(record).where(record.c.id == bindparam("of")).values(**values), states)
    _put_mentions(connection, {rows[_key(a)].id: a.mentions for a in arrivals if a.valid})
    append_changes(connection, reasons, run_id)
    return list(reasons), effects


_STATE: Final = ("state", "latest_version", "served_version", "payload_checksum", "mapped_with")


def _key(arrival: Arrival) -> tuple[str, str]:
    return arrival.raw.kind, arrival.raw.identifier


def _rows(
    connection: Connection, source: str, arrivals: Sequence[Arrival]
) -> tuple[dict[tuple[str, str], Row[Any]], set[tuple[str, str]]]:
    """The records' rows by (kind, identifier), and which of them are new."""
    keys = {_key(arrival) for arrival in arrivals}
    rows = _there(connection, source, keys)
    new = [_new_record(source, arrival) for arrival in arrivals if _key(arrival) not in rows]
    if not new:
        return rows, set()
    connection.execute(insert(record), new)
    return _there(connection, source, keys), {(row["kind"], row["identifier"]) for row in new}


def _there(connection: Connection, source: str, keys: Set[tuple[str, str]]) -> dict[tuple[str, str], Row[Any]]:
    """The rows that a source has of these (kind, identifier).

    Asked for pairs, SQLite reads all records of the source: at 600,000 a page of 100 took 0.8 s.
    """
    kinds, identifiers = {kind for kind, _ in keys}, {identifier for _, identifier in keys}
    query = select(record).where(
        record.c.source == source, record.c.kind.in_(kinds), record.c.identifier.in_(identifiers)
    )
    return {key: row for row in connection.execute(query) if (key := (row.kind, row.identifier)) in keys}


def _new_record(source: str, arrival: Arrival) -> dict[str, Any]:
    now = datetime.now(UTC)
    kind, identifier = _key(arrival)
    named = {"iri": arrival.iri, "kind": kind, "source": source, "identifier": identifier}
    return {**named, "state": "quarantined", "first_seen": now, "last_seen": now}


def _version(run_id: int | None, arrival: Arrival, record_id: int) -> dict[str, Any]:
    return {
        "record": record_id,
        "run": run_id,
        "payload": arrival.raw.payload,
        "media_type": arrival.raw.media_type,
        "graph": arrival.statements,
        "checksum": checksum(arrival.statements),
        "report": arrival.report,
        "created": datetime.now(UTC),
    }


def _state(row: Row[Any], arrival: Arrival, version_id: int, *, listed: bool) -> dict[str, Any]:
    """What becomes of a record; one that was mapped anew but not listed again stays missing."""
    state = "live" if arrival.valid else ("stale" if row.served_version else "quarantined")
    return {
        "of": row.id,
        "new_state": "missing" if row.state == "missing" and not listed else state,
        "new_latest_version": version_id,
        "new_served_version": version_id if arrival.valid else row.served_version,
        "new_payload_checksum": checksum(arrival.raw.payload),
        "new_mapped_with": arrival.mapped_with,
    }


def _put_mentions(connection: Connection, entities: Mapping[int, frozenset[str]]) -> None:
    if entities:
        connection.execute(delete(mention).where(mention.c.record.in_(entities)))
    rows = [{"entity": entity, "record": id_} for id_, names in entities.items() for entity in sorted(names)]
    if rows:
        connection.execute(insert(mention), rows)


def standing(row: Row[Any]) -> str:
    """The state that a record's versions give it while its source lists it."""
    if row.served_version is None:
        return "quarantined"
    return "live" if row.served_version == row.latest_version else "stale"


def _see_again(connection: Connection, known: Known, run_id: int | None) -> Effect:
    """An unchanged record; one that was missing or withdrawn is back."""
    if known.state not in ("missing", "withdrawn"):
        return "unchanged"
    row = connection.execute(select(record).where(record.c.id == known.id)).one()
    connection.execute(update(record).where(record.c.id == known.id).values(state=standing(row)))
    append_changes(connection, {known.id: "restored"}, run_id)
    return "changed"


def _withdraw(connection: Connection, known: Known, run_id: int | None) -> Effect:
    """The source's own statement that a record is deleted needs no grace."""
    if known.state == "withdrawn":
        return "unchanged"
    connection.execute(update(record).where(record.c.id == known.id).values(state="withdrawn"))
    append_changes(connection, {known.id: "withdrawn"}, run_id)
    return "withdrawn"
