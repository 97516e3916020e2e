"""The dimensions of quality that the profile declares, and the vocabulary that measurements refer to."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.namespaces import COPED, DQV, QUALITY, RDF, SH, SKOS
from hub.profile.turtle import Statements


@dataclass(frozen=True, slots=True)
class Dimension:
    """A `dqv:Dimension`. A field says by `key` that it counts for it; `points` are what a perfect record has."""

    key: str
    names: Mapping[str, str]
    points: float


def read_dimensions(data: Statements) -> dict[str, Dimension]:
    """The dimensions by key, in their order."""
    nodes = sorted(data.subjects(RDF.type, DQV.Dimension), key=lambda node: float(data.one(node, SH.order) or 99))
    found = [
        Dimension(
            key=data.one(node, SKOS.notation) or node.value,
            names=data.texts(node, SKOS.prefLabel),
            points=float(data.one(node, COPED.points) or 0),
        )
        for node in nodes
    ]
    return {dimension.key: dimension for dimension in found}


def read_quality_vocabulary(data: Statements) -> str:
    """The dimensions and metrics as sorted N-Triples."""
    return "".join(line for line in data.ntriples().splitlines(keepends=True) if line.startswith(f"<{QUALITY}"))
