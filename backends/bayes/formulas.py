"""The scalar formulas of the Gaussian process, written once for floats, arrays and compiled code: the same bits."""

from __future__ import annotations

import math
from types import SimpleNamespace

from hpdsl.kernels import elementary, normal
from hpdsl.kernels.primitives import Primitives, Real

_LOG_ROOT_2PI = 0.5 * math.log(2.0 * math.pi)
_ROOT_2PI = math.sqrt(2.0 * math.pi)
# Below this phi(z) + z Phi(z) cancels, and a continued fraction takes over; so many terms are enough at -infinity,
# and so many more at -1.
_TAIL, _TERMS, _MORE = -2.0, 12, 240.0


def build(p: Primitives) -> SimpleNamespace:
    """`matern(r2)` and `slope(r2)`, its derivative by the squared distance r2; `log_h(z)` with its derivative.

    The last is for single numbers only; `exp` and `log` are those of `hpdsl.kernels`.
    """
    elements = elementary.build(p)
    exp, log, sqrt = elements.exp, elements.log, p.sqrt
    cdf = normal.build(p, elements).cdf

    @p.function
    def matern(r2: Real) -> Real:
        # Rasmussen & Williams 2006, eq. 4.17 with nu = 5/2
        x = sqrt(5.0 * r2)
        return (1.0 + x + r2 * (5.0 / 3.0)) * exp(-x)

    @p.function
    def slope(r2: Real) -> Real:
        x = sqrt(5.0 * r2)
        return (-5.0 / 6.0) * ((1.0 + x) * exp(-x))

    @p.routine
    def log_h(z: Real) -> tuple[Real, Real]:
        """See `acquisition.log_h_and_slope`."""
        if z > _TAIL:
            below = cdf(z)
            h = exp(-0.5 * z * z) / _ROOT_2PI + z * below
            return log(h), below / h
        x = -z
        c = x
        for k in range(_TERMS + int(_MORE / (x * x)), 1, -1):
            c = x + k / c
        c = 1.0 / c
        return -0.5 * x * x - _LOG_ROOT_2PI + log(c) - log(x + c), 1.0 / c

    return SimpleNamespace(matern=matern, slope=slope, log_h=log_h, exp=exp, log=log)
