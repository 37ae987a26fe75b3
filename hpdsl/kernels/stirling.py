"""Corrections to Stirling's formula, and x - log(1 + x): what beta and gamma functions of large shapes need."""

from __future__ import annotations

from types import SimpleNamespace

from hpdsl.kernels.primitives import Primitives, Real


def build(p: Primitives, e: SimpleNamespace) -> SimpleNamespace:
    """The functions `stirling(a)` and `rlog1(x)`."""
    where, divide, log = p.where, p.divide, e.log

    @p.function
    def stirling(a: Real) -> Real:
        """Log Gamma(a) minus Stirling's (a - 1/2) log a - a + log(2 pi) / 2, for a >= 8."""
        r = divide(1.0, a)
        z = r * r
        return r * (
            0.08333333333333333
            + z * (-0.002777777777777778
            + z * (0.0007936507936507937
            + z * (-0.0005952380952380953
            + z * (0.0008417508417508417
            + z * (-0.0019175269175269176
            + z * (0.00641025641025641
            + z * (-0.029550653594771242
            + z * 0.1796443723688307)))))))
        )  # fmt: skip

    @p.function
    def series(z: Real) -> Real:
        """1/5 + z/7 + z**2 / 9 + ..., for z <= 0.03."""
        return (
            0.2 + z * (0.14285714285714285 + z * (0.1111111111111111 + z * (0.09090909090909091
            + z * (0.07692307692307693 + z * (0.06666666666666667 + z * (0.058823529411764705
            + z * (0.05263157894736842 + z * 0.047619047619047616)))))))
        )  # fmt: skip

    @p.function
    def rlog1(x: Real) -> Real:
        """X - log(1 + x) for x > -1, accurate near 0."""
        s = divide(x, 2.0 + x)
        z = s * s
        near = s * (x - 2.0 * z * (0.3333333333333333 + z * series(z)))
        return where((x > -0.25) & (x < 0.375), near, x - log(1.0 + x))

    return SimpleNamespace(stirling=stirling, rlog1=rlog1)
