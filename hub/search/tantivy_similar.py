"""Documents that share telling words with one: words of its title and summary that few documents have."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import tantivy
from tantivy import Occur

from hub.languages import LANGUAGES
from hub.search.analysis import analyzer
from hub.search.base import Hit, Match
from hub.search.fields import text_field
from hub.search.stopwords import STOPWORDS
from hub.search.tantivy_answers import hits
from hub.search.tantivy_filters import anyone
from hub.search.tantivy_generations import View
from hub.search.tantivy_queries import among
from hub.search.weights import BOOSTS, TIE

MOST: Final = 20  # words that are looked for


@dataclass(frozen=True, slots=True)
class _Telling:
    """A word as written, the term that finds it, and how much it tells."""

    text: str
    language: str
    term: str
    weight: float


def similar(schema: tantivy.Schema, view: View, name: str, size: int) -> list[Hit]:
    searcher = view.searcher
    itself = among(schema, [name])
    found = searcher.search(itself, 1, count=False).hits
    words = _telling(view, json.loads(searcher.doc(found[0][1])["item"][0])) if found else []
    ways = [[*_ways(schema, view, word)] for word in words]
    if not any(ways):
        return []
    scored = (
        tantivy.Query.disjunction_max_query([tantivy.Query.boost_query(q, BOOSTS[m.part]) for m, q in way], TIE)
        for way in ways
    )
    sharing = tantivy.Query.boolean_query([(Occur.Must, anyone(scored)), (Occur.MustNot, itself)])
    page = [(float(score), address) for score, address in searcher.search(sharing, size, count=False).hits]
    return [*hits(schema, searcher, page, [ground for way in ways for ground in way], {})]


def _telling(view: View, item: Mapping[str, Any]) -> list[_Telling]:
    """The words that tell most, by how often the document has them and how few others do."""
    found: dict[tuple[str, str], _Telling] = {}
    for part in ("title", "summary"):
        for tag, text in (item.get(part) or {}).items():
            for word in _words(view, tag.partition("-")[0].lower(), text):
                before = found.get((word.language, word.term))
                weight = word.weight + (before.weight if before else 0)
                found[word.language, word.term] = _Telling(word.text, word.language, word.term, weight)
    return sorted(found.values(), key=lambda word: (-word.weight, word.term))[:MOST]


def _words(view: View, language: str, text: str) -> Iterator[_Telling]:
    for token in analyzer(language).tokens(text) if language in LANGUAGES else ():
        if token.alternatives[0] not in STOPWORDS[language]:
            count, term = max((_count(view, language, term), term) for term in token.alternatives)
            if count > 1:
                weight = math.log(1 + view.searcher.num_docs / count)
                yield _Telling(text[token.start : token.end], language, term, weight)


def _count(view: View, language: str, term: str) -> int:
    return sum(view.frequency(text_field(part, language), term) for part in BOOSTS)


def _ways(schema: tantivy.Schema, view: View, word: _Telling) -> Iterator[tuple[Match, tantivy.Query]]:
    for part in BOOSTS:
        field = text_field(part, word.language)
        if view.frequency(field, word.term):
            query = tantivy.Query.term_query(schema, field, word.term, "freq")
            yield Match(word.text, part, word.language), query
