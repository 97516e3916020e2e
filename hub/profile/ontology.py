"""The terms that the ontology mints, as the documentation tells them."""

from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from hub.namespaces import COPED, RDFS, SKOS
from hub.profile.turtle import Statements


@dataclass(frozen=True, slots=True)
class Term:
    """A class or property of ours; `matches` are the IRIs of others that it extends or comes close to."""

    iri: str
    labels: Mapping[str, str]
    definition: Mapping[str, str]
    notes: Mapping[str, str]
    matches: tuple[str, ...]


LINKS = (RDFS.subClassOf, RDFS.subPropertyOf, SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.relatedMatch)


def read_terms(data: Statements) -> dict[str, Term]:
    """The terms by IRI, in the order of their names."""
    ontology = NamedNode(str(COPED).rstrip("#"))
    nodes = (node for node in data.subjects(RDFS.isDefinedBy, ontology) if isinstance(node, NamedNode))
    return {node.value: _term(data, node) for node in sorted(nodes, key=lambda node: node.value)}


def _term(data: Statements, node: NamedNode) -> Term:
    return Term(
        iri=node.value,
        labels=data.texts(node, RDFS.label),
        definition=data.texts(node, SKOS.definition),
        notes=data.texts(node, SKOS.scopeNote),
        matches=tuple(
            value.value for link in LINKS for value in data.nodes(node, link) if isinstance(value, NamedNode)
        ),
    )
