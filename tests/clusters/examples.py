"""The labelled examples as records of two sources in a ledger."""

import json
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from hub.ledger import Arrival, Ledger, canonical
from hub.model import HarvestReport, RawRecord, Source
from hub.namespaces import COPED, COUNTRY, DCAT, DCT, FOAF, GEO, LOCN, M8G, ORG, RDF, SCHEMA, XSD, record_iri

PAIRS: Final[list[dict[str, Any]]] = json.loads(Path(__file__).with_name("pairs.json").read_text("utf-8"))["pairs"]
CLASSES: Final = {
    "practice": COPED.GoodPractice,
    "venue": COPED.Venue,
    "organisation": ORG.Organization,
    "event": M8G.PublicEvent,
}
PAGES: Final = {"organisation": FOAF.homepage, "event": SCHEMA.url}


def source(key: str) -> Source:
    return Source(key, {"en": key.title()}, "SWE", "sv", "tabular", f"http://127.0.0.1/{key}.csv", "table")


def arrival(base: str, key: str, kind: str, identifier: str, told: dict[str, Any]) -> Arrival:
    """A record of one example; `told` has the keys of pairs.json."""
    node = record_iri(base, kind, key, identifier)
    graph = frozenset({Triple(node, RDF.type, CLASSES[kind]), *_statements(node, kind, told)})
    raw = RawRecord(identifier, json.dumps(told, sort_keys=True).encode(), "application/json", kind)
    return Arrival(raw, node.value, "mapped-1", canonical(graph), '{"results": []}', True)


def _statements(node: NamedNode, kind: str, told: dict[str, Any]) -> set[Triple]:
    title = FOAF.name if kind == "organisation" else DCT.title
    found = {Triple(node, title, Literal(text, language=tag)) for tag, text in told["title"].items()}
    found |= {
        Triple(node, DCT.description, Literal(text, language=tag)) for tag, text in told.get("summary", {}).items()
    }
    found.add(Triple(node, COPED.country, COUNTRY[told["country"]]))
    if "identifier" in told:
        found.add(Triple(node, DCT.identifier, Literal(told["identifier"])))
    for name, path in (("sameAs", SCHEMA.sameAs), ("source", DCT.source), ("page", PAGES.get(kind, DCAT.landingPage))):
        if name in told:
            found.add(Triple(node, path, NamedNode(told[name])))
    return found | _place(node, told) | _period(node, told) | _organisations(node, told)


def _place(node: NamedNode, told: dict[str, Any]) -> set[Triple]:
    place = NamedNode(f"{node.value}#place")
    found = {Triple(node, DCT.spatial, place)} if {"place", "point"} & told.keys() else set()
    if "place" in told:
        found.add(Triple(place, LOCN.geographicName, Literal(told["place"])))
    if "point" in told:
        wkt = f"POINT({told['point'][1]} {told['point'][0]})"
        found.add(Triple(place, DCAT.centroid, Literal(wkt, datatype=GEO.wktLiteral)))
    return found


def _period(node: NamedNode, told: dict[str, Any]) -> set[Triple]:
    period = NamedNode(f"{node.value}#period")
    kinds = {4: XSD.gYear, 7: XSD.gYearMonth, 10: XSD.date}
    found = {
        Triple(period, DCAT[f"{name}Date"], Literal(told[name], datatype=kinds[len(told[name])]))
        for name in ("start", "end")
        if name in told
    }
    return found | ({Triple(node, DCT.temporal, period)} if found else set())


def _organisations(node: NamedNode, told: dict[str, Any]) -> set[Triple]:
    found = set()
    for name, path in (("lead", DCT.creator), ("publisher", DCT.publisher)):
        if name in told:
            agent = NamedNode(f"{node.value}#{name}")
            found |= {Triple(node, path, agent), Triple(agent, FOAF.name, Literal(told[name]))}
    return found


def append(ledger: Ledger, key: str, *arrivals: Arrival) -> None:
    """A complete listing of a source."""
    with ledger.runs.begin(source(key), resumable=False) as run:
        report = HarvestReport(key)
        ledger.records.commit_page(run.id, key, arrivals=arrivals, report=report)
        ledger.runs.finish(run, report, {}, complete=True)


def append_all(ledger: Ledger) -> None:
    """The first record of each pair from the source "one", the second from "two"."""
    for key, side in (("one", "a"), ("two", "b")):
        append(ledger, key, *(arrival(ledger.base, key, p["kind"], f"n{n}", p[side]) for n, p in enumerate(PAIRS)))
