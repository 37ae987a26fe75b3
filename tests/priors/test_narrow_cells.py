"""Masses of integers where there are so many that distribution functions can't part them."""

import mpmath
import numpy as np
import pytest

import hpdsl


def exact_log_uniform(x, high):
    """log P(x) of `int loguniform(1, high)`."""
    with mpmath.workdps(50):
        half = mpmath.mpf("0.5")
        inside = mpmath.log((mpmath.mpf(x) + half) / (mpmath.mpf(x) - half))
        return float(mpmath.log(inside / mpmath.log((mpmath.mpf(high) + half) / half)))


def exact_normal(x, sd):
    """log P(x) of `int normal(0, sd)`."""
    with mpmath.workdps(50):
        half = mpmath.mpf("0.5")
        return float(mpmath.log(mpmath.ncdf((x + half) / sd) - mpmath.ncdf((x - half) / sd)))


def masses(prior, values):
    return hpdsl.loads(f"x ~ {prior}\n").log_density([{"x": x} for x in values])


@pytest.mark.parametrize("power", [20, 40, 50, 53])
def test_integers_on_a_logarithmic_scale_have_their_masses(power):
    high = 2**power
    values = [1, 2, 1000, high // 2, high - 1, high] + [
        c["x"] for c in hpdsl.loads(f"x ~ int loguniform(1, {high})\n").sample(200, seed=0)
    ]
    np.testing.assert_allclose(
        masses(f"int loguniform(1, {high})", values), [exact_log_uniform(x, high) for x in values], rtol=0, atol=1e-8
    )


@pytest.mark.parametrize("sd", [2, 1000, 10**6, 10**10, 10**15])
def test_integers_of_wide_normal_laws_have_their_masses(sd):
    values = [0, 1, -1, sd // 2, -sd, 3 * sd, 6 * sd]
    np.testing.assert_allclose(
        masses(f"int normal(0, {sd})", values), [exact_normal(x, sd) for x in values], rtol=0, atol=1e-8
    )


def test_the_cell_at_the_end_of_a_scale_keeps_its_mass():
    """The cell of 0 begins at 0, where the logarithm has no value."""
    found = masses("int lognormal(2, 2)", range(200))
    assert np.isfinite(found).all()
    assert np.exp(found).sum() == pytest.approx(1.0, abs=1e-9)
