"""`Place`: one place of a permutation, given what stands in the places before it."""

from __future__ import annotations

from dataclasses import dataclass

from hpdsl.intervals import Facts, Interval
from hpdsl.priors.bases import LOWER_HALF
from hpdsl.terms import Term, apply, compute, const

ZERO, ONE = const(0.0), const(1.0)


@dataclass(frozen=True)
class Place:
    """The number of one of `total` values, each equally likely among those not in `used`.

    `used` holds the values of the places before it, in rising order.
    """

    total: int
    used: tuple[Term, ...]

    integer = True
    dependent = True

    @property
    def free(self) -> int:
        """How many values are left."""
        return self.total - len(self.used)

    def decode(self, u: Term) -> Term:
        """The value at the uniform u: of those left, in rising order."""
        spread = apply("affine", u, data=(-0.5, float(self.free)))
        x = apply("clip", apply("round", spread), data=(0.0, self.free - 1.0))
        for taken in self.used:
            x = x + apply("le", taken, x)
        return x

    def encode(self, x: Term) -> Term:
        """The middle of a value's cell."""
        rank = x
        for taken in self.used:
            rank = rank - apply("lt", taken, x)
        return apply("clip", apply("affine", rank, data=(0.5 / self.free, 1.0 / self.free)), data=(0.0, 1.0))

    def log_density(self, x: Term) -> Term:
        """Log mass of a value; unknown where x is."""
        return apply("affine", apply("known", x), data=(0.0, -compute("log", [float(self.free)])))

    def contains(self, x: Term) -> Term:
        """1 where x is a value that is left."""
        legal = apply("and", apply("le", ZERO, x), apply("le", x, const(self.total - 1.0)))
        legal = apply("and", legal, apply("eq", apply("round", x), x))
        for taken in self.used:
            legal = apply("and", legal, apply("ne", taken, x))
        return legal

    def at_scale(self, z: Term) -> Term:
        """The value at the fraction z of those left."""
        return self.decode(z)

    def median_uniform(self) -> float:
        """The uniform of the first value left: a permutation's median is its written order."""
        return 0.5 / self.free if self.free > 1 else LOWER_HALF

    def count(self) -> int | None:
        """None: which values there are depends on other places."""
        return None

    def hull(self, facts: Facts) -> Interval:
        """Every value the prior can deliver."""
        return Interval(0.0, self.total - 1.0, True)


def inserted(used: tuple[Term, ...], x: Term) -> tuple[Term, ...]:
    """The terms in rising order, with one more among them."""
    result = []
    for taken in used:
        result.append(apply("min", taken, x))
        x = apply("max", taken, x)
    return (*result, x)
