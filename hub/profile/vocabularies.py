"""The SKOS vocabularies: concepts with their labels in seven languages, found by IRI, notation or label."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from hub.namespaces import DCT, RDF, SKOS
from hub.profile.turtle import Node, Statements


@dataclass(frozen=True, slots=True)
class Concept:
    iri: str
    scheme: str
    notation: str
    labels: Mapping[str, str]
    alternatives: Mapping[str, tuple[str, ...]]
    definition: Mapping[str, str]
    broader: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    iri: str
    title: Mapping[str, str]
    concepts: tuple[str, ...]  # IRIs


_ALIKE = str.maketrans("’‘ʼ-‐–_", 3 * "'" + 4 * " ")


def folded(text: str) -> str:
    """The text as labels are compared: without case, accents, and differences of blanks, hyphens and apostrophes."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return " ".join(plain.translate(_ALIKE).split())


class Vocabularies:
    def __init__(self, data: Statements) -> None:
        concepts = sorted(
            (_concept(data, node) for node in data.subjects(RDF.type, SKOS.Concept) if isinstance(node, NamedNode)),
            key=lambda concept: concept.iri,
        )
        self.concepts: Mapping[str, Concept] = {concept.iri: concept for concept in concepts}
        self.schemes: Mapping[str, Scheme] = {
            node.value: Scheme(
                node.value, data.texts(node, DCT.title), tuple(c.iri for c in concepts if c.scheme == node.value)
            )
            for node in data.subjects(RDF.type, SKOS.ConceptScheme)
        }
        self._by_label = self._index(concepts, data)
        self._ancestors = {concept.iri: self._walk(concept.iri) for concept in concepts}

    @staticmethod
    def _index(concepts: list[Concept], data: Statements) -> dict[tuple[str, str], Concept]:
        """(scheme, folded words) → concept; an IRI or notation goes before a label, a label before another name."""
        index: dict[tuple[str, str], Concept] = {}
        for rank in range(3):
            for concept in concepts:
                notations = [v.value for v in data.values(NamedNode(concept.iri), SKOS.notation)]
                others = [text for texts in concept.alternatives.values() for text in texts]
                others += [v.value for v in data.values(NamedNode(concept.iri), SKOS.hiddenLabel)]
                words = ([concept.iri, *notations], list(concept.labels.values()), others)[rank]
                for word in words:
                    index.setdefault((concept.scheme, folded(word)), concept)
        return index

    def _walk(self, iri: str) -> tuple[str, ...]:
        found: list[str] = []
        waiting = list(self.concepts[iri].broader)
        while waiting:
            broader = waiting.pop(0)
            if broader not in found and broader != iri and broader in self.concepts:
                found.append(broader)
                waiting += self.concepts[broader].broader
        return tuple(found)

    def concept(self, scheme: str, text: str) -> Concept | None:
        """The concept of a scheme that an IRI, a notation or a label in any language names; case and accents aside."""
        return self._by_label.get((scheme, folded(text)))

    def ancestors(self, iri: str) -> tuple[str, ...]:
        """All broader concepts, nearest first, without the concept itself; empty for an unknown IRI."""
        return self._ancestors.get(iri, ())


def _concept(data: Statements, node: Node) -> Concept:
    notations = sorted((v.value for v in data.values(node, SKOS.notation)), key=lambda text: (len(text), text))
    return Concept(
        iri=node.value,
        scheme=data.one(node, SKOS.inScheme) or "",
        notation=notations[0] if notations else node.value,
        labels=data.texts(node, SKOS.prefLabel),
        alternatives=data.all_texts(node, SKOS.altLabel),
        definition=data.texts(node, SKOS.definition),
        broader=tuple(v.value for v in data.values(node, SKOS.broader)),
    )
