"""Values and configurations that give a search trouble: each is taken or refused, never a traceback from inside."""

import math

import numpy as np
import pytest

import hpdsl
from hpdsl import registry

TEXT = "x ~ uniform(0, 1)\nr ~ loguniform(1e-3, 1)\nc ~ choice(a, b)\nz ~ uniform(0, 1) when c == a\n"
NAMES = registry.names()


def make(name, text=TEXT, **options):
    return hpdsl.backend(name, hpdsl.loads(text), seed=0, **options)


@pytest.fixture(params=NAMES)
def opt(request):
    return make(request.param)


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


def goes_on(opt, n=3):
    asked = opt.ask(n)
    assert len({opt.key(c) for c in asked}) == n
    for config in asked:
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


ENDS = [
    [1e300, -1e300],
    [1e308, -1e308, 0.0],
    [5e-324, 0.0],
    [1e300, 1.0],
    [1e-300, 2e-300],
    [1.7e308],
    [-1.7e308, 1.7e308],
]


@pytest.mark.parametrize("values", ENDS)
def test_values_at_the_ends_of_doubles(opt, values):
    for k in range(24):
        opt.tell(opt.ask(), values[k % len(values)])
    goes_on(opt)
    # They come in turn, whatever the configuration: a model may well take that for noise.
    assert math.isfinite(opt.best[1])
    assert opt.smoothed or opt.best[1] == min(values)


@pytest.mark.parametrize("name", ["auto", "bayes"])
@pytest.mark.parametrize("values", ENDS)
def test_predictions_at_the_ends_of_doubles(name, values):
    opt = make(name)
    for k in range(12):
        opt.tell(opt.ask(), values[k % len(values)])
    places = list(opt.space.sample(9, seed=1))
    mean, sd = opt.surrogate.predict(places)
    assert np.isfinite(mean).all() and np.isfinite(sd).all()
    assert (sd >= 0.0).all()
    assert not np.isnan(opt.acquisition(places)).any()


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


@pytest.mark.parametrize(
    ("config", "violations"),
    [
        ({"x": 2.0, "r": 5, "c": "q"}, ["`x` = 2 is outside", "`r` = 5 is outside", "`c` = 'q' is not one"]),
        ({}, ["`x` is missing", "`r` is missing", "`c` is missing"]),
        ({"x": "0.5", "r": None, "c": ["b"]}, ["`x` = '0.5' must be", "`r` = None must be", "`c` = ['b'] is not"]),
        ({"x": True, "r": [0.5], "c": "b"}, ["`x` = True must be", "`r` = [0.5] must be"]),
        ({"x": math.inf, "r": -math.inf, "c": "b"}, ["`x` = inf is not finite", "`r` = -inf is not finite"]),
        ({"x": 10**400, "r": 0.5, "c": "b"}, ["`x` is larger than any double"]),
        ({"x": 0.5, "r": 0.5, "c": "b", "y": 1, 7: 2}, ["`y` is not a parameter", "`7` is not a parameter"]),
        ({"x": 0.95, "r": 0.95, "c": "b"}, ["violates `too much`"]),
    ],
)
def test_every_violation_is_named_and_nothing_stored(name, config, violations):
    opt = make(name, TEXT + 'require x + r < 1.8 : "too much"\n')
    told, waiting = opt.ask(2)
    opt.tell(told, 1.0)
    with pytest.raises(hpdsl.InvalidConfiguration) as caught:
        opt.tell(config, 0.0)
    assert len(caught.value.violations) == len(violations)
    for found, words in zip(caught.value.violations, violations, strict=True):
        assert found.startswith(words)
    # As if it had never been told.
    assert [o.value for o in opt.told] == [1.0]
    assert opt.pending == [waiting]
    assert opt.best[1] == 1.0
    other = make(name, TEXT + 'require x + r < 1.8 : "too much"\n')
    other.tell(other.ask(2)[0], 1.0)
    assert opt.ask(6) == other.ask(6)


# ---- several objectives, and bounds ----------------------------------------------------------------

