"""RDF terms out of SPARQL's JSON, read leniently: one odd value costs its statement."""

from collections.abc import Mapping
from contextlib import suppress
from itertools import count

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from harvesters.rdf import mended_tag
from harvesters.sparql.endpoint import Row
from hub.errors import Rejected
from hub.namespaces import iri

Term = NamedNode | BlankNode | Literal


class Terms:
    """Terms that came together: their blank nodes get labels that no others have; `fresh` counts over all."""

    def __init__(self, fresh: "count[int]") -> None:
        self._fresh, self._labels = fresh, dict[str, BlankNode]()

    def triple(self, row: Row) -> Triple | None:
        """The statement ?s ?p ?o; None where one of them is no term of RDF 1.1."""
        subject, predicate, value = (self.term(row.get(name)) for name in "spo")
        if value is None or not isinstance(predicate, NamedNode) or not isinstance(subject, NamedNode | BlankNode):
            return None
        return Triple(subject, predicate, value)

    def term(self, told: Mapping[str, str] | None) -> Term | None:
        """Older endpoints call a literal with a datatype `typed-literal`."""
        if not told or (value := told.get("value")) is None:
            return None
        kind = told.get("type", "")
        if kind == "uri":
            return named(value)
        if kind == "bnode":
            return self._labels.setdefault(value, BlankNode(f"n{next(self._fresh)}"))
        return _literal(_whole(value), told) if kind.endswith("literal") else None


def named(value: str) -> NamedNode | None:
    with suppress(ValueError):
        return NamedNode(value)
    with suppress(Rejected):
        return iri(_whole(value))
    return None


def _literal(value: str, told: Mapping[str, str]) -> Literal:
    with suppress(ValueError):
        if tag := mended_tag(told.get("xml:lang", "")):
            return Literal(value, language=tag)
        if "xml:lang" not in told and (datatype := named(told.get("datatype", ""))):
            return Literal(value, datatype=datatype)
    return Literal(value)


def _whole(value: str) -> str:
    """Without halves of surrogate pairs, which are no text."""
    return value.encode("utf-8", "replace").decode()
