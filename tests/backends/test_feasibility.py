"""Bounds on measured outcomes in `bayes`: their models, and the optimum under them."""

import math

import numpy as np
import pytest

import hpdsl
from hpdsl.backends.bayes.feasibility import Feasibility, targets
from hpdsl.backends.ranking import excess

SQUARE = "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nminimize loss\n"
TOY = SQUARE + "subject to c <= 0.3\n"
BEST = 0.32713  # on a grid of 1501 x 1501


def toy(config):
    """The optimum without the bound, at (0.9, 0.9), breaks it."""
    x, y = config["x"], config["y"]
    return {"loss": (x - 0.9) ** 2 + (y - 0.9) ** 2, "c": x + y - 0.5 + 0.3 * math.sin(6 * x)}


def played(name, text, function, seed, n):
    opt = hpdsl.backend(name, hpdsl.loads(text), seed=seed)
    for _ in range(n):
        config = opt.ask()
        opt.tell(config, function(config))
    return opt


@pytest.mark.parametrize("seed", range(4))
def test_the_constrained_optimum_is_found(seed):
    ours, random = (played(name, TOY, toy, seed, 30).best for name in ("bayes", "random"))
    assert toy(ours[0])["c"] <= 0.3
    assert BEST - 1e-3 < ours[1] < BEST + 0.02
    assert random[1] > BEST + 0.05


def narrow(config):
    x, y = config["x"], config["y"]
    return {"loss": -x - y, "c": (x - 0.31) ** 2 + (y - 0.63) ** 2, "d": x - y}


def test_a_small_feasible_region_is_found_and_searched():
    """Two bounds leave under half a per cent; nothing in the start design is feasible."""
    text = SQUARE + "subject to c < 0.003\nsubject to d <= -0.31\n"
    opt = played("bayes", text, narrow, 0, 40)
    feasible = [o.feasible for o in opt.told]
    assert not any(feasible[:4])
    assert sum(feasible) >= 3
    assert opt.best[1] < -1.01  # the optimum is -1.0175
    assert sum(o.feasible for o in played("random", text, narrow, 0, 40).told) < 2


def test_lower_bounds_and_maximisation():
    text = "x ~ uniform(0, 1)\nmaximize speed\nsubject to accuracy >= 0.8\nsubject to accuracy <= 1\n"
    opt = played("bayes", text, lambda c: {"speed": c["x"], "accuracy": 1 - c["x"] ** 2 / 2}, 0, 20)
    assert opt.best[1] == pytest.approx(math.sqrt(0.4), abs=1e-3)
    assert opt.best[1] <= math.sqrt(0.4)


@pytest.mark.parametrize("acquisition", ["logei", "ei", "pi", "lcb"])
@pytest.mark.parametrize("bound", [0.3, -9.0])
def test_batches_differ_whether_or_not_anything_is_feasible(acquisition, bound):
    space = hpdsl.loads(SQUARE + f"subject to c <= {bound}\n")
    opt = hpdsl.backend("bayes", space, seed=0, acquisition=acquisition)
    for _ in range(8):
        config = opt.ask()
        opt.tell(config, toy(config))
    assert any(o.feasible for o in opt.told) == (bound > 0)
    batch = opt.ask(4)
    gaps = [max(abs(a[n] - b[n]) for n in a) for i, a in enumerate(batch) for b in batch[:i]]
    assert min(gaps) > 1e-3


def test_a_front_under_a_bound():
    text = SQUARE.replace("minimize loss", "minimize a\nminimize b") + "subject to c <= 0.5\n"
    opt = played("bayes", text, lambda c: {"a": 1 - c["x"], "b": 1 - c["y"], "c": c["x"] ** 2 + c["y"] ** 2}, 0, 40)
    front = opt.front
    assert len(front) >= 8
    assert all(o["c"] <= 0.5 for _, o in front)
    assert np.median([o["c"] for _, o in front]) > 0.45


@pytest.mark.parametrize("seed", range(2))
def test_the_unit_of_a_bounded_outcome_does_not_matter(seed):
    unit = 2.0**20
    plain = played("bayes", TOY, toy, seed, 14)
    other = hpdsl.backend("bayes", hpdsl.loads(SQUARE + f"subject to c <= {0.3 * unit!r}\n"), seed=seed)
    for o in plain.told:
        other.tell(o.config, {"loss": o.value, "c": o.outcomes["c"] * unit})
    assert list(other.ask().values()) == pytest.approx(list(plain.ask().values()), abs=1e-6)


