"""Odd values, and how a sound payload is made odd: by a few small changes each, which hypothesis draws and shrinks.

A row for each crosswalk (`SHAPES`): payloads that are near to real ones. Real payloads are among them where they lie
beside the checkout; those written here have every key that the crosswalk reads.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, parse

from harvesters.closure import by_subject, own_part, payload
from harvesters.rdf import iri_text, literal_text
from hub.languages import LANGUAGES as SERVED
from hub.namespaces import PREFIXES, VCARD
from hub.profile import load
from tests.harvesters.conftest import PAYLOADS

XML, JSON, N_TRIPLES = "application/xml", "application/json", "application/n-triples"
TEXTS: Final = (
    *("", " ", "\0", "a\0b", "\ud800", "\udfff!", "\ufffe", "\ufeff", "\u202ename\u202c", "\u2028", "\x85", "\x1b[2J"),
    *("x" * 20_000, "a" + "\u0301" * 500, "🏚" * 300, "ſt", "İ", "ß" * 300, "\r\n\t", "'\"\\", '"""', "<", "]]>", "&"),
    *("http://a b/c d", "http://[half/", "http://", "//", "http://é.example/ü?ö=ß#ł", "http://a/%zz", "HTTP://A/"),
    *("https://a/" + "b" * 5000, "javascript:alert(1)", "urn:x", "urn:", "mailto:a@b", "a@b.example", "http://a/<b>"),
    *("http://a/\ud800", 'http://a/"', "http://a/{b}|c^`\\"),
    *("http://user:pw@a/", "www.example.org", "http://a http://b"),
    *("2024-02-30", "0000-00-00", "0000-01-01", "-0044-03-15", "99999-01-01"),
    *("2024-13", "2024", "31/12/2019", "12/31/19"),
    *("jeu, 19/12/2019", "2024-01-01T25:61:61Z", "2024-01-01T00:00:00+99:99", "٢٠٢٤-٠١-٠١"),
    *("1889-06/07", "299", "2024/25"),
    *("2024-01-01/2023-01-01", "2024-01-01/..", "P1Y", "R/P1Y", "name=a; start=299; end=250", "start=; end=", "²³"),
    *("1,5", "1.234,56", "1 234.5", "1e400", "-0", "∞", "NaN", "१२"),
    *("٣", "½", "0x10", "1_000", "9" * 5000, "€ 12", "12%"),
    *("POINT(1 2)", "POINT(999 999)", "POINT(NaN 1)", "POINT(1e400 0)"),
    *("POLYGON((0 0,1 1))", "1,2", "46,5, 11,3", "Point"),
    *('{"type":"Point","coordinates":[1]}', '{"type":"Point","coordinates":["a",null]}', '{"type": "Feature"}'),
    *("{}", "[]"),
    *('{"type":"Point","coordinates":[1e999,2]}', '["a", ["b"]]', '{"it": "x", "de": ["y"]}', "[" * 2000, "{" * 2000),
    *("<p>x</p><script>y</script>", "<" * 3000, "&#0;", "&#xd800;", "&#1114112;"),
    *("&amp;amp;", "<!--", "<a <a <a", "</p>"),
    *("de_DE", "en-t-da-t0-mtec", "x-y", "i-klingon", "und", "a-b-c", "-", "it@it", "deu", "italiano", "@", "zz-ZZ-zz"),
    *("cc-by", "CC BY 4.0", "notspecified", "http://creativecommons.org/licenses/by/9.9/", "ITA", "Italia", "IT", "XX"),
    *("a; b;; c", ";", "|", "a|b", ", ,", "null", "None", "true"),
    *("False", "Ja", "sì", "0", "-1", "identifier", "#x", "../x"),
)  # fmt: skip
VALUES: Final = (
    *(None, True, False, 0, -1, 1.5, 1e308, float("nan"), float("inf")),
    *(10**18, 10**400, -0.0, [], {}, [[]], [{}], [None]),
    *({"": ""}, {"\ud800": "\0"}, {"it": None, "de": 3}),
    *({"default": "x"}, {"@value": "x", "@language": "xx-"}, {"id": {}}),
    *({"type": "Point"}, {"type": "Point", "coordinates": [[1]]}, {"name": [{"name": {"name": "x"}}]}, {"value": []}),
    *([["a", ["b", ["c"]]]], ["a"] * 300, [1, "a", None, {"b": 2}]),
    *({"uri": 1, "label": []}, [{"key": "a"}], [{"key": []}]),
)  # fmt: skip


