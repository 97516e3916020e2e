"""The guard: no connection goes to an address inside a network, and none lasts longer than its time."""

import ipaddress
import socket
import threading
from collections.abc import Collection
from contextlib import suppress
from typing import Any, Self, cast

from urllib3 import exceptions as broken
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Answers only from inside a virtual machine of one cloud, though the address is a public one.
_WIRE_SERVER = ipaddress.ip_address("168.63.129.16")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


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


class Inside(Exception):
    """A host that leads to an address inside a network; told with the whole URL by the adapter."""


class Watch:
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


class Guard(threading.local):
    """What connections ask: which hosts may lie inside, and who watches the request of this thread."""

    def __init__(self, allowed: Collection[str]) -> None:
        self.allowed = frozenset(host.strip().lower() for host in allowed)
        self.watch: Watch | None = None

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

    guard: Guard

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
                    raise Inside(f"{host} leads to {address}, an address inside a network")
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


def pools(guard: Guard) -> dict[str, type[HTTPConnectionPool]]:
    """Connection pools whose connections all ask this guard."""
    plain = type("GuardedConnection", (_Guarded, HTTPConnection), {"guard": guard})
    secure = type("GuardedSecureConnection", (_Guarded, HTTPSConnection), {"guard": guard})
    return {
        "http": type("GuardedPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("GuardedSecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }
