"""What schema.org says in a structure of its own, said in ours: addresses, offers, sums, images, identifiers.

Properties that only have another name are in `rdf_terms`. https://schema.org/docs/full.html
"""

from collections.abc import Mapping
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from harvesters.crosswalks.rdf_terms import meant
from harvesters.crosswalks.words import language_tag
from hub.namespaces import COPED, DCAT, DCT, LOCN, PROV, RDF, SCHEMA

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal
Statements = dict[str, list[Term]]
About = dict[Node, Statements]

_PLACES: Final = tuple(SCHEMA[name].value for name in ("location", "spatialCoverage", "contentLocation"))
_SPATIAL: Final = frozenset((DCT.spatial.value, *_PLACES))
_ADDRESS: Final = (SCHEMA.streetAddress, SCHEMA.postalCode, SCHEMA.addressLocality, SCHEMA.addressRegion)
_ROLES: Final = {SCHEMA.funder.value: "funder", SCHEMA.sponsor.value: "supporter"}
# What stands for a node of such a property: the first of these that it has.
_WORTH: Final[Mapping[str, tuple[NamedNode, ...]]] = {
    SCHEMA.image.value: (SCHEMA.contentUrl, SCHEMA.url, SCHEMA.thumbnailUrl),
    SCHEMA.license.value: (SCHEMA.url,),
    SCHEMA.identifier.value: (SCHEMA.value, SCHEMA.url),
    SCHEMA.inLanguage.value: (SCHEMA.alternateName, SCHEMA.name),
    SCHEMA.amount.value: (SCHEMA.value,),
}


class SchemaOrg:
    """The statements of a record, in which `say` adds what they say in our terms."""

    def __init__(self, about: About) -> None:
        self._about = about

    def say(self) -> None:
        nodes = [node for node, said in self._about.items() if any(path.startswith(str(SCHEMA)) for path in said)]
        for rule in (
            self._put_worth,
            self._split_keywords,
            self._name_address,
            self._place,
            self._register,
            self._fund,
        ):
            for node in nodes:
                rule(node, self._about[node])

    def _of(self, node: Term, path: NamedNode) -> list[Term]:
        return [] if isinstance(node, Literal) else self._about.get(node, {}).get(path.value, [])

    def _is(self, node: Term, *names: str) -> bool:
        types = {meant(term.value) for term in self._of(node, RDF.type) if isinstance(term, NamedNode)}
        return any(SCHEMA[name].value in types for name in names)

    def _put_worth(self, _: Node, said: Statements) -> None:
        """Of an ImageObject its file, of a PropertyValue its value, of a MonetaryAmount its sum and currency."""
        currencies = [code for node in said.get(SCHEMA.amount.value, []) for code in self._of(node, SCHEMA.currency)]
        if currencies and SCHEMA.currency.value not in said:
            said[SCHEMA.currency.value] = currencies
        for path, parts in _WORTH.items():
            if path in said:
                said[path] = [worth for term in said[path] for worth in self._worth(term, parts)]

    def _worth(self, term: Term, parts: tuple[NamedNode, ...]) -> list[Term]:
        return next((found for part in parts if (found := self._of(term, part))), [term])

    def _split_keywords(self, _: Node, said: Statements) -> None:
        """Several keywords in one text "are typically delimited by commas" (https://schema.org/keywords)."""
        path = SCHEMA.keywords.value
        if path in said:
            said[path] = [one for term in said[path] for one in _split(term)]

    def _name_address(self, node: Node, said: Statements) -> None:
        """A postal address is a place, called by its street, code and town."""
        if self._is(node, "PostalAddress") and not said.keys() & {LOCN.geographicName.value, SCHEMA.name.value}:
            parts = [next((t for t in said.get(path.value, []) if isinstance(t, Literal)), None) for path in _ADDRESS]
            street, code, town, region = (part.value.strip() if part else "" for part in parts)
            name = ", ".join(filter(None, (street, f"{code} {town}".strip() or region)))
            tag = next((part.language for part in parts if part and part.language), None)
            if name:
                said[LOCN.geographicName.value] = [Literal(name, language=tag) if tag else Literal(name)]

    def _place(self, _: Node, said: Statements) -> None:
        """Where a thing is: its address with its point; where it happens, the country of that place."""
        addresses, points = said.get(SCHEMA.address.value, []), said.get(SCHEMA.geo.value, [])
        if (addresses or points) and not said.keys() & _SPATIAL:
            said[DCT.spatial.value] = addresses or points
            for node in addresses:
                if isinstance(node, NamedNode | BlankNode) and points:
                    self._about.setdefault(node, {}).setdefault(SCHEMA.geo.value, points)
        for path in _PLACES:
            if path in said:
                said[path] = [place for place in said[path] if not self._is(place, "VirtualLocation")]
        places = [place for path in _PLACES for place in said.get(path, [])]
        countries = [
            country
            for address in (*addresses, *places, *(a for place in places for a in self._of(place, SCHEMA.address)))
            for country in self._of(address, SCHEMA.addressCountry)
        ]
        if countries and not said.keys() & {COPED.country.value, SCHEMA.addressCountry.value}:
            said[SCHEMA.addressCountry.value] = countries

    def _register(self, node: Node, said: Statements) -> None:
        """An event is booked where it is offered; its own address is the page about it."""
        links = [link for offer in said.get(SCHEMA.offers.value, []) for link in self._of(offer, SCHEMA.url)]
        if links:
            said[SCHEMA.url.value] = links

    def _fund(self, node: Node, said: Statements) -> None:
        """Who gives money to a project takes part in it, in that role; of a grant it is a field of its own."""
        if self._is(node, "Grant", "MonetaryGrant"):
            return
        for path, role in _ROLES.items():
            for funder in said.get(path, []):
                part = BlankNode()
                self._about[part] = {PROV.agent.value: [funder], DCAT.hadRole.value: [Literal(role)]}
                said.setdefault(PROV.qualifiedAttribution.value, []).append(part)


def _split(term: Term) -> list[Term]:
    if not isinstance(term, Literal):
        return [term]
    words = filter(None, (word.strip() for word in term.value.split(",")))
    tag = language_tag(term.language) if term.language else None  # a lenient parser lets tags through that are none
    return [Literal(word, language=tag) if tag else Literal(word) for word in words]
