"""CKAN over loopback: what portals answer, and what they answer instead."""

import json
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from harvesters.ckan import CkanHarvester
from hub.errors import FetchError
from hub.fetch import Client
from hub.model import Page, Source
from tests.servers.loopback import Answer, Question, Server, serving

PAYLOADS = Path(__file__).parents[2].parent / "shared" / "payloads"
Answering = Callable[[Question], Answer | None]


def source(url: str, **more: Any) -> Source:
    options = {"page_size": more.pop("page_size")} if "page_size" in more else {}
    return Source("ckan-test", {"en": "Test"}, "ITA", "it", "ckan", url, "ckan", options=options, **more)


def harvest(answering: Answering, path: str = "", cursor: str | None = None, **more: Any) -> list[Page]:
    with serving(answering) as server:
        return read(server, path, cursor, **more)


def read(server: Server, path: str = "", cursor: str | None = None, **more: Any) -> list[Page]:
    client = Client("tests/1", allowed_hosts=[server.host], retries=0)
    return list(CkanHarvester().pages(source(server.url + path, **more), client, cursor))


def identifiers(pages: Sequence[Page]) -> list[str]:
    return [record.identifier for page in pages for record in page.records]


def said(result: Any) -> Answer:
    return Answer(json.dumps({"success": True, "result": result}), media_type="application/json;charset=utf-8")


def catalogue(packages: Sequence[Any], most: int = 1000) -> Answering:
    """What CKAN does with start and rows; `most` is the portal's own limit, which it does not tell."""

    def answer(q: Question) -> Answer:
        start, rows = int(q.query["start"]), min(most, int(q.query["rows"]))
        return said({"count": len(packages), "results": packages[start : start + rows]})

    return answer


PACKAGES = [{"id": f"p{n:03}", "name": f"name-{n}", "title": "Teatro"} for n in range(25)]


# Paging


def test_all_pages_are_read_in_the_order_of_identifiers() -> None:
    with serving(catalogue(PACKAGES)) as server:
        pages = read(server, page_size=10)
        assert [(q.query["start"], q.query["rows"], q.query["sort"]) for q in server.asked] == [
            ("0", "10", "id asc"), ("10", "10", "id asc"), ("20", "10", "id asc"),
        ]  # fmt: skip
        assert server.asked[0].headers["user-agent"] == "tests/1"
    assert identifiers(pages) == [f"p{n:03}" for n in range(25)]
    assert [page.cursor for page in pages] == ["practice:10", "practice:20", None]
    assert {page.total for page in pages} == {25}


def test_a_cursor_goes_on_where_it_points() -> None:
    assert CkanHarvester.stable
    assert identifiers(harvest(catalogue(PACKAGES), cursor="practice:20", page_size=10)) == [
        "p020", "p021", "p022", "p023", "p024",
    ]  # fmt: skip


@pytest.mark.parametrize("cursor", ["", "elsewhere:10", "practice:ten", "10"])
def test_a_cursor_that_means_nothing_begins_anew(cursor: str) -> None:
    assert len(identifiers(harvest(catalogue(PACKAGES), cursor=cursor))) == 25


def test_a_portal_that_cuts_pages_without_a_word_loses_nothing() -> None:
    pages = harvest(catalogue(PACKAGES, most=7), page_size=10)
    assert identifiers(pages) == [f"p{n:03}" for n in range(25)]


def test_each_kind_is_selected_by_its_own_query() -> None:
    def answer(q: Question) -> Answer:
        found = [PACKAGES[0]] if q.query["fq"] == "tags:pratica" else PACKAGES[1:3]
        return said({"count": len(found), "results": found})

    select = {"practice": "tags:pratica", "venue": "tags:luogo"}
    pages = harvest(answer, select=select)
    assert [[(r.kind, r.identifier) for r in page.records] for page in pages] == [
        [("practice", "p000")],
        [("venue", "p001"), ("venue", "p002")],
    ]
    assert [(page.cursor, page.total) for page in pages] == [("venue:0", None), (None, None)]
    assert identifiers(harvest(answer, cursor="venue:0", select=select)) == ["p001", "p002"]


