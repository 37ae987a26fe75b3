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
# A parameter with at most so many values has a table of kernels between all of them.
FEW = 32


@dataclass(frozen=True)
class Dimension:
    """One parameter: the edges of its cells in u codes (None where it is continuous), and whether they are ordered."""

    edges: Floats | None
    ordered: bool

    @property
    def count(self) -> int:
        """The number of values; 0 where it is continuous."""
        return 0 if self.edges is None else len(self.edges) - 1


class Layout:
    """What the dimensions of a space have in common for all its mixtures.

    Parameters with few values are laid out side by side, one column for each value, so that all their kernels are one
    product of matrices; `continuous`, `few` and `many` number the parameters of each sort.
    """

    def __init__(self, dimensions: list[Dimension]) -> None:
        self.dimensions = dimensions
        self.continuous = [j for j, d in enumerate(dimensions) if d.edges is None]
        self.few = [j for j, d in enumerate(dimensions) if 0 < d.count <= FEW]
        self.many = [j for j, d in enumerate(dimensions) if d.count > FEW]
        self.unordered = np.array([d.edges is not None and not d.ordered for d in dimensions], dtype=np.bool_)
        counts = [dimensions[j].count for j in self.few]
        self.starts = np.cumsum([0, *counts])
        self.block = np.repeat(np.arange(len(counts)), counts)
        mass = [np.diff(edges) for j in self.few if (edges := dimensions[j].edges) is not None]
        # The prior's mass of every value; nothing is drawn where there is none.
        self.share = np.concatenate([np.where(m > 0.0, m, 1.0) for m in mass]) if mass else np.empty(0)

    def cell(self, j: int, u: Floats) -> Ints:
        """Which value of a discrete parameter has these u codes."""
        edges = self.dimensions[j].edges
        assert edges is not None
        return np.clip(np.searchsorted(edges, u, side="right") - 1, 0, len(edges) - 2)

    def spread(self, rows: Floats) -> Floats:
        """Rows (n, d) as 0 and 1 for the values of all that have few; nothing is 1 where a parameter is inactive."""
        found = np.zeros((len(rows), len(self.block)))
        for start, j in zip(self.starts, self.few, strict=False):
            active = np.flatnonzero(~np.isnan(rows[:, j]))
            found[active, start + self.cell(j, rows[active, j])] = 1.0
        return found


class Mixture:
    """Kernels of the given widths around rows of u codes (n, d), NaN where inactive, and the prior itself.

    `spread` are these rows as `Layout.spread` gives them; `weights` (n + 1,) are those of the rows and, last, of the
    prior.
    """

    def __init__(
        self, layout: Layout, rows: Floats, spread: Floats, weights: Floats, width: float, blur: float
    ) -> None:
        self.layout = layout
        self.spread = spread
        self.dimensions = layout.dimensions
        self.rows = rows
        self.log_weights = np.log(weights / weights.sum())
        self.weights = weights / weights.sum()
        self.width = width
        self.blur = blur

    def log_density(self, x: Floats, spread: Floats | None = None) -> Floats:
        """Log densities against the prior of rows of u codes (m, d), NaN where inactive; shape (m,).

        `spread` are these rows spread, where that is known already.
        """
        spread = self.layout.spread(x) if spread is None else spread
        total = self._log_continuous(x)
        if self.layout.few:
            total += (spread @ self._log_few) @ self.spread.T
        for j in self.layout.many:
            active, known = np.flatnonzero(~np.isnan(x[:, j])), np.flatnonzero(~np.isnan(self.rows[:, j]))
            total[np.ix_(active, known)] += self._log_many(j, x[active, j], self.rows[known, j])
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
        unordered = self.layout.unordered
        known = ~np.isnan(centre)
        stay = known & (unordered & (rng.random(centre.shape) >= self.blur))
        s = np.array([self._width(j) for j in range(len(self.dimensions))])
        low, high = ndtr(-centre / s), ndtr((1.0 - centre) / s)
        near = centre + s * ndtri(np.clip(low + u[of_row] * (high - low), _TINY, 1.0 - 1e-16))
        drawn = np.where(known & ~unordered, np.clip(near, 0.0, 1.0), u[of_row])
        u[of_row] = np.where(stay, centre, drawn)
        return u

    # ---- kernels -----------------------------------------------------------------------------------

    def _width(self, j: int) -> float:
        """A width below half a cell would tell neighbours nothing."""
        count = self.dimensions[j].count
        return max(self.width, 0.5 / count) if count else self.width

    def _log_continuous(self, x: Floats) -> Floats:
        """Log kernels of the continuous parameters that x and a row both have, summed; shape (len(x), rows).

        All at once, by products: Σ (x - c)² = Σ x² + Σ c² - 2 Σ x c, each over what both have.
        """
        from scipy.special import ndtr  # not before the start design is over

        continuous = self.layout.continuous
        x, c, s = x[:, continuous], self.rows[:, continuous], self.width
        here, known = (~np.isnan(x)).astype(np.float64), (~np.isnan(c)).astype(np.float64)
        # From the middle, where the terms of the difference are smallest.
        x, c = np.nan_to_num(x - 0.5), np.nan_to_num(c - 0.5)
        inside = known * (np.log(ndtr((0.5 - c) / s) - ndtr((-0.5 - c) / s)) + math.log(s * _ROOT_2PI))
        squares = (x * x) @ known.T + here @ (c * c).T - 2.0 * (x @ c.T)
        return np.asarray(-0.5 / (s * s) * squares - here @ inside.T)

    @cached_property
    def _log_few(self) -> Floats:
        """Log kernels of every value around every other, of all parameters with few; 0 between parameters."""
        from scipy.special import ndtr  # not before the start design is over

        layout = self.layout
        same = layout.block[:, None] == layout.block
        table = np.where(same, self.blur, 1.0)
        np.fill_diagonal(table, self.blur + (1.0 - self.blur) / layout.share)
        for start, j in zip(layout.starts, layout.few, strict=False):
            dimension = self.dimensions[j]
            edges = dimension.edges
            if edges is None or not dimension.ordered:
                continue
            middle = 0.5 * (edges[1:] + edges[:-1])
            reached = ndtr((edges[:, None] - middle) / self._width(j))
            inside = (reached[1:] - reached[:-1]) / (reached[-1] - reached[0])
            end = start + dimension.count
            # The far tail of a kernel underflows; it is still no impossibility.
            table[start:end, start:end] = np.maximum(inside / layout.share[start:end, None], _TINY)
        return np.asarray(np.log(table))

    def _log_many(self, j: int, x: Floats, centre: Floats) -> Floats:
        """Log kernels of a parameter with many values at x around others, shape (len(x), len(centre))."""
        from scipy.special import ndtr  # not before the start design is over

        edges = self.dimensions[j].edges
        assert edges is not None
        at, own = self.layout.cell(j, x), self.layout.cell(j, centre)
        mass = (edges[at + 1] - edges[at])[:, None]
        share = np.where(mass > 0.0, mass, 1.0)
        if not self.dimensions[j].ordered:
            kernel = self.blur + np.where(at[:, None] == own, (1.0 - self.blur) / share, 0.0)
            return np.asarray(np.log(kernel))
        s = self._width(j)
        middle = 0.5 * (edges[own] + edges[own + 1])
        inside = ndtr((edges[at + 1, None] - middle) / s) - ndtr((edges[at, None] - middle) / s)
        whole = ndtr((edges[-1] - middle) / s) - ndtr((edges[0] - middle) / s)
        return np.asarray(np.log(np.maximum(inside / whole / share, _TINY)))
