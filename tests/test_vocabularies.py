"""The vocabularies: whole in seven languages, without holes or homonyms, and with a concept for every value in use."""

import csv
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from hub.languages import LANGUAGES
from hub.namespaces import CONCEPT, COUNTRY, DCT, RDF, RDFS, SKOS
from hub.profile import Concept, folded, load
from hub.profile.turtle import Statements
from hub.search.expansion import Expansion
from hub.settings import resource

SCHEMA, SAMPLES = resource("schema"), resource("harvesters") / "samples"
FILES = sorted((SCHEMA / "vocabularies").glob("*.ttl"))
COUNTRIES = str(COUNTRY).rstrip("/")
OURS = (
    "theme", "energy-measure", "outcome", "record-status", "record-state", "event-type", "cooperation-form",
    "financing-model", "venue-type", "territory-type", "role", "transferability", "phase", "ownership", "heating",
    "energy-class",
)  # fmt: skip
SCHEMES = {**{name: CONCEPT[name].value for name in OURS}, "country": COUNTRIES}
IN_FIELD = {"theme": "theme", "measure": "energy-measure", "outcome": "outcome", "status": "record-status",
            "eventType": "event-type", "country": "country"}  # fmt: skip
DATA = Statements(FILES)
NODES = sorted((n for n in DATA.subjects(RDF.type, SKOS.Concept) if isinstance(n, NamedNode)), key=str)
PREDICATES = {"label": SKOS.prefLabel, "definition": SKOS.definition}


def texts(node: NamedNode, predicate: NamedNode) -> list[Literal]:
    return [value for value in DATA.values(node, predicate) if isinstance(value, Literal)]


def labels(node: NamedNode) -> list[Literal]:
    return texts(node, SKOS.prefLabel) + texts(node, SKOS.altLabel)


def scheme(node: NamedNode) -> str:
    return DATA.one(node, SKOS.inScheme) or ""


# Each concept


def test_there_are_concepts_for_the_whole_field() -> None:
    assert len(NODES) >= 250


def test_a_concept_is_defined_once_in_all_files() -> None:
    told = Counter(
        iri for file in FILES for iri in re.findall(r"^(\S+) a skos:Concept ;$", file.read_text("utf-8"), re.M)
    )
    assert [iri for iri, times in told.items() if times > 1] == [] and len(told) == len(NODES)


def test_each_file_is_one_scheme_of_its_name() -> None:
    assert {file.stem for file in FILES} == set(SCHEMES)
    for file in FILES:
        data = Statements([file])
        assert [node.value for node in data.subjects(RDF.type, SKOS.ConceptScheme)] == [SCHEMES[file.stem]]
        assert {data.one(c, SKOS.inScheme) for c in data.subjects(RDF.type, SKOS.Concept)} == {SCHEMES[file.stem]}


@pytest.mark.parametrize("iri", SCHEMES.values(), ids=SCHEMES)
def test_a_scheme_has_its_title_in_each_language(iri: str) -> None:
    titles = texts(NamedNode(iri), DCT.title)
    assert sorted(title.language or "" for title in titles) == sorted(LANGUAGES)
    assert load().schemes[iri].title == {title.language: title.value for title in titles}


@pytest.mark.parametrize("what", PREDICATES)
def test_a_concept_has_exactly_one_label_and_definition_in_each_language(what: str) -> None:
    tags = {node.value: sorted(text.language or "" for text in texts(node, PREDICATES[what])) for node in NODES}
    assert {iri: found for iri, found in tags.items() if found != sorted(LANGUAGES)} == {}


def test_a_definition_is_a_sentence_of_its_own() -> None:
    told = [definition for node in NODES for definition in texts(node, SKOS.definition)]
    assert [text.value for text in told if not 25 <= len(text.value) <= 200 or not text.value.endswith(".")] == []
    assert [pair for pair, times in Counter((d.language, d.value) for d in told).items() if times > 1] == []


def test_our_own_concepts_have_other_names_in_each_language() -> None:
    lacking = {
        (node.value, language)
        for node in NODES
        for language in set(LANGUAGES) - {text.language for text in texts(node, SKOS.altLabel)}
        if scheme(node) != COUNTRIES
    }
    assert lacking == set()