GOALS = {
    "two": "minimize a\nmaximize b\n",
    "three": "minimize a\nminimize b\nminimize c2\n",
    "bounded": "minimize a\nsubject to b <= 0.5\n",
    "both": "minimize a\nmaximize b\nsubject to c2 <= 0.5\n",
}
ALL = pytest.mark.parametrize("goals", GOALS)


def measured(config, **changes):
    x = config["x"]
    return {"a": x, "b": 1.0 - x * config["r"], "c2": config["r"], **changes}


@ALL
@pytest.mark.parametrize(
    ("which", "bad"), [("a", math.nan), ("b", -math.inf), ("c2", None), ("a", 1e300), ("b", -1e300)]
)
def test_one_strange_number_among_several(name, goals, which, bad):
    opt = make(name, TEXT + GOALS[goals], **({"n_start": 4} if name not in ("grid", "random") else {}))
    for k in range(12):
        config = opt.ask()
        opt.space.validate(config)
        opt.tell(config, measured(config, **({which: bad} if k % 3 == 1 else {})))
    for config, outcomes in opt.front:
        opt.space.validate(config)
        assert math.isfinite(outcomes["a"])
    finite = bad is not None and math.isfinite(bad)
    objectives = {o.name for o in opt.goals.objectives}
    assert sum(o.failed for o in opt.told) == (4 if which in objectives and not finite else 0)
    goes_on(opt)


@ALL
@pytest.mark.parametrize("told", [None, {"a": math.nan, "b": math.nan, "c2": math.nan}, {"a": None, "b": 1, "c2": 2}])
def test_all_failed_with_several_goals(name, goals, told):
    opt = make(name, TEXT + GOALS[goals])
    for _ in range(14):
        opt.tell(opt.ask(), told)
    assert opt.front == []
    assert all(o.failed for o in opt.told)
    goes_on(opt)


@ALL
def test_all_equal_with_several_goals(name, goals):
    opt = make(name, TEXT + GOALS[goals])
    for _ in range(14):
        opt.tell(opt.ask(), {"a": 0.5, "b": 0.5, "c2": 0.5})
    assert len(opt.front) == 14
    goes_on(opt)


@ALL
@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"A": 1, "B": 2, "C2": 3}, hpdsl.UnknownNameError),
        ({}, hpdsl.UnknownNameError),
        ({"a": "1", "b": 2, "c2": 3}, hpdsl.UsageError),
        ({"a": True, "b": 2, "c2": 3}, hpdsl.UsageError),
        ({"a": [1], "b": 2, "c2": 3}, hpdsl.UsageError),
        ([1, 2, 3], hpdsl.UsageError),
        ("1", hpdsl.UsageError),
    ],
)
def test_names_and_types_that_do_not_match(name, goals, told, error):
    opt = make(name, TEXT + GOALS[goals])
    config = opt.ask()
    with pytest.raises(error):
        opt.tell(config, told)
    assert not opt.told
    assert opt.pending == [config]
    opt.tell(config, measured(config))
    assert len(opt.front) <= 1
    goes_on(opt)


# ---- what is asked and told in which order ---------------------------------------------------------


@pytest.mark.parametrize("before", [0, 1, 7, 34])
def test_sixty_four_pending(name, before):
    opt = make(name, TEXT, **({"levels": 12} if name == "grid" else {}))
    for config in opt.space.sample(before, seed=5):
        opt.tell(config, config["x"] + config["r"])
    batch = opt.ask(64)
    assert len({opt.key(c) for c in batch}) == 64
    assert opt.pending == batch
    for config in batch:
        opt.space.validate(config)
    # They come back in any order, some failed, some twice.
    for k in np.random.default_rng(0).permutation(64):
        opt.tell(batch[k], None if k % 7 == 0 else batch[k]["x"])
        if k % 16 == 3:
            opt.tell(batch[k], batch[k]["x"])
    assert opt.pending == []
    assert len(opt.told) == before + 64 + 4
    again = opt.ask(2)
    assert not {opt.key(c) for c in again} & {opt.key(c) for c in batch}


