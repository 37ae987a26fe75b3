"""Bounds on chances are bounds: against the exact binomial and hypergeometric laws."""

import numpy as np
import pytest
from scipy import stats

from hpdsl.testing.laws.chances import FALSE_ALARM, Comparisons, chance, chance_of_gap, chance_of_two


@pytest.mark.parametrize("p", [1e-5, 0.01, 0.3, 0.5, 0.99])
@pytest.mark.parametrize("n", [1, 20, 1000])
def test_a_count_is_no_likelier_than_told(n, p):
    k = np.arange(n + 1)
    exact = np.minimum(2.0 * np.where(k >= n * p, stats.binom.sf(k - 1, n, p), stats.binom.cdf(k, n, p)), 1.0)
    assert (exact <= chance(k, n, p) * (1 + 1e-9)).all()


def test_what_is_expected_is_likely_and_the_impossible_is_not():
    assert chance(50, 100, 0.5) == 1.0
    assert chance(1, 100, 0.0) == 0.0
    assert chance(99, 100, 1.0) == 0.0


def test_counts_of_two_samples():
    n, m, marked = 30, 50, 20
    k = np.arange(marked + 1)
    law = stats.hypergeom(n + m, marked, n)
    exact = np.minimum(2.0 * np.where(k >= n * marked / (n + m), law.sf(k - 1), law.cdf(k)), 1.0)
    assert (exact <= chance_of_two(k, n, marked - k, m) * (1 + 1e-9)).all()
    assert chance_of_two(0, 0, 0, 10) == 1.0


def test_gaps_of_distribution_functions():
    for n in (10, 1000):
        for gap in (0.05, 0.2, 0.5):
            assert stats.kstwo.sf(gap, n) <= chance_of_gap(gap, n)


def test_many_comparisons_are_worth_less():
    few, many = Comparisons(), Comparisons()
    few.add(FALSE_ALARM / 2, ["odd"], "x")
    many.add([FALSE_ALARM / 2, *[1.0] * 9], ["odd", *["even"] * 9], "x")
    assert few.refuted
    assert not many.refuted
    assert (many.said, many.about, many.count) == ("odd", "x", 10)
    assert not Comparisons().refuted
