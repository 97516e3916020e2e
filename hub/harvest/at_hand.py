"""Clients that have an answer at hand: a file on this machine, or what an address answered a moment ago."""

from collections.abc import Collection, Mapping
from typing import Any

import requests
from requests.adapters import BaseAdapter

from hub.errors import FetchError
from hub.fetch import Client, Response, address


class _Answering(BaseAdapter):
    """Answers the requests of a session: those for `urls` (without any: all) with one document, the others with 404."""

    def __init__(self, answer: Response, urls: Collection[str] = ()) -> None:
        super().__init__()
        self._answer, self._urls = answer, urls

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        told = requests.Response()
        told.url, told.request = str(request.url), request
        is_there = not self._urls or told.url in self._urls
        told.status_code, told.reason = (200, "OK") if is_there else (404, "Not Found")
        told.headers["Content-Type"] = self._answer.media_type if is_there else "text/plain"
        told.encoding = self._answer.charset or "utf-8"
        vars(told).update(_content=self._answer.body if is_there else b"", _content_consumed=True)
        return told

    def close(self) -> None:
        pass


class OneAnswer(Client):
    """A client that asks nobody: whatever it is asked for, it answers with one document."""

    def __init__(self, body: bytes, media_type: str) -> None:
        super().__init__("one-answer")
        self.body, self.media_type = body, media_type
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, _Answering(Response("", 200, {}, body, media_type)))

    def get(self, url: str, *_: Any, **__: Any) -> Response:
        return Response(url, 200, {}, self.body, self.media_type)


class AlreadyAsked(Client):
    """A client that has the answer to one question, and asks `beyond` the others; without that, there is no more."""

    def __init__(self, url: str, answer: Response, beyond: Client | None = None) -> None:
        super().__init__(beyond.user_agent if beyond else "already-asked")
        self._urls, self._answer, self._beyond = (url, answer.url), answer, beyond
        if beyond:
            self.session = beyond.session
        for scheme in () if beyond else ("http://", "https://"):
            self.session.mount(scheme, _Answering(answer, self._urls))

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        if url in self._urls and not params:
            return self._answer
        if self._beyond:
            return self._beyond.get(url, params, headers)
        raise FetchError(f"{address(url)}: lies outside the file, and is not fetched for a preview of it")
