"""A record's statements as a page shows them: groups of fields, in the reader's language, all by the Profile."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import urlsplit

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from hub.languages import language_name, locale_of, pick
from hub.namespaces import EU_LANGUAGE, RDF
from hub.profile import Field, Profile
from hub.search.documents import point

Term = NamedNode | Literal
Index = Mapping[str, Mapping[str, Sequence[Term]]]
HIDDEN: Final = {"title", "summary", "status"}  # shown at the head of a page, not among its fields
NAMING: Final = ("name", "title")  # the keys of a nested thing's own name
MAP: Final = "https://www.openstreetmap.org/?mlat={0}&mlon={1}#map=15/{0}/{1}"


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
    """A field with its values. `is_prose`: long text; `is_folded`: a text in several languages, the reader's first."""

    key: str
    name: str
    description: str
    values: tuple[Value, ...]
    is_prose: bool = False
    is_folded: bool = False

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """(key, name) of the columns, where the values are several things of the same fields: a table."""
        names = {row.key: row.name for value in self.values for row in value.rows}
        return tuple(names.items()) if len(self.values) > 1 and len(names) > 1 else ()

    @property
    def is_inline(self) -> bool:
        """Whether the values are words that stand well in one line."""
        return len(self.values) > 2 and not any(v.href or v.rows or v.concept or len(v.text) > 40 for v in self.values)


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    rows: list[Row] = field(default_factory=list)

    @property
    def is_wide(self) -> bool:
        """Whether it needs the page's wider column."""
        return any(row.is_prose or row.columns for row in self.rows)


def index(statements: str) -> Index:
    """Subject → predicate → objects, of N-Triples text."""
    found: dict[str, dict[str, list[Term]]] = {}
    for triple in parse(statements, format=RdfFormat.N_TRIPLES):
        subject, value = triple.subject, triple.object
        if isinstance(value, NamedNode | Literal) and isinstance(subject, NamedNode):
            found.setdefault(subject.value, {}).setdefault(triple.predicate.value, []).append(value)
    return found


class View:
    """What a page asks about one set of statements."""

    def __init__(self, statements: str, profile: Profile, language: str) -> None:
        self.index = index(statements)
        self._profile, self._language, self._locale = profile, language, locale_of(language)

    def role(self, node: str, kind: str, role: str) -> Value:
        """The text that plays a part, in the reader's language where there is one; empty where the kind has no such."""
        return next(iter(self._chosen(self._terms(node, kind, role))), Value(""))

    def concepts(self, node: str, kind: str, role: str) -> list[Value]:
        """The concepts that play a part."""
        iris = [term.value for term in self._terms(node, kind, role) if isinstance(term, NamedNode)]
        return [Value(self._profile.label(iri, self._language), concept=iri) for iri in sorted(iris)]

    def _terms(self, node: str, kind: str, role: str) -> Sequence[Term]:
        wanted = self._profile.role(kind, role)
        return self.index.get(node, {}).get(wanted.path, ()) if wanted else ()

    def groups(self, node: str, kind: str, hidden: Collection[str] = HIDDEN) -> list[Group]:
        groups: dict[str, Group] = {}
        for wanted in self._profile.fields(kind):
            if wanted.role in hidden or wanted.is_inner:
                continue
            row = self._row(node, wanted)
            if row.values:
                labels = self._profile.groups.get(wanted.group or "", {})
                groups.setdefault(wanted.group or "", Group(pick(labels, self._language)[0])).rows.append(row)
        return list(groups.values())

    def _row(self, node: str, wanted: Field, depth: int = 0) -> Row:
        objects = self.index.get(node, {}).get(wanted.path, ())
        is_folded = wanted.datatype == RDF.langString.value and "uniqueLang" in wanted.limits
        values = self._chosen(objects) if is_folded else tuple(self._values(objects, wanted, depth))
        name, description = pick(wanted.name, self._language)[0], pick(wanted.description, self._language)[0]
        is_prose = (wanted.editor or "").endswith("TextAreaWithLangEditor")
        return Row(wanted.key, name, description, values, is_prose, is_folded)

    def _chosen(self, objects: Sequence[Term]) -> tuple[Value, ...]:
        """The reader's language first, then the others."""
        texts = {term.language or "": term.value for term in objects if isinstance(term, Literal)}
        chosen = pick(dict(sorted(texts.items())), self._language)[1]
        return tuple(Value(texts[tag], tag) for tag in sorted(texts, key=lambda tag: (tag != chosen, tag)))

    def _values(self, objects: Iterable[Term], wanted: Field, depth: int) -> list[Value]:
        """The reader's language first, then in alphabetical order."""
        values = [self._value(term, wanted, depth) for term in objects]
        return sorted(values, key=lambda value: (value.language not in (self._language, ""), value.text.casefold()))

    def _value(self, term: Term, wanted: Field, depth: int) -> Value:
        if isinstance(term, Literal):
            return self._literal(term)
        if term.value in self._profile.concepts:
            return Value(self._profile.label(term.value, self._language), concept=term.value)
        if term.value.startswith(str(EU_LANGUAGE)):
            return Value(language_name(term.value.removeprefix(str(EU_LANGUAGE)), self._language))
        return self._thing(term.value, wanted, depth)

    def _literal(self, term: Literal) -> Value:
        kind = term.datatype.value.rpartition("#")[2]
        try:
            if kind == "date":
                return Value(format_date(date.fromisoformat(term.value[:10]), "long", locale=self._locale))
            if kind == "dateTime":
                return Value(self._moment(datetime.fromisoformat(term.value)))
            if kind in ("decimal", "integer", "double"):
                return Value(format_decimal(Decimal(term.value), locale=self._locale, decimal_quantization=False))
        except (ValueError, InvalidOperation):  # the validator tells the publisher; the page shows what came
            return Value(term.value)
        return self._place(term) if kind == "wktLiteral" else Value(term.value, term.language or "")

    def _moment(self, moment: datetime) -> str:
        """The day, and the hour where one is told; in the time zone of the source."""
        day = format_date(moment.date(), "long", locale=self._locale)
        hour = format_time(moment.time(), "short", locale=self._locale)
        return f"{day}, {hour}" if moment.time() != time() else day

    def _place(self, term: Literal) -> Value:
        """A point as degrees that lead to a map; any other geometry as it came."""
        found = point(term.value)
        if found is None:
            return Value(term.value)
        numbers = [format_decimal(degrees, "0.0####", locale=self._locale) for degrees in found]
        return Value("; ".join(numbers), href=MAP.format(*found))

    def _thing(self, iri: str, wanted: Field, depth: int) -> Value:
        """What a record embeds, by the fields of its class; what has a page of its own, or says nothing, is a link."""
        nested = self._profile.nested(wanted.node_class or "") if depth < 2 and iri in self.index else ()
        rows = tuple(row for f in nested if not f.is_inner and (row := self._row(iri, f, depth + 1)).values)
        naming = next((row for row in rows if row.key in NAMING), None)
        name = naming.values[0] if naming else Value(shortened(iri) if "#" not in iri else "")
        if "#" not in iri:
            return Value(name.text, name.language, href=iri)
        return Value(name.text, name.language, rows=tuple(row for row in rows if row is not naming))


def shortened(iri: str) -> str:
    """An address without what is no help to a reader."""
    parts = urlsplit(iri)
    host = parts.netloc.rpartition("@")[2].removeprefix("www.")
    return f"{host}{parts.path}".rstrip("/") if host else iri
