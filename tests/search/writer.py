"""Processes that write to an index until they are killed.

python -m tests.search.writer commit ENGINE FOLDER SCHEMA    replaces five documents, always with one number
python -m tests.search.writer rebuild ENGINE FOLDER SCHEMA   fills a fresh index, and never ends that
python -m tests.search.writer once ENGINE FOLDER SCHEMA      commits number 1, and then waits
Each prints a line once it is at work.
"""

import hashlib
import os
import sys
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

from hub.profile import Profile
from hub.search.base import Document, SearchIndex
from hub.search.elasticsearch import ElasticsearchIndex
from hub.search.elasticsearch_cluster import Cluster
from hub.search.tantivy import TantivyIndex
from tests.search.examples import made
from tests.servers.elasticsearch import SERVER


def alias_of(folder: Path) -> str:
    return f"hub-test-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"


def on_elasticsearch(folder: Path, profile: Profile) -> SearchIndex:
    """The server that the environment names; who writes is told in one index, which saves each test 0.1 s."""
    return ElasticsearchIndex(Cluster(os.environ[SERVER]), alias_of(folder), profile, leases="hub-tests-writer")


# Every engine that the hub runs on: how it is opened for a test that has a folder of its own.
ENGINES: Mapping[str, Callable[[Path, Profile], SearchIndex]] = {
    "tantivy": lambda folder, profile: TantivyIndex(folder / "search", profile),
    "elasticsearch": on_elasticsearch,
}
KEYS = "abcde"


def numbered(number: int) -> dict[str, Document | None]:
    documents = (made(key, f"Document {key} number{number}", body="some words " * 40, number=number) for key in KEYS)
    return {document.id: document for document in documents}


def commit(index: SearchIndex) -> None:
    for number in count(index.position() + 1):
        index.apply(numbered(number), number)
        print(number, flush=True)


def rebuild(index: SearchIndex) -> None:
    with index.rebuild() as fresh:
        for number in count(1_000_000):
            fresh.apply(numbered(number), number)
            print(number, flush=True)


def once(index: SearchIndex) -> None:
    index.apply(numbered(1), 1)
    print(1, flush=True)
    time.sleep(600)


if __name__ == "__main__":
    task, engine, folder, schema = sys.argv[1:]
    {"commit": commit, "rebuild": rebuild, "once": once}[task](ENGINES[engine](Path(folder), Profile(Path(schema))))
