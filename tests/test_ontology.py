"""The ontology and the shapes: each term defined once and for all readers, within OWL 2 RL and SHACL's own rules."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pyshacl
import pytest
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from hub.languages import LANGUAGES
from hub.namespaces import (
    ADMS,
    COPED,
    DCAT,
    DCT,
    FOAF,
    GEO,
    LOCN,
    M8G,
    ORG,
    OWL,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SH,
    SKOS,
    XSD,
    Namespace,
)
from hub.profile import load
from hub.settings import resource
from tests.test_house import modules, tree

FOLDER = resource("schema")
FILE = FOLDER / "ontology.ttl"
SHAPES = sorted(FOLDER.glob("shapes/*.ttl"))
OTHERS = [FOLDER / "messages.ttl", *sorted(FOLDER.glob("vocabularies/*.ttl")), *sorted(FOLDER.glob("examples/*/*.ttl"))]
OURS = str(COPED)
ONTOLOGY = NamedNode(OURS.removesuffix("#"))
# The vocabularies whose terms our shapes use.
REUSED = tuple(
    map(
        str,
        (
            ADMS,
            DCAT,
            DCT,
            FOAF,
            GEO,
            LOCN,
            M8G,
            ORG,
            PROV,
            RDFS,
            SCHEMA,
            SKOS,
            "http://www.w3.org/ns/regorg#",
            "http://qudt.org/schema/qudt/",
        ),
    )
)
Term = NamedNode | BlankNode | Literal


def triples(*files: Path) -> list[Triple]:
    return [q.triple for f in files for q in parse(path=f, format=RdfFormat.TURTLE, rename_blank_nodes=True)]


class Graph:
    """Statements, and what these tests ask of them."""

    def __init__(self, *files: Path) -> None:
        self.triples = triples(*files)
        self._about: dict[object, list[Triple]] = {}
        for triple in self.triples:
            self._about.setdefault(triple.subject, []).append(triple)

    def objects(self, subject: object, *predicates: NamedNode) -> list[Term]:
        return [t.object for t in self._about.get(subject, ()) if t.predicate in predicates]  # type: ignore[misc]

    def subjects(self, predicate: NamedNode, *values: NamedNode) -> list[NamedNode]:
        found = (t.subject for t in self.triples if t.predicate == predicate and t.object in values)
        return sorted({node for node in found if isinstance(node, NamedNode)}, key=str)

    def languages(self, subject: object, predicate: NamedNode) -> list[str]:
        return sorted(text.language or "" for text in self.objects(subject, predicate) if isinstance(text, Literal))


DATA, SHAPE = Graph(FILE), Graph(*SHAPES)
TERMS = sorted(
    {t.subject for t in DATA.triples if isinstance(t.subject, NamedNode) and t.subject.value.startswith(OURS)}, key=str
)
each_term = pytest.mark.parametrize("term", TERMS, ids=[term.value.removeprefix(OURS) for term in TERMS])
SEVEN = sorted(LANGUAGES)


# Our terms


def test_each_term_is_defined_in_one_place() -> None:
    begun = Counter(re.findall(r"^coped:([\w-]+)\s", FILE.read_text("utf-8"), re.MULTILINE))
    assert begun == Counter(term.value.removeprefix(OURS) for term in TERMS)
    elsewhere = {t.subject.value for t in triples(*SHAPES, *OTHERS) if str(t.subject).startswith(f"<{OURS}")}
    assert elsewhere & {term.value for term in TERMS} == set()


def test_each_term_that_is_used_in_the_schema_is_defined() -> None:
    names = {term.value for t in triples(FILE, *SHAPES, *OTHERS) for term in (t.predicate, t.object)
             if isinstance(term, NamedNode) and term.value.startswith(OURS)}  # fmt: skip
    assert names and names - {term.value for term in TERMS} == set()


def _named_in_python() -> Iterator[str]:
    """COPED.name and COPED["name"]."""
    for file in modules().values():
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "COPED":
                yield node.attr
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "COPED":
                yield from (part.value for part in [node.slice] if isinstance(part, ast.Constant))


def test_each_term_that_python_names_is_defined() -> None:
    named = set(_named_in_python())
    assert {"GoodPractice", "MessageTemplate"} <= named
    assert named - {term.value.removeprefix(OURS) for term in TERMS} == set()


@each_term
def test_a_term_speaks_seven_languages(term: NamedNode) -> None:
    assert DATA.languages(term, RDFS.label) == SEVEN
    assert DATA.languages(term, SKOS.definition) == SEVEN
    texts = [o.value for o in DATA.objects(term, RDFS.label, SKOS.definition, SKOS.scopeNote)]
    assert all(text == text.strip() and text for text in texts)


@each_term
def test_a_term_has_its_scope_its_mapping_and_its_home(term: NamedNode) -> None:
    assert "en" in DATA.languages(term, SKOS.scopeNote)
    links = (RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass, OWL.equivalentProperty)
    matches = (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch)
    others = [o for o in DATA.objects(term, *links, *matches) if isinstance(o, NamedNode)]
    assert [other for other in others if not other.value.startswith(OURS)], f"{term} is mapped to no term of others"
    assert DATA.objects(term, RDFS.isDefinedBy) == [ONTOLOGY]


def test_no_two_terms_have_one_label() -> None:
    for language in LANGUAGES:
        labels = Counter(
            (label.value, frozenset(DATA.objects(term, RDF.type)))
            for term in TERMS
            for label in DATA.objects(term, RDFS.label)
            if isinstance(label, Literal) and label.language == language
        )
        assert [words for words, count in labels.items() if count > 1] == []


# The ontology as a whole


def test_the_header_is_complete() -> None:
    assert DATA.subjects(RDF.type, OWL.Ontology) == [ONTOLOGY]
    assert DATA.languages(ONTOLOGY, DCT.title) == DATA.languages(ONTOLOGY, DCT.description) == SEVEN
    (version,) = DATA.objects(ONTOLOGY, OWL.versionInfo)
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?", version.value)
    assert DATA.objects(ONTOLOGY, OWL.versionIRI) == [NamedNode(f"{ONTOLOGY.value}/{version.value}")]
    assert DATA.objects(ONTOLOGY, DCT.license) == [NamedNode("https://spdx.org/licenses/EUPL-1.2")]
    assert DATA.objects(ONTOLOGY, DCT.conformsTo) == [NamedNode("http://www.w3.org/ns/owl-profile/RL")]
    vann = Namespace("http://purl.org/vocab/vann/")
    assert [o.value for o in DATA.objects(ONTOLOGY, vann.preferredNamespaceUri)] == [OURS]
    assert [o.value for o in DATA.objects(ONTOLOGY, vann.preferredNamespacePrefix)] == ["coped"]


# OWL 2 RL (https://www.w3.org/TR/owl2-profiles/#OWL_2_RL). With named classes and the axioms below alone, its limits on
# class expressions cannot be overstepped; what is left is OWL 2 DL's typing: every term declared, and as one thing.
SORTS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
PROPERTIES = SORTS[1:]
REDUNDANT = {RDFS.Class, RDF.Property}  # OWL 2's mapping from RDF drops them beside a type of its own
AXIOMS = {RDF.type, RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range}
BUILT_IN = {RDFS.label, RDFS.comment, RDFS.seeAlso, RDFS.isDefinedBy, OWL.versionInfo, OWL.versionIRI}
# Those of §4.3 that we use; rdf:langString is RDF 1.1's name for what OWL 2 of 2012 calls a tagged rdf:PlainLiteral.
DATATYPES = {XSD.string, XSD.boolean, XSD.decimal, XSD.integer, XSD.dateTime, XSD.anyURI, RDF.langString, RDFS.Literal}


@cache
def sort(term: object) -> NamedNode | None:
    """What a term was declared as; None where it was not, or as more than one thing."""
    sorts = [kind for kind in DATA.objects(term, RDF.type) if kind in SORTS]
    return sorts[0] if len(sorts) == 1 else None  # type: ignore[return-value]


def axioms(*predicates: NamedNode) -> list[Triple]:
    return [t for t in DATA.triples if t.predicate in predicates]


def test_there_are_no_class_expressions() -> None:
    assert [t for t in DATA.triples if isinstance(t.subject, BlankNode) or isinstance(t.object, BlankNode)] == []
    owl = {t.predicate for t in DATA.triples if t.predicate.value.startswith((str(OWL), str(RDFS), str(RDF)))}
    assert owl <= AXIOMS | BUILT_IN


def test_every_term_is_declared_as_one_thing() -> None:
    for triple in axioms(RDF.type):
        assert triple.object in {*SORTS, *REDUNDANT, OWL.Ontology} or sort(triple.object) == OWL.Class, triple
        if triple.object in REDUNDANT:
            assert sort(triple.subject) in ({OWL.Class} if triple.object == RDFS.Class else {*PROPERTIES}), triple
    for term in DATA.subjects(RDF.type, *SORTS):
        assert sort(term), f"{term} is declared as several things"


def test_every_property_of_the_ontology_is_declared() -> None:
    used = {t.predicate for t in DATA.triples} - AXIOMS - BUILT_IN
    assert sorted(p.value for p in used if sort(p) != OWL.AnnotationProperty) == []


def test_axioms_are_about_what_is_declared() -> None:
    for triple in axioms(RDFS.subClassOf):
        assert sort(triple.subject) == sort(triple.object) == OWL.Class, triple
    for triple in axioms(RDFS.subPropertyOf):
        assert sort(triple.subject) == sort(triple.object) and sort(triple.object) in PROPERTIES, triple
    for triple in axioms(RDFS.domain):
        assert sort(triple.subject) == OWL.AnnotationProperty or sort(triple.object) == OWL.Class, triple
    for triple in axioms(RDFS.range):
        kind = sort(triple.subject)
        assert kind in PROPERTIES, triple
        assert kind != OWL.ObjectProperty or sort(triple.object) == OWL.Class, triple
        assert kind != OWL.DatatypeProperty or triple.object in DATATYPES, triple


@pytest.mark.parametrize("predicate", [RDFS.subClassOf, RDFS.subPropertyOf], ids=["classes", "properties"])
def test_nothing_is_above_itself(predicate: NamedNode) -> None:
    above = TopologicalSorter({str(t.subject): {str(t.object)} for t in axioms(predicate)})
    assert list(above.static_order())  # raises CycleError


# The shapes

OWNERS = [shape for shape in SHAPE.subjects(RDF.type, SH.NodeShape) if SHAPE.objects(shape, SH.targetClass)]


def test_the_shapes_are_well_formed() -> None:
    """By SHACL's shapes of shapes (its Appendix C)."""
    shapes = rdflib.Graph().parse(data=load().shapes, format="turtle")
    conforms, _, _ = pyshacl.validate(rdflib.Graph(), shacl_graph=shapes, meta_shacl=True)
    assert conforms
    shapes.add((rdflib.URIRef(OWNERS[0].value), rdflib.URIRef(SH.minCount.value), rdflib.Literal("one")))
    with pytest.raises(pyshacl.errors.ReportableRuntimeError):
        pyshacl.validate(rdflib.Graph(), shacl_graph=shapes, meta_shacl=True)