def test_a_text_is_written_cleanly() -> None:
    """Typographic apostrophes, single blanks; no semicolon in a label, for it parts the values of a cell."""
    for node in NODES:
        for text in labels(node):
            assert not set(text.value) & set("\"'ĳ;|.") and text.value == " ".join(text.value.split()), text
        for text in texts(node, SKOS.definition):
            blanks = re.sub("[\u00a0\u202f]", " ", text.value)
            assert not set(text.value) & set("\"'ĳ|") and blanks == " ".join(blanks.split()), text


def test_french_signs_are_kept_on_the_line_of_their_word() -> None:
    """A no-break space, narrow before ; ? and !, stands where French sets a sign apart."""
    files = [*SCHEMA.glob("*.ttl"), *SCHEMA.glob("shapes/*.ttl"), *FILES, *(SAMPLES / "fr").rglob("*.ttl")]
    quads = [quad for file in files for quad in parse(path=file, format=RdfFormat.TURTLE)]
    french = {q.object.value for q in quads if isinstance(q.object, Literal) and q.object.language == "fr"}
    assert len(french) > 500
    assert {text for text in french if re.search("[^\u202f][;?!]|[^\u00a0]»|«[^\u00a0]|[ \u202f]:", text)} == set()


def test_a_notation_is_the_end_of_the_iri_and_unique_in_its_scheme() -> None:
    taken: dict[tuple[str, str], str] = {}
    for node in NODES:
        notations = {text.value for text in texts(node, SKOS.notation)}
        assert node.value.startswith(f"{scheme(node)}/") and node.value.rpartition("/")[2] in notations
        for notation in notations:
            assert taken.setdefault((scheme(node), folded(notation)), node.value) == node.value
        codes = sorted(len(notation) for notation in notations)
        assert codes == [2, 3] if scheme(node) == COUNTRIES else len(codes) == 1


def test_the_countries_of_the_union_and_its_neighbours_are_found_by_code_and_name() -> None:
    union = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
    for code in f"{union} GB CH NO IS".split():
        concept = load().concept(COUNTRIES, code)
        assert concept and concept.notation == code
    assert load().concept(COUNTRIES, "olaszország") == load().concept(COUNTRIES, "ITA") is not None


# Their order


def test_a_concept_is_in_one_scheme_and_its_broader_in_the_same() -> None:
    for node in NODES:
        broader = DATA.values(node, SKOS.broader)
        tops = [value.value for value in DATA.values(node, SKOS.topConceptOf)]
        assert len(DATA.values(node, SKOS.inScheme)) == 1
        assert (len(broader), tops) in [(1, []), (0, [scheme(node)])], node
        assert all(isinstance(b, NamedNode) and b in NODES and scheme(b) == scheme(node) for b in broader), node


def test_every_concept_reaches_a_top_one_without_walking_in_a_circle() -> None:
    for start in NODES:
        node, seen = start, [start]
        while above := DATA.values(node, SKOS.broader):
            assert isinstance(above[0], NamedNode) and above[0] not in seen, start
            node = above[0]
            seen.append(node)
        assert DATA.one(node, SKOS.topConceptOf) == scheme(start), start
        assert load().ancestors(start.value) == tuple(n.value for n in seen[1:])


@pytest.mark.parametrize("name", ["theme", "energy-measure", "cooperation-form", "financing-model", "venue-type"])
def test_the_large_schemes_are_hierarchies(name: str) -> None:
    members = [node for node in NODES if scheme(node) == SCHEMES[name]]
    tops = [node for node in members if DATA.one(node, SKOS.topConceptOf)]
    assert 20 <= len(members) <= 50 and 5 <= len(tops) <= 9
    assert len(members) - len(tops) >= len(tops)


@pytest.mark.parametrize("name", ["theme", "energy-measure"])
def test_what_every_practice_is_tagged_with_is_grouped(name: str) -> None:
    tops = [node for node in NODES if DATA.one(node, SKOS.topConceptOf) == SCHEMES[name]]
    assert tops and {top for top in tops if not list(DATA.subjects(SKOS.broader, top))} == set()


# Their words


