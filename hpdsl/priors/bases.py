"""Base distributions on a standardised scale, truncated to a .. b: what every numeric prior is made of.

`a` and `b` are terms, or None where that side is unbounded. `lower` and `upper` mass is never formed as one
minus the other, so that truncation far in a tail keeps its relative accuracy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from hpdsl.terms import Term, apply, as_term, const

# The largest double below one half and its complements: inner uniforms stay strictly inside (0, 1).
INNER_LOW = 2.0**-54
INNER_HIGH = 1.0 - 2.0**-53
# Just below one half, by more than the rounding errors of a map: medians take the lower value on ties.
LOWER_HALF = 0.5 - 2.0**-32


def linear(u: Term, start: Term, width: Term) -> Term:
    """`start + width * u`, as one operation where both are constants."""
    if start.constant is not None and width.constant is not None:
        return apply("affine", u, data=(start.constant, width.constant))
    return start + width * u


def clamp(x: Term, lo: Term | None, hi: Term | None) -> Term:
    """`x` limited to `lo .. hi`."""
    low = const(-math.inf) if lo is None else lo
    high = const(math.inf) if hi is None else hi
    if low.constant is not None and high.constant is not None:
        return apply("clip", x, data=(low.constant, high.constant))
    if lo is None:
        return apply("min", x, high)
    if hi is None:
        return apply("max", x, low)
    return apply("clamp", x, low, high)


class Base(Protocol):
    """A distribution of t, truncated to a .. b."""

    def total(self, a: Term | None, b: Term | None) -> Term:
        """What the untruncated law gives to a .. b (for the uniform law: its width)."""

    def ppf(self, u: Term, a: Term | None, b: Term | None) -> Term:
        """The t below which the fraction u of the truncated law lies."""

    def cdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """The fraction of the truncated law below t."""

    def log_pdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """The logarithm of the truncated density at t."""

    def mass(self, s: Term, t: Term, a: Term | None, b: Term | None) -> Term:
        """The probability of s .. t under the truncated law."""


@dataclass(frozen=True)
class Uniform:
    """The uniform law; only its truncation gives it bounds."""

    def total(self, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        assert a is not None and b is not None
        return b - a

    def ppf(self, u: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        assert a is not None and b is not None
        return linear(u, a, b - a)

    def cdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        assert a is not None and b is not None
        return (t - a) / (b - a)

    def log_pdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        assert a is not None and b is not None
        return -apply("log", b - a)

    def mass(self, s: Term, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        assert a is not None and b is not None
        return (t - s) / (b - a)


_LOG_ROOT_2PI = 0.9189385332046727


@dataclass(frozen=True)
class Normal:
    """The standard normal law. Truncated above its median it is handled mirrored, where the tail is exact."""

    def total(self, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        below, above = self._probabilities(a, b, self._mirrored(a, b))
        return above - below

    def _mirrored(self, a: Term | None, b: Term | None) -> Term:
        """1 where the truncation starts above the median."""
        return const(0.0) if a is None else apply("lt", const(0.0), a)

    def _probabilities(self, a: Term | None, b: Term | None, flip: Term) -> tuple[Term, Term]:
        """The lower-tail probabilities of both ends, after mirroring."""

        def tail(x: Term | None, mirrored_x: Term | None, empty: float) -> Term:
            plain = const(empty) if x is None else apply("normal_cdf", x)
            other = const(empty) if mirrored_x is None else apply("normal_cdf", -mirrored_x)
            return choose(flip, other, plain)

        return tail(a, b, 0.0), tail(b, a, 1.0)

    def ppf(self, u: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        if a is None and b is None:
            return apply("normal_ppf", u)
        flip = self._mirrored(a, b)
        below, above = self._probabilities(a, b, flip)
        z = apply("normal_ppf", linear(choose(flip, 1.0 - u, u), below, above - below))
        return choose(flip, -z, z)

    def cdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        if a is None and b is None:
            return apply("normal_cdf", t)
        flip = self._mirrored(a, b)
        below, above = self._probabilities(a, b, flip)
        p = (apply("normal_cdf", choose(flip, -t, t)) - below) / (above - below)
        return choose(flip, 1.0 - p, p)

    def log_pdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        density = const(-_LOG_ROOT_2PI) - t * t * 0.5
        if a is None and b is None:
            return density
        below, above = self._probabilities(a, b, self._mirrored(a, b))
        return density - apply("log", above - below)

    def mass(self, s: Term, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        # Each cell is measured in the tail it lies in.
        flip = apply("lt", const(0.0), s)
        low, high = choose(flip, -t, s), choose(flip, -s, t)
        inside = apply("normal_cdf", high) - apply("normal_cdf", low)
        if a is None and b is None:
            return inside
        below, above = self._probabilities(a, b, self._mirrored(a, b))
        return inside / (above - below)


@dataclass(frozen=True)
class Beta:
    """The beta law of shapes alpha and beta on 0 .. 1."""

    alpha: Term
    beta: Term

    def total(self, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        below, above = self._ends(a, b)
        return above - below

    def _cdf(self, t: Term) -> Term:
        return apply("beta_cdf", clamp(t, const(0.0), const(1.0)), self.alpha, self.beta)

    def _ends(self, a: Term | None, b: Term | None) -> tuple[Term, Term]:
        return (const(0.0) if a is None else self._cdf(a), const(1.0) if b is None else self._cdf(b))

    def ppf(self, u: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        below, above = self._ends(a, b)
        return apply("beta_ppf", linear(u, below, above - below), self.alpha, self.beta)

    def cdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        below, above = self._ends(a, b)
        return (self._cdf(t) - below) / (above - below)

    def log_pdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`; where a shape of 1 meets its end of the interval, the factor is 1 there."""

        def factor(shape: Term, x: Term) -> Term:
            flat = apply("eq", shape, const(1.0))
            # The smallest normal double keeps the logarithm defined at the very end.
            log_x = apply("log", apply("max", x, const(2.0**-1022)))
            return choose(flat, as_term(0.0), (shape - 1.0) * log_x)

        below, above = self._ends(a, b)
        density = factor(self.alpha, t) + factor(self.beta, 1.0 - t) - apply("log_beta", self.alpha, self.beta)
        return density if (above - below).constant == 1.0 else density - apply("log", above - below)

    def mass(self, s: Term, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        below, above = self._ends(a, b)
        return (self._cdf(t) - self._cdf(s)) / (above - below)


def choose(test: Term, yes: Term, no: Term) -> Term:
    """`yes` where the test is 1, else `no`; decided here where the test is a constant."""
    if test.constant is not None:
        return yes if test.constant == 1.0 else no
    return apply("if", test, yes, no)
