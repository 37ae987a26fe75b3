"""exp, the logarithms and pow against mpmath, and their exact cases."""

import math
import sys

import mpmath
import numpy as np
import pytest

from hpdsl.kernels import twin
from hpdsl.kernels.scalar import SCALAR

ULP = 2.0**-52
rng = np.random.default_rng(20)
wide = 10.0 ** rng.uniform(-300, 300, 400)
near_one = rng.uniform(0.5, 2.0, 400)


def worst(name, reference, *arguments):
    """The largest relative error, in units of 2**-52."""
    f = SCALAR[name]
    errors = []
    with mpmath.workdps(50):
        for x in zip(*(a.tolist() for a in arguments), strict=True):
            exact = reference(*map(mpmath.mpf, x))
            errors.append(float(abs(mpmath.mpf(f(*x)) / exact - 1)))
    return max(errors) / ULP


@pytest.mark.parametrize(
    ("name", "reference", "arguments"),
    [
        ("exp", mpmath.exp, [rng.uniform(-708, 709.7, 600)]),
        ("exp", mpmath.exp, [rng.uniform(-1, 1, 600)]),
        ("log", mpmath.log, [np.concatenate([wide, near_one])]),
        ("log2", lambda x: mpmath.log(x, 2), [np.concatenate([wide, near_one])]),
        ("log10", mpmath.log10, [np.concatenate([wide, near_one])]),
        ("pow", mpmath.power, [near_one * 20, rng.uniform(-20, 20, 400)]),
        ("pow", mpmath.power, [10.0 ** rng.uniform(-4, 4, 400), rng.integers(-64, 65, 400).astype(float)]),
        ("pow", mpmath.power, [10.0 ** rng.uniform(-30, 30, 400), rng.uniform(-9, 9, 400)]),
    ],
)
def test_within_an_ulp(name, reference, arguments):
    assert worst(name, reference, *arguments) < 1.0


def test_exp_at_its_ends():
    f = SCALAR["exp"]
    assert f(0.0) == 1.0
    assert f(709.782712893384) == pytest.approx(sys.float_info.max, rel=1e-12)
    assert f(709.79) == math.inf
    assert f(1e308) == math.inf
    assert f(-745.0) == 5e-324
    assert f(-746.0) == f(-1e308) == 0.0
    assert math.isnan(f(math.nan))


def test_logarithms_at_their_ends():
    for name in ("log", "log2", "log10"):
        f = SCALAR[name]
        assert f(1.0) == 0.0
        assert f(0.0) == f(-0.0) == f(-1.0) == f(math.inf) == math.inf
        assert math.isnan(f(math.nan))
    assert SCALAR["log"](5e-324) == pytest.approx(math.log(5e-324), rel=1e-15)


def test_logarithms_of_exact_powers_are_exact():
    assert all(SCALAR["log2"](math.ldexp(1.0, k)) == k for k in range(-1074, 1024))
    assert all(SCALAR["log10"](float(f"1e{k}")) == k for k in range(-307, 309))


def test_integral_powers_are_exact_where_representable():
    f = SCALAR["pow"]
    for a in range(2, 200):
        n = 0
        while a**n < 2**53:
            assert f(float(a), float(n)) == a**n
            assert f(float(-a), float(n)) == (-a) ** n
            assert f(a / 64, float(n)) == a**n / 64**n
            n += 1
    assert all(f(2.0, float(k)) == math.ldexp(1.0, k) for k in range(-1074, 1024))
    assert all(f(10.0, float(k)) == float(f"1e{k}") for k in range(-64, 65))


@pytest.mark.parametrize(
    ("a", "b", "result"),
    [
        (0.0, 0.0, 1.0),
        (0.0, 2.5, 0.0),
        (-0.0, 3.0, 0.0),
        (0.0, -1.0, math.inf),
        (-8.0, 1 / 3, math.inf),
        (-8.0, 3.0, -512.0),
        (-2.0, -3.0, -0.125),
        (2.0, 0.5, math.sqrt(2.0)),
        (2.0, 1024.0, math.inf),
        (-2.0, 1025.0, math.inf),
        (1.5, 1e300, math.inf),
        (0.5, 1e300, 0.0),
        (1.0, 1e300, 1.0),
        (-1.0, 1e15 + 1, -1.0),
        (math.inf, 0.0, math.inf),
        (2.0, math.inf, math.inf),
        (1e-200, 1.5, 1e-300),
        (1e-300, -1.0, 1e300),
    ],
)
def test_cases_of_pow(a, b, result):
    assert SCALAR["pow"](a, b) == pytest.approx(result, rel=1e-15, abs=0.0)


def test_pow_keeps_unknown():
    assert math.isnan(SCALAR["pow"](math.nan, 0.0))
    assert math.isnan(SCALAR["pow"](math.inf, math.nan))


def test_exp_and_log_do_not_decrease():
    x = np.linspace(-700, 700, 200_001)
    with np.errstate(all="ignore"):
        assert np.all(np.diff(twin.FUNCTIONS["exp"](x)) > 0)
        y = np.geomspace(1e-300, 1e300, 200_001)
        assert np.all(np.diff(twin.FUNCTIONS["log"](y)) > 0)
