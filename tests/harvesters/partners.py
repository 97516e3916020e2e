"""Partners' systems over loopback, a row for each way of publishing: the same 21 records, 3 a page if there are pages.

A row added here is a column of docs/faults.md, and goes through every fault of `faults`. Of a web site each of the 21
pages is one; three of them make a page in the words of the faults.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode
from urllib.request import Request, urlopen

from pyoxigraph import RdfFormat, parse, serialize

from hub.model import Source
from hub.namespaces import PREFIXES
from tests.harvesters.web_site import html, json_ld, project, urlset
from tests.portal import JSON
from tests.servers.loopback import Answer, Question
from tests.servers.oxigraph import Oxigraph, oxigraph

ROWS: Final = 3
NAMES: Final = tuple(f"n{n:02}" for n in range(21))
DEEP: Final = 100_000


@dataclass
class Listing:
    """What the partner lists now; `follows` is the page behind each page, where that is not the next one."""

    names: Sequence[str] = NAMES
    titles: dict[str, str] = field(default_factory=dict)
    follows: dict[int, int] = field(default_factory=dict)

    def title(self, name: str) -> str:
        return self.titles.get(name, f"Il tetto del Caffè di {name}")

    def summary(self, name: str) -> str:
        return f"La città e i vicini di {name} hanno isolato perciò il tetto."

    def on(self, page: int) -> Sequence[str]:
        return self.names[(page - 1) * ROWS : page * ROWS]

    def after(self, page: int) -> int | None:
        return self.follows.get(page, page + 1 if page * ROWS < len(self.names) else None)


@dataclass(frozen=True)
class System:
    """`answer` is what a sound server says; `page` is the number of the page that is asked for, from 1."""

    name: str
    protocol: str
    path: str
    format: str
    answer: Callable[[Question, Listing], Answer]
    page: Callable[[Question], int] | None  # None: one file holds all; 0: a question that belongs to no page
    deep: Answer | None  # a document of this form, nested DEEP
    options: dict[str, Any] = field(default_factory=dict)
    select: dict[str, str] = field(default_factory=dict)
    until: int = 100  # the last page that goes wrong
    keeps_place: bool = False  # what goes on a page that was read moves no other record

    def source(self, address: str) -> Source:
        url = f"{address}{self.path}"
        more = {"options": self.options, "select": self.select}
        return Source("partner", {"en": "Partner"}, "ITA", "it", self.protocol, url, self.format, **more)


# CKAN


def _ckan_page(q: Question) -> int:
    return int(q.query["start"]) // ROWS + 1


def _ckan(q: Question, listing: Listing) -> Answer:
    """The page that `follows` leads to from the page before, where it does."""
    asked = _ckan_page(q)
    shown = listing.on(listing.follows.get(asked - 1, asked))
    packages = [
        {
            "id": name,
            "name": name,
            "title": listing.title(name),
            "notes": listing.summary(name),
            "license_id": "cc-by-4.0",
        }
        for name in shown
    ]
    result = {"count": len(listing.names), "results": packages}
    return Answer(json.dumps({"success": True, "result": result}, ensure_ascii=False), media_type=JSON)


# RDF, in three syntaxes


def _rdf_page(q: Question) -> int:
    return int(q.query.get("page", "1"))


_TURTLE_PREFIXES = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
_TURTLE_PREFIXES += "@prefix hydra: <http://www.w3.org/ns/hydra/core#> .\n"


def _rdf(form: RdfFormat) -> Callable[[Question, Listing], Answer]:
    def answer(q: Question, listing: Listing) -> Answer:
        page, here = _rdf_page(q), f"http://{q.headers['host']}/data"
        following = listing.after(page)
        text = f"{_TURTLE_PREFIXES}<{here}> a dcat:Catalog ; hydra:totalItems {len(listing.names)} .\n"
        text += f"<{here}?page={page}> hydra:next <{here}?page={following}> .\n" if following else ""
        for name in listing.on(page):
            text += f"""<{here}> dcat:dataset <https://partner.example/{name}> .
                <https://partner.example/{name}> a dcat:Dataset ; dct:identifier "{name}" ;
                dct:title "{listing.title(name)}"@it ; dct:description "{listing.summary(name)}"@it ;
                dct:license <http://creativecommons.org/licenses/by/4.0/> .\n"""
        body = text if form == RdfFormat.TURTLE else _as(text, form)
        return Answer(body, media_type=f"{form.media_type}; charset=utf-8")

    return answer


