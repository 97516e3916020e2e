"""The vocabularies keep the conditions of the SKOS reference, and are tied to the vocabularies of others."""

import re
from collections import Counter

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from hub.namespaces import RDF, SKOS
from hub.profile.turtle import Statements
from hub.settings import resource

FILES = sorted((resource("schema") / "vocabularies").glob("*.ttl"))
DATA = Statements(FILES)
NODES = [node for node in DATA.subjects(RDF.type, SKOS.Concept) if isinstance(node, NamedNode)]

# The conditions of the SKOS reference, by their numbers there


PREFIXES = f"PREFIX skos: <{SKOS}> "
ABOVE = "(skos:broader|skos:broadMatch|^skos:narrower|^skos:narrowMatch)"
INTEGRITY = {
    "S9": "SELECT ?x { ?x a skos:Concept { ?x a skos:ConceptScheme } UNION { ?y skos:inScheme|skos:topConceptOf ?x } }",
    "S13": """SELECT ?x { ?x ?p ?label ; ?q ?label VALUES (?p ?q) { (skos:prefLabel skos:altLabel)
              (skos:prefLabel skos:hiddenLabel) (skos:altLabel skos:hiddenLabel) } }""",
    "S14": "SELECT ?x { ?x skos:prefLabel ?a , ?b FILTER (?a != ?b && lang(?a) = lang(?b)) }",
    "S27": f"SELECT ?x {{ ?x (skos:related|^skos:related|skos:relatedMatch|^skos:relatedMatch) ?y ; {ABOVE}+ ?y }}",
    "S37": """SELECT ?x { ?x a ?group , ?other VALUES ?group { skos:Collection skos:OrderedCollection }
              VALUES ?other { skos:Concept skos:ConceptScheme } }""",
    "S46": f"""SELECT ?x {{ ?x skos:exactMatch|^skos:exactMatch ?y ;
               {ABOVE}|^{ABOVE}|skos:relatedMatch|^skos:relatedMatch ?y }}""",
}
BREACHES = {
    "S9": "<x:a> a skos:Concept . <x:b> skos:inScheme <x:a> .",
    "S13": '<x:a> skos:prefLabel "Roof"@en ; skos:hiddenLabel "Roof"@en .',
    "S14": '<x:a> skos:prefLabel "Roof"@en , "Cover"@en .',
    "S27": "<x:a> skos:broader <x:b> ; skos:related <x:c> . <x:c> skos:narrower <x:b> .",
    "S37": "<x:a> a skos:OrderedCollection , skos:Concept .",
    "S46": "<x:a> skos:exactMatch <x:b> . <x:b> skos:narrowMatch <x:a> .",
}


def broken(store: Store, condition: str) -> list[str]:
    return [str(row["x"]) for row in store.query(PREFIXES + INTEGRITY[condition])]


@pytest.mark.parametrize("condition", INTEGRITY)
def test_the_conditions_of_skos_hold(condition: str) -> None:
    store = Store()
    for file in FILES:
        store.extend(parse(path=file, format=RdfFormat.TURTLE))
    assert broken(store, condition) == []


@pytest.mark.parametrize("condition", INTEGRITY)
def test_a_breach_of_a_condition_of_skos_is_seen_as_that_and_no_other(condition: str) -> None:
    store = Store()
    store.load(f"@prefix skos: <{SKOS}> .\n{BREACHES[condition]}".encode(), format=RdfFormat.TURTLE)
    assert [name for name in INTEGRITY if broken(store, name)] == [condition]


# Mappings to the vocabularies of others


BIMERR = "http://bimerr.iot.linkeddata.es/def"
OTHERS = {
    "http://eurovoc.europa.eu/": r"\d+",
    "http://www.eionet.europa.eu/gemet/concept/": r"\d+",
    "http://publications.europa.eu/resource/authority/data-theme/": "[A-Z]{4}",
    "https://w3id.org/italia/controlled-vocabulary/public-event-types/": r"\d+",
    f"{BIMERR}/building#": "Roof|Facade|Floor|Fenestration|SolarCollector|(Heat|Cool)ingSystem|(Fossil|Biomass)Boiler",
    f"{BIMERR}/renovation-measures#": "(Renovation|Active|Passive|Renewable)Measure",
}
MAPPINGS = tuple(SKOS[f"{how}Match"] for how in ("exact", "close", "broad", "narrow", "related"))


def mapped(node: NamedNode) -> list[str]:
    return [value.value for predicate in MAPPINGS for value in DATA.values(node, predicate)]


def test_a_mapping_points_to_a_term_that_the_other_vocabulary_has_the_form_of() -> None:
    known = re.compile("|".join(f"{re.escape(namespace)}({names})" for namespace, names in OTHERS.items()))
    targets = {iri for node in NODES for iri in mapped(node)}
    assert {iri for iri in targets if not known.fullmatch(iri)} == set()
    assert {namespace for namespace in OTHERS if not any(iri.startswith(namespace) for iri in targets)} == set()


def test_a_concept_is_mapped_to_another_in_one_way() -> None:
    told = Counter((node.value, iri) for node in NODES for iri in mapped(node))
    assert [pair for pair, times in told.items() if times > 1] == []
