"""Tables in other forms: old workbooks, GeoJSON, and the pages in which JSON APIs give their lists."""

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from harvesters.crosswalks.table import TableCrosswalk
from harvesters.tabular import TabularHarvester
from hub.errors import FetchError
from hub.fetch import Client
from hub.namespaces import record_iri
from tests.harvesters.conftest import BASE, notes, read
from tests.harvesters.test_tabular import records, refused, rows, source
from tests.servers.loopback import Answer, Question, serving

XLS = "application/vnd.ms-excel"
OLD = (Path(__file__).parent / "practices.xls").read_bytes()  # saved by LibreOffice as "Excel 97"
JSON = "application/json"

# XLS


def test_an_old_workbook() -> None:
    fields = {"Codice": "identifier", "Titolo (in italiano)": "title", "Inizio": "period.start"}
    first, second = rows(OLD, XLS, fields=fields)
    assert first == {
        "Codice": 7,
        "Titolo (in italiano)": "Il tetto del “Caffè” 🌱",
        "Sintesi": "Isolato, infine",
        "Inizio": "2024-02-03",
        "Ora": "18:30:00",
        "Quota": 0.25,
        "Aperto": True,
        "Somma": "Isolato, infine !",
        "Errore": "the error #DIV/0!",
        "Lontano": "2024-02-03T04:05:06",
    }
    assert (second["Codice"], second["Inizio"], second["Quota"], second["Somma"]) == ("p-8", "1900-01-05", -3, 42)
    assert second["Aperto"] is False
    assert second["Sintesi"] is None


def test_a_fault_in_a_mapped_cell_of_an_old_workbook() -> None:
    first, second = records(OLD, XLS, fields={"Codice": "identifier", "Errore": "summary"})
    assert first.problem == "In the row that begins '7' the column 'Errore' holds the error #DIV/0!."
    assert second.problem is None


def test_sheets_of_an_old_workbook() -> None:
    select = {"practice": "Pratiche", "venue": " luoghi "}
    assert [(r.kind, r.identifier) for r in records(OLD, "text/csv", select=select)] == [
        *(("practice", "7"), ("practice", "p-8"), ("venue", "v1"))
    ]
    words = "there is no sheet 'Altro', which [select] names; the sheets are Pratiche, Luoghi."
    assert refused(OLD, XLS, select={"practice": "Altro"}) == words


def test_macros_are_not_run_and_told(caplog: pytest.LogCaptureFixture) -> None:
    assert len(records(OLD + "_VBA_PROJECT_CUR".encode("utf-16-le"), XLS)) == 2
    assert "the workbook has macros, which are not run" in caplog.text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (OLD[:8], "this is no readable workbook (CompDocError: "),
        (OLD[:3000], "this is no readable workbook ("),
        (
            OLD.replace("Workbook".encode("utf-16-le"), "Encrypte".encode("utf-16-le")),
            "the workbook has a password, or is",
        ),
    ],
)
def test_old_workbooks_that_cannot_be_read(body: bytes, words: str) -> None:
    assert refused(body, XLS).startswith(words)


def test_an_old_workbook_with_a_password() -> None:
    """The record behind the first one, which is 20 bytes long, becomes FILEPASS (MS-XLS 2.4.117)."""
    begin = OLD.index(b"\x09\x08\x10\x00\x00\x06\x05\x00") + 20
    locked = OLD[:begin] + b"\x2f\x00" + OLD[begin + 2 :]
    assert refused(locked, XLS).startswith("the workbook has a password, or is none (Workbook is encrypted)")


def test_broken_old_workbooks_are_read_or_refused() -> None:
    chance = random.Random(5)
    outcomes: set[str] = set()
    with serving(lambda q: Answer(bytes(body), media_type=XLS)) as server:
        client = Client("tests/1", allowed_hosts=[server.host], retries=0)
        for _ in range(150):
            body = bytearray(OLD)
            for _ in range(chance.choice([1, 4, 40])):
                body[chance.randrange(len(body))] = chance.randrange(256)
            try:
                outcomes.add(
                    f"{sum(len(p.records) for p in TabularHarvester().pages(source(server.url), client))} rows"
                )
            except FetchError as error:
                outcomes.add("no readable workbook" if "no readable workbook" in str(error) else "another reason")
    assert {"2 rows", "no readable workbook"} <= outcomes


# GeoJSON

POINT = {"type": "Point", "coordinates": [2.35, 48.93]}
PLACES = {"Codice": "identifier", "Titolo": "title", "geometry": "place.point"}


def features(*found: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "crs": {"type": "name"}, "bbox": [1, 2], "features": list(found)})


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "id": 9, "geometry": geometry, "properties": {"Codice": "v1", **properties}}


