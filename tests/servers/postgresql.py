"""A real PostgreSQL on loopback, in a folder of its own; a second from nothing."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.servers.processes import free_port, fresh_folder, running, wait_until

FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
MISSING = "PostgreSQL's server is missing: apt-get install postgresql"


def programs() -> Path | None:
    """The folder of initdb and postgres; None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    return Path(found).parent if found else next(iter(FOLDERS), None)


def _owner() -> str | None:
    """PostgreSQL refuses to be root: then it runs as the user that its package makes."""
    return "postgres" if os.getuid() == 0 else None


def _initialise(program: Path, data: Path) -> None:
    command = [program, "-D", data, "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-U", "postgres", "--no-sync"]
    owner = _owner()
    groups = None if owner is None else []
    done = subprocess.run(
        command, capture_output=True, text=True, cwd="/", timeout=120, user=owner, group=owner, extra_groups=groups
    )
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")


@contextmanager
def postgresql() -> Iterator[str]:
    """Yields the server's URL without a database: `postgresql://postgres@127.0.0.1:PORT`."""
    bin_folder = programs()
    assert bin_folder, MISSING
    with fresh_folder("hub-postgresql-", _owner()) as folder:
        data, port, log = folder / "data", free_port(), folder / "log"
        _initialise(bin_folder / "initdb", data)
        url = f"postgresql://postgres@127.0.0.1:{port}"
        options = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-p", str(port), "-k", folder]
        at_once = signal.SIGQUIT  # its data goes with it; a gentler signal waits for clients
        with running([bin_folder / "postgres", "-D", data, *options], log, user=_owner(), ended_by=at_once) as process:
            wait_until(lambda: _answers(url), process, log)
            yield url


def _answers(url: str) -> bool:
    try:
        psycopg.connect(f"{url}/postgres").close()
    except psycopg.OperationalError:
        return False
    return True
