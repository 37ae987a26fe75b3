"""Scale codes: numbers in [0, 1] for whatever is active, also where laws have no end."""

import numpy as np
import pytest

import hpdsl


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
