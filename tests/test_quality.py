"""Points of quality: what the shapes declare counts, and nothing else; each in words, and cheap enough to be kept."""

import re
import shutil
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from hub.languages import LANGUAGES
from hub.ledger import canonical
from hub.namespaces import COPED, DCAT, DCT, DQV, QUALITY, RDF, SKOS, XSD
from hub.profile import Profile, load
from hub.quality import Assessor, Quality, in_words, mean, told, told_of_source
from hub.settings import resource
from tests.web.hub import practice

BASE = "http://localhost:8000"
IRI = f"{BASE}/id/practice/by-hand/roof"
MAXIMA = {"findability": 100, "accessibility": 100, "interoperability": 110, "reusability": 75, "contextuality": 20}
TRIPLES = [q.triple for q in parse(path=resource("schema") / "shapes" / "quality.ttl", format=RdfFormat.TURTLE)]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(resource("schema"), tmp_path / "schema")


def add(folder: Path, turtle: str) -> Profile:
    prefixes = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix coped: <https://w3id.org/co-ped/ns#> . "
    prefixes += "@prefix shape: <https://w3id.org/co-ped/shape/> . @prefix dct: <http://purl.org/dc/terms/> . "
    (folder / "shapes" / "another.ttl").write_text(prefixes + turtle, "utf-8")
    return Profile(folder)


def assess(statements: str, profile: Profile | None = None) -> Quality:
    return Assessor(profile or load())(IRI, "practice", statements)


# What the shapes declare


def test_the_dimensions_are_those_of_the_metadata_quality_assessment() -> None:
    assert {key: dimension.points for key, dimension in load().dimensions.items()} == MAXIMA
    assert list(load().dimensions) == list(MAXIMA) and sum(MAXIMA.values()) == 405
    assert all(set(dimension.names) == set(LANGUAGES) for dimension in load().dimensions.values())


@pytest.mark.parametrize("kind", load().kinds)
def test_each_kind_has_fields_in_each_dimension_and_every_wish_counts(kind: str) -> None:
    """Declared in points of the dimension itself, so that a reader of the file sees what each is worth."""
    fields = load().fields(kind)
    declared = {key: sum(f.points for f in fields if f.quality == key) for key in MAXIMA}
    assert declared == MAXIMA
    assert {f.key for f in fields if f.recommended and not f.quality} == set()


def test_a_declaration_is_about_a_field_and_names_a_dimension() -> None:
    about = {t.subject.value: t.object.value for t in TRIPLES if t.predicate == COPED.quality}
    assert set(about) <= set(load().by_shape) and set(about.values()) == set(MAXIMA)
    points = [t for t in TRIPLES if t.predicate == COPED.points and t.subject.value in about]
    assert len(points) == len(about) and all(float(t.object.value) > 0 for t in points)


def test_the_vocabulary_of_measurements_is_whole_in_each_language() -> None:
    nodes = {t.subject for t in TRIPLES if t.predicate == RDF.type}
    kinds = {node: {t.object for t in TRIPLES if t.subject == node and t.predicate == RDF.type} for node in nodes}
    metrics = {node for node, types in kinds.items() if types == {DQV.Metric}}
    dimensions = {node for node, types in kinds.items() if types == {DQV.Dimension}}
    assert metrics | dimensions == nodes
    assert metrics == {QUALITY["points"], *(QUALITY[f"{key}-points"] for key in MAXIMA)}
    assert dimensions == {QUALITY[key] for key in MAXIMA}
    for node in nodes:
        told = [t.object for t in TRIPLES if t.subject == node and t.predicate == SKOS.definition]
        assert sorted(text.language or "" for text in told if isinstance(text, Literal)) == sorted(LANGUAGES), node
    published = {q.triple for q in parse(load().quality_vocabulary, format=RdfFormat.N_TRIPLES)}
    assert {t for t in TRIPLES if t.subject in nodes} == published


# Points


def test_a_bare_record_has_no_points_and_everything_to_gain() -> None:
    quality = assess(practice(BASE, "roof"))
    assert quality.total == 0 and round(sum(quality.gains.values()), 6) == 405


def test_a_field_with_a_value_gives_its_points_once() -> None:
    theme = NamedNode("https://w3id.org/co-ped/concept/theme/energy")
    more = {"license": [NamedNode("http://creativecommons.org/licenses/by/4.0/")], "landingPage": [NamedNode("x:1")]}
    more["landingPage"].append(NamedNode("x:2"))
    statements = practice(BASE, "roof", **more) + f"<{IRI}> {DCAT.theme} {theme} .\n"
    found = assess(statements).points
    assert found == {**dict.fromkeys(MAXIMA, 0), "findability": 30, "accessibility": 40, "reusability": 25}


