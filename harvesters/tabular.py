"""Tables over HTTP: CSV, XLSX, XLS, JSON and GeoJSON, one record a row."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from harvesters.payloads import (
    INCOMPLETE,
    JSON,
    identifier_of,
    json_payload,
    option,
    page_size,
    short_hash,
    slices,
    unidentified,
)
from harvesters.tables import MOST_ROWS, File, Row, heading
from hub.errors import FetchError
from hub.fetch import Client, address
from hub.model import Page, RawRecord, Source

ACCEPT = (
    "text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, application/json;q=0.9, */*;q=0.5"
)
_log = logging.getLogger(__name__)


class TabularHarvester:
    """Reads one file, or a JSON list in pages; the payload of a row is a JSON object from column to cell.

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
        columns, shown = [heading(column) for column in fields], address(source.url)
        names = [heading(column) for column, key in fields.items() if key == "identifier"]
        tables, records = _tables(source, client, columns, select), list[RawRecord]()
        for kind, rows in tables.items():
            records += _records(rows, kind, names, shown)
        there = {column for rows in tables.values() for row in rows for column in row.cells}
        if records and (missing := [column for column in columns if column not in there]):
            _log.warning("%s: there are no columns %s, which [options.fields] maps", shown, missing)
        start = int(cursor) if cursor and cursor.isdecimal() else 0
        yield from slices(records, size, start, str, None, len(records))


def _tables(source: Source, client: Client, columns: Sequence[str], select: Mapping[str, str]) -> dict[str, list[Row]]:
    """The rows of each kind, of all pages. Raises FetchError where pages lead back, or entries are missing."""
    tables: dict[str, list[Row]] = {kind: [] for kind in select}
    visited, seen = set[str](), set[str]()
    here: str | None = source.url
    while here:
        visited.add(here)
        before = {kind: len(rows) for kind, rows in tables.items()}
        answer = client.get(here, headers={"Accept": ACCEPT})
        file = File(answer, columns, option(source, "records", str, ""))
        for kind, rows in file.tables(select).items():
            tables[kind] += rows
        here = file.page.following(answer.url)
        came = max(map(len, tables.values()))
        if here in visited:
            raise FetchError(f"{address(here)}: paging loop: this page came before. {INCOMPLETE}")
        if here:
            _check_leads_on(tables, before, seen, answer.url)
        if came > MOST_ROWS:
            told = f"the list has more than {MOST_ROWS} entries. Ask the publisher for several files."
            raise FetchError(f"{address(source.url)}: {told}")
    if file.page.total is not None and came < file.page.total:
        told = f"{file.page.total} entries are announced, {came} came, and there is no link to more; see url"
        raise FetchError(f"{address(source.url)}: {told}, which may take a size, or be an export. {INCOMPLETE}")
    return tables


def _check_leads_on(tables: Mapping[str, Sequence[Row]], before: Mapping[str, int], seen: set[str], here: str) -> None:
    """Raises FetchError for a page that has a link to more, but no entries, or those of a page before."""
    came = [row.cells for kind, rows in tables.items() for row in rows[before[kind] :]]
    entries = short_hash(json_payload(came))
    if not came or entries in seen:
        what = "the entries of a page before" if came else "no entry"
        raise FetchError(f"{address(here)}: paging loop: this page has {what}, and a link to more. {INCOMPLETE}")
    seen.add(entries)


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