def test_an_empty_portal_is_an_empty_page() -> None:
    (page,) = harvest(catalogue([]))
    assert (list(page.records), page.cursor, page.total) == ([], None, 0)


def test_a_total_that_shrinks_is_survived() -> None:
    def answer(q: Question) -> Answer:
        left = PACKAGES if q.query["start"] == "0" else PACKAGES[:12]
        return catalogue(left)(q)

    assert len(identifiers(harvest(answer, page_size=10))) == 12
    assert len(identifiers(harvest(lambda q: catalogue(PACKAGES[: 25 - int(q.query["start"])])(q), page_size=10))) == 15


def test_a_count_that_is_less_than_what_came_is_not_believed() -> None:
    def answer(q: Question) -> Answer:
        start = int(q.query["start"])
        return said({"count": "3", "results": PACKAGES[start : start + 10]})

    assert len(identifiers(harvest(answer, page_size=10))) == 25


def test_a_portal_without_a_count_ends_with_the_page_that_is_not_full() -> None:
    def answer(q: Question) -> Answer:
        start = int(q.query["start"])
        return said({"results": PACKAGES[start : start + 10]})

    pages = harvest(answer, page_size=10)
    assert (len(identifiers(pages)), pages[0].total) == (25, None)


def test_an_empty_page_before_the_end_is_no_end() -> None:
    def answer(q: Question) -> Answer:
        return catalogue(PACKAGES)(q) if q.query["start"] == "0" else said({"count": 25, "results": []})

    with serving(answer) as server:
        client = Client("tests/1", allowed_hosts=[server.host], retries=0)
        pages = CkanHarvester().pages(source(server.url, page_size=10), client)
        assert len(next(pages).records) == 10
        with pytest.raises(FetchError, match=r"from 10 is empty though 25 .* incomplete"):
            next(pages)


def test_a_portal_that_ignores_start_is_a_loop() -> None:
    with pytest.raises(FetchError, match="paging loop"):
        harvest(lambda q: said({"count": 25, "results": PACKAGES[:10]}), page_size=10)


