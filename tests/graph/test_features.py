"""Scale codes: numbers in [0, 1] for whatever is active, also where laws have no end."""

import numpy as np
import pytest

import hpdsl
from hpdsl.graph.features import unbounded


@pytest.mark.parametrize(
    "text",
    [
        "a ~ normal(0, 1)\nb ~ normal(a, 0.001)\n",
        "a ~ normal(0, 1)\nm = 2 * a + 1\nb ~ normal(m, 1)\nc ~ normal(b, 1)\n",
        "a ~ gamma(2, 1)\nb ~ normal(0, a)\n",
        "a ~ lognormal(1, 2)\nb ~ lognormal(a, 2)\nk ~ choice(off, normal(a, 1))\n",
        "on ~ bool()\nwhen on { a ~ exponential(1) } else { a ~ normal(0, 1) }\nb ~ normal(a, 1)\n",
    ],
)
def test_what_follows_an_unbounded_value_has_a_code(text):
    space = hpdsl.loads(text)
    configs = space.sample(500, seed=0)
    features = space.features(configs)
    for group in space.feature_groups:
        column = features[:, group.columns[0]]
        assert ((column >= 0.0) & (column <= 1.0)).all()
    numeric = [g.columns[0] for g in space.feature_groups if g.kind == "numeric" and g.parameter]
    # Central quantiles, so that few values lie at the ends.
    assert all(np.mean((features[:, k] > 0.0) & (features[:, k] < 1.0)) > 0.95 for k in numeric)


@pytest.mark.parametrize(
    "text",
    [
        "x ~ normal(3, 2)\n",
        "x ~ lognormal(5, 3)\n",
        "x ~ exponential(3)\n",
        "x ~ gamma(2, 1)\n",
        "x ~ gamma(50, 1)\n",
        "x ~ gamma(2, 1) in 8 ..\n",
        "x ~ int gamma(9, 1)\n",
        "x ~ choice(off, gamma(50, 1))\n",
        "a ~ uniform(1, 30)\nx ~ gamma(a, 1)\n",
        "a ~ lognormal(1, 2)\nx ~ exponential(a)\n",
    ],
)
def test_codes_of_laws_without_an_end_reach_over_the_central_quantiles(text):
    space = hpdsl.loads(text)
    n = 20_000
    z = space.features(space.sample(n, seed=0))[:, -1]
    z = z[~np.isnan(z)]
    # At most 0.002 of them lie at an end: n = 10,000 or more, six standard errors, a false alarm in 1e9. Integers take
    # the mass of their cell along.
    assert np.mean((z <= 0.0) | (z >= 1.0)) < 0.002 + 6 * np.sqrt(0.002 / len(z)) + 0.002 * ("int" in text)
    assert np.ptp(np.quantile(z, [0.25, 0.75])) > 0.01


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("x ~ normal(0, 1)\n", [0]),
        ("x ~ normal(0, 1) in -2 .. 9\n", []),
        ("x ~ normal(0, 1) in -2 ..\n", [0]),
        ("x ~ uniform(0, 1)\ns ~ lognormal(1, 2)\nk ~ int gamma(9, 1)\n", [1, 2]),
        ("a ~ lognormal(1, 2)\nb ~ uniform(0, a)\n", [0, 1]),
        ("x ~ choice(off, 0, uniform(0, 1), normal(0, 1))\ny ~ ordinal(1, 2, 3)\n", [5]),
        ("x[3] ~ increasing normal(0, 1)\nw[3] ~ dirichlet(1, 1, 1)\n", [0, 1, 2]),
        ("p ~ pow2(1, 64)\nb ~ beta(0.1, 0.1)\nr ~ revloguniform(0.1, 0.9)\n", []),
        ("c ~ bool()\nwhen c { x ~ uniform(0, 1) } else { x ~ normal(0, 1) }\n", [2]),
    ],
)
def test_which_codes_may_be_left_behind(text, columns):
    space = hpdsl.loads(text)
    found = unbounded(space.compilation.model)
    assert list(found) == columns
    # A seed's 100,000 rows leave the central quantiles of every law without an end, and no others.
    configs = space.sample(100_000, seed=0)
    clipped, whole = space.features(configs), space.features(configs, clipped=False)
    np.testing.assert_array_equal(clipped, np.where(np.isnan(whole), np.nan, np.clip(whole, 0.0, 1.0)))
    beyond = (whole < -1e-12) | (whole > 1.0 + 1e-12)
    assert set(np.flatnonzero(beyond.any(axis=0))) <= set(columns)
    assert beyond[:, columns].any(axis=0).all() or "uniform(0, a)" in text
