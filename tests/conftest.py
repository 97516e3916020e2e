"""The servers that tests of several rooms share, each started once a test run."""

import os
from collections.abc import Iterator

import pytest

from tests.servers import need
from tests.servers.elasticsearch import MISSING, SERVER, available, elasticsearch


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
