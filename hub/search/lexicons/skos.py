"""Thesauri such as EuroVoc and GEMET: SKOS in any syntax of RDF; the labels of one concept are translations."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from hub.namespaces import DCT, RDF, SKOS
from hub.search.lexicons.reading import About, LexiconError, Named, beginning, cleaned, opened, ours

_SYNTAXES: Final = (
    (re.compile(r"<(?:\w+:)?RDF\b"), RdfFormat.RDF_XML),
    (re.compile(r"^\s*(?:@prefix|@base|prefix\b|base\b)", re.IGNORECASE | re.MULTILINE), RdfFormat.TURTLE),
    (re.compile(r"^(?:<[^>]*>|_:\S+) <[^>]*> .* \.\s*$", re.MULTILINE), RdfFormat.N_TRIPLES),
    (re.compile(r'^\s*[{\[].*"@(?:context|graph|id)"', re.DOTALL), RdfFormat.JSON_LD),
)
Term = NamedNode | BlankNode | Literal | Triple
_LABELS: Final = (SKOS.prefLabel, SKOS.altLabel)
_TITLES: Final = {DCT.title.value, "http://purl.org/dc/elements/1.1/title"}
_LICENCES: Final = {DCT.license.value, DCT.rights.value, "http://purl.org/dc/elements/1.1/rights"}


def syntax(start: str) -> RdfFormat | None:
    return next((found for pattern, found in _SYNTAXES if pattern.search(start)), None)


def read(files: Sequence[Path], about: About) -> Iterator[Named]:
    for file in files:
        schemes: list[str] = []
        told: dict[tuple[str, bool], str] = {}  # (subject, whether it is the licence) → text
        for quad in _quads(file):
            named = _label(quad)
            if named:
                yield named
            elif quad.predicate == RDF.type and quad.object == SKOS.ConceptScheme:
                schemes.append(str(quad.subject))
            elif quad.predicate.value in (*_TITLES, *_LICENCES):
                told.setdefault((str(quad.subject), quad.predicate.value in _LICENCES), _written(quad.object))
        for scheme in schemes:
            about.add(told.get((scheme, False), ""), told.get((scheme, True), ""))


def _written(value: Term) -> str:
    return value.value[:300] if isinstance(value, Literal | NamedNode) else ""


def _quads(file: Path) -> Iterator[Quad]:
    start = beginning(file)
    found = syntax(start)
    if found is None or _has_nested_entities(start):
        raise LexiconError(file, "", "SKOS as RDF/XML (without entities made of entities), Turtle, N-Triples, JSON-LD")
    with opened(file) as content:
        try:
            yield from parse(content, format=found, lenient=True, base_iri="urn:lexicon")
        except SyntaxError as error:
            raise LexiconError(file, f"line {error.lineno or '?'}", f"RDF, not: {error.msg}") from error


def _has_nested_entities(start: str) -> bool:
    """Whether the document type makes a few letters into gigabytes, or does not end within what was looked at."""
    _, found, subset = start.partition("<!DOCTYPE")
    head, end, _ = subset.partition("]>" if "[" in subset.partition(">")[0] else ">")
    return bool(found) and (not end or re.search(r"<!ENTITY[^>]*&(?!#|amp;)", head) is not None)


def _label(quad: Quad) -> Named | None:
    if quad.predicate not in _LABELS or not isinstance(quad.object, Literal):
        return None
    code = ours(quad.object.language or "")
    text = cleaned(quad.object.value, code) if code else ""
    return Named(str(quad.subject), code, text) if code and text else None
