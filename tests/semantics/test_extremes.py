"""Numbers at the ends of what doubles hold: drawn as the law says, or refused in words."""

import math

import numpy as np
import pytest
from scipy import stats

import hpdsl

FAR = 2**52
REFUSED = {
    "few integers beyond 2**52": f"x ~ int uniform({FAR}, {FAR} + 10)",
    "few integers that end at 2**53": "x ~ int uniform(2**53 - 10, 2**53)",
    "few negative ones": "x ~ int uniform(-(2**53), 10 - 2**53)",
    "on a logarithmic scale": f"x ~ int loguniform({FAR}, {FAR} + 10)",
    "in steps": f"x ~ int uniform({FAR}, {FAR} + 700) step 7",
    "a narrow integer law": f"x ~ int normal({FAR} + 3, 3)",
    "a truncated one": f"x ~ int normal(0, 1e16) in {FAR} .. {FAR} + 9",
    "a bound that is subnormal": "x ~ uniform(0, 1e-310)",
    "a bound on a logarithmic scale": "x ~ loguniform(1e-310, 1)",
    "a narrow normal law": "x ~ normal(0, 1e-310)",
    "a median": "x ~ lognormal(1e-310, 2)",
    "the end of a truncation": "x ~ normal(0, 1) in 1e-310 .. 1",
    "a step": "x ~ uniform(0, 1) step 1e-310",
    "a range of subnormal width": "x ~ uniform(3e-308, 3.1e-308)",
    "a gamma law of a huge shape": "x ~ gamma(1e6, 1)",
    "one whose shape depends": "n ~ int uniform(1, 2000000)\nx ~ gamma(n, 1)",
    "a beta law of two huge shapes": "x ~ beta(1e6, 1e9)",
    "huge concentrations": "w[a, b, c] ~ dirichlet(1e9, 1, 1e7)",
    "many of them": f"w[{', '.join(f'a{i}' for i in range(20))}] ~ dirichlet(1e6)",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_doubles_cannot_hold_is_refused(name):
    with pytest.raises(hpdsl.SpecError) as caught:
        hpdsl.loads(REFUSED[name] + "\n")
    (found,) = caught.value.diagnostics
    assert found.code in ("HP026", "HP034")
    assert found.help


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (f"x ~ int uniform({FAR} - 11, {FAR} - 1)", 11),
        (f"x ~ int uniform(1 - {FAR}, 11 - {FAR})", 11),
        ("x ~ int uniform(0, 2**53)", 2**53 + 1),
        ("x ~ int uniform(0, 2**52 + 2**41)", 2**52 + 2**41 + 1),
    ],
)
def test_large_integers_have_equal_masses(text, count):
    space = hpdsl.loads(text + "\n")
    configs = space.sample(500, seed=0)
    np.testing.assert_allclose(space.log_density(configs), -math.log(count), rtol=1e-9)
    assert all(space.is_valid(c) for c in configs)


@pytest.mark.parametrize("text", ["x ~ loguniform(2.3e-308, 1)", "x ~ uniform(0, 2.3e-308)", "x ~ normal(0, 1e-307)"])
def test_small_numbers_come_back_from_their_codes(text):
    space = hpdsl.loads(text + "\n")
    configs = space.sample(200, seed=0)
    back = space.decode(space.encode(configs))
    np.testing.assert_allclose(back.columns["x"], configs.columns["x"], rtol=1e-9, atol=1e-319)


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("x ~ gamma(999999, 1)", stats.gamma(999999)),
        ("x ~ beta(999999, 999999)", stats.beta(999999, 999999)),
        ("x ~ beta(2, 1e12)", stats.beta(2, 1e12)),
        ("x ~ beta(1e9, 999999)", stats.beta(1e9, 999999)),
        ("x[a, b] ~ dirichlet(1e12, 5)", stats.beta(1e12, 5)),
    ],
)
def test_laws_of_large_shapes_are_drawn_as_they_are(text, law):
    """n = 400 and 8 groups of equal probability: chi-square, 7 degrees, fails by chance once in 1e7 runs."""
    drawn = hpdsl.loads(text + "\n").sample(400, seed=1).columns
    counts = np.histogram(law.cdf(drawn["x" if "x" in drawn else "x.a"]), np.linspace(0, 1, 9))[0]
    assert counts.sum() == 400
    assert ((counts - 50.0) ** 2 / 50.0).sum() < stats.chi2.isf(1e-7, 7)
