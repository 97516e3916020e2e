"""Each run that brought something as a `prov:Activity` (PROV-O, https://www.w3.org/TR/prov-o/).

A served version is `prov:wasGeneratedBy` its run, which `prov:used` the source's address. The hub is associated with
the run as a `prov:SoftwareAgent` of a version, by a qualified association (PROV-O §3.3) whose `prov:hadPlan` is the
profile in the edition that the records were checked against.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from hub.errors import Rejected
from hub.languages import FALLBACK
from hub.ledger import Ledger, Run, checksum
from hub.model import sorted_lines
from hub.namespaces import DCT, PROV, RDF, RDFS, SCHEMA, iri
from hub.projection.entries import PROFILE, moment, source_iri

BLOCK: Final = 500  # runs a graph: a harvest writes the last graph anew, however many runs there were before
FORM: Final = "1"  # counts up when other statements are made of a run
# The run's state in schema.org's words; one that is held waits for a person.
STATUS: Final[Mapping[str, NamedNode]] = {
    "complete": SCHEMA.CompletedActionStatus,
    "held": SCHEMA.ActiveActionStatus,
    "partial": SCHEMA.FailedActionStatus,
    "failed": SCHEMA.FailedActionStatus,
}


def editions(ledger: Ledger) -> dict[int, str]:
    """The edition of each block of runs, by the block's number."""
    return {block: checksum(FORM + edition) for block, edition in ledger.runs.editions(BLOCK).items()}


def block_text(ledger: Ledger, block: int) -> str:
    """The runs of a block that brought something, as sorted N-Triples."""
    runs = ledger.runs.between(block * BLOCK, (block + 1) * BLOCK)
    return activities(runs, ledger.runs.sources(), ledger.base)


def activities(runs: Iterable[Run], sources: Mapping[str, Mapping[str, Any]], base: str) -> str:
    """Those of the runs that brought something, as sorted N-Triples; `sources` are the declarations by key."""
    brought = [run for run in runs if run.report.created + run.report.changed and run.ended]
    return sorted_lines({triple for run in brought for triple in _activity(run, sources[run.source], base)})


def _activity(run: Run, declared: Mapping[str, Any], base: str) -> Iterator[Triple]:
    node = NamedNode(f"{source_iri(base, run.source).value}#run-{run.id}")
    yield Triple(node, RDF.type, PROV.Activity)
    yield Triple(node, RDFS.label, Literal(f"{run.source}, run {run.id}: {run.state}", language=FALLBACK))
    yield Triple(node, SCHEMA.actionStatus, STATUS[run.state])
    yield Triple(node, PROV.startedAtTime, moment(run.started))
    if run.ended:
        yield Triple(node, PROV.endedAtTime, moment(run.ended))
    with suppress(Rejected):  # a source may be a file
        yield Triple(node, PROV.used, iri(declared["url"]))
    yield from _association(node, run, base)


def _association(node: NamedNode, run: Run, base: str) -> Iterator[Triple]:
    hub = NamedNode(f"{base}/catalog#software-{run.code or 'unknown'}")
    association = NamedNode(f"{node.value}-association")
    yield Triple(node, PROV.wasAssociatedWith, hub)
    yield Triple(hub, RDF.type, PROV.SoftwareAgent)
    yield Triple(hub, RDFS.label, Literal("Co-ped Hub", language=FALLBACK))
    if run.code:
        yield Triple(hub, SCHEMA.softwareVersion, Literal(run.code))
    if run.profile:
        plan = NamedNode(f"{base}/catalog#profile-{run.profile}")
        yield Triple(node, PROV.qualifiedAssociation, association)
        yield Triple(association, RDF.type, PROV.Association)
        yield Triple(association, PROV.agent, hub)
        yield Triple(association, PROV.hadPlan, plan)
        yield Triple(plan, RDF.type, PROV.Plan)
        yield Triple(plan, PROV.specializationOf, PROFILE)
        yield Triple(plan, DCT.identifier, Literal(run.profile))
