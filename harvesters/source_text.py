"""A source as the text of its file, in TOML (https://toml.io/en/v1.0.0)."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Final

from hub.model import Source

_ORDER: Final = ("key", "country", "language", "protocol", "format", "url")
_LATER: Final = tuple(field.name for field in fields(Source) if field.name not in _ORDER)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_DEFAULTS: Final = {field.name: field.default for field in fields(Source)}


def source_text(source: Source, remarks: Mapping[str, str]) -> str:
    """The file's text, without what is as it is anyway; `remarks` are put above keys as comments."""
    lines: list[str] = []
    for key in (*_ORDER, *_LATER):
        value = getattr(source, key)
        if not isinstance(value, Mapping) and value != _DEFAULTS[key]:
            lines += [*_remark(key, remarks), f"{key} = {_value(value)}"]
    for key in _LATER:
        table = getattr(source, key)
        if isinstance(table, Mapping) and table:
            lines += ["", *_remark(key, remarks), *_table((key,), table)]
    return "\n".join(lines) + "\n"


def _remark(key: str, remarks: Mapping[str, str]) -> Iterator[str]:
    if key in remarks:
        yield f"# {' '.join(remarks[key].split())}"


def _table(path: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[str]:
    """A table's own keys, then the tables in it."""
    inner = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    if len(inner) < len(table) or not inner:
        yield f"[{'.'.join(map(_key, path))}]"
    yield from (f"{_key(key)} = {_value(value)}" for key, value in table.items() if key not in inner)
    for key, value in inner.items():
        yield from _table((*path, key), value)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    """A basic string has JSON's escapes; U+007F must be escaped besides, and halves of surrogate pairs cannot be."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return text.encode("utf-8", "replace").decode()
