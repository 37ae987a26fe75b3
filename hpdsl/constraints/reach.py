"""What terms can still be when only some columns are known: interval analysis on many rows at once.

The answer is a superset of the truth. Every row says which numbers lie within reach (`lo .. hi`, empty where
lo > hi), and whether the value can be unknown or undefined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpdsl.constraints.tables import table_of
from hpdsl.terms import Term

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]

_NO, _YES = np.zeros(1, np.bool_), np.ones(1, np.bool_)
_INF = np.inf


@dataclass(frozen=True, slots=True)
class Reach:
    """The values within reach on each row; arrays of length n or 1."""

    lo: Floats
    hi: Floats
    unknown: Truths
    undefined: Truths
    integer: bool = False

    @property
    def can_be_false(self) -> Truths:
        """Where it can be 0."""
        return (self.lo <= 0.0) & (self.hi >= 0.0)

    @property
    def can_be_true(self) -> Truths:
        """Where it can be 1."""
        return (self.lo <= 1.0) & (self.hi >= 1.0)


def between(lo: float, hi: float, *, unknown: bool = False, undefined: bool = False, integer: bool = False) -> Reach:
    """The same reach on every row."""
    return Reach(np.array([lo]), np.array([hi]), np.array([unknown]), np.array([undefined]), integer)


def exactly(values: Floats, *, integer: bool | None = None) -> Reach:
    """Known values."""
    fine = np.isfinite(values)
    whole = bool((values[fine] == np.floor(values[fine])).all()) if integer is None else integer
    return Reach(np.where(fine, values, _INF), np.where(fine, values, -_INF), np.isnan(values), values == _INF, whole)


TOP = between(-_INF, _INF, unknown=True, undefined=True)


def truth(false: Truths, true: Truths, unknown: Truths = _NO, undefined: Truths = _NO) -> Reach:
    """A truth value that can be what is marked."""
    lo = np.where(false, 0.0, np.where(true, 1.0, _INF))
    hi = np.where(true, 1.0, np.where(false, 0.0, -_INF))
    return Reach(lo, hi, unknown, undefined, True)


class Reaches:
    """Computes what terms can be; `known` holds the reach of some, and is filled with the others'."""

    def __init__(self, known: Mapping[Term, Reach]) -> None:
        self.known: dict[Term, Reach] = dict(known)

    def of(self, term: Term) -> Reach:
        """The reach of a term."""
        known = self.known
        if term not in known:
            with np.errstate(all="ignore"):
                self._compute(term)
        return known[term]

    def _compute(self, term: Term) -> None:
        known = self.known
        stack = [term]
        while stack:
            node = stack[-1]
            if node in known:
                stack.pop()
                continue
            missing = [a for a in node.args if a not in known]
            if missing:
                stack.extend(missing)
                continue
            known[node] = _apply(node, [known[a] for a in node.args])
            stack.pop()


def _apply(node: Term, args: list[Reach]) -> Reach:
    op = node.op
    if op == "const":
        return exactly(np.array([node.data[0]]))
    if op in _LOGIC:
        return _LOGIC[op](args)
    if op in _NUMBERS:
        return _marked(_NUMBERS[op](args), args)
    if op == "take" and table_of(node) is None:
        return _taken(np.array(node.data), args[0])
    return TOP


def _marked(result: Reach, args: list[Reach]) -> Reach:
    """A result whose operands' marks carry over; no number where an operand has none."""
    unknown, undefined, empty = result.unknown, result.undefined, _NO
    for a in args:
        unknown, undefined, empty = unknown | a.unknown, undefined | a.undefined, empty | (a.lo > a.hi)
    lo, hi = np.where(empty, _INF, result.lo), np.where(empty, -_INF, result.hi)
    return Reach(lo, hi, unknown, undefined, result.integer)


