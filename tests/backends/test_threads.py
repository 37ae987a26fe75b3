"""The limit on linear algebra's threads: set while anybody is inside, lifted after the last."""

import numpy as np
import pytest

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
