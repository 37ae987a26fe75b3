"""`Ranked`: one element of an array whose elements are independent draws of one law, conditioned to be in order.

The elements are taken from the outermost inwards: given the one before it and the number m of those from it on,
an element is the largest (for falling arrays) of m draws below its predecessor. So every element is again a
map of a uniform, and the conditioned joint law is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from hpdsl.intervals import Facts, Interval
from hpdsl.priors.bases import LOWER_HALF
from hpdsl.priors.numeric import Numeric
from hpdsl.terms import Evaluator, Numbers, Term, apply, columns_of, compute, const, draw, walk

ONE = const(1.0)
# Keeps logarithms and quotients defined where a predecessor sits on the very edge of its support.
TINY = const(2.0**-1022)
_PLACE = draw(-1)  # stands for the number of a lattice point
_MANY = 200
_LOOK_UPS = frozenset({"take", "pick", "find", "search"})


@dataclass(frozen=True)
class Ranked:
    """An element of a continuous array in order: `before` is its predecessor (None for the first), `rest` is m."""

    law: Numeric
    rising: bool
    before: Term | None
    rest: Term

    @property
    def integer(self) -> bool:
        """True where every value is an integer."""
        return self.law.integer

    @property
    def lattice(self) -> object:
        """The lattice of the law."""
        return self.law.lattice

    dependent = True

    def _tail(self, x: Term) -> Term:
        """The probability of the law below x (above x for rising arrays)."""
        p = self.law.encode(x)
        return ONE - p if self.rising else p

    def _limit(self) -> Term:
        """The probability that the predecessor leaves."""
        return ONE if self.before is None else apply("max", self._tail(self.before), TINY)

    def decode(self, u: Term) -> Term:
        """The value at the uniform u."""
        w = 1.0 - u if self.rising else u
        p = self._limit() * apply("pow", w, ONE / self.rest)
        x = self.law.inner_decode(1.0 - p if self.rising else p)
        if self.before is not None:
            # The maps there and back round; order must not suffer.
            x = apply("max" if self.rising else "min", x, self.before)
        return x

    def encode(self, x: Term) -> Term:
        """The uniform of a value."""
        w = apply("pow", self._tail(x) / self._limit(), self.rest)
        return apply("clip", 1.0 - w if self.rising else w, data=(0.0, 1.0))

    def log_density(self, x: Term) -> Term:
        """Log density given the predecessor; over the array these sum to log n! plus the laws' densities."""
        inner = apply("log", apply("max", self._tail(x), TINY)) * (self.rest - 1.0)
        return self.law.log_density(x) + apply("log", self.rest) + inner - self.rest * apply("log", self._limit())

    def contains(self, x: Term) -> Term:
        """1 where x is legal and in order."""
        legal = self.law.contains(x)
        if self.before is None:
            return legal
        ordered = apply("le", self.before, x) if self.rising else apply("le", x, self.before)
        return apply("and", legal, ordered)

    def at_scale(self, z: Term) -> Term:
        """The value at the fraction z of the law's range."""
        return self.law.at_scale(z)

    def median_uniform(self) -> float:
        """The uniform of the median."""
        return self.law.median_uniform()

    def count(self) -> int | None:
        """None: which values there are depends on the element before."""
        return None

    def hull(self, facts: Facts) -> Interval:
        """Every value the prior can deliver."""
        return self.law.hull(facts)


@dataclass(frozen=True)
class Sums:
    """The points of a lattice law with what counts arrays: row m has the sums of all products of m masses.

    `rows[m][j]` is the probability, up to one factor a row, that m strictly ordered draws lie among the first j
    points, so m times a uniform picks the outermost of them by bisection (elementary symmetric polynomials).
    """

    points: tuple[float, ...]
    masses: tuple[float, ...]
    longest: int

    @cached_property
    def rows(self) -> tuple[tuple[float, ...], ...]:
        """`longest + 1` rows of `len(points) + 1` numbers, each scaled to end at 1 (or all 0)."""
        size = len(self.points)
        row = [1.0] * (size + 1)
        found = [tuple(row)]
        for _ in range(self.longest):
            following = [0.0]
            for j in range(size):
                following.append(following[-1] + self.masses[j] * row[j])
            total = following[-1]
            row = [x / total for x in following] if total > 0.0 else following
            found.append(tuple(row))
        return tuple(found)

    @cached_property
    def picks(self) -> Numbers:
        """All rows from the first on, row m lifted by m: ascending thresholds for one `pick`."""
        return Numbers(m + x for m, row in enumerate(self.rows) if m for x in row[1:])

    @cached_property
    def flat(self) -> Numbers:
        """All rows one after the other."""
        return Numbers(x for row in self.rows for x in row)

    def row_sum(self, m: Term, j: Term) -> Term:
        """`rows[m][j]`."""
        return apply("take", m * float(len(self.points) + 1) + j, data=self.flat)


