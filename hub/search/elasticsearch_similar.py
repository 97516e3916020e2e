"""Documents that share telling words with one: words of its title and summary that few documents have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hub.languages import LANGUAGES
from hub.search.analysis import Terms, analyzer
from hub.search.base import Hit, Match, Matched
from hub.search.elasticsearch_answers import shown
from hub.search.elasticsearch_fields import safe
from hub.search.elasticsearch_queries import among
from hub.search.elasticsearch_view import SHOWN, View
from hub.search.elasticsearch_words import Clause, Statistics, anyone, best
from hub.search.fields import text_field
from hub.search.stopwords import STOPWORDS
from hub.search.weights import BOOSTS, rareness

MOST: Final = 20  # words that are looked for


@dataclass(frozen=True, slots=True)
class _Telling:
    """A word as written, the term that finds it, and how much it tells."""

    text: str
    language: str
    term: str
    weight: float


def similar(view: View, name: str, size: int) -> list[Hit]:
    item = view.items([name]).get(name)
    words = [*_words(item)] if item else []
    terms = {(language, term) for _, language, others in words for term in others}
    fields = {text_field(part, code): {t for c, t in terms if c == code} for code, _ in terms for part in BOOSTS}
    statistics = view.statistics(fields)
    grounds = [(word, part) for word in _telling(words, statistics) for part in BOOSTS if _has(statistics, word, part)]
    if not grounds:
        return []
    ways: dict[_Telling, list[Clause]] = {}
    for number, (word, part) in enumerate(grounds):
        way = {"value": word.term, "boost": BOOSTS[part], "_name": str(number)}
        ways.setdefault(word, []).append({"term": {text_field(part, word.language): way}})
    query = {"bool": {"must": [anyone([best(way) for way in ways.values()])], "must_not": [among([name])]}}
    found = view.many([{"query": query, "size": size, "_source": SHOWN}], name)[0]["hits"]["hits"]
    matches = [Match(word.text, part, word.language) for word, part in grounds]
    return [shown(one, Matched(tuple(matches[n] for n in sorted(map(int, one["matched_queries"]))))) for one in found]


def _words(item: Mapping[str, Any]) -> Iterator[tuple[str, str, Terms]]:
    """Each word of the title and summary as written, its language and its terms; no stop words."""
    for part in ("title", "summary"):
        for tag, text in (item.get(part) or {}).items():
            language = tag.partition("-")[0].lower()
            for token in analyzer(language).tokens(text) if language in LANGUAGES else ():
                if token.alternatives[0] not in STOPWORDS[language]:
                    yield text[token.start : token.end], language, tuple(map(safe, token.alternatives))


def _telling(words: list[tuple[str, str, Terms]], statistics: Statistics) -> list[_Telling]:
    """The words that tell most, by how often the document has them and how few others do."""
    found: dict[tuple[str, str], _Telling] = {}
    for text, language, terms in words:
        count, term = max((_count(statistics, language, term), term) for term in terms)
        if count > 1:
            before = found.get((language, term))
            told = rareness(statistics.documents, count) + (before.weight if before else 0)
            found[language, term] = _Telling(text, language, term, told)
    return sorted(found.values(), key=lambda word: (-word.weight, word.term))[:MOST]


def _count(statistics: Statistics, language: str, term: str) -> int:
    return sum(statistics.frequencies.get((text_field(part, language), term), 0) for part in BOOSTS)


def _has(statistics: Statistics, word: _Telling, part: str) -> bool:
    return statistics.has(text_field(part, word.language), word.term)