def _nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


ODD: Final = tuple(json.dumps(odd) for odd in (*TEXTS, *VALUES, _nested(30), _nested(400), {"a": _nested(200)}))
WRITABLE: Final = tuple(text.encode("utf-8", "replace").decode() for text in TEXTS)
LANGUAGES: Final = ("", "it", "de-AT", "de_DE", "en-t-da-t0-mtec", "x", "a" * 9, "\ud800", " ", "it it", "und")


Statement = tuple[str, str, str]
T = TypeVar("T")


@dataclass(frozen=True)
class Shape:
    """`draw` makes bytes; `options` are those of a source that such payloads come from."""

    media_type: str
    payloads: st.SearchStrategy[bytes]
    options: Mapping[str, Any]


# JSON: a place in the tree is changed


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if len(path) > 30:
        return
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inner:
        yield from places(value, (*path, key))


_HOW: Final[Sequence[Callable[[Any, Any], Any]]] = (
    lambda old, odd: odd,
    lambda old, odd: odd,
    lambda old, odd: [old, odd],
    lambda old, odd: {"it": old, "de": odd},
    lambda old, odd: json.dumps(old, default=str)[: 1 + len(str(odd)[:60])],
    lambda old, odd: json.dumps(old),
    lambda old, odd: f"{old}{odd}"[:30_000] if isinstance(odd, str) else [odd],
)


class Choices:
    """Many choices out of one number, which hypothesis draws and shrinks at once: that is what makes it fast."""

    def __init__(self, number: int) -> None:
        self._left = number

    def at(self, many: int) -> int:
        self._left, chosen = divmod(self._left, many)
        return chosen

    def of(self, things: Sequence[T]) -> T:
        return things[self.at(len(things))]


CHANGES: Final = st.lists(st.integers(0, 1 << 64).map(Choices), min_size=1, max_size=4)


def of_json(bases: Sequence[Any]) -> st.SearchStrategy[bytes]:
    texts = [json.dumps(base) for base in bases]

    def made(start: int, changes: Sequence[Choices], errors: str) -> bytes:
        tree = json.loads(texts[start])
        for choices in changes:
            tree = _changed(tree, choices)
        return json.dumps(tree, ensure_ascii=False).encode("utf-8", errors)

    halves = st.sampled_from(("surrogatepass", "replace"))  # of surrogate pairs, kept or not
    return st.builds(made, st.integers(0, len(texts) - 1), CHANGES, halves)


def _changed(tree: Any, choices: Choices) -> Any:
    """One place is left out or becomes odd, or seldom the whole."""
    there = list(places(tree))
    path, how, odd = choices.of(there), choices.at(len(_HOW) + 1), json.loads(choices.of(ODD))
    if not path:
        return odd if choices.at(20) == 19 else tree
    inner = tree
    for key in path[:-1]:
        inner = inner[key]
    if how == len(_HOW):
        inner.pop(path[-1])
    else:
        inner[path[-1]] = _HOW[how](inner[path[-1]], odd)
    return tree


