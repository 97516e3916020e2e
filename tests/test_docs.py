"""What README and CONTRIBUTING say is there: commands, settings, files, addresses."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from hub.cli import app
from hub.settings import Settings
from hub.web.app import create_app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = sorted(ROOT.glob("*.md"))


def table(heading: str) -> str:
    return README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]


def test_every_command_is_told_and_every_told_command_is_there() -> None:
    told = set(re.findall(r"^\| `hub ([a-z]+)", table("Commands"), re.MULTILINE))
    assert told == set(get_command(app).commands)  # type: ignore[attr-defined]


def test_every_setting_is_told_with_its_name() -> None:
    told = set(re.findall(r"`(HUB_[A-Z_]+)`", table("Settings")))
    ours = {f"HUB_{name.upper()}" for name in Settings.model_fields}
    assert told == ours - {"HUB_SAMPLES_URL"}  # which `hub demo` sets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
        assert (ROOT / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_named_file_is_there(page: Path) -> None:
    named = re.findall(r"`((?:hub|harvesters|schema|tests|locales)/[a-z_/.-]+)`", page.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_address_of_the_api_that_is_told_is_served(tmp_path: Path) -> None:
    routes = set(create_app(Settings(data=tmp_path)).openapi()["paths"])
    told = set(re.findall(r"`(/(?:api/(?:search|records|sources)|sparql|health/[a-z]+|id)[^`…?{ ]*)", README))
    assert told
    assert [path for path in told if not any(r.startswith(path.rstrip("/")) for r in routes)] == []


def test_the_first_lines_are_the_two_commands() -> None:
    lines = [line.split()[:2] for line in README.splitlines() if line.startswith("    make")]
    assert lines[:2] == [["make", "demo"], ["make", "test"]]
