"""The published shapes: pySHACL finds the same with them as with our own, and says it in seven languages."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pyshacl
import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse, serialize
from rdflib import Graph, URIRef

from hub.languages import LANGUAGES
from hub.namespaces import SH
from hub.profile import load
from hub.settings import resource
from hub.validation.citations import Citations
from hub.validation.engines import Engine, fast_engine, reference_engine
from hub.validation.published import published_shapes
from tests.profile.added import profile_with_more

FILES = sorted((resource("schema") / "examples").rglob("*.ttl"))
INVALID = [file for file in FILES if file.parent.name == "invalid"]
PLACEHOLDER = re.compile(r"\{(field|value|limit)\}")


@cache
def own() -> Store:
    store = Store()
    store.extend(parse(load().shapes, format=RdfFormat.TURTLE))
    return store


def statements(file: Path) -> str:
    """The example with the stubs of what it cites, as the engines get it."""
    triples = parse(path=file, format=RdfFormat.TURTLE)
    return Citations(load())((serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode())


def taken_from(shape: str) -> str:
    """The shape of ours that a published shape is taken from; what has no name is one."""
    if not shape.startswith("http"):
        return ""
    is_ours = any(own().quads_for_pattern(NamedNode(shape), SH.path, None)) or "-" not in shape
    return shape if is_ours else shape.rpartition("-")[0]


def told(engine: Engine, text: str) -> Counter[tuple[str, ...]]:
    results = engine.results(text)
    return Counter((r.focus, r.component, taken_from(r.shape), r.severity, r.term or "") for r in results)


@pytest.mark.parametrize("made", [reference_engine, fast_engine], ids=["pyshacl", "shacl"])
def test_they_find_the_same(made: type[Engine]) -> None:
    found = 0
    for file in FILES:
        text = statements(file)
        ours, theirs = (told(made(shapes), text) for shapes in (load().shapes, published_shapes(load())))
        assert ours == theirs, file.stem
        found += ours.total()
    assert found > len(INVALID)


@pytest.mark.parametrize("file", INVALID[::6], ids=lambda file: file.stem)
def test_another_validator_speaks_to_people(file: Path) -> None:
    _, report, _ = pyshacl.validate(Graph().parse(data=statements(file), format="nt"), shacl_graph=published())
    results = list(report.objects(None, URIRef(SH.result.value)))
    assert results
    for result in results:
        messages = list(report.objects(result, URIRef(SH.resultMessage.value)))
        assert {message.language for message in messages} == set(LANGUAGES)


@cache
def published() -> Graph:
    return Graph().parse(data=published_shapes(load()), format="turtle")


def test_every_shape_that_results_come_from_speaks_each_language() -> None:
    engine, message = fast_engine(published_shapes(load())), URIRef(SH.message.value)
    for shape in {result.shape for file in INVALID for result in engine.results(statements(file))}:
        assert {text.language for text in published().objects(URIRef(shape), message)} == set(LANGUAGES), shape
    assert [text for text in published().objects(None, message) if PLACEHOLDER.search(text)] == []
    longest = URIRef("https://w3id.org/co-ped/shape/practice-title-maxLength")
    (title,) = [str(text) for text in published().objects(longest, message) if text.language == "en"]
    assert "“Title”" in title and "250" in title and "…" in title


def test_a_property_more_is_in_the_published_shapes(tmp_path: Path) -> None:
    text = published_shapes(profile_with_more(tmp_path))
    assert "shape:practice-audience-maxLength" in text and "shape:gift-day-minCount" in text
    assert "”Publik”" in text and "högst 30 tecken" in text
