"""Several objectives and bounds on outcomes: what backends take, refuse and call best."""

import math

import numpy as np
import pytest

import hpdsl
from hpdsl import registry
from hpdsl.backends.outcomes import violation
from hpdsl.backends.ranking import front_order, non_dominated

TWO = "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nminimize a\nmaximize b\n"
BOUNDED = "x ~ uniform(0, 1)\nminimize loss\nsubject to ms <= 40\n"
BOTH = TWO + "subject to ms <= 40\n"
SPACES = {"two": TWO, "bounded": BOUNDED, "both": BOTH}


@pytest.fixture(params=registry.names())
def name(request):
    return request.param


def make(name, text, **options):
    if name == "grid":
        options.setdefault("levels", 20)
    return hpdsl.backend(name, hpdsl.loads(text), **options)


# ---- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("space", "told", "error", "words"),
    [
        ("two", {"a": 1}, hpdsl.UnknownNameError, ["lack the objective `b`", "they are a", "maximize b", '"b": …']),
        ("two", {}, hpdsl.UnknownNameError, ["lack the objective `a`", "they are nothing"]),
        ("two", {"a": 1, "bb": 2}, hpdsl.UnknownNameError, ["lack the objective `b`", "a, bb"]),
        ("two", 1.5, hpdsl.UsageError, ["one number, 1.5", "minimize a, maximize b", '{"a": …, "b": …}']),
        ("two", [1, 2], hpdsl.UsageError, ["not [1, 2]"]),
        ("two", (1, 2), hpdsl.UsageError, ["not (1, 2)"]),
        ("two", {"a": 1, "b": "2"}, hpdsl.UsageError, ["not '2'"]),
        ("two", {"a": 1, "b": True}, hpdsl.UsageError, ["not True"]),
        ("two", {"a": 1, "b": 1j}, hpdsl.UsageError, ["not 1j"]),
        ("bounded", {"loss": 1}, hpdsl.UnknownNameError, ["lack the bounded outcome `ms`", "subject to ms <= 40"]),
        ("bounded", {"loss": 1, "msec": 2}, hpdsl.UnknownNameError, ["`ms`", "loss, msec"]),
        ("bounded", {"ms": 1}, hpdsl.UnknownNameError, ["lack the objective `loss`", "they are ms"]),
        ("bounded", 1.5, hpdsl.UsageError, ["minimize loss, subject to ms <= 40", '{"loss": …, "ms": …}']),
        ("bounded", {"loss": 1, "ms": "fast"}, hpdsl.UsageError, ["not 'fast'"]),
        ("both", {"a": 1, "b": 2}, hpdsl.UnknownNameError, ["lack the bounded outcome `ms`"]),
        ("both", {3: 1, None: 2}, hpdsl.UnknownNameError, ["they are 3, None"]),
    ],
)
def test_incomplete_outcomes_are_refused_and_not_stored(name, space, told, error, words):
    opt = make(name, SPACES[space], seed=0)
    config = opt.ask()
    with pytest.raises(error) as caught:
        opt.tell(config, told)
    for word in words:
        assert word in str(caught.value), str(caught.value)
    assert not opt.told
    assert opt.pending == [config]


def test_near_misses_are_pointed_out():
    opt = make("random", "x ~ uniform(0, 1)\nminimize loss\nminimize latency\n")
    with pytest.raises(hpdsl.UnknownNameError, match="did you mean `latency` by `latncy`"):
        opt.tell(opt.ask(), {"loss": 1, "latncy": 2})


def test_a_bound_without_an_objective_needs_one():
    opt = make("random", "x ~ uniform(0, 1)\nsubject to ms <= 40\n")
    config = opt.ask()
    for told in (1.0, {"loss": 1, "ms": 3}):
        with pytest.raises(hpdsl.UsageError, match="add `minimize NAME`"):
            opt.tell(config, told)
    opt.tell(config, {"ms": 3})
    assert opt.best == (config, 3.0)


def test_a_bound_on_the_objective_itself_takes_a_number(name):
    opt = make(name, "x ~ uniform(0, 1)\nmaximize gain\nsubject to gain <= 5\n")
    first, second = opt.ask(2)
    opt.tell(first, 7.0)
    assert opt.best is None
    opt.tell(second, 4.0)
    assert opt.best == (second, 4.0)


# ---- what is best ----------------------------------------------------------------------------------


def test_best_is_refused_for_several_objectives(name):
    opt = make(name, TWO)
    with pytest.raises(hpdsl.UsageError, match="no single configuration is best by `a`, `b`; see `front`"):
        _ = opt.best
    assert opt.front == []


