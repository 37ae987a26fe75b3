"""The start design: the default configuration, then scrambled Sobol' points through the prior's quantiles.

Where parameters depend on a categorical one that is itself always there (the root of a tree), every branch of it
is tried before the design ends, if the design has so many points: a branch never seen can't be modelled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes import sobol
from hpdsl.configs import Config
from hpdsl.space import Space

Floats = NDArray[np.float64]

# Rows of the sequence looked through for a feasible, new configuration before the prior takes over.
PATIENCE = 64
# Rows at which a parameter is flipped to see what depends on it.
PROBES = 8


@dataclass(frozen=True)
class Root:
    """A categorical parameter that others depend on: its index, and the u code of each of its branches."""

    parameter: int
    cells: Floats

    def branch(self, u: Floats) -> int:
        """The branch that a row of u codes takes."""
        return int(np.abs(self.cells - u[self.parameter]).argmin())


def size(d_active: float) -> int:
    """How many trials come before the first model, given how many parameters are active on average."""
    return int(np.clip(round(d_active) + 2, 5, 12))


def roots(space: Space) -> list[Root]:
    """The categorical parameters that are always active and decide which others are."""
    if not space.conditional:
        return []
    found = []
    rows = sobol.points(0, 0, PROBES, len(space.names))
    always = ~np.isnan(space.encode(space.sample(256, seed=0))).any(axis=0)
    for group in space.feature_groups:
        j = group.parameter
        cells = space.cells(j)
        if cells is None or group.kind == "numeric" or not always[j]:
            continue
        flipped = np.repeat(rows[None, :, :], len(cells), axis=0)
        flipped[:, :, j] = cells[:, None]
        active = ~np.isnan(space.encode(space.decode(flipped.reshape(-1, len(space.names)))))
        active = active.reshape(len(cells), PROBES, -1)
        if (active != active[:1]).any():
            found.append(Root(j, cells))
    return found


def propose(
    space: Space, seed: int, index: int, left: int, taken: Floats, branches: list[Root], new: Callable[[Config], bool]
) -> Config | None:
    """Design point `index`: feasible and new, or None where the sequence offers none in time.

    `left` counts the points of the design that are still to come, this one included; `taken` are the u codes of
    all before, NaN where inactive.
    """
    default = space.default
    if default is not None:
        if new(default):
            return default
        index = max(index - 1, 0)
    # Where requirements reject, neighbouring indices would share their first feasible row.
    start = index * PATIENCE if space.compilation.model.requirements else index
    rows = sobol.points(seed, start, PATIENCE, len(space.names))
    missing = rows.copy()
    for root in branches:
        unseen = sorted(set(range(len(root.cells))) - {root.branch(u) for u in taken})
        if unseen and left <= len(unseen) <= left + len(taken):
            missing[:, root.parameter] = root.cells[unseen[0]]
    candidates = [rows] if (missing == rows).all() else [missing, rows]
    return next((config for u in candidates for config in _feasible(space, u) if new(config)), None)


def _feasible(space: Space, rows: Floats) -> Iterator[Config]:
    configs = space.decode(rows)
    for k in np.flatnonzero(space.satisfies(configs)):
        yield configs[int(k)]
