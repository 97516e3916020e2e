"""What the tests of crosswalks share: sources, raw records, and graphs in a form that a person can read."""

import json
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, RdfFormat, parse, serialize

from hub.model import Crosswalk, Mapped, RawRecord, Source
from hub.namespaces import PREFIXES, record_iri

PAYLOADS = Path(__file__).parents[2].parent / "shared" / "payloads"
BASE = "https://hub.example"
Told = dict[tuple[str, str], set[str]]  # (subject, property) -> values, all shortened


def source(format: str = "ckan", language: str = "it", country: str = "ITA", **more: Any) -> Source:
    url = more.pop("url", "https://portal.example")
    return Source("partner", {"en": "Partner"}, country, language, "dcat", url, format, **more)


def map_json(crosswalk: Crosswalk, entry: Any, where: Source, kind: str = "practice", identifier: str = "p1") -> Mapped:
    payload = json.dumps(entry, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    return map_bytes(crosswalk, payload, where, kind, identifier)


def map_bytes(crosswalk: Crosswalk, payload: bytes, where: Source, kind: str, identifier: str) -> Mapped:
    raw = RawRecord(identifier, payload, "application/octet-stream", kind)
    return crosswalk(raw, where, record_iri(BASE, kind, where.key, identifier), BASE)


def map_turtle(
    crosswalk: Crosswalk, turtle: str, where: Source, kind: str = "practice", identifier: str = ""
) -> Mapped:
    """Turtle with the usual prefixes, the record being <https://partner.example/r> unless told otherwise."""
    prefixes = "".join(f"@prefix {name}: <{namespace}> .\n" for name, namespace in PREFIXES.items())
    quads = parse(prefixes + turtle, format=RdfFormat.TURTLE, base_iri="https://partner.example/", lenient=True)
    payload = serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES)
    assert payload is not None
    return map_bytes(crosswalk, payload, where, kind, identifier or "https://partner.example/r")


def read(mapped: Mapped) -> Told:
    """The graph by subject and property: the record is `.`, its fragments `#place-1`, other things of ours `~…`."""
    record = next(t.subject.value for t in mapped.graph if isinstance(t.subject, NamedNode) and _is_root(t, mapped))
    told: Told = {}
    for triple in mapped.graph:
        subject, path, value = (_short(term, record) for term in (triple.subject, triple.predicate, triple.object))
        told.setdefault((subject, path), set()).add(value)
    return told


def _is_root(triple: Any, mapped: Mapped) -> bool:
    objects = {t.object for t in mapped.graph}
    return triple.subject not in objects


def notes(mapped: Mapped) -> set[tuple[str, str]]:
    return {(note.field, note.value) for note in mapped.notes}


def _short(term: Any, record: str) -> str:
    if isinstance(term, Literal):
        tag = f"@{term.language}" if term.language else ""
        kind = _prefixed(term.datatype.value)
        return f"{term.value}{tag}" if tag or kind == "xsd:string" else f"{term.value}^^{kind}"
    if term.value == record:
        return "."
    if term.value.startswith(f"{record}#"):
        return str(term.value[len(record) :])
    return _prefixed(term.value)


def _prefixed(iri: str) -> str:
    if iri.startswith(f"{BASE}/id/"):
        return f"~{iri[len(BASE) + 4 :]}"
    name = max(
        (n for n, ns in PREFIXES.items() if iri.startswith(str(ns))), key=lambda n: len(str(PREFIXES[n])), default=""
    )
    return f"{name}:{iri[len(str(PREFIXES[name])) :]}" if name else iri
