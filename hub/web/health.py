"""Whether the hub lives, and whether it can do its work."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from hub.clusters import NAME
from hub.errors import HubError
from hub.search.vectors import missing
from hub.web.problems import RETRY_AFTER
from hub.web.serving import Serving, serving_of

router = APIRouter(prefix="/health", tags=["health"])
SHOWN: Final = 100  # records that were set aside
RUNS: Final = 20  # the latest ones, whose disagreements are told
Part = dict[str, Any]


@router.get("/live", summary="The process answers")
def live() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/ready", summary="Each part: does it answer, how far behind is it, what did it set aside")
def ready(request: Request, response: Response) -> dict[str, Any]:
    """A part is `ok`, `failing` (then this is 503), or `waiting` for another process to hand over the stores.

    Sentence vectors are `missing` where this machine cannot make any: the search then goes by words alone.
    Waiting costs no readiness, since a new server that takes over from an old one waits for it. Nor do records that
    an engine refused, which are listed with its reason, nor sources whose runs fail or wait for a person.
    """
    serving = serving_of(request)
    try:
        told = _told(serving, serving.ledger.changes.head())
    except SQLAlchemyError as error:
        told = {"status": "failing", "parts": {"ledger": {"status": "failing", "trouble": str(error)}}}
    if told["status"] == "failing":
        response.status_code = 503
        response.headers["Retry-After"] = RETRY_AFTER
    return told


def _told(serving: Serving, head: int) -> dict[str, Any]:
    parts = {
        "ledger": {"status": "ok", "position": head},
        "graph": _part(serving, "graph", serving.projecting.graph_position, head),
        "search": _part(serving, "search", serving.index.position, head),
        "meaning": _meaning(serving, head),
    }
    aside = serving.ledger.changes.unprojected()
    return {
        "status": "failing" if any(part["status"] == "failing" for part in parts.values()) else "ok",
        "parts": parts,
        "duplicates": _duplicates(serving, head),
        "sources": [
            {"source": key, "state": told.last.state, "failed_runs": told.failed, "message": told.last.report.message}
            for key, told in serving.ledger.runs.freshness().items()
            if told.failed or told.last.state == "held"
        ],
        "unprojected": [{"projection": p, "record": iri, "reason": why} for p, iri, why in aside[:SHOWN]],
        "unprojected_total": len(aside),
        "disagreements": [
            {"source": run.source, "run": run.id, "records": run.report.disagreements}
            for run in serving.ledger.runs.latest(limit=RUNS)
            if run.report.disagreements
        ],
    }


def _meaning(serving: Serving, head: int) -> Part:
    if serving.meaning is None:
        return {"status": "missing", "note": missing()}
    return _part(serving, "meaning", serving.meaning.position, head)


def _duplicates(serving: Serving, head: int) -> Part:
    """How far behind the search for duplicates is; without vectors it goes by words and identifiers alone."""
    at, reason = serving.ledger.changes.positions().get(NAME, 0), missing()
    return {"position": at, "behind": max(0, head - at), "vectors": "missing" if reason else "ok", "note": reason}


def _part(serving: Serving, name: str, position: Callable[[], int], head: int) -> Part:
    """A projection that stands ahead of the ledger was made from another one, and shows nothing of this one."""
    projecting, trouble = serving.projecting, serving.projecting.trouble(name)
    try:
        at = position()
    except HubError as error:
        return {"status": "failing", "trouble": str(error)}
    if at > head:
        trouble = f"It was made from another ledger (change {at} of {head}): stop the hub and run `hub rebuild {name}`"
    status = "failing" if trouble else "ok" if projecting.writes else "waiting"
    return {"status": status, "position": at, "behind": max(0, head - at), **({"trouble": trouble} if trouble else {})}
