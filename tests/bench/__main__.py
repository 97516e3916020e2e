"""End to end on generated records, stage by stage, and plain pySHACL on the same records in the same run."""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyshacl
import rdflib

from harvesters import CROSSWALKS
from harvesters.payloads import JSON, json_payload
from hub.graph.oxigraph import OxigraphStore
from hub.harvest import Arriving
from hub.ledger import Arrival, Ledger
from hub.model import HarvestReport, RawRecord, Source
from hub.namespaces import record_iri
from hub.profile import load
from hub.projection import GraphProjection, SearchProjection, catch_up
from hub.search.tantivy import TantivyIndex
from hub.validation import Validator
from tests.bench.portal import packages, portal
from tests.bench.watching import Ran, harvested, hub_of, source

BASE = "http://localhost:8000"
STAGED = 1000


def end_to_end(host: str) -> tuple[Ran, Ran]:
    """A first harvest of the portal, and one that finds all unchanged."""
    with tempfile.TemporaryDirectory() as folder:
        env = hub_of(host, Path(folder))
        first, again = harvested(env), harvested(env)
    for ran, state in ((first, "created"), (again, "unchanged")):
        assert ran.report["state"] == "complete" and ran.report[state] == ran.report["seen"], ran.report
    return first, again


def rate(job: Callable[[], object], count: int) -> float:
    started = time.monotonic()
    job()
    return count / (time.monotonic() - started)


def stages(folder: Path) -> dict[str, float]:
    """Records a second of each stage by itself, one thread, on STAGED records."""
    profile, where = load(), source("127.0.0.1:9")
    raws = [RawRecord(p["id"], json_payload(p), JSON) for p in packages(STAGED)]
    crosswalk, arrive, validator = CROSSWALKS["ckan"], Arriving(profile, where, BASE), Validator(profile)
    ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite'}", BASE)
    arrivals = [arrive(raw) for raw in raws]
    assert all(arrival.valid for arrival in arrivals), arrivals[0].report
    found = {
        "map": rate(lambda: [crosswalk(raw, where, _iri(raw), BASE) for raw in raws], STAGED),
        "validate": rate(lambda: [validator.check(a.statements) for a in arrivals], STAGED),
        "ledger": rate(lambda: _append(ledger, where, arrivals), STAGED),
    }
    store, index = OxigraphStore(folder / "graph"), TantivyIndex(folder / "search", profile)
    found["graph store"] = rate(lambda: catch_up(ledger, GraphProjection(ledger, store, profile)), STAGED)
    found["search index"] = rate(lambda: catch_up(ledger, SearchProjection(ledger, index, profile)), STAGED)
    for opened in (index, store, ledger):
        opened.close()
    return found


def _iri(raw: RawRecord) -> object:
    return record_iri(BASE, raw.kind, "bench", raw.identifier)


def _append(ledger: Ledger, where: Source, arrivals: Sequence[Arrival]) -> None:
    with ledger.runs.begin(where, resumable=False) as run:
        report = HarvestReport(where.key)
        for start in range(0, len(arrivals), 100):
            page = arrivals[start : start + 100]
            ledger.records.commit_page(run.id, where.key, arrivals=page, report=report)
        ledger.runs.finish(run, report, {}, complete=True)


def plain_pyshacl(count: int = 40) -> float:
    """Records a second of pyshacl.validate with the shapes read once, as its documentation shows."""
    profile, where = load(), source("127.0.0.1:9")
    arrive = Arriving(profile, where, BASE)
    shapes = rdflib.Graph().parse(data=profile.shapes, format="turtle")
    texts = [arrive(RawRecord(p["id"], json_payload(p), JSON)).statements for p in packages(count)]

    def judge() -> None:
        for text in texts:
            pyshacl.validate(rdflib.Graph().parse(data=text, format="nt"), shacl_graph=shapes)

    return rate(judge, count)


def main() -> None:
    reading = argparse.ArgumentParser(prog="make bench", description=__doc__)
    reading.add_argument("--records", type=int, default=5000)
    reading.add_argument("--runs", type=int, default=3)
    told = reading.parse_args()
    peer, runs = [], []
    with portal("whole", told.records) as host:
        for _ in range(told.runs):
            peer.append(plain_pyshacl())
            runs.append(end_to_end(host))
    print(f"{told.records:,} generated records, medians of {told.runs} runs, records a second")
    beside = statistics.median(peer)
    told_of = {"harvest, fetch to searchable": [first.rate for first, _ in runs]}
    told_of |= {
        "harvest again, all unchanged": [again.rate for _, again in runs],
        "the peer: plain pySHACL alone": peer,
    }
    for name, rates in told_of.items():
        middle = statistics.median(rates)
        print(f"  {name:32} {middle:8,.0f}   ({min(rates):,.0f}–{max(rates):,.0f})   {middle / beside:6.1f} × the peer")
    print("memory at most, MB")
    print(f"  {'the harvesting process':32} {max(ran.harvest for both in runs for ran in both):8,}")
    print(f"  {'the projecting process':32} {max(ran.projector for both in runs for ran in both):8,}")
    with tempfile.TemporaryDirectory() as folder:
        alone = stages(Path(folder))
    total = sum(1 / rate for rate in alone.values())
    print(f"where the time goes: each stage alone, one thread, {STAGED:,} records")
    for name, value in alone.items():
        print(f"  {name:32} {value:8,.0f}   {100 / value / total:4.0f} %")


if __name__ == "__main__":
    main()
