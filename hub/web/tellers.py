"""Who tells of a thing: the records of its cluster, each with its publisher and its source."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyoxigraph import Literal

from hub.languages import pick
from hub.ledger import LedgerRecord
from hub.search.documents import Reading
from hub.web.serving import Serving


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells it: the publisher where the record names one, as a catalogue lists what several publish."""

    number: int
    iri: str
    name: str
    source: str
    source_title: str


def members(serving: Serving, record: LedgerRecord) -> list[LedgerRecord]:
    """The served records of a record's cluster, the one that stands for it first; itself alone where it is in none."""
    (found,) = serving.ledger.changes.clusters([record]).values()
    return [member for member in found if member.served]


def tellers(serving: Serving, records: Sequence[LedgerRecord], language: str) -> list[Teller]:
    return [_teller(serving, number, record, language) for number, record in enumerate(records, 1)]


def _teller(serving: Serving, number: int, record: LedgerRecord, language: str) -> Teller:
    title = serving.source_title(record.source, language)
    names = Reading(record, serving.profile).role("publisher")
    publisher = pick({name.language or "": name.value for name in names if isinstance(name, Literal)}, language)[0]
    return Teller(number, record.iri, publisher or title, record.source, title)