def test_a_loop_of_several_pages_is_seen() -> None:
    def answer(q: Question) -> Answer:
        turn = 10 * (int(q.query["start"]) // 10 % 2)
        return said({"count": 10_000, "results": PACKAGES[turn : turn + 10]})

    with serving(answer) as server:
        with pytest.raises(FetchError, match="paging loop"):
            read(server, page_size=10)
        assert len(server.asked) == 3


@pytest.mark.parametrize("size", [0, 1001, "10", None, True])
def test_a_page_size_that_cannot_be_is_told(size: object) -> None:
    with pytest.raises(FetchError, match=r"options\.page_size is .* 1 to 1000"):
        harvest(catalogue(PACKAGES), page_size=size)


# Addresses


@pytest.mark.parametrize("path", ["", "/", "/opendata", "/opendata/", "/opendata/api/3/action", "/opendata/api/3/"])
def test_a_portal_may_lie_under_a_path(path: str) -> None:
    with serving(catalogue(PACKAGES)) as server:
        read(server, path)
        prefix = "/opendata" if "opendata" in path else ""
        assert set(server.paths) == {f"{prefix}/api/3/action/package_search"}


def test_a_portal_with_the_unversioned_address_only() -> None:
    def answer(q: Question) -> Answer:
        return catalogue(PACKAGES)(q) if q.path.startswith("/api/action/") else Answer("<h1>Not found</h1>", 404)

    with serving(answer) as server:
        assert len(identifiers(read(server, page_size=10))) == 25
        assert [path.count("/3/") for path in server.paths] == [1, 0, 0, 0]


# Entries


def test_a_payload_is_the_same_whatever_the_order_of_keys() -> None:
    one = harvest(lambda q: said({"count": 1, "results": [{"id": "a", "title": "Színház", "x": {"b": 1, "a": 2}}]}))
    other = harvest(lambda q: said({"count": 1, "results": [{"x": {"a": 2, "b": 1}, "title": "Színház", "id": "a"}]}))
    record = one[0].records[0]
    assert record == other[0].records[0]
    assert record.payload.decode() == '{"id":"a","title":"Színház","x":{"a":2,"b":1}}'
    assert (record.media_type, record.kind, record.problem) == ("application/json", "practice", None)


@pytest.mark.parametrize(
    ("entry", "identifier"),
    [({"id": "a", "name": "b"}, "a"), ({"name": "b"}, "b"), ({"id": "", "name": "b"}, "b"), ({"id": 7}, "7")],
)
def test_a_package_is_known_by_its_id_or_its_name(entry: dict[str, Any], identifier: str) -> None:
    assert identifiers(harvest(catalogue([entry]))) == [identifier]


@pytest.mark.parametrize("entry", ["a-name", None, 7, ["id", "a"], {}, {"id": None}, {"id": " "}, {"id": {"a": 1}}])
def test_an_entry_without_identity_costs_itself(entry: Any) -> None:
    (page,) = harvest(catalogue([PACKAGES[0], entry, PACKAGES[1]]))
    good, bad, also_good = page.records
    assert (good.problem, also_good.problem) == (None, None)
    assert bad.identifier.startswith("unidentified-")
    assert bad.problem
    assert json.loads(bad.payload) == entry


def test_a_package_in_the_state_deleted_is_deleted_and_a_private_one_is_not() -> None:
    entries = [{"id": "a", "state": "deleted"}, {"id": "b", "state": "Active", "private": True}, {"id": "c"}]
    (page,) = harvest(catalogue(entries))
    assert [record.deleted for record in page.records] == [True, False, False]


def test_nan_becomes_null() -> None:
    body = (
        '{"success": true, "result": {"count": 1, "results": [{"id": "a", "spatial": [NaN, -Infinity, 1e999, 1.5]}]}}'
    )
    (page,) = harvest(lambda q: Answer(body, media_type="application/json"))
    assert page.records[0].payload == b'{"id":"a","spatial":[null,null,null,1.5]}'


def test_half_a_surrogate_pair_costs_a_letter() -> None:
    (page,) = harvest(lambda q: said({"count": 1, "results": [{"id": "a", "title": "\ud800!"}]}))
    assert page.records[0].payload == b'{"id":"a","title":"?!"}'


@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=ISO-8859-1", "text/html", ""])
def test_latin_1_is_read_with_and_without_its_name(media_type: str) -> None:
    body = json.dumps(
        {"success": True, "result": {"count": 1, "results": [{"id": "a", "title": "Förderung für Österreich"}]}},
        ensure_ascii=False,
    )
    (page,) = harvest(lambda q: Answer(body.encode("iso-8859-1"), media_type=media_type))
    assert json.loads(page.records[0].payload)["title"] == "Förderung für Österreich"


def test_a_byte_order_mark_is_not_content() -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"success": True, "result": {"count": 1, "results": [{"id": "a"}]}}).encode()
    assert identifiers(harvest(lambda q: Answer(body, media_type="application/json"))) == ["a"]


@pytest.mark.parametrize(
    "result",
    [PACKAGES[:3], [PACKAGES[:3]], [{"count": 3, "results": PACKAGES[:3]}], [[{"results": PACKAGES[:3]}]]],
    ids=["list", "list in a list", "object in a list", "object in lists"],
)
def test_lists_of_a_dkan(result: Any) -> None:
    assert identifiers(harvest(lambda q: said(result))) == ["p000", "p001", "p002"]


# What is no listing

