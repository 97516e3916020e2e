"""FreeDict as it is published: TEI P5, entries with `orth`, and translations as `quote` in `cit type="trans"`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from hub.search.lexicons.dictd import languages_of
from hub.search.lexicons.reading import XML_LANGUAGE, About, LexiconError, Named, cleaned, elements, ours, text_of

_TEI: Final = "{http://www.tei-c.org/ns/1.0}"
_HEADER, _ENTRY = f"{_TEI}teiHeader", f"{_TEI}entry"
_TRANSLATIONS: Final = ("trans", "translation")


def read(files: Sequence[Path], pair: tuple[str, str], about: About) -> Iterator[Named]:
    number = 0
    for element in elements(files[0], _HEADER, _ENTRY):
        if element.tag == _HEADER:
            licence = element.find(f".//{_TEI}availability")
            about.add(text_of(element.find(f".//{_TEI}titleStmt/{_TEI}title")), text_of(licence)[:300])
        else:
            number += 1
            yield from _named(number, element, pair)
    if not number:
        raise LexiconError(files[0], "", "entries of TEI P5 (<entry> in the namespace http://www.tei-c.org/ns/1.0)")


def _named(number: int, entry: Any, pair: tuple[str, str]) -> Iterator[Named]:
    words = [cleaned(text_of(orth), pair[0]) for orth in entry.iterfind(f"{_TEI}form/{_TEI}orth")]
    translations = [cleaned(text_of(quote), pair[1]) for quote in _quotes(entry, pair[1])]
    for language, texts in zip(pair, (words, translations), strict=True):
        yield from (Named(number, language, text) for text in dict.fromkeys(texts) if text)


def _quotes(entry: Any, language: str) -> Iterator[Any]:
    for cit in entry.iter(f"{_TEI}cit"):
        if cit.get("type") in _TRANSLATIONS and ours(cit.get(XML_LANGUAGE, language)) == language:
            yield from cit.iterfind(f"{_TEI}quote")


__all__ = ["languages_of", "read"]
