"""Files of RDF and the records in them, each with its own statements, since records are validated one by one."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse

from hub.errors import Rejected
from hub.languages import N_
from hub.model import Graph
from hub.namespaces import DCAT, FOAF, RDF
from hub.profile import Profile

SUFFIXES: Final = (".ttl", ".nt", ".rdf", ".jsonld", ".trig", ".nq")  # what is looked for in a folder
_CONTEXT: Final = "/context.jsonld"  # how the address ends at which every hub serves the profile's JSON-LD context
_LISTS: Final = (FOAF.primaryTopic, DCAT.resource, DCAT.dataset)
Node = NamedNode | BlankNode


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of a file: `own` are the nodes that it consists of, `graph` also holds the records that it names.

    Blank nodes are named under their record, as a harvest does.
    """

    file: Path
    iri: str
    kind: str
    own: frozenset[str]
    graph: Graph


def files_in(paths: Iterable[Path]) -> list[Path]:
    """The files named, and of a folder those in it that are RDF by their suffix; a folder without any stays one."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
        found += inside or [path]
    return list(dict.fromkeys(found))


def entries(file: Path, profile: Profile) -> list[Entry]:
    """The records of a file, in its order. Raises Rejected where it is no RDF."""
    return [entry for triples in _graphs(file, profile) for entry in _Document(file, triples, profile).entries()]


def _graphs(file: Path, profile: Profile) -> Iterable[Sequence[Triple]]:
    """The statements of each graph in a file: a dump of the hub has one for each record."""
    form = RdfFormat.from_extension(file.suffix.removeprefix(".").lower())
    if form is None or file.is_dir():
        raise Rejected(N_("its name has to end in one of: {suffixes}"), suffixes=", ".join(SUFFIXES))
    graphs: dict[object, list[Triple]] = {}
    try:
        content = file.read_bytes()
        told = _with_our_context(content, profile) if form == RdfFormat.JSON_LD else content
        for quad in parse(told, format=form, base_iri=file.absolute().as_uri()):
            graphs.setdefault(quad.graph_name, []).append(quad.triple)
    except (SyntaxError, ValueError, OSError) as error:
        raise Rejected("{reason}", reason=error) from error
    return graphs.values()


def _with_our_context(content: bytes, profile: Profile) -> bytes:
    """JSON-LD with the profile's context in place of its address, since a file may not make the hub fetch anything."""
    document = json.loads(content)
    for part in document if isinstance(document, list) else [document]:
        if isinstance(part, dict) and "@context" in part:
            part["@context"] = _known(part["@context"], profile)
    return json.dumps(document).encode()


def _known(context: Any, profile: Profile) -> Any:
    if isinstance(context, list):
        return [_known(part, profile) for part in context]
    return profile.context if isinstance(context, str) and context.endswith(_CONTEXT) else context


class _Document:
    """The statements of one graph, and which of its nodes are records.

    What no field can hold, as a practice or an event, is one. What a field can hold, as a venue or an organisation, is
    one where a catalogue lists it or nothing refers to it; else it is part of what does.
    """

    def __init__(self, file: Path, triples: Iterable[Triple], profile: Profile) -> None:
        self._file, self._uri = file, file.absolute().as_uri()
        self._about: dict[object, list[Triple]] = {}
        self._numbers: dict[object, int] = {}  # of the blank nodes
        for triple in triples:
            self._about.setdefault(triple.subject, []).append(triple)
            for node in (triple.subject, triple.object):
                if isinstance(node, BlankNode):
                    self._numbers.setdefault(node, len(self._numbers) + 1)
        self._kinds = {NamedNode(kind.target): key for key, kind in profile.kinds.items()}
        self._holdable = {
            field.node_class
            for part in (*profile.kinds.values(), *profile.embedded)
            for field in profile.nested(part.target)
        }
        self._targets = {key: kind.target for key, kind in profile.kinds.items()}
        self._records: dict[Node, NamedNode] = {}
        self._parts: dict[Node, Graph] = {}

    def entries(self) -> Iterator[Entry]:
        typed = self._typed()
        self._choose(typed)
        nodes = {name: node for node, name in self._records.items()}
        for node, name in self._records.items():
            own = self._part(node)
            beside = {nodes[t.object] for t in own if t.object in nodes}  # type: ignore[index]
            graph = own.union(*(self._part(other) for other in beside))
            subjects = frozenset(t.subject.value for t in own if isinstance(t.subject, NamedNode))
            yield Entry(self._file, name.value, typed[node], subjects, graph)

    def _typed(self) -> dict[Node, str]:
        """The nodes of known kinds; of several kinds, the profile's first."""
        typed: dict[Node, str] = {}
        for node, statements in self._about.items():
            types = {t.object for t in statements if t.predicate == RDF.type}
            kind = next((key for target, key in self._kinds.items() if target in types), None)
            if kind and isinstance(node, NamedNode | BlankNode):
                typed[node] = kind
        return typed

    def _choose(self, typed: dict[Node, str]) -> None:
        every = [t for statements in self._about.values() for t in statements]
        cited = {t.object for t in every if not _is_part(t.subject, t.object)}
        listed = {t.object for t in every if t.predicate in _LISTS}
        for node, kind in typed.items():
            if node in listed or node not in cited or self._targets[kind] not in self._holdable:
                self._add(node)
        reached = {t.subject for node in self._records for t in self._walk(node)}
        for node in typed:
            if node not in reached:  # what is left refers to itself in a circle
                self._add(node)
                reached |= {t.subject for t in self._walk(node)}

    def _add(self, node: Node) -> None:
        number = len(self._records) + 1
        self._records[node] = node if isinstance(node, NamedNode) else NamedNode(f"{self._uri}/{number}")

    def _walk(self, root: Node) -> list[Triple]:
        """The statements of a record and of what it embeds, up to other records."""
        told: list[Triple] = []
        ahead: list[Node] = [root]
        done: set[Node] = {root}
        for node in ahead:
            told += self._about.get(node, ())
            targets = (t.object for t in self._about.get(node, ()) if t.predicate != RDF.type)
            inner = (n for n in targets if isinstance(n, NamedNode | BlankNode) and n not in self._records)
            for target in inner:
                if target not in done:
                    done.add(target)
                    ahead.append(target)
        return told

    def _part(self, root: Node) -> Graph:
        """The same without blank nodes."""
        if root not in self._parts:
            base = self._records[root].value.partition("#")[0]

            def named(term: Any) -> Any:
                if term in self._numbers and term not in self._records:
                    return NamedNode(f"{base}#_{self._numbers[term]}")
                return self._records.get(term, term)

            self._parts[root] = frozenset(
                Triple(named(t.subject), t.predicate, named(t.object)) for t in self._walk(root)
            )
        return self._parts[root]


def _is_part(node: object, whole: object) -> bool:
    """Whether a node is another one or a fragment of it."""
    return node == whole or str(node).startswith(f"{str(whole)[:-1]}#")
