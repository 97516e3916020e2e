"""How fast the search answers, embedded and on Elasticsearch: `make bench-search`, or with fewer RECORDS.

Records are generated from the example records' sentences, a seventh in each language; a third have an English title.
Their sentence vectors are random directions, which are searched as fast as real ones (100,000 real ones take two hours
to make); those of the queries are made anew for each. Each engine is filled in a process of its own and asked in three,
of which the medians are told.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np

from hub.evaluation.sets import tasks
from hub.languages import LANGUAGES
from hub.profile import Profile, load
from hub.projection import give_way
from hub.search.base import Document, Query, SearchIndex
from hub.search.engines import open_index, open_meaning
from hub.search.meaning import meant
from hub.search.vectors import SIZE, asked, missing
from hub.settings import Settings
from tests.bench.watching import peak
from tests.servers.elasticsearch import available, elasticsearch

JUDGED: Final = Path(__file__).parents[1] / "relevance"
PAGE: Final = 500  # documents that are put at once to fill an index
WRITTEN: Final = 100  # and beside searches
RUNS: Final = 3  # processes that ask one after another: what else a machine does moves one by a third
HARVEST: Final = WRITTEN / 250  # seconds: a harvest reaches 250 records a second (`make bench`)
PLACES: Final = {"it": (45.4, 9.2), "sv": (57.7, 12.0), "de": (48.2, 16.4), "hu": (47.5, 19.0), "nl": (52.3, 6.2)}


def documents(count: int, profile: Profile) -> Iterator[Document]:
    """The same for the same count."""
    chance = random.Random(1)
    sentences = {code: sorted(found) for code, found in _sentences(profile).items()}
    concepts = {field.key: sorted(profile.schemes[field.scheme or ""].concepts) for field in profile.facets}
    for n in range(count):
        yield _document(n, LANGUAGES[n % len(LANGUAGES)], sentences, concepts, profile, chance)


def _sentences(profile: Profile) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {code: set() for code in LANGUAGES}
    for document in next(tasks(JUDGED, profile)).documents:
        for texts in document.texts.values():
            for code, passages in texts.items():
                found[code].update(part.strip() for text in passages for part in text.split(". ") if part.strip())
    return found


def _document(
    n: int,
    language: str,
    sentences: dict[str, list[str]],
    concepts: dict[str, list[str]],
    profile: Profile,
    chance: random.Random,
) -> Document:
    def some(number: int, code: str = language) -> str:
        return ". ".join(chance.sample(sentences[code], number))

    title, iri = f"{some(1)[:90]} {n}", f"http://localhost:8000/id/practice/bench/{n}"
    titles = {language: (title,), **({"en": (some(1, "en")[:90],)} if n % 3 == 0 else {})}
    chosen = {key: chance.choice(found) for key, found in concepts.items()}
    latitude, longitude = PLACES.get(language, (46.0, 4.0))
    point = (latitude + chance.uniform(-2, 2), longitude + chance.uniform(-2, 2))
    year = f"{2000 + n % 26}-{1 + n % 12:02}-01"
    return Document(
        id=iri,
        seq=n + 1,
        kind="practice",
        texts={"title": titles, "summary": {language: (some(2),)}, "body": {language: (some(7),)}},
        keywords={
            "kind": ("practice",),
            "source": (f"source-{n % 12}",),
            "language": tuple(titles),
            **{key: (found, *profile.ancestors(found)) for key, found in chosen.items()},
        },
        dates={"changed": (year,)},
        numbers={},
        points=(point,),
        item={"id": iri, "title": {code: texts[0] for code, texts in titles.items()}, "summary": {}},
        names={"title": titles, "place": {language: (f"Comune {n % 4000}",)}},
    )


def queries() -> list[tuple[str, str]]:
    """(text, language) of the judged queries."""
    return [(query.text, query.language) for task in tasks(JUDGED, load()) for query in task.queries]


def fill(settings: Settings, count: int) -> dict[str, Any]:
    profile = load()
    index, meaning = open_index(settings, profile), None if missing() else open_meaning(settings)
    chance, page, spent = np.random.default_rng(1), dict[str, Document](), 0.0
    for n, document in enumerate(documents(count, profile), 1):
        page[document.id] = document
        if len(page) == PAGE or n == count:
            started = time.perf_counter()
            index.apply(page, n)
            spent += time.perf_counter() - started
            if meaning:
                made = {d.id: {code: _direction(chance) for code in d.texts["title"]} for d in page.values()}
                meaning.apply(made, n)
            page = {}
    index.tidy()  # as the projector does at rest
    index.close()
    return {"rate": count / spent}


def _direction(chance: np.random.Generator) -> "np.ndarray[Any, np.dtype[np.int8]]":
    made: np.ndarray[Any, np.dtype[np.int8]] = chance.integers(-127, 128, SIZE).astype(np.int8)
    return made


def timed(job: Callable[[], object]) -> float:
    started = time.perf_counter()
    job()
    return 1000 * (time.perf_counter() - started)


def told(times: Sequence[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"p50": statistics.median(ordered), "p95": ordered[int(len(ordered) * 0.95)], "most": ordered[-1]}


def ask(settings: Settings, count: int) -> dict[str, Any]:
    """Milliseconds of each kind of question, and the memory of the process that answers."""
    profile = load()
    index = open_index(settings, profile)
    facets = ("kind", "source", "language", *(field.key for field in profile.facets))
    wanted = [Query(q=text, lang=language, facets=facets) for text, language in queries()]
    for query in wanted[:20]:
        index.search(query)
    found: dict[str, Any] = {}
    for times in ("words", "words, asked again"):
        found[times] = told([timed(lambda q=q: index.search(q)) for q in wanted])  # type: ignore[misc]
    prefixes = [text[:length] for text, _ in queries() for length in (2, 3, 5, 8)]
    found["suggestions"] = told([timed(lambda p=p: index.suggest(p)) for p in prefixes])  # type: ignore[misc]
    found["misspelt"] = told([timed(lambda q=q: index.search(q)) for q in _misspelt(wanted)])  # type: ignore[misc]
    for writer, pause in (("a harvest", HARVEST), ("a writer that never rests", 0.0)):
        found[f"words, beside {writer}"] = told(_beside_writing(index, wanted, count, pause))
    if not missing() and (meaning := open_meaning(settings)):
        meaning.near("warm up")
        asked.cache_clear()
        found["meaning"] = told([timed(lambda q=q: index.search(q, meant(q, meaning))) for q in wanted])  # type: ignore[misc]
    return {"ms": found, "memory": peak(os.getpid())}


def _misspelt(wanted: Sequence[Query]) -> list[Query]:
    """A letter of each query's longest word doubled."""
    words = [max(query.q.split(), key=len) for query in wanted]
    return [Query(q=f"{word[:3]}{word[2:]}", lang=query.lang) for word, query in zip(words, wanted, strict=True)]


