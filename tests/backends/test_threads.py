"""The limit on linear algebra's threads: set while anybody is inside, lifted after the last."""

import numpy as np
import pytest

import hpdsl
from hpdsl.backends.bayes import threads

threadpoolctl = pytest.importorskip("threadpoolctl")


@pytest.fixture
def two_threads():
    np.dot(np.ones((2, 2)), np.ones((2, 2)))
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        yield


def counts():
    return {p["num_threads"] for p in threadpoolctl.threadpool_info() if p["user_api"] == "blas"}


def test_the_limit_is_lifted_by_the_last_to_leave(two_threads):
    before = counts()
    first, second = threads.one_thread(), threads.one_thread()
    first.__enter__()
    second.__enter__()
    assert counts() == {1}
    first.__exit__(None, None, None)
    assert counts() == {1}
    second.__exit__(None, None, None)
    assert counts() == before


def test_the_limit_is_lifted_after_an_error(two_threads):
    before = counts()
    with pytest.raises(ZeroDivisionError), threads.one_thread():
        raise ZeroDivisionError
    assert counts() == before


def test_without_threadpoolctl_there_is_no_limit(monkeypatch):
    monkeypatch.setattr(threads, "_controller", lambda: None)
    with threads.one_thread():
        pass
    assert threads._inside == 0


TEXT = "x[5] ~ uniform(0, 1)\ns ~ loguniform(1e-3, 1)\nc ~ choice(p, q, r)\nz ~ uniform(0, 1) when c == p\n"


def rough(config):
    x = np.array(config["x"])
    return float(((x - 0.3) ** 2).sum() + 0.3 * np.cos(90.0 * x).prod() + config["s"] + 0.1 * (config["c"] == "q"))


@pytest.mark.parametrize("first", ["acquisition", "surrogate", "best", "ask"])
def test_a_live_study_equals_a_resumed_one_whoever_asks_first(two_threads, first):
    """A fit on two threads has other last bits; which is the first to need it must not matter."""
    space = hpdsl.loads(TEXT)
    configs = list(space.sample(140, seed=3))
    live, resumed = (hpdsl.backend("bayes", space, seed=0) for _ in range(2))
    for config in configs:
        live.tell(config, rough(config))
        resumed.tell(config, rough(config))
    before = counts()
    assert before == {2}
    looks = {
        "acquisition": lambda: live.acquisition(configs[:3]),
        "surrogate": lambda: live.surrogate.predict(configs[:3]),
        "best": lambda: live.best,
        "ask": lambda: None,
    }
    looks[first]()
    # The chain of fits itself, then what rests on it.
    resumed_theta = resumed._theta()
    np.testing.assert_array_equal(live._theta(), resumed_theta)
    for _ in range(3):
        config = live.ask()
        assert resumed.ask() == config
        live.tell(config, rough(config))
        resumed.tell(config, rough(config))
        looks[first]()
    np.testing.assert_array_equal(live.acquisition(configs[:9]), resumed.acquisition(configs[:9]))
    assert live.best == resumed.best
    assert counts() == before
