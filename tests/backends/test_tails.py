"""Laws without an end, or with far ones: what is told far out keeps a place, is modelled, and is not lost."""

import math

import numpy as np
import pytest

import hpdsl
from hpdsl import registry
from hpdsl.backends.base import Observation
from hpdsl.backends.bayes.data import Data
from hpdsl.backends.bayes.embedding import Embedding
from hpdsl.backends.bayes.model import Model
from hpdsl.backends.bayes.repeats import Repeats

# Values from the middle outwards; the last ones 6 to 1,000 standard deviations out.
LAWS = {
    "normal(0, 1)": [0.0, 3.0, 6.0, 9.0, 10.0, 40.0, 1000.0],
    "normal(5, 2) in 0 .. 40": [5.0, 11.0, 17.0, 25.0, 35.0, 39.0, 40.0],
    "lognormal(1, 2)": [1.0, 8.0, 64.0, 600.0, 1e4, 1e12, 1e200],
    "int normal(0, 3)": [0, 9, 18, 27, 30, 120, 3000],
    "gamma(2, 1)": [1.0, 9.0, 30.0, 50.0, 100.0, 1e4, 1e9],
    "exponential(1)": [1.0, 6.0, 20.0, 40.0, 80.0, 400.0, 1e5],
    "choice(0: 1, normal(0, 1): 3)": [0.5, 3.0, 6.0, 9.0, 10.0, 40.0, 1000.0],
}
FAR = pytest.mark.parametrize(("law", "xs"), LAWS.items(), ids=LAWS)


def loss(config):
    return abs(math.log(abs(config["x"]) + 1e-3) - math.log(30.0)) + 0.1 * config["y"]


def told_far_out(law, xs, name="bayes", n=30, **options):
    opt = hpdsl.backend(name, hpdsl.loads(f"x ~ {law}\ny ~ uniform(0, 1)\n"), seed=0, **options)
    rng = np.random.default_rng(0)
    for k in range(n):
        config = {"x": xs[k % len(xs)], "y": float(rng.random())}
        opt.tell(config, loss(config))
    return opt


@FAR
def test_what_lies_farther_out_lies_farther_from_the_middle(law, xs):
    embedding = Embedding(hpdsl.loads(f"x ~ {law}\ny ~ uniform(0, 1)\n"))
    E = embedding.of_configs([{"x": x, "y": 0.5} for x in xs])
    assert np.isfinite(E).all()
    column = int(np.ptp(E, axis=0).argmax())
    assert (np.diff(E[:, column]) > 0).all()
    # The tails stay small beside the rest, whatever is told.
    assert 0.0 < E[0, column] < 1.0
    assert E[-1, column] < 3.0


@pytest.mark.parametrize("x", [1e308, -1e308, 1.7e308, -5e-324])
def test_the_farthest_doubles_have_a_place(x):
    E = Embedding(hpdsl.loads("x ~ normal(0, 1e-4)\n")).of_configs([{"x": x}, {"x": 0.0}])
    assert np.isfinite(E).all()
    assert (E[0, 0] == pytest.approx(0.5)) == (abs(x) < 1.0)


def test_within_the_ends_codes_are_those_of_the_space():
    space = hpdsl.loads("x ~ normal(0, 1)\ns ~ gamma(2, 1)\ny ~ uniform(0, 1)\n")
    configs = space.sample(2000, seed=0)
    z, E = space.features(configs), Embedding(space).of_configs(configs)
    inside = ((z > 0.0) & (z < 1.0)).all(axis=1)
    assert 1980 < inside.sum() < 2000
    np.testing.assert_array_equal(E[inside], z[inside])


@FAR
def test_only_laws_whose_ends_are_far_or_missing_have_tails(law, xs):
    others = "t ~ loguniform(1e-3, 1)\nb ~ beta(0.1, 0.1)\nc ~ normal(5, 2) in 0 .. 9\n"
    embedding = Embedding(hpdsl.loads(f"x ~ {law}\n{others}"))
    assert len(embedding.open) == 1
    tails = [embedding.in_tail({"x": x, "t": 1.0, "b": 1.0, "c": 9.0}).tolist() for x in xs]
    assert tails == [[k > 1, False, False, False] for k in range(len(xs))]


@pytest.mark.parametrize(
    ("law", "near"),
    [
        ("normal(5, 2) in 0 .. 1e3", "normal(5, 2) in 0 .. 11.18"),
        ("normal(5, 2) in -1e6 .. 1e6", "normal(5, 2)"),
        ("lognormal(1e-3, 2) in 1e-30 .. 1", "lognormal(1e-3, 2)"),
        ("exponential(0.1) in 0 .. 1000", "exponential(0.1)"),
        ("int normal(50, 8) in 0 .. 100000", "int normal(50, 8)"),
    ],
)
def test_a_law_whose_ends_are_far_is_seen_where_it_draws(law, near):
    """Written ends that nothing reaches change nothing; with them all draws would be one place."""
    far, close = hpdsl.loads(f"x ~ {law}\n"), hpdsl.loads(f"x ~ {near}\n")
    configs = close.sample(500, seed=0)
    at, expected = (Embedding(space).of_configs([dict(c) for c in configs])[:, 0] for space in (far, close))
    # Half a step of integers, of which some fifty are in the window.
    assert np.abs(at - expected).max() < 0.01


