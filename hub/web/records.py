"""Records by their IRI: the redirect, the data in four formats, and what the API tells about one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from hub.errors import NotFound, Withdrawn
from hub.ledger import LedgerRecord, checksum
from hub.model import KINDS
from hub.namespaces import DCT
from hub.projection.entries import published
from hub.validation import report_from_json
from hub.web.answers import QualityAnswer
from hub.web.problems import language_of
from hub.web.rdf import HTML, MEDIA_TYPES, OFFERED, preferred, render
from hub.web.serving import Serving, serving_of
from hub.web.tellers import members

router = APIRouter(tags=["records"])
MENTIONS: Final = 200  # records that are asked what they say of a thing


@dataclass(frozen=True, slots=True)
class Told:
    """What the hub says of one of its IRIs, as N-Triples.

    `record` is None where the thing is only spoken of.
    """

    iri: str
    statements: str
    record: LedgerRecord | None

    @property
    def withdrawn(self) -> Withdrawn | None:
        if self.record is None or self.record.state != "withdrawn":
            return None
        facts = {"id": self.iri, "source": self.record.source, "last_seen": f"{self.record.last_seen:%Y-%m-%d}"}
        return Withdrawn("{id} was withdrawn by its source, {source}, which last listed it on {last_seen}", **facts)


def told(serving: Serving, kind: str, source: str, key: str) -> Told:
    """What can be shown of a thing: its record, its tombstone, or what others say of it. Raises NotFound."""
    if kind not in KINDS:
        raise NotFound("There is no kind {kind}; the kinds are {kinds}", kind=kind, kinds=", ".join(KINDS))
    iri = serving.iri(kind, source, key)
    record = serving.record_or_none(iri)
    if record and record.state == "withdrawn":
        return Told(iri, published(replace(record, graph=""), serving.base), record)
    if record and record.served:
        return Told(iri, published(record, serving.base), record)
    if mentions := serving.ledger.changes.mentioning(iri, MENTIONS):
        return Told(iri, _said_by_others(iri, mentions), None)
    if record:
        raise NotFound("{iri} has no valid version yet, so it is not shown; its report says what to mend", iri=iri)
    raise NotFound("There is no record {iri}", iri=iri)


def _said_by_others(iri: str, mentions: Sequence[LedgerRecord]) -> str:
    """The statements about the thing itself in the records that speak of it, and which records these are."""
    about = (f"<{iri}> ", f"<{iri}#")
    said = {line for record in mentions for line in record.graph.split("\n") if line.startswith(about)}
    said |= {f"<{record.iri}> {DCT.references} <{iri}> ." for record in mentions}
    return "".join(f"{line}\n" for line in sorted(said))


def split(key: str) -> tuple[str, str | None]:
    """A key and the format that its suffix asks for; keys themselves hold no dot."""
    stem, dot, suffix = key.rpartition(".")
    return (stem, suffix) if dot and suffix in MEDIA_TYPES else (key, None)


@router.get("/id/{kind}/{source}/{key}", summary="A thing: redirects to its page or its data")
def identify(request: Request, kind: str, source: str, key: str) -> Response:
    """303 by Accept (Cool URIs for the Semantic Web), or by the suffix .ttl .jsonld .rdf .nt; 410 if withdrawn."""
    stem, suffix = split(key)
    found = told(serving_of(request), kind, source, stem)
    wanted = suffix or preferred(request.headers.get("accept"), {HTML: "html", **OFFERED})[0]
    if found.withdrawn:
        return _data(request, found, wanted)
    path = f"/doc/{kind}/{source}/{stem}" if wanted == "html" else f"/data/{kind}/{source}/{stem}.{wanted}"
    return RedirectResponse(path, 303, {"Vary": "Accept"})


@router.get("/doc/{kind}/{source}/{key}", summary="Redirects to the page in the reader's language")
def page_of(request: Request, kind: str, source: str, key: str) -> Response:
    return RedirectResponse(f"/{language_of(request)}/{kind}/{source}/{key}", 302, {"Vary": "Accept-Language"})


@router.get("/data/{kind}/{source}/{key}", summary="A record's statements, by Accept or suffix")
def data(request: Request, kind: str, source: str, key: str) -> Response:
    """Turtle, JSON-LD with our context, RDF/XML or N-Triples; a browser is led to the page. 410 brings a tombstone."""
    stem, suffix = split(key)
    wanted = suffix or preferred(request.headers.get("accept"), OFFERED)[0]
    found = told(serving_of(request), kind, source, stem)
    if wanted == "html" and not found.withdrawn:
        return RedirectResponse(f"/doc/{kind}/{source}/{stem}", 303, {"Vary": "Accept"})
    return _data(request, found, wanted)


def _data(request: Request, found: Told, wanted: str) -> Response:
    if wanted == "html" and found.withdrawn:
        raise found.withdrawn
    serving = serving_of(request)
    body = render(found.statements, wanted, f"{serving.base}/context.jsonld", serving.profile.context)
    headers = {"Vary": "Accept", "Link": f'<{found.iri}>; rel="http://xmlns.com/foaf/0.1/primaryTopic"'}
    return Response(body, 410 if found.withdrawn else 200, headers, media_type=MEDIA_TYPES[wanted])


@router.get("/context.jsonld", summary="The JSON-LD context")
def context(request: Request) -> Response:
    body = json.dumps({"@context": serving_of(request).profile.context}, indent=1)
    return Response(body, 200, {"Cache-Control": "max-age=3600"}, media_type=MEDIA_TYPES["jsonld"])


@router.get("/api/records/{kind}/{source}/{key}", summary="A record, its state and its statements")
def record(request: Request, kind: str, source: str, key: str) -> dict[str, Any]:
    """`data` is JSON-LD; `alternates` are the records that tell the same, as a person confirmed.

    What is only spoken of has no record: 404 here, and its data at /data/…
    """
    serving = serving_of(request)
    kept = served(serving, kind, source, key)
    data = render(published(kept, serving.base), "jsonld", f"{serving.base}/context.jsonld", serving.profile.context)
    return {
        "id": kept.iri,
        "kind": kept.kind,
        "source": kept.source,
        "identifier": kept.identifier,
        "state": kept.state,
        "first_seen": kept.first_seen,
        "last_seen": kept.last_seen,
        "changed": kept.changed,
        "cluster": kept.cluster,
        "alternates": [{"id": m.iri, "source": m.source} for m in members(serving, kept) if m.iri != kept.iri],
        "data": json.loads(data),
    }


@router.get("/api/records/{kind}/{source}/{key}/history", summary="A record's versions")
def history(request: Request, kind: str, source: str, key: str) -> dict[str, Any]:
    """The versions, the newest first; a quarantined record has a history too.

    Of a payload only media type and checksum are told: it may hold personal data that no version shows.
    """
    serving = serving_of(request)
    iri = serving.iri(kind, source, key)
    versions = serving.ledger.records.versions(iri)
    return {
        "id": iri,
        "versions": [
            {
                "version": v.id,
                "run": v.run,
                "created": v.created,
                "checksum": v.checksum,
                "valid": report_from_json(v.report).valid,
                "payload": {"media_type": v.media_type, "sha256": checksum(v.payload)},
            }
            for v in versions
        ],
    }


@router.get(
    "/api/records/{kind}/{source}/{key}/quality",
    summary="How good a record is, and what would make it better",
    response_model=QualityAnswer,
)
def quality(request: Request, response: Response, kind: str, source: str, key: str) -> dict[str, Any]:
    """Points as in the MQA of data.europa.eu, with names in the caller's language (`lang=` or Accept-Language)."""
    kept, language = served(serving_of(request), kind, source, key), language_of(request)
    response.headers["Vary"] = "Accept-Language"
    return {"id": kept.iri, "language": language, **serving_of(request).quality(kept, language)}


def served(serving: Serving, kind: str, source: str, key: str) -> LedgerRecord:
    """The served record. Raises Withdrawn, and NotFound for what is only spoken of."""
    found = told(serving, kind, source, key)
    if found.withdrawn:
        raise found.withdrawn
    if found.record is None:
        raise NotFound("There is no record {iri}", iri=found.iri)
    return found.record


@router.get("/api/records/{kind}/{source}/{key}/report", summary="What to mend in a record")
def report(request: Request, response: Response, kind: str, source: str, key: str) -> dict[str, Any]:
    """The newest version's validation report, in the caller's language (`lang=` or Accept-Language)."""
    serving = serving_of(request)
    iri = serving.iri(kind, source, key)
    latest = report_from_json(serving.ledger.records.versions(iri)[0].report)
    language = language_of(request)
    response.headers["Vary"] = "Accept-Language"
    results = [
        {
            "severity": result.severity,
            "path": result.path,
            "value": result.value,
            "focus": result.focus,
            "constraint": result.component,
            "message": serving.profile.message(result, language),
        }
        for result in latest.results
    ]
    return {"id": iri, "valid": latest.valid, "language": language, "results": results}
