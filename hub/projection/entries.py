"""What the hub adds to what the sources say, made from ledger columns: DCAT-AP 3.0.1 entries and catalogues, and DQV.

A record is a catalogued resource (`dcat:Resource`; it has no distributions that would make it a `dcat:Dataset`), its
named graph the `dcat:CatalogRecord` about it. The entry has no `dct:source`: DCAT-AP wants another catalogue record
there, with the day of its own last change, which nobody tells us; where the thing comes from is its own `dct:source`.
When its source last listed it changes at every harvest, and is told by the API only.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from harvesters.crosswalks.tongues import languages
from hub.errors import Rejected
from hub.languages import FALLBACK, LANGUAGES, N_, catalogue
from hub.ledger import LedgerRecord
from hub.model import sorted_lines
from hub.namespaces import (
    ADMS,
    CONCEPT,
    COUNTRY,
    DCAT,
    DCT,
    DQV,
    FOAF,
    PROV,
    QUALITY,
    RDF,
    SPDX,
    XSD,
    graph_iri,
    iri,
)
from hub.profile import Profile

PROFILE: Final = NamedNode("https://w3id.org/co-ped/profile")
DCAT_AP: Final = NamedNode("https://semiceu.github.io/DCAT-AP/releases/3.0.1")
PUBLISHER: Final = "Co-PED"
OF_THE_HUB: Final = N_("Good practices of community-led cultural centres, gathered from their own catalogues.")
OF_A_SOURCE: Final = N_("What the hub gathers from this catalogue, each record checked against the same rules.")


def published(record: LedgerRecord, base: str) -> str:
    """A record's statements with its `dcat:CatalogRecord`, as sorted N-Triples: what its named graph and page say."""
    lines = [line for line in record.graph.split("\n") if line]
    return "".join(f"{line}\n" for line in sorted([*lines, *_entry(record, base, _tags(lines))]))


def _entry(record: LedgerRecord, base: str, tags: Iterable[str]) -> Iterator[str]:
    """Lines of N-Triples, written as text: that takes a quarter of the time, and happens for each record."""
    entry, about, source = f"<{graph_iri(record.iri)}>", f"<{record.iri}>", source_iri(base, record.source)
    yield f"{about} {RDF.type} {DCAT.Resource} ."
    yield f"{source} {DCAT.resource} {about} ."
    yield f"{source} {DCAT.record} {entry} ."
    yield f"{entry} {RDF.type} {DCAT.CatalogRecord} ."
    yield f"{entry} {FOAF.primaryTopic} {about} ."
    yield f"{entry} {DCT.issued} {moment(record.first_seen)} ."
    yield f"{entry} {DCT.modified} {moment(record.changed or record.first_seen)} ."
    yield f"{entry} {DCT.conformsTo} {PROFILE} ."
    yield f"{entry} {ADMS.status} {CONCEPT[f'record-state/{record.state}']} ."
    yield from {f"{entry} {DCT.language} {tongue} ." for tag in tags if (tongue := language(tag))}
    if record.run is not None:
        yield f"{entry} {PROV.wasGeneratedBy} <{source.value}#run-{record.run}> ."
    if record.payload_checksum:
        payload = f"<{graph_iri(record.iri)}#payload>"
        yield f"{entry} {SPDX.checksum} {payload} ."
        yield f"{payload} {SPDX.algorithm} {SPDX.checksumAlgorithm_sha256} ."
        yield f"{payload} {SPDX.checksumValue} {Literal(record.payload_checksum, datatype=XSD.hexBinary)} ."


def _tags(lines: Iterable[str]) -> set[str]:
    """The language tags of all texts but those that a machine translated."""
    found = {line[at + 2 : -2] for line in lines if (at := line.rfind('"@', -40)) >= 0}
    return {tag for tag in found if "-t-" not in tag and tag.replace("-", "").isalnum()}


def source_iri(base: str, key: str) -> NamedNode:
    """A source as the `dcat:Catalog` of what the hub gathers from it."""
    return NamedNode(f"{base}/id/source/{key}")


@cache
def language(tag: str) -> NamedNode | None:
    """The language of a tag in the EU's authority table."""
    return languages(tag)[0][1]


