"""Trials a hair beside the best: they tell noise from a function that is rougher than the model's kernel."""

import math

import numpy as np
import pytest

import hpdsl
from hpdsl.backends.base import Observation
from hpdsl.backends.bayes.data import Data
from hpdsl.backends.bayes.repeats import CLOSE, PAIRS, Repeats
from hpdsl.errors import UsageError

TEXT = "x ~ uniform(0, 1)\ny ~ loguniform(1e-3, 1)\nk ~ choice(a, b)\n"


def rough(config):
    """Far more hills than any process follows with so few trials."""
    x, y = config["x"], math.log10(config["y"]) / 3.0
    return (x - 0.3) ** 2 + (y + 0.5) ** 2 + 0.3 * math.cos(97.0 * x) * math.cos(89.0 * y)


def repeats_of(text, trials=()):
    """What the pairs among some configurations and their values say."""
    space = hpdsl.loads(text)
    found = Repeats(Data(space, 0.0, lambda number, d: np.full(d, 0.5)))
    for config, value in trials:
        more(found, config, value)
    return found


def more(repeats, config, value):
    """One more trial, and what that says."""
    repeats.data.append(Observation(config, (value,)))
    repeats.update()


def searched(objective, trials=60, text=TEXT, **options):
    opt = hpdsl.backend("bayes", hpdsl.loads(text), seed=3, **options)
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


def test_without_repeats_the_search_goes_on_by_ranks_but_noise_is_not_claimed():
    opt, sources = searched(rough, repeats=False)
    assert "repeat" not in sources
    assert "ranks" in sources[-2:]
    assert not opt.smoothed


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
    repeats = repeats_of("x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nn ~ int uniform(1, 3)\nrequire x + y <= 1\n")
    space = repeats.space
    for config in (*space.sample(50, seed=1), {"x": 0.0, "y": 1.0, "n": 2}, {"x": 1.0, "y": 0.0, "n": 3}):
        beside = repeats.beside(config)
        space.validate(beside)
        assert beside != config
        assert beside["n"] == config["n"]
        assert abs(beside["x"] - config["x"]) < 1e-6


def test_no_neighbour_without_a_continuous_parameter_in_force():
    repeats = repeats_of("k ~ choice { a { x ~ uniform(0, 1) } b { n ~ int uniform(1, 9) } }\n")
    assert repeats.beside({"k": "b", "k.n": 3}) is None
    assert repeats.beside({"k": "a", "k.x": 0.5}) != {"k": "a", "k.x": 0.5}


def test_no_neighbour_that_requirements_forbid():
    repeats = repeats_of("x ~ uniform(0, 1)\nrequire abs(x - 0.25) <= 1e-9\n")
    assert repeats.beside({"x": 0.25}) is None


def test_a_neighbour_has_the_same_parameters_in_force():
    repeats = repeats_of("x ~ uniform(0, 1)\nz ~ uniform(0, 1) when x > 0.5\n")
    for config in ({"x": 0.5}, {"x": math.nextafter(0.5, 1.0), "z": 0.5}):
        assert repeats.beside(config).keys() == config.keys()


@pytest.mark.parametrize(("second", "third", "exact"), [(1.0, 1.0, True), (1.0, 1.5, False), (1.5, 1.0, False)])
def test_it_takes_two_that_agree_and_one_that_does_not(second, third, exact):
    repeats = repeats_of("x ~ uniform(0, 1)\n", [({"x": 0.1}, 3.0), ({"x": 0.4}, 1.0), ({"x": 0.6}, 2.0)])
    assert repeats.due(3)
    for k, value in enumerate((second, third)):
        more(repeats, {"x": 0.4 + 1e-7}, value)
        assert not repeats.due(4 + k)
    assert repeats.exact is exact


def test_one_that_differs_takes_back_what_duplicates_said():
    trials = [({"x": 0.1}, 3.0), ({"x": 0.4}, 1.0), ({"x": 0.6}, 2.0), *[({"x": 0.4}, 1.0)] * PAIRS]
    repeats = repeats_of("x ~ uniform(0, 1)\n", trials)
    assert repeats.exact is True
    # What is only near no longer counts: a polished search comes ever nearer, and its values differ.
    more(repeats, {"x": 0.4 + CLOSE / 2}, 1.5)
    assert repeats.exact is True
    more(repeats, {"x": 0.4}, 1.0)
    assert repeats.exact is True
    more(repeats, {"x": 0.4}, 1.5)
    assert repeats.exact is False
    for _ in range(2 * PAIRS):
        more(repeats, {"x": 0.4}, 1.0)
    assert repeats.exact is False


