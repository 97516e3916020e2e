"""What the server keeps open, one a process, and the plain words that pages and the API show for its keys."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import Any, Final

from fastapi import Request

from hub.errors import NotFound
from hub.graph.answers import Queries
from hub.languages import language_name, pick
from hub.ledger import Ledger, LedgerRecord
from hub.profile import Profile, load
from hub.quality import Assessor, told, told_of_source
from hub.schedule import Schedule
from hub.search.base import MeaningIndex, SearchIndex
from hub.search.engines import open_index, open_meaning
from hub.settings import Settings
from hub.web.finding import Finding
from hub.web.projecting import Projecting

FRESH: Final = 1.0  # seconds that the sources' declarations are kept; a page asks for them many times


class Serving:
    """Everything that a route asks."""

    def __init__(
        self, ledger: Ledger, index: SearchIndex, meaning: MeaningIndex | None, projecting: Projecting
    ) -> None:
        self.ledger, self.index, self.meaning, self.projecting = ledger, index, meaning, projecting
        self.profile: Profile = load()
        self._assess = Assessor(self.profile)
        self._sources: Mapping[str, Mapping[str, Any]] = {}
        self._looked, self._looking = float("-inf"), threading.Lock()

    @property
    def base(self) -> str:
        return self.ledger.base

    @property
    def queries(self) -> Queries:
        """SPARQL for strangers. Raises Unavailable."""
        return self.projecting.queries

    def iri(self, kind: str, source: str, key: str) -> str:
        return f"{self.base}/id/{kind}/{source}/{key}"

    def record_or_none(self, iri: str) -> LedgerRecord | None:
        try:
            return self.ledger.changes.record(iri)
        except NotFound:
            return None

    def sources(self) -> Mapping[str, Mapping[str, Any]]:
        """The declarations of all sources by key."""
        with self._looking:
            if monotonic() - self._looked > FRESH:
                self._sources, self._looked = self.ledger.runs.sources(), monotonic()
            return self._sources

    def quality(self, record: LedgerRecord, language: str) -> dict[str, Any]:
        """How good a record is, in the words of a language."""
        return told(self._assess(record.iri, record.kind, record.graph), self.profile, language)

    def qualities(self, language: str) -> dict[str, dict[str, Any] | None]:
        """How good the sources that were measured are, by key."""
        kept = self.ledger.qualities.measured().items()
        return {key: told_of_source(measured, self.profile, language) for key, (_, measured) in kept}

    def source_title(self, key: str, language: str) -> str:
        return pick(self.sources().get(key, {}).get("title", {}), language)[0] or key

    def word(self, key: str, value: str, language: str) -> str:
        """What a person reads for a filter's value: a concept's label, the name of a kind, source or language."""
        if key == "kind":
            return pick(self.profile.kinds[value].names, language)[0]
        if key == "source":
            return self.source_title(value, language)
        return language_name(value, language) if key == "language" else self.profile.label(value, language)

    def filter_of(self, concept: str) -> tuple[str, str] | None:
        """(parameter, value) that searches for a concept; None where no facet has it."""
        known = self.profile.concepts.get(concept)
        field = next((f for f in self.profile.facets if known and f.scheme == known.scheme), None)
        return (field.key, known.notation) if field and known else None


@contextmanager
def open_serving(settings: Settings) -> Iterator[Serving]:
    """Opens all that is needed, and closes it in the other order."""
    with ExitStack() as closing:
        ledger = Ledger(settings.ledger_url, settings.base)
        closing.callback(ledger.close)
        index = open_index(settings, load())
        closing.callback(index.close)
        if meaning := open_meaning(settings):
            closing.callback(meaning.close)
        projecting = closing.enter_context(Projecting(settings, ledger, index, meaning, load()))
        if settings.schedule:  # behind the projector's lock, which a harvest would take as well
            closing.enter_context(Schedule(settings, ledger))
        closing.enter_context(Finding(settings, ledger, load(), projecting))
        yield Serving(ledger, index, meaning, projecting)


def serving_of(request: Request) -> Serving:
    serving: Serving = request.app.state.serving
    return serving
