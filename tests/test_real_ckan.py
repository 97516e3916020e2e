"""A real CKAN with its real Solr: what happens to a portal, and what the hub makes of that."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from pyoxigraph import Literal, RdfFormat, parse

from harvesters.source_files import load_sources
from hub.fetch import Client
from hub.harvest import harvest
from hub.ledger import Ledger, LedgerRecord
from hub.model import HarvestReport
from hub.namespaces import DCT
from hub.profile import load
from tests.command import environment, hub
from tests.servers import need
from tests.servers.ckan import MISSING, Ckan, available, ckan
from tests.servers.ckan_packages import GROUP, fill, name, place, texts
from tests.servers.processes import free_port, running, wait_for

PRACTICES, OTHERS, PAGE = 200, 5, 50
SOURCE = """
key = "real"
title = {{ en = "A real CKAN" }}
country = "ITA"
language = "it"
protocol = "{protocol}"
format = "{protocol}"
url = "{url}"
select = {{ practice = "{select}" }}
options = {{ page_size = {PAGE} }}
"""
COUNTS = ("seen", "created", "changed", "unchanged", "quarantined", "missing", "withdrawn", "failed")
Env = Mapping[str, str]


@pytest.fixture(scope="module")
def portal() -> Iterator[Ckan]:
    need(available(), MISSING)
    with ckan() as opened:
        fill(opened, PRACTICES, OTHERS)
        yield opened


@pytest.fixture
def env(portal: Ckan, tmp_path: Path) -> Env:
    """A hub of its own whose one source is the portal's action API."""
    return declared(tmp_path, "ckan", portal.url, f"groups:{GROUP}")


def declared(data: Path, protocol: str, url: str, select: str) -> Env:
    sources = data / "sources"
    sources.mkdir()
    (sources / "real.toml").write_text(SOURCE.format(protocol=protocol, url=url, select=select, PAGE=PAGE), "utf-8")
    port = str(free_port())
    return environment(data, HUB_SOURCES=str(sources), HUB_ALLOWED_HOSTS="127.0.0.1", HUB_PORT=port)


def harvested(env: Env, state: str = "complete", **counts: int) -> str:
    """Runs `hub harvest`, checks how it ended and that all counts but those given are 0; its message."""
    (run,) = json.loads(hub(["harvest", "--json"], env, 1 if state == "failed" else 0))["runs"]
    expected = {"state": state, **dict.fromkeys(COUNTS, 0), **counts}
    assert {key: run[key] for key in expected} == expected, run["message"]
    return str(run["message"])


@contextmanager
def ledger_of(env: Env) -> Iterator[Ledger]:
    ledger = Ledger(f"sqlite:///{env['HUB_DATA']}/ledger.sqlite", f"http://localhost:{env['HUB_PORT']}")
    try:
        yield ledger
    finally:
        ledger.close()


def states(env: Env) -> dict[str, int]:
    with ledger_of(env) as ledger:
        return dict(ledger.records.counts()["real"])


def titles(record: LedgerRecord) -> dict[str, str]:
    """By language."""
    found = (t.object for t in parse(record.graph, RdfFormat.N_TRIPLES) if t.predicate == DCT.title)
    return {o.language or "": o.value for o in found if isinstance(o, Literal)}


def all_titles(env: Env) -> list[dict[str, str]]:
    with ledger_of(env) as ledger:
        return sorted(map(titles, ledger.changes.all_records()), key=repr)
