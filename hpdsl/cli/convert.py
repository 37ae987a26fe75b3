"""`hpdsl convert`: spaces from and to the formats of other tools."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from hpdsl.cli import exits
from hpdsl.compiler import read, standard_input, unnameable
from hpdsl.errors import UsageError
from hpdsl.interop.formats import FORMATS, detect, of_path
from hpdsl.interop.formats import convert as converted
from hpdsl.source import Source

_NAMES = click.Choice(list(FORMATS))


@click.command()
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT")
@click.option("--from", "source_format", type=_NAMES, help="Format of IN; told from its name and text otherwise.")
@click.option("--to", "target_format", type=_NAMES, help="Format of OUT; told from its name otherwise.")
@click.option("--lossy", is_flag=True, help="Leave out what the format of OUT can't hold, with a note for each.")
@click.option("--force", is_flag=True, help="Overwrite OUT where it exists.")
def convert(
    source: str, target: str, source_format: str | None, target_format: str | None, lossy: bool, force: bool
) -> None:
    """Write the space in IN to OUT in another format (`-` is standard input or output).

    What the other format can't hold is said on standard error, one line each.
    """
    given = standard_input() if source == "-" else read(source)
    out = None if target == "-" else Path(target)
    if out is not None and out.exists() and not force:
        raise UsageError(f"{target} exists; give --force to overwrite it, or another name")
    kind = target_format or _target(given, source, source_format, target)
    try:
        result = converted(given.text, source_format, kind, None if source == "-" else source, lossy)
    except UsageError as error:
        place = "" if str(error).startswith(f"{given.name}:") else f"{given.name}: "
        text = str(error).replace("pass lossy=True", "give --lossy")
        click.echo(f"error: {place}{text}", err=True)
        sys.exit(exits.SPEC_ERRORS)
    for note in result.notes:
        click.echo(f"note: {note}", err=True)
    if out is None:
        sys.stdout.write(result.text)
        return
    try:
        out.write_text(result.text, encoding="utf-8", newline="\n")
    except ValueError:
        raise unnameable(out) from None


def _target(given: Source, source: str, source_format: str | None, target: str) -> str:
    """The format of OUT where it was not named: that of its extension, .hp on standard output."""
    found = [] if target == "-" else of_path(target)
    if target != "-" and len(found) == 1:
        return found[0].name
    origin = source_format or detect(given.text, None if source == "-" else source).name
    if target == "-" and origin != "hp":
        return "hp"
    names = ", ".join(f.name for f in (found or FORMATS.values()) if f.writer)
    writable = [f.name for f in found if f.writer]
    if writable:
        # The first is the most common one.
        if len(writable) > 1:
            click.echo(f"note: {target} is written as {writable[0]}; --to takes {', '.join(writable)}", err=True)
        return writable[0]
    raise UsageError(f"name the format of {target} with --to: {names}")
