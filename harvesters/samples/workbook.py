"""A workbook made from tables that a person can read: one sheet a CSV file, in the order of their names."""

import csv
import re
from contextlib import suppress
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MODIFIED = datetime(2026, 11, 2, tzinfo=UTC)
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
Cell = str | int | float | date | None


def workbook(folder: Path) -> bytes:
    """`1-Praktijken.csv` becomes the first sheet, `Praktijken`; dates and numbers become cells of that type."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for file in sorted(folder.glob("*.csv")):
        sheet = book.create_sheet(file.stem.partition("-")[2])
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines):
                sheet.append([cell(text) for text in row])
        sheet.freeze_panes = "B2"
    book.properties.created = book.properties.modified = MODIFIED.replace(tzinfo=None)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def cell(text: str) -> Cell:
    """What a person who types this text into a spreadsheet gets."""
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    with suppress(ValueError):
        return date.fromisoformat(text)
    return text or None
