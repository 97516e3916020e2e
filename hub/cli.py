"""The command `hub`: the only room that knows all rooms."""

import json
import logging
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import uvicorn
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from harvesters.samples.server import serve as serve_samples
from harvesters.source_files import SOURCES, load_sources
from hub.errors import BadRequest, HubError, LedgerError
from hub.fetch import Client
from hub.harvest import Tell, harvest, remap
from hub.harvest.imports import Asked, import_file, imported
from hub.harvest.printing import print_import
from hub.languages import FALLBACK, LANGUAGES
from hub.ledger import Ledger
from hub.model import HarvestReport, Source
from hub.profile import load
from hub.profile.spreadsheet import workbook
from hub.projection import Projector, open_projections, projector_lock
from hub.quality import in_words, told_of_source
from hub.settings import Settings
from hub.validation.checks import check, status
from hub.validation.forms import FORMS, print_text
from hub.web.app import create_app

SAMPLES_PORT = 8801  # the same at each demo where it is free, so that links to the samples last
_FORMS = ("text", *FORMS)
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
def projecting(chosen: Settings, ledger: Ledger) -> Iterator[Projector | None]:
    """Projects while the block runs, and to the end after it; None where another process does so."""
    with projector_lock(chosen.data) as ours:
        if not ours:
            yield None
            return
        with open_projections(chosen, ledger, load()) as projections:
            projector = Projector(ledger, projections)
            with projector.following():
                yield projector
            projector.catch_up()


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


def client_of(chosen: Settings, source: Source) -> Client:
    return Client(
        str(source.options.get("user_agent", chosen.user_agent)),
        allowed_hosts=[host.strip() for host in chosen.allowed_hosts.split(",") if host.strip()],
        rate=source.limits.get("rate"),
    )


def print_reports(reports: Sequence[HarvestReport], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"runs": [asdict(report) for report in reports]}, ensure_ascii=False))
        return
    rows = [(r.source, r.state, r.seen, _effects(r), f"{r.seconds:.1f} s", r.message) for r in reports]
    print_table(("source", "state", "seen", "what changed", "took", "message"), rows)


def _effects(report: HarvestReport) -> str:
    """The counts that are not zero, in words."""
    names = ("created", "changed", "unchanged", "quarantined", "failed", "missing", "withdrawn")
    return ", ".join(f"{count} {name}" for name in names if (count := getattr(report, name)))


def print_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = Table(*heads)
    for row in rows:
        table.add_row(*map(str, row))
    Console().print(table)


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


@app.command("sources")
def sources_command(as_json: AsJson = False) -> None:
    """Each source: when it was last harvested, how that ended, how many records it has in which state."""
    chosen = settings()
    with open_ledger(chosen) as ledger:
        counts, qualities = ledger.records.counts(), ledger.qualities.measured()
        rows = [
            {
                "source": source.key,
                "title": source.title.get(FALLBACK, source.key),
                "protocol": source.protocol,
                "url": source.url,
                "records": counts.get(source.key, {}),
                "last_run": _last_run(ledger, source.key),
                "quality": told_of_source(qualities.get(source.key, ("", None))[1], load(), FALLBACK),
            }
            for source in sources_of(chosen, None, imported(ledger))
        ]
    if as_json:
        typer.echo(json.dumps({"sources": rows}, ensure_ascii=False, default=str))
        return
    print_table(("source", "title", "protocol", "records", "last run", "quality"), [_source_row(row) for row in rows])


def _source_row(row: Mapping[str, Any]) -> Sequence[str]:
    records = ", ".join(f"{count} {state}" for state, count in sorted(row["records"].items()))
    run = row["last_run"]
    last = f"{run['state']}, {run['started']:%Y-%m-%d %H:%M}" if run else "never"
    return row["source"], row["title"], row["protocol"], records, last, in_words(row["quality"])


def _last_run(ledger: Ledger, key: str) -> dict[str, Any] | None:
    for run in ledger.runs.latest(key, 1):
        return {"state": run.state, "started": run.started, "message": run.report.message}
    return None


@app.command("runs")
def runs_command(
    release: Annotated[
        int | None, typer.Option(help="Believe this held run: what it did not list goes missing.")
    ] = None,
    refuse: Annotated[int | None, typer.Option(help="Do not believe this held run.")] = None,
    as_json: AsJson = False,
) -> None:
    """See the runs; release or refuse one that is held."""
    chosen = settings()
    with open_ledger(chosen) as ledger, projecting(chosen, ledger):
        if release is not None:
            print_reports([ledger.runs.release(release)], as_json)
        elif refuse is not None:
            print_reports([ledger.runs.refuse(refuse)], as_json)
        else:
            _print_runs(ledger, as_json)


