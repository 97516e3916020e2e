"""SPARQL endpoints that cut, lie and fail, over loopback: real answers of a real engine, spoilt on their way."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import parse_qsl

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, Store

from harvesters import sparql
from harvesters.sparql import SparqlHarvester
from harvesters.sparql.endpoint import JSON_RESULTS
from hub.errors import FetchError
from hub.fetch import Client
from hub.harvest import harvest
from hub.ledger import Ledger
from hub.model import RawRecord
from hub.profile import load
from tests.harvesters.test_sparql import HEAD, source
from tests.servers.loopback import Answer, Question, Server, serving

RECORDS = "".join(
    f":d{n:02} a dcat:Dataset ; dct:title 'T {n}'@it ; dct:creator [ foaf:name '{n}' ] .\n" for n in range(30)
)
Spoiling = Callable[[str, Answer], Answer]  # of the answer to a query


def asked(question: Question) -> dict[str, str]:
    return question.query or dict(parse_qsl(question.body.decode()))


@contextmanager
def endpoint(spoil: Spoiling = lambda query, good: good, turtle: str = RECORDS) -> Iterator[Server]:
    store = Store()
    store.load((HEAD + turtle).encode(), format=RdfFormat.TURTLE, lenient=True)

    def answer(question: Question) -> Answer:
        query = asked(question)["query"]
        found = store.query(query)
        assert isinstance(found, QuerySolutions)
        body = found.serialize(format=QueryResultsFormat.JSON)
        assert body is not None
        return spoil(query, Answer(body, media_type=JSON_RESULTS))

    with serving(answer) as server:
        yield server


def records(spoil: Spoiling = lambda query, good: good, turtle: str = RECORDS, **options: Any) -> list[RawRecord]:
    with endpoint(spoil, turtle) as server:
        return listed(server, **options)


def listed(server: Server, **options: Any) -> list[RawRecord]:
    client = Client("tests/1", allowed_hosts=[server.host], retries=0)
    pages = SparqlHarvester().pages(source(server.url, **options), client)
    return [record for page in pages for record in page.records]


def refused(spoil: Spoiling = lambda query, good: good, turtle: str = RECORDS, **options: Any) -> str:
    """The words of the failure, without the address that they begin with."""
    with pytest.raises(FetchError) as failure:
        records(spoil, turtle, **options)
    return str(failure.value).partition("/")[2].partition(": ")[2] or str(failure.value)


def rows_of(answer: Answer) -> list[Any]:
    return list(json.loads(answer.body)["results"]["bindings"])


def with_rows(answer: Answer, rows: Sequence[Any]) -> Answer:
    return replace(answer, body=json.dumps({"head": {"vars": []}, "results": {"bindings": rows}}))


def is_listing(query: str) -> bool:
    return "ORDER BY" in query


# What was cut is asked for again


@pytest.mark.parametrize("most", [7, 10, 29, 30, 31, 50])
def test_rows_are_cut_without_a_word(most: int) -> None:
    found = records(lambda query, good: with_rows(good, rows_of(good)[:most]), page_size=20)
    assert found == records(page_size=20)
    assert len(found) == 30


@pytest.mark.parametrize("most", [1_500, 3_000, 6_000])
def test_answers_that_end_in_the_middle(most: int) -> None:
    """As Oxigraph's server does at its time limit, with status 200."""

    def cut(query: str, good: Answer) -> Answer:
        return replace(good, body=good.body[: 2 * most if is_listing(query) else most])

    assert records(cut) == records()


@pytest.mark.parametrize(
    "failure",
    [
        Answer("", media_type=JSON_RESULTS),
        Answer("Virtuoso 42000 Error The estimated execution time 9000 (sec) exceeds the limit of 400 (sec).", 500),
        Answer("Query timed out", 503),
        Answer("URI too long", 414),
        Answer('{"head": {}, "results": {"bindings": []}}', headers={"X-SQL-State": "S1TAT"}, media_type=JSON_RESULTS),
    ],
)
def test_too_much_at_once(failure: Answer) -> None:
    assert records(lambda query, good: failure if len(rows_of(good)) > 40 else good) == records()
    assert "Asked for less it may answer" in refused(lambda query, good: failure)


