"""The command `hub` in a process of its own, as a person runs it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.portal import Portal, toml


def environment(data: Path, **more: str) -> dict[str, str]:
    """The environment of a hub in a folder of its own; nothing of the tester's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return {**kept, "HUB_DATA": str(data), "COLUMNS": "300", "NO_COLOR": "1", **more}


def portal_environment(data: Path, portal: Portal, **more: str) -> dict[str, str]:
    """A hub whose one source is that portal."""
    sources = data / "sources"
    sources.mkdir(parents=True, exist_ok=True)
    (sources / "portal.toml").write_text(toml(portal.source()), "utf-8")
    return environment(data, HUB_SOURCES=str(sources), HUB_ALLOWED_HOSTS=portal.server.host, **more)


def start(arguments: list[str], env: Mapping[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "hub", *arguments]
    return subprocess.Popen(
        command, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def hub(arguments: list[str], env: Mapping[str, str], expected: int = 0) -> str:
    """Runs a command to its end; its output, with the error output behind it."""
    process = start(arguments, env)
    out, err = process.communicate(timeout=300)
    assert process.returncode == expected, f"hub {' '.join(arguments)} left with {process.returncode}: {out}{err}"
    assert "Traceback" not in err, err
    return out + err