def test_a_search_believes_in_noise_again_once_a_duplicate_differs():
    opt, _ = searched(rough)
    assert opt._exact is True
    assert not opt.smoothed
    config, value = opt.best
    opt.tell(config, value)
    assert opt._exact is True
    opt.tell(config, value + 0.3)
    assert opt._exact is False
    assert opt.smoothed


def test_a_jump_at_a_condition_is_no_noise():
    text = "x ~ uniform(0, 1)\nz ~ uniform(0, 1) when x > 0.5\n"
    trials = [({"x": 0.1}, 3.0), ({"x": 0.3}, 2.0), ({"x": 0.5}, 1.0), ({"x": 0.5 + 1e-7, "z": 0.5}, 9.0)]
    assert repeats_of(text, trials).exact is None
    # But what lies behind the condition is a pair of its own.
    assert repeats_of(text, [*trials, ({"x": 0.5 + 2e-7, "z": 0.5}, 1.0)]).exact is False


def test_several_objectives_are_never_exact():
    opt = hpdsl.backend("bayes", hpdsl.loads(TEXT + "minimize a\nminimize b\n"), seed=0, n_start=5)
    config = opt.ask()
    for _ in range(40):
        opt.tell(config, {"a": 1.0, "b": 2.0})
        assert opt._exact is False
    for _ in range(8):
        asked = opt.ask()
        assert opt.explain(asked)["source"] != "repeat"
        opt.tell(asked, {"a": rough(asked), "b": -rough(asked)})


def test_repeats_are_of_the_best_that_keeps_its_bounds():
    """The best values break the bound; the repeat stands beside the best of the others, within the requirement."""
    text = TEXT + "require x <= 0.6\nminimize loss\nsubject to cost <= 0.5\n"
    opt, sources = searched(lambda c: {"loss": rough(c), "cost": 0.5 - (c["x"] - 0.4)}, text=text, trials=55)
    assert "repeat" in sources
    for k, source in enumerate(sources):
        if source != "repeat":
            continue
        asked, before = opt.told[k], opt.told[:k]
        opt.space.validate(asked.config)
        best = min((o for o in before if o.feasible), key=lambda o: o.value)
        assert best.value > min(o.value for o in before)
        assert {abs(asked.config[n] - best.config[n]) < 1e-5 for n in "xy"} == {True}
        assert asked.config["k"] == best.config["k"]


def test_a_finite_space_is_not_repeated_for_ever():
    """Bounds that follow others leave no list of values, but finitely many configurations all the same."""
    space = hpdsl.loads("n ~ int uniform(1, 9)\nm ~ int uniform(0, n)\nc ~ choice(p, q)\n")
    opt = hpdsl.backend("bayes", space, seed=0)
    rng, seen = np.random.default_rng(1), set()
    for _ in range(space.size):
        config = opt.ask()
        assert opt.key(config) not in seen
        assert opt.explain(config)["source"] != "repeat"
        seen.add(opt.key(config))
        opt.tell(config, float(rng.standard_normal()))
    with pytest.raises(hpdsl.SpaceExhausted):
        opt.ask()
    assert len(seen) == space.size == 108


def test_a_repeat_that_fails_is_not_asked_again():
    opt, sources = searched(lambda c: rough(c) if c["x"] < 2 else None)
    first = sources.index("repeat")
    again = hpdsl.backend("bayes", opt.space, seed=3)
    asked = []
    for o in opt.told[:first]:
        again.tell(o.config, o.value)
    for _ in range(12):
        asked.append(again.ask())
        repeat = again.explain(asked[-1])["source"] == "repeat"
        again.tell(asked[-1], None if repeat else 9.0)
    assert len({again.key(c) for c in asked}) == len(asked)
    assert sum(again.explain(c)["source"] == "repeat" for c in asked) == 1


def test_values_beyond_measure():
    assert repeats_of("x ~ uniform(0, 1)\n", [({"x": 0.4}, 1.7e308), ({"x": 0.4}, -1.7e308)]).exact is False


def test_the_option_is_true_or_false():
    with pytest.raises(UsageError, match="repeats must be true or false, not 2"):
        hpdsl.backend("bayes", hpdsl.loads(TEXT), repeats=2)


