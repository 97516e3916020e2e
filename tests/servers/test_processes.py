"""What every starter promises: nothing runs or lies about when its tests are over, however they ended."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.servers import need
from tests.servers.postgresql import MISSING, postgresql, programs
from tests.servers.processes import fresh_folder, running, wait_for, wait_until

STARTER = """
from tests.servers.postgresql import postgresql
from tests.servers.processes import fresh_folder, running
with postgresql() as url, fresh_folder("hub-test-") as folder, running(["sleep", "600"], folder / "log") as process:
    print(url, folder, process.pid, flush=True)
    input()
"""


def listens(url: str) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", urlsplit(url).port or 0)) == 0


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_where_the_test_run_is_ended(end: signal.Signals) -> None:
    need(programs() is not None, MISSING)
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", STARTER]
    starter = subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert starter.stdout
    url, folder, pid = starter.stdout.readline().split()
    assert (listens(url), Path(folder).is_dir(), is_there(int(pid))) == (True, True, True)
    starter.send_signal(end)
    starter.communicate()
    deadline = time.monotonic() + 30
    while (listens(url) or Path(folder).exists() or is_there(int(pid))) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (listens(url), Path(folder).exists(), is_there(int(pid))) == (False, False, False)


def test_nothing_is_left_after_the_block() -> None:
    need(programs() is not None, MISSING)
    with postgresql() as url:
        assert listens(url)
    assert not listens(url)


def test_a_server_that_does_not_start_is_told_with_its_last_words() -> None:
    with (
        fresh_folder("hub-test-") as folder,
        running(["sh", "-c", "echo no such disk; exit 3"], folder / "log") as process,
        pytest.raises(RuntimeError, match="ended: no such disk"),
    ):
        wait_for("http://127.0.0.1:1/", process, folder / "log")
    assert not folder.exists()


def test_a_server_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.servers.processes.PATIENCE", 0.2)
    with fresh_folder("hub-test-") as folder:
        log = folder / "log"
        with running(["sh", "-c", "trap '' TERM; echo deaf; sleep 600"], log) as process:
            wait_until(lambda: log.read_text() == "deaf\n", process, log)
    assert process.returncode == -signal.SIGKILL
