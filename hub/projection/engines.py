"""The projections on the engines that the settings name; for the process that holds the projector's lock."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from hub.graph.engines import open_store
from hub.ledger import Ledger
from hub.profile import Profile
from hub.projection import GraphProjection, Projection, SearchProjection
from hub.projection.meaning import MeaningProjection
from hub.search.engines import open_index, open_meaning
from hub.search.vectors import Vectors
from hub.settings import Settings

WITH_A_HARVEST: Final = ("graph", "search")  # what ends with it; sentence vectors are made by the server, behind it
PROJECTIONS: Final = (*WITH_A_HARVEST, "meaning")


@contextmanager
def open_projections(
    settings: Settings, ledger: Ledger, profile: Profile, names: Sequence[str] = WITH_A_HARVEST
) -> Iterator[tuple[Projection, ...]]:
    """Those of PROJECTIONS that are named; the sentence vectors only where this machine can make them."""
    with ExitStack() as closing:
        opened: list[Projection] = []
        if "graph" in names:
            store = open_store(settings)
            closing.callback(store.close)
            opened.append(GraphProjection(ledger, store, profile))
        if "search" in names:
            index = open_index(settings, profile)
            closing.callback(index.close)
            opened.append(SearchProjection(ledger, index, profile))
        if "meaning" in names and (meaning := open_meaning(settings)):
            closing.callback(meaning.close)
            vectors = Vectors(settings.data / "vectors.sqlite")
            closing.callback(vectors.close)
            opened.append(MeaningProjection(ledger, meaning, vectors, profile))
        yield tuple(opened)
