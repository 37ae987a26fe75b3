"""`Interval`, and what every operation makes of intervals."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from hpdsl.terms import Term, compute, const

INF = math.inf

# The functions of kernels/elementary.py are rounded within so many units in the last place, of which the ends of an
# interval may lack twice as many: measured are 1.1 for exp, 0.9 for logarithms, and for powers that are no whole ones
# 1.2, but 5 where they reach 2**150 (in proportion to the exponent of the result).
EXP_ULPS, LOG_ULPS, POWER_ULPS, FAR_POWER_ULPS = 3, 3, 3, 80
# Whole exponents up to this are computed to more digits and rounded once.
SHORT = 64.0
# a // b is computed from two rounded steps, which together miss by half or more from this number on.
QUOTIENT_ULPS, _EXACT = 4, 2.0**51


@dataclass(frozen=True, slots=True)
class Interval:
    """All values between `lo` and `hi`; whether the value can also be unknown or undefined.

    `overflow`: it may go beyond every double where an operand has no end, or a divisor comes as close to 0 as doubles
    do. That is undefined too, so that no proof holds there, but too far off to speak of.
    """

    lo: float
    hi: float
    integer: bool = False
    unknown: bool = False
    undefined: bool = False
    overflow: bool = False

    @property
    def empty(self) -> bool:
        """True where no value fits."""
        return self.lo > self.hi

    @property
    def is_true(self) -> bool:
        """True where the value is certainly 1."""
        return self.lo == self.hi == 1.0 and not self.unknown and not self.undefined

    @property
    def never_false(self) -> bool:
        """True where the value is 1 or unknown in every last case."""
        return self.lo >= 1.0 and not self.undefined and not self.overflow

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
            self.overflow and other.overflow,
        )

    def join(self, other: Interval) -> Interval:
        """The smallest interval that holds both."""
        return Interval(
            min(self.lo, other.lo),
            max(self.hi, other.hi),
            self.integer and other.integer,
            self.unknown or other.unknown,
            self.undefined or other.undefined,
            self.overflow or other.overflow,
        )


ZERO = const(0.0)
TOP = Interval(-INF, INF, False, True, True, True)
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
    """The interval of a sum, difference, product or quotient.

    These are rounded to the nearest double, as in the kernels, and rounding keeps order: its ends hold as they are.
    """
    lo, hi = _corners(op, a, b)
    found = _unbounded((a, b), Interval(lo, hi, a.integer and b.integer and op != "div"))
    return replace(found, overflow=False) if found.overflow and _stays(op, a, b) else found


def _unbounded(operands: tuple[Interval, ...], found: Interval) -> Interval:
    """The result marked where it goes beyond every double: undefined if even finite operands take it there."""
    if math.isfinite(found.lo) and math.isfinite(found.hi):
        return found
    finite = all(math.isfinite(x) for a in operands for x in (a.lo, a.hi))
    return replace(found, undefined=finite, overflow=not finite)


def _stays(op: str, a: Interval, b: Interval) -> bool:
    """True where no finite operands give more than a double holds, though one has no end."""
    if op in ("add", "sub"):
        # What is less than half a unit in the last place of the largest double does not move it.
        return min(_size(a), _size(b)) < 0.5 * math.ulp(sys.float_info.max)
    return min(_size(a), _size(b)) <= 1.0 if op == "mul" else min(abs(b.lo), abs(b.hi)) >= 1.0 and b.lo * b.hi > 0.0


def _size(a: Interval) -> float:
    return max(abs(a.lo), abs(a.hi))


def _division(a: Interval, b: Interval) -> Interval:
    beside = _beside_zero(b)
    if beside is None:
        return Interval(-INF, INF, undefined=True)
    found = arithmetic("div", a, beside)
    if beside is not b:
        return replace(found, undefined=True)
    # Just beside 0 every quotient overflows, but what is known to differ from 0 hardly comes that near.
    least = min(abs(b.lo), abs(b.hi))
    if found.undefined and least < sys.float_info.min:
        return replace(found, undefined=False, overflow=True)
    return found


def _beside_zero(b: Interval) -> Interval | None:
    """A divisor without 0 at its end; None where it lies on both sides of 0."""
    if b.lo < 0.0 < b.hi or b.lo == b.hi == 0.0:
        return None
    least = 1.0 if b.integer else math.ulp(0.0)
    if b.lo == 0.0:
        return Interval(least, b.hi, b.integer)
    return Interval(b.lo, -least, b.integer) if b.hi == 0.0 else b


def _floor_division(a: Interval, b: Interval) -> Interval:
    q = _division(a, b)
    beside = _beside_zero(b)
    if beside is None:
        return q
    ends = [_floor_of_quotient(x, y) for x in (a.lo, a.hi) for y in (beside.lo, beside.hi)]
    lo, hi = min(ends), max(ends)
    # The kernels' quotients are rounded, and so exact up to here only.
    return replace(
        q,
        lo=lo if abs(lo) < _EXACT else _beyond(lo, -QUOTIENT_ULPS),
        hi=hi if abs(hi) < _EXACT else _beyond(hi, QUOTIENT_ULPS),
        integer=True,
    )


def _beyond(x: float, ulps: int) -> float:
    """The number so many units in the last place above x, or below."""
    return x + ulps * math.ulp(x) if math.isfinite(x) else x


def _floor_of_quotient(x: float, y: float) -> float:
    """The floor of the true quotient, as `//` has it: 1 // 0.1 is 9, as 0.1 is a little more than a tenth."""
    if math.isinf(x) or math.isinf(y):
        below = (x < 0.0) != (y < 0.0)
        return (-INF if below else INF) if math.isinf(x) else (-1.0 if below and x != 0.0 else 0.0)
    whole = Fraction(x) // Fraction(y)
    try:
        return float(whole)
    except OverflowError:
        return INF if whole > 0 else -INF


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
    found = _exact_power(a, b)
    if (b.integer and max(abs(b.lo), abs(b.hi)) <= SHORT) or b.point == 0.5 or found.empty:
        return found
    return replace(found, lo=_power_doubt(found.lo, -1), hi=_power_doubt(found.hi, 1))


