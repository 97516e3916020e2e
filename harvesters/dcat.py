"""Catalogues published as RDF: DCAT-AP, schema.org or any other vocabulary, paged with Hydra or in one file.

Paging follows https://www.hydra-cg.com/spec/latest/core/ and its older form (PagedCollection, nextPage).
"""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from harvesters.closure import MOST_STATEMENTS, About, Node, TooLarge, by_subject, own_part, payload
from harvesters.payloads import page_size, short_hash, slices
from harvesters.rdf import ACCEPT, read, term_text
from hub.errors import FetchError
from hub.fetch import Client
from hub.model import Page, RawRecord, Source
from hub.namespaces import DCAT, DCT, HYDRA, PREFIXES, RDF

N_TRIPLES = "application/n-triples"
MOST_PAGES = 100_000
_CATALOGUES = ("dcat:Catalog", "hydra:Collection", "hydra:PagedCollection", "hydra:PartialCollectionView")
_NEXT = (HYDRA.next, HYDRA.nextPage)
_log = logging.getLogger(__name__)


def _term(name: str) -> str:
    """A class or property as its IRI; schema.org's with http and https are one."""
    prefix, _, local = name.partition(":")
    if prefix in PREFIXES and not local.startswith("//"):
        name = f"{PREFIXES[prefix]}{local}"
    elif prefix == "hydra":
        name = f"{HYDRA}{local}"
    return name.replace("https://schema.org/", "http://schema.org/", 1)


_IDENTIFIERS = (DCT.identifier.value, _term("schema:identifier"))
_WORDS = frozenset(map(_term, ("dcat:keyword", "dct:title", "schema:keywords", "schema:name")))
_CATALOGUE_CLASSES = frozenset(map(_term, (*_CATALOGUES, "schema:DataCatalog")))


class DcatHarvester:
    """Reads pages of RDF; the records are the nodes of the classes in `[select]` (default practice = dcat:Dataset).

    `[options]`: `urls`, several addresses in place of `url`; `keywords`, of which a record must have one in its
    keywords or title; `contexts`, JSON-LD contexts by address; `page_size`. A cursor is `index offset address`.
    """

    stable = False

    def pages(self, source: Source, client: Client, cursor: str | None = None) -> Iterator[Page]:
        listing = _Listing(source, client)
        urls = _urls(source)
        first, offset, address = _from_cursor(cursor, len(urls))
        failures: list[FetchError] = []
        for index in range(first, len(urls)):
            after = f"{index + 1} 0 {urls[index + 1]}" if index + 1 < len(urls) else None
            try:
                yield from listing.of(address or urls[index], index, offset, after)
            except FetchError as error:  # one organisation's broken file must not cost the others theirs
                failures.append(error)
            address, offset = "", 0
        if len(failures) == 1:
            raise failures[0]
        if failures:
            raise FetchError(f"{len(failures)} of {len(urls)} addresses failed: {'; '.join(map(str, failures))[:2000]}")


def _urls(source: Source) -> list[str]:
    urls: list[str] = option(source, "urls", list, []) or [source.url]
    return [str(url) for url in urls]


def _from_cursor(cursor: str | None, most: int) -> tuple[int, int, str]:
    parts = (cursor or "").split(" ", 2)
    if len(parts) == 3 and parts[0].isdecimal() and parts[1].isdecimal() and int(parts[0]) < most:
        return int(parts[0]), int(parts[1]), parts[2]
    return 0, 0, ""


class _Listing:
    """What is known over all pages of a run: the records told so far, so that none is told twice."""

    def __init__(self, source: Source, client: Client) -> None:
        self._client, self._size = client, page_size(source)
        select = dict(source.select) or {"practice": "dcat:Dataset"}
        self._kinds = {kind: frozenset(map(_term, classes.split())) for kind, classes in select.items()}
        self._words = [str(word).casefold() for word in option(source, "keywords", list, [])]
        self._contexts: dict[str, Any] = option(source, "contexts", dict, {})
        self._told: dict[tuple[str, str], str] = {}

    def of(self, url: str, index: int, offset: int, after: str | None) -> Iterator[Page]:
        """The pages behind one address. Raises FetchError when a page cannot be read or leads back."""
        visited: set[str | bytes] = set()
        following: str | None = url
        while following:
            here = following
            _visit(here, here, visited)
            answer = self._client.get(here, headers={"Accept": ACCEPT})
            triples = read(answer, self._contexts)
            about = by_subject(triples)
            nodes = self._nodes(about)
            _visit(here, _fingerprint(nodes, about), visited)
            following = _next(triples, answer.url, visited)
            last = f"{index} 0 {following}" if following else after
            at = partial("{index} {reached} {here}".format, index=index, here=here)
            records = self._records(nodes, about)
            yield from slices(records, self._size, offset, lambda n, at=at: at(reached=n), last, _total(triples))
            offset = 0

    def _nodes(self, about: About) -> dict[Node, str]:
        """The nodes that are records, and their kinds; one that only has its type is a mention of another page's."""
        nodes: dict[Node, str] = {}
        for node, statements in about.items():
            types = {_term(t.object.value) for t in statements if t.predicate == RDF.type and _is_iri(t.object)}
            kind = next((kind for kind, classes in self._kinds.items() if types & classes), None)
            is_mention = all(t.predicate == RDF.type for t in statements)
            if kind and not is_mention and not (types & _CATALOGUE_CLASSES - self._kinds[kind]):
                nodes[node] = kind
        return nodes

    def _records(self, nodes: Mapping[Node, str], about: About) -> list[RawRecord]:
        catalogues = (t.subject for ts in about.values() for t in ts if _is_catalogue(t))
        fences = nodes.keys() | set(catalogues)
        chosen = (node for node in nodes if self._is_chosen(about[node]))
        records = sorted((_record(node, nodes[node], about, fences) for node in chosen), key=lambda r: r.identifier)
        return [kept for record in records if (kept := self._once(record))]

    def _is_chosen(self, statements: Sequence[Triple]) -> bool:
        texts = (t.object.value.casefold() for t in statements if _term(t.predicate.value) in _WORDS and _is_text(t.object))
        return not self._words or any(word in text for text in texts for word in self._words)

    def _once(self, record: RawRecord) -> RawRecord | None:
        """The record; None where the same was told before; a problem where it was told before and otherwise."""
        key, digest = (record.kind, record.identifier), short_hash(record.payload)
        first = self._told.setdefault(key, record.payload and digest)
        return record
