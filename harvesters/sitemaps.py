"""Sitemaps (https://www.sitemaps.org/protocol.html): XML, an index of such, a plain list of addresses; also packed."""

import logging
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, Final
from urllib.parse import urldefrag

from lxml import etree

from harvesters.markup import STRICTLY
from harvesters.payloads import decoded
from harvesters.sites import Site, joined
from hub.errors import FetchError
from hub.fetch import CHECK, Response, address

ACCEPT: Final = "application/xml, text/xml;q=0.9, text/plain;q=0.8, */*;q=0.5"
MOST_ADDRESSES: Final = 50_000  # of one sitemap, and as many sitemaps of an index
MOST_BYTES: Final = 52_428_800  # of one sitemap, unpacked
MOST_LISTED: Final = 500_000  # of one source: they are sorted, so held at once (some 60 MB)
_GZIP: Final = b"\x1f\x8b"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """An address, and the moment until which it may have changed last, as its `lastmod` says."""

    url: str
    changed: datetime | None = None

    def may_be_newer(self, since: datetime | None) -> bool:
        return since is None or self.changed is None or self.changed >= since


@dataclass(slots=True)
class Sitemaps:
    """All that the sitemaps of a site list. `failures` are those that could not be read, `strangers` other sites'."""

    site: Site
    entries: dict[str, Entry] = field(default_factory=dict)
    failures: list[FetchError] = field(default_factory=list)
    strangers: int = 0
    _read: set[str] = field(default_factory=set)

    def take(self, answer: Response, *, is_indexed: bool = False) -> None:
        """Takes a sitemap, or an index with all that it names. Raises FetchError."""
        self._read.add(answer.url)
        root, entries = _parsed(answer)
        if root == "sitemapindex" and is_indexed:
            raise FetchError(f"{address(answer.url)}: an index of sitemaps within an index is not read")
        for entry in entries:
            if not self.site.has(entry.url):
                self.strangers += 1
            elif root == "sitemapindex":
                self.take_from(entry.url, is_indexed=True)
            else:
                self._list(entry)

    def take_from(self, url: str, *, is_indexed: bool = False) -> None:
        """Takes a sitemap that an index or a robots.txt names; one that cannot be read is a failure, not the end."""
        if url in self._read:
            _log.warning("%s: named twice among the sitemaps; read once", address(url))
            return
        self._read.add(url)
        try:
            if (answer := self.site.visit(url, ACCEPT)) is None:
                raise FetchError(f"{address(url)}: the sitemap is gone, or forbidden by robots.txt")
            self.take(answer, is_indexed=is_indexed)
        except FetchError as error:
            self.failures.append(error)

    def _list(self, entry: Entry) -> None:
        self.entries[entry.url] = entry
        if len(self.entries) > MOST_LISTED:
            raise FetchError(f"{address(entry.url)}: the sitemaps list more than {MOST_LISTED} pages. {CHECK}")


def is_sitemap(answer: Response) -> bool:
    """Whether it is not a page or a file of data, by what it looks like."""
    start = answer.body[:1000].lower()
    return start.startswith(_GZIP) or b"<urlset" in start or b"<sitemapindex" in start or _is_list(answer)


def _is_list(answer: Response) -> bool:
    return answer.media_type == "text/plain" and answer.body.lstrip(b"\xef\xbb\xbf \r\n")[:4].lower() == b"http"


def _parsed(answer: Response) -> tuple[str, Iterator[Entry]]:
    """The name of its root ("" of a list), and its entries. Raises FetchError, also while the entries are read."""
    body = _unpacked(answer)
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"<":
        return "", _lines(body, answer)
    events = etree.iterparse(
        BytesIO(body),
        events=("start", "end"),
        **STRICTLY,
    )
    try:
        _, root = next(events)
        if root.getroottree().docinfo.internalDTD is not None:
            raise FetchError(f"{address(answer.url)}: declares a DOCTYPE; such a sitemap is not read")
    except (etree.XMLSyntaxError, StopIteration) as error:
        raise FetchError(f"{address(answer.url)}: the sitemap is no valid XML: {str(error)[:200]}") from error
    name = etree.QName(root).localname
    if name not in ("urlset", "sitemapindex"):
        raise FetchError(f"{address(answer.url)}: <{name}> is no sitemap; it has <urlset> or <sitemapindex>. {CHECK}")
    return name, _elements(events, root, answer)


def _unpacked(answer: Response) -> bytes:
    body = answer.body
    if body.startswith(_GZIP):
        unpacking = zlib.decompressobj(wbits=31)
        try:
            body = unpacking.decompress(body, MOST_BYTES + 1)
        except zlib.error as error:
            raise FetchError(f"{address(answer.url)}: the packed sitemap is broken: {error}") from error
        if not unpacking.eof and len(body) <= MOST_BYTES:
            raise FetchError(f"{address(answer.url)}: the packed sitemap is broken: it ends too early")
        if unpacking.unused_data.strip(b"\0"):
            raise FetchError(f"{address(answer.url)}: something stands behind the packed sitemap, and is not read")
    if len(body) > MOST_BYTES:
        raise FetchError(f"{address(answer.url)}: the sitemap is larger than {MOST_BYTES} bytes, unpacked")
    return body


def _lines(body: bytes, answer: Response) -> Iterator[Entry]:
    lines = [line.strip() for line in decoded(body, answer.charset).splitlines()]
    links = [line for line in lines if line.startswith(("http://", "https://"))]
    if not links:
        raise FetchError(f"{address(answer.url)}: holds neither a sitemap nor a list of addresses. {CHECK}")
    return _counted((Entry(urldefrag(joined(answer.url, link)).url) for link in links), answer)


def _elements(events: Any, root: Any, answer: Response) -> Iterator[Entry]:
    """An entry for each child of the root; what was read is forgotten, so that memory stays flat."""

    def read() -> Iterator[Entry]:
        said: dict[str, str] = {}
        try:
            for event, element in events:
                if event == "start" or element is root:
                    continue
                parent = element.getparent()
                if parent is root:
                    yield from _entry(said, answer.url)
                    said.clear()
                elif parent.getparent() is root:
                    said[etree.QName(element).localname] = (element.text or "").strip()
                element.clear()
                while element.getprevious() is not None:
                    del parent[0]
        except etree.XMLSyntaxError as error:
            raise FetchError(f"{address(answer.url)}: the sitemap is no valid XML: {str(error)[:200]}") from error

    return _counted(read(), answer)


def _entry(said: Mapping[str, str], base: str) -> Iterator[Entry]:
    if said.get("loc"):
        yield Entry(urldefrag(joined(base, said["loc"])).url, _latest(said.get("lastmod", "")))


def _counted(entries: Iterator[Entry], answer: Response) -> Iterator[Entry]:
    for number, entry in enumerate(entries, 1):
        if number > MOST_ADDRESSES:
            raise FetchError(f"{address(answer.url)}: the sitemap lists more than {MOST_ADDRESSES} addresses")
        yield entry


def _latest(text: str) -> datetime | None:
    """The last moment that a `lastmod` (W3C date and time) may mean: of a day its end, in the last time zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC) + timedelta(hours=12)
    return moment if len(text) > len("2024-05-17") else moment + timedelta(days=1)
