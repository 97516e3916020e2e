"""`hub validate`: what it tells of files, for people in seven languages and for machines, and how it leaves."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse, serialize
from typer.testing import CliRunner

from hub.cli import app
from hub.languages import LANGUAGES
from hub.namespaces import COPED, RDF, SH
from hub.profile import load
from hub.settings import resource
from hub.validation import Validator
from hub.web.rdf import render
from tests.command import environment

EXAMPLES = resource("schema") / "examples"
INVALID = sorted(EXAMPLES.glob("invalid/*.ttl"))
PREFIXES = """
    @prefix dct: <http://purl.org/dc/terms/> . @prefix coped: <https://w3id.org/co-ped/ns#> .
    @prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix org: <http://www.w3.org/ns/org#> .
    @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix locn: <http://www.w3.org/ns/locn#> .
    @prefix country: <http://publications.europa.eu/resource/authority/country/> .
    @prefix : <https://example.org/> ."""
ROOF = ':roof a coped:GoodPractice ; dct:title "Dak"@nl , "Roof"@en ; dct:description "Een dak."@nl'
LAND = "coped:country country:NLD"
NAMED = 'a org:Organization ; foaf:name "Dakgenoten"@nl'


def validate(*arguments: str | Path, expected: int = 0) -> str:
    done = CliRunner().invoke(app, ["validate", *map(str, arguments)])
    assert done.exit_code == expected, done.output
    return done.output


def told(*arguments: str | Path, expected: int = 0) -> Any:
    return json.loads(validate(*arguments, "--format", "json", expected=expected))


def write(folder: Path, text: str, name: str = "file.ttl") -> Path:
    (folder / name).write_text(PREFIXES + text, "utf-8")
    return folder / name


def titles(report: Any) -> list[tuple[str, str, bool]]:
    return [(record["kind"], record["title"], record["valid"]) for record in report["records"]]


# For people


def _instructions(language: str) -> list[str]:
    """What the profile itself says with addresses and patterns in it, the longest first."""
    fields = load().by_shape.values()
    words = {field.description.get(language, "") for field in fields} | {f.limits.get("pattern", "") for f in fields}
    return sorted((" ".join(text.split()) for text in words if "://" in text or "[" in text), key=len, reverse=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_invalid_example_is_told_without_an_iri(language: str) -> None:
    output = validate(*INVALID, "--lang", language, expected=1)
    for words in _instructions(language):
        output = output.replace(words, "")
    assert not re.search(r"\w://\w|localhost|\bmailto:|\burn:|\bcoped:|None|ConstraintComponent|\{[a-z]+\}", output)


def test_each_result_is_told_under_its_field() -> None:
    blocks = validate(*INVALID, "--lang", "sv", expected=1).split("\n✗ ")
    records = told(*INVALID, "--lang", "sv", expected=1)["records"]
    assert len(blocks) == len(records) == len(INVALID)
    for record, block in zip(records, blocks, strict=True):
        fields = dict(re.findall(r"^ {4}(\S.*)\n((?: {6}.*\n)+)", block + "\n", re.MULTILINE))
        for result in record["results"]:
            assert result["message"] in fields[result["field"]]
            if result["severity"] == "Violation":
                assert fields[result["field"]].startswith(("      Angivet: ", "      Inget hittades."))


def test_value_rule_and_remedy_are_told_in_swedish() -> None:
    output = validate(EXAMPLES / "invalid" / "period-start-in-words.ttl", "--lang", "sv", expected=1)
    assert "✗ Gott exempel: Een warm dak (voorbeeld)" in output
    assert "    Period 1 › Start\n      Angivet: spring 2024\n      Att rätta: I fältet ”Start”" in output
    assert "Skriv år-månad-dag, till exempel 2025-03-31" in output
    assert output.rstrip().endswith("Poster: 1. Giltiga: 0. Att rätta: 1.")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("practice-two-outcomes", "Gefunden: Gelungen; Nicht gelungen"),
        ("practice-country-not-in-the-table", "Gefunden: XYZ"),
        ("practice-title-missing", "✗ Praxisbeispiel 1 "),
        ("place-nuts-code-of-another-table", "Ort: Utrecht › NUTS-Region"),
        ("document-two-licences", "by-sa/4.0; by/4.0"),
        ("practice-recognition-ends-before-it-begins", "(Gültig bis: 2023-05-01, Gültig ab: 2024-05-01)"),
        ("practice-place-of-wrong-class", "(erwartet: Ort)"),
        ("period-end-before-start", "Zeitraum 1 (Ende: 2023-05-31, Beginn: 2024-06-01)"),
    ],
)
def test_things_have_names(name: str, words: str) -> None:
    assert words in validate(EXAMPLES / "invalid" / f"{name}.ttl", "--lang", "de", expected=1)


