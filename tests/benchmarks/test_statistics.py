"""A slice of the statistics in benchmarks/statistics: fewer rows, the same checks and the same correction.

Holm's correction keeps the probability of a false alarm of each test below 1e-6.
"""

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

FOLDER = str(Path(__file__).parents[2] / "benchmarks" / "statistics")
# Its modules have short names.
sys.path.insert(0, FOLDER)
try:
    import joint
    import marginals
    import streams
    from checks import Check, chi_square, holm, uniform
finally:
    sys.path.remove(FOLDER)

N = 20_000


@pytest.mark.parametrize("part", [*marginals.PARTS, *joint.PARTS], ids=lambda part: part.__name__)
def test_laws(part):
    found = list(part(N, 1))
    assert found
    assert not holm(found)


def test_streams():
    found = [c for name, m in streams.sequences(2**15) for c in streams.alone(name, m)]
    found += [c for name, a, b in streams.pairs(2**15) for c in streams.together(name, a, b)]
    assert len(found) > 250
    assert not holm(found)


# ---- the checks see what they are for ---------------------------------------------------------------


def test_holm_allows_for_the_number_of_checks():
    def checks(*ps):
        return [Check(str(k), "t", p, 1) for k, p in enumerate(ps)]

    assert [c.p for c in holm(checks(3e-7, 1e-9, 0.5))] == [1e-9, 3e-7]
    assert [c.p for c in holm(checks(6e-7, 1e-9, 0.5))] == [1e-9]
    assert holm(checks(*[6e-7] * 10)) == []


@pytest.mark.parametrize("wrong", [lambda u: u**1.2, lambda u: np.clip(u, 0.01, 0.99), lambda u: np.round(u, 1)])
def test_what_is_not_uniform_fails(wrong):
    u = np.random.default_rng(0).random(N)
    assert not holm(list(uniform("u", u)))
    assert holm(list(uniform("u", np.minimum(wrong(u), 1 - 1e-12))))


def test_small_cells_are_put_together_without_looking_at_counts():
    rng = np.random.default_rng(0)
    found = [chi_square("x", "t", rng.multinomial(1000, [0.001] * 1000), [1.0] * 1000).p for _ in range(200)]
    # n = 200; a false alarm once in 1e6 runs.
    assert stats.kstest(found, "uniform").pvalue > 1e-6


@pytest.mark.parametrize(
    ("wrong", "test"),
    [
        (lambda m: m | np.uint64(1), "ones of every bit"),
        (lambda m: np.sort(m), "serial correlation, lag 1"),
        (lambda m: np.repeat(m[::2], 2), "ones in successive integers"),
        (lambda m: m - m % np.uint64(2**20), "birthday spacings of the 32 lowest bits"),
        (lambda m: np.tile(m[: len(m) // 4], 4), "collisions of the 20 highest bits"),
    ],
)
def test_streams_that_are_not_random_fail(wrong, test):
    m = np.random.default_rng(0).integers(0, 2**52, 2**15, dtype=np.uint64)
    assert not holm(list(streams.alone("x", m)))
    assert test in {c.test for c in holm(list(streams.alone("x", wrong(m))))}


def test_streams_that_go_together_fail():
    m = np.random.default_rng(0).integers(0, 2**52, 2**15, dtype=np.uint64)
    assert len(holm(list(streams.together("x", m, m ^ np.uint64(2**51))))) > 2
