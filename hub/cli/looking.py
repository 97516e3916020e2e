"""Commands that show how the sources do, and let a person decide."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from hub.cli.console import (
    AsJson,
    app,
    effects,
    open_ledger,
    print_reports,
    print_table,
    settings,
    sources_of,
)
from hub.harvest import edition
from hub.harvest.imports import PROTOCOL as IMPORTED
from hub.harvest.imports import imported
from hub.languages import FALLBACK
from hub.ledger import Ledger, Run
from hub.profile import load
from hub.projection.process import projecting
from hub.quality import in_words, told_of_source
from hub.schedule import freshness_told

_MINUTE: Final = "%Y-%m-%d %H:%M"


@app.command("sources")
def sources_command(as_json: AsJson = False) -> None:
    """Each source: how fresh it is, how its last run ended, how many records it has in which state, when it is due."""
    chosen = settings()
    with open_ledger(chosen) as ledger:
        counts, qualities = ledger.records.counts(), ledger.qualities.measured()
        fresh, mapped, now = ledger.runs.freshness(), ledger.records.mapped(), datetime.now(UTC)
        rows = []
        for source in sources_of(chosen, None, imported(ledger)):
            current = edition(source, load())
            older = sum(count for with_, count in mapped.get(source.key, {}).items() if with_ != current)
            rhythm = None if source.protocol == IMPORTED else source.rhythm
            row = {
                "source": source.key,
                "title": source.title.get(FALLBACK, source.key),
                "protocol": source.protocol,
                "url": source.url,
                "records": counts.get(source.key, {}),
                "mapped_with_older_rules": older,
                **freshness_told(rhythm, fresh.get(source.key), now),
                "quality": told_of_source(qualities.get(source.key, ("", None))[1], load(), FALLBACK),
            }
            rows.append(row)
    if as_json:
        typer.echo(json.dumps({"sources": rows}, ensure_ascii=False, default=_iso))
        return
    heads = ("source", "title", "protocol", "records", "last run", "last complete", "due (UTC)", "quality")
    print_table(heads, [_source_row(row, now) for row in rows])


def _iso(value: datetime) -> str:
    return value.isoformat()


def _source_row(row: Mapping[str, Any], now: datetime) -> Sequence[str]:
    records = ", ".join(f"{count} {state}" for state, count in sorted(row["records"].items()))
    if older := row["mapped_with_older_rules"]:
        records += f"; {older} mapped with older rules: hub remap {row['source']}"
    run = row["last_run"]
    last = f"{run['state']}, {run['started']:{_MINUTE}}" if run else "never"
    silent, due = row["silent_days"], row["next_run"]
    complete = "never" if silent is None else "today" if silent == 0 else f"{silent} days ago"
    when = "" if due is None else "now" if due <= now else f"{due:{_MINUTE}}"
    return row["source"], row["title"], row["protocol"], records, last, complete, when, in_words(row["quality"])


@app.command("runs")
def runs_command(
    release: Annotated[
        int | None, typer.Option(help="Believe this held run: what it did not list goes missing.")
    ] = None,
    refuse: Annotated[int | None, typer.Option(help="Do not believe this held run.")] = None,
    undo: Annotated[int | None, typer.Option(help="Take back what this run took as missing or withdrawn.")] = None,
    as_json: AsJson = False,
) -> None:
    """See the runs; release or refuse one that is held, or undo what one took as missing or withdrawn."""
    chosen = settings()
    with open_ledger(chosen) as ledger:
        if (release, refuse, undo) == (None, None, None):
            _print_runs(ledger, as_json)
            return
        decisions = ((release, ledger.runs.release), (refuse, ledger.runs.refuse), (undo, ledger.runs.undo))
        with projecting(chosen):
            print_reports([decide(run) for run, decide in decisions if run is not None], as_json)


def _print_runs(ledger: Ledger, as_json: bool) -> None:
    runs = ledger.runs.latest()
    if as_json:
        typer.echo(json.dumps({"runs": [_run_told(run) for run in runs]}, ensure_ascii=False, default=_iso))
        return
    rows = [_run_row(run, ledger.database.is_held) for run in runs]
    print_table(
        ("run", "source", "state", "started (UTC)", "asked for", "seen", "what changed", "took", "message"), rows
    )


def _run_told(run: Run) -> dict[str, Any]:
    made = {"started": run.started, "ended": run.ended, "holder": run.holder, "code": run.code, "profile": run.profile}
    return {"id": run.id, **asdict(run.report), **made}


def _run_row(run: Run, is_held: Callable[[str], bool]) -> Sequence[object]:
    report, message = run.report, run.report.message
    state = run.state
    if state == "running" and is_held(run.source):
        message = f"by {run.holder}"
    elif state == "running":
        state, message = "interrupted", f"{run.holder} ended within it; the next harvest goes on"
    asked_for = f"changes since {run.since:{_MINUTE}}" if run.since else "all"
    started, took = f"{run.started:{_MINUTE}}", f"{report.seconds:.1f} s"
    return run.id, run.source, state, started, asked_for, report.seen, effects(report), took, message
