import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from study.helpers import FINITE, SPEC, awkward, loss, summary

import hpdsl
from hpdsl import registry
from hpdsl.study.trial import OUTPUT_LIMIT, TrialFailure

BACKENDS = ["random", "grid", "climber"]


@pytest.fixture(autouse=True)
def climber(monkeypatch):
    monkeypatch.setitem(registry.BUILT_IN, "climber", "study.climber:Climber")


def tune(objective=loss, space=SPEC, **changes):
    return hpdsl.tune(objective, space, **{"backend": "random", "trials": 5, **changes})


def one(result, space="x ~ uniform(0, 1)\n"):
    """The trial of an objective that returns or raises one thing, and the one after it."""

    def objective(config):
        if calls.append(config) is None and len(calls) == 2:
            return 1.0
        if isinstance(result, BaseException):
            raise result
        return result

    calls = []
    study = tune(objective, space, trials=2)
    assert study.trials[1].state == "complete" or space != "x ~ uniform(0, 1)\n"
    assert study.ended == "budget"
    return study.trials[0]


# ---- the objective zoo -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "value"),
    [
        (0.25, 0.25),
        (3, 3.0),
        (np.float32(0.5), 0.5),
        (np.int8(-3), -3.0),
        (np.array(2.5), 2.5),
        (Fraction(1, 4), 0.25),
        (Decimal("0.125"), 0.125),
        ({"anything": 4}, 4.0),
    ],
)
def test_real_scalars_are_values(result, value):
    trial = one(result)
    assert (trial.state, trial.value, trial.reason, trial.output) == ("complete", value, "", "")
    assert type(trial.value) is float


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (None, "returned None"),
        (math.nan, "returned NaN"),
        (np.float64("nan"), "returned NaN"),
        (Decimal("sNaN"), "returned NaN"),
        (math.inf, "returned infinity"),
        (-math.inf, "returned -infinity"),
        (10**400, "returned infinity"),
        (-(10**5000), "returned -infinity"),
        ("0.5", "returned '0.5', a str, not a number"),
        (1 + 2j, "returned (1+2j), a complex, not a number"),
        (np.complex128(1), "returned np.complex128(1+0j), a complex128, not a number"),
        ([0.5], "returned [0.5], a list, not a number"),
        (np.array([1.0]), "returned array([1.]), a ndarray, not a number"),
        ({}, "returned nothing, no outcome to optimise"),
        (True, "returned True, a bool, not a number"),
        (np.bool_(False), "returned np.False_, a bool, not a number"),
        ({"a": True}, "returned a = True, a bool, not a number"),
        (np.ma.masked, "returned NaN"),
        (np.ma.array(2.5, mask=True), "returned NaN"),
        ({"a": math.nan}, "returned a = NaN"),
        (ValueError("bad\nvalue"), "raised ValueError: bad value"),
        (KeyError(), "raised KeyError"),
        (SystemExit(3), "raised SystemExit: 3"),
        (MemoryError(), "raised MemoryError"),
        (RecursionError("too deep"), "raised RecursionError: too deep"),
        (UnicodeError("\ud800\0"), "raised UnicodeError: \\ud800\\x00"),
        (TrialFailure("gave up", "its output"), "gave up"),
        (StopIteration(), "raised StopIteration"),
        (hpdsl.StoreError("mine"), "raised StoreError: mine"),
    ],
    ids=lambda v: str(v)[:20] if not isinstance(v, int) else "int",
)
def test_everything_else_is_a_failure_and_the_study_goes_on(result, reason):
    trial = one(result)
    assert (trial.state, trial.reason) == ("failed", reason)


def test_the_objective_must_be_among_the_outcomes():
    assert one({}, SPEC).reason == "returned no `loss`, but nothing"
    assert one({"loss": "low"}, SPEC).reason == "returned loss = 'low', a str, not a number"
    trial = one({"loss": 1, "time": np.float32(2), "note": "fine"}, SPEC)
    assert (trial.value, trial.outcomes) == (1.0, {"loss": 1.0, "time": 2.0})
    assert one(3, SPEC).outcomes == {"loss": 3.0}


GOALS = {
    "one": SPEC,
    "none": "x ~ uniform(0, 1)\n",
    "two": "x ~ uniform(0, 1)\nminimize loss\nmaximize gain\n",
    "bounded": "x ~ uniform(0, 1)\nminimize loss\nsubject to ms <= 40\n",
}


