"""Validation: what a report tells, in JSON and in RDF, what it takes as given, and what it cannot read."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse, serialize

from hub.errors import Rejected
from hub.languages import LANGUAGES
from hub.model import Note, ValidationReport
from hub.namespaces import FOAF, ORG, RDF, SH, SKOS
from hub.profile import Profile, load
from hub.settings import resource
from hub.validation import (
    Finding,
    Validator,
    report_from_json,
    report_graph,
    report_json,
    unreadable,
)
from hub.validation.citations import Citations
from hub.validation.results import LONGEST, MOST

EXAMPLES = resource("schema") / "examples"
VALID = sorted(EXAMPLES.glob("valid/*.ttl"))
INVALID = sorted(EXAMPLES.glob("invalid/*.ttl"))
RECORD = "http://localhost:8000/id/practice/example-nl/dak"
YOUTH = "https://w3id.org/co-ped/concept/theme/youth"
SHAPE = "https://w3id.org/co-ped/shape/"


def ntriples(turtle: str) -> str:
    return (serialize(parse(turtle, format=RdfFormat.TURTLE), format=RdfFormat.N_TRIPLES) or b"").decode()


@cache
def example(name: str) -> str:
    return ntriples((EXAMPLES / f"{name}.ttl").read_text("utf-8"))


def practice(more: str = "", title: str = '"Dak"@nl') -> str:
    """A minimal practice, in N-Triples, with more statements in Turtle."""
    return ntriples(f"""
        @prefix dct: <http://purl.org/dc/terms/> . @prefix coped: <https://w3id.org/co-ped/ns#> .
        @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <{RECORD}> a coped:GoodPractice ; dct:title {title} ; dct:description "Een dak."@nl ;
            coped:country <http://publications.europa.eu/resource/authority/country/NLD> . {more}""")


@pytest.fixture
def validator() -> Validator:
    return Validator(load())


def violations(report: ValidationReport) -> list[tuple[str, str]]:
    return sorted(
        (r.shape.removeprefix(SHAPE), r.component) for r in report.results if r.severity == "Violation"
    )  # fmt: skip


def only(report: ValidationReport) -> Finding:
    (result,) = (r for r in report.results if r.severity == "Violation")
    assert isinstance(result, Finding)
    return result


# What a report tells


@pytest.mark.parametrize("file", VALID, ids=lambda file: file.stem)
def test_a_valid_example_has_no_violation(validator: Validator, file: Path) -> None:
    report = validator.check(ntriples(file.read_text("utf-8")))
    assert report.valid and violations(report) == []


@pytest.mark.parametrize("file", INVALID, ids=lambda file: file.stem)
def test_an_invalid_example_breaks_what_it_says_and_nothing_else(validator: Validator, file: Path) -> None:
    text = file.read_text("utf-8")
    broken = sorted(re.findall(r"^# Breaks: shape:(\S+) sh:(\S+)", text, re.MULTILINE))
    report = validator.check(ntriples(text))
    assert broken and violations(report) == broken and not report.valid
    assert validator.disagreements.count == 0


@pytest.mark.parametrize("file", INVALID, ids=lambda file: file.stem)
def test_each_result_speaks_seven_languages(validator: Validator, file: Path) -> None:
    for result in validator.validate_text(ntriples(file.read_text("utf-8"))).results:
        told = {language: load().message(result, language) for language in LANGUAGES}
        assert len(set(told.values())) == len(LANGUAGES)
        for message in told.values():
            words = message.replace(result.value or "–", "")
            if result.component == "PatternConstraintComponent":
                words = words.replace(result.limit or "", "")
            assert not re.search(r"\{(field|value|limit)\}|None|\w+://\w", words), message


