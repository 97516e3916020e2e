"""A portal whose packages a test changes: CKAN's `package_search` over real HTTP."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from hub.model import Source
from tests.servers.loopback import Answer, Question, Server, serving

ROWS = 3  # packages a page
JSON = "application/json;charset=utf-8"


def package(name: str, title: str = "", **more: Any) -> dict[str, Any]:
    """A package that makes a valid practice."""
    return {
        "id": name,
        "name": name,
        "title": title or f"Il tetto di {name}",
        "notes": f"I vicini di {name} hanno isolato il tetto del teatro.",
        "license_id": "cc-by-4.0",
        "metadata_modified": "2026-03-01T10:00:00",
        **more,
    }


def toml(source: Source) -> str:
    """The source as a person writes it into a file."""
    told = {k: v for k, v in asdict(source).items() if v}
    return "".join(f"{key} = {_toml(value)}\n" for key, value in told.items())


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value)


@dataclass
class Portal:
    """`packages` by name; `before` is called with each request's start and may answer in the portal's place."""

    server: Server
    packages: dict[str, dict[str, Any]]
    before: Callable[[int], Answer | None] = field(default=lambda start: None)

    def source(self, key: str = "portal", **more: Any) -> Source:
        options = {"page_size": ROWS, **more.pop("options", {})}
        return Source(key, {"en": "Portal"}, "ITA", "it", "ckan", self.server.url, "ckan", options=options, **more)

    def answer(self, question: Question) -> Answer | None:
        start, rows = int(question.query["start"]), int(question.query["rows"])
        if (instead := self.before(start)) is not None:
            return instead
        since = re.search(r"\+metadata_modified:\[(\S+)Z TO \*]", question.query.get("fq", ""))
        listed = [
            self.packages[name]
            for name in sorted(self.packages)
            if since is None or self.packages[name]["metadata_modified"] >= since[1]
        ]
        result = {"count": len(listed), "results": listed[start : start + rows]}
        return Answer(json.dumps({"success": True, "result": result}), media_type=JSON)


@contextmanager
def open_portal(*names: str) -> Iterator[Portal]:
    """A portal with a package for each name."""
    portals: list[Portal] = []
    with serving(lambda question: portals[0].answer(question)) as server:
        portals.append(Portal(server, {name: package(name) for name in names}))
        yield portals[0]
