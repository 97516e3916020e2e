"""How good each source's records are, as it was last measured, and which sources have to be measured again."""

import json
from typing import Any

from sqlalchemy import delete, func, insert, select

from hub.ledger.database import Database
from hub.ledger.tables import quality, record, run


class Qualities:
    def __init__(self, database: Database) -> None:
        self._database = database

    def editions(self) -> dict[str, str]:
        """The edition of each source's records: the number of their last change."""
        query = select(record.c.source, func.max(record.c.seq)).group_by(record.c.source)
        with self._database.read() as connection:
            return {source: str(seq) for source, seq in connection.execute(query)}

    def harvesting(self) -> frozenset[str]:
        """The sources that are in the middle of a run."""
        with self._database.read() as connection:
            return frozenset(connection.execute(select(run.c.source).where(run.c.state == "running")).scalars())

    def measured(self) -> dict[str, tuple[str, dict[str, Any] | None]]:
        """(edition, what was measured) by source; nothing was measured where none of its records is served."""
        with self._database.read() as connection:
            return {row.source: (row.edition, json.loads(row.measured)) for row in connection.execute(select(quality))}

    def measure(self, source: str, edition: str, measured: dict[str, Any] | None) -> None:
        with self._database.write() as connection:
            connection.execute(delete(quality).where(quality.c.source == source))
            values = {"source": source, "edition": edition, "measured": json.dumps(measured, sort_keys=True)}
            connection.execute(insert(quality).values(**values))
