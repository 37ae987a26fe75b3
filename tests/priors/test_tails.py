"""Exponential, gamma, triangular and the bounded scales against scipy, truncated and on lattices.

n = 20,000 rows a test of fit; each fails by chance once in 1e8 runs.
"""

import math

import numpy as np
import pytest
from scipy import stats

import hpdsl

N = 20_000
FALSE_ALARM = 1e-8

LAWS = {
    "exponential(2)": stats.expon(scale=2),
    "gamma(0.3, 2)": stats.gamma(0.3, scale=2),
    "gamma(9, 0.5)": stats.gamma(9, scale=0.5),
    "triangular(-1, 2, 4)": stats.triang(0.6, -1, 5),
    "triangular(0, 0, 4)": stats.triang(0, 0, 4),
    "triangular(0, 4, 4)": stats.triang(1, 0, 4),
}


class Scaled:
    """A law uniform on a transformed scale."""

    def __init__(self, to, low, high):
        self.to, self.low, self.high = to, low, high

    def cdf(self, x):
        """The distribution function."""
        return (self.to(x) - self.to(self.low)) / (self.to(self.high) - self.to(self.low))

    def logpdf(self, x):
        """The logarithm of the density, by differences."""
        h = 1e-7
        return np.log((self.cdf(x + h) - self.cdf(x - h)) / (2 * h))


LAWS["revloguniform(0.1, 0.999)"] = Scaled(lambda x: -np.log1p(-x), 0.1, 0.999)
LAWS["logituniform(0.01, 0.9)"] = Scaled(lambda x: np.log(x / (1 - x)), 0.01, 0.9)


@pytest.mark.parametrize("text", LAWS)
def test_samples_and_density(text):
    law = LAWS[text]
    space = hpdsl.loads(f"x ~ {text}\n")
    configs = space.sample(N, seed=1)
    x = configs.columns["x"]
    assert stats.kstest(x, law.cdf).pvalue > FALSE_ALARM
    tolerance = 1e-5 if isinstance(law, Scaled) else 1e-9
    np.testing.assert_allclose(space.log_density(configs), law.logpdf(x), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(space.encode(configs)[:, 0], law.cdf(x), rtol=1e-9, atol=1e-9)
    z = space.features(configs)
    assert ((z >= 0) & (z <= 1)).all()
    assert (np.diff(z[np.argsort(x), 0]) >= 0).all()


@pytest.mark.parametrize(
    ("text", "low", "high", "law"),
    [
        ("exponential(1)", 40, 42, stats.expon()),
        ("exponential(3)", 0.001, 0.002, stats.expon(scale=3)),
        ("gamma(2, 1)", 60, 61, stats.gamma(2)),
        ("gamma(5, 1)", 0.01, 0.02, stats.gamma(5)),
        ("triangular(0, 1, 4)", 3.999, 4, stats.triang(0.25, 0, 4)),
        ("triangular(0, 3, 4)", 0, 0.001, stats.triang(0.75, 0, 4)),
    ],
)
def test_truncation_keeps_exact_tails(text, low, high, law):
    space = hpdsl.loads(f"x ~ {text} in {low} .. {high}\n")
    x = space.sample(N, seed=2).columns["x"]
    assert x.min() >= low
    assert x.max() <= high
    # Upper tails through the survival function, which keeps its digits there.
    upper = law.sf(low) < 0.5
    tail = law.sf if upper else law.cdf
    share = (tail(x) - tail(low)) / (tail(high) - tail(low))
    assert stats.kstest(share, "uniform").pvalue > FALSE_ALARM
    np.testing.assert_allclose(
        space.log_density([{"x": float(v)} for v in x[:20]]),
        law.logpdf(x[:20]) - math.log(abs(tail(high) - tail(low))),
        rtol=1e-8,
    )


def test_integer_laws():
    space = hpdsl.loads("a ~ int exponential(2)\nb ~ int gamma(3, 2)\nc ~ int triangular(0, 2, 6)\n")
    configs = space.sample(N, seed=3)
    for name, law in (("a", stats.expon(scale=2)), ("b", stats.gamma(3, scale=2))):
        top = 6
        expected = [law.cdf(0.5), *(law.cdf(k + 0.5) - law.cdf(k - 0.5) for k in range(1, top)), law.sf(top - 0.5)]
        observed = np.bincount(np.minimum(configs.columns[name], top), minlength=top + 1)
        assert stats.chisquare(observed, N * np.array(expected)).pvalue > FALSE_ALARM
    law = stats.triang(2.5 / 7, -0.5, 7)
    expected = [law.cdf(k + 0.5) - law.cdf(k - 0.5) for k in range(7)]
    assert stats.chisquare(np.bincount(configs.columns["c"], minlength=7), N * np.array(expected)).pvalue > FALSE_ALARM


def test_arguments_that_depend_on_others():
    text = "m ~ uniform(0.5, 2)\nx ~ exponential(m)\ng ~ gamma(m, m)\nt ~ triangular(0, m, 3)\n"
    text += "r ~ revloguniform(0, 0.5 + m / 5)\nl ~ logituniform(0.1, 0.4 + m / 5)\n"
    space = hpdsl.loads(text)
    configs = space.sample(N, seed=4)
    u = space.encode(configs)
    for column in u.T:
        assert stats.kstest(column, "uniform").pvalue > FALSE_ALARM
    assert all(space.is_valid(c) for c in configs[:50])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x ~ revloguniform(0, 1)", "must be less than 1"),
        ("x ~ logituniform(0, 0.5)", "must be greater than 0"),
        ("x ~ gamma(0, 1)", "must be greater than 0"),
        ("x ~ exponential(-1)", "must be greater than 0"),
        ("x ~ triangular(0, 5, 4)", "lies below"),
        ("x ~ triangular(4, 5, 0)", "lower bound is above"),
        ("x ~ uniform(0.5, 1) step 0.1 in 0.5 .. 0.9", ""),
        ("x ~ logituniform(0.1, 0.9) step 0.4", "half a step"),
    ],
)
def test_arguments_are_checked(text, message):
    if not message:
        hpdsl.loads(text + "\n")
        return
    with pytest.raises(hpdsl.SpecError, match=message) as caught:
        hpdsl.loads(text + "\n")
    assert all(d.help for d in caught.value.diagnostics)
