"""Catalogues published as RDF: DCAT-AP, schema.org or any other vocabulary, in pages (`paging`) or in one file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pyoxigraph import Literal, Triple

from harvesters.closure import About, Node, by_subject
from harvesters.nodes import CATALOGUES, N_TRIPLES, SHARED, classes, kind_of, names_of, plain, record_of, types
from harvesters.paging import Walk, listed
from harvesters.payloads import digest, option, page_size, short_hash, slices, unidentified
from harvesters.rdf import ACCEPT, read
from hub.errors import FetchError
from hub.fetch import Client
from hub.model import Page, RawRecord, Source
from hub.namespaces import DCAT, DCT, SCHEMA

_WORDS = frozenset(term.value for term in (DCAT.keyword, DCT.title, SCHEMA.keywords, SCHEMA.name))


class DcatHarvester:
    """Reads pages of RDF; the records are the nodes of the classes in `[select]` (default practice = dcat:Dataset).

    `[options]`: `urls`, several addresses in place of `url`; `keywords`, of which a record must have one in its
    keywords or title; `contexts`, JSON-LD contexts by address; `page_size`. A cursor is `index offset address`.
    """

    stable = False
    incremental = False

    def pages(
        self, source: Source, client: Client, cursor: str | None = None, since: datetime | None = None
    ) -> Iterator[Page]:
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
            raise FetchError(f"{len(failures)} of {len(urls)} addresses failed: {' '.join(map(str, failures))[:2000]}")


def _from_cursor(cursor: str | None, most: int) -> tuple[int, int, str]:
    parts = (cursor or "").split(" ", 2)
    if len(parts) == 3 and parts[0].isdecimal() and parts[1].isdecimal() and int(parts[0]) < most:
        return int(parts[0]), int(parts[1]), parts[2]
    return 0, 0, ""


def _cursor_at(index: int, here: str) -> Callable[[int], str]:
    return lambda reached: f"{index} {reached} {here}"


class _Listing:
    """What is known over all pages of a run: the records told so far, so that none is told twice."""

    def __init__(self, source: Source, client: Client) -> None:
        self._client, self._size = client, page_size(source)
        self._kinds = classes(source)
        self._words = [str(word).casefold() for word in option(source, "keywords", list, [])]
        self._contexts: dict[str, Any] = option(source, "contexts", dict, {})
        self._told: dict[
            bytes, bytes
        ] = {}  # digests, for a million records: kind and name -> whose it is, what was told

    def of(self, url: str, begin: str, index: int, offset: int, after: str | None) -> Iterator[Page]:
        """The pages behind one address. Raises FetchError when one cannot be read or leads back, or one is missing."""
        walk = Walk(url)
        following: str | None = begin
        while following:
            here = following
            walk.visit(here)
            answer = self._client.get(here, headers={"Accept": ACCEPT})
            triples = read(answer, self._contexts)
            about = by_subject(triples)
            nodes = self._nodes(about)
            walk.take(here, triples, listed(triples) | nodes.keys(), about)
            following = walk.following(answer.url, triples)
            last = f"{index} 0 {following}" if following else after
            records = self._records(nodes, about)
            yield from slices(records, self._size, offset, _cursor_at(index, here), last, walk.total)
            offset = 0
        if begin == url:
            walk.check()

    def _nodes(self, about: About) -> dict[Node, str]:
        """The nodes that are records, and their kinds."""
        found = ((node, kind_of(statements, self._kinds)) for node, statements in about.items())
        return {node: kind for node, kind in found if kind}

    def _records(self, nodes: Mapping[Node, str], about: About) -> list[RawRecord]:
        catalogues = (node for node, statements in about.items() if types(statements) & CATALOGUES)
        fences = dict.fromkeys(catalogues, False) | {node: kind in SHARED for node, kind in nodes.items()}
        chosen = (node for node in nodes if self._is_chosen(about[node]))
        found = [(names_of(node, about[node]), record_of(node, nodes[node], about, fences)) for node in chosen]
        found.sort(key=lambda pair: (pair[0], pair[1].payload))
        return [kept for names, record in found if (kept := self._once(names, record))]

    def _is_chosen(self, statements: Sequence[Triple]) -> bool:
        said = (t.object for t in statements if self._words and plain(t.predicate.value) in _WORDS)
        texts = [term.value.casefold() for term in said if isinstance(term, Literal)]
        return not self._words or any(word in text for text in texts for word in self._words)

    def _once(self, names: Sequence[str], record: RawRecord) -> RawRecord | None:
        """The record under the first of its names that is no other node's; None where the same was told before.

        One that was told before and otherwise is kept apart, with a problem.
        """
        content = short_hash(record.payload)
        names = names or [f"content-{content}"]
        owner, told = digest(names[-1]), b""
        for name in names:
            key = digest(f"{record.kind} {name}")
            told = self._told.get(key, b"")
            if not told:
                self._told[key] = owner + content.encode()
                return replace(record, identifier=name)
            if told.startswith(owner):
                break
        if told.endswith(content.encode()):
            return None
        problem = f"The catalogue has {name!r} twice and says different things of it; the first is kept. List it once."
        return unidentified(record.payload, N_TRIPLES, record.kind, problem)
