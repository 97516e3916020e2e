"""The command that finds records telling the same thing, and lets a person decide."""

import getpass
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pyoxigraph import Literal
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from hub.cli.console import AsJson, app, one_of, open_ledger, screen, settings
from hub.clusters import Finder
from hub.clusters.words import in_words
from hub.errors import BadRequest
from hub.languages import FALLBACK, LANGUAGES, pick
from hub.ledger import Ledger, Pair
from hub.ledger.clusters import STATES
from hub.model import KINDS
from hub.profile import Profile, load
from hub.projection.process import projecting
from hub.search.documents import Reading
from hub.search.vectors import missing

SHOWN: Final = 50  # pairs on a screen
ALLOWED: Final = "a record's IRI, or KIND/SOURCE/KEY such as practice/sample-fr/green-kommon"
Two = tuple[str, str] | None


def _two(words: str) -> Any:
    return typer.Option(metavar="A B", help=words)


@app.command("clusters")
def clusters_command(
    confirm: Annotated[Two, _two("Both tell the same: show them as one.")] = None,
    reject: Annotated[Two, _two("They do not tell the same.")] = None,
    split: Annotated[Two, _two("Take a confirmed pair back.")] = None,
    find: Annotated[bool, typer.Option("--find", help="First look at all that changed since the last look.")] = False,
    by: Annotated[str | None, typer.Option(help="Who decides; default: your user name.")] = None,
    state: Annotated[str | None, typer.Option(help=f"Only {', '.join(STATES)} ones.")] = None,
    lang: Annotated[str, typer.Option(help=", ".join(LANGUAGES), callback=one_of(LANGUAGES))] = FALLBACK,
    as_json: AsJson = False,
) -> None:
    """Pairs of records that may tell the same: list them, find more; confirm, reject or split one."""
    wanted = {"confirm": confirm, "reject": reject, "split": split}
    decisions = {name: pair for name, pair in wanted.items() if pair}
    if len(decisions) > 1:
        raise BadRequest("--" + " --".join(decisions), "several at once", "one of --confirm, --reject and --split")
    if state not in (None, *STATES):
        raise BadRequest("--state", state, ", ".join(STATES))
    chosen, profile = settings(), load()
    with open_ledger(chosen) as ledger:
        if find:
            _find(ledger, profile, chosen.data)
        for name, pair in decisions.items():
            first, second = (_iri(ledger.base, text) for text in pair)
            with projecting(chosen):
                decide = {
                    "confirm": ledger.clusters.confirm,
                    "reject": ledger.clusters.reject,
                    "split": ledger.clusters.split,
                }
                decide[name](first, second, by or getpass.getuser())
        _print(ledger, ledger.clusters.pairs((state,) if state else STATES), profile, lang, as_json)


def _find(ledger: Ledger, profile: Profile, data: Path) -> None:
    if reason := missing():
        screen.print(f"Without meaning, by words and identifiers alone: {reason}", style="yellow", highlight=False)
    with Finder(ledger, data, profile) as finder:
        done = finder.catch_up()
    screen.print(f"Looked at {done} changes.", highlight=False)


def _iri(base: str, text: str) -> str:
    """The IRI of a record that a person named; BadRequest says how to name one."""
    if text.startswith(f"{base}/id/"):
        return text
    kind, *rest = text.strip("/").split("/")
    if kind not in KINDS or len(rest) != 2:
        raise BadRequest("A record", text, ALLOWED)
    return f"{base}/id/{kind}/{'/'.join(rest)}"


def _print(ledger: Ledger, pairs: Sequence[Pair], profile: Profile, lang: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"pairs": [_as_json(pair, lang) for pair in pairs]}, ensure_ascii=False, default=str))
        return
    out = Console(highlight=False)
    for pair in pairs[:SHOWN]:
        decided = f", {pair.decided:%Y-%m-%d} by {pair.decided_by}" if pair.decided else ""
        out.print(f"[bold]{pair.score:.2f}[/bold] {pair.state}{escape(decided)}")
        for iri in (pair.first, pair.second):
            out.print(f"     {iri.partition('/id/')[2]}", style="cyan", soft_wrap=True)  # to be copied, so never broken
            out.print(Padding(escape(_title(ledger, iri, profile, lang)), (0, 0, 0, 7)))
        out.print(
            Padding(escape("; ".join(in_words(reason, lang) for reason in pair.reasons)), (0, 0, 1, 5)), style="dim"
        )
    if len(pairs) > SHOWN or not pairs:
        screen.print(
            f"{len(pairs) - SHOWN} more; --json shows all." if pairs else "There are no pairs.", highlight=False
        )


def _as_json(pair: Pair, lang: str) -> dict[str, Any]:
    words = [in_words(reason, lang) for reason in pair.reasons]
    decided = {"found": pair.found, "decided": pair.decided, "decided_by": pair.decided_by}
    told = {"first": pair.first, "second": pair.second, "kind": pair.kind, "score": pair.score, "state": pair.state}
    return {**told, "reasons": list(pair.reasons), "why": words, **decided}


def _title(ledger: Ledger, iri: str, profile: Profile, lang: str) -> str:
    values = Reading(ledger.changes.record(iri), profile).role("title")
    return pick({v.language or "": v.value for v in values if isinstance(v, Literal)}, lang)[0]