def test_the_best_keeps_the_bounds(name):
    opt = make(name, BOUNDED, seed=0)
    configs = opt.ask(6)
    outcomes = [(1.0, 50.0), (2.0, math.nan), (3.0, None), (4.0, math.inf), (5.0, 40.0), (6.0, -math.inf)]
    for k, (config, (loss, ms)) in enumerate(zip(configs, outcomes, strict=True)):
        opt.tell(config, {"loss": loss, "ms": ms})
        assert (opt.best is None) == (k < 4)
    assert opt.best == (configs[4], 5.0)
    assert opt.front == [(configs[4], {"loss": 5.0, "ms": 40.0})]
    assert [o.failed for o in opt.told] == [False] * 6
    assert [o.violations[0] for o in opt.told][::4] == [10.0, 0.0]
    assert math.isnan(opt.told[1].violations[0])


@pytest.mark.parametrize("bad", [math.nan, None, math.inf, -math.inf, 10**400])
def test_a_trial_without_a_value_for_every_objective_has_failed(name, bad):
    opt = make(name, TWO)
    good, failed, whole = opt.ask(3)
    opt.tell(failed, {"a": -5, "b": bad})
    opt.tell(whole, None)
    opt.tell(good, {"a": 1, "b": 2, "further": "ignored"})
    assert [o.failed for o in opt.told] == [True, True, False]
    assert opt.front == [(good, {"a": 1.0, "b": 2.0})]


def test_values_are_signed_and_outcomes_as_told():
    opt = make("random", BOTH)
    opt.tell(opt.ask(), {"a": 1, "b": 2, "ms": 50})
    (o,) = opt.told
    assert (o.values, o.violations, o.outcomes) == ((1.0, -2.0), (10.0,), {"a": 1.0, "b": 2.0, "ms": 50.0})
    assert not o.feasible


@pytest.mark.parametrize("seed", range(5))
def test_the_front_by_brute_force(name, seed):
    opt = make(name, BOTH, seed=0)
    rng = np.random.default_rng(seed)
    for config in opt.ask(30):
        a, b = (float(v) for v in rng.integers(0, 8, 2))
        opt.tell(config, {"a": a, "b": b, "ms": float(rng.choice([30, 50]))})
    kept = [o for o in opt.told if o.feasible]
    expected = [
        o.config
        for o in kept
        if not any(p.values != o.values and np.all(np.less_equal(p.values, o.values)) for p in kept)
    ]
    found = opt.front
    assert sorted(map(repr, (c for c, _ in found))) == sorted(map(repr, expected))
    assert [o["a"] for _, o in found] == sorted(o["a"] for _, o in found)
    found[0][0]["x"], found[0][1]["a"] = 7.0, 7.0
    assert opt.front[0] != found[0]


@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_non_dominated_by_brute_force(m):
    rng = np.random.default_rng(m)
    for _ in range(40):
        values = rng.choice([0.0, -0.0, 1.0, 2.0, 1e300, -1e300, 5e-324], size=(rng.integers(1, 25), m))
        dominated = [any((v <= w).all() and (v < w).any() for v in values) for w in values]
        assert (non_dominated(values) == ~np.array(dominated)).all()
        order = front_order(values)
        assert (np.diff(values[order, 0]) >= 0).all()
    assert len(non_dominated(np.empty((0, m)))) == 0


# ---- violations ------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("bound", [0.0, 40.0, -1e308, 5e-324])
def test_violations_agree_with_bounds(op, bound):
    (outcome,) = hpdsl.loads(f"x ~ uniform(0, 1)\nsubject to ms {op} {bound!r}\n").outcomes
    near = [math.nextafter(bound, -math.inf), bound, math.nextafter(bound, math.inf)]
    for measured in [*near, 0.0, -0.0, 1e308, -1e308, math.inf, -math.inf]:
        found = violation(outcome, measured)
        assert (found <= 0.0) == outcome.holds(measured), (measured, found)
        assert math.isfinite(found) == math.isfinite(measured)
    assert math.isnan(violation(outcome, math.nan))


@pytest.mark.parametrize("space", list(SPACES))
def test_told_again_it_continues_as_if_never_stopped(name, space):
    text = SPACES[space].replace("minimize", "k ~ choice(p, q)\nminimize", 1)
    first, trials = make(name, text, seed=3), []
    for k in range(13):
        config = first.ask()
        x, y = config["x"], config.get("y", 0.3)
        told = {"a": x, "b": x + y, "loss": -x, "ms": 60 * x, "extra": 1} if k % 5 != 2 else None
        first.tell(config, told)
        trials.append((config, told))
    again = make(name, text, seed=3)
    for config, told in trials[:9]:
        again.tell(config, told)
    for config, told in trials[9:]:
        assert again.ask() == config
        again.tell(config, told)
