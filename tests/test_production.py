"""The hub on the engines of docker-compose.yml, all of them real processes: it answers as on the embedded engines."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
from psycopg import sql
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from harvesters.samples.server import serve as serve_samples
from harvesters.source_files import SOURCES
from hub.ledger import Ledger
from hub.search.vectors import missing
from tests.command import environment, hub
from tests.compose import environment_of_hub
from tests.servers import elasticsearch, need, oxigraph, postgresql
from tests.servers.processes import free_port
from tests.test_serve import served, wait_until
from tests.web.hub import append, arrival

BASE: Final = "https://hub.example"
PASSWORD: Final = "p@ss/w:rd #1%"
MOMENT: Final = NamedNode("http://www.w3.org/2001/XMLSchema#dateTime")
FEW: Final = 5.0  # seconds

# By words and concepts, all on one page: near ties may stand in another order, and so on another page.
QUERIES: Final = (
    "q=tetto&lang=it",
    "q=solceller&lang=sv&kind=practice",
    "q=Dämmung Dach&lang=de",
    "q=közösségi napelem&lang=hu",
    "q=energiegemeenschap&lang=nl&country=FRA&country=AUT",
    "q=isolation toiture&lang=fr",
    "q=solar roof&lang=en&language=hu",
    'q="Green Kommon"&lang=en',
    "q=energiaközösség&lang=it&near=48.2,16.4,300",
    "q=solar&lang=de&source=sample-it&source=sample-se",
    "q=tetto&lang=it&start_from=2015&start_to=2026",
    "q=napelm&lang=hu",
)
# Meaning ends at a threshold, and the engines' cosines differ: 18 of 20 and 32 of 33 hits were the same.
MEANT: Final = ("q=tetto teatro&lang=it", "q=közösségi napelem művelődési ház&lang=hu")
ALIKE: Final = 0.8
LISTS: Final = (
    "lang=hu&sort=title&size=7",
    "lang=sv&sort=title&size=7&page=2",
    "lang=en&sort=newest&size=10&source=sample-hu&source=sample-it",
    "lang=de&sort=newest&size=10&page=2&kind=practice&source=sample-at&source=sample-hu&source=sample-it",
    "lang=fr&sort=seq&size=9&page=2",
    "q=energia&lang=it&sort=title&size=5&page=2&meaning=false",
    "lang=nl&sort=title&bbox=9.5,46.3,17.2,49.0",
    "lang=en&sort=title&measure=photovoltaics",
)
TYPED: Final = ("lang=hu&q=nap", "lang=it&q=tea", "lang=de&q=lind", "lang=en&q=solar", "lang=fr&q=green k")
PREFIXES: Final = """PREFIX coped: <https://w3id.org/co-ped/ns#> PREFIX dct: <http://purl.org/dc/terms/>
    PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> """
SPARQL: Final = (
    "ASK { ?practice a coped:GoodPractice ; dct:title ?title FILTER(LANG(?title) = 'hu') }",
    "ASK { ?practice a coped:GoodPractice ; dct:title ?title FILTER(LANG(?title) = 'fi') }",
    "SELECT ?practice ?title (LANG(?title) AS ?language) { ?practice a coped:GoodPractice ; dct:title ?title } "
    "ORDER BY ?practice ?language ?title",
    "SELECT ?source (COUNT(?record) AS ?records) { ?source a dcat:Catalog ; dcat:record ?record } "
    "GROUP BY ?source ORDER BY DESC(?records) ?source",
    "SELECT ?graph (COUNT(*) AS ?n) { GRAPH ?graph { ?s a ?kind } } GROUP BY ?graph ORDER BY ?graph",
)
GRAPHS: Final = (
    "CONSTRUCT { ?concept skos:prefLabel ?label } { ?concept skos:prefLabel ?label }",
    "CONSTRUCT { ?p dct:title ?t ; dct:spatial ?s } { ?p a coped:GoodPractice ; dct:title ?t ; dct:spatial ?s }",
    f"DESCRIBE <{BASE}/id/practice/sample-fr/green-kommon>",
)


@dataclass(frozen=True)
class Sites:
    """Two hubs with the same records. `database` is the ledger of the one in production."""

    embedded: str
    production: str
    database: str
    engine: elasticsearch.Home
    stack: ExitStack
    process: "subprocess.Popen[bytes]"


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    need(postgresql.programs() is not None, postgresql.MISSING)
    need(oxigraph.program() is not None, oxigraph.MISSING)
    need(elasticsearch.available(), elasticsearch.MISSING)
    folder = tmp_path_factory.mktemp("production")
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor())
        samples = stack.enter_context(serve_samples())
        own = {"HUB_SAMPLES_URL": samples.url, "HUB_ALLOWED_HOSTS": "127.0.0.1"}
        own |= {"HUB_SOURCES": str(SOURCES.parent / "samples" / "sources")}
        plain = environment(folder / "embedded", HUB_BASE_IRI=BASE, HUB_PORT=str(free_port()), **own)
        harvested = pool.submit(hub, ["harvest"], plain)
        server = stack.enter_context(postgresql.postgresql())
        graph = stack.enter_context(oxigraph.oxigraph(folder / "oxigraph"))
        engine = stack.enter_context(elasticsearch.home())
        process = stack.enter_context(engine.started())
        prepare(server)
        places = {"postgresql": server, "oxigraph": graph.url, "elasticsearch": engine.url}
        composed = environment_of_hub({"POSTGRES_PASSWORD": PASSWORD, "HUB_BASE_IRI": BASE})
        moved = {name: on_loopback(value, places) for name, value in composed.items()}
        moved |= {"HUB_DATA": str(folder / "production"), "HUB_HOST": "127.0.0.1"}
        env = {**environment(folder), **moved, **own, "HUB_PORT": str(free_port())}
        production = stack.enter_context(served(env))  # it harvests by its own schedule
        harvested.result()
        embedded = stack.enter_context(served(plain))
        wait_until(lambda: is_harvested(production), 120)
        wait_until(lambda: is_ready(embedded) and is_ready(production), 120)
        yield Sites(embedded, production, f"{server}/hub", engine, stack, process)


def prepare(server: str) -> None:
    """What the image of PostgreSQL makes at its first start: a role with its password, which it then asks for."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE hub LOGIN PASSWORD {}").format(PASSWORD))
        connection.execute("CREATE DATABASE hub OWNER hub")
        [file] = connection.execute("SHOW hba_file").fetchone() or ()
        rules = ["host all postgres 127.0.0.1/32 trust", "host hub hub 127.0.0.1/32 scram-sha-256"]
        rows = sql.SQL(", ").join(sql.SQL("({})").format(rule) for rule in rules)
        connection.execute(sql.SQL("COPY (VALUES {}) TO {}").format(rows, file))
        connection.execute("SELECT pg_reload_conf()")


