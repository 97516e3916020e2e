"""Where an index of Elasticsearch lies: behind an alias, in one current generation, which a rebuild replaces.

The alias is moved in one step. One process writes, held to it by a lease; any number read.
"""

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any, Final

from elasticsearch import ApiError, Elasticsearch

from hub.errors import Refused, Unavailable
from hub.search.elasticsearch_cluster import Cluster, Gone, caused, reason
from hub.search.elasticsearch_fields import SETTINGS, key_of

POSITION: Final = "position"  # the id of the one document that is no record; no other is so short
PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)  # seconds before what the servers were too busy for is sent again
BULK_BYTES: Final = 5_000_000
BULK_ACTIONS: Final = 1000
BULK_SECONDS: Final = 120.0
SHOWN: Final = 3  # refused documents that are told

Changes = Mapping[str, bytes | None]  # id → the document's JSON, or None to delete it


class Generation:
    """One index of Elasticsearch."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._cluster, self.name = cluster, name

    @contextmanager
    def asked(self, seconds: float = BULK_SECONDS) -> Iterator[Elasticsearch]:
        """Of who writes: that the index is gone means that another process took it away."""
        try:
            with self._cluster.asked(seconds) as client:
                yield client
        except Gone as error:
            raise Unavailable(f"The index {self.name} was taken away") from error

    def commit(self, changes: Changes, position: int) -> None:
        """Puts and deletes, then moves the position: only then all of it is seen.

        What was written before a failure is not seen, and is written again by whoever replays the ledger's changes.
        """
        self.write(changes)
        self._move(position)

    def write(self, changes: Changes) -> None:
        """What is seen with the next `commit`."""
        refused: dict[str, str] = {}
        for chunk in _chunks(changes):
            refused |= self._send(chunk)
        if refused:
            self._undo(changes)
            told = [f"{name} cannot be indexed: {why}" for name, why in islice(refused.items(), SHOWN)]
            raise Refused("; ".join(told))

    def remove(self) -> None:
        with suppress(Unavailable), self.asked() as client:
            client.indices.delete(index=self.name)

    def _send(self, chunk: Changes) -> dict[str, str]:
        """What the servers refuse, with their reasons; what they are too busy for is sent again later."""
        refused: dict[str, str] = {}
        for pause in (*PAUSES, None):
            statuses = self._bulk(chunk)
            refused |= {name: why for name, (status, why) in statuses.items() if status not in (404, 429)}
            chunk = {name: chunk[name] for name, (status, _) in statuses.items() if status == 429}
            if not chunk:
                return refused
            if pause:
                time.sleep(pause)
        raise Unavailable(f"{self._cluster.shown} has been too busy to write for {sum(PAUSES):.0f} seconds")

    def _bulk(self, chunk: Changes) -> dict[str, tuple[int, str]]:
        """The status and reason of each that was not done; Unavailable where the index cannot be written to."""
        lines: list[Any] = []
        for name, document in chunk.items():
            lines.append({"index" if document else "delete": {"_id": key_of(name)}})
            lines += [document] if document else []
        try:
            with self.asked() as client:
                done = client.bulk(index=self.name, operations=lines, filter_path="items.*.status,items.*.error")
        except Unavailable as error:
            cause = error.__cause__
            if isinstance(cause, ApiError) and cause.meta.status == 429:
                return dict.fromkeys(chunk, (429, ""))
            if isinstance(cause, ApiError) and cause.meta.status in (400, 413) and len(chunk) == 1:
                return dict.fromkeys(chunk, (cause.meta.status, reason(cause)))
            raise
        results = [next(iter(item.values())) for item in done["items"]]
        told = {name: (int(r["status"]), caused(r.get("error", ""))) for name, r in zip(chunk, results, strict=True)}
        if broken := next((why for status, why in told.values() if status >= 500 or (status == 404 and why)), None):
            raise Unavailable(f"{self._cluster.shown} cannot write {self.name}: {broken}")
        return {name: (status, why) for name, (status, why) in told.items() if status >= 300}

    def _undo(self, changes: Changes) -> None:
        """Puts back what readers see still; what was written is seen by nobody yet."""
        for chunk in _chunks(changes):
            keys = [key_of(name) for name in chunk]
            with self.asked() as client:
                found = client.search(index=self.name, query={"ids": {"values": keys}}, size=len(keys))
                there = {hit["_id"]: hit["_source"] for hit in found["hits"]["hits"]}
                lines: list[Any] = []
                for key in keys:
                    lines.append({"index" if key in there else "delete": {"_id": key}})
                    lines += [there[key]] if key in there else []
                client.bulk(index=self.name, operations=lines)

    def _move(self, position: int) -> None:
        with self.asked() as client:
            client.index(index=self.name, id=POSITION, document={"position": position}, refresh=True)


def _chunks(changes: Changes) -> Iterator[Changes]:
    chunk: dict[str, bytes | None] = {}
    size = 0
    for name, document in changes.items():
        length = len(document or b"")
        if chunk and (size + length > BULK_BYTES or len(chunk) == BULK_ACTIONS):
            yield chunk
            chunk, size = {}, 0
        chunk[name], size = document, size + length
    if chunk:
        yield chunk


class Generations:
    """All generations of one alias. `mappings` names, by its digest, what a generation must be made for."""

    def __init__(self, cluster: Cluster, alias: str, mappings: Mapping[str, Any]) -> None:
        self._cluster, self._alias, self._mappings = cluster, alias, mappings

    def named(self) -> str | None:
        """The index behind the alias; None where there is none that was made for these fields."""
        there = self._behind()
        return next((name for name, digest in there.items() if digest == self._mappings["_meta"]["digest"]), None)

    def _behind(self) -> dict[str, str]:
        """Index → digest."""
        try:
            with self._cluster.asked() as client:
                found = client.indices.get_mapping(index=self._alias, filter_path="*.mappings._meta.digest")
        except Gone:
            return {}
        return {name: index["mappings"]["_meta"]["digest"] for name, index in found.items()}

    def created(self, is_current: bool = False) -> Generation:
        """A new index, from the template that is kept with the servers."""
        name = f"{self._alias}-g-{uuid.uuid4().hex[:12]}"
        aliases: dict[str, Any] = {self._alias: {}} if is_current else {}
        with self._cluster.asked(BULK_SECONDS) as client:
            client.indices.put_index_template(
                name=self._alias,
                index_patterns=[f"{self._alias}-g-*"],
                template={"settings": SETTINGS, "mappings": self._mappings},
                priority=500,
                allow_auto_create=False,  # else writing to an index that was taken away would make it anew
            )
            client.indices.create(index=name, aliases=aliases)
        return Generation(self._cluster, name)

    def install(self, generation: Generation) -> None:
        """Makes a generation the current one, for this process and all others, in one step."""
        there = self._behind()
        if list(there) == [generation.name]:
            return
        actions: list[dict[str, Any]] = [{"remove": {"index": name, "alias": self._alias}} for name in there]
        actions.append({"add": {"index": generation.name, "alias": self._alias}})
        with generation.asked() as client:
            client.indices.update_aliases(actions=actions)

    def clean(self, kept: Sequence[str | None]) -> None:
        """Removes all generations but some. Only the writer may: another's rebuild looks like a leftover."""
        with self._cluster.asked(BULK_SECONDS) as client:
            there = client.indices.get(index=f"{self._alias}-g-*", filter_path="*.aliases")
            if left := [name for name in there if name not in kept]:
                client.indices.delete(index=left, ignore_unavailable=True)
