"""The commands that import bilingual lexicons, by which a search finds words of other languages."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from hub.cli.console import AsJson, app, print_table, screen, settings
from hub.errors import BadRequest
from hub.languages import LANGUAGES
from hub.search.lexicons.formats import FORMATS, lexicals
from hub.search.lexicons.shelf import Listed, Shelf

SHOWN: Final = 90  # characters of a licence in a table
lexicon = typer.Typer(no_args_is_help=True, help="Bilingual lexicons for the search: import, list, remove.")
app.add_typer(lexicon, name="lexicon")


@lexicon.command("import")
def import_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    source: Annotated[str | None, typer.Option("--from", help="Of a dictionary whose name does not say it.")] = None,
    target: Annotated[str | None, typer.Option("--to", help=f"Its other language: {', '.join(LANGUAGES)}.")] = None,
    form: Annotated[str | None, typer.Option("--format", help=f"{', '.join(FORMATS)}; default: found out.")] = None,
    name: Annotated[str | None, typer.Option(help="What to call it; one of that name is replaced.")] = None,
    licence: Annotated[str | None, typer.Option(help="Where the file does not state it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Import lexicons: FreeDict (dictd or TEI), Open Multilingual Wordnet (tab or WN-LMF), SKOS (EuroVoc, GEMET)."""
    if form not in (None, *FORMATS):
        raise BadRequest("--format", form, ", ".join(FORMATS))
    found, done = lexicals(files, form, (source, target), name), []
    with Shelf(settings().data) as shelf:
        for lexical in found:
            with screen.status(Text(lexical.name)):
                done.append(shelf.put(lexical, licence))
    _print(done, as_json)


@lexicon.command("list")
def list_command(as_json: AsJson = False) -> None:
    """The lexicons that are imported, with their licences."""
    with Shelf(settings().data) as shelf:
        _print(shelf.listed(), as_json)


@lexicon.command("remove")
def remove_command(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Remove a lexicon."""
    with Shelf(settings().data) as shelf:
        shelf.remove(name)


def _print(rows: list[Listed], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"lexicons": [asdict(row) for row in rows]}, ensure_ascii=False))
    elif rows:
        heads = ("name", "languages", "entries", "licence")
        print_table(heads, [(r.name, " ".join(r.languages), f"{r.entries:,}", r.licence[:SHOWN] or "?") for r in rows])
    else:
        screen.print("There are no lexicons.", highlight=False)
