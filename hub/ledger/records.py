"""Records and their versions: what a page of a harvest brought, appended in one transaction with its checkpoint."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, insert, select, tuple_, update
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
        keys = [(raw.kind, raw.identifier) for raw in raws]
        query = select(record).where(record.c.source == source, tuple_(record.c.kind, record.c.identifier).in_(keys))
        with self._database.read() as connection:
            return {
                (row.kind, row.identifier): Known(row.id, row.iri, row.state, row.payload_checksum, row.mapped_with)
                for row in connection.execute(query)
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
            effects = [_arrive(connection, run_id, source, arrival) for arrival in arrivals]
            effects += [_see_again(connection, known) for known in unchanged]
            effects += [_withdraw(connection, known) for known in deleted]
            _count(report, effects)
            if run_id is not None:
                listed = [known.id for known in unchanged] + _ids(connection, source, arrivals)
                _mark_seen(connection, run_id, listed)
                values = {"checkpoint": checkpoint, "report": json.dumps(asdict(report))}
                connection.execute(update(run).where(run.c.id == run_id).values(**values))

    def latest(self, source: str, after: int = 0, limit: int = 100) -> list[tuple[Known, RawRecord, str, str]]:
        """Records of a source with their latest payload, its graph's checksum and its report; by id, behind `after`."""
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
                    row.checksum,
                    row.report,
                )
                for row in connection.execute(query)
            ]

    def remapped(self, known: Sequence[Known], mapped_with: str) -> None:
        """Notes that records were mapped anew and came out the same: no version, no change."""
        with self._database.write() as connection:
            ids = [k.id for k in known]
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

    def counts(self) -> dict[str, dict[str, int]]:
        """How many records each source has in each state."""
        found: dict[str, dict[str, int]] = {}
        with self._database.read() as connection:
            for source, state in connection.execute(select(record.c.source, record.c.state)):
                states = found.setdefault(source, {})
                states[state] = states.get(state, 0) + 1
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


def _ids(connection: Connection, source: str, arrivals: Sequence[Arrival]) -> list[int]:
    keys = [(arrival.raw.kind, arrival.raw.identifier) for arrival in arrivals]
    query = select(record.c.id).where(record.c.source == source, tuple_(record.c.kind, record.c.identifier).in_(keys))
    return list(connection.execute(query).scalars())


def _mark_seen(connection: Connection, run_id: int, ids: Sequence[int]) -> None:
    if not ids:
        return
    insert_or = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    rows = [{"run": run_id, "record": id_} for id_ in dict.fromkeys(ids)]
    connection.execute(insert_or(seen).on_conflict_do_nothing(), rows)
    connection.execute(update(record).where(record.c.id.in_(ids)).values(last_seen=datetime.now(UTC), missing_runs=0))


def append_change(connection: Connection, record_id: int, reason: str) -> None:
    """Tells the projections that a record moved; its number is in the order of commits (`Database.write`)."""
    now = datetime.now(UTC)
    seq = connection.execute(insert(change).values(record=record_id, reason=reason, created=now)).inserted_primary_key
    connection.execute(update(record).where(record.c.id == record_id).values(seq=seq[0] if seq else 0))


def _arrive(connection: Connection, run_id: int | None, source: str, arrival: Arrival) -> Effect:
    row, created = _row(connection, source, arrival)
    version_id = _append_version(connection, run_id, row.id, arrival)
    state = "live" if arrival.valid else ("stale" if row.served_version else "quarantined")
    if run_id is None and row.state == "missing":
        state = "missing"  # mapped anew, not listed again
    values: dict[str, Any] = {
        "state": state,
        "latest_version": version_id,
        "payload_checksum": checksum(arrival.raw.payload),
        "mapped_with": arrival.mapped_with,
    }
    if arrival.valid:
        values["served_version"] = version_id
        _put_mentions(connection, row.id, arrival.mentions)
    connection.execute(update(record).where(record.c.id == row.id).values(**values))
    append_change(connection, row.id, "created" if created else "changed")
    if not arrival.valid:
        return "quarantined" if arrival.statements else "failed"
    return "created" if created else "changed"


def _row(connection: Connection, source: str, arrival: Arrival) -> tuple[Row[Any], bool]:
    """The record's row, and whether it is new."""
    same = (record.c.source == source) & (record.c.kind == arrival.raw.kind)
    found = connection.execute(select(record).where(same, record.c.identifier == arrival.raw.identifier)).first()
    if found:
        return found, False
    now = datetime.now(UTC)
    values = {
        "iri": arrival.iri,
        "kind": arrival.raw.kind,
        "source": source,
        "identifier": arrival.raw.identifier,
        "state": "quarantined",
        "first_seen": now,
        "last_seen": now,
    }
    return connection.execute(insert(record).values(**values).returning(record)).one(), True


def _append_version(connection: Connection, run_id: int | None, record_id: int, arrival: Arrival) -> int:
    values = {
        "record": record_id,
        "run": run_id,
        "payload": arrival.raw.payload,
        "media_type": arrival.raw.media_type,
        "graph": arrival.statements,
        "checksum": checksum(arrival.statements),
        "report": arrival.report,
        "created": datetime.now(UTC),
    }
    return int(connection.execute(insert(version).values(**values).returning(version.c.id)).scalar_one())


def _put_mentions(connection: Connection, record_id: int, entities: frozenset[str]) -> None:
    connection.execute(delete(mention).where(mention.c.record == record_id))
    if entities:
        connection.execute(insert(mention), [{"entity": entity, "record": record_id} for entity in sorted(entities)])


def _see_again(connection: Connection, known: Known) -> Effect:
    """An unchanged record; one that was missing or withdrawn is back."""
    if known.state not in ("missing", "withdrawn"):
        return "unchanged"
    row = connection.execute(select(record).where(record.c.id == known.id)).one()
    if row.served_version is None:
        state = "quarantined"
    else:
        state = "live" if row.served_version == row.latest_version else "stale"
    connection.execute(update(record).where(record.c.id == known.id).values(state=state))
    append_change(connection, known.id, "restored")
    return "changed"


def _withdraw(connection: Connection, known: Known) -> Effect:
    """The source's own statement that a record is deleted needs no grace."""
    if known.state == "withdrawn":
        return "unchanged"
    connection.execute(update(record).where(record.c.id == known.id).values(state="withdrawn"))
    append_change(connection, known.id, "withdrawn")
    return "withdrawn"
