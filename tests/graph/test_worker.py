"""What strangers' queries may do: nothing but answer, within limits."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results

from hub.errors import BadRequest, HubError, NotAcceptable, QueryTimeout, Unavailable
from hub.graph.answers import ROWS, TRIPLES, Limits, QueryStopped
from hub.graph.oxigraph import OxigraphStore
from hub.graph.queries import LONGEST, refuse
from hub.graph.worker import QueryPool, _DiedError, _Worker
from tests.graph.queries import CALLS, ENDLESS, HARMLESS, MATCHED, TOO_LARGE, UPDATES
from tests.servers.loopback import Answer, Server, serving

A, B = "http://localhost:8000/data/practice/example/a", "http://localhost:8000/data/practice/example/b"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ROOMY, TIGHT = Limits(seconds=60), Limits(seconds=1, memory=1 << 30)


def lines(number: int, word: str = "x") -> str:
    return "".join(f'<urn:example:{n}> <urn:example:{word}> "{word} {n}"@en .\n' for n in range(number))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[OxigraphStore]:
    store = OxigraphStore(tmp_path / "graph")
    store.apply({A: lines(20), B: lines(5, "y")}, 3)
    yield store
    store.close()


@pytest.fixture
def snapshots(tmp_path: Path) -> Path:
    return tmp_path / "graph" / "snapshots"


Pools = Callable[..., QueryPool]


@pytest.fixture
def pools(store: OxigraphStore, snapshots: Path) -> Iterator[Pools]:
    opened: list[QueryPool] = []

    def open_one(limits: Limits = ROOMY, workers: int = 1, refresh: float = 0.0) -> QueryPool:
        opened.append(QueryPool(store, snapshots, limits, workers, refresh))
        return opened[-1]

    yield open_one
    for pool in opened:
        pool.close()


@pytest.fixture
def neighbour() -> Iterator[Server]:
    """A server that nobody may ask."""
    with serving(lambda _: Answer('{"head":{"vars":[]},"results":{"bindings":[]}}')) as server:
        yield server


def number(pool: QueryPool, query: str = COUNT, **graphs: list[str]) -> int:
    rows = pool.run(query, "tsv", **graphs).body.splitlines()
    return int(rows[1])


def ids(pool: QueryPool) -> set[int]:
    return {worker._process.pid for worker in pool._all}


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has asked about yet counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return _unknown(pid)


def _unknown(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("form", ROWS)
def test_rows_in_each_format(pools: Pools, form: str) -> None:
    answer = pools().run("SELECT ?s ?o { ?s <urn:example:y> ?o } ORDER BY ?s", form)
    assert (answer.truncated, answer.rows, answer.media_type) == (False, 5, ROWS[form].media_type)
    if form == "csv":
        assert answer.body.startswith(b"s,o\r\nurn:example:0,y 0\r\n")
    else:
        rows = list(parse_query_results(answer.body, ROWS[form]))  # type: ignore[arg-type]
        assert [str(row["o"]) for row in rows] == [f'"y {n}"@en' for n in range(5)]


@pytest.mark.parametrize("form", TRIPLES)
def test_triples_in_each_format(pools: Pools, form: str) -> None:
    answer = pools().run("CONSTRUCT WHERE { ?s <urn:example:y> ?o }", form)
    assert (answer.truncated, answer.rows, answer.media_type) == (False, 5, TRIPLES[form].media_type)
    assert {str(quad.triple.object) for quad in parse(answer.body, TRIPLES[form])} == {f'"y {n}"@en' for n in range(5)}


def test_describe_and_ask(pools: Pools) -> None:
    pool = pools()
    assert pool.run("DESCRIBE <urn:example:1>", "ntriples").rows == 2
    assert pool.run("ASK { ?s <urn:example:y> ?o }", "json").body == b'{"head":{},"boolean":true}'


def test_the_dearest_format_that_fits(pools: Pools) -> None:
    pool = pools()
    assert pool.run(COUNT, ["turtle", "csv", "json"]).media_type.startswith("text/csv")
    assert pool.run("CONSTRUCT WHERE { ?s ?p ?o }", ["csv", "jsonld"]).media_type == RdfFormat.JSON_LD.media_type
    with pytest.raises(NotAcceptable, match="turtle, ntriples"):
        pool.run("CONSTRUCT WHERE { ?s ?p ?o }", "json")


def test_the_hubs_prefixes_shorten_turtle(pools: Pools) -> None:
    query = "CONSTRUCT { ?s <http://purl.org/dc/terms/title> ?o } WHERE { ?s <urn:example:y> ?o } LIMIT 1"
    body = pools().run(query, "turtle").body.decode()
    assert "dct:title" in body
    assert "skos:" not in body


@pytest.mark.parametrize("query", ENDLESS.values(), ids=ENDLESS)
def test_an_endless_query_is_killed(pools: Pools, store: OxigraphStore, query: str) -> None:
    store.apply({A: "".join(f"<urn:n:{n}> <urn:p:{m}> <urn:n:{m}> .\n" for n in range(60) for m in range(60))}, 4)
    pool = pools(TIGHT)
    before = number(pool)
    worker = ids(pool)
    with pytest.raises(QueryTimeout, match="longer than 1 seconds"):
        pool.run(query, "json")
    assert number(pool) == before
    assert ids(pool) != worker
    assert all(map(gone, worker))


@pytest.mark.parametrize("query", TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_query_that_takes_too_much_memory_costs_only_its_worker(pools: Pools, query: str) -> None:
    pool = pools(Limits(seconds=60, memory=1 << 30))
    with pytest.raises(QueryStopped, match=r"more memory.*1024 MB"):
        pool.run(query, "json")
    assert number(pool) == 25


def test_deep_nesting_costs_only_its_worker(pools: Pools) -> None:
    pool = pools()
    depth = LONGEST // 2 - 50
    with pytest.raises(QueryStopped, match="deeply"):
        pool.run(f"ASK {{ FILTER({'(' * depth}1{')' * depth}) }}", "json")
    assert number(pool) == 25


def test_rows_are_cut_and_flagged(pools: Pools) -> None:
    pool = pools(Limits(seconds=60, rows=25))
    whole = pool.run("SELECT * { ?s ?p ?o }", "json")
    assert (whole.rows, whole.truncated) == (25, False)
    assert not pool.run("CONSTRUCT WHERE { ?s ?p ?o }", "turtle").truncated
    pool = pools(Limits(seconds=60, rows=24))
    for form in (*ROWS, *TRIPLES):
        query = "SELECT * { ?s ?p ?o }" if form in ROWS else "CONSTRUCT WHERE { ?s ?p ?o }"
        answer = pool.run(query, form)
        assert (answer.rows, answer.truncated) == (24, True), form
    assert len(list(parse_query_results(pool.run("SELECT * { ?s ?p ?o }", "json").body, QueryResultsFormat.JSON))) == 24  # type: ignore[arg-type]


def test_an_endless_answer_is_cut(pools: Pools) -> None:
    """It is written as it comes: what nobody could hold is cut, not killed."""
    product = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?p ?q ?r . ?t ?u ?v }"
    answer = pools(Limits(seconds=60, rows=1000)).run(product, "csv")
    assert (answer.rows, answer.truncated) == (1000, True)


def test_bytes_are_cut_at_a_whole_row(pools: Pools) -> None:
    pool = pools(Limits(seconds=60, size=500))
    query = "SELECT ?s (CONCAT(STR(?o), '\\n', STR(?o)) AS ?t) { ?s ?p ?o }"
    answer = pool.run(query, "tsv")
    assert answer.truncated
    assert 0 < len(answer.body) <= 500
    assert answer.body.endswith(b"\n")
    assert len(list(parse_query_results(answer.body, QueryResultsFormat.TSV))) == answer.rows > 0  # type: ignore[arg-type]
    assert pool.run("CONSTRUCT WHERE { ?s ?p ?o }", "turtle").truncated


@pytest.mark.parametrize("query", CALLS.values(), ids=CALLS)
def test_no_other_server_is_asked(pools: Pools, store: OxigraphStore, neighbour: Server, query: str) -> None:
    store.apply({A: MATCHED, B: None}, 4)
    pool = pools()
    with pytest.raises(BadRequest):
        pool.run(query.format(url=neighbour.url), "json")
    assert neighbour.asked == []
    assert number(pool) == 3


@pytest.mark.parametrize("name", [name for name in CALLS if name not in ("construct", "by a variable")])
def test_the_kernel_refuses_what_the_words_hide(
    pools: Pools, store: OxigraphStore, neighbour: Server, name: str
) -> None:
    """The same without looking at the words first: a worker that opens a socket is killed."""
    store.apply({A: MATCHED, B: None}, 4)
    pool = pools()
    number(pool)
    worker = pool._take()
    if not worker.sealed:
        pytest.skip("only Linux on x86_64 and aarch64 seals a worker")
    request = {"query": CALLS[name].format(url=neighbour.url), "accept": ["json"], "default": [], "named": []}
    with pytest.raises(_DiedError) as death:
        worker.ask({**request, "union": True}, 60)
    assert death.value.signal == signal.SIGSYS
    assert neighbour.asked == []
    pool._put_back(worker)
    assert number(pool) == 3


@pytest.mark.parametrize("query", CALLS.values(), ids=CALLS)
def test_without_a_seal_every_call_is_refused_by_its_words(query: str) -> None:
    with pytest.raises(BadRequest, match="no SERVICE"):
        refuse(query.format(url="http://127.0.0.1:80"), sealed=False)


@pytest.mark.parametrize("query", UPDATES)
def test_updates_are_refused(pools: Pools, store: OxigraphStore, query: str) -> None:
    with pytest.raises(BadRequest, match="queries only"):
        pools().run(query, "json")
    assert store.count() == 2


@pytest.mark.parametrize("query", HARMLESS)
def test_words_alone_are_not_refused(pools: Pools, query: str) -> None:
    pools().run(query, "json")


def test_looking_at_words_takes_no_time_worth_telling() -> None:
    """A pattern that backtracks would never end here."""
    for part in (
        "service",
        "service ",
        'service"',
        "'",
        '"',
        '"""',
        "<a",
        "from,",
        "from ",
        "#",
        "\\",
        "prefix a:<>",
        "<'>",
    ):
        text = part * (LONGEST // len(part))
        for query in (text, f"SELECT{text}", f'"""{text}'):
            for sealed in (True, False):
                with suppress(BadRequest):
                    refuse(query[:LONGEST], sealed)


def test_a_query_that_is_none_is_told_with_its_place(pools: Pools) -> None:
    pool = pools()
    for query in ("SELECT * { ?s ?p }", "", "SELECT * { ?s ex:p ?o }"):
        with pytest.raises(BadRequest, match=r"query: .*SPARQL 1\.1 query.*at 1:"):
            pool.run(query, "json")
    with pytest.raises(BadRequest, match="surrogates"):
        pool.run("ASK {} # \ud800", "json")
    with pytest.raises(BadRequest, match="at most"):
        pool.run(f"ASK {{}} #{'x' * LONGEST}", "json")


def test_new_data_appears(pools: Pools, store: OxigraphStore, snapshots: Path) -> None:
    pool = pools(workers=2, refresh=0.0)
    for extra in range(1, 8):
        store.apply({A: lines(20 + extra)}, 3 + extra)
        assert number(pool) == 25 + extra
        assert len(list(snapshots.iterdir())) <= 3, "the latest, and one for each worker that has not moved yet"
    for _ in range(4):
        number(pool)
    assert len(list(snapshots.iterdir())) == 1


def test_a_snapshot_serves_until_the_interval_is_over(pools: Pools, store: OxigraphStore) -> None:
    pool = pools(refresh=3600.0)
    assert number(pool) == 25
    store.apply({A: None}, 4)
    assert number(pool) == 25


def test_a_rebuild_to_the_same_position_appears(pools: Pools, store: OxigraphStore) -> None:
    pool = pools()
    assert number(pool) == 25
    with store.rebuild() as fresh:
        fresh.apply({A: lines(2)}, store.position())
    assert number(pool) == 2


def test_no_query_sees_the_position(pools: Pools) -> None:
    pool = pools()
    assert number(pool, "SELECT (COUNT(*) AS ?n) { GRAPH ?g {} }") == 2
    assert number(pool, "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }") == 50
    assert b"coped:position" not in pool.run("SELECT * { { ?s ?p ?o } UNION { GRAPH ?g {} } }", "json").body


def test_the_dataset_of_the_query_and_of_the_protocol(pools: Pools) -> None:
    pool = pools()
    inside = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    from_b = f"SELECT (COUNT(*) AS ?n) FROM <{B}> {{ ?s ?p ?o }}"
    assert number(pool, from_b) == 5
    assert number(pool, f"PREFIX e: <{B[:-1]}> SELECT (COUNT(*) AS ?n) from e:b {{ ?s ?p ?o }}") == 5
    assert number(pool, f"SELECT (COUNT(*) AS ?n) FROM NAMED <{B}> {{ ?s ?p ?o }}") == 0
    assert number(pool, f"SELECT (COUNT(*) AS ?n) FROM NAMED <{B}> {{ GRAPH ?g {{ ?s ?p ?o }} }}") == 5
    assert number(pool, from_b, default_graphs=[A]) == 20
    assert number(pool, COUNT, default_graphs=[A, B]) == 25
    assert number(pool, inside, default_graphs=[A]) == 0
    assert number(pool, inside, named_graphs=[A]) == 20
    assert number(pool, COUNT, named_graphs=[A]) == 0
    with pytest.raises(BadRequest, match="named-graph-uri"):
        pool.run(COUNT, "json", named_graphs=["no IRI"])


def test_where_all_workers_are_busy(pools: Pools) -> None:
    pool = pools(Limits(seconds=0.2))
    busy = pool._take()
    with pytest.raises(Unavailable, match="busy"):
        pool.run(COUNT, "json")
    pool._put_back(busy)


def test_many_at_once(pools: Pools) -> None:
    pool = pools(workers=2)
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(number(pool))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [25] * 20


def test_closing_leaves_nothing(pools: Pools, snapshots: Path) -> None:
    pool = pools(workers=2)
    number(pool)
    workers = ids(pool)
    caught: list[HubError] = []

    def endless() -> None:
        try:
            pool.run(ENDLESS["a product of values"], "json")
        except HubError as error:
            caught.append(error)

    threads = [threading.Thread(target=endless) for _ in range(4)]  # two run, two wait
    for thread in threads:
        thread.start()
    while pool._idle.qsize():
        time.sleep(0.01)
    pool.close()
    for thread in threads:
        thread.join()
    assert [type(error) for error in caught] == [Unavailable] * 4
    assert all(map(gone, workers))
    assert not snapshots.exists()
    with pytest.raises(Unavailable, match="closing"):
        pool.run(COUNT, "json")


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.graph.parent", str(tmp_path)]
    parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert parent.stdout
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(workers) == 2
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 60
    while not all(map(gone, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert all(map(gone, workers))
    left = set((tmp_path / "snapshots").iterdir())
    store = OxigraphStore(tmp_path)
    pool = QueryPool(store, tmp_path / "snapshots", ROOMY)
    assert number(pool) == 1
    assert left
    assert not left & set((tmp_path / "snapshots").iterdir())
    pool.close()
    store.close()


def test_a_worker_knows_no_secret(pools: Pools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_DATABASE_URL", "postgresql://hub:secret@localhost/hub")
    pool = pools()
    number(pool)
    for pid in ids(pool):
        environment = Path(f"/proc/{pid}/environ")
        if not environment.exists():
            pytest.skip("only Linux tells the environment of a process")
        assert b"secret" not in environment.read_bytes()


def test_a_worker_that_cannot_start_is_told(store: OxigraphStore, pools: Pools) -> None:
    pool = pools(Limits(seconds=60, memory=1 << 20))
    with pytest.raises(Unavailable, match=r"does not start|cannot open"):
        pool.run(COUNT, "json")


def test_a_worker_alone(store: OxigraphStore, tmp_path: Path) -> None:
    """Its own input is its life."""
    worker = _Worker(ROOMY)
    worker.boot()
    store.snapshot(tmp_path / "copy")
    assert worker.ask({"open": str(tmp_path / "nowhere")}, 60)[0]["problem"] == "snapshot"
    assert worker.ask({"open": str(tmp_path / "copy")}, 60)[0] == {}
    assert worker._process.stdin
    worker._process.stdin.close()
    assert worker._process.wait(60) == 0
