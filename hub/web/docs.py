"""The API's description: what the framework's document lacks, and a page made from it."""

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from hub.profile import Profile
from hub.web.answers import Problem
from hub.web.asking import parameters
from hub.web.pages import page
from hub.web.problems import language_of

router = APIRouter(include_in_schema=False)
PROBLEM: Final = {
    "description": "What is wrong, in the caller's language (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def described(document: dict[str, Any], profile: Profile) -> dict[str, Any]:
    """The document with the parameters that the profile declares and the problems that every address answers with."""
    schemas = document["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):  # the framework's own form of a 422, which is never sent
        schemas.pop(unused, None)
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = PROBLEM
    document["paths"]["/api/search"]["get"]["parameters"] += parameters(profile)
    return document


@router.get("/api/docs")
def docs_page(request: Request) -> HTMLResponse:
    return page(request, "docs.html", language_of(request), document=request.app.openapi())
