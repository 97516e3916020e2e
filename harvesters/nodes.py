"""What nodes of RDF are taken for: records of a kind, catalogues, or parts; and what a record is called."""

from collections.abc import Mapping, Sequence

from pyoxigraph import Literal, NamedNode, Triple

from harvesters.closure import MOST_STATEMENTS, About, Node, TooLarge, own_part, payload
from harvesters.payloads import identifier_of
from hub.errors import FetchError
from hub.model import RawRecord, Source
from hub.namespaces import DCAT, DCT, HYDRA, PREFIXES, RDF, SCHEMA

N_TRIPLES = "application/n-triples"
SHARED = frozenset(("venue", "organisation"))  # kinds that other records name: a link to one brings its names along
IDENTIFIERS = (DCT.identifier.value, SCHEMA.identifier.value)
CATALOGUES = frozenset(
    (
        *(DCAT.Catalog.value, SCHEMA.DataCatalog.value),
        *(HYDRA[name].value for name in ("Collection", "PagedCollection", "PartialCollectionView")),
    )
)
_PREFIXES = {name: str(namespace) for name, namespace in PREFIXES.items()} | {"hydra": str(HYDRA)}
_DATASETS: Mapping[str, str] = {"practice": "dcat:Dataset"}
Kinds = Mapping[str, frozenset[str]]


def plain(iri: str) -> str:
    """schema.org's terms with http and https are one."""
    return iri.replace("https://schema.org/", "http://schema.org/", 1)


def classes(source: Source, default: Mapping[str, str] = _DATASETS) -> Kinds:
    """The classes of each kind in `[select]`, as IRIs; without it those of `default`. Raises FetchError."""
    select = dict(source.select) or default
    return {
        kind: frozenset(plain(iri_of(source, f"select.{kind}", name)) for name in written.split() or [""])
        for kind, written in select.items()
    }


def iri_of(source: Source, where: str, name: str, must: str = "classes, with blanks between them: each an IRI") -> str:
    """The IRI that a source file names, whole or with a prefix. Raises FetchError naming what is neither."""
    prefix, _, local = name.partition(":")
    if prefix in _PREFIXES and local:
        return _PREFIXES[prefix] + local
    if local.startswith("//") or prefix == "urn":
        return name
    told = f"{source.key}: {where} has {name!r}; it must be {must}"
    raise FetchError(f"{told}, or with one of the prefixes {', '.join(sorted(_PREFIXES))}")


def types(statements: Sequence[Triple]) -> set[str]:
    return {plain(t.object.value) for t in statements if t.predicate == RDF.type and isinstance(t.object, NamedNode)}


def kind_of(statements: Sequence[Triple], kinds: Kinds) -> str | None:
    """The kind of record that a node is; None for a catalogue, and for what only has its type, which is a mention."""
    there = types(statements)
    kind = next((kind for kind, wanted in kinds.items() if there & wanted), None)
    if kind is None or len(there) == len(statements) or there & (CATALOGUES - kinds[kind]):
        return None
    return kind


def names_of(node: Node, statements: Sequence[Triple]) -> list[str]:
    """What a node may be identified by: its dct:identifier, else schema:identifier; then its IRI.

    Texts go before IRIs, as in the crosswalk, which names what records embed by the same rule.
    """
    said: dict[str, list[tuple[bool, str]]] = {}
    for triple in statements:
        path, value = plain(triple.predicate.value), triple.object
        if path in IDENTIFIERS and isinstance(value, Literal | NamedNode) and (name := identifier_of(value.value)):
            said.setdefault(path, []).append((isinstance(value, NamedNode), name))
    first = next((min(said[path])[1] for path in IDENTIFIERS if path in said), None)
    return [name for name in (first, identifier_of(node.value) if isinstance(node, NamedNode) else None) if name]


def record_of(node: Node, kind: str, about: About, fences: Mapping[Node, bool]) -> RawRecord:
    """The record, still without identifier."""
    try:
        return RawRecord("", payload(own_part(node, about, fences)), N_TRIPLES, kind)
    except TooLarge:
        problem = f"The record embeds more than {MOST_STATEMENTS} statements; it seems to be a whole catalogue."
        return RawRecord("", payload(about[node][:MOST_STATEMENTS]), N_TRIPLES, kind, problem=problem)
