"""The compiled executor gives the bits of plain Python and of numpy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernels.tables import CONSTANTS, NO_ROWS, NONE, SLOW, Case, bits, operands, program

from hpdsl.kernels import interpreter, single, twin
from hpdsl.kernels.scalar import SCALAR
from hpdsl.ops import OPS


@pytest.mark.parametrize("name", sorted(SCALAR))
def test_operations_agree_on_special_values(name):
    rng = np.random.default_rng(OPS[name].code)
    x = operands(name, rng, 150 if name in SLOW else 2000)
    if name in CONSTANTS:
        x = x[:, :200]
    n = x.shape[1]
    M = np.vstack([x, np.zeros((1, n))])
    loads = [("load", k, 0, 0, 0, k) for k in range(len(x))]
    with np.errstate(all="ignore"):
        from_twin = twin.FUNCTIONS[name](*x)
    from_python = np.array([SCALAR[name](*column) for column in x.T.tolist()])
    if name in CONSTANTS:
        for i in range(n):
            one = np.ascontiguousarray(M[:, i : i + 1])
            code = program(loads[0], (name, 1, 0), ("store", 0, 1, 0, 0, len(x)))
            interpreter.execute(
                code,
                x[1:, i].copy(),
                np.empty(0),
                np.empty((0, 2), np.uint32),
                2,
                1,
                0,
                NO_ROWS,
                NO_ROWS,
                NONE,
                NONE,
                one,
                0,
                1,
            )
            M[-1, i] = one[-1, 0]
    else:
        code = program(*loads, (name, 3, 0, 1, 2), ("store", 0, 3, 0, 0, len(x)))
        nothing = np.empty(0)
        keys = np.empty((0, 2), np.uint32)
        interpreter.execute(code, nothing, nothing, keys, 4, 1, 0, NO_ROWS, NO_ROWS, NONE, NONE, M, 0, n)
    np.testing.assert_array_equal(bits(from_python), bits(from_twin))
    np.testing.assert_array_equal(bits(from_python), bits(M[-1]))


@settings(max_examples=400)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_random_tables_agree(seed, n):
    case = Case(seed, n)
    expected = bits(case.run(single.execute))
    np.testing.assert_array_equal(expected, bits(case.run(twin.execute)))
    np.testing.assert_array_equal(expected, bits(case.run(interpreter.execute)))


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_chunks_and_splits_change_nothing(seed, part):
    n = 2 * interpreter.CHUNK + 77
    case = Case(seed, n)
    whole = bits(case.run(interpreter.execute))
    np.testing.assert_array_equal(whole, bits(case.run(twin.execute)))
    low, high = part * 50 - 1, part * 50 + 13
    some = bits(case.run(interpreter.execute, low, high))
    np.testing.assert_array_equal(whole[:, low:high], some[:, low:high])
    few = bits(case.run(single.execute, low, high))
    np.testing.assert_array_equal(whole[:, low:high], few[:, low:high])
    # Lanes outside the range keep what they held.
    untouched = bits(case.M)
    np.testing.assert_array_equal(untouched[:, :low], some[:, :low])
    np.testing.assert_array_equal(untouched[:, high:], some[:, high:])


def test_an_unknown_code_is_refused():
    code = np.array([[len(OPS), 0, 0, 0, 0, 0]], np.int32)
    for execute in (interpreter.execute, twin.execute, single.execute):
        with pytest.raises(ValueError, match="not in the table"):
            execute(
                code,
                np.empty(0),
                np.empty(0),
                np.empty((0, 2), np.uint32),
                1,
                1,
                0,
                NO_ROWS,
                NO_ROWS,
                NONE,
                NONE,
                np.zeros((1, 3)),
                0,
                3,
            )
