"""Statements in the formats that readers ask for, and the choice among them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
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
OFFERED: Final = {**{media_type: name for name, media_type in MEDIA_TYPES.items()}, HTML: "html"}
_FORMATS: Final = {"ttl": RdfFormat.TURTLE, "rdf": RdfFormat.RDF_XML, "nt": RdfFormat.N_TRIPLES}
_PREFIXES: Final = {name: str(namespace) for name, namespace in PREFIXES.items()}


def preferred(accept: str | None, offered: Mapping[str, str]) -> list[str]:
    """What an Accept header takes of the offer (RFC 9110 §12.5.1), the dearest first.

    `offered` is media type → the name that is returned, our own preference first.
    Raises NotAcceptable, naming what is offered.
    """
    ranges = dict(_ranges(accept or "*/*"))

    def liking(media_type: str) -> float:
        """The quality that the most specific range gives."""
        group = media_type.partition("/")[0]
        return next((ranges[r] for r in (media_type, f"{group}/*", "*/*") if r in ranges), 0.0)

    liked = sorted((t for t in offered if liking(t) > 0), key=lambda t: (-liking(t), t not in ranges))
    if not liked:
        served = ", ".join(offered)
        raise NotAcceptable("Accept: {accept} is not served here; served are {types}", accept=accept, types=served)
    return list(dict.fromkeys(offered[media_type] for media_type in liked))


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        with suppress(ValueError):
            yield name, float(quality)


def render(statements: str, extension: str, context_url: str, context: Mapping[str, Any]) -> bytes:
    """N-Triples text as Turtle, RDF/XML, N-Triples or compact JSON-LD (which names its context by address)."""
    if extension == "nt":
        return statements.encode()
    if extension == "jsonld":
        return _json_ld(statements, context_url, context)
    triples = parse(statements, format=RdfFormat.N_TRIPLES)
    return serialize(triples, format=_FORMATS[extension], prefixes=_used(statements)) or b""


def _used(statements: str) -> dict[str, str]:
    return {name: base for name, base in _PREFIXES.items() if f"<{base}" in statements}


def _json_ld(statements: str, context_url: str, context: Mapping[str, Any]) -> bytes:
    """pyoxigraph writes expanded JSON-LD only; rdflib compacts a record of some hundred statements in milliseconds."""
    graph = Graph().parse(data=statements, format="nt") if statements else Dataset().default_graph
    document = json.loads(graph.serialize(format="json-ld", context=dict(context), auto_compact=False))
    nodes = document.get("@graph", [{k: v for k, v in document.items() if k != "@context"}])
    return json.dumps({"@context": context_url, "@graph": nodes}, ensure_ascii=False, indent=1).encode()
