"""What a source says of one thing, by the fields of its class: crosswalks fill drafts in, `building` writes them.

Which fields there are, and what belongs to what, is the Profile's word alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from hub.errors import Rejected
from hub.namespaces import COPED, DCT, ORG, PROV, SCHEMA
from hub.profile import Field, load

ORGANISATION: Final = ORG.Organization.value
VENUE: Final = COPED.Venue.value
LOCATION: Final = DCT.Location.value
PERIOD: Final = DCT.PeriodOfTime.value
GRANT: Final = SCHEMA.Grant.value
INDICATOR: Final = COPED.Indicator.value
ATTRIBUTION: Final = PROV.Attribution.value
DOCUMENT: Final = SCHEMA.MediaObject.value
SCHEME: Final = SCHEMA.FundingScheme.value
LAB: Final = COPED.UrbanLivingLab.value
SHARED: Final[Mapping[str, str]] = {
    ORGANISATION: "organisation",
    VENUE: "venue",
}  # class -> kind of its IRIs (design §2)
MOST_PARTS: Final = 2000  # a record that embeds more is no record but a catalogue
_DEEPEST: Final = 6
FIRST: Final = "1"

# What portals call the fields of what they embed (ckanext-dcat's scheming, CKAN organisations, schema.org).
_ALSO_CALLED: Final[Mapping[str, Mapping[str, str]]] = {
    ORGANISATION: {"name": "title", "url": "homepage", "uri": "identifier", "id": "identifier"},
    VENUE: {"name": "title", "url": "landingPage", "uri": "identifier", "id": "identifier"},
    LOCATION: {
        "title": "name",
        "text": "name",
        "uri": "nuts",
        "point": "centroid",
        "geom": "centroid",
    },
    PERIOD: {"start_date": "start", "end_date": "end", "startDate": "start", "endDate": "end"},
    GRANT: {"title": "name"},
    INDICATOR: {"title": "name"},
    ATTRIBUTION: {"agent": "organisation"},
    DOCUMENT: {"name": "title", "license": "licence"},
    SCHEME: {"title": "name", "url": "page"},
    LAB: {"title": "name", "url": "page"},
}


class UnknownField(KeyError):
    """A name that no field of the class has."""


@dataclass(frozen=True, slots=True)
class Said:
    """One value as it came; `language` is the tag that the source itself gave, in whatever form."""

    value: Any
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A field by its key, and which of its embedded things is meant: the first where nothing is said."""

    name: str
    number: str | None = None


@cache
def fields_of(kind: str, node_class: str) -> Mapping[str, Field]:
    """The fields by key: of a record's kind, or ("" as kind) of what records embed."""
    profile = load()
    return {f.key: f for f in (profile.fields(kind) if kind else profile.nested(node_class))}


def embedding(fields: Mapping[str, Field], name: str, node_class: str) -> tuple[Field, ...]:
    """The field of that name; for one that lies inside another (`point` in `place`), the outer and the inner.

    Raises UnknownField.
    """
    known = fields.get(name) or fields.get(_ALSO_CALLED.get(node_class, {}).get(name, ""))
    if known is None:
        raise UnknownField(name)
    if known.node_class or len(known.index_path) < 2:
        return (known,)
    outer = next((f for f in fields.values() if f.path == known.path and f.node_class), None)
    inner = (f for f in load().nested(outer.node_class or "") if f.path == known.index_path[1]) if outer else iter(())
    within = next(inner, None)
    if outer is None or within is None:
        raise UnknownField(name)
    return outer, within


@dataclass(slots=True)
class Draft:
    """One thing. `iri` is the source's name for it; `parts` are what it embeds, by field and number.

    `bare` is what was said of it without a field: "Bologna" of a place.
    """

    node_class: str
    fields: Mapping[str, Field]
    iri: str | None = None
    said: dict[str, list[Said]] = field(default_factory=dict)
    bare: list[Said] = field(default_factory=list)
    parts: dict[str, dict[str, "Draft"]] = field(default_factory=dict)
    depth: int = 0
    count: list[int] = field(default_factory=lambda: [0])  # of all drafts of the record, in one cell

    def put(self, steps: Sequence[Step], said: Said) -> None:
        """Takes a value for a field, or for a field of what is embedded. Raises UnknownField, Rejected."""
        step, *rest = steps
        outer, *inner = embedding(self.fields, step.name, self.node_class)
        rest = [*(Step(f.key) for f in inner), *rest]
        if rest and not outer.node_class:
            raise UnknownField(f"{step.name}.{rest[0].name}")
        if rest:
            self.part(outer, step.number or FIRST).put(rest, said)
        elif outer.node_class:
            self.part(outer, step.number or FIRST).bare.append(said)
        else:
            self.say(outer.key, said)

    def say(self, key: str, said: Said) -> None:
        self.said.setdefault(key, []).append(said)

    def part(self, holder: Field, number: str) -> "Draft":
        """The embedded thing of that number, made where it is not there yet. Raises Rejected for too many."""
        parts = self.parts.setdefault(holder.key, {})
        if number not in parts:
            self.count[0] += 1
            if self.count[0] > MOST_PARTS or self.depth > _DEEPEST:
                raise Rejected(f"The record embeds more than {MOST_PARTS} things; it seems to be a whole catalogue")
            node_class = holder.node_class or ""
            parts[number] = Draft(node_class, fields_of("", node_class), depth=self.depth + 1, count=self.count)
        return parts[number]

    def name_field(self) -> Field | None:
        """The text that such a thing must have: its name or title."""
        return next(
            (f for f in self.fields.values() if f.min and f.limits.get("datatype", "").endswith("langString")), None
        )

    @property
    def is_empty(self) -> bool:
        return not self.said and not self.bare and not self.parts


def record_draft(kind: str) -> Draft:
    """The draft of a record of that kind."""
    target = load().kinds[kind].target
    return Draft(target, fields_of(kind, target))
