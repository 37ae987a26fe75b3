"""`hpdsl check`: diagnostics of .hp files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from hpdsl.assignments import pairs
from hpdsl.cli import exits, streams
from hpdsl.cli.options import space_options
from hpdsl.compiler import Compilation, read, standard_input
from hpdsl.diagnostics import Diagnostic, render, summary
from hpdsl.errors import UsageError
from hpdsl.semantics.edits import Edits
from hpdsl.source import Source


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="json: one object a line.")
@space_options
def check(files: tuple[str, ...], strict: bool, form: str, given: tuple[str, ...], fix: tuple[str, ...]) -> None:
    """Find errors in .hp files (`-` reads standard input)."""
    worst = exits.OK
    for name in files:
        try:
            source = standard_input() if name == "-" else read(name)
            folder = None if name == "-" else Path(name).parent
            edits = Edits(pairs(fix, "--fix"))
            found = Compilation(source, folder, pairs(given, "--given"), edits).diagnostics
        except UsageError as error:
            click.echo(f"error: {error}", err=True)
            worst = exits.MISUSE
            continue
        _show(source, found, form)
        if any(strict or d.severity == "error" for d in found) and worst != exits.MISUSE:
            worst = exits.SPEC_ERRORS
    sys.exit(worst)


def _show(source: Source, found: tuple[Diagnostic, ...], form: str) -> None:
    if form == "json":
        for d in found:
            click.echo(json.dumps(d.as_dict(), ensure_ascii=False))
    elif found:
        click.echo(render(found, streams.colored(sys.stdout)))
        click.echo(f"\n{source.name}: {summary(found)}")
    else:
        click.echo(f"{source.name}: no errors")