@pytest.mark.parametrize(
    ("name", "limit", "value", "term"),
    [
        ("practice-two-outcomes", "1", None, None),
        ("venue-negative-floor-area", "0", "-40.0", '"-40.0"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("practice-title-without-language", "langString", "Een warm dak (voorbeeld)", '"Een warm dak (voorbeeld)"'),
        ("practice-title-empty", "1", "", '""@fr'),
        ("grant-currency-spelled-out", "^[A-Z]{3}$", "euro", '"euro"'),
        ("period-start-in-words", None, "spring 2024", '"spring 2024"'),
    ],
)
def test_a_result_has_the_limit_the_value_and_the_term(
    validator: Validator, name: str, limit: str | None, value: str | None, term: str | None
) -> None:
    found = only(validator.validate_text(example(f"invalid/{name}")))
    assert (found.limit, found.value, found.term) == (limit, value, term)


def test_the_limit_of_a_list_is_its_notations(validator: Validator) -> None:
    limit = only(validator.validate_text(example("invalid/practice-theme-not-a-theme"))).limit or ""
    scheme = load().schemes["https://w3id.org/co-ped/concept/theme"]
    assert limit.split(", ") == sorted(load().concepts[iri].notation for iri in scheme.concepts)


def test_a_class_is_named_not_addressed(validator: Validator) -> None:
    assert only(validator.validate_text(example("invalid/practice-place-of-wrong-class"))).limit == "Location"


SMALL = """
    @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix coped: <https://w3id.org/co-ped/ns#> .
    @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix shape: <https://w3id.org/co-ped/shape/> .
    @prefix x: <http://x.org/> .
    shape:Small a sh:NodeShape ; sh:targetClass coped:GoodPractice ; sh:property shape:a , shape:b , shape:c , shape:d .
    shape:a a sh:PropertyShape ; sh:path x:a ; sh:lessThanOrEquals dcat:endDate .
    shape:b a sh:PropertyShape ; sh:path x:b ; sh:in ( x:one "two" <https://w3id.org/co-ped/concept/theme/youth> ) .
    shape:c a sh:PropertyShape ; sh:path x:c ; sh:languageIn ( "it" "sv" ) .
    shape:d a sh:PropertyShape ; sh:path x:d ; sh:maxInclusive 7 ."""


@pytest.mark.parametrize(
    ("statement", "limit"),
    [("x:a 5", "end"), ("x:b x:three", "one, two, youth"), ('x:c "Dak"@nl', "it, sv"), ("x:d 8", "7")],
)
def test_no_limit_is_an_iri(tmp_path: Path, statement: str, limit: str) -> None:
    folder = shutil.copytree(resource("schema"), tmp_path / "schema")
    (folder / "shapes" / "small.ttl").write_text(SMALL, "utf-8")
    text = practice(f"@prefix x: <http://x.org/> . <{RECORD}> dcat:endDate 4 ; {statement} .")
    validator = Validator(Profile(folder))
    assert only(validator.check(text)).limit == limit
    assert validator.disagreements.count == 0


def test_violations_come_first(validator: Validator) -> None:
    severities = [r.severity for r in validator.validate_text(example("invalid/practice-theme-as-text")).results]
    assert severities == sorted(severities, key=["Violation", "Warning", "Info"].index)
    assert set(severities) == {"Violation", "Warning", "Info"}


def test_a_long_value_is_cut(validator: Validator) -> None:
    found = only(validator.validate_text(practice(title=f'"{"é" * 100_000}"@nl')))
    assert found.value == f"{'é' * LONGEST}…" and found.term is None
    assert len(report_json(ValidationReport((found,)))) < 1_000


def test_a_report_stays_small_and_says_what_it_leaves_out(validator: Validator) -> None:
    wrong = " , ".join(f'"energie {number}"@nl' for number in range(MOST))  # each is neither an IRI nor on the list
    report = validator.validate_text(practice(f"<{RECORD}> dcat:theme {wrong} ."))
    assert len(report.results) == MOST and not report.valid
    assert re.fullmatch(r"\d+ more results are not listed", report.results[-1].note or "")


# The lists


def test_only_the_concepts_cited_are_added() -> None:
    text = practice(f"<{RECORD}> dcat:theme <{YOUTH}> .")
    added = Citations(load())(text).removeprefix(text)
    assert sorted(re.findall(r"^<(\S+)> <(\S+)>", added, re.MULTILINE)) == [
        ("http://publications.europa.eu/resource/authority/country/NLD", SKOS.inScheme.value),
        (YOUTH, SKOS.inScheme.value),
    ]


def test_a_line_separator_in_a_text_hides_no_concept(validator: Validator) -> None:
    assert validator.check(practice(f"<{RECORD}> dcat:theme <{YOUTH}> .", title='"Dak\u2028en\u0085meer"@nl')).valid


@pytest.mark.parametrize(
    "concept", ["https://example.org/my-theme", f"{YOUTH.replace('theme/youth', 'outcome/successful')}"]
)
def test_a_record_puts_nothing_on_a_list_of_ours(validator: Validator, concept: str) -> None:
    claim = f"<{concept}> a skos:Concept ; skos:inScheme <https://w3id.org/co-ped/concept/theme> ."
    report = validator.check(practice(f"<{RECORD}> dcat:theme <{concept}> . {claim}"))
    assert violations(report) == [("practice-theme", "NodeConstraintComponent")]


# Notes and what cannot be read


def test_a_note_is_an_info_about_its_field(validator: Validator) -> None:
    report = validator.check(practice(), [Note("issued", "jeu, 19/12/2019")])
    (note,) = (r for r in report.results if r.component == "UnmappedValue")
    assert report.valid and (note.component, note.value, note.focus) == ("UnmappedValue", "jeu, 19/12/2019", RECORD)
    assert (note.path, note.shape) == ("http://purl.org/dc/terms/issued", f"{SHAPE}practice-issued")
    name = load().field("practice", "issued").name["fr"]
    assert name in load().message(note, "fr") and "jeu, 19/12/2019" in load().message(note, "fr")


def test_a_note_about_no_field_is_kept(validator: Validator) -> None:
    (note,) = (
        r for r in validator.check(practice(), [Note("moonPhase", "full")]).results if r.component == "UnmappedValue"
    )
    assert (note.path, note.shape) == ("moonPhase", "") and "full" in load().message(note, "hu")


def test_what_is_unreadable_says_why_in_the_readers_language() -> None:
    report = unreadable("The XML ends too soon.", RECORD)
    assert not report.valid and report.results[0].component == "Unreadable"
    messages = {load().message(report.results[0], language) for language in LANGUAGES}
    assert len(messages) == len(LANGUAGES)
    assert all("The XML ends too soon" in message and "soon.." not in message for message in messages)


@pytest.mark.parametrize("statements", ["", "<http://x.org/a> <http://x.org/b> <http://x.org/c> .\n"])
def test_a_record_of_no_kind_is_not_valid(validator: Validator, statements: str) -> None:
    for report in (validator.check(statements), validator.validate_text(statements), validator.reference(statements)):
        assert [r.component for r in report.results] == ["Unreadable"]


def test_a_type_inside_a_text_is_no_type(validator: Validator) -> None:
    text = f'<{RECORD}> <http://x.org/p> "<x:a> <{RDF.type.value}> <https://w3id.org/co-ped/ns#GoodPractice> ." .\n'
    assert [r.component for r in validator.check(text).results] == ["Unreadable"]


def test_a_note_is_about_the_record_not_what_it_embeds(validator: Validator) -> None:
    practice_of_many = example("valid/practice-rich")
    (note,) = (
        r for r in validator.check(practice_of_many, [Note("theme", "x")]).results if r.component == "UnmappedValue"
    )
    assert note.focus == "http://localhost:8000/id/practice/example-it/cappotto-condiviso"


def test_another_nodes_kind_does_not_make_a_record(validator: Validator) -> None:
    assert validator.check(practice(), record=RECORD).valid
    assert [r.component for r in validator.check(practice(), record=f"{RECORD}-2").results] == ["Unreadable"]


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (practice() + "\0", "NUL"),
        (practice().replace("Een dak.", "Een\\u0000dak."), "NUL"),
        (practice() + f'<{RECORD}> <http://x.org/p> "open .\n', "RDF"),
        (practice() + f'<{RECORD}> <http://x.org/p> "x"@de_DE .\n', "RDF"),
        (practice() + f"<{RECORD}> <http://x.org/p> <http://x.org/a b> .\n", "RDF"),
        ("x" * 16_000_001, "16,000,000"),
    ],
    ids=["nul", "nul escaped", "open quote", "wrong tag", "wrong IRI", "huge"],
)
def test_what_no_engine_reads_is_rejected_with_the_reason(validator: Validator, statements: str, reason: str) -> None:
    for judge in (validator.check, validator.validate_text, validator.reference):
        with pytest.raises(Rejected, match=reason):
            judge(statements)


