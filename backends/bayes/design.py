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
from hpdsl.configs import Config, Configs
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


def probes(space: Space, n: int = 256) -> Configs:
    """Configurations spread over the prior; requirements, which may be hard to meet, are not applied."""
    return space.decode(sobol.points(0, 0, n, len(space.code_names)))


def recommended_size(space: Space) -> int:
    """How many trials should come before the first model, by how many parameters are active on average."""
    d_active = (
        np.mean((~np.isnan(space.encode(probes(space)))).sum(axis=1)) if space.conditional else len(space.code_names)
    )
    return int(np.clip(round(float(d_active)) + 2, 5, 12))


class Design:
    """The first `size` proposals, and as many more as it takes until two trials have a value."""

    def __init__(self, space: Space, seed: int, size: int) -> None:
        self.space = space
        self.seed = seed
        self.size = size
        self.roots = [r for r in roots(space) if len(r.cells) <= size]

    def propose(self, index: int, taken: Floats, is_new: Callable[[Config], bool]) -> Config | None:
        """Point `index`, feasible and new, or None where the sequence offers none in time.

        `taken` are the u codes of all proposals before; it may be empty where there are no roots.
        """
        default = self.space.default
        if default is not None:
            if is_new(default):
                return default
            index = max(index - 1, 0)
        # Where requirements reject, neighbouring indices would share their first feasible row.
        start = index * PATIENCE if self.space.compilation.model.requirements else index
        rows = sobol.points(self.seed, start, PATIENCE, len(self.space.code_names))
        forced = self._into_unseen_branches(rows, taken)
        candidates = [rows] if forced is None else [forced, rows]
        return next((config for u in candidates for config in self._feasible(u) if is_new(config)), None)

    def _into_unseen_branches(self, rows: Floats, taken: Floats) -> Floats | None:
        """The rows moved into branches not seen yet, None while there is time to come across these by chance."""
        forced = rows.copy()
        for root in self.roots:
            unseen = sorted(set(range(len(root.cells))) - {root.branch(u) for u in taken})
            if unseen and self.size - len(taken) <= len(unseen):
                forced[:, root.parameter] = root.cells[unseen[0]]
        return None if (forced == rows).all() else forced

    def _feasible(self, rows: Floats) -> Iterator[Config]:
        configs = self.space.decode(rows)
        for k in np.flatnonzero(self.space.satisfies(configs)):
            yield configs[int(k)]


def roots(space: Space) -> list[Root]:
    """The categorical parameters that are always active and decide which others are."""
    if not space.conditional:
        return []
    found = []
    d = len(space.code_names)
    rows = sobol.points(0, 0, PROBES, d)
    for group in space.feature_groups:
        j, cells = group.parameter, space.cells(group.parameter)
        if cells is None or group.kind == "numeric" or space.compilation.model.parameters[j].conditional:
            continue
        flipped = np.repeat(rows[None, :, :], len(cells), axis=0)
        flipped[:, :, j] = cells[:, None]
        active = ~np.isnan(space.encode(space.decode(flipped.reshape(-1, d)))).reshape(len(cells), PROBES, d)
        if (active != active[:1]).any():
            found.append(Root(j, cells))
    return found
