"""`hub harvest` on a generated portal, with its time and the memory of its processes."""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.model import Source
from tests.command import environment, start
from tests.portal import toml

KEYS = (
    *("challenge@it", "solution@it", "solution@hu", "lessons@it", "theme", "measure", "outcome", "status"),
    *("place.name@it", "place.point", "period.start", "lead.name@it", "lead.identifier"),
    *("indicator.name@it", "indicator.value", "indicator.unit"),
)


@dataclass(frozen=True)
class Ran:
    """A run's report and seconds, and how many MB of memory each process held at most (0 where no Linux tells)."""

    report: Mapping[str, Any]
    seconds: float
    harvest: int
    projector: int

    @property
    def rate(self) -> float:
        return float(self.report["seen"]) / self.seconds


def source(host: str) -> Source:
    options = {"page_size": 100, "fields": {key: key for key in KEYS}}
    return Source("bench", {"en": "Bench"}, "ITA", "it", "ckan", f"http://{host}", "ckan", options=options)


def hub_of(host: str, folder: Path) -> Mapping[str, str]:
    """The environment of a hub in a folder whose one source is the portal."""
    sources = folder / "sources"
    sources.mkdir(parents=True)
    (sources / "bench.toml").write_text(toml(source(host)), "utf-8")
    return environment(folder, HUB_SOURCES=str(sources), HUB_ALLOWED_HOSTS=host)


def harvested(env: Mapping[str, str]) -> Ran:
    """From the process's start to its end, which is when the last record can be searched for."""
    started, peaks = time.monotonic(), dict[int, int]()
    process = start(["harvest", "--json"], env)
    while process.poll() is None:
        for pid in (process.pid, *_children(process.pid)):
            peaks[pid] = max(peaks.get(pid, 0), peak(pid))
        time.sleep(0.1)
    out, err = process.communicate()
    assert process.returncode == 0, err
    own = peaks.pop(process.pid, 0)
    return Ran(json.loads(out)["runs"][0], time.monotonic() - started, own, max(peaks.values(), default=0))


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def peak(pid: int) -> int:
    """MB of resident memory that a process held at most until now."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next((int(line.split()[1]) >> 10 for line in lines if line.startswith("VmHWM:")), 0)
    return 0