def test_parts_grow_again_after_one_that_was_too_large() -> None:
    big = ":d00 dcat:keyword " + ", ".join(f"'{n}'" for n in range(60)) + " ."

    def cut(query: str, good: Answer) -> Answer:
        rows = rows_of(good)
        return with_rows(good, rows[:70]) if "X" not in query else good

    with endpoint(cut, RECORDS + big) as server:
        found = listed(server)
    assert found == records(turtle=RECORDS + big)
    assert sum("?root ?s ?p ?o" in asked(question)["query"] for question in server.asked) < 20


# What is incomplete is not taken for whole


def test_a_listing_that_stays_behind_its_count() -> None:
    def short(query: str, good: Answer) -> Answer:
        return with_rows(good, [] if "STR(<" in query else rows_of(good)[:12]) if is_listing(query) else good

    assert refused(short).startswith("30 records are counted, 12 came; the endpoint cuts its answers without a word.")


def test_records_that_go_on_the_way_are_no_fault() -> None:
    counted = iter([30, 0, 12])

    def shrinking(query: str, good: Answer) -> Answer:
        if "COUNT(DISTINCT" in query:
            return with_rows(good, [{"n": {"type": "literal", "value": str(next(counted))}}])
        return with_rows(good, [] if "STR(<" in query else rows_of(good)[:12]) if is_listing(query) else good

    assert len(records(shrinking)) == 12


def test_an_endpoint_that_ignores_filter() -> None:
    def first(query: str, good: Answer) -> Answer:
        row = {
            "record": {"type": "uri", "value": "https://partner.example/d00"},
            "first": {"type": "literal", "value": "0"},
        }
        return with_rows(good, [row]) if is_listing(query) else good

    assert refused(first).startswith(
        "paging loop: the records behind 'https://partner.example/d00' came before; the end"
    )


def test_a_listing_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparql, "MOST_PAGES", 3)
    assert "the listing has more than 3 parts" in refused(
        lambda query, good: with_rows(good, rows_of(good)[:2]) if is_listing(query) else good
    )


def test_nothing_is_deleted_for_a_cut_listing(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", "https://hub.example")
    is_cut = False

    def short(query: str, good: Answer) -> Answer:
        is_end = is_listing(query) and "STR(<" in query
        return with_rows(good, [] if is_end else rows_of(good)[:28]) if is_cut and is_listing(query) else good

    with endpoint(short) as server:
        client = Client("tests/1", allowed_hosts=[server.host], retries=0)
        first = harvest(ledger, source(server.url), client, load(), lambda *_: None)
        is_cut = True
        second = harvest(ledger, source(server.url), client, load(), lambda *_: None)
    ledger.close()
    assert (first.state, first.seen) == ("complete", 30)
    assert (second.state, second.seen, second.missing, second.withdrawn) == ("partial", 28, 0, 0)
    assert "nothing is deleted" in second.message


# Failures, each with what to do


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (
            Answer("<!DOCTYPE html><title>Hi</title>", media_type="text/html"),
            "web page or XML in place of SPARQL results",
        ),
        (Answer("Forbidden", 403), "It may want options.user_agent like a browser's"),
        (Answer("no", 404), "answered 404: there is no SPARQL endpoint here. Check url in the source file"),
        (Answer("Try later", 429), "answered 429: 'Try later'. If it lasts, tell the source's operator."),
        (Answer("no", 405), "it does not take queries by POST; try options.method = 'GET'"),
        (
            Answer("Virtuoso 37000 Error SP030: SPARQL compiler, line 2", 400),
            "'Virtuoso 37000 Error SP030: SPARQL comp",
        ),
        (Answer("broken", 500), "answered 500: 'broken'. If it lasts, tell the source's operator."),
        (Answer('{"boolean": true}', media_type=JSON_RESULTS), "JSON that is no SPARQL results: '{\"boolean\": true}'"),
        (Answer("[1, 2]", media_type=JSON_RESULTS), "JSON that is no SPARQL results: '[1, 2]'"),
        (Answer('{"results": {"bindings": [7]}}', media_type=JSON_RESULTS), "JSON that is no SPARQL results"),
        (Answer("[" * 100_000, media_type=JSON_RESULTS), "JSON nested too deep"),
        (Answer('{"results": {"bindings": []}}', media_type=JSON_RESULTS), "does not count: in place of a number"),
    ],
)
def test_failures(failure: Answer, words: str) -> None:
    assert words in refused(lambda query, good: failure)


