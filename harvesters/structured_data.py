"""What a web page says of itself for machines: JSON-LD, RDFa, Microdata, and links to the same as RDF.

JSON-LD is read as everywhere here, with no context fetched. RDFa is pyRdfa's. Microdata is renamed into RDFa's
attributes, which say the same of an element: so both keep what other readers lose, the language of a text, the type of
a date, and whether a value is an address.
https://www.w3.org/TR/html-rdfa/ · https://html.spec.whatwg.org/multipage/microdata.html
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from xml.dom import minidom

from lxml import etree, html
from pyoxigraph import BlankNode, Literal, Triple
from pyRdfa import Options, pyRdfa

from harvesters.payloads import decoded
from harvesters.rdf import mended_tag, of_json_ld, of_rdflib
from harvesters.sites import host_of, joined
from hub.errors import FetchError
from hub.fetch import Response, address
from hub.namespaces import XSD

MOST_BYTES: Final = 10_000_000
MOST_ELEMENTS: Final = 20_000  # with every second of them marked up, pyRdfa takes 3 s
_MOST_REFERENCES: Final = 100
_MOST_ALTERNATES: Final = 3
_RDF: Final = ("application/ld+json", "text/turtle", "application/n-triples", "application/rdf+xml")
_CHARSET: Final = re.compile(rb"<meta[^>]{1,200}charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.I)
_AROUND: Final = re.compile(r"\A[\s;]*(?:(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[))|(?:(?://\s*)?\]\]>|-->)[\s;]*\Z")
_NAME: Final = re.compile(r"[A-Za-z_][\w.-]*(:[\w.-]+)?")
_UNREAD: Final = frozenset(("script", "style", "template", "noscript", "base"))
_ABOUT_THE_PAGE: Final = ("http://www.w3.org/1999/xhtml/vocab#", "http://www.w3.org/ns/rdfa#", "http://ogp.me/ns")
# A value that stands in an attribute of its own, by element; RDFa calls it so.
_VALUES: Final = {("data", "value"): "content", ("meter", "value"): "content", ("object", "data"): "href"}
_LANGUAGE: Final = ("lang", "xml:lang")
_ADDRESSES: Final = frozenset(("href", "src", "about", "resource", "vocab", "data"))
_KEPT: Final = frozenset(("content", "datetime", "href", "src", *_LANGUAGE))
# It logs each date that is none with a stack trace; what a page writes is told to its publisher by the crosswalk.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class PageData:
    """`canonical` is the address that the page itself prefers, `alternates` are addresses of the same as RDF.

    `problems` say what could not be read; the rest was.
    """

    triples: tuple[Triple, ...]
    canonical: str
    alternates: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def read_page(page: Response, contexts: Mapping[str, Any]) -> PageData:
    """What an HTML page holds. Raises FetchError for one that is too large to be read."""
    shown = address(page.url)
    if len(page.body) > MOST_BYTES:
        raise FetchError(f"{shown}: the page is larger than {MOST_BYTES} bytes and is not read")
    root = _tree(page)
    if root is None:
        return PageData((), page.url)
    base = joined(page.url, root.xpath("string((//base/@href)[1])"))
    base = base if host_of(base) else page.url
    links = _links(root, base)
    canonical = next((link for rel, _, link in links if "canonical" in rel), page.url)
    alternates = [link for rel, media, link in links if "alternate" in rel and media in _RDF]
    triples, problems = _json_ld(root, base, contexts)
    try:
        triples += _marked_up(root, base)
    except FetchError as error:
        problems.append(f"{shown}: {error}")
    return PageData(tuple(triples), canonical, tuple(dict.fromkeys(alternates))[:_MOST_ALTERNATES], tuple(problems))


def _tree(page: Response) -> Any:
    """The page's root element; libxml2 reads any bytes in linear time, and nothing below 256 levels."""
    said = _CHARSET.search(page.body[:2048])
    text = decoded(page.body, said[1].decode() if said else page.charset)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        return html.document_fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing but white space
        return None


