"""The search index on a cluster of Elasticsearch, which any number of machines share."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from hub.errors import Refused, Unavailable
from hub.profile import Profile
from hub.search.base import Answer, Document, Hit, Meant, Query, SearchIndex, Suggestion
from hub.search.elasticsearch_alias import Alias, Reading
from hub.search.elasticsearch_answers import answer
from hub.search.elasticsearch_cluster import Cluster
from hub.search.elasticsearch_fields import indexed, mappings
from hub.search.elasticsearch_generations import Changes, Generation, Generations
from hub.search.elasticsearch_lease import Lease
from hub.search.elasticsearch_names import suggestions
from hub.search.elasticsearch_similar import similar
from hub.search.elasticsearch_view import View
from hub.search.lexicon import Lexicon
from hub.search.plan import Plan
from hub.settings import Settings


class _Plan(Plan):
    """What a profile makes of an index."""

    def __init__(self, cluster: Cluster, profile: Profile, lexicon: Lexicon | None) -> None:
        self.cluster = cluster
        super().__init__(profile, lexicon)
        self.mappings = mappings(self.declared)

    def changes(self, documents: Mapping[str, Document | None]) -> Changes:
        """Raises Refused, naming the document that does not fit the fields."""
        made: dict[str, bytes | None] = {}
        for name, document in documents.items():
            if document and document.id != name:
                raise Refused(f"{name} is not the id of its document, which is {document.id}")
            try:
                made[name] = indexed(document, self.declared, self.labels) if document else None
            except (ValueError, TypeError, OverflowError) as error:
                raise Refused(f"{name} cannot be indexed: {error}") from error
        return made

    def answer(self, view: View, query: Query, meant: Meant | None) -> Answer:
        question = self.expansion.question(query.q, query.language or query.lang)
        return answer(view, self.declared, query, question, meant)


class _Read(Reading):
    _plan: _Plan

    def count(self) -> int:
        return self._asked(lambda view: view.count(), 0)

    def search(self, query: Query, meant: Meant | None = None) -> Answer:
        self._plan.declared.check(query)
        nothing = Answer(0, (), {key: [] for key in query.facets})
        return self._asked(lambda view: self._plan.answer(view, query, meant), nothing)

    def suggest(self, text: str, size: int = 10) -> list[Suggestion]:
        return self._asked(lambda view: suggestions(view, text, size), [])

    def similar(self, name: str, size: int = 10) -> list[Hit]:
        return self._asked(lambda view: similar(view, name, size), [])

    def items(self, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        return self._asked(lambda view: view.items(names), {})

    def tidy(self) -> None:
        """Elasticsearch merges its segments by itself."""


class ElasticsearchIndex(Alias, _Read):
    """The index behind an alias, made for a profile."""

    def __init__(
        self, cluster: Cluster, alias: str, profile: Profile, lexicon: Lexicon | None = None, leases: str = ""
    ) -> None:
        """`leases` is the index that says who writes; several aliases may have the same."""
        self._plan = _Plan(cluster, profile, lexicon)
        generations = Generations(cluster, alias, self._plan.mappings)
        super().__init__(cluster, generations, Lease(cluster, leases or f"{alias}-writer", alias))

    def apply(self, documents: Mapping[str, Document | None], position: int) -> None:
        changes = self._plan.changes(documents)
        with self._written() as generation:
            generation.commit(changes, position)

    @contextmanager
    def rebuild(self) -> Iterator[SearchIndex]:
        with self._replaced() as generation:
            yield _Fresh(self._plan, generation)


class _Fresh(_Read):
    """An index that is being filled; the one that it will replace holds the lease."""

    def __init__(self, plan: _Plan, generation: Generation) -> None:
        super().__init__(plan.cluster)
        self._plan, self._generation = plan, generation

    def _named(self) -> str:
        return self._generation.name

    def apply(self, documents: Mapping[str, Document | None], position: int) -> None:
        self._generation.commit(self._plan.changes(documents), position)

    def rebuild(self) -> AbstractContextManager[SearchIndex]:
        raise Unavailable("The search index is being rebuilt already")

    def reload(self) -> None:
        """It has one index."""

    def close(self) -> None:
        """There is nothing of its own to close."""


def open_elasticsearch(settings: Settings, profile: Profile, lexicon: Lexicon | None = None) -> SearchIndex:
    """Raises BadRequest where the address can be none; servers that are away are told by the first question."""
    cluster = Cluster(settings.elasticsearch_url, settings.elasticsearch_api_key, settings.elasticsearch_ca)
    return ElasticsearchIndex(cluster, settings.elasticsearch_index, profile, lexicon)


def forget(settings: Settings) -> None:
    """Takes away all indexes of this name, as after a trial."""
    alias = settings.elasticsearch_index
    cluster = Cluster(settings.elasticsearch_url, settings.elasticsearch_api_key, settings.elasticsearch_ca)
    with cluster.asked() as client:
        if names := list(client.indices.get(index=f"{alias}-*", filter_path="*.aliases")):
            client.indices.delete(index=names)
        for name in (alias, f"{alias}-meaning"):
            client.options(ignore_status=404).indices.delete_index_template(name=name)
    cluster.close()
