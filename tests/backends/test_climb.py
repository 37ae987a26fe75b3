"""The hill that most proposals climb: its values are the model's, its gradient that of differences, twins agree."""

import numpy as np
import pytest

import hpdsl
from hpdsl.backends.bayes import arrays, climb, formulas, kernels
from hpdsl.backends.bayes.model import Model
from hpdsl.kernels.primitives import PYTHON

TEXT = (
    "x ~ uniform(0, 1)\ny ~ loguniform(1, 100)\nc ~ choice(p, q, r)\nz ~ uniform(0, 1) when c == p\n"
    "b ~ beta(2, 5)\nk ~ int uniform(1, 4)\n"
)
evaluate = climb.build(PYTHON, arrays, formulas.build(PYTHON))


def modelled(pending=0, n=14):
    space = hpdsl.loads(TEXT)
    opt = hpdsl.backend("bayes", space, seed=0)
    noise = 0.3 * np.random.default_rng(5).normal(size=n)
    for config, off in zip(space.sample(n, seed=1), noise, strict=True):
        opt.tell(config, config["x"] ** 2 + np.log(config["y"]) + (config["c"] == "q") + off)
    waiting = list(space.sample(pending, seed=2)) if pending else []
    return Model(opt._data, opt._theta(), np.random.default_rng(0), waiting, opt.options)


def points(model):
    """Near what is known, and far from it, where trust is lost."""
    E = model.embedding.of_configs(model.space.sample(9, seed=3))
    return np.vstack([E, 0.98 * model._known[:4] + 0.01])


def climbed(model, E, x):
    which, value = np.arange(len(E)), np.empty(len(E))
    slope = np.empty_like(x)
    evaluate(model.hill(E), x, which, value, slope)
    return -value, -slope


@pytest.mark.parametrize("n", [14, 60])
@pytest.mark.parametrize("pending", [0, 3])
def test_its_values_are_the_models_and_its_gradient_that_of_differences(pending, n):
    model = modelled(pending, n)
    E = points(model)
    columns = model.embedding.columns
    x = np.ascontiguousarray(E[:, columns])
    value, slope = climbed(model, E, x)
    expected, by = model.score_and_slope(E)
    assert value == pytest.approx(expected, rel=1e-7, abs=1e-7)
    assert slope == pytest.approx(by[:, columns], rel=1e-5, abs=1e-5)
    step = 1e-6
    for j in range(x.shape[1]):
        up, down = x.copy(), x.copy()
        up[:, j] += step
        down[:, j] -= step
        difference = (climbed(model, E, up)[0] - climbed(model, E, down)[0]) / (2 * step)
        assert slope[:, j] == pytest.approx(difference, rel=1e-4, abs=1e-3)
    lost = model.success.trust is not None and (model.success.trust.log(E) < 0.0).any()
    assert lost == (n == 14)


@pytest.mark.parametrize("pending", [0, 3])
def test_compiled_ascents_give_the_bits_of_their_twins(pending):
    model = modelled(pending)
    E = points(model)
    x = np.ascontiguousarray(E[:, model.embedding.columns])
    m, p = x.shape
    rest = model.hill(E)[1:]
    results = []
    for module in (arrays, kernels):
        at, H, fresh = x.copy(), np.tile(np.eye(p), (m, 1, 1)), np.ones(m, dtype=np.bool_)
        ends = np.zeros(p), np.ones(p)
        value = module.climb(
            (module.routines(), *rest), at, H, fresh, *ends, np.full((m, p), 0.3), 1e-3, (0.1, 1.0), 16
        )
        results.append((at, H, fresh, value))
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)
    assert (results[0][3] < -climbed(model, E, x)[0]).any()
    assert not np.array_equal(results[0][0], x)
