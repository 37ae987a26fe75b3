"""How likely trials succeed: less near what failed, more near what did not, and never known too well."""

import itertools
import math

import numpy as np
import pytest

import hpdsl
from hpdsl.backends.base import Observation
from hpdsl.backends.bayes.data import Data
from hpdsl.backends.bayes.fitting import EXACT
from hpdsl.backends.bayes.success import SUREST, Failures, kept
from hpdsl.backends.bayes.surrogate import Priors

LINE = np.linspace(0.0, 1.0, 81)


def failures(fails, n=9):
    """What is known after n trials along a line, at the prior's lengthscale."""
    opt = hpdsl.backend("bayes", hpdsl.loads("x ~ uniform(0, 1)\n"), seed=0)
    for x in np.linspace(0.0, 1.0, n):
        opt.tell({"x": float(x)}, None if fails(x) else float(x))
    return opt, model_of(opt)


def model_of(opt):
    return Failures(opt._data, Priors(1.0).start(1))


def on_the_line(opt, model):
    return model.log(opt._data.embedded([{"x": float(x)} for x in LINE]))


@pytest.mark.parametrize("level", [0.3, 0.45, 0.7])
def test_the_chance_falls_from_what_did_not_fail_to_what_did(level):
    opt, model = failures(lambda x: x > level)
    found = on_the_line(opt, model)
    assert (np.diff(found[np.abs(LINE - level) < 0.15]) < 0.0).all()
    told = model.log(opt._data.points(opt._data.n_good)), model.log(opt._data.bad_points())
    assert told[0].min() > np.log(0.8)
    assert told[1].max() < np.log(0.2)


def test_every_further_failure_lowers_the_chance_where_trials_fail():
    places = [{"x": float(x)} for x in np.linspace(0.0, 1.0, 9)]
    chances = []
    for k in range(1, 8):
        opt, model = failures(lambda x, k=k: x > 1.0 - k / 8 + 0.01)
        chances.append(model.log(opt._data.embedded(places)))
    for k, (fewer, more) in enumerate(itertools.pairwise(chances), start=1):
        assert more[8 - k] < fewer[8 - k] - 1.0


def test_another_failure_beside_the_first_lowers_the_chance_there():
    opt, model = failures(lambda x: 0.4 < x < 0.6)
    before = on_the_line(opt, model)
    opt.tell({"x": 0.52}, None)
    after = on_the_line(opt, model_of(opt))
    beside = np.abs(LINE - 0.5) < 0.1
    assert (after[beside] < before[beside]).all()


def test_one_failure_among_many_successes_is_no_wall():
    """What failed once need not fail beside it."""
    assert np.exp(on_the_line(*failures(lambda x: x == 0.5, n=41))).min() > 0.5


@pytest.mark.parametrize("n", [9, 321])
def test_slopes_are_those_of_differences(n):
    _, model = failures(lambda x: x > 0.6, n)
    E = np.random.default_rng(0).uniform(0.05, 0.95, (12, 1))
    # With many trials more is known than the model admits.
    assert (model.posterior.predict(E)[1] < SUREST).all() == (n == 321)
    value, slope = model.log_and_slope(E)
    assert value == pytest.approx(model.log(E), rel=1e-6, abs=1e-9)
    difference = (model.log(E + 1e-6) - model.log(E - 1e-6)) / 2e-6
    assert slope[:, 0] == pytest.approx(difference, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((700, 300), (700, 300)),
        ((4500, 500), (750, 250)),
        ((4950, 50), (950, 50)),
        ((2500, 2500), (500, 500)),
        ((3000, 2000), (600, 400)),
        ((60, 4940), (60, 940)),
        ((1, 0), (1, 0)),
    ],
)
def test_failures_rest_on_so_many_trials_at_most(told, expected):
    assert kept(*told) == expected
    assert sum(expected) <= EXACT


def test_the_latest_of_many_failures_count():
    space = hpdsl.loads("x ~ uniform(0, 1)\n")
    data = Data(space, 0.0, lambda number, d: np.full(d, 0.5))
    for k, config in enumerate(space.sample(1600, seed=0)):
        data.append(Observation(config, (math.nan if config["x"] > 0.5 else float(k),), ()))
    failures = Failures(data, np.zeros(data.embedding.n_groups + 2))
    n_good, n_bad = kept(data.n_good, len(data.bad))
    # What a matrix of so many rows takes is what these data take in all.
    assert len(failures.posterior.X) == n_good + n_bad == EXACT
    latest = np.concatenate([data.points(data.n_good)[-n_good:], data.bad_points()[-n_bad:]])
    np.testing.assert_array_equal(failures.posterior.X, latest * failures.posterior.root_w)
    there = data.embedding.of_configs([{"x": 0.2}, {"x": 0.8}])
    assert failures.log(there)[0] > math.log(0.99)
    assert failures.log(there)[1] < math.log(0.01)
