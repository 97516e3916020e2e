"""Europeana's data model, in which proxies and an aggregation describe an object that itself says nothing.

https://pro.europeana.eu/page/edm-documentation
"""

from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from harvesters.crosswalks.rdf_terms import EDM, ORE
from hub.namespaces import RDF

Node = NamedNode | BlankNode
Said = dict[str, list[NamedNode | BlankNode | Literal]]
_STANDS_FOR: Final = (ORE.proxyFor.value, EDM.aggregatedCHO.value)
_OWN: Final = frozenset((*_STANDS_FOR, ORE.proxyIn.value, ORE.lineage.value, RDF.type.value))


def with_what_stands_for_it(about: dict[Node, Said]) -> None:
    """Says of an object what its proxies and its provider's aggregation say; Europeana's own is about Europeana."""
    for said in list(about.values()):
        things = [thing for path in _STANDS_FOR for thing in said.get(path, ()) if not isinstance(thing, Literal)]
        if things and EDM.EuropeanaAggregation not in said.get(RDF.type.value, ()):
            for thing in things:
                _say(about.setdefault(thing, {}), said)


def _say(own: Said, said: Said) -> None:
    for path in said.keys() - _OWN:
        own.setdefault(path, []).extend(said[path])
