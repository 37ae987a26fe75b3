"""Priors registered from Python: they run in the same kernels, and wrong ones are refused."""

import math

import numpy as np
import pytest
from scipy import stats

import hpdsl
from hpdsl.priors import functions as f
from hpdsl.priors.custom import unregister_prior

N = 20_000
FALSE_ALARM = 1e-8


@pytest.fixture
def weibull():
    hpdsl.register_prior(
        "weibull",
        ("shape", "size"),
        cdf=lambda x, k, s: 1 - f.exp(-((x / s) ** k)),
        ppf=lambda p, k, s: s * (-f.log(1 - p)) ** (1 / k),
        log_density=lambda x, k, s: f.log(k / s) + (k - 1) * f.log(x / s) - (x / s) ** k,
        support=(0, None),
        above={"shape": 0, "size": 0},
        scale="log",
        example=(1.5, 2),
    )
    yield
    unregister_prior("weibull")


def test_a_registered_prior_is_a_prior_like_any_other(weibull):
    space = hpdsl.loads("x ~ weibull(1.5, 2)\ny ~ weibull(2, 1) in 0.5 .. 2\nk ~ int weibull(2, 5) in 1 .. 20\n")
    configs = space.sample(N, seed=0)
    law = stats.weibull_min(1.5, scale=2)
    assert stats.kstest(configs.columns["x"], law.cdf).pvalue > FALSE_ALARM
    other = stats.weibull_min(2)
    low, high = other.cdf(0.5), other.cdf(2)
    assert stats.kstest(configs.columns["y"], lambda y: (other.cdf(y) - low) / (high - low)).pvalue > FALSE_ALARM
    assert configs.columns["k"].min() >= 1
    alone = hpdsl.loads("x ~ weibull(1.5, 2)\n")
    batch = alone.sample(100, seed=1)
    np.testing.assert_allclose(alone.log_density(batch), law.logpdf(batch.columns["x"]), rtol=1e-9)
    np.testing.assert_allclose(alone.decode(alone.encode(batch)).columns["x"], batch.columns["x"], rtol=1e-9)
    assert hpdsl.loads("m ~ uniform(1, 2)\nx ~ weibull(m, m)\n").sample(10, seed=0)


def test_what_lies_beyond_a_number_keeps_its_probability(weibull):
    """Requirements divide a law into cells, of which the outermost have no end."""
    configs = hpdsl.loads("x ~ weibull(1.5, 2)\nk ~ bool()\nrequire not k or x <= 2\n").sample(N, seed=2)
    above = int((configs.columns["x"] > 2).sum())
    share = math.exp(-1) / (1 + (1 - math.exp(-1)))
    assert stats.binomtest(above, N, share).pvalue > FALSE_ALARM


def test_its_arguments_are_checked(weibull):
    with pytest.raises(hpdsl.SpecError, match="shape of `weibull` must be greater than 0"):
        hpdsl.loads("x ~ weibull(0, 1)\n")
    with pytest.raises(hpdsl.SpecError, match="needs 2 arguments"):
        hpdsl.loads("x ~ weibull(1)\n")


def laplace(**changes):
    half = math.log(2)
    parts = {
        "cdf": lambda x: f.where(f.less(x, 0), 0.5 * f.exp(x), 1 - 0.5 * f.exp(-x)),
        "ppf": lambda p: f.where(f.less(p, 0.5), f.log(2 * p), -f.log(2 * (1 - p))),
        "log_density": lambda x: -f.absolute(x) - half,
        "example": (),
    }
    hpdsl.register_prior(changes.pop("name", "laplace"), changes.pop("arguments", ()), **{**parts, **changes})


def test_a_law_with_two_sides():
    laplace()
    try:
        x = hpdsl.loads("x ~ laplace()\n").sample(N, seed=1).columns["x"]
        assert stats.kstest(x, stats.laplace.cdf).pvalue > FALSE_ALARM
    finally:
        unregister_prior("laplace")
    with pytest.raises(hpdsl.SpecError, match="unknown prior"):
        hpdsl.loads("x ~ laplace()\n")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cdf": lambda x: 1 / (1 + f.exp(-x))}, r"cdf\(ppf"),
        ({"log_density": lambda x: -f.absolute(x)}, "slope"),
        ({"cdf": lambda x: f.exp(-x), "ppf": lambda p: -f.log(p)}, "does not rise"),
        ({"cdf": lambda x: math.exp(x)}, "can't be traced"),
        ({"cdf": lambda x: 0.5 if x < 0 else 1.0}, "can't be traced"),
        ({"support": (0, None)}, "leaves the support"),
        ({"support": (1, 0)}, "is empty"),
        ({"name": "uniform"}, "prior of the language"),
        ({"name": "a b"}, "can't name"),
        ({"scale": "cubic"}, "no scale"),
        ({"example": (1,)}, "takes 0 arguments"),
        ({"above": {"k": 0}}, "no argument"),
    ],
)
def test_what_is_no_law_is_refused(changes, message):
    with pytest.raises(hpdsl.UsageError, match=message):
        laplace(**changes)
