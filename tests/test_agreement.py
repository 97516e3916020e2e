"""Three engines told apart: on every example all of them, on damaged examples the two that the hub runs."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize

from hub.model import Graph
from hub.namespaces import CONCEPT, COPED, COUNTRY, DCAT, DCT, GEO, M8G, ORG, RDF, XSD
from hub.profile import load
from hub.settings import resource
from hub.validation import EngineFailure, Finding, Validator
from hub.validation.citations import Citations
from hub.validation.engines import fast_engine, reference_engine
from hub.validation.results import sameness
from tests import topquadrant
from tests.servers import need

EXAMPLES = resource("schema") / "examples"
VALID = sorted(EXAMPLES.glob("valid/*.ttl"))
NAMES = {file: f"{file.parent.name}/{file.stem}" for file in sorted(EXAMPLES.glob("*/*.ttl"))}
Object = NamedNode | Literal
Change = Callable[[Object], list[Object]]  # an object → the objects in its place


@cache
def validator() -> Validator:
    return Validator(load())


@cache
def graph_of(file: Path) -> Graph:
    return frozenset(quad.triple for quad in parse(path=file, format=RdfFormat.TURTLE))


def ntriples(graph: Graph) -> str:
    return (serialize(graph, format=RdfFormat.N_TRIPLES) or b"").decode()


def test_there_are_examples_of_both_sorts() -> None:
    assert {file.parent.name for file in NAMES} == {"valid", "invalid"}


@pytest.mark.parametrize("file", NAMES, ids=NAMES.values())
def test_the_engines_tell_an_example_alike(file: Path) -> None:
    statements = ntriples(graph_of(file))
    assert validator().validate_text(statements) == validator().reference(statements)


# TopQuadrant's engine judges all examples in one run, since each start costs two seconds. What an example describes
# gets a host of its own there, so that no two examples speak of one node.


def _apart(number: int, iri: str) -> str:
    scheme, _, rest = iri.partition("://")
    return f"{scheme}://e{number}.{rest}"


def _set_apart(number: int, graph: Graph) -> Graph:
    new = {node: NamedNode(_apart(number, node.value)) for node in (t.subject for t in graph)}
    return frozenset(Triple(new[t.subject], t.predicate, new.get(t.object, t.object)) for t in graph)


def _as_told(number: int, graph: Graph, results: Sequence[Finding]) -> Counter[tuple[str, ...]]:
    """An example's results, of whose nodes each has its own name again."""
    old = {_apart(number, t.subject.value): t.subject for t in graph}
    terms = {str(NamedNode(name)): str(node) for name, node in old.items()}
    own = (r for r in results if r.focus in old)
    return _by_value(replace(r, focus=old[r.focus].value, term=terms.get(r.term or "", r.term)) for r in own)


def _by_value(results: Iterable[Finding]) -> Counter[tuple[str, ...]]:
    """Sameness of numbers whatever their digits: TopQuadrant's engine tells the value -500.0 as -500."""
    return sameness(replace(r, term=_plain_number(r.term)) for r in results)


def _plain_number(term: str | None) -> str | None:
    text, _, datatype = (term or "").rpartition("^^")
    if datatype == str(XSD.decimal):
        with suppress(InvalidOperation):
            return f"{Decimal(text.strip(chr(34))).normalize():f}^^{datatype}"
    return term


def test_three_engines_tell_each_example_alike(tmp_path: Path) -> None:
    need(bool(topquadrant.java() and topquadrant.libraries()), topquadrant.MISSING)
    shapes, with_stubs = load().shapes, Citations(load())
    examples = {name: graph_of(file) for file, name in NAMES.items()}
    together = with_stubs("".join(ntriples(_set_apart(n, graph)) for n, graph in enumerate(examples.values())))
    merged = fast_engine(shapes).results(together)
    third = topquadrant.results(shapes, together, tmp_path)
    for number, (name, graph) in enumerate(examples.items()):
        text = with_stubs(ntriples(graph))
        fast, reference = fast_engine(shapes).results(text), reference_engine(shapes).results(text)
        assert _as_told(number, graph, merged) == _by_value(fast), f"{name} is judged otherwise beside the others"
        assert _as_told(number, graph, third) == _by_value(fast) == _by_value(reference), name
    assert len(third) == len(merged) > len(examples)


