"""What the template says to the people who fill it in; the words are in the catalogues of `locales/`."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from hub.languages import FALLBACK, LANGUAGES, N_, catalogue, language_name
from hub.profile import Profile, folded
from hub.profile.spreadsheet_columns import IDENTIFIER, Column, columns

SHEETS: Final[Mapping[str, str]] = {
    "practice": N_("Good practices"),
    "venue": N_("Venues"),
    "organisation": N_("Organisations"),
    "event": N_("Events"),
}
FORMS: Final[Mapping[str, str]] = {
    "choice": N_("Choose an entry of the list."),
    "date": N_("A day as year-month-day, such as 2025-03-31, or only the year."),
    "number": N_("A number without its unit, such as 25000."),
    "whole": N_("A whole number, such as 40."),
    "boolean": N_("Write yes or no."),
    "point": N_("Latitude, then longitude, in decimal degrees, such as 48.21, 16.37."),
    "link": N_("A web address that begins with https://."),
}
MANY: Final = N_("Several are written with “; ” between them.")
LANGUAGE: Final = N_("In this language: {language}.")
SAME: Final = N_("If it has a row on the sheet “{sheet}”, write that row’s identifier here.")
OWN: Final = N_(
    "A short name of your own, such as “roof-2024”. Never change it: the hub recognises the record by it "
    "when you send the file again."
)
NEEDED: Final = N_("Needed.")
NEEDED_IF: Final = N_("Needed where “{field}” is filled in.")
EXAMPLE: Final = N_("EXAMPLE")
INSTRUCTIONS: Final = N_("Instructions")
YES_NO: Final = (N_("yes"), N_("no"))
IN_ENGLISH: Final = N_("If you have a text in English too, there is a column for it.")
STEPS: Final = (
    N_("Each sheet is for one kind of record: one row a record, one column a field. Fill in only the sheets you need."),
    N_("Columns marked * are needed; all others may stay empty. The more you tell, the more others can learn from it."),
    N_("Point at a heading to read what belongs in its column; select a cell to see how it is written."),
    N_("Where a cell offers a list, choose from it. Where a column takes several values, write “; ” between them."),
    N_("Write a day as year-month-day, such as 2025-03-31; where the day is not known, the year will do."),
    N_(
        "Give each record an identifier of its own, such as “roof-2024”, and keep it. When you send the file again, "
        "the hub knows the record by it and takes over what you changed."
    ),
    N_("Write your texts in {language}."),
    IN_ENGLISH,
    N_("For a text in another language, add a column with that language in brackets, such as “{tagged}”."),
    N_("A + above the headings opens columns for a second or third entry. For more, add columns such as “{further}”."),
    N_("The first row of each sheet is an example. It is not imported, and you may delete it."),
    N_("You may reorder or delete columns and add your own; the hub leaves out what it does not know and tells you."),
    N_("Please enter no names, telephone numbers or e-mail addresses of private persons."),
)


def words(language: str, text: str, /, **values: object) -> str:
    """A text of the catalogues, with its places filled in."""
    found = catalogue(language).gettext(text)
    return found.format(**values) if values else found


@cache
def example_marks() -> frozenset[str]:
    """What the identifier of an example row may be, in any language, folded."""
    return frozenset(folded(words(language, EXAMPLE)) for language in LANGUAGES)


def sheet_name(profile: Profile, kind: str, language: str) -> str:
    """In the plural where the interface has one; at most the 31 characters that a sheet's name may have."""
    names = profile.kinds[kind].names
    return (words(language, SHEETS[kind]) if kind in SHEETS else names.get(language) or names[FALLBACK])[:31]


def form(profile: Profile, column: Column, language: str) -> str:
    """How a cell of the column is written."""
    parts = [words(language, FORMS[column.form])] if column.form in FORMS else []
    if column.language and column.language != language:
        parts.append(words(language, LANGUAGE, language=language_name(column.language, language)))
    if column.key == IDENTIFIER:
        parts = [words(language, OWN)]
    elif column.is_shared and column.field.key == IDENTIFIER:
        kind = next(kind.key for kind in profile.kinds.values() if kind.target == column.parents[-1].node_class)
        parts = [words(language, SAME, sheet=sheet_name(profile, kind, language))]
    return " ".join([*parts, *([words(language, MANY)] if column.is_many else [])])


def description(column: Column, language: str) -> str:
    """What belongs into the column: the field's own description; of a point, whose form differs here, none."""
    inner = column.parents[-1] if column.is_shared and column.field.key != IDENTIFIER else column.field
    told = inner.description.get(language) or inner.description.get(FALLBACK) or ""
    return "" if column.form == "point" or column.field.key == IDENTIFIER else told


def need(column: Column, language: str) -> str:
    if column.is_needed(language):
        return words(language, NEEDED)
    if column.field.min and column.parents and column.language in (None, language):
        name = column.parents[0].name
        return words(language, NEEDED_IF, field=name.get(language) or name[FALLBACK])
    return ""


def help_text(profile: Profile, column: Column, language: str) -> str:
    parts = (need(column, language), description(column, language), form(profile, column, language))
    return "\n".join(part for part in parts if part)


def steps(profile: Profile, language: str) -> Iterator[str]:
    """How to fill in the workbook, sentence by sentence."""
    every = [column for kind in profile.kinds for column in columns(profile, kind, language)]
    other = next(code for code in LANGUAGES if code not in (language, FALLBACK))
    text = next(column for column in every if column.language == language)
    tagged = f"{text.heading(language)} ({language_name(other, language)})"
    last = max(every, key=lambda column: (column.number or 0, not column.parents))
    further = last.heading(language).replace(str(last.number), str((last.number or 1) + 1), 1)
    for step in STEPS if language != FALLBACK else [step for step in STEPS if step != IN_ENGLISH]:
        yield words(language, step, language=language_name(language, language), tagged=tagged, further=further)
