"""`hpdsl check`: diagnostics of .hp files."""

from __future__ import annotations

import json
import sys

import click

from hpdsl.cli import exits, streams
from hpdsl.compiler import check_text, read
from hpdsl.diagnostics import Diagnostic, render, summary
from hpdsl.errors import UsageError
from hpdsl.source import Source


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="json: one object a line.")
def check(files: tuple[str, ...], strict: bool, form: str) -> None:
    """Find errors in .hp files (`-` reads standard input)."""
    worst = exits.OK
    for name in files:
        try:
            source = _standard_input() if name == "-" else read(name)
        except UsageError as error:
            click.echo(f"error: {error}", err=True)
            worst = exits.MISUSE
            continue
        found = check_text(source)
        _show(source, found, form)
        if any(strict or d.severity == "error" for d in found) and worst != exits.MISUSE:
            worst = exits.SPEC_ERRORS
    sys.exit(worst)


def _standard_input() -> Source:
    try:
        return Source("<stdin>", sys.stdin.buffer.read().decode("utf-8"))
    except UnicodeDecodeError:
        raise UsageError("<stdin>: not valid UTF-8") from None


def _show(source: Source, found: tuple[Diagnostic, ...], form: str) -> None:
    if form == "json":
        for d in found:
            click.echo(json.dumps(d.as_dict(), ensure_ascii=False))
    elif found:
        click.echo(render(found, streams.colored(sys.stdout)))
        click.echo(f"\n{source.name}: {summary(found)}")
    else:
        click.echo(f"{source.name}: no errors")
