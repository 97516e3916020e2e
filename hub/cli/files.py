"""Commands that read or write files of records."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.console import AsJson, app, one_of, open_ledger, settings, sources_of
from hub.harvest.imports import Asked, import_file
from hub.harvest.printing import print_import
from hub.languages import FALLBACK, LANGUAGES
from hub.profile import load
from hub.profile.spreadsheet import workbook
from hub.projection.process import projecting
from hub.validation.checks import check, status
from hub.validation.forms import FORMS, print_text

_FORMS = ("text", *FORMS)


@app.command("validate")
def validate_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", exists=True, help="Files or folders of RDF.")],
    lang: Annotated[str, typer.Option(help=", ".join(LANGUAGES), callback=one_of(LANGUAGES))] = FALLBACK,
    form: Annotated[str, typer.Option("--format", help=", ".join(_FORMS), callback=one_of(_FORMS))] = _FORMS[0],
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
        with open_ledger(chosen) as ledger, projecting(chosen):
            done = import_file(ledger, file, asked, load(), chosen.base, taken)
    typer.echo(json.dumps(done.as_json(), ensure_ascii=False)) if as_json else print_import(done)
    raise typer.Exit(done.has_errors)
