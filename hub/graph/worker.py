"""SPARQL for strangers on the embedded store: warm worker processes on snapshots, bounded by the kernel.

Neither signals nor raising functions stop a query of pyoxigraph, and its memory has no bound of its own (measured):
a process that can be killed is the only hard one.
"""

import json
import os
import queue
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol

from pyoxigraph import NamedNode

from hub.errors import BadRequest, HubError, NotAcceptable, QueryTimeout, Unavailable
from hub.graph.answers import Answer, Limits, QueryStopped
from hub.graph.process import write_frame
from hub.graph.queries import calls_service, names_dataset, refuse

_PATH: Final = str(Path(__file__).parents[2])  # where the package `hub` lies
_BOOT_SECONDS: Final = 30.0
_KEPT_ENVIRONMENT: Final = ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT")  # settings hold passwords: not these


class Snapshots(Protocol):
    """A store that can be copied while it is written. `stamp` is another value after each change."""

    @property
    def stamp(self) -> Hashable: ...
    def snapshot(self, target: Path) -> None: ...


class _DiedError(Exception):
    """The worker's output ended; `signal` says by what (0: it left by itself)."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.signal = max(0, -code)


class _Worker:
    """One process, one query at a time."""

    def __init__(self, limits: Limits) -> None:
        kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        path = os.pathsep.join(filter(None, (_PATH, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hub.graph.process", json.dumps(asdict(limits))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # on its death the engine prints its stack; how it died is in the exit status
            env={**kept, "PYTHONPATH": path, "MALLOC_ARENA_MAX": "2"},  # an arena takes 64 MB of address space
            cwd="/",
            start_new_session=True,  # Ctrl-C is for the parent, which ends its workers
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input, self._output = self._process.stdin.fileno(), self._process.stdout.fileno()
        self.sealed: bool | None = None
        self.snapshot: Path | None = None

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def boot(self) -> None:
        if self.sealed is None:
            try:
                self.sealed = bool(json.loads(self._frame(time.monotonic() + _BOOT_SECONDS))["sealed"])
            except (_DiedError, TimeoutError) as error:
                raise Unavailable(f"A query worker does not start (exit status {self.kill()})") from error

    def ask(self, request: Mapping[str, Any], seconds: float) -> tuple[dict[str, Any], bytes]:
        """Raises TimeoutError or _DiedError; then the worker is of no more use."""
        deadline = time.monotonic() + seconds
        with suppress(BrokenPipeError):  # then the output has ended, too, and tells why
            write_frame(self._input, json.dumps(request).encode())
        told: dict[str, Any] = json.loads(self._frame(deadline))
        return told, self._frame(deadline)

    def _frame(self, deadline: float) -> bytes:
        return self._read(int.from_bytes(self._read(4, deadline), "big"), deadline)

    def _read(self, length: int, deadline: float) -> bytes:
        parts, poll = [], select.poll()
        poll.register(self._output, select.POLLIN)
        while length:
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise TimeoutError
            part = os.read(self._output, min(length, 1 << 20))
            if not part:
                raise _DiedError(self._process.wait(5))
            parts.append(part)
            length -= len(part)
        return b"".join(parts)

    def stop(self) -> int:
        """Ends the process; whoever waits for its answer sees its output end."""
        self._process.kill()
        return self._process.wait()

    def kill(self) -> int:
        """Ends the process and gives its pipes back: only for whoever holds the worker, for the numbers are reused."""
        code = self.stop()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        return code


class _Shelf:
    """The snapshots: the latest one, and older ones for as long as a worker has them open."""

    def __init__(self, store: Snapshots, folder: Path, refresh: float) -> None:
        self._store, self._folder, self._refresh = store, folder, refresh
        self._lock = threading.Lock()
        self._latest: Path | None = None
        self._stamp: Hashable = None
        self._looked = float("-inf")
        self._used: Counter[Path] = Counter()
        shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed; the store's lock says it is not there
        folder.mkdir(parents=True)

    def latest(self) -> Path:
        """Takes a new one where the store has changed, but not more often than every `refresh` seconds."""
        with self._lock:
            now, stamp = time.monotonic(), self._store.stamp
            if self._latest is None or (stamp != self._stamp and now - self._looked >= self._refresh):
                self._looked = now
                new = self._folder / uuid.uuid4().hex[:12]
                self._store.snapshot(new)
                old, self._latest, self._stamp = self._latest, new, stamp
                self._sweep(old)
            return self._latest

    def moved(self, old: Path | None, new: Path | None) -> None:
        """A worker leaves one snapshot and opens another."""
        with self._lock:
            self._used.update([new] if new else [])
            self._used.subtract([old] if old else [])
            self._sweep(old)

    def _sweep(self, path: Path | None) -> None:
        if path and path != self._latest and self._used[path] <= 0:
            del self._used[path]
            shutil.rmtree(path, ignore_errors=True)

    def clear(self) -> None:
        with self._lock:
            shutil.rmtree(self._folder, ignore_errors=True)


class QueryPool:
    """`Queries` on a store that this process writes; `folder` is its own, on the store's file system (hard links)."""

    def __init__(self, store: Snapshots, folder: Path, limits: Limits, workers: int = 2, refresh: float = 5.0) -> None:
        self._limits, self._shelf = limits, _Shelf(store, folder, refresh)
        self._lock, self._closed = threading.Lock(), False
        self._all = {_Worker(limits) for _ in range(workers)}
        self._idle: queue.Queue[_Worker] = queue.Queue()
        for worker in self._all:
            self._idle.put(worker)

    def run(
        self,
        query: str,
        accept: str | Sequence[str],
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Answer:
        formats = [accept] if isinstance(accept, str) else list(accept)
        request: dict[str, Any] = {
            "query": query,
            "accept": formats,
            "default": _graphs("default-graph-uri", default_graphs),
            "named": _graphs("named-graph-uri", named_graphs),
        }
        refuse(query, sealed=True)
        request["union"] = not names_dataset(query)
        worker = self._take()
        try:
            return self._run(worker, request)
        finally:
            self._put_back(worker)

    def _run(self, worker: _Worker, request: Mapping[str, Any]) -> Answer:
        worker.boot()
        if not worker.sealed:
            refuse(request["query"], sealed=False)
        self._open(worker)
        try:
            told, body = worker.ask(request, self._limits.seconds)
        except TimeoutError as error:
            worker.kill()
            raise self._too_long() from error
        except _DiedError as death:
            raise self._why(death.signal, request["query"]) from death
        if "problem" in told:
            self._complain(told, request["query"])
        return Answer(body, told["media_type"], told["truncated"], told["rows"])

    def _open(self, worker: _Worker) -> None:
        """Lets the worker see the latest snapshot."""
        path = self._shelf.latest()
        if path == worker.snapshot:
            return
        self._shelf.moved(None, path)
        old, worker.snapshot = worker.snapshot, path
        try:
            told, _ = worker.ask({"open": str(path)}, _BOOT_SECONDS)
        except (_DiedError, TimeoutError) as error:
            worker.kill()
            raise Unavailable("A query worker cannot open the snapshot") from error
        finally:
            self._shelf.moved(old, None)
        if "problem" in told:
            worker.kill()
            raise Unavailable(f"A query worker cannot open the snapshot: {told['reason']}")

    def _take(self) -> _Worker:
        try:
            worker = self._idle.get(timeout=self._limits.seconds)
        except queue.Empty:
            raise Unavailable("All {count} query workers are busy; try again later", count=len(self._all)) from None
        if self._closed:
            self._idle.put(worker)
            raise Unavailable("The SPARQL endpoint is closing")
        return worker if worker.alive else self._replaced(worker)

    def _put_back(self, worker: _Worker) -> None:
        self._idle.put(worker if worker.alive else self._replaced(worker))

    def _replaced(self, worker: _Worker) -> _Worker:
        """A new worker for a dead one; it starts while nobody waits for it."""
        worker.kill()
        self._shelf.moved(worker.snapshot, None)
        with self._lock:
            self._all.discard(worker)
            if self._closed:
                return worker
            new = _Worker(self._limits)
            self._all.add(new)
            return new

    def _too_long(self) -> QueryTimeout:
        seconds = f"{self._limits.seconds:g}"
        return QueryTimeout("The query ran longer than {seconds} seconds and was stopped", seconds=seconds)

    def _why(self, number: int, query: str) -> HubError:
        """What a worker's death says about the query that it ran."""
        if self._closed:
            return Unavailable("The SPARQL endpoint is closing")
        if number == signal.SIGSYS:  # it opened a socket
            return calls_service(query)
        if number == signal.SIGALRM:
            return self._too_long()
        if number in (signal.SIGABRT, signal.SIGKILL):  # the engine aborts where an allocation fails
            return self._too_large()
        if number in (signal.SIGSEGV, signal.SIGBUS):  # its parser is recursive
            return QueryStopped("The query is nested too deeply")
        return QueryStopped("The query made its worker stop")

    def _too_large(self) -> QueryStopped:
        megabytes = self._limits.memory >> 20
        return QueryStopped("The query needed more memory than a query may use ({megabytes} MB)", megabytes=megabytes)

    def _complain(self, told: Mapping[str, Any], query: str) -> NoReturn:
        reason = str(told.get("reason", ""))
        if told["problem"] == "accept":
            template: str = told["message"]
            raise NotAcceptable(template, **told["values"])
        if told["problem"] == "memory":
            raise self._too_large()
        raise BadRequest("query", query, "a SPARQL 1.1 query ({reason})", reason=reason)

    def close(self) -> None:
        """Kills the workers, with what they do, and removes the snapshots."""
        with self._lock:
            if self._closed:
                return
            self._closed, workers = True, list(self._all)
        for worker in workers:
            worker.stop()
        with suppress(queue.Empty):
            while True:
                self._idle.get_nowait().kill()
        self._idle.put(workers[0])  # whoever waits for a worker finds a dead one, sees why, and puts it back
        self._shelf.clear()


def _graphs(parameter: str, names: Sequence[str]) -> list[str]:
    """Names of graphs; BadRequest where one is no absolute IRI."""
    for name in names:
        try:
            NamedNode(name)
        except ValueError as error:
            raise BadRequest(parameter, name, "an absolute IRI ({reason})", reason=error) from error
    return list(names)
