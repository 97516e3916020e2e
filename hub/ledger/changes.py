"""What the projections read: which records moved, and each record as it is now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, delete, func, insert, select, update
from sqlalchemy.orm import aliased

from hub.errors import NotFound
from hub.ledger.database import Database
from hub.ledger.tables import change, cluster_member, mention, position, record, unprojected, version

SERVED: Final = ("live", "stale", "missing")
SHOWN: Final = record.c.state.in_(SERVED) & record.c.served_version.is_not(None)


@dataclass(frozen=True, slots=True)
class LedgerRecord:
    """A record as it is now. `graph` is the served version's statements, sorted N-Triples lines; "" without one.

    `run` brought that version; None where it was mapped anew from its stored payload. `payload_checksum` (SHA-256) is
    of what the source sent for it; None where a newer one came that is not valid.
    `cluster` is the IRI that names the record's cluster: usually its own.
    """

    id: int
    iri: str
    kind: str
    source: str
    identifier: str
    state: str
    graph: str
    run: int | None
    seq: int
    first_seen: datetime
    last_seen: datetime
    changed: datetime | None
    cluster: str
    payload_checksum: str | None

    @property
    def served(self) -> bool:
        return self.state in SERVED and bool(self.graph)


def _rows() -> Select[Any]:
    naming = aliased(record, name="naming")
    return (
        select(
            record,
            version.c.graph,
            version.c.run,
            version.c.created.label("changed"),
            func.coalesce(naming.c.iri, record.c.iri).label("cluster"),
        )
        .outerjoin(version, version.c.id == record.c.served_version)
        .outerjoin(cluster_member, cluster_member.c.record == record.c.id)
        .outerjoin(naming, naming.c.id == cluster_member.c.cluster)
    )


def _record(row: Row[Any]) -> LedgerRecord:
    return LedgerRecord(
        row.id,
        row.iri,
        row.kind,
        row.source,
        row.identifier,
        row.state,
        row.graph or "",
        row.run,
        row.seq,
        row.first_seen,
        row.last_seen,
        row.changed,
        row.cluster,
        row.payload_checksum if row.served_version == row.latest_version else None,
    )


class Changes:
    def __init__(self, database: Database) -> None:
        self._database = database

    def head(self) -> int:
        """The number of the newest change; 0 before the first."""
        with self._database.read() as connection:
            return connection.execute(select(func.max(change.c.seq))).scalar() or 0

    def after(self, seq: int, limit: int = 500) -> list[tuple[int, int]]:
        """(change number, record id) behind `seq`, in order."""
        query = select(change.c.seq, change.c.record).where(change.c.seq > seq).order_by(change.c.seq).limit(limit)
        with self._database.read() as connection:
            return [(row.seq, row.record) for row in connection.execute(query)]

    def records(self, ids: Iterable[int]) -> list[LedgerRecord]:
        """These records as they are now, by id."""
        return self._select(record.c.id.in_(set(ids)))

    def all_records(self, after: int = 0, limit: int = 500) -> list[LedgerRecord]:
        """The records with an id behind `after`, by id: a walk over all of them, for a rebuild."""
        return self._select(record.c.id > after, limit)

    def served_of(self, source: str, after: int = 0, limit: int = 500) -> list[LedgerRecord]:
        """The served records of a source with an id behind `after`, by id."""
        return self._select((record.c.source == source) & (record.c.id > after) & SHOWN, limit)

    def _select(self, condition: ColumnElement[bool], limit: int | None = None) -> list[LedgerRecord]:
        with self._database.read() as connection:
            query = _rows().where(condition).order_by(record.c.id).limit(limit)
            return [_record(row) for row in connection.execute(query)]

    def clusters(self, records: Sequence[LedgerRecord]) -> Mapping[str, list[LedgerRecord]]:
        """Every member of these records' clusters, by the cluster's IRI; the record that names it comes first."""
        names = {r.cluster for r in records}
        naming = aliased(record, name="named")
        joined = (
            select(cluster_member.c.record)
            .join(naming, naming.c.id == cluster_member.c.cluster)
            .where(naming.c.iri.in_(names))
        )
        found: dict[str, list[LedgerRecord]] = {name: [] for name in sorted(names)}
        for member in self._select(record.c.iri.in_(names) | record.c.id.in_(joined)):
            found.setdefault(member.cluster, []).append(member)
        return {name: sorted(members, key=lambda m: (m.iri != name, m.id)) for name, members in found.items()}

    def record(self, iri: str) -> LedgerRecord:
        """One record; NotFound where the ledger has none of that IRI."""
        found = self._select(record.c.iri == iri)
        if not found:
            raise NotFound("There is no record {iri}", iri=iri)
        return found[0]

    def mentioning(self, entity: str, limit: int) -> list[LedgerRecord]:
        """Served records that speak of an entity, listed by itself or not; the first ones by id."""
        ids = select(mention.c.record).where(mention.c.entity == entity)
        return self._select(record.c.id.in_(ids) & SHOWN, limit)

    def tell_position(self, projection: str, seq: int) -> None:
        values = {"seq": seq, "told": datetime.now(UTC)}
        with self._database.write() as connection:
            told = connection.execute(update(position).where(position.c.projection == projection).values(**values))
            if not told.rowcount:
                connection.execute(insert(position).values(projection=projection, **values))

    def positions(self) -> dict[str, int]:
        with self._database.read() as connection:
            return {row.projection: row.seq for row in connection.execute(select(position))}

    def set_aside(self, projection: str, record_id: int, reason: str) -> None:
        """Notes that a projection's engine refused a record."""
        with self._database.write() as connection:
            self._forget(connection, projection, [record_id])
            values = {"projection": projection, "record": record_id, "reason": reason}
            connection.execute(insert(unprojected).values(**values))

    def projected(self, projection: str, ids: Sequence[int]) -> None:
        """Forgets that these records were refused."""
        with self._database.read() as connection:
            there = connection.execute(select(unprojected).where(unprojected.c.projection == projection)).first()
        if there:
            with self._database.write() as connection:
                self._forget(connection, projection, ids)

    @staticmethod
    def _forget(connection: Any, projection: str, ids: Sequence[int]) -> None:
        ours = (unprojected.c.projection == projection) & unprojected.c.record.in_(ids)
        connection.execute(delete(unprojected).where(ours))

    def unprojected(self) -> list[tuple[str, str, str]]:
        """(projection, record IRI, reason) of each record that an engine refused."""
        query = select(unprojected.c.projection, record.c.iri, unprojected.c.reason).join(
            record, record.c.id == unprojected.c.record
        )
        with self._database.read() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(query)]
