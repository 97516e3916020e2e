"""The reference documentation as plain data: classes with their fields, lists of values, terms; in one language.

Pages and files are made from it. An anchor is what stands behind the namespace: `…/ns#challenge` → `#challenge`,
`…/shape/practice-title` → `#practice-title`, `…/concept/theme/retrofit` → `#concept/theme/retrofit`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from hub.languages import N_, catalogue, pick
from hub.namespaces import COPED, RDF, XSD
from hub.profile import Concept, Field, Kind, Profile, Scheme, Term
from hub.profile.context import compact, local_name

DATATYPES: Final[Mapping[str, str]] = {
    RDF.langString.value: N_("text in one or more languages"),
    XSD.string.value: N_("text or code without a language"),
    XSD.date.value: N_("day"),
    XSD.dateTime.value: N_("day and time"),
    XSD.gYear.value: N_("year"),
    XSD.integer.value: N_("whole number"),
    XSD.decimal.value: N_("number"),
    XSD.boolean.value: N_("yes or no"),
}
RULES: Final[Mapping[str, str]] = {
    "minLength": N_("at least {limit} characters"),
    "maxLength": N_("at most {limit} characters"),
    "minInclusive": N_("at least {limit}"),
    "maxInclusive": N_("at most {limit}"),
    "uniqueLang": N_("one text in each language"),
    "pattern": N_("pattern: {limit}"),
}
SAID_ELSEWHERE: Final = {("minLength", "1")}  # an empty text is no value
SEVERITIES: Final = {"Warning": N_("if not met: a warning"), "Info": N_("if not met: a remark")}


@dataclass(frozen=True, slots=True)
class Link:
    """Words, and where they lead: an anchor, an address or nowhere."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A field. `count` is written as in UML: 0..1, 1..n; `target` is the class that it leads to, if that is ours."""

    anchor: str
    name: str
    key: str
    meaning: str
    path: Link
    values: tuple[Link, ...]
    count: str
    level: str
    is_required: bool
    rules: tuple[str, ...]
    coming: str
    target: str


@dataclass(frozen=True, slots=True)
class Section:
    """A class and its fields by group; `kind` is empty for what records only embed."""

    anchor: str
    name: str
    kind: str
    iri: Link
    meaning: str
    groups: tuple[tuple[str, tuple[Entry, ...]], ...]

    @property
    def entries(self) -> Iterator[Entry]:
        return (entry for _, entries in self.groups for entry in entries)


@dataclass(frozen=True, slots=True)
class Word:
    """A concept, or a term of the ontology; `depth` counts the broader concepts above it; `note` is (text, tag)."""

    anchor: str
    name: str
    code: str
    iri: str
    meaning: str
    depth: int = 0
    links: tuple[Link, ...] = ()
    note: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Listing:
    """A concept scheme; `file` is its name at /schema/{file}.ttl."""

    anchor: str
    name: str
    iri: str
    file: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    language: str
    sections: tuple[Section, ...]
    listings: tuple[Listing, ...]
    terms: tuple[Word, ...]


def reference(profile: Profile, language: str) -> Reference:
    return _Writer(profile, language).whole()


def scheme_file(iri: str) -> str:
    """The name of a scheme's file."""
    return iri.rstrip("/").rpartition("/")[2]


