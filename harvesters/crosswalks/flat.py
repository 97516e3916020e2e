"""Values under flat keys, as in a spreadsheet or in a portal's extras: `field[-number][.field[-number]][@language]`.

`title@en`, `theme`, `indicator-2.value`, `lead.name@fr`, `place.point`, `funding.funder.name`. Which fields there are
is the Profile's word; `name` also stands for the title of an organisation or venue, `point` for a place's coordinates.
"""

import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from harvesters.crosswalks.building import GraphBuilder
from harvesters.crosswalks.drafts import SHARED, Draft, Said, Step, UnknownField, embedding, fields_of
from harvesters.crosswalks.reading import shown, split
from harvesters.crosswalks.words import language_tag
from hub.errors import Rejected
from hub.model import Mapped, RawRecord
from hub.namespaces import GEO
from hub.profile import Field, load

_KEY: Final = re.compile(r"(?P<path>[^@\s]+)(?:@(?P<language>[A-Za-z][A-Za-z0-9_-]*))?")
_STEP: Final = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9_]*)(?:-(?P<number>[1-9]\d{0,3}))?")
# Fields that one text may fill for several organisations at once, by semicolons: "A; B" and "id-a; id-b".
_LISTED: Final = frozenset(("title", "identifier", "homepage"))
_WORTH: Final = ("uri", "@id", "id", "url", "value", "@value", "name", "label")  # where an object has its one value
_MOST_NESTED: Final = 8


@dataclass(frozen=True, slots=True)
class Key:
    steps: tuple[Step, ...]
    language: str | None = None

    def below(self, name: str) -> "Key":
        return replace(self, steps=(*self.steps, Step(name)))

    def numbered(self, at: int, number: int) -> "Key":
        """The key of one among several: `partner` becomes partner-2, `partner-2` partner-2-1."""
        step = self.steps[at]
        new = Step(step.name, f"{step.number}-{number}" if step.number else str(number))
        return replace(self, steps=(*self.steps[:at], new, *self.steps[at + 1 :]))


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a key leads: its field; the class and the step of the embedded thing that this is, or lies in."""

    field: Field
    node_class: str
    at: int | None


@lru_cache(4096)
def read_key(text: str) -> Key | None:
    """None where the text is no flat key, or its language no tag."""
    found = _KEY.fullmatch(text)
    steps = [_STEP.fullmatch(step) for step in found["path"].split(".")] if found else []
    if not found or not all(steps) or (found["language"] and not language_tag(found["language"])):
        return None
    return Key(tuple(Step(step["name"], step["number"]) for step in steps if step), found["language"])


def is_known(kind: str, text: str) -> bool:
    """Whether records of that kind can take a value under that key."""
    key, target = read_key(text), load().kinds[kind].target
    try:
        return key is not None and bool(_target(fields_of(kind, target), target, key.steps))
    except UnknownField:
        return False


def _target(fields: Mapping[str, Field], node_class: str, steps: tuple[Step, ...]) -> _Target:
    """Raises UnknownField."""
    at = None
    for index, step in enumerate(steps):
        known, *inner = embedding(fields, step.name, node_class)
        is_last = index == len(steps) - 1
        if inner and is_last:
            return _Target(inner[0], known.node_class or "", index)
        if not known.node_class:
            if not is_last:
                raise UnknownField(step.name)
            return _Target(known, node_class, at)
        node_class, at = known.node_class, index
        fields = fields_of("", node_class)
        last = known
    return _Target(last, node_class, at)


def mapped(builder: GraphBuilder, pairs: Iterable[tuple[str, Any]], origin: str | None = None) -> Mapped:
    """The graph of the values under their keys; a value whose key the kind does not have becomes a note.

    A value may be a list, a language map, an object with fields, or any of these as JSON text. Raises Rejected.
    """
    try:
        for text, value in pairs:
            _take(builder, text, unfolded(value))
        return builder.mapped(origin)
    except RecursionError as error:
        raise Rejected("The record is nested too deeply to be read") from error


def _take(builder: GraphBuilder, text: str, value: Any) -> None:
    key = read_key(text)
    if value is None or value in ("", [], {}):
        return
    try:
        if key is None:
            raise UnknownField(text)
        _fill(builder.draft, key, value)
    except UnknownField:
        builder.note(text, shown(value))


def unfolded(value: Any) -> Any:
    """Lists and objects that a portal sends as JSON text, even with its quotes as entities (DKAN)."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return value
    for text in (value, html.unescape(value)):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            continue
    return value


def _fill(draft: Draft, key: Key, value: Any, depth: int = 0) -> None:
    """Puts a value of any form. Raises UnknownField, Rejected."""
    target = _target(draft.fields, draft.node_class, key.steps)
    if depth > _MOST_NESTED:
        raise UnknownField(key.steps[-1].name)
    if isinstance(value, Mapping) and value.get("type") not in ("Point", "Feature"):
        _fill_object(draft, key, target, value, depth + 1)
    elif isinstance(value, list):
        for number, entry in enumerate(value, 1):
            is_one_of_many = target.at is not None and len(value) > 1
            _fill(draft, key.numbered(target.at or 0, number) if is_one_of_many else key, entry, depth + 1)
    elif isinstance(value, str) and target.at is not None and ";" in value and _is_listed(key, target):
        _fill(draft, key, split(value), depth + 1)
    elif value is not None and value != "":
        draft.put(key.steps, Said(value, key.language))


def _is_listed(key: Key, target: _Target) -> bool:
    is_numbered = target.at is not None and key.steps[target.at].number
    return (
        target.node_class in SHARED
        and not is_numbered
        and (bool(target.field.node_class) or target.field.key in _LISTED)
    )


def _fill_object(draft: Draft, key: Key, target: _Target, value: Mapping[str, Any], depth: int) -> None:
    """An object: the fields of something embedded, a text by languages, or an IRI with its label."""
    if target.field.node_class:
        known = [name for name in value if _has(target.field.node_class, name)]
        for name in known:
            _fill(draft, key.below(name), unfolded(value[name]), depth)
        if known:
            return
    is_text = bool(target.field.node_class) or (target.field.datatype or "").endswith("langString")
    if is_text and _is_by_language(value):
        for tag, text in value.items():
            _fill(draft, replace(key, language=tag), text, depth)
        return
    if target.field.datatype == GEO.wktLiteral.value:
        draft.put(key.steps, Said(json.dumps(value), key.language))  # GeoJSON of another form, to be told
        return
    worth = next((value[name] for name in _WORTH if isinstance(value.get(name), str)), None)
    draft.put(key.steps, Said(worth if worth is not None else json.dumps(value), key.language))


def _is_by_language(value: Mapping[str, Any]) -> bool:
    """Whether keys are languages, even if "default" is among them; `id` and `uri` are also codes of languages."""
    tags = [name for name in value if language_tag(name)]
    return len(tags) == len(value) or any(tag not in _WORTH for tag in tags)


def _has(node_class: str, name: str) -> bool:
    try:
        embedding(fields_of("", node_class), name, node_class)
    except UnknownField:
        return False
    return True


def read_object(raw: RawRecord) -> dict[str, Any]:
    """The payload as a JSON object. Raises Rejected."""
    try:
        read = json.loads(raw.payload)
    except (ValueError, RecursionError) as error:
        raise Rejected(f"The record is not valid JSON: {str(error)[:200]}") from error
    if not isinstance(read, dict):
        raise Rejected(f"The record is no JSON object with fields, but {shown(read)[:80]!r}")
    return read
