"""The ledger's changes, carried into the graph store and the search index."""

import fcntl
import os
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from pyoxigraph import Literal
from sqlalchemy.exc import SQLAlchemyError

from hub.errors import HubError, Refused
from hub.graph.base import GraphStore
from hub.graph.process import NICE
from hub.ledger import Ledger, LedgerRecord, checksum
from hub.namespaces import DCT, graph_iri
from hub.profile import Profile
from hub.projection.activities import block_text, editions
from hub.projection.alternates import alternates
from hub.projection.clustered import documents
from hub.projection.entries import catalogues, measurements, published
from hub.quality import Assessor, mean
from hub.search.base import SearchIndex

PAGE = 500  # changes or records read at a time
RESTING = 60  # looks, one a second, that must find nothing before an index is tidied up: a slow harvest puts more often


class Projection(Protocol):
    """One projection: how records become entries of its engine. `name` is its row in the ledger's `position`.

    `page` is how many changes or records are read at a time, and shown together.
    """

    name: str
    page: int

    def position(self) -> int: ...
    def put(self, records: Sequence[LedgerRecord], position: int) -> None: ...
    def settle(self) -> None:
        """Carries over what is told of many records together; called when there is nothing left to put."""

    def rebuild(self) -> "AbstractContextManager[Projection]": ...


class GraphProjection:
    """One named graph a record, and those of the vocabularies, catalogues, clusters and the sources' quality."""

    name = "graph"
    page = PAGE

    def __init__(self, ledger: Ledger, store: GraphStore, profile: Profile, is_fresh: bool = False) -> None:
        self._ledger, self._store, self._profile, self._is_fresh = ledger, store, profile, is_fresh
        self._settled: tuple[frozenset[str], int] | None = None

    def position(self) -> int:
        return self._store.position()

    def put(self, records: Sequence[LedgerRecord], position: int) -> None:
        base = self._ledger.base
        self._store.apply({graph_iri(r.iri): published(r, base) if r.served else None for r in records}, position)

    def settle(self) -> None:
        """What is no record's own; the sources' quality is measured when a harvest has ended."""
        harvesting = self._ledger.qualities.harvesting()
        now = (harvesting, 0 if harvesting else self._ledger.changes.head())
        if now == self._settled:
            return
        measure(self._ledger, self._profile, but=harvesting)
        stale = {name: text for name, text in self._whole() if self._is_fresh or not self._holds(name, text)}
        if stale := stale | dict(self._runs()):
            self._store.apply(stale, self._store.position())
        self._settled = now

    def _whole(self) -> Iterator[tuple[str, str]]:
        """The graphs that are no record's, each with its edition as the identifier of the graph."""
        base, sources = self._ledger.base, self._ledger.runs.sources()
        points = {key: told["points"] for key, (_, told) in self._ledger.qualities.measured().items() if told}
        texts = {
            "vocabularies": self._profile.vocabularies_text,
            "catalogues": catalogues(sources, self._profile, base),
            "clusters": alternates(self._ledger.clusters.members()),
            "quality": measurements(points, self._profile, base),
        }
        for key, text in texts.items():
            name = f"{base}/graph/{key}"
            yield name, f"{_edition(name, checksum(text))}{text}"

    def _runs(self) -> Iterator[tuple[str, str]]:
        """The graphs of runs in which something changed; no other is made, since there may be many."""
        for block, edition in editions(self._ledger).items():
            name = f"{self._ledger.base}/graph/runs/{block}"
            if self._is_fresh or not self._holds(name, _edition(name, edition)):
                yield name, _edition(name, edition) + block_text(self._ledger, block)

    def _holds(self, name: str, text: str) -> bool:
        edition = text.partition("\n")[0]
        return bool(self._store.select(f"SELECT ?g {{ GRAPH ?g {{ {edition} }} FILTER(?g = <{name}>) }}"))

    @contextmanager
    def rebuild(self) -> "Iterator[Projection]":
        with self._store.rebuild() as fresh:
            yield GraphProjection(self._ledger, fresh, self._profile, is_fresh=True)


def _edition(name: str, edition: str) -> str:
    return f"<{name}> {DCT.identifier} {Literal(edition)} .\n"


class SearchProjection:
    """One document a cluster, usually of one record."""

    name = "search"
    page = PAGE

    def __init__(self, ledger: Ledger, index: SearchIndex, profile: Profile) -> None:
        self._ledger, self._index, self._profile = ledger, index, profile
        self._looks = 0  # since something was put

    def position(self) -> int:
        return self._index.position()

    def put(self, records: Sequence[LedgerRecord], position: int) -> None:
        self._looks = 0
        self._index.apply(documents(self._ledger, records, self._profile), position)

    def settle(self) -> None:
        """A document speaks of one cluster only, so there is nothing to carry over; at rest the index is tidied up."""
        self._looks += 1
        if self._looks > RESTING:
            self._index.tidy()

    @contextmanager
    def rebuild(self) -> "Iterator[Projection]":
        with self._index.rebuild() as fresh:
            yield SearchProjection(self._ledger, fresh, self._profile)


