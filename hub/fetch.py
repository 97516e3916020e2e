"""One polite, guarded HTTP client: no way into the hub's own network, no endless answers, patience with the busy."""

import ipaddress
import random
import socket
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any, Self, cast
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3 import exceptions as broken
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from hub.errors import FetchError, ForbiddenAddress

BUSY = frozenset({429, 500, 502, 503, 504})
LONGEST_WAIT = 60.0  # seconds; a server that asks for more is asked again after this
MAX_REDIRECTS = 5
_CHUNK = 1 << 16
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Answers only from inside a virtual machine of one cloud, though the address is a public one.
_WIRE_SERVER = ipaddress.ip_address("168.63.129.16")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer. `url` is the address after redirects, `body` is decompressed, `media_type` is in lower case."""

    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)  # looked up in any case
    body: bytes = field(repr=False)
    media_type: str = ""
    charset: str | None = None  # as declared

    @property
    def not_modified(self) -> bool:
        return self.status == 304

    @property
    def text(self) -> str:
        return self.body.decode(encoding_of(self.body, self.charset), "replace")


def encoding_of(body: bytes, declared: str | None) -> str:
    """The first of the declared encoding, UTF-8 (with or without its mark) and Windows-1252 that fits the bytes.

    Portals declare UTF-8 and send Latin-1; Windows-1252 is what such bytes are on the web (WHATWG Encoding).
    """
    for encoding in (declared, "utf-8-sig"):
        with suppress(UnicodeDecodeError, LookupError):
            body.decode(encoding or "utf-8-sig")
            return "utf-8-sig" if (encoding or "").lower() in ("", "utf8", "utf-8") else cast(str, encoding)
    return "cp1252"


def content_type(value: str | None) -> tuple[str, str | None]:
    """Media type and charset of a Content-Type header; "" where there is none."""
    if not value:
        return "", None
    header = Message()
    header["Content-Type"] = value
    return header.get_content_type(), header.get_content_charset()


def is_inside(address: Address) -> bool:
    """Whether an address may belong to a network that a stranger must not reach through the hub."""
    if isinstance(address, ipaddress.IPv6Address):
        carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            carried.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if any(inner is not None and is_inside(inner) for inner in carried):
            return True
        if address.ipv4_mapped or address in _NAT64 or address.is_site_local:
            return address.is_site_local
    return not address.is_global or address.is_multicast or address.is_reserved or address == _WIRE_SERVER


class _Inside(Exception):
    """A host that leads to an address inside a network; told with the whole URL by the adapter."""


class _Watch:
    """Cuts a request's connection when its time is over, be it in the headers, the body or between two bytes."""

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def sees(self, connection: socket.socket) -> None:
        with self._lock:
            self._socket = connection
            if self.over:
                self._cut()

    def _end(self) -> None:
        with self._lock:
            self.over = True
            self._cut()

    def _cut(self) -> None:
        if self._socket is not None:
            with suppress(
                OSError
            ):  # of the plain socket: an SSLSocket's own shutdown() breaks a read in another thread
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _Guard(threading.local):
    """What connections ask: which hosts may lie inside, and who watches the request of this thread."""

    def __init__(self, allowed: Collection[str]) -> None:
        self.allowed = frozenset(host.strip().lower() for host in allowed)
        self.watch: _Watch | None = None

    def allows(self, host: str, port: int) -> bool:
        names = {host, f"[{host}]"}
        return not self.allowed.isdisjoint(names | {f"{name}:{port}" for name in names})

    def sees(self, connection: socket.socket | None) -> None:
        if self.watch and connection is not None:
            self.watch.sees(connection)


