"""XLS workbooks (Excel 97 to 2003, MS-XLS), read sheet by sheet; macros are not run.

By xlrd: of 1,500 files broken on purpose it read or refused each within 0.3 s, while calamine's reader asked for 36 GB
for one and ended the process.
"""

import logging
import struct
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import StringIO
from typing import Any, Final, NoReturn, Self

import xlrd
from xlrd.compdoc import CompDocError
from xlrd.xldate import xldate_as_datetime

from harvesters.workbooks import MOST_COLUMNS, Fault, moment, number, place
from hub.errors import FetchError

_BROKEN: Final = (
    *(xlrd.XLRDError, CompDocError, struct.error, EOFError, AssertionError),
    *(ValueError, TypeError, LookupError, AttributeError, ArithmeticError),  # of parts that are not as they should be
)
_MACROS: Final = "_VBA_PROJECT".encode("utf-16-le")
_log = logging.getLogger(__name__)


class OldWorkbook:
    """A workbook, to be closed by `with`; `shown` is its address. Raises FetchError that says what to do about it."""

    def __init__(self, body: bytes, shown: str) -> None:
        self._shown = shown
        if _MACROS in body:
            _log.warning(
                "%s: the workbook has macros, which are not run; what they would change is read as saved", shown
            )
        try:
            self._book = xlrd.open_workbook(file_contents=body, on_demand=True, ragged_rows=True, logfile=StringIO())
        except _BROKEN as error:
            self._refuse(error)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.release_resources()

    @property
    def titles(self) -> list[str]:
        """The names of the sheets that people see."""
        try:
            sheets = [self._book.sheet_by_index(at) for at in range(self._book.nsheets)]
        except _BROKEN as error:
            self._refuse(error)
        return [sheet.name for sheet in sheets if not sheet.visibility]

    def sheet(self, name: str) -> Iterator[Sequence[Any]]:
        """The rows of a sheet, the first one's for ""; dates are texts as in ISO 8601, and an empty cell is None."""
        at = place(self._book.sheet_names(), name, self._shown)
        try:
            sheet = self._book.sheet_by_index(at)
            for row in range(sheet.nrows):
                yield [self._value(cell) for cell in sheet.row(row)[:MOST_COLUMNS]]
        except _BROKEN as error:
            self._refuse(error)

    def _value(self, cell: Any) -> Any:
        value = cell.value
        if cell.ctype == xlrd.XL_CELL_TEXT:
            return value.strip() or None
        if cell.ctype == xlrd.XL_CELL_NUMBER:
            return number(value)
        if cell.ctype == xlrd.XL_CELL_DATE:
            return self._moment(value)
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return bool(value)
        if cell.ctype == xlrd.XL_CELL_ERROR:
            return Fault(f"the error {xlrd.error_text_from_code.get(value, value)}")
        return None

    def _moment(self, value: float) -> Any:
        """A number below one is a time of day; what is beyond the calendar stays a number, as Excel shows it."""
        try:
            found: datetime = xldate_as_datetime(value, self._book.datemode)
        except (ValueError, OverflowError):
            return number(value)
        if value < 0:
            return number(value)
        return moment(found.time() if value < 1 else found)

    def _refuse(self, error: Exception) -> NoReturn:
        told = str(error)[:200]
        if "encrypted" in told or "Can't find workbook" in told:
            raise FetchError(f"{self._shown}: the workbook has a password, or is none ({told}). Save it without one.")
        told = f"this is no readable workbook ({type(error).__name__}: {told})"
        raise FetchError(f"{self._shown}: {told}. Save it again as .xlsx.") from error
