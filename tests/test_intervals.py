"""Interval analysis never excludes a value that occurs."""

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpdsl.intervals import INF, Interval, assume, bounds, gap
from hpdsl.terms import Evaluator, apply, compute, const, load

X, Y = load(0), load(1)
# Also what doubles do badly with: fractions without an end, sums that swallow, products too small and too large.
AWKWARD = [0.1, 0.3, 1e16, -1e16, 2.0**53, 1e-200, 5e-324, 1e-310, 1e200, -1e-20, 123456.7]
NUMBERS = st.one_of(
    st.integers(-4, 4).map(float),
    st.floats(-5, 5, allow_nan=False).map(lambda v: round(v, 3)),
    st.floats(-5, 5, allow_nan=False),
    st.sampled_from(AWKWARD),
)
BINARY = ["add", "sub", "mul", "div", "floordiv", "mod", "pow", "min", "max"]
UNARY = ["neg", "abs", "floor", "ceil", "round", "exp", "log", "log2", "log10", "sqrt"]


def numbers(depth):
    leaves = st.one_of(st.just(X), st.just(Y), NUMBERS.map(const))
    if depth == 0:
        return leaves
    inner = numbers(depth - 1)
    return st.one_of(
        leaves,
        st.builds(apply, st.sampled_from(UNARY), inner),
        st.builds(apply, st.sampled_from(BINARY), inner, inner),
        st.builds(lambda t, a, b: apply("if", t, a, b), truths(0), inner, inner),
    )


def truths(depth):
    inner = numbers(depth)
    compare = st.builds(apply, st.sampled_from(["lt", "le", "eq", "ne"]), inner, inner)
    if depth == 0:
        return compare
    deeper = truths(depth - 1)
    return st.one_of(
        compare,
        st.builds(apply, st.just("not"), deeper),
        st.builds(apply, st.sampled_from(["and", "or"]), deeper, deeper),
    )


RANGES = st.tuples(NUMBERS, NUMBERS).map(lambda p: (min(p), max(p)))
PLACES = st.one_of(st.sampled_from(["low", "above low", "high", "below high"]), st.floats(0, 1))


def at(ends, place):
    """A number between the ends, or beside one of them."""
    low, high = ends
    if isinstance(place, float):
        return min(max(low + place * (high - low), low), high)
    beside = math.nextafter(low, INF) if "low" in place else math.nextafter(high, -INF)
    return (low if "low" in place else high) if " " not in place else min(max(beside, low), high)


def holds_in(value, interval):
    if math.isnan(value):
        return interval.unknown
    if math.isinf(value):
        return interval.undefined or interval.overflow
    return interval.lo <= value <= interval.hi


@given(numbers(3), RANGES, RANGES, PLACES, PLACES)
def test_values_lie_within_bounds(term, x_range, y_range, at_x, at_y):
    facts = {X: Interval(*x_range), Y: Interval(*y_range)}
    x, y = at(x_range, at_x), at(y_range, at_y)
    value = Evaluator({0: x, 1: y}).value(term)
    assert holds_in(value, bounds(term, facts)), (term, x, y, value, bounds(term, facts))


@given(truths(2), numbers(2), RANGES, RANGES, PLACES, PLACES)
def test_what_is_assumed_keeps_every_value_that_fits(condition, term, x_range, y_range, at_x, at_y):
    facts = {X: Interval(*x_range), Y: Interval(*y_range)}
    row = Evaluator({0: at(x_range, at_x), 1: at(y_range, at_y)})
    outcome = row.value(condition)
    if outcome in (0.0, 1.0):
        narrowed = assume(condition, outcome == 1.0, facts)
        for t in (X, Y, term):
            value = row.value(t)
            assert holds_in(value, bounds(t, narrowed)), (condition, outcome, t, value, bounds(t, narrowed))


def linear(depth):
    """Sums and multiples, with minima and other parts here and there."""
    leaves = st.one_of(st.just(X), st.just(Y), NUMBERS.map(const))
    if depth == 0:
        return leaves
    inner = linear(depth - 1)
    return st.one_of(
        leaves,
        st.builds(apply, st.sampled_from(["add", "sub", "add", "sub", "mul", "div", "min", "max"]), inner, inner),
        st.builds(apply, st.sampled_from(["neg", "floor", "abs"]), inner),
    )


