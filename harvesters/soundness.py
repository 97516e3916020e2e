"""Whether a document is whole, and nests no deeper than catalogues do: parsers overlook the one and die of the other.

Measured with pyoxigraph 0.5.13: RDF/XML that ends in the middle is read without a word as if it ended there; 100,000
nested elements of it take 35 s, by the square of their number; as many nested triple terms overflow the stack and end
the process. Turtle's brackets cost nothing; json refuses by itself.
"""

import re
from typing import Final
from xml.parsers import expat

from pyoxigraph import RdfFormat

from hub.errors import FetchError
from hub.fetch import LASTS

MOST_NESTED: Final = 100
_ENDS: Final = frozenset(
    expat.errors.codes[words]
    for words in (
        *(expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN),
        *(expat.errors.XML_ERROR_PARTIAL_CHAR, expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION),
    )
)
_TERM: Final = re.compile(
    r"""\"{3}(?:[^"\\]++|\\.|"(?!""))*+\"{3}|'{3}(?:[^'\\]++|\\.|'(?!''))*+'{3}"""
    r"""|"(?:[^"\\\n]++|\\.)*+"|'(?:[^'\\\n]++|\\.)*+'|<[^<>\s]*+>|\#[^\n]*+|(?P<open><<)|(?P<close>>>)""",
    re.S,
)


def check_soundness(text: str, form: RdfFormat, url: str) -> None:
    """Raises FetchError where a document ends in the middle, or nests deeper than MOST_NESTED."""
    try:
        if form == RdfFormat.RDF_XML:
            _check_elements(text)
        else:
            _check_terms(text)
    except _TooDeep as error:
        told = f"the document nests more than {MOST_NESTED} things in one another, which no catalogue does"
        raise FetchError(f"{url}: {told}. {LASTS}") from error
    except EOFError as error:
        raise FetchError(f"{url}: the document ends in the middle. {LASTS}") from error


class _TooDeep(Exception):
    pass


def _check_terms(text: str) -> None:
    depth = 0
    if text.count("<<") > MOST_NESTED:  # seldom: triple terms are of RDF 1.2
        for found in _TERM.finditer(text):
            depth = max(0, depth + bool(found["open"]) - bool(found["close"]))
            if depth > MOST_NESTED:
                raise _TooDeep


def _check_elements(text: str) -> None:
    """What is no XML is as deep as it is until there; the parser itself will say what is wrong with it."""
    depth = 0

    def begin(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_NESTED:
            raise _TooDeep

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        if error.code in _ENDS:
            raise EOFError from error
