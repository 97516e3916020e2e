"""Errors as problem details (RFC 9457), in the caller's language; no stack trace reaches a user."""

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from hub.errors import BadRequest, HubError
from hub.languages import LANGUAGES, catalogue, negotiate

log = logging.getLogger(__name__)


def language_of(request: Request) -> str:
    """The language to answer in: the path's, else `lang=`, else the browser's."""
    first = request.url.path.split("/")[1]
    asked = request.query_params.get("lang", "")
    return next((code for code in (first, asked) if code in LANGUAGES), negotiate(request.headers.get("accept-language")))


def problem(request: Request, status: int, title: str, detail: str, more: Mapping[str, Any] | None = None) -> Response:
    """One problem; a browser gets it as a page of the portal."""
    language = language_of(request)
    body = {"type": "about:blank", "title": catalogue(language).gettext(title), "status": status, "detail": detail}
    body |= {"instance": request.url.path, **(more or {})}
    headers = {"Content-Language": language, "Vary": "Accept, Accept-Language"}
    accept = request.headers.get("accept", "")
    if "text/html" in accept and not request.url.path.startswith(("/api/", "/sparql")):
        page: Response = request.app.state.problem_page(request, language, body)
        page.headers.update(headers)
        return page
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _hub_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HubError)
    detail, more = str(error), {}
    if isinstance(error, BadRequest):
        frame = catalogue(language_of(request)).gettext("{parameter}: “{value}” is not valid; allowed: {allowed}")
        more = {"parameter": error.parameter, "value": error.value, "allowed": error.allowed}
        detail = frame.format(**more)
    if error.status >= 500:
        log.warning("%s: %s", request.url.path, error)
    return problem(request, error.status, error.title, detail, more)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = {404: "There is nothing here", 405: "This address does not take that method"}.get(error.status_code, "")
    return problem(request, error.status_code, title or str(error.detail), f"{request.method} {request.url.path}")


def _bad_parameters(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = str(first["loc"][-1])
    return _hub_error(request, BadRequest(name, first.get("input", ""), str(first["msg"])))


def _unforeseen(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(request, 500, "Something went wrong here", "The hub noted it. Please try again later.")


def install(app: FastAPI) -> None:
    """Every failure of a route ends here."""
    app.add_exception_handler(HubError, _hub_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _bad_parameters)
    app.add_exception_handler(Exception, _unforeseen)
