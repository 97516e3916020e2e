"""RDF of any profile of DCAT-AP, and schema.org as far as it says the same: each property that the Profile knows.

The payload is N-Triples, read leniently: the statements of one record and of what it embeds. Properties are taken by
the path of the Profile's fields, so what partners write in our own terms arrives whole; where one is missing, its
well-known substitutes are tried.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from harvesters.crosswalks.building import GraphBuilder
from harvesters.crosswalks.dc_values import is_person
from harvesters.crosswalks.drafts import DOCUMENT, LOCATION, ORGANISATION, PERIOD, Draft, Said
from harvesters.crosswalks.edm import with_what_stands_for_it
from harvesters.crosswalks.licences import licence
from harvesters.crosswalks.rdf_terms import AROUND, BESIDES, LABELS, PERSONS, RECORDS, SUBSTITUTES, WGS84, meant
from harvesters.crosswalks.reading import is_address, nuts_code, shown
from harvesters.crosswalks.schema_org import SchemaOrg
from hub.errors import Rejected
from hub.model import Mapped, RawRecord, Source
from hub.namespaces import DCAT, DCT, RDF, SCHEMA, XSD
from hub.profile import Field, load

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal
About = Mapping[Node, Mapping[str, Sequence[Term]]]

_NUMBERS: Final = frozenset(
    XSD[name].value
    for name in (
        "decimal",
        "integer",
        "int",
        "long",
        "short",
        "float",
        "double",
        "nonNegativeInteger",
        "positiveInteger",
    )
)
_DEEPEST: Final = 4


class DcatCrosswalk:
    """The record is the node that the raw record's identifier names; without one it is found by what leads to it."""

    def __call__(self, raw: RawRecord, source: Source, record: NamedNode, base: str) -> Mapped:
        about = _read(raw.payload)
        node = _root(about, raw)
        builder = GraphBuilder(raw, source, record, base)
        _Filling(about, builder.note).record(builder.draft, node)
        return builder.mapped(node.value if isinstance(node, NamedNode) else None)


def _read(payload: bytes) -> About:
    about: dict[Node, dict[str, list[Term]]] = {}
    try:
        for quad in parse(payload, format=RdfFormat.N_TRIPLES, lenient=True):
            subject, value = quad.subject, quad.object
            if isinstance(subject, Triple) or isinstance(value, Triple):
                continue
            about.setdefault(subject, {}).setdefault(meant(quad.predicate.value), []).append(value)
    except (SyntaxError, ValueError) as error:
        raise Rejected(f"The record is not valid N-Triples: {str(error)[:200]}") from error
    with_what_stands_for_it(about)
    SchemaOrg(about).say()
    names = _Names(about)
    return {
        node: {path: sorted(set(values), key=names.key) for path, values in said.items()}
        for node, said in about.items()
    }