def test_an_escaped_backslash_is_no_nul(validator: Validator) -> None:
    assert validator.check(practice(title='"a\\\\u0000"@nl')).valid


def test_a_large_record_is_judged(validator: Validator) -> None:
    many = " , ".join(f'"trefwoord {number}"@nl' for number in range(20_000))
    leads = " , ".join(f"<{RECORD}#lead-{number}>" for number in range(5_000))
    text = practice(f"<{RECORD}> dcat:keyword {many} ; dct:creator {leads} .")
    text += "".join(
        f"<{RECORD}#lead-{number}> <{RDF.type.value}> <{ORG.Organization.value}> .\n"
        f'<{RECORD}#lead-{number}> <{FOAF.name.value}> "Lid"@nl .\n'
        for number in range(5_000)
    )
    assert validator.check(text).valid
    assert not validator.check(text.replace("Lid", "")).valid


def test_several_threads_share_a_validator(validator: Validator) -> None:
    texts = [ntriples(file.read_text("utf-8")) for file in (*VALID, *INVALID)]
    alone = [Validator(load()).check(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(validator.check, texts * 3))
    assert together == alone * 3
    assert validator.disagreements.count == 0


def test_a_graph_is_told_like_its_text(validator: Validator) -> None:
    text = example("invalid/place-nuts-code-of-another-table")
    triples = frozenset(quad.triple for quad in parse(text, format=RdfFormat.N_TRIPLES))
    assert validator.validate(triples) == validator.validate_text(text)


# What a later version will require

COMING = """
    @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix coped: <https://w3id.org/co-ped/ns#> .
    @prefix shape: <https://w3id.org/co-ped/shape/> . @prefix x: <http://x.org/> .
    shape:Small a sh:NodeShape ; sh:targetClass coped:GoodPractice ; sh:property shape:a , shape:b , shape:c .
    shape:a a sh:PropertyShape ; sh:path x:a ; sh:minCount 1 ; sh:severity sh:Warning ; coped:futureChange shape:next .
    shape:b a sh:PropertyShape ; sh:path x:b ; sh:minCount 1 ; coped:futureChange shape:next .
    shape:c a sh:PropertyShape ; sh:path x:c ; sh:minCount 1 ; sh:severity sh:Info ; coped:futureChange shape:soft .
    shape:next coped:version "7.0" ; coped:severity sh:Violation .
    shape:soft coped:version "7.0" ; coped:severity sh:Info ."""


def test_what_a_later_version_refuses_is_told_today(tmp_path: Path) -> None:
    folder = shutil.copytree(resource("schema"), tmp_path / "schema")
    (folder / "shapes" / "coming.ttl").write_text(COMING, "utf-8")
    profile = Profile(folder)
    report = Validator(profile).check(practice())
    (coming,) = (r for r in report.results if r.component == "FutureChange" and r.path.startswith("http://x.org/"))
    assert (coming.severity, coming.shape, coming.limit) == ("Info", f"{SHAPE}a", "7.0")
    messages = {profile.message(coming, language) for language in LANGUAGES}
    assert len(messages) == len(LANGUAGES) and all("7.0" in message for message in messages)
    assert Validator(profile).check(practice(f'<{RECORD}> <http://x.org/b> "b" .')).valid  # it refuses nothing yet


def test_a_missing_licence_is_announced(validator: Validator) -> None:
    (coming,) = (r for r in validator.check(practice()).results if r.component == "FutureChange")
    assert coming.shape == f"{SHAPE}practice-licence-recommended" and coming.severity == "Info"
    licensed = practice(f"<{RECORD}> dct:license <http://creativecommons.org/licenses/by/4.0/> .")
    assert not [r for r in validator.check(licensed).results if r.component == "FutureChange"]
    told = serialize(report_graph(ValidationReport((coming,)), RECORD, load()), format=RdfFormat.N_TRIPLES) or b""
    assert b"<https://w3id.org/co-ped/ns#FutureChange>" in told


# The report in JSON and in RDF


@pytest.mark.parametrize("file", INVALID, ids=lambda file: file.stem)
def test_a_report_comes_back_from_json(validator: Validator, file: Path) -> None:
    report = validator.check(ntriples(file.read_text("utf-8")), [Note("theme", 'a "theme" {x}\ud800\0')])
    kept = report_json(report)
    assert report_from_json(kept) == report and report_json(report_from_json(kept)) == kept
    assert kept.encode() and "\\u0000" not in kept


def test_an_erased_report_is_empty() -> None:
    assert report_from_json("") == report_from_json('{"results": []}') == ValidationReport()


@pytest.mark.parametrize("file", INVALID, ids=lambda file: file.stem)
def test_a_report_in_rdf_is_named_and_complete(validator: Validator, file: Path) -> None:
    report = validator.check(ntriples(file.read_text("utf-8")), [Note("theme", "energie")])
    graph = report_graph(report, RECORD, load())
    assert not any(isinstance(term, BlankNode) for triple in graph for term in (triple.subject, triple.object))
    results = {t.subject for t in graph if t.predicate == RDF.type and t.object == SH.ValidationResult}
    assert results == {NamedNode(f"{RECORD}#report-{n}") for n in range(1, len(report.results) + 1)}
    for result in results:
        told = [t for t in graph if t.subject == result]
        messages = [t.object for t in told if t.predicate == SH.resultMessage]
        assert {m.language for m in messages if isinstance(m, Literal)} == set(LANGUAGES)
        for predicate in (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent):
            assert len([t for t in told if t.predicate == predicate]) == 1


def test_a_report_in_rdf_has_the_very_term(validator: Validator) -> None:
    report = validator.validate_text(example("invalid/venue-negative-floor-area"))
    values = {t.object for t in report_graph(report, RECORD, load()) if t.predicate == SH.value}
    assert values == {Literal("-40.0", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))}


def test_an_empty_report_conforms() -> None:
    node = NamedNode(f"{RECORD}#report")
    values = {t.predicate: t.object for t in report_graph(ValidationReport(), RECORD, load()) if t.subject == node}
    assert isinstance(conforms := values[SH.conforms], Literal) and conforms.value == "true"


def test_an_unreadable_record_has_a_report_in_rdf() -> None:
    graph = report_graph(unreadable("It ends too soon."), RECORD, load())
    assert {t.object for t in graph if t.predicate == SH.focusNode} == {NamedNode(RECORD)}
