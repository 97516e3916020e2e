"""A real Virtuoso on loopback, in a folder of its own; two seconds from nothing."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.processes import free_port, fresh_folder, running, wait_for

MISSING = "Virtuoso is missing: apt-get install virtuoso-opensource-7-bin"
_INI = """
[Database]
DatabaseFile = data.db
ErrorLogFile = errors.log
LockFile = data.lck
TransactionFile = data.trx
xa_persistent_file = data.pxa
[TempDatabase]
DatabaseFile = temporary.db
TransactionFile = temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{port}
DirsAllowed = {folder}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
ServerThreads = 10
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
ServerThreads = 5
[SPARQL]
ResultSetMaxRows = {rows}
"""


def program() -> str | None:
    return shutil.which("virtuoso-t") if shutil.which("isql-vt") else None


@dataclass(frozen=True)
class Virtuoso:
    url: str  # of queries
    _sql: str
    _folder: Path

    def load(self, graph: str, n_triples: str) -> None:
        """Puts statements in place of those of a graph."""
        file = self._folder / "load.nt"
        file.write_text(n_triples, "utf-8")
        strict_no_more = 512  # what Virtuoso's own manual gives for data as found
        self._run(
            "log_enable(2);\n"  # commits row by row; a long transaction deadlocks with itself
            f"SPARQL CLEAR GRAPH <{graph}>;\n"
            f"DB.DBA.TTLP(file_to_string_output('{file}'), '', '{graph}', {strict_no_more});\n"
        )

    def _run(self, statements: str) -> None:
        command = ["isql-vt", self._sql, "dba", "dba", "ERRORS=STDOUT", "VERBOSE=OFF"]
        done = subprocess.run(command, input=statements, capture_output=True, text=True, timeout=120)
        if done.returncode or "***" in done.stdout:
            raise RuntimeError(f"isql-vt: {done.stdout[-2000:]}{done.stderr[-2000:]}")


@contextmanager
def virtuoso(rows: int = 10_000) -> Iterator[Virtuoso]:
    """`rows` is ResultSetMaxRows: what is more is cut, which only a header tells."""
    command = program()
    assert command, MISSING
    with fresh_folder("hub-virtuoso-") as folder:
        port, http, log = free_port(), free_port(), folder / "log"
        (folder / "virtuoso.ini").write_text(_INI.format(port=port, http=http, folder=folder, rows=rows))
        with running([command, "-f", "-c", "virtuoso.ini"], log) as process:
            url = f"http://127.0.0.1:{http}/sparql"
            wait_for(f"{url}?query=ASK%7B%7D", process, log)
            yield Virtuoso(url, f"127.0.0.1:{port}", folder)