LEXICAL = {
    XSD.date: ("2024-02-29", "2023-02-29", "2024-2-1", "2024-01-01Z", "2024-W01-1", "2024-01-01T00:00:00", "1e3", ""),
    XSD.dateTime: ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00.25+02:00", "2024-01-01T25:00:00Z", "2024-01-01", "now"),
    XSD.gYear: ("2024", "24", "12024", "2024Z", "zweitausend"),
    XSD.decimal: ("-1", "+0.50", ".5", "5.", "1e5", "1,5", "1_000", " 5", "١٢", "INF", "NaN", ""),
    XSD.integer: ("007", "-3", "1.0", "1_0", "a"),
    XSD.boolean: ("true", "1", "none"),
    XSD.string: ("EUR", "euro", "", "x" * 251, "Ł\u2028\t\"\\"),
    GEO.wktLiteral: ("POINT(16.37 48.21)", "POINT(48.21 116.37)", "POINT (1 2)", "POLYGON((0 0, 1 1, 0 1, 0 0))"),
}  # fmt: skip
TAGS = ("it", "IT", "de-AT", "en-t-hu", "zh-Hans-CN", "x-unknown")
NODES = (CONCEPT["theme/youth"], CONCEPT["energy-measure/heat-pump"], CONCEPT["theme/no-such-theme"], COUNTRY.ITA,
         COUNTRY.XYZ, NamedNode("https://example.org/x"), NamedNode("mailto:a@example.org"), COPED.Venue,
         COPED.GoodPractice, ORG.Organization, DCT.Location)  # fmt: skip

typed = st.sampled_from([Literal(text, datatype=kind) for kind, texts in LEXICAL.items() for text in texts])
tagged = st.builds(
    lambda text, tag: Literal(text, language=tag), st.sampled_from(["", "x", "é" * 251]), st.sampled_from(TAGS)
)
value = st.one_of(typed, tagged, st.sampled_from(NODES))


def _retag(tag: str) -> Change:
    return lambda old: [Literal(old.value, language=tag)]


def _retype(datatype: NamedNode) -> Change:
    return lambda old: [Literal(old.value, datatype=datatype)]


change: st.SearchStrategy[Change] = st.one_of(
    st.just(lambda _: []),
    value.map(lambda new: lambda _: [new]),
    value.map(lambda new: lambda old: [old, new]),
    st.sampled_from(TAGS).map(_retag),
    st.sampled_from(list(LEXICAL)).map(_retype),
    st.just(lambda old: [old, Literal(f"{old.value}!", language=getattr(old, "language", None) or "it")]),
    st.just(lambda old: [Literal(old.value)]),
)


def damaged(graph: Graph, damage: list[tuple[int, Change]]) -> Graph:
    lines = sorted(graph, key=str)
    for number, made in damage[: len(lines) - 1]:
        triple = lines.pop(number % len(lines))
        if isinstance(triple.object, NamedNode | Literal):
            lines += [Triple(triple.subject, triple.predicate, new) for new in made(triple.object)]
        lines.sort(key=str)
    return frozenset(lines)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    file=st.sampled_from(VALID),
    damage=st.lists(st.tuples(st.integers(0, 1000), change), min_size=1, max_size=3),
)
def test_the_engines_tell_a_damaged_example_alike(file: Path, damage: list[tuple[int, Change]]) -> None:
    statements = ntriples(damaged(graph_of(file), damage))
    assert validator().validate_text(statements) == validator().reference(statements)


# Where they truly differ. No record is quarantined for any of it: the reference is asked only about what the fast
# engine refuses, and then its word stands. A case in which they come to agree should leave this list.

NODE, PERIOD = NamedNode("http://localhost:8000/id/event/x/y"), NamedNode("http://localhost:8000/id/event/x/y#period")


def event(*more: Triple) -> str:
    told = [
        Triple(NODE, RDF.type, M8G.PublicEvent),
        Triple(NODE, DCT.title, Literal("Dag", language="nl")),
        Triple(NODE, DCT.description, Literal("Een dag.", language="nl")),
        Triple(NODE, COPED.country, COUNTRY.NLD),
    ]
    return ntriples(frozenset([*told, *more]))


def issued(text: str, datatype: NamedNode) -> str:
    return event(Triple(NODE, DCT.issued, Literal(text, datatype=datatype)))