@given(linear(3), linear(3), RANGES, RANGES, PLACES, PLACES, st.booleans())
def test_differences_of_what_is_computed_lie_within_their_gap(low, high, x_range, y_range, at_x, at_y, nested):
    if nested:
        high = apply("add", high, low)
    row = Evaluator({0: at(x_range, at_x), 1: at(y_range, at_y)})
    values = row.value(low), row.value(high)
    if all(map(math.isfinite, values)):
        found = gap(low, high, {X: Interval(*x_range), Y: Interval(*y_range)})
        above = Fraction(values[1]) - Fraction(values[0])
        # An end may be rounded to where it still has the right sign.
        assert found.lo <= 0.0 or above > 0, (values, found)
        assert found.lo < 0.0 or above >= 0, (values, found)
        assert found.hi >= 0.0 or above < 0, (values, found)
        assert Fraction(max(found.lo, -1e308)) <= above + Fraction(math.ulp(float(above))), (values, found)


def test_strict_comparisons_exclude_their_end():
    facts = assume(apply("lt", const(0.0), X), True, {X: Interval(-1.0, 1.0)})
    assert bounds(X, facts).lo > 0.0
    assert not bounds(apply("log", X), facts).undefined


def test_a_difference_keeps_marks():
    x_mod_x = apply("mod", X, X)
    assert gap(const(0.0), x_mod_x, {X: Interval(0.0, 0.0)}).undefined
    assert gap(x_mod_x, x_mod_x, {X: Interval(0.0, 1.0)}).undefined


def test_a_difference_cancels_what_its_sides_share():
    found = gap(X, X * 2.0 + 1.0, {X: Interval(1.0, 8.0, True)})
    assert (found.lo, found.hi) == (2.0, 9.0)


def test_a_quotient_keeps_its_sign_where_the_divisor_only_reaches_zero():
    one = const(1.0)
    facts = {X: Interval(0.0, 4.0, True), Y: Interval(-2.0, 0.0)}
    assert bounds(apply("div", one, X), facts) == Interval(0.25, 1.0, undefined=True)
    assert bounds(apply("div", one, Y), facts) == Interval(-INF, -0.5, undefined=True)
    assert bounds(apply("floordiv", const(9.0), X), facts) == Interval(2.0, 9.0, True, undefined=True)


SMALL = [(low, high) for low in range(-3, 4) for high in range(low, 4)]
TIGHT = ("add", "sub", "mul", "min", "max", "lt", "le", "eq", "ne")


@pytest.mark.parametrize("op", [*TIGHT, "div", "floordiv", "mod"])
def test_of_small_whole_numbers_every_bound_is_right(op):
    values = {(i, j): compute(op, [float(i), float(j)]) for i in range(-3, 4) for j in range(-3, 4)}
    for (a, b), (c, d) in itertools.product(SMALL, SMALL):
        known = {X: Interval(float(a), float(b), True), Y: Interval(float(c), float(d), True)}
        found = bounds(apply(op, X, Y), known)
        reached = [values[i, j] for i in range(a, b + 1) for j in range(c, d + 1)]
        defined = [v for v in reached if v < INF]
        assert found.undefined == (len(defined) < len(reached))
        assert all(found.lo <= v <= found.hi for v in defined)
        if op in TIGHT:
            assert (found.lo, found.hi) == (min(defined), max(defined))
        if op == "mod" and c > 0:
            # Within one divisor's remainders, whatever is divided.
            assert (found.lo, found.hi) == ((a, b) if a >= 0 and b < c else (0.0, d - 1.0))
        if op in ("div", "floordiv") and c > 0:
            assert (found.lo, found.hi) == (min(defined), max(defined))


@pytest.mark.parametrize("op", ["neg", "abs", "floor", "ceil", "round", "sqrt"])
def test_of_small_whole_numbers_every_bound_of_one_is_right(op):
    for a, b in SMALL:
        found = bounds(apply(op, X), {X: Interval(float(a), float(b), True)})
        reached = [compute(op, [float(i)]) for i in range(a, b + 1)]
        defined = [v for v in reached if v < INF]
        assert found.undefined == (len(defined) < len(reached))
        if defined:
            assert (found.lo, found.hi) == pytest.approx((min(defined), max(defined)), rel=1e-12)


