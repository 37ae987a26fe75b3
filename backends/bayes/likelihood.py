"""The marginal likelihood with its gradient, written once for numpy and for compiled code.

Notation of Rasmussen & Williams 2006 (R&W); theta = (log w_1 … log w_G, log s, log v) as in `surrogate`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.kernels.primitives import Primitives

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# What stands for -log p where the kernel matrix can't be factorised.
IMPOSSIBLE = 1e25

# (addresses of routines, P, y, prior, jitter) of a fit; `prior` holds mean and standard deviation of the logarithms
# of lengthscale, s and v.
Fit = tuple[Ints, Floats, Floats, Floats, float]


def build(p: Primitives, steps: Any, formulas: Any) -> Callable[[Fit, Floats, Ints, Floats, Floats], None]:
    """The function `evaluate` for `descent`: -log p(y | theta) - log p(theta) up to a constant, and its gradient."""
    exp, log = formulas.exp, formulas.log
    weighted_sum, products = steps.weighted_sum, steps.products
    matern_and_slope, spread, pack_residual, total = (
        steps.matern_and_slope,
        steps.spread,
        steps.pack_residual,
        steps.total,
    )
    scale, factorise, solve, invert = steps.scale, steps.factorise, steps.solve, steps.invert

    @p.routine
    def penalise(theta: Floats, prior: Floats, gradient: Floats) -> float:
        """Minus the log prior density up to a constant; its gradient is added."""
        value, last = 0.0, len(theta) - 1
        for j in range(len(theta)):
            # log lengthscale = -log w / 2
            factor = 1.0 if j >= last - 1 else -0.5
            row = 2 if j == last else 1 if j == last - 1 else 0
            off = (factor * theta[j] - prior[row, 0]) / prior[row, 1]
            value += 0.5 * off * off
            gradient[j] += factor * off / prior[row, 1]
        return value

    @p.routine
    def likelihood(task: Fit, theta: Floats, gradient: Floats) -> float:
        """R&W eq. 5.8 and 5.9."""
        routines, P, y, prior, jitter = task
        n, groups = len(y), len(P)
        pairs = n * (n - 1) // 2
        w = np.empty(groups)
        for g in range(groups):
            w[g] = exp(theta[g])
        s, v = exp(theta[groups]), exp(theta[groups + 1])
        r2, k, slope = np.empty(pairs), np.empty(pairs), np.empty(pairs)
        weighted_sum(routines, P, w, r2)
        matern_and_slope(r2, k, slope)
        K = np.empty((n, n))
        spread(k, s, s + v + jitter, K)
        gradient[:] = 0.0
        if factorise(routines, K) != 0:
            return IMPOSSIBLE
        alpha = y.copy()
        solve(routines, K, alpha)
        value, trace = 0.0, 0.0
        for i in range(n):
            value += 0.5 * y[i] * alpha[i] + log(K[i, i])
        invert(routines, K)
        for i in range(n):
            trace += alpha[i] * alpha[i] - K[i, i]
        pack_residual(alpha, K, r2)
        # Every pair stands for two entries of the symmetric matrix.
        by_s = -0.5 * s * (trace + 2.0 * total(r2, k))
        scale(r2, slope)
        products(routines, P, r2, w)
        for g in range(groups):
            gradient[g] = -s * exp(theta[g]) * w[g]
        gradient[groups] = by_s
        gradient[groups + 1] = -0.5 * v * trace
        return float(value + penalise(theta, prior, gradient))

    @p.routine
    def evaluate(task: Fit, x: Floats, which: Ints, value: Floats, slope: Floats) -> None:
        for i in range(len(x)):
            value[i] = likelihood(task, x[i], slope[i])

    return evaluate
