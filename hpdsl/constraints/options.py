"""The options of a parameter: every value, or range of values, it can take at given values of its parents.

An option is a point, or a cell: an interval of values that nothing else in the component tells apart, such as
`0.1 .. 1` where only `x < 0.1` is ever asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hpdsl.constraints.rewrite import arguments
from hpdsl.constraints.vectors import Values
from hpdsl.priors.items import Items, Range
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.place import Place
from hpdsl.priors.power import Power
from hpdsl.priors.ranked import Ranked, RankedPoints
from hpdsl.semantics.model import Dist
from hpdsl.terms import Term, load

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Values of one parameter that are still listed one by one.
MOST = 100_000
# Columns that stand for an option's value, code and number; no model has them.
_VALUE, _CODE, _NUMBER = load(-1), load(-2), load(-3)
_LARGEST = math.ldexp(1.0 - 2.0**-53, 1024)
# Continuous cells narrower than this share of their ends can't be told from points.
_NARROW = 1e-13


class EndlessError(Exception):
    """A prior has too many values, or none that can be listed."""


@dataclass(frozen=True)
class Options:
    """Options of many states, in the order of the states.

    Option k belongs to `state[k]`. Its value is `value[k]`, or anything between `low[k]` and `high[k]` under
    prior number `source[k]` where that is not -1; then `value` is one value within. `weight` is its probability.
    """

    state: Ints
    value: Floats
    code: Floats
    weight: Floats
    low: Floats
    high: Floats
    source: Ints

    def __len__(self) -> int:
        return len(self.state)

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> Options:
        """Some of the options."""
        fields = (self.state, self.value, self.code, self.weight, self.low, self.high, self.source)
        return Options(*(f[index] for f in fields))  # type: ignore[arg-type]  # each keeps its kind


def points(state: Ints, value: Floats, code: Floats, weight: Floats) -> Options:
    """Options that are single values."""
    nothing = np.full(len(state), np.nan)
    return Options(state, value, code, weight, nothing, nothing, np.full(len(state), -1, dtype=np.int64))


def inactive(state: Ints) -> Options:
    """The one option of an inactive parameter."""
    nothing = np.full(len(state), np.nan)
    return points(state, nothing, nothing, np.ones(len(state)))


def joined(parts: list[Options]) -> Options:
    """Options of several priors, in the order of the states."""
    columns = [
        np.concatenate([getattr(p, f) for p in parts])
        for f in ("state", "value", "code", "weight", "low", "high", "source")
    ]
    order = np.argsort(columns[0], kind="stable")
    return Options(*(c[order] for c in columns))


def listable(dist: Dist) -> bool:
    """True where the prior has finitely many values at any values of its parents."""
    if isinstance(dist, Items):
        return all(_finite(i.dist) for i in dist.items if isinstance(i, Range))
    if isinstance(dist, Place | RankedPoints):
        return len(_candidates(dist)) <= MOST
    return not isinstance(dist, Ranked) and _finite(dist.exponent if isinstance(dist, Power) else dist)


def _finite(dist: Numeric) -> bool:
    if dist.lattice is None or dist.lo is None or dist.hi is None:
        return False
    count = dist.count()
    return count is None or count <= MOST


def candidates(dist: Dist) -> int:
    """How many values are tried one by one in every state to find what the elements before have left."""
    return len(_candidates(dist)) if isinstance(dist, Place | RankedPoints) else 0


def _candidates(dist: Place | RankedPoints) -> Floats:
    """Every value that can be left by the elements before."""
    return np.arange(float(dist.total)) if isinstance(dist, Place) else np.array(dist.sums.points)


def divisible(dist: Dist) -> bool:
    """True where cells can be cut out of the prior's range."""
    if isinstance(dist, Items):
        ranges = [i.dist for i in dist.items if isinstance(i, Range)]
        return len(ranges) <= 1 and all(divisible(r) for r in ranges)
    # Kinds of their own have laws that their bounds do not truncate.
    return type(dist) is Numeric and (dist.lattice is None or dist.lattice.anchor is None)


def options(dist: Dist, states: Ints, at: Values, cuts: tuple[Term, ...] | None, source: int) -> Options:
    """The options of a prior at some states; `at` has the values of its arguments at just these.

    `cuts` is what its value is compared with, None where the value itself is needed.
    """
    with np.errstate(over="ignore"):
        listed = _Lister(states, at, cuts, source).of(dist)
    missing = np.zeros(len(states), dtype=np.bool_)
    for argument in arguments(dist):
        x = at.full(argument)
        if np.isposinf(x).any():
            raise EndlessError
        missing |= np.isnan(x)
    if missing.any():
        # A prior whose arguments are inactive delivers nothing.
        keep = ~missing[np.searchsorted(states, listed.state)]
        return joined([listed.take(keep), inactive(states[missing])])
    return listed


