"""`Interval`, and what every operation makes of intervals."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from hpdsl.terms import Term, compute, const

INF = math.inf


@dataclass(frozen=True, slots=True)
class Interval:
    """All values between `lo` and `hi`; whether the value can also be unknown or undefined."""

    lo: float
    hi: float
    integer: bool = False
    unknown: bool = False
    undefined: bool = False

    @property
    def empty(self) -> bool:
        """True where no value fits."""
        return self.lo > self.hi

    @property
    def is_true(self) -> bool:
        """True where the value is certainly 1."""
        return self.lo == self.hi == 1.0 and not self.unknown and not self.undefined

    @property
    def never_true(self) -> bool:
        """True where the value is 0, unknown or undefined everywhere."""
        return self.hi < 1.0

    @property
    def point(self) -> float | None:
        """The only value, if there is just one."""
        return self.lo if self.lo == self.hi else None

    def meet(self, other: Interval) -> Interval:
        """The values in both."""
        lo, hi = self.lo, self.hi
        return Interval(
            other.lo if other.lo > lo else lo,
            other.hi if other.hi < hi else hi,
            self.integer or other.integer,
            self.unknown and other.unknown,
            self.undefined and other.undefined,
        )

    def join(self, other: Interval) -> Interval:
        """The smallest interval that holds both."""
        return Interval(
            min(self.lo, other.lo),
            max(self.hi, other.hi),
            self.integer and other.integer,
            self.unknown or other.unknown,
            self.undefined or other.undefined,
        )


ZERO = const(0.0)
TOP = Interval(-INF, INF, False, True, True)
Facts = Mapping[Term, Interval]


def _finite(op: str, *points: float) -> float:
    """The operation at finite or infinite end points; NaN where it has no value there."""
    if op == "add":
        return points[0] + points[1]
    if op == "sub":
        return points[0] - points[1]
    if op == "mul":
        # The end of an open range never is infinite itself, so zero wins.
        return 0.0 if 0.0 in points else points[0] * points[1]
    if op == "div":
        if math.isinf(points[1]):
            return 0.0
        return points[0] / points[1]
    result = compute(op, list(points))
    return result


def _corners(op: str, a: Interval, b: Interval) -> tuple[float, float]:
    if op in ("add", "sub"):
        low, high = (a.lo + b.lo, a.hi + b.hi) if op == "add" else (a.lo - b.hi, a.hi - b.lo)
        if math.isfinite(low) and math.isfinite(high):
            return low, high
    values = [_finite(op, x, y) for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
    values = [v for v in values if not math.isnan(v)]
    return (min(values), max(values)) if values else (-INF, INF)


def arithmetic(op: str, a: Interval, b: Interval) -> Interval:
    """The interval of a sum, difference, product or quotient."""
    lo, hi = _corners(op, a, b)
    return Interval(lo, hi, a.integer and b.integer and op != "div", undefined=_overflows((a, b), lo, hi))


def _overflows(operands: tuple[Interval, ...], lo: float, hi: float) -> bool:
    """True where finite numbers have a result that no double holds."""
    return (math.isinf(lo) or math.isinf(hi)) and all(math.isfinite(x) for a in operands for x in (a.lo, a.hi))


def _division(a: Interval, b: Interval) -> Interval:
    if b.lo < 0.0 < b.hi or b.lo == b.hi == 0.0:
        return Interval(-INF, INF, undefined=True)
    if b.lo == 0.0 or b.hi == 0.0:
        # Where it is defined the divisor lies on one side.
        least = 1.0 if b.integer else math.ulp(0.0)
        beside = Interval(least, b.hi, b.integer) if b.lo == 0.0 else Interval(b.lo, -least, b.integer)
        return replace(arithmetic("div", a, beside), undefined=True)
    found = arithmetic("div", a, b)
    # Just beside 0 every quotient overflows, but what is known to differ from 0 never comes that near.
    beside_zero = min(abs(b.lo), abs(b.hi)) < sys.float_info.min
    return replace(found, undefined=False) if beside_zero else found


def _floor_division(a: Interval, b: Interval) -> Interval:
    q = _division(a, b)
    lo = float(math.floor(q.lo)) if math.isfinite(q.lo) else q.lo
    hi = float(math.floor(q.hi)) if math.isfinite(q.hi) else q.hi
    return Interval(lo, hi, True, undefined=q.undefined)


def _modulo(a: Interval, b: Interval) -> Interval:
    undefined = b.lo <= 0.0 <= b.hi
    integer = a.integer and b.integer
    if b.lo > 0 and a.lo >= 0 and a.hi < b.lo:
        return Interval(a.lo, a.hi, integer)
    edge = 1.0 if integer else 0.0
    lo = min(b.lo + edge, 0.0) if b.lo < 0 else 0.0
    hi = max(b.hi - edge, 0.0) if b.hi > 0 else 0.0
    return Interval(lo, hi, integer, undefined=undefined)


def _power(a: Interval, b: Interval) -> Interval:
    exponent = b.point
    integer = a.integer and b.integer and b.lo >= 0
    if exponent is not None and math.isfinite(exponent) and exponent == math.floor(exponent):
        n = int(exponent)
        if n == 0:
            return Interval(1.0, 1.0, integer)
        if n < 0 and a.lo <= 0.0 <= a.hi:
            return Interval(-INF, INF, undefined=True)
        ends = [_power_end(a.lo, n), _power_end(a.hi, n)]
        if n % 2 == 0 and a.lo < 0.0 < a.hi:
            ends.append(0.0)
        return Interval(min(ends), max(ends), integer, undefined=_overflows((a,), min(ends), max(ends)))
    if a.lo > 0 or (a.lo == 0 and b.lo >= 0):
        values = [_power_end(x, y) for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
        lo, hi = min(values), max(values)
        return Interval(lo, hi, integer, undefined=_overflows((a, b), lo, hi))
    if b.integer and b.lo >= 0 and not b.empty:
        # An even exponent makes any base positive, an odd one keeps its sign.
        top = max(_power_end(max(-a.lo, a.hi), y) for y in (b.lo, b.hi))
        return Interval(-top, top, integer, undefined=_overflows((a, b), -top, top))
    return Interval(-INF, INF, integer, undefined=True)


def _power_end(x: float, y: float) -> float:
    try:
        return float(x**y)
    except (OverflowError, ZeroDivisionError):
        return INF


def _monotone(op: str) -> Callable[[Interval], Interval]:
    def bounds(a: Interval) -> Interval:
        ends = [v if math.isinf(v) and op != "exp" else compute(op, [v]) if v != -INF else 0.0 for v in (a.lo, a.hi)]
        whole = op in ("floor", "ceil", "round")
        return Interval(ends[0], ends[1], whole, undefined=_overflows((a,), ends[0], ends[1]))

    return bounds


def _logarithm(op: str) -> Callable[[Interval], Interval]:
    def bounds(a: Interval) -> Interval:
        lo = compute(op, [a.lo]) if 0 < a.lo < INF else (-INF if a.lo <= 0 else INF)
        hi = compute(op, [a.hi]) if 0 < a.hi < INF else (INF if a.hi > 0 else -INF)
        return Interval(lo, hi, undefined=a.lo <= 0)

    return bounds


def _root(a: Interval) -> Interval:
    lo = math.sqrt(max(a.lo, 0.0))
    return Interval(lo, math.sqrt(a.hi) if a.hi >= 0 else -INF, undefined=a.lo < 0)


def _absolute(a: Interval) -> Interval:
    lo = 0.0 if a.lo <= 0.0 <= a.hi else min(abs(a.lo), abs(a.hi))
    return Interval(lo, max(abs(a.lo), abs(a.hi)), a.integer)


def _truth(can_be_false: bool, can_be_true: bool) -> Interval:
    return Interval(0.0 if can_be_false else 1.0, 1.0 if can_be_true else 0.0, True)


def _equal(a: Interval, b: Interval) -> Interval:
    apart = a.lo > b.hi or b.lo > a.hi
    if a.integer != b.integer:
        point = (b if a.integer else a).point
        apart = apart or (point is not None and math.isfinite(point) and point != math.floor(point))
    same = a.point is not None and a.point == b.point
    return _truth(not same, not apart)


def both(a: Interval, b: Interval) -> Interval:
    """The interval of a conjunction."""
    return Interval(min(a.lo, b.lo), min(a.hi, b.hi), True)


def either(a: Interval, b: Interval) -> Interval:
    """The interval of a disjunction."""
    return Interval(max(a.lo, b.lo), max(a.hi, b.hi), True)


UNARY: dict[str, Callable[[Interval], Interval]] = {
    "neg": lambda a: Interval(-a.hi, -a.lo, a.integer),
    "abs": _absolute,
    "floor": _monotone("floor"),
    "ceil": _monotone("ceil"),
    "round": _monotone("round"),
    "exp": _monotone("exp"),
    "log": _logarithm("log"),
    "log2": _logarithm("log2"),
    "log10": _logarithm("log10"),
    "sqrt": _root,
    "not": lambda a: Interval(1.0 - a.hi, 1.0 - a.lo, True),
}
BINARY: dict[str, Callable[[Interval, Interval], Interval]] = {
    "add": lambda a, b: arithmetic("add", a, b),
    "sub": lambda a, b: arithmetic("sub", a, b),
    "mul": lambda a, b: arithmetic("mul", a, b),
    "div": _division,
    "floordiv": _floor_division,
    "mod": _modulo,
    "pow": _power,
    "min": lambda a, b: Interval(min(a.lo, b.lo), min(a.hi, b.hi), a.integer and b.integer),
    "max": lambda a, b: Interval(max(a.lo, b.lo), max(a.hi, b.hi), a.integer and b.integer),
    "lt": lambda a, b: _truth(a.hi >= b.lo, a.lo < b.hi),
    "le": lambda a, b: _truth(a.hi > b.lo, a.lo <= b.hi),
    "eq": _equal,
    "ne": lambda a, b: UNARY["not"](_equal(a, b)),
}
