"""The ledger: the truth about every record, its versions, and who listed it when. The only thing to back up."""

from sqlalchemy import insert, select

from hub.errors import LedgerError
from hub.ledger.changes import Changes, LedgerRecord
from hub.ledger.clusters import Clusters, Found, Pair
from hub.ledger.database import Database
from hub.ledger.qualities import Qualities
from hub.ledger.records import Arrival, Effect, Known, Outcome, Records, Version
from hub.ledger.runs import Freshness, Run, Runs
from hub.ledger.statements import NOTHING, Statements, canonical, checksum
from hub.ledger.tables import decided

__all__ = [
    "NOTHING",
    "Arrival",
    "Effect",
    "Found",
    "Freshness",
    "Known",
    "Ledger",
    "LedgerRecord",
    "Outcome",
    "Pair",
    "Run",
    "Statements",
    "Version",
    "canonical",
    "checksum",
]


class Ledger:
    """`url` is a SQLAlchemy URL (sqlite:/// or postgresql://); `base` is what every record IRI begins with.

    Raises LedgerError where the ledger was begun with another base.
    """

    def __init__(self, url: str, base: str) -> None:
        self.database = Database(url)
        self.database.migrate()
        self.base = base
        self._decide_base()
        self.runs = Runs(self.database)
        self.records = Records(self.database)
        self.changes = Changes(self.database)
        self.qualities = Qualities(self.database)
        self.clusters = Clusters(self.database)

    def _decide_base(self) -> None:
        ours = decided.c.key == "base_iri"
        with self.database.read() as connection:
            found = connection.execute(select(decided.c.value).where(ours)).scalar()
        if found is None:
            with self.database.write() as connection:
                found = connection.execute(select(decided.c.value).where(ours)).scalar()
                if found is None:
                    connection.execute(insert(decided).values(key="base_iri", value=self.base))
        if found not in (None, self.base):
            raise LedgerError(
                f"HUB_BASE_IRI is {self.base}, but this ledger's records are named under {found}. Set HUB_BASE_IRI to "
                f"{found}, or begin a new ledger in another HUB_DATA."
            )

    def is_harvested(self) -> bool:
        """Whether a process harvests into it now, on this machine or another."""
        return any(self.database.is_held(source) for source in self.qualities.harvesting())

    def close(self) -> None:
        self.database.close()
