"""`Belief`: the priors of a space as a guess where its optimum is, to be weighed less with every trial.

The acquisition is multiplied by prior^(beta / t) at the t-th proposal of the model (Hvarfner et al. 2022, piBO), so
that a good prior pays at once and a wrong one is forgotten. Densities are those of scale codes, which the model
works in: a uniform (or log-uniform) prior says nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.priors.bases import Uniform
from hpdsl.priors.items import Items
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.power import Power
from hpdsl.space import Space

Floats = NDArray[np.float64]

# Points of a continuous prior's table, and the least density against its largest that it may give.
POINTS, LEAST = 257, 1e-4
# Half of the stretch on which a continuous density is taken, as a share of what the prior reaches.
WINDOW = 1e-3
TAIL = 20.7
# Densities that vary less than this factor say nothing.
FLAT = 1.5


class Belief:
    """Tables of log prior densities against their largest, for each parameter whose prior is not flat.

    Where a prior depends on other parameters its table holds for these at their medians.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        numeric = {g.parameter: g.columns[0] for g in space.feature_groups if g.kind == "numeric"}
        self._tables: dict[int, tuple[Floats, Floats]] = {}
        self._quantiles: dict[int, tuple[Floats, Floats]] = {}
        # Denser towards the ends, where the tails are: a logistic curve from 1e-9 to 1 - 1e-9.
        grid = 1.0 / (1.0 + np.exp(-np.linspace(-TAIL, TAIL, POINTS)))
        parameters = space.compilation.model.parameters
        for j in range(len(space.code_names)):
            if all(says_nothing(piece.dist) for piece in parameters[j].pieces):
                continue
            listed = isinstance(parameters[j].pieces[0].dist, Items)
            cells = space.cells(j)
            if cells is None and j in numeric and not listed:
                self._continuous(j, numeric[j], grid)
            elif cells is not None:
                self._discrete(j, cells, self._codes(j, numeric.get(j), cells), listed)

    def __bool__(self) -> bool:
        return bool(self._tables)

    def log_prior(self, u: Floats) -> Floats:
        """Log densities of rows of u codes, NaN where inactive, each parameter's against its largest; shape (n,)."""
        total = np.zeros(len(u))
        for j, (where, height) in self._tables.items():
            total += np.nan_to_num(np.interp(u[:, j], where, height), nan=0.0)
        return total

    def flattened(self, rows: Floats) -> Floats:
        """Uniforms to latent rows that are uniform in scale codes, whatever the priors say."""
        rows = rows.copy()
        for j, (uniform, u) in self._quantiles.items():
            rows[:, j] = np.interp(rows[:, j], uniform, u)
        return rows

    # ---- tables ------------------------------------------------------------------------------------

    def _codes(self, j: int, column: int | None, u: Floats) -> Floats | None:
        """Scale codes of parameter j at some u codes, the others at their medians; NaN where it is inactive."""
        if column is None:
            return None
        rows = np.full((len(u), len(self.space.code_names)), 0.5)
        rows[:, j] = u
        return np.asarray(self.space.features(self.space.decode(rows))[:, column])

    def _continuous(self, j: int, column: int, grid: Floats) -> None:
        rows = np.full((len(grid), len(self.space.code_names)), 0.5)
        rows[:, j] = grid
        configs = self.space.decode(rows)
        # A value's own u is the middle of its cell: values with gaps between them are points of the curve too.
        z, u = self.space.features(configs)[:, column], self.space.encode(configs)[:, j]
        rising = np.concatenate([[True], (np.diff(z) > 0.0) & (np.diff(u) > 0.0)])
        z, u = z[rising], u[rising]
        if np.isnan(z).any() or len(z) < 2:
            return
        # Within a window: at a single point the density of some laws has no end.
        window = WINDOW * (z[-1] - z[0])
        low, high = np.maximum(z - window, z[0]), np.minimum(z + window, z[-1])
        density = (np.interp(high, z, u) - np.interp(low, z, u)) / (high - low)
        if density.max() < FLAT * density.min():
            return
        height = np.log(np.maximum(density / density.max(), LEAST))
        self._tables[j] = u, height
        self._quantiles[j] = (z - z[0]) / (z[-1] - z[0]), u

    def _discrete(self, j: int, cells: Floats, z: Floats | None, listed: bool) -> None:
        edges = self.space.edges(j)
        assert edges is not None
        mass = np.diff(edges)
        if z is not None and not np.isnan(z).any() and len(z) > 2:
            # Of numbers the density by scale code: those of a log scale lie closer together above.
            width = np.maximum(np.gradient(z), 1e-12)
            mass = mass / width
            if not listed:
                # How far the outermost cells reach on the scale isn't known; the middles next to them are.
                mass[[0, -1]] = (np.gradient(cells) / width)[[0, -1]]
        if not len(mass) or mass.max() < FLAT * mass.min():
            return
        height = np.log(np.maximum(mass / mass.max(), LEAST))
        self._tables[j] = cells, height
        steps = np.arange(len(cells) + 1) / len(cells)
        self._quantiles[j] = steps, edges


def says_nothing(dist: object) -> bool:
    """True of a law that is uniform on the scale that models see, whatever two values or huge ones round to there."""
    law = dist.exponent if isinstance(dist, Power) else dist
    return isinstance(law, Numeric) and isinstance(law.base, Uniform) and law.view == law.warp