def test_each_shape_is_defined_in_one_place() -> None:
    """Files of quality only add points to shapes that are defined elsewhere."""
    begun = Counter(re.findall(r"^shape:([\w-]+)\s+a\s", "\n".join(f.read_text("utf-8") for f in SHAPES), re.MULTILINE))
    assert [name for name, count in begun.items() if count > 1] == []
    shapes = {t.subject for t in SHAPE.triples if "/co-ped/shape/" in str(t.subject)}
    assert {str(shape).rpartition("/")[2][:-1] for shape in shapes} == set(begun)
    used = {o for t in SHAPE.triples if isinstance(o := t.object, NamedNode) and "/co-ped/shape/" in o.value}
    assert used - shapes == set()


@pytest.mark.parametrize("owner", OWNERS, ids=[owner.value.rpartition("/")[2] for owner in OWNERS])
def test_each_property_shape_has_words_or_tightens_one_that_has(owner: NamedNode) -> None:
    assert SHAPE.languages(owner, SH.name) == SEVEN
    shapes = SHAPE.objects(owner, SH.property)
    told = [s for s in shapes if SHAPE.languages(s, SH.name) == SHAPE.languages(s, SH.description) == SEVEN]
    fields = {path for shape in told for path in SHAPE.objects(shape, SH.path)}
    for shape in shapes:
        assert shape in told or set(SHAPE.objects(shape, SH.path)) <= fields, f"{shape} has no words"
        assert shape in told or not SHAPE.objects(shape, SH.name, SH.description), f"{shape} lacks a language"