def told_of(text, f, trials=60, seed=0):
    """A backend after some trials, and whether noise was claimed at any time."""
    opt = hpdsl.backend("bayes", hpdsl.loads(text), seed=seed)
    claimed = False
    for k in range(trials):
        config = opt.ask()
        opt.tell(config, f(config))
        claimed |= k % 5 == 4 and opt.smoothed
    return opt, claimed


_TABLE = np.random.default_rng(7).standard_normal((6, 6, 6))
_LETTERS = "abcdef"
_INTEGERS = "".join(f"x{i} ~ int uniform(0, 20)\n" for i in range(3))
_BITS = "".join(f"x{i} ~ choice(a, b)\n" for i in range(12))
_CATEGORIES = "".join(f"x{i} ~ choice(a, b, c, d, e, f)\n" for i in range(3))


@pytest.mark.parametrize(
    ("text", "f"),
    [
        pytest.param(_INTEGERS, lambda c: (3 * c["x0"] + 5 * c["x1"] + 7 * c["x2"]) % 11, id="remainders"),
        pytest.param(_INTEGERS, lambda c: sum(abs(v - 11) for v in c.values()) // 8, id="plateaus"),
        pytest.param(_BITS, lambda c: -("".join(c[f"x{i}"] for i in range(12)) + "a").index("a"), id="leading"),
        pytest.param(
            _CATEGORIES, lambda c: float(_TABLE[tuple(_LETTERS.index(c[f"x{i}"]) for i in range(3))]), id="table"
        ),
    ],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_discrete_function_is_not_called_noisy(text, f, seed):
    opt, claimed = told_of(text, f, seed=seed)
    assert not claimed
    assert opt.best[1] == min(o.value for o in opt.told)


def test_noise_on_integers_is_found():
    """Noise, of which the trend shows: the odds are far above four to one."""
    rng = np.random.default_rng(0)
    opt, _ = told_of(_INTEGERS, lambda c: sum((v - 7) ** 2 for v in c.values()) + 60.0 * rng.standard_normal(), 80)
    assert opt.smoothed


def test_a_configuration_told_twice_with_other_values_is_noise_enough():
    opt, _ = told_of(_CATEGORIES, lambda c: float(_TABLE[tuple(_LETTERS.index(c[f"x{i}"]) for i in range(3))]), 35)
    config, value = opt.best
    opt.tell(config, value + 1.0)
    assert opt.smoothed


def test_values_on_few_steps_are_exact_until_one_configuration_has_two():
    text = "a ~ int uniform(0, 9)\nb ~ int uniform(0, 9)\n"
    repeats = repeats_of(text, [({"a": k, "b": 0}, float(k // 4)) for k in range(8)])
    assert repeats.stepped
    more(repeats, {"a": 0, "b": 0}, 1.0)
    assert repeats.exact is False
    assert not repeats_of(text, [({"a": k, "b": 0}, k / 7) for k in range(8)]).stepped
    assert not repeats_of(TEXT, [({"x": k / 8, "y": 0.1, "k": "a"}, 1.0) for k in range(8)]).stepped


def test_where_values_agree_by_chance_more_pairs_must():
    """Ten steps: two of the good half agree in every fourth case, two pairs in one of sixteen."""
    trials = [({"x": k / 60}, (k % 10) / 200) for k in range(40)]
    repeats = repeats_of("x ~ uniform(0, 1)\n", [*trials, ({"x": 0.9}, 0.0)])
    for k in range(4):
        assert repeats.exact is None
        more(repeats, {"x": 0.9 + (k + 1) * 1e-8}, 0.0)
    assert repeats.exact is True


def test_coarse_noise_is_seldom_taken_for_exact():
    """Values on steps as wide as the noise: a pair agrees with a probability of about 0.27, two of two in 0.07.

    Four of four are 0.005, of 300 runs 1.6: more than 12 with a probability below 1e-6.
    """
    rng = np.random.default_rng(0)

    def coarse():
        return round(rng.standard_normal()) / 200

    found = 0
    for _ in range(300):
        trials = [({"x": k / 40}, coarse()) for k in range(30)]
        repeats = repeats_of("x ~ uniform(0, 1)\n", trials)
        k = 0
        while repeats.exact is None:
            k += 1
            more(repeats, {"x": 0.9 + k * 1e-9}, coarse())
        found += repeats.exact
    assert found < 13
