"""Records as the documents of their clusters."""

from collections.abc import Sequence

from hub.errors import Refused
from hub.ledger import Ledger, LedgerRecord
from hub.profile import Profile
from hub.search.base import Document
from hub.search.documents import document


def documents(ledger: Ledger, records: Sequence[LedgerRecord], profile: Profile) -> dict[str, Document | None]:
    """What these records make of an index: IRI → document, or None where none stands under it now.

    A cluster's document stands under its first served member, which another may have been before. Raises Refused.
    """
    found: dict[str, Document | None] = {record.iri: None for record in records}
    for members in ledger.changes.clusters(records).values():
        found |= dict.fromkeys(member.iri for member in members)
        if served := [member for member in members if member.served]:
            found[served[0].iri] = _document(served, profile)
    return found


def _document(members: Sequence[LedgerRecord], profile: Profile) -> Document:
    try:
        return document(members, profile)
    except (SyntaxError, ValueError, LookupError, TypeError, ArithmeticError) as error:
        raise Refused(f"{members[0].iri} makes no document: {type(error).__name__}: {error}") from error