@pytest.mark.parametrize(
    "row", [{}, {"x": 7}, {"record": 7, "root": [], "n": "1"}, {"record": {}, "root": {}, "s": {}}]
)
def test_solutions_without_what_was_asked(row: Any) -> None:
    answers = iter(range(100))

    def spoil(query: str, good: Answer) -> Answer:
        return with_rows(good, [row]) if next(answers) > 2 else good

    assert "paging loop" in refused(spoil) or "does not count" in refused(spoil)
    found = records(
        lambda query, good: with_rows(good, [row]) if "VALUES ?root" in query and "COUNT" not in query else good
    )
    problem = "The endpoint cuts its answers, and there is more to this record than it gives."
    assert [record.problem for record in found] == [problem] * 30


def test_an_endpoint_that_is_silent() -> None:
    def silent(query: str, good: Answer) -> Answer:
        ended.wait(3)
        return good

    ended = Event()
    assert "imed out" in refused(silent, timeout=1)
    ended.set()


def test_how_it_is_asked() -> None:
    with endpoint() as server:
        client = Client("Mozilla/5.0 (hub)", allowed_hosts=[server.host], retries=0)
        for method in ("POST", "GET"):
            of = source(server.url, method=method, graph="https://graph.example/1")
            assert len([r for page in SparqlHarvester().pages(of, client) for r in page.records]) == 30
    by = {question.method: question for question in server.asked}
    assert all(asked(question)["default-graph-uri"] == "https://graph.example/1" for question in server.asked)
    assert {question.headers["user-agent"] for question in server.asked} == {"Mozilla/5.0 (hub)"}
    assert by["POST"].headers["content-type"] == "application/x-www-form-urlencoded"
    assert all(len(question.body) == 0 for question in server.asked if question.method == "GET")


# Odd terms


def test_terms_that_are_none_cost_their_statement_alone() -> None:
    odd: list[dict[str, Any]] = [
        {"type": "uri", "value": "https://partner.example/a b"},
        {"type": "uri", "value": "no IRI"},
        {"type": "literal", "value": "half \ud83c"},
        {"type": "literal", "value": "tag", "xml:lang": "de_AT"},
        {"type": "literal", "value": "no tag", "xml:lang": "!"},
        {"type": "typed-literal", "value": "7", "datatype": "no IRI"},
        {"type": "typed-literal", "value": "8", "datatype": "http://www.w3.org/2001/XMLSchema#integer"},
        {"type": "triple", "value": {}},
        {"type": "bnode", "value": "a label with blanks"},
        {"value": None},
        {"type": "literal", "value": json.loads("[" * 700 + "]" * 700)},
        {"type": "literal", "value": "number", "xml:lang": ["it"]},
    ]

    def spoil(query: str, good: Answer) -> Answer:
        if "?root ?s ?p ?o" not in query or "<https://partner.example/d00>" not in query:
            return good
        first = rows_of(good)[0]
        predicate = {"type": "uri", "value": "https://partner.example/odd"}
        return with_rows(good, rows_of(good) + [{**first, "p": predicate, "o": value} for value in odd])

    (record,) = records(spoil, ":d00 a dcat:Dataset ; dct:title 'T' .")
    lines = record.payload.decode().splitlines()
    said = sorted(line.partition("/odd> ")[2] for line in lines if "/odd> " in line)
    assert said[:-1] == [
        '"7" .',
        '"8"^^<http://www.w3.org/2001/XMLSchema#integer> .',
        '"half ?" .',
        '"no tag" .',
        '"number" .',
        '"tag"@de-at .',
        "<https://partner.example/a%20b> .",
    ]
    assert said[-1].startswith("_:b")


