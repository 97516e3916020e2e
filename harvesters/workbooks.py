"""XLSX workbooks (ECMA-376), read sheet by sheet within bounds."""

import re
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from itertools import repeat
from typing import Any, Final, NoReturn, Self
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from hub.errors import FetchError

MOST_UNPACKED: Final = 200_000_000  # bytes
MOST_COLUMNS: Final = 1000  # what stands farther to the right is not read
_LAST_ROW: Final = 1_048_576  # of a sheet, in every spreadsheet program
_BROKEN: Final = (
    *(BadZipFile, zlib.error, struct.error, ParseError, OSError, EOFError, RuntimeError, NotImplementedError),
    *(ValueError, TypeError, LookupError, AttributeError),  # openpyxl, of parts that are missing or not as they should
)
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s/>]")
_DOCTYPES: Final = tuple("<!DOCTYPE".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))

warnings.filterwarnings("ignore", module="openpyxl")  # of styles, validations and links, which are not read


def place(titles: Sequence[str], name: str, shown: str) -> int:
    """Which of the sheets is meant, the first one by "". Raises FetchError naming those that are there."""
    folded = [title.strip().casefold() for title in titles]
    if not titles or (name and name.strip().casefold() not in folded):
        told = f"there is no sheet {name!r}, which [select] names; the sheets are {', '.join(titles) or 'none'}"
        raise FetchError(f"{shown}: {told}.")
    return folded.index(name.strip().casefold()) if name else 0


def moment(value: datetime | date | time) -> str:
    """As in ISO 8601; a moment at midnight is a date."""
    return value.date().isoformat() if isinstance(value, datetime) and value.time() == time() else value.isoformat()


def number(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


class Fault(str):
    """In place of a cell's value: why there is none."""


class Workbook:
    """A workbook, to be closed by `with`; `shown` is its address. Raises FetchError that says what to do about it."""

    def __init__(self, body: bytes, shown: str) -> None:
        self._shown = shown
        has_formulas = self._look(body)
        try:
            self._values = load_workbook(BytesIO(body), read_only=True, data_only=True, keep_links=False)
            self._formulas = load_workbook(BytesIO(body), read_only=True, keep_links=False) if has_formulas else None
        except _BROKEN as error:
            self._refuse(
                f"this is no readable workbook ({type(error).__name__}: {str(error)[:200]}). Save it again as .xlsx"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._values.close()
        if self._formulas:
            self._formulas.close()

    @property
    def titles(self) -> list[str]:
        """The names of the sheets that people see."""
        return [sheet.title for sheet in self._values.worksheets if sheet.sheet_state == "visible"]

    def sheet(self, name: str) -> Iterator[Sequence[Any]]:
        """The rows of a sheet, the first one's for ""; dates are texts as in ISO 8601, and an empty cell is None."""
        at = place([sheet.title for sheet in self._values.worksheets], name, self._shown)
        try:
            for cells, formulas in zip(self._cells(self._values, at), self._cells(self._formulas, at), strict=False):
                marked = formulas if formulas is not None else repeat(None)
                yield [_value(cell, formula) for cell, formula in zip(cells, marked, strict=False)]
        except _BROKEN as error:
            self._refuse(f"the sheet {name!r} cannot be read ({type(error).__name__}: {str(error)[:200]})")

    def _cells(self, book: Any, at: int) -> Iterator[Any]:
        if book is None:
            yield from repeat(None)
        sheet = book.worksheets[at]
        sheet.reset_dimensions()  # what a sheet says of its size is often wrong
        for number, row in enumerate(sheet.iter_rows(), 1):
            if number > _LAST_ROW:
                self._refuse(f"the sheet {sheet.title!r} has more than {_LAST_ROW} rows")
            yield row[:MOST_COLUMNS]

    def _look(self, body: bytes) -> bool:
        """Whether there are formulas; what unpacks to more than can be read, or brings entities, is refused unread."""
        try:
            with ZipFile(BytesIO(body)) as archive:
                parts = archive.infolist()
                if "mimetype" in archive.namelist():
                    self._refuse("this is an OpenDocument file. Save it as .xlsx or CSV")
                if sum(part.file_size for part in parts) > MOST_UNPACKED:
                    self._refuse(f"the workbook unpacks to more than {MOST_UNPACKED} bytes")
                texts = [archive.read(part) for part in parts if part.filename.endswith((".xml", ".rels"))]
        except _BROKEN as error:
            self._refuse(f"this is no readable workbook ({str(error)[:200]}). Save it again as .xlsx")
        if any(doctype in text for text in texts for doctype in _DOCTYPES):
            self._refuse("the workbook declares entities, which no spreadsheet program writes")
        return any(_FORMULA.search(text) for text in texts)

    def _refuse(self, told: str) -> NoReturn:
        raise FetchError(f"{self._shown}: {told}.")


def _value(cell: Any, formula: Any) -> Any:
    value = cell.value
    if cell.data_type == "e":
        return Fault(f"the error {value}")
    if value is None and formula is not None and formula.data_type == "f" and cell.data_type != "str":
        return Fault("a formula without a saved result; open the workbook in a spreadsheet program and save it")
    if isinstance(value, datetime | date | time):
        return moment(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, timedelta):
        return str(value)
    return (unescape(value).strip() or None) if isinstance(value, str) else value
