"""The servers that tests of several rooms share, each started once a test run."""

import os
from collections.abc import Iterator
from typing import Final

import pytest

from tests.servers import need
from tests.servers.elasticsearch import MISSING, SERVER, available, elasticsearch

# Files whose few tests take minutes; several processes get one file at a time, and none shall begin such a one last.
LONG: Final = ("test_floors", "test_kill", "test_newcomer", "test_evaluating", "test_cli", "test_serve", "test_fuzz")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.stem not in LONG)


@pytest.fixture(scope="session")
def elasticsearch_server() -> Iterator[str]:
    """The address of an Elasticsearch, which the environment tells too: of one that runs already where it does so."""
    if running := os.environ.get(SERVER):
        yield running
        return
    need(available(), MISSING)
    with elasticsearch() as url:
        os.environ[SERVER] = url
        yield url
        del os.environ[SERVER]
