"""The incomplete beta function, its inverse and log B against mpmath and scipy."""

import math

import mpmath
import numpy as np
import pytest
from scipy import special

from hpdsl.kernels import twin
from hpdsl.kernels.scalar import SCALAR

cdf, ppf, log_beta = SCALAR["beta_cdf"], SCALAR["beta_ppf"], SCALAR["log_beta"]
rng = np.random.default_rng(7)
N = 400
A, B = 10.0 ** rng.uniform(-1.3, 4, (2, N))
U = np.where(np.arange(N) % 4 == 0, 10.0 ** rng.uniform(-12, -1, N), rng.uniform(0, 1, N))


def test_log_beta():
    with mpmath.workdps(40):
        for a, b in zip(A.tolist(), B.tolist(), strict=True):
            exact = mpmath.log(mpmath.beta(a, b))
            assert abs(log_beta(a, b) - exact) < 1e-13 * max(1, abs(exact))


def test_cdf_and_ppf_against_scipy():
    with np.errstate(all="ignore"):
        x = twin.FUNCTIONS["beta_ppf"](U, A, B)
        p = twin.FUNCTIONS["beta_cdf"](x, A, B)
    inside = (x > 1e-300) & (x < 1.0)
    assert inside.mean() > 0.8
    np.testing.assert_allclose(p[inside], special.betainc(A, B, x)[inside], rtol=2e-12)
    # x is as good as its distance from the nearer end allows, given what u can say.
    slack = np.finfo(float).eps * U / (np.maximum(np.exp(_log_pdf(x, A, B)), 1e-300) * x)
    difference = abs(x / special.betaincinv(A, B, U) - 1)
    assert np.all(difference[inside] < 2e-11 + 4 * slack[inside])


@pytest.mark.parametrize(
    ("a", "b", "u"),
    [
        (0.01, 10001.0, 0.968),
        (0.008, 1289.6, 0.97004),
        (0.0058, 4864.9, 0.98191),
        (675.4, 0.00148, 0.0061),
        (10995.6, 0.0095, 0.0256),
        (0.0404, 9434.7, 0.89817),
    ],
)
def test_quantiles_about_the_mean_of_a_small_shape(a, b, u):
    assert cdf(ppf(u, a, b), a, b) == pytest.approx(u, rel=1e-11)


def _log_pdf(x, a, b):
    with np.errstate(all="ignore"):
        return special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b)


def test_the_left_tail_keeps_its_relative_accuracy():
    with mpmath.workdps(40):
        for x, a, b in [(1e-5, 10.0, 3.0), (0.3, 200.0, 50.0), (1e-12, 2.5, 7000.0), (0.01, 20.0, 0.1)]:
            exact = mpmath.betainc(a, b, 0, mpmath.mpf(x), regularized=True)
            assert abs(cdf(x, a, b) / exact - 1) < 1e-12


def test_simple_shapes():
    for u in (1e-9, 0.1, 0.5, 0.9):
        assert cdf(u, 1.0, 1.0) == pytest.approx(u, rel=1e-14)
        assert ppf(u, 1.0, 1.0) == pytest.approx(u, rel=1e-14)
        assert cdf(u, 3.0, 1.0) == pytest.approx(u**3, rel=1e-13)
        assert ppf(u, 1.0, 10.0) == pytest.approx(-math.expm1(math.log1p(-u) / 10.0), rel=1e-13)
    assert ppf(0.5, 2.0, 2.0) == pytest.approx(0.5, rel=1e-15)


def test_ends_marks_and_shapes_that_are_none():
    assert cdf(0.0, 2.0, 3.0) == cdf(-1.0, 2.0, 3.0) == 0.0
    assert cdf(1.0, 2.0, 3.0) == cdf(2.0, 2.0, 3.0) == 1.0
    assert ppf(0.0, 2.0, 3.0) == 0.0
    assert ppf(1.0, 2.0, 3.0) == 1.0
    for f in (cdf, ppf):
        assert f(0.5, 0.0, 1.0) == f(0.5, 1.0, -1.0) == f(0.5, math.inf, 1.0) == f(math.inf, 1.0, 1.0) == math.inf
        assert math.isnan(f(math.nan, math.inf, 1.0))
        assert math.isnan(f(0.5, 1.0, math.nan))
    assert log_beta(0.0, 1.0) == math.inf
    assert math.isnan(log_beta(1.0, math.nan))
    assert ppf(0.5, 1e-3, 5.0) == pytest.approx(special.betaincinv(1e-3, 5.0, 0.5), rel=1e-9)
    assert ppf(1e-3, 1e-3, 5.0) == 0.0


def test_ppf_does_not_decrease():
    u = np.linspace(0, 1, 2001)
    for a, b in [(0.05, 0.05), (0.5, 9.0), (1.0, 10.0), (300.0, 20.0), (1e4, 1e4)]:
        with np.errstate(all="ignore"):
            x = twin.FUNCTIONS["beta_ppf"](u, np.full(2001, a), np.full(2001, b))
        assert np.all(np.diff(x) >= -1e-15 * x[1:])


def test_quantiles_beside_a_huge_shape_are_those_of_a_gamma_law():
    u = np.array([1e-12, 1e-3, 0.03, 0.2, 0.5, 0.77, 0.93, 0.999, 1 - 1e-9])
    for a, huge in ((4.0, 1e16), (0.5, 1e14), (30.0, 1e15)):
        with np.errstate(all="ignore"):
            found = twin.FUNCTIONS["beta_ppf"](u, np.full(len(u), a), np.full(len(u), huge))
        np.testing.assert_allclose(found * huge, special.gammaincinv(a, u), rtol=1e-11)
        assert cdf(ppf(0.4, a, huge), a, huge) == pytest.approx(0.4, rel=1e-12)
