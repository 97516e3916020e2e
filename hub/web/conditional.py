"""Answers that are only sent where the asker has another one (RFC 9110 §13.1.2)."""

import hashlib
from typing import Final

from fastapi import Request

LENGTH: Final = 16  # hexadecimal digits of a tag


def tag_of(content: bytes) -> str:
    """A weak tag: compressed or not, it is the same answer."""
    return f'W/"{hashlib.sha256(content).hexdigest()[:LENGTH]}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether the asker has the answer with that tag."""
    known = [part.strip() for part in request.headers.get("if-none-match", "").split(",")]
    return tag in known or "*" in known
