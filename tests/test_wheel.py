"""The wheel holds all that the hub reads: it works from a folder where there is no checkout."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import environment

ROOT = Path(__file__).parents[1]
LOOK = """
import hub, harvesters, json
from pathlib import Path
from hub.languages import LANGUAGES, catalogue
from hub.profile import load
from hub.settings import resource
from harvesters.source_files import SOURCES, load_sources
print(json.dumps({
    "from": [hub.__file__, harvesters.__file__, str(resource("schema")), str(resource("locales"))],
    "concepts": len(load().concepts),
    "sources": len(load_sources(SOURCES, "")),
    "samples": len(load_sources(SOURCES.parent / "samples" / "sources", "http://127.0.0.1:9")),
    "words": [catalogue(code).gettext("Search") for code in LANGUAGES],
}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    built = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(built, check=True)
    (wheel,) = folder.glob("coped_hub-*.whl")
    subprocess.run(
        [*pip, "install", "--no-deps", "--no-index", "--target", str(folder / "site"), str(wheel)], check=True
    )
    return folder / "site"


def run(installed: Path, arguments: list[str]) -> str:
    env = environment(installed.parent / "data", PYTHONPATH=str(installed))
    done = subprocess.run(
        [sys.executable, *arguments], cwd=installed.parent, env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def test_everything_is_read_from_the_wheel(installed: Path) -> None:
    told = json.loads(run(installed, ["-c", LOOK]))
    assert all(Path(place).is_relative_to(installed) for place in told["from"])
    assert told["concepts"] > 100 and (told["sources"], told["samples"]) == (6, 6)
    assert len(set(told["words"])) == 7


def test_its_command_validates_a_file(installed: Path) -> None:
    example = installed / "hub" / "resources" / "schema" / "examples" / "valid" / "practice-rich.ttl"
    assert "✓" in run(installed, ["-m", "hub", "validate", str(example)])
