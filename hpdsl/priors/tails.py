"""Bases with one-sided or broken densities: exponential, triangular, gamma; both tails exact."""

from __future__ import annotations

from dataclasses import dataclass

from hpdsl.priors.bases import choose, linear
from hpdsl.terms import Term, apply, const

ZERO, ONE = const(0.0), const(1.0)
TINY = const(2.0**-1022)
# Below this the first terms of a series are more exact than the difference they stand for.
_NEAR = const(1e-5)


def one_minus_exp(x: Term) -> Term:
    """1 - exp(-x), accurate near 0."""
    series = x * (1.0 - x * (0.5 - x * (1.0 / 6.0)))
    return choose(apply("lt", apply("abs", x), _NEAR), series, 1.0 - apply("exp", -x))


def minus_log_one_minus(v: Term) -> Term:
    """-log(1 - v), accurate near 0."""
    series = v * (1.0 + v * (0.5 + v * (1.0 / 3.0)))
    return choose(apply("lt", v, _NEAR), series, -apply("log", apply("max", 1.0 - v, TINY)))


def _start(a: Term | None) -> Term:
    return ZERO if a is None else apply("max", a, ZERO)


@dataclass(frozen=True)
class Exponential:
    """The exponential law of mean 1; without memory, so that a truncated one starts anew at its lower end."""

    def _inside(self, a: Term, b: Term | None) -> Term:
        return ONE if b is None else one_minus_exp(b - a)

    def total(self, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        low = _start(a)
        return apply("exp", -low) * self._inside(low, b)

    def ppf(self, u: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        low = _start(a)
        return low + minus_log_one_minus(u * self._inside(low, b))

    def cdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        low = _start(a)
        return one_minus_exp(apply("max", t - low, ZERO)) / self._inside(low, b)

    def log_pdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        low = _start(a)
        return low - t - apply("log", self._inside(low, b))

    def mass(self, s: Term, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        low = _start(a)
        start = apply("max", s, low)
        return apply("exp", low - start) * one_minus_exp(t - start) / self._inside(low, b)


@dataclass(frozen=True)
class Triangular:
    """The triangular law on 0 .. 1 with its mode at c; handled mirrored where it is truncated above the mode."""

    c: Term

    def _square(self, t: Term, c: Term) -> Term:
        """The lower tail at t, for a mode at c."""
        inside = apply("max", ZERO, apply("min", t, ONE))
        rising = inside * inside / apply("max", c, TINY)
        rest = 1.0 - inside
        falling = 1.0 - rest * rest / apply("max", 1.0 - c, TINY)
        return choose(apply("lt", inside, c), rising, falling)

    def _mirrored(self, a: Term | None) -> Term:
        return ZERO if a is None else apply("le", self.c, a)

    def _ends(self, a: Term | None, b: Term | None) -> tuple[Term, Term, Term, Term]:
        """Whether it is mirrored, the mode then, and the tails of the lower and the upper end."""
        flip = self._mirrored(a)
        c = choose(flip, 1.0 - self.c, self.c)
        low = ZERO if a is None else a
        high = ONE if b is None else b
        return flip, c, self._square(choose(flip, 1.0 - high, low), c), self._square(choose(flip, 1.0 - low, high), c)

    def total(self, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        _, _, below, above = self._ends(a, b)
        return above - below

    def ppf(self, u: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        flip, c, below, above = self._ends(a, b)
        p = linear(choose(flip, 1.0 - u, u), below, above - below)
        rising = apply("sqrt", apply("max", p * c, ZERO))
        falling = 1.0 - apply("sqrt", apply("max", (1.0 - p) * (1.0 - c), ZERO))
        t = choose(apply("lt", p, c), rising, falling)
        return choose(flip, 1.0 - t, t)

    def cdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        flip, c, below, above = self._ends(a, b)
        p = (self._square(choose(flip, 1.0 - t, t), c) - below) / (above - below)
        return choose(flip, 1.0 - p, p)

    def log_pdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        rising = 2.0 * t / apply("max", self.c, TINY)
        falling = 2.0 * (1.0 - t) / apply("max", 1.0 - self.c, TINY)
        # At the mode both sides meet at 2.
        height = choose(apply("eq", t, self.c), const(2.0), choose(apply("lt", t, self.c), rising, falling))
        return apply("log", height) - apply("log", self.total(a, b))

    def mass(self, s: Term, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        # Each cell is measured in the tail it lies in.
        flip = apply("le", self.c, s)
        c = choose(flip, 1.0 - self.c, self.c)
        low, high = choose(flip, 1.0 - t, s), choose(flip, 1.0 - s, t)
        return (self._square(high, c) - self._square(low, c)) / self.total(a, b)


@dataclass(frozen=True)
class Gamma:
    """The gamma law of scale 1; truncated above its mean it is handled by its upper tail."""

    shape: Term

    def _lower(self, t: Term) -> Term:
        return apply("gamma_cdf", apply("max", t, ZERO), self.shape)

    def _upper(self, t: Term) -> Term:
        return apply("gamma_sf", apply("max", t, ZERO), self.shape)

    def _ends(self, a: Term | None, b: Term | None) -> tuple[Term, Term, Term]:
        """Whether upper tails are taken, and the tails of both ends."""
        flip = ZERO if a is None else apply("lt", self.shape, a)
        low = ZERO if a is None else choose(flip, self._upper(a), self._lower(a))
        high = choose(flip, ZERO, ONE) if b is None else choose(flip, self._upper(b), self._lower(b))
        return flip, low, high

    def total(self, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        flip, low, high = self._ends(a, b)
        return choose(flip, low - high, high - low)

    def ppf(self, u: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        if a is None and b is None:
            return apply("gamma_ppf", u, self.shape)
        flip, low, high = self._ends(a, b)
        p = low + u * (high - low)
        if flip.constant is not None:
            return apply("gamma_isf" if flip.constant else "gamma_ppf", p, self.shape)
        return choose(flip, apply("gamma_isf", p, self.shape), apply("gamma_ppf", p, self.shape))

    def cdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        flip, low, high = self._ends(a, b)
        return (choose(flip, self._upper(t), self._lower(t)) - low) / (high - low)

    def log_pdf(self, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`; where the shape is 1 the density at 0 is 1."""
        flat = apply("eq", self.shape, ONE)
        power = choose(flat, ZERO, (self.shape - 1.0) * apply("log", apply("max", t, TINY)))
        density = power - t - apply("log_gamma", self.shape)
        return density if a is None and b is None else density - apply("log", self.total(a, b))

    def mass(self, s: Term, t: Term, a: Term | None, b: Term | None) -> Term:
        """See `Base`."""
        flip = apply("lt", self.shape, s)
        inside = choose(flip, self._upper(s) - self._upper(t), self._lower(t) - self._lower(s))
        return inside / self.total(a, b)
