"""Web pages with structured data: the pages that a site's sitemap lists, each visited once; links are not followed."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from pyoxigraph import Triple

from harvesters.markup import WEB_PAGE
from harvesters.nodes import classes
from harvesters.page_doubts import Doubts
from harvesters.payloads import INCOMPLETE, digest, option
from harvesters.rdf import ACCEPT as RDF
from harvesters.rdf import read
from harvesters.sitemaps import ACCEPT as SITEMAP
from harvesters.sitemaps import Entry, Sitemaps, is_sitemap
from harvesters.sites import Site, host_of, joined
from harvesters.structured_data import PageData, read_page
from harvesters.things import DEFAULT, PageThings, Thing, key_of
from hub.errors import FetchError
from hub.fetch import CHECK, Client, Response, address
from hub.model import Page, RawRecord, Source

MOST_PAGES: Final = 50_000
MOST_FAILURES: Final = 20  # one after the other; a site in which nothing answers is not asked for each of its pages
_SHOWN: Final = 5  # failures in a run's message
_EVERY: Final = 25  # pages without records between two checkpoints
_CLOCKS: Final = timedelta(minutes=10)  # the site's may differ from ours
_HTML: Final = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"
_PAGES: Final = frozenset(("text/html", "application/xhtml+xml", ""))
_DATA: Final = frozenset(("application/ld+json", "text/turtle", "application/n-triples", "application/rdf+xml"))
_log = logging.getLogger(__name__)


class WebPagesHarvester:
    """Visits the pages of a sitemap, of a site (by its robots.txt, else by /sitemap.xml), or one page.

    `[select]` holds the classes of each kind, with blanks between them; without it those of `things.DEFAULT`.
    `[options]`: `pages`, which addresses to visit: how they begin, or a pattern with `*`, or a list of such, whole or
    from the path on; `hosts`, other hosts of the site; `most`, how many pages at most; `contexts`, JSON-LD contexts by
    address.

    A page that is gone has no records any more. One that fails makes the listing incomplete. A cursor is how many
    failed, and the last address visited; addresses are sorted.
    """

    stable = True
    incremental = True

    def pages(
        self, source: Source, client: Client, cursor: str | None = None, since: datetime | None = None
    ) -> Iterator[Page]:
        yield from _Listing(source, client, since).pages(cursor)


class _Listing:
    def __init__(self, source: Source, client: Client, since: datetime | None) -> None:
        hosts = [str(host) for host in option(source, "hosts", list, [])]
        self._source, self._since = source, since - _CLOCKS if since else None
        self._kinds = classes(source, DEFAULT)
        self._contexts: dict[str, Any] = option(source, "contexts", dict, {})
        self._wanted = _patterns(source)
        self._most = _most(source)
        self._site = Site(client, [host_of(source.url), *hosts])
        self._sitemaps = Sitemaps(self._site)
        self._listed: set[str] = set()
        self._told: dict[bytes, tuple[bytes, bytes]] = {}  # digests: kind and name -> label, what was told
        self._failures: list[str] = []
        self._doubts = Doubts()
        self._failed = self._in_a_row = self._otherwise = 0

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Raises FetchError where a page could not be read, or none at all."""
        self._failed, after = _from_cursor(cursor)
        ahead = [url for url in self._addresses() if url > after]
        forbidden = self._site.counts["forbidden"]
        for number, url in enumerate(ahead, 1):
            records = self._records(url)
            failed = self._failed + self._doubts.count
            is_last = number == len(ahead) and not failed
            if records or is_last or number % _EVERY == 0:
                yield Page(records, None if is_last else f"{failed} {url}")
        self._check(len(ahead), self._site.counts["forbidden"] - forbidden)
        if not ahead:
            yield Page([], None)

    def _addresses(self) -> list[str]:
        """The pages to visit, in order. Raises FetchError where there are none, or where the site cannot be asked."""
        entries = self._entries()
        chosen = {url: entry for url, entry in entries.items() if any(wants.match(url) for wants in self._wanted)}
        if entries and not chosen:
            raise FetchError(f"{self._source.key}: options.pages fits none of the {len(entries)} pages that are listed")
        self._listed = {key_of(url) for url in chosen}
        newer = sorted(url for url, entry in chosen.items() if entry.may_be_newer(self._since))
        for failure in self._sitemaps.failures:
            self._fail(failure)
        if len(newer) > self._most:
            self._fail(f"{len(newer)} pages are listed, and options.most lets {self._most} be visited")
        return newer[: self._most]

    def _entries(self) -> dict[str, Entry]:
        """What the sitemaps list; the address itself where it is a page."""
        url, sitemaps = self._source.url, self._sitemaps
        if urlsplit(url).path.strip("/") or urlsplit(url).query:
            answer = self._site.visit(url, SITEMAP)
            if answer is None:
                raise FetchError(f"{address(url)}: is gone, or forbidden by robots.txt. {CHECK}")
            if is_sitemap(answer):
                sitemaps.take(answer)
                return sitemaps.entries
            if answer.media_type not in _PAGES | _DATA:
                told = f"answered {answer.media_type}, which is no sitemap, no web page and no RDF"
                raise FetchError(f"{address(url)}: {told}. {CHECK}")
            return {url: Entry(url)}
        named = self._site.sitemaps(url)
        for there in named:
            sitemaps.take_from(there)
        if not named:
            answer = self._site.visit(joined(url, "/sitemap.xml"), SITEMAP)
            if answer is None or not is_sitemap(answer):
                return {url: Entry(url)}
            sitemaps.take(answer)
        return sitemaps.entries

    def _records(self, url: str) -> list[RawRecord]:
        """The records of one page; none where it is gone, or cannot be read."""
        try:
            answer = self._site.visit(url, _HTML)
            data = self._data(answer) if answer else None
        except FetchError as error:
            self._fail(error)
            self._in_a_row += 1
            if self._in_a_row >= MOST_FAILURES:
                told = f"{self._in_a_row} pages in a row failed, the last: {str(error).rstrip('.')}. {INCOMPLETE}"
                raise FetchError(told) from error
            return []
        self._in_a_row = 0
        return self._records_of(url, answer, data) if answer and data else []

    def _data(self, answer: Response) -> PageData:
        """What a page says, and what it says elsewhere as RDF. Raises FetchError."""
        if not answer.body.strip():
            raise FetchError(f"{address(answer.url)}: answered with an empty document. {CHECK}")
        if answer.media_type in _DATA:
            return PageData(tuple(read(answer, self._contexts)), answer.url)
        if answer.media_type not in _PAGES and not _looks_like_page(answer):
            return PageData((), answer.url)
        data = read_page(answer, self._contexts)
        self._doubts.take(answer, has_data=bool(data.triples))
        more: list[Triple] = []
        for there in filter(self._site.has, data.alternates):
            if told := self._site.visit(there, RDF):
                more += read(told, self._contexts)
        return replace(data, triples=(*data.triples, *more))

    def _records_of(self, url: str, answer: Response, data: PageData) -> list[RawRecord]:
        for problem in data.problems:
            self._fail(problem)
        own, preferred = [answer.url, url], key_of(data.canonical)
        is_own = preferred in map(key_of, own)
        if self._site.has(data.canonical) and (is_own or preferred not in self._listed):
            if self._since and not is_own:  # other pages may prefer it too, and the first of all has it
                return []
            own.insert(0, data.canonical)
        things = PageThings(data.triples, list(dict.fromkeys(own)), self._kinds)
        found = things.records(lambda there: key_of(there) in self._listed, only_own=self._since is not None)
        return [kept for thing in found if (kept := self._once(thing))]

    def _once(self, thing: Thing) -> RawRecord | None:
        """The record under the first of its names that is no other thing's; None where it was told before.

        Of one thing that two pages tell differently, the first in order counts.
        """
        label, payload = digest(thing.label), digest(thing.record.payload)
        for name in thing.names:
            key = digest(f"{thing.record.kind} {name}")
            if key not in self._told:
                self._told[key] = label, payload
                return replace(thing.record, identifier=name)
            if label == self._told[key][0]:
                self._otherwise += payload != self._told[key][1]
                return None
        self._otherwise += 1
        return None

    def _fail(self, failure: FetchError | str) -> None:
        self._failed += 1
        if len(self._failures) < _SHOWN:
            self._failures.append(str(failure).rstrip("."))

    def _check(self, pages: int, forbidden: int) -> None:
        """Raises FetchError where not all could be read."""
        counts = self._site.counts
        _log.info(
            "%s: %d pages; %d gone, %d forbidden by robots.txt, %d addresses of other sites, %d things told otherwise",
            *(self._source.key, pages, counts["gone"], counts["forbidden"], self._sitemaps.strangers, self._otherwise),
        )
        if pages and forbidden == pages:
            raise FetchError(f"{address(self._source.url)}: robots.txt forbids all {pages} pages. {INCOMPLETE}")
        for doubt in self._doubts.told():
            self._fail(doubt)
        if self._failed:
            told = f"{self._failed} of the pages and sitemaps failed: {'; '.join(self._failures)}"
            more = "" if self._failed <= len(self._failures) else "; …"
            raise FetchError(f"{address(self._source.url)}: {told[:3000]}{more}. {INCOMPLETE}")


def _looks_like_page(answer: Response) -> bool:
    return bool(WEB_PAGE.match(answer.body[:2000].decode("utf-8", "replace")))


def _from_cursor(cursor: str | None) -> tuple[int, str]:
    failed, _, url = (cursor or "").partition(" ")
    return (int(failed), url) if failed.isdecimal() else (0, "")


def _patterns(source: Source) -> list[re.Pattern[str]]:
    """`[options] pages`: how addresses begin, or with `*` the whole; from the path on where it begins with a slash."""
    is_one = isinstance(source.options.get("pages"), str)
    written = [option(source, "pages", str, "")] if is_one else option(source, "pages", list, [""])
    return [_pattern(str(one).strip()) for one in written]


def _most(source: Source) -> int:
    most: int = option(source, "most", int, MOST_PAGES)
    if isinstance(most, bool) or most < 1:
        raise FetchError(f"{source.key}: options.most is {most!r}; it must be a number from 1")
    return most


def _pattern(written: str) -> re.Pattern[str]:
    host = r"https?://[^/?#]*" if written.startswith("/") else ""
    body = ".*".join(re.escape(part) for part in written.split("*"))
    return re.compile(host + body + (r"\Z" if "*" in written else ""))
