"""`hub harvest --dry-run`: what the hub would make of an address, without writing."""

import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from harvesters.source_files import SOURCES, load_sources
from hub.cli.console import one_of, screen
from hub.errors import BadRequest
from hub.fetch import Client
from hub.harvest.preview import Asked, Preview, check, look, preview
from hub.harvest.preview_told import preview_json, print_preview
from hub.languages import LANGUAGES
from hub.ledger.reading import records_to_read
from hub.model import Source
from hub.profile import load
from hub.settings import Settings

_RETRIES = 1  # a person waits
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show what would become of a source, an address or a file; write nothing.")
]
Lang = Annotated[
    str,
    typer.Option(
        help=f"With --dry-run: the language to tell it in ({', '.join(LANGUAGES)}).", callback=one_of(LANGUAGES)
    ),
]
Country = Annotated[str | None, typer.Option(help="With --dry-run: of the records, such as ITA; default: guessed.")]
Language = Annotated[str | None, typer.Option(help="With --dry-run: of texts that do not say it; default: guessed.")]


def show_preview(chosen: Settings, addresses: Sequence[str], asked: Asked, as_json: bool) -> None:
    """Prints it; leaves with 1 where there is nothing to harvest. Raises BadRequest where it is not about one thing."""
    if len(addresses) != 1:
        raise BadRequest("SOURCE", " ".join(addresses), "with --dry-run one address, file or source’s key")
    address = addresses[0]
    profile = load()
    check(asked, profile)
    with screen.status(Text(address)):
        done = _previewed(chosen, address, asked)
    if as_json:
        typer.echo(json.dumps(preview_json(done, profile, asked.lang), ensure_ascii=False))
    else:
        print_preview(done, profile, asked.lang)
    if not done.is_catalogue:
        raise typer.Exit(1)


def _previewed(chosen: Settings, address: str, asked: Asked) -> Preview:
    is_address = "://" in address
    source = None if is_address else load_sources(chosen.sources or SOURCES, chosen.samples_url).get(address)
    if source is None:
        return preview(address, _client(chosen, None), asked, load(), chosen.base)
    done = Preview(address, source=source)
    with records_to_read(chosen.ledger_url) as records:
        look(done, _client(chosen, source), asked, load(), chosen.base, records)
    return done


def _client(chosen: Settings, source: Source | None) -> Client:
    """Nothing is kept of what it fetches."""
    hosts = [host.strip() for host in chosen.allowed_hosts.split(",") if host.strip()]
    agent = str(source.options.get("user_agent", chosen.user_agent)) if source else chosen.user_agent
    return Client(agent, allowed_hosts=hosts, rate=source.limits.get("rate") if source else None, retries=_RETRIES)
