"""The template: in each language, complete, and a pleasure to fill in."""

import re
from datetime import date

import pytest
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from hub.errors import BadRequest
from hub.languages import LANGUAGES
from hub.profile import load
from hub.profile.spreadsheet import LISTS, entries, workbook
from hub.profile.spreadsheet_columns import IDENTIFIER, by_heading, columns, normal
from hub.profile.spreadsheet_example import example
from hub.profile.spreadsheet_words import sheet_name
from tests.profile.filling import HEAD, heads, opened, place_of, sheet_of

PROFILE = load()
KINDS = list(PROFILE.kinds)


def checks(sheet: Worksheet, at: int) -> DataValidation:
    cell = sheet.cell(10, at).coordinate
    (found,) = [check for check in sheet.data_validations.dataValidation if cell in check.sqref]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_for_each_kind_behind_the_instructions(language: str) -> None:
    book = opened(language)
    names = [sheet_name(PROFILE, kind, language) for kind in KINDS]
    assert book.sheetnames[1:] == [*names, LISTS]
    assert book[LISTS].sheet_state == "hidden"
    front = book.worksheets[0]
    links = {
        cell.value: cell.hyperlink.location or cell.hyperlink.ref for row in front for cell in row if cell.hyperlink
    }
    assert list(links) == names
    assert len([row for row in front["B"] if row.value and len(str(row.value)) > 40]) >= 10


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_field_that_people_fill_in_has_a_column_that_explains_itself(language: str, kind: str) -> None:
    sheet = sheet_of(opened(language), kind, language)
    wanted = columns(PROFILE, kind, language)
    assert [head.removesuffix(" *") for head in heads(sheet)] == [column.heading(language) for column in wanted]
    edited = {field.key for field in PROFILE.fields(kind) if field.editor}
    assert {re.split(r"[-.@]", column.key)[0] for column in wanted} == edited | {IDENTIFIER}
    for at, column in enumerate(wanted, 1):
        comment = sheet.cell(HEAD, at).comment
        assert isinstance(comment, Comment) and comment.text.startswith(column.heading(language)), column.key
        assert len(comment.text) > len(column.heading(language)) + 8, column.key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_headings_are_told_apart(language: str, kind: str) -> None:
    names = [normal(column.heading(language)) for column in columns(PROFILE, kind, language)]
    assert len(set(names)) == len(names)


def test_texts_have_a_column_in_the_language_and_one_in_english() -> None:
    keys = [column.key for column in columns(PROFILE, "practice", "de")]
    assert {"title@de", "title@en"} <= set(keys) and "title@hu" not in keys
    assert "Titel (Englisch)" in heads(sheet_of(opened("de"), "practice", "de"))
    assert [key for key in (c.key for c in columns(PROFILE, "practice", "en")) if key.startswith("title")] == [
        "title@en"
    ]


def test_what_is_needed_is_marked_and_bold() -> None:
    sheet = sheet_of(opened("hu"), "practice", "hu")
    needed = {cell.value for cell in sheet[HEAD] if str(cell.value).endswith("*")}
    assert {"Azonosító *", "Cím *", "Összefoglaló *", "Ország *"} <= needed
    assert all(cell.font.b for cell in sheet[HEAD] if cell.value in needed)
    assert "Mutató 1 – Érték" in heads(sheet), "a part of something optional is needed only with it"


def test_cardinality_decides_how_often_something_is_asked() -> None:
    keys = [column.key for column in columns(PROFILE, "practice", "en")]
    assert {"indicator-3.value", "funding-2.amount", "period.start", "place.centroid", "lead.identifier"} <= set(keys)
    assert not {"indicator-4.value", "funding-3.amount", "period-2.start", "place-2.centroid"} & set(keys)


def test_headings_stand_still_in_the_colours_of_their_groups() -> None:
    sheet = sheet_of(opened("sv"), "practice", "sv")
    assert sheet.freeze_panes == "B3"
    colours = {}
    for column, cell in zip(columns(PROFILE, "practice", "sv"), sheet[HEAD], strict=True):
        colours.setdefault(column.group, set()).add(cell.fill.fgColor.rgb)
    assert all(len(found) == 1 for found in colours.values())
    assert len({colour for found in colours.values() for colour in found}) == len(colours)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_offers_every_concept_by_its_label(language: str) -> None:
    book = opened(language)
    sheet = sheet_of(book, "practice", language)
    field = PROFILE.field("practice", "theme")
    check = checks(sheet, place_of(sheet, "practice", "theme", language))
    first, last = re.findall(r"\$([A-Z]+)\$(\d+)", check.formula1)
    offered = [book[LISTS][f"{first[0]}{row}"].value for row in range(int(first[1]), int(last[1]) + 1)]
    assert check.type == "list" and offered == entries(PROFILE, field.scheme or "", language)
    there = {PROFILE.label(iri, language) for iri in PROFILE.schemes[field.scheme or ""].concepts}
    assert {entry.strip() for entry in offered} == there
    assert not check.showErrorMessage, "several, with semicolons between them, must be typed"


def test_a_list_of_which_one_is_chosen_refuses_other_words() -> None:
    sheet = sheet_of(opened("fr"), "practice", "fr")
    check = checks(sheet, place_of(sheet, "practice", "outcome", "fr"))
    assert check.showErrorMessage and "liste" in str(check.error)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_messages_fit_what_spreadsheet_programs_take(language: str, kind: str) -> None:
    for check in sheet_of(opened(language), kind, language).data_validations.dataValidation:
        assert len(check.prompt or "") <= 255 and len(check.promptTitle or "") <= 32
        assert len(check.error or "") <= 255 and len(check.errorTitle or "") <= 32
        assert len(check.formula1 or "") <= 255


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_says_that_it_is_one(language: str) -> None:
    sheet = sheet_of(opened(language), "practice", language)
    shown = example(PROFILE, "practice", language)
    assert sheet.cell(3, 1).value == shown[IDENTIFIER] and str(shown[IDENTIFIER]).isupper()
    assert all(cell.font.i for cell in sheet[3])
    assert shown[f"title@{language}"] and shown[f"summary@{language}"]
    day = sheet.cell(3, place_of(sheet, "practice", "period.end", language))
    assert isinstance(shown["period.end"], date) and day.is_date


def test_a_further_entry_and_another_language_are_known_by_their_headings() -> None:
    known = by_heading(PROFILE, "practice", "hu")
    assert known[normal("Mutató 5 – Érték")].key == "indicator-5.value"
    assert known[normal("cím (Francia) *")].key == "title@fr"
    assert known[normal("Hely 2 – Koordináták")].key == "place-2.centroid"


def test_another_language_is_refused() -> None:
    with pytest.raises(BadRequest, match="'pl' is not valid; allowed: it, sv, de, hu, nl, fr, en"):
        workbook(PROFILE, "pl")
