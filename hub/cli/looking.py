"""Commands that show how the sources do, and let a person decide."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from hub.cli.console import AsJson, app, open_ledger, print_reports, print_table, projecting, settings, sources_of
from hub.harvest.imports import imported
from hub.languages import FALLBACK
from hub.ledger import Ledger
from hub.profile import load
from hub.quality import in_words, told_of_source


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