def _as(turtle: str, form: RdfFormat) -> str:
    triples = (quad.triple for quad in parse(turtle, RdfFormat.TURTLE))
    return (serialize(triples, format=form) or b"").decode()


_DEEP_TERMS = "<http://a/> <http://b/> " + "<<( <http://a/> <http://b/> " * DEEP + "1" + " )>>" * DEEP + " ."
_DEEP_XML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:a="http://a/">'
    + "<a:T><a:p>" * DEEP
    + "</a:p></a:T>" * DEEP
    + "</rdf:RDF>"
)
_DEEP_JSON = '{"@context": {"a": "http://a/"}, "success": true, "a": ' + "[" * DEEP + "]" * DEEP + "}"

# OAI-PMH

_OAI = '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
_DC = 'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'


def _oai_page(q: Question) -> int:
    return int(q.query.get("resumptionToken", "1"))


def _oai(q: Question, listing: Listing) -> Answer:
    page, records = _oai_page(q), ""
    for name in listing.on(page):
        records += f"""<record><header><identifier>{name}</identifier></header><metadata><oai_dc:dc {_DC}>
            <dc:title>{listing.title(name)}</dc:title><dc:description>{listing.summary(name)}</dc:description>
            <dc:rights>CC BY 4.0</dc:rights></oai_dc:dc></metadata></record>"""
    token = f'<resumptionToken completeListSize="{len(listing.names)}">{listing.after(page) or ""}</resumptionToken>'
    body = f"{_OAI}{records}{token}</ListRecords></OAI-PMH>"
    return Answer(body, media_type="text/xml; charset=utf-8")


# Tables

_COLUMNS = ("Codice", "Titolo", "Sintesi", "Licenza")
_FIELDS = {"Codice": "identifier", "Titolo": "title", "Sintesi": "summary", "Licenza": "licence"}


def _rows(listing: Listing) -> list[tuple[str, ...]]:
    return [(name, listing.title(name), listing.summary(name), "cc-by-4.0") for name in listing.names]


def _csv(_: Question, listing: Listing) -> Answer:
    lines = (";".join(row) for row in [_COLUMNS, *_rows(listing)])
    return Answer("\r\n".join(lines), media_type="text/csv; charset=utf-8")


def _json_table(_: Question, listing: Listing) -> Answer:
    entries = [dict(zip(_COLUMNS, row, strict=True)) for row in _rows(listing)]
    return Answer(json.dumps({"records": entries}, ensure_ascii=False), media_type="application/json; charset=utf-8")


# SPARQL: a real Oxigraph behind a proxy that lets three rows of a listing through, as engines with a limit do

_LAST_LISTED = re.compile(r"(?<=> STR\(<)[^<>]*(?=>\))")


