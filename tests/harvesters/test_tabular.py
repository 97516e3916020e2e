"""Tables over loopback: the forms in which people save them, and what is wrong with them."""

import json
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from harvesters import tables, workbooks
from harvesters.samples.server import serve
from harvesters.samples.workbook import XLSX
from harvesters.source_files import SOURCES, load_sources
from harvesters.tabular import TabularHarvester
from hub.errors import FetchError
from hub.fetch import Client
from hub.harvest import harvest
from hub.ledger import Ledger
from hub.model import Page, RawRecord, Source
from hub.profile import load
from tests.servers.loopback import Answer, serving

CSV = "text/csv"
FIELDS = {"Codice": "identifier", "Titolo": "title", "Sintesi": "summary"}


def source(
    url: str, fields: dict[str, str] | None = None, select: dict[str, str] | None = None, **options: Any
) -> Source:
    options = {"fields": FIELDS if fields is None else fields} | options
    return Source(
        "table-test", {"en": "Test"}, "ITA", "it", "tabular", url, "table", select=select or {}, options=options
    )


def pages(body: bytes | str, media_type: str = CSV, cursor: str | None = None, **more: Any) -> list[Page]:
    with serving(lambda q: Answer(body, media_type=media_type)) as server:
        client = Client("tests/1", allowed_hosts=[server.host], retries=0)
        return list(TabularHarvester().pages(source(f"{server.url}/t", **more), client, cursor))


def records(body: bytes | str, media_type: str = CSV, **more: Any) -> list[RawRecord]:
    return [record for page in pages(body, media_type, **more) for record in page.records]


def rows(body: bytes | str, media_type: str = CSV, **more: Any) -> list[dict[str, Any]]:
    return [json.loads(record.payload) for record in records(body, media_type, **more)]


def refused(body: bytes | str, media_type: str = CSV, **more: Any) -> str:
    """The words of the failure, without the address that they begin with."""
    with pytest.raises(FetchError) as failure:
        pages(body, media_type, **more)
    words = str(failure.value)
    assert words.startswith("http://127.0.0.1:")
    return words.partition("/t: ")[2]


def identifiers(found: Sequence[RawRecord]) -> list[str]:
    return [record.identifier for record in found]


def workbook(*sheets: Sequence[Sequence[Any]], titles: Sequence[str] = ("Pratiche", "Luoghi", "Altro")) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, cells in zip(titles, sheets, strict=False):
        sheet = book.create_sheet(title)
        for row in cells:
            sheet.append(list(row))
    written = BytesIO()
    book.save(written)
    return written.getvalue()


HEAD = ("Codice", "Titolo", "Sintesi")
ROW = {"Codice": "t1", "Titolo": "Tetto", "Sintesi": "Isolato, infine"}


def test_the_sample_workbook() -> None:
    with serve() as samples:
        sample = load_sources(SOURCES.parent / "samples" / "sources", samples.url)["sample-nl"]
        (page,) = TabularHarvester().pages(sample, Client("tests/1", allowed_hosts=["127.0.0.1"]))
    assert (page.cursor, page.total) == (None, 11)
    kinds = [record.kind for record in page.records]
    assert {kind: kinds.count(kind) for kind in kinds} == {"practice": 7, "venue": 2, "organisation": 1, "event": 1}
    solar = json.loads(next(r.payload for r in page.records if r.identifier == "zon-op-het-ketelkwartier"))
    assert isinstance(solar["Waarde"], int | float)
    assert solar["Begin"] == date.fromisoformat(solar["Begin"]).isoformat()


# CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
@pytest.mark.parametrize("declared", ["", "; charset=utf-8", "; charset=iso-8859-1", "; charset=x-unknown"])
def test_encodings(encoding: str, declared: str) -> None:
    (row,) = rows("Codice,Titolo\nt1,Città\n".encode(encoding), f"text/csv{declared}")
    assert row == {"Codice": "t1", "Titolo": "Città"}


def test_windows_1252_is_known_by_what_is_no_utf_8() -> None:
    (row,) = rows("Codice,Titolo\nt1,“Città” – 5 €\n".encode("cp1252"))
    assert row["Titolo"] == "“Città” – 5 €"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, ending: str) -> None:
    lines = [delimiter.join(HEAD), delimiter.join(["t1", "Tetto", '"Isolato, infine"']), ""]
    assert rows(ending.join(lines)) == [ROW]


def test_the_delimiter_is_the_one_that_the_headings_need() -> None:
    """Commas outnumber the semicolons here."""
    body = "Codice;Titolo;Prezzo, in euro, IVA inclusa\nt1;Tetto, muro, porta;1,5\n"
    (row,) = rows(body)
    assert row == {"Codice": "t1", "Titolo": "Tetto, muro, porta", "Prezzo, in euro, IVA inclusa": "1,5"}