@dataclass(frozen=True)
class RankedPoints(Ranked):
    """An element of an array on a lattice in strict order; `sums` lists points falling for rising arrays."""

    sums: Sums

    def _index(self, x: Term) -> Term:
        """The number of a point among those of `sums`."""
        assert self.law.lattice is not None and self.law.lo is not None
        j = self.law.lattice.index(x)
        if self.law.lattice.anchor is None:
            j = j - self.law.lo
        return len(self.sums.points) - 1.0 - j if self.rising else j

    def _below(self) -> Term:
        """How many points the predecessor leaves."""
        return const(float(len(self.sums.points))) if self.before is None else self._index(self.before)

    def decode(self, u: Term) -> Term:
        """The value at the uniform u."""
        n = len(self.sums.points)
        w = 1.0 - u if self.rising else u
        target = self.rest + w * self.sums.row_sum(self.rest, self._below())
        j = apply("pick", target, data=self.sums.picks) - (self.rest - 1.0) * float(n)
        # Rounding may not leave the points that remain for this and the following elements.
        j = apply("clamp", j, self.rest - 1.0, self._below() - 1.0)
        return apply("take", j, data=self.sums.points)

    def _cell(self, x: Term) -> tuple[Term, Term]:
        """The ends of a value's cell in the unit interval, before mirroring."""
        total = apply("max", self.sums.row_sum(self.rest, self._below()), TINY)
        j = self._index(x)
        return self.sums.row_sum(self.rest, j) / total, self.sums.row_sum(self.rest, j + 1.0) / total

    def encode(self, x: Term) -> Term:
        """The middle of a value's cell."""
        low, high = self._cell(x)
        middle = (low + high) * 0.5
        return apply("clip", 1.0 - middle if self.rising else middle, data=(0.0, 1.0))

    def log_density(self, x: Term) -> Term:
        """Log mass given the predecessor."""
        low, high = self._cell(x)
        return apply("log", high - low)

    def contains(self, x: Term) -> Term:
        """1 where x is a point that leaves room for the elements after it."""
        j = self._index(x)
        room = apply("and", self.law.contains(x), apply("le", self.rest - 1.0, j))
        return apply("and", room, apply("lt", j, self._below()))

    def median_uniform(self) -> float:
        """The uniform of the median; the lower value on ties."""
        return 1.0 - LOWER_HALF if self.rising else LOWER_HALF


def _along(term: Term, places: list[float]) -> list[float]:
    """The values of a term of the place, one for each."""
    nodes = list(walk(term))
    if len(places) <= _MANY or any(n.op in _LOOK_UPS for n in nodes):
        return [Evaluator({}, {-1: k}).value(term) for k in places]
    import numpy as np  # arrays are for those who have many values

    from hpdsl.kernels import twin

    known = {_PLACE: np.array(places)}
    with np.errstate(all="ignore"):
        for node in nodes:
            if node.op == "const":
                known[node] = np.full(len(places), node.data[0])
            elif node != _PLACE:
                known[node] = twin.FUNCTIONS[node.op](*(known[a] for a in node.args), *node.data)
    found: list[float] = known[term].tolist()
    return found


def points(law: Numeric, longest: int, rising: bool) -> Sums | None:
    """The sums of a lattice law with constant bounds; None where it has none."""
    count = law.count()
    if count is None or law.lo is None or law.lo.constant is None or law.lattice is None:
        return None
    first = law.lo.constant if law.lattice.anchor is None else 0.0
    x = law.lattice.point(_PLACE)
    density = law.log_density(x)
    if columns_of(density):
        return None
    places = [first + k for k in range(count)]
    values, densities = _along(x, places), _along(density, places)
    masses = [0.0 if math.isinf(d) else compute("exp", [d]) for d in densities]
    if rising:
        values, masses = values[::-1], masses[::-1]
    return Sums(tuple(values), tuple(masses), longest)