class Endpoint:
    """`running` has to be entered before questions are answered."""

    def __init__(self) -> None:
        self._server: Oxigraph | None = None
        self._loaded: set[str] = set()

    @contextmanager
    def running(self, folder: Path) -> Iterator[None]:
        with oxigraph(folder) as self._server:
            yield
        self._server, self._loaded = None, set()

    def answer(self, q: Question, listing: Listing) -> Answer:
        asked = dict(parse_qsl(q.body.decode()))
        query = asked["query"].replace("LIMIT 5000", f"LIMIT {ROWS}")
        page = self.page(q)
        if (follows := listing.follows.get(page - 1)) and "ORDER BY" in query:
            query = _LAST_LISTED.sub(f"https://partner.example/{NAMES[(follows - 1) * ROWS - 1]}", query)
        form = urlencode({"query": query, "default-graph-uri": self._graph(listing)}).encode()
        assert self._server
        with urlopen(Request(self._server.url, form, {"Accept": q.headers["accept"]}), timeout=60) as told:
            return Answer(told.read(), media_type=told.headers["Content-Type"])

    def _graph(self, listing: Listing) -> str:
        """The listing's graph, loaded once."""
        text = "".join(
            f"""<https://partner.example/{name}> a dcat:Dataset ; dct:identifier "{name}" ;
            dct:title "{listing.title(name)}"@it ; dct:description "{listing.summary(name)}"@it ;
            dct:license <http://creativecommons.org/licenses/by/4.0/> .\n"""
            for name in listing.names
        )
        graph = f"https://graph.example/{sha256(text.encode()).hexdigest()}"
        if graph not in self._loaded:
            assert self._server
            self._server.load(graph, _as(_TURTLE_PREFIXES + text, RdfFormat.N_TRIPLES))
            self._loaded.add(graph)
        return graph

    def page(self, q: Question) -> int:
        """By the record behind which the listing goes on, else by those that the query names."""
        query = dict(parse_qsl(q.body.decode()))["query"]
        if "ORDER BY" in query:
            last = _LAST_LISTED.search(query)
            return _page_of(last[0]) + 1 if last else 1
        return _page_of(query)


def _page_of(text: str) -> int:
    """The page of the first record that is named."""
    found = re.search(r"\bn(\d\d)\b", text)
    return int(found[1]) // ROWS + 1 if found else 0


ENDPOINT: Final = Endpoint()

# Web pages


def _site_page(q: Question) -> int:
    return _page_of(q.path)


def _site(q: Question, listing: Listing) -> Answer:
    if q.path == "/sitemap.xml":
        return urlset([f"/{name}" for name in listing.names], f"http://{q.headers['host']}")
    name = q.path.strip("/")
    if name not in listing.names:
        return Answer("Not found", 404)
    thing = {"@id": f"https://partner.example/{name}", "license": "http://creativecommons.org/licenses/by/4.0/"}
    return json_ld({**project(listing.title(name), **thing), "description": listing.summary(name)}, "it")


_DEEP_PAGE = html(f'<script type="application/ld+json">{_DEEP_JSON}</script>')


def _rdf_system(name: str, form: RdfFormat, deep: str) -> System:
    media_type = f"{form.media_type}; charset=utf-8"
    return System(name, "dcat", "/data", "dcat", _rdf(form), _rdf_page, Answer(deep, media_type=media_type))


SYSTEMS: Final[Sequence[System]] = (
    System("CKAN", "ckan", "", "ckan", _ckan, _ckan_page, Answer(_DEEP_JSON, media_type=JSON), {"page_size": ROWS}),
    _rdf_system("Turtle", RdfFormat.TURTLE, _DEEP_TERMS),
    _rdf_system("RDF/XML", RdfFormat.RDF_XML, _DEEP_XML),
    _rdf_system("JSON-LD", RdfFormat.JSON_LD, _DEEP_JSON),
    System("OAI-PMH", "oai-pmh", "/oai", "oai_dc", _oai, _oai_page, Answer(_DEEP_XML, media_type="text/xml")),
    System(
        *("SPARQL", "sparql", "/sparql", "dcat", ENDPOINT.answer, ENDPOINT.page),
        Answer(_DEEP_JSON, media_type="application/sparql-results+json"),
        {"page_size": ROWS},
        keeps_place=True,
    ),
    System(
        *("Web pages", "web-pages", "/sitemap.xml", "dcat", _site, _site_page, _DEEP_PAGE),
        until=3,
        keeps_place=True,
    ),
    System("CSV", "tabular", "/data", "table", _csv, None, None, {"fields": _FIELDS}),
    System(
        *("JSON table", "tabular", "/data", "table", _json_table, None),
        Answer(_DEEP_JSON, media_type="application/json"),
        {"fields": _FIELDS},
    ),
)
