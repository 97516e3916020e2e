"""End to end on generated records, stage by stage, and plain pySHACL on the same records in the same run."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
from tests.bench.portal import packages
from tests.command import environment
from tests.portal import toml

BASE = "http://localhost:8000"
STAGED = 1000
KEYS = {
    key: key
    for key in (
        *("challenge@it", "solution@it", "solution@hu", "lessons@it", "theme", "measure", "outcome", "status"),
        *("place.name@it", "place.point", "period.start", "lead.name@it", "lead.identifier"),
        *("indicator.name@it", "indicator.value", "indicator.unit"),
    )
}


def source(host: str) -> Source:
    options = {"page_size": 100, "fields": KEYS}
    return Source("bench", {"en": "Bench"}, "ITA", "it", "ckan", f"http://{host}", "ckan", options=options)


@contextmanager
def portal(count: int) -> Iterator[str]:
    """host:port of a portal with so many packages, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.portal", str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def end_to_end(host: str) -> tuple[float, float]:
    """Records a second of `hub harvest`, from the process's start to the last record searchable: first, and again."""
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder) / "sources"
        sources.mkdir()
        (sources / "bench.toml").write_text(toml(source(host)), "utf-8")
        env = environment(Path(folder), HUB_SOURCES=str(sources), HUB_ALLOWED_HOSTS=host)
        rates = []
        for state in ("created", "unchanged"):
            started = time.monotonic()
            done = subprocess.run([sys.executable, "-m", "hub", "harvest", "--json"], env=env, stdout=subprocess.PIPE)
            report = json.loads(done.stdout)["runs"][0]
            assert report["state"] == "complete" and report[state] == report["seen"], report
            rates.append(report["seen"] / (time.monotonic() - started))
    return rates[0], rates[1]


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
    first, again, peer = [], [], []
    with portal(told.records) as host:
        for _ in range(told.runs):
            peer.append(plain_pyshacl())
            one, two = end_to_end(host)
            first.append(one)
            again.append(two)
    print(f"{told.records:,} generated records, medians of {told.runs} runs, records a second")
    beside = statistics.median(peer)
    for name, rates in (("harvest, fetch to searchable", first), ("harvest again, all unchanged", again)):
        middle = statistics.median(rates)
        print(f"  {name:32} {middle:8,.0f}   ({min(rates):,.0f}–{max(rates):,.0f})   {middle / beside:6.1f} × the peer")
    print(f"  {'the peer: plain pySHACL alone':32} {beside:8,.0f}   ({min(peer):,.0f}–{max(peer):,.0f})")
    with tempfile.TemporaryDirectory() as folder:
        alone = stages(Path(folder))
    total = sum(1 / rate for rate in alone.values())
    print(f"where the time goes: each stage alone, one thread, {STAGED:,} records")
    for name, value in alone.items():
        print(f"  {name:32} {value:8,.0f}   {100 / value / total:4.0f} %")


if __name__ == "__main__":
    main()
