"""What a stranger's query may not hold, seen before any engine sees it."""

import re
from typing import Final

from hub.errors import BadRequest

LONGEST: Final = 250_000  # characters
_MOST_SERVICES: Final = 20  # how often the word may stand in a query, calls or not; bounds the search for calls
_FLAGS = re.IGNORECASE | re.DOTALL

_OPAQUE = re.compile(
    r'(?P<text>"""(?:"{0,2}+(?:[^"\\]|\\.))*+"""'
    r"|'''(?:'{0,2}+(?:[^'\\]|\\.))*+'''"
    r'|"(?:[^"\\\n\r]|\\.)*+"'
    r"|'(?:[^'\\\n\r]|\\.)*+')"
    r"|(?P<iri><(?:[^<>\"{}|^`\\\x00-\x20]|\\u[0-9A-F]{4}|\\U[0-9A-F]{8})*+>)"
    r"|(?P<comment>\#[^\n\r]*+)",
    _FLAGS,
)
_TARGET = r"(?:<[^<>]*>|[?$]\w+|[^\s<>{}()\"']*:[^\s<>{}()\"']*)"
# The engine reads words without a boundary: SERVICEex:, 1SERVICE and SERVICESILENT are calls, too. And ex:SERVICE is
# one where ex: is bound to <http://host:80>, for then the whole name is no IRI. So a call is told by what follows.
_CALL = re.compile(rf"service\s*(?:silent)?\s*{_TARGET}\s*\{{", _FLAGS)
_GAP = r"(?:\s|\#[^\n\r]*+(?:[\n\r]|$))*+"
_CALL_ANYWHERE = re.compile(rf"service{_GAP}(?:silent)?{_GAP}{_TARGET}{_GAP}\{{", _FLAGS)
_UPDATE = re.compile(
    r"\s*(?:(?:base\s*<>|prefix\s*[^\s:<>]{0,200}:\s*<>)\s*)*+"
    r"(?P<word>insert|delete|load|clear|drop|create|add|move|copy|with)\b",
    _FLAGS,
)
_FROM = re.compile(r"(?<![\w:?$@.\-])from\s*(?:named\s*)?(?:<>|[^\s<>{}()\"',;]{0,200}:)", _FLAGS)


def skeleton(query: str) -> str:
    """The query without what strings, IRIs and comments hold."""
    return _OPAQUE.sub(lambda found: {"text": '""', "iri": "<>", "comment": " "}[found.lastgroup or "text"], query)


def refuse(query: str, sealed: bool) -> None:
    """Raises BadRequest for an update, and for a call of another server by SERVICE.

    A lexer alone can be deceived: in `FILTER(?a<'>')` the engine reads less-than and a string where it reads an IRI.
    Where the engine is not `sealed` off the network, a call is refused wherever it stands, also in a string or comment.
    """
    if len(query) > LONGEST:
        raise BadRequest("query", query, "at most {limit} characters", limit=LONGEST)
    bare = skeleton(query)
    if update := _UPDATE.match(bare):
        raise BadRequest("query", query, "queries only; {word} would change the data", word=update["word"].upper())
    if query.lower().count("service") > _MOST_SERVICES:
        raise BadRequest("query", query, "the word SERVICE at most {limit} times", limit=_MOST_SERVICES)
    if _CALL.search(bare) or (not sealed and _CALL_ANYWHERE.search(query)):
        raise calls_service(query)


def calls_service(query: str) -> BadRequest:
    return BadRequest("query", query, "no SERVICE: this endpoint asks no other server")


def names_dataset(query: str) -> bool:
    """Whether the query has FROM or FROM NAMED, which say what its default graph is."""
    return bool(_FROM.search(skeleton(query)))
