"""What a partner is told of a filled-in template: sheet, row and column, what was found, what is allowed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from openpyxl.utils import get_column_letter

from harvesters.template import Filled, Row, Sheet
from harvesters.workbooks import Fault
from hub.languages import LANGUAGES, N_
from hub.model import Result
from hub.profile import Profile
from hub.profile.spreadsheet import entries
from hub.profile.spreadsheet_columns import IDENTIFIER, Column, by_heading, columns
from hub.profile.spreadsheet_example import example
from hub.profile.spreadsheet_words import INSTRUCTIONS, OWN, description, form, words
from hub.validation.words import Words

UNREAD: Final = "UnmappedValue"  # the component of a crosswalk's notes
ERROR, WARNING, WISH = "error", "warning", "wish"  # a wish: what is recommended and not there
_MOST_ENTRIES: Final = 12
_UNREAD: Final = N_("“{value}” cannot be read here, so it was left out.")
_MEANT: Final = N_("Did you mean “{entry}”?")
_EMPTY: Final = N_("The identifier is missing, so the row was left out.")
_AGAIN: Final = N_("Row {row} has the identifier “{value}” too, so this row was left out. Each record needs its own.")
_FAULT: Final = N_("The cell has no value ({value}), so the row was left out. Write the value itself into it.")
_STILL_EXAMPLE: Final = N_(
    "The row is still marked as the example, so it was left out. Give it an identifier of its own."
)
_OWN_COLUMN: Final = N_("“{value}” is not a heading of the template, so the column was left out.")
_TWICE: Final = N_("“{value}” is a heading that stands here a second time, so the column was left out.")
_NO_COLUMN: Final = N_("The column “{field}” is missing; no record is complete without it. Add it with this heading.")
_OWN_SHEET: Final = N_("The sheet has none of the template’s headings, so it was left out.")


@dataclass(frozen=True, slots=True)
class Remark:
    """`column` is a letter; it and `row` are missing where the remark is about a whole row or sheet."""

    sheet: str
    row: int | None
    column: str | None
    heading: str
    severity: str
    value: str
    message: str
    allowed: str = ""

    @property
    def cell(self) -> str:
        """The place as spreadsheet programs write it: `Events!F7`."""
        place = f"{self.column or ''}{self.row or ''}"
        return f"{self.sheet}!{place}" if place else self.sheet


def about_sheets(profile: Profile, filled: Filled, language: str) -> Iterator[Remark]:
    """What is left out or missing as a whole."""
    ours = {words(code, INSTRUCTIONS) for code in LANGUAGES}
    for title in (title for title in filled.others if title not in ours):
        yield Remark(title, None, None, "", WARNING, "", words(language, _OWN_SHEET))
    for sheet in filled.sheets:
        known = by_heading(profile, sheet.kind, sheet.language)
        by_name = {column.heading(sheet.language): column for column in known.values()}
        for at, name in sheet.others.items():
            near = _nearest(name, by_name)
            message = " ".join([words(language, _OWN_COLUMN, value=name), *_meant(near, language)])
            yield _about_heading(sheet, at, name, message)
        for at, name in sheet.twice.items():
            yield _about_heading(sheet, at, name, words(language, _TWICE, value=name))
        yield from _missing(profile, sheet, language)


def _about_heading(sheet: Sheet, at: int, name: str, message: str) -> Remark:
    return Remark(sheet.title, sheet.head, get_column_letter(at + 1), name, WARNING, name, message)


def _missing(profile: Profile, sheet: Sheet, language: str) -> Iterator[Remark]:
    """Columns without which no record is complete; a text may stand in any language."""
    there = {_plain_key(column) for column in sheet.columns.values()}
    for column in columns(profile, sheet.kind, sheet.language):
        if sheet.rows and column.is_needed(sheet.language) and _plain_key(column) not in there:
            there.add(_plain_key(column))
            name = column.heading(sheet.language)
            message = words(language, _NO_COLUMN, field=name)
            yield Remark(sheet.title, sheet.head, None, name, ERROR, "", message, form(profile, column, language))


def _plain_key(column: Column) -> str:
    return column.key.partition("@")[0]


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a sheet, about which there are results."""

    profile: Profile
    sheet: Sheet
    row: Row
    language: str

    def before_mapping(self, twice: str | None) -> Iterator[Remark]:
        """Why the row is no record; `twice` is the row that has its identifier already."""
        at = self.sheet.place(IDENTIFIER)
        for place, cell in self.row.cells.items():
            if place in self.sheet.columns and isinstance(cell, Fault):
                yield self._remark(place, ERROR, words(self.language, _FAULT, value=cell), value=cell)
        if at is not None and at not in self.row.cells:
            yield self._remark(at, ERROR, words(self.language, _EMPTY), words(self.language, OWN))
        elif at is not None and twice:
            value = str(self.row.cells[at])
            message = words(self.language, _AGAIN, row=twice, value=value)
            yield self._remark(at, ERROR, message, words(self.language, OWN), value)

    def forgotten_example(self) -> Iterator[Remark]:
        """An example row in which a partner wrote something, but left the mark."""
        ours = example(self.profile, self.sheet.kind, self.sheet.language)
        told = {column.key: self.row.cells[at] for at, column in self.sheet.columns.items() if at in self.row.cells}
        if any(key != IDENTIFIER and str(value) != str(ours.get(key)) for key, value in told.items()):
            at = self.sheet.place(IDENTIFIER)
            yield self._remark(at, ERROR, words(self.language, _STILL_EXAMPLE), words(self.language, OWN))

    def remarks(self, results: Iterable[Result], told: Words, record: str) -> list[Remark]:
        """One remark a cell and kind of fault; what could not be read explains why a field counts as empty."""
        found = [(self._where(result, record), result) for result in results]
        unread = {at for at, result in found if at is not None and result.component == UNREAD}
        lacking = {at for at, result in found if _is_lack(result) and result.severity == "Violation"}
        remarks = []
        for at, result in found:
            if not (_is_lack(result) and at in unread):
                severity = ERROR if at in unread & lacking else _severity(result)
                remarks.append(self._told(at, result, told, severity, record))
        return list(dict.fromkeys(remarks))

    def _remark(
        self, at: int | None, severity: str, message: str, allowed: str = "", value: str = "", heading: str = ""
    ) -> Remark:
        column = self.sheet.columns.get(-1 if at is None else at)
        name = column.heading(self.sheet.language) if column else heading
        letter = None if at is None else get_column_letter(at + 1)
        return Remark(self.sheet.title, self.row.number, letter, name, severity, value, message, allowed)

    def _told(self, at: int | None, result: Result, told: Words, severity: str, record: str) -> Remark:
        column = self._absent(result, record) if at is None else self.sheet.columns[at]
        value = told.found(result)
        message = told.message(result)
        if result.component == UNREAD:
            near = _nearest(value, self._entries(column))
            message = " ".join([words(self.language, _UNREAD, value=value), *_meant(near, self.language)])
        heading = column.heading(self.sheet.language) if column else ""
        return self._remark(at, severity, message, self._allowed(column, value), value, heading)

    def _absent(self, result: Result, record: str) -> Column | None:
        """The column that the result is about, where the sheet has none such."""
        known = by_heading(self.profile, self.sheet.kind, self.sheet.language).values()
        return next((c for c in known if _is_about(c, result, record, self._key(result))), None)

    def _allowed(self, column: Column | None, value: str) -> str:
        """How the cell is written; of a long list only the entries that come near to what was found."""
        if column is None:
            return ""
        told, there = form(self.profile, column, self.language), self._entries(column)
        shown = there if len(there) <= _MOST_ENTRIES else get_close_matches(value, there, 3, 0.5)
        return " ".join([told or description(column, self.language), " · ".join(shown)]).strip()

    def _entries(self, column: Column | None) -> list[str]:
        scheme = column.field.scheme if column else None
        return [entry.strip() for entry in entries(self.profile, scheme, self.language)] if scheme else []

    def _where(self, result: Result, record: str) -> int | None:
        """The place of the column that the result is about: by shape and part, then by the value in it."""
        key = self._key(result)
        about = [at for at, column in self.sheet.columns.items() if _is_about(column, result, record, key)]
        holding = [at for at in about if self._holds(at, result)]
        if key and not holding:  # rules move some values to another field before they are read
            holding = [at for at, c in self.sheet.columns.items() if c.form != "text" and self._holds(at, result)]
        filled = [at for at in about if at in self.row.cells]
        return next(iter([*holding, *filled, *about]), None)

    def _key(self, result: Result) -> str:
        """The key of the field that a value was meant for; empty where the result is no note of a crosswalk."""
        field = self.profile.by_shape.get(result.shape)
        return "" if result.component != UNREAD else field.key if field else result.path

    def _holds(self, at: int, result: Result) -> bool:
        value = (result.value or "").casefold().rstrip("…")
        return bool(value) and value in str(self.row.cells.get(at, "")).casefold()


