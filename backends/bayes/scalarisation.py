"""Several objectives as one: the augmented Chebyshev function with weights drawn afresh (Knowles 2006)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.transform import squeeze, standardise
from hpdsl.backends.ranking import non_dominated

Floats = NDArray[np.float64]

# The weight of the sum beside the maximum: without it points that are only weakly efficient would do.
RHO = 0.05


def chebyshev(values: Floats, feasible: NDArray[np.bool_], rng: np.random.Generator) -> Floats:
    """max_j w_j t_j + rho Σ_j w_j t_j for each row of values (n, m), with w from the flat Dirichlet distribution.

    t_j is objective j, squeezed, from 0 at the best to 1 at the worst of the front (of the feasible rows, if any).
    """
    t = np.column_stack([standardise(squeeze(column)) for column in values.T])
    counted = t[feasible] if feasible.any() else t
    front = counted[non_dominated(counted)]
    best, worst = front.min(axis=0), front.max(axis=0)
    span = np.where(worst > best, worst - best, t.max(axis=0) - t.min(axis=0))
    weighted = rng.dirichlet(np.ones(t.shape[1])) * (t - best) / np.where(span > 0.0, span, 1.0)
    return np.asarray(weighted.max(axis=1) + RHO * weighted.sum(axis=1))
