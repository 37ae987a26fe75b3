"""Posterior means and variances at many points, written once for numpy and for compiled code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.kernels.primitives import Primitives

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Points at once: few enough for all that is computed of them to stay in the cache.
BLOCK = 64

# Addresses of routines; X (n, q), weighted data points; their squared lengths; alpha (c, n); the inverse (n, n) of the
# Cholesky factor; s.
Process = tuple[Ints, Floats, Floats, Floats, Floats, float]


def build(p: Primitives, steps: Any) -> Callable[[Process, Floats, Floats, Floats], None]:
    """The function `predict`, which fills means (c, m) and the variance that data explain (m,) at points x (m, q)."""
    dots, multiply, mix, lower = steps.dots, steps.multiply, steps.mix, steps.lower
    cross, square_sums = steps.cross, steps.square_sums

    @p.routine
    def predict(task: Process, x: Floats, mean: Floats, explained: Floats) -> None:
        routines, X, lengths, alpha, inverse_factor, s = task
        m, n, c = len(x), len(X), len(alpha)
        for first in range(0, m, BLOCK):
            last = min(first + BLOCK, m)
            points = x[first:last]
            squares, k, means = np.empty(last - first), np.empty((n, last - first)), np.empty((c, last - first))
            dots(points, points, squares)
            multiply(routines, X, points, k)
            cross(k, lengths, squares, s)
            mix(routines, alpha, k, means)
            for f in range(c):
                for i in range(last - first):
                    mean[f, first + i] = means[f, i]
            # Rasmussen & Williams 2006, eq. 2.26
            lower(routines, inverse_factor, k)
            square_sums(k, explained[first:last])

    return predict
