"""Tables over HTTP: CSV, XLSX and JSON files, one record a row."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from harvesters.payloads import JSON, identifier_of, json_payload, option, page_size, short_hash, slices, unidentified
from harvesters.tables import File, Row, heading
from hub.errors import FetchError
from hub.fetch import Client, address
from hub.model import Page, RawRecord, Source

ACCEPT = (
    "text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, application/json;q=0.9, */*;q=0.5"
)
_log = logging.getLogger(__name__)


class TabularHarvester:
    """Reads one file; the payload of a row is a JSON object from column to cell.

    `[select]` names a workbook's sheet or a JSON document's list for each kind; without it the first one holds
    practices. `[options.fields]` says which column is the `identifier`; without it a row is known by its content.
    A cursor is how many rows were taken.
    """

    stable = False
    incremental = False

    def pages(
        self, source: Source, client: Client, cursor: str | None = None, since: datetime | None = None
    ) -> Iterator[Page]:
        size, fields = page_size(source), option(source, "fields", dict, {})
        select = dict(source.select) or {"practice": ""}
        answer = client.get(source.url, headers={"Accept": ACCEPT})
        file = File(answer, [heading(column) for column in fields], option(source, "records", str, ""))
        names = [heading(column) for column, key in fields.items() if key == "identifier"]
        tables, records = file.tables(select), list[RawRecord]()
        for kind, rows in tables.items():
            records += _records(rows, kind, names, address(answer.url))
        there = {column for rows in tables.values() for row in rows for column in row.cells}
        if records and (missing := [column for column in file.columns if column not in there]):
            _log.warning("%s: there are no columns %s, which [options.fields] maps", address(answer.url), missing)
        start = int(cursor) if cursor and cursor.isdecimal() else 0
        yield from slices(records, size, start, str, None, len(records))


def _records(rows: Sequence[Row], kind: str, names: Sequence[str], shown: str) -> Iterator[RawRecord]:
    """Raises FetchError where no row has the column of identifiers: all records would get other ones."""
    if names and rows and not any(name in row.cells for row in rows for name in names):
        told = (
            f"{shown}: the table of kind {kind!r} has no column {names[0]!r}, which [options.fields] maps to identifier"
        )
        raise FetchError(f"{told}; it has {', '.join(map(repr, list(rows[0].cells)[:12]))}.")
    told_before: dict[str, bytes] = {}
    for row in rows:
        record = _record(row, kind, names)
        if record.identifier not in told_before:
            told_before[record.identifier] = record.payload
            yield record
        elif told_before[record.identifier] != record.payload:
            problem = (
                f"Two rows have the identifier {record.identifier!r} and differ; the first is kept. Each needs its own."
            )
            yield unidentified(record.payload, JSON, kind, problem)


def _record(row: Row, kind: str, names: Sequence[str]) -> RawRecord:
    payload = json_payload(row.cells)
    if not names:
        return RawRecord(f"row-{short_hash(payload)}", payload, JSON, kind, problem=row.problem)
    identifier = next((text for name in names if (text := _text(row.cells.get(name)))), None)
    if identifier is None:
        problem = f"The row has nothing in the column {names[0]!r}, which is to hold its identifier."
        return unidentified(payload, JSON, kind, row.problem or problem)
    return RawRecord(identifier, payload, JSON, kind, problem=row.problem)


def _text(cell: Any) -> str:
    return identifier_of(str(cell)) if isinstance(cell, str | int | float) and not isinstance(cell, bool) else ""