def _is_about(column: Column, result: Result, record: str, key: str) -> bool:
    if key:
        return column.field.key == key
    shape = result.shape.removesuffix("-recommended")
    if result.focus.startswith(f"{record}#"):
        return column.field.shape == shape and column.place == result.focus.removeprefix(f"{record}#")
    if result.focus == record:
        return shape == (*column.parents, column.field)[0].shape
    return column.is_shared and column.field.shape == shape


def _severity(result: Result) -> str:
    if result.severity == "Violation":
        return ERROR
    return WISH if _is_lack(result) else WARNING


def _is_lack(result: Result) -> bool:
    return result.component.startswith("MinCount")


def _nearest(text: str, known: Iterable[str]) -> str | None:
    by_folded = {entry.casefold(): entry for entry in known}
    found = get_close_matches(text.casefold(), by_folded, n=1, cutoff=0.7)
    return by_folded[found[0]] if found else None


def _meant(entry: str | None, language: str) -> list[str]:
    return [words(language, _MEANT, entry=entry)] if entry else []


def ordered(remarks: Sequence[Remark], sheets: Sequence[str]) -> list[Remark]:
    """By sheet, row and column, as a person goes through the file."""

    def place(remark: Remark) -> Any:
        at = sheets.index(remark.sheet) if remark.sheet in sheets else len(sheets)
        return at, remark.row or 0, len(remark.column or ""), remark.column or "", remark.severity, remark.message

    return sorted(remarks, key=place)