class _Guarded:
    """Resolves the host once, checks every address, and connects to one of the very addresses that were checked.

    So a name that answers otherwise the second time (DNS rebinding) gains nothing.
    """

    guard: _Guard

    def _new_conn(self) -> socket.socket:
        connection = cast(HTTPConnection, self)
        host = connection.host.strip("[]").lower()
        try:
            found = socket.getaddrinfo(host, connection.port, 0, socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            gone = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
            raise broken.NameResolutionError(host, connection, gone) from error
        if not self.guard.allows(host, connection.port):
            for *_, (address, *_) in found:
                if is_inside(ipaddress.ip_address(str(address).partition("%")[0])):
                    raise _Inside(f"{host} leads to {address}, an address inside a network")
        opened = self._opened(connection, found[:4])
        self.guard.sees(opened)
        return opened

    @staticmethod
    def _opened(connection: HTTPConnection, found: list[Any]) -> socket.socket:
        failure: OSError = OSError("the name has no address")
        for family, kind, protocol, _, address in found:
            opened = socket.socket(family, kind, protocol)
            try:
                for option in connection.socket_options or ():
                    opened.setsockopt(*option)
                opened.settimeout(connection.timeout)
                opened.connect(address)
                return opened
            except OSError as error:
                failure = error
                opened.close()
        if isinstance(failure, TimeoutError):
            raise broken.ConnectTimeoutError(connection, f"no connection within {connection.timeout} s") from failure
        raise broken.NewConnectionError(connection, f"no connection: {failure}") from failure

    def request(self, *args: Any, **kwargs: Any) -> None:
        self.guard.sees(cast(HTTPConnection, self).sock)
        super().request(*args, **kwargs)  # type: ignore[misc]


def _pools(guard: _Guard) -> dict[str, type[HTTPConnectionPool]]:
    """Connection pools whose connections all ask this guard."""
    plain = type("GuardedConnection", (_Guarded, HTTPConnection), {"guard": guard})
    secure = type("GuardedSecureConnection", (_Guarded, HTTPSConnection), {"guard": guard})
    return {
        "http": type("GuardedPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("GuardedSecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take; `rate` is the least time between two requests to a host, in seconds."""

    rate: float | None
    timeout: tuple[float, float]  # to connect, and between two packets
    max_bytes: int
    max_seconds: float
    retries: int


class _Adapter(HTTPAdapter):
    """Every request of the session, each redirect included, goes through `send`: so do all limits."""

    def __init__(self, guard: _Guard, limits: Limits) -> None:
        self._guard, self._limits = guard, limits
        self._turn: dict[str, float] = {}
        self._lock = threading.Lock()
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **more)
        self.poolmanager.pool_classes_by_scheme = _pools(self._guard)

    def send(self, request: requests.PreparedRequest, *_: Any, **how: Any) -> requests.Response:
        """Sends until the server is no longer busy or patience ends. Raises FetchError, ForbiddenAddress."""
        shown = address(str(request.url))
        attempt = 0
        while True:
            self._wait_for_turn(urlsplit(str(request.url)).netloc)
            pause = None
            try:
                answer = self._once(request, how)
                if answer.status_code not in BUSY or attempt >= self._limits.retries:
                    return answer
                pause = retry_after(answer.headers.get("Retry-After"))
            except _Inside as error:
                advice = "If it is a source of yours, name it in HUB_ALLOWED_HOSTS."
                raise ForbiddenAddress(f"{shown}: {error}. {advice}") from error
            except requests.exceptions.SSLError as error:
                raise FetchError(f"{shown}: no secure connection: {reason(error)}") from error
            except (requests.ConnectionError, requests.Timeout) as error:
                if attempt >= self._limits.retries:
                    raise FetchError(f"{shown}: {reason(error)} (asked {attempt + 1} times)") from error
            time.sleep(backoff(attempt) if pause is None else pause)
            attempt += 1

    def _wait_for_turn(self, host: str) -> None:
        if not self._limits.rate:
            return
        with self._lock:
            turn = max(time.monotonic(), self._turn.get(host, 0.0))
            self._turn[host] = turn + self._limits.rate
        time.sleep(max(0.0, turn - time.monotonic()))

    def _once(self, request: requests.PreparedRequest, how: Mapping[str, Any]) -> requests.Response:
        """One exchange, its body read within the limits; environment proxies would undo the guard and are not used."""
        timeout = how.get("timeout") or self._limits.timeout
        with _Watch(self._limits.max_seconds) as watch:
            self._guard.watch = watch
            try:
                answer = super().send(request, True, timeout, how.get("verify", True), how.get("cert"), {})
                self._read(answer, watch)
            except (requests.ConnectionError, requests.Timeout, broken.HTTPError) as error:
                self._check_time(request, watch)
                if isinstance(error, requests.RequestException):
                    raise
                raise requests.ConnectionError(error, request=request) from error
            finally:
                self._guard.watch = None
        self._check_time(request, watch)
        return answer

    def _check_time(self, request: requests.PreparedRequest, watch: _Watch) -> None:
        if watch.over:
            most = self._limits.max_seconds
            raise FetchError(f"{address(str(request.url))}: the answer took longer than {most:g} seconds")

    def _read(self, answer: requests.Response, watch: _Watch) -> None:
        """Fills `content`, counting decompressed bytes, so that nothing later reads without limits."""
        shown, most = address(answer.url), self._limits.max_bytes
        parts, size = [], 0
        with answer.raw as raw:
            if (announced := answer.headers.get("Content-Length", "")).isdecimal() and int(announced) > most:
                raise FetchError(f"{shown}: the answer is larger than {most} bytes")
            try:
                while not watch.over and (part := raw.read1(_CHUNK, decode_content=True)):
                    size += len(part)
                    if size > most:
                        raise FetchError(f"{shown}: the answer is larger than {most} bytes")
                    parts.append(part)
            except broken.DecodeError as error:
                raise FetchError(f"{shown}: the compression of the answer is broken: {error}") from error
        vars(answer).update(_content=b"".join(parts), _content_consumed=True)
        _, charset = content_type(answer.headers.get("Content-Type"))
        answer.encoding = encoding_of(answer.content, charset)


class _Session(requests.Session):
    """A session whose failures are FetchErrors, for whoever uses it."""

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        shown = address(url)
        try:
            return super().request(method, url, *args, **kwargs)
        except requests.exceptions.InvalidSchema as error:
            raise ForbiddenAddress(f"{shown}: only http and https are fetched ({str(error)[:200]})") from error
        except requests.TooManyRedirects as error:
            raise FetchError(f"{shown}: redirects more than {MAX_REDIRECTS} times") from error
        except (requests.RequestException, broken.HTTPError, ValueError) as error:
            raise FetchError(f"{shown}: {reason(error)}") from error


class Client:
    """An HTTP client for one harvest. `session` is guarded alike, for libraries that bring their own requests.

    `allowed_hosts` ("host" or "host:port") may lie inside the hub's own network. All requests are taken to be
    questions: a POST is repeated too when the server is busy.
    """

    def __init__(
        self,
        user_agent: str,
        allowed_hosts: Collection[str] = (),
        rate: float | None = None,
        timeout: tuple[float, float] = (10, 60),
        max_bytes: int = 200_000_000,
        max_seconds: float = 600,
        retries: int = 3,
    ) -> None:
        self.user_agent = user_agent
        self.session = _Session()
        self.session.trust_env = False
        self.session.max_redirects = MAX_REDIRECTS
        self.session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"})
        adapter = _Adapter(_Guard(allowed_hosts), Limits(rate, timeout, max_bytes, max_seconds, retries))
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, adapter)

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        etag: str | None = None,
        modified: str | None = None,
    ) -> Response:
        """The answer to a GET; `etag` and `modified` (as a server gave them) make it conditional: see `not_modified`.

        Raises FetchError with address and reason, also for every status from 400; ForbiddenAddress.
        """
        known = {"If-None-Match": etag, "If-Modified-Since": modified}
        asked = {**(headers or {}), **{name: value for name, value in known.items() if value}}
        answer = self.session.get(url, params=params, headers=asked)
        if answer.status_code >= 400:
            raise FetchError(f"{address(answer.url)}: answered {answer.status_code} {answer.reason or ''}".rstrip())
        media_type, charset = content_type(answer.headers.get("Content-Type"))
        return Response(answer.url, answer.status_code, answer.headers, answer.content, media_type, charset)

    def close(self) -> None:
        self.session.close()


def address(url: str) -> str:
    """A URL as it may be shown: without user and password, and not endless."""
    with suppress(ValueError):
        parts = urlsplit(url)
        url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return url[:300]


def reason(error: Exception) -> str:
    """The innermost words of a failure of requests or urllib3."""
    inner = error.args[0] if error.args else error
    inner = getattr(inner, "reason", inner)
    return str(inner).rpartition("): ")[2][:300] or type(error).__name__


def backoff(attempt: int) -> float:
    """Seconds to wait after attempt 0, 1, 2…: doubled each time, with chance so that clients do not return at once."""
    return float(min(LONGEST_WAIT, 0.5 * 2**attempt * random.uniform(1, 1.5)))  # noqa: S311  no secret


def retry_after(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for (a number or an HTTP date), capped; None where it says nothing."""
    if not value:
        return None
    if value.strip().isdecimal():
        return min(LONGEST_WAIT, float(value))
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return min(LONGEST_WAIT, max(0.0, (then - datetime.now(UTC)).total_seconds()))
