"""The profile: whole in seven languages, and a new property is one shape."""

import json
import shutil
import string
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib import Graph
from rdflib.compare import isomorphic

from hub.languages import LANGUAGES
from hub.model import Result
from hub.namespaces import COPED, DCAT, DCT, FOAF, M8G, RDF, SCHEMA, SH, SKOS
from hub.profile import Field, Profile, load
from hub.profile.turtle import Statements
from hub.settings import resource

FOLDER = resource("schema")
KINDS = {"practice", "venue", "organisation", "event"}
FIELDS = load().by_shape
PLACEHOLDERS = {"field", "value", "limit"}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(FOLDER, tmp_path / "schema")


# What people read


@pytest.mark.parametrize("field", FIELDS.values(), ids=[shape.rpartition("/")[2] for shape in FIELDS])
def test_a_field_has_its_name_and_description_in_each_language(field: Field) -> None:
    for texts in (field.name, field.description):
        assert set(texts) == set(LANGUAGES) and all(text.strip() == text for text in texts.values()), texts
        assert all(texts.values())


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fields_of_a_kind_have_different_names(kind: str, language: str) -> None:
    """A column of a spreadsheet is known by the field's name alone."""
    names = [field.name[language].casefold() for field in load().fields(kind)]
    assert len(names) > 10 and len(names) == len(set(names))


def test_each_kind_has_its_names_and_the_fields_that_every_page_needs() -> None:
    assert set(load().kinds) == KINDS
    for key, kind in load().kinds.items():
        assert set(kind.names) == set(LANGUAGES)
        keys = [field.key for field in load().fields(key)]
        assert len(keys) == len(set(keys))
        for role in ("title", "summary", "country", "status"):
            assert load().role(key, role), (key, role)


def test_a_field_lies_in_a_group_that_has_its_label_in_each_language() -> None:
    groups = load().groups
    assert {iri: set(labels) for iri, labels in groups.items() if set(labels) != set(LANGUAGES)} == {}
    assert {field.group for kind in KINDS for field in load().fields(kind)} <= set(groups)
    for kind in KINDS:
        orders = [field.order for field in load().fields(kind)]
        assert orders == sorted(orders) and len(orders) == len(set(orders))


# Messages


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("component", sorted(load().messages))
def test_a_message_says_the_same_in_each_language(component: str) -> None:
    templates = load().messages[component]
    assert set(templates) == set(LANGUAGES) and len(set(templates.values())) == len(LANGUAGES)
    found = {language: placeholders(template) for language, template in templates.items()}
    assert found["en"] <= PLACEHOLDERS and set(map(frozenset, found.values())) == {frozenset(found["en"])}, found


def test_every_constraint_of_the_shapes_has_a_message() -> None:
    says_nothing = {
        "path",
        "name",
        "description",
        "order",
        "group",
        "codeIdentifier",
        "property",
        "severity",
        "targetClass",
    }
    says_nothing |= {"message", "flags", "inversePath"}  # what a constraint says and is made of
    says_nothing |= {"lessThan"}  # within sh:not, whose message is told
    used = {
        quad.predicate.value.rpartition("#")[2]
        for file in (FOLDER / "shapes").glob("*.ttl")
        for quad in parse(path=file, format=RdfFormat.TURTLE)
        if quad.predicate.value.startswith(str(SH))
    }
    constraints = {f"{name[0].upper()}{name[1:]}ConstraintComponent" for name in used - says_nothing}
    assert len(constraints) > 10 and constraints | {"UnmappedValue", "Unreadable"} <= set(load().messages)


