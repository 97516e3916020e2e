"""A partner at a spreadsheet: a template is opened, written into under its headings, and saved."""

from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from hub.profile import load
from hub.profile.spreadsheet import workbook
from hub.profile.spreadsheet_columns import columns
from hub.profile.spreadsheet_words import sheet_name

HEAD, FIRST = 2, 4  # below the example row
Facts = Mapping[str, Any]  # by flat key, where `@` alone stands for the template's language


@cache
def written(language: str) -> bytes:
    return workbook(load(), language)


def opened(language: str) -> Workbook:
    return load_workbook(BytesIO(written(language)))


def sheet_of(book: Workbook, kind: str, language: str) -> Worksheet:
    return book[sheet_name(load(), kind, language)]


def heads(sheet: Worksheet) -> list[str]:
    return [str(cell.value) for cell in sheet[HEAD]]


def place_of(sheet: Worksheet, kind: str, key: str, language: str) -> int:
    """The number of the column of a flat key, by its heading."""
    column = next(c for c in columns(load(), kind, language) if c.key == key)
    return [head.removesuffix(" *") for head in heads(sheet)].index(column.heading(language)) + 1


def write(sheet: Worksheet, kind: str, language: str, row: int, facts: Facts) -> None:
    for key, value in facts.items():
        full = f"{key}{language}" if key.endswith("@") else key
        sheet.cell(row, place_of(sheet, kind, full, language)).value = value


def filled(path: Path, language: str, rows: Mapping[str, Sequence[Facts]]) -> Path:
    """The template with these rows, saved."""
    book = opened(language)
    for kind, facts in rows.items():
        for row, told in enumerate(facts, FIRST):
            write(sheet_of(book, kind, language), kind, language, row, told)
    book.save(path)
    return path
