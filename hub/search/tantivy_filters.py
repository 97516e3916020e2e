"""The conditions of a `Query` beside its words, in tantivy's terms."""

from collections.abc import Iterable, Iterator, Sequence

import tantivy
from tantivy import FieldType, Occur

from hub.search.base import Query
from hub.search.cells import circle
from hub.search.dates import seconds
from hub.search.fields import LONGEST_KEYWORD, date_field, keyword_field, number_field
from hub.search.tantivy_fields import POINTS


def conditions(schema: tantivy.Schema, query: Query, without: str | None = None) -> Iterator[tantivy.Query]:
    """What a hit must fulfil; a facet leaves out its own filter."""
    for key, values in query.filters.items():
        if values and key != without:
            yield _one_of(schema, key, values)
    for key, (first, last) in query.dates.items():
        if first or last:
            ends = seconds(first) if first else None, seconds(last, last=True) if last else None
            yield tantivy.Query.range_query(schema, date_field(key), FieldType.Integer, *ends)
    for key, (low, high) in query.numbers.items():
        if low is not None or high is not None:
            yield _span(schema, number_field(key), low, high)
    if query.bbox:
        yield anyone(_box(schema, n, *query.bbox) for n in range(POINTS))
    if query.near:
        yield tantivy.Query.term_set_query(schema, "cell", circle(*query.near))
    if query.after is not None:
        yield tantivy.Query.range_query(schema, "seq", FieldType.Unsigned, query.after, include_lower=False)


def _one_of(schema: tantivy.Schema, key: str, values: Sequence[str]) -> tantivy.Query:
    return tantivy.Query.term_set_query(schema, keyword_field(key), [value[:LONGEST_KEYWORD] for value in values])


def _box(schema: tantivy.Schema, n: int, west: float, south: float, east: float, north: float) -> tantivy.Query:
    """Whether the point in slot n lies in the box; a box with west > east goes over the antimeridian."""
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    longitude = anyone(_span(schema, f"lon_{n}", *span) for span in spans)
    return both(_span(schema, f"lat_{n}", south, north), longitude)


def _span(schema: tantivy.Schema, field: str, low: float | None, high: float | None) -> tantivy.Query:
    first, last = (None if end is None else float(end) for end in (low, high))
    return tantivy.Query.range_query(schema, field, FieldType.Float, first, last)


def both(*queries: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Must, query) for query in queries])


def anyone(queries: Iterable[tantivy.Query], enough: int = 1) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Should, query) for query in queries], enough)


def unscored(query: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, 0.0)
