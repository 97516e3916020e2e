"""What RDF in the wild is meant to say: predicates with broken namespaces, and the substitutes for our properties."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from hub.namespaces import ADMS, COPED, DCAT, DCT, FOAF, LOCN, M8G, ORG, OWL, RDFS, SCHEMA, SKOS, VCARD, Namespace

DCATAPIT: Final = Namespace("http://dati.gov.it/onto/dcatapit#")
EDM: Final = Namespace("http://www.europeana.eu/schemas/edm/")
GEONAMES: Final = Namespace("http://www.geonames.org/ontology#")
GEOSPARQL: Final = Namespace("http://www.opengis.net/ont/geosparql#")
ORE: Final = Namespace("http://www.openarchives.org/ore/terms/")
REGORG: Final = Namespace("http://www.w3.org/ns/regorg#")
WGS84: Final = Namespace("http://www.w3.org/2003/01/geo/wgs84_pos#")
DC: Final = "http://purl.org/dc/elements/1.1/"

_SCHEMA_ORG: Final = re.compile(r"https?://(?:www\.)?schema\.org/?(?=\w)")
_QUOTED: Final = re.compile(r"(#)(?:\"|%22|&quot;)+")
_SECURE: Final = re.compile(r"^https://(?=www\.w3\.org/|purl\.org/|xmlns\.com/|data\.europa\.eu/)")


@lru_cache(4096)
def meant(iri: str) -> str:
    """The property or class that a source means.

    schema.org with https, or without its slash; the namespace `…dcatapit#&quot;` of AgID's own example; https for
    vocabularies whose IRIs are http; Dublin Core's elements for its terms.
    """
    iri = _SECURE.sub("http://", _QUOTED.sub(r"\1", iri))
    iri = _SCHEMA_ORG.sub("http://schema.org/", iri)
    return str(DCT) + iri[len(DC) :] if iri.startswith(DC) else iri


# Where the first is missing, the others are read in its place.
SUBSTITUTES: Final[Mapping[str, tuple[str, ...]]] = {
    path.value: tuple(other.value for other in others)
    for path, others in {
        DCT.title: (SCHEMA.name, SCHEMA.headline, RDFS.label, SKOS.prefLabel, FOAF.name),
        DCT.description: (DCT.abstract, SCHEMA.description, SCHEMA.abstract, RDFS.comment),
        DCAT.keyword: (SCHEMA.keywords,),
        # "landindPage" stands in AgID's own example, and so in the catalogues made after it.
        DCAT.landingPage: (
            DCAT.landindPage,
            FOAF.page,
            SCHEMA.url,
            FOAF.homepage,
            EDM.isShownAt,
            SCHEMA.mainEntityOfPage,
        ),
        DCT.license: (SCHEMA.license, EDM.rights),
        DCT.issued: (SCHEMA.datePublished,),
        DCT.modified: (SCHEMA.dateModified,),
        DCT.language: (SCHEMA.inLanguage,),
        DCT.publisher: (SCHEMA.publisher, EDM.dataProvider),
        DCT.creator: (SCHEMA.creator, SCHEMA.organizer),
        DCT.contributor: (SCHEMA.contributor, SCHEMA.member),
        DCT.temporal: (SCHEMA.temporalCoverage,),
        DCT.spatial: (SCHEMA.spatialCoverage, SCHEMA.location, SCHEMA.contentLocation),
        DCAT.startDate: (SCHEMA.startDate, DCATAPIT.startDate, SCHEMA.foundingDate),
        DCAT.endDate: (SCHEMA.endDate, DCATAPIT.endDate, SCHEMA.dissolutionDate),
        DCAT.centroid: (LOCN.geometry, GEOSPARQL.asWKT, WGS84.asWKT, SCHEMA.geo),
        LOCN.geographicName: (SKOS.prefLabel, RDFS.label, SCHEMA.name, DCT.title, GEONAMES.name, FOAF.name),
        COPED.country: (SCHEMA.addressCountry, GEONAMES.countryCode),
        FOAF.name: (SCHEMA.name, SCHEMA.legalName, REGORG.legalName, SKOS.prefLabel, RDFS.label, VCARD.fn, DCT.title),
        FOAF.homepage: (SCHEMA.url, VCARD.hasURL, FOAF.page),
        FOAF.depiction: (SCHEMA.image, FOAF.img, EDM.object),
        ORG.hasMember: (SCHEMA.member,),
        SCHEMA.hasCertification: (SCHEMA.award,),
        M8G.contactPoint: (SCHEMA.contactPoint,),
        M8G.email: (SCHEMA.email,),
        M8G.telephone: (SCHEMA.telephone,),
        M8G.contactPage: (SCHEMA.url,),
        SCHEMA.contentUrl: (SCHEMA.url,),
        SCHEMA.name: (DCT.title, RDFS.label, SKOS.prefLabel, FOAF.name),
    }.items()
}
# These say more of the same, and are read besides.
BESIDES: Final[Mapping[str, tuple[str, ...]]] = {
    DCT.identifier.value: (ADMS.identifier.value, SCHEMA.identifier.value),
    SCHEMA.sameAs.value: (OWL.sameAs.value,),
    DCAT.keyword.value: (SCHEMA.about.value, SCHEMA.articleSection.value),
}
LABELS: Final = tuple(
    term.value for term in (SKOS.prefLabel, RDFS.label, DCT.title, FOAF.name, SCHEMA.name, SKOS.notation, SCHEMA.value)
)
PERSONS: Final = frozenset(term.value for term in (FOAF.Person, SCHEMA.Person, VCARD.Individual))
RECORDS: Final[Mapping[str, frozenset[str]]] = {
    "practice": frozenset(
        t.value
        for t in (
            COPED.GoodPractice,
            DCAT.Dataset,
            DCAT.Resource,
            DCATAPIT.Dataset,
            SCHEMA.Dataset,
            SCHEMA.CreativeWork,
            EDM.ProvidedCHO,
        )
    ),
    "venue": frozenset(t.value for t in (COPED.Venue, SCHEMA.Place, SCHEMA.CivicStructure)),
    "organisation": frozenset(
        t.value for t in (ORG.Organization, ORG.FormalOrganization, FOAF.Agent, FOAF.Organization, SCHEMA.Organization)
    ),
    "event": frozenset(("http://data.europa.eu/m8g/PublicEvent", SCHEMA.Event.value)),
}
# What stands around a record and leads to it.
AROUND: Final = frozenset(
    t.value for t in (DCAT.Catalog, DCAT.CatalogRecord, SCHEMA.DataCatalog, ORE.Aggregation, ORE.Proxy)
) | {EDM.EuropeanaAggregation.value}
