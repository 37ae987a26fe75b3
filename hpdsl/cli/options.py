"""Options that go wherever a FILE is taken: `--given` fills inputs, `--fix` pins parameters."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hpdsl.assignments import pairs
from hpdsl.cli import streams

if TYPE_CHECKING:
    from hpdsl.space import Space

_F = TypeVar("_F", bound=Callable[..., Any])


def space_options(command: _F) -> _F:
    """Add `--given` and `--fix` to a command, as `given` and `fix`."""
    fix = click.option("--fix", "fix", multiple=True, metavar="NAME=VALUE", help="Pin a parameter.")
    given = click.option("--given", "given", multiple=True, metavar="NAME=VALUE", help="Fill a `given` input.")
    return given(fix(command))


def opened(path: str, given: tuple[str, ...] = (), fix: tuple[str, ...] = (), defer: bool = False) -> Space:
    """The space in a file (`-`: standard input), inputs filled and parameters pinned; warnings go to standard error.

    With `defer` claims that fail are no errors.
    """
    from pathlib import Path

    from hpdsl.compiler import Compilation, read, standard_input
    from hpdsl.diagnostics import render

    if path == "-":
        source, folder = standard_input(), None
    else:
        source, folder = read(path), Path(path).parent
    space = Compilation(source, folder, pairs(given, "--given"), defer=defer).space
    pinned = pairs(fix, "--fix")
    if pinned:
        space = space.fix(pinned)
    if space.warnings:
        click.echo(render(space.warnings, streams.colored(sys.stderr)), err=True)
    return space
