"""Commands that serve, and that make the stores anew."""

import json
import socket
from contextlib import suppress
from typing import Annotated

import typer
import uvicorn

from harvesters.samples.server import serve as serve_samples
from harvesters.source_files import SOURCES
from hub.cli.console import AsJson, app, open_ledger, print_reports, screen, settings, sources_of
from hub.cli.harvesting import harvest_all
from hub.errors import BadRequest, HubError
from hub.profile import load
from hub.projection import Projector, projector_lock
from hub.projection.engines import PROJECTIONS, open_projections
from hub.settings import Settings
from hub.web.app import create_app

SAMPLES_PORT = 8801  # the same at each demo where it is free, so that links to the samples last
SAMPLES = SOURCES.parent / "samples" / "sources"
THINGS_TO_TRY = """
[bold]The portal is at {address}[/bold] (Ctrl-C ends it). Three things to try:
  1. Ask in Hungarian, find in seven languages: {address}/hu/?q=energiaközösség
  2. A record as linked data:
     curl -LH 'Accept: text/turtle' {address}/id/practice/sample-fr/green-kommon
  3. SPARQL:
     curl {address}/sparql -H 'Accept: text/csv' --data-urlencode \\
       'query=PREFIX coped: <https://w3id.org/co-ped/ns#> PREFIX dct: <http://purl.org/dc/terms/>
        SELECT ?title ?place {{ ?practice a coped:GoodPractice; dct:title ?title; coped:country ?place }} LIMIT 10'
"""


@app.command("rebuild")
def rebuild_command(
    which: Annotated[str, typer.Argument(help="graph, search, meaning or all")] = "all", as_json: AsJson = False
) -> None:
    """Make the graph store, the search index or the sentence vectors anew from the ledger, beside the old ones."""
    if which not in (*PROJECTIONS, "all"):
        raise BadRequest("WHICH", which, ", ".join((*PROJECTIONS, "all")))
    names = PROJECTIONS if which == "all" else (which,)
    chosen = settings()
    with open_ledger(chosen) as ledger, projector_lock(chosen.data) as ours:
        if not ours:
            raise HubError("Another process (a server, or a harvest) is writing the stores; stop it first")
        with open_projections(chosen, ledger, load(), names) as projections:
            done = Projector(ledger, projections).rebuild(names)
    typer.echo(json.dumps(done) if as_json else ", ".join(f"{name}: {count} records" for name, count in done.items()))


@app.command("serve")
def serve_command() -> None:
    """Serve the portal, the APIs and SPARQL."""
    run_server(settings())


def run_server(chosen: Settings) -> None:
    with open_ledger(chosen):
        pass  # a base or a database that cannot be used is told here in one line; inside the server it is a trace
    uvicorn.run(create_app(chosen), host=chosen.host, port=chosen.port, log_level="warning", access_log=False)


@app.command("demo")
def demo_command() -> None:
    """Harvest the six sample partner sources and serve the portal."""
    chosen = settings()
    _refuse_taken_port(chosen)
    with serve_samples(SAMPLES_PORT if _is_free("127.0.0.1", SAMPLES_PORT) else 0) as samples:
        own = {"samples_url": samples.url, "allowed_hosts": "127.0.0.1", "sources": SAMPLES, "schedule": False}
        demo = chosen.model_copy(update=own)
        print_reports(harvest_all(demo, sources_of(demo, None), quiet=False), as_json=False)
        screen.print(THINGS_TO_TRY.format(address=chosen.base), soft_wrap=True, highlight=False)
        run_server(demo)  # with the samples beside it, since records link to where they come from


def _refuse_taken_port(chosen: Settings) -> None:
    """Says so before the harvest, not behind it."""
    if not _is_free(chosen.host, chosen.port):
        raise BadRequest("HUB_PORT", chosen.port, f"a free port on {chosen.host}")


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as listener, suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        return True
    return False
