"""An index of Elasticsearch behind an alias, to one process: which generation is current, and the right to write it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import RLock
from typing import Final, TypeVar

from hub.errors import Refused, Unavailable
from hub.search.elasticsearch_cluster import Cluster, Gone
from hub.search.elasticsearch_generations import Generation, Generations
from hub.search.elasticsearch_lease import Lease
from hub.search.elasticsearch_view import View

T = TypeVar("T")
TRIES: Final = 3  # readings of an index that another process takes away


class Reading(ABC):
    """What can be asked of the index that `_named` names; of none, nothing is found."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    @abstractmethod
    def _named(self) -> str | None: ...

    @abstractmethod
    def reload(self) -> None: ...

    def _asked(self, ask: Callable[[View], T], nothing: T) -> T:
        """Where the index is gone, another has taken its place."""
        why = ""
        for _ in range(TRIES):
            name = self._named()
            if name is None:
                return nothing
            try:
                return ask(View(self._cluster, name))
            except Gone as error:
                why = str(error)
            self.reload()
        raise Unavailable(why or f"The search index at {self._cluster.shown} is taken away again and again")

    def position(self) -> int:
        return self._asked(lambda view: view.position(), 0)


class Alias(Reading):
    """It is made by the first writing, and nothing is asked before.

    An index that was replaced is kept until this process writes again, for readers that have not looked since.
    """

    def __init__(self, cluster: Cluster, generations: Generations, lease: Lease) -> None:
        super().__init__(cluster)
        self._generations, self._lease = generations, lease
        self._writing, self._looking = RLock(), RLock()
        self._current: str | None = None
        self._has_looked = self._has_left = False

    def _named(self) -> str | None:
        if not self._has_looked:
            self.reload()
        return self._current

    def reload(self) -> None:
        with self._looking:  # what it saw is kept before another thread changes it
            self._current = self._generations.named()
            self._has_looked = True

    @contextmanager
    def _written(self) -> Iterator[Generation]:
        """The current generation, to write to."""
        with self._writing:
            self._begin()
            name = self._named() or self._become(self._generations.created(is_current=True))
            try:
                yield Generation(self._cluster, name)
            except Unavailable:
                self._has_looked = False  # the index may have been taken away
                raise

    @contextmanager
    def _replaced(self) -> Iterator[Generation]:
        """A fresh, empty generation, which becomes the current one at the end of the block; an error discards it."""
        with self._writing, ExitStack() as undo:
            self._begin()
            generation = self._generations.created()
            undo.callback(generation.remove)
            yield generation
            if self._lease.take():
                raise Unavailable("Another process wrote the search index while it was rebuilt")
            self._check(generation)
            self._become(generation)
            undo.pop_all()

    def _check(self, generation: Generation) -> None:
        """An empty index takes the place of a full one only where it knows as much: all was withdrawn since.

        A ledger that has never come so far is another one, or was lost.
        """
        fresh, count = View(self._cluster, generation.name), self._asked(lambda view: view.count(), 0)
        try:
            is_empty, position = fresh.count() == 0, fresh.position()
        except Gone as error:
            raise Unavailable(f"The index {generation.name} was taken away") from error
        if is_empty and count > 0 and position < self.position():
            told = f"change {position} of {self.position()}"
            raise Refused(
                f"The search index keeps its {count:,} documents, since the rebuilt one is empty and comes only "
                f"to {told}: is HUB_DATABASE_URL the ledger that it was made from?"
            )

    def _begin(self) -> None:
        """Nobody else writes, we have what the last writer left, and what nobody reads is gone."""
        try:
            is_new = self._lease.take()
        except Unavailable:
            self.reload()  # it may be for another process's index that we lag behind
            raise
        if is_new:
            self.reload()
        if is_new or self._has_left:
            self._generations.clean([self._named()])
            self._has_left = False

    def _become(self, generation: Generation) -> str:
        with self._looking:
            self._generations.install(generation)
            self._current, self._has_looked, self._has_left = generation.name, True, True
        return generation.name

    def close(self) -> None:
        with self._writing:
            self._lease.release()
            self._cluster.close()
