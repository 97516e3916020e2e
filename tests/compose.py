"""docker-compose.yml and the Dockerfile, as they are read by the tests."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

ROOT: Final = Path(__file__).parents[1]
COMPOSE: Final = ROOT / "docker-compose.yml"
_ASKED = re.compile(r"\$\{(\w+)(?::\?[^}]*)?\}")


def services() -> dict[str, Any]:
    return dict(written()["services"])


def written() -> dict[str, Any]:
    return dict(YAML(typ="safe", pure=True).load(COMPOSE))


def filled(text: str, given: Mapping[str, str]) -> str:
    """A value of the file with what the operator wrote into `.env`; KeyError for what is not there."""
    return _ASKED.sub(lambda found: given[found[1]], text)


def asked() -> set[str]:
    """What the operator must write into `.env`."""
    return set(_ASKED.findall(COMPOSE.read_text("utf-8")))


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's (FROM, COPY …), each with all that stands behind it."""
    lines = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text("utf-8")).splitlines()
    pairs = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [(name, rest) for name, _, rest in pairs]


def said(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def environment_of_hub(given: Mapping[str, str]) -> dict[str, str]:
    """The variables of the hub's container: the image's own, but for the path of programs, and the file's."""
    image = dict(pair.split("=", 1) for line in said("ENV") for pair in shlex.split(line))
    image.pop("PATH")
    return image | {name: filled(text, given) for name, text in services()["hub"]["environment"].items()}
