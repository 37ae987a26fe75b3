"""`hpdsl explain`, `sample` and `grid`: what a space holds."""

from __future__ import annotations

import sys

import click

from hpdsl.cli import streams
from hpdsl.cli.tables import FORMATS, lines
from hpdsl.compiler import load
from hpdsl.diagnostics import render
from hpdsl.space import Space

_FORMAT = click.option("--format", "form", type=click.Choice(FORMATS), default="table", help="json: one object a line.")


def opened(path: str) -> Space:
    """The space in a file; its warnings go to standard error."""
    space = load(path)
    if space.warnings:
        click.echo(render(space.warnings, streams.colored(sys.stderr)), err=True)
    return space


def keys(space: Space) -> list[str]:
    """The keys of configurations, in the order of the file."""
    symbols = sorted(space.compilation.model.symbols, key=lambda s: s.span.start)
    return list(dict.fromkeys(s.key for s in symbols))


@click.command()
@click.argument("file")
def explain(file: str) -> None:
    """Show hulls, conditions, requirements with their acceptance, and the size of the space in FILE."""
    click.echo(opened(file).explain())


@click.command()
@click.argument("file")
@click.option("-n", "count", type=click.IntRange(min=0), default=5, show_default=True, help="How many.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--start", type=click.IntRange(min=0), default=0, help="First row of the seed's sample.")
@_FORMAT
def sample(file: str, count: int, seed: int, start: int, form: str) -> None:
    """Draw configurations of FILE from its prior."""
    space = opened(file)
    click.echo(f"seed {seed}", err=True)
    block = 10_000
    rows = (
        config
        for low in range(0, count, block)
        for config in space.sample(min(block, count - low), seed=seed, start=start + low)
    )
    for line in lines(rows, keys(space), form):
        sys.stdout.write(line + "\n")


@click.command()
@click.argument("file")
@click.option("--levels", type=click.IntRange(min=1), default=3, show_default=True, help="Levels a parameter.")
@click.option("--count", is_flag=True, help="Print the number of points only.")
@_FORMAT
def grid(file: str, levels: int, count: bool, form: str) -> None:
    """List every distinct feasible point of a grid over FILE."""
    space = opened(file)
    points = space.grid(levels=levels)
    if count:
        click.echo(points.size)
        return
    for line in lines(points, keys(space), form):
        sys.stdout.write(line + "\n")
