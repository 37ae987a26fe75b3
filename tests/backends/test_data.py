"""What was told, as arrays: computed once, shared by copies with other values, the same in whatever steps."""

import numpy as np
import pytest

import hpdsl
from hpdsl.backends.base import Observation
from hpdsl.backends.bayes import arrays
from hpdsl.backends.bayes.data import Data
from hpdsl.backends.bayes.embedding import Embedding
from hpdsl.backends.bayes.transform import targets

SPACE = hpdsl.loads("x ~ uniform(0, 1)\nc ~ choice(p, q)\nz ~ normal(0, 1) when c == p\n")


def told(n):
    data = Data(SPACE, 0.0, lambda number, d: np.full(d, number / 100))
    for k, config in enumerate(SPACE.sample(n, seed=1)):
        failed = k % 5 == 4
        data.append(Observation(config, (np.nan if failed else np.sin(k),), ()))
    return data


@pytest.mark.parametrize("goals", ["", "minimize a\nminimize b\n", "minimize a\nminimize b\nminimize d\n"])
def test_a_search_makes_one_embedding(monkeypatch, goals):
    made = []
    monkeypatch.setattr(
        Embedding, "__init__", lambda self, *a, init=Embedding.__init__: made.append(a) or init(self, *a)
    )
    opt = hpdsl.backend("bayes", hpdsl.loads("x ~ uniform(0, 1)\ny ~ uniform(0, 1)\n" + goals), seed=0, n_start=4)
    for _ in range(9):
        config = opt.ask()
        x, y = config["x"], config["y"]
        opt.tell(config, {"a": x, "b": y - x, "d": x * y} if goals else x)
    assert len(made) == 1


def test_copies_share_what_they_have_in_common_and_nothing_else():
    data = told(20)
    other = data.with_values(np.arange(16.0))
    assert other.embedding is data.embedding
    assert np.shares_memory(other.points(16), data.points(16))
    assert np.shares_memory(other.bad_points(), data.bad_points())
    other.pairs(16)
    assert data._pairs[0].shape[1] == 120
    before = data.targets(16).copy()
    np.testing.assert_array_equal(other.targets(16), targets(list(np.arange(16.0))))
    np.testing.assert_array_equal(data.targets(16), before)
    assert other.values != data.values
    # A later trial is no concern of the copy's.
    data.append(Observation({"x": 0.5, "c": "q"}, (3.0,)))
    assert (data.n_good, other.n_good) == (17, 16)
    assert len(other.points(other.n_good)) == 16
    assert len(other.by_value()) == len(other.feasible) == 16
    assert len(data.by_value()) == len(data.feasible) == 17


def test_targets_are_those_of_the_first_values_whatever_was_asked_before():
    data = told(30)
    for n in (24, 3, 24, 10, 11, 24):
        np.testing.assert_array_equal(data.targets(n), targets(data.values[:n]))
    data.append(Observation({"x": 0.5, "c": "q"}, (-9.0,)))
    np.testing.assert_array_equal(data.targets(25), targets(data.values))


@pytest.mark.parametrize("steps", [(24,), (1, 2, 3, 24), (10, 4, 23, 24)])
def test_points_and_pairs_are_the_same_in_whatever_steps(steps):
    data = told(30)
    for n in steps:
        assert len(data.points(n)) == n
        P = data.pairs(n)
        assert P.shape == (data.embedding.n_groups, n * (n - 1) // 2)
    E = data.embedding.of_configs([o.config for o in data._good])
    whole = np.empty_like(P)
    arrays.pair_distances(E, data.embedding.starts, 0, whole)
    np.testing.assert_array_equal(data.points(24), E)
    np.testing.assert_array_equal(P, whole)


def test_pending_configurations_are_read_once():
    data, read = told(12), []
    data.embedded = lambda configs: [read.append(c) or row for c, row in zip(configs, rows(configs), strict=True)]
    rows = data.embedding.of_configs
    a, b, c = ({"x": x, "c": "q"} for x in (0.1, 0.2, 0.3))
    for pending in ([], [a], [a, b], [b, c], [c], [a, c]):
        found = data.waiting(pending)
        assert found.shape == (len(pending), len(data.embedding.owner))
        if pending:
            np.testing.assert_array_equal(found, rows(pending))
        # Data with other values are asked for the same ones.
        np.testing.assert_array_equal(data.with_values(np.array(data.values)).waiting(pending), found)
    assert read == [a, b, c, a]
