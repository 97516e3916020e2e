"""A row of the hub's own template: cells by flat key, written in one language."""

from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from pyoxigraph import NamedNode

from harvesters.crosswalks.building import GraphBuilder
from harvesters.crosswalks.flat import mapped, read_object
from harvesters.crosswalks.reading import split
from hub.errors import Rejected
from hub.languages import LANGUAGES
from hub.model import Mapped, RawRecord, Source
from hub.profile import folded, load
from hub.profile.spreadsheet_columns import SEPARATOR, Column, by_heading
from hub.profile.spreadsheet_words import YES_NO, words

_AS_THEY_ARE: Final = ("text", "choice", "link")  # of these forms several in one cell are told apart further on


class TemplateCrosswalk:
    """Numbers, dates and texts are read in the template's language, whatever the source's is."""

    def __call__(self, raw: RawRecord, source: Source, record: NamedNode, base: str) -> Mapped:
        row = read_object(raw)
        language, cells = row.get("language"), row.get("cells")
        if language not in LANGUAGES or not isinstance(cells, dict):
            raise Rejected("The payload is no row of the template: it has no language or no cells")
        builder = GraphBuilder(raw, replace(source, language=language), record, base)
        known = _columns(raw.kind, language)
        pairs = [(key, _value(known[key], cell, language) if key in known else cell) for key, cell in cells.items()]
        return mapped(builder, [(key, value) for key, value in pairs if key != "identifier"])


@lru_cache(64)
def _columns(kind: str, language: str) -> dict[str, Column]:
    return {column.key: column for column in by_heading(load(), kind, language).values()}


def _value(column: Column, cell: Any, language: str) -> Any:
    """The cell as flat keys take it: entries of lists as IRIs, yes and no as booleans, several as a list."""
    if column.form == "boolean":
        return _truth(cell, language)
    if column.field.scheme:
        return _concepts(column.field.scheme, str(cell), language)
    several = isinstance(cell, str) and column.is_many and column.form not in _AS_THEY_ARE and not column.parents
    return split(cell) if several else cell


def _truth(cell: Any, language: str) -> Any:
    told = {folded(words(language, word)): value for word, value in zip(YES_NO, (True, False), strict=True)}
    return told.get(folded(str(cell)), cell)


def _concepts(scheme: str, text: str, language: str) -> str:
    """Labels of this language go before equal ones of another; what is none stays, to be read or told further on."""
    labels = _labels(scheme, language)
    if whole := labels.get(folded(text)):
        return whole
    return SEPARATOR.join(labels.get(folded(part), part) for part in split(text))


@lru_cache(256)
def _labels(scheme: str, language: str) -> dict[str, str]:
    profile = load()
    return {folded(profile.label(iri, language)): iri for iri in profile.schemes[scheme].concepts}