def _power_doubt(end: float, sign: int) -> float:
    """The end of a power moved by what its rounding may add; powers of two, 0 and 1 among them, are kept exactly."""
    if not math.isfinite(end) or abs(math.frexp(end)[0]) == 0.5 or end == 0.0:
        return end
    ulps = POWER_ULPS if 2.0**-16 < abs(end) < 2.0**16 else FAR_POWER_ULPS
    return _beyond(end, sign * ulps)


def _exact_power(a: Interval, b: Interval) -> Interval:
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
        return _unbounded((a,), Interval(min(ends), max(ends), integer))
    if a.lo > 0 or (a.lo == 0 and b.lo >= 0):
        values = [_power_end(x, y) for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
        return _unbounded((a, b), Interval(min(values), max(values), integer))
    if b.integer and b.lo >= 0 and not b.empty:
        # An even exponent makes any base positive, an odd one keeps its sign.
        top = max(_power_end(max(-a.lo, a.hi), y) for y in (b.lo, b.hi))
        return _unbounded((a, b), Interval(-top, top, integer))
    return Interval(-INF, INF, integer, undefined=True)


def _power_end(x: float, y: float) -> float:
    """The power at finite or infinite end points as the kernels have it; infinite where no double holds it."""
    value = compute("pow", [x, y]) if math.isfinite(x) and math.isfinite(y) else INF
    if value != INF:
        return value
    try:
        return float(x**y)
    except (OverflowError, ZeroDivisionError):
        return -INF if x < 0.0 and y % 2.0 == 1.0 else INF


def _rounding(op: str) -> Callable[[Interval], Interval]:
    def bounds(a: Interval) -> Interval:
        lo, hi = (v if math.isinf(v) else compute(op, [v]) for v in (a.lo, a.hi))
        return Interval(lo, hi, True)

    return bounds


def _exponential(a: Interval) -> Interval:
    lo, hi = (0.0 if v == -INF else compute("exp", [v]) for v in (a.lo, a.hi))
    # exp(0) is exact, and nothing beside it is on the wrong side.
    lo = lo if a.lo == 0.0 else max(_beyond(lo, -EXP_ULPS), 0.0)
    return _unbounded((a,), Interval(lo, hi if a.hi == 0.0 else _beyond(hi, EXP_ULPS)))


def _logarithm(op: str, base: int | None = None) -> Callable[[Interval], Interval]:
    """`base`: whole ones have exact whole logarithms, and what lies beside these is on the right side."""

    def end(x: float, sign: int) -> float:
        if x <= 0.0 or x == INF:
            return INF if x > 0.0 else -INF
        value = compute(op, [x])
        exact = x == 1.0 or (base is not None and value >= 0.0 and value.is_integer() and base ** int(value) == x)
        return value if exact else _beyond(value, sign * LOG_ULPS)

    return lambda a: Interval(end(a.lo, -1), end(a.hi, 1), undefined=a.lo <= 0)


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
    "floor": _rounding("floor"),
    "ceil": _rounding("ceil"),
    "round": _rounding("round"),
    "exp": _exponential,
    "log": _logarithm("log"),
    "log2": _logarithm("log2", 2),
    "log10": _logarithm("log10", 10),
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
