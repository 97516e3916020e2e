"""Which nodes of an endpoint are records: by `[select]`, as in catalogues, or by a query that a person wrote."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NoReturn

from pyoxigraph import Literal, QuerySolutions, Store

from harvesters.nodes import CATALOGUES, classes, iri_of
from harvesters.payloads import option
from hub.errors import FetchError
from hub.model import KINDS, Source

_NOT_IN_IRI: Final = re.compile(r"[\x00-\x20<>\"{}|^`\\]")
_PROLOGUE: Final = re.compile(r"(\s|#[^\n]*\n|PREFIX\s+[^\s<]*:\s*<[^>]*>|BASE\s*<[^>]*>)*", re.I)
_QUOTED: Final = re.compile(
    r"\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    r"|<[^<>\"{}|^`\\\x00-\x20]*>|#[^\n]*",
    re.S,
)
_WORD: Final = r"(?<![?$:\w-])(?:{})(?![:\w-])"
_ORDERED: Final = re.compile(_WORD.format(r"ORDER\s+BY|LIMIT|OFFSET|FROM"), re.I)
_SERVICE: Final = re.compile(_WORD.format("SERVICE"), re.I)
_DAY: Final = 10  # letters of a date; what is shorter names a year or a month


def term(iri: str) -> str | None:
    """An IRI as a query names it; None where it holds what no query can name."""
    return None if _NOT_IN_IRI.search(iri) or ":" not in iri else f"<{iri}>"


def text(value: str) -> str:
    return str(Literal(value))


@dataclass(frozen=True, slots=True)
class Selection:
    """`pattern` binds ?record and, unless there is one kind only, ?kind to a key of `kinds`; `prologue`: its prefixes.

    `modified` is the property of `[options] modified`, as a query names it.
    """

    pattern: str
    kinds: Mapping[str, str]
    prologue: str = ""
    modified: str = ""

    @property
    def _has_kind(self) -> bool:
        return "" not in self.kinds

    def kind(self, key: str) -> str:
        """Raises FetchError where a query that a person wrote gives no kind."""
        if key in self.kinds:
            return self.kinds[key]
        raise FetchError(f"options.query gives {key[:200]!r} as ?kind; it must be one of {', '.join(self.kinds)}.")

    def body(self, after: str, since: datetime | None) -> str:
        """What listing and counting have in common: the records whose IRI is greater than `after`.

        That is written as an IRI: Virtuoso 7.2.5 finds nothing greater than a text with letters beyond Latin-1.
        """
        named = term(after)
        behind = f" && STR(?record) > {f'STR({named})' if named else text(after)}" if after else ""
        return f"{{ {self.pattern} }} FILTER(isIRI(?record){behind}) {self._changed(since)}"

    def records(self, after: str, since: datetime | None) -> str:
        """The listing, sorted by IRI. Of a record's kinds the first one counts."""
        kind = " (MIN(STR(?kind)) AS ?first)" if self._has_kind else ""
        return f"SELECT ?record{kind} WHERE {{ {self.body(after, since)} }} GROUP BY ?record ORDER BY STR(?record)"

    def among(self, nodes: str) -> str:
        """Which of some nodes are records (?kind) or catalogues (?catalogue)."""
        kind = "" if self._has_kind else ' BIND("" AS ?kind)'
        catalogue = f"?record a ?catalogue FILTER(?catalogue IN ({', '.join(_catalogues(frozenset()))}))"
        return f"VALUES ?record {{ {nodes} }} {{ {self.pattern}{kind} }} UNION {{ {catalogue} }}"

    def _changed(self, since: datetime | None) -> str:
        """Dates are compared as texts, from the day before, since their time zones differ; without one it is listed."""
        if since is None or not self.modified:
            return ""
        day = text((since - timedelta(days=1)).date().isoformat())
        old = f"STRLEN(STR(?when)) >= {_DAY} && STR(?when) < {day}"
        return f"OPTIONAL {{ ?record {self.modified} ?when }} FILTER(!BOUND(?when) || !({old}))"


