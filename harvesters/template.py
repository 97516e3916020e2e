"""The hub's own spreadsheet template, filled in: which sheet is of which kind, which column is which field."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from harvesters.payloads import JSON, identifier_of, json_payload, option, page_size, slices, unidentified
from harvesters.tables import MOST_ROWS, heading
from harvesters.tabular import ACCEPT
from harvesters.workbooks import Fault, Workbook
from hub.errors import FetchError
from hub.fetch import Client, address
from hub.languages import LANGUAGES
from hub.model import Page, RawRecord, Source
from hub.profile import Profile, folded, load
from hub.profile.spreadsheet_columns import IDENTIFIER, Column, by_heading, columns, normal
from hub.profile.spreadsheet_words import example_marks, sheet_name

_HEAD: Final = 20  # rows among which the headings stand
_FEWEST: Final = 2  # headings that make a sheet one of the template's
_EXAMPLES: Final = example_marks()


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the one that spreadsheet programs show; `cells` are by place, without the empty ones."""

    number: int
    cells: Mapping[int, Any]
    is_example: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of the template. `columns` and `others` (those of the partner's own) are by place, the first being 0.

    `twice` are headings that the sheet has already, by place; the first one counts.
    """

    title: str
    kind: str
    language: str
    head: int
    columns: Mapping[int, Column]
    others: Mapping[int, str]
    twice: Mapping[int, str]
    rows: tuple[Row, ...]

    def place(self, key: str) -> int | None:
        return next((at for at, column in self.columns.items() if column.key == key), None)

    def entries(self, before: dict[tuple[str, str], tuple[str, int]]) -> Iterator["Entry"]:
        """Each row that is no example; `before` are the sheets and rows of the identifiers met so far, by kind."""
        at = self.place(IDENTIFIER)
        for row in self.rows:
            if row.is_example:
                continue
            identifier = identifier_of(str(row.cells.get(-1 if at is None else at, "")))
            here = self.title, row.number
            title, number = before.setdefault((self.kind, identifier), here) if identifier else here
            place = str(number) if title == self.title else f"{title}!{number}"
            first = None if (title, number) == here else place
            yield Entry(self, row, self._record(row, identifier, first), first)

    def _record(self, row: Row, identifier: str, first: str | None) -> RawRecord:
        payload = self._payload(row)
        faults = [f"{self.title}: {cell}" for place, cell in row.cells.items() if self._is_fault(place, cell)]
        if not identifier:
            return unidentified(payload, JSON, self.kind, "The row has no identifier.")
        if first:
            told = f"The identifier {identifier!r} is in row {first} too; each record needs its own."
            return unidentified(payload, JSON, self.kind, told)
        return RawRecord(identifier, payload, JSON, self.kind, problem=faults[0] if faults else None)

    def _is_fault(self, place: int, cell: Any) -> bool:
        return place in self.columns and isinstance(cell, Fault)

    def _payload(self, row: Row) -> bytes:
        cells = {column.key: row.cells[at] for at, column in self.columns.items() if at in row.cells}
        others = {name: row.cells[at] for at, name in self.others.items() if at in row.cells}
        return json_payload({"language": self.language, "cells": cells, "others": others})


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as a raw record; `first` is the row that has its identifier already."""

    sheet: Sheet
    row: Row
    raw: RawRecord
    first: str | None


@dataclass(frozen=True, slots=True)
class Filled:
    """A workbook: the template's sheets in it, and the names of the others that hold anything."""

    sheets: tuple[Sheet, ...]
    others: tuple[str, ...]

    def entries(self) -> Iterator[Entry]:
        before = dict[tuple[str, str], tuple[str, int]]()
        for sheet in self.sheets:
            yield from sheet.entries(before)


def read_template(body: bytes, shown: str, language: str | None = None) -> Filled:
    """The sheets by their headings, in any of the languages (or the one given). Raises FetchError."""
    sheets, others = list[Sheet](), list[str]()
    with Workbook(body, shown) as book:
        for title in book.titles:
            grid = list(_grid(book, title, shown))
            sheet = _sheet(load(), title, grid, (language,) if language else LANGUAGES)
            if sheet:
                sheets.append(sheet)
            elif grid:
                others.append(title)
    return Filled(tuple(sheets), tuple(others))


def _grid(book: Workbook, title: str, shown: str) -> Iterator[tuple[int, dict[int, Any]]]:
    """The rows that hold anything, by their number."""
    filled = 0
    for number, cells in enumerate(book.sheet(title), 1):
        there = {at: cell for at, cell in enumerate(cells) if cell is not None and cell != ""}
        filled += bool(there)
        if filled > MOST_ROWS:
            raise FetchError(f"{shown}: the sheet {title!r} has more than {MOST_ROWS} rows.")
        if there:
            yield number, there


def _sheet(
    profile: Profile, title: str, grid: list[tuple[int, dict[int, Any]]], languages: Collection[str]
) -> Sheet | None:
    """The sheet as the kind and language of whose headings it has most; its name decides between equals."""
    rows = [{normal(cell) for cell in cells.values()} for _, cells in grid[:_HEAD]]
    best, found = (0, 0, 0), None
    for kind in profile.kinds:
        for language in languages:
            known, written = by_heading(profile, kind, language), _written(profile, kind, language)
            is_named = folded(title) == folded(sheet_name(profile, kind, language))
            for at, names in enumerate(rows):
                hits = len(names & known.keys())
                rank = (hits + 2 * is_named, is_named, len(names & written))
                if hits >= _FEWEST and rank > best:
                    best, found = rank, (kind, language, at)
    return _named(profile, title, found[0], found[1], grid, found[2]) if found else None


@lru_cache(64)
def _written(profile: Profile, kind: str, language: str) -> frozenset[str]:
    """The headings that the template itself has."""
    return frozenset(normal(column.heading(language)) for column in columns(profile, kind, language))


def _named(
    profile: Profile, title: str, kind: str, language: str, grid: list[tuple[int, dict[int, Any]]], at: int
) -> Sheet:
    known, (head, cells) = by_heading(profile, kind, language), grid[at]
    named, others, twice = dict[int, Column](), dict[int, str](), dict[int, str]()
    for place, cell in cells.items():
        column = known.get(normal(cell))
        if column is None:
            others[place] = heading(cell)
        elif column in named.values():
            twice[place] = heading(cell)
        else:
            named[place] = column
    first = next((place for place, column in named.items() if column.key == IDENTIFIER), -1)
    rows = tuple(
        Row(number, row, folded(str(row.get(first, ""))) in _EXAMPLES)
        for number, row in grid[at + 1 :]
        if not named.keys().isdisjoint(row)
    )
    return Sheet(title, kind, language, head, named, others, twice, rows)


class TemplateHarvester:
    """Reads a filled-in template; the payload of a row is its language and its cells by flat key.

    So a record stays the same when columns move or a heading is worded anew. `[options] headings` is their language,
    where it shall not be found out. A cursor is how many rows were taken.
    """

    stable = False
    incremental = False

    def pages(
        self, source: Source, client: Client, cursor: str | None = None, since: datetime | None = None
    ) -> Iterator[Page]:
        answer = client.get(source.url, headers={"Accept": ACCEPT})
        headings = option(source, "headings", str, "") or None
        filled = read_template(answer.body, address(answer.url), headings)
        if not filled.sheets:
            raise FetchError(
                f"{address(answer.url)}: no sheet has headings of the template; `hub template` writes one."
            )
        records = [entry.raw for entry in filled.entries()]
        start = int(cursor) if cursor and cursor.isdecimal() else 0
        yield from slices(records, page_size(source), start, str, None, len(records))
