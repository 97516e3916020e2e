"""A record's statements as a page shows them: groups of fields with values in the reader's language, all by the Profile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from hub.languages import pick
from hub.namespaces import RDF
from hub.profile import Field, Profile

Term = NamedNode | Literal
Index = Mapping[str, Mapping[str, Sequence[Term]]]
HIDDEN = {"title", "summary", "status"}  # shown at the head of a page, not among its fields


@dataclass(frozen=True, slots=True)
class Value:
    """One shown value. `language` tags a text; `href` leads on; `rows` are the fields of a nested thing."""

    text: str
    language: str = ""
    href: str = ""
    concept: str = ""  # IRI
    rows: tuple["Row", ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    name: str
    description: str
    values: tuple[Value, ...]
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    rows: list[Row] = field(default_factory=list)


def index(statements: str) -> Index:
    """Subject → predicate → objects, of N-Triples text."""
    found: dict[str, dict[str, list[Term]]] = {}
    for triple in parse(statements, format=RdfFormat.N_TRIPLES):
        assert isinstance(triple, Triple) or hasattr(triple, "subject")
        if isinstance(triple.object, NamedNode | Literal) and isinstance(triple.subject, NamedNode):
            found.setdefault(triple.subject.value, {}).setdefault(triple.predicate.value, []).append(triple.object)
    return found


class View:
    """What a page asks about one set of statements."""

    def __init__(self, statements: str, profile: Profile, language: str) -> None:
        self.index = index(statements)
        self._profile, self._language = profile, language

    def texts(self, node: str, path: str) -> dict[str, str]:
        """The literals of a property by language tag."""
        objects = self.index.get(node, {}).get(path, ())
        return {term.language or "": term.value for term in objects if isinstance(term, Literal)}

    def role(self, node: str, kind: str, role: str) -> Value:
        """The text that plays a part, in the reader's language where there is one; an empty one where a kind has none."""
        wanted = self._profile.role(kind, role)
        text, tag = pick(self.texts(node, wanted.path), self._language) if wanted else ("", "")
        return Value(text, tag)

    def languages(self, node: str, kind: str) -> list[str]:
        title = self._profile.role(kind, "title")
        return sorted(self.texts(node, title.path)) if title else []

    def groups(self, node: str, kind: str) -> list[Group]:
        groups: dict[str, Group] = {}
        for wanted in self._profile.fields(kind):
            if wanted.role in HIDDEN or len(wanted.index_path) > 1:
                continue
            row = self._row(node, wanted)
            if row.values:
                labels = self._profile.groups.get(wanted.group or "", {})
                groups.setdefault(wanted.group or "", Group(pick(labels, self._language)[0])).rows.append(row)
        return list(groups.values())

    def _row(self, node: str, wanted: Field, depth: int = 0) -> Row:
        objects = self.index.get(node, {}).get(wanted.path, ())
        if wanted.datatype == RDF.langString.value and "uniqueLang" in wanted.limits:
            values = self._chosen(objects)
        else:
            values = tuple(self._value(term, wanted, depth) for term in sorted(objects, key=str))
        name, description = pick(wanted.name, self._language)[0], pick(wanted.description, self._language)[0]
        return Row(wanted.key, name, description, values, wanted.role)

    def _chosen(self, objects: Sequence[Term]) -> tuple[Value, ...]:
        """The reader's language first, then the others."""
        texts = {term.language or "": term.value for term in objects if isinstance(term, Literal)}
        chosen = pick(texts, self._language)[1]
        return tuple(Value(texts[tag], tag) for tag in sorted(texts, key=lambda tag: (tag != chosen, tag)))

    def _value(self, term: Term, wanted: Field, depth: int) -> Value:
        if isinstance(term, Literal):
            return Value(self._literal(term), term.language or "")
        if term.value in self._profile.concepts:
            return Value(self._profile.label(term.value, self._language), concept=term.value)
        return self._thing(term.value, wanted, depth)

    def _literal(self, term: Literal) -> str:
        kind = term.datatype.value.rpartition("#")[2]
        try:
            if kind in ("date", "dateTime"):
                return format_date(date.fromisoformat(term.value[:10]), "long", locale=self._language)
            if kind in ("decimal", "integer", "double"):
                return format_decimal(term.value, locale=self._language)
        except ValueError:
            return term.value
        return term.value

    def _thing(self, iri: str, wanted: Field, depth: int) -> Value:
        """What a record embeds, by the fields of its class; a plain link where nothing is said of it."""
        nested = self._profile.nested(wanted.node_class or "") if depth < 2 and iri in self.index else ()
        rows = tuple(row for f in nested if len(f.index_path) == 1 and (row := self._row(iri, f, depth + 1)).values)
        naming = next((row for row in rows if row.key in ("name", "title")), None)
        text = naming.values[0].text if naming else iri
        href = "" if "#" in iri else iri
        return Value(text, naming.values[0].language if naming else "", href, rows=tuple(r for r in rows if r is not naming))