_LINKS = {"uri": "https://partner.example/o", "name": "Comune", "identifier": "o1", "url": "https://partner.example"}
CKAN: Final = {
    "id": "p1",
    "name": "tetto",
    "title": "Il tetto",
    "title_translated": {"it": "Il tetto", "de": "Das Dach"},
    "notes": "<p>Isolato.</p>",
    "notes_translated": {"it": "Isolato."},
    "license_id": "cc-by-4.0",
    "license": "x",
    "license_url": "",
    "license_title": "CC BY",
    "metadata_created": "2024-01-01T10:00:00",
    "issued": "2024-01-01",
    "metadata_modified": "2024-02-01",
    "modified": "2024",
    "tags": [{"name": "energia"}, "tetto"],
    "private": False,
    "tags_translated": {"it": ["a"]},
    "language": ["it", "http://a/ITA"],
    "theme": ["ENER"],
    "state": "active",
    "spatial": '{"type": "Point", "coordinates": [11.3, 46.5]}',
    "spatial_text": "Roma",
    "uri": "http://a/1",
    "spatial_coverage": [{"text": "Roma", "uri": "http://a/"}],
    "temporal_start": "2024-01-01",
    "temporal_end": "2024-12-31",
    "temporal_coverage": [{"start": "2024", "end": "2025"}],
    "identifier": "x-1",
    "url": "https://partner.example/tetto",
    "contributor": [_LINKS],
    "creator": [_LINKS],
    "publisher": [_LINKS],
    "publisher_name": "Comune",
    "publisher_uri": "http://a/",
    "groups": [{"name": "g"}],
    "own": "mapped",
    "organization": {"id": "o", "name": "o", "title": "Comune", "title_translated": {"it": "Comune"}},
    "resources": [{"license": "cc-by-4.0", "url": "http://a/", "format": "CSV"}],
    "extras": [{"key": "sfida", "value": "freddo"}, {"key": "theme", "value": '["ENER"]'}, {"key": "x", "value": 1}],
}


_ROWS: Final = 12


def flat_keys(kind: str = "practice") -> list[str]:
    """Every flat key of two steps at most that a kind has, some with languages and numbers."""
    keys = []
    for field in load().fields(kind):
        keys += [field.key, f"{field.key}@de", f"{field.key}-2"]
        keys += [f"{field.key}.{inner.key}" for inner in load().nested(field.node_class)] if field.node_class else []
    return keys


def real_json(*names: str) -> list[Any]:
    return [json.loads(file.read_text("utf-8")) for name in names if (file := PAYLOADS / name).exists()]


def _packages(answers: Sequence[Any]) -> Iterator[Any]:
    """With one resource each, of which little is read."""
    for answer in answers:
        result = answer.get("result", answer)
        for package in result.get("results", [result]):
            yield {**package, "resources": package.get("resources", [])[:1]}


def ckan() -> Shape:
    names = (
        "it_package_search_success",
        "it_trentino_package_show",
        "ch_scheming_multilingual",
        "ckan_full_dataset_dcat_ap",
    )
    real = list(_packages(real_json(*(f"ckan/{name}.json" for name in names))))
    return Shape(JSON, of_json([CKAN, *real]), {"fields": {"own": "challenge@it", "sfida": "solution"}})


def table() -> Shape:
    """Rows as wide as real ones, which together have a column for every flat key."""
    keys = flat_keys()
    rows: list[Any] = [dict.fromkeys(keys[at::_ROWS], "2024") | {"note": "x"} for at in range(_ROWS)]
    rows.append({key: TEXTS[at * 7 % len(TEXTS)] for at, key in enumerate(keys[::_ROWS])})
    return Shape(JSON, of_json(rows), {"fields": {key: key for key in keys}, "constants": {"country": "ITA"}})


def template() -> Shape:
    keys = flat_keys()
    cells = [dict.fromkeys(keys[at::_ROWS], "1") for at in range(_ROWS)]
    rows = [
        {"language": tuple(SERVED)[at % len(SERVED)], "cells": row, "others": {"x": "x"}}
        for at, row in enumerate(cells)
    ]
    return Shape(JSON, of_json(rows), {})


# RDF: a statement is changed, left out, or said of something else