class _Lister:
    def __init__(self, states: Ints, at: Values, cuts: tuple[Term, ...] | None, source: int) -> None:
        self.states = states
        self.at = at
        self.cuts = cuts
        self.source = source

    def of(self, dist: Dist) -> Options:
        if isinstance(dist, Items):
            return self._items(dist)
        if isinstance(dist, Place | RankedPoints):
            return self._left(dist)
        if isinstance(dist, Ranked):
            raise EndlessError
        if isinstance(dist, Power):
            row, exponent = self._lattice(dist.exponent)
            return self._weighted(dist, row, 2.0**exponent)
        if _finite(dist) and (self.cuts is None or self._extent(dist) <= len(self.cuts) * 4 + 16):
            row, x = self._lattice(dist)
            return self._weighted(dist, row, x)
        if self.cuts is None:
            raise EndlessError
        return self._cells(dist, self.cuts)

    def _extent(self, dist: Numeric) -> float:
        """The largest number of points in any state."""
        assert dist.lattice is not None and dist.lo is not None and dist.hi is not None
        widths = self.at.full(dist.hi) - self.at.full(dist.lo)
        return float(np.nan_to_num(widths, nan=0.0).max(initial=0.0)) / dist.lattice.step + 1.0

    # ---- points ------------------------------------------------------------------------------------

    def _lattice(self, dist: Numeric) -> tuple[Ints, Floats]:
        """Every point of a bounded lattice, and the row of each."""
        assert dist.lattice is not None
        if dist.lo is None or dist.hi is None:
            raise EndlessError
        low, high = self.at.full(dist.lo), self.at.full(dist.hi)
        counts = np.floor((high - low) / dist.lattice.step + 1e-9) + 1.0
        counts = np.where(counts > 0.0, counts, 0.0)
        if counts.max(initial=0.0) > MOST or counts.sum() > 40 * MOST:
            raise EndlessError
        n = counts.astype(np.int64)
        row = np.repeat(np.arange(len(n)), n)
        k = np.arange(len(row)) - np.repeat(np.cumsum(n) - n, n)
        start = low[row] if dist.lattice.anchor is None else np.zeros(len(row))
        number = start + k
        point = dist.lattice.point(_NUMBER)
        return row, Values({**self._gathered(point, row), _NUMBER: number}, len(row)).full(point)

    def _left(self, dist: Place | RankedPoints) -> Options:
        """The candidates that the elements before have left."""
        x = _candidates(dist)
        n = len(self.states)
        row, value = np.repeat(np.arange(n), len(x)), np.tile(x, n)
        legal = dist.contains(_VALUE)
        fine = Values({**self._gathered(legal, row), _VALUE: value}, len(row)).full(legal) == 1.0
        return self._weighted(dist, row[fine], value[fine])

    def _weighted(self, dist: Numeric | Power | Place | RankedPoints, row: Ints, x: Floats) -> Options:
        """Points with their prior probabilities."""
        density = dist.log_density(_VALUE)
        weight = np.exp(Values({**self._gathered(density, row), _VALUE: x}, len(row)).full(density))
        inner = dist.exponent if isinstance(dist, Power) else dist
        if isinstance(inner, Numeric) and inner.lattice is not None and inner.lattice.anchor is not None and len(row):
            # Under a bound that is no point, the last cell ends later.
            last = np.flatnonzero(np.append(row[1:] != row[:-1], True))
            total = np.bincount(row, weight)[row[last]]
            weight[last] = np.maximum(weight[last] + (1.0 - total), 0.0)
        return points(self.states[row], x, np.full(len(row), np.nan), weight)

    def _gathered(self, term: Term, row: Ints) -> dict[Term, Floats]:
        """What is known of a term's parts, spread over further rows."""
        found: dict[Term, Floats] = {}
        stack = [term]
        seen: set[Term] = set()
        while stack:
            node = stack.pop()
            if node in seen or node in (_VALUE, _CODE, _NUMBER):
                continue
            seen.add(node)
            if node in self.at.known:
                x = self.at.known[node]
                found[node] = x if len(x) == 1 else x[row]
            else:
                stack.extend(node.args)
        return found

    # ---- alternatives ------------------------------------------------------------------------------

    def _items(self, dist: Items) -> Options:
        weights = np.array([self.at.full(w) for w in dist.weights])
        if not (np.isfinite(weights) & (weights >= 0.0)).all():
            raise EndlessError
        total = weights.sum(axis=0)
        rows = np.arange(len(self.states))
        parts: list[Options] = []
        for k, item in enumerate(dist.items):
            share = weights[k] / total
            if isinstance(item, Range):
                inside = self.of(item.dist)
                row = np.searchsorted(self.states, inside.state)
                parts.append(replace(inside, code=np.full(len(row), float(k)), weight=inside.weight * share[row]))
                continue
            value = math.nan if dist.coded and not dist.ranged else dist.values[k]
            code = float(k) if dist.coded else math.nan
            parts.append(points(self.states[rows], np.full(len(rows), value), np.full(len(rows), code), share))
        found = joined(parts)
        if dist.ranged:
            found = self._merged(dist, found)
        return found.take(found.weight > 0.0)

    def _merged(self, dist: Items, found: Options) -> Options:
        """The same options where points that several alternatives offer are one."""
        numbers = {v: float(k) for k, v in reversed(list(enumerate(dist.values))) if not math.isnan(v)}
        point = (found.source == -1) & ~np.isnan(found.value)
        code = found.code.copy()
        for number, k in numbers.items():
            code[point & (found.value == number)] = k
        found = replace(found, code=code)
        if sum(isinstance(i, Range) for i in dist.items) > 1:
            # A number that several ranges have counts as the first one's.
            code = found.code.copy()
            listed = ~np.isnan(found.value) & ~np.isin(found.value, list(numbers))
            at = np.flatnonzero(listed)
            order = at[np.lexsort((code[at], found.value[at], found.state[at]))]
            state, value = found.state[order], found.value[order]
            new = np.concatenate([[True], (state[1:] != state[:-1]) | (value[1:] != value[:-1])])
            code[order] = code[order][np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))]
            found = replace(found, code=code)
        key = np.lexsort((found.code, found.value, found.state))
        ordered = found.take(key)
        same = (
            (ordered.state[1:] == ordered.state[:-1])
            & (ordered.value[1:] == ordered.value[:-1])
            & (ordered.source[1:] == -1)
            & (ordered.source[:-1] == -1)
        )
        group = np.concatenate([[0], np.cumsum(~same)])
        weight: Floats = np.bincount(group, ordered.weight).astype(np.float64)
        firsts = np.flatnonzero(np.concatenate([[True], ~same]))
        return replace(ordered.take(firsts), weight=weight)

    # ---- cells -------------------------------------------------------------------------------------

    def _cells(self, dist: Numeric, cuts: tuple[Term, ...]) -> Options:
        """The intervals between the numbers that a value is compared with."""
        n = len(self.states)
        far = np.full(n, 2.0**53 if dist.lattice is not None else _LARGEST)
        if dist.lattice is None and dist.linear:
            # What stands for an open side must not overflow when it is divided by the scale.
            scale = self.at.full(dist.scale)
            far = far * np.where(scale < 1.0, scale * (1.0 - 2.0**-50), 1.0)
        hull = dist.hull({})
        low = self.at.full(dist.lo) if dist.lo is not None else np.maximum(hull.lo, -far)
        high = self.at.full(dist.hi) if dist.hi is not None else np.minimum(hull.hi, far)
        parts: list[Options] = []
        cell = replace(dist, lo=_VALUE, hi=_CODE)
        share = cell.total() / dist.total()
        for a, b in self._edges(dist, cuts):
            lo, hi = np.maximum(low, a), np.minimum(high, b)
            some = lo <= hi
            if dist.lattice is None:
                some &= (hi - lo) > np.maximum(np.abs(lo), np.abs(hi)) * _NARROW
            row = np.flatnonzero(some)
            if not len(row):
                continue
            lo, hi = lo[row], hi[row]
            known = {**self._gathered(share, row), _VALUE: lo, _CODE: hi}
            weight = np.nan_to_num(Values(known, len(row)).full(share), nan=0.0, posinf=0.0)
            # However unlikely, it is not impossible.
            weight = np.maximum(weight, 1e-300)
            middle = _between(lo, hi, dist)
            source = np.full(len(row), self.source, dtype=np.int64)
            parts.append(Options(self.states[row], middle, np.full(len(row), np.nan), weight, lo, hi, source))
        return joined(parts) if parts else inactive(self.states[:0])

    def _edges(self, dist: Numeric, cuts: tuple[Term, ...]) -> Iterator[tuple[Floats, Floats]]:
        """Closed intervals in which no cut lies, and for lattices the cuts themselves; empty where upside down."""
        n = len(self.states)
        at = np.array([self.at.full(c) for c in cuts]).reshape(len(cuts), n)
        # What is unknown divides nothing.
        at = np.sort(np.where(np.isfinite(at), at, -np.inf), axis=0)
        start = np.full(n, -np.inf)
        for k in range(len(cuts)):
            cut = at[k]
            if dist.lattice is None:
                yield start, np.nextafter(cut, -np.inf)
                start = np.nextafter(cut, np.inf)
                continue
            yield start, np.ceil(cut) - 1.0
            point = (cut == np.floor(cut)) & (cut >= start)
            yield np.where(point, cut, np.inf), np.where(point, cut, -np.inf)
            start = np.maximum(start, np.floor(cut) + 1.0)
        yield start, np.full(n, np.inf)


def _between(lo: Floats, hi: Floats, dist: Numeric) -> Floats:
    """One value inside each cell."""
    middle: Floats = np.where((lo < 0.0) & (hi > 0.0), 0.0, 0.5 * lo + 0.5 * hi)
    if dist.lattice is not None:
        return np.clip(np.rint(middle), lo, hi)
    # Not a value at the very end: that may be where a neighbour begins.
    return np.clip(middle, lo, hi)


def constant_options(dist: Dist, cuts: tuple[Term, ...] | None, source: int) -> Options:
    """The options of a prior that depends on nothing."""
    return options(dist, np.zeros(1, dtype=np.int64), Values({}, 1), cuts, source)
