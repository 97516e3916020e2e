"""What is behind the address of a web page, or behind one that does not answer by itself: a few known doors are tried.

CKAN's action API, udata's and Opendatasoft's catalogues, piveau's hub-repo, what the page links to as RDF, OAI-PMH's
Identify, and a SPARQL query. Each door is asked once, and only as many as the address and the page give reason for.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from harvesters.crosswalks.words import plain
from harvesters.guessing.findings import Guess, Said, all_taken, name_classes, of_another_kind, of_class
from harvesters.guessing.markup import of_markup
from harvesters.guessing.packages import of_portal
from harvesters.guessing.statements import of_statements, short
from harvesters.rdf import ACCEPT, read
from hub.errors import FetchError
from hub.fetch import Client, Response
from hub.languages import N_
from hub.namespaces import COPED, DCAT, SCHEMA

_CKAN: Final = N_("{value} answers CKAN’s package_search: {number} packages.")
_DOOR: Final = N_("There is a catalogue as RDF at {value}.")
_ENDPOINT: Final = N_("a SPARQL endpoint")
_PAGE: Final = N_("web pages with structured data")
_MARKED: Final = N_("The page says what it is about as {names}.")
_SITE: Final = N_("A sitemap lists its pages: {value}")
_PLAIN: Final = N_("a web page without structured data: “{name}”")
_PLACES: Final = re.compile(r"/(?:dataset|datasets|organization|group|api|catalog\.\w+)(?:/.*)?$")
_QUESTIONS: Final = frozenset(
    ("query", "format", "verb", "metadataprefix", "resumptiontoken", "set", "from", "until", "identifier")
)
_MOST_SAMPLED: Final = 10  # packages
_MOST_READ: Final = 200_000  # letters of a page
# Doors of portals of one kind: what the page says of itself, and where its catalogue is.
_DOORS: Final[Sequence[tuple[str, str]]] = (
    ("udata", "/api/1/site/catalog.ttl?page_size=100"),
    ("opendatasoft", "/api/explore/v2.1/catalog/exports/dcat"),
    ("piveau", "/api/hub/repo/datasets?valueType=metadata&hydra=true&limit=100&offset=0"),
)
_APIS: Final = {"udata": {"data", "next_page"}, "opendatasoft": {"results", "total_count"}, "piveau": {"result"}}
_LINK: Final = re.compile(r"<link\b[^>]{0,1000}>", re.I)
_ATTRIBUTE: Final = re.compile(r"\b(rel|type|href)\s*=\s*[\"']?([^\"'>\s]+)", re.I)
_TYPES: Final = frozenset(("application/rdf+xml", "text/turtle", "text/ttl", "text/n3", "application/n-triples"))
_MARKS: Final[Sequence[tuple[str, re.Pattern[str]]]] = (
    ("JSON-LD", re.compile(r"<script\b[^>]{0,300}application/ld\+json", re.I)),
    ("Microdata", re.compile(r"\sitemtype=[\"']?https?://schema\.org", re.I)),
    ("RDFa", re.compile(r"\stypeof=[\"']?[A-Za-z]", re.I)),
)
_CLASSES: Final = {
    "practice": (COPED.GoodPractice, DCAT.Dataset, SCHEMA.Dataset, SCHEMA.CreativeWork),
    "venue": (COPED.Venue,),
    "event": (SCHEMA.Event,),
}


def of_page(answer: Response, text: str, client: Client) -> Guess:
    """What is behind a web page."""
    parts = urlsplit(answer.url)
    origin = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
    words = text.casefold()
    doors = [origin + path for name, path in _DOORS if name in words]
    found = _ckan(answer.url, client) or _asked(answer.url, client)
    found = found or next(_catalogues([*doors, *_links(text, answer.url)], client), None)
    return found or _structured(text, answer, origin, client)


def of_api(keys: set[str], url: str, client: Client) -> Guess | None:
    """The catalogue of a portal, one of whose answers in JSON has these keys."""
    parts = urlsplit(url)
    origin = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
    return next(_catalogues([origin + path for name, path in _DOORS if _APIS[name] <= keys], client), None)


def of_silence(url: str, client: Client) -> Guess | None:
    """What is behind an address that answers with an error: APIs do so where nothing is asked of them."""
    return _ckan(url, client) or _asked(url, client)


def _get(url: str, client: Client, accept: str = "*/*") -> Response | None:
    """The answer of a door; None where there is none."""
    try:
        return client.get(url, headers={"Accept": accept})
    except FetchError:
        return None


def _json(answer: Response | None) -> Any:
    try:
        return json.loads(answer.body) if answer else None
    except (ValueError, RecursionError):
        return None


def _ckan(url: str, client: Client) -> Guess | None:
    parts = urlsplit(url)
    path = _PLACES.sub("", parts.path.rstrip("/"))
    for place in dict.fromkeys((path, "")):
        root = urlunsplit((parts.scheme, parts.netloc, place, "", ""))
        told = _json(_get(f"{root}/api/3/action/package_search?rows={_MOST_SAMPLED}", client))
        result = told.get("result") if isinstance(told, dict) and told.get("success") is True else None
        if isinstance(result, dict) and isinstance(result.get("count"), int):
            packages = [p for p in result.get("results") or () if isinstance(p, dict)]
            sample = "\n".join(str(package.get(key) or "") for package in packages for key in ("title", "notes"))
            return of_portal(root, result["count"], Said(_CKAN, {"value": root, "number": result["count"]}), sample)
    return None


def _catalogues(urls: Sequence[str], client: Client) -> Iterator[Guess]:
    for url in dict.fromkeys(urls):
        answer = _get(url, client, ACCEPT)
        try:
            found = of_statements(read(answer), url) if answer else None
        except FetchError:
            continue
        if found and found.protocol:
            told = (Said(_DOOR, {"value": url}), *found.reasons)
            yield Guess(
                found.what, told, found.advice, found.protocol, found.format, url, found.title, found.select,
                tags=found.tags, sample=found.sample,
            )  # fmt: skip


def _links(text: str, url: str) -> list[str]:
    """What a page's head says to be the same as RDF."""
    found = []
    for link in _LINK.findall(text[:_MOST_READ]):
        said = {name.lower(): value for name, value in _ATTRIBUTE.findall(link)}
        if said.get("rel", "").lower() == "alternate" and said.get("type", "").lower() in _TYPES and "href" in said:
            found.append(urljoin(url, said["href"].replace("&amp;", "&")))
    return found[:2]


