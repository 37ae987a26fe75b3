"""Ascent: gradients against differences, quadratics solved, bounds kept, scale codes found again."""

import numpy as np
import pytest

import hpdsl
from hpdsl.backends.bayes.ascent import ascend
from hpdsl.backends.bayes.model import Model
from hpdsl.backends.bayes.search import Search

MIXED = (
    "x ~ uniform(0, 1)\ny ~ loguniform(1, 100)\na ~ choice(p, q, r)\n"
    "s ~ lognormal(1, 2) when a == q\nb ~ beta(2, 5)\nt ~ uniform(0, x)\nk ~ int uniform(1, 1000)\n"
)


def told(text, n, failed=(), **options):
    space = hpdsl.loads(text)
    opt = hpdsl.backend("bayes", space, seed=0, **options)
    for k in range(n):
        config = space.sample(1, seed=1, start=k)[0]
        opt.tell(config, None if k in failed else config["x"] ** 2 + np.log(config["y"]) + (config["a"] == "q"))
    return space, opt


@pytest.mark.parametrize("acquisition", ["logei", "ei", "pi", "lcb"])
@pytest.mark.parametrize(("pending", "failed"), [(0, ()), (2, ()), (0, (3, 4))])
def test_slopes_are_those_of_differences(acquisition, pending, failed):
    space, opt = told(MIXED, 14, failed, acquisition=acquisition)
    waiting = [space.sample(1, seed=2, start=k)[0] for k in range(pending)]
    model = Model(opt._data, opt._theta(), np.random.default_rng(0), waiting, opt.options)
    E = model.embedding.of_configs(space.sample(6, seed=3))
    score, slope = model.score_and_slope(E)
    h = 1e-5
    for column in model.embedding.columns:
        up, down = E.copy(), E.copy()
        up[:, column] += h
        down[:, column] -= h
        difference = (model.score_and_slope(up)[0] - model.score_and_slope(down)[0]) / (2 * h)
        assert slope[:, column] == pytest.approx(difference, rel=1e-4, abs=1e-4)
    if acquisition != "ei":
        assert score == pytest.approx(model.score(space.sample(6, seed=3)), rel=1e-6, abs=1e-6)


def test_a_quadratic_is_solved_within_bounds():
    centre = np.array([0.3, 1.7, -0.4, 0.6])
    A = np.diag([1.0, 4.0, 2.0, 9.0])
    A[0, 3] = A[3, 0] = 2.0

    def objective(x, which):
        gap = x - centre
        return -np.einsum("ij,jk,ik->i", gap, A, gap), -2.0 * gap @ A

    free = np.ones((3, 4), dtype=bool)
    free[2, 0] = False
    starts = np.random.default_rng(0).random((3, 4))
    found = ascend(objective, starts, free, np.full(4, 0.5), gain=1e-9)
    assert found[:2] == pytest.approx(np.tile([0.3, 1.0, 0.0, 0.6], (2, 1)), abs=5e-4)
    assert found[2, 0] == starts[2, 0]


def test_scale_codes_lead_back_to_uniforms():
    space, opt = told(MIXED, 8)
    model = Model(opt._data, opt._theta(), np.random.default_rng(0), [], opt.options)
    search = Search(space, model, np.random.default_rng(0), opt._data.by_value())
    rng = np.random.default_rng(5)
    rows, goal = rng.random((20, len(space.code_names))), rng.random((20, len(space.code_names)))
    columns = model.embedding.features[model.embedding.columns]
    target = space.features(space.decode(goal))[:, columns]
    # Where the bound of `t` lies depends on x, which moves as well.
    here = space.features(space.decode(rows))[:, columns]
    found = space.features(space.decode(search._retraced(rows, here, target)))[:, columns]
    names = [space.feature_names[c] for c in columns]
    for name, f, t in zip(names, found.T, target.T, strict=True):
        known = ~np.isnan(f) & ~np.isnan(t)
        assert f[known] == pytest.approx(t[known], abs=2e-3 if name == "k" else 1e-3), name
