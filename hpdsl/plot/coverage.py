"""`grid_and_random`: what a grid and as many random trials see of each parameter (after Bergstra & Bengio 2012)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from hpdsl.diagnostics import counted
from hpdsl.errors import UsageError
from hpdsl.plot.canvas import BLUE, ORANGE, parameter, pyplot, scale, value

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # type: ignore[import-not-found,unused-ignore]  # optional

    from hpdsl.space import Space


def grid_and_random(space: Space, names: tuple[str, str] | None = None, levels: int = 3, seed: int = 0) -> list[Axes]:
    """Two panels: levels x levels trials of a grid, and as many at random, over two parameters of a space.

    Ticks along the edges are the different values that each tries: of a parameter that matters alone a grid of nine
    sees three values, random search nine. The first two parameters are drawn unless others are named.
    """
    if isinstance(levels, bool) or not isinstance(levels, int) or levels < 2:
        raise UsageError(f"levels must be an integer, 2 or more, not {levels!r}")
    if names is None:
        if len(space.code_names) < 2:
            raise UsageError("a grid and random trials are compared over two parameters; the space has one")
        names = (space.code_names[0], space.code_names[1])
    for name in names:
        parameter(space, name)
    listed = [c for c in space.grid(levels=levels) if all(value(space, c, n) is not None for n in names)]
    pairs = list(dict.fromkeys((value(space, c, names[0]), value(space, c, names[1])) for c in listed))
    drawn: list[tuple[Any, Any]] = []
    start = 0
    while len(drawn) < len(pairs) and start < 100 * len(pairs):
        more = (
            (value(space, c, names[0]), value(space, c, names[1]))
            for c in space.sample(len(pairs), seed=seed, start=start)
        )
        drawn += [p for p in more if None not in p]
        start += len(pairs)
    _, (left, right) = pyplot().subplots(1, 2, figsize=(8.0, 4.0), sharex=True, sharey=True, layout="constrained")
    for ax, title, points, colour in (
        (left, "grid", pairs, ORANGE),
        (right, "random", drawn[: len(pairs)], BLUE),
    ):
        places = [_places([p[k] for p in points], [p[k] for p in pairs + drawn]) for k in (0, 1)]
        ax.plot(*places, "o", color=colour, ms=5)
        seen = [len(set(map(str, (p[k] for p in points)))) for k in (0, 1)]
        for k, (line, where) in enumerate((("x", "bottom"), ("y", "left"))):
            transform = ax.get_xaxis_transform() if line == "x" else ax.get_yaxis_transform()
            edge = np.zeros(len(points))
            ax.plot(*((places[k], edge) if line == "x" else (edge, places[k])), "|" if line == "x" else "_",
                    color=colour, ms=14, transform=transform, clip_on=False, label=where)  # fmt: skip
        values = f"{counted(seen[0], 'value')} of {names[0]}, {seen[1]} of {names[1]}"
        ax.set_title(f"{title}: {counted(len(points), 'trial')}, {values}", fontsize=9)
        ax.set_xlabel(names[0])
    left.set_ylabel(names[1])
    for ax in (left, right):
        if _numeric([p[0] for p in pairs + drawn]):
            ax.set_xscale(scale(space, names[0]))
        if _numeric([p[1] for p in pairs + drawn]):
            ax.set_yscale(scale(space, names[1]))
    return [left, right]


def _numeric(values: list[Any]) -> bool:
    return all(isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v) for v in values)


def _places(values: list[Any], all_values: list[Any]) -> list[Any]:
    """Where values are drawn: numbers as they are, others as text."""
    return values if _numeric(all_values) else [str(v) for v in values]
