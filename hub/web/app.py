"""The web application: every door on one `Serving`, opened and closed with the server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from threading import Thread
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.errors import HubError
from hub.profile import load
from hub.search.base import Query
from hub.search.detection import detect
from hub.search.lexicon import FILE as LEXICON
from hub.settings import Settings
from hub.web import (
    docs,
    health,
    portal,
    problems,
    profile,
    records,
    search,
    similar,
    sources,
    sparql,
    suggesting,
    together,
)
from hub.web.docs import described
from hub.web.pages import STATIC
from hub.web.serving import Serving, open_serving
from hub.web.suggesting import Suggesting

DOORS = (health, search, suggesting, sources, records, similar, sparql, profile, docs, portal, together)
SHOWN_HEADERS = ["Link", "ETag", "Content-Language", "Retry-After", "Hub-Rows", "Hub-Truncated"]


class Hub(FastAPI):
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = described(super().openapi(), load())
        return self.openapi_schema


class Head:
    """HEAD is GET without its body (RFC 9110 §9.3.2), at every address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def headers_only(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        await self._app({**scope, "method": "GET"} if is_head else scope, receive, headers_only if is_head else send)


class Static(StaticFiles):
    """Files whose address tells their edition are kept by browsers for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if scope["query_string"]:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def _begin(serving: Serving, text: str) -> None:
    """What the first question would wait for: the detector's model and the vocabularies' words, two seconds."""
    detect(text)
    with suppress(HubError):  # an engine that is away is told by whoever asks it
        serving.index.search(Query(q=text))


def create_app(settings: Settings) -> FastAPI:
    """The server of the settings' ledger; nothing is opened before it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_serving(settings) as serving:
            app.state.serving, app.state.suggesting = serving, Suggesting(serving)
            app.state.lexicon = settings.data / LEXICON
            beginning = Thread(target=_begin, args=(serving, app.description))
            beginning.start()
            yield
            beginning.join()  # before what it asks is closed

    app = Hub(
        title="Co-ped Hub",
        description="Good practices of community-led cultural centres, as linked data.",
        version=version("coped-hub"),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    problems.install(app)
    app.mount("/static", Static(directory=STATIC), name="static")
    for door in DOORS:
        app.include_router(door.router)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    methods = ("GET", "HEAD", "POST")
    app.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=methods, allow_headers=["*"], expose_headers=SHOWN_HEADERS
    )
    app.add_middleware(Head)
    return app
