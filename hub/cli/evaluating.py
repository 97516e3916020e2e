"""The command that measures how well the search finds."""

import json
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.console import AsJson, app, print_table, screen, settings
from hub.errors import BadRequest
from hub.evaluation import Measured, Rank, filled, measured, peers
from hub.evaluation.sets import Task, tasks
from hub.profile import load
from hub.search.engines import forget, open_index, open_meaning
from hub.search.vectors import Vectors, missing
from hub.settings import Settings

Folders = Annotated[list[Path], typer.Argument(help="Folders with FLORES-200, NTREX-128 or judged queries.")]
Every = Annotated[int, typer.Option(min=1, help="Ask only every so many of the parallel texts.")]


@app.command("eval")
def eval_command(
    folders: Folders,
    every: Every = 1,
    with_peers: Annotated[bool, typer.Option("--peers", help="Beside it, how other catalogues search.")] = False,
    with_pairs: Annotated[
        bool, typer.Option("--pairs", help="Each pair of languages too: seven times the time.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure how well the search finds: nDCG, recall and reciprocal rank over sets of judged queries."""
    chosen, rows = settings(), list[dict[str, Any]]()
    for task in _tasks(folders, every):
        for name, way in _ways(task, chosen, with_peers).items():
            screen.print(f"{task.name}: {name}, {len(task.queries):,} queries", highlight=False)
            with way() as rank:
                rows.append({"way": name, **_told(measured(task, rank, with_pairs))})
    if as_json:
        typer.echo(json.dumps({"tasks": rows}, ensure_ascii=False))
        return
    print_table([head.replace("_", " ") for head in rows[0]], [[_shown(v) for v in row.values()] for row in rows])


def _tasks(folders: Sequence[Path], every: int) -> list[Task]:
    found = []
    for folder in folders:
        here = list(tasks(folder, load(), every)) if folder.is_dir() else []
        if not here:
            raise BadRequest(
                "FOLDERS", folder, "a folder with *.devtest (FLORES), DOCUMENT_IDS.tsv (NTREX) or needs.tsv"
            )
        found += here
    return found


def _ways(task: Task, chosen: Settings, with_peers: bool) -> dict[str, Callable[[], AbstractContextManager[Rank]]]:
    ways: dict[str, Callable[[], AbstractContextManager[Rank]]] = {"hub": lambda: _hub(task, chosen, True)}
    if not missing():
        ways["hub, words alone"] = lambda: _hub(task, chosen, False)
    if with_peers:
        ways["plain BM25"] = lambda: nullcontext(peers.plain(task))
        ways["English stemming"] = lambda: nullcontext(peers.english(task))
        if url := chosen.elasticsearch_url:
            ways["Elasticsearch's analyzers"] = lambda: peers.analyzers(task, url)
    return ways


@contextmanager
def _hub(task: Task, chosen: Settings, with_meaning: bool) -> Iterator[Rank]:
    """The hub's search on an index of its own, with the lexicons and the vectors that HUB_DATA has."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as closing:
        if (lexicon := chosen.data / "lexicon.sqlite").exists():
            (Path(folder) / lexicon.name).symlink_to(lexicon)
        name = f"{chosen.elasticsearch_index}-eval-{uuid.uuid4().hex[:8]}"
        trial = chosen.model_copy(update={"data": Path(folder), "elasticsearch_index": name})
        closing.callback(forget, trial)
        index, meaning = open_index(trial, load()), open_meaning(trial) if with_meaning else None
        closing.callback(index.close)
        vectors = Vectors(chosen.data / "vectors.sqlite") if meaning else None
        for opened in (meaning, vectors):
            if opened:
                closing.callback(opened.close)
        yield filled(task, index, meaning, vectors)


def _told(found: Measured) -> dict[str, Any]:
    low, high = found.interval
    worst = min(found.by_language, key=lambda code: found.by_language[code])
    told = {
        "task": found.task,
        "queries": len(found.pool),
        "ndcg": found.ndcg,
        "from": low,
        "to": high,
        "recall": found.recall,
        "mrr": found.mrr,
        "worst_language": f"{worst} {found.by_language[worst]:.3f}",
        "own_language": found.own_language,
    }
    if found.pairs:
        query, answers, value = found.worst_pair
        told |= {"one_language": found.one_language, "worst_pair": f"{query}→{answers} {value:.3f}"}
    return told


def _shown(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
