"""Tables as people publish them, CSV, JSON and XLSX, read into rows by heading within bounds."""

import csv
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import StringIO
from itertools import islice
from typing import Any, Final, NoReturn

from harvesters.json_pages import JsonPage
from harvesters.old_workbooks import OldWorkbook
from harvesters.payloads import decoded
from harvesters.workbooks import Fault, Workbook
from hub.errors import FetchError
from hub.fetch import CHECK, LASTS, Response, address

MOST_ROWS: Final = 100_000
_DELIMITERS: Final = ",;\t|"
_HEAD: Final = 50  # rows among which the headings stand; above them are titles and remarks
_END: Final = "\x03"  # a row of its own behind the last one, unless a quotation mark is open
_OLD: Final = b"\xd0\xcf\x11\xe0"
_MAGIC: Final = {
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a compressed file",
}


@dataclass(frozen=True, slots=True)
class Row:
    """Cells by heading; an empty one is None. `problem` says why a row cannot be read as it is."""

    cells: Mapping[str, Any]
    problem: str | None = None


def workbook(body: bytes, shown: str) -> Workbook | OldWorkbook:
    """Raises FetchError."""
    return (OldWorkbook if body.startswith(_OLD) else Workbook)(body, shown)


def heading(text: object) -> str:
    """A heading on one line, as a source file writes it: people break and pad the lines of theirs."""
    return " ".join(str(text).split())


@dataclass(frozen=True, slots=True)
class File:
    """A file with tables. `columns` are the headings that the source file maps: by them the row of headings is known.

    `records` is [options] records: where in a JSON document the list is. `page` is what such a document says of others.
    """

    answer: Response
    columns: Collection[str]
    records: str = ""
    page: JsonPage = field(default_factory=JsonPage)

    def tables(self, select: Mapping[str, str]) -> dict[str, list[Row]]:
        """The rows of each kind; what is selected is a sheet's name, or the key of a list. Raises FetchError."""
        body = self.answer.body
        for magic, what in _MAGIC.items():
            if body.startswith(magic):
                self._refuse(f"this is {what}, no table. Save it as .xlsx or CSV")
        if body.startswith((b"PK", _OLD)):
            with workbook(body, address(self.answer.url)) as book:
                return {kind: self._rows(book.sheet(name), f"the sheet {name!r}") for kind, name in select.items()}
        text = self._text()
        if text.lstrip()[:1] in ("{", "[") and "csv" not in self.answer.media_type:
            document = self._json(text)
            self.page.read(document)
            return {kind: self._objects(document, name or self.records) for kind, name in select.items()}
        if len(select) > 1:
            self._refuse(f"a CSV file is one table, but [select] has {len(select)} kinds: {', '.join(select)}")
        return {kind: self._csv(text) for kind in select}

    def _refuse(self, told: str) -> NoReturn:
        raise FetchError(f"{address(self.answer.url)}: {told.rstrip('.')}.")

    def _text(self) -> str:
        text = decoded(self.answer.body, self.answer.charset)
        if not text.strip():
            self._refuse(f"the file is empty. {CHECK}")
        if text.lstrip().startswith("<"):
            self._refuse(f"answered with a web page or XML in place of a table: {text.strip()[:80]!r}. {CHECK}")
        if "\0" in text:
            self._refuse("this is no text in UTF-8, UTF-16 or Windows-1252, and no workbook. Save it as .xlsx or CSV")
        return text

    # CSV and sheets: the row of headings is found, what stands above it is left out

    def _csv(self, text: str) -> list[Row]:
        """The delimiter is the one by which the most headings are known."""
        by = max(_DELIMITERS, key=lambda delimiter: max(map(self._likeness, _head(text, delimiter)), default=(0, 0)))
        rows = self._rows(self._parsed(text, by), "the file", is_exact=True)
        return [*rows[:-1], _doubted(rows[-1])] if rows and _is_cut(text, by, len(rows[-1].cells)) else rows

    def _parsed(self, text: str, delimiter: str) -> Iterator[Sequence[Any]]:
        reader = csv.reader(StringIO(f"{text}\n{_END}\n", newline=""), delimiter=delimiter)
        row: list[str] = []
        try:
            for row in reader:
                if row != [_END]:
                    yield [cell.strip() or None for cell in row]
        except csv.Error as error:
            self._refuse(f"line {reader.line_num} is no CSV ({error}); a quotation mark may be open. {LASTS}")
        if row != [_END]:
            self._refuse(
                f"a quotation mark is open to the end of the file, in the row that begins {_begin(row)}. {LASTS}"
            )

    def _likeness(self, row: Sequence[Any]) -> tuple[int, int]:
        """How many mapped headings a row has, and how many cells."""
        filled = [heading(cell) for cell in row if cell is not None and heading(cell)]
        return len(set(self.columns).intersection(filled)), len(filled)

    def _rows(self, grid: Iterable[Sequence[Any]], where: str, *, is_exact: bool = False) -> list[Row]:
        filled = list(islice((row for row in grid if any(cell is not None for cell in row)), MOST_ROWS + _HEAD + 1))
        if len(filled) > MOST_ROWS + _HEAD:
            self._refuse(f"{where} has more than {MOST_ROWS} rows. Ask the publisher for several files")
        if not filled:
            self._refuse(f"{where} is empty. {CHECK}")
        at = max(range(min(_HEAD, len(filled))), key=lambda number: self._likeness(filled[number]))
        headings = _headings(filled[at])
        self._check(headings, where)
        return [_row(headings, cells, self.columns, is_exact) for cells in filled[at + 1 :]]

    def _check(self, headings: Collection[str], where: str) -> None:
        """Raises FetchError where nothing is mapped: the publisher has other headings now, or it is another table."""
        if self.columns and not set(self.columns).intersection(headings):
            self._refuse(
                f"{where} has none of the columns that [options.fields] maps ({_listed(self.columns)}); "
                f"it has {_listed(headings)}. Check the source file, or ask whether the publisher renamed them"
            )

    # JSON

    def _json(self, text: str) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            self._refuse(f"this is no valid JSON: {str(error)[:200]}. {LASTS}")

    def _objects(self, document: Any, name: str) -> list[Row]:
        entries = self._list(document, name)
        if len(entries) > MOST_ROWS:
            self._refuse(f"the list has more than {MOST_ROWS} entries. Ask the publisher for several files")
        rows = [_entry(_feature(entry)) for entry in entries]
        if rows:
            self._check(dict.fromkeys(column for row in rows for column in row.cells), "the list")
        return rows

    def _list(self, document: Any, name: str) -> list[Any]:
        """The document itself, what lies under a name ("records", "result.records"), or its only list."""
        found = document
        if not name and isinstance(document, dict) and document.get("type") == "FeatureCollection":
            name = "features"  # GeoJSON has other lists too
        if not name and isinstance(document, dict):
            lists = [value for value in document.values() if isinstance(value, list)]
            found = lists[0] if len(lists) == 1 else None
        elif name:
            is_key = isinstance(document, dict) and name in document
            for step in [name] if is_key else name.split("."):
                found = found.get(step) if isinstance(found, dict) else None
        if not isinstance(found, list):
            self._refuse_document(document, name)
        return found

    def _refuse_document(self, document: Any, name: str) -> NoReturn:
        keys = f"it has the keys {_listed(document)}" if isinstance(document, dict) else "it is a list itself"
        what = f"no list under {name!r}" if name else "no list, or several"
        self._refuse(f"the document has {what}; {keys}. Name the one in options.records, or for each kind in [select]")


