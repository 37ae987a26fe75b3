"""`Value`: an expression being written, with its range and what it comes to at the witness.

The witness is one configuration that is kept while a spec is written, so that every `require` can be turned to
the side on which it holds there. `UNKNOWN` is what the language calls unknown; `OPEN` is what isn't followed up.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum


class Mark(Enum):
    """What stands in for a value at the witness."""

    UNKNOWN = "unknown"
    OPEN = "open"


UNKNOWN, OPEN = Mark.UNKNOWN, Mark.OPEN
At = float | bool | str | None | tuple[object, ...] | Mark

# How loosely an expression is bound, from `=>` to an operand.
IMPLIES, IF, OR, AND, NOT, COMPARED, SUM, TERM, SIGN, POWER, OPERAND = range(11)


@dataclass(frozen=True)
class Value:
    """An expression of kind "number", "bool" or "text"; numbers lie within `lo` .. `hi` wherever they are defined.

    `safe` says that it is defined everywhere, `whole` that it is an integer, `constant` that it depends on nothing.
    """

    text: str
    rank: int = OPERAND
    kind: str = "number"
    lo: float = -math.inf
    hi: float = math.inf
    whole: bool = False
    at: At = OPEN
    safe: bool = True
    constant: bool = False

    def within(self, rank: int) -> str:
        """The text as an operand of an operator that binds as tightly as `rank`."""
        return self.text if self.rank >= rank else f"({self.text})"

    @property
    def number(self) -> float | None:
        """The number it is at the witness, if that is known."""
        fine = isinstance(self.at, (int, float)) and not isinstance(self.at, bool)
        return float(self.at) if fine else None  # type: ignore[arg-type]  # narrowed by the line above

    @property
    def bounded(self) -> bool:
        """True where both ends of its range are finite and moderate."""
        return -1e6 <= self.lo <= self.hi <= 1e6


def plain(x: float | Decimal) -> str:
    """A number as a digit string, without an exponent where that is short."""
    d = x if isinstance(x, Decimal) else Decimal(repr(x))
    if not d:
        return "0"
    d = d.normalize()
    exponent = d.adjusted()
    if -5 <= exponent < 7:
        return format(d, "f")
    digits = format(d.scaleb(-exponent), "f")
    return f"{digits}e{exponent}"


def constant(x: float | Decimal, text: str | None = None) -> Value:
    """A number as it is."""
    v = float(x)
    rank = SIGN if v < 0 else OPERAND
    return Value(text or plain(x), rank, "number", v, v, v == math.floor(v), v, True, True)


# ---- arithmetic ----------------------------------------------------------------------------------


def _corners(f: Callable[[float, float], float], a: Value, b: Value) -> tuple[float, float]:
    try:
        ends = [f(x, y) for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
    except (OverflowError, ValueError, ZeroDivisionError):
        return -math.inf, math.inf
    if any(math.isnan(e) for e in ends):
        return -math.inf, math.inf
    return min(ends), max(ends)


_RANKS = {"+": SUM, "-": SUM, "*": TERM, "/": TERM, "//": TERM, "%": TERM, "**": POWER}
_FUNCTIONS: dict[str, Callable[[float, float], float]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "//": lambda x, y: x // y,
    "%": lambda x, y: x % y,
    "**": lambda x, y: x**y,
}


def binary(op: str, a: Value, b: Value) -> Value:
    """Two numbers and an operator between them."""
    rank = _RANKS[op]
    if op == "**":
        text = f"{a.within(OPERAND)} ** {b.within(SIGN)}"
    else:
        text = f"{a.within(rank)} {op} {b.within(rank + 1)}"
    safe, whole = a.safe and b.safe, a.whole and b.whole and op != "/"
    lo, hi = -math.inf, math.inf
    if op in "+-*":
        lo, hi = _corners(_FUNCTIONS[op], a, b)
    elif op == "**":
        safe = safe and (a.lo > 0 or (b.constant and b.whole and b.lo >= 0))
        whole = whole and b.lo >= 0
        if a.lo > 0:
            lo, hi = _corners(_FUNCTIONS[op], a, b)
        elif b.constant and b.whole and b.lo >= 0:
            most = max(abs(a.lo), abs(a.hi)) ** b.lo if a.bounded else math.inf
            lo, hi = (0.0 if b.lo % 2 == 0 else -most), most
    elif b.lo > 0 or b.hi < 0:
        if op == "%":
            lo, hi = (0.0, b.hi) if b.lo > 0 else (b.lo, 0.0)
        else:
            lo, hi = _corners(_FUNCTIONS[op], a, b)
    else:
        safe = False
    at = both(a, b, _FUNCTIONS[op])
    return Value(text, rank, "number", lo, hi, whole, at, safe, a.constant and b.constant)


def both(a: Value, b: Value, f: Callable[[float, float], object]) -> At:
    """What two numbers make of each other at the witness."""
    x, y = a.number, b.number
    if x is None or y is None:
        return OPEN if OPEN in (a.at, b.at) else UNKNOWN
    try:
        result = f(x, y)
    except (OverflowError, ValueError, ZeroDivisionError):
        return OPEN
    if isinstance(result, complex) or (isinstance(result, float) and not math.isfinite(result)):
        return OPEN
    return result  # type: ignore[return-value]  # a number or a truth value


_UNARY: dict[str, tuple[Callable[[float], float], float, bool]] = {
    # name: (function, what its operand must exceed, whether the result is an integer)
    "exp": (math.exp, -math.inf, False),
    "log": (math.log, 0.0, False),
    "log2": (math.log2, 0.0, False),
    "log10": (math.log10, 0.0, False),
    "sqrt": (math.sqrt, -5e-324, False),
    "floor": (math.floor, -math.inf, True),
    "ceil": (math.ceil, -math.inf, True),
    "round": (round, -math.inf, True),
}
UNARY = ("abs", *_UNARY)


def call(name: str, a: Value) -> Value:
    """A function of one number."""
    text = f"{name}({a.text})"
    if name == "abs":
        lo = 0.0 if a.lo <= 0 <= a.hi else min(abs(a.lo), abs(a.hi))
        return replace(a, text=text, rank=OPERAND, lo=lo, hi=max(abs(a.lo), abs(a.hi)), at=_one(a, abs))
    f, above, whole = _UNARY[name]
    safe = a.safe and a.lo > above
    lo, hi = -math.inf, math.inf
    if safe:
        try:
            lo, hi = (float(f(x)) if math.isfinite(x) else x for x in (a.lo, a.hi))
        except (OverflowError, ValueError):
            lo, hi = -math.inf, math.inf
    safe = safe and (name != "exp" or a.hi < 700)
    return Value(text, OPERAND, "number", lo, hi, whole, _one(a, f), safe, a.constant)


def _one(a: Value, f: Callable[[float], float]) -> At:
    x = a.number
    if x is None:
        return a.at
    try:
        return float(f(x))
    except (OverflowError, ValueError):
        return OPEN


def negated(a: Value) -> Value:
    """`-a`."""
    return replace(a, text=f"-{a.within(SIGN)}", rank=SIGN, lo=-a.hi, hi=-a.lo, at=_one(a, lambda x: -x))


def extreme(name: str, items: list[Value], listed: bool = False) -> Value:
    """`min` or `max` of numbers, as arguments or of a list."""
    inside = ", ".join(v.text for v in items)
    text = f"{name}([{inside}])" if listed else f"{name}({inside})"
    f = min if name == "min" else max
    known = [v.number for v in items]
    at: At = OPEN
    if all(x is not None for x in known):
        at = f(x for x in known if x is not None)
    elif OPEN not in [v.at for v in items] and not listed:
        at = UNKNOWN
    return Value(
        text,
        OPERAND,
        "number",
        f(v.lo for v in items),
        f(v.hi for v in items),
        all(v.whole for v in items),
        at,
        all(v.safe for v in items),
        all(v.constant for v in items),
    )


# ---- truth ---------------------------------------------------------------------------------------


def truth(text: str, rank: int, at: At, safe: bool) -> Value:
    """A condition."""
    return Value(text, rank, "bool", 0.0, 1.0, False, at, safe, False)


TRUE = truth("true", OPERAND, True, True)
FALSE = truth("false", OPERAND, False, True)


def inverted(a: Value) -> Value:
    """`not a`."""
    return truth(f"not {a.within(NOT)}", NOT, (not a.at) if isinstance(a.at, bool) else a.at, a.safe)


def joined(word: str, a: Value, b: Value, broken: bool = False) -> Value:
    """Two conditions with `and`, `or` or `=>` between; `broken` puts the word on a line of its own."""
    rank = {"and": AND, "or": OR, "=>": IMPLIES}[word]
    gap = "\n  " if broken else " "
    text = f"{a.within(rank + 1)}{gap}{word} {b.within(rank + (word != '=>'))}"
    left = (not a.at) if word == "=>" and isinstance(a.at, bool) else a.at
    stops = word != "and"  # the outcome that either side alone decides
    if stops is left or stops is b.at:
        at: At = stops
    elif isinstance(left, bool) and isinstance(b.at, bool):
        at = not stops
    else:
        at = OPEN if OPEN in (left, b.at) else UNKNOWN
    return truth(text, rank, at, a.safe and b.safe)


def chosen(a: Value, condition: Value, b: Value) -> Value:
    """`a if condition else b`."""
    text = f"{a.within(OR)} if {condition.within(OR)} else {b.within(IF)}"
    at = condition.at
    if isinstance(at, bool):
        at = a.at if at else b.at
    return Value(
        text,
        IF,
        a.kind,
        min(a.lo, b.lo),
        max(a.hi, b.hi),
        a.whole and b.whole,
        at,
        a.safe and b.safe and condition.safe,
    )