class _Names:
    """An order of terms that does not depend on the labels of blank nodes: these are named after what they say."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._digests: dict[tuple[BlankNode, int], str] = {}

    def key(self, term: Term) -> tuple[int, str, str]:
        if isinstance(term, BlankNode):
            return 2, self._digest(term, _DEEPEST), ""
        return (1, term.value, "") if isinstance(term, NamedNode) else (0, term.value, str(term))

    def _digest(self, node: BlankNode, depth: int) -> str:
        if (node, depth) not in self._digests:
            said = self._about.get(node, {})
            lines = sorted(f"{path} {self._text(value, depth)}" for path, values in said.items() for value in values)
            self._digests[node, depth] = sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()
        return self._digests[node, depth]

    def _text(self, term: Term, depth: int) -> str:
        if isinstance(term, BlankNode):
            return self._digest(term, depth - 1) if depth else "_"
        return str(term)


def _root(about: About, raw: RawRecord) -> Node:
    """Raises Rejected where the record cannot be told from what it embeds."""
    if named := next((node for node in about if isinstance(node, NamedNode) and node.value == raw.identifier), None):
        return named
    inside = [node for node in about if not _types(about, node) & AROUND]
    referred = {value for node in inside for values in about[node].values() for value in values}
    free = [node for node in inside if node not in referred]
    typed = [node for node in about if _types(about, node) & RECORDS[raw.kind]]
    identified = [node for node in about if raw.identifier in _identifiers(about[node])]
    for candidates in (
        [node for node in identified if node in typed],
        identified,
        [node for node in typed if node in free],
        free,
        typed,
    ):
        if len(candidates) == 1:
            return candidates[0]
    raise Rejected(
        f"No node of the record is called {raw.identifier[:200]!r}, and {len(typed)} of its {len(about)} nodes could "
        f"be the {raw.kind}. Give the record an IRI of its own."
    )


def _identifiers(said: Mapping[str, Sequence[Term]]) -> set[str]:
    values = (value for path in (DCT.identifier.value, SCHEMA.identifier.value) for value in said.get(path, ()))
    return {value.value.strip() for value in values}


def _types(about: About, node: Node) -> set[str]:
    return {meant(value.value) for value in about.get(node, {}).get(RDF.type.value, ()) if isinstance(value, NamedNode)}


class _Filling:
    """Fills drafts from the statements; `note` takes a field's key and a value that no rule places."""

    def __init__(self, about: About, note: Callable[[str, str], None]) -> None:
        self._about, self._note = about, note

    def record(self, draft: Draft, node: Node) -> None:
        self._fill(draft, node, frozenset({node}))
        self._moments(draft, node)
        self._licence(draft, node)
        if isinstance(node, NamedNode):  # the record's own IRI is its origin; what it was made from is another matter
            others = [said.value for said in draft.said.pop("origin", []) if said.value != node.value]
            for other in others:
                self._note("origin", shown(other))

    def _moments(self, draft: Draft, node: Node) -> None:
        """An event of schema.org has its dates itself, where DCAT has a period."""
        field = draft.fields.get("period")
        if field is None or draft.parts.get("period"):
            return
        for key, path in (("start", DCAT.startDate.value), ("end", DCAT.endDate.value)):
            for value in self._values(node, path):
                draft.part(field, "1").say(key, _said(value))

    def _licence(self, draft: Draft, node: Node) -> None:
        """DCAT-AP has licences at the distributions; the record's is theirs where each states the same one."""
        field, said = draft.fields.get("licence"), self._about.get(node, {})
        if field is None or draft.said.get("licence"):
            return
        places = (DCAT.distribution.value, SCHEMA.distribution.value)
        distributions = [one for path in places for one in said.get(path, ()) if not isinstance(one, Literal)]
        stated = [list(self._values(one, field.path)) for one in distributions]
        if len({tuple(licence(value.value) or value for value in values) for values in stated}) == 1:
            for value in stated[0]:
                self._take(draft, field, value, "1", frozenset())

    def _fill(self, draft: Draft, node: Node, path: frozenset[Node], *, only_name: bool = False) -> None:
        for field in draft.fields.values():
            is_inside_another = not field.node_class and len(field.index_path) > 1
            if is_inside_another or (only_name and not field.min):
                continue
            for number, value in enumerate(self._values(node, field.path), 1):
                self._take(draft, field, value, str(number), path)

    def _values(self, node: Node, path: str) -> Iterator[Term]:
        said = self._about.get(node, {})
        names = next((name for name in (path, *SUBSTITUTES.get(path, ())) if said.get(name)), path)
        for name in (names, *BESIDES.get(path, ())):
            yield from said.get(name, ())

    def _take(self, draft: Draft, field: Field, value: Term, number: str, path: frozenset[Node]) -> None:
        if field.node_class and not isinstance(value, Literal):
            self._embed(draft, field, value, number, path)
        elif field.node_class == ORGANISATION and is_person(value.value):
            self._note(field.key, shown(value.value))
        elif field.node_class:
            draft.part(field, number).bare.append(_said(value))
        elif field.scheme:
            self._take_concept(draft, field, value)
        elif field.path == DCT.isPartOf.value:  # of a place; only its NUTS region is a field of ours
            if nuts_code(value.value):
                draft.say(field.key, Said(value.value))
        elif field.datatype == RDF.langString.value:
            self._take_text(draft, field, value)
        else:
            self._take_value(draft, field, value)

    def _take_text(self, draft: Draft, field: Field, value: Term) -> None:
        if isinstance(value, Literal):
            draft.say(field.key, Said(value.value, value.language))
        elif labels := self._labels(value):
            for label in labels:
                draft.say(field.key, _said(label))
        elif isinstance(value, NamedNode) and field.key == "keyword":
            draft.say(field.key, Said(value.value))
        elif isinstance(value, NamedNode):
            self._note(field.key, shown(value.value))

    def _take_concept(self, draft: Draft, field: Field, value: Term) -> None:
        """A concept by its IRI or a label that stands with it; `dct:type` says other things too, which are no fault."""
        words = [value.value] if not isinstance(value, BlankNode) else []
        words += [label.value for label in self._labels(value)] if not isinstance(value, Literal) else []
        known = next((word for word in words if load().concept(field.scheme or "", word)), None)
        if known or (words and field.path != DCT.type.value):
            draft.say(field.key, Said(known or words[0]))

    def _take_value(self, draft: Draft, field: Field, value: Term) -> None:
        if isinstance(value, BlankNode):
            for label in self._labels(value):
                draft.say(field.key, _said(label))
            for latitude, longitude in self._coordinates(value):
                draft.say(field.key, Said(f"POINT({longitude} {latitude})"))
        else:
            draft.say(field.key, _said(value))

    def _labels(self, node: Term) -> list[Literal]:
        """What stands with a node as its name."""
        if isinstance(node, Literal):
            return []
        said = self._about.get(node, {})
        found = next((said[name] for name in LABELS if said.get(name)), ())
        return [value for value in found if isinstance(value, Literal)]

    def _embed(self, draft: Draft, field: Field, node: Node, number: str, path: frozenset[Node]) -> None:
        types = _types(self._about, node)
        if field.node_class == ORGANISATION and types & PERSONS and not types & RECORDS["organisation"]:
            name = next(iter(self._labels(node)), None)
            self._note(field.key, shown(name.value if name else node.value))
            return
        part = draft.part(field, number)
        part.iri = node.value if isinstance(node, NamedNode) else None
        self._fill(part, node, path | {node}, only_name=node in path or len(path) > _DEEPEST)
        if field.node_class == LOCATION:
            self._fill_place(part, node)
        elif field.node_class == DOCUMENT and not part.is_empty and "url" not in part.said and part.iri:
            part.say("url", Said(part.iri))  # what has no address of its file is found at its own
        elif field.node_class == PERIOD and part.is_empty:
            part.bare += [_said(label) for label in self._labels(node)]

    def _fill_place(self, part: Draft, node: Node) -> None:
        if "centroid" not in part.said:
            for latitude, longitude in self._coordinates(node):
                part.say("centroid", Said(f"POINT({longitude} {latitude})"))
        if isinstance(node, NamedNode) and is_address(node.value):
            part.bare.append(Said(node.value))  # NUTS, a country, or an IRI of another table

    def _coordinates(self, node: Node) -> Iterator[tuple[str, str]]:
        """Latitude and longitude as numbers of their own (WGS84, schema.org)."""
        said = self._about.get(node, {})
        for lat, long in ((WGS84.lat, WGS84.long), (SCHEMA.latitude, SCHEMA.longitude)):
            if said.get(lat.value) and said.get(long.value):
                yield said[lat.value][0].value, said[long.value][0].value


def _said(value: Term) -> Said:
    if not isinstance(value, Literal):
        return Said(value.value)
    return Said(_number(value) if value.datatype.value in _NUMBERS else value.value, value.language)


def _number(value: Literal) -> Any:
    """A number of XSD is no text in the source's language: "1.234" is not a thousand."""
    try:
        return Decimal(value.value)
    except InvalidOperation:
        return value.value