def _head(text: str, delimiter: str) -> list[list[str]]:
    """The first rows; none where they cannot be read by this delimiter."""
    with suppress(csv.Error):
        return list(islice(csv.reader(StringIO(text, newline=""), delimiter=delimiter), _HEAD))
    return []


def _is_cut(text: str, delimiter: str, width: int) -> bool:
    """Whether the last line has too few cells and no end, so that the file may have been cut within it."""
    line = text[max(text.rfind("\n"), text.rfind("\r")) + 1 :]
    is_row = bool(line.strip()) and line.count('"') % 2 == 0  # else it is the end of a text with line breaks
    return is_row and len(next(csv.reader([line], delimiter=delimiter))) < width


def _doubted(row: Row) -> Row:
    told = "the file ends, before the last column and without a line break; if the file is whole, add one at its end"
    return Row(row.cells, row.problem or f"In the row that begins {_begin(row.cells.values())} {told}.")


def _headings(cells: Sequence[Any]) -> list[str]:
    """Each on one line and different from all others; a column without one is called by its number."""
    headings: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = heading(cell) if cell is not None else f"column {number}"
        headings.append(name if name not in headings else f"{name} ({number})")
    return headings


def _row(headings: Sequence[str], cells: Sequence[Any], columns: Collection[str], is_exact: bool) -> Row:
    """`is_exact` says that a cell beyond the last heading is a fault, and no remark beside the table."""
    named = dict.fromkeys(headings) | {
        headings[at] if at < len(headings) else f"column {at + 1}": cell
        for at, cell in enumerate(cells)
        if cell is not None
    }
    faults = [
        f"the column {column!r} holds {named[column]}" for column in columns if isinstance(named.get(column), Fault)
    ]
    if is_exact and len(named) > len(headings):
        faults.append(
            f"there are {len(cells)} cells under {len(headings)} headings; "
            "a text with the delimiter in it must stand in quotation marks"
        )
    return Row(named, f"In the row that begins {_begin(cells)} {'; '.join(faults)}." if faults else None)


def _entry(entry: Any) -> Row:
    if not isinstance(entry, dict):
        return Row({"value": entry}, f"The entry is no object with fields, but {str(entry)[:80]!r}.")
    return Row({heading(name): value for name, value in entry.items()})


def _feature(entry: Any) -> Any:
    """A GeoJSON Feature (RFC 7946) as its properties, with its `geometry` and `id` beside them."""
    if not isinstance(entry, dict) or entry.get("type") != "Feature" or not isinstance(entry.get("properties"), dict):
        return entry
    return {name: entry[name] for name in ("id", "geometry") if name in entry} | entry["properties"]


def _begin(cells: Iterable[Any]) -> str:
    return repr(str(next((cell for cell in cells if cell is not None), ""))[:80])


def _listed(names: Iterable[object]) -> str:
    return ", ".join(repr(str(name)[:80]) for name in islice(names, 12))