def test_a_terminal_gets_colours_and_a_pipe_does_not(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hub", "validate", str(INVALID[0])]
    env = {k: v for k, v in environment(tmp_path, TERM="xterm-256color", COLUMNS="60").items() if k != "NO_COLOR"}
    ours, theirs = pty.openpty()
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=env, check=False)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "\x1b[1;31m" in shown
    lines = re.sub(r"\x1b\[[\d;]*m", "", shown).splitlines()
    assert max(map(len, lines)) <= 60 and sum(line.startswith("      ") for line in lines) > 10
    piped = subprocess.run(command, capture_output=True, env=env, check=False).stdout.decode()
    assert "\x1b" not in piped and max(map(len, piped.splitlines())) > 60


def test_a_value_cannot_steer_the_terminal(tmp_path: Path) -> None:
    file = write(tmp_path, ROOF + f' ; {LAND} ; dct:issued "\\u001b[2J[bold]soon[/bold]\\nnow" .')
    output = validate(file, expected=1)
    assert "Found: [2J[bold]soon[/bold] now" in output and "\x1b" not in output


# For machines


def test_json_says_what_the_validator_says() -> None:
    names = ("severity", "focus", "path", "value", "constraint", "shape")
    report, judge = told(*INVALID, "--lang", "hu", expected=1), Validator(load())
    assert (report["valid"], report["language"], report["unreadable"]) == (False, "hu", [])
    assert [record["file"] for record in report["records"]] == list(map(str, INVALID))
    for file, record in zip(INVALID, report["records"], strict=True):
        expected = judge.validate(frozenset(q.triple for q in parse(path=file, format=RdfFormat.TURTLE)))
        facts = [(r.severity, r.focus, r.path, r.value, r.component, r.shape) for r in expected.results]
        assert [tuple(result[name] for name in names) for result in record["results"]] == facts
        assert not record["valid"] and all(result["message"] and result["field"] for result in record["results"])


def test_turtle_is_a_validation_report_for_each_record(tmp_path: Path) -> None:
    broken = write(tmp_path, "nonsense", "broken.ttl")
    output = validate(EXAMPLES, broken, "--format", "ttl", expected=2)
    store = Store()
    store.extend(parse(output, format=RdfFormat.TURTLE))
    reports = list(store.quads_for_pattern(None, RDF.type, SH.ValidationReport))
    assert 1 < len(reports) <= len(list(EXAMPLES.glob("*/*.ttl"))) + 1  # examples share the names of their records
    results = {quad.object for quad in store.quads_for_pattern(None, SH.result, None)}
    for result in results:
        for predicate in (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent):
            assert list(store.quads_for_pattern(result, predicate, None))
    (unread,) = store.quads_for_pattern(None, SH.sourceConstraintComponent, COPED.Unreadable)
    focus = NamedNode(broken.absolute().as_uri())
    assert [quad.object for quad in store.quads_for_pattern(unread.subject, SH.focusNode, None)] == [focus]


def test_junit_has_a_case_for_each_record(tmp_path: Path) -> None:
    write(tmp_path, "nonsense", "a.ttl")
    write(tmp_path, f'{ROOF} ; {LAND} . :other a coped:GoodPractice ; dct:title "Een \\u0001"@nl .', "b.ttl")
    root = ElementTree.fromstring(validate(tmp_path, "--format", "junit", "--lang", "nl", expected=2))
    first, second = root.iter("testsuite")
    assert (first.get("errors"), first.get("failures"), first.get("tests")) == ("1", "0", "1")
    assert (second.get("errors"), second.get("failures"), second.get("tests")) == ("0", "1", "2")
    assert "line 6" in first[0][0].get("message", "")
    good, bad = second
    assert good.find("failure") is None and good.findtext("system-out", "").startswith("Aanbevolen: ")
    failure = bad.find("failure")
    assert failure is not None and "Samenvatting" in failure.get("message", "") and bad.get("classname") == "practice"


def test_machine_forms_are_the_output_alone() -> None:
    minimal = EXAMPLES / "valid" / "practice-minimal.ttl"
    assert told(minimal)["valid"]
    assert list(parse(validate(minimal, "--format", "ttl"), format=RdfFormat.TURTLE))
    assert ElementTree.fromstring(validate(minimal, "--format", "junit")).find(".//failure") is None


# Records in files


def test_each_record_of_a_file_is_judged_by_itself(tmp_path: Path) -> None:
    text = f'{ROOF} ; {LAND} . :day a <http://data.europa.eu/m8g/PublicEvent> ; dct:title "Dag"@nl . :club {NAMED} .'
    report = told(write(tmp_path, text), expected=1)
    assert titles(report) == [("practice", "Roof", True), ("event", "Dag", False), ("organisation", "Dakgenoten", True)]
    assert "Records: 3. Valid: 2. To mend: 1." in validate(tmp_path, expected=1)


def test_what_a_record_mentions_is_part_of_it(tmp_path: Path) -> None:
    text = f'{ROOF} ; {LAND} ; dct:creator :club . :club a org:Organization ; foaf:name ""@nl .'
    (record,) = told(write(tmp_path, text), expected=1)["records"]
    (fault,) = (r for r in record["results"] if r["severity"] == "Violation")
    assert (fault["focus"], fault["field"]) == ("https://example.org/club", "Organisation 1 › Name")


