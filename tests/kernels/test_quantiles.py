"""Interpolated beta quantiles against the exact inverse, and what they do at the ends."""

import numpy as np
import pytest
from scipy import stats

import hpdsl
from hpdsl.kernels.quantiles import _solved, beta_log_odds
from hpdsl.priors.weight import Share
from hpdsl.terms import Evaluator, const, draw


def share(a, b, u):
    term = Share(const(a), const(b)).ppf(draw(0), None, None)
    return Evaluator({}, {0: u}).value(term)


@pytest.mark.parametrize(("a", "b"), [(4.0, 3.5), (0.5, 0.5), (0.1, 2.0), (300.0, 2.0)])
def test_interpolated_quantiles_are_the_exact_ones(a, b):
    u = np.random.default_rng(0).random(300)
    for p in [*u, 1e-9, 1e-15, 1.0 - 1e-9]:
        assert share(a, b, float(p)) == pytest.approx(stats.beta.ppf(p, a, b), rel=2e-9)


def test_they_rise_and_reach_the_ends():
    points = [0.0, 1e-300, 1e-30, 2.0**-54, 0.25, 0.5, 1.0 - 2.0**-53, 1.0]
    values = [share(2.0, 3.0, p) for p in points]
    assert values == sorted(values)
    assert values[0] == 0.0
    assert values[-1] == 1.0


def test_shapes_that_leave_the_doubles_are_solved_exactly():
    assert beta_log_odds(1e-3, 5.0) is None
    configs = hpdsl.loads("mix[a, b, c] ~ dirichlet(0.001, 2, 5000)\n").sample(50, seed=0)
    total = sum(configs.columns[f"mix.{name}"] for name in "abc")
    np.testing.assert_allclose(total, 1.0, rtol=1e-12)


def test_equations_are_solved_as_lapack_solves_them():
    rng = np.random.default_rng(0)
    for size in (1, 2, 7, 12):
        matrix, right = rng.normal(size=(size, size)), rng.normal(size=(size, 5))
        np.testing.assert_allclose(_solved(matrix, right), np.linalg.solve(matrix, right), rtol=1e-9)


def test_shapes_whose_quantiles_leave_the_doubles_have_no_table():
    # The least probability has log-odds -40, and -40 / 0.05 is the logarithm of less than the least double.
    assert beta_log_odds(0.05, 1000.0) is None
    assert beta_log_odds(1000.0, 0.05) is None
    assert beta_log_odds(0.1, 3.0) is not None