def period(start: str, end: str) -> str:
    return event(
        Triple(NODE, DCT.temporal, PERIOD),
        Triple(PERIOD, RDF.type, DCT.PeriodOfTime),
        Triple(PERIOD, DCAT.startDate, Literal(start, datatype=XSD.dateTime)),
        Triple(PERIOD, DCAT.endDate, Literal(end, datatype=XSD.dateTime)),
    )


def area(text: str) -> str:
    venue = NamedNode("http://localhost:8000/id/venue/x/y")
    told = [Triple(venue, RDF.type, COPED.Venue), Triple(venue, DCT.title, Literal("De Loods", language="nl"))]
    return ntriples(frozenset([*told, Triple(venue, COPED.floorArea, Literal(text, datatype=XSD.decimal))]))


ONLY_PYSHACL_REFUSES = {
    "years before 1, for Python's dates begin there": issued("-0044-03-15", XSD.date),
    "years after 9999": issued("12024-01-01", XSD.date),
    "the hour 24": issued("2024-01-01T24:00:00Z", XSD.dateTime),
    "an end without a zone; it sorts such before all others": period("2024-01-01T10:00:00Z", "2024-03-01T10:00:00"),
}
ONLY_SHACL_REFUSES = {
    "numbers of more than 128 bits": area("9" * 40),
    "more than 18 decimals": area("0.1000000000000000055511151231257827"),
    "an end before a start without a zone": period("2024-03-01T10:00:00", "2024-01-01T10:00:00Z"),
}


@pytest.mark.parametrize("statements", ONLY_PYSHACL_REFUSES.values(), ids=ONLY_PYSHACL_REFUSES)
def test_what_only_pyshacl_refuses_is_not_asked_about(statements: str) -> None:
    judge = Validator(load())
    assert not judge.reference(statements).valid
    assert judge.validate_text(statements).valid and judge.check(statements).valid
    assert judge.disagreements.count == 0


@pytest.mark.parametrize("statements", ONLY_SHACL_REFUSES.values(), ids=ONLY_SHACL_REFUSES)
def test_what_only_shacl_refuses_is_served_and_counted(statements: str) -> None:
    judge = Validator(load())
    assert not judge.validate_text(statements).valid
    assert judge.reference(statements).valid and judge.check(statements).valid
    assert judge.disagreements.count == 1


# What is done about a difference

FINE = event()
BROKEN = event(Triple(NODE, DCT.title, Literal("", language="fr")))


class Lying:
    """The fast engine with a lie: a violation that is not there, behind the first honest answers."""

    SHAPE = "https://w3id.org/co-ped/shape/event-title"
    LIE = Finding(NODE.value, DCT.title.value, "Dag", "MinLengthConstraintComponent", SHAPE, "Violation")

    def __init__(self, honest: int = 0) -> None:
        self._truth, self._honest = fast_engine(load().shapes), honest

    def results(self, statements: str) -> Sequence[Finding]:
        self._honest -= 1
        return [*self._truth.results(statements), *([self.LIE] if self._honest < 0 else [])]


class Stumbling:
    def results(self, statements: str) -> Sequence[Finding]:
        raise EngineFailure("shacl: I stumbled")


def test_the_references_word_stands_and_each_disagreement_is_counted() -> None:
    judge = Validator(load(), Lying())
    assert not judge.validate_text(FINE).valid
    assert all(judge.check(FINE).valid for _ in range(25))
    assert judge.disagreements.count == 25
    assert 0 < len(judge.disagreements.first) < 25
    assert "only shacl" in judge.disagreements.first[0] and "event-title" in judge.disagreements.first[0]


def test_twenty_cases_are_confirmed_in_a_run() -> None:
    for honest, believed in ((19, False), (20, True)):
        judge = Validator(load(), Lying(honest))
        assert not any(judge.check(BROKEN).valid for _ in range(honest))
        assert judge.check(FINE).valid is not believed  # the lie is about what was confirmed before
        assert judge.disagreements.count == (0 if believed else 1)


def test_a_new_run_confirms_anew() -> None:
    judge = Validator(load(), Lying(honest=20))
    assert not any(judge.check(BROKEN).valid for _ in range(20))
    judge.reset()
    assert judge.check(FINE).valid


def test_where_the_fast_engine_stumbles_the_reference_judges() -> None:
    judge = Validator(load(), Stumbling())
    assert judge.check(FINE).valid
    assert not judge.check(BROKEN).valid
    assert judge.disagreements.count == 2 and "I stumbled" in judge.disagreements.first[0]
