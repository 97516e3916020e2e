"""A graph store on any server of the SPARQL 1.1 Protocol, by queries and updates only, both as form POST.

The server must be told to let the default graph be the union of all graphs (Oxigraph does so for each request).
It can keep no empty graph, so the position is one triple, each of its terms marked: rows that hold one are left out.
An aggregate over everything still counts it, once.
"""

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, NoReturn
from urllib.parse import urlsplit

import requests
from pyoxigraph import (
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from hub.errors import BadRequest, Refused, Unavailable
from hub.graph.base import POSITION, FreshStore, Row, named, of_position, replacement, rows_of
from hub.model import sorted_lines

ROWS: Final = "application/sparql-results+json"
TRIPLES: Final = "application/n-triples"
UNION: Final = {"union-default-graph": "true"}  # Oxigraph's; others pass over it
_REFUSALS = {400, 409, 413, 414, 422}  # of the request itself; 401 or 404 are faults of the address
_GRAPHS_AT_ONCE = 500
_CHARACTERS_AT_ONCE = 1_000_000
_NAMES_AT_ONCE = 5_000  # below the 10,000 rows at which Virtuoso cuts an answer in silence


def shown(url: str) -> str:
    """An address as it may be shown: without its user and password."""
    return urlsplit(url)._replace(netloc=urlsplit(url).netloc.rpartition("@")[2]).geturl()


class SparqlStore:
    """`owned` is what the names of the hub's graphs begin with; others are neither counted nor dropped."""

    def __init__(self, query_url: str, update_url: str = "", owned: str = "", seconds: float = 60.0) -> None:
        self._query_url = query_url
        self._update_url = update_url or re.sub(r"/(query|sparql)$", "/update", query_url)
        self._owned, self._seconds = owned, seconds
        self._rebuilding = threading.Lock()

    def position(self) -> int:
        rows = self._rows(f"SELECT ?n {{ GRAPH <{POSITION}> {{ <{POSITION}> <{POSITION}> ?n }} }}")
        return max((int(n.value) for (n,) in rows if isinstance(n, Literal)), default=0)

    def apply(self, graphs: Mapping[str, str | None], position: int) -> None:
        self._update([*replacement(graphs), *_moved(position)])

    def select(self, query: str) -> list[Row]:
        solutions = self._rows(query)
        return list(rows_of([v.value for v in solutions.variables], solutions))

    def construct(self, query: str) -> frozenset[Triple]:
        triples = {quad.triple for quad in parse(self._ask(query, TRIPLES), format=RdfFormat.N_TRIPLES)}
        return frozenset(t for t in triples if not any(map(of_position, t)))

    def graph(self, name: str) -> str:
        return sorted_lines(
            self.construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {NamedNode(name)} {{ ?s ?p ?o }} }}")
        )

    def count(self) -> int:
        query = f"SELECT (COUNT(DISTINCT ?g) AS ?n) {{ GRAPH ?g {{ ?s ?p ?o }} {self._ours()} }}"
        return sum(int(n.value) for (n,) in self._rows(query) if isinstance(n, Literal))

    @contextmanager
    def rebuild(self) -> Iterator[FreshStore]:
        """Replaces graph by graph on the same server, drops last what is no more: it is never empty."""
        if not self._rebuilding.acquire(blocking=False):
            raise Refused("A rebuild of the graph store is under way")
        try:
            fresh = _FreshSparql(self._query_url, self._update_url, self._owned, self._seconds)
            yield fresh
            fresh.finish()
        finally:
            self._rebuilding.release()

    def optimize(self) -> None:
        """Servers look after themselves."""

    def close(self) -> None:
        """Each request has a connection of its own."""

    def _ours(self) -> str:
        """A filter on ?g."""
        return f"FILTER(STRSTARTS(STR(?g), {Literal(self._owned)}) && !STRSTARTS(STR(?g), '{POSITION}'))"

    def _names(self) -> Iterator[str]:
        """The hub's graphs, page by page until one is empty."""
        last = ""
        while True:
            more = f"FILTER(STR(?g) > {Literal(last)})"
            query = f"SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} {self._ours()} {more} }} ORDER BY STR(?g)"
            names = [g.value for (g,) in self._rows(f"{query} LIMIT {_NAMES_AT_ONCE}") if isinstance(g, NamedNode)]
            if not names:
                return
            yield from names
            last = names[-1]

    def _rows(self, query: str) -> QuerySolutions:
        try:
            solutions = parse_query_results(self._ask(query, ROWS), format=QueryResultsFormat.JSON)
        except SyntaxError as error:
            raise Unavailable(f"{shown(self._query_url)} answers no SPARQL results: {error}") from error
        if not isinstance(solutions, QuerySolutions):
            raise BadRequest("query", query, "a SELECT query")
        return solutions

    def _ask(self, query: str, accept: str) -> bytes:
        answer = self._post(self._query_url, {"query": query, **UNION}, accept)
        if answer.status_code == 400:
            raise BadRequest("query", query, f"a SPARQL 1.1 query ({answer.text[:500]})")
        if not _done(answer):
            raise Unavailable(_told(self._query_url, answer))
        return answer.content

    def _update(self, operations: Iterable[str]) -> None:
        answer = self._post(self._update_url, {"update": ";\n".join(operations)}, "*/*")
        if _done(answer):
            return
        told = _told(self._update_url, answer)
        # Virtuoso answers 500 to a value that it does not take. Where it still moves its position, it is the value.
        if answer.status_code in _REFUSALS or (answer.status_code == 500 and self._still_writes()):
            raise Refused(told)
        raise Unavailable(told)

    def _still_writes(self) -> bool:
        update = ";\n".join(_moved(SparqlStore.position(self)))
        return _done(self._post(self._update_url, {"update": update}, "*/*"))

    def _post(self, url: str, form: Mapping[str, str], accept: str) -> requests.Response:
        try:
            return requests.post(
                url, data=form, headers={"Accept": accept}, timeout=(5, self._seconds), allow_redirects=False
            )
        except requests.RequestException as error:
            raise Unavailable(f"{shown(url)} does not answer: {type(error).__name__}") from error


