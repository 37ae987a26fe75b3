"""`hpdsl explain`, `sample` and `grid`: what a space holds."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from hpdsl.cli.options import opened, space_options
from hpdsl.cli.tables import FORMATS, lines
from hpdsl.configs import keys

_FORMAT = click.option("--format", "form", type=click.Choice(FORMATS), default="table", help="json: one object a line.")


@click.command()
@click.argument("file")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "dot", "mermaid"]),
    default="text",
    help="dot, mermaid: the graph.",
)
@space_options
def explain(file: str, form: str, given: tuple[str, ...], fix: tuple[str, ...]) -> None:
    """Show what the compiler made of the space in FILE, or explain the code of a diagnostic (HP021)."""
    if re.fullmatch(r"(?i)HP\d{3}", file) and not Path(file).exists():
        from hpdsl.pages import page, render

        click.echo(render(page(file), 100))
        return
    space = opened(file, given, fix)
    if form == "text":
        from hpdsl.backends.auto import rules

        click.echo(f"{space.explain()}\nsearch {rules(space)}")
        return
    from hpdsl.diagram import diagram

    click.echo(diagram(space, form))


@click.command()
@click.argument("file")
@click.option("-n", "count", type=click.IntRange(min=0), default=5, show_default=True, help="How many.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--start", type=click.IntRange(min=0), default=0, help="First row of the seed's sample.")
@_FORMAT
@space_options
def sample(
    file: str, count: int, seed: int, start: int, form: str, given: tuple[str, ...], fix: tuple[str, ...]
) -> None:
    """Draw configurations of FILE from its prior."""
    space = opened(file, given, fix)
    click.echo(f"seed {seed}", err=True)
    block = 10_000
    rows = (
        config
        for low in range(0, count, block)
        for config in space.sample(min(block, count - low), seed=seed, start=start + low)
    )
    for line in lines(rows, keys(space.compilation.model), form):
        sys.stdout.write(line + "\n")


@click.command()
@click.argument("file")
@click.option("--levels", type=click.IntRange(min=1), default=3, show_default=True, help="Levels a parameter.")
@click.option("--count", is_flag=True, help="Print the number of points only.")
@_FORMAT
@space_options
def grid(file: str, levels: int, count: bool, form: str, given: tuple[str, ...], fix: tuple[str, ...]) -> None:
    """List every distinct feasible point of a grid over FILE."""
    space = opened(file, given, fix)
    points = space.grid(levels=levels)
    if count:
        click.echo(points.size)
        return
    for line in lines(points, keys(space.compilation.model), form):
        sys.stdout.write(line + "\n")
