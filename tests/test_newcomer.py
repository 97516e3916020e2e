"""A newcomer's first command, from a copy of the checkout with a virtual environment and a package cache of its own."""

import os
import pty
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from tests.command import environment
from tests.servers import need
from tests.servers.processes import free_port

ROOT = Path(__file__).parents[1]
MINUTES = 5


def copy_of_checkout(target: Path) -> Path:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    for name in listed.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


@contextmanager
def on_a_terminal(
    command: list[str], folder: Path, env: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The process and the end of its terminal that we read; all that it started ends with the block."""
    ours, its = pty.openpty()
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=its, stderr=its, start_new_session=True)
    os.close(its)
    try:
        yield process, ours
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        with suppress(OSError):
            while os.read(ours, 65536):
                pass
        process.wait(30)
        os.close(ours)


def read_until(source: int, words: str, seconds: float) -> str:
    """What the terminal shows, without colours, up to some words."""
    deadline, shown = time.monotonic() + seconds, ""
    while words not in shown:
        assert time.monotonic() < deadline, shown[-4000:]
        try:
            shown += re.sub(
                r"\x1b\[[0-9;?]*[A-Za-z]", "", os.read(source, 65536).decode(errors="replace").replace("\r", "")
            )
        except OSError:
            raise AssertionError(shown[-4000:]) from None
    return shown


def test_make_demo_ends_in_a_served_portal_within_minutes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    need(os.environ.get("CI") == "true", "takes a minute and fetches every package: CI=true make test")
    folder, port = copy_of_checkout(tmp_path / "co-ped-hub"), free_port()
    env = environment(tmp_path / "data", HUB_PORT=str(port), PIP_NO_CACHE_DIR="1", COLUMNS="200", TERM="xterm")
    for name in ("NO_COLOR", "HUB_DATA"):  # a newcomer sets no folder: what is harvested lies in ./data
        env.pop(name)
    started = time.monotonic()
    with on_a_terminal(["make", "demo"], folder, env) as (_, terminal):
        shown = read_until(terminal, "LIMIT 10'", MINUTES * 60)
        address = f"http://localhost:{port}"
        deadline = time.monotonic() + 30
        while not _answers(f"{address}/health/ready"):
            assert time.monotonic() < deadline
        seconds = time.monotonic() - started
        _check_what_it_says(shown, address)
    with capsys.disabled():
        print(f"\nmake demo, from nothing to a served portal: {seconds:.0f} s")
    assert seconds < MINUTES * 60


def _answers(address: str) -> bool:
    with suppress(requests.ConnectionError):
        return requests.get(address, timeout=10).status_code == 200
    time.sleep(0.1)
    return False


def _check_what_it_says(shown: str, address: str) -> None:
    """The bars, the address, and the three things to try, done as they are written."""
    assert "━" in shown and "sample-it" in shown and f"The portal is at {address}" in shown
    search = re.search(rf"{address}/hu/\?q=\S+", shown)
    assert search and "energiaközösség" in requests.get(search[0], timeout=30).text
    turtle, rows = re.search(r"curl -LH .*", shown), re.search(r"curl \S+/sparql .*?LIMIT 10'", shown, re.DOTALL)
    assert turtle and rows
    assert "coped:GoodPractice" in _done(turtle[0])
    answer = _done(rows[0])
    assert answer.startswith("title,place") and answer.count("\n") == 11


def _done(command: str) -> str:
    return subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE, timeout=60, check=True).stdout.decode()
