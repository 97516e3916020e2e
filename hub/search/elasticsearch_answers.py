"""What a search answers: a page of hits, why each was found, the total and the facets."""

import json
import zlib
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from typing import Final

from hub.search.base import ANYWHERE, LOOKED, NEAREST, WINDOW, Answer, Hit, Matched, Meant, Query
from hub.search.documents import Declared
from hub.search.elasticsearch_fields import key_of
from hub.search.elasticsearch_queries import Asked, Near, facets
from hub.search.elasticsearch_view import SHOWN, Found, View
from hub.search.elasticsearch_words import Clause, Words, looked_up, unknown
from hub.search.expansion import Question
from hub.search.weights import ALL_WORDS

ID: Final = {"_source": False, "stored_fields": "_none_", "docvalue_fields": ["id"]}  # what is stored is 3 times slower

Rows = list[tuple[str, int]]


def answer(view: View, declared: Declared, query: Query, question: Question, meant: Meant | None) -> Answer:
    statistics = view.statistics(looked_up(question, declared, {}))
    spellings = view.spelt_alike({word.surface: word.edits for word in unknown(question, statistics)})
    if any(spellings.values()):
        statistics = view.statistics(looked_up(question, declared, spellings))
    words = partial(Words, declared, statistics, query, question, spellings)
    return _Search(view, query, words, meant).answer()


