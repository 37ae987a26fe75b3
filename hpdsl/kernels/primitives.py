"""What the formulas of this folder are written in: a few exact steps, bound to Python, numpy or Numba.

A formula is written once, without branches, as a function inside a `build` that receives these steps. Bound to
floats, to arrays or to compiled scalars it performs the same IEEE operations in the same order, so that all
three give the same bits. Everything else the formulas use (`+ - *`, comparisons, `& |` of truth values, and
integer `+ - & | ^ << >>`) is exact or correctly rounded everywhere; `/` is written `divide`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# A float, an array of float64, or a compiled float64; a truth value or a 64-bit integer of the same kind.
Real = Any
Truth = Any
Integer = Any
Function = Callable[..., Any]

NAN = math.nan
INF = math.inf


@dataclass(frozen=True)
class Primitives:
    """The steps that differ between the three; every one is total."""

    function: Callable[[Function], Function]
    """Marks a formula: compiles and inlines it, or leaves it as it is."""
    routine: Callable[[Function], Function]
    """The same for a long one with loops, which is not inlined."""
    where: Callable[[Truth, Any, Any], Any]
    """The second argument where the first is true, else the third."""
    divide: Callable[[Real, Real], Real]
    """IEEE division."""
    sqrt: Callable[[Real], Real]
    """Square root; NaN below 0."""
    floor: Callable[[Real], Real]
    """Largest integer not above."""
    fmod: Callable[[Real, Real], Real]
    """Exact remainder with the sign of the dividend; NaN where the divisor is 0."""
    bits: Callable[[Real], Integer]
    """The double's pattern as a signed 64-bit integer."""
    value: Callable[[Integer], Real]
    """The double of a pattern; only the lower 64 bits count."""
    marks: Callable[[Truth, Real, Real, Real], Real]
    """The last argument where the first is true, else the mark of the two operands between: NaN or +inf."""
    every: Callable[[Truth], bool]
    """Whether all lanes are true."""


def _where(condition: bool, yes: Any, no: Any) -> Any:
    return yes if condition else no


def _divide(a: float, b: float) -> float:
    if b != 0.0:
        return a / b
    if a == 0.0 or a != a or b != b:
        return NAN
    return math.copysign(INF, a) * math.copysign(1.0, b)


def _sqrt(a: float) -> float:
    return math.sqrt(a) if a >= 0.0 else NAN


def _floor(a: float) -> float:
    # Beyond 2**52 every double is an integer.
    return math.copysign(float(math.floor(a)), a) if abs(a) < 4503599627370496.0 else a


def _fmod(a: float, b: float) -> float:
    return math.fmod(a, b) if b != 0.0 and abs(a) < INF else NAN


def _bits(a: float) -> int:
    return int(struct.unpack("<q", struct.pack("<d", a))[0])


def _value(i: int) -> float:
    return float(struct.unpack("<d", struct.pack("<Q", i & 0xFFFFFFFFFFFFFFFF))[0])


def _marks(fine: bool, a: float, b: float, result: float) -> float:
    return result if fine else NAN if a != a or b != b else INF


def _same(f: Function) -> Function:
    return f


PYTHON = Primitives(
    function=_same,
    routine=_same,
    where=_where,
    divide=_divide,
    sqrt=_sqrt,
    floor=_floor,
    fmod=_fmod,
    bits=_bits,
    value=_value,
    marks=_marks,
    every=bool,
)
