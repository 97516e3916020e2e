"""The example row of the template: a valid example of the kind in `schema/examples`, as cells."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from typing import Final

from pyoxigraph import Literal, NamedNode

from hub.namespaces import RDF
from hub.profile import Profile
from hub.profile.spreadsheet_columns import IDENTIFIER, SEPARATOR, Column, columns
from hub.profile.spreadsheet_words import EXAMPLE, YES_NO, words
from hub.profile.turtle import Node, Statements

Cell = str | int | float | date
_POINT: Final = re.compile(r"POINT ?\((\S+) (\S+)\)")


@lru_cache(64)
def example(profile: Profile, kind: str, language: str) -> Mapping[str, Cell]:
    """The cells by column key, of the example that says most in the template's language."""
    rows = [_row(profile, data, node, kind, language) for data, node in _examples(profile, kind)]
    own = {column.key for column in columns(profile, kind, language) if column.language == language}
    best: dict[str, Cell] = max(rows, key=lambda row: (len(row.keys() & own), len(row)), default={})
    return {IDENTIFIER: words(language, EXAMPLE), **best}


def _examples(profile: Profile, kind: str) -> list[tuple[Statements, Node]]:
    files = sorted((profile.folder / "examples" / "valid").glob("*.ttl"))
    target = NamedNode(profile.kinds[kind].target)
    return [(data, node) for data in (Statements([file]) for file in files) for node in data.subjects(RDF.type, target)]


def _row(profile: Profile, data: Statements, node: Node, kind: str, language: str) -> dict[str, Cell]:
    row = {}
    for column in columns(profile, kind, language):
        cell = None if column.key == IDENTIFIER else _cell(profile, data, node, column, language)
        if cell is not None:
            row[column.key] = cell
    return row


def _cell(profile: Profile, data: Statements, node: Node, column: Column, language: str) -> Cell | None:
    subjects = [node]
    for depth, parent in enumerate(column.parents):
        found = [n for subject in subjects for n in data.nodes(subject, NamedNode(parent.path))]
        several = depth == len(column.parents) - 1 and column.is_shared and column.is_many
        at = (column.number or 1) - 1 if depth == 0 else 0
        subjects = found if several else found[at : at + 1]
    values = [value for subject in subjects for value in data.values(subject, NamedNode(column.field.path))]
    if column.language:
        values = [v for v in values if isinstance(v, Literal) and v.language == column.language]
    cells = [_shown(profile, column, value.value, language) for value in values]
    if len(cells) > 1 and column.is_many:
        return SEPARATOR.join(map(str, cells))
    return cells[0] if cells else None


def _shown(profile: Profile, column: Column, value: str, language: str) -> Cell:
    """A value as a person types it; what is no value of the column's form stays as it is."""
    match column.form:
        case "choice":
            return profile.label(value, language)
        case "boolean":
            return words(language, YES_NO[value not in ("true", "1")])
        case "point":
            return _POINT.sub(r"\2, \1", value)
        case "date":
            with suppress(ValueError):
                return int(value) if len(value) == 4 else date.fromisoformat(value[:10])
        case "number" | "whole":
            with suppress(ValueError):
                return int(number) if (number := float(value)).is_integer() else number
    return value
