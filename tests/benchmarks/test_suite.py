"""The problems of the benchmarks are sound, and the report's statistics are what they say."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

import hpdsl

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import report
from runs import course, files, reached, stored
from suite import WRITTEN, get, select

# Its modules share names with folders of the tests.
sys.path.pop()

NAMES = [name for module in WRITTEN.values() for name in module.FUNCTIONS]


@pytest.mark.parametrize("name", NAMES)
def test_values_are_finite_and_none_is_below_the_best(name):
    problem = get(name)
    space = hpdsl.loads(problem.text)
    values = problem.values(list(space.sample(20, seed=1)))
    assert np.isfinite(values).all()
    assert problem.best <= values.min()
    assert problem.best < problem.median


def test_noise_is_that_of_problem_and_seed():
    problem = get("branin~0.1")
    assert np.array_equal(problem.noise(3, 10), problem.noise(3, 10))
    assert not np.array_equal(problem.noise(3, 10), problem.noise(4, 10))
    assert not get("branin").noise(3, 10).any()
    assert problem.noise(0, 20_000).std() == pytest.approx(0.1 * (problem.median - problem.best), rel=0.02)


def test_groups_and_names_select_each_problem_once():
    assert select("branin,flat").count("branin") == 1
    assert set(NAMES) < set(select("all"))


# ---- the report ------------------------------------------------------------------------------------------


def made_up(peer, problem, seed, regret, **more):
    """A run of ten trials, on a scale from 0 to 1, that reaches a regret at its second."""
    values = [1.0, *[regret] * 9]
    return {"peer": peer, "problem": problem, "seed": seed, "scale": [0.0, 1.0], "values": values, **more}


@pytest.fixture
def path(tmp_path):
    cost = {"asking": 1.0, "telling": 0.5, "seconds": [0.1, 0.2]}
    runs = [made_up("we", p, s, 0.01, **cost) for p in ("one", "two", "three") for s in range(4)]
    runs += [made_up("they", p, s, 0.1, **cost) for p in ("one", "two", "three") for s in range(3)]
    runs += [made_up("same", "one", 0, 0.01), made_up("failed", "one", 0, 0.5, error="trial 1")]
    path = tmp_path / "runs.jsonl"
    lines = [json.dumps(run | ({"values": []} if "error" in run else {})) for run in runs]
    path.write_text("\n".join(lines) + '\n{"peer": "cut sh')
    return path


def test_a_peer_is_compared_over_what_both_have_run(path):
    runs = stored(files([path]))
    they = report.compare(runs, "they", "we", {"one", "two", "three"})
    assert they.pairs == 9
    assert they.ratio == pytest.approx(10)
    assert they.ratio_interval == pytest.approx((10, 10))
    assert they.outcomes == (9, 0, 0)
    assert they.rank == 1
    assert they.total == they.total_reference == pytest.approx(13.5)
    assert they.seconds[0] == pytest.approx(0.15)
    same = report.compare(runs, "same", "we", {"one", "two", "three"})
    assert (same.pairs, same.ratio, same.outcomes, same.p, same.ratio_interval) == (1, 1, (0, 1, 0), 1, None)


def test_a_run_without_a_value_stands_at_the_median(path):
    failed = report.compare(stored(files([path])), "failed", "we", {"one"})
    assert failed.regrets == [1, 1, 1]
    assert failed.failures == 1


def test_mean_ranks_share_tied_places(path):
    runs = stored(files([path]))
    assert report.mean_ranks(runs, ["we", "they", "same"], {"one"}) == ({"we": 1.5, "they": 3.0, "same": 1.5}, 1)


def test_regrets_have_a_floor():
    assert 10 ** report.standing(made_up("we", "one", 0, 1e-9)) == pytest.approx(report.FLOOR)


def test_holm_never_falls_and_ends_at_one():
    assert report.holm([0.04, 0.01, 0.5]) == pytest.approx([0.08, 0.03, 0.5])
    assert report.holm([0.9, 0.8]) == [1.0, 1.0]


def test_intervals_are_of_seeds_within_problems():
    apart = [np.zeros(5), np.ones(5)]
    assert report.interval(apart) == (0.5, (0.5, 0.5))
    middle, (low, high) = report.interval([np.array([0.0, 1.0])] * 20)
    assert low < middle == 0.5 < high
    assert report.interval([np.array([2.0])]) == (2.0, None)


def test_under_noise_what_is_recommended_counts():
    noisy = {"values": [0.5, 0.1, 0.4], "true": [0.4, 0.3, 0.2], "recommended": {"25": 0.25}}
    run = made_up("we", "one~0.1", 0, 0.2) | noisy
    assert course(run, 5).tolist() == [0.4, 0.3, 0.3, 0.3, 0.3]
    assert reached(run, 100) == 0.25


def test_steps_stand_for_values():
    run = made_up("we", "one", 0, 0.0) | {"values": [[1, 3.0], [3, 2.0]]}
    assert course(run, 4).tolist() == [3.0, 3.0, 2.0, 2.0]


def test_the_tables_name_every_peer(path):
    runs = stored(files([path]))
    text = report.tables(runs, ["we", "they", "same", "failed"], "we", ["one", "two", "three"])
    assert all(f"| {name} |" in text for name in ("we", "they", "same", "failed"))
