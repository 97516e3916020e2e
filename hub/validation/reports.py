"""A report as RDF: `sh:ValidationReport` (SHACL §3), named under the record and with messages in all languages."""

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from hub.languages import LANGUAGES
from hub.model import Graph, Result, ValidationReport
from hub.namespaces import COPED, RDF, SH, XSD
from hub.profile import Profile
from hub.validation.results import Finding, read_term

_OURS = ("UnmappedValue", "Unreadable", "FutureChange")  # components that are no part of SHACL


def report_graph(report: ValidationReport, record: str, profile: Profile) -> Graph:
    """The report as `{record}#report`, its results as `{record}#report-1` and so on, in their order.

    `sh:conforms` is SHACL's: false where there is any result. Whether the record is served is `report.valid`.
    """
    node = NamedNode(f"{record}#report")
    triples = [Triple(node, RDF.type, SH.ValidationReport), Triple(node, SH.conforms, _boolean(not report.results))]
    for number, result in enumerate(report.results, 1):
        name = NamedNode(f"{record}#report-{number}")
        triples.append(Triple(node, SH.result, name))
        triples += [Triple(name, p, o) for p, o in _statements(result, record, profile)]
    return frozenset(triples)


def _boolean(value: bool) -> Literal:
    return Literal(str(value).lower(), datatype=XSD.boolean)


def _statements(result: Result, record: str, profile: Profile) -> Iterator[tuple[NamedNode, NamedNode | Literal]]:
    yield RDF.type, SH.ValidationResult
    yield SH.focusNode, NamedNode(result.focus if ":" in result.focus[1:] else record)
    yield SH.resultSeverity, SH[result.severity]
    yield SH.sourceConstraintComponent, (COPED if result.component in _OURS else SH)[result.component]
    if result.shape:
        yield SH.sourceShape, NamedNode(result.shape)
    if ":" in result.path and not set(result.path) & set("<>() "):  # a complex path has no IRI
        yield SH.resultPath, NamedNode(result.path)
    term = read_term(result.term) if isinstance(result, Finding) and result.term else None
    if isinstance(term, NamedNode | Literal):
        yield SH.value, term
    for language in LANGUAGES:
        yield SH.resultMessage, Literal(profile.message(result, language), language=language)
