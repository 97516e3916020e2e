"""A ledger on each database that the hub runs on."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from hub.ledger import Ledger
from tests.servers import need
from tests.servers.postgresql import MISSING, postgresql, programs

BASE = "http://localhost:8000"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    need(programs() is not None, MISSING)
    with postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    server = request.getfixturevalue("postgresql_server")
    name = f"hub_{uuid.uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{server}/{name}"


@pytest.fixture
def open_ledger(ledger_url: str) -> Iterator[Callable[[], Ledger]]:
    """Opens the same ledger again and again, as several processes do."""
    opened: list[Ledger] = []

    def open_one() -> Ledger:
        opened.append(Ledger(ledger_url, BASE))
        return opened[-1]

    yield open_one
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger: Callable[[], Ledger]) -> Ledger:
    return open_ledger()
