"""Answers kept from one run to the next, so that what did not change is not sent again (RFC 9110 §13, RFC 9111).

Only the client knows of this: a 304 becomes the whole answer that is kept. What a page lists has to be taken up also
when the page is the same as before, or its records would look vanished; and whether a record changed is the ledger's
word. So protocols, the unchanged-detection and the rules of deletion stay as they are.
"""

import gzip
import hashlib
import json
import logging
import re
import tempfile
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final, Self

import requests
from requests.structures import CaseInsensitiveDict

MOST_BYTES: Final = 500_000_000  # of one source, compressed
BELIEVED: Final = 14 * 86400.0  # seconds; a server whose ETag stays while its answer changes is found out after this
_UNFINISHED: Final = "unfinished-"
_CONDITIONS: Final = ("If-None-Match", "If-Modified-Since")
_OTHERWISE: Final = ("Range", "If-Match", "If-Unmodified-Since", "If-Range", *_CONDITIONS)
# Of one exchange alone, or a secret.
_NOT_KEPT: Final = frozenset(
    ("content-length", "content-encoding", "transfer-encoding", "connection", "keep-alive", "set-cookie", "trailer")
)
_SENDABLE: Final = re.compile(r"[\x21-\x7e\x80-\xff][\x20-\x7e\x80-\xff]{0,999}")
_DAMAGED: Final = (OSError, EOFError, zlib.error, ValueError, TypeError, AttributeError)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was kept: its headers, and its file's bytes, of which gzip's checksum proves the body."""

    headers: Mapping[str, str]
    _packed: bytes

    @classmethod
    def read(cls, packed: bytes) -> Self:
        """Raises one of _DAMAGED."""
        with gzip.open(BytesIO(packed)) as file:
            return cls({str(name): str(value) for name, value in json.loads(file.readline()).items()}, packed)

    def renewed(self, said: Mapping[str, str]) -> CaseInsensitiveDict[str]:
        """The headers, with what a 304 says anew; what it says of its own empty body is no word about ours."""
        fresh = {name.lower(): value for name, value in said.items() if not name.lower().startswith("content-")}
        return CaseInsensitiveDict({**self.headers, **fresh})

    def body(self) -> bytes | None:
        """None where the file is damaged."""
        with suppress(*_DAMAGED), gzip.open(BytesIO(self._packed)) as file:
            file.readline()
            return file.read()
        return None


class KeptAnswers:
    """A folder of answers to GET, one file each. Several processes may use it: files are replaced whole, never edited.

    An answer is known by its address and every header of the question but cookies, which respects `Vary` without
    reading it. Nothing that goes wrong here costs more than the answer being sent again.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most = folder, most_bytes
        self._size: int | None = None  # of all files; what other processes write meanwhile is not counted

    def find(self, request: requests.PreparedRequest) -> Kept | None:
        """What may be asked for conditionally; None also where the caller asks so itself."""
        if request.method != "GET" or any(name in request.headers for name in _OTHERWISE):
            return None
        file = self._file(request)
        with suppress(*_DAMAGED):
            if file.stat().st_mtime > time.time() - BELIEVED:
                return Kept.read(file.read_bytes())
        return None

    def keep(self, request: requests.PreparedRequest, answer: requests.Response) -> None:
        """Keeps a whole answer with a validator; one of another kind makes the answer before it go."""
        if request.method != "GET" or answer.status_code != 200 or any(n in request.headers for n in _OTHERWISE):
            return
        file = self._file(request)
        try:
            self._drop(file)
            if _may_be_kept(answer.headers):
                self._write(file, _packed(answer))
        except OSError as error:
            _log.warning("%s: answers are not kept there: %s", self._folder, error)

    def _file(self, request: requests.PreparedRequest) -> Path:
        headers = sorted((name.lower(), str(value)) for name, value in request.headers.items())
        question = [request.url, *(pair for pair in headers if pair[0] != "cookie")]
        return self._folder / hashlib.sha256(json.dumps(question).encode()).hexdigest()

    def _drop(self, file: Path) -> None:
        with suppress(FileNotFoundError):
            size = file.stat().st_size
            file.unlink()
            self._size = None if self._size is None else self._size - size

    def _write(self, file: Path, packed: bytes) -> None:
        """Where the folder is full, what is there stays: a listing is read in order, and would displace itself."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._size is None:
            self._size = self._swept()
        if self._size + len(packed) > self._most:
            return
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=_UNFINISHED, delete=False) as unfinished:
            unfinished.write(packed)
        Path(unfinished.name).replace(file)
        self._size += len(packed)

    def _swept(self) -> int:
        """The size of all files, without those too old to be believed and those of a killed process: they go."""
        size, now = 0, time.time()
        for file in self._folder.iterdir():
            with suppress(FileNotFoundError):  # another process sweeps too
                told = file.stat()
                if told.st_mtime < now - (3600 if file.name.startswith(_UNFINISHED) else BELIEVED):
                    file.unlink()
                else:
                    size += told.st_size
        return size


def conditions(headers: Mapping[str, str]) -> dict[str, str]:
    """What to ask with, of the validators that came; one with control characters, or endless, is none."""
    said = (headers.get("etag", ""), headers.get("last-modified", ""))
    return {name: value for name, value in zip(_CONDITIONS, said, strict=True) if _SENDABLE.fullmatch(value)}


def _may_be_kept(headers: Mapping[str, str]) -> bool:
    """A validator is needed, and a stated length: a body that ends with its connection may have been cut unnoticed."""
    vary = {name.strip().lower() for name in headers.get("Vary", "").split(",")}
    control = {word.partition("=")[0].strip().lower() for word in headers.get("Cache-Control", "").split(",")}
    is_whole = "Content-Length" in headers or headers.get("Transfer-Encoding", "").lower() == "chunked"
    return bool(conditions(headers)) and is_whole and not vary & {"*", "cookie"} and "no-store" not in control


def _packed(answer: requests.Response) -> bytes:
    headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() not in _NOT_KEPT}
    return gzip.compress(json.dumps(headers).encode() + b"\n" + answer.content, compresslevel=1)
