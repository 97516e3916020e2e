"""Errors as problem details (RFC 9457), in the caller's language; no stack trace reaches a user."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from hub.errors import BadRequest, HubError, NotFound, Unavailable, Withdrawn
from hub.languages import LANGUAGES, N_, catalogue, negotiate
from hub.web.pages import SEARCHING, page

log = logging.getLogger(__name__)
RETRY_AFTER: Final = "5"  # seconds
PROGRAMS: Final = ("/api/", "/sparql", "/health/")  # addresses for programs: no page, whatever they say they accept
# What the framework's own checks allow, by their name and the limit that they tell.
CHECKS: Final[Mapping[str, tuple[str, str]]] = {
    "int_parsing": (N_("a whole number"), ""),
    "bool_parsing": (N_("true or false"), ""),
    "greater_than_equal": (N_("at least {limit}"), "ge"),
    "less_than_equal": (N_("at most {limit}"), "le"),
    "string_too_long": (N_("at most {limit} characters"), "max_length"),
}


class WrongMethod(HubError):
    status = 405
    title = "This address does not take that method"


class Unforeseen(HubError):
    title = "Something went wrong here"


def language_of(request: Request) -> str:
    """The language to answer in: the path's, else `lang=`, else the browser's."""
    first = request.url.path.split("/")[1]
    asked = request.query_params.get("lang", "")
    browsers = negotiate(request.headers.get("accept-language"))
    return next((code for code in (first, asked) if code in LANGUAGES), browsers)


def details(error: HubError, path: str, language: str) -> dict[str, Any]:
    """The problem's members; also a parameter's name, value and what is allowed, and the facts of a tombstone."""
    words = catalogue(language)
    told = words.gettext(error.message) if error.message else ""
    told = told.format(**error.values) if error.values else told
    more = {name: str(value) for name, value in error.values.items()} if isinstance(error, Withdrawn) else {}
    if isinstance(error, BadRequest):
        more = {"parameter": error.parameter, "value": error.value, "allowed": told}
        told = words.gettext("{parameter}: “{value}” is not valid; allowed: {allowed}").format(**more)
    title = words.gettext(error.title)
    return {"type": "about:blank", "title": title, "status": error.status, "detail": told, "instance": path, **more}


def answer(request: Request, error: HubError) -> Response:
    """One problem; a browser gets it as a page of the portal."""
    language, path = language_of(request), request.url.path
    body = details(error, path, language)
    headers = {"Content-Language": language, "Vary": "Accept, Accept-Language"}
    if isinstance(error, Unavailable):
        headers["Retry-After"] = RETRY_AFTER
    if "text/html" in request.headers.get("accept", "") and not path.startswith(PROGRAMS):
        return page(request, "problem.html", language, error.status, {**SEARCHING, **headers}, problem=body)
    return JSONResponse(body, error.status, headers, media_type="application/problem+json")


def _hub_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HubError)
    if error.status >= 500:
        log.warning("%s: %s", request.url.path, error)
    return answer(request, error)


def _http_error(request: Request, error: Exception) -> Response:
    """What the router finds: no such address, or not with that method."""
    assert isinstance(error, HTTPException)
    method, path = request.method, request.url.path
    if error.status_code == 404:
        return answer(request, NotFound("There is no page at {path}", path=path))
    if error.status_code != 405:
        return _unforeseen(request, error)
    told = answer(request, WrongMethod("{method} is not answered at {path}", method=method, path=path))
    told.headers.update(error.headers or {})
    return told


def _bad_parameters(request: Request, error: Exception) -> Response:
    """The first parameter that the framework refuses."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    allowed, limit = CHECKS.get(first["type"], (str(first["msg"]), ""))
    values = {"limit": first["ctx"][limit]} if limit else {}
    return answer(request, BadRequest(str(first["loc"][-1]), first.get("input", ""), allowed, **values))


def _ledger_away(request: Request, error: Exception) -> Response:
    log.error("%s: the ledger: %s", request.url.path, error)
    return answer(request, Unavailable("The records cannot be read at the moment"))


def _unforeseen(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer(request, Unforeseen("The hub noted it. Please try again later."))


def install(app: FastAPI) -> None:
    """Every failure of a route ends here."""
    app.add_exception_handler(HubError, _hub_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _bad_parameters)
    app.add_exception_handler(SQLAlchemyError, _ledger_away)
    app.add_exception_handler(Exception, _unforeseen)
