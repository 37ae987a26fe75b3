"""Every operation of the table that only looks at its operands, with the rules for unknown and undefined.

`build` returns the functions by the name of the operation. Numbers are doubles; NaN is unknown, +inf is
undefined, and unknown wins unless the table says that one side decides.
"""

from __future__ import annotations

from types import SimpleNamespace

from hpdsl.kernels import beta, elementary, gamma, normal
from hpdsl.kernels.primitives import INF, NAN, Function, Primitives, Real, Truth


def formulas(p: Primitives) -> tuple[SimpleNamespace, SimpleNamespace, SimpleNamespace, SimpleNamespace]:
    """The elementary, normal, beta and gamma functions."""
    e = elementary.build(p)
    return e, normal.build(p, e), beta.build(p, e), gamma.build(p, e)


def build(
    p: Primitives, e: SimpleNamespace, n: SimpleNamespace, b: SimpleNamespace, g: SimpleNamespace
) -> dict[str, Function]:
    """The arithmetic, truth and map operations without tables, by name, from the formulas."""
    return {
        **_arithmetic(p, e.rint),
        "exp": e.exp,
        "log": e.log,
        "log2": e.log2,
        "log10": e.log10,
        "pow": e.power,
        **_truth(p),
        **_maps(p, e.rint),
        "normal_cdf": n.cdf,
        "normal_ppf": n.ppf,
        "beta_cdf": b.cdf,
        "beta_ppf": b.ppf,
        "log_beta": b.log_beta,
        "gamma_cdf": g.cdf,
        "gamma_sf": g.sf,
        "gamma_ppf": g.ppf,
        "gamma_isf": g.isf,
        "log_gamma": g.log_gamma,
    }


def _arithmetic(p: Primitives, rint: Function) -> dict[str, Function]:
    where, marks, divide, fmod, sqrt = p.where, p.marks, p.divide, p.fmod, p.sqrt
    whole = p.floor

    @p.function
    def add(a: Real, b: Real) -> Real:
        # Finite only where both operands are.
        result = a + b
        return marks(abs(result) < INF, a, b, result)

    @p.function
    def sub(a: Real, b: Real) -> Real:
        # Finite only where both operands are.
        result = a - b
        return marks(abs(result) < INF, a, b, result)

    @p.function
    def mul(a: Real, b: Real) -> Real:
        # Finite only where both operands are.
        result = a * b
        return marks(abs(result) < INF, a, b, result)

    @p.function
    def div(a: Real, b: Real) -> Real:
        result = divide(a, b)
        return marks((abs(result) < INF) & (b < INF), a, b, result)

    @p.function
    def floordiv(a: Real, b: Real) -> Real:
        rest = fmod(a, b)
        crossed = (rest != 0.0) & ((rest < 0.0) != (b < 0.0))
        quotient = divide(a - rest, b) - where(crossed, 1.0, 0.0)
        # The quotient is an integer up to its rounding.
        fine = (b != 0.0) & (b < INF) & (abs(quotient) < INF)
        return marks(fine, a, b, rint(quotient))

    @p.function
    def mod(a: Real, b: Real) -> Real:
        rest = fmod(a, b)
        crossed = (rest != 0.0) & ((rest < 0.0) != (b < 0.0))
        return marks((b < INF) & (rest == rest), a, b, where(crossed, rest + b, rest) + 0.0)

    @p.function
    def neg(a: Real) -> Real:
        return where(a == INF, INF, -a)

    @p.function
    def absolute(a: Real) -> Real:
        return abs(a)

    @p.function
    def smaller(a: Real, b: Real) -> Real:
        return marks((a < INF) & (b < INF), a, b, where(b < a, b, a))

    @p.function
    def larger(a: Real, b: Real) -> Real:
        return marks((a < INF) & (b < INF), a, b, where(b > a, b, a))

    @p.function
    def floor(a: Real) -> Real:
        return whole(a) + 0.0

    @p.function
    def ceil(a: Real) -> Real:
        return where(a == INF, INF, 0.0 - whole(-a))

    @p.function
    def root(a: Real) -> Real:
        return where(a >= 0.0, sqrt(a), where(a != a, NAN, INF))

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
    where, marks = p.where, p.marks

    @p.function
    def verdict(a: Real, b: Real, truth: Truth) -> Real:
        """1 or 0 where both operands are finite, else their mark."""
        return marks((a < INF) & (b < INF), a, b, where(truth, 1.0, 0.0))

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


def _maps(p: Primitives, rint: Function) -> dict[str, Function]:
    where = p.where

    @p.function
    def affine(a: Real, start: Real, width: Real) -> Real:
        return start + width * a

    @p.function
    def clip(a: Real, low: Real, high: Real) -> Real:
        return where(a < low, low, where(a > high, high, a))

    @p.function
    def lattice(a: Real, start: Real, width: Real, low: Real, high: Real) -> Real:
        nearest = rint(start + width * a)
        return where(nearest < low, low, where(nearest > high, high, nearest))

    @p.function
    def clamp(a: Real, low: Real, high: Real) -> Real:
        unknown = (a != a) | (low != low) | (high != high)
        mark = where(unknown, NAN, INF)
        limited = where(a < low, low, where(a > high, high, a))
        return where(unknown | (low == INF) | (high == INF), mark, limited)

    return {"affine": affine, "clip": clip, "lattice": lattice, "clamp": clamp}