def test_features_are_rows() -> None:
    body = features(feature(POINT, Titolo="Le 6b"), feature(None, Codice="v2", id="own"))
    assert rows(body, "application/geo+json", fields=PLACES) == [
        {"Codice": "v1", "Titolo": "Le 6b", "geometry": POINT, "id": 9},
        {"Codice": "v2", "geometry": None, "id": "own"},
    ]


@pytest.mark.parametrize(
    ("geometry", "points"),
    [
        (json.dumps(POINT), {"POINT(2.35 48.93)"}),
        ('{"type": "Point", "coordinates": [NaN, 48.9]}', set()),
        ('{"type": "Point", "coordinates": [1e999, 48.9]}', set()),
        ('{"type": "Point", "coordinates": []}', set()),
        ('{"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [1, 2]]]}', set()),
        ('{"type": "GeometryCollection", "geometries": []}', set()),
        ('"wrong wkt"', set()),
        ('{"type": 7}', set()),
        ("[]", set()),
    ],
)
def test_geometries(geometry: str, points: set[str]) -> None:
    """What is no point never stops a record; it is told where it says anything."""
    body = features(feature("HERE", Titolo="Le 6b")).replace('"HERE"', geometry)
    (raw,) = records(body, JSON, fields=PLACES, select={"venue": ""})
    assert raw.problem is None
    where = source("https://partner.example", PLACES)
    assert b"NaN" not in raw.payload and b"Infinity" not in raw.payload
    mapped = TableCrosswalk()(raw, where, record_iri(BASE, raw.kind, where.key, raw.identifier), BASE)
    told = {
        value.partition("^^")[0]
        for (_, path), values in read(mapped).items()
        if path == "dcat:centroid"
        for value in values
    }
    assert told == points
    assert bool(notes(mapped)) != bool(points) or geometry == "[]"


# Pages

Paged = Callable[[int, str], Mapping[str, Any]]  # page and the address of the next one -> document
ENTRIES = [{"Codice": f"t{n}", "Titolo": "Tetto"} for n in range(5)]


def paged(document: Paged, **more: Any) -> list[str]:
    """Two entries a page; the identifiers that come."""

    def answer(q: Question) -> Answer:
        page = int(q.query.get("page", "1"))
        address = f"http://{q.headers['host']}{q.path}?page={page + 1}" if page < 3 else ""
        shown = {"items": ENTRIES[2 * page - 2 : 2 * page]} | dict(document(page, address))
        return Answer(json.dumps(shown), media_type=JSON)

    with serving(answer) as server:
        client = Client("tests/1", allowed_hosts=[server.host], retries=0)
        pages = TabularHarvester().pages(source(f"{server.url}/t", records="items", **more), client)
        return [record.identifier for page in pages for record in page.records]


@pytest.mark.parametrize(
    "document",
    [
        lambda page, after: {"next_page": after or None, "total": 5},
        lambda page, after: {"next": after or None, "count": 5},
        lambda page, after: {"links": {"next": {"href": after} if after else None}},
        lambda page, after: {"links": {"self": "x", "next": after}},
        lambda page, after: {"_links": {"next": {"href": after}} if after else {}},
        lambda page, after: {
            "links": [{"rel": "self", "href": "x"}, *([{"rel": "next", "href": after}] if after else [])]
        },
        lambda page, after: {"next_page": f"?page={page + 1}" if after else "", "total_count": 4},
    ],
)
def test_lists_in_pages(document: Paged) -> None:
    assert paged(document) == ["t0", "t1", "t2", "t3", "t4"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (lambda page, after: {"next_page": "?page=2"}, "paging loop: this page came before."),
        (lambda page, after: {"total_count": 5}, "5 entries are announced, 2 came, and there is no link to more"),
        (
            lambda page, after: {"next": "http://10.0.0.1/t?page=2"},
            "the link to the next page leads elsewhere: http://10.",
        ),
        (
            lambda page, after: {"next": f"?page={page + 1}", "items": ENTRIES[:2]},
            "?page=2: paging loop: this page has the entries of a page before, and a link to more.",
        ),
        (
            lambda page, after: {"next": f"?page={page + 1}"},
            "?page=4: paging loop: this page has no entry, and a link to more.",
        ),
        (lambda page, after: {"next": "http://[x/"}, "the link to the next page leads elsewhere: http://[x/"),
    ],
)
def test_pages_that_lead_nowhere(document: Paged, words: str) -> None:
    with pytest.raises(FetchError, match=r"nothing is deleted for it") as failure:
        paged(document)
    assert words in str(failure.value)


def test_pages_that_are_numbers_have_no_address() -> None:
    assert paged(lambda page, after: {"next_page": 2, "links": "none", "total": "2"}) == ["t0", "t1"]


def test_one_page_of_an_opendatasoft_catalogue_is_no_whole_listing() -> None:
    """Its `records` endpoint gives no links; its export holds all."""
    assert "which may take a size, or be an export" in refused(
        json.dumps({"total_count": 1200, "results": ENTRIES[:2]}), JSON
    )
