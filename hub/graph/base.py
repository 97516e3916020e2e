"""The contract of a graph store: named graphs, one a record, and the place in the ledger that they stand at."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Final, Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from hub.errors import Refused

Term = NamedNode | BlankNode | Literal | Triple
Row = dict[str, Term]

POSITION: Final = "urn:coped:position"  # every engine keeps its position in graphs whose names begin so


class GraphStore(Protocol):
    """Named graphs beside each other; a query's default graph is their union, and never shows the position.

    The union is a bag, as the engines make it: a statement in two graphs answers twice where DISTINCT is not asked.
    Engines write literals of numbers and dates canonically ("5000.00" becomes "5000"): the ledger has the source's.
    Raises Unavailable where the engine does not answer, with its address and reason.
    """

    def position(self) -> int:
        """The number of the last change that was applied; 0 in an empty store."""

    def apply(self, graphs: Mapping[str, str | None], position: int) -> None:
        """Replaces each named graph with N-Triples text, or drops it (None), and moves the position: one atomic update.

        Raises Refused with the engine's reason; then nothing has changed.
        """

    def select(self, query: str) -> list[Row]:
        """The rows of a query of ours; an unbound variable has no key. Strangers' queries go to `Queries`."""

    def construct(self, query: str) -> frozenset[Triple]: ...

    def graph(self, name: str) -> str:
        """One named graph as sorted N-Triples; "" where there is none."""

    def count(self) -> int:
        """How many named graphs there are."""

    def rebuild(self) -> "AbstractContextManager[FreshStore]":
        """A fresh store beside this one, to be filled; it takes this one's place when the block ends well.

        Where the block raises it is discarded. Readers keep working throughout. Raises Refused where one is under way.
        """

    def optimize(self) -> None:
        """Makes reading faster after much writing, where the engine can."""

    def close(self) -> None: ...


class FreshStore(GraphStore, Protocol):
    """A store that is being filled; nobody else sees it (or its position) before it is done."""

    def load(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Adds named graphs, each with its N-Triples text, as fast as the engine can; names are told once only.

        Raises Refused; what was loaded before stays.
        """


def named(name: str) -> NamedNode:
    """The name of a record's graph; Refused where it is no IRI, or one of the engine's own."""
    try:
        node = NamedNode(name)
    except ValueError as error:
        raise Refused(f"{name[:200]!r} is not the name of a graph: {error}") from error
    if name.startswith(POSITION):
        raise Refused(f"{name!r} is kept for the store's position")
    return node


def written(name: str, ntriples: str) -> str:
    """The text's triples, parsed strictly and written anew: text that means the same in SPARQL and TriG.

    What does not parse must never reach an update or a file of many graphs: it would be refused late, or do something
    else. Refused names the graph.
    """
    try:
        triples = parse(ntriples, format=RdfFormat.N_TRIPLES)
        return (serialize((quad.triple for quad in triples), format=RdfFormat.N_TRIPLES) or b"").decode()
    except SyntaxError as error:
        raise Refused(f"{name}: {error}") from error


def replacement(graphs: Mapping[str, str | None], there: Callable[[NamedNode], bool] = lambda _: True) -> Iterator[str]:
    """The operations of a SPARQL 1.1 Update that replace or drop the graphs; what is not `there` needs no dropping."""
    filled = []
    for name, text in graphs.items():
        node = named(name)
        if there(node):
            yield f"DROP SILENT GRAPH {node}"
        if text:
            filled.append(f"GRAPH {node} {{\n{written(name, text)}}}")
    if filled:
        yield "INSERT DATA {\n" + "\n".join(filled) + "\n}"


def of_position(term: Term | None) -> bool:
    """Whether a term betrays the position: its graph, its subject, its predicate or its datatype."""
    if isinstance(term, NamedNode):
        return term.value.startswith(POSITION)
    return isinstance(term, Literal) and term.datatype.value == POSITION


def rows_of(names: Iterable[str], solutions: Iterable[Iterable[Term | None]]) -> Iterator[Row]:
    """Solutions as rows, without those that betray the position."""
    names = tuple(names)
    for solution in solutions:
        terms = tuple(solution)
        if not any(map(of_position, terms)):
            yield {name: term for name, term in zip(names, terms, strict=True) if term is not None}
