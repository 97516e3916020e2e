"""What all commands share: settings, sources, the ledger, and how things are shown."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from harvesters.source_files import SOURCES, load_sources
from hub.errors import BadRequest
from hub.harvest import Tell
from hub.ledger import Ledger
from hub.model import HarvestReport, Source
from hub.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Co-ped Hub: harvest, check, serve.")
screen = Console(stderr=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Keys = Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Sources by key; none: all.")]


def settings() -> Settings:
    """The settings of the environment; BadRequest names one that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"HUB_{str(first['loc'][-1]).upper()}"
        raise BadRequest(name, first["input"], first["msg"].removeprefix("Input should be ")) from error


def sources_of(chosen: Settings, keys: Sequence[str] | None, more: Mapping[str, Source] | None = None) -> list[Source]:
    """The sources asked for, from their files and from `more`; BadRequest names one that there is not."""
    every = {**(more or {}), **load_sources(chosen.sources or SOURCES, chosen.samples_url)}
    for key in keys or ():
        if key not in every:
            raise BadRequest("SOURCE", key, ", ".join(sorted(every)))
    return [source for key, source in every.items() if not keys or key in keys]


@contextmanager
def open_ledger(chosen: Settings) -> Iterator[Ledger]:
    ledger = Ledger(chosen.ledger_url, chosen.base)
    try:
        yield ledger
    finally:
        ledger.close()


@contextmanager
def bars() -> Iterator[Any]:
    """A progress bar for each source, on a screen; silent elsewhere."""
    columns = (
        TextColumn("{task.description:>12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[outcome]}"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=screen) as progress:

        def bar_of(source: Source) -> Tell:
            task = progress.add_task(source.key, total=None, outcome="")

            def tell(report: HarvestReport, total: int | None) -> None:
                outcome = f"{report.created} new, {report.changed} changed"
                progress.update(task, completed=report.seen, total=total or report.seen, outcome=outcome)

            return tell

        yield bar_of


def print_reports(reports: Sequence[HarvestReport], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"runs": [asdict(report) for report in reports]}, ensure_ascii=False))
        return
    rows = [(r.source, r.state, r.seen, effects(r), f"{r.seconds:.1f} s", r.message) for r in reports]
    print_table(("source", "state", "seen", "what changed", "took", "message"), rows)


def effects(report: HarvestReport) -> str:
    """The counts that are not zero, in words."""
    names = ("created", "changed", "unchanged", "quarantined", "failed", "missing", "withdrawn")
    return ", ".join(f"{count} {name}" for name in names if (count := getattr(report, name)))


def print_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = Table(*heads)
    for row in rows:
        table.add_row(*map(str, row))
    Console().print(table)


def one_of(allowed: Sequence[str]) -> Callable[[str], str]:
    def checked(value: str) -> str:
        if value not in allowed:
            raise typer.BadParameter(f"{value!r} is not valid; allowed: {', '.join(allowed)}")
        return value

    return checked
