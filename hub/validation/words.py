"""What a report says to a person: fields, things and values by their names in a language, without an IRI."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode, Triple

from hub.languages import pick
from hub.model import Graph, Result
from hub.namespaces import RDF
from hub.profile import Field, Profile
from hub.validation.results import LONGEST, Finding, read_term, shown

MOST_VALUES: Final = 5  # of a field that are told
_ABOUT_ANOTHER: Final = ("Equals", "Disjoint", "LessThan", "LessThanOrEquals")  # their limit is another field's key
_TITLES: Final = ("title", "name")  # the fields, by key, that name what a record embeds


class Words:
    """The words of one record's report, in one language; `graph` are the record's statements."""

    def __init__(self, profile: Profile, graph: Graph, record: str, language: str) -> None:
        self._profile, self._record, self._language = profile, record, language
        self._about: dict[str, list[Triple]] = {}
        for triple in sorted(graph, key=str):
            if isinstance(triple.subject, NamedNode):
                self._about.setdefault(triple.subject.value, []).append(triple)
        parts = (*profile.kinds.values(), *profile.embedded)
        self._classes = {part.target: part.names for part in parts}
        every = [field for part in parts for field in profile.nested(part.target)]
        self._titles = {field.path for field in every if field.role == "title" or field.key in _TITLES}

        self._numbers: dict[str, int] = {}
        counts: Counter[str | None] = Counter()
        for iri in self._about:
            if not self._title(iri):
                counts[self._class(iri)] += 1
                self._numbers[iri] = counts[self._class(iri)]

    def name(self) -> str:
        """The record by its kind and title, or its kind and a number."""
        return self._thing(self._record)

    def title(self) -> str:
        """The record's title; empty without any."""
        return self._title(self._record)

    def subject(self, result: Result) -> str:
        """Whose field it is and which: “Place: Utrecht › NUTS region”."""
        name = self._profile.field_name(result, self._language)
        inner = result.focus != self._record and result.focus in self._about
        return f"{self._thing(result.focus)} › {name}" if inner else name

    def part(self, result: Result) -> str:
        """What kind of thing inside the record has the field: “Place”; empty where it is the record itself."""
        kind = self._class(result.focus) if result.focus != self._record else None
        return self._name(self._classes[kind]) if kind else ""

    def help(self, result: Result) -> str:
        """What belongs into the field; empty where the profile does not say."""
        field = self._field(result)
        return self._name(field.description) if field else ""

    def found(self, result: Result) -> str:
        """The value that was found; of a rule about several values, those of the field. Empty without any."""
        if result.value is not None:
            return self._told(result)
        values = [t.object for t in self._about.get(result.focus, ()) if t.predicate.value == result.path]
        words = [self._word(value) for value in values if isinstance(value, NamedNode | Literal)]
        return "; ".join(words[:MOST_VALUES]) + (" …" if len(words) > MOST_VALUES else "")

    def message(self, result: Result) -> str:
        """The template of its constraint, with names in place of IRIs and of the profile's own keys."""
        value = None if result.value is None else self._told(result)
        return plain(self._profile.message(replace(result, value=value, limit=self._limit(result)), self._language))

    def _told(self, result: Result) -> str:
        term = read_term(result.term) if isinstance(result, Finding) and result.term else None
        if not isinstance(term, NamedNode | Literal):
            return plain(result.value or "")
        return self._word(term, whole=result.component == "NotConstraintComponent")

    def _limit(self, result: Result) -> str | None:
        field = self._field(result)
        if field and field.node_class in self._classes and result.component == "ClassConstraintComponent":
            return self._name(self._classes[field.node_class])
        if field and result.component.removesuffix("ConstraintComponent") in _ABOUT_ANOTHER:
            fields = self._profile.fields(field.kind) if field.kind else self._fields(result.focus)
            return next((self._name(other.name) for other in fields if other.key == result.limit), result.limit)
        return result.limit

    def _name(self, texts: Mapping[str, str]) -> str:
        return pick(texts, self._language)[0]

    def _field(self, result: Result) -> Field | None:
        return self._profile.by_shape.get(result.shape.removesuffix("-recommended"))

    def _word(self, term: NamedNode | Literal, whole: bool = False) -> str:
        """A value; of a thing its name, and what it holds where that is asked for or it has no title."""
        if isinstance(term, Literal):
            return plain(shown(term.value))
        if term.value in self._profile.concepts:
            return self._profile.label(term.value, self._language)
        if term.value in self._about:
            told = whole or not self._title(term.value)
            return self._thing(term.value) + (self._contents(term.value) if told else "")
        return last_part(term.value)

    def _thing(self, iri: str) -> str:
        """A node of the record by its class and title, or its class and a number."""
        title, kind = self._title(iri), self._class(iri)
        if title and kind:
            return f"{self._name(self._classes[kind])}: {title}"
        return title or self._numbered(iri)

    def _title(self, iri: str) -> str:
        said = [t.object for t in self._about.get(iri, ()) if t.predicate.value in self._titles]
        texts = {text.language or "": text.value for text in said if isinstance(text, Literal)}
        return plain(shown(pick(texts, self._language)[0]))

    def _numbered(self, iri: str) -> str:
        kind = self._class(iri)
        if not kind:
            types = [t.object for t in self._about.get(iri, ()) if t.predicate == RDF.type]
            return next((last_part(type_.value) for type_ in types if isinstance(type_, NamedNode)), last_part(iri))
        return f"{self._name(self._classes[kind])} {self._numbers[iri]}"

    def _contents(self, iri: str) -> str:
        """The texts and numbers beside its title: “ (Start: 2024-06-01, End: 2023-05-31)”."""
        names = {f.path: self._name(f.name) for f in self._fields(iri) if f.path not in self._titles}
        told = [
            f"{names[t.predicate.value]}: {plain(shown(t.object.value))}"
            for t in self._about[iri]
            if isinstance(t.object, Literal) and t.predicate.value in names
        ]
        return f" ({', '.join(told)})"[: LONGEST + 3] if told else ""

    def _fields(self, iri: str) -> tuple[Field, ...]:
        kind = self._class(iri)
        return self._profile.nested(kind) if kind else ()

    def _class(self, iri: str) -> str | None:
        types = {str(t.object)[1:-1] for t in self._about.get(iri, ()) if t.predicate == RDF.type}
        return next((name for name in self._classes if name in types), None)


def plain(text: str) -> str:
    """A text on one line, without what would steer a terminal or end an XML document."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def last_part(iri: str) -> str:
    """What an IRI calls its thing, where nothing else does: “utrecht” of https://example.org/regions/utrecht.

    A number alone says too little: “by/4.0” of a licence.
    """
    parts = [part for part in re.split(r"[/#:]", iri) if part]
    words = next((n for n, part in enumerate(reversed(parts), 1) if re.search(r"[^\W\d]", part)), len(parts))
    return plain(unquote("/".join(parts[-words:])))
