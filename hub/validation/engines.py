"""The two SHACL engines behind one contract: N-Triples of one record in, results out.

`shacl` (Rust) is fast and young; pySHACL is the reference. Both are made once for a text of shapes and shared by
threads: `shacl.Shapes` is immutable, pySHACL runs under a lock.
"""

import logging
import re
import warnings
from collections.abc import Iterable, Sequence
from functools import lru_cache
from threading import Lock
from typing import Any, Protocol

import pyoxigraph as ox
import rdflib
import shacl
from pyshacl.errors import ReportableRuntimeError
from pyshacl.graph_abstraction import DataGraph
from pyshacl.helper.path_helper import shacl_path_to_sparql_path
from pyshacl.validator import Validator as PyshaclValidator

from hub.errors import HubError, Rejected
from hub.namespaces import SH, XSD
from hub.validation.results import Finding, Term, finding, read_term

# rdflib logs a traceback, or warns, for each literal that its datatype does not allow; telling that is SHACL's part.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", module=r"rdflib\.term")


# XML Schema 1.1 part 2; rdflib takes whatever Python's parsers take ("1_000", "1e5", a date with a time and without).
_ZONE = r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?"
_DAY = r"-?(?:[1-9]\d{3,}|0\d{3})-\d\d-\d\d"
_LEXICAL = {
    XSD.integer: re.compile(r"[+-]?\d+", re.ASCII),
    XSD.decimal: re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII),
    XSD.date: re.compile(_DAY + _ZONE, re.ASCII),
    XSD.dateTime: re.compile(_DAY + r"T\d\d:\d\d:\d\d(?:\.\d+)?" + _ZONE, re.ASCII),
}
# What a shape says to people; pySHACL compares each such statement with the 40 parameters it knows, at every node.
_WORDS = (SH.name, SH.description, SH.group, SH.order, SH.codeIdentifier)


class EngineFailure(HubError):
    """An engine stumbled over what it should judge; carries its reason."""

    title = "A validation engine failed"


class Engine(Protocol):
    def results(self, statements: str) -> Sequence[Finding]:
        """All results of one record, in N-Triples. Raises EngineFailure, or Rejected where the text is no N-Triples."""
        ...


class Fast:
    """PyPI `shacl`: 4,000 records a second."""

    def __init__(self, shapes: str) -> None:
        self._shapes = shacl.Shapes.from_turtle(shapes)

    def results(self, statements: str) -> list[Finding]:
        try:
            report = self._shapes.validate_text(statements, format="ntriples")
        except ValueError as error:
            raise EngineFailure(f"shacl: {error}") from error
        return [_of_shacl(result) for result in report.results]


def _of_shacl(result: shacl.Result) -> Finding:
    source = result.source_shape or ""
    return finding(
        _plain(result.focus_node),
        _plain(result.path or ""),
        read_term(result.value) if result.value else None,
        result.component,
        _plain(source if source.startswith("<") else result.root_shape or ""),
        result.severity,
    )


def _plain(term: str) -> str:
    """An IRI without its angle brackets; anything else as it is."""
    return term[1:-1] if term.startswith("<") and term.count("<") == 1 and term.endswith(">") else term


class Reference:
    """pySHACL with everything reused: 150 records a second instead of 30, with the same reports.

    Its data is a plain rdflib graph with literals as they are written: over other stores pySHACL reports false
    violations, and rdflib's normalisation turns `"none"^^xsd:boolean` into false.
    """

    def __init__(self, shapes: str) -> None:
        quads = ox.parse(shapes, format=ox.RdfFormat.TURTLE)
        graph = _rdflib_graph(quad for quad in quads if quad.predicate not in _WORDS)
        self._validator = PyshaclValidator(DataGraph.from_rdflib_graph(rdflib.Graph()), shacl_graph=graph)
        every = self._validator.shacl_graph.shapes
        self._targeted = [shape for shape in every if any(list(targets) for targets in shape.target())]
        self._lock = Lock()

    def results(self, statements: str) -> list[Finding]:
        try:
            graph = _rdflib_graph(ox.parse(statements, format=ox.RdfFormat.N_TRIPLES))
        except (SyntaxError, ValueError) as error:
            raise Rejected(f"The record's graph is not valid RDF: {error}") from error
        with self._lock:
            return [self._of_pyshacl(node, triples) for node, triples in self._told(graph)]

    def _told(self, graph: rdflib.Graph) -> list[tuple[Any, Any]]:
        executor, told = self._validator.make_executor(), []
        try:
            for shape in self._targeted:
                _, reports = shape.validate(executor, graph)
                told += [(node, triples) for _, node, triples in reports]
        except (ReportableRuntimeError, TypeError, ValueError, ArithmeticError) as error:
            # It compares values in Python: a year with a year raised TypeError.
            raise EngineFailure(f"pySHACL: {type(error).__name__}: {error}") from error
        return told

    def _of_pyshacl(self, node: Any, triples: Any) -> Finding:
        """A result's statements; an object is a term, or a pair of the graph that it stands in and the term."""
        told = {str(p): o[1] if isinstance(o, tuple) else o for s, p, o in triples if s == node}
        path = told.get(SH.resultPath.value)
        value = told.get(SH.value.value)
        shapes = self._validator.shacl_graph
        return finding(
            str(told[SH.focusNode.value]),
            _plain(shacl_path_to_sparql_path(shapes, path)) if path is not None else "",
            _of_rdflib(value) if value is not None else None,
            str(told[SH.sourceConstraintComponent.value]).rpartition("#")[2],
            str(told[SH.sourceShape.value]),
            str(told[SH.resultSeverity.value]).rpartition("#")[2],
        )


def _rdflib_graph(quads: Iterable[ox.Quad]) -> rdflib.Graph:
    graph = rdflib.Graph()
    for quad in quads:
        graph.add((_to_rdflib(quad.subject), _to_rdflib(quad.predicate), _to_rdflib(quad.object)))
    return graph


def _to_rdflib(term: object) -> rdflib.term.Node:
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, ox.Literal)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    # rdflib holds "x" and "x"^^xsd:string for two terms; RDF 1.1 and pySHACL for one.
    datatype = None if term.datatype == XSD.string else term.datatype.value
    literal = rdflib.Literal(term.value, datatype=datatype, normalize=False)
    if term.datatype in _LEXICAL and not _LEXICAL[term.datatype].fullmatch(term.value):
        literal._value, literal._ill_typed = None, True
    return literal


def _of_rdflib(term: object) -> Term:
    if isinstance(term, rdflib.Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype)) if term.datatype else None)
    return ox.BlankNode(str(term)) if isinstance(term, rdflib.BNode) else ox.NamedNode(str(term))


@lru_cache(maxsize=4)
def fast_engine(shapes: str) -> Fast:
    return Fast(shapes)


@lru_cache(maxsize=4)
def reference_engine(shapes: str) -> Reference:
    return Reference(shapes)
