"""Expressions over what is visible: numbers, conditions, labels."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from hypothesis import strategies as st

from hpdsl.testing.generator import names
from hpdsl.testing.generator.names import pick, rarely, spelled
from hpdsl.testing.generator.scope import Scope, Symbol
from hpdsl.testing.generator.values import (
    COMPARED,
    FALSE,
    OPEN,
    OPERAND,
    SUM,
    TRUE,
    UNARY,
    UNKNOWN,
    At,
    Value,
    binary,
    both,
    call,
    chosen,
    constant,
    extreme,
    inverted,
    joined,
    negated,
    truth,
)

# ---- numbers -------------------------------------------------------------------------------------


def operand(draw: st.DrawFn, scope: Scope) -> Value:
    """A number that is read or written; shrinks to what was declared first."""
    numbers = scope.of("number")
    arrays = [s for s in scope.of("array") if s.length[1]]
    if scope.index is not None and rarely(draw, 3):
        return scope.index
    if arrays and rarely(draw, 6):
        return over(draw, pick(draw, arrays))
    sets = scope.of("set")
    if sets and rarely(draw, 8):
        s = pick(draw, sets)
        size: At = float(len(s.at)) if isinstance(s.at, tuple) else s.at
        return Value(f"len({s.path})", lo=0.0, hi=float(len(s.labels)), whole=True, at=size)
    flags = scope.of("bool")
    if flags and rarely(draw, 16):
        flag = pick(draw, flags).value
        return replace(flag, kind="number", whole=True, at=float(flag.at) if isinstance(flag.at, bool) else flag.at)
    if numbers and draw(st.integers(0, 5)) < 5:
        return pick(draw, numbers).value
    return names.anything(draw)


def over(draw: st.DrawFn, array: Symbol) -> Value:
    """A number about an array: an element, or a function of them all."""
    how = pick(draw, ("[]", "[]", "sum", "len", "max", "min", "prod"))
    if how == "[]":
        return array.element(draw(st.integers(0, array.length[1] - 1))).value
    text = f"{how}({array.path})"
    at = array.at
    least, most = array.length
    lo, hi = array.lo, array.hi
    known = [float(x) for x in at if isinstance(x, (int, float))] if isinstance(at, tuple) else []
    complete = isinstance(at, tuple) and len(known) == len(at)
    result: At = OPEN if at is not UNKNOWN else UNKNOWN
    if how == "len":
        return Value(text, lo=0.0, hi=float(most), whole=True, at=float(len(known)) if complete else result)
    if how == "sum":
        ends = [n * x for n in (least, most) for x in (lo, hi) if n] + ([0.0] if not least else [])
        lo, hi = min(ends), max(ends)
        result = math.fsum(known) if complete else result
    elif how == "prod":
        bound = max(1.0, abs(lo), abs(hi)) ** most
        lo, hi = (0.0 if lo >= 0 else -bound), bound
        result = math.prod(known) if complete else result
    elif complete:
        result = (max(known) if how == "max" else min(known)) if known else UNKNOWN
    return Value(text, OPERAND, "number", lo, hi, array.whole and how != "len", result)


@st.composite
def numbers(draw: st.DrawFn, scope: Scope, depth: int = 2) -> Value:
    """An expression for a number."""
    how = draw(st.integers(0, 13)) if depth else 0
    if how < 4:
        return operand(draw, scope)
    a = draw(numbers(scope, depth - 1))
    if how < 8:
        return binary(pick(draw, "+*-/"), a, draw(numbers(scope, depth - 1)))
    if how == 8:
        return powered(draw, a)
    if how == 9:
        name = pick(draw, UNARY)
        return call(name, call("abs", a) if a.lo <= 0 and rarely(draw, 2) else a)
    if how == 10:
        more = [draw(numbers(scope, depth - 1)) for _ in range(draw(st.integers(0, 2)))]
        listed = rarely(draw, 4)
        return extreme(pick(draw, ("max", "min")), [a, names.anything(draw), *more], listed)
    if how == 11:
        return binary(pick(draw, ("//", "%")), a, names.number(draw, ("2", "3", "5", "0.5")))
    if how == 12:
        return chosen(a, draw(conditions(scope, depth - 1)), draw(numbers(scope, depth - 1)))
    if rarely(draw, 3):
        return replace(a, text=f"({a.text})", rank=OPERAND)
    if rarely(draw, 4):
        return replace(a, text=f"+{a.within(8)}", rank=8)
    return negated(a)


def powered(draw: st.DrawFn, a: Value) -> Value:
    """A number to a power, or a power of a number."""
    if a.bounded and a.hi <= 20 and a.lo >= -20 and rarely(draw, 3):
        return binary("**", names.number(draw, ("2", "10", "0.5")), a)
    return binary("**", a, names.number(draw, ("2", "3", "0.5", "-1") if a.lo > 0 else ("2", "3", "1")))


# ---- conditions ----------------------------------------------------------------------------------

_ORDERS = {
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
    "==": lambda x, y: x == y,
    "!=": lambda x, y: x != y,
}


def compared(op: str, a: Value, b: Value) -> Value:
    """A comparison of two numbers; near a tie, where rounding decides, it is left open."""
    at = both(a, b, _ORDERS[op])
    x, y = a.number, b.number
    exact = a.whole and b.whole
    if x is not None and y is not None and not exact and math.isclose(x, y, rel_tol=1e-6, abs_tol=1e-9):
        at = OPEN
    return truth(f"{a.within(SUM)} {op} {b.within(SUM)}", COMPARED, at, a.safe and b.safe)


def threshold(draw: st.DrawFn, a: Value) -> Value:
    """A number inside the range of another, at which it can be told apart."""
    if not a.bounded or a.lo == a.hi:
        return names.anything(draw)
    part = pick(draw, (0.5, 0.25, 0.75, 0.375, 0.625))
    x = a.lo + part * (a.hi - a.lo)
    if a.whole:
        return constant(float(min(max(math.floor(x + 0.5), a.lo), a.hi)))
    for digits in (1, 2, 3):
        short = float(f"{x:.{digits}g}")
        if a.lo < short < a.hi:
            return constant(short)
    return constant(x)


def _comparison(draw: st.DrawFn, scope: Scope, depth: int) -> Value:
    a = draw(numbers(scope, max(depth - 1, 0)))
    how = draw(st.integers(0, 9))
    if how < 5:
        return compared(pick(draw, ("<", ">", "<=", ">=")), a, threshold(draw, a))
    if how == 5 and a.whole and a.bounded:
        return compared(pick(draw, ("==", "!=")), a, threshold(draw, a))
    if how == 6:
        return compared(pick(draw, ("<", ">=")), a, draw(numbers(scope, max(depth - 1, 0))))
    if how == 7:
        b, c = threshold(draw, a), names.anything(draw)
        first, second = compared("<", c, a), compared("<=", a, b)
        at = first.at if first.at is False else second.at if first.at is True else OPEN
        return truth(f"{c.text} < {a.within(SUM)} <= {b.text}", COMPARED, at, a.safe)
    if how == 8 and a.bounded and a.lo < a.hi:
        return _in_range(draw, a)
    if how == 9 and a.whole:
        items = sorted({threshold(draw, a).lo, a.lo if a.bounded else 1.0})
        at = a.at if a.number is None else a.number in items
        word = pick(draw, ("in", "not in"))
        text = f"{a.within(SUM)} {word} [{', '.join(constant(x).text for x in items)}]"
        return truth(text, COMPARED, (not at) if word == "not in" and isinstance(at, bool) else at, a.safe)
    return compared("<", a, threshold(draw, a))


def _in_range(draw: st.DrawFn, a: Value) -> Value:
    middle = threshold(draw, a)
    low, high = (pick(draw, (middle, None)), None) if rarely(draw, 2) else (None, middle)
    if low is None and high is None:
        high = middle
    x, word = a.number, pick(draw, ("in", "not in"))
    inside: At = a.at if x is None else (low is None or low.lo <= x) and (high is None or x <= high.hi)
    if x is not None and math.isclose(x, middle.lo, rel_tol=1e-6) and not a.whole:
        inside = OPEN
    at = (not inside) if word == "not in" and isinstance(inside, bool) else inside
    text = f"{low.within(SUM) if low else ''} .. {high.within(SUM) if high else ''}".strip()
    return truth(f"{a.within(SUM)} {word} {text}", COMPARED, at, a.safe)


def _about_label(draw: st.DrawFn, s: Symbol) -> Value:
    """A condition on a label: what it is, or where it stands in its order."""
    one = pick(draw, s.labels)
    known = s.at if isinstance(s.at, type(OPEN)) else None
    how = draw(st.integers(0, 6))
    if how >= 5 and s.ordered:
        op = pick(draw, ("<", ">="))
        at: At = known if known else _ORDERS[op](s.labels.index(s.at), s.labels.index(one))
        text = spelled(one) if not isinstance(one, str) else f'"{one}"'
        return truth(f"{s.path} {op} {text}", COMPARED, at, True)
    if how == 4 and len(s.labels) > 1:
        some = names.several(draw, s.labels, 1, len(s.labels) - 1)
        at = known if known else any(_same(s.at, x) for x in some)
        return truth(f"{s.path} in [{', '.join(map(spelled, some))}]", COMPARED, at, True)
    op = "!=" if how == 3 else "=="
    at = known if known else _same(s.at, one) == (op == "==")
    return truth(f"{s.path} {op} {spelled(one, draw)}", COMPARED, at, True)


def _same(a: object, b: object) -> bool:
    return repr(a) == repr(b)


def _about_set(draw: st.DrawFn, s: Symbol) -> Value:
    one = pick(draw, s.labels)
    word = pick(draw, ("in", "not in"))
    at: At = s.at if not isinstance(s.at, tuple) else any(_same(one, x) for x in s.at) == (word == "in")
    text = f'"{one}"' if isinstance(one, str) else spelled(one)
    return truth(f"{text} {word} {s.path}", COMPARED, at, True)


def _about_order(draw: st.DrawFn, s: Symbol) -> Value:
    one, k = pick(draw, s.labels), draw(st.integers(0, len(s.labels) - 1))
    at: At = s.at if not isinstance(s.at, tuple) else _same(s.at[k], one)
    return truth(f"{s.path}[{k}] == {spelled(one)}", COMPARED, at, True)


def _about_array(draw: st.DrawFn, s: Symbol) -> Value:
    name = pick(draw, ("distinct", "increasing", "decreasing"))
    at: At = s.at if not isinstance(s.at, tuple) else OPEN
    return truth(f"{name}({s.path})", OPERAND, at, True)


def simple(draw: st.DrawFn, scope: Scope, depth: int = 0) -> Value:
    """A condition without `and`, `or`, `not`; shrinks to a comparison of what was declared first."""
    ways: list[Callable[[], Value]] = []
    if scope.of("number"):
        ways += [lambda: _comparison(draw, scope, depth)] * 3
    about = (("label", _about_label), ("set", _about_set), ("order", _about_order), ("array", _about_array))
    for kind, f in about:
        found = [s for s in scope.of(kind) if kind != "array" or s.length[1] > 1]
        if found:
            ways += [partial(_about, draw, f, found)] * 2
    flags = scope.of("bool")
    if flags:
        ways += [lambda: pick(draw, flags).value] * 2
    maybe = [s for s in scope.visible() if s.guard and s.kind in ("number", "bool", "label")]
    if maybe:
        ways.append(lambda: _active(draw, maybe))
    if not ways or rarely(draw, 30):
        return pick(draw, (TRUE, FALSE))
    return pick(draw, ways)()


def _about(draw: st.DrawFn, f: Callable[[st.DrawFn, Symbol], Value], found: list[Symbol]) -> Value:
    return f(draw, pick(draw, found))


def _active(draw: st.DrawFn, maybe: list[Symbol]) -> Value:
    s = pick(draw, maybe)
    at: At = OPEN if s.at is OPEN else s.at is not UNKNOWN
    return truth(f"active({s.path})", OPERAND, at, True)


@st.composite
def conditions(draw: st.DrawFn, scope: Scope, depth: int = 2) -> Value:
    """An expression for a condition."""
    how = draw(st.integers(0, 9)) if depth > 0 else 0
    if how < 5:
        return simple(draw, scope, depth)
    a = draw(conditions(scope, depth - 1))
    if how == 9:
        return inverted(a)
    if how == 8 and rarely(draw, 3):
        return chosen(a, draw(conditions(scope, depth - 1)), draw(conditions(scope, depth - 1)))
    return joined(("and", "or", "=>", "or")[how - 5], a, draw(conditions(scope, depth - 1)), rarely(draw, 16))
