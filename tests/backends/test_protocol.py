"""What every backend must do, whoever wrote it."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from spaces import SPACES

import hpdsl
from hpdsl import registry
from hpdsl.backends.base import identity

# "undefined" and "tight" are walked as well: hard constraints hold on everything that is asked.
WALKED = ["log", "mixed", "union", "when", "require", "guarded", "dependent", "listed"]
BACKENDS = registry.names()


@pytest.fixture(params=BACKENDS)
def name(request):
    return request.param


def make(name, space, **options):
    """A backend; a grid fine enough not to end within a test."""
    if name == "grid":
        options.setdefault("levels", 20)
    return hpdsl.backend(name, space, **options)


def objective(config):
    return sum(float(v) if isinstance(v, (int, float)) else len(str(v)) / 10 for v in config.values())


@pytest.mark.parametrize("space", WALKED)
def test_asked_configurations_belong_to_the_space_and_differ(name, space):
    space = hpdsl.loads(SPACES[space])
    opt = make(name, space, seed=1)
    seen = set()
    for _ in range(18):
        config = opt.ask()
        space.validate(config)
        assert identity(config) not in seen
        seen.add(identity(config))
        opt.tell(config, objective(config))
    assert opt.best is not None


def test_a_batch_is_different(name):
    space = hpdsl.loads(SPACES["union"])
    opt = make(name, space, seed=0)
    for round_ in range(3):
        batch = opt.ask(8)
        assert len({identity(c) for c in batch}) == 8
        for k, config in enumerate(batch):
            opt.tell(config, objective(config) if (k + round_) % 3 else None)


def test_told_again_it_continues_as_if_never_stopped(name):
    space = hpdsl.loads(SPACES["guarded"])
    first = make(name, space, seed=3)
    trials = []
    for k in range(16):
        config = first.ask()
        value = None if k % 5 == 2 else objective(config)
        first.tell(config, value)
        trials.append((config, value))
    for stop in (1, 7, 15):
        again = make(name, space, seed=3)
        for config, value in trials[:stop]:
            again.tell(config, value)
        for config, value in trials[stop:]:
            assert again.ask() == config
            again.tell(config, value)


def test_the_seed_matters(name):
    if name == "grid":
        pytest.skip("a grid has no randomness")
    space = hpdsl.loads(SPACES["uniform"])
    assert make(name, space, seed=0).ask(3) != make(name, space, seed=1).ask(3)


def test_a_finite_space_ends_after_every_point_once(name):
    space = hpdsl.loads("a ~ choice(x, y)\nk ~ int uniform(1, 4)\nforbid a == x and k == 2\n")
    opt = make(name, space, seed=0)
    found = set()
    for _ in range(7):
        config = opt.ask()
        found.add(identity(config))
        opt.tell(config, objective(config))
    assert len(found) == 7
    with pytest.raises(hpdsl.SpaceExhausted):
        opt.ask()


def test_try_points_come_first(name):
    space = hpdsl.loads("x ~ uniform(0, 1)\nk ~ int uniform(1, 3)\ntry { x = 0.25, k = 2 }\ntry { x = 0.5, k = 1 }\n")
    opt = make(name, space, seed=0)
    assert opt.ask() == {"x": 0.25, "k": 2}
    assert opt.ask() == {"x": 0.5, "k": 1}
    assert opt.ask()["x"] not in (0.25, 0.5)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None, {"loss": None}, {"loss": math.nan, "other": 1}])
def test_failed_trials_are_never_best(name, value):
    space = hpdsl.loads("x ~ uniform(0, 1)\nminimize loss\n")
    opt = make(name, space, seed=0)
    opt.tell(opt.ask(), value)
    assert opt.best is None
    config = opt.ask()
    opt.tell(config, 3.0)
    assert opt.best == (config, 3.0)
    for _ in range(10):
        opt.tell(opt.ask(), value)
    assert opt.best == (config, 3.0)


@pytest.mark.parametrize("value", [1, 2.5, np.float32(1.5), np.int64(3), np.array(2.0), Decimal("1.5"), Fraction(1, 2)])
def test_real_scalars_of_any_type(name, value):
    opt = make(name, hpdsl.loads("x ~ uniform(0, 1)\n"), seed=0)
    opt.tell(opt.ask(), value)
    assert opt.best[1] == float(value)


class Tensor:
    """What tensor libraries return: a shape, and a number inside."""

    shape = ()

    def item(self):
        return 2.5


def test_tensors_without_dimensions_are_numbers(name):
    opt = make(name, hpdsl.loads("x ~ uniform(0, 1)\n"), seed=0)
    opt.tell(opt.ask(), Tensor())
    assert opt.best[1] == 2.5


@pytest.mark.parametrize(
    "value", [10**400, -(10**400), Decimal("NaN"), Decimal("sNaN"), np.longdouble("inf"), np.ma.masked]
)
def test_numbers_that_are_no_finite_doubles_are_failures(name, value):
    opt = make(name, hpdsl.loads("x ~ uniform(0, 1)\n"), seed=0)
    opt.tell(opt.ask(), value)
    assert opt.best is None
    assert opt.told[0].failed


@pytest.mark.parametrize("value", ["0.3", 1j, [0.3], True, {}, {"a": 1, "b": 2}])
def test_other_values_are_refused(name, value):
    opt = make(name, hpdsl.loads("x ~ uniform(0, 1)\n"), seed=0)
    config = opt.ask()
    with pytest.raises(hpdsl.UsageError):
        opt.tell(config, value)
    assert not opt.told


def test_what_lies_outside_the_space_is_refused_and_not_stored(name):
    opt = make(name, hpdsl.loads("x ~ uniform(0, 1)\n"), seed=0)
    with pytest.raises(hpdsl.InvalidConfiguration):
        opt.tell({"x": 2.0}, 1.0)
    assert not opt.told
    opt.tell({"x": 0.123}, 1.0)
    assert opt.best == ({"x": 0.123}, 1.0)


def test_a_configuration_is_the_same_in_whatever_form_it_is_told(name):
    space = hpdsl.loads(
        "k ~ int uniform(1, 9)\ny = exp(k / 3)\nz ~ ordinal(0.5, 1, 2)\nb ~ bool()\n"
        "o ~ choice { p { lr ~ uniform(0, 1) } }\n"
    )
    forms = (
        lambda c: c,
        lambda c: dict(reversed(c.items())),
        lambda c: {**c, "k": np.int64(c["k"]), "z": np.float32(c["z"]), "b": np.bool_(c["b"]), "o": np.str_(c["o"])},
        lambda c: {**c, "k": float(c["k"]), "z": float(c["z"])},
        lambda c: {name: value for name, value in c.items() if name != "y"},
        lambda c: {"o.p.lr" if name == "o.lr" else name: value for name, value in c.items()},
    )
    for form in forms:
        opt = make(name, space, seed=0)
        config = opt.ask()
        opt.tell(form(config), 1.0)
        assert not opt.pending
        assert not opt.is_new(config)
        assert repr(opt.told[0].config["k"]) == repr(config["k"])
        assert list(opt.best[0]) == list(config)
        assert opt.ask() != config


def test_what_the_caller_does_with_a_configuration_stays_with_the_caller(name):
    opt = make(name, hpdsl.loads("x ~ uniform(0, 1)\n"), seed=0)
    config = opt.ask()
    told = dict(config)
    config["x"] = 7.0
    opt.tell(told, 1.0)
    assert not opt.pending
    opt.best[0]["x"] = 7.0
    assert opt.best[0] == told


def test_a_configuration_told_twice_counts_twice(name):
    opt = make(name, hpdsl.loads("x ~ uniform(0, 1)\n"), seed=0)
    config, other = opt.ask(2)
    opt.tell(config, 2.0)
    opt.tell(config, 1.0)
    assert len(opt.told) == 2
    assert opt.pending == [other]
    assert opt.best == (config, 1.0)


def test_asks_and_tells_may_interleave(name):
    def play(opt):
        asked = opt.ask(3)
        opt.tell(asked[1], 2.0)
        asked += opt.ask(2)
        opt.tell(asked[4], None)
        opt.tell(asked[0], 1.0)
        for _ in range(9):
            asked.append(opt.ask())
            if len(asked) % 2:
                opt.tell(asked[-1], objective(asked[-1]))
        return asked

    space = hpdsl.loads(SPACES["union"])
    asked = play(make(name, space, seed=5))
    assert len({identity(c) for c in asked}) == len(asked)
    assert asked == play(make(name, space, seed=5))


def test_a_large_space_is_not_counted_before_the_first_proposal(name):
    if name == "grid":
        pytest.skip("a grid is counted")
    space = hpdsl.loads(
        "".join(f"c{i} ~ choice(p, q, r, s)\n" for i in range(12))
        + "forbid c0 == p and c1 == q\nrequire c3 == p or c4 == q\n"
    )
    make(name, space, seed=0).ask(3)
    assert "size" not in vars(space)


@pytest.mark.parametrize("config", [None, 3, "x", [("x", 0.5)]])
def test_what_is_no_configuration_is_refused(name, config):
    with pytest.raises(hpdsl.UsageError):
        make(name, hpdsl.loads("x ~ uniform(0, 1)\n")).tell(config, 1.0)


def test_the_grid_is_walked_in_order():
    space = hpdsl.loads(SPACES["when"])
    opt = hpdsl.backend("grid", space, levels=3)
    points = list(space.grid(levels=3))
    opt.tell(points[4], 1.0)
    assert opt.ask(len(points) - 1) == points[:4] + points[5:]
    with pytest.raises(hpdsl.SpaceExhausted, match="3 levels"):
        opt.ask()


def test_random_search_walks_the_rows_of_the_seed():
    space = hpdsl.loads(SPACES["normals"])
    assert hpdsl.backend("random", space, seed=9).ask(5) == list(space.sample(5, seed=9))


def test_maximize_turns_the_sign(name):
    opt = make(name, hpdsl.loads("x ~ uniform(0, 1)\nmaximize score\n"), seed=0)
    for value in (1.0, 3.0, 2.0):
        opt.tell(opt.ask(), {"score": value, "time": 9})
    assert opt.best[1] == 3.0
    with pytest.raises(hpdsl.UnknownNameError, match="lack the objective `score`"):
        opt.tell(opt.ask(), {"scores": 1.0})


@pytest.mark.parametrize("values", [[5.0] * 14, [1e300, -1e300] * 7, [0.0] + [1e-300] * 13])
def test_strange_values_do_no_harm(name, values):
    opt = make(name, hpdsl.loads(SPACES["when"]), seed=0)
    for value in values:
        opt.tell(opt.ask(), value)
    assert opt.ask()


def test_all_trials_failing_goes_on(name):
    space = hpdsl.loads(SPACES["normals"])
    opt = make(name, space, seed=0)
    asked = set()
    for _ in range(20):
        config = opt.ask()
        asked.add(identity(config))
        opt.tell(config, None)
    assert len(asked) == 20


@pytest.mark.parametrize("options", [{"nonsense": 1}, {"seed": "a"}])
def test_wrong_options_are_refused(name, options):
    with pytest.raises(hpdsl.UsageError):
        make(name, hpdsl.loads("x ~ uniform(0, 1)\n"), **options)


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "3"])
def test_ask_refuses_nonsense(name, n):
    with pytest.raises(hpdsl.UsageError):
        make(name, hpdsl.loads("x ~ uniform(0, 1)\n")).ask(n)


FIDELITY = "x ~ uniform(0, 1)\nk ~ int uniform(1, 4)\nfidelity epochs = 1 .. 27 by 3   cost epochs * k\n"


def test_the_fidelity_comes_in_full_and_as_a_study_hands_it_over(name):
    space = hpdsl.loads(FIDELITY)
    opt, asked, evaluated = make(name, space, seed=0), [], []

    def objective(config):
        evaluated.append(config)
        return config["x"] + 1 / config["epochs"]

    for config in (*opt.ask(2), opt.ask()):
        asked.append(config)
        assert config["epochs"] == 27
        space.validate(config)
        opt.tell(config, objective(config))
    assert not opt.pending
    assert "epochs" not in opt.best[0]
    assert opt.best[0].items() < min(asked, key=lambda c: c["x"]).items()
    evaluated.clear()
    other = make(name, space, seed=0)
    for _ in range(3):
        config = other.ask()
        other.tell(config, objective(config))
    by_hand = [dict(c) for c in evaluated]
    evaluated.clear()
    study = hpdsl.tune(objective, space, backend=name, trials=3, seed=0, **other.options)
    assert evaluated == by_hand
    assert all("epochs" not in t.config for t in study.trials)


@pytest.mark.parametrize(
    ("value", "shown"), [(9, "9"), (True, "true"), ("27", '"27"'), ([27], r"\[27\]"), (float("nan"), "nan")]
)
def test_a_fidelity_that_is_not_full_is_refused(name, value, shown):
    opt = make(name, hpdsl.loads(FIDELITY), seed=0)
    config = {**opt.ask(), "epochs": value}
    said = f"`epochs` = {shown}, but evaluations are told in full, with 27"
    with pytest.raises(hpdsl.InvalidConfiguration, match=said):
        opt.tell(config, 1.0)
    opt.tell({**config, "epochs": 27.0}, 1.0)
    del config["epochs"]
    opt.tell(config, 1.0)