def selection(source: Source) -> Selection:
    """Raises FetchError that says what to change in the source file."""
    query, name = option(source, "query", str, ""), option(source, "modified", str, "")
    if query and source.select:
        raise FetchError(f"{source.key}: [select] and options.query are both given; either says what the records are")
    where = "options.modified"
    modified = _named(source, where, iri_of(source, where, name, "a property: an IRI")) if name else ""
    if query:
        return _Written(source.key, query).selection(modified)
    return _by_class(source, modified)


def _by_class(source: Source, modified: str) -> Selection:
    """?kind is the place of a kind in `[select]`, so that the least is the first."""
    kinds = classes(source)
    rows = (
        f"({_named(source, f'select.{kind}', name)} {text(str(at))})"
        for at, (kind, wanted) in enumerate(kinds.items())
        for iri in sorted(wanted)
        for name in _spellings(iri)
    )
    others = ", ".join(_catalogues(frozenset().union(*kinds.values())))
    pattern = (
        f"VALUES (?class ?kind) {{ {' '.join(rows)} }} ?record a ?class "
        f"FILTER NOT EXISTS {{ ?record a ?other FILTER(?other IN ({others})) }}"
    )
    return Selection(pattern, {str(at): kind for at, kind in enumerate(kinds)}, modified=modified)


def _catalogues(wanted: frozenset[str]) -> list[str]:
    return [f"<{name}>" for iri in sorted(CATALOGUES - wanted) for name in _spellings(iri)]


def _spellings(iri: str) -> list[str]:
    """schema.org's terms are written with http and with https."""
    begin = "http://schema.org/"
    return [iri, iri.replace(begin, "https://schema.org/", 1)] if iri.startswith(begin) else [iri]


def _named(source: Source, where: str, iri: str) -> str:
    if named := term(iri):
        return named
    raise FetchError(f"{source.key}: {where} has {iri[:200]!r}, which holds characters that no IRI may hold")


@dataclass(frozen=True, slots=True)
class _Written:
    """`[options] query`: read by a real parser, on a store that holds nothing."""

    key: str
    query: str

    def selection(self, modified: str) -> Selection:
        self._check()
        variables = self._variables(self.query)
        if "record" not in variables:
            names = ", ".join(f"?{name}" for name in variables)
            self._refuse(f"must select ?record (and may select ?kind); it selects {names or 'nothing'}")
        has_kind = "kind" in variables
        begin = _PROLOGUE.match(self.query)
        assert begin  # it matches nothing at least
        prologue, select = self.query[: begin.end()], self.query[begin.end() :]
        pattern = f"{{ SELECT ?record{' ?kind' if has_kind else ''} WHERE {{ {{ {select}\n}} }} }}"
        kinds = {kind: kind for kind in KINDS} if has_kind else {"": "practice"}
        made = Selection(pattern, kinds, f"{prologue}\n", modified)
        self._variables(made.prologue + made.records("", None))
        return made

    def _check(self) -> None:
        outside = _QUOTED.sub(" ", self.query)
        if _SERVICE.search(outside):
            self._refuse("asks another endpoint by SERVICE; give each endpoint a source file of its own")
        while (shorter := re.sub(r"\{[^{}]*\}", " ", outside)) != outside:
            outside = shorter
        if found := _ORDERED.search(outside):
            name = " ".join(found[0].upper().split())
            how = "name the graph in options.graph" if name == "FROM" else "the hub orders and pages by itself"
            self._refuse(f"has {name}; leave it out: {how}")

    def _variables(self, query: str) -> list[str]:
        try:
            answer = Store().query(query)
        except SyntaxError as error:
            self._refuse(f"is no SPARQL 1.1: {' '.join(str(error).split())[:300]}")
        if not isinstance(answer, QuerySolutions):
            self._refuse("must be a SELECT")
        return [variable.value for variable in answer.variables]

    def _refuse(self, told: str) -> NoReturn:
        raise FetchError(f"{self.key}: options.query {told}.")
