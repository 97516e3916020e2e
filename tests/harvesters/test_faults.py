"""Every fault of docs/faults.md, against a real HTTP server: the run ends as the table says, and harms nothing."""

import dataclasses
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from hub.fetch import Client
from hub.harvest import harvest
from hub.ledger import Ledger
from hub.model import HarvestReport, Source
from hub.profile import load
from tests.harvesters.faults import FROM, MOST_BYTES, Fault, Told, bomb, endless, faults, layered_bomb, sends, table
from tests.harvesters.partners import ENDPOINT, NAMES, SYSTEMS, Listing, System
from tests.servers import need, oxigraph
from tests.servers.loopback import Answer, Question, Server, serving

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "faults.md"
COLUMNS, ROWS = table(DOCUMENT.read_text("utf-8"))
BASE: Final = "http://localhost:8000"
NEW_TITLE: Final = "Il tetto nuovo del Caffè"
ADVICE: Final = re.compile(r"\b(Check|Ask|Try|name it|narrow|tell)\b")  # what a person is to do
_SLIPS: Final = "A record goes on the way, and the next page begins one later"
Served = dict[str, tuple[str, str]]  # identifier -> state, and the graph that is served
_CASES = [
    pytest.param(system, row, id=f"{system.name}: {row.fault}")
    for row in ROWS
    for system in SYSTEMS
    if row.states.get(system.name, "—") != "—"
]


def test_the_table_has_all_systems_and_all_faults() -> None:
    assert list(COLUMNS) == [system.name for system in SYSTEMS]
    assert [row.fault for row in ROWS] == list(faults(SYSTEMS[0], ""))


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    need(oxigraph.program() is not None, oxigraph.MISSING)
    with ENDPOINT.running(tmp_path_factory.mktemp("oxigraph")):
        yield


@pytest.fixture(scope="module")
def harvested(endpoint: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A ledger for each system, after a good run."""
    folder = tmp_path_factory.mktemp("harvested")
    for system in SYSTEMS:
        with serving(lambda q, system=system: system.answer(q, Listing())) as server:  # type: ignore[misc]
            ledger = open_ledger(folder / system.format / system.name.replace("/", "-"))
            report = run(ledger, system.source(server.url), server)
            ledger.close()
            assert (report.state, report.created) == ("complete", len(NAMES))
    return {system.name: folder / system.format / system.name.replace("/", "-") for system in SYSTEMS}


def open_ledger(folder: Path) -> Ledger:
    folder.mkdir(parents=True, exist_ok=True)
    return Ledger(f"sqlite:///{folder / 'ledger.sqlite'}", BASE)


def run(ledger: Ledger, source: Source, server: Server, seconds: float = 60.0) -> HarvestReport:
    client = Client("tests/1", [server.host], timeout=(5, 5), max_bytes=MOST_BYTES, max_seconds=seconds, retries=1)
    return harvest(ledger, source, client, load(), lambda report, total: None)


def served(ledger: Ledger) -> Served:
    found = ledger.changes.all_records()
    return {
        record.identifier.removeprefix("https://partner.example/"): (record.state, record.graph) for record in found
    }


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the hub connected to; the network of these tests ends at this machine."""
    connected: list[Any] = []
    connect = socket.socket.connect

    def noting(self: socket.socket, address: Any) -> None:
        if threading.current_thread() is threading.main_thread():  # partners ask servers of their own
            connected.append(address)
        if address[0] != "127.0.0.1":
            raise ConnectionRefusedError("the network of this test ends here")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noting)
    return connected


class Partner:
    """A system with a fault, whose first page has one good change, which must arrive in spite of the fault."""

    def __init__(self, system: System, fault: Fault) -> None:
        self._system, self._fault = system, fault
        self._left = fault.times
        self._reached = 1

    def answer(self, q: Question) -> Answer | None:
        page = (self._system.page(q) or self._reached) if self._system.page else FROM
        self._reached = max(self._reached, page)
        listing = self._fault.listing(page)
        if self._system.page:
            listing = dataclasses.replace(listing, titles={NAMES[1]: NEW_TITLE})
        good = self._system.answer(q, listing)
        if page < FROM or page > self._system.until or self._left == 0:
            return good
        self._left = None if self._left is None else self._left - 1
        return self._fault.spoil(q, good)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.mark.parametrize(("system", "row"), _CASES)
