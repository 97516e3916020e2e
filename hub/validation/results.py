"""Validation results: their terms and words, and the JSON in which the ledger keeps a report."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from hub.model import Note, Result, ValidationReport
from hub.profile import Profile

Term = NamedNode | BlankNode | Literal

MOST = 500  # results of one report; a hostile record makes one a value
LONGEST = 300  # characters of a value in a message
LONGEST_TERM = 2_000  # characters of a term that a report repeats
SEVERITIES = ("Violation", "Warning", "Info")


@dataclass(frozen=True, slots=True)
class Finding(Result):
    """A result with the very term that was found, in N-Triples; None where it is too long to be repeated.

    `value` is the same for people: the lexical form or the IRI, cut after LONGEST characters.
    """

    term: str | None = None


def read_term(text: str) -> Term:
    """A term in N-Triples syntax; ValueError for any other text."""
    if text.startswith("_:"):
        return BlankNode(text[2:])
    for quad in parse(f"<x:s> <x:p> {text} .", format=RdfFormat.N_TRIPLES):
        if isinstance(quad.object, NamedNode | BlankNode | Literal):
            return quad.object
    raise ValueError(f"{text[:100]!r} is no RDF term")


def shown(text: str) -> str:
    """A text that a message and a database can take: without what UTF-8 cannot hold, and not too long."""
    clean = text.encode("utf-8", "replace").decode().replace("\0", "�")
    return clean if len(clean) <= LONGEST else f"{clean[:LONGEST]}…"


def finding(focus: str, path: str, term: Term | None, component: str, shape: str, severity: str) -> Finding:
    """What an engine found; its limit is added by the validator."""
    told = str(term) if term else None
    value = shown(term.value) if term else None
    kept = told if told and len(told) <= LONGEST_TERM else None
    return Finding(focus, path, value, component, shape, severity, term=kept)


def remark(profile: Profile, focus: str, kind: str | None, note: Note) -> Finding:
    """A crosswalk's note as a result of severity Info; `shape` and `path` are the field's where the kind has it."""
    field = next((f for f in (profile.fields(kind) if kind else ()) if f.key == note.field), None)
    path, shape = (field.path, field.shape) if field else (note.field, "")
    return replace(finding(focus, path, Literal(shown(note.value)), note.component, shape, "Info"))


def unreadable(reason: str, focus: str = "") -> ValidationReport:
    """The report of a record that could not be read, mapped or recognised: one Violation, its value is the reason."""
    words = shown(reason).rstrip(". ")
    return ValidationReport((Finding(focus, "", words, "Unreadable", "", "Violation"),))


def report_of(results: Iterable[Finding]) -> ValidationReport:
    """The report in a stable order, violations first; at most MOST results, the last of which tells of the others."""
    ordered = sorted(results, key=_order)
    kept, left = ordered[:MOST], len(ordered) - MOST
    if left > 0:
        kept[-1] = replace(kept[-1], note=f"{left} more results are not listed")
    return ValidationReport(tuple(kept))


def _order(result: Finding) -> tuple[int, str, str, str, str, str]:
    rank = SEVERITIES.index(result.severity) if result.severity in SEVERITIES else 0
    return rank, result.focus, result.path, result.component, result.shape, result.term or result.value or ""


def sameness(results: Iterable[Finding]) -> Counter[tuple[str, ...]]:
    """What two engines must tell alike. The path is left out: the shape has it, and complex paths have no one text."""
    return Counter((r.focus, r.component, r.shape, r.severity, r.term or r.value or "") for r in results)


def report_json(report: ValidationReport) -> str:
    """The report as the ledger keeps it: the same text for the same report, without what is not there."""
    results = [{key: value for key, value in asdict(result).items() if value is not None} for result in report.results]
    return json.dumps({"results": results}, ensure_ascii=False, separators=(",", ":"))


def report_from_json(text: str) -> ValidationReport:
    """The report that `report_json` wrote; an erased one (an empty text) holds nothing."""
    told = json.loads(text)["results"] if text else []
    return ValidationReport(tuple(Finding(**{"value": None, **result}) for result in told))
