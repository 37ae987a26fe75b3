"""Values and configurations that give a model trouble: each is taken or refused, never a traceback from inside."""

import math

import numpy as np
import pytest

import hpdsl
from hpdsl import registry

TEXT = "x ~ uniform(0, 1)\nr ~ loguniform(1e-3, 1)\nc ~ choice(a, b)\nz ~ uniform(0, 1) when c == a\n"
MODELS = [name for name in registry.names() if name not in ("grid", "random")]


@pytest.fixture(params=MODELS)
def opt(request):
    return hpdsl.backend(request.param, hpdsl.loads(TEXT), seed=0)


def goes_on(opt, n=3):
    for config in opt.ask(n):
        opt.space.validate(config)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_hardly_any_trials(opt, n):
    for k in range(n):
        opt.tell(opt.ask(), float(k))
    goes_on(opt)
    assert opt.best[1] == 0.0


def test_all_values_equal(opt):
    for _ in range(25):
        opt.tell(opt.ask(), 3.0)
    goes_on(opt)
    assert opt.best[1] == 3.0


ENDS = [[1e300, -1e300], [1e308, -1e308, 0.0], [5e-324, 0.0], [1e300, 1.0], [1e-300, 2e-300]]


@pytest.mark.parametrize("values", ENDS)
def test_values_at_the_ends_of_doubles(opt, values):
    for k in range(24):
        opt.tell(opt.ask(), values[k % len(values)])
    goes_on(opt)
    # They come in turn, whatever the configuration: a model may well take that for noise.
    assert math.isfinite(opt.best[1])
    assert opt.smoothed or opt.best[1] == min(values)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, None])
def test_what_is_no_value_counts_as_failed(opt, bad):
    for k in range(20):
        config = opt.ask()
        opt.tell(config, bad if k % 2 else config["x"])
    assert sum(o.failed for o in opt.told) == 10
    assert math.isfinite(opt.best[1])
    goes_on(opt)


def test_all_trials_failed(opt):
    for _ in range(25):
        opt.tell(opt.ask(), None)
    assert opt.best is None
    goes_on(opt)


@pytest.mark.parametrize("spread", [0.0, 1e-12, 1.0])
def test_one_configuration_told_many_times(opt, spread):
    config = opt.ask()
    for k in range(30):
        opt.tell(config, 1.0 + spread * (-1) ** k)
    other = opt.ask()
    assert other != config
    opt.tell(other, 0.5)
    goes_on(opt)


def test_configurations_that_nearly_coincide(opt):
    for k in range(30):
        opt.tell({"x": 0.5 + k * 1e-15, "r": 0.1, "c": "b"}, np.sin(k))
    goes_on(opt)


def test_what_lies_outside_the_space_is_refused_with_the_reason_and_not_stored(opt):
    for config, words in [
        ({"x": 2.0, "r": 0.1, "c": "b"}, "x"),
        ({"x": 0.5, "r": 0.1, "c": "q"}, "c"),
        ({"x": 0.5, "r": 0.1, "c": "b", "z": 0.5}, "z"),
        ({"x": 0.5, "r": 0.1, "c": "a"}, "z"),
        ({"x": math.nan, "r": 0.1, "c": "b"}, "x"),
    ]:
        with pytest.raises(hpdsl.InvalidConfiguration, match=words):
            opt.tell(config, 1.0)
    assert opt.told == []


@pytest.mark.parametrize("name", registry.names())
def test_a_budget_larger_than_the_space_ends_with_every_point_once(name):
    space = hpdsl.loads("a ~ int uniform(1, 4)\nb ~ bool()\nc ~ choice(p, q) when b\nrequire a != 2 or not b\n")
    study = hpdsl.tune(lambda c: c["a"] + c["b"], space, backend=name, trials=1000)
    assert study.ended == "exhausted"
    assert "all 10 configurations of this space have been proposed" in study.remark or name == "grid"
    assert len({repr(t.config) for t in study.trials}) == len(study.trials) == 10
