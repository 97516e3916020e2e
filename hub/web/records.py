"""Records by their IRI: the redirect, the data in four formats, and what the API tells about one."""

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from hub.errors import NotFound, Withdrawn
from hub.ledger import LedgerRecord
from hub.model import KINDS
from hub.projection import published
from hub.validation import report_from_json
from hub.web.problems import language_of
from hub.web.rdf import HTML, MEDIA_TYPES, accepted, render
from hub.web.serving import Serving, serving_of

router = APIRouter()


def _split(key: str) -> tuple[str, str | None]:
    """A key and the format that its suffix asks for; keys themselves hold no dot."""
    stem, dot, suffix = key.rpartition(".")
    return (stem, suffix) if dot and suffix in MEDIA_TYPES else (key, None)


def served_record(serving: Serving, kind: str, source: str, key: str) -> LedgerRecord:
    """A record that is served now; NotFound or Withdrawn (410, with its tombstone's facts) otherwise."""
    if kind not in KINDS:
        raise NotFound(f"There is no kind {kind}; kinds are {', '.join(KINDS)}")
    record = serving.ledger.changes.record(f"{serving.ledger.base}/id/{kind}/{source}/{key}")
    if record.state == "withdrawn":
        raise Withdrawn(f"{record.iri} was withdrawn by {source}; it was last listed on {record.last_seen:%Y-%m-%d}")
    if not record.served:
        raise NotFound(f"{record.iri} was never valid, so it is not shown; its report says why")
    return record


def statements_about(serving: Serving, kind: str, source: str, key: str) -> str:
    """What a record's page and data say: N-Triples. An entity without a record has what others say of it."""
    try:
        return published(served_record(serving, kind, source, key), serving.ledger.base)
    except NotFound:
        mentioned = serving.mentioned(f"{serving.ledger.base}/id/{kind}/{source}/{key}")
        if not mentioned:
            raise
        return mentioned


@router.get("/id/{kind}/{source}/{key}", summary="A thing: redirects to its page or its data", tags=["records"])
def identify(request: Request, kind: str, source: str, key: str) -> Response:
    """303 by Accept (Cool URIs for the Semantic Web), or by a suffix .ttl .jsonld .rdf .nt."""
    stem, suffix = _split(key)
    statements_about(serving_of(request), kind, source, stem)
    offered = {"html": HTML, **MEDIA_TYPES}
    wanted = suffix or accepted(request.headers.get("accept"), offered)
    path = f"/doc/{kind}/{source}/{stem}" if wanted == "html" else f"/data/{kind}/{source}/{stem}.{wanted}"
    return RedirectResponse(path, 303, {"Vary": "Accept"})


@router.get("/doc/{kind}/{source}/{key}", summary="Redirects to the page in the reader's language", tags=["records"])
def page_of(request: Request, kind: str, source: str, key: str) -> Response:
    return RedirectResponse(f"/{language_of(request)}/{kind}/{source}/{key}", 302, {"Vary": "Accept-Language"})


@router.get("/data/{kind}/{source}/{key}", summary="A record's statements, by Accept or suffix", tags=["records"])
def data(request: Request, kind: str, source: str, key: str) -> Response:
    """Turtle, JSON-LD with our context, RDF/XML or N-Triples."""
    serving = serving_of(request)
    stem, suffix = _split(key)
    wanted = suffix or accepted(request.headers.get("accept"), MEDIA_TYPES)
    statements = statements_about(serving, kind, source, stem)
    base = serving.ledger.base
    body = render(statements, wanted, f"{base}/context.jsonld", serving.profile.context)
    headers = {
        "Vary": "Accept",
        "Link": f'<{base}/id/{kind}/{source}/{stem}>; rel="http://xmlns.com/foaf/0.1/primaryTopic"',
        "Access-Control-Allow-Origin": "*",
    }
    return Response(body, 200, headers, media_type=MEDIA_TYPES[wanted])


@router.get("/context.jsonld", summary="The JSON-LD context", tags=["records"])
def context(request: Request) -> Response:
    body = json.dumps({"@context": serving_of(request).profile.context}, indent=1)
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "max-age=3600"}
    return Response(body, 200, headers, media_type=MEDIA_TYPES["jsonld"])


@router.get("/api/records/{kind}/{source}/{key}", summary="A record, its state and its statements", tags=["records"])
def record(request: Request, kind: str, source: str, key: str) -> dict[str, Any]:
    serving = serving_of(request)
    found = served_record(serving, kind, source, key)
    statements = render(
        published(found, serving.ledger.base), "jsonld", f"{serving.ledger.base}/context.jsonld", serving.profile.context
    )
    return {
        "id": found.iri,
        "kind": found.kind,
        "source": found.source,
        "identifier": found.identifier,
        "state": found.state,
        "first_seen": found.first_seen,
        "last_seen": found.last_seen,
        "changed": found.changed,
        "cluster": found.cluster,
        "data": json.loads(statements),
    }


@router.get("/api/records/{kind}/{source}/{key}/history", summary="A record's versions", tags=["records"])
def history(request: Request, kind: str, source: str, key: str) -> dict[str, Any]:
    """The versions, the newest first; a quarantined record has a history too."""
    iri = f"{serving_of(request).ledger.base}/id/{kind}/{source}/{key}"
    versions = serving_of(request).ledger.records.versions(iri)
    return {
        "id": iri,
        "versions": [
            {
                "version": v.id,
                "run": v.run,
                "created": v.created,
                "checksum": v.checksum,
                "valid": report_from_json(v.report).valid,
            }
            for v in versions
        ],
    }


@router.get("/api/records/{kind}/{source}/{key}/report", summary="What to mend in a record", tags=["records"])
def report(request: Request, kind: str, source: str, key: str) -> dict[str, Any]:
    """The newest version's validation report, in the caller's language (`lang=` or Accept-Language)."""
    serving = serving_of(request)
    iri = f"{serving.ledger.base}/id/{kind}/{source}/{key}"
    latest = report_from_json(serving.ledger.records.versions(iri)[0].report)
    language = language_of(request)
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