def _taken(entries: Floats, index: Reach) -> Reach:
    fine = entries[np.isfinite(entries)]
    whole = bool((fine == np.floor(fine)).all())
    point = index.lo == index.hi
    at = np.clip(np.where(point, index.lo, 0.0), 0, len(entries) - 1).astype(np.int64)
    value = entries[at]
    least, most = (float(fine.min()), float(fine.max())) if len(fine) else (_INF, -_INF)
    lo = np.where(point, np.where(np.isfinite(value), value, _INF), least)
    hi = np.where(point, np.where(np.isfinite(value), value, -_INF), most)
    unknown = np.where(point, np.isnan(value), bool(np.isnan(entries).any()))
    undefined = np.where(point, value == _INF, bool(np.isposinf(entries).any()))
    return _marked(Reach(lo, hi, unknown, undefined, whole), [index])


# ---- numbers ---------------------------------------------------------------------------------------


def _corners(f: Callable[[Floats, Floats], Floats], a: Reach, b: Reach) -> tuple[Floats, Floats]:
    values = [f(x, y) for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
    low, high = values[0], values[0]
    for v in values[1:]:
        low, high = np.fmin(low, v), np.fmax(high, v)
    return np.where(np.isnan(low), -_INF, low), np.where(np.isnan(high), _INF, high)


def _outward(lo: Floats, hi: Floats, exact: bool) -> tuple[Floats, Floats]:
    # Libraries differ in the last digits of transcendental functions.
    return (lo, hi) if exact else (lo - np.abs(lo) * 1e-12 - 1e-300, hi + np.abs(hi) * 1e-12 + 1e-300)


def _overflow(lo: Floats, hi: Floats) -> Truths:
    """Where a finite operation can overflow, which is undefined."""
    result: Truths = (np.abs(lo) > 1e300) | (np.abs(hi) > 1e300)
    return result


def _pairwise(f: Callable[[Floats, Floats], Floats]) -> Callable[[list[Reach]], Reach]:
    def build(args: list[Reach]) -> Reach:
        a, b = args
        whole = a.integer and b.integer
        lo, hi = _corners(f, a, b)
        return Reach(lo, hi, _NO, _overflow(lo, hi), whole)

    return build


def _times(x: Floats, y: Floats) -> Floats:
    # The end of an open range is never infinite itself, so zero wins.
    product: Floats = np.where((x == 0.0) | (y == 0.0), 0.0, x * y)
    return product


def _add(args: list[Reach]) -> Reach:
    a, b = args
    lo, hi = a.lo + b.lo, a.hi + b.hi
    return Reach(lo, hi, _NO, _overflow(lo, hi), a.integer and b.integer)


def _sub(args: list[Reach]) -> Reach:
    a, b = args
    lo, hi = a.lo - b.hi, a.hi - b.lo
    return Reach(lo, hi, _NO, _overflow(lo, hi), a.integer and b.integer)


def _div(args: list[Reach]) -> Reach:
    a, b = args
    crossing = (b.lo <= 0.0) & (b.hi >= 0.0)
    lo, hi = _corners(lambda x, y: np.where(np.isinf(y), 0.0, x / y), a, b)
    lo, hi = np.where(crossing, -_INF, lo), np.where(crossing, _INF, hi)
    return Reach(lo, hi, _NO, crossing | _overflow(lo, hi))


def _floordiv(args: list[Reach]) -> Reach:
    a, b = args
    crossing = (b.lo <= 0.0) & (b.hi >= 0.0)
    lo, hi = _corners(_floor_of_quotient, a, b)
    lo, hi = np.where(crossing, -_INF, lo), np.where(crossing, _INF, hi)
    return Reach(lo, hi, _NO, crossing | _overflow(lo, hi), True)


def _floor_of_quotient(x: Floats, y: Floats) -> Floats:
    # Of the true quotient: 0.9 // 0.1 is 8, though 0.9 / 0.1 is rounded to 9.
    found: Floats = np.where(np.isinf(x), x * np.sign(y), np.floor_divide(x, y))
    return found


def _mod(args: list[Reach]) -> Reach:
    a, b = args
    low = np.where(b.lo < 0.0, b.lo, 0.0)
    high = np.where(b.hi > 0.0, b.hi, 0.0)
    small = (a.lo >= 0.0) & (a.hi < b.lo)
    point = (a.lo == a.hi) & (b.lo == b.hi) & (b.lo != 0.0)
    rest = np.mod(np.where(point, a.lo, 0.0), np.where(point, b.lo, 1.0))
    lo = np.where(point, rest, np.where(small, a.lo, low))
    hi = np.where(point, rest, np.where(small, a.hi, high))
    return Reach(lo, hi, _NO, (b.lo <= 0.0) & (b.hi >= 0.0), a.integer and b.integer)


def _pow(args: list[Reach]) -> Reach:
    a, b = args
    positive = a.lo > 0.0
    lo, hi = _corners(np.power, a, b)
    lo, hi = _outward(lo, hi, False)
    point = (a.lo == a.hi) & (b.lo == b.hi)
    wide = ~positive & ~point
    lo, hi = np.where(wide, -_INF, lo), np.where(wide, _INF, hi)
    whole = a.integer and b.integer and bool((b.lo >= 0.0).all())
    return Reach(lo, hi, _NO, ~positive | _overflow(lo, hi), whole)


def _abs(args: list[Reach]) -> Reach:
    (a,) = args
    ends = np.minimum(np.abs(a.lo), np.abs(a.hi))
    return Reach(
        np.where((a.lo <= 0.0) & (a.hi >= 0.0), 0.0, ends), np.maximum(np.abs(a.lo), np.abs(a.hi)), _NO, _NO, a.integer
    )


def _monotone(f: Callable[[Floats], Floats], whole: bool) -> Callable[[list[Reach]], Reach]:
    def build(args: list[Reach]) -> Reach:
        lo, hi = _outward(f(args[0].lo), f(args[0].hi), whole)
        return Reach(lo, hi, _NO, _NO if whole else _overflow(lo, hi), whole)

    return build


def _logarithm(f: Callable[[Floats], Floats]) -> Callable[[list[Reach]], Reach]:
    def build(args: list[Reach]) -> Reach:
        (a,) = args
        lo, hi = _outward(f(np.maximum(a.lo, 0.0)), f(np.maximum(a.hi, 0.0)), False)
        return Reach(lo, hi, _NO, a.lo <= 0.0)

    return build


def _sqrt(args: list[Reach]) -> Reach:
    (a,) = args
    lo, hi = _outward(np.sqrt(np.maximum(a.lo, 0.0)), np.sqrt(np.maximum(a.hi, 0.0)), False)
    return Reach(np.maximum(lo, 0.0), hi, _NO, a.lo < 0.0)


def _neg(args: list[Reach]) -> Reach:
    (a,) = args
    return Reach(-a.hi, -a.lo, _NO, _NO, a.integer)


def _extreme(f: Callable[[Floats, Floats], Floats]) -> Callable[[list[Reach]], Reach]:
    def build(args: list[Reach]) -> Reach:
        a, b = args
        return Reach(f(a.lo, b.lo), f(a.hi, b.hi), _NO, _NO, a.integer and b.integer)

    return build


def _order(strict: bool) -> Callable[[list[Reach]], Reach]:
    def build(args: list[Reach]) -> Reach:
        a, b = args
        if strict:
            return truth(a.hi >= b.lo, a.lo < b.hi)
        return truth(a.hi > b.lo, a.lo <= b.hi)

    return build


def _eq(args: list[Reach]) -> Reach:
    a, b = args
    same = (a.lo == a.hi) & (b.lo == b.hi) & (a.lo == b.lo)
    return truth(~same, (a.lo <= b.hi) & (b.lo <= a.hi))


def _ne(args: list[Reach]) -> Reach:
    r = _eq(args)
    return truth(r.can_be_true, r.can_be_false)


_NUMBERS: dict[str, Callable[[list[Reach]], Reach]] = {
    "add": _add,
    "sub": _sub,
    "mul": _pairwise(_times),
    "div": _div,
    "floordiv": _floordiv,
    "mod": _mod,
    "pow": _pow,
    "neg": _neg,
    "abs": _abs,
    "min": _extreme(np.minimum),
    "max": _extreme(np.maximum),
    "floor": _monotone(np.floor, True),
    "ceil": _monotone(np.ceil, True),
    "round": _monotone(np.rint, True),
    "exp": _monotone(np.exp, False),
    "log": _logarithm(np.log),
    "log2": _logarithm(np.log2),
    "log10": _logarithm(np.log10),
    "sqrt": _sqrt,
    "lt": _order(True),
    "le": _order(False),
    "eq": _eq,
    "ne": _ne,
}

# ---- truth -----------------------------------------------------------------------------------------


def _not(args: list[Reach]) -> Reach:
    (a,) = args
    return truth(a.can_be_true, a.can_be_false, a.unknown, a.undefined)


def _and(args: list[Reach]) -> Reach:
    a, b = args
    unknown = (a.unknown & (b.can_be_true | b.unknown | b.undefined)) | (
        b.unknown & (a.can_be_true | a.unknown | a.undefined)
    )
    undefined = (a.undefined & (b.can_be_true | b.undefined)) | (b.undefined & (a.can_be_true | a.undefined))
    return truth(a.can_be_false | b.can_be_false, a.can_be_true & b.can_be_true, unknown, undefined)


def _or(args: list[Reach]) -> Reach:
    return _not([_and([_not([a]) for a in args])])


def _if(args: list[Reach]) -> Reach:
    test, yes, no = args
    return _joined(
        [(test.can_be_true, yes), (test.can_be_false, no)], test.unknown, test.undefined, yes.integer and no.integer
    )


def _joined(parts: list[tuple[Truths, Reach]], unknown: Truths, undefined: Truths, whole: bool) -> Reach:
    lo: Floats = np.array([_INF])
    hi: Floats = np.array([-_INF])
    for possible, r in parts:
        lo = np.minimum(lo, np.where(possible, r.lo, _INF))
        hi = np.maximum(hi, np.where(possible, r.hi, -_INF))
        unknown = unknown | (possible & r.unknown)
        undefined = undefined | (possible & r.undefined)
    return Reach(lo, hi, unknown, undefined, whole)


def _coalesce(args: list[Reach]) -> Reach:
    a, b = args
    joined = _joined([(_YES, a), (a.unknown, b)], _NO, _NO, a.integer and b.integer)
    undefined = a.undefined | (a.unknown & b.undefined)
    return Reach(joined.lo, joined.hi, a.unknown & b.unknown, undefined, joined.integer)


def _some(r: Reach) -> Truths:
    return r.lo <= r.hi


def _known(args: list[Reach]) -> Reach:
    (a,) = args
    return truth(a.unknown, _some(a) | a.undefined)


def _holds(args: list[Reach]) -> Reach:
    (a,) = args
    other = (_some(a) & ((a.lo != 1.0) | (a.hi != 1.0))) | a.unknown | a.undefined
    return truth(other, a.can_be_true)


def _violated(args: list[Reach]) -> Reach:
    (a,) = args
    return truth(a.can_be_true | a.unknown, a.can_be_false | a.undefined)


def _undefined(args: list[Reach]) -> Reach:
    (a,) = args
    return truth(_some(a) | a.unknown, a.undefined)


_LOGIC: dict[str, Callable[[list[Reach]], Reach]] = {
    "not": _not,
    "and": _and,
    "or": _or,
    "if": _if,
    "coalesce": _coalesce,
    "known": _known,
    "holds": _holds,
    "violated": _violated,
    "undefined": _undefined,
}
