"""The server's part as projector: it carries the ledger's changes into graph and index, unless another process does."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self

from hub.errors import HubError, Unavailable
from hub.graph.answers import Queries
from hub.graph.base import GraphStore
from hub.graph.engines import open_queries, open_store
from hub.languages import N_
from hub.ledger import Ledger
from hub.profile import Profile
from hub.projection import GraphProjection, Projection, Projector, SearchProjection, projector_lock
from hub.projection.meaning import MeaningProjection
from hub.search.base import MeaningIndex, SearchIndex
from hub.search.vectors import Vectors
from hub.settings import Settings

SECONDS: Final = 1.0  # between two looks at the ledger, or two questions for the lock
ELSEWHERE: Final = N_(
    "Another process of the hub has the embedded graph store open, so SPARQL waits until it ends. "
    "With HUB_SPARQL_URL set, a SPARQL server answers all the time."
)


class Projecting:
    """Writes all stores where it gets the projector's lock; else reads the indexes and asks again every second.

    What documents mean is not looked at while a process harvests, which needs the machine. What cannot be opened or
    written is told by `trouble` and tried again: it never ends a thread.
    """

    def __init__(
        self, settings: Settings, ledger: Ledger, index: SearchIndex, meaning: MeaningIndex | None, profile: Profile
    ) -> None:
        self._settings, self._ledger, self._index, self._profile = settings, ledger, index, profile
        self._meaning = meaning
        self._held, self._stop = ExitStack(), threading.Event()
        self._thread = threading.Thread(target=self._wait, name="projecting")
        self._projectors: dict[str, Projector] = {}
        self._troubles: dict[str, str] = {}
        self._store: GraphStore | None = None
        self._queries: Queries | None = None
        self.writes = False

    def __enter__(self) -> Self:
        if self._settings.sparql_url:  # a server of its own is there whoever writes
            self._open_graph()
        if not self._step():
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._held.close()

    @property
    def queries(self) -> Queries:
        """Raises Unavailable while the embedded store is another process's, or cannot be opened."""
        if self._queries is None:
            raise Unavailable(self.trouble("graph") or ELSEWHERE)
        return self._queries

    def trouble(self, name: str) -> str:
        """Why a projection cannot go on at the moment; "" where it can."""
        projector = self._projectors.get(name)
        return projector.troubles.get(name, "") if projector else self._troubles.get(name, "")

    def graph_position(self) -> int:
        """The graph's own word where it is open here, else what its projector told last. Raises Unavailable."""
        return self._store.position() if self._store else self._ledger.changes.positions().get("graph", 0)

    def _wait(self) -> None:
        while not self._stop.wait(SECONDS) and not self._step():
            pass

    def _step(self) -> bool:
        """Takes the lock and begins what is not begun; whether nothing is left to begin."""
        self.writes = self.writes or self._take_lock()
        work: dict[str, Callable[[], None]] = {"search": self._index.reload}
        if self.writes:
            work = {"search": self._begin_search, "graph": self._begin_graph}
        if self._meaning:
            work["meaning"] = self._begin_meaning if self.writes else self._meaning.reload
        for name in work.keys() - self._projectors.keys():
            self._try(name, work[name])
        return self.writes and work.keys() == self._projectors.keys()

    def _take_lock(self) -> bool:
        with ExitStack() as trial:
            if not trial.enter_context(projector_lock(self._settings.data)):
                return False
            self._held.push(trial.pop_all())
            return True

    def _try(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
            self._troubles.pop(name, None)
        except (HubError, OSError, ValueError) as error:
            self._troubles[name] = str(error)

    def _begin_search(self) -> None:
        self._begin(SearchProjection(self._ledger, self._index, self._profile))

    def _begin_graph(self) -> None:
        self._begin(GraphProjection(self._ledger, self._open_graph(), self._profile))

    def _begin_meaning(self) -> None:
        assert self._meaning is not None
        vectors = Vectors(self._settings.data / "vectors.sqlite")
        self._held.callback(vectors.close)
        projection = MeaningProjection(self._ledger, self._meaning, vectors, self._profile)
        self._begin(projection, self._ledger.is_harvested)

    def _begin(self, projection: Projection, must_wait: Callable[[], bool] = lambda: False) -> None:
        projector = Projector(self._ledger, [projection], must_wait)
        self._held.enter_context(projector.following(SECONDS))
        self._projectors[projection.name] = projector

    def _open_graph(self) -> GraphStore:
        if self._store is None:
            with ExitStack() as opening:
                store = open_store(self._settings)
                opening.callback(store.close)
                queries = open_queries(self._settings, store)
                opening.callback(queries.close)
                self._held.push(opening.pop_all())
            self._store, self._queries = store, queries
        return self._store