def _links(root: Any, base: str) -> list[tuple[list[str], str, str]]:
    """Each `<link>` of the page: its relations, its media type and its address."""
    return [
        (link.get("rel", "").lower().split(), link.get("type", "").partition(";")[0].strip().lower(), there)
        for link in root.iter("link")
        if (there := joined(base, link.get("href", ""))).startswith(("http://", "https://")) and link.get("href")
    ]


def _json_ld(root: Any, base: str, contexts: Mapping[str, Any]) -> tuple[list[Triple], list[str]]:
    """The statements of all scripts of JSON-LD; `<html lang>` is the language of their untagged texts."""
    tag = mended_tag(root.get("lang") or root.get("xml:lang") or "")
    triples, problems = list[Triple](), list[str]()
    for script in root.iter("script"):
        if script.get("type", "").partition(";")[0].strip().lower() == "application/ld+json":
            try:
                text = _mended(script.text or "", base)
                triples += _apart(_tagged(of_json_ld(text, base, contexts), tag)) if text else []
            except FetchError as error:
                problems.append(str(error))
    return triples, problems


def _mended(text: str, base: str) -> str:
    """A script without what hides it from old browsers, and with the line breaks in its texts that JSON forbids."""
    text = _AROUND.sub("", text).strip().rstrip(";")
    try:
        return json.dumps(json.loads(text, strict=False)) if text else ""
    except (ValueError, RecursionError) as error:
        raise FetchError(f"{address(base)}: JSON-LD in the page is no valid JSON: {str(error)[:200]}") from error


def _tagged(triples: list[Triple], tag: str) -> list[Triple]:
    """Untagged texts in the page's language, where it is not said already what the thing is called in that."""
    told = {(t.subject, t.predicate) for t in triples if isinstance(t.object, Literal) and t.object.language == tag}
    return [
        Triple(t.subject, t.predicate, Literal(t.object.value, language=tag))
        if tag
        and isinstance(t.object, Literal)
        and t.object.datatype == XSD.string
        and (t.subject, t.predicate) not in told
        else t
        for t in triples
    ]


def _apart(triples: list[Triple]) -> list[Triple]:
    """With blank nodes that no other script or document has, whatever it calls its own."""
    names: dict[BlankNode, BlankNode] = {}

    def renamed(term: Any) -> Any:
        return names.setdefault(term, BlankNode()) if isinstance(term, BlankNode) else term

    return [Triple(renamed(t.subject), t.predicate, renamed(t.object)) for t in triples]


# RDFa, and Microdata as RDFa


_ITEMS: Final = etree.XPath("//*[@itemscope and not(ancestor::*[@itemscope])]")


def _marked_up(root: Any, base: str) -> list[Triple]:
    triples = _of_view([root], base, is_microdata=False) if root.xpath("boolean(//*[@typeof])") else []
    if _ITEMS(root):
        _bring_references(root)
        triples += _of_view(_ITEMS(root), base, is_microdata=True)
    return triples


def _of_view(elements: list[Any], base: str, *, is_microdata: bool) -> list[Triple]:
    """What pyRdfa finds, without what it says of the page as a page; its options keep it from fetching anything."""
    if sum(1 for element in elements for _ in element.iter()) > MOST_ELEMENTS:
        raise FetchError(f"its marked-up part has more than {MOST_ELEMENTS} elements and is not read")
    options = Options(embedded_rdf=False, vocab_expansion=False, vocab_cache=False)
    try:
        view = _view(elements, is_microdata=is_microdata)
        graph = pyRdfa(options, base=base, media_type="text/html").graph_from_DOM(view)
    except (RecursionError, ValueError) as error:
        raise FetchError(f"its markup cannot be read: {str(error)[:200]}") from error
    triples = of_rdflib(graph, base)
    return [t for t in triples if not t.predicate.value.startswith(_ABOUT_THE_PAGE) and not _is_empty(t.object)]


