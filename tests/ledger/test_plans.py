"""What SQLite reads for a page: rows found by an index, whatever number of records the source has."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from hub.ledger import Ledger
from hub.model import HarvestReport
from tests.ledger.records import BASE, arrival, source

WHOLE = ("SCAN record", "SCAN version", "SCAN change", "SCAN mention", "SCAN seen", "(source=?)")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", BASE)
    yield opened
    opened.close()


@contextmanager
def plans(ledger: Ledger) -> Iterator[dict[str, list[str]]]:
    """Each statement of the block with the steps of its plan."""
    told: dict[str, list[str]] = {}

    def explain(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            rows = connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", [None] * statement.count("?"))
            told[statement] = [row[3] for row in rows]

    event.listen(ledger.database.engine, "before_cursor_execute", explain)
    try:
        yield told
    finally:
        event.remove(ledger.database.engine, "before_cursor_execute", explain)


def test_a_page_costs_the_same_in_a_large_source(ledger: Ledger) -> None:
    """Asked for pairs of kind and identifier, it read all records of the source, page after page."""
    arrivals, report = [arrival("here", name) for name in "abc"], HarvestReport("here")
    raws = [one.raw for one in arrivals]
    with ledger.runs.begin(source(), resumable=False) as run, plans(ledger) as told:
        page: Callable[..., None] = ledger.records.commit_page
        page(run.id, "here", arrivals=arrivals, report=report)
        known = list(ledger.records.known("here", raws).values())
        page(run.id, "here", arrivals=arrivals[:1], unchanged=known[1:2], deleted=known[2:], report=report)
        ledger.changes.records(record for _, record in ledger.changes.after(0))
    assert len(known) == 3 and len(told) > 10
    assert {statement: plan for statement, plan in told.items() if any(w in step for w in WHOLE for step in plan)} == {}
