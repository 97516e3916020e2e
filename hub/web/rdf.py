"""Statements in the formats that readers ask for, and the choice among them."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pyoxigraph import RdfFormat, parse, serialize
from rdflib import Dataset, Graph

from hub.errors import NotAcceptable
from hub.namespaces import PREFIXES

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
}
HTML: Final = "text/html"
_FORMATS: Final = {"ttl": RdfFormat.TURTLE, "rdf": RdfFormat.RDF_XML, "nt": RdfFormat.N_TRIPLES}
_PREFIXES: Final = {name: str(namespace) for name, namespace in PREFIXES.items()}


def accepted(accept: str | None, offered: Mapping[str, str]) -> str:
    """The key of the offered media type that an Accept header likes best (RFC 9110 §12.5.1); the first where it is silent.

    Raises NotAcceptable, naming what is offered.
    """
    ranges = []
    for part in (accept or "*/*").split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            ranges.append((name, float(quality)))
        except ValueError:
            continue

    def liking(media_type: str) -> tuple[float, int]:
        """The quality that the most specific range gives a media type, and how specific it is."""
        group = media_type.split("/")[0]
        for specific, wanted in enumerate((media_type, f"{group}/*", "*/*")):
            if (found := [q for name, q in ranges if name == wanted]) and max(found) > 0:
                return max(found), -specific
        return 0.0, -9

    best = max(offered, key=lambda key: liking(offered[key]))
    if liking(offered[best])[0] == 0:
        raise NotAcceptable(f"Accept: {accept!r} is not served here; served are {', '.join(offered.values())}")
    return best


def render(statements: str, extension: str, context_url: str, context: Mapping[str, Any]) -> bytes:
    """N-Triples text as Turtle, RDF/XML, N-Triples or compact JSON-LD (which names its context by address)."""
    if extension == "nt":
        return statements.encode()
    if extension == "jsonld":
        return _json_ld(statements, context_url, context)
    triples = parse(statements, format=RdfFormat.N_TRIPLES)
    return serialize(triples, format=_FORMATS[extension], prefixes=_used(statements))


def _used(statements: str) -> dict[str, str]:
    return {name: base for name, base in _PREFIXES.items() if f"<{base}" in statements}


def _json_ld(statements: str, context_url: str, context: Mapping[str, Any]) -> bytes:
    """pyoxigraph writes expanded JSON-LD only; rdflib compacts, on a record of some hundred statements in milliseconds."""
    graph = Graph().parse(data=statements, format="nt") if statements else Dataset().default_graph
    document = json.loads(graph.serialize(format="json-ld", context=dict(context), auto_compact=False))
    nodes = document.get("@graph", [{k: v for k, v in document.items() if k != "@context"}])
    return json.dumps({"@context": context_url, "@graph": nodes}, ensure_ascii=False, indent=1).encode()