def test_headings_on_several_lines_and_padded_with_blanks() -> None:
    body = '"Codice /\n  code";" Titolo \u00a0 (title)"\nt1;Tetto\n'
    fields = {"Codice / code": "identifier", "Titolo (title)": "title"}
    assert rows(body, fields=fields) == [{"Codice / code": "t1", "Titolo (title)": "Tetto"}]
    padded = {"Codice /\n  code": "identifier", "Titolo    (title)": "title"}
    assert identifiers(records(body, fields=padded)) == ["t1"]


def test_what_stands_above_the_headings_is_left_out() -> None:
    body = (
        "Elenco delle buone pratiche\n\nAggiornato il;31.12.2025\n;;\nCodice;Titolo;Sintesi\nt1;Tetto;Isolato, infine\n"
    )
    assert rows(body) == [ROW]


def test_empty_rows_and_cells() -> None:
    body = "Codice,Titolo,Sintesi\n\n , ,\nt1,Tetto,\n,,\nt2, Muro \n"
    assert rows(body) == [
        {"Codice": "t1", "Titolo": "Tetto", "Sintesi": None},
        {"Codice": "t2", "Titolo": "Muro", "Sintesi": None},
    ]


def test_columns_without_a_heading_or_with_the_same() -> None:
    assert rows(",Codice,Titolo,Titolo,\n0,t1,a,b,\n1,t2,,b,x\n") == [
        {"column 1": "0", "Codice": "t1", "Titolo": "a", "Titolo (4)": "b", "column 5": None},
        {"column 1": "1", "Codice": "t2", "Titolo": None, "Titolo (4)": "b", "column 5": "x"},
    ]


def test_texts_of_a_csv_stay_texts() -> None:
    (row,) = rows("Codice,Titolo\n007,1.5\n")
    assert row == {"Codice": "007", "Titolo": "1.5"}


def test_a_cell_too_many_costs_the_row() -> None:
    good, bad = records("Codice,Titolo\nt1,Tetto\nt2,Muro, porta\n")
    assert (good.problem, bad.identifier) == (None, "t2")
    assert bad.problem == (
        "In the row that begins 't2' there are 3 cells under 2 headings; a text with the delimiter in it must stand in "
        "quotation marks."
    )
    assert json.loads(bad.payload)["column 3"] == "porta"  # so that a mended row has another payload


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("", "the file is empty."),
        ("\ufeff \n", "the file is empty."),
        ("<!doctype html><title>404</title>", "answered with a web page or XML in place of a table: '<!doctype html>"),
        (b"%PDF-1.7 ...", "this is a PDF, no table. Save it as .xlsx or CSV."),
        (b"\x1f\x8b\x08", "this is a compressed file, no table."),
        (b"a\0b\0c\0", "this is no text in UTF-8, UTF-16 or Windows-1252, and no workbook."),
        (
            'Codice,Titolo\nt1,"Tetto\nt2,Muro\n',
            "a quotation mark is open to the end of the file, in the row that begins 't1'",
        ),
        (
            'Codice,Titolo\nt1,"' + "x" * 200_000,
            "line 2 is no CSV (field larger than field limit (131072)); a quotation mark",
        ),
        (
            "Code;Title\nt1;Roof\n",
            "the file has none of the columns that [options.fields] maps ('Codice', 'Titolo', 'Sintesi'); "
            "it has 'Code', 'Title'. Check the source file, or ask whether the publisher renamed them.",
        ),
        (
            "Titolo,Sintesi\nTetto,x\n",
            "the table of kind 'practice' has no column 'Codice', which [options.fields] maps to",
        ),
    ],
)
def test_what_is_no_table_is_told(body: bytes | str, told: str) -> None:
    assert refused(body).startswith(told)


def test_a_mapped_column_that_is_not_there_is_told_to_the_operator(caplog: pytest.LogCaptureFixture) -> None:
    assert len(records("Codice,Titolo\nt1,Tetto\n")) == 1
    assert [message.partition("/t: ")[2] for message in caplog.messages] == [
        "there are no columns ['Sintesi'], which [options.fields] maps"
    ]


def test_a_csv_is_one_table() -> None:
    assert [r.kind for r in records("Codice\nx\n", select={"venue": ""})] == ["venue"]
    words = refused("Codice\nx\n", select={"practice": "", "venue": ""})
    assert words == "a CSV file is one table, but [select] has 2 kinds: practice, venue."


