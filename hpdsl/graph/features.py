"""Features: the scale code z of every parameter, for models.

The same value has the same z whatever its parents: codes are taken over the static hull, not given parents.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from hpdsl.graph.entries import per_parameter
from hpdsl.graph.graph import Graph
from hpdsl.intervals import Facts, bounds
from hpdsl.priors.items import UNKNOWN, Items, Range
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.power import Power
from hpdsl.priors.ranked import Ranked
from hpdsl.priors.scales import LINEAR, LOG, Scale
from hpdsl.semantics.model import Dist, Model, Parameter, Piece, guard_facts
from hpdsl.semantics.typed import show
from hpdsl.terms import Term, apply, const, load


@dataclass(frozen=True)
class FeatureGroup:
    """The feature columns of one parameter.

    kind "numeric": one column in [0, 1]. "onehot": one 0/1 column for each alternative. "mixed": one-hot
    columns of the alternatives, then one numeric column for each range, NaN where it is not the one chosen.
    """

    parameter: int
    kind: str
    columns: tuple[int, ...]


def groups(model: Model) -> tuple[tuple[FeatureGroup, ...], tuple[str, ...]]:
    """The feature groups of a model, and the names of all columns."""
    found: list[FeatureGroup] = []
    names: list[str] = []
    for p in model.free:
        items = p.items
        start = len(names)
        if items is None or (items.ordered and not items.ranged):
            kind = "numeric"
            names.append(p.path)
        else:
            kind = "mixed" if items.ranged else "onehot"
            for k, item in enumerate(items.items):
                names.append(f"{p.path}={_named(k, item)}")
            names.extend(f"{p.path}[{k}]" for k, item in enumerate(items.items) if isinstance(item, Range))
        found.append(FeatureGroup(p.index, kind, tuple(range(start, len(names)))))
    return tuple(found), tuple(names)


def _named(k: int, item: object) -> str:
    return f"range{k}" if isinstance(item, Range) else show(item)


def features(model: Model, *, clipped: bool = True) -> Graph:
    """Values to features, one column each in the order of `groups`.

    Where a law has no end, scale codes end at its central quantiles; unless `clipped`, those of what lies beyond go on.
    """
    counts = {g.parameter: len(g.columns) for g in groups(model)[0]}
    facts = _central(model)
    ends = {p.index: _scale_ends(p, facts) for p in model.free}

    def outputs(p: Parameter, piece: Piece) -> list[Term]:
        items = p.items
        if items is None:
            assert p.value is not None
            return [_numeric(load(p.value), *ends[p.index], clipped)]
        dist = piece.dist
        assert isinstance(dist, Items)
        code = dist.code(p.reading)
        if items.ordered:
            # A falling list is an order too: rank by position.
            return [apply("affine", code, data=(0.5 / len(dist.items), 1.0 / len(dist.items)))]
        columns = [apply("eq", code, const(float(k))) for k in range(len(items.items))]
        for k, item in enumerate(items.items):
            if isinstance(item, Range):
                assert p.value is not None
                low, high = item.dist.scale_range(guard_facts(piece.guard, facts))
                inside = _numeric(load(p.value), item.dist.view, low, high, clipped)
                columns.append(apply("if", apply("eq", code, const(float(k))), inside, UNKNOWN))
        return columns

    return per_parameter(model, outputs, counts)


def unbounded(model: Model) -> tuple[int, ...]:
    """The columns of numbers that may lie beyond the ends of their scale codes."""
    facts = _central(model)
    found = []
    for group in groups(model)[0]:
        p = model.parameters[group.parameter]
        if p.items is None:
            ends = _scale_ends(p, facts)
            if any(_beyond(piece.dist, guard_facts(piece.guard, model.facts), *ends) for piece in p.pieces):
                found.append(group.columns[0])
            continue
        ranges = [k for k, item in enumerate(p.items.items) if isinstance(item, Range)]
        for k, column in zip(ranges, group.columns[len(group.columns) - len(ranges) :], strict=True):
            items = [(piece.guard, piece.dist.items[k]) for piece in p.pieces if isinstance(piece.dist, Items)]
            laws = [(guard, item.dist) for guard, item in items if isinstance(item, Range)]
            if any(
                _beyond(law, guard_facts(guard, model.facts), law.view, *law.scale_range(guard_facts(guard, facts)))
                for guard, law in laws
            ):
                found.append(column)
    return tuple(found)


def _beyond(dist: Dist, facts: Facts, warp: Scale, low: float, high: float) -> bool:
    """Whether a law delivers values beyond the ends of a scale code."""
    hull, slack = dist.hull(facts), 1e-9 * (high - low)
    return bool(warp.at(hull.lo) < low - slack or warp.at(hull.hi) > high + slack)


def _numeric(x: Term, warp: Scale, low: float, high: float, clipped: bool) -> Term:
    width = high - low
    if width == 0.0:
        # A law narrower than doubles are apart: all its values are in one place.
        return const(0.5)
    z = apply("affine", warp.to(x), data=(-low / width, 1.0 / width))
    return apply("clip", z, data=(0.0, 1.0)) if clipped else z


def _central(model: Model) -> Facts:
    """What is known of all columns, where values of laws without an end lie between their central quantiles.

    A law that follows such a value would have no width otherwise.
    """
    found = dict(model.facts)
    for s in model.symbols:
        index = s.value if isinstance(s, Parameter) else s.column
        column = load(index) if index is not None else None
        known = found.get(column) if column is not None else None
        if column is None or known is None or (math.isfinite(known.lo) and math.isfinite(known.hi)):
            continue
        if isinstance(s, Parameter):
            if s.items is not None:
                continue
            warp, *codes = _scale_ends(s, found)
            low, high = map(warp.inverse, codes)
        else:
            reaches = [bounds(piece.term, guard_facts(piece.guard, found)) for piece in s.pieces]
            low, high = min(r.lo for r in reaches), max(r.hi for r in reaches)
        if math.isfinite(low) and math.isfinite(high):
            found[column] = replace(known, lo=max(low, known.lo), hi=min(high, known.hi))
    return found


def _scale_ends(p: Parameter, known: Facts) -> tuple[Scale, float, float]:
    """The scale, and the transformed ends of the static hull over all pieces."""
    parts: list[tuple[Scale, float, float]] = []
    for piece in p.pieces:
        facts = guard_facts(piece.guard, known)
        dist = piece.dist.law if isinstance(piece.dist, Ranked) else piece.dist
        if isinstance(dist, Numeric):
            parts.append((dist.view, *dist.scale_range(facts)))
        elif isinstance(dist, Power):
            low, high = dist.exponent.scale_range(facts)
            parts.append((LOG, low * math.log(2.0), high * math.log(2.0)))
        else:
            hull = dist.hull(facts)
            parts.append((LINEAR, hull.lo, hull.hi))
    warp = parts[0][0]
    if any(part[0] != warp for part in parts):
        # No common scale but that of the values.
        parts = [(LINEAR, own.inverse(a), own.inverse(b)) for own, a, b in parts]
        warp = LINEAR
    low, high = min(a for _, a, _ in parts), max(b for _, _, b in parts)
    # A parameter with a single value still needs a width.
    return warp, low, high if high > low else low + 1.0
