"""The right to write an index on servers that several machines share.

A document names the holder, who renews it again and again. Who sees it renewed is refused; who sees it unrenewed for
long takes it over, by writing only if nobody else has written since (its sequence number), so no clocks are compared.
"""

import os
import socket
import time
import uuid
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Event, RLock, Thread
from typing import Any, Final

from elasticsearch import ConflictError

from hub.errors import Unavailable
from hub.search.elasticsearch_cluster import Cluster, Gone

BEAT: Final = 1.0  # seconds between two renewals
PATIENCE: Final = 10.0  # seconds without one, after which the holder counts as gone
LOOK: Final = 0.1  # seconds between two looks at another's lease

_MAPPING: Final = {"dynamic": False, "properties": {}}
_SETTINGS: Final = {"number_of_shards": 1, "auto_expand_replicas": "0-1"}
Version = tuple[int, int]  # sequence number and primary term of a document


@cache
def _machine() -> str:
    """What process numbers belong to: this start of this kernel, and the container; "" where that cannot be known."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    return ""


def _ended(holder: dict[str, Any]) -> bool:
    """Whether the holder is known to be gone: a process of this machine that no longer runs."""
    if not _machine() or holder.get("machine") != _machine():
        return False
    try:
        os.kill(int(holder["process"]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


class Lease:
    """One document of `index`, named as what it gives the right to write."""

    def __init__(self, cluster: Cluster, index: str, name: str) -> None:
        self._cluster, self._index, self._name = cluster, index, name
        self._holder = {"id": uuid.uuid4().hex, "host": socket.gethostname(), "process": os.getpid()}
        self._holder |= {"machine": _machine()}
        self._lock, self._stop = RLock(), Event()
        self._held: Version | None = None
        self._renewed = 0.0

    def take(self) -> bool:
        """Takes the right; whether it was taken just now. Raises Unavailable where another has it."""
        with self._lock:
            if self._held:
                if time.monotonic() - self._renewed > PATIENCE / 2:  # others may have lost patience
                    self._renew()
                return False
            while not self._tried():
                pass
            self._stop = Event()
            Thread(target=self._beat, args=(self._stop,), name="search-lease", daemon=True).start()
            return True

    def _tried(self) -> bool:
        """Whether it was taken; not, where another was quicker."""
        version, holder = self._read()
        if version and holder["id"] != self._holder["id"] and not _ended(holder):
            self._wait(version, holder)
        try:
            self._write(version)
        except ConflictError:
            return False
        return True

    def _wait(self, version: Version, holder: dict[str, Any]) -> None:
        """Until the holder counts as gone. Raises Unavailable once it has renewed its lease."""
        given_up = time.monotonic() + PATIENCE
        while time.monotonic() < given_up:
            time.sleep(LOOK)
            now, _ = self._read()
            if now and now != version:
                who = f"{holder['host']}, process {holder['process']}"
                raise Unavailable(f"Another process writes the search index {self._name} ({who})")
            if not now:
                return

    def _read(self) -> tuple[Version | None, dict[str, Any]]:
        try:
            with self._cluster.asked() as client:
                found = client.get(index=self._index, id=self._name)
        except Gone:
            return None, {}
        return (found["_seq_no"], found["_primary_term"]), found["_source"]

    def _write(self, version: Version | None) -> None:
        """Raises ConflictError where the document is no longer of this version."""
        condition: dict[str, Any] = {"op_type": "create"}
        if version:
            condition = {"if_seq_no": version[0], "if_primary_term": version[1]}
        with self._cluster.asked() as client:
            if not version:
                client.options(ignore_status=400).indices.create(  # 400: it is there
                    index=self._index, settings=_SETTINGS, mappings=_MAPPING
                )
            done = client.index(index=self._index, id=self._name, document=self._holder, **condition)
        self._held = done["_seq_no"], done["_primary_term"]
        self._renewed = time.monotonic()

    def _renew(self) -> None:
        """Raises Unavailable where it was lost, or the servers are away."""
        try:
            self._write(self._held)
        except ConflictError as error:
            self._lose()
            raise Unavailable(f"Another process writes the search index {self._name} by now") from error

    def _beat(self, stop: Event) -> None:
        while not stop.wait(BEAT):
            with self._lock, suppress(Unavailable, Gone):
                if not stop.is_set():
                    self._renew()

    def _lose(self) -> None:
        self._held = None
        self._stop.set()

    def release(self) -> None:
        with self._lock:
            held = self._held
            self._lose()
            if held:
                with suppress(Unavailable, Gone, ConflictError), self._cluster.asked() as client:
                    client.delete(index=self._index, id=self._name, if_seq_no=held[0], if_primary_term=held[1])