def _asked(url: str, client: Client) -> Guess | None:
    """OAI-PMH and SPARQL answer only to questions; they are asked where the address has their name in it."""
    name = "".join(urlsplit(url)[1:3]).casefold()
    if "oai" in name and (found := of_provider(url, client)):
        return found
    return of_endpoint(_base(url), client) if "sparql" in name or "query" in name else None


def _base(url: str) -> str:
    """The address without a question of the two protocols behind it."""
    parts = urlsplit(url)
    rest = [(key, value) for key, value in parse_qsl(parts.query) if key.lower() not in _QUESTIONS]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(rest), ""))


def of_provider(url: str, client: Client) -> Guess | None:
    """A provider of OAI-PMH, asked to identify itself."""
    base = _base(url)
    answer = _get(f"{base}{'&' if urlsplit(base).query else '?'}verb=Identify", client)
    found = of_markup(answer.text, base) if answer else None
    is_identified = found is not None and found.protocol == "oai-pmh" and not found.is_listing
    return replace(found, url=base) if found and is_identified else None  # behind a proxy it may say an inner address


def of_endpoint(url: str, client: Client) -> Guess | None:
    """A SPARQL endpoint, and which of the classes that the hub knows it has."""
    if _ask(url, "ASK {}", client) is None:
        return None
    select: dict[str, str] = {}
    for kind, classes in _CLASSES.items():
        there = (name.value for name in classes if _ask(url, _has(name.value), client))
        if found := next(there, None):
            select[kind] = short(found)
    reasons = tuple(of_class(name, "≥ 1") for name in select.values())
    advice = all_taken() if select else name_classes()
    return Guess(Said(_ENDPOINT), reasons, (advice,), "sparql", "dcat", url, select=select)


def _has(name: str) -> str:
    """Whether there is a thing of a class; schema.org's with http and https are one."""
    names = dict.fromkeys((name, name.replace(str(SCHEMA), "https://schema.org/")))
    return f"ASK {{ VALUES ?class {{ {' '.join(f'<{iri}>' for iri in names)} }} ?thing a ?class }}"


def _ask(url: str, query: str, client: Client) -> bool | None:
    joint = "&" if urlsplit(url).query else "?"
    told = _json(_get(f"{url}{joint}query={quote(query)}", client, "application/sparql-results+json"))
    return told["boolean"] if isinstance(told, dict) and isinstance(told.get("boolean"), bool) else None


def _structured(text: str, answer: Response, origin: str, client: Client) -> Guess:
    head = text[:_MOST_READ]
    marks = [name for name, pattern in _MARKS if pattern.search(head)]
    if not marks:
        title = re.search(r"<title[^>]{0,200}>([^<]{0,100})", head, re.I)
        name = " ".join(title[1].split()) if title else answer.url
        return Guess(Said(_PLAIN, {"name": name}), advice=of_another_kind("HTML").advice)
    reasons = [Said(_MARKED, {"names": ", ".join(marks)})]
    sitemap = _get(f"{origin}/sitemap.xml", client)
    listed = of_markup(sitemap.text, sitemap.url) if sitemap else None
    has_sitemap = sitemap is not None and listed is not None and listed.protocol == "web-pages"
    reasons += [Said(_SITE, {"value": f"{origin}/sitemap.xml"})] if has_sitemap else []
    language = re.search(r"<html\b[^>]{0,500}\slang=[\"']?([\w-]{1,40})", head, re.I)
    tags = {language[1]: 1} if language else {}
    return Guess(Said(_PAGE), tuple(reasons), (), "web-pages", "dcat", answer.url, tags=tags, sample=plain(head))
