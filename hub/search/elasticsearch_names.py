"""Suggestions: terms that begin as names do, or as what is left of them from a later word on."""

import json
from collections.abc import Mapping
from typing import Any

from hub.search.base import Suggestion
from hub.search.elasticsearch_fields import BEGUN_CHARACTERS, begun
from hub.search.elasticsearch_view import View
from hub.search.elasticsearch_words import Clause
from hub.search.names import plain


def suggestions(view: View, text: str, size: int) -> list[Suggestion]:
    """Counts the names that begin so, then reads each of the first from a document that tells it."""
    typed = plain(text)
    if not typed:
        return []
    counted = view.many([_begun(f"{place}{typed[:BEGUN_CHARACTERS]}", 2 * size) for place in "01"], typed)
    rows = [(row["key"], row["doc_count"]) for one in counted for row in one["aggregations"]["begun"]["buckets"]]
    names: dict[str, tuple[str, int]] = {}
    for term, count in rows:
        names.setdefault(term.partition("\x1f")[2], (term, count))
    wanted = [{"query": {"term": {"begun": term}}, "size": 1, "_source": ["names"]} for term, _ in names.values()]
    found = view.many(wanted, typed)
    read = [_suggestion(term, count, one) for (term, count), one in zip(names.values(), found, strict=True)]
    return [one for one in read if f" {typed}" in f" {plain(one.text)}"][:size]


def _begun(begin: str, size: int) -> Clause:
    order = [{"_count": "desc"}, {"_key": "asc"}]
    terms = {"field": "begun", "include": f"{begin}.*", "size": size, "order": order}
    return {"query": {"prefix": {"begun": begin}}, "size": 0, "aggs": {"begun": {"terms": terms}}}


def _suggestion(term: str, count: int, found: Mapping[str, Any]) -> Suggestion:
    names = json.loads(found["hits"]["hits"][0]["_source"]["names"])
    language, text = next((language, text) for other, language, text in begun(names) if other == term)
    return Suggestion(text, term.split("\x1f")[1], language, count)
