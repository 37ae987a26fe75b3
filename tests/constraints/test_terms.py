"""Analysis and rewriting of terms: supersets of the truth, and the same values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpdsl.constraints.reach import Reach, Reaches, between, exactly
from hpdsl.constraints.rewrite import Regrouper
from hpdsl.constraints.vectors import Values
from hpdsl.terms import Evaluator, apply, const, load

NUMBERS = ["add", "sub", "mul", "div", "floordiv", "mod", "pow", "min", "max"]
ONE = ["neg", "abs", "floor", "ceil", "round", "exp", "log", "log2", "log10", "sqrt"]
COMPARISONS = ["lt", "le", "eq", "ne"]
MARKS = ["known", "holds", "violated", "undefined"]
COLUMNS = 4


@st.composite
def numbers(draw, depth=3):
    if depth == 0 or draw(st.booleans()):
        if draw(st.booleans()):
            return load(draw(st.integers(0, COLUMNS - 1)))
        return const(float(draw(st.sampled_from([-2, -1, 0, 1, 2, 3, 0.5]))))
    kind = draw(st.integers(0, 4))
    if kind == 0:
        return apply(draw(st.sampled_from(ONE)), draw(numbers(depth - 1)))
    if kind == 1:
        return apply("if", draw(truths(depth - 1)), draw(numbers(depth - 1)), draw(numbers(depth - 1)))
    if kind == 2:
        return apply("coalesce", draw(numbers(depth - 1)), draw(numbers(depth - 1)))
    return apply(draw(st.sampled_from(NUMBERS)), draw(numbers(depth - 1)), draw(numbers(depth - 1)))


@st.composite
def truths(draw, depth=3):
    kind = draw(st.integers(0, 4)) if depth else 0
    if kind <= 1:
        return apply(draw(st.sampled_from(COMPARISONS)), draw(numbers(max(depth - 1, 0))), draw(numbers(0)))
    if kind == 2:
        return apply("not", draw(truths(depth - 1)))
    if kind == 3:
        return apply(draw(st.sampled_from(MARKS)), draw(truths(depth - 1)))
    return apply(draw(st.sampled_from(["and", "or"])), draw(truths(depth - 1)), draw(truths(depth - 1)))


POINTS = [-3.0, -1.0, -0.5, 0.0, 0.25, 1.0, 2.0, 3.0, np.nan]


def inside(value, reach, at):
    pick = {f: getattr(reach, f)[at if len(getattr(reach, f)) > 1 else 0] for f in ("lo", "hi", "unknown", "undefined")}
    if np.isnan(value):
        return pick["unknown"]
    if value == np.inf:
        return pick["undefined"]
    return pick["lo"] <= value <= pick["hi"]


@given(st.one_of(numbers(), truths()), st.integers(0, 2**32 - 1))
def test_reaches_hold_every_value(term, seed):
    rng = np.random.default_rng(seed)
    n = 60
    columns = {load(k): rng.choice(POINTS, n) for k in range(COLUMNS)}
    values = Values(columns, n).full(term)
    known = {}
    for column, x in columns.items():
        if rng.random() < 0.5:
            known[column] = exactly(x)
        else:
            fine = x[~np.isnan(x)]
            low, high = (fine.min(), fine.max()) if len(fine) else (np.inf, -np.inf)
            known[column] = between(low, high, unknown=bool(np.isnan(x).any()))
    reach = Reaches(known).of(term)
    for at, value in enumerate(values):
        assert inside(value, reach, at), f"{term} = {value} at {[x[at] for x in columns.values()]}, {reach}"
    if reach.integer:
        finite = values[np.isfinite(values)]
        assert (finite == np.floor(finite)).all()


@given(st.one_of(numbers(), truths()), st.integers(0, 2**32 - 1))
def test_vectors_agree_with_single_rows(term, seed):
    rng = np.random.default_rng(seed)
    columns = {k: rng.choice(POINTS, 20) for k in range(COLUMNS)}
    values = Values({load(k): x for k, x in columns.items()}, 20).full(term)
    single = [Evaluator({k: float(x[i]) for k, x in columns.items()}).value(term) for i in range(20)]
    np.testing.assert_array_equal(values, single)


@given(st.one_of(numbers(), truths()), st.permutations(range(COLUMNS)), st.integers(0, 2**32 - 1))
def test_regrouping_keeps_every_value(term, order, seed):
    rng = np.random.default_rng(seed)
    whole = [-3.0, -1.0, 0.0, 1.0, 2.0, np.nan]
    columns = {load(k): rng.choice(whole if k % 2 else POINTS, 40) for k in range(COLUMNS)}
    reach = {k: between(-3.0, 3.0, unknown=True, integer=bool(k % 2)) for k in range(COLUMNS)}
    regrouped = Regrouper(dict(zip(order, range(COLUMNS), strict=True)), reach).term(term)
    a, b = (Values(columns, 40).full(t) for t in (term, regrouped))
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("op", ["add", "mul", "and", "or", "min", "max"])
def test_chains_are_folded_as_columns_get_known(op):
    columns = [load(k) for k in range(6)]
    term = columns[0]
    for x in columns[1:]:
        term = apply(op, term, x)
    place = {k: 5 - k for k in range(6)}
    reach = {k: between(0.0, 1.0, integer=True) for k in range(6)}
    expected = columns[5]
    for x in reversed(columns[:5]):
        expected = apply(op, expected, x)
    assert Regrouper(place, reach).term(term) == expected


def test_sums_that_round_are_left_as_written():
    term = load(0) + load(1) + load(2)
    place = {0: 2, 1: 1, 2: 0}
    assert Regrouper(place, {k: between(0.0, 1.0) for k in range(3)}).term(term) == term


def test_deep_terms_and_shared_ones_are_no_trouble():
    deep = load(0)
    for _ in range(3000):
        deep = deep * deep
        deep = apply("min", deep, const(2.0))
    x = np.array([0.5, 1.0, 3.0])
    np.testing.assert_array_equal(Values({load(0): x}, 3).full(deep), [0.0, 1.0, 2.0])
    reach = Reaches({load(0): between(0.0, 1.0)}).of(deep)
    assert isinstance(reach, Reach)
    assert reach.hi[0] <= 2.0
    Regrouper({0: 0}, {0: between(0.0, 1.0)}).term(deep)
