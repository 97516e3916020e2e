"""What the readers of all formats share: safe files, languages, clean words, and errors that say where."""

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, Final
from xml.sax.saxutils import unescape

from langcodes import standardize_tag, tag_is_valid
from lxml import etree

from hub.errors import HubError
from hub.languages import LANGUAGES

MAX_BYTES: Final = 1 << 30  # of a file, unpacked; the largest that is known (FreeDict deu-eng) has 100 MB
SCANNED: Final = 4096  # bytes of a file that say what it is
MAX_TERM: Final = 100  # characters; what is longer is no entry but a sentence
XML_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_BRACKETS: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>")
_OLD_HUNGARIAN: Final = str.maketrans("ôõûũÔÕÛŨ", "őőűűŐŐŰŰ")  # as 8-bit files had them; no Hungarian word has ô or û


class LexiconError(HubError):
    """A file that cannot be read as a lexicon: names the file, the place and what is expected there."""

    title = "A lexicon cannot be read"

    def __init__(self, file: Path, place: str, expected: str) -> None:
        super().__init__(f"{file}{', ' if place else ''}{place}: expected {expected}")


@dataclass(slots=True)
class About:
    """What a lexicon says of itself; filled while it is read."""

    title: str = ""
    licence: str = ""

    def add(self, title: str, licence: str) -> None:
        """One file of several; what two of them say is kept once."""
        self.title, self.licence = _joined(self.title, title), _joined(self.licence, licence)


def _joined(known: str, new: str) -> str:
    new = " ".join(new.split())
    return known if new in known else "; ".join(filter(None, (known, new)))


@dataclass(frozen=True, slots=True)
class Named:
    """A word of one of the seven languages; what has the same concept is a translation where the language differs."""

    concept: str | int
    language: str
    text: str


@cache
def ours(tag: str) -> str | None:
    """The one of the seven languages that a tag or three letters name."""
    code = tag.strip().lower()
    known = standardize_tag(code).partition("-")[0] if tag_is_valid(code) else ""
    return known if known in LANGUAGES else None


def cleaned(text: str, language: str) -> str:
    """A word without remarks in brackets and without what stands for other words; "" where nothing is left."""
    before = ""
    while before != text:
        before, text = text, _BRACKETS.sub(" ", text)
    text = " ".join(text.replace("_", " ").split()).strip(" ,;.:!?\"'“”„")
    if language == "hu":
        text = text.translate(_OLD_HUNGARIAN)
    is_part = text[:1] in "-‐…" or text[-1:] in "-‐…"  # a prefix or suffix, also of ""
    return "" if is_part or len(text) > MAX_TERM else text


class _Capped(io.RawIOBase):
    """Reads on to a limit, since some kilobytes of an archive can become terabytes."""

    def __init__(self, inner: io.BufferedIOBase | IO[bytes], file: Path) -> None:
        self._inner, self._file, self._left = inner, file, MAX_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._inner.read(len(buffer))
        except (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error) as error:
            raise LexiconError(self._file, "", f"a whole archive, not: {error}") from error
        self._left -= len(piece)
        if self._left < 0:
            raise LexiconError(self._file, "", f"at most {MAX_BYTES >> 20:,} MB when unpacked")
        buffer[: len(piece)] = piece
        return len(piece)


@contextmanager
def opened(file: Path) -> Iterator[io.BufferedReader]:
    """A file's content, unpacked where it is gzip (or dictzip) or a zip archive of one file."""
    with file.open("rb") as raw:
        start = raw.read(4)
        raw.seek(0)
        if start[:2] == b"\x1f\x8b":
            with gzip.open(raw) as inner:
                yield io.BufferedReader(_Capped(inner, file))
        elif start == b"PK\x03\x04":
            with _only_member(raw, file) as inner:
                yield io.BufferedReader(_Capped(inner, file))
        else:
            yield io.BufferedReader(_Capped(raw, file))


@contextmanager
def _only_member(raw: IO[bytes], file: Path) -> Iterator[IO[bytes]]:
    try:
        archive = zipfile.ZipFile(raw)
    except zipfile.BadZipFile as error:
        raise LexiconError(file, "", f"a whole archive, not: {error}") from error
    with archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1 or members[0].flag_bits & 1:  # bit 0: encrypted
            raise LexiconError(file, "", f"a zip archive of one file without a password, not of {len(members)}")
        with archive.open(members[0]) as inner:
            yield inner


def beginning(file: Path) -> str:
    with opened(file) as content:
        return content.read(SCANNED).decode("utf-8", "replace").removeprefix("\ufeff")


def lines(file: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text in UTF-8, numbered from 1."""
    with opened(file) as content:
        for number, line in enumerate(content, 1):
            try:
                yield number, line.decode("utf-8").removeprefix("\ufeff").rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise LexiconError(file, f"line {number}", f"UTF-8, not: {error.reason}") from error


def elements(file: Path, *tags: str) -> Iterator[Any]:
    """The elements of an XML file with these names, each when it is complete; nothing is kept of it afterwards."""
    with opened(file) as content:
        try:
            for _, element in etree.iterparse(content, tag=tags, resolve_entities=False, no_network=True):
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            raise LexiconError(file, f"line {error.lineno}", f"well-formed XML, not: {unescape(error.msg)}") from error


def text_of(element: Any) -> str:
    return " ".join("".join(element.itertext()).split()) if element is not None else ""
