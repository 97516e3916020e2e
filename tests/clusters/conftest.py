"""The labelled examples in a ledger, and what is found among them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.clusters import Finder
from hub.ledger import Ledger
from hub.profile import load
from hub.search.vectors import missing
from tests.clusters.examples import append_all
from tests.servers import need

BASE = "http://localhost:8000"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", BASE)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """A ledger with all examples in which everything was looked at."""
    need(missing() == "", missing())
    data = tmp_path_factory.mktemp("examples")
    opened = Ledger(f"sqlite:///{data / 'ledger.sqlite'}", BASE)
    append_all(opened)
    with Finder(opened, data, load()) as finder:
        finder.catch_up()
    yield opened
    opened.close()
