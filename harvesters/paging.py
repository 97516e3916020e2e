"""The way through a catalogue's pages: Hydra's links, old and new, with what portals get wrong about them.

https://www.hydra-cg.com/spec/latest/core/ (`view`, `next`, `totalItems`), and its form before 2015 (`nextPage`).
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit, urlunsplit

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from harvesters.closure import About, Node
from harvesters.payloads import INCOMPLETE, digest
from hub.errors import FetchError
from hub.fetch import address
from hub.namespaces import DCAT, HYDRA, SCHEMA

MOST_PAGES = 100_000
_NEXT = (HYDRA.next, HYDRA.nextPage)
_LISTS = frozenset(
    (
        *(DCAT[name] for name in ("dataset", "resource", "service", "catalog", "series")),
        *(HYDRA.member, SCHEMA.dataset, NamedNode("https://schema.org/dataset")),
    )
)
_log = logging.getLogger(__name__)


def listed(triples: Iterable[Triple]) -> set[Node]:
    """What a page says that its catalogue has, be it a record of ours or not."""
    return {t.object for t in triples if t.predicate in _LISTS and isinstance(t.object, NamedNode | BlankNode)}


@dataclass(slots=True)
class Walk:
    """The pages behind one address: where we have been, and what came. Raises FetchError where it cannot go on."""

    begin: str
    visited: set[str | int] = field(default_factory=set)
    total: int | None = None
    _named: set[bytes] = field(default_factory=set)  # digests
    _unnamed: int = 0
    _strangers: set[str] = field(default_factory=set)

    def visit(self, here: str) -> None:
        if here in self.visited:
            raise FetchError(f"{address(here)}: paging loop: this page came before. {INCOMPLETE}")
        if len(self.visited) > 2 * MOST_PAGES:
            raise FetchError(f"{address(here)}: more than {MOST_PAGES} pages. {INCOMPLETE}")
        self.visited.add(here)

    def take(self, here: str, triples: Iterable[Triple], entries: set[Node], about: About) -> None:
        """Counts a page's entries; knows a page again under another address, by those that it describes."""
        described = frozenset(_said(node, about) for node in entries if node in about)
        if described and hash(described) in self.visited:
            told = "this page has the entries of a page before; the portal seems to ignore the page's number"
            raise FetchError(f"{address(here)}: paging loop: {told}. {INCOMPLETE}")
        self.visited.add(hash(described))
        named = {digest(node.value) for node in entries if isinstance(node, NamedNode)}
        self._named |= named
        self._unnamed += len(entries) - len(named)
        totals = {t.object.value for t in triples if t.predicate == HYDRA.totalItems and isinstance(t.object, Literal)}
        if len(totals) == 1 and (total := totals.pop().strip()).isdecimal():
            self.total = int(total)  # it may shrink on the way: the last word counts

    def following(self, here: str, triples: Iterable[Triple]) -> str | None:
        """The next page's address; of several links the page's own, and one that leads on."""
        links = [
            (t.subject, t.object.value)
            for t in triples
            if t.predicate in _NEXT and isinstance(t.object, NamedNode | Literal)
        ]
        there = [(self._on_our_host(link, here), _is_page(subject, here)) for subject, link in links if link.strip()]
        best = min(there, key=lambda pair: (pair[0] in self.visited, not pair[1], pair[0]), default=None)
        return best[0] if best else None

    def check(self) -> None:
        came = len(self._named) + self._unnamed
        if self.total is not None and came < self.total:
            raise FetchError(f"{address(self.begin)}: {self.total} entries are announced, {came} came. {INCOMPLETE}")

    def _on_our_host(self, link: str, here: str) -> str:
        """The link's address; behind a proxy portals write their internal host and leave out the proxy's path."""
        ours = urlsplit(here)
        try:
            theirs = urlsplit(urljoin(here, link.strip()))
        except ValueError as error:
            told = f"the link to the next page is no address: {link[:200]!r}"
            raise FetchError(f"{address(here)}: {told}. {INCOMPLETE}") from error
        path = theirs.path
        if theirs.netloc != ours.netloc:
            if theirs.netloc not in self._strangers:
                _log.warning("%s: links to pages on %s; its own host is asked", address(here), theirs.netloc)
            self._strangers.add(theirs.netloc)
            path = ours.path if ours.path.endswith(path) else path
        return urlunsplit((ours.scheme, ours.netloc, path, theirs.query, ""))


def _said(node: Node, about: About) -> object:
    """How an entry is known again: by its IRI; a blank one, whose label is another each time, by what is said of it."""
    if isinstance(node, NamedNode):
        return node
    return frozenset((t.predicate, t.object) for t in about[node] if not isinstance(t.object, BlankNode))


def _is_page(subject: object, here: str) -> bool:
    """Whether links of this subject are the page's own; the host may be another."""
    if not isinstance(subject, NamedNode):
        return False
    theirs, ours = urlsplit(subject.value), urlsplit(here)
    return theirs.query == ours.query and ours.path.endswith(theirs.path)
