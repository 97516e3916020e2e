"""Free ports, and servers that end with their block: or, where the test run is killed, with the test run."""

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 20.0  # seconds that a server has to end by itself


def free_port() -> int:
    """A port below those that the system gives to clients, so that none of them takes it before the server does."""
    while True:
        port = random.randrange(15000, 32000)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


@contextmanager
def running(
    command: Sequence[str | Path],
    log: Path,
    *,
    user: str | None = None,
    environment: Mapping[str, str] | None = None,
    ended_by: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, working in the folder of its log, which gets all that it says.

    `environment` is this process's own unless another is given.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=log.parent,
            start_new_session=True,
            env=environment,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
    deed = f"kill -s {ended_by.name[3:]} -- -{process.pid}; sleep 2; kill -s KILL -- -{process.pid}"
    try:
        with _when_killed(deed):
            yield process
    finally:
        stop(process, ended_by)


def stop(process: subprocess.Popen[bytes], ended_by: signal.Signals = signal.SIGTERM) -> None:
    """Asks a process that leads its group to end, and kills the group where it does not."""
    if process.poll() is None:
        os.killpg(process.pid, ended_by)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def fresh_folder(prefix: str, owner: str | None = None, within: Path | None = None) -> Iterator[Path]:
    """A folder in the system's own place for such, which another user can reach, or in another."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
    if owner:
        shutil.chown(folder, owner, owner)
    try:
        with _when_killed('sleep 3; rm -rf -- "$0"', folder):  # what runs there has ended by then
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _when_killed(deed: str, argument: str | Path = "") -> Iterator[None]:
    """A shell that waits for the end of its input, which this process holds, and then does a deed."""
    watcher = subprocess.Popen(
        ["sh", "-c", f"cat >/dev/null; {deed}", argument],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(watcher.pid, signal.SIGKILL)
        watcher.communicate()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    """Waits until an address answers well; RuntimeError with the end of the log where it never does."""

    def answers() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    wait_until(answers, process, log, seconds)


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        if ready():
            return
        time.sleep(0.05)
    told = "ended" if process.poll() is not None else f"was not ready after {seconds} s"
    raise RuntimeError(f"{process.args!r} {told}: {log.read_text(errors='replace')[-2000:]}")
