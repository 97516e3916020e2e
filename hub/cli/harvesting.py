"""Commands that bring records in."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from hub.cli.console import AsJson, Keys, app, bars, open_ledger, print_reports, settings, sources_of
from hub.cli.previewing import Country, DryRun, Lang, Language, show_preview
from hub.errors import LedgerError
from hub.fetch import Client
from hub.harvest import Tell, harvest, remap
from hub.harvest.imports import imported
from hub.harvest.preview import PREVIEWED, Asked
from hub.languages import FALLBACK
from hub.model import HarvestReport, Source
from hub.profile import load
from hub.projection.process import projecting
from hub.schedule import is_due
from hub.settings import Settings


def client_of(chosen: Settings, source: Source) -> Client:
    return Client(
        str(source.options.get("user_agent", chosen.user_agent)),
        allowed_hosts=[host.strip() for host in chosen.allowed_hosts.split(",") if host.strip()],
        rate=source.limits.get("rate"),
        kept_in=chosen.data / "fetched" / source.key,
    )


@app.command("harvest")
def harvest_command(
    keys: Keys = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many records.")] = None,
    full: Annotated[bool, typer.Option("--full", help="List all, not only what changed.")] = False,
    due: Annotated[bool, typer.Option("--due", help="Only sources that are due by their rhythm.")] = False,
    dry_run: DryRun = False,
    lang: Lang = FALLBACK,
    country: Country = None,
    language: Language = None,
    as_json: AsJson = False,
) -> None:
    """Harvest sources into the ledger; a running server shows what is new."""
    chosen = settings()
    if dry_run:
        show_preview(chosen, keys or (), Asked(lang, limit or PREVIEWED, country, language), as_json)
        return
    reports = harvest_all(chosen, sources_of(chosen, keys), quiet=as_json, limit=limit, full=full, due=due)
    print_reports(reports, as_json)
    if any(report.state in (("failed",) if due else ("failed", "running")) for report in reports):
        raise typer.Exit(1)


def harvest_all(
    chosen: Settings,
    sources: Sequence[Source],
    *,
    quiet: bool,
    limit: int | None = None,
    full: bool = False,
    due: bool = False,
) -> list[HarvestReport]:
    """Harvests one source after the other, until it is told to end; a source that another process is at is left to it.

    What is due is asked again before each source: another process may have harvested it meanwhile.
    """
    reports: list[HarvestReport] = []
    with open_ledger(chosen) as ledger, until_told() as told, ExitStack() as opened:
        if due and not any(is_due(ledger, source, datetime.now(UTC)) for source in sources):
            return []  # without opening the stores: a scheduler may ask every minute
        opened.enter_context(projecting(chosen))
        bar_of = None if quiet else opened.enter_context(bars())
        for source in sources:
            if told.is_set() or (due and not is_due(ledger, source, datetime.now(UTC))):
                continue
            tell = _stopping(told, bar_of(source) if bar_of else _silent)
            try:
                reports.append(harvest(ledger, source, client_of(chosen, source), load(), tell, limit, full=full))
            except LedgerError as error:
                reports.append(HarvestReport(source.key, "running", message=str(error)))
            except _Stopped as stopped:
                message = "It was told to end; the next harvest goes on here."
                reports.append(replace(stopped.report, state="running", message=message))
    return reports


class _Stopped(Exception):
    def __init__(self, report: HarvestReport) -> None:
        self.report = report


def _stopping(told: threading.Event, tell: Tell) -> Tell:
    """Ends the harvest behind a page, with its run as a killed one leaves it."""

    def tell_or_stop(report: HarvestReport, total: int | None) -> None:
        tell(report, total)
        if told.is_set():
            raise _Stopped(report)

    return tell_or_stop


@contextmanager
def until_told() -> Iterator[threading.Event]:
    """Set once this process is asked to end (SIGTERM); asked twice, it ends at once."""
    told = threading.Event()

    def tell(*_: object) -> None:
        told.set()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    before = signal.signal(signal.SIGTERM, tell)
    try:
        yield told
    finally:
        signal.signal(signal.SIGTERM, before)


def _silent(_report: HarvestReport, _total: int | None) -> None:
    pass


@app.command("remap")
def remap_command(keys: Keys = None, as_json: AsJson = False) -> None:
    """Map and validate again from stored payloads, without fetching."""
    chosen = settings()
    with open_ledger(chosen) as ledger, projecting(chosen):
        there = ledger.runs.sources()
        wanted = [source for source in sources_of(chosen, keys, imported(ledger)) if source.key in there]
        reports = [remap(ledger, source, load(), _silent) for source in wanted]
    print_reports(reports, as_json)
