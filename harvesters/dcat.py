"""Catalogues published as RDF: DCAT-AP, schema.org or any other vocabulary, paged with Hydra or in one file.

Paging follows https://www.hydra-cg.com/spec/latest/core/ and its older form (PagedCollection, nextPage).
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any
from urllib.parse import urljoin, urlsplit

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from harvesters.closure import MOST_STATEMENTS, About, Node, TooLarge, by_subject, own_part, payload
from harvesters.payloads import option, page_size, short_hash, slices, unidentified
from harvesters.rdf import ACCEPT, read
from hub.errors import FetchError
from hub.fetch import Client, address
from hub.model import Page, RawRecord, Source
from hub.namespaces import DCAT, DCT, HYDRA, PREFIXES, RDF, SCHEMA

N_TRIPLES = "application/n-triples"
MOST_PAGES = 100_000
_NEXT = (HYDRA.next, HYDRA.nextPage)
_LISTS = frozenset((DCAT.dataset, DCAT.resource, DCAT.service, DCAT.catalog, DCAT.series, HYDRA.member))
_PREFIXES = {name: str(namespace) for name, namespace in PREFIXES.items()} | {"hydra": str(HYDRA)}
_log = logging.getLogger(__name__)


def _plain(iri: str) -> str:
    """schema.org's terms with http and https are one."""
    return iri.replace("https://schema.org/", "http://schema.org/", 1)


_IDENTIFIERS = (DCT.identifier.value, SCHEMA.identifier.value)
_WORDS = frozenset(term.value for term in (DCAT.keyword, DCT.title, SCHEMA.keywords, SCHEMA.name))
_CATALOGUES = frozenset(
    term.value
    for term in (
        DCAT.Catalog,
        SCHEMA.DataCatalog,
        HYDRA.Collection,
        HYDRA.PagedCollection,
        HYDRA.PartialCollectionView,
    )
)


class DcatHarvester:
    """Reads pages of RDF; the records are the nodes of the classes in `[select]` (default practice = dcat:Dataset).

    `[options]`: `urls`, several addresses in place of `url`; `keywords`, of which a record must have one in its
    keywords or title; `contexts`, JSON-LD contexts by address; `page_size`. A cursor is `index offset address`.
    """

    stable = False

    def pages(self, source: Source, client: Client, cursor: str | None = None) -> Iterator[Page]:
        listing = _Listing(source, client)
        urls = [str(url) for url in option(source, "urls", list, [])] or [source.url]
        first, offset, begin = _from_cursor(cursor, len(urls))
        failures: list[FetchError] = []
        for index in range(first, len(urls)):
            after = f"{index + 1} 0 {urls[index + 1]}" if index + 1 < len(urls) else None
            try:
                yield from listing.of(urls[index], begin or urls[index], index, offset, after)
            except FetchError as error:  # one organisation's broken file must not cost the others theirs
                failures.append(error)
            begin, offset = "", 0
        if len(failures) == 1:
            raise failures[0]
        if failures:
            raise FetchError(f"{len(failures)} of {len(urls)} addresses failed: {'; '.join(map(str, failures))[:2000]}")


def _from_cursor(cursor: str | None, most: int) -> tuple[int, int, str]:
    parts = (cursor or "").split(" ", 2)
    if len(parts) == 3 and parts[0].isdecimal() and parts[1].isdecimal() and int(parts[0]) < most:
        return int(parts[0]), int(parts[1]), parts[2]
    return 0, 0, ""


def _classes(source: Source) -> dict[str, frozenset[str]]:
    """The classes of each kind, as IRIs. Raises FetchError naming one that is neither an IRI nor has a known prefix."""

    def iri(kind: str, name: str) -> str:
        prefix, _, local = name.partition(":")
        if not local or (prefix not in _PREFIXES and not local.startswith("//") and prefix != "urn"):
            known = ", ".join(sorted(_PREFIXES))
            raise FetchError(
                f"{source.key}: select.{kind} has {name!r}; it must be classes, by blanks: each an IRI, or with one of "
                f"the prefixes {known}"
            )
        return _plain(_PREFIXES[prefix] + local if prefix in _PREFIXES else name)

    select = dict(source.select) or {"practice": "dcat:Dataset"}
    return {kind: frozenset(iri(kind, name) for name in classes.split() or [""]) for kind, classes in select.items()}


