"""SPARQL for strangers on a server of its own: queries are checked, forwarded, and their answers cut."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final, TypeVar

import requests
from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

from hub.errors import BadRequest, QueryTimeout, Unavailable
from hub.graph.answers import Answer, Limits, Result, encode
from hub.graph.base import of_position
from hub.graph.queries import names_dataset, refuse
from hub.graph.sparql import ROWS, TRIPLES, UNION, shown

T = TypeVar("T")
_ACCEPT: Final = f"{ROWS}, {TRIPLES}"


class SparqlQueries:
    """`Queries` on any SPARQL 1.1 server. Its memory, and its time after ours is over, are its own to bound."""

    def __init__(self, url: str, limits: Limits) -> None:
        self._url, self._limits = url, limits

    def run(
        self,
        query: str,
        accept: str | Sequence[str],
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Answer:
        refuse(query, sealed=False)
        form: dict[str, Any] = {"query": query}
        if default_graphs or named_graphs:
            form |= {"default-graph-uri": list(default_graphs), "named-graph-uri": list(named_graphs)}
        elif not names_dataset(query):
            form |= UNION
        media_type, body, cut = self._ask(query, form)
        result, more = self._result(media_type, body, cut)
        answer = encode(result, [accept] if isinstance(accept, str) else list(accept), self._limits)
        return replace(answer, truncated=answer.truncated or more)

    def _ask(self, query: str, form: dict[str, Any]) -> tuple[str, bytes, bool]:
        """The media type, the first bytes of the body, and whether there were more."""
        deadline, seconds = time.monotonic() + self._limits.seconds, self._limits.seconds
        try:
            with requests.post(
                self._url, form, headers={"Accept": _ACCEPT}, timeout=seconds, stream=True, allow_redirects=False
            ) as answer:
                body, cut = _first(answer, self._limits.size, deadline)
        except requests.RequestException as error:
            if isinstance(error, requests.Timeout) or time.monotonic() >= deadline:
                raise QueryTimeout("The query ran longer than {seconds} seconds", seconds=f"{seconds:g}") from error
            raise Unavailable(f"{shown(self._url)} does not answer: {type(error).__name__}") from error
        if answer.status_code == 400:
            reason = body[:500].decode(errors="replace").strip()
            raise BadRequest("query", query, "a SPARQL 1.1 query ({reason})", reason=reason)
        if answer.status_code != 200:
            raise Unavailable(f"{shown(self._url)} answers {answer.status_code}")
        return answer.headers.get("Content-Type", ""), body, cut

    def _result(self, media_type: str, body: bytes, cut: bool) -> tuple[Result, bool]:
        """What the server answered, as far as it came, without the position."""
        rows, triples = QueryResultsFormat.from_media_type(media_type), RdfFormat.from_media_type(media_type)
        broken: list[SyntaxError] = []
        if rows:
            result: Result = self._rows(body, rows, broken)
        elif triples:
            result = self._triples(body, triples, broken)
        else:
            raise Unavailable(f"{shown(self._url)} answers neither rows nor triples but {media_type!r}")
        if broken and not cut:
            raise Unavailable(f"{shown(self._url)} answers less than it began: {broken[0]}")
        return result, cut

    def _rows(self, body: bytes, form: QueryResultsFormat, broken: list[SyntaxError]) -> QuerySolutions | QueryBoolean:
        try:
            solutions = parse_query_results(body, form)
        except SyntaxError as error:
            raise Unavailable(f"{shown(self._url)} answers no SPARQL results: {error}") from error
        if isinstance(solutions, QueryBoolean):
            return solutions
        lines = ["\t".join(str(variable) for variable in solutions.variables)]
        for terms in islice(_until_broken(solutions, broken), self._limits.rows + 1):
            if not any(map(of_position, terms)):
                lines.append("\t".join("" if term is None else str(term) for term in terms))
        again = parse_query_results("\n".join([*lines, ""]), QueryResultsFormat.TSV)
        assert isinstance(again, QuerySolutions)
        return again

    def _triples(self, body: bytes, form: RdfFormat, broken: list[SyntaxError]) -> QueryTriples:
        quads = islice(_until_broken(parse(body, form), broken), self._limits.rows + 1)
        store = Store()
        store.extend(quad for quad in quads if not any(map(of_position, quad.triple)))
        result = store.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
        assert isinstance(result, QueryTriples)
        return result

    def close(self) -> None:
        """Each query has a connection of its own."""


def _first(answer: requests.Response, size: int, deadline: float) -> tuple[bytes, bool]:
    """The first bytes of a body, and whether there were more; requests.Timeout where it comes too slowly."""
    body = bytearray()
    for chunk in answer.iter_content(1 << 16):
        body += chunk
        if len(body) > size:
            return bytes(body[:size]), True
        if time.monotonic() > deadline:
            raise requests.Timeout
    return bytes(body), False


def _until_broken(items: Iterable[T], broken: list[SyntaxError]) -> Iterator[T]:
    """The items before the place where the text stops being what it began as."""
    try:
        yield from items
    except SyntaxError as error:
        broken.append(error)
