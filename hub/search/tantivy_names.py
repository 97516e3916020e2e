"""Suggestions: a field of terms that begin as names do, or as what is left of them from a later word on."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, Final, cast

import tantivy

from hub.search.base import Suggestion
from hub.search.names import endings, plain

LONGEST: Final = 40  # characters of a name that a term has; of longer ones typed, the rest is looked up in the name
WHOLE, LATER = "0", "1"  # what a term begins with: all of a name, or what is left from a later word on
_END: Final = "\x1f"


def beginnings(part: str, text: str) -> Iterator[str]:
    """The terms of a name. Names of one part that differ in case, accents or language alone have the same ones."""
    name = plain(text)
    tag = _tag(part, name)
    yield f"{WHOLE}{name[:LONGEST]}{_END}{tag}"
    for ending in endings(name):
        yield f"{LATER}{ending[:LONGEST]}{_END}{tag}"


def _tag(part: str, name: str) -> str:
    return hashlib.blake2b(f"{part} {name}".encode(), digest_size=6).hexdigest()


def suggestions(schema: tantivy.Schema, searcher: tantivy.Searcher, text: str, size: int) -> list[Suggestion]:
    typed = plain(text)
    found: dict[str, Suggestion] = {}
    for place in (WHOLE, LATER) if typed else ():
        if len(found) < size:
            found |= _begun(schema, searcher, place, typed, size + len(found))
    return [*found.values()][:size]


def _begun(
    schema: tantivy.Schema, searcher: tantivy.Searcher, place: str, typed: str, enough: int
) -> dict[str, Suggestion]:
    """By tag, what most documents tell first. A term may have lost its documents, or be a longer name's: look on."""
    most = 2 * enough
    while True:
        terms = searcher.terms_with_prefix("begun", place + typed[:LONGEST], limit=most)
        read = ((term.rpartition(_END)[2], _read(schema, searcher, term, typed)) for term, _ in terms)
        found = {tag: suggestion for tag, suggestion in read if suggestion}
        if len(found) >= enough or len(terms) < most:
            return dict(sorted(found.items(), key=lambda row: (-row[1].count, row[1].text)))
        most *= 8


def _read(schema: tantivy.Schema, searcher: tantivy.Searcher, term: str, typed: str) -> Suggestion | None:
    """The name as the first document that has it writes it; None where no document has it any more."""
    found = cast(Any, searcher.search(tantivy.Query.term_query(schema, "begun", term, "basic"), 1))
    for _, address in found.hits:
        for part, language, text in _names(searcher.doc(address)["names"][0]):
            name = plain(text)
            if _tag(part, name) == term.rpartition(_END)[2] and f" {typed}" in f" {name}":
                return Suggestion(text, part, language, found.count)
    return None


def _names(kept: bytes) -> Iterator[tuple[str, str, str]]:
    for part, texts in json.loads(kept).items():
        for language, written in texts.items():
            yield from ((part, language, text) for text in written)
