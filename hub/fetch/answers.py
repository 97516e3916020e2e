"""Answers, and how they and their failures are told."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from http.client import BadStatusLine, RemoteDisconnected
from typing import cast
from urllib.parse import urlsplit, urlunsplit

CHECK = "Check url in the source file, or try later."
LASTS = "If it lasts, tell the source's operator."


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer. `url` is the address after redirects, `body` is decompressed, `media_type` is in lower case."""

    url: str
    status: int
    headers: Mapping[str, str] = field(repr=False)  # looked up in any case
    body: bytes = field(repr=False)
    media_type: str = ""
    charset: str | None = None  # as declared

    @property
    def text(self) -> str:
        return self.body.decode(encoding_of(self.body, self.charset), "replace")


def encoding_of(body: bytes, declared: str | None) -> str:
    """The first of the declared encoding, UTF-8 (with or without its mark) and Windows-1252 that fits the bytes.

    Portals declare UTF-8 and send Latin-1; Windows-1252 is what such bytes are on the web (WHATWG Encoding). A broken
    letter or two do not make a page of UTF-8 another encoding: read as that, all its letters would be wrong.
    """
    for encoding in (declared, "utf-8-sig"):
        with suppress(UnicodeDecodeError, LookupError):
            body.decode(encoding or "utf-8-sig")
            return "utf-8-sig" if (encoding or "").lower() in ("", "utf8", "utf-8") else cast(str, encoding)
    return "utf-8-sig" if _is_mostly_utf8(body) else "cp1252"


def _is_mostly_utf8(body: bytes) -> bool:
    broken = body.decode("utf-8", "replace").count("\ufffd")
    return len(body.translate(None, bytes(range(0x80)))) > 3 * broken


def content_type(value: str | None) -> tuple[str, str | None]:
    """Media type and charset of a Content-Type header; "" where there is none."""
    if not value:
        return "", None
    header = Message()
    header["Content-Type"] = value
    return header.get_content_type(), header.get_content_charset()


def address(url: str) -> str:
    """A URL as it may be shown: without user and password, and not endless."""
    with suppress(ValueError):
        parts = urlsplit(url)
        url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return url[:300]


def reason(error: Exception) -> str:
    """The innermost words of a failure of requests, urllib3 or http.client."""
    inner = error.args[0] if error.args else error
    inner = getattr(inner, "reason", inner)
    while isinstance(inner, Exception) and inner.args and isinstance(inner.args[-1], Exception):
        inner = inner.args[-1]
    if isinstance(inner, BadStatusLine) and not isinstance(inner, RemoteDisconnected):
        return f"what answered is no HTTP: {str(inner).strip()[:80]!r}"
    return str(inner).rpartition("): ")[2][:300] or type(inner).__name__
