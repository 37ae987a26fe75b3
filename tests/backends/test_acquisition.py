"""Acquisition functions against mpmath and Monte Carlo."""

import mpmath
import numpy as np
import pytest

from hpdsl.backends.bayes import formulas
from hpdsl.backends.bayes.acquisition import (
    ACQUISITIONS,
    expected_improvement,
    log_expected_improvement,
    log_h,
    log_h_and_ndtr,
    log_h_and_slope,
    log_mean_exp,
    log_ndtr,
    log_ndtr_slope,
    lower_confidence_bound,
)
from hpdsl.kernels.jit import NATIVE, jit
from hpdsl.kernels.primitives import PYTHON

Z = np.concatenate([-np.logspace(-6, 9, 61), np.linspace(-12, 10, 89)])


def exact(z, what):
    mpmath.mp.dps = 60
    z = mpmath.mpf(float(z))
    # The complementary error function has a full relative precision far in the tail.
    cdf = mpmath.erfc(-z / mpmath.sqrt(2)) / 2
    pdf = mpmath.exp(-z * z / 2) / mpmath.sqrt(2 * mpmath.pi)
    if what == "ndtr":
        return mpmath.log(cdf)
    if z < -50:
        # h = pdf (1 - x Mills(x)), by the asymptotic series where subtraction would need too many digits.
        x = -z
        series = sum((-1) ** k * mpmath.fac2(2 * k + 1) / x ** (2 * k) for k in range(12))
        return -x * x / 2 - mpmath.log(2 * mpmath.pi) / 2 - 2 * mpmath.log(x) + mpmath.log(series)
    return mpmath.log(pdf + z * cdf)


def test_log_h_to_twelve_digits():
    computed = log_h(Z)
    for z, value in zip(Z, computed, strict=True):
        expected = float(exact(z, "h"))
        assert value == pytest.approx(expected, rel=1e-12, abs=2e-12), z


def test_log_ndtr_to_twelve_digits():
    inside = Z[Z > -1e4]
    for z, value in zip(inside, log_ndtr(inside), strict=True):
        assert value == pytest.approx(float(exact(z, "ndtr")), rel=1e-12, abs=1e-12), z


def exact_slope(z):
    """d log h / dz = Phi / h."""
    mpmath.mp.dps = 60
    z = mpmath.mpf(float(z))
    if z < -50:
        x = -z
        # Of the Mills ratio, and of h / phi = 1 - x · Mills.
        mills = sum((-1) ** k * mpmath.fac2(2 * k - 1) / x ** (2 * k + 1) for k in range(12))
        series = sum((-1) ** k * mpmath.fac2(2 * k + 1) / x ** (2 * k + 2) for k in range(12))
        return mills / series
    cdf = mpmath.erfc(-z / mpmath.sqrt(2)) / 2
    return cdf / (mpmath.exp(-z * z / 2) / mpmath.sqrt(2 * mpmath.pi) + z * cdf)


def test_slopes_to_twelve_digits():
    value, slope = log_h_and_slope(Z)
    np.testing.assert_array_equal(value, log_h(Z))
    for z, found in zip(Z, slope, strict=True):
        assert found == pytest.approx(float(exact_slope(z)), rel=1e-12), z
    inside = Z[Z > -1e4]
    for z, found in zip(inside, log_ndtr_slope(inside), strict=True):
        mpmath.mp.dps = 60
        x = mpmath.mpf(float(z))
        expected = mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi) / (mpmath.erfc(-x / mpmath.sqrt(2)) / 2)
        assert found == pytest.approx(float(expected), rel=1e-12), z


def test_the_scalar_formula_to_twelve_digits_compiled_and_not():
    """What is climbed has a formula of its own, in operations that compiled code and its twin share."""
    plain, native = formulas.build(PYTHON).log_h, formulas.build(NATIVE).log_h

    @jit
    def compiled(z, value, slope):
        for i in range(len(z)):
            value[i], slope[i] = native(z[i])

    values, slopes = np.empty_like(Z), np.empty_like(Z)
    compiled(Z, values, slopes)
    for k, z in enumerate(Z):
        value, slope = plain(float(z))
        assert value == pytest.approx(float(exact(z, "h")), rel=1e-12, abs=2e-12), z
        assert slope == pytest.approx(float(exact_slope(z)), rel=1e-12), z
        assert (value, slope) == (values[k], slopes[k])


def test_expected_improvement_is_its_definition():
    mean, sd, best = np.array([0.3]), np.array([0.7]), 0.1
    n = 1_000_000
    draws = np.random.default_rng(0).normal(mean, sd, n)
    improvements = np.maximum(best - draws, 0.0)
    # 6 standard errors: false alarm below 2e-9.
    assert expected_improvement(mean, sd, best, 0.0)[0] == pytest.approx(
        improvements.mean(), abs=6 * improvements.std() / np.sqrt(n)
    )


def test_lower_confidence_bound():
    np.testing.assert_allclose(lower_confidence_bound(np.array([1.0]), np.array([0.5]), 0.0, 2.0), [0.0])


@pytest.mark.parametrize("name", sorted(ACQUISITIONS))
def test_less_is_better_and_more_doubt_is_better(name):
    f = ACQUISITIONS[name]
    mean = np.linspace(-1, 2, 30)
    assert (np.diff(f(mean, np.full(30, 0.5), 0.0, 2.0)) < 0).all()
    sd = np.linspace(0.1, 2, 30)
    assert (np.diff(f(np.full(30, 0.5), sd, 0.0, 2.0)) > 0).all()


def test_both_logarithms_together_are_those_apart():
    h, below = log_h_and_ndtr(Z)
    assert h == pytest.approx(log_h(Z), rel=1e-12, abs=1e-13)
    assert below == pytest.approx(log_ndtr(Z), rel=1e-12, abs=1e-13)


def test_log_mean_exp_does_not_overflow():
    np.testing.assert_allclose(log_mean_exp(np.array([[1000.0, 1000.0], [-1000.0, -1000.0]])), [1000.0, -1000.0])


def test_improvement_that_is_nearly_certain_still_differs():
    f = ACQUISITIONS["pi"]
    values = f(-np.linspace(5, 30, 26), np.ones(26), 0.0, 0.0)
    assert (np.diff(values) > 0).all()


def test_log_expected_improvement_is_finite_where_ei_underflows():
    value = log_expected_improvement(np.array([100.0]), np.array([0.1]), 0.0, 0.0)
    assert np.isfinite(value).all()
    assert expected_improvement(np.array([100.0]), np.array([0.1]), 0.0, 0.0)[0] == 0.0
