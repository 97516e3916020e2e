"""The forms of a report on files: text for people; JSON, Turtle and JUnit for machines."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final
from xml.etree import ElementTree

from pyoxigraph import RdfFormat, serialize
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from hub.languages import catalogue
from hub.model import Result
from hub.namespaces import PREFIXES
from hub.profile import Profile
from hub.validation.checks import Checked
from hub.validation.reports import report_graph
from hub.validation.words import Words, plain

_STYLES: Final = {"Violation": "bold red", "Warning": "yellow", "Info": "cyan"}
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNWRAPPED: Final = 1_000_000  # columns: where nobody reads, no line is broken
Form = Callable[[Sequence[Checked], Profile, str], str]


def print_text(checked: Sequence[Checked], language: str) -> None:
    """A block for each record, fields that have to be mended first; coloured and wrapped where it is a terminal."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_UNWRAPPED)
    for one in checked:
        for indent, line in _block(one, language):
            console.print(Padding(line, (0, 0, 0, indent), expand=False), highlight=False)
    console.print(Text(_summary(checked, language), "bold"))


def _block(one: Checked, language: str) -> Iterator[tuple[int, Text]]:
    said = catalogue(language)
    if one.words is None:
        told = said.gettext("{file} cannot be read: {reason}").format(file=one.file, reason=plain(one.problem))
        yield 0, Text(f"✗ {told}", "bold red")
        return
    mark = ("✓ ", "bold green") if one.report.valid else ("✗ ", "bold red")
    yield 0, Text.assemble(mark, (one.words.name(), "bold"), (f"  ({one.file})", "dim"))
    yield from remarks(one.report.results, one.words, language)


def remarks(results: Sequence[Result], words: Words, language: str) -> Iterator[tuple[int, Text]]:
    """Lines with their indentation: each field, what was found there and what to do; the gravest results come first."""
    fields: dict[str, list[Result]] = {}
    for result in results:
        fields.setdefault(words.subject(result), []).append(result)
    for subject, about in fields.items():
        if subject:  # what cannot be read has no field
            yield 4, Text(subject, "bold")
        yield from _field(about, words, language)


def _field(results: Sequence[Result], words: Words, language: str) -> Iterator[tuple[int, Text]]:
    said = catalogue(language)
    grave = [result for result in results if result.severity == "Violation"]
    for found in dict.fromkeys(words.found(result) for result in grave):
        told = said.gettext("Found: {value}").format(value=found)
        yield 6, Text(told if found else said.gettext("Nothing was found."))
    for result in results:
        style = _STYLES.get(result.severity, "")
        name = severity_name(result.severity, language)
        yield 6, Text.assemble((f"{name}: ", style), words.message(result))
    if grave and (about := words.help(grave[0])):
        yield 6, Text(said.gettext("About this field: {words}").format(words=plain(about)), "dim")


def severity_name(severity: str, language: str) -> str:
    said = catalogue(language)
    names = {"Violation": said.gettext("To mend"), "Warning": said.gettext("Recommended")}
    return names.get(severity, said.gettext("For information"))


def _summary(checked: Sequence[Checked], language: str) -> str:
    said = catalogue(language)
    records = [one for one in checked if not one.problem]
    valid = sum(one.report.valid for one in records)
    told = said.gettext("Records: {records}. Valid: {valid}. To mend: {invalid}.")
    told = told.format(records=len(records), valid=valid, invalid=len(records) - valid)
    if unread := len(checked) - len(records):
        told += " " + said.gettext("Files that cannot be read: {count}.").format(count=unread)
    return told


def as_json(checked: Sequence[Checked], profile: Profile, language: str) -> str:
    told = {
        "valid": all(one.report.valid for one in checked),
        "language": language,
        "records": [_record(one, one.words, language) for one in checked if one.words],
        "unreadable": [{"file": str(one.file), "reason": one.problem} for one in checked if one.problem],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _record(one: Checked, words: Words, language: str) -> Mapping[str, Any]:
    return {
        "file": str(one.file),
        "id": one.iri,
        "kind": one.kind,
        "title": words.title(),
        "valid": one.report.valid,
        "results": [result_told(result, words) for result in one.report.results],
    }


def result_told(result: Result, words: Words) -> Mapping[str, Any]:
    return {
        "severity": result.severity,
        "focus": result.focus,
        "path": result.path,
        "value": result.value,
        "constraint": result.component,
        "shape": result.shape,
        "field": words.subject(result),
        "message": words.message(result),
    }


def as_turtle(checked: Sequence[Checked], profile: Profile, language: str) -> str:
    """A `sh:ValidationReport` for each record, and for each file that cannot be read; in all languages."""
    triples = [triple for one in checked for triple in sorted(report_graph(one.report, one.iri, profile), key=str)]
    prefixes = {name: str(namespace) for name, namespace in PREFIXES.items()}
    return (serialize(triples, format=RdfFormat.TURTLE, prefixes=prefixes) or b"").decode()


def as_junit(checked: Sequence[Checked], profile: Profile, language: str) -> str:
    """A test suite for each file, a test case for each record: the XML that continuous integration reads."""
    root = ElementTree.Element("testsuites", name="hub validate")
    for file, group in groupby(checked, key=lambda one: one.file):
        members = list(group)
        suite = ElementTree.SubElement(root, "testsuite", name=_xml(str(file)), tests=str(len(members)))
        suite.set("failures", str(sum(not one.report.valid and not one.problem for one in members)))
        suite.set("errors", str(sum(bool(one.problem) for one in members)))
        for one in members:
            _case(suite, one, language)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _case(suite: ElementTree.Element, one: Checked, language: str) -> None:
    if one.words is None:
        case = ElementTree.SubElement(suite, "testcase", classname="file", name=_xml(str(one.file)))
        ElementTree.SubElement(case, "error", message=_xml(one.problem))
        return
    name = f"{one.words.name()} <{one.iri}>"
    case = ElementTree.SubElement(suite, "testcase", classname=one.kind, name=_xml(name))
    grave = [result for result in one.report.results if result.severity == "Violation"]
    others = [result for result in one.report.results if result.severity != "Violation"]
    if grave:
        told = _lines(grave, one.words, language)
        failure = ElementTree.SubElement(case, "failure", message=_xml(told[0]), type=grave[0].component)
        failure.text = _xml("\n".join(told))
    if others:
        ElementTree.SubElement(case, "system-out").text = _xml("\n".join(_lines(others, one.words, language)))


def _lines(results: Sequence[Result], words: Words, language: str) -> list[str]:
    return [f"{severity_name(r.severity, language)}: {words.subject(r)}: {words.message(r)}" for r in results]


def _xml(text: str) -> str:
    return _NOT_XML.sub("�", text)


FORMS: Final[Mapping[str, Form]] = {"json": as_json, "ttl": as_turtle, "junit": as_junit}