class _Search:
    """One search: its requests, each of which holds several questions."""

    def __init__(self, view: View, query: Query, words: Callable[..., Words], meant: Meant | None) -> None:
        self._view, self._query, self._words, self._meant = view, query, words, meant
        same = (self._query.q, self._query.lang, sorted(self._query.filters.items()))
        self._preference = f"hub{zlib.crc32(repr(same).encode('utf-8', 'surrogatepass'))}"
        self._filtered = [key for key in self._query.facets if self._query.filters.get(key)]

    @cached_property
    def _asked(self) -> Asked:
        """For what is shown, with why it was found."""
        return Asked(self._query, self._words())

    @cached_property
    def _scored(self) -> Asked:
        """For what is found and scored: nothing in it tells why."""
        return Asked(self._query, self._words(is_told=False))

    def answer(self) -> Answer:
        near = self._near()
        if near[None] and self._query.order == "relevance":
            return self._ranked(near)
        start = (self._query.page - 1) * self._query.size
        main = self._main(self._asked, near) | {"from": start, "size": self._query.size, "sort": self._asked.order}
        first, *others = self._many([main | {"_source": SHOWN}, *self._facets(near)])
        return self._told(first, others, [self._hit(found, near[None]) for found in first["hits"]["hits"]])

    def _ranked(self, near: Mapping[str | None, Near]) -> Answer:
        """By meaning and words: the nearest and the best by words together, then the others."""
        nearest = near[None]
        anywhere = self._anywhere()
        first, best, among, *others = self._many(
            [
                self._main(self._scored, near) | {"size": 0},
                {"query": self._scored.others(nearest), "size": WINDOW, **ID},
                {"query": self._scored.among(nearest, is_required=True), "size": len(nearest), **ID},
                *anywhere,
                *self._facets(near),
            ]
        )
        by_words = dict.fromkeys(nearest, 0.0) | scores(among) | _without_bonus(best)
        ranked = self._fused(by_words, others[: len(anywhere)])
        return self._told(first, others[len(anywhere) :], self._page(ranked, nearest, len(scores(best))))

    def _anywhere(self) -> list[Clause]:
        """The best whatever the filters, where there are any."""
        if not self._scored.is_filtered or self._meant is None:
            return []
        nearest = islice(self._meant.nearest, ANYWHERE)
        return [{"query": query, "size": ANYWHERE, **ID} for query in self._scored.anywhere(nearest)]

    def _fused(self, by_words: Mapping[str, float], anywhere: Sequence[Found]) -> list[tuple[str, float]]:
        assert self._meant is not None
        led_by = {name: score for answer in anywhere for name, score in scores(answer).items()}
        return sorted(self._meant.fused(by_words, led_by or None).items(), key=lambda pair: (-pair[1], pair[0]))

    def _page(self, ranked: Sequence[tuple[str, float]], nearest: Near, window: int) -> list[Hit]:
        start = (self._query.page - 1) * self._query.size
        names = dict(ranked[start : start + self._query.size])
        beyond = {"from": max(start - len(ranked), 0) + window, "size": self._query.size - len(names)}
        wanted = [{"query": self._asked.among(names), "size": len(names)}]
        if window == WINDOW and beyond["size"]:
            wanted.append({"query": self._asked.others(nearest), **beyond})
        shown, *rest = self._many([{**body, "_source": SHOWN} for body in wanted])
        hits = {found["_id"]: self._hit(found, nearest) for found in shown["hits"]["hits"]}
        first = [replace(hits[key_of(name)], score=score) for name, score in names.items() if key_of(name) in hits]
        return first + [self._hit(found, nearest) for answer in rest for found in answer["hits"]["hits"]]

    def _near(self) -> dict[str | None, Near]:
        """What is found by meaning, under all filters (None), and for a facet without its own."""
        variants = [None, *self._filtered]
        wanted = self._meant.nearest if self._meant else {}
        if not wanted or self._meant is None:
            return {key: {} for key in variants}
        names, alone = list(wanted), self._meant.alone
        near = {key: self._scored.near(names[:alone], names[alone:], key) for key in variants}
        bodies = [{"query": query, "size": LOOKED, **ID} for query in near.values()]
        passing = [scores(answer).keys() for answer in self._many(bodies)]
        return {key: _first(wanted, there) for key, there in zip(variants, passing, strict=True)}

    def _main(self, asked: Asked, near: Mapping[str | None, Near]) -> Clause:
        plain = [key for key in self._query.facets if key not in self._filtered]
        return {"query": asked.hits(near[None]), "track_total_hits": True, "aggs": facets(plain)}

    def _facets(self, near: Mapping[str | None, Near]) -> list[Clause]:
        return [
            {"query": self._scored.hits(near[key], without=key), "size": 0, "aggs": facets([key])}
            for key in self._filtered
        ]

    def _many(self, asked: Sequence[Clause]) -> list[Found]:
        return self._view.many(asked, self._preference)

    def _told(self, first: Found, others: Iterable[Found], hits: Iterable[Hit]) -> Answer:
        counted = {key: _rows(found) for one in (first, *others) for key, found in one.get("aggregations", {}).items()}
        return Answer(
            int(first["hits"]["total"]["value"]), tuple(hits), {key: counted[key] for key in self._query.facets}
        )

    def _hit(self, found: Found, near: Near) -> Hit:
        words, concepts = self._asked.words.told(found.get("matched_queries", ()))
        hit = shown(found, Matched())
        return replace(hit, matched=Matched(tuple(words), tuple(concepts), near.get(hit.item["id"])))


def _first(wanted: Near, there: Container[str]) -> Near:
    return dict(islice(((name, cosine) for name, cosine in wanted.items() if name in there), NEAREST))


def shown(found: Found, matched: Matched) -> Hit:
    source = found["_source"]
    return Hit(json.loads(source["item"]), float(found.get("_score") or 0.0), matched, int(source["seq"]))


def scores(answer: Found) -> dict[str, float]:
    """Id → score."""
    return {hit["fields"]["id"][0]: float(hit["_score"] or 0.0) for hit in answer["hits"]["hits"]}


def _without_bonus(answer: Found) -> dict[str, float]:
    """Id → score without what having all words added to it; exact to 1/1,000."""
    return {name: score % ALL_WORDS for name, score in scores(answer).items()}


def _rows(counted: Found) -> Rows:
    return [(row["key"], int(row["doc_count"])) for row in counted["buckets"]]