def catch_up(ledger: Ledger, projection: Projection, stop: threading.Event | None = None) -> int:
    """Carries the changes behind the projection's position into it, until `stop` is set; how many changes that were.

    It ends with the first page that is not full: what comes meanwhile is left to the next look, many at once.
    """
    done, is_full = 0, True
    while is_full and not (stop and stop.is_set()):
        changes = ledger.changes.after(projection.position(), projection.page)
        if changes:
            records = ledger.changes.records(record for _, record in changes)
            _put(ledger, projection, records, changes[-1][0])
            ledger.changes.tell_position(projection.name, changes[-1][0])
        done, is_full = done + len(changes), len(changes) == projection.page
    projection.settle()
    return done


def rebuild(ledger: Ledger, projection: Projection) -> int:
    """Makes a projection anew beside the old one, then swaps; how many records it read.

    The head is read first: what changes meanwhile is carried over by the next `catch_up`.
    """
    head, after, done = ledger.changes.head(), 0, 0
    with projection.rebuild() as fresh:
        while records := ledger.changes.all_records(after, fresh.page):
            after, done = records[-1].id, done + len(records)
            _put(ledger, fresh, records, 0)
        fresh.put([], head)
        fresh.settle()
    ledger.changes.tell_position(projection.name, head)
    return done


def measure(ledger: Ledger, profile: Profile, but: Collection[str] = ()) -> None:
    """Measures the quality of each source of which a record moved since, or the profile changed; all `but` some."""
    assess, there = Assessor(profile), ledger.qualities.measured()
    for source, moved in ledger.qualities.editions().items():
        edition = f"{moved} {profile.digest}"
        if source not in but and there.get(source, ("",))[0] != edition:
            quality = mean(assess(record.iri, record.kind, record.graph) for record in _served(ledger, source))
            ledger.qualities.measure(source, edition, quality.as_json() if quality else None)


def _served(ledger: Ledger, source: str) -> Iterator[LedgerRecord]:
    after = 0
    while records := ledger.changes.served_of(source, after, PAGE):
        yield from records
        after = records[-1].id


def _put(ledger: Ledger, projection: Projection, records: Sequence[LedgerRecord], position: int) -> None:
    """All records in one commit; where the engine refuses, one by one, and the culprits are set aside."""
    try:
        projection.put(records, position)
    except Refused:
        before = projection.position()
        for record in records:
            try:
                projection.put([record], before)
                ledger.changes.projected(projection.name, [record.id])
            except Refused as error:
                ledger.changes.set_aside(projection.name, record.id, str(error))
        projection.put([], position)
    else:
        ledger.changes.projected(projection.name, [record.id for record in records])


class Projector:
    """The one process that writes the embedded stores; whoever holds `$HUB_DATA/projector.lock` is it.

    `troubles` says, by the projection's name, why it cannot go on at the moment; it is tried again. While it follows
    it holds still as long as `must_wait` says so.
    """

    def __init__(
        self, ledger: Ledger, projections: Iterable[Projection], must_wait: Callable[[], bool] = lambda: False
    ) -> None:
        self._ledger, self._must_wait = ledger, must_wait
        self._projections = tuple(projections)
        self.troubles: dict[str, str] = {}

    def catch_up(self) -> int:
        """Carries all changes over, each projection in a thread of its own; how many in all. Raises Unavailable."""
        with ThreadPoolExecutor(len(self._projections), thread_name_prefix="project") as threads:
            return sum(threads.map(lambda projection: catch_up(self._ledger, projection), self._projections))

    def rebuild(self, names: Sequence[str]) -> dict[str, int]:
        return {p.name: rebuild(self._ledger, p) for p in self._projections if p.name in names}

    @contextmanager
    def following(self, seconds: float = 1.0) -> Iterator[None]:
        """Each projection follows the ledger in a thread of its own while the block runs."""
        stop = threading.Event()
        threads = [
            threading.Thread(target=self._follow, args=(projection, stop, seconds), name=f"project-{projection.name}")
            for projection in self._projections
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def _follow(self, projection: Projection, stop: threading.Event, seconds: float) -> None:
        give_way()
        while not stop.wait(seconds):
            try:
                if not self._must_wait():
                    catch_up(self._ledger, projection, stop)
                self.troubles.pop(projection.name, None)
            except (HubError, SQLAlchemyError) as error:  # an engine or the database is away; it may come back
                self.troubles[projection.name] = str(error)


def give_way() -> None:
    """Lets all others go before this thread and those that it begins: a search must not wait for what is written.

    Beside documents that are written as fast as may be, on 2 cores, 95 of 100 searches end within 1.4 times what they
    take alone, otherwise within 3.5 times. Only Linux has priorities of threads.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


@contextmanager
def projector_lock(data: Path) -> Iterator[bool]:
    """Whether this process may write the embedded stores; the system gives the right back when a process dies."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "projector.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