_CATALOGUE = """
<https://partner.example/r> a dcat:Dataset, coped:GoodPractice, schema:CreativeWork ; dct:identifier "r1" ;
  dct:title "Tetto"@it, "Dach"@de ; dct:description "<p>Isolato</p>"@it ; dcat:keyword "energia"@it ;
  schema:name "Tetto" ; dct:license <http://creativecommons.org/licenses/by/4.0/>, [ dct:type <http://a/> ] ;
  dct:issued "2024-01-01"^^xsd:date ; dct:modified "2024-01-01T10:00:00"^^xsd:dateTime ; dct:language <http://a/ITA> ;
  dct:publisher [ a foaf:Organization ; foaf:name "Comune" ; dct:identifier "c" ; foaf:homepage <http://a/> ] ;
  dct:creator <https://partner.example/o> ; dct:contributor "Anna" ; dcat:landingPage <http://a/> ;
  dct:spatial [ a dct:Location ; locn:geographicName "Roma" ; dcat:centroid "POINT(1 2)"^^geo:wktLiteral ;
    dcat:bbox "POLYGON((0 0,1 1))"^^geo:wktLiteral ; locn:geometry "{}" ; schema:address
    [ schema:addressCountry "IT" ] ] ; foaf:page [ a foaf:Document ] ; schema:about "x" ; schema:keywords "a, b" ;
  dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "2024-01-01"^^xsd:date ; schema:endDate "2025" ] ;
  dcat:theme <http://publications.europa.eu/resource/authority/data-theme/ENER> ; schema:startDate "2024-05-01" ;
  adms:identifier [ skos:notation "x-1" ] ; schema:sameAs <http://a/x> ; schema:location [ a schema:Place ;
    schema:geo [ schema:latitude 1 ; schema:longitude "2" ] ; schema:address "Via" ; schema:name "T" ] ;
  schema:organizer [ schema:name "C" ; schema:url <http://a/> ] ; rdfs:comment "x"@de ;
  dcat:contactPoint [ vcard:fn "x" ; vcard:hasEmail <mailto:a@b> ] ;
  dcat:distribution [ a dcat:Distribution ; dct:license <http://a/> ; dcat:accessURL <http://a/> ] .
<https://partner.example/o> a foaf:Agent, org:Organization ; foaf:name "O"@it ; skos:prefLabel "O" ;
  dct:identifier "o" ; org:hasMember <https://partner.example/o> ; vcard:hasURL <http://a/> .
"""
_XSD: Final = "string date dateTime gYear integer decimal boolean anyURI duration nonsense"
_DATATYPES: Final = (
    *(f"http://www.w3.org/2001/XMLSchema#{name}" for name in _XSD.split()),
    "http://www.opengis.net/ont/geosparql#wktLiteral",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString",
    *("x", ""),
)


def _lines(turtle: str) -> list[Statement]:
    known = {**PREFIXES, "vcard": VCARD}
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in known.items())
    triples = [quad.triple for quad in parse(prefixes + turtle, RdfFormat.TURTLE, lenient=True)]
    return _statements(payload(triples))


def _statements(told: bytes) -> list[Statement]:
    lines = (line.removesuffix(" .").split(" ", 2) for line in told.decode("utf-8", "replace").split("\n") if line)
    return [(subject, predicate, target) for subject, predicate, target in lines]


def _real_records() -> Iterator[list[Statement]]:
    """Records as the harvester cuts them out of real catalogues."""
    forms = {".ttl": RdfFormat.TURTLE, ".nt": RdfFormat.N_TRIPLES, ".rdf": RdfFormat.RDF_XML, ".xml": RdfFormat.RDF_XML}
    files = [
        f for f in sorted((PAYLOADS / "dcat").glob("*")) + sorted((PAYLOADS / "udata").glob("*")) if f.suffix in forms
    ]
    for file in files:
        try:
            quads = list(
                parse(file.read_bytes(), forms[file.suffix], base_iri="https://partner.example/", lenient=True)
            )
        except SyntaxError:
            continue
        about = by_subject(quad.triple for quad in quads)
        largest = sorted((node for node in about if isinstance(node, NamedNode)), key=lambda node: -len(about[node]))
        for node in largest[:2]:
            record = "<https://partner.example/r>"
            text = payload(own_part(node, about, {})[:150]).decode().replace(f"<{node.value}>", record)
            yield _statements(text.encode())


def of_statements(bases: Sequence[list[Statement]]) -> st.SearchStrategy[bytes]:
    predicates = [predicate for _, predicate, _ in bases[0]]

    def made(start: int, changes: Sequence[Choices]) -> bytes:
        told = list(bases[start])
        for choices in changes:
            _change(told, choices, predicates)
        lines = {f"{subject} {predicate} {target} .\n" for subject, predicate, target in told}
        return "".join(sorted(lines)).encode("utf-8", "replace")

    return st.builds(made, st.integers(0, len(bases) - 1), CHANGES)