def shapes_with(parameter: str) -> dict[str, set[str]]:
    """The property shapes that use a parameter, each with the parameters of what it is given."""
    data = Statements(sorted((FOLDER / "shapes").glob("*.ttl")))
    found: dict[str, set[str]] = {}
    for shape in data.subjects(RDF.type, SH.PropertyShape):
        given = data.nodes(shape, SH[parameter])
        inner = [member for head in given for member in data.members(head)] or given
        paths = {data.one(constraint, SH.path) for node in inner for constraint in data.nodes(node, SH.property)}
        if inner and not data.texts(shape, SH.message):
            found[shape.value] = {path or "" for path in paths} | {
                "datatype" for node in inner if data.one(node, SH.datatype)
            }
    return found


def test_templates_that_speak_of_one_use_have_only_that() -> None:
    """A template for sh:node speaks of lists, one for sh:or of dates, one for sh:not of an end before its start."""
    assert {frozenset(used) for used in shapes_with("node").values()} == {frozenset({SKOS.inScheme.value})}
    assert {frozenset(used) for used in shapes_with("or").values()} == {frozenset({"datatype"})}
    ends = ({DCAT.startDate.value, DCAT.endDate.value}, {SCHEMA.validFrom.value, SCHEMA.expires.value})
    assert set(map(frozenset, shapes_with("not").values())) == set(map(frozenset, ends))


def test_what_a_shape_says_itself_is_said_in_each_language() -> None:
    data = Statements(sorted((FOLDER / "shapes").glob("*.ttl")))
    by_hand = {s.value: told for s in data.subjects(RDF.type, SH.PropertyShape) if (told := data.texts(s, SH.message))}
    assert by_hand and all(set(told) == set(LANGUAGES) for told in by_hand.values())
    for told in by_hand.values():
        assert all("{field}" in text and "{value}" in text for text in told.values())
    shape = "https://w3id.org/co-ped/shape/contact-email-function"
    result = Result("", M8G.email.value, "a.b@x.org", "OrConstraintComponent", shape, "Violation")
    assert load().message(result, "nl").startswith("In het veld ‘E-mailadres’ lijkt ‘a.b@x.org’ het adres")


def test_a_coming_change_is_told_of_its_field() -> None:
    assert load().field("practice", "licence").coming["en"].startswith("From version 2.0")
    assert set(load().field("practice", "licence").coming) == set(LANGUAGES)
    (document,) = (f for f in load().nested(SCHEMA.MediaObject.value) if f.coming)
    assert document.key == "licence"
    assert [f.key for f in load().fields("practice") if f.coming] == ["licence"]


# A new property is one shape


SHAPE = """
    @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix coped: <https://w3id.org/co-ped/ns#> .
    @prefix schema: <http://schema.org/> . @prefix shape: <https://w3id.org/co-ped/shape/> .
    shape:GoodPractice sh:property shape:practice-audience .
    shape:practice-audience a sh:PropertyShape ;
        sh:path schema:audience ; sh:codeIdentifier "audience" ;
        sh:name "Publik"@sv , "Audience"@en ; sh:description "Vilka det är till för."@sv , "Who it is for."@en ;
        sh:group shape:group-classification ; sh:order 95 ;
        sh:nodeKind sh:IRI ; sh:node shape:ThemeConcept ; sh:minCount 1 ; sh:maxCount 3 ;
        coped:indexAs "keyword" ; coped:facet true ; coped:role "audience" ;
        coped:indexPath ( schema:audience schema:audienceType ) ."""


def test_a_shape_more_is_a_field_more(copy: Path) -> None:
    (copy / "shapes" / "audience.ttl").write_text(SHAPE, "utf-8")
    profile = Profile(copy)
    field = profile.field("practice", "audience")
    assert {f.key for f in profile.fields("practice")} - {f.key for f in load().fields("practice")} == {"audience"}
    assert all(profile.fields(kind) == load().fields(kind) for kind in KINDS - {"practice"})
    assert (field.facet, field.role, field.index_as) == (True, "audience", "keyword")
    assert field.index_path == (SCHEMA.audience.value, SCHEMA.audienceType.value)
    assert (field.path, field.min, field.max) == (SCHEMA.audience.value, 1, 3)
    assert field.scheme == "https://w3id.org/co-ped/concept/theme" and field.name["sv"] == "Publik"
    assert field in profile.facets and profile.role("practice", "audience") == field
    assert profile.role("venue", "audience") is None and profile.by_shape[field.shape] == field
    assert profile.context["audience"] == {"@id": SCHEMA.audience.value, "@type": "@id"}
    before, after = ([f.key for f in p.fields("practice") if f.group == field.group] for p in (load(), profile))
    assert after == [*before, "audience"]