def moment(time: datetime) -> Literal:
    """A time in the canonical form, which stores keep as it is."""
    return Literal(time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), datatype=XSD.dateTime)


def catalogues(sources: Mapping[str, Mapping[str, Any]], profile: Profile, base: str) -> str:
    """The hub's catalogue and one of each source, as sorted N-Triples; which records they list, the records say."""
    hub = NamedNode(f"{base}/catalog")
    triples = {*_catalogue(hub, OF_THE_HUB, base), *_standard()}
    triples |= {Triple(hub, DCT.title, Literal("Co-ped Hub", language=FALLBACK))}
    triples |= {Triple(hub, DCAT.themeTaxonomy, NamedNode(f.scheme)) for f in profile.facets if f.scheme}
    triples |= {triple for tag in LANGUAGES for triple in _in_language(hub, tag)}
    for key, declared in sources.items():
        triples |= {*_source(source_iri(base, key), declared, base), Triple(hub, DCAT.catalog, source_iri(base, key))}
    return sorted_lines(triples)


def source_statements(key: str, declared: Mapping[str, Any], base: str) -> str:
    """One source as a catalogue, as sorted N-Triples."""
    return sorted_lines({*_source(source_iri(base, key), declared, base), *_standard()})


def _catalogue(node: NamedNode, description: str, base: str) -> Iterator[Triple]:
    publisher = NamedNode(f"{base}/catalog#publisher")
    yield Triple(node, RDF.type, DCAT.Catalog)
    yield Triple(node, DCT.publisher, publisher)
    yield Triple(publisher, RDF.type, FOAF.Agent)
    yield Triple(publisher, FOAF.name, Literal(PUBLISHER))
    for tag in LANGUAGES:
        yield Triple(node, DCT.description, Literal(catalogue(tag).gettext(description), language=tag))


def _source(node: NamedNode, declared: Mapping[str, Any], base: str) -> Iterator[Triple]:
    yield from _catalogue(node, OF_A_SOURCE, base)
    yield from _in_language(node, declared["language"])
    for tag, title in declared["title"].items():
        yield Triple(node, DCT.title, Literal(title, language=tag))
    yield Triple(node, DCT.spatial, COUNTRY[declared["country"]])
    yield Triple(COUNTRY[declared["country"]], RDF.type, DCT.Location)
    with suppress(Rejected):  # a source may be a file
        yield Triple(node, DCT.source, iri(declared["url"]))


def _in_language(node: NamedNode, tag: str) -> Iterator[Triple]:
    if tongue := language(tag):
        yield Triple(node, DCT.language, tongue)
        yield Triple(tongue, RDF.type, DCT.LinguisticSystem)


def _standard() -> Iterator[Triple]:
    """The application profile that every entry conforms to."""
    yield Triple(PROFILE, RDF.type, DCT.Standard)
    yield Triple(PROFILE, DCT.title, Literal("Co-ped application profile of DCAT-AP", language=FALLBACK))
    yield Triple(PROFILE, DCT.references, DCAT_AP)


def measurements(points: Mapping[str, Mapping[str, float]], profile: Profile, base: str) -> str:
    """The quality of sources (key → points by dimension) as DQV, with its vocabulary, as sorted N-Triples."""
    triples: set[Triple] = set()
    for key, parts in points.items():
        for dimension, value in parts.items():
            triples |= {*_measurement(source_iri(base, key), f"{dimension}-points", value)}
        triples |= {*_measurement(source_iri(base, key), "points", sum(parts.values()))}
    return sorted_lines(triples) + profile.quality_vocabulary


def _measurement(of: NamedNode, metric: str, value: float) -> Iterator[Triple]:
    node = NamedNode(f"{of.value}#quality-{metric}")
    yield Triple(of, DQV.hasQualityMeasurement, node)
    yield Triple(node, RDF.type, DQV.QualityMeasurement)
    yield Triple(node, DQV.computedOn, of)
    yield Triple(node, DQV.isMeasurementOf, QUALITY[metric])
    yield Triple(node, DQV.value, Literal(str(round(value, 1)), datatype=XSD.decimal))
