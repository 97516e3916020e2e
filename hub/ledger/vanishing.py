"""What a full listing lacks: whether that is believed, what becomes of it, and how that is taken back."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, or_, select, update

from hub.ledger.records import append_changes, standing
from hub.ledger.tables import change, record, run, seen

GRACE: Final = 2  # further complete listings without a record before it is withdrawn
DROP_COUNT, DROP_SHARE = 5, 0.1  # more than the larger of these vanishing at once holds a run


def doubt(connection: Connection, of: Row[Any], limits: Mapping[str, Any]) -> str:
    """Why a person should look before what a run did not list goes missing; empty where nothing is suspicious."""
    ours = (record.c.source == of.source) & record.c.state.in_(("live", "stale"))
    older = ours & (record.c.first_seen < of.started)
    there = connection.execute(select(func.count()).where(older)).scalar_one()
    gone = connection.execute(select(func.count()).where(ours & _unlisted(of))).scalar_one()
    listed = connection.execute(select(func.count()).where(seen.c.run == of.id)).scalar_one()
    return suspicion(there, gone, listed, limits)


def suspicion(there: int, gone: int, listed: int, limits: Mapping[str, Any]) -> str:
    """What is suspicious of a listing of so many records, without so many of those that were there; empty: nothing."""
    allowed = max(limits.get("drop_count", DROP_COUNT), limits.get("drop_share", DROP_SHARE) * there)
    if there and not listed:
        return f"The listing is empty, though {there} records were there."
    if gone and (gone * 2 >= there or gone > allowed):
        return f"{gone} of {there} records vanished at once."
    return ""


def _unlisted(of: Row[Any]) -> ColumnElement[bool]:
    """A record of the run's source that neither its listing had, nor one that began behind it."""
    listed = select(seen.c.record).where(seen.c.run == of.id)
    there = (record.c.source == of.source) & (record.c.state != "withdrawn")
    return and_(there, record.c.last_seen < of.started, record.c.id.not_in(listed))


def mark_missing(connection: Connection, of: Row[Any]) -> tuple[int, int]:
    """Counts a full listing against what it did not have; (how many are missing, how many were withdrawn)."""
    row_of = select(record.c.id, record.c.state, record.c.missing_runs)  # there may be a hundred thousand
    rows = connection.execute(row_of.where(_unlisted(of))).all()
    moved = {row.id: ("withdrawn" if row.missing_runs >= GRACE else "missing", row.missing_runs + 1) for row in rows}
    _put(connection, moved)
    reasons = {row.id: moved[row.id][0] for row in rows if moved[row.id][0] != row.state}
    append_changes(connection, reasons, of.id)
    withdrawn = sum(state == "withdrawn" for state, _ in moved.values())
    return len(rows) - withdrawn, withdrawn


def take_back(connection: Connection, of: Row[Any]) -> tuple[int, int]:
    """As if a run had taken nothing as missing or withdrawn; (how many are back, how many are missing all the same).

    A record that was listed since, or that a later run withdrew by its source's own statement, stays as it is.
    """
    moved: dict[int, tuple[str, int]] = {}
    reasons: dict[int, str] = {}
    for row in _taken(connection, of):
        was_counted = of.since is None and row.missing_runs > 0
        missing_runs = row.missing_runs - was_counted
        moved[row.id] = ("missing" if missing_runs else standing(row), missing_runs)
        if moved[row.id][0] != row.state:
            reasons[row.id] = "restored"
    _put(connection, moved)
    append_changes(connection, reasons)
    back = sum(state != "missing" for state, _ in moved.values())
    return back, len(moved) - back


def _taken(connection: Connection, of: Row[Any]) -> Iterable[Row[Any]]:
    """The records that are missing or withdrawn, wholly or in part, because of a run."""
    its = change.alias()
    withdrawn_by = select(func.max(its.c.run)).where(its.c.record == record.c.id, its.c.reason == "withdrawn")
    by = withdrawn_by.scalar_subquery()
    by_statement = (record.c.state == "withdrawn") & (record.c.missing_runs <= GRACE) & (by == of.id)
    in_its_grace = record.c.state == "missing"
    behind_its_grace = (record.c.state == "withdrawn") & (record.c.missing_runs > GRACE) & (by >= of.id)
    counted = (record.c.last_seen < of.started) & or_(in_its_grace, behind_its_grace)
    condition = or_(by_statement, counted) if of.since is None else by_statement
    return connection.execute(select(record).where(record.c.source == of.source, condition)).all()


def _put(connection: Connection, moved: Mapping[int, tuple[str, int]]) -> None:
    """New (state, missing_runs) by record; row by row: a list of all ids could be longer than a database takes."""
    if moved:
        values: dict[str, Any] = {"state": bindparam("now"), "missing_runs": bindparam("count")}
        rows = [{"of": id_, "now": state, "count": count} for id_, (state, count) in moved.items()]
        connection.execute(update(record).where(record.c.id == bindparam("of")).values(**values), rows)


def is_settled(connection: Connection, of: Row[Any]) -> bool:
    """Whether the source was listed completely, and in full, behind this run."""
    later = select(run.c.id).where(
        run.c.source == of.source, run.c.id > of.id, run.c.state == "complete", run.c.since.is_(None)
    )
    return connection.execute(later).first() is not None
