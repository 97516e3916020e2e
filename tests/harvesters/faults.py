"""What sources do wrong, a row each: the same names are the rows of docs/faults.md."""

import dataclasses
import gzip
import json
import re
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Final

from tests.harvesters.partners import NAMES, Listing, System
from tests.servers.loopback import Answer, Question

FROM: Final = 3  # the page from which a listing of several pages goes wrong
MOST_BYTES: Final = 10_000_000  # of the client in these tests
Spoiling = Callable[[Question, Answer], Answer | None]
LINK_LOCAL: Final = "169.254.169.254"  # where clouds keep their credentials


@dataclass(frozen=True)
class Fault:
    """`spoil` makes a sound answer a bad one, from page FROM on; `changed` and `missing` are what truly changed."""

    spoil: Spoiling = lambda q, good: good
    times: int | None = None  # how often; None: always
    listing: Callable[[int], Listing] = lambda page: Listing()  # what the partner lists while that page is asked for
    changed: frozenset[str] = frozenset()
    stale: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    new: int = 0
    rebinds: bool = False
    seconds: float = 60.0  # that the client waits for an answer


def raw(body: bytes, headers: str = "", status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}\r\n".encode() + body


def said(answer: Answer) -> bytes:
    return answer.body.encode() if isinstance(answer.body, str) else answer.body


def with_body(change: Callable[[bytes], bytes]) -> Spoiling:
    return lambda q, good: dataclasses.replace(good, body=change(said(good)))


def sends(parts: Callable[[Answer], Iterable[bytes]]) -> Spoiling:
    """Raw bytes in place of an answer; then the connection ends."""

    def spoil(q: Question, good: Answer) -> None:
        for part in parts(good):
            q.send(part)

    return spoil


def drip(good: Answer) -> Iterable[bytes]:
    """Each pause is short; only the whole takes too long."""
    yield raw(b"", f"Content-Length: {len(said(good))}\r\n")
    for byte in said(good):
        yield bytes([byte])
        time.sleep(0.05)


def bomb(_: Answer) -> Iterable[bytes]:
    """Two gigabytes of blanks, packed in blocks that are alike."""
    yield raw(b"", "Content-Encoding: gzip\r\n")
    yield from _packed_blanks()


def layered_bomb(_: Answer) -> Iterable[bytes]:
    """The same packed again: what one packet holds unpacks to all of them."""
    yield raw(gzip.compress(b"".join(_packed_blanks())), "Content-Encoding: gzip, gzip\r\n")


