"""One endpoint (SPARQL 1.1 Protocol): queries by GET or form, answers in JSON, and how engines say that they fail.

Engines cut what is too long and answer 200. Virtuoso tells it by a header (seen in 7.2.5: `X-SPARQL-MaxRows` at its
ResultSetMaxRows; `X-SQL-State` where its time was over), for SELECT only; so nothing is asked by CONSTRUCT. Others tell
nothing: what holds more rows than any answer that is known to be whole is counted.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import requests

from harvesters.payloads import decoded, option
from hub.errors import FetchError
from hub.fetch import CHECK, LASTS, Client, address, content_type
from hub.model import Source

Row = Mapping[str, Mapping[str, str]]  # a solution: variable -> RDF term in SPARQL's JSON
JSON_RESULTS: Final = "application/sparql-results+json"
MOST_LISTED: Final = 5000  # rows of a listing that are asked for at once; Virtuoso refuses to sort more than 10,000
_FEWEST: Final = 50
_METHODS: Final = {"POST": 100, "GET": 20}  # how many nodes a query asks for at most; an address is soon too long
_TOO_MUCH: Final = re.compile(r"estimated execution time|time[d -]*out|time limit|too (long|many|large)|memory", re.I)
_LESS: Final = (
    "Asked for less it may answer: narrow [select] or options.query, or give it more time by options.timeout."
)
_CONNECT: Final = 10.0  # seconds to connect


def told(row: Row, variable: str) -> str:
    """The text of what a solution binds to a variable; "" where it binds nothing."""
    return row.get(variable, {}).get("value", "")


class TooMuch(FetchError):
    """An answer that the endpoint did not give whole; asked for less, it may."""


class Endpoint:
    """`[options]`: `method` = "POST" (a form; the default) or "GET", `graph`, and `timeout` in seconds.

    `prologue` stands before each query.
    """

    def __init__(self, source: Source, client: Client, prologue: str = "") -> None:
        self.shown, self._url, self._session = address(source.url), source.url, client.session
        self._method = _method(source)
        self._fixed = {"default-graph-uri": graph} if (graph := option(source, "graph", str, "")) else {}
        self._seconds = _seconds(source)
        self._prologue = prologue
        self._most = _METHODS[self._method]
        self._longest = MOST_LISTED
        self._proven = 0  # rows of the longest answer that is known to be whole

    def first(self, query: str) -> list[Row]:
        """The first rows of a sorted query: how many is the endpoint's to say; none where there are none."""
        try:
            rows, _ = self._ask(f"{query} LIMIT {self._longest}")
        except TooMuch:
            if self._longest < _FEWEST:
                raise
            self._longest //= 10
            return self.first(query)
        self._proven = max(self._proven, len(rows) if len(rows) >= self._longest else 0)
        return rows

    def count(self, body: str, what: str = "*") -> int:
        """How many solutions a query's body has. Raises FetchError."""
        rows, _ = self._ask(f"SELECT (COUNT({what}) AS ?n) WHERE {{ {body} }}")
        number = told(rows[0], "n") if rows else ""
        if not number.isdecimal():
            shown = f"{self.shown}: does not count: in place of a number it answered {number[:100]!r}"
            raise FetchError(f"{shown}. {LASTS}")
        return int(number)

    def whole(
        self, variables: str, body: Callable[[str], str], nodes: Sequence[str]
    ) -> Iterator[tuple[list[Row], str]]:
        """All solutions for these terms, in parts; `body` makes a query's body from them.

        Beside the rows of a part: "", or the one term of which there is more than the endpoint gives.
        """
        begin = 0
        while begin < len(nodes):
            part = nodes[begin : begin + self._most]
            try:
                rows, is_whole = self._part(variables, body(" ".join(part)))
            except TooMuch:
                if len(part) == 1:
                    raise
                rows, is_whole = [], False
            if not is_whole and len(part) > 1:
                self._most = len(part) // 2
                continue
            yield rows, "" if is_whole else part[0]
            begin += len(part)
            self._most = min(_METHODS[self._method], self._most + 1 + self._most // 10)

    def _part(self, variables: str, body: str) -> tuple[list[Row], bool]:
        """The rows, and whether they are all."""
        rows, is_cut = self._ask(f"SELECT {variables} WHERE {{ {body} }}")
        if is_cut or len(rows) <= self._proven:
            return rows, not is_cut
        if self.count(body) > len(rows):
            return rows, False
        self._proven = len(rows)
        return rows, True

    def _ask(self, query: str) -> tuple[list[Row], bool]:
        """The rows, and whether the endpoint says that it cut them."""
        asked = {"query": self._prologue + query, **self._fixed}
        where: dict[str, Any] = {"params": asked} if self._method == "GET" else {"data": asked}
        answer = self._session.request(
            self._method,
            self._url,
            headers={"Accept": JSON_RESULTS},
            timeout=(_CONNECT, self._seconds) if self._seconds else None,
            **where,
        )
        if answer.status_code >= 400:
            raise self._refusal(answer)
        if state := answer.headers.get("X-SQL-State"):
            words = f"its time was over before the answer was whole ({state})"
            raise TooMuch(f"{self.shown}: {words}. {_LESS}")
        return self._rows(answer), "X-SPARQL-MaxRows" in answer.headers

    def _rows(self, answer: requests.Response) -> list[Row]:
        media_type, charset = content_type(answer.headers.get("Content-Type"))
        text = decoded(answer.content, charset)
        begin = " ".join(text[:2000].split())[:200]
        if text.lstrip()[:1] == "<":
            words = f"answered with a web page or XML in place of SPARQL results in JSON: {begin!r}"
            raise FetchError(f"{self.shown}: {words}. Check url in the source file: it is where queries are sent.")
        if not text.strip():
            raise TooMuch(f"{self.shown}: the answer is empty. {_LESS}")
        try:
            found = json.loads(text, strict=False)["results"]["bindings"]
            return [{name: _term(term) for name, term in row.items() if isinstance(term, dict)} for row in found]
        except RecursionError as error:
            raise FetchError(
                f"{self.shown}: answered with JSON nested too deep to be SPARQL results. {CHECK}"
            ) from error
        except ValueError as error:
            words = f"the answer ({media_type or 'no media type'}) is cut, or no JSON: {begin!r} … {str(error)[:100]}"
            raise TooMuch(f"{self.shown}: {words}. {_LESS}") from error
        except (KeyError, TypeError, AttributeError) as error:
            raise FetchError(
                f"{self.shown}: answered with JSON that is no SPARQL results: {begin!r}. {CHECK}"
            ) from error

    def _refusal(self, answer: requests.Response) -> FetchError:
        status, words = answer.status_code, " ".join(answer.text[:2000].split())[:300]
        if status in (401, 403):
            return FetchError(
                f"{self.shown}: refuses the query (status {status}). It may want options.user_agent like a browser's, "
                "as lod.dati.gov.it does, or it blocks the hub's address: ask its operator."
            )
        if status in (404, 410):
            return FetchError(f"{self.shown}: answered {status}: there is no SPARQL endpoint here. {CHECK}")
        if status in (405, 415, 501):
            other = "GET" if self._method == "POST" else "POST"
            advice = f"it does not take queries by {self._method}; try options.method = {other!r}"
            return FetchError(f"{self.shown}: answered {status}: {advice}.")
        if status in (413, 414, 504) or _TOO_MUCH.search(words):
            return TooMuch(f"{self.shown}: answered {status}: {words!r}. {_LESS}")
        if status < 500 and status != 429:
            advice = "It does not understand the query; check [select], or options.query, in the source file"
            return FetchError(f"{self.shown}: answered {status}: {words!r}. {advice}.")
        return FetchError(f"{self.shown}: answered {status}: {words!r}. {LASTS}")


def _term(told: Mapping[str, Any]) -> Mapping[str, str]:
    """A term without what is no text: a list in lists could be read, and hardly be shown."""
    return {name: str(value) for name, value in told.items() if isinstance(value, str | int | float)}


def _method(source: Source) -> str:
    method = option(source, "method", str, "POST")
    if method not in _METHODS:
        raise FetchError(f'{source.key}: options.method is {method[:200]!r}; it must be "GET" or "POST" (a form)')
    return str(method)


def _seconds(source: Source) -> float | None:
    """How long the endpoint may be silent; None leaves it to the client."""
    seconds = source.options.get("timeout")
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 1 <= seconds <= 600:
        words = f"{source.key}: options.timeout is {str(seconds)[:200]!r}; it must be a number of seconds from 1 to 600"
        raise FetchError(words)
    return float(seconds)