def test_what_a_catalogue_lists_is_a_record_and_told_once(tmp_path: Path) -> None:
    listed = f"{ROOF} ; {LAND} ; dct:creator :club . :club a org:Organization . :entry foaf:primaryTopic :club ."
    report = told(write(tmp_path, listed), expected=1)
    assert titles(report) == [("practice", "Roof", True), ("organisation", "", False)]


def test_records_that_name_each_other_are_all_told(tmp_path: Path) -> None:
    ring = f"{ROOF} ; {LAND} . :a {NAMED} ; org:subOrganizationOf :b . :b {NAMED} ; org:subOrganizationOf :a ."
    report = told(write(tmp_path, ring))
    assert [record["id"][-4:] for record in report["records"]] == ["roof", "rg/a"]


def test_a_blank_node_is_named_as_a_harvest_names_it(tmp_path: Path) -> None:
    text = f'{ROOF} ; {LAND} ; dct:spatial [ a dct:Location ; locn:geographicName "Deventer"@nl ] .'
    (record,) = told(write(tmp_path, text))["records"]
    assert not [r for r in record["results"] if r["severity"] == "Violation"]
    unnamed = write(tmp_path, text.replace(":roof a", "[] a").replace(" .", " ] .").replace("] ] .", "] ."), "b.ttl")
    (record,) = told(unnamed)["records"]
    assert record["title"] == "Roof" and record["id"].startswith("file:")


@pytest.mark.parametrize("suffix", ["ttl", "nt", "rdf", "jsonld", "nq", "trig"])
def test_a_record_is_told_alike_in_every_format(tmp_path: Path, suffix: str) -> None:
    source = EXAMPLES / "invalid" / "grant-negative-amount.ttl"
    form = RdfFormat.from_extension(suffix)
    assert form
    triples = [quad.triple for quad in parse(path=source, format=RdfFormat.TURTLE)]
    (tmp_path / f"record.{suffix}").write_bytes(serialize(triples, format=form) or b"")
    (record,), (expected,) = (told(f, expected=1)["records"] for f in (tmp_path / f"record.{suffix}", source))
    assert record["results"] == expected["results"]


def test_the_hubs_own_json_ld_is_read_without_the_network(tmp_path: Path) -> None:
    triples = [quad.triple for quad in parse(path=EXAMPLES / "valid" / "practice-rich.ttl", format=RdfFormat.TURTLE)]
    statements = (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode()
    served = render(statements, "jsonld", "https://hub.example/context.jsonld", load().context)
    (tmp_path / "record.jsonld").write_bytes(served)
    assert titles(told(tmp_path)) == [("practice", "A new roof with the members of the neighbourhood", True)]
    (tmp_path / "record.jsonld").write_bytes(served.replace(b"context.jsonld", b"elsewhere"))
    assert "cannot be read" in validate(tmp_path, expected=2)


def test_the_graphs_of_a_dump_are_not_merged(tmp_path: Path) -> None:
    graphs = [f"GRAPH :g{n} {{ :n{n} {NAMED} ; org:subOrganizationOf :net . :net {NAMED} }}" for n in range(2)]
    report = told(write(tmp_path, "\n".join(graphs), "dump.trig"))
    assert [record["id"][-2:] for record in report["records"]] == ["n0", "n1"]


# How it leaves


def test_the_exit_status(tmp_path: Path) -> None:
    valid, invalid = EXAMPLES / "valid" / "practice-rich.ttl", INVALID[0]
    broken = write(tmp_path, "this is no Turtle", "broken.ttl")
    assert "✓" in validate(valid, expected=0)
    validate(valid, invalid, expected=1)
    output = validate(valid, broken, invalid, expected=2)
    assert "broken.ttl cannot be read: Parser error at line" in output and "Records: 2. Valid: 1." in output


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_be_read_is_told_in_the_readers_language(tmp_path: Path, language: str) -> None:
    (tmp_path / "table.csv").write_text("a,b", "utf-8")
    (tmp_path / "empty.ttl").write_text("", "utf-8")
    (tmp_path / "folder").mkdir()
    paths = [tmp_path / name for name in ("table.csv", "empty.ttl", "folder")]
    lines = validate(*paths, "--lang", language, expected=2).splitlines()
    assert ".ttl, .nt, .rdf, .jsonld" in lines[0] and ".ttl, .nt, .rdf, .jsonld" in lines[2]
    assert load().kinds["venue"].names[language] in lines[1]
    assert ("cannot be read" in lines[0]) == (language == "en")


@pytest.mark.parametrize(("option", "value"), [("--lang", "xx"), ("--format", "pdf")])
def test_an_option_that_is_not_there_is_named_with_those_that_are(option: str, value: str) -> None:
    output = " ".join(validate(INVALID[0], option, value, expected=2).split())
    assert option in output and f"'{value}' is not valid; allowed: " in output


def test_a_record_too_strange_for_any_engine_costs_itself(tmp_path: Path) -> None:
    report = told(write(tmp_path, f'{ROOF} ; {LAND} ; dct:subject "\\u0000" . :club {NAMED} .'), expected=1)
    assert titles(report) == [("practice", "Roof", False), ("organisation", "Dakgenoten", True)]
    assert "NUL" in report["records"][0]["results"][0]["message"]
