"""A record's published graph and its catalogue are a valid DCAT-AP 3.0.1 entry, by SEMIC's own shapes and pySHACL."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pyshacl
import pytest
from rdflib import RDF, SH, Graph, URIRef

from hub.ledger import Ledger, LedgerRecord
from hub.namespaces import DCAT, DCT, EU_LANGUAGE, FOAF, graph_iri
from hub.profile import load
from hub.projection.entries import catalogues, measurements, published, source_iri
from tests.web.hub import append_every_state, harvest_samples

SHACL = Path(__file__).parents[1].parent / "shared" / "payloads" / "shacl"
FILES = ("dcat-ap_3.0.1_SHACL.ttl", "dcat-ap_3.0.1_ranges.ttl")
BASE = "http://localhost:8000"
pytestmark = pytest.mark.skipif(not SHACL.is_dir(), reason="SEMIC's shapes lie in ../shared, which is not here")


@cache
def shapes() -> Graph:
    """Both files of SEMIC as one graph, whose ranges file names property shapes that it does not hold."""
    graph = Graph()
    for file in FILES:
        graph.parse(SHACL / file)
    for node, shape in list(graph.subject_objects(SH.property)):
        if not list(graph.objects(shape, SH.path)):
            graph.remove((node, SH.property, shape))
    return graph


def background(statements: str) -> Iterator[str]:
    """What the validator of DCAT-AP knows by itself: the EU's languages, and the concepts that are cited."""
    cited = {line.rsplit(" ", 2)[-2] for line in statements.split("\n") if line.endswith("> .")}
    for line in load().vocabularies_text.split("\n"):
        if line.partition(" ")[0] in cited:
            yield f"{line}\n"
    for term in cited:
        if term.startswith(f"<{EU_LANGUAGE}"):
            yield f"{term} <{RDF.type}> <{DCT.LinguisticSystem.value}> .\n"


def violations(statements: str) -> list[str]:
    data = Graph().parse(data=statements + "".join(background(statements)), format="nt")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes(), allow_warnings=True)
    assert isinstance(report, Graph)
    return sorted(
        f"{report.value(result, SH.focusNode)} {report.value(result, SH.resultPath)} "
        f"{report.value(result, SH.sourceConstraintComponent)} {report.value(result, SH.value)}"
        for result in report.subjects(RDF.type, SH.ValidationResult)
        if report.value(result, SH.resultSeverity) == SH.Violation
    )


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """The six sample sources, and a source of records in every state."""
    opened = Ledger(f"sqlite:///{tmp_path_factory.mktemp('dcat') / 'ledger.sqlite'}", BASE)
    harvest_samples(opened)
    append_every_state(opened)
    yield opened
    opened.close()


def records(ledger: Ledger) -> Sequence[LedgerRecord]:
    return [record for record in ledger.changes.all_records(limit=1000) if record.graph]


def test_every_record_is_a_valid_entry_of_its_catalogue(ledger: Ledger) -> None:
    whole = catalogues(ledger.runs.sources(), load(), BASE)
    assert len(records(ledger)) > 60 and {r.state for r in records(ledger)} >= {"live", "stale", "missing", "withdrawn"}
    told = {record.iri: violations(published(record, BASE) + whole) for record in records(ledger)}
    assert {iri: found for iri, found in told.items() if found} == {}


def without(*ends: str) -> Callable[[str], str]:
    """Takes away the statements that hold one of these."""
    return lambda text: "".join(f"{line}\n" for line in text.split("\n") if not any(end in line for end in ends))


ABOUT = f"{BASE}/id/practice/by-hand/live"
ENTRY = graph_iri(ABOUT)
STATUS = "http://www.w3.org/ns/adms#status"
# What is done to a valid entry, and (node, property, constraint) of a violation that follows.
DAMAGES: dict[str, tuple[Callable[[str], str], str, str, str]] = {
    "no topic": (without(FOAF.primaryTopic.value), ENTRY, FOAF.primaryTopic.value, "MinCount"),
    "two topics": (
        lambda text: f"{text}<{ENTRY}> {FOAF.primaryTopic} <{BASE}/catalog> .\n",
        *(ENTRY, FOAF.primaryTopic.value, "MaxCount"),
    ),
    "a topic that is no resource": (
        without(f"<{ABOUT}> {RDF.type.n3()} {DCAT.Resource}"),
        *(ENTRY, FOAF.primaryTopic.value, "Class"),
    ),
    "never modified": (without(f"<{ENTRY}> {DCT.modified}"), ENTRY, DCT.modified.value, "MinCount"),
    "modified twice": (
        lambda text: f'{text}<{ENTRY}> {DCT.modified} "yesterday" .\n',
        *(ENTRY, DCT.modified.value, "MaxCount"),
    ),
    "a status that is no concept": (
        lambda text: text.replace("record-state/live>", "record-state/lively>"),
        *(ENTRY, STATUS, "Class"),
    ),
    "a profile that is no standard": (without(DCT.Standard.value), ENTRY, DCT.conformsTo.value, "Class"),
    "a language as text": (
        lambda text: f'{text}<{ENTRY}> {DCT.language} "sv" .\n',
        *(ENTRY, DCT.language.value, "NodeKind"),
    ),
    "a catalogue without title": (
        without(f"{source_iri(BASE, 'by-hand')} {DCT.title}"),
        *(f"{BASE}/id/source/by-hand", DCT.title.value, "MinCount"),
    ),
    "a catalogue without publisher": (
        without(DCT.publisher.value),
        *(f"{BASE}/catalog", DCT.publisher.value, "MinCount"),
    ),
    "a publisher without name": (
        without(f"#publisher> {FOAF.name}"),
        *(f"{BASE}/catalog#publisher", FOAF.name.value, "MinCount"),
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_caught(ledger: Ledger, damage: str) -> None:
    """So that an empty report means something."""
    change, node, path, constraint = DAMAGES[damage]
    whole = published(ledger.changes.record(ABOUT), BASE) + catalogues(ledger.runs.sources(), load(), BASE)
    found = violations(change(whole))
    expected = f"{node} {path} {SH[f'{constraint}ConstraintComponent']} "
    assert any(violation.startswith(expected) for violation in found), found


def test_the_measurements_are_about_the_catalogues(ledger: Ledger) -> None:
    points = {"by-hand": {"findability": 30.0, "reusability": 7.5}}
    whole = measurements(points, load(), BASE) + catalogues(ledger.runs.sources(), load(), BASE)
    assert violations(whole) == []
    data = Graph().parse(data=whole, format="nt")
    dqv = "http://www.w3.org/ns/dqv#"
    measured = {
        str(data.value(node, URIRef(f"{dqv}isMeasurementOf"))): float(str(data.value(node, URIRef(f"{dqv}value"))))
        for node in data.objects(URIRef(source_iri(BASE, "by-hand").value), URIRef(f"{dqv}hasQualityMeasurement"))
    }
    quality = "https://w3id.org/co-ped/quality/"
    assert measured == {
        f"{quality}findability-points": 30,
        f"{quality}reusability-points": 7.5,
        f"{quality}points": 37.5,
    }
    assert all((URIRef(metric), RDF.type, URIRef(f"{dqv}Metric")) in data for metric in measured)
