"""What records consist of, asked from an endpoint hop by hop, so that `closure.own_part` finds it as in a page of RDF.

Blank nodes cannot be asked for by name. They come with the IRI before them, along paths of blank nodes: NESTED of them
one behind another and, where that was not enough, DEEPEST. What lies behind those is not read.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import count, pairwise
from typing import Final

from pyoxigraph import BlankNode, NamedNode, Triple

from harvesters.closure import MOST_HOPS, NAMES, NOT_FOLLOWED, Node
from harvesters.nodes import CATALOGUES, SHARED, types
from harvesters.sparql.endpoint import Endpoint, told
from harvesters.sparql.selection import Selection, term
from harvesters.sparql.terms import Terms

NESTED: Final = 3
DEEPEST: Final = 12
_log = logging.getLogger(__name__)


class Parts:
    """The statements around the records of a page, which are given with their kinds. Raises FetchError.

    `fences` are other records and catalogues, as `own_part` wants them; `cut` are nodes of which there are more
    statements than the endpoint gives: these have none here.
    """

    def __init__(self, endpoint: Endpoint, selection: Selection, records: Mapping[str, str]) -> None:
        self.about: dict[Node, list[Triple]] = {}
        self.fences: dict[Node, bool] = {NamedNode(iri): kind in SHARED for iri, kind in records.items()}
        self.cut: set[str] = set()
        self._endpoint, self._selection, self._fresh = endpoint, selection, count()
        ahead, asked = set(records), set(records)
        for hop in range(MOST_HOPS + 1):
            came = self._statements(sorted(ahead))
            ahead = _targets(came) - asked if hop < MOST_HOPS else set()
            asked |= ahead
            ahead -= self._fence(ahead)
        for node, statements in self.about.items():
            if isinstance(node, BlankNode) and types(statements) & CATALOGUES:
                self.fences[node] = False
        for iri in sorted(self.cut - records.keys()):
            _log.warning("%s: the endpoint does not give all that is said of it; it is linked to only", iri)

    def _statements(self, iris: Sequence[str]) -> list[Triple]:
        """The statements of nodes and of the blank nodes behind them."""
        came, deeper = self._paths(iris, NESTED)
        more, too_deep = self._paths(deeper, DEEPEST)
        for iri in too_deep:
            _log.warning("%s: more than %d blank nodes one behind another; the others are not read", iri, DEEPEST)
        self._add(came := [*came, *more])
        return came

    def _paths(self, iris: Sequence[str], depth: int) -> tuple[list[Triple], list[str]]:
        """Beside the statements: the nodes that have blank nodes farther away than asked for, whose are left out."""
        came: list[Triple] = []
        deeper: list[str] = []
        for root, said in self._asked(iris, _along(depth)).items():
            is_deeper = _depth(root, said) > depth
            deeper += [root] if is_deeper else []
            came += said if not is_deeper or depth == DEEPEST else []
        return came, deeper

    def _asked(self, iris: Sequence[str], body: str) -> dict[str, list[Triple]]:
        """The statements that come with each node, as `body` finds them from ?root."""
        found: dict[str, list[Triple]] = {}
        nodes = [f"<{iri}>" for iri in iris]
        for rows, cut in self._endpoint.whole(
            "?root ?s ?p ?o", lambda part: f"VALUES ?root {{ {part} }} {body}", nodes
        ):
            if cut:
                self.cut.add(cut[1:-1])
                continue
            terms = defaultdict[str, Terms](lambda: Terms(self._fresh))  # what else is asked for must not matter
            for row in rows:
                root = told(row, "root")
                if triple := terms[root].triple(row):
                    found.setdefault(root, []).append(triple)
        return {root: list(dict.fromkeys(said)) for root, said in found.items()}

    def _add(self, came: Iterable[Triple]) -> None:
        for triple in came:
            self.about.setdefault(triple.subject, []).append(triple)  # type: ignore[arg-type]  # no triple terms

    def _fence(self, iris: Collection[str]) -> set[str]:
        """Those of the nodes that are records or catalogues: of them names are asked, where they matter."""
        kinds, catalogues = kinds_among(self._endpoint, self._selection, iris)
        shared = sorted(iri for iri, kind in kinds.items() if kind in SHARED)
        names = ", ".join(sorted(str(name) for name in NAMES))
        body = f"?root ?p ?o FILTER(?p IN ({names})) BIND(?root AS ?s)"
        self._add(triple for said in self._asked(shared, body).values() for triple in said)
        self.fences |= {NamedNode(iri): False for iri in catalogues | kinds.keys()}
        self.fences |= {NamedNode(iri): True for iri in shared}
        return catalogues | kinds.keys()


def kinds_among(endpoint: Endpoint, selection: Selection, iris: Collection[str]) -> tuple[dict[str, str], set[str]]:
    """Which of the nodes are records, with their kinds, and which are catalogues."""
    kinds: dict[str, str] = {}
    catalogues: set[str] = set()
    for rows, _ in endpoint.whole("?record ?kind ?catalogue", selection.among, [f"<{iri}>" for iri in sorted(iris)]):
        for row in rows:
            iri = told(row, "record")
            if "catalogue" in row:
                catalogues.add(iri)
            else:
                kinds[iri] = min(kinds.get(iri, "~"), told(row, "kind"))
    return {iri: selection.kind(key) for iri, key in kinds.items()}, catalogues


def _along(depth: int) -> str:
    """The statements of ?root, and of the blank nodes that are reached from it over blank nodes only."""
    paths = ["{ ?root ?p ?o BIND(?root AS ?s) }"]
    for length in range(1, depth + 1):
        nodes = ["?root", *(f"?b{n}" for n in range(1, length)), "?s"]
        steps = (f"{a} ?p{n} {b} FILTER(isBlank({b}))" for n, (a, b) in enumerate(pairwise(nodes)))
        paths.append(f"{{ {' '.join(steps)} ?s ?p ?o }}")
    return f"{{ {' UNION '.join(paths)} }}"


def _depth(root: str, said: Iterable[Triple]) -> int:
    """How many blank nodes stand one behind another."""
    behind: dict[Node, list[BlankNode]] = {}
    for triple in said:
        if isinstance(triple.object, BlankNode):
            behind.setdefault(triple.subject, []).append(triple.object)  # type: ignore[arg-type]
    level: set[Node] = {NamedNode(root)}
    depth, seen = -1, set[Node]()
    while level:
        depth, seen = depth + 1, seen | level
        level = {node for before in level for node in behind.get(before, ()) if node not in seen}
    return depth


def _targets(came: Iterable[Triple]) -> set[str]:
    """What a record may embed."""
    found = (t.object for t in came if isinstance(t.object, NamedNode) and t.predicate not in NOT_FOLLOWED)
    return {node.value for node in found if term(node.value)}
