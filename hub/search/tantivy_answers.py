"""What is shown of the documents that a query finds: a page of hits, why each was found, and the facets."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import tantivy

from hub.languages import FALLBACK
from hub.search.base import ANYWHERE, CHANGED, WINDOW, Answer, Hit, Match, Matched, Meant, Query
from hub.search.fields import date_field, keyword_field, sort_field
from hub.search.tantivy_fields import FACET_END, FACETS
from hub.search.tantivy_queries import Asked
from hub.search.tantivy_reasons import place, reasons
from hub.search.weights import ALL_WORDS

MOST_VALUES: Final = 10_000  # of a facet; beyond, the rarest are not listed (tantivy itself stops at 65,000)

Rows = list[tuple[str, int]]
Scored = list[tuple[float, tantivy.DocAddress]]


def answer(schema: tantivy.Schema, searcher: tantivy.Searcher, asked: Asked, kept: dict[str, Rows]) -> Answer:
    """`kept` holds the facets of all documents, once they were counted."""
    count, page = _page(searcher, asked)
    return Answer(count, hits(schema, searcher, page, _grounds(asked), asked.nearest), _facets(searcher, asked, kept))


def hits(
    schema: tantivy.Schema,
    searcher: tantivy.Searcher,
    page: Scored,
    grounds: Sequence[tuple[Match | str, tantivy.Query]],
    nearest: Mapping[str, float],
) -> tuple[Hit, ...]:
    """`grounds`: a match, or the IRI of a concept, and the query that says which documents have it."""
    addresses = [address for _, address in page]
    why, numbers = reasons(schema, searcher, addresses, grounds), searcher.fast_field_values("seq", addresses)
    return tuple(
        _hit(searcher.doc(address), score, why[place(address)], int(seq or 0), nearest)
        for (score, address), seq in zip(page, numbers, strict=True)
    )


def _hit(kept: tantivy.Document, score: float, why: Sequence[Match | str], seq: int, near: Mapping[str, float]) -> Hit:
    words = tuple(reason for reason in why if isinstance(reason, Match))
    concepts = tuple(reason for reason in why if isinstance(reason, str))
    matched = Matched(words, concepts, near.get(kept["id"][0].decode()))
    return Hit(json.loads(kept["item"][0]), score, matched, seq)


def _grounds(asked: Asked) -> list[tuple[Match | str, tantivy.Query]]:
    """What can have made a document a hit: words that are required, and concepts."""
    found: list[tuple[Match | str, tantivy.Query]] = []
    for word in asked.question.words:
        if word.required:
            found += [(way.match, way.query) for way in asked.words.ways[word.text]]
    return [*found, *asked.words.by_meaning.items()]


def _page(searcher: tantivy.Searcher, asked: Asked) -> tuple[int, Scored]:
    query = asked.query
    start = (query.page - 1) * query.size
    if query.order == "relevance" and asked.nearest:
        return _ranked(searcher, asked, start)
    found = searcher.search(asked.hits(), query.size, offset=start, **_order(query))
    scored = query.order == "relevance"
    return total(found), [(float(score) if scored else 0.0, address) for score, address in found.hits]


def _order(query: Query) -> dict[str, Any]:
    if query.order == "newest":
        return {"order_by_field": date_field(CHANGED), "order": tantivy.Order.Desc}
    if query.order == "title":
        return {"order_by_field": sort_field(query.lang or FALLBACK), "order": tantivy.Order.Asc}
    return {"order_by_field": "seq", "order": tantivy.Order.Asc} if query.order == "seq" else {}


def _ranked(searcher: tantivy.Searcher, asked: Asked, start: int) -> tuple[int, Scored]:
    """The nearest and the best by words as they are weighed together, then the others by words."""
    near = searcher.search(asked.near(), len(asked.nearest), count=False).hits
    others = searcher.search(asked.others(), WINDOW)
    first = _fused(searcher, [*near, *others.hits], asked)
    page = first[start : start + asked.query.size]
    missing = asked.query.size - len(page)
    if missing and len(others.hits) == WINDOW:
        offset = WINDOW + max(0, start - len(first))
        page += [(float(score), a) for score, a in searcher.search(asked.others(), missing, offset=offset).hits]
    return len(near) + total(others), page


def _fused(searcher: tantivy.Searcher, found: Scored, asked: Asked) -> Scored:
    by_words, addresses = _by_words(searcher, found)
    anywhere = None
    if asked.is_filtered:
        best = [hit for query in asked.anywhere(ANYWHERE) for hit in searcher.search(query, ANYWHERE, count=False).hits]
        anywhere, _ = _by_words(searcher, best)
    scores = cast(Meant, asked.meant).fused(by_words, anywhere)
    return [(scores[name], addresses[name]) for name in sorted(by_words, key=lambda name: (-scores[name], name))]


def _by_words(searcher: tantivy.Searcher, found: Scored) -> tuple[dict[str, float], dict[str, tantivy.DocAddress]]:
    """Id → score and address. The bonus for all words is taken off; what is left of the score is exact to 1/1,000."""
    ids = [searcher.doc(address)["id"][0].decode() for _, address in found]
    by_words = {name: float(score) % ALL_WORDS for name, (score, _) in zip(ids, found, strict=True)}
    return by_words, {name: address for name, (_, address) in zip(ids, found, strict=True)}


def total(result: tantivy.SearchResult) -> int:
    return int(cast(Any, result).count)  # tantivy's own types leave it out


def _facets(searcher: tantivy.Searcher, asked: Asked, kept: dict[str, Rows]) -> dict[str, Rows]:
    """Facets without a filter of their own are counted together, each of the others under its own condition."""
    filtered = [key for key in asked.query.facets if asked.query.filters.get(key)]
    together = [(None, [key for key in asked.query.facets if key not in filtered]), *((key, [key]) for key in filtered)]
    counted: dict[str, Rows] = {}
    for without, keys in together:
        if asked.is_everything(without):
            missing = [key for key in keys if key not in kept]
            kept |= _counts(searcher, asked.hits(without), missing, asked.declared.facets)
            counted |= {key: kept[key] for key in keys}
        else:
            counted |= _counts(searcher, asked.hits(without), keys, asked.declared.facets)
    return {key: counted[key] for key in asked.query.facets}


def _counts(
    searcher: tantivy.Searcher, query: tantivy.Query, keys: Sequence[str], whole: Sequence[str]
) -> dict[str, Rows]:
    """Several of `whole` are counted in the field that holds all of these; any other key in its own."""
    inside = [key for key in keys if key in whole] if len(keys) > 1 else []
    fields = {key: keyword_field(key) for key in keys if key not in inside} | ({FACETS: FACETS} if inside else {})
    if not fields:
        return {}
    wanted = {name: {"terms": {"field": field, "size": MOST_VALUES}} for name, field in fields.items()}
    found: dict[str, list[tuple[int, str]]] = {key: [] for key in keys}
    for name, counted in searcher.aggregate(query, wanted).items():
        for row in counted["buckets"]:
            key, _, value = row["key"].partition(FACET_END) if name == FACETS else (name, "", row["key"])
            if key in found:
                found[key].append((-row["doc_count"], value))
    return {key: [(value, -count) for count, value in sorted(rows)] for key, rows in found.items()}
