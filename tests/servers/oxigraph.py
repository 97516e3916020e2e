"""A real Oxigraph server on loopback; half a second from nothing."""

import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.servers.processes import free_port, running, wait_for

MISSING = "The Oxigraph server is missing: .venv/bin/pip install oxigraph"


def program() -> str | None:
    """The server beside the running Python, or on the path."""
    return shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which("oxigraph")


@dataclass(frozen=True)
class Oxigraph:
    url: str  # of queries
    update_url: str
    process: subprocess.Popen[bytes]

    def load(self, graph: str, n_triples: str) -> None:
        """Puts statements in place of those of a graph."""
        address = f"{self.update_url.removesuffix('update')}store?graph={quote(graph, safe='')}"
        headers = {"Content-Type": "application/n-triples"}
        request = urllib.request.Request(address, n_triples.encode(), headers, method="PUT")
        with urllib.request.urlopen(request, timeout=60):
            pass


@contextmanager
def oxigraph(folder: Path, port: int = 0) -> Iterator[Oxigraph]:
    """A server that keeps its data in a folder, so it can be killed and started anew, on the same port if need be."""
    command = program()
    assert command, MISSING
    folder.mkdir(parents=True, exist_ok=True)
    host, log = f"127.0.0.1:{port or free_port()}", folder / "log"
    with running([command, "serve", "--location", folder / "data", "--bind", host], log) as process:
        wait_for(f"http://{host}/", process, log)
        yield Oxigraph(f"http://{host}/query", f"http://{host}/update", process)
