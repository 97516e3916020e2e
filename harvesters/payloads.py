"""What the protocols share: canonical JSON, identifiers, texts out of bytes, options, and pages out of records."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from hub.errors import FetchError
from hub.fetch import LASTS, encoding_of
from hub.model import Page, RawRecord, Source

JSON = "application/json"
PAGE_SIZE = 100
INCOMPLETE = f"The listing is incomplete; nothing is deleted for it. {LASTS}"
LONGEST = 500  # letters of an identifier; an index of PostgreSQL takes 2,700 bytes


def json_payload(value: Any) -> bytes:
    """Compact JSON with sorted keys in UTF-8: equal values give equal bytes. NaN and infinity, no JSON, become null.

    Raises FetchError where the value nests too deeply to be written, though it could just be read.
    """
    try:
        return _compact(value).encode("utf-8", "replace")  # half a surrogate pair has no UTF-8
    except RecursionError as error:
        raise FetchError(f"An entry of the listing nests too deeply to be read. {LASTS}") from error


def _compact(value: Any) -> str:
    try:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        return _compact(json.loads(json.dumps(value), parse_constant=lambda _: None))


def short_hash(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()[:12]


def digest(text: str | bytes) -> bytes:
    """What a long listing keeps of a name or text that it only has to know again: 16 bytes of it."""
    content = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return hashlib.sha256(content).digest()[:16]


def identifier_of(text: str) -> str:
    """A source's identifier as a database can hold it: without halves of surrogate pairs and NUL, and not endless."""
    clean = " ".join(text.encode("utf-8", "replace").decode().replace("\0", " ").split())
    return clean if len(clean) <= LONGEST else f"{clean[:LONGEST]}… {short_hash(clean.encode())}"


def unidentified(payload: bytes, media_type: str, kind: str, problem: str) -> RawRecord:
    """An entry that has no identity of its own: kept under its content's, with the reason why it is no record."""
    return RawRecord(f"unidentified-{short_hash(payload)}", payload, media_type, kind, problem=problem)


def decoded(body: bytes, declared: str | None) -> str:
    """UTF-8 where the bytes are UTF-8, whatever is declared: that is often a server's default."""
    with suppress(UnicodeDecodeError):
        return body.decode("utf-8-sig")
    encoding = "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else encoding_of(body, declared)
    return body.decode(encoding, "replace")


def option(source: Source, name: str, kind: type, default: Any) -> Any:
    """`[options]` `name`. Raises FetchError naming what was written where it is not of this kind."""
    value = source.options.get(name, default)
    if not isinstance(value, kind):
        words = {list: "a list", dict: "a table", int: "a number", str: "text", bool: "true or false"}
        raise FetchError(f"{source.key}: options.{name} is {str(value)[:200]!r}; it must be {words[kind]}")
    return value


def page_size(source: Source, most: int = 1000) -> int:
    """`[options] page_size`, 1 to `most`. Raises FetchError naming what was written."""
    size = source.options.get("page_size", PAGE_SIZE)
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= most:
        raise FetchError(f"{source.key}: options.page_size is {size!r}; it must be a number from 1 to {most}")
    return size


def slices(
    records: Sequence[RawRecord],
    size: int,
    start: int,
    cursor_at: Callable[[int], str],
    last: str | None,
    total: int | None,
) -> Iterator[Page]:
    """Records from `start` on as pages of `size`, at least one page; `cursor_at(n)` points behind the first n records,
    `last` behind all of them.
    """
    for begin in range(start, max(len(records), start + 1), size):
        reached = begin + size
        yield Page(records[begin:reached], cursor_at(reached) if reached < len(records) else last, total)
