"""A process with a query pool, to be killed: `python -m tests.graph.parent FOLDER`; prints its workers' ids.

It ends with its input. One of its two workers is busy with a query that does not end, the other is idle.
"""

import sys
import threading
import time
from pathlib import Path

from hub.graph.answers import Limits
from hub.graph.oxigraph import OxigraphStore
from hub.graph.worker import QueryPool
from tests.graph.queries import ENDLESS


def main(folder: Path) -> None:
    store = OxigraphStore(folder)
    store.apply({"urn:example:g": "<urn:example:s> <urn:example:p> <urn:example:o> .\n"}, 1)
    pool = QueryPool(store, folder / "snapshots", Limits(seconds=3))
    pool.run("ASK {}", "json")
    threading.Thread(target=pool.run, args=(ENDLESS["a product of everything"], "json"), daemon=True).start()
    while pool._idle.qsize() == 2:
        time.sleep(0.01)
    print(*(worker._process.pid for worker in pool._all), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
