"""The columns of the spreadsheet template: what people fill in of each kind, flattened to one row a record.

A column's `key` is a flat key (`title@hu`, `indicator-2.value`), which the crosswalks read; its heading is made of the
fields' names in a language. Reading knows more columns than the template writes: texts in any language, and as many
embedded things as a partner numbers.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from hub.errors import HubError
from hub.languages import FALLBACK, LANGUAGES, language_name
from hub.namespaces import GEO, RDF, XSD
from hub.profile import Field, Profile, folded

IDENTIFIER: Final = "identifier"  # the flat key of what the hub knows a row by
SEPARATOR: Final = "; "
DASH: Final = " – "
REQUIRED: Final = "*"
MOST: Final = 9  # of one embedded thing, as far as a partner adds columns
DEEPEST: Final = 3
_NUMBERED: Final = re.compile(r".*-\d+")
_FORMS: Final[Mapping[str, str]] = {
    RDF.langString.value: "text",
    XSD.decimal.value: "number",
    XSD.integer.value: "whole",
    XSD.boolean.value: "boolean",
    GEO.wktLiteral.value: "point",
    XSD.date.value: "date",
    XSD.dateTime.value: "date",
    XSD.gYear.value: "date",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `parents` are the fields that embed it, outermost first; `number` says which of several things.

    `form` is what a cell takes: text, choice, date, number, whole, boolean, point, link or word.
    """

    key: str
    field: Field
    parents: tuple[Field, ...] = ()
    number: int | None = None
    language: str | None = None
    is_shared: bool = False  # belongs to a record of its own, which other rows may name too

    @property
    def form(self) -> str:
        if self.field.scheme or self.field.allowed:
            return "choice"
        pattern = self.field.limits.get("pattern", "")
        known = next((_FORMS[name] for name in self.field.datatypes if name in _FORMS), None)
        if known == "point":
            return known if pattern.startswith("^POINT ") else "word"
        is_link = (self.field.node_kind or "").endswith("IRI") and not pattern
        return known or ("link" if is_link else "word")

    @property
    def is_many(self) -> bool:
        """Whether one cell takes several values."""
        several = self.is_shared and self.parents[-1].max != 1
        return several or (self.field.max != 1 and "uniqueLang" not in self.field.limits and self.key != IDENTIFIER)

    def is_needed(self, language: str) -> bool:
        """Whether no record is complete without it; a text is needed in the template's language."""
        is_own = self.language in (None, language)
        return self.key == IDENTIFIER or (is_own and all(field.min for field in (*self.parents, self.field)))

    @property
    def group(self) -> str | None:
        return (*self.parents, self.field)[0].group

    @property
    def place(self) -> str:
        """The fragment of the embedded thing that it fills in, such as `indicator-2`; empty for the record itself."""
        steps = self.key.partition("@")[0].split(".")[:-1]
        return "-".join(step if _NUMBERED.fullmatch(step) else f"{step}-1" for step in steps)

    def heading(self, language: str) -> str:
        """`Indicator 2 – Value`, `Titel (Englisch)`; the template's own language is not said."""
        names = [f.name.get(language) or f.name.get(FALLBACK) or f.key for f in (*self.parents, self.field)]
        if self.number:
            names[0] = f"{names[0]} {self.number}"
        of = f" ({language_name(self.language, language)})" if self.language not in (None, language) else ""
        return DASH.join(names) + of


@lru_cache(64)
def columns(profile: Profile, kind: str, language: str) -> tuple[Column, ...]:
    """The columns of the template, the identifier first. Raises HubError for two of one heading."""
    found = tuple(_record_columns(profile, kind, tuple(dict.fromkeys((language, FALLBACK))), None))
    headings: dict[str, Column] = {}
    for column in found:
        other = headings.setdefault(normal(column.heading(language)), column)
        if other is not column:  # a partner could not tell them apart, nor could the import
            raise HubError(f"schema: {other.key} and {column.key} of {kind} have one name in the language {language}")
    return found


@lru_cache(256)
def by_heading(profile: Profile, kind: str, language: str) -> Mapping[str, Column]:
    """Every column that a sheet may have, by its heading as `normal` leaves it."""
    texts = (language, *(other for other in LANGUAGES if other != language))
    found: dict[str, Column] = {}
    for column in (*columns(profile, kind, language), *_record_columns(profile, kind, texts, MOST)):
        found.setdefault(normal(column.heading(language)), column)
    return found


def normal(heading: object) -> str:
    """A heading without what people and programs change: case, blanks, dashes, and the mark of what is required."""
    return folded(str(heading).rstrip(f" {REQUIRED}"))


def _record_columns(profile: Profile, kind: str, texts: tuple[str, ...], most: int | None) -> Iterator[Column]:
    fields = profile.fields(kind)
    yield from (Column(IDENTIFIER, field) for field in fields if field.key == IDENTIFIER)
    for field in fields:
        if not field.editor or field.key == IDENTIFIER:
            continue
        if not field.node_class:
            yield from _of_field(field, "", (), None, texts)
        else:
            count = most if most and field.max != 1 and not _is_kind(profile, field) else _how_many(profile, field)
            for number in range(1, count + 1):
                yield from _embedded(profile, field, "", (), number if count > 1 else None, texts)


def _how_many(profile: Profile, field: Field) -> int:
    """How often the template offers what is embedded: once where there is one, or pages read one value out of it.

    Else twice, and three times what has several parts that must be there, as measurements have.
    """
    one_is_read = any(
        other.path == field.path and other.index_as in ("geo", "date")
        for other in (profile.fields(field.kind) if field.kind else ())
    )
    if field.max == 1 or one_is_read or _is_kind(profile, field):
        return 1
    needed = sum(bool(inner.min) for inner in profile.nested(field.node_class or ""))
    return min(field.max or MOST, 3 if needed > 1 else 2)


def _is_kind(profile: Profile, field: Field) -> bool:
    return any(kind.target == field.node_class for kind in profile.kinds.values())


def _embedded(
    profile: Profile, field: Field, above: str, parents: tuple[Field, ...], number: int | None, texts: tuple[str, ...]
) -> Iterator[Column]:
    """The columns of one embedded thing; of a thing of its own kind only what names it."""
    prefix = f"{above}{field.key}{f'-{number}' if number else ''}."
    chain, is_shared = (*parents, field), _is_kind(profile, field)
    for inner in profile.nested(field.node_class or ""):
        names = inner.key == IDENTIFIER or (inner.min and inner.datatype == RDF.langString.value)
        if (is_shared and not names) or (not is_shared and not inner.editor):
            continue
        if not inner.node_class:
            languages = texts[:1] if is_shared and len(texts) <= 2 else texts  # an organisation's name is one
            yield from _of_field(inner, prefix, chain, number, languages, is_shared)
        elif len(chain) < DEEPEST:
            inside = _embedded(profile, inner, prefix, chain, None, texts[:1])
            yield from (replace(column, number=number) for column in _needed(inside))


def _needed(inside: Iterator[Column]) -> list[Column]:
    """Of what lies deeper, the columns that must be there (and what names a shared thing); all where none must."""
    found = list(inside)
    return [column for column in found if column.field.min or column.is_shared] or found


def _of_field(
    field: Field,
    prefix: str,
    parents: tuple[Field, ...],
    number: int | None,
    texts: tuple[str, ...],
    is_shared: bool = False,
) -> Iterator[Column]:
    if field.datatype != RDF.langString.value:
        yield Column(f"{prefix}{field.key}", field, parents, number, None, is_shared)
        return
    for language in texts:
        yield Column(f"{prefix}{field.key}@{language}", field, parents, number, language, is_shared)
