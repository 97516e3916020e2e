"""An arrival as a person is told of it: its report, and the words for that in a language."""

from pyoxigraph import RdfFormat, parse

from hub.ledger import Arrival
from hub.model import Graph, ValidationReport
from hub.profile import Profile
from hub.validation import report_from_json
from hub.validation.words import Words


def told(arrival: Arrival, profile: Profile, language: str) -> tuple[ValidationReport, Words, Graph]:
    graph = frozenset(quad.triple for quad in parse(arrival.statements, format=RdfFormat.N_TRIPLES))
    return report_from_json(arrival.report), Words(profile, graph, arrival.iri, language), graph