HTML = "<!DOCTYPE html><html><head><title>Wartung</title></head></html>"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (HTML, "no CKAN answer.*Wartung"),
        ('"Access denied"', "no CKAN answer.*Access denied"),
        ("Zugriff verweigert", "no CKAN answer.*Zugriff"),
        ("", "no CKAN answer"),
        ('{"success": true, "result": {"count": 2, "results": [{"id": "a"}', "no CKAN answer"),
        (
            '{"success": false, "error": {"message": "Solr is down", "__type": "Search Error"}}',
            "success: false: Solr is down",
        ),
        ('{"success": false, "error": "internal"}', "success: false: internal"),
        ('{"success": false}', "success: false: it does not say why"),
        (
            '{"success": false, "error": {"__type": "Search Query Error", "message": "x: bad fq"}}',
            r"query \(bad fq\).*select",
        ),
        ('{"success": true}', "no CKAN answer|success"),
        ('{"success": true, "result": null}', "no list of results"),
        ('{"success": true, "result": "gone"}', "no list of results"),
        ('{"success": true, "result": {"results": {}}}', "no list of results"),
        ("[]", "no CKAN answer"),
        ("null", "no CKAN answer"),
        ("[" * 100_000, "no CKAN answer"),
    ],
)
def test_an_answer_with_status_200_that_is_no_listing(body: str, told: str) -> None:
    with serving(lambda q: Answer(body, media_type="application/json")) as server:
        with pytest.raises(FetchError, match=told) as error:
            read(server, "/opendata")
        assert str(error.value).startswith(f"{server.url}/opendata: ")
        assert len(str(error.value)) < 600


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (403, r"options\.user_agent"), (401, "refuses"), (404, "what comes before /api/3/action"),
        (500, "answered 500.*operator"), (409, "answered 409"),
    ],
)  # fmt: skip
def test_a_status_says_what_to_do(status: int, told: str) -> None:
    with pytest.raises(FetchError, match=told):
        harvest(lambda q: Answer("<h1>No</h1>", status, media_type="text/html"))


def test_an_authorisation_error_in_words_of_ckan() -> None:
    body = '{"success": false, "error": {"__type": "Authorization Error", "message": "Access denied"}}'
    with pytest.raises(FetchError, match="refuses to list"):
        harvest(lambda q: Answer(body, 403, media_type="application/json"))


def test_a_failure_on_a_later_page_keeps_the_pages_before() -> None:
    def answer(q: Question) -> Answer:
        return catalogue(PACKAGES)(q) if q.query["start"] in ("0", "10") else Answer(HTML)

    with serving(answer) as server:
        client = Client("tests/1", allowed_hosts=[server.host], retries=0)
        pages = CkanHarvester().pages(source(server.url, page_size=10), client)
        assert [page.cursor for page in islice(pages, 2)] == ["practice:10", "practice:20"]
        with pytest.raises(FetchError):
            next(pages)


# Real answers


def payload(name: str) -> Any:
    file = PAYLOADS / "ckan" / name
    if not file.exists():
        pytest.skip(f"{file} is not here")
    return json.loads(file.read_text("utf-8"))


def test_a_real_italian_search() -> None:
    """Two of many packages: the fixture announces more than it holds, so the listing counts as incomplete."""
    real = payload("it_package_search_success.json")
    names = [package["id"] for package in real["result"]["results"]]
    real["result"]["count"] = len(names)
    (page,) = harvest(lambda q: Answer(json.dumps(real), media_type="application/json"))
    assert [record.identifier for record in page.records] == names
    assert json.loads(page.records[0].payload) == real["result"]["results"][0]


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("it_trentino_package_show.json", "f76af483-5e62-43ad-92c5-3bcea666edb0"),
        ("ckan_full_dataset_dcat_ap.json", "test-dataset-shacl"),
    ],
)
def test_real_packages_are_kept_as_they_came(name: str, identifier: str) -> None:
    real = payload(name)
    package = real.get("result", real)
    (page,) = harvest(catalogue([package]))
    (record,) = page.records
    assert json.loads(record.payload) == package
    assert record.identifier == identifier
