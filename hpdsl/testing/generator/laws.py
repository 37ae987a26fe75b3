"""Numeric priors, with `int`, `in` and `step`, whose arguments are constants or follow other parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

from hpdsl.testing.generator.names import number, pick, rarely, written
from hpdsl.testing.generator.scope import Scope
from hpdsl.testing.generator.values import OPEN, SUM, UNKNOWN, At, Value, binary, call, constant, extreme, plain


@dataclass(frozen=True)
class Law:
    """A prior as written, the range of its values, and its value at the witness.

    `fixed` says that its arguments are constants; `step` is the distance of its values where they have one.
    """

    text: str
    lo: float
    hi: float
    whole: bool
    at: At
    fixed: bool
    step: Decimal | None = None


# Constant arguments: (low, ratio or width) for bounds, whole tuples for the rest.
_LINEAR = (("0", "1"), ("0", "10"), ("-1", "2"), ("1", "4"), ("0.5", "0.25"), ("-2.5", "100"), ("1e-3", "0.5"))
_LOG = (("1", "10"), ("1e-3", "100"), ("1e-5", "1e4"), ("0.1", "4"), ("8", "64"))
_INTEGER = (("1", "4"), ("0", "3"), ("-2", "5"), ("10", "90"), ("0", "1"))
_INTEGER_LOG = (("1", "8"), ("8", "4"), ("2", "50"))
_BELOW_ONE = (("0.9", "0.999"), ("0.5", "0.99"), ("-1", "0.5"))
_ODDS = (("0.01", "0.99"), ("0.1", "0.5"), ("0.5", "0.9999"))
_ARGUMENTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "normal": (("0", "1"), ("1", "0.5"), ("-2", "3"), ("10", "2")),
    "lognormal": (("1", "2"), ("1e-3", "3"), ("20", "1.5")),
    "beta": (("2", "5"), ("1", "1"), ("0.5", "0.5"), ("1", "10")),
    "gamma": (("2", "1"), ("0.5", "2"), ("1", "0.5"), ("9", "3")),
    "exponential": (("1",), ("3",), ("0.5",)),
}
_NAMES: dict[str, tuple[str, ...]] = {
    "normal": ("mean", "sd"),
    "lognormal": ("median", "factor"),
    "beta": ("alpha", "beta"),
    "gamma": ("shape", "scale"),
    "exponential": ("mean",),
    "triangular": ("low", "mode", "high"),
}
_ABOVE: dict[str, tuple[float, ...]] = {
    "normal": (-math.inf, 0.0),
    "lognormal": (0.0, 1.0),
    "beta": (0.0, 0.0),
    "gamma": (0.0, 0.0),
    "exponential": (0.0,),
}
_BOUNDED = ("uniform", "loguniform", "triangular", "revloguniform", "logituniform")
_SHAPED = ("normal", "lognormal", "beta", "gamma", "exponential")


@st.composite
def laws(draw: st.DrawFn, scope: Scope, follow: bool = True, fixed: bool = False) -> Law:
    """A numeric prior; with `follow` its arguments may follow what is visible, with `fixed` its range is bounded."""
    integer = draw(st.integers(0, 3)) == 3
    follow = follow and not fixed
    base = pick(draw, ("uniform", "uniform", "loguniform", *_SHAPED, "triangular", "revloguniform", "logituniform"))
    if base in _BOUNDED:
        if integer and base in ("revloguniform", "logituniform"):
            base = "uniform"
        return _bounded(draw, scope, base, integer, follow)
    return _shaped(draw, scope, base, integer and base != "beta", follow, fixed)


def followed(draw: st.DrawFn, scope: Scope, above: float = -math.inf, widest: float = 1e4) -> Value | None:
    """An expression of what is visible whose value exceeds `above`; None where nothing serves."""
    found = [s for s in scope.of("number") if s.value.bounded and max(abs(s.lo), abs(s.hi)) <= widest]
    if scope.index is not None and rarely(draw, 3):
        v = scope.index
    elif found:
        v = pick(draw, found).value
    else:
        return None
    how = draw(st.integers(0, 5))
    if how == 3:
        v = binary("*", number(draw, ("2", "0.5", "3")), v)
    elif how == 4:
        v = binary("+", v, number(draw, ("1", "0.5")))
    elif how == 5:
        v = call("abs", v)
    if v.lo > above:
        return v
    if above == -math.inf:
        return v
    if rarely(draw, 2):
        return extreme("max", [v, constant(above + 1)])
    return binary("+", call("abs", v), constant(above + 1))


def _argument(draw: st.DrawFn, scope: Scope, text: str, above: float, follow: bool) -> Value:
    if follow and rarely(draw, 4):
        v = followed(draw, scope, above, 100.0)
        if v is not None:
            return v
    return written(draw, Decimal(text))


def _short(x: float, lo: float, hi: float) -> float:
    """A number near x within lo .. hi, in few digits."""
    for digits in (1, 2, 3, 6):
        v = float(f"{x:.{digits}g}")
        if lo < v < hi:
            return v
    return x


def _middle(lo: Value, hi: Value, log: bool, integer: bool) -> At:
    a, b = lo.number, hi.number
    if a is None or b is None:
        return OPEN if OPEN in (lo.at, hi.at) else UNKNOWN
    x = math.sqrt(a * b) if log and a > 0 else 0.5 * (a + b)
    return float(min(max(math.floor(x + 0.5), math.ceil(a)), math.floor(b))) if integer else _short(x, a, b)


def _called(draw: st.DrawFn, base: str, arguments: list[Value], keys: tuple[str, ...]) -> str:
    style = draw(st.integers(0, 11))
    texts = [a.text for a in arguments]
    if style == 10:
        texts = [f"{k} = {t}" for k, t in zip(keys, texts, strict=True)]
    elif style == 11:
        texts[-1] = f"{keys[-1]} = {texts[-1]}"
    return f"{base}({', '.join(texts)})"


def _bounded(draw: st.DrawFn, scope: Scope, base: str, integer: bool, follow: bool) -> Law:
    """A prior whose arguments are its bounds."""
    table = {"loguniform": _LOG, "revloguniform": _BELOW_ONE, "logituniform": _ODDS}.get(base, _LINEAR)
    if integer:
        table = _INTEGER_LOG if base == "loguniform" else _INTEGER
    a, b = (Decimal(x) for x in pick(draw, table))
    log = base == "loguniform"
    c = a * b if log else a + b if base in ("uniform", "triangular") else b
    step = None
    if not log and base != "revloguniform" and base != "logituniform" and rarely(draw, 5):
        step = Decimal(pick(draw, ("1", "2", "3"))) if integer else Decimal(pick(draw, ("0.5", "0.25", "0.1", "1")))
        c = a + step * draw(st.integers(2, 6))
    low, high = written(draw, a), written(draw, c)
    fixed = True
    if follow and base in ("uniform", "loguniform", "triangular") and rarely(draw, 3):
        ends = _following(draw, scope, low, log, step)
        # Bounds that follow `index` are numbers, in whose case there is no rounding inwards.
        numbered = scope.index is not None and (step is not None or (integer and not all(e.whole for e in ends or ())))
        if ends is not None and not numbered:
            low, high = ends
            fixed = False
    arguments = [low, high]
    keys: tuple[str, ...] = ("low", "high")
    at = _middle(low, high, log, integer)
    if base == "triangular":
        # Where the bounds follow something, the mode stands at one of them.
        mode = low if rarely(draw, 2) or not fixed else written(draw, (a + c) / 2 if not integer else c)
        arguments, keys = [low, mode, high], _NAMES[base]
    text = "int " * integer + _called(draw, base, arguments, keys)
    lo, hi = low.lo, high.hi
    if step is not None:
        text += f" step {plain(step)}"
        whole = step == step.to_integral() and low.whole
        x = low.number
        if fixed:
            at = float(a + step)
        else:
            at = low.at if x is None else x
        return Law(text, lo, hi, integer or whole, at, fixed, step)
    if fixed and rarely(draw, 8):
        middle = at if isinstance(at, float) else 0.0
        if lo < middle < hi:
            side = draw(st.integers(0, 2))
            text += " in " + (f".. {plain(middle)}", f"{plain(middle)} ..", f"{plain(lo)} .. {plain(middle)}")[side]
            lo, hi = (middle, hi) if side == 1 else (lo, middle)
    return Law(text, lo, hi, integer, at, fixed)


def _following(
    draw: st.DrawFn, scope: Scope, low: Value, log: bool, step: Decimal | None
) -> tuple[Value, Value] | None:
    """Bounds of which one or both follow something, in order whatever it is."""
    how = draw(st.integers(0, 2))
    if how == 0:
        v = followed(draw, scope, low.lo + 1.0)
        return None if v is None else (low, v)
    v = followed(draw, scope, 0.0 if log else -math.inf)
    if v is None:
        return None
    if how == 1 and step is None:
        top = math.ceil(v.hi) + 2.0
        return v, constant(top)
    return v, binary("+", v, number(draw, ("2", "10"))) if v.rank >= SUM else constant(math.ceil(v.hi) + 2.0)


def _shaped(draw: st.DrawFn, scope: Scope, base: str, integer: bool, follow: bool, fixed: bool) -> Law:
    """A prior whose arguments are no bounds, perhaps truncated."""
    arguments = [
        _argument(draw, scope, text, above, follow)
        for text, above in zip(pick(draw, _ARGUMENTS[base]), _ABOVE[base], strict=True)
    ]
    constant_ones = all(a.constant for a in arguments)
    text = "int " * integer + _called(draw, base, arguments, _NAMES[base])
    lo, hi = {"normal": (-math.inf, math.inf), "beta": (0.0, 1.0)}.get(base, (0.0, math.inf))
    center = _center(base, arguments)
    step = None
    if base != "beta" and (fixed or draw(st.integers(0, 2)) == 2):
        middle = center if isinstance(center, float) else arguments[0].lo if arguments[0].bounded else 1.0
        a, b = _window(base, middle, integer)
        side = 0 if fixed else draw(st.integers(0, 4))
        if side < 3:
            text += f" in {plain(a)} .. {plain(b)}"
            lo, hi = float(a), float(b)
            if rarely(draw, 6 if integer else 4):
                # On a logarithmic scale half a step below the lowest value is still positive.
                step = Decimal(1) if integer else (b - a) / 4 if base == "normal" else a
                text += f" step {plain(step)}"
        elif side == 3:
            text += f" in {plain(a)} .."
            lo = float(a)
        else:
            text += f" in .. {plain(b)}"
            hi = float(b)
        if not isinstance(center, float):
            center = OPEN if center is OPEN else center
    at = center
    if isinstance(center, float):
        at = min(max(center, lo), hi)
        if integer:
            at = float(math.floor(at + 0.5))
        elif step is not None:
            at = float(Decimal(plain(lo)) + step)
    return Law(text, lo, hi, integer, at, constant_ones, step)


def _center(base: str, arguments: list[Value]) -> At:
    known = [a.number for a in arguments]
    if any(x is None for x in known):
        return OPEN if any(a.at is OPEN for a in arguments) else UNKNOWN
    x = known[0]
    assert x is not None
    if base == "beta":
        return _short(x / (x + (known[1] or 1.0)), 0.0, 1.0)
    return x * (known[1] or 1.0) if base == "gamma" else x


def _window(base: str, middle: float, integer: bool) -> tuple[Decimal, Decimal]:
    """Bounds around the bulk of a prior, 4 steps of a decimal number apart."""
    if integer:
        m = Decimal(math.floor(middle))
        return (m - 3, m + 5) if base == "normal" else (max(m - 2, Decimal(1)), m + 6)
    m = Decimal(repr(float(f"{middle:.2g}")))
    if base == "normal":
        return m - 2, m + 2
    return (m / 4, m * 4) if m else (Decimal("0.1"), Decimal(2))


def power(draw: st.DrawFn, scope: Scope) -> Law:
    """`pow2`."""
    low, times = pick(draw, (("1", 8), ("4", 64), ("0.25", 16), ("16", 1024)))
    a = float(low)
    high = constant(a * times)
    fixed = True
    if rarely(draw, 6):
        found = [s for s in scope.of("number") if s.whole and s.lo >= 0 and s.hi <= 10 and a <= 1]
        if found:
            high, fixed = binary("**", constant(2.0), binary("+", pick(draw, found).value, constant(1.0))), False
    at: At = a * 2.0 if high.number is None or high.number >= 2 * a else a
    if not fixed and high.number is None:
        at = high.at
    return Law(f"pow2({plain(a)}, {high.text})", a, high.hi, a >= 1, at, fixed)
