"""Commands that bring records in."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Annotated

import typer

from hub.cli.console import AsJson, Keys, app, bars, open_ledger, print_reports, projecting, settings, sources_of
from hub.errors import LedgerError
from hub.fetch import Client
from hub.harvest import harvest, remap
from hub.harvest.imports import imported
from hub.model import HarvestReport, Source
from hub.profile import load
from hub.settings import Settings


def client_of(chosen: Settings, source: Source) -> Client:
    return Client(
        str(source.options.get("user_agent", chosen.user_agent)),
        allowed_hosts=[host.strip() for host in chosen.allowed_hosts.split(",") if host.strip()],
        rate=source.limits.get("rate"),
    )


@app.command("harvest")
def harvest_command(
    keys: Keys = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many records.")] = None,
    as_json: AsJson = False,
) -> None:
    """Harvest sources into the ledger; a running server shows what is new."""
    chosen = settings()
    reports = harvest_all(chosen, sources_of(chosen, keys), limit, quiet=as_json)
    print_reports(reports, as_json)
    if any(report.state == "failed" for report in reports):
        raise typer.Exit(1)


def harvest_all(chosen: Settings, sources: Sequence[Source], limit: int | None, quiet: bool) -> list[HarvestReport]:
    profile = load()
    reports = []
    with open_ledger(chosen) as ledger, projecting(chosen, ledger), nullcontext() if quiet else bars() as bar_of:
        for source in sources:
            tell = bar_of(source) if bar_of else _silent
            try:
                reports.append(harvest(ledger, source, client_of(chosen, source), profile, tell, limit))
            except LedgerError as error:  # another process harvests it; the others go on
                reports.append(HarvestReport(source.key, message=str(error)))
    return reports


def _silent(_report: HarvestReport, _total: int | None) -> None:
    pass


@app.command("remap")
def remap_command(keys: Keys = None, as_json: AsJson = False) -> None:
    """Map and validate again from stored payloads, without fetching."""
    chosen = settings()
    with open_ledger(chosen) as ledger, projecting(chosen, ledger):
        there = ledger.runs.sources()
        wanted = [source for source in sources_of(chosen, keys, imported(ledger)) if source.key in there]
        reports = [remap(ledger, source, load(), _silent) for source in wanted]
    print_reports(reports, as_json)
