"""The JSON-LD context, made from the property shapes: one term a field."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from hub.namespaces import DCAT, DCT, FOAF, PREFIXES, RDF, XSD
from hub.profile.fields import Field, Kind

_PREFIXES: Final = {prefix: str(namespace) for prefix, namespace in sorted(PREFIXES.items())}


def local_name(iri: str) -> str:
    """What stands behind the last # or / of an IRI."""
    return iri.rpartition("#")[2].rpartition("/")[2]


def compact(iri: str, prefixes: Mapping[str, str] = _PREFIXES) -> str:
    """An IRI with the prefix of its namespace, the longest; as it is where there is none."""
    fitting = [(base, prefix) for prefix, base in prefixes.items() if iri.startswith(base)]
    base, prefix = max(fitting, default=("", ""), key=lambda pair: len(pair[0]))
    return f"{prefix}:{iri.removeprefix(base)}" if prefix else iri


def json_ld_context(fields: Iterable[Field], kinds: Iterable[Kind]) -> dict[str, Any]:
    """The value of `@context`: a term a property, named by its field; a field whose values lie deeper names it last.

    Where two properties share a key the first has it, the other is a compact IRI; a prefix gives way to a key. A kind
    has a term of its key, a class that records embed of its own name where that is free.
    """
    terms: dict[str, Any] = {"id": "@id", "type": "@type", "CatalogRecord": DCAT.CatalogRecord.value}
    terms |= {"primaryTopic": {"@id": FOAF.primaryTopic.value, "@type": "@id"}}
    terms |= {"isPartOf": {"@id": DCT.isPartOf.value, "@type": "@id"}}
    for kind in sorted(kinds, key=lambda kind: not kind.key):
        terms.setdefault(_class_term(kind), kind.target)
    taken = {DCT.isPartOf.value}
    for field in sorted(fields, key=_rank):
        if field.key not in terms and field.path not in taken:
            taken.add(field.path)
            terms[field.key] = _term(field)
    return {**_PREFIXES, **terms}


def _class_term(kind: Kind) -> str:
    name = kind.key or local_name(kind.target)
    return name[0].upper() + name[1:]


def _rank(field: Field) -> tuple[Any, ...]:
    return len(field.index_path), not field.kind, field.kind != "practice", field.kind, field.order, field.key


def _term(field: Field) -> Mapping[str, str]:
    term = {"@id": field.path}
    if field.datatype == RDF.langString.value:
        return {**term, "@container": "@language"} if "uniqueLang" in field.limits else term
    if field.datatype and field.datatype != XSD.string.value:
        return {**term, "@type": field.datatype}
    if field.node_class or field.scheme or (field.node_kind or "").endswith("IRI"):
        return {**term, "@type": "@id"}
    return term
