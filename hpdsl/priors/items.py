"""`Items`: a prior over listed alternatives: labels, values, and ranges with priors of their own.

Each alternative owns a cell of the unit interval, in written order and as wide as its weight. The number of
the alternative is its code; numbers live in a value as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import accumulate

from hpdsl.intervals import Facts, Interval
from hpdsl.priors.bases import LOWER_HALF
from hpdsl.priors.numeric import Numeric
from hpdsl.terms import Term, apply, const

Atom = str | bool | int | float | None
UNKNOWN = const(math.nan)


@dataclass(frozen=True)
class Range:
    """An alternative that is a range of numbers."""

    dist: Numeric


@dataclass(frozen=True)
class Reading:
    """What a parameter holds: a numeric value, the code of an alternative, or both."""

    value: Term | None
    code: Term | None


@dataclass(frozen=True)
class Items:
    """A choice among alternatives. `ordered` marks ordinals; `weights` are terms, constants as a rule."""

    items: tuple[Atom | Range, ...]
    weights: tuple[Term, ...]
    ordered: bool = False
    numeric: bool = field(init=False)
    """Every alternative is a number: the value alone says all."""
    boolean: bool = field(init=False)
    """Every alternative is true or false."""
    ranged: bool = field(init=False)
    """Some alternative is a range: value and code are both kept."""

    def __post_init__(self) -> None:
        atoms = [i for i in self.items if not isinstance(i, Range)]
        ranged = len(atoms) < len(self.items)
        boolean = not ranged and all(isinstance(i, bool) for i in atoms)
        numeric = not ranged and all(_is_number(i) for i in atoms)
        object.__setattr__(self, "ranged", ranged)
        object.__setattr__(self, "boolean", boolean)
        object.__setattr__(self, "numeric", numeric)

    def possible(self) -> list[int]:
        """The alternatives that have a weight."""
        return [k for k, w in enumerate(self.weights) if w.constant != 0.0]

    @property
    def coded(self) -> bool:
        """True where the code is kept in a column of its own."""
        return not (self.numeric or self.boolean)

    @cached_property
    def values(self) -> tuple[float, ...]:
        """The number of each alternative, NaN for labels and ranges."""
        return tuple(math.nan if i is None or isinstance(i, (str, Range)) else float(i) for i in self.items)

    @property
    def integer(self) -> bool:
        """True where every number it can deliver is an integer."""
        return all(i.dist.integer if isinstance(i, Range) else not isinstance(i, float) for i in self.items)

    def fixed_weights(self) -> tuple[float, ...] | None:
        """The weights as fractions of one, where they are constants."""
        return self._fixed

    @cached_property
    def _fixed(self) -> tuple[float, ...] | None:
        values = [w.constant for w in self.weights]
        if any(v is None for v in values):
            return None
        # Weights near the largest double have no sum; what they are of the largest one has.
        top = max(v or 0.0 for v in values)
        shares = [(v or 0.0) / top for v in values]
        total = math.fsum(shares)
        return tuple(share / total for share in shares)

    # ---- the map ---------------------------------------------------------------------------------

    def decode(self, u: Term) -> Reading:
        """The reading at the uniform u."""
        index = self.index(u)
        if not self.coded:
            exact = tuple(float(k) for k in range(len(self.items)))
            value = index if self.values == exact else apply("take", index, data=self.values)
            return Reading(value, None)
        if not self.ranged:
            return Reading(None, index)
        starts, widths = self._cells()
        value = UNKNOWN
        for k in reversed(range(len(self.items))):
            item = self.items[k]
            if isinstance(item, Range):
                inner: Term = item.dist.inner_decode((u - starts[k]) / widths[k])
            else:
                inner = const(self.values[k])
            value = apply("if", apply("eq", index, const(float(k))), inner, value)
        return Reading(value, self._canonical(index, value))

    def encode(self, reading: Reading) -> Term:
        """The uniform of a reading: the middle of its cell, or the place within the cell of a range."""
        code = self.code(reading)
        starts, widths = self._cells()
        fixed = self.fixed_weights()
        if fixed is not None and not self.ranged:
            middles = tuple((s.constant or 0.0) + 0.5 * w for s, w in zip(starts, fixed, strict=True))
            return apply("take", code, data=middles)
        u = UNKNOWN
        for k in reversed(range(len(self.items))):
            item = self.items[k]
            inner = const(0.5)
            if isinstance(item, Range):
                assert reading.value is not None
                inner = item.dist.encode(reading.value)
            u = apply("if", apply("eq", code, const(float(k))), starts[k] + inner * widths[k], u)
        return u

    def code(self, reading: Reading) -> Term:
        """The code of a reading; -1 where it is none of the alternatives."""
        if reading.code is not None:
            return reading.code
        assert reading.value is not None
        return apply("find", reading.value, data=self.values)

    def contains(self, reading: Reading) -> Term:
        """1 where the reading is a legal alternative of positive weight."""
        code = self.code(reading)
        fixed = self.fixed_weights()
        legal = apply("le", const(0.0), code)
        if fixed is not None and 0.0 in fixed:
            for k, w in enumerate(fixed):
                if w == 0.0:
                    legal = apply("and", legal, apply("ne", code, const(float(k))))
        if fixed is None:
            legal = apply("and", legal, apply("lt", const(0.0), _select(code, list(self.weights))))
        for k, item in enumerate(self.items):
            if isinstance(item, Range):
                assert reading.value is not None
                other = apply("ne", code, const(float(k)))
                # A label has no value, so that the range has nothing to say about it.
                legal = apply("and", legal, apply("or", other, item.dist.contains(reading.value)))
        return legal

    def log_density(self, reading: Reading) -> Term:
        """Log mass of an atom, log density within a range; overlapping alternatives add."""
        _, widths = self._cells()
        fixed = self.fixed_weights()
        if fixed is not None and not self.ranged:
            table = tuple(math.log(w) if w > 0.0 else math.inf for w in fixed)
            return apply("take", self.code(reading), data=table)
        code = self.code(reading)
        if not self.ranged:
            return apply("log", _select(code, list(widths)))
        assert reading.value is not None
        mass, density = const(0.0), const(0.0)
        for k, item in enumerate(self.items):
            if isinstance(item, Range):
                inside = apply("holds", item.dist.contains(reading.value))
                part = apply("if", inside, widths[k] * apply("exp", item.dist.log_density(reading.value)), const(0.0))
                if item.dist.lattice is not None:
                    mass = mass + part
                else:
                    density = density + part
            else:
                hit = apply("eq", code, const(float(k)))
                if not math.isnan(self.values[k]):
                    hit = apply("holds", apply("eq", reading.value, const(self.values[k])))
                mass = mass + apply("if", hit, widths[k], const(0.0))
        return apply("log", apply("if", apply("lt", const(0.0), mass), mass, density))

    def hull(self, facts: Facts) -> Interval:
        """Every number the prior can deliver; empty where there is none."""
        fixed = self.fixed_weights()
        result = Interval(math.inf, -math.inf, True, unknown=True)
        found = False
        labels = False
        for k, item in enumerate(self.items):
            if fixed is not None and fixed[k] == 0.0:
                continue
            if isinstance(item, Range):
                part = item.dist.hull(facts)
            elif math.isnan(self.values[k]):
                labels = True
                continue
            else:
                value = self.values[k]
                part = Interval(value, value, value == math.floor(value))
            result, found = (result.join(part) if found else part), True
        return Interval(result.lo, result.hi, result.integer, unknown=labels)

    def count(self) -> int | None:
        """How many distinct values there are, where that is fixed and finite."""
        fixed = self.fixed_weights()
        if self.ranged or fixed is None:
            return None
        return sum(w > 0.0 for w in fixed)

    def heaviest(self, weights: list[float]) -> int:
        """The first alternative of largest weight."""
        return max(range(len(weights)), key=lambda k: (weights[k], -k))

    def median_uniform(self, weights: list[float]) -> float:
        """The uniform of the median: the lower middle of an ordinal, else the first heaviest alternative's."""
        if self.ordered:
            return LOWER_HALF
        total = math.fsum(weights)
        k = self.heaviest(weights)
        start = math.fsum(weights[:k]) / total
        item = self.items[k]
        inside = item.dist.median_uniform() if isinstance(item, Range) else 0.5
        return start + inside * weights[k] / total

    # ---- parts -----------------------------------------------------------------------------------

    def index(self, u: Term) -> Term:
        """The number of the alternative at the uniform u."""
        n = len(self.items)
        fixed = self.fixed_weights()
        if fixed is not None and len(set(fixed)) == 1:
            spread = apply("affine", u, data=(-0.5, float(n)))
            return apply("clip", apply("round", spread), data=(0.0, n - 1.0))
        if fixed is not None:
            # Weight 0 at the end must not catch the last rounding error.
            last = max(k for k, w in enumerate(fixed) if w > 0.0)
            sums = _running_sums(fixed)
            edges = tuple(sums[k] if k < last else math.inf for k in range(n - 1))
            return apply("pick", u, data=edges)
        starts, widths = self._cells()
        index = const(0.0)
        for k, (start, width) in enumerate(zip(starts, widths, strict=True)):
            if k:
                # No weight, no cell: not even at the end of the unit interval, where the last one starts.
                chosen = apply("and", apply("le", start, u), apply("lt", const(0.0), width))
                index = apply("if", chosen, const(float(k)), index)
        return index

    def _cells(self) -> tuple[list[Term], list[Term]]:
        """Start and width of every cell."""
        fixed = self.fixed_weights()
        if fixed is not None:
            starts = [const(x) for x in (0.0, *_running_sums(fixed)[:-1])]
            return starts, [const(w) for w in fixed]
        total = self.weights[0]
        for w in self.weights[1:]:
            total = total + w
        widths = [w / total for w in self.weights]
        starts = [const(0.0)]
        for w in widths[:-1]:
            starts.append(starts[-1] + w)
        return starts, widths

    def _canonical(self, index: Term, value: Term) -> Term:
        """The code by the value alone: an atom with that number, else the first range that has it."""
        ranges = [(k, i.dist) for k, i in enumerate(self.items) if isinstance(i, Range)]
        if len(ranges) > 1:
            for k, dist in reversed(ranges):
                if self.weights[k].constant != 0.0:
                    hit = apply("holds", dist.contains(value))
                    index = apply("if", hit, const(float(k)), index)
        if any(dist.lattice is not None for _, dist in ranges) or len(ranges) > 1:
            for k, number in enumerate(self.values):
                if not math.isnan(number):
                    hit = apply("holds", apply("eq", value, const(number)))
                    index = apply("if", hit, const(float(k)), index)
        return index


def _running_sums(weights: tuple[float, ...]) -> list[float]:
    """The sums of the first 1, 2, … weights, each rounded once."""
    return [float(total) for total in accumulate(map(Fraction, weights))]


def _select(code: Term, options: list[Term]) -> Term:
    chosen = UNKNOWN
    for k in reversed(range(len(options))):
        chosen = apply("if", apply("eq", code, const(float(k))), options[k], chosen)
    return chosen


def _is_number(item: object) -> bool:
    return isinstance(item, (int, float)) and not isinstance(item, bool)
