"""A folder of Turtle as one set of statements, with the few questions that the readers of the profile ask it."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, parse, serialize

from hub.namespaces import RDF

Node = NamedNode | BlankNode


class Statements:
    """The statements of some Turtle files, whose names and bytes make `digest`."""

    def __init__(self, files: list[Path]) -> None:
        self._store = Store()
        checksum = hashlib.sha256()
        for file in files:
            content = file.read_bytes()
            checksum.update(file.name.encode() + b"\0" + content)
            # Labels of blank nodes are renamed, since two files may both use _:b0.
            self._store.extend(parse(content, format=RdfFormat.TURTLE, rename_blank_nodes=True))
        self.digest = checksum.hexdigest()

    def ntriples(self) -> str:
        """All statements but those about blank nodes, as sorted N-Triples."""
        triples = [q.triple for q in self._store if not isinstance(q.subject, BlankNode)]
        text = (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode()
        return "".join(sorted(text.splitlines(keepends=True)))

    def subjects(self, predicate: NamedNode, value: NamedNode | Literal) -> Iterator[Node]:
        for quad in self._store.quads_for_pattern(None, predicate, value):
            yield self._node(quad)

    @staticmethod
    def _node(quad: Quad) -> Node:
        subject = quad.subject
        assert isinstance(subject, NamedNode | BlankNode)
        return subject

    def values(self, subject: Node, predicate: NamedNode) -> list[NamedNode | BlankNode | Literal]:
        found = [quad.object for quad in self._store.quads_for_pattern(subject, predicate, None)]
        return sorted((v for v in found if isinstance(v, NamedNode | BlankNode | Literal)), key=str)

    def one(self, subject: Node, predicate: NamedNode) -> str | None:
        """The lexical form or IRI of the first value; None without one."""
        return next((v.value for v in self.values(subject, predicate)), None)

    def nodes(self, subject: Node, predicate: NamedNode) -> list[Node]:
        return [v for v in self.values(subject, predicate) if isinstance(v, NamedNode | BlankNode)]

    def texts(self, subject: Node, predicate: NamedNode) -> dict[str, str]:
        """The literals of a property by their language tag."""
        return {v.language or "": v.value for v in self.values(subject, predicate) if isinstance(v, Literal)}

    def all_texts(self, subject: Node, predicate: NamedNode) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for value in self.values(subject, predicate):
            if isinstance(value, Literal):
                found.setdefault(value.language or "", []).append(value.value)
        return {language: tuple(texts) for language, texts in found.items()}

    def items(self, head: Node) -> list[str]:
        """The members of an `rdf:List`, as lexical forms or IRIs."""
        return [v.value for cell in self._cells(head) for v in self.values(cell, RDF.first)]

    def members(self, head: Node) -> list[Node]:
        """The nodes in an `rdf:List`."""
        return [node for cell in self._cells(head) for node in self.nodes(cell, RDF.first)]

    def _cells(self, head: Node) -> Iterator[Node]:
        while head != RDF.nil:
            yield head
            head = next(iter(self.nodes(head, RDF.rest)), RDF.nil)
