"""RDF as portals send it, read leniently: wrong media types, wrong language tags, contexts and entities elsewhere."""

import logging
import re
import time
import xml.sax
from collections.abc import Iterator, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit

import rdflib
import rdflib.exceptions
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from harvesters.contexts import with_local_contexts
from harvesters.markup import WEB_PAGE
from harvesters.payloads import decoded
from harvesters.soundness import check_soundness
from hub.errors import FetchError
from hub.fetch import CHECK, LASTS, Response
from hub.namespaces import iri

ACCEPT = (
    "text/turtle, application/n-triples;q=0.95, application/rdf+xml;q=0.9, "
    "application/ld+json;q=0.8, application/n-quads;q=0.7, application/trig;q=0.7, */*;q=0.1"
)
PARSE_SECONDS = 120.0
MOST_EXPANDED = 50_000_000  # letters that entities may add to a document
_log = logging.getLogger(__name__)

_BY_MEDIA_TYPE = {
    "text/turtle": RdfFormat.TURTLE,
    "application/x-turtle": RdfFormat.TURTLE,
    "text/n3": RdfFormat.TURTLE,
    "text/rdf+n3": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/trig": RdfFormat.TRIG,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/xml": RdfFormat.RDF_XML,
    "text/xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/json": RdfFormat.JSON_LD,
}
_BY_EXTENSION = {
    ".ttl": RdfFormat.TURTLE,
    ".n3": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
    ".rdf": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".jsonld": RdfFormat.JSON_LD,
    ".json": RdfFormat.JSON_LD,
}
_XML = re.compile(r"\s*<(\?xml|rdf:RDF|!DOCTYPE)", re.I)
_XML_ENCODING = re.compile(r"(\s*<\?xml[^>]*?)\s+encoding\s*=\s*[\"']([^\"']*)[\"']")
_TURTLE = re.compile(r"\s*(#|@?prefix\b|@?base\b|<[^>]*>\s|_:)", re.I)


def read(answer: Response, contexts: Mapping[str, Any] | None = None, seconds: float = PARSE_SECONDS) -> list[Triple]:
    """The triples of a page, of all its graphs; relative IRIs are the page's. `contexts`: JSON-LD contexts by address.

    Raises FetchError that says what is wrong with the document.
    """
    text = _text(answer)
    if not text.strip():
        raise FetchError(f"{answer.url}: answered with an empty document. {CHECK}")
    form = _format(text, answer)
    if form == RdfFormat.JSON_LD:
        text = with_local_contexts(text, answer.url, contexts or {})
    elif form == RdfFormat.RDF_XML:
        text = _without_entities(_XML_ENCODING.sub(r"\1", text, count=1), answer.url)
    check_soundness(text, form, answer.url)
    triples = _parsed(text, form, answer.url, seconds)
    if not triples:
        raise FetchError(f"{answer.url}: the document ({form}) holds no statement. {CHECK}")
    return triples


def of_json_ld(text: str, base: str, contexts: Mapping[str, Any]) -> list[Triple]:
    """The triples of JSON-LD that is a part of another document; none is no fault. Raises FetchError."""
    return _parsed(with_local_contexts(text, base, contexts), RdfFormat.JSON_LD, base, PARSE_SECONDS)


def _text(answer: Response) -> str:
    said = _XML_ENCODING.match(answer.body[:200].decode("ascii", "replace"))
    return decoded(answer.body, said[2] if said else answer.charset)


def _format(text: str, answer: Response) -> RdfFormat:
    """What the text surely is, then what the header says, then the address, then what it looks like."""
    if WEB_PAGE.match(text):
        title = re.search(r"<title[^>]*>([^<]{0,100})", text, re.I)
        raise FetchError(
            f"{answer.url}: answered with a web page in place of RDF: {title[1].strip() if title else ''!r}. {CHECK}"
        )
    if _XML.match(text):
        return RdfFormat.RDF_XML
    extension = PurePosixPath(urlsplit(answer.url).path).suffix.lower()
    said = _BY_MEDIA_TYPE.get(answer.media_type) or _BY_EXTENSION.get(extension)
    if text.lstrip().startswith("{") and said != RdfFormat.TRIG:
        return RdfFormat.JSON_LD
    if said:
        return said
    if text.lstrip().startswith("["):
        return RdfFormat.JSON_LD
    if _TURTLE.match(text):
        return RdfFormat.TURTLE
    raise FetchError(
        f"{answer.url}: answered {answer.media_type or 'no media type'}, which is no RDF: {text[:80]!r}. {CHECK}"
    )


def _parsed(text: str, form: RdfFormat, base: str, seconds: float) -> list[Triple]:
    try:
        return _oxigraph(text, form, base, seconds)
    except SyntaxError as error:
        first = error
    mended = text
    if form in (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.N_TRIPLES, RdfFormat.N_QUADS):
        mended, count = _with_mended_tags(text)
    if mended != text:
        with suppress(SyntaxError):
            triples = _oxigraph(mended, form, base, seconds)
            _log.warning("%s: %d language tags mended", base, count)
            return triples
    if form == RdfFormat.RDF_XML and (triples := _rdflib(text, base, seconds)):
        _log.warning("%s: RDF/XML that only rdflib reads: %s", base, first)
        return triples
    raise FetchError(f"{base}: the document is no valid {form}: {str(first)[:300]}. {LASTS}") from first


class _Timed(BytesIO):
    """A document that cannot be read any more when the time is over."""

    def __init__(self, text: str, base: str, seconds: float) -> None:
        super().__init__(text.encode("utf-8", "replace"))
        self._base, self._seconds, self._end = base, seconds, time.monotonic() + seconds

    def read(self, size: int | None = -1, /) -> bytes:
        self.check()
        return super().read(size)

    def check(self) -> None:
        if time.monotonic() > self._end:
            raise FetchError(f"{self._base}: the document took longer than {self._seconds:g} seconds to read. {LASTS}")


