"""`hpdsl diff`: what changed from one space to another."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from hpdsl.assignments import pairs
from hpdsl.cli import exits, streams
from hpdsl.cli.tables import plain_json, visible
from hpdsl.compiler import Compilation, read, standard_input
from hpdsl.diagnostics import render
from hpdsl.diff import differences
from hpdsl.errors import SpecError, UsageError
from hpdsl.semantics.model import Model
from hpdsl.syntax import nodes


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--given", multiple=True, metavar="NAME=VALUE", help="Fill a `given` input of the spaces that have it.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="json: one object a line.")
def diff(old: str, new: str, given: tuple[str, ...], form: str) -> None:
    """Show what changed from the space in OLD to that in NEW (`-` reads standard input).

    Units, documentation, messages, and the order of sentences make no difference. Exit code 0: both mean the
    same; 1: they differ; 2: one of them can't be read or has errors.
    """
    if old == new == "-":
        raise click.UsageError("only one of OLD and NEW can be standard input")
    inputs = pairs(given, "--given")
    opened = [_opened(name) for name in (old, new)]
    known = [_inputs(c) for c in opened]
    for name in inputs:
        if not any(name in k for k in known):
            raise UsageError(f"--given {name}: neither space has this input")
    models = [_model(c, {n: v for n, v in inputs.items() if n in k}) for c, k in zip(opened, known, strict=True)]
    changes = differences(*models)
    for change in changes:
        click.echo(plain_json(change.as_dict()) if form == "json" else visible(str(change), kept="\n"))
    if form == "text" and not changes:
        click.echo(f"{old} and {new} mean the same")
    sys.exit(exits.SPEC_ERRORS if changes else exits.OK)


def _opened(name: str) -> Compilation:
    if name == "-":
        return Compilation(standard_input())
    return Compilation(read(name), Path(name).parent)


def _inputs(compilation: Compilation) -> set[str]:
    """The names of the `given` inputs."""
    return {s.name for s in compilation.parsed[0].sentences if isinstance(s, nodes.Given)}


def _model(compilation: Compilation, given: dict[str, object]) -> Model:
    """The checked model; ends the command where the space has errors."""
    try:
        return Compilation(compilation.source, compilation.folder, given).model
    except SpecError as error:
        click.echo(render(error.diagnostics, streams.colored(sys.stderr)), err=True)
        sys.exit(exits.MISUSE)
