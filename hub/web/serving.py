"""What the server keeps open: the ledger, the index to read, the query workers, and the thread that projects."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from fastapi import Request
from pyoxigraph import NamedNode, RdfFormat, parse, serialize

from hub.ledger import Ledger
from hub.profile import Profile, load
from hub.settings import Settings


class Serving:
    """Everything that a route asks; one a process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.profile: Profile = load()
        self.ledger = Ledger(settings.ledger_url, settings.base)
        self._stop = threading.Event()

    def mentioned(self, entity: str) -> str:
        """What records say of an entity that has no record of its own, as N-Triples; "" where none speaks of it."""
        lines: set[str] = set()
        for record in self.ledger.changes.mentioning(entity):
            lines |= {line for line in record.graph.splitlines() if line.startswith(f"<{entity}> ")}
            lines.add(f"<{record.iri}> <http://purl.org/dc/terms/references> <{entity}> .")
        return "".join(f"{line}\n" for line in sorted(lines))


def serving_of(request: Request) -> Serving:
    serving: Serving = request.app.state.serving
    return serving


__all__ = ["ExitStack", "Iterator", "NamedNode", "RdfFormat", "contextmanager", "parse", "serialize"]
