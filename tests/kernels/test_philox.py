"""Philox against its published vectors, and the uniforms as a pure function of key, row and attempt."""

import numpy as np
import pytest
from kernels.tables import NO_ROWS, NONE, bits, program

from hpdsl.kernels import interpreter, philox, single, twin
from hpdsl.kernels.primitives import PYTHON

EMPTY = np.empty(0)
KEYS = np.array([[0, 0], [1, 2], [0xFFFFFFFF, 0xFFFFFFFE]], np.uint32)
DRAWS = program(*[(op, s, s, 0, 0, s) for s in range(3) for op in ("draw", "store")])


def draw(execute, n, start=0, rows=NO_ROWS, attempts=NO_ROWS, low=0):
    M = np.zeros((3, n))
    execute(DRAWS, EMPTY, EMPTY, KEYS, 3, 1, start, rows, attempts, NONE, NONE, M, low, n)
    return M


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_known_answers(counter, key, words):
    # The vectors of the Random123 distribution (kat_vectors, philox4x32 10).
    assert list(philox.build(PYTHON).block(*counter, *key)) == words


def test_words_make_uniforms_as_documented():
    block = philox.build(PYTHON).block
    row, attempt, key = 2**40 + 7, 2**33 + 5, (1, 2)
    w = block((row // 2) & 0xFFFFFFFF, row // 2 >> 32, attempt & 0xFFFFFFFF, attempt >> 32, *key)
    assert single.uniform(key, row, attempt) == (((w[3] << 32 | w[2]) >> 12) + 0.5) * 2.0**-52
    assert single.uniform(key, row - 1, attempt) == (((w[1] << 32 | w[0]) >> 12) + 0.5) * 2.0**-52


def test_uniforms_stay_inside():
    uniform = philox.build(PYTHON).uniform
    assert uniform(0, 0) == 2.0**-53
    assert uniform(0xFFFFFFFF, 0xFFFFFFFF) == 1.0 - 2.0**-53


@pytest.mark.parametrize("execute", [interpreter.execute, twin.execute, single.execute])
def test_uniforms_depend_on_key_row_and_attempt_alone(execute):
    n = 60
    expected = np.array([[single.uniform(k, 1001 + i, 0) for i in range(n)] for k in KEYS.tolist()])
    everything = bits(expected)
    np.testing.assert_array_equal(everything, bits(draw(execute, n, start=1001)))
    np.testing.assert_array_equal(everything[:, 7:], bits(draw(execute, n - 7, start=1008)))
    np.testing.assert_array_equal(everything[:, 7:], bits(draw(execute, n, start=1001, low=7))[:, 7:])
    order = np.random.default_rng(3).permutation(n)
    np.testing.assert_array_equal(everything[:, order], bits(draw(execute, n, rows=1001 + order)))
    tries = np.arange(n, dtype=np.int64) % 3 + 2**32
    tried = [[single.uniform(k, 1001 + i, int(t)) for i, t in enumerate(tries)] for k in KEYS.tolist()]
    np.testing.assert_array_equal(bits(np.array(tried)), bits(draw(execute, n, start=1001, attempts=tries)))


@pytest.mark.parametrize("execute", [interpreter.execute, twin.execute])
def test_a_region_draws_what_all_lanes_would(execute):
    n = 3000
    whole = draw(execute, n, start=5)
    code = program(
        ("draw", 0, 0, 0, 0, 0),
        ("affine", 1, 0, 0, 0, 0),
        ("floor", 1, 1),
        ("region", 0, 1, 0, 0, 1),
        ("fill", 0, 0, 0, 0, 1),
        ("enter", 0, 0, 0, 0, 1),
        ("draw", 2, 0, 0, 0, 1),
        ("store", 0, 2, 0, 0, 1),
    )
    M = np.zeros((3, n))
    execute(code, np.array([0.3, 1.0]), EMPTY, KEYS, 3, 2, 5, NO_ROWS, NO_ROWS, NONE, NONE, M, 0, n)
    inside = whole[0] >= 0.7
    assert 700 < inside.sum() < 1100
    np.testing.assert_array_equal(M[1, inside], whole[1, inside])
    assert np.isnan(M[1, ~inside]).all()


def test_uniforms_are_uniform():
    # Chi-square over 256 cells, n = 1.2e6: mean 255, standard deviation 22.6; beyond 255 +- 5.4 sd by
    # chance alone with probability below 1e-6 for each key.
    M = draw(interpreter.execute, 1_200_000, start=12345)
    for u in M:
        counts = np.bincount((u * 256).astype(int), minlength=256)
        expected = len(u) / 256
        assert 140 < ((counts - expected) ** 2 / expected).sum() < 380
    # Correlations between streams and between neighbours: sd 1 / sqrt(n) = 9.1e-4; 5.5 sd is 5e-3.
    assert abs(np.corrcoef(M) - np.eye(3)).max() < 5e-3
    assert abs(np.corrcoef(M[0, 1:], M[0, :-1])[0, 1]) < 5e-3
