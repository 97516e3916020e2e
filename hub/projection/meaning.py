"""The ledger's changes, carried into sentence vectors: a text takes 70 ms, so harvests and words do not wait for it."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from hub.ledger import Ledger, LedgerRecord
from hub.profile import Profile
from hub.projection.clustered import documents
from hub.search.base import Document, MeaningIndex
from hub.search.meaning import sentences
from hub.search.vectors import AT_ONCE, Kept, Vectors


class MeaningProjection:
    """A vector for each language of a cluster's document; what a text once had is kept by `Vectors`."""

    name = "meaning"
    page = AT_ONCE

    def __init__(self, ledger: Ledger, index: MeaningIndex, vectors: Vectors, profile: Profile) -> None:
        self._ledger, self._index, self._vectors, self._profile = ledger, index, vectors, profile

    def position(self) -> int:
        return self._index.position()

    def put(self, records: Sequence[LedgerRecord], position: int) -> None:
        found = documents(self._ledger, records, self._profile)
        self._index.apply(
            {iri: self._made(document) if document else None for iri, document in found.items()}, position
        )

    def _made(self, document: Document) -> dict[str, Kept]:
        texts = sentences(document)
        return dict(zip(texts, self._vectors.embed(list(texts.values())), strict=True))

    def settle(self) -> None:
        """A vector speaks of one text only."""

    @contextmanager
    def rebuild(self) -> "Iterator[MeaningProjection]":
        fresh: AbstractContextManager[MeaningIndex] = self._index.rebuild()
        with fresh as index:
            yield MeaningProjection(self._ledger, index, self._vectors, self._profile)