def on_loopback(value: str, places: Mapping[str, str]) -> str:
    """A value of the file with the addresses of processes of this machine in place of its services'."""
    parts = urlsplit(value)
    if parts.hostname not in places:
        return value
    user = f"{parts.username}@" if parts.username else ""
    return parts._replace(netloc=f"{user}127.0.0.1:{urlsplit(places[parts.hostname]).port}").geturl()


def is_harvested(address: str) -> bool:
    runs = [source["last_run"]["state"] for source in ask(address, "/api/sources").json()["sources"]]
    assert set(runs) <= {"running", "complete"}, runs
    return len(runs) == 6 and set(runs) == {"complete"}


def is_ready(address: str) -> bool:
    told = ask(address, "/health/ready").json()
    parts = told["parts"].values()
    return told["status"] == "ok" and all(part.get("behind", 0) == 0 for part in parts)


def ask(address: str, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{address}{path}", headers=headers, timeout=30, allow_redirects=False)


def found(address: str, question: str) -> dict[str, Any]:
    answer = ask(address, f"/api/search?{question}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ids(answer: dict[str, Any]) -> list[str]:
    return [item["id"] for item in answer["items"]]


@pytest.mark.parametrize("question", QUERIES)
def test_a_search_finds_and_counts_the_same(sites: Sites, question: str) -> None:
    one, other = (
        found(address, f"{question}&meaning=false&size=100&explain=true")
        for address in (sites.embedded, sites.production)
    )
    assert one["total"] > 0
    assert (one["total"], one["facets"], one["query"]) == (other["total"], other["facets"], other["query"])
    # Not the order: scores of the two engines differ by some 1 %, so neighbours may change places.
    scored = [{item["id"]: item["score"] for item in told["items"]} for told in (one, other)]
    assert scored[0] == pytest.approx(scored[1], rel=0.02)


@pytest.mark.parametrize("question", MEANT)
def test_much_the_same_is_found_by_its_meaning(sites: Sites, question: str) -> None:
    need(not missing(), missing())
    one, other = (found(address, f"{question}&size=100") for address in (sites.embedded, sites.production))
    by_meaning = [{i["id"] for i in told["items"] if i["matched"]["meaning"]} for told in (one, other)]
    assert len(by_meaning[0] & by_meaning[1]) >= ALIKE * len(by_meaning[0] | by_meaning[1]) > 0


@pytest.mark.parametrize("question", LISTS)
def test_a_list_is_the_same_page_by_page(sites: Sites, question: str) -> None:
    one, other = (found(address, question) for address in (sites.embedded, sites.production))
    assert one["items"] and ids(one) == ids(other)
    assert (one["total"], one["facets"], one["links"]) == (other["total"], other["facets"], other["links"])


@pytest.mark.parametrize("typed", TYPED)
def test_the_same_is_suggested(sites: Sites, typed: str) -> None:
    """In whatever order among equals."""
    one, other = (
        sorted(map(str, ask(address, f"/api/suggest?{typed}&size=20").json()["suggestions"]))
        for address in (sites.embedded, sites.production)
    )
    assert one and one == other


def rows(address: str, query: str) -> dict[str, Any]:
    answer = requests.post(f"{address}/sparql", {"query": PREFIXES + query}, timeout=30)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("query", SPARQL)
def test_a_query_has_the_same_rows(sites: Sites, query: str) -> None:
    one, other = (rows(address, query) for address in (sites.embedded, sites.production))
    assert one == other and (one.get("boolean") is not None or one["results"]["bindings"])


def statements(answer: requests.Response) -> set[Triple]:
    """Without those that tell when: the two were harvested at different moments."""
    assert answer.status_code == 200, answer.text
    triples = {quad.triple for quad in parse(answer.content, RdfFormat.N_TRIPLES)}
    return {t for t in triples if not (isinstance(t.object, Literal) and t.object.datatype == MOMENT)}


@pytest.mark.parametrize("query", GRAPHS)
def test_a_query_makes_the_same_graph(sites: Sites, query: str) -> None:
    form, headers = {"query": PREFIXES + query}, {"Accept": "application/n-triples"}
    one, other = (
        statements(requests.post(f"{address}/sparql", form, headers=headers, timeout=30))
        for address in (sites.embedded, sites.production)
    )
    assert one and one == other


def test_a_record_is_the_same(sites: Sites) -> None:
    for record in ("practice/sample-fr/green-kommon", "organisation/sample-fr/la-main"):
        one, other = (statements(ask(at, f"/data/{record}.nt")) for at in (sites.embedded, sites.production))
        assert len(one) > 20 and one == other
    pages = [ask(at, "/hu/practice/sample-fr/green-kommon") for at in (sites.embedded, sites.production)]
    one, other = (re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.]+", "", page.text) for page in pages)
    assert "Green Kommon" in one and one == other


def test_without_elasticsearch_the_hub_says_so_and_goes_on_when_it_is_back(sites: Sites) -> None:
    """What a source brought meanwhile is found then; nobody starts the hub anew."""
    at, question = sites.production, "source=sample-it&sort=title"
    before = found(at, question)
    os.killpg(sites.process.pid, signal.SIGKILL)
    sites.process.wait()
    started = time.monotonic()
    for path in ("/api/search?q=solar", "/api/suggest?q=sol", "/hu/?q=napelem"):
        answer = ask(at, path, Accept="text/html" if path.startswith("/hu") else "*/*")
        assert (answer.status_code, answer.headers["Retry-After"].isdigit()) == (503, True), path
        assert urlsplit(sites.engine.url).netloc in answer.text and "Traceback" not in answer.text
    told = ask(at, "/health/ready")
    assert (told.status_code, told.json()["parts"]["search"]["status"]) == (503, "failing")
    assert {told.json()["parts"][part]["status"] for part in ("ledger", "graph")} == {"ok"}
    for path in ("/health/live", "/data/practice/sample-fr/green-kommon.ttl", "/api/sources"):
        assert ask(at, path).status_code == 200, path
    assert rows(at, SPARQL[0])["boolean"]
    assert time.monotonic() - started < FEW
    ledger = Ledger(sites.database, BASE)
    append(ledger, arrival(BASE, "meanwhile"))
    ledger.close()
    sites.stack.enter_context(sites.engine.started())
    wait_until(lambda: ask(at, "/api/search?source=by-hand").status_code == 200, 30)
    wait_until(lambda: found(at, "source=by-hand")["total"] == 1 and is_ready(at), 30)
    assert ids(found(at, question)) == ids(before)
