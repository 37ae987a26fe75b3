"""The rules for unknown and undefined, operation by operation, and agreement with Python's own arithmetic."""

import math
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpdsl.kernels.scalar import SCALAR
from hpdsl.ops import OPS

N, U = math.nan, math.inf
finite = st.floats(allow_nan=False, allow_infinity=False)
moderate = st.one_of(st.floats(-1e9, 1e9), st.integers(-1000, 1000).map(float))


def same(got, wanted):
    return math.isnan(got) if math.isnan(wanted) else got == wanted


def test_every_operation_without_a_table_is_there():
    machinery = {"enter", "region", "fill", "const", "load", "store", "draw", "override"}
    assert set(SCALAR) == set(OPS) - machinery - {"pick", "take", "find", "search"}


@pytest.mark.parametrize(
    "name", ["add", "sub", "mul", "div", "floordiv", "mod", "pow", "min", "max", "lt", "le", "eq", "ne"]
)
def test_unknown_wins_over_undefined_over_values(name):
    f = SCALAR[name]
    for a, b, wanted in [(N, 2, N), (2, N, N), (N, U, N), (U, N, N), (U, 2, U), (2, U, U), (U, U, U), (N, N, N)]:
        assert same(f(float(a), float(b)), wanted)


@pytest.mark.parametrize(
    "name",
    ["neg", "abs", "floor", "ceil", "round", "exp", "log", "log2", "log10", "sqrt", "not", "normal_cdf", "normal_ppf"],
)
def test_marks_pass_through(name):
    assert math.isnan(SCALAR[name](N))
    assert SCALAR[name](U) == U


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("div", (1.0, 0.0)),
        ("div", (0.0, 0.0)),
        ("floordiv", (1.0, -0.0)),
        ("mod", (1.0, 0.0)),
        ("sqrt", (-1.0,)),
        ("add", (-1.7e308, -1.7e308)),
        ("sub", (-1.7e308, 1.7e308)),
        ("mul", (-1e200, 1e200)),
        ("div", (-1e200, 1e-200)),
        ("floordiv", (-1e200, 1e-200)),
    ],
)
def test_undefined_is_plus_infinity(name, arguments):
    assert SCALAR[name](*arguments) == U


@pytest.mark.parametrize("name", ["and", "or", "not"])
def test_kleene_tables(name):
    values = (0.0, 1.0, N, U)

    def wanted(a, b):
        decisive = 0.0 if name == "and" else 1.0
        if decisive in (a, b):
            return decisive
        return N if math.isnan(a) or math.isnan(b) else U if U in (a, b) else 1.0 - decisive

    if name == "not":
        assert [SCALAR["not"](a) for a in (0.0, 1.0, U)] == [1.0, 0.0, U]
        return
    for a in values:
        for b in values:
            assert same(SCALAR[name](a, b), wanted(a, b))


def test_what_reads_marks():
    for name, wanted in {
        "known": (1, 1, 0, 1),
        "holds": (0, 1, 0, 0),
        "violated": (1, 0, 0, 1),
        "undefined": (0, 0, 0, 1),
    }.items():
        assert tuple(SCALAR[name](v) for v in (0.0, 1.0, N, U)) == wanted
    assert SCALAR["coalesce"](N, 3.0) == 3.0
    assert SCALAR["coalesce"](U, 3.0) == U
    choose = SCALAR["if"]
    assert choose(1.0, 5.0, N) == 5.0
    assert choose(0.0, U, 6.0) == 6.0
    assert math.isnan(choose(N, 5.0, 6.0))
    assert choose(U, 5.0, 6.0) == U
    assert math.isnan(choose(1.0, N, 6.0))


def test_limits():
    clip, clamp = SCALAR["clip"], SCALAR["clamp"]
    assert [clip(v, -1.0, 2.0) for v in (-3.0, 0.5, 7.0)] == [-1.0, 0.5, 2.0]
    assert [clamp(v, -1.0, 2.0) for v in (-3.0, 0.5, 7.0)] == [-1.0, 0.5, 2.0]
    assert math.isnan(clip(N, -1.0, 2.0))
    assert clip(5.0, -U, U) == 5.0
    assert math.isnan(clamp(N, 0.0, U))
    assert math.isnan(clamp(0.5, N, U))
    assert clamp(0.5, 0.0, U) == clamp(0.5, U, 1.0) == U


@given(moderate, moderate.filter(lambda b: abs(b) > 1e-9))
def test_division_follows_python(a, b):
    assert SCALAR["floordiv"](a, b) == a // b
    assert SCALAR["mod"](a, b) == a % b


@given(finite)
def test_rounding_follows_python(a):
    for name, f in {"floor": math.floor, "ceil": math.ceil, "round": round}.items():
        got = SCALAR[name](a)
        assert got == f(a)
        # Zero is written one way.
        assert got != 0.0 or math.copysign(1.0, got) == 1.0


@given(finite, finite)
def test_sums_products_and_comparisons_are_those_of_doubles(a, b):
    for name in ("add", "sub", "mul"):
        plain = getattr(operator, name)(a, b)
        assert SCALAR[name](a, b) == (plain if math.isfinite(plain) else U)
    for name in ("lt", "le", "eq", "ne"):
        assert SCALAR[name](a, b) == float(getattr(operator, name)(a, b))
    assert SCALAR["min"](a, b) == min(a, b)
    assert SCALAR["max"](a, b) == max(a, b)
