"""What documents mean, on a cluster of Elasticsearch: what is near is found there, in one request for all languages."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from time import monotonic
from typing import Any, Final, TypeVar

import numpy as np

from hub.search.base import NEAREST, Made, MeaningIndex, Meant
from hub.search.elasticsearch_alias import Alias
from hub.search.elasticsearch_answers import scores
from hub.search.elasticsearch_cluster import Cluster
from hub.search.elasticsearch_fields import key_of
from hub.search.elasticsearch_generations import Generations
from hub.search.elasticsearch_lease import Lease
from hub.search.elasticsearch_vectors import (
    COUNTED,
    MEANS_ALONE,
    NAMES,
    NO_ROWS,
    RAW,
    counts_of,
    listed,
    mappings,
    means_of,
    put,
    raw_of,
    sampled,
    vector_field,
)
from hub.search.elasticsearch_view import View
from hub.search.elasticsearch_words import Clause
from hub.search.fusion import NEARBY, Candidates, Floats, Population, fused, population, standing_out, unit
from hub.search.meaning import Next, count_words
from hub.search.vectors import Kept, Means, Rows, asked
from hub.settings import Settings

T = TypeVar("T")
CANDIDATES: Final = 300  # texts of a language that are looked at for the NEAREST of them
SLACK: Final = 0.03  # by which a cosine may differ in the graph
ALL: Final[Clause] = {"match_all": {}}
# Texts of a language whose cosines stand for those of all. nDCG of keywords (595 queries, 1,012 texts a language) was
# .784 with 300 and .790 with 1,000, as embedded; 396 queries had the same first ten as there, in place of 21.
SAMPLE: Final = 1000
SECONDS: Final = 60.0  # after which it is looked whether there are more or fewer texts
KEPT: Final = 3600.0  # seconds that a sample, which takes 0.2 s, is kept while no language grows by a tenth
COPY: Final = uuid.uuid4().hex  # all questions of a process go to the same copy of the index


@dataclass(frozen=True, slots=True)
class Known:
    """What this process remembers of an index: how its vectors are centred, how many there are, and some of them."""

    name: str
    taken: int
    means: Means
    counts: Mapping[str, int]
    sample: Mapping[str, Rows]
    sampled: Mapping[str, int]  # the counts at that time
    at: float

    def is_like(self, name: str, taken: int, counts: Mapping[str, int]) -> bool:
        if (name, taken, counts.keys()) != (self.name, self.taken, self.sampled.keys()):
            return False
        is_alike = all(abs(count - self.sampled[code]) <= self.sampled[code] / 10 for code, count in counts.items())
        return is_alike and monotonic() - self.at < KEPT

    def among(self, direction: Floats) -> Population:
        return population({code: rows @ direction for code, rows in self.sample.items()}, self.counts)


def _known(view: View, before: Known | None) -> Known:
    [found] = view.many([COUNTED], COPY)
    counts, taken = counts_of(found), int(found["aggregations"]["taken"]["value"] or 0)
    if before and before.is_like(view.name, taken, counts):
        return replace(before, counts=counts)
    told, *others = view.many([MEANS_ALONE, *sampled(counts, SAMPLE)], COPY)
    means = means_of(told)
    sample = {language: _rows(answer, language, means) for language, answer in zip(counts, others, strict=True)}
    return Known(view.name, taken, means, counts, sample, counts, monotonic())


def _rows(answer: Mapping[str, Any], language: str, means: Means) -> Rows:
    hits = answer["hits"]["hits"]
    return means.centred(_stacked([raw_of(hit)[language] for hit in hits]), [language] * len(hits))


def _stacked(rows: Sequence[Kept]) -> Kept:
    return np.stack(rows) if rows else NO_ROWS


def _nearest(view: View, known: Known, direction: Floats) -> tuple[dict[str, float], int]:
    among = known.among(direction)
    answers = view.many([_near(language, direction, among) for language in known.counts], COPY)
    names, cosines, standing = list[str](), list[float](), list[float]()
    for language, answer in zip(known.counts, answers, strict=True):
        for name, score in scores(answer).items():
            names.append(name)
            cosines.append(score - 1)
            standing.append(among.z(language, cosines[-1]))
    return standing_out(names, np.array(cosines, np.float32), np.array(standing, np.float32))


def _near(language: str, direction: Floats, among: Population) -> Clause:
    """Found by the rounded numbers of the graph, scored by the vectors themselves: 1 and the cosine."""
    field, wanted = vector_field(language), listed(direction)
    least = among.means[language] + NEARBY * among.deviations[language] - SLACK
    knn = {"field": field, "query_vector": wanted, "similarity": max(-1.0, min(least, 1.0))}
    script = {"source": f"1 + dotProduct(params.wanted, '{field}')", "params": {"wanted": wanted}}
    exact = {"rescore_query": {"script_score": {"query": ALL, "script": script}}, "query_weight": 0.0}
    return {
        "knn": {**knn, "k": NEAREST, "num_candidates": CANDIDATES},
        "rescore": {"window_size": NEAREST, "query": exact},
        "size": NEAREST,
        **NAMES,
    }


def _texts(view: View, means: Means, names: Sequence[str]) -> tuple[list[tuple[str, str]], Rows]:
    """The document and language of each of their texts, and its vector."""
    query = {"ids": {"values": [key_of(name) for name in names]}}
    [answer] = view.many([{"query": query, "size": len(names), **RAW}], COPY)
    found = [
        (hit["fields"]["id"][0], language, row)
        for hit in answer["hits"]["hits"]
        for language, row in raw_of(hit).items()
    ]
    rows = means.centred(_stacked([row for *_, row in found]), [language for _, language, _ in found])
    return [(name, language) for name, language, _ in found], rows


class _Near:
    """What lies beside a direction, asked of whatever index is current then."""

    def __init__(self, index: "ElasticsearchMeaning", wanted: Callable[[Means], Floats], words: int) -> None:
        self._index, self._wanted, self._words = index, wanted, words

    @property
    def nearest(self) -> Mapping[str, float]:
        return self._near[0]

    @property
    def alone(self) -> int:
        return self._near[1]

    @cached_property
    def _near(self) -> tuple[dict[str, float], int]:
        nothing: tuple[dict[str, float], int] = {}, 0
        return self._index.about(lambda view, known: _nearest(view, known, self._wanted(known.means)), nothing)

    def fused(self, by_words: Mapping[str, float], anywhere: Mapping[str, float] | None = None) -> Mapping[str, float]:
        def asking(view: View, known: Known) -> dict[str, float]:
            told, rows = _texts(view, known.means, list({**by_words, **(anywhere or {})}))

            def among(wanted: Mapping[str, float]) -> Candidates:
                own = [n for n, (name, code) in enumerate(told) if name in wanted and code in known.sample]
                return Candidates(wanted, [told[row] for row in own], rows[own])  # of other languages some came since

            best = among(anywhere) if anywhere else None
            return fused(among(by_words), self._wanted(known.means), known.among, self._words, best)

        return self._index.about(asking, dict(by_words))


class ElasticsearchMeaning(Alias):
    """The index behind an alias, made for a model's vectors."""

    def __init__(self, cluster: Cluster, alias: str, leases: str = "") -> None:
        """`leases` is the index that says who writes; several aliases may have the same."""
        lease = Lease(cluster, leases or f"{alias}-writer", alias)
        super().__init__(cluster, Generations(cluster, alias, mappings()), lease)
        self._known: Known | None = None
        self._looked = float("-inf")

    def reload(self) -> None:
        super().reload()
        self._changed()

    def _changed(self) -> None:
        with self._looking:  # who looks at this moment may have seen what was there before
            self._looked = float("-inf")

    def apply(self, documents: Mapping[str, Made | None], position: int) -> None:
        with self._written() as generation:
            put(generation, documents, position)
        self._changed()

    @contextmanager
    def rebuild(self) -> Iterator[MeaningIndex]:
        with self._replaced() as generation:
            yield Next(partial(put, generation))

    def about(self, ask: Callable[[View, Known], T], nothing: T) -> T:
        return self._asked(lambda view: ask(view, self._look(view)), nothing)

    def _look(self, view: View) -> Known:
        with self._looking:
            is_old = monotonic() - self._looked > SECONDS
            if self._known is None or self._known.name != view.name or is_old:
                self._known, self._looked = _known(view, self._known), monotonic()
            return self._known

    def count(self) -> int:
        return self.about(lambda _, known: sum(known.counts.values()), 0)

    def near(self, text: str, language: str | None = None) -> Meant | None:
        def wanted(means: Means) -> Floats:
            return unit(asked(text) - means.of_queries(language))

        return _Near(self, wanted, count_words(text)) if self.count() else None

    def similar(self, name: str) -> list[str]:
        def asking(view: View, known: Known) -> list[str]:
            _, rows = _texts(view, known.means, [name])
            near, alone = _nearest(view, known, unit(rows.sum(axis=0))) if len(rows) else ({}, 0)
            return [other for other in list(near)[:alone] if other != name]

        return self.about(asking, [])


def open_elasticsearch(settings: Settings) -> MeaningIndex:
    """Raises BadRequest where the address can be none; servers that are away are told by the first question."""
    cluster = Cluster(settings.elasticsearch_url, settings.elasticsearch_api_key, settings.elasticsearch_ca)
    index = settings.elasticsearch_index
    return ElasticsearchMeaning(cluster, f"{index}-meaning", f"{index}-writer")
