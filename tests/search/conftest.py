"""A search index on each engine that the hub runs on, made for a small vocabulary."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.profile import Profile
from hub.search.base import SearchIndex
from tests.search.examples import small_profile
from tests.search.writer import ENGINES, alias_of
from tests.servers.elasticsearch import SERVER, forget

Open = Callable[..., SearchIndex]
Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("profile") / "schema"


@pytest.fixture(scope="session")
def profile(schema: Path) -> Profile:
    return small_profile(schema)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    name: str = request.param
    if name == "elasticsearch":
        monkeypatch.setenv(SERVER, request.getfixturevalue("elasticsearch_server"))
    yield name
    if name == "elasticsearch":
        forget(request.getfixturevalue("elasticsearch_server"), alias_of(tmp_path))


@pytest.fixture
def open_index(engine: str, tmp_path: Path, profile: Profile) -> Iterator[Open]:
    """Opens the same index again and again, as several processes do; each can be closed before its time."""
    opened: list[SearchIndex] = []

    def open_one(other: Profile | None = None) -> SearchIndex:
        opened.append(ENGINES[engine](tmp_path, other or profile))
        return opened[-1]

    yield open_one
    for index in opened:
        index.close()


@pytest.fixture
def index(open_index: Open) -> SearchIndex:
    return open_index()


@pytest.fixture
def start(engine: str, tmp_path: Path, schema: Path, profile: Profile) -> Iterator[Start]:
    """Starts a process that writes to the same index, and waits until it is at work."""
    started: list[subprocess.Popen[str]] = []

    def start_one(task: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.search.writer", task, engine, str(tmp_path), str(schema)]
        root = Path(__file__).parents[2]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root))
        output = started[-1].stdout
        assert output and output.readline()
        return started[-1]

    yield start_one
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
