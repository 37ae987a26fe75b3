"""The Matern-5/2 kernel, written once for arrays and for compiled code, which then agree to the bit."""

from __future__ import annotations

from types import SimpleNamespace

from hpdsl.kernels import elementary
from hpdsl.kernels.primitives import Primitives, Real


def build(p: Primitives) -> SimpleNamespace:
    """The functions `matern(r2)` and `slope(r2)`, its derivative by the squared distance r2."""
    exp, sqrt = elementary.build(p).exp, p.sqrt

    @p.function
    def matern(r2: Real) -> Real:
        # Rasmussen & Williams 2006, eq. 4.17 with nu = 5/2
        x = sqrt(5.0 * r2)
        return (1.0 + x + r2 * (5.0 / 3.0)) * exp(-x)

    @p.function
    def slope(r2: Real) -> Real:
        x = sqrt(5.0 * r2)
        return (-5.0 / 6.0) * ((1.0 + x) * exp(-x))

    return SimpleNamespace(matern=matern, slope=slope)
