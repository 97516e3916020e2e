"""The JSON-LD context, made from the property shapes: one term a field."""

from collections.abc import Iterable, Mapping
from typing import Any

from hub.namespaces import DCAT, DCT, FOAF, PREFIXES, RDF, XSD
from hub.profile.fields import Field, Kind


def json_ld_context(fields: Iterable[Field], kinds: Iterable[Kind]) -> dict[str, Any]:
    """The value of `@context`; a key that two properties share goes to the first, the other is written as a compact IRI."""
    terms: dict[str, Any] = {prefix: str(namespace) for prefix, namespace in sorted(PREFIXES.items())}
    terms |= {"id": "@id", "type": "@type", "CatalogRecord": DCAT.CatalogRecord.value}
    terms |= {"primaryTopic": {"@id": FOAF.primaryTopic.value, "@type": "@id"}}
    terms |= {"isPartOf": {"@id": DCT.isPartOf.value, "@type": "@id"}}
    terms |= {kind.key[0].upper() + kind.key[1:]: kind.target for kind in kinds}
    taken: set[str] = set()
    for field in fields:
        if field.key in terms or field.path in taken or field.index_path != (field.path,):
            continue
        taken.add(field.path)
        terms[field.key] = _term(field)
    return terms


def _term(field: Field) -> Mapping[str, str]:
    term = {"@id": field.path}
    if field.datatype == RDF.langString.value:
        return {**term, "@container": "@language"} if "uniqueLang" in field.limits else term
    if field.datatype and field.datatype != XSD.string.value:
        return {**term, "@type": field.datatype}
    if field.node_class or field.scheme or (field.node_kind or "").endswith("IRI"):
        return {**term, "@type": "@id"}
    return term
