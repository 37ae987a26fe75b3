"""`Numeric`: a prior over numbers as a monotone map of the unit interval, with the integer and step laws.

x = T⁻¹(loc + scale · t), where t follows a truncated base distribution and T is a scale: the identity, the
logarithm, …. On a lattice (integers, steps) every point owns the cell of half a step to both sides, and the ends
of the support are widened by that half step, so that end points are not starved.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from hpdsl.intervals import Facts, Interval, bounds
from hpdsl.priors.bases import INNER_HIGH, INNER_LOW, LOWER_HALF, Base, Normal, Uniform, choose, clamp
from hpdsl.priors.scales import Scale
from hpdsl.priors.tails import Gamma
from hpdsl.terms import Term, apply, const

_LARGEST = math.ldexp(1.0 - 2.0**-53, 1024)
# Of tails without an end the scale code holds what lies within these probabilities of the median.
_CENTRAL = 0.499
# Where the logarithm of a density changes by less within a cell, a parabola gives the cell's mass to 1e-9; from so many
# values on that matters, since differences of distribution functions lose as many digits as there are values.
_FLAT, _MANY = 1e-4, 1_000_000
_Z_TAIL = 3.0902323061678132  # normal quantile of 0.999


@dataclass(frozen=True)
class Lattice:
    """Equally spaced points: `anchor + k * step`, or all integers where `anchor` is None.

    `fraction` holds (anchor, step) as exact decimals where both are constants: the points are then the
    nearest doubles of those decimals.
    """

    step: float
    anchor: Term | None
    fraction: tuple[Fraction, Fraction] | None

    def index(self, x: Term) -> Term:
        """The number of the nearest point."""
        if self.anchor is None:
            return apply("round", x)
        shifted = x - self.anchor
        return apply("round", shifted if self.step == 1.0 else shifted / self.step)

    def point(self, k: Term) -> Term:
        """The k-th point."""
        if self.anchor is None:
            return k
        if self.fraction is not None:
            start, step = self.fraction
            scale = math.lcm(start.denominator, step.denominator)
            if scale == 1:
                return apply("affine", k, data=(float(start), float(step)))
            return apply("affine", k, data=(float(start * scale), float(step * scale))) / float(scale)
        return self.anchor + k * self.step


@dataclass(frozen=True)
class Numeric:
    """A prior over numbers; `lo` and `hi` are the inclusive bounds of the delivered value, None where open."""

    base: Base
    warp: Scale
    loc: Term
    scale: Term
    lo: Term | None
    hi: Term | None
    lattice: Lattice | None = None
    integer: bool = False
    seen: Scale | None = None
    """The scale on which models see the values, where it is not that of the law."""

    @property
    def view(self) -> Scale:
        """The scale on which models see the values."""
        return self.seen or self.warp

    @property
    def log(self) -> bool:
        """True on a logarithmic scale."""
        return self.warp.name == "log"

    @property
    def linear(self) -> bool:
        """True on the scale of the values themselves."""
        return self.warp.name == "linear"

    # ---- the map ---------------------------------------------------------------------------------

    def decode(self, u: Term) -> Term:
        """The value at the uniform u."""
        if not self.bounded:
            # An open side has no value at the very end of the unit interval.
            u = apply("clip", u, data=(INNER_LOW, INNER_HIGH))
        a, b = self._ends()
        y = self._from_t(self.base.ppf(u, a, b))
        if not self.bounded:
            # Wide laws overflow far in their tails: the largest doubles stand for what lies beyond.
            far = 2.0**53 if self.integer else _LARGEST
            y = apply("clip", y, data=(-far, far))
        if self.lattice is None:
            return clamp(y, self.lo, self.hi)
        return self._snap(y)

    def encode(self, x: Term) -> Term:
        """The uniform of a value: the middle of its cell on a lattice."""
        a, b = self._ends()
        if self.lattice is None:
            u = self.base.cdf(self._to_t(x), a, b)
        else:
            low, high = self._cell(x)
            u = (self.base.cdf(low, a, b) + self.base.cdf(high, a, b)) * 0.5
        return apply("clip", u, data=(0.0, 1.0))

    def inner_decode(self, u: Term) -> Term:
        """`decode` of a computed uniform, which may miss the unit interval by a rounding error."""
        return self.decode(apply("clip", u, data=(0.0, 1.0)))

    def log_density(self, x: Term) -> Term:
        """Log density at x, or log mass on a lattice."""
        a, b = self._ends()
        if self.lattice is not None:
            if isinstance(self.base, Uniform) and self.linear and a is not None and b is not None:
                # Every point has the same mass; half steps around huge integers could not be told apart.
                return apply("log", const(self.lattice.step) / (b - a))
            low, high = self._cell(x)
            mass = apply("log", self.base.mass(low, high, a, b))
            count = self.count()
            if (count is not None and count < _MANY) or not isinstance(self.base, (Normal, Uniform)):
                return mass
            # Of narrow cells doubles hold the density, but not the difference of two distribution functions.
            half = self.half_step
            here, above, below = (self._log_pdf(y) for y in (x, x + half, x - half))
            rise, fall = above - here, here - below
            flat = apply("lt", apply("abs", rise) + apply("abs", fall), const(_FLAT))
            # The mean of the density over the cell, by its first and second derivatives in the middle.
            mean = here + ((rise - fall) * 4.0 + (rise + fall) * (rise + fall)) / 24.0
            if self.warp.low is not None:
                flat = apply("and", apply("lt", const(self.warp.low + half), x), flat)
            if self.warp.high is not None:
                flat = apply("and", apply("lt", x, const(self.warp.high - half)), flat)
            return apply("if", flat, mean + math.log(self.lattice.step), mass)
        return self._log_pdf(x)

    def _log_pdf(self, x: Term) -> Term:
        density = self.base.log_pdf(self._to_t(x), *self._ends()) - apply("log", self.scale)
        return density if self.linear else density + self.warp.log_slope(x)

    def contains(self, x: Term) -> Term:
        """1 where x is a legal value."""
        inside = const(1.0)
        if self.lo is not None:
            inside = apply("le", self.lo, x)
        elif self.warp.low is not None:
            # The law ends here itself, and the cell of a point must reach into it.
            inside = apply("le", const(self.warp.low - self.half_step), x)
        if self.hi is not None:
            below = apply("le", x, self.hi)
            inside = below if inside.constant == 1.0 else apply("and", inside, below)
        if self.lattice is None:
            return inside
        gap = apply("abs", x - self.lattice.point(self.lattice.index(x)))
        # Typed decimals may differ from a point in their last digit.
        return apply("and", inside, apply("le", gap, const(1e-9 * self.lattice.step)))

    def at_scale(self, z: Term) -> Term:
        """The value at the fraction z of the range in the scale code (of the law, where a side is open)."""
        if self.lo is None or self.hi is None:
            return self.inner_decode(z)
        low, high = self.view.to(self.lo), self.view.to(self.hi)
        y = self.view.back(low + z * (high - low))
        if self.lattice is not None:
            return self._snap(y)
        # A scale there and back rounds; the ends are what was written.
        inside = choose(apply("le", const(1.0), z), self.hi, clamp(y, self.lo, self.hi))
        return choose(apply("le", z, const(0.0)), self.lo, inside)

    @property
    def bounded(self) -> bool:
        """True where both ends are given."""
        return self.lo is not None and self.hi is not None

    @property
    def dependent(self) -> bool:
        """True where bounds vary with other parameters."""
        return any(t is not None and t.constant is None for t in (self.lo, self.hi))

    @property
    def half_step(self) -> float:
        """Half a lattice step, 0 for continuous values."""
        return 0.5 * self.lattice.step if self.lattice is not None else 0.0

    def median_uniform(self) -> float:
        """The uniform of the median; the lower value on ties."""
        return 0.5 if self.lattice is None else LOWER_HALF

    def count(self) -> int | None:
        """How many values there are, where that is fixed and finite."""
        if self.lattice is None or self.lo is None or self.hi is None:
            return None
        lo, hi = self.lo.constant, self.hi.constant
        if lo is None or hi is None:
            return None
        return round((hi - lo) / self.lattice.step) + 1

    def middle(self, k: Term) -> Term:
        """The uniform in the middle of the k-th value's cell, from the lowest value; for a lattice with a lower end."""
        assert self.lattice is not None
        assert self.lo is not None
        return self.encode(self.lattice.point(self.lattice.index(self.lo) + k))

    def total(self) -> Term:
        """What the untruncated law gives to the range."""
        return self.base.total(*self._ends())

    # ---- static bounds ---------------------------------------------------------------------------

    def hull(self, facts: Facts) -> Interval:
        """Every value the prior can deliver."""
        low = bounds(self.lo, facts).lo if self.lo is not None else -math.inf
        high = bounds(self.hi, facts).hi if self.hi is not None else math.inf
        if self.warp.low is not None:
            low = max(low, self.warp.low)
        if self.warp.high is not None:
            high = min(high, self.warp.high)
        return Interval(low, high, self.integer)

    def scale_range(self, facts: Facts) -> tuple[float, float]:
        """The ends of the scale code, transformed: the widened hull, or central quantiles where it is open."""
        hull = self.hull(facts)
        center, spread = bounds(self.loc, facts), bounds(self.scale, facts).hi
        ends = []
        for edge, mid, sign in ((hull.lo, center.lo, -1.0), (hull.hi, center.hi, 1.0)):
            widened = edge + sign * self.half_step
            if math.isinf(edge) or not self._placed(widened):
                ends.append(self._far(sign, mid, spread, facts))
            else:
                ends.append(self.view.at(widened))
        return ends[0], ends[1]

    # ---- parts -----------------------------------------------------------------------------------

    def _to_scale(self, x: Term) -> Term:
        return self.warp.to(x)

    def _to_t(self, x: Term) -> Term:
        return (self._to_scale(x) - self.loc) / self.scale

    def _from_t(self, t: Term) -> Term:
        if self.scale.constant == 1.0 and self.loc.constant == 0.0:
            y = t
        elif self.scale.constant is not None and self.loc.constant is not None:
            y = apply("affine", t, data=(self.loc.constant, self.scale.constant))
        else:
            y = self.loc + self.scale * t
        return self.warp.back(y)

    def _placed(self, x: float) -> bool:
        """True where a number has a finite place on the scale."""
        low, high = self.view.low, self.view.high
        return (low is None or x > low) and (high is None or x < high)

    def _far(self, sign: float, mid: float, spread: float, facts: Facts) -> float:
        """A far quantile on the scale of models, for laws that follow others the farthest of these."""
        if isinstance(self.base, Normal | Uniform) and not self.seen:
            return mid + sign * _Z_TAIL * spread
        u = const(0.5 + sign * _CENTRAL)
        x = self.decode(u).constant
        if x is not None or self.seen:
            return 0.0 if x is None else self.view.at(x)
        base = self.base
        if isinstance(base, Gamma):
            # Its quantiles rise with the shape.
            shape = bounds(base.shape, facts)
            base = Gamma(const(shape.hi if sign > 0.0 else shape.lo))
        t = base.ppf(u, None, None).constant
        return mid + (sign * _Z_TAIL if t is None or not math.isfinite(t) else t) * spread

    def _ends(self) -> tuple[Term | None, Term | None]:
        half = self.half_step
        low = None if self.lo is None else self._to_t(self.lo - half)
        last = self._last
        high = None if last is None else self._to_t(last + half)
        return low, high

    @property
    def _last(self) -> Term | None:
        """The largest legal value: on a lattice with bounds that depend on others, the last point below `hi`."""
        if self.hi is None or self.lo is None or not self.dependent or not self._stepped:
            return self.hi
        assert self.lattice is not None
        return self.lattice.point(self._count(self.hi - self.lo))

    @property
    def _stepped(self) -> bool:
        """True on a lattice whose bounds need not be points of it."""
        if self.lattice is None or self.lattice.anchor is None:
            return False
        anchor = self.lattice.anchor.constant
        return self.lattice.step != 1.0 or anchor is None or anchor != math.floor(anchor)

    def _count(self, span: Term) -> Term:
        """How many steps fit; a quotient of decimals may miss the integer it stands for by a rounding error."""
        assert self.lattice is not None
        return apply("floor", span / self.lattice.step + 1e-9)

    def _cell(self, x: Term) -> tuple[Term, Term]:
        assert self.lattice is not None
        at = self.lattice.point(self.lattice.index(x))
        return self._to_t(at - self.half_step), self._to_t(at + self.half_step)

    def _snap(self, y: Term) -> Term:
        assert self.lattice is not None
        if not self._stepped:
            # Integers: the bounds are points themselves.
            return clamp(apply("round", y), self.lo, self.hi)
        k = self.lattice.index(y)
        last = None if self.hi is None or self.lo is None else self._count(self.hi - self.lo)
        return self.lattice.point(clamp(k, const(0.0), last))
