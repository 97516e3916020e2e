"""A CKAN portal of generated packages, in a process of its own that prints its host.

`whole` packages have the Italian samples' words, shuffled, so that analysis meets real inflection: about 41 statements
a record, made beforehand. `small` ones have what is required, and are made when they are asked for: any number of them.
"""

import json
import random
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harvesters import samples
from tests.portal import JSON, package
from tests.servers.loopback import Answer, Question, serving

PAGE = 100  # packages

FOLDER = Path(samples.__file__).parent
THEMES = ("energy-community", "energy-renovation", "energy-poverty", "peer-learning", "cooperative-financing")
MEASURES = ("photovoltaics", "roof-insulation", "heat-pump")


def texts() -> list[str]:
    """The sentences of the Italian and Hungarian samples."""
    packages = [tomllib.loads(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*/packages/*.toml"))]
    long = [str(value) for package in packages for value in _strings(package) if len(str(value)) > 80]
    return sorted({sentence.strip() for text in long for sentence in text.split(". ")})


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)


def packages(count: int) -> list[dict[str, Any]]:
    """The same packages for the same count."""
    chance, sentences = random.Random(1), texts()
    return [_package(n, chance, sentences) for n in range(count)]


def _package(n: int, chance: random.Random, sentences: list[str]) -> dict[str, Any]:
    def some(number: int) -> str:
        return ". ".join(chance.sample(sentences, number))

    both = ("it", "hu")
    extras = {
        "challenge@it": some(6),
        "solution@it": some(8),
        "solution@hu": some(8),
        "lessons@it": some(4),
        "theme": list(chance.sample(THEMES, 2)),
        "measure": list(chance.sample(MEASURES, 2)),
        "outcome": "successful",
        "place.name@it": f"Comune {n % 400}",
        "place.point": f"{45 + n % 300 / 100}, {9 + n % 500 / 100}",
        "period.start": f"{2015 + n % 10}-03-01",
        "lead.name@it": f"Cooperativa {n % 700}",
        "lead.identifier": f"cooperativa-{n % 700}",
        "indicator.name@it": "Famiglie",
        "indicator.value": n % 90,
        "indicator.unit": "famiglie",
        "status": "example",
    }
    return {
        "id": f"package-{n:06}",
        "name": f"package-{n:06}",
        "title_translated": {language: some(1)[:120] for language in both},
        "notes_translated": {language: some(3) for language in both},
        "license_id": "cc-by-4.0",
        "metadata_created": "2026-01-05T10:00:00",
        "metadata_modified": "2026-03-01T10:00:00",
        "tags": [{"name": word} for word in chance.sample(["tetto", "teatro", "soci", "energia", "caldaia"], 3)],
        "extras": [{"key": key, "value": value} for key, value in extras.items()],
    }


def _page(count: int, listed: Sequence[dict[str, Any]]) -> bytes:
    return json.dumps({"success": True, "result": {"count": count, "results": listed}}).encode()


def whole(count: int) -> Callable[[int], bytes]:
    """The page that starts at a number, of PAGE packages."""
    listed = packages(count)
    return {start: _page(count, listed[start : start + PAGE]) for start in range(0, count, PAGE)}.__getitem__


def small(count: int) -> Callable[[int], bytes]:
    return lambda start: _page(count, [package(f"package-{n:07}") for n in range(start, min(start + PAGE, count))])


@contextmanager
def portal(size: str, count: int) -> Iterator[str]:
    """host:port of a portal with so many packages, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.portal", size, str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def main(size: str, count: int) -> None:
    page = {"whole": whole, "small": small}[size](count)

    def answer(question: Question) -> Answer:
        return Answer(page(int(question.query["start"])), media_type=JSON)

    with serving(answer) as server:
        print(server.host, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
