"""Sums of independent uniforms held at, or below, a constant: uniform on a simplex.

With y = x - low for every x, `sum(x) == total` leaves y uniform on the simplex of size total - sum(low), and
`sum(x) <= total` on the solid one, each cut off where an x would pass its upper end. Measured from the upper
ends instead, the same holds the other way round. Whichever of the box and the two simplices is smallest is drawn
from; what it has outside the others is rejected.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hpdsl.constraints.clauses import Clause
from hpdsl.constraints.support import Source
from hpdsl.priors.bases import Uniform
from hpdsl.priors.numeric import Numeric
from hpdsl.semantics.model import Parameter
from hpdsl.semantics.sums import TOLERANCE, linear, sides
from hpdsl.terms import Term, apply, const, draw, load

_TINY, _HUGE = 2.0**-900, 2.0**1000


@dataclass(frozen=True)
class Form:
    """A bounded sum of columns: equal to `total` if `exact`, at least it if `mirrored`, else at most.

    `plain` where the terms add up the columns and nothing else, so that exact sums compare exactly, or where they
    are compared with a tolerance.
    """

    columns: tuple[int, ...]
    total: float
    exact: bool
    mirrored: bool
    plain: bool
    slack: float = 0.0
    """How far from the total an exact sum may be."""

    def thin(self, largest: float) -> bool:
        """True where it holds a sum that could reach `largest` at a constant, as far as anybody can tell."""
        return self.exact and self.slack <= 2.0 * TOLERANCE * max(abs(self.total), largest)


@dataclass(frozen=True)
class Sum:
    """A bounded sum of parameters, by index."""

    members: tuple[int, ...]
    form: Form


def recognise_simplex(condition: Term) -> Form | None:
    """The bounded sum a condition is, if it is one.

    The forms are `sum == c`, `sum <= c`, `sum < c` and their mirror images, where `sum` adds two or more
    distinct columns, each with the same factor, and constants; as terms, `eq`, `le` or `lt` of `add`, `sub`,
    `neg`, `mul` by a constant and `coalesce(column, 0)`. Equality may be one with a tolerance.
    """
    equals = sides(condition)
    if equals is None and condition.op not in ("le", "lt"):
        return None
    pair = equals or condition.args
    weights: dict[int, float] = {}
    left = linear(pair[0], 1.0, weights)
    right = None if left is None else linear(pair[1], -1.0, weights)
    if left is None or right is None or len(weights) < 2:
        return None
    factors = set(weights.values())
    factor = next(iter(factors))
    if len(factors) > 1 or factor == 0.0:
        return None
    constants = [a.constant for a in pair]
    plain = abs(factor) == 1.0 and any(c is not None and c in (left, -right) for c in constants)
    exact = equals is not None
    if exact and condition.op != "eq":
        slack = condition.args[1].constant or 0.0
        return Form(tuple(weights), -(left + right) / factor, True, False, True, slack / abs(factor))
    return Form(tuple(weights), -(left + right) / factor, exact, factor < 0.0 and not exact, plain)


def find_sum(clause: Clause, owner: dict[int, Source]) -> Sum | None:
    """The bounded sum a clause states about independent, always active uniforms."""
    if clause.guard.constant != 1.0:
        return None
    form = recognise_simplex(clause.condition)
    if form is None:
        return None
    members = []
    for c in form.columns:
        source = owner.get(c)
        if source is None or not _uniform(source) or source.parameter.value != c:
            return None
        members.append(source)
    # Sums of what is all but infinite overflow, and no grain is fine enough for what is all but nothing.
    if any(max(map(abs, _ends(s))) > _HUGE for s in members):
        return None
    if form.exact and not form.thin(math.fsum(max(map(abs, _ends(s))) for s in members)):
        return None
    members.sort(key=lambda s: s.parameter.path)
    return Sum(tuple(s.parameter.index for s in members), form)


def _uniform(source: Source) -> bool:
    dist = source.pieces[0][1]
    if not source.fixed or type(dist) is not Numeric or dist.lattice is not None or not isinstance(dist.base, Uniform):
        return False
    if dist.lo is None or dist.hi is None:
        return False
    # Whatever the scale is called: a uniform law has its quantiles in proportion.
    low, high = _constant(dist.lo), _constant(dist.hi)
    for u in (0.25, 0.5):
        x = dist.decode(const(u)).constant
        if x is None or abs(low + u * (high - low) - x) > 1e-9 * (high - low):
            return False
    return True


def _ends(source: Source) -> tuple[float, float]:
    prior = source.pieces[0][1]
    assert isinstance(prior, Numeric)
    return _constant(prior.lo), _constant(prior.hi)


@dataclass(frozen=True)
class Simplex:
    """How a bounded sum is drawn: the values by index, the share of the box that the sampler's region has.

    `checks` are conditions that may still fail; `certain` says that the sum itself can't. Where the sum is
    exact, the share is of no meaning.
    """

    values: dict[int, Term]
    share: float
    checks: tuple[tuple[Parameter, Term], ...]
    certain: bool


def draw_sum(found: Sum, sources: dict[int, Source], priors: dict[int, Numeric]) -> Simplex | None:
    """The sampler of a bounded sum under the priors given; None where the box itself is the smallest region."""
    form = found.form
    members = [sources[k] for k in found.members]
    low = [_constant(priors[k].lo) for k in found.members]
    high = [_constant(priors[k].hi) for k in found.members]
    widths = [b - a for a, b in zip(low, high, strict=True)]
    # What is left above the lower and below the upper ends.
    above, below = form.total - math.fsum(low), math.fsum(high) - form.total
    if min(*widths, above, below) < _TINY:
        return None
    free = len(members) - 1 if form.exact else len(members)
    box = math.fsum(math.log(w) for w in widths)
    widest = max(range(len(members)), key=lambda i: (widths[i], members[i].parameter.path))
    regions = {"box": box - math.log(widths[widest]) if form.exact else box}
    if form.exact or not form.mirrored:
        regions["low"] = free * math.log(above) - math.lgamma(free + 1)
    if form.exact or form.mirrored:
        regions["high"] = free * math.log(below) - math.lgamma(free + 1)
    plan = min(regions, key=lambda r: regions[r])
    if plan == "box":
        return _solved(found, members, priors, widest) if form.exact else None
    share = math.exp(regions[plan] - box)
    return _Corner(members, low, high, form, plan == "high").sampler(share)


def _constant(term: Term | None) -> float:
    assert term is not None and term.constant is not None
    return term.constant


def _grain(most: float) -> float:
    """The last place of a number: multiples of it up to this number add up exactly."""
    return math.ldexp(1.0, math.frexp(most)[1] - 53)


@dataclass(frozen=True)
class _Corner:
    """Drawing from the lower ends of all ranges upwards, or from the upper ends downwards."""

    members: list[Source]
    low: list[float]
    high: list[float]
    form: Form
    upper: bool

    def sampler(self, share: float) -> Simplex:
        """Stick-breaking: each takes its share of what is left, the last one all of it where the sum is exact."""
        exact, total = self.form.exact, self.form.total
        n = len(self.members)
        sign = -1.0 if self.upper else 1.0
        ends = self.high if self.upper else self.low
        if not self.upper and min(ends) >= 0.0:
            most = total
        else:
            most = abs(total) + math.fsum(abs(e) for e in ends)
        grain = _grain(most)
        # Inwards to the grain, so that every sum is exact.
        ends = [math.ceil(sign * e / grain) * grain * sign for e in ends]
        size = sign * (total - math.fsum(ends))
        certain = self.form.slack > 0.0 or (self.form.plain and math.fmod(total, grain) == 0.0)
        rest: Term = const(size if exact else size - grain)
        so_far: Term = const(0.0)
        values: dict[int, Term] = {}
        checks: list[tuple[Parameter, Term]] = []
        for i, source in enumerate(self.members):
            p = source.parameter
            if exact and i == n - 1:
                value = const(total) - so_far
            else:
                part = 1.0 - apply("pow", draw(p.index), const(1.0 / (n - i - (1 if exact else 0))))
                y = apply("floor", rest * part / grain) * grain
                rest = rest - y
                value = const(ends[i]) + sign * y
            values[p.index] = value
            so_far = so_far + value
            if self.high[i] - self.low[i] < size or not certain:
                assert p.value is not None
                checks.append((p, _inside(load(p.value), const(self.low[i]), const(self.high[i]))))
        return Simplex(values, share, tuple(checks), certain)


def _solved(found: Sum, members: list[Source], priors: dict[int, Numeric], widest: int) -> Simplex:
    """All but one from their priors; the one left over is what the sum wants, wherever that lies in its range."""
    total = found.form.total
    ends = [(_constant(priors[k].lo), _constant(priors[k].hi)) for k in found.members]
    grain = _grain(abs(total) + math.fsum(max(abs(a), abs(b)) for a, b in ends))
    values: dict[int, Term] = {}
    so_far: Term = const(0.0)
    for i, source in enumerate(members):
        if i != widest:
            k = source.parameter.index
            low, high = (math.ceil(ends[i][0] / grain) * grain, math.floor(ends[i][1] / grain) * grain)
            exact = apply("round", priors[k].decode(draw(k)) / grain) * grain
            values[k] = apply("clip", exact, data=(low, high))
            so_far = so_far + values[k]
    p = members[widest].parameter
    values[p.index] = const(total) - so_far
    assert p.value is not None
    inside = _inside(load(p.value), const(ends[widest][0]), const(ends[widest][1]))
    return Simplex(values, math.nan, ((p, inside),), found.form.slack > 0.0)


def _inside(x: Term, low: Term, high: Term) -> Term:
    return apply("and", apply("le", low, x), apply("le", x, high))
