"""What a file is that holds tables: our own template, a workbook, CSV, or a list in JSON."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from harvesters.guessing.columns import suggested
from harvesters.guessing.findings import Guess, Said
from harvesters.guessing.speech import language_of
from harvesters.tables import File, Row, workbook
from harvesters.template import read_template
from hub.errors import FetchError
from hub.fetch import Response, address
from hub.languages import FALLBACK, N_
from hub.profile.spreadsheet_columns import IDENTIFIER

_TABLE: Final = N_("a table with {number} rows")
_COLUMNS: Final = N_("Its columns are {names}.")
_SHEETS: Final = N_("The workbook has the sheets {names}; “{name}” is read. [select] names another.")
_LIST: Final = N_("The list lies under “{name}” in the document.")
_GUESSED: Final = N_("Which column is which field is a guess by the headings. Check it before you use the source file.")
_NO_IDENTIFIER: Final = N_(
    "No column identifies the rows. They are known by their content, so a changed row counts as a new record."
)
_NO_FIELDS: Final = N_("No column looks like one of our fields. [options.fields] has to say which is which.")
_TEMPLATE: Final = N_("the hub’s own spreadsheet, filled in ({language}, {number} rows)")
_IMPORT: Final = N_("`hub import` takes it as it is; a source file is needed only where it lies at a web address.")
_TWO_COLUMNS: Final = 2
_SAMPLED: Final = 200  # rows


def of_workbook(answer: Response, language: str | None) -> Guess:
    """Raises FetchError where it cannot be read."""
    shown = address(answer.url)
    if found := _of_template(answer, shown):
        return found
    with workbook(answer.body, shown) as book:
        titles = book.titles
    tables = {title: _rows(answer, title) for title in titles}
    filled_in = [title for title in titles if _is_table(tables[title])]
    if not filled_in:
        raise FetchError(f"{shown}: no sheet of the workbook holds a table.")
    best = max(filled_in, key=lambda title: len(tables[title]))
    if best == titles[0] and len(filled_in) == 1:
        return _guess(tables[best], answer.url, language)
    sheets = Said(_SHEETS, {"names": ", ".join(filled_in), "name": best})
    return _guess(tables[best], answer.url, language, sheets, select={"practice": best})


def _of_template(answer: Response, shown: str) -> Guess | None:
    if not answer.body.startswith(b"PK"):  # .xls: the template is an .xlsx
        return None
    filled = read_template(answer.body, shown)
    if all(sheet.place(IDENTIFIER) is None for sheet in filled.sheets):
        return None
    number = sum(not row.is_example for sheet in filled.sheets for row in sheet.rows)
    what = Said(_TEMPLATE, {"language": filled.sheets[0].language, "number": number})
    tags = {filled.sheets[0].language: 1}
    return Guess(what, (), (Said(_IMPORT),), "template", "template", answer.url, tags=tags)


def _rows(answer: Response, name: str) -> Sequence[Row]:
    try:
        return File(answer, ()).tables({"practice": name})["practice"]
    except FetchError:  # an empty sheet is no fault of the workbook
        return ()


def _is_table(rows: Sequence[Row]) -> bool:
    return bool(rows) and max(len(row.cells) for row in rows[:_SAMPLED]) >= _TWO_COLUMNS


def of_text(answer: Response, language: str | None) -> Guess | None:
    """CSV; None where it is no table of two columns at least. Raises FetchError where a table is broken."""
    rows = File(answer, ()).tables({"practice": ""})["practice"]
    return _guess(rows, answer.url, language) if _is_table(rows) else None


def of_lists(document: Any, answer: Response, language: str | None) -> Guess | None:
    """The longest list of objects in a JSON document."""
    found = {name: entries for name, entries in _lists(document).items() if any(isinstance(e, dict) for e in entries)}
    if not found:
        return None
    name = max(found, key=lambda key: len(found[key]))
    rows = File(answer, (), name).tables({"practice": ""})["practice"]
    if not name:
        return _guess(rows, answer.url, language)
    return _guess(rows, answer.url, language, Said(_LIST, {"name": name}), records=name)


def _lists(document: Any) -> Mapping[str, list[Any]]:
    """Lists by where they lie: "" for the document itself, a key, or two keys with a dot between them."""
    if isinstance(document, list):
        return {"": document}
    found: dict[str, list[Any]] = {}
    for key, value in document.items() if isinstance(document, dict) else ():
        if isinstance(value, list):
            found[key] = value
        elif isinstance(value, dict):
            found |= {f"{key}.{inner}": entries for inner, entries in value.items() if isinstance(entries, list)}
    return found


def _guess(
    rows: Sequence[Row],
    url: str,
    language: str | None,
    *reasons: Said,
    select: Mapping[str, str] | None = None,
    records: str = "",
) -> Guess:
    headings = list(dict.fromkeys(name for row in rows[:_SAMPLED] for name in row.cells))
    cells = [cell for row in rows[:_SAMPLED] for cell in row.cells.values() if isinstance(cell, str)]
    sample = "\n".join([*headings, *cells])
    spoken = language or language_of({}, sample) or FALLBACK
    fields = suggested(rows, spoken)
    advice = [Said(_GUESSED)] if fields else [Said(_NO_FIELDS)]
    advice += [] if IDENTIFIER in fields.values() else [Said(_NO_IDENTIFIER)]
    columns = Said(_COLUMNS, {"names": ", ".join(f"“{name}”" for name in headings)})
    return Guess(
        Said(_TABLE, {"number": len(rows)}),
        (*reasons, columns),
        tuple(advice),
        protocol="tabular",
        format="table",
        url=url,
        select=select or {},
        options={"fields": fields, **({"records": records} if records else {})},
        sample=sample,
        is_suggested=True,
    )
