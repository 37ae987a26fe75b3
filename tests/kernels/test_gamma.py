"""The incomplete gamma functions of both tails, their inverses and log Gamma against mpmath and scipy."""

import math

import mpmath
import numpy as np
import pytest
from scipy import special

from hpdsl.kernels import twin
from hpdsl.kernels.scalar import SCALAR

SHAPES = [0.01, 0.1, 0.5, 1.0, 1.5, 3.0, 7.9, 8.0, 20.0, 150.0, 1e3, 1e4]
cdf, sf, ppf, isf = (SCALAR[f"gamma_{n}"] for n in ("cdf", "sf", "ppf", "isf"))
log_gamma = SCALAR["log_gamma"]
mpmath.mp.dps = 40


@pytest.mark.parametrize("a", SHAPES)
def test_both_tails(a):
    spread = max(math.sqrt(a), 1.0)
    points = [a * 1e-6, a * 0.1, max(a - 5 * spread, a / 9), a, a + 0.5, a + 1.5, a + 6 * spread, a + 30 * spread]
    for x in points:
        lower = mpmath.gammainc(a, 0, mpmath.mpf(x), regularized=True)
        upper = mpmath.gammainc(a, mpmath.mpf(x), mpmath.inf, regularized=True)
        if lower > 1e-290:
            assert abs(cdf(x, a) / lower - 1) < 2e-12
        if upper > 1e-290:
            assert abs(sf(x, a) / upper - 1) < 2e-12


def test_log_gamma():
    for a in [1e-8, 1e-3, 0.3, 0.999, 1.0, 2.0, 5.5, 8.0, 100.0, 1e6, 1e12]:
        exact = mpmath.loggamma(mpmath.mpf(a))
        assert abs(log_gamma(a) - exact) < 1e-14 * max(1, abs(exact)) * 10


@pytest.mark.parametrize("a", SHAPES)
def test_inverses(a):
    u = np.array([1e-300, 1e-100, 1e-12, 1e-3, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999, 1 - 1e-12])
    shape = np.full_like(u, a)
    x = twin.FUNCTIONS["gamma_ppf"](u, shape)
    inside = x > 1e-290
    np.testing.assert_allclose(special.gammainc(a, x)[inside], u[inside], rtol=3e-11)
    x = twin.FUNCTIONS["gamma_isf"](u, shape)
    inside = x > 1e-290
    np.testing.assert_allclose(special.gammaincc(a, x)[inside], u[inside], rtol=3e-11)
    assert (np.diff(twin.FUNCTIONS["gamma_ppf"](np.linspace(1e-6, 1 - 1e-6, 501), np.full(501, a))) >= 0).all()


def test_marks_and_edges():
    assert cdf(0.0, 2.0) == 0.0
    assert sf(-1.0, 2.0) == 1.0
    assert ppf(0.0, 2.0) == 0.0
    assert ppf(1.0, 2.0) == math.inf
    assert isf(0.0, 2.0) == math.inf
    assert cdf(1.0, 0.0) == math.inf
    assert math.isnan(ppf(math.nan, 1.0))
    assert math.isnan(log_gamma(math.nan))
    assert log_gamma(-1.0) == math.inf


def test_a_law_needs_a_finite_shape():
    for function in (cdf, sf, ppf, isf):
        assert function(0.5, math.inf) == function(math.inf, 2.0) == math.inf
    assert log_gamma(math.inf) == math.inf