def test_a_nested_value_counts_where_it_lies() -> None:
    """The place alone gives its own points; the point on the map those of the field that looks inside it."""
    place, record = NamedNode(f"{IRI}#place-1"), NamedNode(IRI)
    named = {Triple(record, DCT.spatial, place), Triple(place, RDF.type, DCT.Location)}
    located = named | {Triple(place, DCAT.centroid, Literal("POINT(1 2)"))}
    elsewhere = named | {Triple(NamedNode(f"{IRI}#other"), DCAT.centroid, Literal("POINT(1 2)"))}
    points = [assess(canonical(frozenset(graph))).points["findability"] for graph in (named, located, elsewhere)]
    assert points == [10, 20, 10]


def test_what_only_resembles_the_record_does_not_count() -> None:
    licence = "<http://purl.org/dc/terms/license> <x:1> .\n"
    assert assess(f"<{IRI}-2> {licence}<{IRI}#a> {licence}").total == 0
    assert assess(f'<{IRI}> <http://purl.org/dc/terms/title> "x\\n<{IRI}> {licence.strip()}"@en .\n').total == 0


def test_a_new_property_counts_by_its_declaration_alone(copy: Path) -> None:
    """It takes its share of the dimension; the whole stays what it is."""
    profile = add(
        copy,
        """shape:GoodPractice sh:property shape:practice-water . shape:practice-water a sh:PropertyShape ;
        sh:path coped:water ; sh:codeIdentifier "water" ; sh:name "Vatten"@sv , "Water"@en ;
        coped:quality "contextuality" ; coped:points 20 .""",
    )
    bare, watered = practice(BASE, "roof"), practice(BASE, "roof") + f"<{IRI}> {COPED.water} <x:1> .\n"
    before, after = assess(bare, profile), assess(watered, profile)
    assert round(sum(before.gains.values()), 6) == 405
    assert (before.total, after.total, after.points["contextuality"]) == (0, 10, 10)
    assert told(before, profile, "sv")["raise"] != told(after, profile, "sv")["raise"]
    assert "Vatten" in {gain["name"] for gain in told(before, profile, "sv")["raise"]}


def test_a_new_dimension_counts_by_its_declaration_alone(copy: Path) -> None:
    profile = add(
        copy,
        """@prefix dqv: <http://www.w3.org/ns/dqv#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <https://w3id.org/co-ped/quality/warmth> a dqv:Dimension ; skos:notation "warmth" ; coped:points 15 ;
            skos:prefLabel "Warmth"@en .
        shape:practice-summary coped:quality "warmth" ; coped:points 1 .""",
    )
    found = told(assess(practice(BASE, "roof"), profile), profile, "en")
    assert (found["points"], found["of"]) == (15, 420) and found["parts"][-1]["name"] == "Warmth"


# Of many, and in words


def test_a_sources_quality_is_the_mean_of_its_records() -> None:
    licensed = practice(BASE, "roof", license=[NamedNode("http://creativecommons.org/licenses/by/4.0/")])
    united = mean([assess(practice(BASE, "roof")), assess(licensed)])
    assert united and (united.total, united.points["reusability"], united.records) == (12.5, 12.5, 2)
    licence = load().field("practice", "licence").shape
    assert united.gains[licence] == 12.5 and mean([]) is None
    assert told_of_source(united.as_json(), load(), "en") == told(united, load(), "en")
    assert told_of_source(None, load(), "en") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_would_raise_it_is_told_in_the_readers_language_the_most_first(language: str) -> None:
    found = told(assess(practice(BASE, "roof")), load(), language)
    assert (found["points"], found["of"]) == (0, 405)
    assert [part["name"] for part in found["parts"]] == [d.names[language] for d in load().dimensions.values()]
    points = [gain["points"] for gain in found["raise"]]
    assert points == sorted(points, reverse=True) and len(points) > 30
    first = found["raise"][0]
    assert first["name"] == load().field("practice", "landingPage").name[language] and first["points"] == 40
    assert first["of_kind"] == load().kinds["practice"].names[language]


def test_a_terminal_gets_three_lines() -> None:
    words = in_words(told(assess(practice(BASE, "roof")), load(), "en")).split("\n")
    assert words[0] == "0 of 405" and words[1].startswith("findability 0, accessibility 0, ")
    assert re.match(r"to raise: Web page \(Good practice\) \+40, ", words[2]) and len(words) == 3
    perfect = Quality({key: float(value) for key, value in MAXIMA.items()}, {})
    assert in_words(told(perfect, load(), "en")).split("\n")[0] == "405 of 405"
    assert len(in_words(told(perfect, load(), "en")).split("\n")) == 2 and in_words(None) == "not measured"


def test_numbers_of_the_vocabulary_are_the_dimensions_own() -> None:
    """A metric's words name the same maximum as the dimension that it measures."""
    for key, points in MAXIMA.items():
        words = [t.object for t in TRIPLES if t.subject == QUALITY[f"{key}-points"] and t.predicate == SKOS.definition]
        assert len(words) == 7 and all(str(points) in text.value for text in words if isinstance(text, Literal))
    assert all(t.object.datatype == XSD.integer for t in TRIPLES if t.predicate == COPED.points)