class _FreshSparql(SparqlStore):
    """The same server; it knows which graphs were written since the rebuild began, and shows no others."""

    def __init__(self, query_url: str, update_url: str, owned: str, seconds: float) -> None:
        super().__init__(query_url, update_url, owned, seconds)
        self._written: set[str] = set()
        self._reached = 0

    def position(self) -> int:
        return self._reached

    def apply(self, graphs: Mapping[str, str | None], position: int) -> None:
        if operations := list(replacement(graphs)):
            self._update(operations)
        self._written |= {name for name, text in graphs.items() if text}
        self._written -= {name for name, text in graphs.items() if not text}
        self._reached = position

    def load(self, pairs: Iterable[tuple[str, str]]) -> None:
        batch: dict[str, str | None] = {}
        size = 0
        for name, text in pairs:
            batch[name] = text
            size += len(text)
            if len(batch) >= _GRAPHS_AT_ONCE or size >= _CHARACTERS_AT_ONCE:
                self.apply(batch, self._reached)
                batch, size = {}, 0
        self.apply(batch, self._reached)

    def graph(self, name: str) -> str:
        return super().graph(name) if name in self._written else ""

    def count(self) -> int:
        return len(self._written)

    def rebuild(self) -> NoReturn:
        raise Refused("A rebuild of the graph store is under way")

    def finish(self) -> None:
        gone = [f"DROP SILENT GRAPH {named(name)}" for name in list(self._names()) if name not in self._written]
        for first in range(0, len(gone), _GRAPHS_AT_ONCE):
            self._update(gone[first : first + _GRAPHS_AT_ONCE])
        self._update(_moved(self._reached))


def _moved(position: int) -> list[str]:
    """The operations that move the position to a number."""
    triple = f"<{POSITION}> <{POSITION}> {Literal(str(position), datatype=NamedNode(POSITION))}"
    return [f"DROP SILENT GRAPH <{POSITION}>", f"INSERT DATA {{ GRAPH <{POSITION}> {{ {triple} }} }}"]


def _done(answer: requests.Response) -> bool:
    return 200 <= answer.status_code < 300


def _told(url: str, answer: requests.Response) -> str:
    return f"{shown(url)} answers {answer.status_code}: {answer.text[:500].strip()}"