def test_more_rows_than_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 20)
    body = "Codice\n" + "".join(f"{n}\n" for n in range(100))
    assert refused(body) == "the file has more than 20 rows. Ask the publisher for several files."
    assert (
        refused(json.dumps([{"Codice": n} for n in range(21)]), "application/json")
        == "the list has more than 20 entries. Ask the publisher for several files."
    )


# Workbooks


def test_cells_of_a_workbook_keep_their_types() -> None:
    body = workbook(
        [
            ("Codice", "Titolo", "Giorno", "Ora", "Momento", "Durata", "Numero", "Intero", "Vero"),
            (
                7,
                " Tetto\n",
                date(2024, 5, 17),
                time(9, 30),
                datetime(2024, 5, 17, 9, 30),
                timedelta(hours=36),
                1.25,
                2.0,
                True,
            ),
        ]
    )
    assert rows(body, XLSX) == [
        {
            "Codice": 7, "Titolo": "Tetto", "Giorno": "2024-05-17", "Ora": "09:30:00", "Momento": "2024-05-17T09:30:00",
            "Durata": "1 day, 12:00:00", "Numero": 1.25, "Intero": 2, "Vero": True,
        }
    ]  # fmt: skip
    assert identifiers(records(body, "application/octet-stream")) == ["7"]


def test_sheets_are_chosen_by_kind() -> None:
    body = workbook([HEAD, ("p", "P", "")], [("Nota",), (), HEAD, ("v", "V", "")], [("altro",)])
    assert [(r.kind, r.identifier) for r in records(body, XLSX)] == [("practice", "p")]
    select = {"venue": " luoghi", "practice": "Pratiche"}
    assert [(r.kind, r.identifier) for r in records(body, XLSX, select=select)] == [("venue", "v"), ("practice", "p")]
    assert refused(body, XLSX, select={"practice": "Practices"}) == (
        "there is no sheet 'Practices', which [select] names; the sheets are Pratiche, Luoghi, Altro."
    )
    assert refused(body, XLSX, select={"practice": "Altro"}).startswith("the sheet 'Altro' has none of the columns")
    assert refused(workbook([]), XLSX) == "the sheet '' is empty. Check url in the source file, or try later."


def test_remarks_beside_a_table_are_no_fault() -> None:
    (record,) = records(workbook([HEAD, ("t1", "Tetto", "", None, "da controllare")]), XLSX)
    assert record.problem is None
    assert json.loads(record.payload)["column 5"] == "da controllare"


