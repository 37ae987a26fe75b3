"""`Power`: powers of two between bounds, each equally likely."""

from __future__ import annotations

from dataclasses import dataclass

from hpdsl.intervals import Facts, Interval
from hpdsl.priors.numeric import Numeric
from hpdsl.terms import Term, apply, const


@dataclass(frozen=True)
class Power:
    """2 ** e, where the exponent e follows an integer prior."""

    exponent: Numeric
    integer: bool

    def decode(self, u: Term) -> Term:
        """The value at the uniform u."""
        return apply("pow", const(2.0), self.exponent.decode(u))

    def encode(self, x: Term) -> Term:
        """The middle of a value's cell."""
        return self.exponent.encode(apply("log2", x))

    def log_density(self, x: Term) -> Term:
        """Log mass of a value."""
        return self.exponent.log_density(apply("log2", x))

    def contains(self, x: Term) -> Term:
        """1 where x is a legal power of two."""
        e = apply("log2", apply("max", x, const(2.0**-1022)))
        positive = apply("lt", const(0.0), x)
        return apply("and", positive, apply("and", self.exponent.contains(e), apply("eq", apply("round", e), e)))

    def at_scale(self, z: Term) -> Term:
        """The value at the fraction z of the range of exponents."""
        return apply("pow", const(2.0), self.exponent.at_scale(z))

    @property
    def dependent(self) -> bool:
        """True where bounds vary with other parameters."""
        return self.exponent.dependent

    def median_uniform(self) -> float:
        """The uniform of the median; the lower value on ties."""
        return self.exponent.median_uniform()

    def count(self) -> int | None:
        """How many values there are, where that is fixed."""
        return self.exponent.count()

    def middle(self, k: Term) -> Term:
        """The uniform in the middle of the k-th value's cell, from the lowest value."""
        return self.exponent.middle(k)

    def hull(self, facts: Facts) -> Interval:
        """Every value the prior can deliver."""
        e = self.exponent.hull(facts)
        return Interval(2.0**e.lo, 2.0**e.hi, self.integer)
