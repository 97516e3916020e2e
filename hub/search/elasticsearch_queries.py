"""A `Query`, and what is near to it in meaning, in Elasticsearch's terms."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from hub.languages import FALLBACK
from hub.search.base import CHANGED, Query
from hub.search.dates import seconds
from hub.search.elasticsearch_fields import key_of
from hub.search.elasticsearch_words import Clause, Words, anyone
from hub.search.fields import LONGEST_KEYWORD, date_field, keyword_field, number_field, sort_field

RECORDS: Final[Clause] = {"exists": {"field": "id"}}  # all documents but the one that keeps the position
EDGE: Final = 1e-7  # degrees, a centimetre: points are kept as numbers of 32 bits, and an edge belongs to its box
MOST_VALUES: Final = 10_000  # of a facet; beyond, the rarest are not listed

Near = Mapping[str, float]  # id → cosine


class Asked:
    """One query; `words` are those of its question."""

    def __init__(self, query: Query, words: Words) -> None:
        self.query, self.words = query, words

    def hits(self, near: Near, without: str | None = None) -> Clause:
        """All that is found, some of it by meaning; a facet leaves out its own filter."""
        if not self.query.q.strip():
            return {"bool": {"filter": [RECORDS, *self.conditions(without)]}}
        found = anyone([self.words.clause(), among(near)]) if near else self.words.clause()
        return {"bool": {"must": [found], "filter": [*self.conditions(without)]}}

    def near(self, alone: Iterable[str], beside: Iterable[str], without: str | None) -> Clause:
        """Those of some documents that pass the filters, and of others that have any of the words too."""
        ours = anyone([among(alone), {"bool": {"filter": [among(beside), self.words.some()]}}])
        return {"bool": {"filter": [ours, *self.conditions(without)]}}

    def others(self, near: Near) -> Clause:
        """What has the words, and was not found by meaning."""
        return {"bool": {"must": [self.words.clause()], "filter": [*self.conditions()], "must_not": [among(near)]}}

    def among(self, names: Iterable[str], is_required: bool = False) -> Clause:
        """Some documents, scored by any of the words that they have; `is_required`: those that have any."""
        occurrence = "must" if is_required else "should"
        return {"bool": {"filter": [among(names)], occurrence: [self.words.some()]}}

    @property
    def is_filtered(self) -> bool:
        return any(self.conditions())

    def anywhere(self, names: Iterable[str]) -> tuple[Clause, Clause]:
        """Whatever the filters: some documents with their scores by words, and what has the words."""
        return self.among(names), self.words.clause(is_plain=True)

    def conditions(self, without: str | None = None) -> Iterator[Clause]:
        query = self.query
        for key, values in query.filters.items():
            if values and key != without:
                yield {"terms": {keyword_field(key): [value[:LONGEST_KEYWORD] for value in values]}}
        for key, (first, last) in query.dates.items():
            ends = seconds(first) if first else None, seconds(last, last=True) if last else None
            yield from _between(date_field(key), *ends)
        for key, (low, high) in query.numbers.items():
            yield from _between(number_field(key), low, high)
        if query.bbox:
            yield _box(*query.bbox)
        if query.near:
            latitude, longitude, km = query.near
            yield {"geo_distance": {"distance": f"{km}km", "points": {"lat": latitude, "lon": longitude}}}
        if query.after is not None:
            yield {"range": {"seq": {"gt": query.after}}}
        yield from self.words.quoted

    @property
    def order(self) -> list[Any]:
        orders: dict[str, list[Any]] = {
            "newest": [{date_field(CHANGED): "desc"}],
            "title": [{sort_field(self.query.lang or FALLBACK): "asc"}],
            "seq": [{"seq": "asc"}],
        }
        return orders.get(self.query.order, ["_score"])


def _between(field: str, low: float | None, high: float | None) -> Iterator[Clause]:
    ends = {name: end for name, end in (("gte", low), ("lte", high)) if end is not None}
    if ends:
        yield {"range": {field: ends}}


def _box(west: float, south: float, east: float, north: float) -> Clause:
    """A box with west > east goes over the antimeridian."""
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    bottom, top = max(south - EDGE, -90.0), min(north + EDGE, 90.0)
    corners = [
        {"top_left": [max(left - EDGE, -180.0), top], "bottom_right": [min(right + EDGE, 180.0), bottom]}
        for left, right in spans
    ]
    return anyone([{"geo_bounding_box": {"points": corner}} for corner in corners])


def among(names: Iterable[str]) -> Clause:
    """Some documents, by id; they have no score."""
    return {"constant_score": {"filter": {"ids": {"values": [key_of(name) for name in names]}}, "boost": 0.0}}


def facets(keys: Iterable[str]) -> Clause:
    """Aggregations that count the values of each key."""
    order = [{"_count": "desc"}, {"_key": "asc"}]
    return {key: {"terms": {"field": keyword_field(key), "size": MOST_VALUES, "order": order}} for key in keys}