def _oxigraph(text: str, form: RdfFormat, base: str, seconds: float) -> list[Triple]:
    quads = parse(_Timed(text, base, seconds), form, base_iri=iri(base).value, lenient=True)
    plain = (quad.triple for quad in quads if not isinstance(quad.object, Triple))
    return list(dict.fromkeys(plain))


def _rdflib(text: str, base: str, seconds: float) -> list[Triple]:
    """What RDF/XML in the wild has and oxigraph refuses: `about` without its prefix, markup in a description."""
    graph = rdflib.Graph()
    try:
        graph.parse(_Timed(text, base, seconds), format="xml", publicID=base)
    except (xml.sax.SAXException, rdflib.exceptions.Error, ValueError):
        return []
    return of_rdflib(graph, base, seconds)


def of_rdflib(graph: rdflib.Graph, base: str, seconds: float = PARSE_SECONDS) -> list[Triple]:
    lines = "".join(f"{_plain(s)} {_plain(p)} {_plain(o)} .\n" for s, p, o in graph)
    return _oxigraph(lines, RdfFormat.N_TRIPLES, base, seconds)


def _plain(node: rdflib.term.Node) -> str:
    """One of rdflib's terms in N-Triples; its own `n3()` raises where an IRI is not valid."""
    if isinstance(node, rdflib.BNode):
        return f"_:{node}"
    if isinstance(node, rdflib.Literal):
        return literal_text(str(node), node.language, str(node.datatype) if node.datatype else None)
    return iri_text(str(node))


# Terms in N-Triples, such that what was read leniently can be read again

_NEVER_IN_IRI = re.compile(r"[\x00-\x20<>\\]")
_STRING = str(NamedNode("http://www.w3.org/2001/XMLSchema#string").value)
_TAG = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")


def term_text(term: NamedNode | BlankNode | Literal) -> str:
    if isinstance(term, NamedNode):
        return iri_text(term.value)
    if isinstance(term, Literal):
        return literal_text(term.value, term.language, term.datatype.value)
    return str(term)


def iri_text(value: str) -> str:
    """An IRI with what would end it percent-encoded: a lenient parser lets `\\u003E` through."""
    return f"<{_NEVER_IN_IRI.sub(lambda found: quote(found[0]), value)}>"


def literal_text(value: str, language: str | None, datatype: str | None) -> str:
    quoted = str(Literal(value))
    if language is not None and (tag := mended_tag(language)):
        return f"{quoted}@{tag}"
    return quoted if language is not None or datatype in (None, _STRING) else f"{quoted}^^{iri_text(str(datatype))}"


def mended_tag(tag: str) -> str:
    """A language tag in BCP 47's form, in lower case; "" where it cannot be one: the text is untagged then."""
    mended = tag.strip().replace("_", "-").lower()
    return mended if _TAG.fullmatch(mended) else ""


_TOKEN = re.compile(
    r"""(?P<text>\"{3}(?:[^"\\]++|\\.|"(?!""))*+\"{3}|'{3}(?:[^'\\]++|\\.|'(?!''))*+'{3}"""
    r"""|"(?:[^"\\\n]++|\\.)*+"|'(?:[^'\\\n]++|\\.)*+')(?:@(?P<tag>[\w-]++))?|<[^<>\s]*+>|\#[^\n]*+""",
    re.S,
)


def _with_mended_tags(text: str) -> tuple[str, int]:
    """Turtle or N-Triples with the tags of its literals mended, and how many; what stands inside a literal stays."""
    count = 0

    def mend(found: re.Match[str]) -> str:
        nonlocal count
        tag = found["tag"]
        if not tag or mended_tag(tag) == tag.lower():
            return found[0]
        count += 1
        mended = mended_tag(tag)
        return f"{found['text']}@{mended}" if mended else found["text"]

    return _TOKEN.sub(mend, text), count


# RDF/XML

_PROLOG = re.compile(r"(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>|\s+)*", re.S | re.I)
_ENTITY = re.compile(r"<!ENTITY\s+([\w.:-]+)\s+(?:\"([^\"]*)\"|'([^']*)')\s*>", re.I)
_REFERENCE = re.compile(r"&([A-Za-z_][\w.:-]*);")


def _without_entities(text: str, url: str) -> str:
    """The document with the entities of its own DOCTYPE put in and the DOCTYPE taken out.

    Oxigraph expands entities without limit: ten lines of "billion laughs" end the whole process by an allocation
    failure (measured with pyoxigraph 0.5.13).
    """
    if not re.search("<!DOCTYPE|<!ENTITY", text, re.I):
        return text
    prolog = _PROLOG.match(text)
    head = re.sub("<!--.*?-->", "", prolog[0], flags=re.S) if prolog else ""
    body = text[prolog.end() :] if prolog else text
    entities = {name: double or single for name, double, single in _ENTITY.findall(head)}
    nested = any(name in entities for value in entities.values() for name in _REFERENCE.findall(value))
    if nested or re.search("<!ENTITY", body, re.I):
        raise FetchError(f"{url}: declares entities in entities, or in its body; such a document is not read. {LASTS}")
    return "".join(_expanded(body, entities, url))


def _expanded(body: str, entities: Mapping[str, str], url: str) -> Iterator[str]:
    added = end = 0
    for found in _REFERENCE.finditer(body):
        if (value := entities.get(found[1])) is not None:
            added += len(value)
            if added > MOST_EXPANDED:
                raise FetchError(f"{url}: its entities unpack to more than {MOST_EXPANDED} letters. {LASTS}")
            yield body[end : found.start()]
            yield value
            end = found.end()
    yield body[end:]