@pytest.mark.parametrize("bad", [math.nan, None])
def test_where_a_bound_can_not_be_measured_is_avoided(bad):
    """The best values lie where the bounded outcome is never known."""
    opt = played(
        "bayes", SQUARE + "subject to c <= 9\n", lambda c: {"loss": -c["x"], "c": bad if c["x"] > 0.6 else 1}, 0, 25
    )
    assert 0.55 < -opt.best[1] <= 0.6
    assert np.median([o.config["x"] for o in opt.told[-12:]]) < 0.62


@pytest.mark.parametrize(
    "c",
    [[1.0] * 6, [-3.0] * 6, [0.0] * 6, [5e-324] * 6, [math.inf, -math.inf] * 3, [math.inf] * 6,
     [1.7e308, -1.7e308] * 3, [1e300, -1e300, 1.0, -2.0, 0.0, 5e-324],
     [1.7e308, -1.7e308, 5e-324, 0.0, -5e-324, math.inf]],
)  # fmt: skip
def test_targets_keep_their_order_and_their_level(c):
    y, level = targets(np.array(c))
    assert np.isfinite(y).all()
    assert math.isfinite(level)
    order = np.argsort(c, kind="stable")
    assert (np.diff(y[order]) >= 0).all()
    assert (y[np.array(c) > 1e-6] > level).all()
    assert (y[np.array(c) <= 0] <= level + 1e-12).all()


@pytest.mark.parametrize("violations", [[1e300, -1e300, 0.0], [math.inf, -math.inf, 1.0], [5e-324] * 3, [0.0] * 3])
def test_strange_violations_do_no_harm(violations):
    opt = hpdsl.backend("bayes", hpdsl.loads(TOY), seed=0, n_start=3)
    for k in range(9):
        opt.tell(opt.ask(), {"loss": k, "c": violations[k % 3]})
    assert len(opt.ask(2)) == 2


def test_the_probability_falls_with_distance_from_what_keeps_the_bound():
    opt = hpdsl.backend("bayes", hpdsl.loads("x ~ uniform(0, 1)\nminimize loss\nsubject to c <= 0\n"), seed=0)
    for x in np.linspace(0.0, 1.0, 9):
        opt.tell({"x": float(x)}, {"loss": 0.0, "c": float(x) - 0.5})
    model = Feasibility(opt._data, [opt._bound_theta(0)], [], np.random.default_rng(0))
    x = np.linspace(0.01, 0.99, 40)
    chances = np.exp(model.log_probability(opt._data.embedded([{"x": float(v)} for v in x])))[:, 0]
    assert (np.diff(chances) < 1e-6).all()
    assert (chances[x < 0.45] > 0.9).all()
    assert (chances[x > 0.55] < 0.1).all()


def test_the_slope_of_the_score_is_that_of_differences():
    opt = played("bayes", TOY + "subject to d > -0.2\n", lambda c: {**toy(c), "d": c["x"] * c["y"] - 0.3}, 0, 12)
    opt.tell({"x": 0.5, "y": 0.99}, None)
    opt.ask(2)
    model = opt._model(opt._data, opt.index)
    E = np.random.default_rng(0).uniform(0.05, 0.95, (6, 2))
    _, slope = model.score_and_slope(E)
    for j in range(2):
        step = np.zeros(2)
        step[j] = 1e-6
        numeric = (model.score_and_slope(E + step)[0] - model.score_and_slope(E - step)[0]) / 2e-6
        assert slope[:, j] == pytest.approx(numeric, rel=1e-3, abs=1e-3)


def test_excess_ranks_by_how_much_is_broken():
    found = excess(np.array([(-1.0, -5.0), (0.0, 3.0), (4.0, 3.0), (math.inf, 0.0), (1e300, 1e300), (0.0, 0.0)]))
    assert found[0] == found[5] == 0.0
    assert 0.0 < found[1] < found[2] < found[3]
    assert np.isfinite(found).all()
    assert (excess(np.empty((3, 0))) == 0.0).all()