def test_no_label_names_two_concepts_of_a_scheme_in_any_language() -> None:
    """Values of a spreadsheet are looked up without knowing their language, so languages count as one here."""
    named: dict[tuple[str, str], set[str]] = {}
    for node in NODES:
        for label in labels(node):
            named.setdefault((scheme(node), folded(label.value)), set()).add(node.value)
    assert {key: iris for key, iris in named.items() if len(iris) > 1} == {}


def test_no_label_is_told_twice_of_a_concept_in_a_language() -> None:
    told = Counter((node.value, label.language, folded(label.value)) for node in NODES for label in labels(node))
    assert [key for key, times in told.items() if times > 1] == []


def test_a_label_is_found_with_either_apostrophe_and_any_dash() -> None:
    airtight = load().concept(SCHEMES["energy-measure"], "Tenuta all’aria")
    assert airtight == load().concept(SCHEMES["energy-measure"], "tenuta all'aria") is not None
    linked = load().concept(SCHEMES["theme"], "Urban–rural links")
    assert linked == load().concept(SCHEMES["theme"], "urban-rural links") is not None


@pytest.fixture(scope="module")
def expansion() -> Expansion:
    return Expansion(load())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_label_as_a_query_names_its_concept_and_no_other_of_its_scheme(expansion: Expansion, language: str) -> None:
    facets = {field.scheme for field in load().facets}
    concepts = [concept for concept in load().concepts.values() if concept.scheme in facets]
    assert len(facets) >= 5 and concepts
    wrong = {}
    for concept in concepts:
        found = {meaning.iri for meaning in expansion.question(concept.labels[language], language).meanings}
        same = {iri for iri in found if load().concepts[iri].scheme == concept.scheme}
        several = concept.scheme == SCHEMES["energy-class"]  # A and A+ differ by no word
        if concept.iri not in same or (len(same) > 1 and not several):
            wrong[concept.labels[language]] = found
    assert wrong == {}


@pytest.mark.parametrize(
    ("query", "concept"),
    [
        ("CER", "theme/energy-community"),
        ("Erneuerbare-Energie-Gemeinschaft", "theme/energy-community"),
        ("REC", "theme/energy-community"),
        ("tiers-lieux", "theme/socio-cultural-centres"),
        ("művelődési ház", "theme/socio-cultural-centres"),
        ("thermische Sanierung", "theme/energy-renovation"),
        ("takisolering", "energy-measure/roof-insulation"),
        ("Hackgut", "energy-measure/biomass-heating"),
        ("zonnestroom", "energy-measure/photovoltaics"),
        ("nicht gelungen", "outcome/unsuccessful"),
        ("non riuscita", "outcome/unsuccessful"),
        ("SCIC", "cooperation-form/multi-stakeholder-cooperative"),
        ("cooperativa di comunità", "cooperation-form/community-cooperative"),
        ("ekonomisk förening", "cooperation-form/cooperative"),
        ("szociális szövetkezet", "cooperation-form/social-cooperative"),
        ("foncière solidaire", "cooperation-form/solidarity-property-company"),
        ("Einspar-Contracting", "financing-model/energy-performance-contracting"),
        ("művelődési ház", "venue-type/house-of-culture"),
        ("aree interne", "territory-type/remote-rural-area"),
        ("Grätzl", "territory-type/urban-neighbourhood"),
        ("bergvärme", "heating/ground-source-heat-pump"),
    ],
)
def test_what_people_of_the_field_say_is_understood(expansion: Expansion, query: str, concept: str) -> None:
    found = [meaning.iri for meaning in expansion.question(query).meanings]
    assert [iri for iri in found if scheme(NamedNode(iri)) == scheme(CONCEPT[concept])] == [CONCEPT[concept].value]


@pytest.mark.parametrize(
    "query",
    ["community led", "in progress", "in Arbeit", "energiklass", "Ungern", "rés", "boiler"],
)
def test_a_word_of_another_sense_is_not_taken_for_a_label(expansion: Expansion, query: str) -> None:
    found = {meaning.iri for meaning in expansion.question(query).meanings}
    assert found <= {COUNTRY.HUN.value}


