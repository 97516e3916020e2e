"""One record of an OAI-PMH list as a raw record: canonical XML, or the statements of what is RDF."""

from typing import Any, Final

from lxml import etree

from harvesters.closure import MOST_STATEMENTS, payload
from harvesters.markup import canonical
from harvesters.oai_answers import OAI, Broken
from harvesters.payloads import identifier_of, unidentified
from harvesters.rdf import read
from hub.errors import FetchError
from hub.fetch import Response
from hub.model import RawRecord

XML: Final = "application/xml"
N_TRIPLES: Final = "application/n-triples"
_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"


def raw_record(record: Any, kind: str, base: str) -> RawRecord:
    """The header's identifier counts, whatever the metadata call themselves; `base` is what relative IRIs lie under."""
    header = record.find(f"{OAI}header")
    identifier = identifier_of(record.findtext(f"{OAI}header/{OAI}identifier") or "")
    if not identifier:
        return unidentified(canonical(record), XML, kind, "The record's header has no identifier.")
    if header.get("status", "").strip().lower() == "deleted":
        return RawRecord(identifier, b"", XML, kind, deleted=True)
    metadata = record.find(f"{OAI}metadata/*")
    if metadata is None:
        return RawRecord(
            identifier, b"", XML, kind, problem="The record has no metadata, and is not marked as deleted."
        )
    if metadata.tag == _RDF:
        return _of_rdf(identifier, metadata, kind, base)
    return RawRecord(identifier, canonical(metadata), XML, kind)


def _of_rdf(identifier: str, metadata: Any, kind: str, base: str) -> RawRecord:
    body = etree.tostring(metadata, encoding="utf-8", with_tail=False)
    try:
        triples = read(Response(base, 200, {}, body, "application/rdf+xml"))
    except FetchError as error:
        return RawRecord(
            identifier, canonical(metadata), XML, kind, problem=f"The record's RDF cannot be read: {error}"
        )
    told = f"The record embeds more than {MOST_STATEMENTS} statements; it seems to be a whole catalogue."
    problem = told if len(triples) > MOST_STATEMENTS else None
    return RawRecord(identifier, payload(triples[:MOST_STATEMENTS]), N_TRIPLES, kind, problem=problem)


def unreadable_record(broken: Broken, kind: str) -> RawRecord:
    problem = f"The record's XML cannot be read: {broken.reason}."
    body, identifier = broken.text.encode("utf-8", "replace"), identifier_of(broken.identifier)
    if not identifier:
        return unidentified(body, XML, kind, problem)
    return RawRecord(identifier, body, XML, kind, problem=problem)
