"""Which graph store the settings name, and what answers queries on it."""

from hub.graph.answers import Limits, Queries
from hub.graph.base import GraphStore
from hub.graph.forward import SparqlQueries
from hub.graph.oxigraph import OxigraphStore
from hub.graph.sparql import SparqlStore
from hub.graph.worker import QueryPool
from hub.settings import Settings


def open_store(settings: Settings) -> GraphStore:
    """The server at HUB_SPARQL_URL, or the embedded store in HUB_DATA; Unavailable where it is open elsewhere."""
    if settings.sparql_url:
        return SparqlStore(settings.sparql_url, settings.sparql_update_url, f"{settings.base}/")
    return OxigraphStore(settings.data / "graph")


def open_queries(settings: Settings, store: GraphStore) -> Queries:
    """The query service on an open store; it is to be closed before the store."""
    limits = Limits(settings.query_seconds, settings.query_rows, settings.query_memory)
    if isinstance(store, OxigraphStore):
        return QueryPool(store, settings.data / "graph" / "snapshots", limits)
    return SparqlQueries(settings.sparql_url, limits)
