"""Small records for the ledger's tests."""

from pyoxigraph import Literal, Triple

from hub.ledger import Arrival, canonical
from hub.model import RawRecord, Source
from hub.namespaces import COPED, DCT, RDF, record_iri

BASE = "http://localhost:8000"


def source(key: str = "here") -> Source:
    return Source(key, {"en": "Here"}, "SWE", "sv", "tabular", "http://127.0.0.1/here.csv", "table")


def arrival(key: str, identifier: str, title: str = "En titel", valid: bool = True) -> Arrival:
    record = record_iri(BASE, "practice", key, identifier)
    triples = {Triple(record, RDF.type, COPED.GoodPractice), Triple(record, DCT.title, Literal(title, language="sv"))}
    raw = RawRecord(identifier, title.encode(), "text/plain")
    return Arrival(raw, record.value, "mapped-1", canonical(frozenset(triples)), '{"results": []}', valid)