def test_a_window_holds_what_follows_others_too():
    text = (
        "c ~ loguniform(1, 100)\nx ~ normal(c, 0.1 * c) in 0 .. 1e5\nk ~ bool()\nr ~ gamma(2, c) in 0 .. 1e9 when k\n"
    )
    space = hpdsl.loads(text)
    embedding = Embedding(space)
    z = embedding.codes(space.sample(4000, seed=1))
    for name in ("x", "r"):
        column = z[:, list(space.feature_names).index(name)]
        column = column[~np.isnan(column)]
        assert np.ptp(column) > 0.3
        assert (column >= 1.0).mean() < 0.01


def test_the_optimum_is_found_between_ends_that_are_far():
    """Three parameters, 40 trials: without a window the best was 13, a random configuration's about 2."""
    space = hpdsl.loads("".join(f"{name} ~ normal(5, 2) in 0 .. 1e6\n" for name in "xyz"))
    opt = hpdsl.backend("bayes", space, seed=0)
    for _ in range(40):
        config = opt.ask()
        opt.tell(config, (config["x"] - 8) ** 2 + (config["y"] - 2) ** 2 + (config["z"] - 5.5) ** 2)
    assert opt.best[1] < 0.01


def test_what_follows_an_unbounded_value_may_lie_beyond_too():
    space = hpdsl.loads("a ~ lognormal(1, 2)\nt ~ uniform(0, a)\n")
    embedding = Embedding(space)
    E = embedding.of_configs([{"a": 1e6, "t": t} for t in (0.5, 1e4, 5e5, 1e6)])
    assert (np.diff(E[:, 1]) > 0).all()


@FAR
@pytest.mark.parametrize("name", ["auto", "bayes"])
def test_the_surrogate_stays_finite_and_what_is_asked_in_the_space(law, xs, name):
    opt = told_far_out(law, xs, name)
    for _ in range(6):
        config = opt.ask()
        opt.space.validate(config)
        opt.tell(config, loss(config))
    places = [{"x": x, "y": 0.5} for x in xs] + list(opt.space.sample(20, seed=1))
    mean, sd = opt.surrogate.predict(places)
    assert np.isfinite(mean).all() and np.isfinite(sd).all()
    assert (sd >= 0.0).all()
    assert all(map(math.isfinite, opt.surrogate.importance().values()))
    assert np.isfinite(opt.acquisition(places)).all()


@FAR
@pytest.mark.parametrize("name", registry.names())
def test_the_best_is_not_lost(law, xs, name):
    opt = told_far_out(law, xs, name)
    for _ in range(4):
        config = opt.ask()
        opt.tell(config, loss(config))
    best = min(opt.told, key=lambda o: o.value)
    assert not opt.smoothed
    assert opt.best == (best.config, best.value)


@pytest.mark.parametrize(("law", "here", "there"), [("normal(0, 1)", 9.0, 10.0), ("normal(0, 1)", -6.0, -7.0),
                                                    ("choice(0, normal(0, 1))", 6.0, 9.0)])  # fmt: skip
def test_two_places_in_a_tail_are_no_repeats(law, here, there):
    space = hpdsl.loads(f"x ~ {law}\n")
    data = Data(space, 0.0, lambda number, d: np.full(d, 0.5))
    for x, value in ((0.1, 3.0), (0.7, 2.0), (here, 1.0), (there, 5.0)):
        data.append(Observation({"x": x}, (value,)))
    repeats = Repeats(data)
    repeats.update()
    assert repeats.exact is None
    # Nor does what is known in one place stand in the way of the other.
    opt = hpdsl.backend("bayes", space, seed=0)
    for o in data._good[:3]:
        opt.tell(o.config, o.value)
    model = Model(opt._data, opt._theta(), np.random.default_rng(0), [], opt.options)
    model.embedding.of_configs([{"x": there}])
    columns = np.column_stack([opt._entered({"x": x}).matrix for x in (here, there)])
    configs = hpdsl.configs.Configs(space.compilation.model, columns)
    assert model.repeats(configs[:1])
    assert not model.repeats(configs[1:])
    # A duplicate of the second, though, is found beside the first.
    data.append(Observation({"x": there}, (9.0,)))
    repeats.update()
    assert repeats.exact is False


@pytest.mark.parametrize("law", ["normal(0, 1)", "choice(0, normal(0, 1))"])
def test_a_repeat_of_what_lies_in_a_tail_moves_the_rest(law):
    def beside(text, config):
        return Repeats(Data(hpdsl.loads(text), 0.0, lambda number, d: np.full(d, 0.5))).beside(config)

    both = f"x ~ {law}\ny ~ uniform(0, 1)\n"
    found = beside(both, {"x": 6.0, "y": 0.5})
    assert found["x"] == pytest.approx(6.0, rel=1e-6)
    assert 0.0 < abs(found["y"] - 0.5) < 1e-6
    # Farther out u codes are 1, which leads back to another place.
    assert beside(both, {"x": 12.0, "y": 0.5}) is None
    assert beside(f"x ~ {law}\n", {"x": 6.0}) is None


@pytest.mark.parametrize(
    ("law", "optimum", "near"),
    [("normal(0, 1) in -10 .. 10", 8.0, 0.3), ("normal(0, 1) in -10 .. 10", -9.0, 1.1), ("beta(1, 50)", 0.9, 0.11)],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_optimum_far_out_in_a_tail_is_climbed_to(law, optimum, near, seed):
    """With walls at the quantiles 1e-9 and 1 - 1e-9 the best were 6, -6 and 0.34."""
    opt = hpdsl.backend("bayes", hpdsl.loads(f"x ~ {law}\ny ~ uniform(0, 1)\n"), seed=seed)
    for _ in range(40):
        config = opt.ask()
        opt.tell(config, abs(config["x"] - optimum) + abs(config["y"] - 0.3))
    assert abs(opt.best[0]["x"] - optimum) < near
