"""Whether the hub lives, and whether it can do its work."""

from typing import Any

from fastapi import APIRouter, Request, Response

from hub.web.serving import serving_of

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", summary="The process answers")
def live() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/ready", summary="Each part: does it answer, how far behind is it, what did it set aside")
def ready(request: Request, response: Response) -> dict[str, Any]:
    """503 where a part cannot work; records that an engine refused are listed with its reason, and cost no readiness."""
    told = serving_of(request).readiness()
    if told["status"] != "ok":
        response.status_code = 503
    return told