def test_a_fault_harms_nothing(
    system: System,
    row: Told,
    harvested: dict[str, Path],
    tmp_path: Path,
    network: list[Any],
    stack: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forbidden = stack.enter_context(serving(lambda q: Answer("secret")))
    fault = faults(system, forbidden.url)[row.fault]
    server = stack.enter_context(serving(Partner(system, fault).answer))
    shutil.copytree(harvested[system.name], tmp_path / "ledger")
    ledger = open_ledger(tmp_path / "ledger")
    stack.callback(ledger.close)
    source, before, port = system.source(server.url), served(ledger), urlsplit(server.url).port
    if fault.rebinds:
        monkeypatch.setattr(socket, "getaddrinfo", resolver("203.0.114.9", "127.0.0.1"))
        source = system.source(f"http://partner.example:{port}")
    report = run(ledger, source, server, fault.seconds)

    assert report.state == row.states[system.name], report.message
    assert all(
        address in ({("127.0.0.1", port)} | ({("203.0.114.9", port)} if fault.rebinds else set()))
        for address in network
    )
    assert forbidden.asked == []
    if report.state in ("partial", "failed"):
        assert any(words in report.message for words in row.words), report.message
        assert ADVICE.search(report.message), report.message
    assert report.withdrawn == 0
    check(fault, report.state, before, served(ledger), has_good_page=bool(system.page) and report.seen > 0)


def check(fault: Fault, state: str, before: Served, after: Served, *, has_good_page: bool) -> None:
    """What was there is as it was, but for what truly changed."""
    states = dict.fromkeys(fault.missing, "missing") if state == "complete" else {}
    states |= dict.fromkeys(fault.stale, "stale") if state in ("complete", "held") else {}
    changed = fault.changed | ({NAMES[1]} if has_good_page and not fault.new and NAMES[1] in before else set())
    assert {name: after[name][0] for name in before} == dict.fromkeys(before, "live") | states
    assert {name for name, (_, graph) in before.items() if after[name][1] != graph} == changed
    assert len(after) == len(before) + fault.new
    assert NAMES[1] not in changed or NEW_TITLE in after[NAMES[1]][1]


def resolver(*answers: str) -> Any:
    """A name server that answers otherwise each time; stays at its last answer."""
    left = list(answers)

    def getaddrinfo(host: str, port: int, *_: object, **__: object) -> list[object]:
        address = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    return getaddrinfo


# What lasts longer than a run


def test_a_record_that_slipped_by_is_back_with_the_next_run(harvested: dict[str, Path], tmp_path: Path) -> None:
    system = SYSTEMS[0]
    shutil.copytree(harvested[system.name], tmp_path / "ledger")
    ledger, listing = open_ledger(tmp_path / "ledger"), faults(system, "")[_SLIPS].listing
    with serving(lambda q: system.answer(q, listing(system.page(q) if system.page else 0))) as server:
        run(ledger, system.source(server.url), server)
        assert served(ledger)["n06"][0] == "missing"
        listing = lambda page: Listing(NAMES[1:])  # noqa: E731  without the one that went
        run(ledger, system.source(server.url), server)
    states = {name: state for name, (state, _) in served(ledger).items()}
    ledger.close()
    assert states == dict.fromkeys(NAMES, "live") | {"n00": "missing"}


MEASURING = """
import re, sys
from pathlib import Path
from hub.errors import FetchError
from hub.fetch import Client
url, host = sys.argv[1:]
client = Client("tests/1", [host], retries=0)
most = lambda: int(re.search("VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
client.get(f"{url}/small")
before = most()
for path in ("bomb", "layered", "endless"):
    try:
        client.get(f"{url}/{path}")
    except FetchError as error:
        assert "larger than 200000000 bytes" in str(error), error
        print(path, most() - before)
"""


def test_bombs_cost_no_more_memory_than_the_largest_answer() -> None:
    """In megabytes, with the limits of a real harvest: 2,048 would come."""
    sent = {"/bomb": bomb, "/layered": layered_bomb, "/endless": endless}

    def answer(q: Question) -> Answer | None:
        return sends(sent[q.path])(q, Answer()) if q.path in sent else Answer("small")

    with serving(answer) as server:
        command = [sys.executable, "-c", MEASURING, server.url, server.host]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    grown = {path: int(size) for path, size in map(str.split, ended.stdout.splitlines())}
    assert list(grown) == ["bomb", "layered", "endless"]
    assert max(grown.values()) < 300, grown
