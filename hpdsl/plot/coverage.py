"""`grid_and_random`: what a grid and as many random trials see of each parameter (after Bergstra & Bengio 2012)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hpdsl.configs import Configs
from hpdsl.diagnostics import counted
from hpdsl.errors import UsageError
from hpdsl.grid.grid import projected
from hpdsl.plot.canvas import BLUE, ORANGE, label, number, parameter, pyplot, scale, text, values

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # type: ignore[import-not-found,unused-ignore]  # optional

    from hpdsl.space import Space

Pair = tuple[Any, Any]

# Trials that still can be told apart in a panel.
MOST = 10_000
# For each trial of the grid so many are drawn at most, where both parameters are seldom active.
ATTEMPTS = 100


def grid_and_random(space: Space, names: tuple[str, str] | None = None, levels: int = 3, seed: int = 0) -> list[Axes]:
    """Two panels: the trials of a grid over two parameters of a space, and as many at random.

    Ticks along the edges are the different values that each tries: of a parameter that matters alone a grid of nine
    sees three values, random search nine. The first two parameters are drawn unless others are named; trials are
    where both are active, and of the grid those that some values of the other parameters complete.
    """
    if isinstance(levels, bool) or not isinstance(levels, int) or levels < 2:
        raise UsageError(f"levels must be an integer, 2 or more, not {levels!r}")
    pair = _two(space, names)
    grid = projected(space.compilation.model, levels, [parameter(space, name) for name in pair])
    listed = list(dict.fromkeys(_pairs(space, grid, pair)))
    if not listed:
        raise UsageError(f"`{pair[0]}` and `{pair[1]}` are never active together, so no trial has both")
    if len(listed) > MOST:
        raise UsageError(f"{len(listed):,} trials are too many for a picture; use fewer levels, or other parameters")
    drawn: list[Pair] = []
    for start in range(0, ATTEMPTS * len(listed), len(listed)):
        drawn += _pairs(space, space.sample(len(listed), seed=seed, start=start), pair)
        if len(drawn) >= len(listed):
            break
    drawn = drawn[: len(listed)]
    _, (left, right) = pyplot().subplots(1, 2, figsize=(8.0, 4.0), sharex=True, sharey=True, layout="constrained")
    columns = [list(zip(*points, strict=True)) if points else [(), ()] for points in (listed, drawn)]
    names_at: list[list[str] | None] = [_labels([*columns[0][k], *columns[1][k]]) for k in (0, 1)]
    for ax, title, seen, colour in ((left, "grid", columns[0], ORANGE), (right, "random", columns[1], BLUE)):
        x, y = (
            column if known is None else [known.index(text(v)) for v in column]
            for column, known in zip(seen, names_at, strict=True)
        )
        edge = np.zeros(len(x))
        ax.plot(x, y, "o", color=colour, ms=5)
        ax.plot(x, edge, "|", color=colour, ms=14, transform=ax.get_xaxis_transform(), clip_on=False)
        ax.plot(edge, y, "_", color=colour, ms=14, transform=ax.get_yaxis_transform(), clip_on=False)
        different = [len(set(map(text, column))) for column in seen]
        found = f"{counted(different[0], 'value')} of {pair[0]}, {different[1]} of {pair[1]}"
        ax.set_title(f"{title}: {counted(len(x), 'trial')}\n{found}", fontsize=9)
        ax.set_xlabel(pair[0])
    left.set_ylabel(pair[1])
    for k, known in enumerate(names_at):
        if known is None:
            (left.set_yscale if k else left.set_xscale)(scale(space, pair[k]))
            continue
        # Shared axes share their labels, but not how these are turned.
        for ax in (left, right):
            label(ax.yaxis if k else ax.xaxis, known)
    right.tick_params(labelleft=False)
    return [left, right]


def _two(space: Space, names: tuple[str, str] | None) -> tuple[str, str]:
    """The names of two parameters of a space; `UsageError` or `UnknownNameError` for anything else."""
    if names is None:
        if len(space.code_names) < 2:
            raise UsageError("a grid and random trials are compared over two parameters; the space has one")
        return space.code_names[0], space.code_names[1]
    if isinstance(names, str) or len(names) != 2 or names[0] == names[1]:
        raise UsageError(f'names must be those of two parameters, as in ("lr", "momentum"), not {names!r}')
    for name in names:
        parameter(space, name)
    return names


def _pairs(space: Space, configs: Configs, names: tuple[str, str]) -> list[Pair]:
    """The values of two parameters in the configurations in which both are active."""
    both = zip(*(values(space, configs, name) for name in names), strict=True)
    return [(a, b) for a, b in both if a is not None and b is not None]


def _labels(column: list[Any]) -> list[str] | None:
    """What stands along an axis where not all values are numbers."""
    return None if all(map(number, column)) else list(dict.fromkeys(map(text, column)))
