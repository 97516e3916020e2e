"""A graph store on each engine that the hub runs on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.graph.base import GraphStore
from hub.graph.oxigraph import OxigraphStore
from hub.graph.sparql import SparqlStore
from tests.servers import need
from tests.servers.oxigraph import MISSING, Oxigraph, oxigraph, program


@pytest.fixture(scope="session")
def oxigraph_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oxigraph]:
    need(program() is not None, MISSING)
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as server:
        yield server


@pytest.fixture(params=["embedded", "sparql"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], GraphStore]]:
    """Opens the same store, empty at first; what was opened before is closed."""
    opened: list[GraphStore] = []
    server: Oxigraph | None = None
    if request.param == "sparql":
        server = request.getfixturevalue("oxigraph_server")
        SparqlStore(server.url, server.update_url)._update(["DROP ALL"])

    def open_one() -> GraphStore:
        for store in opened:
            store.close()
        opened.append(SparqlStore(server.url, server.update_url) if server else OxigraphStore(tmp_path / "graph"))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(reopen: Callable[[], GraphStore]) -> GraphStore:
    return reopen()
