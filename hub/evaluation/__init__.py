"""How well the search finds, as a number: sets of queries with judgements, asked of an index that is made for them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from hub.evaluation.measures import DEPTH, interval, mean, ndcg, recall, reciprocal_rank
from hub.evaluation.sets import Asked, Task
from hub.languages import LANGUAGES
from hub.search.base import MeaningIndex, Query, SearchIndex
from hub.search.meaning import meant, sentences
from hub.search.vectors import Vectors

Rank = Callable[[Asked, str | None], Sequence[str]]  # a query, and the language that answers must have → the first ten
PAGE = 500  # documents


@dataclass(frozen=True, slots=True)
class Score:
    """What one query got; `own`: the share of its own language among the first ten."""

    asked: Asked
    ndcg: float
    recall: float
    reciprocal_rank: float
    own: float


@dataclass(frozen=True)
class Measured:
    """All queries of a task, in one pool of all languages (`pool`) and for answers in one language (`pairs`)."""

    task: str
    pool: tuple[Score, ...]
    pairs: dict[tuple[str, str], float]  # (of the query, of the answers) → nDCG

    @cached_property
    def ndcg(self) -> float:
        return mean([score.ndcg for score in self.pool])

    @cached_property
    def interval(self) -> tuple[float, float]:
        ordered = sorted(self.pool, key=lambda score: score.asked.need)
        return interval([[s.ndcg for s in group] for _, group in groupby(ordered, lambda score: score.asked.need)])

    @cached_property
    def by_language(self) -> dict[str, float]:
        return {code: mean([s.ndcg for s in self.pool if s.asked.language == code]) for code in LANGUAGES}

    @cached_property
    def own_language(self) -> float:
        """How much more of the first ten is in the query's own language than a fair share, which is 1."""
        return mean([score.own for score in self.pool]) * len(LANGUAGES)

    @property
    def recall(self) -> float:
        return mean([score.recall for score in self.pool])

    @property
    def mrr(self) -> float:
        return mean([score.reciprocal_rank for score in self.pool])

    @property
    def one_language(self) -> float:
        """Mean nDCG where query and answers are in the same language."""
        return mean([value for (query, answers), value in self.pairs.items() if query == answers])

    @property
    def worst_pair(self) -> tuple[str, str, float]:
        return min(((*pair, value) for pair, value in self.pairs.items() if pair[0] != pair[1]), key=lambda row: row[2])


def measured(task: Task, rank: Rank, with_pairs: bool = True) -> Measured:
    """Asks all queries of a task; pairs take seven times as long."""
    language_of = {document.id: document.keywords["language"][0] for document in task.documents}
    pool = tuple(_score(asked, rank(asked, None), task, language_of) for asked in task.queries)
    return Measured(task.name, pool, dict(_pairs(task, rank, language_of)) if with_pairs else {})


def _score(asked: Asked, ranked: Sequence[str], task: Task, language_of: dict[str, str]) -> Score:
    grades, own = task.grades[asked.need], [language_of[name] == asked.language for name in ranked[:DEPTH]]
    return Score(asked, ndcg(ranked, grades), recall(ranked, grades), reciprocal_rank(ranked, grades), mean(own))


def _pairs(task: Task, rank: Rank, language_of: dict[str, str]) -> Iterator[tuple[tuple[str, str], float]]:
    """nDCG of each pair of languages, over the needs that have an answer in the second."""
    for language in LANGUAGES:
        grades = {
            need: {name: grade for name, grade in found.items() if language_of[name] == language}
            for need, found in task.grades.items()
        }
        for code in LANGUAGES:
            asked = [query for query in task.queries if query.language == code and grades[query.need]]
            yield (code, language), mean([ndcg(rank(query, language), grades[query.need]) for query in asked])


def filled(task: Task, index: SearchIndex, meaning: MeaningIndex | None, vectors: Vectors | None) -> Rank:
    """The hub's own search over the documents of a task."""
    for start in range(0, len(task.documents), PAGE):
        page = task.documents[start : start + PAGE]
        index.apply({document.id: document for document in page}, start + 1)
        if meaning and vectors:
            texts = {document.id: sentences(document) for document in page}
            made = vectors.embed([text for spoken in texts.values() for text in spoken.values()])
            rows = iter(made)
            meaning.apply({name: {code: next(rows) for code in spoken} for name, spoken in texts.items()}, start + 1)

    def rank(asked: Asked, language: str | None) -> list[str]:
        """The query's language is told, as a page in that language tells it."""
        filters = {"language": (language,)} if language else {}
        query = Query(q=asked.text, lang=asked.language, filters=filters, size=DEPTH)
        return [str(hit.item["id"]) for hit in index.search(query, meant(query, meaning)).hits]

    return rank