def test_a_record_whose_iri_is_none() -> None:
    def spoil(query: str, good: Answer) -> Answer:
        if not is_listing(query) or not (rows := rows_of(good)):
            return good
        return with_rows(good, [*rows, {**rows[0], "record": {"type": "uri", "value": 'https://partner.example/e x"'}}])

    found = records(spoil, ":d00 a dcat:Dataset ; dct:title 'T' .")
    assert [record.problem for record in found] == [
        None,
        "The IRI holds characters that no IRI may hold, so that it cannot be asked for.",
    ]
    assert found[1].payload == b'# <https://partner.example/e%20x">\n'


def test_a_record_of_which_nothing_is_said() -> None:
    (record,) = records(
        lambda query, good: with_rows(good, []) if "?root" in query else good, ":d00 a dcat:Dataset ; dct:title 'T' ."
    )
    assert record.problem == "The endpoint lists the record, but says nothing of it."


# Source files


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "PUT"}, 'options.method is \'PUT\'; it must be "GET" or "POST" (a form)'),
        ({"timeout": 0}, "options.timeout is '0'; it must be a number of seconds from 1 to 600"),
        ({"timeout": True}, "options.timeout is 'True'"),
        ({"graph": 7}, "options.graph is '7'; it must be text"),
        ({"page_size": 0}, "options.page_size is 0"),
        ({"modified": "changed"}, "options.modified has 'changed'; it must be a property: an IRI, or with one of the"),
        ({"modified": "https://a.example/> } #"}, "options.modified has 'https://a.example/> } #', which holds chara"),
        ({"select": {"practice": "https://a.example/>}"}}, "select.practice has 'https://a.example/>}', which holds"),
        ({"select": {"practice": "Dataset"}}, "select.practice has 'Dataset'; it must be classes"),
        ({"select": {"venue": "schema:Place"}, "query": "SELECT ?record {}"}, "[select] and options.query are both"),
        (
            {"query": "SELECT ?x WHERE { ?x a ?y }"},
            "options.query must select ?record (and may select ?kind); it selects ?x",
        ),
        ({"query": "ASK { ?record a ?y }"}, "options.query must be a SELECT"),
        ({"query": "SELECT ?record WHERE { ?record a dcat:Dataset }"}, "options.query is no SPARQL 1.1: "),
        ({"query": "SELECT ?record WHERE { ?record a ?y } LIMIT 5"}, "options.query has LIMIT; leave it out: the hub"),
        ({"query": "SELECT ?record { ?record a ?y }\n offset 5"}, "options.query has OFFSET; leave it out"),
        ({"query": "SELECT ?record { ?record a ?y } order\n by ?y"}, "options.query has ORDER BY; leave it out"),
        (
            {"query": "SELECT ?record FROM <https://g> { ?record a ?y }"},
            "has FROM; leave it out: name the graph in opt",
        ),
        ({"query": "SELECT ?record { SERVICE <https://s> { ?record a ?y } }"}, "asks another endpoint by SERVICE"),
        ({"query": "SELECT ?record { ?record a ?y } } UNION { ?record ?p ?o"}, "options.query is no SPARQL 1.1: "),
        (
            {"query": "SELECT ?record ?kind { ?record a ?y BIND('book' AS ?kind) }"},
            "options.query gives 'book' as ?kind; it must be one of practice, venue, organisation, event.",
        ),
    ],
)
def test_source_files_that_cannot_be_used(options: dict[str, Any], words: str) -> None:
    assert words in refused(**options)
