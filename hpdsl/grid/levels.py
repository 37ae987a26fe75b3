"""The levels of one parameter at one row: the values a grid gives it, all different."""

from __future__ import annotations

import math

from hpdsl.errors import UsageError
from hpdsl.priors.items import Items, Range
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.place import Place
from hpdsl.priors.power import Power
from hpdsl.priors.ranked import Ranked
from hpdsl.semantics.model import Dist
from hpdsl.terms import Evaluator, columns_of, const, draw

Level = tuple[float | None, float | None]  # (value, code)


def levels(dist: Dist, m: int | None, row: Evaluator) -> list[Level]:
    """The m levels of a prior (all values where m is None; `CountlessError` where there is no end of them)."""
    if isinstance(dist, Items):
        return _of_items(dist, m, row)
    if isinstance(dist, Place):
        return [(x, None) for x in _left(dist, m, row)]
    if isinstance(dist, Ranked):
        return [(x, None) for x in _of_numbers(dist.law, m, row) if row.value(dist.contains(const(x))) == 1.0]
    return [(x, None) for x in _of_numbers(dist, m, row)]


def _left(dist: Place, m: int | None, row: Evaluator) -> list[float]:
    """The values a place of a permutation can take, m of them evenly spread."""
    # In which order the places before it hold their values does not matter.
    taken = {row.columns.get(c) for term in dist.used for c in columns_of(term)}
    left = [float(k) for k in range(dist.total) if k not in taken]
    if m is None or m >= len(left):
        return left
    if m == 1:
        return [left[(len(left) - 1) // 2]]
    return [left[round(k * (len(left) - 1) / (m - 1))] for k in range(m)]


# Levels of one parameter that are still written out.
MOST_LEVELS = 1_000_000


def _listable(n: int) -> None:
    if n > MOST_LEVELS:
        raise UsageError(f"{n} levels of one parameter are too many; the limit is {MOST_LEVELS}")


class CountlessError(Exception):
    """All values were asked for of a parameter that has infinitely many."""


def count(dist: Dist, row: Evaluator) -> int:
    """How many values a prior has at a row; raises `CountlessError` where it is continuous or unbounded."""
    if isinstance(dist, (Place, Ranked)):
        return len(levels(dist, None, row))
    if isinstance(dist, Items):
        return len(_of_items(dist, None, row)) if dist.ranged else sum(row.value(w) > 0.0 for w in dist.weights)
    return _points(dist, row)[1]


def _points(dist: Numeric | Power, row: Evaluator) -> tuple[float, int]:
    """The first point of a bounded lattice, and the number of points."""
    inner = dist.exponent if isinstance(dist, Power) else dist
    if inner.lattice is None or inner.lo is None or inner.hi is None:
        raise CountlessError
    low, high = row.value(inner.lo), row.value(inner.hi)
    return low, max(math.floor((high - low) / inner.lattice.step + 1e-9) + 1, 0)


def _of_numbers(dist: Numeric | Power, m: int | None, row: Evaluator) -> list[float]:
    inner = dist.exponent if isinstance(dist, Power) else dist
    if inner.bounded and inner.lattice is not None:
        low, n = _points(dist, row)
        if m is None or n <= m:
            _listable(n)
            start = low if inner.lattice.anchor is None else 0.0
            points = [row.value(inner.lattice.point(const(start + k))) for k in range(n)]
            return [2.0**x for x in points] if isinstance(dist, Power) else points
    if m is None:
        raise CountlessError
    if inner.bounded:
        low, high = row.value(inner.lo or const(0.0)), row.value(inner.hi or const(0.0))
        if not low <= high:
            return []
        _listable(m)
        spread = [0.5] if m == 1 else [k / (m - 1) for k in range(m)]
        at = dist.at_scale(draw(0))
    else:
        _listable(m)
        spread = [(k + 0.5) / m for k in range(m)]
        at = dist.decode(draw(0))
    found: dict[float, None] = {}
    for z in spread:
        row.uniforms[0] = z
        found[row.value(at)] = None
    return [x for x in found if math.isfinite(x)]


def _of_items(dist: Items, m: int | None, row: Evaluator) -> list[Level]:
    found: dict[Level, None] = {}
    numbers = {v for v in dist.numbers if not math.isnan(v)}
    for k, item in enumerate(dist.items):
        if not row.value(dist.weights[k]) > 0.0:
            continue
        if isinstance(item, Range):
            for x in _of_numbers(item.dist, m, row):
                # A number that is an alternative of its own counts as that; else the first range has it.
                if x not in numbers:
                    found[x, _first_range(dist, x, row)] = None
            continue
        value = dist.values[k]
        at = None if math.isnan(value) or (dist.coded and not dist.ranged) else value
        found[at, float(k) if dist.coded else None] = None
    return list(found)


def _first_range(dist: Items, x: float, row: Evaluator) -> float:
    return next(
        float(k)
        for k, item in enumerate(dist.items)
        if isinstance(item, Range)
        and row.value(dist.weights[k]) > 0.0
        and row.value(item.dist.contains(const(x))) == 1.0
    )
