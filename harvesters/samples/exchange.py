"""A question and an answer of the sample server, and their way through WSGI (PEP 3333)."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.util import application_uri

PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Question:
    """A request. `path` is decoded and follows `root` and `mount`, which is the source's own: http://host:port, /it."""

    method: str
    path: str
    root: str
    query: Mapping[str, list[str]]  # every value of a parameter
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""
    mount: str = ""

    @property
    def site(self) -> str:
        """The address of the source, without a slash at its end."""
        return self.root + self.mount

    def value(self, name: str, default: str) -> str:
        return self.query.get(name, [default])[-1]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. With `modified` it is a document that can be asked for conditionally (RFC 9110, section 13)."""

    body: bytes
    media_type: str = PLAIN
    status: int = 200
    modified: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Answering = Callable[[Question], Answer]


def told(status: int, words: str) -> Answer:
    return Answer(f"{words}\n".encode(), PLAIN, status)


def question_of(environ: WSGIEnvironment) -> Question:
    length = str(environ.get("CONTENT_LENGTH") or "0")
    sent = {name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name[:5] == "HTTP_"}
    return Question(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
        root=application_uri(environ).rstrip("/"),
        query=parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True),
        headers=sent,
        body=environ["wsgi.input"].read(int(length)) if length.isdecimal() else b"",
    )


def conditional(question: Question, answer: Answer) -> Answer:
    """The answer with its validators, or 304 without a body where the client has it already."""
    if answer.modified is None or answer.status != HTTPStatus.OK:
        return answer
    etag = f'"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
    headers = {**answer.headers, "ETag": etag, "Last-Modified": format_datetime(answer.modified, usegmt=True)}
    if _is_known(question, etag, answer.modified):
        return Answer(b"", answer.media_type, HTTPStatus.NOT_MODIFIED, answer.modified, headers)
    return Answer(answer.body, answer.media_type, answer.status, answer.modified, headers)


def _is_known(question: Question, etag: str, modified: datetime) -> bool:
    """If-None-Match decides where it is sent; If-Modified-Since only where it is not (RFC 9110, section 13.2.2)."""
    known = question.headers.get("if-none-match")
    if known is not None:
        return known.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in known.split(",")]
    try:
        since = parsedate_to_datetime(question.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return modified.replace(microsecond=0) <= (since if since.tzinfo else since.replace(tzinfo=UTC))


def send(answer: Answer, method: str, start: StartResponse) -> Iterable[bytes]:
    status = HTTPStatus(answer.status)
    headers = {"Content-Type": answer.media_type, "Content-Length": str(len(answer.body)), **answer.headers}
    if status == HTTPStatus.NOT_MODIFIED:
        del headers["Content-Type"], headers["Content-Length"]
    start(f"{status.value} {status.phrase}", list(headers.items()))
    return [] if method == "HEAD" else [answer.body]
