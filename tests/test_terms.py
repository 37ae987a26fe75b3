"""Terms fold constants, drop units and compare by structure."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hpdsl.terms import Evaluator, Numbers, apply, columns_of, const, draw, load, walk

X = load(0)


def test_constants_fold_with_the_kernels_arithmetic():
    assert (const(2.0) ** 3 if False else apply("pow", const(2.0), const(3.0))).constant == 8.0
    assert math.isinf(apply("log", const(-1.0)).constant or 0.0)
    assert apply("take", const(1.0), data=(5.0, 7.0)).constant == 7.0


def test_units_drop_out():
    assert X + 0.0 is X
    assert 1.0 * X is X
    assert X / 1.0 is X
    assert apply("affine", X, data=(0.0, 1.0)) is X


def test_equal_structure_is_equal():
    a, b = (X + 1.0) * draw(2), (load(0) + 1.0) * draw(2)
    assert a == b
    assert hash(a) == hash(b)
    assert a != (X + 1.0) * draw(3)
    assert columns_of(a) == {0}


def test_walk_visits_operands_first_and_once():
    shared = X + 1.0
    order = list(walk(apply("max", shared * shared, shared)))
    assert len(order) == len(set(order)) == 5
    for k, term in enumerate(order):
        assert all(a in order[:k] for a in term.args)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(0.5, 4))
def test_the_evaluator_does_what_python_does(x, y):
    row = Evaluator({0: x, 1: y})
    assert row.value(X + load(1)) == x + y or math.isinf(x + y)
    assert row.value(apply("floordiv", X, load(1))) == x // y or not math.isfinite(x // y)
    assert row.value(apply("le", X, load(1))) == float(x <= y)
    assert np.isnan(row.value(load(7) + X))


class Watched(float):
    """A number that counts how often it is hashed."""

    hashed = 0

    def __hash__(self):
        Watched.hashed += 1
        return super().__hash__()


def test_many_numbers_are_hashed_once():
    numbers = Numbers([Watched(1.0), Watched(2.0)])
    terms = {apply("take", load(k), data=numbers) for k in range(50)}
    assert len(terms) == 50
    assert apply("take", load(3), data=numbers) in terms
    assert Watched.hashed == 2
    assert numbers == (1.0, 2.0)
    assert hash(numbers) == hash((1.0, 2.0))
    assert Numbers([1.0, 3.0]) != numbers


def test_picking_counts_the_thresholds_that_are_not_above():
    assert [apply("pick", const(x), data=(1.0, 2.0, 2.0, 5.0)).constant for x in (0.5, 1.0, 2.0, 4.9, 9.0)] == [
        0.0,
        1.0,
        3.0,
        3.0,
        4.0,
    ]
    assert math.isnan(apply("pick", const(math.nan), data=(1.0,)).constant)