def _packed_blanks() -> Iterable[bytes]:
    packing = zlib.compressobj(9, wbits=31)
    first, block = (packing.compress(b" " * (1 << 20)) + packing.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    yield first
    yield from repeat(block, 2047)


def endless(_: Answer) -> Iterable[bytes]:
    yield raw(b"")
    while True:
        yield b" " * 65536


def reset(q: Question, good: Answer) -> None:
    q.send(raw(said(good)[:100], f"Content-Length: {len(said(good))}\r\n"))
    q.reset()


def lying(q: Question, good: Answer) -> Answer:
    is_page = good.media_type.startswith("text/html")
    return dataclasses.replace(good, media_type="text/plain" if is_page else "text/html; charset=utf-8")


def to(location: str) -> Spoiling:
    return lambda q, good: Answer(status=302, headers={"Location": location})


def deep(system: System) -> Spoiling:
    return lambda q, good: system.deep


def one_entry_deep(body: bytes) -> bytes:
    """The title of one record becomes lists in lists, which can be read and hardly be written again."""
    title = json.dumps(f"Il tetto del Caffè di {NAMES[6]}", ensure_ascii=False)
    return body.decode().replace(title, "[" * 600 + "NaN" + "]" * 600).encode()


def fewer(*gone: str) -> Callable[[int], Listing]:
    """They go while page FROM is about to be asked for."""
    return lambda page: Listing([name for name in NAMES if page < FROM or name not in gone])


def failure(status: int) -> Spoiling:
    return lambda q, good: Answer("Try again later.", status, {"Retry-After": "0"})


def faults(system: System, forbidden: str) -> Mapping[str, Fault]:
    """By their names in the table; `forbidden` is the address of a server inside the network that nobody allowed."""
    last = frozenset(("n10",)) if system.name == "CSV" else frozenset[str]()  # within which half a table ends
    return {
        "An empty answer (200 without a byte)": Fault(with_body(lambda body: b"")),
        "A web page (200, HTML)": Fault(
            lambda q, good: Answer("<!DOCTYPE html><html><title>Manutenzione</title></html>", media_type="text/html")
        ),
        "“success: false” (200)": Fault(
            with_body(lambda body: b'{"success": false, "error": {"message": "Solr is down"}}')
        ),
        "A sound listing without a record": Fault(listing=lambda page: Listing([])),
        "Page 3 of 7, or the file, cut in half": Fault(with_body(lambda body: body[: len(body) // 2]), stale=last),
        "500 once": Fault(failure(500), times=1),
        "500 again and again": Fault(failure(500)),
        "429 with Retry-After once": Fault(failure(429), times=1),
        "429 again and again": Fault(failure(429)),
        "A slow drip, byte after byte": Fault(sends(drip), seconds=1.0),
        "A body that never ends": Fault(sends(endless)),
        "A redirect to 127.0.0.1, another port": Fault(to(f"{forbidden}/admin")),
        f"A redirect to {LINK_LOCAL}": Fault(to(f"http://{LINK_LOCAL}/latest/meta-data/")),
        "A host name that leads inside the second time (DNS rebinding)": Fault(rebinds=True),
        "All identifiers are others": Fault(listing=lambda page: Listing([f"x-{name}" for name in NAMES]), new=21),
        "The total shrinks on the way": Fault(listing=fewer("n19", "n20"), missing=frozenset(("n19", "n20"))),
        "A record goes on the way, and the next page begins one later": Fault(
            listing=fewer("n00"), missing=frozenset(() if system.keeps_place else ("n06",))
        ),
        "Pages lead in a circle, A → B → C → B": Fault(listing=lambda page: Listing(follows={3: 2})),
        "A byte that is no UTF-8": Fault(
            with_body(
                lambda body: body.replace(b"Il tetto del Caff\xc3\xa8 di n06", b"Il tetto\xff del Caff\xc3\xa8 di n06")
            ),
            changed=frozenset(("n06",)),
        ),
        "ISO-8859-1, declared as UTF-8": Fault(with_body(lambda body: body.decode().encode("latin-1"))),
        "A gzip bomb of 2 GB": Fault(sends(bomb)),
        "A gzip bomb in a gzip bomb": Fault(sends(layered_bomb)),
        "A document 100,000 deep": Fault(deep(system)),
        "One entry 600 deep": Fault(with_body(one_entry_deep), stale=frozenset(("n06",))),
        "Content-Length says more than comes": Fault(
            sends(lambda good: [raw(said(good)[:-9], f"Content-Length: {len(said(good))}\r\n")])
        ),
        "Content-Length says less than comes": Fault(
            sends(lambda good: [raw(said(good), f"Content-Length: {len(said(good)) // 2}\r\n")]), stale=last
        ),
        "The connection is reset in the middle once": Fault(reset, times=1),
        "The connection is reset in the middle again and again": Fault(reset),
        "The connection ends without an answer": Fault(sends(lambda good: [])),
        "What is no HTTP": Fault(sends(lambda good: [b"220 mail.partner.example ESMTP\r\n"])),
        "A Content-Type that lies": Fault(lying),
    }


# The table of the documentation

_ROW: Final = re.compile(r"^\| (?!---|What the source does)(.*) \|$", re.M)


@dataclass(frozen=True)
class Told:
    """A row of the table: the state by system ("—": it cannot happen there), and what the run's message holds."""

    fault: str
    states: Mapping[str, str]
    words: Sequence[str] = field(default=())


def table(text: str) -> tuple[Sequence[str], Sequence[Told]]:
    """The columns and the rows of the table in docs/faults.md."""
    head = next(line for line in text.splitlines() if line.startswith("| What the source does |"))
    systems = [cell.strip() for cell in head.strip("| ").split("|")][1:-1]
    rows = []
    for line in _ROW.findall(text):
        fault, *states, words = (cell.strip() for cell in line.split("|"))
        rows.append(Told(fault, dict(zip(systems, states, strict=True)), re.findall("“([^”]+)”", words)))
    return systems, rows
