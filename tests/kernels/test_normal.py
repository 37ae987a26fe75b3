"""The normal distribution function and its inverse against mpmath."""

import math

import mpmath
import numpy as np

from hpdsl.kernels import twin
from hpdsl.kernels.scalar import SCALAR

cdf, ppf = SCALAR["normal_cdf"], SCALAR["normal_ppf"]


def exact_ppf(u):
    """By Newton's method from the result under test."""
    x = mpmath.mpf(ppf(u))
    for _ in range(3):
        x -= (mpmath.ncdf(x) - u) / mpmath.npdf(x)
    return x


def test_cdf_keeps_its_relative_accuracy_down_to_minus_37():
    with mpmath.workdps(60):
        for x in np.concatenate([np.linspace(-37, 0, 700), np.linspace(0, 9, 200)]).tolist():
            assert abs(mpmath.mpf(cdf(x)) / mpmath.ncdf(x) - 1) < 3e-15


def test_ppf_is_accurate_into_the_far_tail():
    rng = np.random.default_rng(1)
    u = np.concatenate(
        [rng.uniform(0, 1, 300), 10.0 ** rng.uniform(-307, -1, 300), 1.0 - 10.0 ** rng.uniform(-15, -1, 100)]
    )
    with mpmath.workdps(60):
        for v in u.tolist():
            exact = exact_ppf(v)
            # Close to 1/2 the distance from it is what u can say.
            assert abs(ppf(v) - exact) <= 1e-15 * abs(exact) + 1e-17


def test_both_do_not_decrease():
    x = np.linspace(-38, 9, 400_001)
    # Around the seams of the three approximations, and all over.
    seams = [0.075, 0.925, math.exp(-25.0), 1.0 - math.exp(-25.0)]
    near = [s * (1.0 + np.linspace(-1e-9, 1e-9, 2001)) for s in seams]
    u = np.sort(np.concatenate([np.linspace(0, 1, 200_001)[1:-1], np.geomspace(1e-300, 0.5, 100_000), *near]))
    with np.errstate(all="ignore"):
        assert np.all(np.diff(twin.FUNCTIONS["normal_cdf"](x)) >= 0)
        z = twin.FUNCTIONS["normal_ppf"](u)
    assert np.all(np.diff(z)[np.diff(u) > 1e-14 * u[1:]] >= 0)


def test_symmetry_and_ends():
    assert cdf(0.0) == 0.5
    assert ppf(0.5) == 0.0
    assert ppf(0.25) == -ppf(0.75)
    assert cdf(-1e308) == 0.0
    assert cdf(1e308) == 1.0
    assert -39 < ppf(0.0) < -38
    assert 8 < ppf(1.0) < 9
    assert cdf(math.inf) == ppf(math.inf) == math.inf
    assert math.isnan(cdf(math.nan))
    assert math.isnan(ppf(math.nan))