@pytest.mark.parametrize("written", ["A+", "a++", "A4", "g", "Energieklasse B", "DPE C", "energilabel"])
def test_an_energy_class_is_found_as_it_stands_on_the_certificate(written: str) -> None:
    found = load().concept(SCHEMES["energy-class"], written)
    expected = {"A+": "a-plus", "a++": "a-2-plus", "A4": "a4", "g": "g", "Energieklasse B": "b", "DPE C": "c"}
    assert (found.notation if found else None) == expected.get(written)


# Who uses them


@cache
def mapped_columns(country: str) -> dict[str, str]:
    """A sample source's own name of a column → the key of the field."""
    source = tomllib.loads((SAMPLES / "sources" / f"{country}.toml").read_text("utf-8"))
    return {name: key for name, key in source["options"]["fields"].items() if key in IN_FIELD}


def rows(folder: Path) -> Iterator[dict[str, str]]:
    for file in sorted(folder.rglob("*.toml")):
        yield tomllib.loads(file.read_text("utf-8")).get("extras", {})
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)


@pytest.mark.parametrize("country", ["it", "hu", "nl"])
def test_every_value_of_a_sample_table_is_a_concept(country: str) -> None:
    columns, seen, unknown = mapped_columns(country), set(), []
    for row in rows(SAMPLES / country):
        for name in columns.keys() & row.keys():
            for value in filter(None, (part.strip() for part in row[name].split(";"))):
                seen.add(columns[name])
                concept = load().concept(SCHEMES[IN_FIELD[columns[name]]], value)
                unknown += [] if concept else [(name, value)]
    assert unknown == [] and seen == set(IN_FIELD)


def cited(folder: Path) -> set[str]:
    """The concepts of our lists that Turtle files name, as values."""
    found = set()
    for file in sorted(folder.rglob("*.ttl")):
        values = {quad.object for quad in parse(path=file, format=RdfFormat.TURTLE)}
        found |= {
            v.value for v in values if isinstance(v, NamedNode) and v.value.startswith((str(CONCEPT), str(COUNTRY)))
        }
    return found


@pytest.mark.parametrize("folder", [SAMPLES, SCHEMA / "examples" / "valid"], ids=["samples", "examples"])
def test_every_concept_that_a_record_names_is_there(folder: Path) -> None:
    named = cited(folder)
    assert len(named) > 8 and named - load().concepts.keys() == set()


def test_what_the_invalid_examples_name_stays_unknown() -> None:
    unknown = cited(SCHEMA / "examples" / "invalid") - load().concepts.keys()
    invented = (
        "event-type/jumble-sale",
        "venue-type/castle",
        "territory-type/moon",
        "transferability/easy",
        "energy-class/z",
    )
    assert unknown == {COUNTRY.XYZ.value, *(CONCEPT[name].value for name in invented)}


def test_the_schemes_of_the_ontology_and_of_the_shapes_are_there() -> None:
    ontology = parse(path=SCHEMA / "ontology.ttl", format=RdfFormat.TURTLE)
    pointed = {q.object.value for q in ontology if q.predicate == RDFS.seeAlso and isinstance(q.object, NamedNode)}
    ours = {iri for iri in pointed if iri.startswith(str(CONCEPT)) or iri == COUNTRIES}
    required = {field.scheme for field in load().by_shape.values() if field.scheme}
    assert ours and ours | required <= load().schemes.keys()


def test_every_state_of_a_record_is_a_concept() -> None:
    states = {concept.notation for concept in members("record-state")}
    assert states == {"live", "stale", "quarantined", "missing", "withdrawn"}


def members(name: str) -> list[Concept]:
    return [load().concepts[iri] for iri in load().schemes[SCHEMES[name]].concepts]


def test_event_types_are_those_of_the_italian_public_events() -> None:
    italian = "https://w3id.org/italia/controlled-vocabulary/public-event-types/"
    same = {node.value.rpartition("/")[2]: DATA.one(node, SKOS.exactMatch) for node in NODES}
    assert {name: iri for name, iri in same.items() if iri} == {
        "learning-visit": f"{italian}116",
        "training": f"{italian}12",
        "information-day": f"{italian}14",
        "conference": f"{italian}131",
    }
