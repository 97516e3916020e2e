"""Which records tell the same thing, as persons confirmed: statements between records, in a graph of their own.

`prov:alternateOf` (PROV-O, PROV-DM §5.5.2): two entities present aspects of the same thing, which may contradict each
other. `owl:sameAs` would make the two records one thing, of which a reasoner then states both territories without their
sources; `schema:sameAs` claims that identity too; `skos:exactMatch` would make both a `skos:Concept` (its domain).
"""

from collections.abc import Iterable, Sequence
from itertools import permutations

from pyoxigraph import NamedNode, Triple

from hub.model import sorted_lines
from hub.namespaces import PROV


def alternates(clusters: Iterable[Sequence[str]]) -> str:
    """Each member of a cluster with each other, both ways, as sorted N-Triples."""
    pairs = (pair for members in clusters for pair in permutations(members, 2))
    return sorted_lines(Triple(NamedNode(one), PROV.alternateOf, NamedNode(two)) for one, two in pairs)
