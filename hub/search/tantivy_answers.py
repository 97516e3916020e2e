"""What is shown of the documents that a query finds: a page of hits, why each was found, and the facets."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from operator import itemgetter
from typing import Any, Final, cast

import tantivy
from pydantic_core import from_json

from hub.languages import FALLBACK
from hub.search.base import ANYWHERE, CHANGED, WINDOW, Answer, Hit, Match, Matched, Meant, Query
from hub.search.fields import date_field, keyword_field, sort_field
from hub.search.tantivy_facets import FACETS, Lines
from hub.search.tantivy_generations import Scored, View
from hub.search.tantivy_queries import Asked
from hub.search.tantivy_reasons import place, reasons
from hub.search.weights import ALL_WORDS

COUNT: Final = "#"  # beside the keys of facets
MOST_VALUES: Final = 10_000  # of a facet; beyond, the rarest are not listed (tantivy itself stops at 65,000)

Rows = list[tuple[str, int]]


def answer(schema: tantivy.Schema, lines: Lines, view: View, asked: Asked, beside: Executor) -> Answer:
    """The first of what is found are looked for while all of it is counted, which takes longer."""
    nearest = asked.nearest
    shown = beside.submit(lambda: hits(schema, view.searcher, _page(view, asked), _grounds(asked), nearest))
    count, facets = _counted(lines, view, asked)
    return Answer(count, shown.result(), facets)


def hits(
    schema: tantivy.Schema,
    searcher: tantivy.Searcher,
    page: Sequence[Scored],
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
    return Hit(from_json(kept["item"][0]), score, matched, seq)


def _grounds(asked: Asked) -> list[tuple[Match | str, tantivy.Query]]:
    """What can have made a document a hit: words that are required, and concepts."""
    found: list[tuple[Match | str, tantivy.Query]] = []
    for word in asked.question.words:
        if word.required:
            found += [(way.match, way.query) for way in asked.words.ways[word.text]]
    return [*found, *asked.words.concepts.items()]


def _page(view: View, asked: Asked) -> list[Scored]:
    query = asked.query
    start = (query.page - 1) * query.size
    if query.order == "relevance":
        return _ranked(view, asked, start) if asked.near else _best(view, asked.others(), start, query.size)
    found = view.searcher.search(asked.hits(), query.size, offset=start, count=False, **_order(query))
    return [(0.0, address) for _, address in found.hits]


def _order(query: Query) -> dict[str, Any]:
    if query.order == "newest":
        return {"order_by_field": date_field(CHANGED), "order": tantivy.Order.Desc}
    if query.order == "title":
        return {"order_by_field": sort_field(query.lang or FALLBACK), "order": tantivy.Order.Asc}
    return {"order_by_field": "seq", "order": tantivy.Order.Asc} if query.order == "seq" else {}


def _best(view: View, ranked: Sequence[tantivy.Query], start: int, size: int) -> list[Scored]:
    """The best by words. What lacks some of them is looked for only where what has all does not fill the page. What has
    all says so by its score, where there is something behind it."""
    found: list[Scored] = []
    for behind, query in zip(reversed(range(len(ranked))), ranked, strict=True):
        some = view.searcher.search(query, size - len(found), offset=start)
        found += [(score + behind * ALL_WORDS, address) for score, address in some.hits]
        if len(found) == size:
            break
        start = max(0, start - total(some))
    return found


def _ranked(view: View, asked: Asked, start: int) -> list[Scored]:
    """The nearest and the best by words as they are weighed together, then the others by words."""
    others = _best(view, asked.others(), 0, WINDOW)
    first = _fused(view, {**asked.near, **view.named(others)}, asked)
    page = first[start : start + asked.query.size]
    missing = asked.query.size - len(page)
    if missing and len(others) == WINDOW:
        page += _best(view, asked.others(), WINDOW + max(0, start - len(first)), missing)
    return page


def _fused(view: View, found: Mapping[str, Scored], asked: Asked) -> list[Scored]:
    anywhere: dict[str, Scored] = {}
    if asked.is_filtered:
        near, others = asked.anywhere(ANYWHERE)
        anywhere = view.named(view.searcher.search(near, ANYWHERE, count=False).hits)
        anywhere |= view.named(_best(view, others, 0, ANYWHERE))
    scores = cast(Meant, asked.meant).fused(_by_words(found), _by_words(anywhere) or None)
    return [(scores[name], found[name][1]) for name in sorted(found, key=lambda name: (-scores[name], name))]


def _by_words(found: Mapping[str, Scored]) -> dict[str, float]:
    """The bonus for all words is taken off again."""
    return {name: score % ALL_WORDS for name, (score, _) in found.items()}


def total(result: tantivy.SearchResult) -> int:
    return int(cast(Any, result).count)  # tantivy's own types leave it out


def _counted(lines: Lines, view: View, asked: Asked) -> tuple[int, dict[str, Rows]]:
    """How much is found, and its facets: those without a filter of their own are counted together, each of the others
    under its own condition."""
    filtered = [key for key in asked.query.facets if asked.query.filters.get(key)]
    count, counted = _under(None, [key for key in asked.query.facets if key not in filtered], lines, view, asked)
    for key in filtered:
        counted |= _under(key, [key], lines, view, asked)[1]
    return count, {key: counted[key] for key in asked.query.facets}


def _under(
    without: str | None, keys: Sequence[str], lines: Lines, view: View, asked: Asked
) -> tuple[int, dict[str, Rows]]:
    """`without`: the facet whose own filter is left out. Those of all documents are kept until the next commit."""
    kept = view.facets if asked.is_everything(without) else {}
    missing = [key for key in keys if key not in kept]
    count, rows = _counts(lines, view.searcher, asked.hits(without), missing, asked.declared.facets)
    kept.update(rows)
    return count, {key: kept[key] for key in keys}


def _counts(
    lines: Lines, searcher: tantivy.Searcher, query: tantivy.Query, keys: Sequence[str], whole: Sequence[str]
) -> tuple[int, dict[str, Rows]]:
    """Several of `whole` are counted in the field that holds all of these; any other key in its own."""
    inside = [key for key in keys if key in whole] if len(keys) > 1 else []
    fields = {key: keyword_field(key) for key in keys if key not in inside} | ({FACETS: FACETS} if inside else {})
    wanted: dict[str, Any] = {name: {"terms": {"field": field, "size": MOST_VALUES}} for name, field in fields.items()}
    found: dict[str, dict[str, int]] = {key: {} for key in keys}
    counts = searcher.aggregate(query, {**wanted, COUNT: {"value_count": {"field": "seq"}}})
    for name in fields:
        for row in counts[name]["buckets"]:
            key, values = lines.told(row["key"]) if name == FACETS else (name, (row["key"],))
            if (rows := found.get(key)) is not None:
                for value in values:
                    rows[value] = rows.get(value, 0) + row["doc_count"]
    return int(counts[COUNT]["value"]), {key: _ordered(rows) for key, rows in found.items()}


def _ordered(rows: Mapping[str, int]) -> Rows:
    """The most frequent first, then by value."""
    return sorted(sorted(rows.items()), key=itemgetter(1), reverse=True)