@pytest.mark.parametrize(
    ("goals", "result", "words"),
    [
        ("one", {"acc": 1, "time": 2}, ["returned acc, time, but no `loss`;", "the space says minimize loss: return"]),
        ("one", {"los": 1}, ["returned los, but no `loss` (did you mean `loss` by `los`?)", '{"loss": …}', "or None"]),
        ("none", {"a": 1, "b": 2}, ["returned a, b, but the space does not say which to optimise", "minimize NAME"]),
        ("two", 1.5, ["a single number", "minimize loss, maximize gain", '{"loss": …, "gain": …}']),
        ("two", {"loss": None, "gian": 1}, ["but no `gain` (did you mean `gain` by `gian`?)"]),
        ("bounded", 1.5, ["a single number", "minimize loss, subject to ms <= 40", '{"loss": …, "ms": …}']),
        ("bounded", {"loss": 1.0}, ["returned loss, but no `ms`"]),
    ],
)
def test_outcomes_of_other_names_end_the_study_at_once(tmp_path, goals, result, words):
    calls, store = [], tmp_path / "study.db"

    def objective(config):
        calls.append(config)
        return None if len(calls) == 1 else result

    with pytest.raises(hpdsl.UnknownNameError) as caught:
        tune(objective, GOALS[goals], store=store)
    for word in words:
        assert word in str(caught.value), str(caught.value)
    assert len(calls) == 2
    # The trial waits, and once the objective is mended its values are tried again.
    assert [t.state for t in hpdsl.open_study(store).trials] == ["failed", "waiting"]
    right = {"loss": 1.0, "gain": 2.0, "ms": 3.0} if goals != "none" else 1.0
    study = tune(lambda c: calls.append(c) or right, GOALS[goals], store=store)
    assert calls[2] == calls[1]
    assert [t.state for t in study.trials] == ["failed", *["complete"] * 4]


def test_what_is_reported_with_a_failure_need_not_be_complete():
    trial = one(hpdsl.study.trial.TrialFailure("diverged", result={"acc": 1.0}), SPEC)
    assert (trial.state, trial.reason) == ("failed", "diverged")


def test_truth_among_further_outcomes_is_a_number():
    assert one({"loss": 1, "converged": True}, SPEC).outcomes == {"loss": 1.0, "converged": 1.0}


def test_failures_are_never_best():
    values = iter([math.nan, -math.inf, 5.0, None, 4.0])
    assert tune(lambda c: next(values)).best_value == 4.0
    values = iter([math.nan, math.inf, 5.0, None, 4.0])
    best = tune(lambda c: next(values), SPEC.replace("minimize", "maximize"))
    assert (best.best_value, best.best_trial.number) == (5.0, 2)


def test_no_success_is_said_with_the_last_reason():
    with pytest.raises(hpdsl.UnknownNameError, match="no trial has succeeded yet, of 5; the last one returned None"):
        _ = tune(lambda c: None).best_value


def deep(n):
    if n:
        return deep(n - 1)
    raise ValueError("x" * 100_000)


def test_tracebacks_show_the_users_frames_only():
    trial = one(ValueError("boom"))
    assert trial.output.startswith("Traceback")
    assert "test_loop.py" in trial.output
    assert "hpdsl/study" not in trial.output
    long = tune(lambda c: deep(50), trials=1).trials[0]
    assert len(long.output.encode()) <= OUTPUT_LIMIT
    assert len(long.reason) <= 300


def test_exceptions_that_can_not_be_shown():
    class RudeError(Exception):
        def __str__(self):
            raise RuntimeError

    class Rude:
        def __repr__(self):
            raise RuntimeError

    assert one(RudeError()).reason == "raised RudeError: (its message can't be shown)"
    assert one(Rude()).reason == "returned something, a Rude, not a number"


def test_objectives_can_not_change_what_was_proposed():
    def vandal(config):
        config.clear()
        return 1.0

    assert set(tune(vandal, trials=1).trials[0].config) >= {"x", "k"}


# ---- budget ----------------------------------------------------------------------------------------


def test_trials_is_the_total(tmp_path):
    store = tmp_path / "study.db"
    calls = []

    def counted(config):
        calls.append(config)
        return loss(config)

    for total, expected in ((3, 3), (3, 3), (7, 7), (5, 7)):
        study = tune(counted, trials=total, store=store)
        assert (len(calls), len(study.trials), study.ended) == (expected, expected, "budget")