def _print_runs(ledger: Ledger, as_json: bool) -> None:
    runs = ledger.runs.latest()
    if as_json:
        typer.echo(json.dumps({"runs": [{"id": run.id, **asdict(run.report)} for run in runs]}, ensure_ascii=False))
        return
    rows = [(r.id, r.source, r.state, f"{r.started:%Y-%m-%d %H:%M}", r.report.seen, r.report.message) for r in runs]
    print_table(("run", "source", "state", "started", "seen", "message"), rows)


@app.command("rebuild")
def rebuild_command(
    which: Annotated[str, typer.Argument(help="graph, search or all")] = "all", as_json: AsJson = False
) -> None:
    """Make the graph store or the search index anew from the ledger, beside the old one."""
    names = {"graph": ("graph",), "search": ("search",), "all": ("graph", "search")}.get(which)
    if names is None:
        raise BadRequest("WHICH", which, "graph, search, all")
    chosen = settings()
    with open_ledger(chosen) as ledger, projector_lock(chosen.data) as ours:
        if not ours:
            raise HubError("Another process (a server, or a harvest) is writing the stores; stop it first")
        with open_projections(chosen, ledger, load()) as projections:
            done = Projector(ledger, projections).rebuild(names)
    typer.echo(json.dumps(done) if as_json else ", ".join(f"{name}: {count} records" for name, count in done.items()))


def _one_of(allowed: Sequence[str]) -> Callable[[str], str]:
    def checked(value: str) -> str:
        if value not in allowed:
            raise typer.BadParameter(f"{value!r} is not valid; allowed: {', '.join(allowed)}")
        return value

    return checked


@app.command("validate")
def validate_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", exists=True, help="Files or folders of RDF.")],
    lang: Annotated[str, typer.Option(help=", ".join(LANGUAGES), callback=_one_of(LANGUAGES))] = FALLBACK,
    form: Annotated[str, typer.Option("--format", help=", ".join(_FORMS), callback=_one_of(_FORMS))] = _FORMS[0],
) -> None:
    """Check each record in files of RDF against the profile; leaves with 1 where one is not valid."""
    profile = load()
    checked = list(check(files, profile, lang))
    if form in FORMS:
        typer.echo(FORMS[form](checked, profile, lang), nl=False)
    else:
        print_text(checked, lang)
    raise typer.Exit(status(checked))


@app.command("template")
def template_command(
    lang: Annotated[str, typer.Argument(metavar="LANG", help=", ".join(LANGUAGES))],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Default: co-ped-LANG.xlsx")] = None,
) -> None:
    """Write a spreadsheet to fill in, in one language."""
    content, file = workbook(load(), lang), output or Path(f"co-ped-{lang}.xlsx")
    file.write_bytes(content)
    typer.echo(str(file))


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    key: Annotated[str | None, typer.Option("--source", help="Whose records these are; default: of a country.")] = None,
    country: Annotated[str | None, typer.Option(help="Of records that state none, such as ITA.")] = None,
    lang: Annotated[str | None, typer.Option(help="Of the headings; default: found out.")] = None,
    is_all: Annotated[bool, typer.Option("--all", help="The file has all records; others of the source go.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the file and write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read a filled-in spreadsheet; leaves with 1 where something in it has to be mended."""
    chosen, asked = settings(), Asked(key, country, lang, is_all)
    taken = {source.key for source in sources_of(chosen, None)}
    if dry_run:
        done = import_file(None, file, asked, load(), chosen.base, taken)
    else:
        with open_ledger(chosen) as ledger, projecting(chosen, ledger):
            done = import_file(ledger, file, asked, load(), chosen.base, taken)
    typer.echo(json.dumps(done.as_json(), ensure_ascii=False)) if as_json else print_import(done)
    raise typer.Exit(done.has_errors)


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
        own = {"samples_url": samples.url, "allowed_hosts": "127.0.0.1", "sources": SAMPLES}
        demo = chosen.model_copy(update=own)
        print_reports(harvest_all(demo, sources_of(demo, None), None, quiet=False), as_json=False)
        screen.print(THINGS_TO_TRY.format(address=chosen.base), soft_wrap=True, highlight=False)
        run_server(chosen)  # with the samples beside it, since records link to where they come from


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


def main() -> None:
    """The entry point: a failure with a name becomes one line, not a stack trace."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        app()
    except HubError as error:
        complain(error.title, error)
    except (SQLAlchemyError, OSError) as error:
        complain("The hub cannot go on", error)


def complain(title: str, error: Exception) -> NoReturn:
    words = f"{title}. {str(error).splitlines()[0] if str(error) else type(error).__name__}"
    screen.print(words, style="bold red", soft_wrap=True, highlight=False, markup=False)
    sys.exit(1)
