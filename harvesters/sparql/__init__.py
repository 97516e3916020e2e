"""SPARQL endpoints (SPARQL 1.1) whose records are nodes, read by queries that every engine can answer."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Final

from pyoxigraph import NamedNode

from harvesters.nodes import IDENTIFIERS, N_TRIPLES, names_of, plain, record_of, types
from harvesters.paging import MOST_PAGES
from harvesters.payloads import INCOMPLETE, identifier_of, page_size
from harvesters.rdf import iri_text
from harvesters.sparql.endpoint import Endpoint, told
from harvesters.sparql.parts import Parts, kinds_among
from harvesters.sparql.selection import selection, term
from hub.errors import FetchError
from hub.fetch import Client
from hub.model import Page, RawRecord, Source

_BY: Final = " ".join(f"<{iri}>" for iri in (*IDENTIFIERS, "https://schema.org/identifier"))
_log = logging.getLogger(__name__)
Listed = tuple[str, str]  # IRI and kind


class SparqlHarvester:
    """Lists the nodes of the classes in `[select]`, or those that `[options] query` finds as ?record (and ?kind).

    The listing is sorted by IRI and goes on behind the last one, whatever the endpoint cuts; a cursor is that IRI. The
    payload is what `harvesters.dcat` makes of the same statements. `[options]` also: `modified`, the property by which
    only what changed is listed; `page_size`; and those of `Endpoint`.
    """

    stable = True
    incremental = True

    def pages(
        self, source: Source, client: Client, cursor: str | None = None, since: datetime | None = None
    ) -> Iterator[Page]:
        listing = _Listing(source, client, cursor or "", since)
        total = listing.count()
        if not cursor:
            listing.tell_blank()
        size, listed = page_size(source), listing.entries()
        entries = list(islice(listed, size))
        while True:
            following = list(islice(listed, size))
            records = listing.records(entries)
            yield Page(records, entries[-1][0] if following else None, None if cursor else total)
            if not following:
                break
            entries = following
        listing.check(total)


class _Listing:
    """The records of one source behind `begin`."""

    def __init__(self, source: Source, client: Client, begin: str, since: datetime | None) -> None:
        self._selection = selection(source)
        self._endpoint = Endpoint(source, client, self._selection.prologue)
        self._begin, self._since, self._came = begin, since, 0

    def count(self) -> int:
        return self._endpoint.count(self._selection.body(self._begin, self._since), "DISTINCT ?record")

    def check(self, total: int) -> None:
        """Raises FetchError where fewer came than were counted, unless there are fewer now."""
        if self._came < total and self._came < (now := self.count()):
            words = f"{now} records are counted, {self._came} came; the endpoint cuts its answers without a word"
            raise FetchError(f"{self._endpoint.shown}: {words}. {INCOMPLETE}")

    def tell_blank(self) -> None:
        found = self._endpoint.count(f"{{ {self._selection.pattern} }} FILTER(isBlank(?record))", "DISTINCT ?record")
        if found:
            words = (
                "%s: %d of these nodes are blank, so they cannot be asked for by name and are no records of their own"
            )
            _log.warning(words, self._endpoint.shown, found)

    def entries(self) -> Iterator[Listed]:
        """All records, part by part, to the part that is empty. Raises FetchError where a part comes again."""
        after, seen = self._begin, set[str]()
        while rows := self._endpoint.first(self._selection.records(after, self._since)):
            iris = [told(row, "record") for row in rows]
            if iris[0] in seen:
                words = f"the records behind {after[:200]!r} came before; the endpoint seems to ignore FILTER"
                raise FetchError(f"{self._endpoint.shown}: paging loop: {words}. {INCOMPLETE}")
            seen.add(iris[0])
            if len(seen) > MOST_PAGES:
                raise FetchError(f"{self._endpoint.shown}: the listing has more than {MOST_PAGES} parts. {INCOMPLETE}")
            for iri, row in zip(iris, rows, strict=True):
                self._came += 1
                yield iri, self._selection.kind(told(row, "first"))
            after = iris[-1]

    def records(self, entries: Sequence[Listed]) -> list[RawRecord]:
        named = {iri: kind for iri, kind in entries if term(iri)}
        parts = Parts(self._endpoint, self._selection, named)
        owners = self._owners(named, parts)
        found = (self._record(iri, kind, parts, owners) for iri, kind in entries)
        return [record for record in found if record]

    def _record(self, iri: str, kind: str, parts: Parts, owners: dict[tuple[str, str], str]) -> RawRecord | None:
        """None for what only has its type, which is a mention."""
        if not term(iri):
            return _unread(iri, kind, "The IRI holds characters that no IRI may hold, so that it cannot be asked for.")
        if iri in parts.cut:
            return _unread(iri, kind, "The endpoint cuts its answers, and there is more to this record than it gives.")
        node = NamedNode(iri)
        if not (statements := parts.about.get(node, [])):
            return _unread(iri, kind, "The endpoint lists the record, but says nothing of it.")
        if len(types(statements)) == len(statements):
            return None
        names = names_of(node, statements)
        is_own = owners.get((kind, names[0]), iri) == iri
        return replace(record_of(node, kind, parts.about, parts.fences), identifier=names[0 if is_own else -1])

    def _owners(self, named: dict[str, str], parts: Parts) -> dict[tuple[str, str], str]:
        """Whose an identifier is, by kind: of the records that have it, the first one's by IRI, in every run alike."""
        terms = {
            str(triple.object)
            for iri in named
            for triple in parts.about.get(NamedNode(iri), ())
            if plain(triple.predicate.value) in IDENTIFIERS
        }
        body = f"VALUES ?by {{ {_BY} }} ?record ?by ?name FILTER(isIRI(?record))"
        found: list[tuple[str, str]] = []
        asked = sorted(name for name in terms if not name.startswith("_:"))
        for rows, _ in self._endpoint.whole("?record ?name", lambda part: f"VALUES ?name {{ {part} }} {body}", asked):
            found += [(told(row, "record"), identifier_of(told(row, "name"))) for row in rows]
        others = {iri for iri, _ in found if iri not in named and term(iri)}
        kinds = named | kinds_among(self._endpoint, self._selection, others)[0]
        owners: dict[tuple[str, str], str] = {}
        for iri, name in found:
            if kind := kinds.get(iri):
                owners[kind, name] = min(owners.get((kind, name), iri), iri)
        return owners


def _unread(iri: str, kind: str, problem: str) -> RawRecord:
    return RawRecord(identifier_of(iri), f"# {iri_text(iri)}\n".encode(), N_TRIPLES, kind, problem=problem)
