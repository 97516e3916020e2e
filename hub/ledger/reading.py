"""The ledger as a preview needs it: looked into where it is there, and neither made nor brought up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import inspect

from hub.ledger.database import Database
from hub.ledger.records import Records
from hub.ledger.tables import record


@contextmanager
def records_to_read(url: str) -> Iterator[Records | None]:
    """The records of the ledger at a database URL; None where there is none yet."""
    file = url.removeprefix("sqlite:///")
    if file != url and not Path(file).is_file():
        yield None
        return
    database = Database(url)
    try:
        yield Records(database) if inspect(database.engine).has_table(record.name) else None
    finally:
        database.close()
