"""An import on a screen: a table of what to mend, in the template's language, and what became of the records."""

from collections import defaultdict
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hub.harvest.imports import Import
from hub.harvest.remarks import ERROR, WARNING, WISH, Remark
from hub.languages import N_, catalogue
from hub.profile.spreadsheet_words import words
from hub.validation.words import plain

_SEVERITIES: Final = {ERROR: N_("error"), WARNING: N_("please check"), WISH: N_("recommended")}
_STYLES: Final = {ERROR: "bold red", WARNING: "yellow", WISH: "dim"}
_HEADS: Final = (N_("Cell"), N_("Column"), N_("Severity"), N_("What to do"), N_("Allowed"))
_EMPTY: Final = N_("“{field}” is empty on the sheet “{sheet}” in these rows: {rows}")
_DRY: Final = N_("Nothing was written; this was a rehearsal.")
_ROWS_TOLD: Final = 20


def print_import(done: Import) -> None:
    screen, language = Console(), done.language
    told = [remark for remark in done.remarks if remark.severity != WISH]
    if told:
        table = Table(*(words(language, head) for head in _HEADS))
        for remark in told:
            table.add_row(*_cells(remark, language))
        screen.print(table)
    for line in _wishes(done):
        screen.print(Text(line, _STYLES[WISH]))
    screen.print(Text(_summary(done)))


def _cells(remark: Remark, language: str) -> list[Text]:
    severity = Text(words(language, _SEVERITIES[remark.severity]), _STYLES[remark.severity])
    texts = [Text(plain(text)) for text in (remark.cell, remark.heading, remark.message, remark.allowed)]
    return [*texts[:2], severity, *texts[2:]]


def _wishes(done: Import) -> list[str]:
    """What is recommended and empty, a line for each column: it costs no record, and would fill a screen."""
    rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    for remark in done.remarks:
        if remark.severity == WISH and remark.row and remark.heading:
            rows[remark.sheet, remark.heading].append(remark.row)
    label = words(done.language, _SEVERITIES[WISH])
    return [
        f"{label}: {words(done.language, _EMPTY, field=field, sheet=sheet, rows=_listed(numbers))}"
        for (sheet, field), numbers in rows.items()
    ]


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:_ROWS_TOLD]))
    return f"{shown} …" if len(numbers) > _ROWS_TOLD else shown


def _summary(done: Import) -> str:
    """How many records are ready, or what the ledger made of them."""
    words_of = catalogue(done.language)
    ready, waiting = sum(record.valid for record in done.records), sum(not record.valid for record in done.records)
    parts = [words_of.ngettext("%(num)s valid record", "%(num)s valid records", ready) % {"num": ready}]
    if waiting:
        parts.append(words_of.ngettext("%(num)s record to mend", "%(num)s records to mend", waiting) % {"num": waiting})
    if done.run is None:
        return f"{', '.join(parts)}. {words(done.language, _DRY)}"
    counts = (
        (N_("new"), done.run.created),
        (N_("changed"), done.run.changed),
        (N_("unchanged"), done.run.unchanged),
        (N_("missing"), done.run.missing),
        (N_("withdrawn"), done.run.withdrawn),
    )
    effects = ", ".join(f"{words(done.language, word)}: {number}" for word, number in counts if number)
    return f"{done.source.key} – {', '.join(parts)}. {effects}".rstrip()