@pytest.mark.parametrize("op", ["and", "or"])
def test_truth_is_bounded_as_tightly_as_it_can_be(op):
    for (a, b), (c, d) in itertools.product([(0, 0), (0, 1), (1, 1)], repeat=2):
        found = bounds(apply(op, X, Y), {X: Interval(float(a), float(b), True), Y: Interval(float(c), float(d), True)})
        reached = [compute(op, [float(i), float(j)]) for i in range(a, b + 1) for j in range(c, d + 1)]
        assert (found.lo, found.hi) == (min(reached), max(reached))


def test_whole_numbers_never_equal_a_half():
    whole, real = Interval(0.0, 3.0, True), Interval(0.0, 3.0)
    assert bounds(apply("eq", X, const(0.5)), {X: whole}).hi == 0.0
    assert bounds(apply("eq", const(0.5), X), {X: whole}).hi == 0.0
    assert bounds(apply("eq", X, const(0.5)), {X: real}).hi == 1.0
    assert bounds(apply("eq", X, const(2.0)), {X: whole}).hi == 1.0


def test_whole_powers_of_any_base_are_defined():
    for (a, b), (c, d) in itertools.product(SMALL, [s for s in SMALL if s[0] >= 0]):
        known = {X: Interval(float(a), float(b), True), Y: Interval(float(c), float(d), True)}
        found = bounds(apply("pow", X, Y), known)
        reached = [float(i) ** j for i in range(a, b + 1) for j in range(c, d + 1)]
        assert not found.undefined
        assert found.integer
        assert all(found.lo <= v <= found.hi for v in reached)
        # Signs aside the bounds are those of the largest power.
        assert max(-found.lo, found.hi) == max(map(abs, reached))
    wide = {X: Interval(-1e200, 1e200), Y: Interval(1.0, 2.0, True)}
    assert bounds(apply("pow", X, Y), wide).undefined


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 4])
def test_of_whole_powers_every_bound_is_right(exponent):
    for a, b in SMALL:
        found = bounds(apply("pow", X, const(float(exponent))), {X: Interval(float(a), float(b), True)})
        reached = [float(i) ** exponent for i in range(a, b + 1)]
        assert (found.lo, found.hi) == (min(reached), max(reached))
        assert not found.undefined


def test_entries_of_a_table_are_those_within_reach():
    entries = apply("take", X, data=(5.0, math.nan, 2.0, 9.0, -4.0))
    found = bounds(entries, {X: Interval(2.0, 3.0, True)})
    assert (found.lo, found.hi) == (2.0, 9.0)
    whole = bounds(entries, {X: Interval(0.0, 4.0, True)})
    assert (whole.lo, whole.hi) == (-4.0, 9.0)
    assert (bounds(entries, {}).lo, bounds(entries, {}).hi) == (-4.0, 9.0)


def test_what_is_assumed_narrows_as_far_as_it_can():
    known = {X: Interval(0.0, 3.0, True)}
    without_last = bounds(X, assume(apply("ne", X, const(3.0)), True, known))
    without_first = bounds(X, assume(apply("ne", X, const(0.0)), True, known))
    assert (without_last.lo, without_last.hi, without_first.lo, without_first.hi) == (0.0, 2.0, 1.0, 3.0)
    halved = apply("le", apply("mul", X, const(-0.5)), const(-1.0))
    found = bounds(X, assume(halved, True, {X: Interval(-10.0, 10.0)}))
    assert (found.lo, found.hi) == (pytest.approx(2.0), 10.0)


def test_what_has_no_value_is_undefined():
    none = bounds(apply("log", X), {X: Interval(-3.0, -1.0)})
    assert none.undefined
    assert none.hi < none.lo or none.hi == -INF
    root = bounds(apply("pow", X, Y), {X: Interval(-2.0, 3.0), Y: Interval(0.5, 1.5)})
    assert root.undefined


def test_bounds_that_are_rounded_stay_doubles():
    """Whole numbers of Python have no limit, so that a product of two would be none of a double."""
    term = apply("floordiv", load(0), load(1))
    reach = bounds(term, {load(0): Interval(6.0, 1e308, True), load(1): Interval(1.0, 2.0, True)})
    assert (type(reach.lo), type(reach.hi)) == (float, float)
    narrowed = assume(apply("lt", load(0), const(8.5)), True, {load(0): Interval(5.5, 9.0, True)}).maps[0]
    assert (narrowed[load(0)].lo, type(narrowed[load(0)].hi)) == (6.0, float)