@dataclass(slots=True)
class _Walk:
    """The way through the pages behind one address: where it has been, and what came."""

    begin: str
    visited: set[str | bytes] = field(default_factory=set)
    listed: set[NamedNode] = field(default_factory=set)
    unnamed: int = 0
    total: int | None = None

    def visit(self, here: str, mark: str | bytes) -> None:
        """Raises FetchError where the mark, an address or a page's content, came before."""
        if mark in self.visited:
            told = "came before" if isinstance(mark, str) else "has the same records as a page before"
            raise FetchError(f"{address(here)}: paging loop: this page {told}. {_INCOMPLETE}")
        if len(self.visited) > 2 * MOST_PAGES:
            raise FetchError(f"{address(here)}: more than {MOST_PAGES} pages. {_INCOMPLETE}")
        self.visited.add(mark)

    def count(self, nodes: Iterator[Node]) -> None:
        blank = 0
        for node in set(nodes):
            if isinstance(node, NamedNode):
                self.listed.add(node)
            else:
                blank += 1
        self.unnamed += blank

    def check(self) -> None:
        """Raises FetchError where less came than the catalogue announces."""
        came = len(self.listed) + self.unnamed
        if self.total is not None and came < self.total:
            told = f"{self.total} entries are announced, {came} came"
            raise FetchError(f"{address(self.begin)}: {told}. {_INCOMPLETE}")


_INCOMPLETE = "The listing is incomplete; nothing is deleted for it."


class _Listing:
    """What is known over all pages of a run: the records told so far, so that none is told twice."""

    def __init__(self, source: Source, client: Client) -> None:
        self._client, self._size = client, page_size(source)
        self._kinds = _classes(source)
        self._words = [str(word).casefold() for word in option(source, "keywords", list, [])]
        self._contexts: dict[str, Any] = option(source, "contexts", dict, {})
        self._told: dict[tuple[str, str], tuple[str, str]] = {}  # kind and identifier -> whose it is, and what was told

    def of(self, url: str, begin: str, index: int, offset: int, after: str | None) -> Iterator[Page]:
        """The pages behind one address. Raises FetchError when a page cannot be read, leads back, or some are missing."""
        walk, following = _Walk(url), begin
        while following:
            here = following
            walk.visit(here, here)
            answer = self._client.get(here, headers={"Accept": ACCEPT})
            triples = read(answer, self._contexts)
            about = by_subject(triples)
            nodes = self._nodes(about)
            if nodes:
                walk.visit(here, _fingerprint(nodes, about))
            walk.count(_listed(triples, nodes))
            walk.total = _total(triples)
            following = _next(triples, answer.url, walk.visited)
            last = f"{index} 0 {following}" if following else after
            records = self._records(nodes, about)
            yield from slices(records, self._size, offset, _cursor_at(index, here), last, walk.total)
            offset = 0
        if begin == url:
            walk.check()

    def _nodes(self, about: About) -> dict[Node, str]:
        """The nodes that are records, and their kinds; one that only has its type is a mention of another page's."""
        nodes: dict[Node, str] = {}
        for node, statements in about.items():
            types = {_plain(t.object.value) for t in statements if t.predicate == RDF.type and _is_iri(t.object)}
            kind = next((kind for kind, classes in self._kinds.items() if types & classes), None)
            if kind is None or all(t.predicate == RDF.type for t in statements):
                continue
            if not types & (_CATALOGUES - self._kinds[kind]):
                nodes[node] = kind
        return nodes

    def _records(self, nodes: Mapping[Node, str], about: About) -> list[RawRecord]:
        catalogues = {node for node, statements in about.items() if any(map(_is_catalogue, statements))}
        fences = nodes.keys() | catalogues
        chosen = (node for node in nodes if self._is_chosen(about[node]))
        found = sorted(
            ((_names(node, about[node]), _record(node, nodes[node], about, fences)) for node in chosen),
            key=lambda pair: (pair[0], pair[1].payload),
        )
        return [kept for names, record in found if (kept := self._once(names, record))]

    def _is_chosen(self, statements: Sequence[Triple]) -> bool:
        texts = (t.object.value.casefold() for t in statements if _plain(t.predicate.value) in _WORDS and _is_text(t.object))
        return not self._words or any(word in text for text in texts for word in self._words)

    def _once(self, names: Sequence[str], record: RawRecord) -> RawRecord | None:
        """The record under the first of its names that is no other node's; None where the same was told before.

        One that was told before and otherwise is kept apart, with a problem.
        """
        digest = short_hash(record.payload)
        names = names or [f"content-{digest}"]
        for name in names:
            owner, told = self._told.setdefault((record.kind, name), (names[-1], ""))
            if not told:
                self._told[record.kind, name] = owner, digest
                return replace(record, identifier=name)
            if owner == names[-1]:
                return None if told == digest else _told_otherwise(name, record)
        return _told_otherwise(names[-1], record)
