"""Dublin Core in XML: `oai_dc`, and qualified forms (PICO, qdc) in any wrapper whose elements are dc: or dcterms:.

https://www.dublincore.org/specifications/dublin-core/dcmi-terms/. What an element says by `xsi:type` goes before what
it looks like. Elements of other vocabularies are told, not read.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import NamedNode

from harvesters.crosswalks.building import GraphBuilder
from harvesters.crosswalks.dc_values import (
    box,
    is_before_christ,
    is_organisation,
    is_person,
    is_time,
    parts_of,
    point,
    span,
)
from harvesters.crosswalks.drafts import Draft, Said
from harvesters.crosswalks.licences import is_uncertain, licence
from harvesters.crosswalks.reading import is_address, shown
from harvesters.crosswalks.values import date_literal
from harvesters.crosswalks.words import clean, language_tag
from harvesters.markup import NotXml, element
from hub.errors import Rejected
from hub.model import Mapped, RawRecord, Source
from hub.namespaces import DCT
from hub.profile import load

_NAMESPACES: Final = ("{http://purl.org/dc/elements/1.1/}", f"{{{DCT}}}")
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
_MOST_VALUES: Final = 2000
# DCMI's own types, and the lists of repositories: they say of what make a thing is, not of what kind.
_MAKES: Final = frozenset(
    re.findall(
        r"\w+",
        "collection dataset event image interactiveresource movingimage physicalobject service software sound "
        "stillimage text",
    )
)
_LISTED: Final = re.compile(r"info:eu-repo/semantics/\S+|(?:application|audio|image|text|video)/[\w.+-]+")
_DOUBLED: Final = re.compile(r"(oai:[^:]+:)\1+(.+)", re.DOTALL)
_TYPES: Final = ("status", "eventType", "venueType")
_OWN_NAMES: Final = frozenset(("name", "units", "zunits", "projection", "elevation"))


@dataclass(frozen=True, slots=True)
class _Value:
    name: str  # of the element, without namespace
    text: str
    language: str | None
    type: str  # of xsi:type, without prefix, in small letters

    @property
    def said(self) -> Said:
        return Said(self.text, self.language)


class DublinCoreCrosswalk:
    """Names of creators are organisations where they say so; all others, which may be persons, are only told."""

    def __call__(self, raw: RawRecord, source: Source, record: NamedNode, base: str) -> Mapped:
        builder = GraphBuilder(raw, source, record, base)
        filling = _Filling(builder, raw.kind, source.language)
        filling.take(_values(raw, builder.note))
        if doubled := _DOUBLED.fullmatch(raw.identifier):
            builder.draft.say("identifier", Said(doubled[1] + doubled[2]))
        return builder.mapped(filling.origin)


def _values(raw: RawRecord, note: Callable[[str, str], None]) -> list[_Value]:
    """The values of Dublin Core in their order; what other elements say is noted. Raises Rejected."""
    if not raw.media_type.endswith("xml"):
        raise Rejected(f"The record is {raw.media_type}, not XML. In the source file, format must be another: dcat")
    try:
        root = element(raw.payload)
    except NotXml as error:
        raise Rejected(f"The record is not well-formed XML: {error}") from error
    found, known = list[_Value](), set[Any]()
    for node in root.iter():
        if node.getparent() in known:
            known.add(node)  # markup within a value
        elif node.tag.startswith(_NAMESPACES):
            known.add(node)
            found.append(_value(node))
        elif not len(node) and (text := clean(node.text or "")):
            note(node.tag.rpartition("}")[2][:60], shown(text))
        if len(found) > _MOST_VALUES:
            raise Rejected(f"The record has more than {_MOST_VALUES} elements; it seems to be a whole catalogue.")
    if not found:
        name, prefix = root.tag.rpartition("}")[2], "options.prefix"
        raise Rejected(f"The record has no element of Dublin Core, but is <{name[:60]}>. Check {prefix} and format.")
    return [value for value in found if value.text]


def _value(node: Any) -> _Value:
    language = next((tag for one in (node, *node.iterancestors()) if (tag := one.get(_XML_LANG))), None)
    kind = node.get(_XSI_TYPE, "").rpartition(":")[2].strip().lower()
    return _Value(node.tag.rpartition("}")[2], _flowing("".join(node.itertext())), language, kind)


def _flowing(text: str) -> str:
    """Without the line breaks and indents of the document's layout; empty lines part paragraphs."""
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", clean(text)))
    return "\n\n".join(part for part in paragraphs if part)


