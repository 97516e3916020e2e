"""Pairs of records that may tell the same thing, what persons decided of them, and the clusters that follow from it.

A cluster is a connected component of confirmed pairs. It is named by the record that the hub saw first, and keeps its
members when one is withdrawn: what is shown is made of those that are served.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, insert, select, update
from sqlalchemy.orm import aliased

from hub.errors import LedgerError, NotFound
from hub.ledger.changes import SHOWN
from hub.ledger.database import Database
from hub.ledger.records import append_changes
from hub.ledger.tables import cluster_member, pair, record

OPEN, CONFIRMED, REJECTED = "open", "confirmed", "rejected"
STATES: Final = (OPEN, CONFIRMED, REJECTED)
BY_HAND: Final = '[{"code": "by-hand"}]'  # the reason of a pair that nobody but a person found

Reason = Mapping[str, Any]  # "code", and the values that its words take
Key = tuple[int, int]  # two record ids, the smaller one first


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate: `score` is 0 to 1."""

    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, by IRI, with what speaks for it that they tell the same, and what a person said of it."""

    first: str
    second: str
    kind: str
    score: float
    reasons: tuple[Reason, ...]
    state: str
    found: datetime
    decided: datetime | None
    decided_by: str | None


class Clusters:
    def __init__(self, database: Database) -> None:
        self._database = database

    def suggest(self, found: Mapping[Key, Found], of: Collection[int]) -> None:
        """Puts what was found for some records (`of`) in the place of what was open for them; no decision is touched.

        A rejected pair stays rejected, whatever its records say later.
        """
        touched = pair.c.first.in_(of) | pair.c.second.in_(of)
        with self._database.write() as connection:
            there = {(r.first, r.second): r for r in connection.execute(select(pair).where(touched))}
            fresh = {key: new for key, new in found.items() if key not in there or there[key].state == OPEN}
            gone = [key for key, row in there.items() if row.state == OPEN and key not in fresh]
            _delete(connection, gone)
            _update(connection, {key: new for key, new in fresh.items() if key in there})
            rows = [_row(key, new) for key, new in fresh.items() if key not in there]
            if rows:
                connection.execute(insert(pair), rows)

    def pairs(self, states: Collection[str] = STATES, limit: int | None = None) -> list[Pair]:
        """The pairs whose records are both served; the open ones first, then by score."""
        one, two = aliased(record), aliased(record)
        query = (
            select(pair, one.c.iri.label("iri"), two.c.iri.label("other"), one.c.kind)
            .join(one, one.c.id == pair.c.first)
            .join(two, two.c.id == pair.c.second)
            .where(pair.c.state.in_(states), pair.c.first.in_(_served()), pair.c.second.in_(_served()))
            .order_by(pair.c.state != OPEN, pair.c.score.desc(), pair.c.first, pair.c.second)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_pair(row) for row in connection.execute(query)]

    def confirm(self, first: str, second: str, by: str) -> list[str]:
        """Joins the clusters of two records; the members' IRIs, the one that names the cluster first.

        Raises NotFound for a record that there is not, LedgerError for one that is not served or is of another kind,
        and where a pair that a person rejected would be joined with them.
        """
        with self._database.write() as connection:
            one, two = _both(connection, first, second)
            for row in (one, two):
                _need_served(connection, row)
            _decide(connection, (one.id, two.id), CONFIRMED, by)
            _need_agreement(connection, _component(connection, one.id))
            return _settle(connection, {one.id, two.id}, "clustered").get(one.id, [])

    def reject(self, first: str, second: str, by: str) -> None:
        """Notes that two records do not tell the same. Raises LedgerError where they are joined."""
        with self._database.write() as connection:
            one, two = _both(connection, first, second)
            if two.id in _component(connection, one.id):
                raise LedgerError(f"{first} and {second} are joined; split them with hub clusters --split")
            _decide(connection, (one.id, two.id), REJECTED, by)

    def split(self, first: str, second: str, by: str) -> None:
        """Takes a confirmed pair back, which from then on counts as rejected; both records are as before.

        Raises LedgerError where no such pair was confirmed: two records may be joined by others alone, which it names.
        """
        with self._database.write() as connection:
            one, two = _both(connection, first, second)
            row = connection.execute(select(pair).where(_is((one.id, two.id)))).first()
            if row is None or row.state != CONFIRMED:
                raise LedgerError(_not_joined(connection, one, two))
            _decide(connection, (one.id, two.id), REJECTED, by)
            _settle(connection, {one.id, two.id}, "unclustered")

    def forget(self, iri: str) -> None:
        """Takes a record out of all pairs, whose reasons quote it; what it joined comes apart."""
        with self._database.write() as connection:
            row = _by_iri(connection, iri)
            connection.execute(delete(pair).where((pair.c.first == row.id) | (pair.c.second == row.id)))
            _settle(connection, {row.id}, "unclustered")

    def members(self) -> list[list[str]]:
        """The IRIs of the served records of each cluster of which more than one is served; the naming one first."""
        found: dict[int, list[tuple[bool, int, str]]] = {}
        query = select(record.c.id, record.c.iri, cluster_member.c.cluster).join(
            cluster_member, cluster_member.c.record == record.c.id
        )
        with self._database.read() as connection:
            for row in connection.execute(query.where(SHOWN)):
                found.setdefault(row.cluster, []).append((row.id != row.cluster, row.id, row.iri))
        return [[iri for *_, iri in sorted(found[c])] for c in sorted(found) if len(found[c]) > 1]


def _served() -> Any:
    return select(record.c.id).where(SHOWN)


def _is(key: Key) -> ColumnElement[bool]:
    return (pair.c.first == min(key)) & (pair.c.second == max(key))


def _pair(row: Row[Any]) -> Pair:
    told = (row.score, tuple(json.loads(row.reasons)), row.state, row.found, row.decided, row.decided_by)
    return Pair(row.iri, row.other, row.kind, *told)


def _reasons(found: Found) -> str:
    return json.dumps(list(found.reasons), ensure_ascii=False)


def _row(key: Key, found: Found) -> dict[str, Any]:
    told = {"score": found.score, "reasons": _reasons(found), "state": OPEN, "found": datetime.now(UTC)}
    return {"first": min(key), "second": max(key), **told}


_OF: Final = (pair.c.first == bindparam("of_first")) & (pair.c.second == bindparam("of_second"))


def _delete(connection: Connection, keys: Iterable[Key]) -> None:
    if rows := [{"of_first": first, "of_second": second} for first, second in keys]:
        connection.execute(delete(pair).where(_OF), rows)


def _update(connection: Connection, found: Mapping[Key, Found]) -> None:
    values: dict[str, Any] = {"score": bindparam("new_score"), "reasons": bindparam("new_reasons")}
    rows = [
        {"of_first": key[0], "of_second": key[1], "new_score": new.score, "new_reasons": _reasons(new)}
        for key, new in found.items()
    ]
    if rows:
        connection.execute(update(pair).where(_OF).values(**values), rows)


def _by_iri(connection: Connection, iri: str) -> Row[Any]:
    row = connection.execute(select(record).where(record.c.iri == iri)).first()
    if row is None:
        raise NotFound("There is no record {iri}", iri=iri)
    return row


def _both(connection: Connection, first: str, second: str) -> tuple[Row[Any], Row[Any]]:
    one, two = _by_iri(connection, first), _by_iri(connection, second)
    if one.id == two.id:
        raise LedgerError(f"{first} was named twice; a pair is two records")
    if one.kind != two.kind:
        raise LedgerError(f"{first} is of kind {one.kind}, {second} of kind {two.kind}; a pair is of one kind")
    return one, two


def _need_served(connection: Connection, row: Row[Any]) -> None:
    if connection.execute(select(record.c.id).where(record.c.id == row.id, SHOWN)).first() is None:
        raise LedgerError(
            f"{row.iri} is {row.state}, so there is nothing of it to show; only served records are joined"
        )


def _need_agreement(connection: Connection, ids: Collection[int]) -> None:
    inside = pair.c.first.in_(ids) & pair.c.second.in_(ids) & (pair.c.state == REJECTED)
    row = connection.execute(select(pair.c.first, pair.c.second).where(inside)).first()
    if row is not None:
        first, second = (r.iri for r in _in_order(connection, row))
        raise LedgerError(f"This would join {first} and {second} too, which were rejected; confirm those first")


def _decide(connection: Connection, key: Key, state: str, by: str) -> None:
    """Notes what a person said; also of a pair that nobody found before."""
    values = {"state": state, "decided": datetime.now(UTC), "decided_by": by}
    if connection.execute(update(pair).where(_is(key)).values(**values)).rowcount:
        return
    told = {"first": min(key), "second": max(key), "score": float(state == CONFIRMED), "reasons": BY_HAND}
    connection.execute(insert(pair).values(**told, found=datetime.now(UTC), **values))


def _component(connection: Connection, start: int) -> set[int]:
    """The records that confirmed pairs lead to from one, itself among them."""
    found, fresh = {start}, {start}
    while fresh:
        near = pair.c.first.in_(fresh) | pair.c.second.in_(fresh)
        rows = connection.execute(select(pair.c.first, pair.c.second).where(near, pair.c.state == CONFIRMED))
        fresh = {id_ for row in rows for id_ in row} - found
        found |= fresh
    return found


def _settle(connection: Connection, ids: Collection[int], reason: str) -> dict[int, list[str]]:
    """Makes the clusters around some records anew; IRIs by member. A change row for each record whose cluster moved."""
    before = _memberships(connection, ids)
    after: dict[int, int] = {}
    named: dict[int, list[str]] = {}
    for id_ in sorted({*ids, *before}):
        rows = [] if id_ in after else _in_order(connection, _component(connection, id_))
        if len(rows) > 1:
            after |= {row.id: rows[0].id for row in rows}
            named |= {row.id: [r.iri for r in rows] for row in rows}
    connection.execute(delete(cluster_member).where(cluster_member.c.record.in_({*before, *after})))
    if after:
        connection.execute(insert(cluster_member), [{"record": r, "cluster": c} for r, c in sorted(after.items())])
    if before != after:
        append_changes(connection, dict.fromkeys(sorted({*before, *after}), reason))
    return named


def _memberships(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    """Record → cluster, of every member of the clusters that these records are in."""
    theirs = select(cluster_member.c.cluster).where(cluster_member.c.record.in_(ids))
    rows = connection.execute(select(cluster_member).where(cluster_member.c.cluster.in_(theirs)))
    return {row.record: row.cluster for row in rows}


def _in_order(connection: Connection, ids: Collection[int]) -> list[Row[Any]]:
    """The records by when they were first seen."""
    return list(
        connection.execute(select(record).where(record.c.id.in_(ids)).order_by(record.c.first_seen, record.c.id))
    )


def _not_joined(connection: Connection, one: Row[Any], two: Row[Any]) -> str:
    if two.id not in _component(connection, one.id):
        return f"{one.iri} and {two.iri} are not joined, so there is nothing to split"
    through = ", ".join(sorted(_neighbours(connection, one.id)))
    return f"{one.iri} and {two.iri} are joined only through others; {one.iri} is joined with {through}: split those"


def _neighbours(connection: Connection, id_: int) -> Iterator[str]:
    near = (pair.c.first == id_) | (pair.c.second == id_)
    rows = connection.execute(select(pair.c.first, pair.c.second).where(near, pair.c.state == CONFIRMED)).all()
    others = {other for row in rows for other in row} - {id_}
    yield from connection.execute(select(record.c.iri).where(record.c.id.in_(others))).scalars()
