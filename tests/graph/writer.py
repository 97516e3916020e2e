"""Processes that write until they are killed.

python -m tests.graph.writer update (embedded FOLDER | sparql URL URL)    replaces five graphs, always with one number
python -m tests.graph.writer grow (embedded FOLDER | sparql URL URL)      adds many graphs for each number
python -m tests.graph.writer rebuild (embedded FOLDER | sparql URL URL)   fills a fresh store, and never ends that
Each prints a line once it is at work.
"""

import sys
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from hub.errors import Unavailable
from hub.graph.base import GraphStore
from hub.graph.oxigraph import OxigraphStore
from hub.graph.sparql import SparqlStore

GRAPHS = [f"http://localhost:8000/data/practice/example/{n}" for n in range(5)]


def text_of(number: int) -> str:
    return "".join(f'<urn:example:{n}> <urn:example:number> "{number}" .\n' for n in range(30))


def open_store(where: Sequence[str]) -> GraphStore:
    return OxigraphStore(Path(where[1])) if where[0] == "embedded" else SparqlStore(where[1], where[2])


def update(store: GraphStore) -> None:
    for number in count(store.position() + 1):
        store.apply(dict.fromkeys(GRAPHS, text_of(number)), number)
        print(number, flush=True)


def many(number: int) -> dict[str, str]:
    """More graphs than an update is used for."""
    return {f"{GRAPHS[0]}/{number}/{n}": text_of(number).replace("example:", f"example:{n}-") for n in range(120)}


def grow(store: GraphStore) -> None:
    for number in count(store.position() + 1):
        store.apply(many(number), number)
        print(number, flush=True)


def rebuild(store: GraphStore) -> None:
    with store.rebuild() as fresh:
        for number in count(1_000_000):
            fresh.load((f"{graph}/{number}", text_of(number)) for graph in GRAPHS)
            print(number, flush=True)
            time.sleep(0.01)


if __name__ == "__main__":
    try:
        {"update": update, "grow": grow, "rebuild": rebuild}[sys.argv[1]](open_store(sys.argv[2:]))
    except Unavailable:
        sys.exit("the server is gone")