def test_every_path_class_and_datatype_is_defined() -> None:
    defined = {term.value for term in TERMS}
    named = (
        SH.path,
        SH["class"],
        SH.targetClass,
        SH.datatype,
        SH.lessThan,
        SH.lessThanOrEquals,
        SH.equals,
        SH.disjoint,
    )
    lists = {t.subject: t.object for t in SHAPE.triples if t.predicate == RDF.first}
    used = {t.object for t in SHAPE.triples if t.predicate in named} | set(lists.values())
    for term in sorted((t for t in used if isinstance(t, NamedNode)), key=str):
        iri = term.value
        assert iri in defined or iri.startswith((*REUSED, str(XSD), str(RDF), *_ours_elsewhere())), iri


def _ours_elsewhere() -> tuple[str, ...]:
    """Concepts, which lists of values may name."""
    return tuple(load().schemes)


def test_a_change_to_come_is_of_a_version_to_come() -> None:
    (now,) = DATA.objects(ONTOLOGY, OWL.versionInfo)
    changes = {t.object for t in SHAPE.triples if t.predicate == COPED.futureChange}
    assert changes
    for change in changes:
        (version,), (severity,) = SHAPE.objects(change, COPED.version), SHAPE.objects(change, COPED.severity)
        assert _number(version.value) > _number(now.value) and severity in (SH.Violation, SH.Warning)
        assert SHAPE.languages(change, SKOS.definition) == SEVEN
    for shape in (t.subject for t in SHAPE.triples if t.predicate == COPED.futureChange):
        assert SHAPE.objects(shape, SH.severity), f"{shape} is a Violation already"


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