def test_formulas_have_the_result_that_was_saved_with_them() -> None:
    """openpyxl writes formulas without results, as every library does; a spreadsheet program saves them."""
    body = workbook([HEAD, ("t1", "=1+1", "Isolato"), ("t2", "Muro", '=""'), ("t3", "Porta", "")])
    unsaved, _, plain = records(body, XLSX)
    assert (unsaved.identifier, plain.problem) == ("t1", None)
    assert unsaved.problem == (
        "In the row that begins 't1' the column 'Titolo' holds a formula without a saved result; "
        "open the workbook in a spreadsheet program and save it."
    )
    saved = _with(body, "xl/worksheets/sheet1.xml", b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
    saved = _with(saved, "xl/worksheets/sheet1.xml", b'<c r="C3"><f>""</f>', b'<c r="C3" t="str"><f>""</f>')
    found = records(saved, XLSX)
    assert [record.problem for record in found] == [None] * 3
    assert [json.loads(record.payload)["Titolo"] for record in found] == [2, "Muro", "Porta"]
    assert json.loads(found[1].payload)["Sintesi"] is None


def test_an_error_in_a_mapped_cell_costs_the_row() -> None:
    body = workbook([(*HEAD, "Nota"), ("t1", "#REF!", "", ""), ("t2", "Muro", "", "#N/A")])
    first, second = records(body, XLSX)
    assert first.problem == "In the row that begins 't1' the column 'Titolo' holds the error #REF!."
    assert second.problem is None


def test_broken_and_foreign_workbooks_are_told() -> None:
    body = workbook([HEAD, ("t1", "Tetto", "")])
    assert refused(body[: len(body) // 2], XLSX).startswith("this is no readable workbook (")
    missing = _with(body, "[Content_Types].xml", b"", b"", remove=True)
    assert refused(missing, XLSX).startswith("this is no readable workbook (KeyError")
    bad = _with(body, "xl/worksheets/sheet1.xml", b"</row>", b"</raw>")
    assert refused(bad, XLSX).startswith(
        ("the sheet '' cannot be read (ParseError", "this is no readable workbook (ParseError")
    )
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert refused(archive.getvalue()) == "this is an OpenDocument file. Save it as .xlsx or CSV."


def test_bombs_are_refused_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    body = workbook([HEAD, ("t1", "Tetto", "")])
    archive = BytesIO(body)
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as written:
        written.writestr("xl/media/bomb.bin", b"\0" * (workbooks.MOST_UNPACKED + 1))
    assert len(archive.getvalue()) < 1_000_000
    assert refused(archive.getvalue(), XLSX) == "the workbook unpacks to more than 200000000 bytes."
    entities = _with(body, "xl/worksheets/sheet1.xml", b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet')
    assert refused(entities, XLSX) == "the workbook declares entities, which no spreadsheet program writes."


def test_far_away_cells_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet says where its rows and cells stand; what lies between is made up while reading."""
    body = workbook([HEAD, ("t1", "Tetto", "")])
    far = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>fine</t></is></c></row></sheetData>'
    assert identifiers(records(_with(body, "xl/worksheets/sheet1.xml", b"</sheetData>", far), XLSX)) == ["t1"]
    monkeypatch.setattr(workbooks, "_LAST_ROW", 1000)
    farther = far.replace(b"1048576", b"99999999999")
    words = refused(_with(body, "xl/worksheets/sheet1.xml", b"</sheetData>", farther), XLSX)
    assert words == "the sheet 'Pratiche' has more than 1000 rows."


def test_a_sheet_that_lies_about_its_size_is_read_whole() -> None:
    body = workbook([HEAD, ("t1", "Tetto", "x"), ("t2", "Muro", "y")])
    lying = _with(body, "xl/worksheets/sheet1.xml", b'<dimension ref="A1:C3"/>', b'<dimension ref="A1:A1"/>')
    assert rows(lying, XLSX) == rows(body, XLSX)


def _with(body: bytes, part: str, old: bytes, new: bytes, *, remove: bool = False) -> bytes:
    """The workbook with another text in one of its parts."""
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(body)) as before, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            if name == part and remove:
                continue
            content = before.read(name)
            assert name != part or old in content, content
            after.writestr(name, content.replace(old, new) if name == part else content)
    return written.getvalue()


# JSON


@pytest.mark.parametrize(
    ("document", "more"),
    [
        ([ROW], {}),
        ({"date": "2024", "items": [ROW]}, {}),
        ({"items": [ROW], "other": [{"x": 1}]}, {"records": "items"}),
        ({"result": {"records": [ROW]}}, {"records": "result.records"}),
        ({"result.records": [ROW]}, {"records": "result.records"}),
        ({"items": [ROW], "other": [{"x": 1}]}, {"select": {"practice": "items"}}),
    ],
)
def test_lists_of_objects(document: Any, more: dict[str, Any]) -> None:
    for media_type in ("application/json", "text/plain", "application/octet-stream"):
        assert rows(json.dumps(document), media_type, **more) == [ROW]


def test_values_of_json_stay_what_they_are() -> None:
    entry = {"Codice": 5, "Titolo": {"it": "Tetto"}, " Sintesi\n": ["a", None], "vero": True, "n": 1.5}
    (row,) = rows(json.dumps([entry]), "application/json")
    assert row == {"Codice": 5, "Titolo": {"it": "Tetto"}, "Sintesi": ["a", None], "vero": True, "n": 1.5}
    assert identifiers(records(json.dumps([entry]), "application/json")) == ["5"]


def test_each_kind_has_its_list() -> None:
    document = {"pratiche": [ROW], "luoghi": [{"Codice": "v", "Titolo": "Casa"}]}
    found = records(json.dumps(document), "application/json", select={"practice": "pratiche", "venue": "luoghi"})
    assert [(r.kind, r.identifier) for r in found] == [("practice", "t1"), ("venue", "v")]


def test_an_entry_that_is_no_object_is_kept_with_a_problem() -> None:
    good, bad = records(json.dumps([ROW, "Tetto"]), "application/json")
    assert (good.problem, bad.problem) == (None, "The entry is no object with fields, but 'Tetto'.")
    assert bad.identifier.startswith("unidentified-")


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("[{", "this is no valid JSON: Expecting property name"),
        ("[" * 100_000, "this is no valid JSON: "),
        ('{"a": 1}', "the document has no list, or several; it has the keys 'a'. Name the one in options.records"),
        ('{"a": [], "b": []}', "the document has no list, or several; it has the keys 'a', 'b'."),
        (
            '[{"Code": 1}]',
            "the list has none of the columns that [options.fields] maps ('Codice', 'Titolo', 'Sintesi'); it",
        ),
        (
            '[{"Titolo": "x"}]',
            "the table of kind 'practice' has no column 'Codice', which [options.fields] maps to identifier",
        ),
    ],
)
def test_what_is_no_list_of_records_is_told(document: str, told: str) -> None:
    assert refused(document, "application/json").startswith(told)


def test_a_name_that_leads_to_no_list_is_told() -> None:
    told = "the document has no list under 'items'; "
    assert refused('{"a": {}}', "application/json", records="items").startswith(f"{told}it has the keys 'a'.")
    assert refused("[]", "application/json", records="items").startswith(f"{told}it is a list itself.")


def test_an_empty_list_is_an_empty_page() -> None:
    (page,) = pages("[]", "application/json")
    assert (list(page.records), page.cursor, page.total) == ([], None, 0)


# Identity


def test_rows_without_a_column_for_it_are_known_by_their_content() -> None:
    fields = {"Titolo": "title"}
    first, second = records("Titolo,Anno\nTetto,2020\nMuro,2021\nTetto,2020\n", fields=fields)
    assert first.identifier.startswith("row-")
    assert first.identifier != second.identifier
    (again,) = records("Titolo;Anno\nTetto;2020\n", fields=fields)
    assert again == first


def test_a_row_without_identifier_is_kept_with_a_problem() -> None:
    good, bad = records("Codice,Titolo\nt1,Tetto\n,Muro\n")
    assert good.problem is None
    assert bad.problem == "The row has nothing in the column 'Codice', which is to hold its identifier."
    assert bad.identifier.startswith("unidentified-")


def test_two_rows_with_one_identifier() -> None:
    first, second = records("Codice,Titolo\nt1,Tetto\nt1,Tetto\nt1,Muro\n")
    assert (first.identifier, first.problem) == ("t1", None)
    assert second.problem == "Two rows have the identifier 't1' and differ; the first is kept. Each needs its own."
    assert second.identifier.startswith("unidentified-")


def test_the_same_identifier_in_two_kinds() -> None:
    body = workbook([HEAD, ("a", "P", "")], [HEAD, ("a", "V", "")])
    found = records(body, XLSX, select={"practice": "Pratiche", "venue": "Luoghi"})
    assert [(r.kind, r.identifier, r.problem) for r in found] == [("practice", "a", None), ("venue", "a", None)]


@pytest.mark.parametrize("cell", [7, 7.0, "7", " 7 "])
def test_an_identifier_is_the_same_however_the_cell_is_typed(cell: Any) -> None:
    assert identifiers(records(workbook([HEAD, (cell, "Tetto", "")]), XLSX)) == ["7"]


def test_identifiers_that_no_database_takes(tmp_path: Path) -> None:
    """Half a surrogate pair, NUL, and more letters than an index holds; all of it is in JSON from outside."""
    entries = [{"Codice": code, "Titolo": code[:9]} for code in ("a\ud800b", "c\0d", "e" * 5000, "e" * 5001)]
    with serving(lambda q: Answer(json.dumps(entries), media_type="application/json")) as server:
        ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", "https://hub.example")
        client = Client("tests/1", allowed_hosts=[server.host], retries=0)
        report = harvest(ledger, source(f"{server.url}/t"), client, load(), lambda *_: None)
        found = [record.identifier for record in ledger.changes.all_records()]
        ledger.close()
    assert (report.state, report.seen) == ("complete", 4)
    assert found[:2] == ["a?b", "c d"]
    assert [len(identifier) for identifier in found[2:]] == [514, 514]
    assert found[2] != found[3]


# Pages


def test_pages_and_cursors() -> None:
    body = "Codice\n" + "".join(f"t{n}\n" for n in range(5))
    found = pages(body, page_size=2)
    assert [identifiers(page.records) for page in found] == [["t0", "t1"], ["t2", "t3"], ["t4"]]
    assert [page.cursor for page in found] == ["2", "4", None]
    assert {page.total for page in found} == {5}
    assert not TabularHarvester.stable
    assert pages(body, page_size=2, cursor="2") == found[1:]
    assert pages(body, page_size=2, cursor="elsewhere") == found
    assert [identifiers(page.records) for page in pages(body, page_size=2, cursor="9")] == [[]]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"page_size": "2"}, "options.page_size is '2'; it must be a number from 1 to 1000"),
        ({"records": 1}, "options.records is '1'; it must be text"),
    ],
)
def test_an_option_of_the_wrong_form_is_told(options: dict[str, Any], told: str) -> None:
    with pytest.raises(FetchError) as failure:
        pages("Codice\n", **options)
    assert str(failure.value) == f"table-test: {told}"