def _is_empty(term: object) -> bool:
    return isinstance(term, Literal) and not term.value.strip()


def _view(elements: list[Any], *, is_microdata: bool) -> minidom.Document:
    """The elements as the DOM that pyRdfa walks; no deeper than libxml2 reads."""
    document = minidom.Document()
    top = document.appendChild(document.createElement("html"))
    for element in elements:
        node = _add(document, top, element, is_microdata, False)
        if language := element.xpath("string(ancestor-or-self::*[@lang][1]/@lang)"):
            node.setAttribute("lang", mended_tag(str(language)))
    return document


def _add(document: minidom.Document, parent: Any, element: Any, is_microdata: bool, is_inside: bool) -> Any:
    node = document.createElement(element.tag if _NAME.fullmatch(element.tag) else "span")
    for name, value in (_as_rdfa(element, is_inside) if is_microdata else element.attrib).items():
        if name in _LANGUAGE:  # rdflib raises for a tag that is none
            node.setAttribute(name, mended_tag(value))
        elif _NAME.fullmatch(name) and (name not in _ADDRESSES or _is_address(value)):
            node.setAttribute(name, value)
    parent.appendChild(node)
    if element.tag in _UNREAD:
        return node
    is_inside = is_inside or "itemscope" in element.attrib
    node.appendChild(document.createTextNode(element.text or ""))
    for child in element:
        _add(document, node, child, is_microdata, is_inside)
        node.appendChild(document.createTextNode(child.tail or ""))
    return node


def _is_address(value: str) -> bool:
    """False for what `urlsplit` raises for, and so pyRdfa: `http://[`."""
    try:
        urlsplit(value)
        return True
    except ValueError:
        return False


def _as_rdfa(element: Any, is_inside: bool) -> dict[str, str]:
    """The attributes that say in RDFa what the element says in Microdata, and no others."""
    said = element.attrib
    found = {_VALUES.get((element.tag, name), name): value for name, value in said.items()}
    kept = {name: value for name, value in found.items() if name in _KEPT}
    if "itemscope" in said:
        kept = {name: value for name, value in kept.items() if name in _LANGUAGE}
        types = said.get("itemtype", "").split()
        kept["typeof"] = " ".join(types)
        if types:
            kept["vocab"] = re.sub(r"[^/#]*\Z", "", types[0])
        if name := said.get("itemid", "").strip():
            kept["resource"] = name
    if is_inside and said.get("itemprop", "").strip():
        kept["property"] = said["itemprop"]
    return kept


def _bring_references(root: Any) -> None:
    """Copies what an item refers to (`itemref`) into it; what such a copy refers to itself is not followed."""
    holders = root.xpath("//*[@itemscope and @itemref]")
    wanted = [(holder, name) for holder in holders for name in dict.fromkeys(holder.get("itemref").split())]
    if not wanted:
        return
    by_id = {element.get("id"): element for element in reversed(root.xpath("//*[@id]"))}
    found = [(holder, by_id[name]) for holder, name in wanted if name in by_id]
    room = MOST_ELEMENTS
    copies = []
    for holder, element in found[:_MOST_REFERENCES]:
        room -= sum(1 for _ in element.iter())
        if room < 0:
            raise FetchError(f"its items refer to more than {MOST_ELEMENTS} elements, and are not read")
        if element not in _upwards(holder):
            copies.append((holder, deepcopy(element)))
    for _, element in found:
        if not any("itemscope" in one.attrib for one in element.iterancestors()):
            for name in ("itemprop", "itemscope"):
                element.attrib.pop(name, None)
    for holder, copy in copies:
        copy.tail = None
        holder.append(copy)


def _upwards(element: Any) -> Iterator[Any]:
    yield element
    yield from element.iterancestors()
