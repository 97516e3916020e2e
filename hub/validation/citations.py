"""What the validator adds to a record's statements, and takes from them, so that lists are judged by our vocabularies.

Only the concepts cited are added, each with its scheme (the whole vocabulary costs 16 times as much); none is stored.
"""

import re

from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize

from hub.namespaces import RDF, SH, SKOS
from hub.profile import Concept, Profile


class Citations:
    def __init__(self, profile: Profile) -> None:
        shapes = parse(profile.shapes, format=RdfFormat.TURTLE)
        self._typed = any(quad.predicate == SH["class"] and quad.object == SKOS.Concept for quad in shapes)
        self._stubs = {iri: self._stub(concept) for iri, concept in profile.concepts.items()}
        schemes = "|".join(re.escape(iri) for iri in profile.schemes) or "(?!)"
        self._claim = re.compile(rf"^\S+ <{re.escape(SKOS.inScheme.value)}> <(?:{schemes})> \.\n?", re.MULTILINE)

    def _stub(self, concept: Concept) -> str:
        node = NamedNode(concept.iri)
        triples = [Triple(node, SKOS.inScheme, NamedNode(concept.scheme))]
        triples += [Triple(node, RDF.type, SKOS.Concept)] if self._typed else []
        return (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode()

    def __call__(self, statements: str) -> str:
        """N-Triples (a statement a line) with stubs of the concepts cited.

        What a record itself says of our lists does not count: it could put any concept on them.
        """
        own = self._claim.sub("", statements) if SKOS.inScheme.value in statements else statements
        objects = {line[line.rfind("<") + 1 : -3] for line in own.split("\n") if line.endswith("> .")}
        cited = sorted(self._stubs.keys() & objects)
        return "".join([own, "" if own.endswith("\n") or not own else "\n", *(self._stubs[iri] for iri in cited)])