class _Writer:
    def __init__(self, profile: Profile, language: str) -> None:
        self._profile, self._language, self._say = profile, language, catalogue(language).gettext
        self._parts = {part.target: part for part in (*profile.kinds.values(), *profile.embedded)}

    def whole(self) -> Reference:
        terms = (term for term in self._profile.terms.values() if term.iri not in self._parts)
        return Reference(
            self._language,
            tuple(self._section(part) for part in self._parts.values()),
            tuple(self._listing(scheme) for scheme in sorted(self._profile.schemes.values(), key=lambda s: s.iri)),
            tuple(self._term(term) for term in terms),
        )

    def _text(self, texts: Mapping[str, str]) -> str:
        return pick(texts, self._language)[0]

    def _section(self, part: Kind) -> Section:
        fields = [field for field in self._profile.nested(part.target) if not field.is_inner]
        groups = groupby(fields, key=lambda field: field.group)
        term = self._profile.terms.get(part.target)
        return Section(
            anchor=local_name(part.target),
            name=self._text(part.names),
            kind=part.key,
            iri=Link(compact(part.target), part.target),
            meaning=self._text(term.definition) if term else "",
            groups=tuple((self._group(group), tuple(self._entry(f) for f in found)) for group, found in groups),
        )

    def _group(self, iri: str | None) -> str:
        return self._text(self._profile.groups.get(iri or "", {}))

    def _entry(self, field: Field) -> Entry:
        is_required = field.min > 0 and field.severity == "Violation"
        is_wished = field.recommended or field.min > 0
        level = N_("required") if is_required else N_("recommended") if is_wished else N_("optional")
        return Entry(
            anchor=local_name(field.shape),
            name=self._text(field.name),
            key=field.key,
            meaning=self._text(field.description),
            path=Link(compact(field.path), self._where(field.path)),
            values=tuple(self._values(field)),
            count=f"{field.min}..{field.max or 'n'}",
            level=self._say(level),
            is_required=is_required,
            rules=tuple(self._rules(field)),
            coming=self._text(field.coming),
            target=local_name(field.node_class) if field.node_class in self._parts else "",
        )

    def _where(self, iri: str) -> str:
        """A term of ours is told on the page, another where it is defined."""
        return f"#{local_name(iri)}" if iri.startswith(str(COPED)) else iri

    def _values(self, field: Field) -> Iterator[Link]:
        if field.scheme and field.scheme in self._profile.schemes:
            yield Link(self._text(self._profile.schemes[field.scheme].title), f"#{_concept_anchor(field.scheme)}")
        elif field.node_class:
            part = self._parts.get(field.node_class)
            name = self._text(part.names) if part else compact(field.node_class)
            yield Link(name, f"#{local_name(field.node_class)}" if part else field.node_class)
        elif field.datatypes:
            for datatype in field.datatypes:
                yield Link(self._say(DATATYPES[datatype]) if datatype in DATATYPES else compact(datatype))
        else:
            yield Link(self._say(N_("web address (IRI)")))
        yield from (Link(self._profile.label(value, self._language)) for value in field.allowed)

    def _rules(self, field: Field) -> Iterator[str]:
        for name, words in RULES.items():
            if name in field.limits and (name, field.limits[name]) not in SAID_ELSEWHERE:
                yield self._say(words).format(limit=field.limits[name])
        if field.severity in SEVERITIES:
            yield self._say(SEVERITIES[field.severity])

    def _listing(self, scheme: Scheme) -> Listing:
        concepts = sorted(
            (self._profile.concepts[iri] for iri in scheme.concepts), key=lambda c: self._text(c.labels).casefold()
        )
        known = {concept.iri for concept in concepts}
        words: dict[str, Word] = {}
        for concept in concepts:
            if not known.intersection(concept.broader):
                self._tell(concept, concepts, 0, words)
        title = self._text(scheme.title)
        return Listing(_concept_anchor(scheme.iri), title, scheme.iri, scheme_file(scheme.iri), tuple(words.values()))

    def _tell(self, concept: Concept, concepts: Sequence[Concept], depth: int, words: dict[str, Word]) -> None:
        """The concept, followed by its narrower ones; each once, below the first of its broader ones."""
        if concept.iri in words:
            return
        name, meaning = self._text(concept.labels), self._text(concept.definition)
        words[concept.iri] = Word(_concept_anchor(concept.iri), name, concept.notation, concept.iri, meaning, depth)
        for narrower in concepts:
            if concept.iri in narrower.broader:
                self._tell(narrower, concepts, depth + 1, words)

    def _term(self, term: Term) -> Word:
        name = local_name(term.iri)
        fields = [
            Link(f"{self._text(part.names)}: {self._text(field.name)}", f"#{local_name(field.shape)}")
            for part in self._parts.values()
            for field in self._profile.nested(part.target)
            if field.path == term.iri and not field.is_inner
        ]
        others = [Link(compact(iri), iri) for iri in term.matches]
        meaning = self._text(term.definition)
        note = pick(term.notes, self._language)
        return Word(name, self._text(term.labels), compact(term.iri), term.iri, meaning, 0, (*fields, *others), note)


def _concept_anchor(iri: str) -> str:
    """The path behind `concept/`, or for a scheme of others its last segments."""
    _, ours, path = iri.partition("/concept/")
    return f"concept/{path if ours else iri.partition('/authority/')[2] or local_name(iri)}"