class _Filling:
    """Fills the draft by a rule for each element; the same value is taken once. `origin` is the record's address."""

    def __init__(self, builder: GraphBuilder, kind: str, language: str) -> None:
        self._draft, self._note, self._kind, self._language = builder.draft, builder.note, kind, language
        self.origin: str | None = None
        self._rules: Mapping[str, Callable[[list[_Value]], None]] = {
            "title": self._titles,
            "description": self._descriptions,
            "subject": self._subjects,
            "creator": self._agents("lead"),
            "contributor": self._agents("partner"),
            "publisher": self._agents("publisher"),
            **{name: self._moments(name) for name in ("issued", "modified")},
            "date": self._dates,
            "type": self._types,
            "format": self._types,
            "identifier": self._identifiers,
            "language": self._languages,
            "coverage": self._coverage,
            "rights": self._rights,
        }

    def take(self, values: list[_Value]) -> None:
        by_rule: dict[str, list[_Value]] = {}
        for value in dict.fromkeys(values):
            by_rule.setdefault(_RULE.get(value.name, value.name), []).append(value)
        for name, rule in self._rules.items():
            rule(by_rule.pop(name, []))
        for those in by_rule.values():
            self._tell(those)

    def _tell(self, values: list[_Value]) -> None:
        for value in values:
            self._note(value.name, shown(value.text))

    def _tag(self, value: _Value) -> str:
        return (language_tag(value.language) if value.language else None) or self._language

    def _titles(self, values: list[_Value]) -> None:
        """The first of each language; others are told."""
        first: dict[str, _Value] = {}
        for value in values:
            if first.setdefault(self._tag(value), value) is value:
                self._draft.say("title", value.said)
            else:
                self._tell([value])

    def _descriptions(self, values: list[_Value]) -> None:
        """Several in one language are its paragraphs."""
        by_tag: dict[str, list[_Value]] = {}
        for value in values:
            by_tag.setdefault(self._tag(value), []).append(value)
        for those in by_tag.values():
            texts = dict.fromkeys(value.text for value in those)
            self._draft.say("summary", Said("\n\n".join(texts), those[0].language))

    def _subjects(self, values: list[_Value]) -> None:
        for value in values:
            if "keyword" in self._draft.fields:
                self._draft.say("keyword", value.said)
            elif not self._take_concept(("theme", "eventType"), value):
                self._tell([value])

    def _types(self, values: list[_Value]) -> None:
        for value in values:
            is_make = re.sub(r"\W", "", value.text).lower() in _MAKES or _LISTED.fullmatch(value.text)
            if not is_make and not self._take_concept(_TYPES, value):
                self._tell([value])

    def _take_concept(self, keys: tuple[str, ...], value: _Value) -> bool:
        fields = (self._draft.fields[key] for key in keys if key in self._draft.fields)
        known = next((field for field in fields if load().concept(field.scheme or "", value.text)), None)
        if known:
            self._draft.say(known.key, value.said)
        return known is not None

    def _agents(self, key: str) -> Callable[[list[_Value]], None]:
        """Organisations; of where there may be one, the first. A publisher is one unless written as a person."""

        def take(values: list[_Value]) -> None:
            role = load().role(self._kind, key)
            field = role or self._draft.fields.get(key)
            for number, value in enumerate(values, 1):
                is_ours = not is_person(value.text) if key == "publisher" else is_organisation(value.text)
                is_free = field is not None and (field.max != 1 or not self._draft.parts.get(field.key))
                if field and is_ours and is_free and not is_address(value.text):
                    self._draft.part(field, str(number)).bare.append(value.said)
                else:
                    self._tell([value])

        return take

    def _languages(self, values: list[_Value]) -> None:
        for value in values:
            self._draft.say("language", value.said)

    def _moments(self, key: str) -> Callable[[list[_Value]], None]:
        """One date; several, or what is no date, are told."""

        def take(values: list[_Value]) -> None:
            read = [value for value in values if date_literal(value.text, self._language)]
            is_one = len({value.text for value in read}) == 1 and not self._draft.said.get(key)
            for value in read[:1] if is_one else []:
                self._draft.said[key] = [Said(value.text)]
            self._tell([value for value in values if not (is_one and value in read)])

        return take

    def _dates(self, values: list[_Value]) -> None:
        """A span is the record's period. One date is when it was issued; of an event it may be anything."""
        moments = [value for value in values if date_literal(value.text, self._language)]
        self._spans([value for value in values if value not in moments])
        if any(is_before_christ(value.text) for value in values) or self._kind == "event":
            self._tell(moments)
        elif moments:
            self._moments("issued")(moments)

    def _spans(self, values: list[_Value]) -> None:
        """The first that can be read; where one word says "before Christ", none of them can."""
        field = self._draft.fields.get("period")
        is_doubtful = any(is_before_christ(value.text) for value in values)
        for value in values:
            ends = None if is_doubtful or field is None else span(value.text, self._language)
            if ends is None or field is None or self._draft.parts.get("period"):
                self._tell([value])
                continue
            for key, end in zip(("start", "end"), ends, strict=True):
                if end is not None:
                    self._draft.part(field, "1").say(key, Said(end.value))

    def _identifiers(self, values: list[_Value]) -> None:
        """The first address is where the record is found, and its origin."""
        landing = load().role(self._kind, "landing")
        for value in values:
            if is_address(value.text) and self.origin is None:
                self.origin = value.text
                if landing:
                    self._draft.say(landing.key, Said(value.text))
            else:
                self._draft.say("identifier", Said(value.text))

    def _rights(self, values: list[_Value]) -> None:
        """The one that names a licence for certain, else an address, else the first; all others are told."""
        stated = [value for value in values if not _LISTED.fullmatch(value.text)]
        known = (value for value in stated if licence(value.text))
        linked = (value for value in stated if is_address(value.text) and not is_uncertain(value.text))
        first = next(known, None) or next(linked, None) or next(iter(stated), None)
        if first:
            self._draft.say("licence", Said(first.text))
        same = licence(first.text) if first else None
        self._tell([value for value in values if value is not first and not (same and licence(value.text) == same)])

    def _coverage(self, values: list[_Value]) -> None:
        """A time or a place, by the element's name and type, and then by what it looks like."""
        times = [value for value in values if self._is_time(value)]
        self._spans(times)
        for number, value in enumerate((value for value in values if value not in times), 1):
            self._place(str(number), value)

    def _is_time(self, value: _Value) -> bool:
        if value.name == "spatial" or value.type in ("point", "box"):
            return False
        if value.name == "temporal" or value.type in ("period", "w3cdtf"):
            return True
        return is_time(value.text) or span(value.text, self._language) is not None

    def _place(self, number: str, value: _Value) -> None:
        field, parts = self._draft.fields.get("place"), parts_of(value.text)
        if field is None:
            self._tell([value])
        elif parts:
            self._place_of(self._draft.part(field, number), value, parts)
        else:
            self._draft.part(field, number).bare.append(value.said)

    def _place_of(self, part: Draft, value: _Value, parts: Mapping[str, str]) -> None:
        """A place in DCMI's parts; of tables of another's (`name=CHIETI; code=069022`) the name, and the whole told."""
        named, shape = parts.get("name", ""), point(parts) or box(parts)
        if named:
            part.say("name", Said(named, value.language))
        if shape:
            part.say("centroid" if shape.startswith("POINT") else "geometry", Said(shape))
        if not shape and (set(parts) - _OWN_NAMES or not named):
            self._tell([value])


# Elements that are read as another.
_RULE: Final[Mapping[str, str]] = {
    "abstract": "description",
    "available": "issued",
    "license": "rights",
    "spatial": "coverage",
    "temporal": "coverage",
}
