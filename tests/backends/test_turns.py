"""Turns: where trials in one branch no longer pay, the next one goes to another."""

import math

import numpy as np
import pytest

import hpdsl
from hpdsl.backends.base import Observation
from hpdsl.backends.bayes.data import Data
from hpdsl.backends.bayes.turns import RUN, branches, had_its_turn

TEXT = """
kind ~ choice {
  wide { a ~ uniform(0, 1); b ~ uniform(0, 1); c ~ uniform(0, 1) }
  narrow { d ~ uniform(0, 1); e ~ uniform(0, 1) }
}
"""
WIDE = {"kind": "wide", "kind.a": 0.5, "kind.b": 0.5, "kind.c": 0.5}
NARROW = {"kind": "narrow", "kind.d": 0.5, "kind.e": 0.5}


def had(trials, pending=(), text=TEXT, share=1e-3):
    """The branch that has had its turn; a trial is a configuration, its value and perhaps violations."""
    space = hpdsl.loads(text)
    data, told = Data(space, 0.0, lambda number, d: np.full(d, 0.5)), []
    for config, value, *violations in trials:
        told.append(Observation(config, (value,), tuple(violations)))
        data.append(told[-1])
    found = had_its_turn(space, data, told, list(pending), share)
    return None if found is None else found.tolist()


def of(config, text=TEXT):
    return branches(hpdsl.loads(text), [config])[0].tolist()


def at(config, x):
    """The configuration with another value of its first number."""
    name = next(n for n, v in config.items() if isinstance(v, float))
    return {**config, name: x}


START = [(NARROW, 3.0), (at(NARROW, 0.1), 5.0), (at(WIDE, 0.1), 4.0), (at(WIDE, 0.2), 1.0)]


def test_two_trials_without_gain_in_one_branch_end_its_turn():
    assert RUN == 2
    trials = [*START, (at(WIDE, 0.3), 2.0), (at(WIDE, 0.4), 1.5)]
    assert had(trials) == of(WIDE) == [True, True, True, True, False, False]
    assert had([*START, (at(NARROW, 0.3), 4.0), (at(NARROW, 0.4), 3.5)]) == of(NARROW)


def test_it_goes_on_while_there_is_gain():
    assert had([*START, (at(WIDE, 0.3), 0.5), (at(WIDE, 0.4), 1.5)]) is None
    assert had([*START, (at(WIDE, 0.3), 2.0), (at(WIDE, 0.4), 0.5)]) is None


def test_a_gain_less_than_a_trial_is_worth_is_none():
    # The median of the first values lies 2 above the best, so that a trial is worth 0.002.
    trials = [*START, (at(WIDE, 0.3), 2.0)]
    assert had([*trials, (at(WIDE, 0.4), 0.999)]) == of(WIDE)
    assert had([*trials, (at(WIDE, 0.4), 0.990)]) is None
    assert had([*trials, (at(WIDE, 0.4), 0.999)], share=0.0) is None


def test_any_branch_may_follow_trials_in_two():
    assert had([*START, (at(NARROW, 0.3), 4.0), (at(WIDE, 0.4), 1.5)]) is None


def test_pending_trials_are_taken_by_their_branch():
    trials = [*START, (at(WIDE, 0.3), 2.0), (at(WIDE, 0.4), 1.5)]
    assert had(trials, [NARROW]) is None
    assert had(trials, [at(WIDE, 0.6), at(WIDE, 0.7)]) == of(WIDE)
    assert had(trials, [at(NARROW, 0.6), at(NARROW, 0.7)]) == of(NARROW)


def test_failed_trials_are_no_gain():
    assert had([*START, (at(WIDE, 0.3), math.nan), (at(WIDE, 0.4), math.nan)]) == of(WIDE)
    assert had([*START, (at(WIDE, 0.3), math.nan), (at(WIDE, 0.4), 0.5)]) is None


