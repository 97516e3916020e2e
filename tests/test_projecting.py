"""The projector in a process of its own: it ends with what it stands beside, and tells what it could not do."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hub.errors import Unavailable
from hub.ledger import Ledger
from hub.projection import projector_lock
from hub.projection.process import projecting
from hub.settings import Settings
from tests.test_projection import append, arrival

BESIDE = """
import sys, time
from hub.projection.process import projecting
from hub.settings import Settings
with projecting(Settings(data=sys.argv[1])):
    print("beside", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


@pytest.fixture
def ledger(settings: Settings) -> Iterator[Ledger]:
    opened = Ledger(settings.ledger_url, settings.base)
    yield opened
    opened.close()


def is_free(settings: Settings) -> bool:
    with projector_lock(settings.data) as ours:
        return ours


def wait_for_lock(settings: Settings, *, free: bool) -> None:
    deadline = time.monotonic() + 60
    while is_free(settings) is not free:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_all_is_projected_when_the_block_has_ended(settings: Settings, ledger: Ledger) -> None:
    with projecting(settings):
        append(ledger, arrival("a"), arrival("b"))
    assert ledger.changes.positions() == {"graph": 2, "search": 2}
    assert is_free(settings)


def test_it_takes_over_what_another_process_gives_back(settings: Settings, ledger: Ledger) -> None:
    with ExitStack() as held:
        assert held.enter_context(projector_lock(settings.data))
        with projecting(settings):
            append(ledger, arrival("a"))
            held.close()
    assert ledger.changes.positions() == {"graph": 1, "search": 1}


def test_beside_another_projector_nothing_is_projected_and_nobody_waits(settings: Settings, ledger: Ledger) -> None:
    with projector_lock(settings.data), projecting(settings):
        append(ledger, arrival("a"))
    assert ledger.changes.positions() == {}


def test_what_it_could_not_do_is_told_behind_the_block(settings: Settings, ledger: Ledger) -> None:
    (settings.data / "graph").write_text("a file where a folder belongs")
    with pytest.raises(Unavailable, match="graph"), projecting(settings):
        append(ledger, arrival("a"))
    assert ledger.changes.head() == 1


def test_it_ends_at_once_where_the_block_fails(settings: Settings) -> None:
    with pytest.raises(ZeroDivisionError), projecting(settings):
        wait_for_lock(settings, free=False)
        raise ZeroDivisionError
    assert is_free(settings)


def test_it_ends_with_a_process_that_is_killed(settings: Settings) -> None:
    command = [sys.executable, "-c", BESIDE, str(settings.data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout and process.stdout.readline() == "beside\n"
            wait_for_lock(settings, free=False)
        finally:
            process.kill()
    wait_for_lock(settings, free=True)
