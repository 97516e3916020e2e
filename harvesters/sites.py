"""A source's web site, visited as its robots.txt allows (RFC 9309): its own hosts, and no faster than it asks."""

import logging
import time
from collections import Counter
from collections.abc import Collection
from typing import Final
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
from protego import Protego

from harvesters.payloads import decoded
from hub.errors import FetchError
from hub.fetch import LASTS, Client, Response, address, content_type

LONGEST_DELAY: Final = 30.0  # seconds between two visits; a site that asks for more is visited no slower than this
GONE: Final = frozenset((404, 410))
_MOST_RULES: Final = 512_000  # bytes of a robots.txt that are read (§2.5)
_MOST_REDIRECTS: Final = 5
_log = logging.getLogger(__name__)


class Site:
    """`counts` are the addresses not had: "gone", "forbidden" by robots.txt."""

    def __init__(self, client: Client, hosts: Collection[str]) -> None:
        self._client = client
        self._token = client.user_agent.split("/")[0].strip()
        self._hosts = frozenset(host_of(f"http://{host.strip()}") for host in hosts)
        self._rules: dict[str, Protego | FetchError] = {}
        self._turn: dict[str, float] = {}
        self.counts: Counter[str] = Counter()

    def has(self, url: str) -> bool:
        return host_of(url) in self._hosts

    def sitemaps(self, url: str) -> list[str]:
        """Those that the robots.txt of an address's host names, on hosts of ours. Raises FetchError."""
        named = (joined(url, there) for there in self._rules_of(url).sitemaps)
        return list(dict.fromkeys(there for there in named if self.has(there)))

    def visit(self, url: str, accept: str) -> Response | None:
        """What is at an address; None where it is gone or forbidden. Raises FetchError, also for another site's."""
        here = url
        for _ in range(_MOST_REDIRECTS + 1):
            if not self._rules_of(here).can_fetch(here, self._token):
                self.counts["forbidden"] += 1
                return None
            self._wait(here)
            answer = self._client.session.get(here, headers={"Accept": accept}, allow_redirects=False)
            there = self._client.session.get_redirect_target(answer)
            if there is None:
                return self._taken(answer)
            here = joined(here, there)
            if not self.has(here):
                told = f"leads to {host_of(here) or 'no host'}, which is not visited; if it is the site's, name it in"
                raise FetchError(f"{address(url)}: {told} options.hosts")
        raise FetchError(f"{address(url)}: redirects more than {_MOST_REDIRECTS} times")

    def _taken(self, answer: requests.Response) -> Response | None:
        if answer.status_code in GONE:
            self.counts["gone"] += 1
            return None
        if answer.status_code >= 400:
            raise FetchError(f"{address(answer.url)}: answered {answer.status_code} {answer.reason or ''}".rstrip())
        media_type, charset = content_type(answer.headers.get("Content-Type"))
        return Response(answer.url, answer.status_code, answer.headers, answer.content, media_type, charset)

    def _rules_of(self, url: str) -> Protego:
        """Raises FetchError where the rules of that host could not be read in this run."""
        parts = urlsplit(url)
        file = urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", ""))
        if file not in self._rules:
            self._rules[file] = self._read_rules(file)
        rules = self._rules[file]
        if isinstance(rules, FetchError):
            raise rules
        return rules

    def _read_rules(self, file: str) -> Protego | FetchError:
        """§2.3.1: without the file all is allowed; while a server cannot say, nothing is."""
        try:
            answer = self._client.session.get(file)
        except FetchError as error:
            return FetchError(f"{error}. While its robots.txt cannot be had, nothing of the site is visited. {LASTS}")
        if answer.status_code >= 500:
            told = "while a site cannot say what is allowed, nothing of it is visited"
            return FetchError(f"{address(file)}: answered {answer.status_code}; {told}. {LASTS}")
        _, charset = content_type(answer.headers.get("Content-Type"))
        return Protego.parse(decoded(answer.content[:_MOST_RULES], charset) if answer.status_code < 400 else "")

    def _wait(self, url: str) -> None:
        host = host_of(url)
        delay = self._rules_of(url).crawl_delay(self._token) or 0.0
        if delay > LONGEST_DELAY and host not in self._turn:
            _log.warning("%s: asks for %g seconds between two visits; it gets %g", host, delay, LONGEST_DELAY)
        time.sleep(max(0.0, self._turn.get(host, 0.0) - time.monotonic()))
        self._turn[host] = time.monotonic() + min(delay, LONGEST_DELAY)


def joined(base: str, link: str) -> str:
    """The address that a link of a document leads to; "" where it leads nowhere."""
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return ""


def host_of(url: str) -> str:
    """Host and port in lower case, without the scheme's own port; "" where there is none, or it is no web address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    return parts.hostname if port in (None, 80, 443) else f"{parts.hostname}:{port}"
