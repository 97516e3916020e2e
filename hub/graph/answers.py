"""Results of queries, in the formats that strangers ask for, cut to a number of rows and bytes."""

import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    parse,
    parse_query_results,
    serialize,
)

from hub.errors import HubError, NotAcceptable
from hub.namespaces import PREFIXES

Result = QuerySolutions | QueryTriples | QueryBoolean

ROWS: Final = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
TRIPLES: Final = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use. `size` is of the answer as TSV or N-Triples; another format may take three times that."""

    seconds: float = 10.0
    rows: int = 100_000  # or triples
    memory: int = 2 << 30  # bytes of address space; the store cannot be opened in much less than 1 GB
    size: int = 32 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """`rows` counts the rows, or triples, of the body; `truncated` says that there were more."""

    body: bytes
    media_type: str
    truncated: bool
    rows: int


class QueryStopped(HubError):
    """A query that its worker did not survive; nothing else was harmed."""

    status = 503
    title = "The query was stopped"


class Queries(Protocol):
    """SPARQL 1.1 queries of strangers, within limits."""

    def run(
        self,
        query: str,
        accept: str | Sequence[str],
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Answer:
        """`accept` names formats of ROWS and TRIPLES, the dearest first; the first that fits the query's form is taken.

        The graphs are the protocol's `default-graph-uri` and `named-graph-uri`; they overrule FROM (SPARQL 1.1
        Protocol §2.1.4). Without either the default graph is the union of all. Raises BadRequest, NotAcceptable,
        QueryTimeout, QueryStopped, Unavailable.
        """

    def close(self) -> None: ...


class _FullError(Exception):
    """No more is taken."""


class Lines(io.BytesIO):
    """Takes whole lines, up to a number of them and of bytes; what is beyond ends the writer."""

    def __init__(self, lines: int, size: int) -> None:
        super().__init__()
        self._lines, self._size, self.full, self.lines = lines, size, False, 0

    def write(self, data: Any) -> int:
        if self.full:  # the engine's buffer writes what it holds once more when it is dropped
            raise _FullError
        chunk = bytes(data)
        fits = chunk if len(chunk) <= self._size - self.tell() else chunk[: max(0, self._size - self.tell())]
        if (breaks := fits.count(b"\n")) >= self._lines - self.lines:
            breaks = self._lines - self.lines
            fits = b"".join(fits.splitlines(keepends=True)[:breaks]) if breaks else b""
        super().write(fits)
        self.lines += breaks
        if len(fits) < len(chunk):
            self.full = True
            raise _FullError
        return len(chunk)

    def whole(self) -> bytes:
        text = self.getvalue()
        return text[: text.rfind(b"\n") + 1] if self.full else text


def encode(result: Result, accept: Sequence[str], limits: Limits) -> Answer:
    """A result in the first format that fits it, cut to the limits; NotAcceptable where none fits."""
    offered = TRIPLES if isinstance(result, QueryTriples) else ROWS
    chosen = next((name for name in accept if name in offered), None)
    if chosen is None:
        asked = ", ".join(accept) or "–"
        raise NotAcceptable(
            "This query answers in {formats}; asked for: {asked}", formats=", ".join(offered), asked=asked
        )
    if isinstance(result, QueryTriples):
        return _triples(result, TRIPLES[chosen], limits)
    if isinstance(result, QuerySolutions):
        return _rows(result, ROWS[chosen], limits)
    return Answer(bytes(result.serialize(format=ROWS[chosen]) or b""), ROWS[chosen].media_type, False, 1)


def _rows(solutions: QuerySolutions, wanted: QueryResultsFormat, limits: Limits) -> Answer:
    """In TSV each line is a row, whatever the row holds: so it is cut there, and written anew in the format wanted."""
    lines = Lines(limits.rows + 1, limits.size)
    with suppress(_FullError):
        solutions.serialize(lines, QueryResultsFormat.TSV)
    body = tsv = lines.whole()
    if wanted != QueryResultsFormat.TSV:
        body = bytes(parse_query_results(tsv, QueryResultsFormat.TSV).serialize(format=wanted) or b"")
    return Answer(body, wanted.media_type, lines.full, max(0, tsv.count(b"\n") - 1))


def _triples(triples: QueryTriples, wanted: RdfFormat, limits: Limits) -> Answer:
    lines = Lines(limits.rows, limits.size)
    with suppress(_FullError):
        triples.serialize(lines, RdfFormat.N_TRIPLES)
    body = text = lines.whole()
    if wanted != RdfFormat.N_TRIPLES:
        prefixes = {name: str(base) for name, base in PREFIXES.items() if f"<{base}".encode() in text}
        body = bytes(serialize(parse(text, RdfFormat.N_TRIPLES), format=wanted, prefixes=prefixes) or b"")
    return Answer(body, wanted.media_type, lines.full, text.count(b"\n"))