def _change(told: list[Statement], choices: Choices, predicates: Sequence[str]) -> None:
    """One statement goes, says something odd, or is joined by another: of odd things, and in circles, too."""
    at, how, odd = choices.at(len(told)), choices.at(8), choices.of(WRITABLE)
    subject, predicate, target = told[at]
    if how == 0 and len(told) > 1:
        told.pop(at)
    elif how == 1:
        told[at] = subject, choices.of(predicates), target
    elif how == 2:
        told.append((choices.of(told)[0], predicate, choices.of(told)[0]))
    elif how == 3:
        told[at] = subject, predicate, iri_text(odd)
    elif how == 4:
        told[at] = subject, predicate, literal_text(odd, None, choices.of(_DATATYPES) or None)
    elif how == 5:
        told[at] = subject, predicate, literal_text(odd, choices.of(LANGUAGES), None)
    elif how == 6:
        told.append((subject, predicate, literal_text(odd, None, None)))
    else:
        told[at] = iri_text(odd), predicate, target


def dcat() -> Shape:
    return Shape(N_TRIPLES, of_statements([_lines(_CATALOGUE), *_real_records()]), {})


# XML: elements of Dublin Core with odd texts and attributes

_ELEMENTS: Final = (
    *("title", "creator", "subject", "description", "publisher", "contributor", "date", "type", "format", "identifier"),
    *("source", "language", "relation", "coverage", "rights", "spatial", "temporal", "created", "issued", "license"),
    *("alternative", "abstract", "isPartOf", "unknown", "educationLevel", "rightsHolder", "bibliographicCitation"),
)
_XSI_TYPES: Final = (
    "",
    "dcterms:Period",
    "dcterms:Point",
    "dcterms:Box",
    "dcterms:W3CDTF",
    "dcterms:URI",
    "x:y",
    "pico:A",
    "",
)
_TOLD: Final = (
    *(
        "Il tetto",
        "https://partner.example/1",
        "oai:partner:oai:partner:1",
        "2024-01-01",
        "name=Roma; start=-0044; end=14",
    ),
    *(
        "name=X; east=11.3; north=46.5",
        "northlimit=1; southlimit=2; eastlimit=3; westlimit=4",
        "Comune di Roma",
        "text/html",
    ),
    *(
        "Rossi, Anna",
        "info:eu-repo/semantics/openAccess",
        "CC BY 4.0",
        "ita",
        "energia; tetto",
        "http://a b",
        "Tecnica: olio",
    ),
)
_XMLNS: Final = (
    'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:pico="http://purl.org/pico/1.0/" xmlns:x="http://x/"'
)


def _readable(text: str) -> str:
    """What XML can hold; seldom it is left as it is, since all that follows would be refused."""
    return "".join(
        letter for letter in text if letter >= " " and not "\ud800" <= letter <= "\udfff" and letter < "\ufffe"
    )


def _elements(start: int, changes: Sequence[Choices]) -> bytes:
    parts = [_element(choices, is_raw=start == 15) for choices in changes]
    wrapper = ("oai_dc:dc", "pico:record", "x:y", "dc:title")[start % 4]
    return f"<{wrapper} {_XMLNS}>{''.join(parts)}</{wrapper}>".encode("utf-8", "replace")


def _element(choices: Choices, *, is_raw: bool) -> str:
    name = f"{choices.of(('dc', 'dc', 'dcterms', 'x'))}:{choices.of(_ELEMENTS)}"
    text = choices.of(TEXTS if choices.at(2) else _TOLD)
    language, kind, is_nested = choices.of(LANGUAGES), choices.of(_XSI_TYPES), choices.at(9) == 8
    attributes = f" xml:lang={quoteattr(_readable(language))}" if language else ""
    attributes += f" xsi:type={quoteattr(kind)}" if kind else ""
    inner = text if is_raw else escape(_readable(text))
    inner = f"<x:b>{inner}</x:b>" if is_nested else inner
    return f"<{name}{attributes}>{inner}</{name}>"


def oai_dc() -> Shape:
    changes = st.lists(st.integers(0, 1 << 64).map(Choices), min_size=1, max_size=10)
    return Shape(XML, st.builds(_elements, st.integers(0, 15), changes), {})


SHAPES: Final[Mapping[str, Callable[[], Shape]]] = {
    "ckan": ckan,
    "dcat": dcat,
    "oai_dc": oai_dc,
    "table": table,
    "template": template,
}