def _beside_writing(index: SearchIndex, wanted: Sequence[Query], count: int, pause: float) -> list[float]:
    """The same questions while another thread puts a page each `pause` seconds, as the server's projector does."""
    stop = threading.Event()
    again = list(documents(min(count, 5000), load()))

    def write() -> None:
        give_way()
        for start in range(0, len(again), WRITTEN):
            began = time.perf_counter()
            index.apply({d.id: d for d in again[start : start + WRITTEN]}, count + start)
            if stop.wait(max(0.0, pause - (time.perf_counter() - began))):
                return

    thread = threading.Thread(target=write)
    thread.start()
    times = [timed(lambda q=q: index.search(q)) for q in wanted]  # type: ignore[misc]
    stop.set()
    thread.join()
    return times


def in_a_process(job: str, folder: Path, count: int, url: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.searching", "--job", job, "--folder", str(folder), "--url", url]
    ended = subprocess.run([*command, "--records", str(count)], stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def middle(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure."""
    kinds = runs[0]["ms"]
    ms = {kind: {key: statistics.median(run["ms"][kind][key] for run in runs) for key in kinds[kind]} for kind in kinds}
    return {"ms": ms, "memory": max(run["memory"] for run in runs)}


def main() -> None:
    reading = argparse.ArgumentParser(prog="make bench-search", description=__doc__)
    reading.add_argument("--records", type=int, default=100_000)
    reading.add_argument("--embedded-only", action="store_true", help="without Elasticsearch beside it")
    for name in ("--job", "--folder", "--url"):
        reading.add_argument(name, default="", help=argparse.SUPPRESS)
    given = reading.parse_args()
    if given.job:
        settings = Settings(data=Path(given.folder), elasticsearch_url=given.url)
        print(json.dumps({"fill": fill, "ask": ask}[given.job](settings, given.records)))
        return
    with ExitStack() as closing:
        engines = {"embedded": ""}
        if not given.embedded_only and available():
            engines["Elasticsearch"] = closing.enter_context(elasticsearch())
        results = {}
        for name, url in engines.items():
            folder = Path(closing.enter_context(tempfile.TemporaryDirectory()))
            filled = in_a_process("fill", folder, given.records, url)
            results[name] = {**filled, **middle([in_a_process("ask", folder, given.records, url) for _ in range(RUNS)])}
        show(results, given.records)


def show(results: dict[str, dict[str, Any]], count: int) -> None:
    print(f"{count:,} generated records, {len(queries())} queries with all facets, ms (p50, p95, most)")
    for kind in results["embedded"]["ms"]:
        for name, found in results.items():
            times = found["ms"].get(kind)
            ratio = f"{times['p50'] / results['embedded']['ms'][kind]['p50']:6.1f} ×" if times else ""
            shown = " ".join(f"{times[key]:8.1f}" for key in ("p50", "p95", "most")) if times else "       –"
            print(f"  {kind:28} {name:14} {shown} {ratio}")
    for name, found in results.items():
        print(
            f"  {name:14} {found['rate']:6,.0f} records/s indexed, {found['memory']:,} MB in the process that answers"
        )


if __name__ == "__main__":
    main()
