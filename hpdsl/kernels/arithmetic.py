"""Every operation of the table that only looks at its operands, with the rules for unknown and undefined.

`build(p)` returns the functions by the name of the operation. Numbers are doubles; NaN is unknown, +inf is
undefined, and unknown wins unless the table says that one side decides.
"""

from __future__ import annotations

from hpdsl.kernels import beta, elementary, normal
from hpdsl.kernels.primitives import INF, NAN, Function, Primitives, Real, Truth


def build(p: Primitives) -> dict[str, Function]:
    """The arithmetic, truth and map operations without tables, by name."""
    e = elementary.build(p)
    n = normal.build(p, e)
    b = beta.build(p, e)
    return {
        **_arithmetic(p, e.rint),
        "exp": e.exp,
        "log": e.log,
        "log2": e.log2,
        "log10": e.log10,
        "pow": e.power,
        **_truth(p),
        **_maps(p),
        "normal_cdf": n.cdf,
        "normal_ppf": n.ppf,
        "beta_cdf": b.cdf,
        "beta_ppf": b.ppf,
        "log_beta": b.log_beta,
    }


def _arithmetic(p: Primitives, rint: Function) -> dict[str, Function]:
    where = p.where

    @p.function
    def marked(a: Real, b: Real, result: Real) -> Real:
        """The result where it and both operands are finite, else the operands' mark or undefined."""
        fine = (abs(result) < INF) & (a < INF) & (b < INF)
        return where(fine, result, where((a != a) | (b != b), NAN, INF))

    @p.function
    def add(a: Real, b: Real) -> Real:
        return marked(a, b, a + b)

    @p.function
    def sub(a: Real, b: Real) -> Real:
        return marked(a, b, a - b)

    @p.function
    def mul(a: Real, b: Real) -> Real:
        return marked(a, b, a * b)

    @p.function
    def div(a: Real, b: Real) -> Real:
        return marked(a, b, p.divide(a, b))

    @p.function
    def floordiv(a: Real, b: Real) -> Real:
        rest = p.fmod(a, b)
        crossed = (rest != 0.0) & ((rest < 0.0) != (b < 0.0))
        quotient = p.divide(a - rest, b) - where(crossed, 1.0, 0.0)
        # The quotient is an integer up to its rounding.
        return marked(a, b, where(b == 0.0, INF, rint(quotient)))

    @p.function
    def mod(a: Real, b: Real) -> Real:
        rest = p.fmod(a, b)
        crossed = (rest != 0.0) & ((rest < 0.0) != (b < 0.0))
        return marked(a, b, where(crossed, rest + b, rest) + 0.0)

    @p.function
    def neg(a: Real) -> Real:
        return where(a == INF, INF, -a)

    @p.function
    def absolute(a: Real) -> Real:
        return abs(a)

    @p.function
    def smaller(a: Real, b: Real) -> Real:
        return marked(a, b, where(b < a, b, a))

    @p.function
    def larger(a: Real, b: Real) -> Real:
        return marked(a, b, where(b > a, b, a))

    @p.function
    def floor(a: Real) -> Real:
        return p.floor(a) + 0.0

    @p.function
    def ceil(a: Real) -> Real:
        return where(a == INF, INF, 0.0 - p.floor(-a))

    @p.function
    def root(a: Real) -> Real:
        return where(a >= 0.0, p.sqrt(a), where(a != a, NAN, INF))

    return {
        "add": add,
        "sub": sub,
        "mul": mul,
        "div": div,
        "floordiv": floordiv,
        "mod": mod,
        "neg": neg,
        "abs": absolute,
        "min": smaller,
        "max": larger,
        "floor": floor,
        "ceil": ceil,
        "round": rint,
        "sqrt": root,
    }


def _truth(p: Primitives) -> dict[str, Function]:
    where = p.where

    @p.function
    def verdict(a: Real, b: Real, truth: Truth) -> Real:
        """1 or 0 where both operands are finite, else their mark."""
        plain = where(truth, 1.0, 0.0)
        return where((a < INF) & (b < INF), plain, where((a != a) | (b != b), NAN, INF))

    @p.function
    def lt(a: Real, b: Real) -> Real:
        return verdict(a, b, a < b)

    @p.function
    def le(a: Real, b: Real) -> Real:
        return verdict(a, b, a <= b)

    @p.function
    def eq(a: Real, b: Real) -> Real:
        return verdict(a, b, a == b)

    @p.function
    def ne(a: Real, b: Real) -> Real:
        return verdict(a, b, a != b)

    @p.function
    def negation(a: Real) -> Real:
        return where(a == 0.0, 1.0, where(a == 1.0, 0.0, a))

    @p.function
    def both(a: Real, b: Real) -> Real:
        mark = where((a != a) | (b != b), NAN, where((a == INF) | (b == INF), INF, 1.0))
        return where((a == 0.0) | (b == 0.0), 0.0, mark)

    @p.function
    def either(a: Real, b: Real) -> Real:
        mark = where((a != a) | (b != b), NAN, where((a == INF) | (b == INF), INF, 0.0))
        return where((a == 1.0) | (b == 1.0), 1.0, mark)

    @p.function
    def choose(a: Real, b: Real, c: Real) -> Real:
        return where(a == 1.0, b, where(a == 0.0, c, a))

    @p.function
    def known(a: Real) -> Real:
        return where(a == a, 1.0, 0.0)

    @p.function
    def holds(a: Real) -> Real:
        return where(a == 1.0, 1.0, 0.0)

    @p.function
    def violated(a: Real) -> Real:
        return where((a == 0.0) | (a == INF), 1.0, 0.0)

    @p.function
    def undefined(a: Real) -> Real:
        return where(a == INF, 1.0, 0.0)

    @p.function
    def coalesce(a: Real, b: Real) -> Real:
        return where(a == a, a, b)

    return {
        "lt": lt,
        "le": le,
        "eq": eq,
        "ne": ne,
        "not": negation,
        "and": both,
        "or": either,
        "if": choose,
        "known": known,
        "holds": holds,
        "violated": violated,
        "undefined": undefined,
        "coalesce": coalesce,
    }


def _maps(p: Primitives) -> dict[str, Function]:
    where = p.where

    @p.function
    def affine(a: Real, start: Real, width: Real) -> Real:
        return start + width * a

    @p.function
    def clip(a: Real, low: Real, high: Real) -> Real:
        return where(a < low, low, where(a > high, high, a))

    @p.function
    def clamp(a: Real, low: Real, high: Real) -> Real:
        unknown = (a != a) | (low != low) | (high != high)
        mark = where(unknown, NAN, INF)
        limited = where(a < low, low, where(a > high, high, a))
        return where(unknown | (low == INF) | (high == INF), mark, limited)

    return {"affine": affine, "clip": clip, "clamp": clamp}