def test_only_what_keeps_its_bounds_is_a_gain():
    kept = [(c, v, -1.0) for c, v in START]
    assert had([*kept, (at(WIDE, 0.3), 0.5, 1.0), (at(WIDE, 0.4), 0.4, 1.0)]) == of(WIDE)
    assert had([*kept, (at(WIDE, 0.3), 0.5, 1.0), (at(WIDE, 0.4), 0.4, math.nan)]) == of(WIDE)
    broken = [(c, v, 1.0) for c, v in START]
    # The first that keeps them is worth more than any number.
    assert had([*broken, (at(WIDE, 0.3), 9.0, -1.0), (at(WIDE, 0.4), 9.0, 1.0)]) is None
    # Before it nothing is good enough to turn away from.
    assert had([*broken, (at(WIDE, 0.3), 0.5, 1.0), (at(WIDE, 0.4), 0.4, 1.0)]) is None


def test_nothing_is_lent_before_there_is_something_to_gain_on():
    assert had([]) is None
    assert had([(WIDE, 1.0)]) is None
    assert had([(WIDE, 1.0), (at(WIDE, 0.4), 2.0)]) is None
    assert had([(WIDE, math.nan), (at(WIDE, 0.4), math.nan)]) is None


def test_flat_spaces_have_no_turns():
    text = "x ~ uniform(0, 1)\nk ~ choice(a, b)"
    trials = [({"x": 0.1 * k, "k": "a"}, 1.0 + k) for k in range(9)]
    assert had(trials, text=text) is None


def searched(objective, trials, text=TEXT, batch=1, seed=1):
    """Every configuration asked, with its source."""
    opt = hpdsl.backend("bayes", hpdsl.loads(text), seed=seed)
    found = []
    while len(found) < trials:
        asked = [opt.ask() for _ in range(batch)]
        found += [(c, opt.explain(c)["source"]) for c in asked]
        for c in asked:
            opt.tell(c, objective(c))
    return found


def deceptive(config):
    """The better optimum lies in the narrow branch, beside a wall; the wide one is good nearly everywhere."""
    if config["kind"] == "wide":
        return 0.1 + 0.05 * sum((config[f"kind.{n}"] - 0.5) ** 2 for n in "abc")
    d, e = config["kind.d"], config["kind.e"]
    return 3.0 * (d - 0.8) ** 2 + 3.0 * (e - 0.2 - 0.5 * (d - 0.8)) ** 2


# Of these seeds none comes below 0.1 without turns.
@pytest.mark.parametrize("seed", [0, 2, 3, 4, 5, 7])
def test_the_better_branch_is_found_behind_one_that_is_good_everywhere(seed):
    found = searched(deceptive, 60, seed=seed)
    assert any(source == "turn" for _, source in found)
    assert min(deceptive(c) for c, _ in found) < 0.01


@pytest.mark.parametrize("batch", [1, 3])
def test_a_turn_is_taken_outside_of_the_branch_before(batch):
    found = searched(deceptive, 45, batch=batch)
    for k, (config, source) in enumerate(found):
        if source == "turn":
            assert {found[k - 1][0]["kind"], found[k - 2][0]["kind"]} == {"wide", "narrow"} - {config["kind"]}


def test_a_branch_goes_on_where_nothing_is_left_of_the_others():
    text = "on ~ bool()\nx ~ uniform(0, 1) when on\n"
    found = searched(lambda c: 1.0 if not c["on"] else c["x"] ** 2, 30, text)
    assert sum(not c["on"] for c, _ in found) == 1
    assert all(source != "turn" for c, source in found if c["on"])
    assert min(c["x"] for c, _ in found if c["on"]) < 1e-3


def test_a_branch_that_fails_is_not_given_turns():
    def crashing(config):
        return math.nan if config["kind"] == "narrow" else (config["kind.a"] - 0.4) ** 2 + config["kind.b"]

    turns = [c["kind"] for c, source in searched(crashing, 60) if source == "turn"]
    assert turns.count("wide") == len(turns)


def test_a_branch_that_breaks_a_bound_is_not_given_turns():
    text = TEXT + "minimize loss\nsubject to size <= 1\n"
    opt = hpdsl.backend("bayes", hpdsl.loads(text), seed=1)
    kinds = []
    for _ in range(60):
        config = opt.ask()
        kinds.append(config["kind"])
        loss = 0.0 if config["kind"] == "narrow" else 1.0 + (config["kind.a"] - 0.4) ** 2 + config["kind.b"]
        opt.tell(config, {"loss": loss, "size": 5.0 if config["kind"] == "narrow" else 0.5})
    assert kinds[20:].count("narrow") <= 4