def test_told_in_another_order_the_rest_waits(name):
    opt = make(name)
    asked = opt.ask(9)
    for k in (8, 0, 4):
        opt.tell(asked[k], float(k))
    assert opt.pending == [asked[k] for k in (1, 2, 3, 5, 6, 7)]
    assert opt.best == (asked[0], 0.0)
    goes_on(opt)


def test_told_in_another_order_it_is_another_study_that_resumes_the_same(name):
    one, two = make(name), make(name)
    asked = one.ask(9)
    for k in (8, 0, 4, 1, 7, 3, 2, 6, 5):
        one.tell(asked[k], asked[k]["x"])
        two.tell(asked[k], asked[k]["x"])
    for _ in range(3):
        config = one.ask()
        assert two.ask() == config
        one.tell(config, config["x"])
        two.tell(config, config["x"])


def test_a_trial_that_nobody_asked_for_is_learnt_from_and_not_asked(name):
    opt = make(name)
    known = [opt.space.sample(1, seed=8, start=k)[0] for k in range(12)]
    for config in known:
        opt.tell(config, config["x"])
    best = min(known, key=lambda c: c["x"])
    assert opt.best == (best, best["x"])
    assert opt.pending == []
    asked = opt.ask(5)
    assert not {opt.key(c) for c in asked} & {opt.key(c) for c in known}


@pytest.mark.parametrize("second", [0.25, 4.0, None])
def test_told_twice_counts_twice(name, second):
    opt = make(name)
    asked = opt.ask(8)
    for config in asked:
        opt.tell(config, 1.0 + config["x"])
    opt.tell(asked[3], second)
    assert len(opt.told) == 9
    assert opt.pending == []
    values = [o.value for o in opt.told if not o.failed]
    assert opt.best[1] == min(values)
    goes_on(opt)


@pytest.mark.parametrize("spread", [0.0, 1.0, 1e300])
def test_every_trial_told_twice(name, spread):
    opt = make(name)
    for k in range(18):
        config = opt.ask()
        opt.tell(config, config["x"])
        opt.tell(config, config["x"] + spread * (-1) ** k)
    assert len(opt.told) == 36
    assert math.isfinite(opt.best[1])
    goes_on(opt)


# ---- the end of a finite space ---------------------------------------------------------------------

FINITE = "a ~ int uniform(1, 4)\nb ~ bool()\nc ~ choice(p, q) when b\nrequire a != 2 or not b\n"


@pytest.mark.parametrize("value", [lambda c: c["a"], lambda c: 3.0, lambda c: None, lambda c: 1e300 * (-1) ** c["a"]])
def test_a_finite_space_ends_whatever_is_told(name, value):
    opt = make(name, FINITE)
    for _ in range(10):
        config = opt.ask()
        opt.tell(config, value(config))
    for _ in range(2):
        with pytest.raises(hpdsl.SpaceExhausted, match=r"all 10 (configurations|points)"):
            opt.ask()
        with pytest.raises(hpdsl.SpaceExhausted):
            opt.ask(64)
    # Told again, it still ends.
    opt.tell(opt.told[0].config, 1.0)
    with pytest.raises(hpdsl.SpaceExhausted):
        opt.ask()


@pytest.mark.parametrize("name", registry.names())
def test_a_budget_larger_than_the_space_ends_with_every_point_once(name):
    space = hpdsl.loads("a ~ int uniform(1, 4)\nb ~ bool()\nc ~ choice(p, q) when b\nrequire a != 2 or not b\n")
    study = hpdsl.tune(lambda c: c["a"] + c["b"], space, backend=name, trials=1000)
    assert study.ended == "exhausted"
    assert "all 10 configurations of this space have been proposed" in study.remark or name == "grid"
    assert len({repr(t.config) for t in study.trials}) == len(study.trials) == 10


@pytest.mark.parametrize("name", ["bayes", "tpe", "random"])
def test_a_space_of_one_configuration_ends_with_a_word(name):
    opt = hpdsl.backend(name, hpdsl.loads("x ~ choice(a)\n"), seed=0)
    opt.tell(opt.ask(), 1.0)
    with pytest.raises(hpdsl.SpaceExhausted, match="the only configuration of this space has been proposed"):
        opt.ask()
