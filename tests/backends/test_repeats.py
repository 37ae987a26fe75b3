"""Trials a hair beside the best: they tell noise from a function that is rougher than the model's kernel."""

import math

import numpy as np
import pytest

import hpdsl
from hpdsl.backends.bayes.repeats import PAIRS, Repeats
from hpdsl.errors import UsageError

TEXT = "x ~ uniform(0, 1)\ny ~ loguniform(1e-3, 1)\nk ~ choice(a, b)\n"


def rough(config):
    """Far more hills than any process follows with so few trials."""
    x, y = config["x"], math.log10(config["y"]) / 3.0
    return (x - 0.3) ** 2 + (y + 0.5) ** 2 + 0.3 * math.cos(97.0 * x) * math.cos(89.0 * y)


def searched(objective, trials=60, **options):
    opt = hpdsl.backend("bayes", hpdsl.loads(TEXT), seed=3, **options)
    sources = []
    for _ in range(trials):
        config = opt.ask()
        sources.append(opt.explain(config)["source"])
        opt.tell(config, objective(config))
    return opt, sources


def test_a_rough_function_is_found_to_be_without_noise():
    opt, sources = searched(rough)
    assert sources.count("repeat") == PAIRS
    assert not opt.smoothed
    assert opt.best[1] == min(o.value for o in opt.told)
    last = max(k for k, source in enumerate(sources) if source == "repeat")
    assert "ranks" in sources[:last]
    assert "ranks" not in sources[last:]


def test_without_repeats_it_is_taken_for_noise():
    opt, sources = searched(rough, repeats=False)
    assert "repeat" not in sources
    assert opt.smoothed


def test_noise_is_noise():
    rng = np.random.default_rng(0)
    opt, sources = searched(lambda c: (c["x"] - 0.3) ** 2 + 0.5 * rng.standard_normal())
    assert sources.count("repeat") == 1
    assert opt.smoothed


def test_no_repeats_where_the_function_is_smooth():
    _, sources = searched(lambda c: (c["x"] - 0.3) ** 2 + math.log(c["y"]) ** 2)
    assert "repeat" not in sources


def test_nothing_is_asked_twice_where_nothing_is_continuous():
    space = hpdsl.loads("a ~ int uniform(0, 9)\nb ~ choice(p, q, r)\nc ~ int uniform(0, 4)\n")
    opt = hpdsl.backend("bayes", space, seed=0)
    rng = np.random.default_rng(1)
    seen = []
    for _ in range(60):
        config = opt.ask()
        seen.append(tuple(config.items()))
        opt.tell(config, float(rng.standard_normal()))
    assert len(set(seen)) == len(seen)


def test_the_neighbour_is_a_configuration_of_the_space():
    space = hpdsl.loads("x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nn ~ int uniform(1, 3)\nrequire x + y <= 1\n")
    repeats = Repeats(space)
    for config in (*space.sample(50, seed=1), {"x": 0.0, "y": 1.0, "n": 2}, {"x": 1.0, "y": 0.0, "n": 3}):
        beside = repeats.beside(config)
        space.validate(beside)
        assert beside != config
        assert beside["n"] == config["n"]
        assert abs(beside["x"] - config["x"]) < 1e-6


def test_no_neighbour_without_a_continuous_parameter_in_force():
    space = hpdsl.loads("k ~ choice { a { x ~ uniform(0, 1) } b { n ~ int uniform(1, 9) } }\n")
    assert Repeats(space).beside({"k": "b", "k.n": 3}) is None
    assert Repeats(space).beside({"k": "a", "k.x": 0.5}) != {"k": "a", "k.x": 0.5}


@pytest.mark.parametrize(("second", "third", "exact"), [(1.0, 1.0, True), (1.0, 1.5, False), (1.5, 1.0, False)])
def test_it_takes_two_that_agree_and_one_that_does_not(second, third, exact):
    repeats = Repeats(hpdsl.loads("x ~ uniform(0, 1)"))
    points, values = np.array([[0.1], [0.4], [0.6]]), [3.0, 1.0, 2.0]
    assert repeats.due(len(values))
    for value in (second, third):
        points, values = np.vstack([points, [[0.4 + 1e-7]]]), [*values, value]
        repeats.update(points, lambda k, at=points: {"x": float(at[k, 0])}, values)
        assert not repeats.due(len(values))
    assert repeats.exact is exact


def test_values_beyond_measure():
    repeats = Repeats(hpdsl.loads("x ~ uniform(0, 1)"))
    repeats.update(np.array([[0.4], [0.4 + 1e-7]]), lambda k: {"x": 0.4}, [1.7e308, -1.7e308])
    assert repeats.exact is False


def test_the_option_is_true_or_false():
    with pytest.raises(UsageError, match="repeats must be true or false, not 2"):
        hpdsl.backend("bayes", hpdsl.loads(TEXT), repeats=2)
