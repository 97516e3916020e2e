"""The canonical text of a record's graph: the one form that is hashed, validated, kept and projected."""

import hashlib
from typing import NewType

from pyoxigraph import BlankNode, RdfFormat, parse

from hub.errors import Rejected
from hub.model import Graph, sorted_lines

Statements = NewType("Statements", str)
NOTHING = Statements("")


def canonical(graph: Graph) -> Statements:
    """Sorted N-Quads of the default graph.

    Raises Rejected, with the engine's reason, for what does not parse strictly (one such graph makes a whole update of
    a store fail) and for blank nodes (their labels collide between graphs).
    """
    if any(isinstance(term, BlankNode) for triple in graph for term in (triple.subject, triple.object)):
        raise Rejected("The record's graph holds a blank node; a crosswalk names every node")
    text = sorted_lines(graph)
    try:
        for _ in parse(text, format=RdfFormat.N_QUADS):
            pass
    except (SyntaxError, ValueError) as error:
        raise Rejected(f"The record's graph is not valid RDF: {error}") from error
    return Statements(text)


def checksum(content: str | bytes) -> str:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()