@pytest.mark.parametrize("backend", ["random", "grid"])
def test_a_finite_space_ends_the_study(tmp_path, backend):
    store = tmp_path / "study.db"
    for _ in range(2):
        study = tune(lambda c: len(c["k"]), FINITE, backend=backend, trials=50, store=store)
        assert study.ended == "exhausted"
        assert len({repr(t.config) for t in study.trials}) == len(study.trials) == 6


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_resumed_study_equals_one_in_one_go(tmp_path, backend):
    whole = tune(awkward, backend=backend, trials=12, seed=5)
    assert backend == "grid" or {t.state for t in whole.trials} == {"complete", "failed"}
    for total in (1, 2, 6, 7, 12):
        parts = tune(awkward, backend=backend, trials=total, seed=5, store=tmp_path / "study.db")
    assert summary(parts) == summary(whole)
    assert summary(hpdsl.open_study(tmp_path / "study.db")) == summary(whole)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_interrupted_trial_waits_and_is_run_again(tmp_path, backend):
    store = tmp_path / "study.db"
    seen = []

    def interrupted(config):
        seen.append(config)
        if len(seen) in (1, 4, 5, 9):
            raise KeyboardInterrupt
        return awkward(config)

    for _ in range(4):
        with pytest.raises(KeyboardInterrupt):
            tune(interrupted, backend=backend, trials=8, store=store)
        stored = hpdsl.open_study(store).trials
        assert [t.state for t in stored].count("waiting") == 1
        assert "running" not in [t.state for t in stored]
        assert stored[-1].config == seen[-1]
    study = tune(interrupted, backend=backend, trials=8, store=store)
    assert seen[3] == seen[4] == seen[5]
    assert summary(study) == summary(tune(awkward, backend=backend, trials=8))


def test_try_points_come_first():
    study = tune(loss, SPEC + "try { x = 0.25, k = b }\n", trials=2)
    assert study.trials[0].config == {"x": 0.25, "k": "b", "twice": 0.5}


def test_on_trial_sees_each_trial_once_and_may_stop_the_study(tmp_path):
    seen = []

    def on_trial(study, trial):
        assert study.trials[-1] is trial
        seen.append(trial.number)
        if len(seen) == 2:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        tune(store=tmp_path / "study.db", on_trial=on_trial)
    tune(store=tmp_path / "study.db", on_trial=on_trial)
    assert seen == [0, 1, 2, 3, 4]


# ---- arguments -------------------------------------------------------------------------------------


def test_space_as_path_text_or_space(tmp_path):
    file = tmp_path / "space.hp"
    file.write_text(SPEC)
    spaces = [SPEC, file, str(file), hpdsl.load(file), hpdsl.loads(SPEC)]
    assert len({repr(summary(tune(space=space))) for space in spaces}) == 1
    assert tune(lambda c: c["x"], "x ~ uniform(0, 1)").space.names == ("x",)
    with pytest.raises(hpdsl.UsageError, match="no such file"):
        tune(space="~/no-such-space.hp")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"objective": "train.py:f"}, "must be a function"),
        ({"space": 3}, "space must be"),
        ({"backend": 3}, "name of a backend"),
        ({"trials": 0}, "positive integer"),
        ({"trials": 2.5}, "positive integer"),
        ({"trials": True}, "positive integer"),
        ({"seed": "a"}, "seed must be an integer"),
        ({"store": "sqlite:///study.db"}, "path of a file"),
        ({"store": 3}, "path of a file"),
        ({"store": " "}, "path of a file"),
        ({"on_trial": 3}, "on_trial must be"),
        ({"levels": 3}, "no option `levels`"),
        ({"space": "x ~ uniform(0, \n"}, "error"),
    ],
)
def test_wrong_arguments_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        tune(**changes)


def test_unknown_backends_are_named():
    with pytest.raises(hpdsl.UnknownNameError, match="no backend is called `rnadom`; did you mean `random`"):
        tune(backend="rnadom")


def test_options_that_can_not_be_stored_are_refused():
    with pytest.raises(hpdsl.UsageError, match="option of the backend `climber`"):
        tune(backend="climber", reach=object())


def test_numpy_counts_and_seeds_do():
    assert summary(tune(trials=np.int64(4), seed=np.int32(2))) == summary(tune(trials=4, seed=2))
