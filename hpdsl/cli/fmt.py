"""`hpdsl fmt`: .hp files in one style."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import click

from hpdsl.cli import exits, streams
from hpdsl.compiler import read, standard_input
from hpdsl.diagnostics import render
from hpdsl.errors import SpecError, UsageError
from hpdsl.source import Source
from hpdsl.syntax.formatter import FormatError, format_source


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--check", is_flag=True, help="Change nothing; list the files that would change, and exit 1 if any.")
@click.option("--diff", is_flag=True, help="Change nothing; show what would change.")
def fmt(files: tuple[str, ...], check: bool, diff: bool) -> None:
    """Rewrite .hp files in one style (`-` formats standard input to standard output).

    Comments, empty lines between groups, and the meaning stay. Files with syntax errors are left as they are.
    """
    sys.exit(max(_one(name, check, diff) for name in files))


def _one(name: str, check: bool, diff: bool) -> int:
    """Format one file; returns the exit code, of which the largest is the command's."""
    try:
        source = standard_input() if name == "-" else read(name)
        text = format_source(source)
        changed = text != source.text
        if diff:
            click.echo("".join(_difference(source, text)).encode(), nl=False)
        elif not check and name == "-":
            click.echo(text.encode(), nl=False)
        elif not check and changed:
            _replace(Path(name), text)
            click.echo(f"{source.name}: formatted")
    except SpecError as error:
        click.echo(render(error.diagnostics, streams.colored(sys.stderr)), err=True)
        return exits.SPEC_ERRORS
    except UsageError as error:
        click.echo(f"error: {error}", err=True)
        return exits.MISUSE
    except BrokenPipeError:
        raise
    except OSError as error:
        click.echo(f"error: {name}: can't be written: {error.strerror}", err=True)
        return exits.TROUBLE
    except FormatError as error:
        click.echo(f"error: {error}; this is a bug in hpdsl, please report it with the file", err=True)
        return exits.BUG
    if check and changed:
        click.echo(f"{source.name}: would change", err=diff)
    return exits.SPEC_ERRORS if check and changed else exits.OK


def _difference(source: Source, text: str) -> Iterator[str]:
    """The change as a unified diff, its lines with their ends."""
    lines = unified_diff(source.text.splitlines(True), text.splitlines(True), source.name, f"{source.name} (formatted)")
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _replace(path: Path, text: str) -> None:
    """Put a text in the place of a file in one step; mode and links stay, an interrupt leaves the file whole."""
    target = Path(os.path.realpath(path))
    before = target.stat()
    if not stat.S_ISREG(before.st_mode):
        raise UsageError(f"{path}: not a regular file; use `-` to format a stream")
    if not os.access(target, os.W_OK):
        raise UsageError(f"{path}: this file is read-only")
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with open(handle, "wb") as out:
            out.write(text.encode())
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, stat.S_IMODE(before.st_mode))
        if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            with contextlib.suppress(OSError):  # only root can give a file away
                os.chown(name, before.st_uid, before.st_gid)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
