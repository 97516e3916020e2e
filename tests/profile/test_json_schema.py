"""JSON Schema: it takes every valid example as JSON-LD, in both forms, and refuses every invalid one that it can."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pyoxigraph import RdfFormat, Triple, parse, serialize

from hub.languages import LANGUAGES
from hub.profile import Profile, load
from hub.profile.json_schema import json_schema
from hub.settings import resource
from hub.validation import Validator
from hub.web.rdf import render
from tests.profile.added import profile_with_more

EXAMPLES = resource("schema") / "examples"
VALID, INVALID = (sorted((EXAMPLES / name).glob("*.ttl")) for name in ("valid", "invalid"))
Json = dict[str, Any]


@cache
def validator(profile: Profile, kind: str) -> Draft202012Validator:
    return Draft202012Validator(json_schema(profile, kind), format_checker=FormatChecker())


def json_ld(turtle: str | bytes, profile: Profile) -> Json:
    """The document as the API answers with it."""
    triples = parse(turtle, format=RdfFormat.TURTLE)
    statements = (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode()
    told: Json = json.loads(render(statements, "jsonld", "http://localhost/context.jsonld", profile.context))
    return told


def term(iri: str, profile: Profile) -> str:
    """A class as the context names it."""
    return next(name for name, meant in profile.context.items() if meant == iri)


def subject(document: Json, profile: Profile) -> tuple[Json, str]:
    """The node that no other refers to, of the first kind that there is, and its kind."""
    names = {term(kind.target, profile): key for key, kind in profile.kinds.items()}
    cited = json.dumps([{k: v for k, v in node.items() if k != "id"} for node in document["@graph"]])
    found = [(node, name) for node in document["@graph"] for name in names if name in types(node)]
    node, name = min(found, key=lambda pair: (f'"{pair[0]["id"]}"' in cited, list(names).index(pair[1])))
    return node, names[name]


def types(node: Json) -> list[str]:
    told = node.get("type", [])
    return [told] if isinstance(told, str) else list(told)


def nested(node: Json, nodes: dict[str, Json], above: tuple[str, ...] = ()) -> Json:
    """The node with what it refers to inside, wherever that is told."""

    def inside(value: Any) -> Any:
        if isinstance(value, list):
            return [inside(each) for each in value]
        known = isinstance(value, str) and value in nodes and value not in (*above, node["id"])
        return nested(nodes[value], nodes, (*above, node["id"])) if known else value

    return {key: value if key == "id" else inside(value) for key, value in node.items()}


def forms(file: Path) -> list[tuple[Json, str]]:
    """The example as one object with all inside, and as a graph; each with its kind."""
    document = json_ld(file.read_bytes(), load())
    node, kind = subject(document, load())
    return [(nested(node, {n["id"]: n for n in document["@graph"]}), kind), (document, kind)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", load().kinds)
def test_the_schema_is_one_and_speaks_the_language(kind: str, language: str) -> None:
    told = json_schema(load(), kind, language)
    Draft202012Validator.check_schema(told)
    assert told["title"] == load().kinds[kind].names[language]
    properties = told["$defs"][term(load().kinds[kind].target, load())]["properties"]
    titles = {field["title"] for field in properties.values() if isinstance(field, dict) and "title" in field}
    assert titles == {field.name[language] for field in load().fields(kind) if not field.is_inner}


@pytest.mark.parametrize("file", VALID, ids=lambda file: file.stem)
def test_a_valid_example_is_taken(file: Path) -> None:
    for document, kind in forms(file):
        assert [f"{e.json_path}: {e.message}" for e in validator(load(), kind).iter_errors(document)] == []


# Values compared with each other, alternatives between whole shapes, the class of what is told elsewhere.
BEYOND = {f"{name}ConstraintComponent" for name in ("Not", "Or", "LessThan", "LessThanOrEquals", "Class")}


def triples(file: Path) -> frozenset[Triple]:
    return frozenset(quad.triple for quad in parse(path=file, format=RdfFormat.TURTLE))


@cache
def shacl() -> Validator:
    return Validator(load())


@pytest.mark.parametrize("file", INVALID, ids=lambda file: file.stem)
def test_an_invalid_example_is_refused(file: Path) -> None:
    document, kind = forms(file)[0]
    broken = {r.component for r in shacl().validate(triples(file)).results if r.severity == "Violation"}
    assert broken
    assert not validator(load(), kind).is_valid(document) or broken <= BEYOND


def test_a_thing_of_another_class_is_refused() -> None:
    document, kind = forms(EXAMPLES / "invalid" / "practice-place-of-wrong-class.ttl")[0]
    assert [e.json_path for e in validator(load(), kind).iter_errors(document)][:1] == ["$.place.type"]


def test_each_constraint_is_a_keyword() -> None:
    practice = json_schema(load(), "practice")["$defs"]
    title = practice["Practice"]["properties"]["title"]
    assert title["additionalProperties"] == {"type": "string", "minLength": 1, "maxLength": 250}
    theme = next(iter(practice["concept-theme"]["oneOf"]))
    assert theme["const"].startswith("https://w3id.org/co-ped/concept/theme/")
    assert theme["const"].endswith(f"/{theme['notation']}") and theme["title"] and theme["description"]
    assert {"type", "title", "summary", "country"} <= set(practice["Practice"]["required"])


def test_a_property_more_is_in_the_schema(tmp_path: Path) -> None:
    profile = profile_with_more(tmp_path)
    check = validator(profile, "practice")
    example = (EXAMPLES / "valid" / "practice-minimal.ttl").read_bytes()
    node, _ = subject(json_ld(example, profile), profile)
    assert [e.message for e in check.iter_errors(node)] == ["'audience' is a required property"]
    gift = {"type": "DonateAction", "day": "2025-02-28"}
    assert check.is_valid({**node, "audience": {"sv": "Grannar"}, "gift": gift})
    assert not check.is_valid({**node, "audience": {"sv": "x" * 31}})
    assert not check.is_valid({**node, "audience": {"sv": "Grannar"}, "gift": {**gift, "day": "2025-02-29"}})
    assert not check.is_valid({**node, "audience": {"sv": "Grannar"}, "gift": [gift, gift]})
    audience = check.schema["$defs"]["Practice"]["properties"]["audience"]
    assert (audience["title"], audience["$comment"]) == ("Audience", "Will be shorter.")
