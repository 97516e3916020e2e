"""The application profile, read once from `schema/`; every other room asks it instead of naming a property."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from hub.languages import FALLBACK
from hub.namespaces import COPED, RDF, RDFS, SH
from hub.profile.context import json_ld_context
from hub.profile.dimensions import Dimension, read_dimensions, read_quality_vocabulary
from hub.profile.fields import Field, Kind, read_embedded, read_fields, read_kinds
from hub.profile.ontology import Term, read_terms
from hub.profile.turtle import Statements
from hub.profile.vocabularies import Concept, Scheme, Vocabularies, folded
from hub.settings import resource

__all__ = ["Concept", "Dimension", "Field", "Kind", "Profile", "Scheme", "Term", "folded", "load"]


class Told(Protocol):
    """What a message is made from: a validation result."""

    @property
    def shape(self) -> str: ...
    @property
    def component(self) -> str: ...
    @property
    def value(self) -> str | None: ...
    @property
    def limit(self) -> str | None: ...
    @property
    def path(self) -> str: ...


class Profile:
    """The shapes, vocabularies and messages of one `schema/` folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shapes = sorted((folder / "shapes").glob("*.ttl"))
        vocabularies = sorted((folder / "vocabularies").glob("*.ttl"))
        data = Statements([*shapes, folder / "messages.ttl"])
        words = Statements(vocabularies)
        self.digest = hashlib.sha256((data.digest + words.digest).encode()).hexdigest()
        self.shapes = "\n".join(file.read_text("utf-8") for file in shapes)
        self.vocabularies_text = words.ntriples()
        self.ontology = (folder / "ontology.ttl").read_text("utf-8")
        self.terms: Mapping[str, Term] = read_terms(Statements([folder / "ontology.ttl"]))
        self.kinds: Mapping[str, Kind] = read_kinds(data)
        self._embedded = read_embedded(data)
        self._fields = read_fields(data)
        self._vocabularies = Vocabularies(words)
        self.concepts = self._vocabularies.concepts
        self.schemes = self._vocabularies.schemes
        self.concept = self._vocabularies.concept
        self.ancestors = self._vocabularies.ancestors
        self.groups: Mapping[str, Mapping[str, str]] = {
            node.value: data.texts(node, RDFS.label) for node in data.subjects(RDF.type, SH.PropertyGroup)
        }
        self.dimensions: Mapping[str, Dimension] = read_dimensions(data)
        self.quality_vocabulary = read_quality_vocabulary(data)
        self.messages = _messages(data)
        self._by_hand = _messages_by_hand(data)
        self._named_by_path = _names(data)
        self._by_role = {(kind, f.role): f for kind in self.kinds for f in reversed(self.fields(kind)) if f.role}
        self.by_shape: Mapping[str, Field] = {f.shape: f for fields in self._fields.values() for f in fields}

    def fields(self, kind: str) -> tuple[Field, ...]:
        """The fields of a kind, by group and order; KeyError for an unknown kind."""
        return self._fields[kind, self.kinds[kind].target]

    def field(self, kind: str, key: str) -> Field:
        return next(field for field in self.fields(kind) if field.key == key)

    def role(self, kind: str, role: str) -> Field | None:
        """The field that plays a part on pages and in the API, such as title or country; None where a kind has none."""
        return self._by_role.get((kind, role))

    def nested(self, class_iri: str) -> tuple[Field, ...]:
        """The fields of what a record embeds, by its class; a class that is also a kind has that kind's fields."""
        return next((fields for (_, target), fields in self._fields.items() if target == class_iri), ())

    @property
    def embedded(self) -> tuple[Kind, ...]:
        """The classes of what records only embed: those that are no kind."""
        targets = {kind.target for kind in self.kinds.values()}
        return tuple(part for target, part in self._embedded.items() if target not in targets)

    @property
    def facets(self) -> tuple[Field, ...]:
        """The facets of all kinds, one a key."""
        found = {f.key: f for kind in self.kinds for f in reversed(self.fields(kind)) if f.facet}
        return tuple(sorted(found.values(), key=lambda field: field.order))

    @property
    def context(self) -> dict[str, Any]:
        """The value of the JSON-LD `@context`."""
        every = [field for fields in self._fields.values() for field in fields]
        return json_ld_context(every, [*self.kinds.values(), *self.embedded])

    def label(self, iri: str, language: str) -> str:
        """A concept's label in a language, else in English; the IRI itself where it is no concept of ours."""
        concept = self.concepts.get(iri)
        return (concept.labels.get(language) or concept.labels[FALLBACK]) if concept else iri

    def message(self, told: Told, language: str) -> str:
        """What a validation result says to a person: its shape's own words or its constraint's template, filled in."""
        templates = self._by_hand.get(told.shape) or self.messages.get(told.component) or self.messages["UnmappedValue"]
        template = templates.get(language) or templates[FALLBACK]
        name = self.field_name(told, language)
        return template.format(field=name, value=told.value or "–", limit=told.limit or "–")

    def field_name(self, told: Told, language: str) -> str:
        """What the field is called that a validation result is about."""
        field = self.by_shape.get(told.shape.removesuffix("-recommended"))  # a wish is told by its field's name
        names = field.name if field else self._named_by_path.get(told.path, {})
        return names.get(language) or names.get(FALLBACK) or told.path.rsplit("/", 1)[-1].rsplit("#", 1)[-1]


def _messages(data: Statements) -> dict[str, Mapping[str, str]]:
    """The templates by the local name of their constraint component."""
    found: dict[str, Mapping[str, str]] = {}
    for node in data.subjects(RDF.type, COPED.MessageTemplate):
        component = data.one(node, COPED.component) or ""
        found[component.rsplit("#", 1)[-1]] = data.texts(node, RDF.value)
    return found


def _messages_by_hand(data: Statements) -> dict[str, Mapping[str, str]]:
    """What shapes say themselves (`sh:message`), where a template cannot."""
    shapes = data.subjects(RDF.type, SH.PropertyShape)
    return {shape.value: told for shape in shapes if (told := data.texts(shape, SH.message))}


def _names(data: Statements) -> dict[str, Mapping[str, str]]:
    """The first name of each property, for results of shapes that are no field (recommendations); also by key."""
    shapes = sorted(data.subjects(RDF.type, SH.PropertyShape), key=lambda node: node.value)
    named = [(data.texts(shape, SH.name), shape) for shape in shapes if data.texts(shape, SH.name)]
    found: dict[str, Mapping[str, str]] = {}
    for predicate in (SH.path, SH.codeIdentifier):
        for texts, shape in named:
            found.setdefault(data.one(shape, predicate) or "", texts)
    return found


@cache
def load() -> Profile:
    """The profile that comes with the hub."""
    return Profile(resource("schema"))
