"""The spreadsheet template, made from the Profile: a sheet a kind, a column a field, everything in one language."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Final

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import Outline
from openpyxl.worksheet.worksheet import Worksheet

from hub.errors import BadRequest
from hub.languages import FALLBACK, LANGUAGES, N_
from hub.profile import Profile
from hub.profile.spreadsheet_columns import REQUIRED, Column, columns
from hub.profile.spreadsheet_example import example
from hub.profile.spreadsheet_words import INSTRUCTIONS, YES_NO, form, help_text, sheet_name, steps, words

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTS: Final = "lists"  # the hidden sheet that the drop-downs take their entries from
GROUP_ROW, HEAD_ROW, EXAMPLE_ROW, LAST_ROW = 1, 2, 3, 1000
_MADE: Final = datetime(2026, 1, 1)  # a fixed day, so that a profile gives the same properties at each call
_LONGEST_PROMPT, _LONGEST_PROMPT_TITLE = 255, 32  # characters that spreadsheet programs take
_COLOURS: Final = ("DCE6F1", "FDE9D9", "E4DFEC", "D8E4BC", "F2DCDB", "FFF2CC", "DAEEF3", "E7E6E6", "EADCF4", "D9EAD3")
_WIDTHS: Final[Mapping[str, int]] = {"text": 34, "choice": 26, "point": 20, "link": 30, "word": 20}
_NARROW: Final = 14
_GREY: Final = "7F7F7F"
_LINE: Final = Border(bottom=Side("thin", color="A6A6A6"), right=Side("thin", color="FFFFFF"))
_TITLE: Final = N_("Your records for Co-ped Hub")
_SHEETS: Final = N_("The sheets")
_GROUPS: Final = N_("The colours")
_NOT_IN_LIST: Final = N_("This is not in the list. Choose from the list, or leave the cell empty.")


def workbook(profile: Profile, language: str) -> bytes:
    """The template as an XLSX file. Raises BadRequest for a language that is not served."""
    if language not in LANGUAGES:
        raise BadRequest("LANG", language, ", ".join(LANGUAGES))
    book = Workbook()
    book.properties.created = book.properties.modified = _MADE
    book.properties.title, book.properties.language = words(language, _TITLE), language
    book.remove(book.worksheets[0])
    front = book.create_sheet(words(language, INSTRUCTIONS))
    sheets = {kind: book.create_sheet(sheet_name(profile, kind, language)) for kind in profile.kinds}
    lists = _Lists(book.create_sheet(LISTS), profile, language)
    for kind, sheet in sheets.items():
        _fill(sheet, profile, kind, language, lists)
    _explain(front, profile, language, [sheet.title for sheet in sheets.values()])
    written = BytesIO()
    book.save(written)
    return written.getvalue()


class _Lists:
    """The hidden sheet: a column for each list, made when a drop-down first asks for it."""

    def __init__(self, sheet: Worksheet, profile: Profile, language: str) -> None:
        self._sheet, self._profile, self._language = sheet, profile, language
        self._ranges: dict[object, str] = {}
        sheet.sheet_state = "hidden"

    def range(self, column: Column) -> str:
        """Where the entries for a column stand, as a formula."""
        field = column.field
        of = "boolean" if column.form == "boolean" else field.scheme or field.allowed
        if of not in self._ranges:
            entries, letter = self._entries(column), get_column_letter(len(self._ranges) + 1)
            for row, entry in enumerate(entries, 1):
                self._sheet[f"{letter}{row}"] = entry
            self._ranges[of] = f"{quote_sheetname(LISTS)}!${letter}$1:${letter}${max(len(entries), 1)}"
        return self._ranges[of]

    def _entries(self, column: Column) -> list[str]:
        if column.form == "boolean":
            return [words(self._language, word) for word in YES_NO]
        if not column.field.scheme:
            return [self._profile.label(value, self._language) for value in column.field.allowed]
        return entries(self._profile, column.field.scheme, self._language)


def entries(profile: Profile, scheme: str, language: str) -> list[str]:
    """The labels of a list by the alphabet, narrower concepts indented below broader ones (import strips blanks)."""
    below: dict[str | None, list[tuple[str, str]]] = {}
    there = profile.schemes[scheme].concepts
    for iri in there:
        broader = next((up for up in profile.concepts[iri].broader if up in there), None)
        below.setdefault(broader, []).append((profile.label(iri, language), iri))

    def walk(top: str | None, depth: int) -> Iterable[str]:
        for label, iri in sorted(below.get(top, ()), key=lambda pair: pair[0].casefold()):
            yield f"{'   ' * depth}{label}"
            yield from walk(iri, depth + 1)

    return list(walk(None, 0))


def _fill(sheet: Worksheet, profile: Profile, kind: str, language: str, lists: _Lists) -> None:
    cells, group = example(profile, kind, language), ""
    for at, column in enumerate(columns(profile, kind, language), 1):
        letter, colour = get_column_letter(at), _colour(profile, column.group)
        label = _label(profile, column.group, language)
        if label != group:
            sheet[f"{letter}{GROUP_ROW}"], group = label, label
        _head(sheet, letter, colour, column, help_text(profile, column, language), language)
        sheet[f"{letter}{EXAMPLE_ROW}"] = cells.get(column.key)
        _check(sheet, letter, column, lists, language, form(profile, column, language))
        size = sheet.column_dimensions[letter]
        size.width = _WIDTHS.get(column.form, _NARROW)
        size.alignment = Alignment(wrap_text=True, vertical="top")
        if column.number and column.number > 1:
            size.outlineLevel, size.hidden = 1, True
    for cell in sheet[EXAMPLE_ROW]:
        cell.font, cell.alignment = Font(italic=True, color=_GREY), Alignment(wrap_text=True, vertical="top")
        cell.number_format = "yyyy-mm-dd" if isinstance(cell.value, date) else cell.number_format
    sheet.row_dimensions[HEAD_ROW].height, sheet.row_dimensions[EXAMPLE_ROW].height = 48, 62
    sheet.freeze_panes = f"B{EXAMPLE_ROW}"
    sheet.sheet_properties.outlinePr = Outline(summaryRight=False)
    sheet.sheet_properties.tabColor = _COLOURS[list(profile.kinds).index(kind) % len(_COLOURS)]


def _head(sheet: Worksheet, letter: str, colour: str, column: Column, told: str, language: str) -> None:
    band, head = sheet[f"{letter}{GROUP_ROW}"], sheet[f"{letter}{HEAD_ROW}"]
    heading = column.heading(language)
    is_needed = column.is_needed(language)
    head.value = f"{heading} {REQUIRED}" if is_needed else heading
    head.font, band.font = Font(bold=is_needed), Font(bold=True, color=_GREY)
    head.fill = band.fill = PatternFill("solid", fgColor=colour)
    head.alignment, head.border = Alignment(wrap_text=True, vertical="top"), _LINE
    if told:
        head.comment = Comment(f"{heading}\n{told}", "Co-ped Hub", height=40 + 22 * (1 + len(told) // 34), width=300)


def _check(sheet: Worksheet, letter: str, column: Column, lists: _Lists, language: str, told: str) -> None:
    """A drop-down and a message for whoever selects a cell; only a list of which one is chosen refuses other words."""
    is_list = column.form in ("choice", "boolean")
    check = DataValidation(type="list" if is_list else None, allow_blank=True)
    if is_list:
        check.formula1 = lists.range(column)
        check.showErrorMessage = not column.is_many
        check.errorTitle, check.error = column.heading(language)[:_LONGEST_PROMPT_TITLE], words(language, _NOT_IN_LIST)
    if told:
        check.showInputMessage = True
        check.promptTitle = column.heading(language)[:_LONGEST_PROMPT_TITLE]
        check.prompt = told if len(told) <= _LONGEST_PROMPT else f"{told[: _LONGEST_PROMPT - 1]}…"
    if is_list or told:
        sheet.add_data_validation(check)
        check.add(f"{letter}{EXAMPLE_ROW}:{letter}{LAST_ROW}")


def _colour(profile: Profile, group: str | None) -> str:
    groups = list(_groups(profile))
    return _COLOURS[groups.index(group) % len(_COLOURS)] if group in groups else "FFFFFF"


def _groups(profile: Profile) -> dict[str, None]:
    """The groups that have fields, in their order."""
    ordered = sorted((f for kind in profile.kinds for f in profile.fields(kind)), key=lambda field: field.order)
    return dict.fromkeys(field.group for field in ordered if field.group)


def _label(profile: Profile, group: str | None, language: str) -> str:
    names = profile.groups.get(group or "", {})
    return names.get(language) or names.get(FALLBACK) or ""


def _explain(front: Worksheet, profile: Profile, language: str, sheets: Sequence[str]) -> None:
    """The first sheet: how to fill in the others, links to them, and what the colours mean."""
    front.column_dimensions["A"].width, front.column_dimensions["B"].width = 5, 104
    front.sheet_view.showGridLines = False
    front["A1"], front["A1"].font = words(language, _TITLE), Font(bold=True, size=18)
    row = 3
    for number, step in enumerate(steps(profile, language), 1):
        front[f"A{row}"], front[f"B{row}"] = number, step
        front[f"A{row}"].alignment = Alignment(vertical="top", horizontal="center")
        front[f"B{row}"].alignment = Alignment(wrap_text=True, vertical="top")
        front.row_dimensions[row].height = 17 * (1 + len(step) // 100)
        row += 1
    row = _titled(front, row + 1, words(language, _SHEETS))
    for name in sheets:
        link = front[f"B{row}"]
        link.value, link.font = name, Font(color="0563C1", underline="single")
        link.hyperlink = Hyperlink(ref=link.coordinate, location=f"{quote_sheetname(name)}!A{EXAMPLE_ROW}")
        row += 1
    row = _titled(front, row + 1, words(language, _GROUPS))
    for group in _groups(profile):
        front[f"A{row}"].fill = PatternFill("solid", fgColor=_colour(profile, group))
        front[f"B{row}"] = _label(profile, group, language)
        row += 1


def _titled(front: Worksheet, row: int, title: str) -> int:
    front[f"A{row}"], front[f"A{row}"].font = title, Font(bold=True, size=13)
    return row + 1
