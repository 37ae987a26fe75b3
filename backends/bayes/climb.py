"""log EI over free columns with its gradient, written once for numpy and for compiled code.

For the model that most proposals are made with: one process, an improvement to expect, and the rule of trust. The
others are climbed through `Model.score_and_slope`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.kernels.primitives import Primitives

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Trust that is never lost.
BOUNDLESS = 1e300

# What is climbed, by n data points in p free columns, m starts and c fantasies: addresses of routines; fixed (m, n),
# the squared distances in the other columns; X (p, n), the data times root; root (p,), roots of weights; inverse
# (n, n) of the kernel matrix; alpha (c, n); best (c,); s; and of the rule of trust known (k, p), radius and steepness.
Hill = tuple[Ints, Floats, Floats, Floats, Floats, Floats, Floats, float, Floats, float, float]


def build(p: Primitives, steps: Any, formulas: Any) -> Callable[[Hill, Floats, Ints, Floats, Floats], None]:
    """The function `evaluate` for `descent`: minus log EI, averaged over fantasies, and its gradient."""
    exp, log, log_h, sqrt = formulas.exp, formulas.log, formulas.log_h, p.sqrt
    distances, matern_and_slope, nearest = steps.distances, steps.matern_and_slope, steps.nearest
    multiply, sums, dots, combine, differ = steps.multiply, steps.sums, steps.dots, steps.combine, steps.differ

    @p.routine
    def improve(mean: Floats, sd: float, best: Floats, by_mean: Floats) -> tuple[float, float]:
        """log EI and its derivative by sd; those by the means are filled in."""
        c = len(mean)
        each, by_sd = np.empty(c), np.empty(c)
        top = -np.inf
        for f in range(c):
            z = (best[f] - mean[f]) / sd
            h, by_z = log_h(z)
            each[f], by_mean[f], by_sd[f] = h, -by_z / sd, (1.0 - z * by_z) / sd
            top = max(top, h)
        total, slope = 0.0, 0.0
        for f in range(c):
            each[f] = exp(each[f] - top)
            total += each[f]
        for f in range(c):
            share = each[f] / total
            by_mean[f] *= share
            slope += share * by_sd[f]
        return top + log(total / c) + log(sd), slope

    @p.routine
    def evaluate(task: Hill, x: Floats, which: Ints, value: Floats, slope: Floats) -> None:
        routines, fixed, X, root, inverse, alpha, best, s, known, radius, steep = task
        m, n, c = len(x), X.shape[1], len(alpha)
        r2 = np.empty((m, n))
        distances(x, which, fixed, X, root, r2)
        k, by_r2 = np.empty((m, n)), np.empty((m, n))
        matern_and_slope(r2.reshape(-1), k.reshape(-1), by_r2.reshape(-1))
        # In units of s: k is a correlation here, and so are its slopes.
        v = np.empty((m, n))
        multiply(routines, k, inverse, v)
        mean = np.empty((m, c))
        multiply(routines, k, alpha, mean)
        explained = np.empty(m)
        dots(k, v, explained)
        by_mean, by_sd = np.empty((m, c)), np.empty(m)
        for i in range(m):
            variance = s - s * s * explained[i]
            sd = sqrt(max(variance, 1e-12 * s))
            for f in range(c):
                mean[i, f] *= s
            value[i], by = improve(mean[i], sd, best, by_mean[i])
            value[i] = -value[i]
            # d sd = -s² Σ v dk / sd
            by_sd[i] = -s * by / sd
        combine(by_mean, alpha, by_sd, v, by_r2)
        totals = np.empty(m)
        sums(by_r2, totals)
        multiply(routines, by_r2, X, slope)
        # d r² / d x = 2 root (x root - X)
        differ(x, root, totals, -2.0 * s, slope)
        if radius < BOUNDLESS:
            distance, whose, column = np.empty(m), np.empty(m, dtype=np.int64), np.empty(m, dtype=np.int64)
            nearest(x, known, distance, whose, column)
            for i in range(m):
                if distance[i] > radius:
                    value[i] += steep * (distance[i] - radius)
                    j = column[i]
                    slope[i, j] += steep if x[i, j] > known[j, whose[i]] else -steep

    return evaluate
