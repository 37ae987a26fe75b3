"""Under noise the best trial is the one that the model expects most of, and everything says so."""

import numpy as np
from cli.helpers import run

import hpdsl
from hpdsl.study.recommendation import parse

SPEC = "x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nminimize loss\n"


def noisy(config):
    key = int(1e6 * config["x"]) * 1_000_003 + int(1e6 * config["y"])
    return (config["x"] - 0.3) ** 2 + config["y"] + 0.5 * np.random.default_rng(key).normal()


def quiet(config):
    return (config["x"] - 0.3) ** 2 + config["y"]


def test_the_recommended_trial_is_best_and_is_kept(tmp_path):
    path = tmp_path / "a.db"
    study = hpdsl.tune(noisy, SPEC, trials=30, store=path)
    told = min(study.trials, key=lambda t: t.value)
    best = study.best_trial
    assert study.recommendation is not None
    assert study.best_value > told.value
    assert quiet(best.config) <= quiet(told.config)
    again = hpdsl.open_study(path)
    assert again.recommendation == study.recommendation
    assert again.best_trial.number == best.number
    line = run("best", path).output.splitlines()[0]
    assert f"expected   (trial {best.number}, of 30, which measured" in line
    assert "values are noisy" in line
    assert '"expected": ' in run("best", path, "--format", "json").output


def test_without_noise_the_best_value_told_is_best(tmp_path):
    path = tmp_path / "a.db"
    study = hpdsl.tune(quiet, SPEC, trials=25, store=path)
    assert study.recommendation is None
    assert study.best_value == min(t.value for t in study.trials) == hpdsl.open_study(path).best_value


def test_a_recommendation_that_no_longer_fits_is_forgotten(tmp_path):
    path = tmp_path / "a.db"
    study = hpdsl.tune(noisy, SPEC, trials=30, store=path)
    assert parse(study.recommendation.text(), study.trials) == study.recommendation
    assert parse(study.recommendation.text(), study.trials[:-1]) is None
    assert parse("{", study.trials) is None
    assert parse('{"number": 1}', study.trials) is None
    # Continued by nothing more than one trial, it is made anew.
    more = hpdsl.tune(noisy, SPEC, trials=31, store=path)
    assert more.recommendation is None or more.recommendation.finished == 31
