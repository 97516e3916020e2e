"""How well the search finds must not fall: floors under what `hub eval` measures. docs/relevance.md has the figures.

The parallel texts are asked for with every so many queries, in the pool of all of them; a full run is `hub eval`'s.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from hub.evaluation import Measured, filled, measured
from hub.evaluation.sets import Task, tasks
from hub.profile import load
from hub.search.meaning import StoredMeaning, sentences
from hub.search.vectors import AT_ONCE, Vectors, missing
from tests.search.writer import ENGINES
from tests.servers import need
from tests.servers.kept import KEPT

HERE = Path(__file__).parent
SHARED = HERE.parents[1].parent / "shared" / "eval"
EVERY = {"flores-devtest": 12, "ntrex": 1}  # of the parallel texts' queries
PAIRED = {"headlines": 9, "keywords": 3}  # every so many of them are asked of each language by itself
FAIR = 1.4  # how much more than its share a query's own language may have
APART = 0.01  # of two engines


@pytest.fixture(scope="module")
def vectors() -> Iterator[Vectors]:
    """Those of the sets, made once on a machine: ten minutes of processor time."""
    need(missing() == "", missing())
    KEPT.mkdir(parents=True, exist_ok=True)
    file = KEPT / "vectors.sqlite"
    Vectors(file).close()  # made by one process
    texts = [text for task in every_task() for document in task.documents for text in sentences(document).values()]
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        pages = [texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE)]
        assert sum(processes.map(embedded, [file] * len(pages), pages, chunksize=8)) == len(texts)
    opened = Vectors(file)
    yield opened
    opened.close()


def embedded(file: Path, texts: list[str]) -> int:
    opened = Vectors(file)
    made = opened.embed(texts)
    opened.close()
    return len(made)


@cache
def every_task() -> tuple[Task, ...]:
    there = {name: every for name, every in EVERY.items() if (SHARED / name).is_dir()}
    return (*tasks(HERE, load()), *(t for name, every in there.items() for t in tasks(SHARED / name, load(), every)))


Asking = Callable[..., Measured]


@pytest.fixture(scope="module")
def ask(vectors: Vectors, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """Measures a task on an engine; each is measured once."""
    kept: dict[tuple[object, ...], Measured] = {}

    def measure(name: str, engine: str = "tantivy", *, pairs: bool = False) -> Measured:
        need(name.startswith("judged") or SHARED.is_dir(), "The parallel texts are not here: ../shared/eval")
        if engine == "elasticsearch":
            request.getfixturevalue("elasticsearch_server")
        task = next(task for task in every_task() if task.name == name)
        if pairs:
            task = replace(task, queries=task.queries[:: PAIRED[name]])
        if (name, engine, pairs) not in kept:
            folder = tmp_path_factory.mktemp("floors")
            index, meaning = ENGINES[engine](folder, load()), StoredMeaning(folder / "meaning.sqlite")
            kept[name, engine, pairs] = measured(task, filled(task, index, meaning, vectors), pairs)
            index.close()
            meaning.close()
        return kept[name, engine, pairs]

    yield measure


FLOORS: Mapping[str, float] = {"judged, tuned": 0.71, "judged, held": 0.61, "keywords": 0.90, "headlines": 0.84}
WORST = {"keywords": 0.85, "headlines": 0.82}  # of the seven languages


@pytest.mark.parametrize("name", FLOORS)
def test_the_floors_hold(ask: Asking, name: str) -> None:
    found = ask(name)
    assert found.ndcg >= FLOORS[name], (found.ndcg, found.by_language)
    assert min(found.by_language.values()) >= WORST.get(name, 0.0), found.by_language
    assert found.own_language <= FAIR, found.own_language


def test_one_language_is_found_in_itself(ask: Asking) -> None:
    """Headlines find their articles, first sentence to rest, in each language."""
    found = ask("headlines", pairs=True)
    assert found.one_language >= 0.70 and found.worst_pair[2] >= 0.70, (found.one_language, found.worst_pair)


def test_no_pair_of_languages_is_left_behind(ask: Asking) -> None:
    found = ask("keywords", pairs=True)
    assert found.worst_pair[2] >= 0.75, found.worst_pair  # 28 queries a pair; of all there are, the worst has .85


@pytest.mark.parametrize("name", FLOORS)
def test_the_engines_find_alike(ask: Asking, name: str) -> None:
    embedded, elastic = ask(name), ask(name, "elasticsearch")
    assert elastic.ndcg == pytest.approx(embedded.ndcg, abs=APART)
