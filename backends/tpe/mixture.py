"""`Mixture`: a density over configurations of every branch, as a mixture of kernels around told ones.

Everything is measured against the space's own prior, in u codes, where that is uniform: a density of 1 is the
prior's. A component is a product of one kernel for each parameter that is active in the configuration at hand.
Where the component's own configuration does not have it, the kernel is the prior (1), so that every component
says something about every branch, and nothing falls apart into independent pieces.

| parameter | kernel around c with width s |
|---|---|
| continuous | normal density around c, truncated to 0 .. 1 |
| numeric with few values | the same, integrated over the value's cell, by the cell's prior mass |
| unordered | b + (1 - b) / (prior mass of c) at c itself, b elsewhere |
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROOT_2PI = math.sqrt(2.0 * math.pi)
# A truncated normal so far in its tail that its mass underflows is drawn at its end.
_TINY = 1e-300


@dataclass(frozen=True)
class Dimension:
    """One parameter: the edges of its cells in u codes (None where it is continuous), and whether they are ordered."""

    edges: Floats | None
    ordered: bool

    @property
    def count(self) -> int:
        """The number of values; 0 where it is continuous."""
        return 0 if self.edges is None else len(self.edges) - 1


class Mixture:
    """Kernels of the given widths around rows of u codes (n, d), NaN where inactive, and the prior itself.

    `weights` (n + 1,) are those of the rows and, last, of the prior.
    """

    def __init__(self, dimensions: list[Dimension], rows: Floats, weights: Floats, width: float, blur: float) -> None:
        self.dimensions = dimensions
        self.rows = rows
        self.log_weights = np.log(weights / weights.sum())
        self.weights = weights / weights.sum()
        self.width = width
        self.blur = blur

    def log_density(self, x: Floats) -> Floats:
        """Log densities against the prior of rows of u codes (m, d), NaN where inactive; shape (m,)."""
        total = self._log_continuous(x)
        for j, dimension in enumerate(self.dimensions):
            if dimension.edges is None:
                continue
            active = np.flatnonzero(~np.isnan(x[:, j]))
            known = self._known[j]
            if not len(active) or not len(known):
                continue
            part = self._log_kernel(j, x[active, j])
            if len(active) == len(x) and len(known) == len(self.rows):
                total += part
            else:
                total[np.ix_(active, known)] += part
        full = np.concatenate([total + self.log_weights[:-1], np.full((len(x), 1), self.log_weights[-1])], axis=1)
        top = full.max(axis=1, keepdims=True)
        return np.asarray(top[:, 0] + np.log(np.exp(full - top).sum(axis=1)))

    def draw(self, m: int, rng: np.random.Generator) -> Floats:
        """m latent rows: of a component where it knows a parameter, of the prior where it does not."""
        from scipy.special import ndtr, ndtri  # not before the start design is over

        picked = np.minimum(np.searchsorted(np.cumsum(self.weights), rng.random(m), side="right"), len(self.rows))
        u = rng.random((m, len(self.dimensions)))
        of_row = np.flatnonzero(picked < len(self.rows))
        centre = self.rows[picked[of_row]]
        unordered = np.array([d.edges is not None and not d.ordered for d in self.dimensions], dtype=np.bool_)
        known = ~np.isnan(centre)
        stay = known & (unordered & (rng.random(centre.shape) >= self.blur))
        s = np.array([self._width(j) for j in range(len(self.dimensions))])
        low, high = ndtr(-centre / s), ndtr((1.0 - centre) / s)
        near = centre + s * ndtri(np.clip(low + u[of_row] * (high - low), _TINY, 1.0 - 1e-16))
        drawn = np.where(known & ~unordered, np.clip(near, 0.0, 1.0), u[of_row])
        u[of_row] = np.where(stay, centre, drawn)
        return u

    # ---- kernels -----------------------------------------------------------------------------------

    @cached_property
    def _known(self) -> list[Ints]:
        """For every parameter the rows that have it."""
        return [np.flatnonzero(~np.isnan(self.rows[:, j])) for j in range(len(self.dimensions))]

    def _width(self, j: int) -> float:
        """A width below half a cell would tell neighbours nothing."""
        count = self.dimensions[j].count
        return max(self.width, 0.5 / count) if count else self.width

    def _log_continuous(self, x: Floats) -> Floats:
        """Log kernels of the continuous parameters that x and a row both have, summed; shape (len(x), rows).

        All at once, by products: Σ (x - c)² = Σ x² + Σ c² - 2 Σ x c, each over what both have.
        """
        from scipy.special import ndtr  # not before the start design is over

        continuous = [j for j, dimension in enumerate(self.dimensions) if dimension.edges is None]
        x, c, s = x[:, continuous], self.rows[:, continuous], self.width
        here, known = (~np.isnan(x)).astype(np.float64), (~np.isnan(c)).astype(np.float64)
        # From the middle, where the terms of the difference are smallest.
        x, c = np.nan_to_num(x - 0.5), np.nan_to_num(c - 0.5)
        inside = known * (np.log(ndtr((0.5 - c) / s) - ndtr((-0.5 - c) / s)) + math.log(s * _ROOT_2PI))
        squares = (x * x) @ known.T + here @ (c * c).T - 2.0 * (x @ c.T)
        return np.asarray(-0.5 / (s * s) * squares - here @ inside.T)

    def _log_kernel(self, j: int, x: Floats) -> Floats:
        """Log kernels of a parameter with cells at x around all rows that have it, shape (len(x), rows)."""
        centre = self.rows[self._known[j], j]
        at, own = self._cell(j, x), self._cell(j, centre)
        return np.asarray(self._table(j)[np.ix_(at, own)])

    def _cell(self, j: int, u: Floats) -> Ints:
        edges = self.dimensions[j].edges
        assert edges is not None
        return np.clip(np.searchsorted(edges, u, side="right") - 1, 0, len(edges) - 2)

    def _table(self, j: int) -> Floats:
        """Log kernels of every value around every other."""
        from scipy.special import ndtr  # not before the start design is over

        dimension = self.dimensions[j]
        edges = dimension.edges
        assert edges is not None
        mass = np.diff(edges)
        fine = mass > 0.0
        share = np.where(fine, mass, 1.0)
        if not dimension.ordered:
            table = np.full((len(mass), len(mass)), self.blur)
            table[np.diag_indices(len(mass))] += (1.0 - self.blur) / share
            return np.asarray(np.log(table))
        s = self._width(j)
        middle = 0.5 * (edges[1:] + edges[:-1])
        reached = ndtr((edges[:, None] - middle[None, :]) / s)
        inside = np.diff(reached, axis=0) / (reached[-1] - reached[0])
        # The far tail of a kernel underflows; it is still no impossibility.
        return np.asarray(np.log(np.maximum(inside / share[:, None], _TINY)))
