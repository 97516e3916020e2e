"""As much of Solr's query language as CKAN's clients use in `q` and `fq`.

`field:value`, `field:"two words"`, `field:(a OR b)`, `field:[from TO to]`, `field:*`, `*:*`, bare words, `+`, `-`,
`NOT`, `AND`, `OR` and brackets. Terms side by side must all hold, which is the default of CKAN's own Solr schema.
"""

import re
from collections.abc import Callable, Collection, Mapping

Document = Mapping[str, Collection[str]]  # field -> its values in lower case; `text` holds the words of all of them
Matches = Callable[[Document], bool]

_TOKEN = re.compile(
    r"""\s*(?: (?P<mark>[()+\-!]) | (?P<field>[\w.*]+): | "(?P<phrase>[^"]*)"
          | \[(?P<range>\S+\s+TO\s+\S+)\] | (?P<word>[^\s()":\[\]]+) )""",
    re.VERBOSE,
)
_NEGATIONS = frozenset({"-", "!", "NOT"})


class QueryError(ValueError):
    """A query that cannot be read; the words are Solr's kind of words."""


def matcher(query: str) -> Matches:
    """Tells which documents a query finds. Raises QueryError."""
    if not query.strip():
        return _every
    return _Parser(query).whole()


def _every(_: Document) -> bool:
    return True


class _Parser:
    """Recursive descent: any = all (OR all)*, all = one (AND? one)*, one = sign? (brackets | field: value | word)."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens: list[tuple[str, str]] = []
        at = 0
        query = query.rstrip()
        while at < len(query):
            found = _TOKEN.match(query, at)
            if found is None or found.lastgroup is None:
                raise QueryError(f"Cannot parse '{query}': unexpected '{query[at:].strip()[:20]}'")
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()

    def whole(self) -> Matches:
        matches = self._any("text")
        if self._tokens:
            raise QueryError(f"Cannot parse '{self._query}': unexpected '{self._tokens[0][1]}'")
        return matches

    def _next_is(self, *values: str) -> bool:
        """Whether a sign or an operator comes next (the same letters in quotes are a phrase)."""
        return bool(self._tokens) and self._tokens[0][0] in ("mark", "word") and self._tokens[0][1] in values

    def _any(self, field: str) -> Matches:
        options = [self._all(field)]
        while self._next_is("OR", "||"):
            self._tokens.pop(0)
            options.append(self._all(field))
        return lambda document: any(option(document) for option in options)

    def _all(self, field: str) -> Matches:
        parts = [self._one(field)]
        while self._tokens and not self._next_is("OR", "||", ")"):
            if self._next_is("AND", "&&"):
                self._tokens.pop(0)
            parts.append(self._one(field))
        return lambda document: all(part(document) for part in parts)

    def _one(self, field: str) -> Matches:
        if not self._tokens:
            raise QueryError(f"Cannot parse '{self._query}': it ends too early")
        kind, value = self._tokens.pop(0)
        if value in _NEGATIONS and kind != "phrase":
            inner = self._one(field)
            return lambda document: not inner(document)
        if (kind, value) == ("mark", "+"):
            return self._one(field)
        if (kind, value) == ("mark", "("):
            return self._bracket(field)
        if kind == "field":
            return self._one(value)
        if kind == "mark":
            raise QueryError(f"Cannot parse '{self._query}': unexpected '{value}'")
        return _range_matches(field, value) if kind == "range" else _value_matches(field, value.lower())

    def _bracket(self, field: str) -> Matches:
        matches = self._any(field)
        if not self._next_is(")"):
            raise QueryError(f"Cannot parse '{self._query}': a bracket is not closed")
        self._tokens.pop(0)
        return matches


def _values(document: Document, field: str) -> Collection[str]:
    if field not in document:
        raise QueryError(f"undefined field {field}")
    return document[field]


def _value_matches(field: str, value: str) -> Matches:
    if (field, value) in (("*", "*"), ("text", "*")):
        return _every
    pattern = re.compile(re.escape(value).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
    return lambda document: any(pattern.fullmatch(found) for found in _values(document, field))


def _range_matches(field: str, value: str) -> Matches:
    """Both ends included, `*` is open; text order, which for ISO dates is that of time."""
    low, _, high = value.lower().split()
    return lambda document: any(
        (low == "*" or low <= found) and (high == "*" or found <= high) for found in _values(document, field)
    )