@pytest.mark.parametrize("name", ["shapes/venue.ttl", "vocabularies/theme.ttl", "messages.ttl"])
def test_the_digest_follows_the_files(copy: Path, name: str) -> None:
    assert Profile(copy).digest == load().digest
    with (copy / name).open("a", encoding="utf-8") as file:
        file.write("\n# a remark\n")
    assert Profile(copy).digest != load().digest


def test_a_file_more_or_by_another_name_changes_the_digest(copy: Path) -> None:
    (copy / "vocabularies" / "outcome.ttl").rename(copy / "vocabularies" / "result.ttl")
    renamed = Profile(copy)
    assert renamed.concepts == load().concepts and renamed.digest != load().digest


def test_what_is_no_part_of_the_profile_leaves_the_digest(copy: Path) -> None:
    shutil.rmtree(copy / "examples")
    (copy / "vocabularies" / "notes.md").write_text("To be discussed.", "utf-8")
    assert Profile(copy).digest == load().digest


# JSON-LD


def test_the_context_has_one_term_for_each_property() -> None:
    terms = {name: term["@id"] for name, term in load().context.items() if isinstance(term, dict)}
    assert len(set(terms.values())) == len(terms)
    for field in FIELDS.values():
        assert field.path in terms.values() or terms[field.key] != field.path, field.shape
    unnamed = {field.path for field in FIELDS.values()} - set(terms.values())
    assert unnamed == {FOAF.name.value, SCHEMA.name.value}  # their keys, title and name, are of other properties


def test_the_context_names_a_field_by_its_key_whatever_lies_behind() -> None:
    context = load().context
    assert context["country"] == {"@id": COPED.country.value, "@type": "@id"}  # the namespace of this name gives way
    assert context["place"] == {"@id": DCT.spatial.value, "@type": "@id"}
    assert context["title"] == {"@id": DCT.title.value, "@container": "@language"}
    assert context["dct"] == str(DCT) and context["Practice"] == load().kinds["practice"].target


@pytest.mark.parametrize("file", sorted((FOLDER / "examples").rglob("*.ttl")), ids=lambda file: file.stem)
def test_nothing_is_lost_in_compact_json_ld(file: Path) -> None:
    told = Graph().parse(file)
    document = json.loads(told.serialize(format="json-ld", context=load().context, auto_compact=False))
    again = Graph().parse(data=json.dumps({**document, "@context": load().context}), format="json-ld")
    assert isomorphic(told, again)


# Files


def test_lists_and_languages_are_read_from_several_files(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(
        "<x:s> <x:p> ( <x:a> 'b' ) , 'due'@it , 'zwei'@de , 'zwo'@de . _:b <x:p> 1 .", "utf-8"
    )
    (tmp_path / "b.ttl").write_text("_:b <x:p> 2 . <x:s> <x:q> _:b .", "utf-8")
    data = Statements(sorted(tmp_path.glob("*.ttl")))
    subject, p, q = (NamedNode(f"x:{name}") for name in "spq")
    assert [data.items(head) for head in data.nodes(subject, p)] == [["x:a", "b"]]
    assert data.all_texts(subject, p) == {"it": ("due",), "de": ("zwei", "zwo")}
    (blank,) = data.nodes(subject, q)
    assert [value.value for value in data.values(blank, p)] == ["2"]  # the other file's _:b is another node
    assert data.ntriples() == "".join(sorted(data.ntriples().splitlines(keepends=True)))
