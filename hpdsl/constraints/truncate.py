"""Truncation: requirements on independent parameters narrow their priors."""

from __future__ import annotations

import math
from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from hpdsl.constraints.clauses import Clause
from hpdsl.constraints.reach import Reach, Reaches, between
from hpdsl.constraints.support import Source
from hpdsl.intervals import Facts, Interval, assume, bounds
from hpdsl.priors.numeric import Lattice, Numeric
from hpdsl.priors.power import Power
from hpdsl.semantics.model import Dist
from hpdsl.terms import Evaluator, Term, columns_of, compute, const, load, walk

# Terms larger than this, written out, are not analysed.
_LARGE = 2000
# Bounds carried from one requirement to the next settle soon, or creep for ever.
_ROUNDS = 3
# Slices of a range that are looked at together.
_SLICES = 2**6
_PARTS = np.arange(_SLICES + 1) / _SLICES
_SHAVINGS = 8
# Parameters times the size of a clause up to which its slices are looked at.
_WORK = 30_000
_WIDEST = 1e200


class EmptyError(Exception):
    """No value is left for a parameter."""

    def __init__(self, source: Source) -> None:
        super().__init__(source.parameter.path)
        self.source = source


def narrow(sources: Iterable[Source], clauses: Iterable[Clause], facts: Facts) -> dict[int, Dist]:
    """The truncated priors of independent parameters, by index, where clauses exclude part of their range.

    Every value cut off fails some clause. Raises `EmptyError` where that is all of them.
    """
    sources = list(sources)
    able = [(s, d) for s in sources if s.fixed and s.parameter.code is None and _plain(d := s.pieces[0][1])]
    if not able:
        return {}
    fit = [c for c in clauses if c.guard.constant == 1.0 and _size(c.condition) <= _LARGE]
    # In an order of their own, so that rounding does not depend on that of the file.
    names = {c: s.parameter.path for s in sources for c in (s.parameter.value, s.parameter.code) if c is not None}
    fit.sort(key=lambda c: _spelled(c.condition, names))
    columns = frozenset().union(*(c.columns for c in fit)) if fit else frozenset()
    known = {load(c): facts[load(c)] for c in columns if load(c) in facts}
    for _ in range(_ROUNDS):
        learnt = False
        for clause in fit:
            if not bounds(clause.condition, known).unknown:
                news = {t: i for t, i in _learnt(clause, known).items() if known.get(t) != i}
                learnt |= bool(news)
                known.update(news)
        if not learnt:
            break
    found: dict[int, Dist] = {}
    shaved = _shaved(able, fit, known)
    for source, dist in able:
        p = source.parameter
        if p.value is None or p.value not in columns:
            continue
        reach = bounds(load(p.value), shaved)
        if reach.empty:
            raise EmptyError(source)
        narrowed = truncated(dist, reach)
        if narrowed is None:
            raise EmptyError(source)
        if narrowed is not dist:
            found[p.index] = narrowed
    return found


def _shaved(
    able: Sequence[tuple[Source, Numeric | Power]], fit: Sequence[Clause], known: Mapping[Term, Interval]
) -> dict[Term, Interval]:
    """What is known, with slices cut off from the ends of ranges where some clause certainly fails on them."""
    result = {t: i for t, i in known.items() if t.op == "load"}
    for clause in fit:
        if len(clause.columns) * _size(clause.violated) > _WORK:
            continue
        for source, _ in able:
            if source.parameter.value not in clause.columns:
                continue
            x = load(source.parameter.value)
            if _can_be(clause.condition, True, source.parameter.value, result):
                continue
            for _ in range(_SHAVINGS):
                now = result.get(x)
                if now is None or not (-_WIDEST < now.lo < now.hi < _WIDEST):
                    break
                edges = now.lo + (now.hi - now.lo) * _PARTS
                if now.lo > 0.0:
                    edges = _geometric(now.lo, now.hi)
                edges[-1] = now.hi
                near = ((t, result[t]) for t in map(load, clause.columns) if t in result)
                reach = {t: between(i.lo, i.hi, unknown=i.unknown, integer=i.integer) for t, i in near}
                whole = np.zeros(1, dtype=np.bool_)
                reach[x] = Reach(edges[:-1], edges[1:], whole, whole)
                fine = np.flatnonzero(np.broadcast_to(Reaches(reach).of(clause.violated).can_be_false, (_SLICES,)))
                if not len(fine):
                    result[x] = replace(now, lo=math.inf, hi=-math.inf)
                    break
                cut = replace(now, lo=float(edges[fine[0]]), hi=float(edges[fine[-1] + 1]))
                result[x] = cut
                if cut.hi - cut.lo > 0.9 * (now.hi - now.lo):
                    break
    return result


def _geometric(lo: float, hi: float) -> NDArray[np.float64]:
    """Edges in equal ratios, by square roots alone: every platform rounds these alike."""
    edges = np.array([lo, hi])
    while len(edges) <= _SLICES:
        middles = np.sqrt(edges[:-1]) * np.sqrt(edges[1:])
        edges = np.insert(edges, np.arange(1, len(edges)), middles)
    return edges


def _can_be(term: Term, outcome: bool, column: int, known: Facts) -> bool:
    """True where a condition can have an outcome whatever value the column has, by what does not depend on it."""
    if term.op == "not":
        return _can_be(term.args[0], not outcome, column, known)
    if term.op in ("and", "or"):
        choose = any if (term.op == "or") == outcome else all
        return choose(_can_be(a, outcome, column, known) for a in term.args)
    if column in columns_of(term):
        return False
    reach = bounds(term, known)
    return reach.hi >= 1.0 if outcome else reach.lo <= 0.0


def _spelled(term: Term, names: Mapping[int, str]) -> str:
    """A small term as text, columns by name."""
    spelled: dict[Term, str] = {}
    for node in walk(term):
        if node.op == "load":
            spelled[node] = names.get(int(node.data[0]), "?")
        else:
            inside = [spelled[a] for a in node.args] + [repr(x) for x in node.data]
            spelled[node] = f"{node.op}({','.join(inside)})"
    return spelled[term]


def _learnt(clause: Clause, known: dict[Term, Interval]) -> Mapping[Term, Interval]:
    """What follows from a clause."""
    narrowed = assume(clause.condition, True, known)
    # Only the foremost map is new.
    return narrowed.maps[0] if isinstance(narrowed, ChainMap) else narrowed


def _plain(dist: Dist) -> TypeGuard[Numeric | Power]:
    # Kinds of their own have laws that their bounds do not truncate.
    return type(dist) is Numeric or isinstance(dist, Power)


def _size(term: Term) -> int:
    """The size of a term written out, up to a limit."""
    sizes: dict[Term, int] = {}
    stack = [term]
    while stack:
        node = stack[-1]
        missing = [a for a in node.args if a not in sizes]
        if missing:
            stack.extend(missing)
            continue
        sizes[node] = min(1 + sum(sizes[a] for a in node.args), _LARGE + 1)
        stack.pop()
    return sizes[term]


def truncated(dist: Numeric | Power, reach: Interval) -> Numeric | Power | None:
    """A prior with constant arguments, limited to an interval; None where no value lies inside."""
    if isinstance(dist, Power):
        inside = Interval(
            compute("log2", [reach.lo]) if reach.lo > 0.0 else -math.inf,
            compute("log2", [reach.hi]) if reach.hi > 0.0 else -math.inf,
        )
        exponent = truncated(dist.exponent, inside)
        if exponent is None or exponent is dist.exponent:
            return None if exponent is None else dist
        assert isinstance(exponent, Numeric)
        return replace(dist, exponent=exponent)
    # Bounds that far out cut nothing off, and overflow in units of a small scale.
    hull = dist.hull({})
    lowest = reach.lo if reach.lo > max(hull.lo, -_WIDEST) else -math.inf
    highest = reach.hi if reach.hi < min(hull.hi, _WIDEST) else math.inf
    if dist.lattice is not None:
        return _on_lattice(dist, dist.lattice, replace(reach, lo=lowest, hi=highest))
    low, high = _end(dist.lo, lowest, max), _end(dist.hi, highest, min)
    if low == dist.lo and high == dist.hi:
        return dist
    # A single point of a continuous law has no mass.
    if low is not None and high is not None and _number(low) >= _number(high):
        return None
    return replace(dist, lo=low, hi=high)


def _number(term: Term) -> float:
    assert term.constant is not None
    return term.constant


def _end(term: Term | None, limit: float, choose: object) -> Term | None:
    if math.isinf(limit):
        return term
    if term is None:
        return const(limit)
    value = _number(term)
    assert callable(choose)
    return term if choose(value, limit) == value else const(limit)


def _on_lattice(dist: Numeric, lattice: Lattice, reach: Interval) -> Numeric | None:
    low = -math.inf if dist.lo is None else _number(dist.lo)
    high = math.inf if dist.hi is None else _number(dist.hi)
    if lattice.anchor is None:
        lo, hi = (
            max(low, math.ceil(reach.lo) if math.isfinite(reach.lo) else reach.lo),
            min(high, math.floor(reach.hi) if math.isfinite(reach.hi) else reach.hi),
        )
        if lo > hi:
            return None
        if lo == low and hi == high:
            return dist
        return replace(dist, lo=const(lo) if lo > -math.inf else None, hi=const(hi) if hi < math.inf else None)
    if dist.lo is None or dist.hi is None or lattice.fraction is None:
        return dist
    start, step = lattice.fraction
    point = Evaluator({})
    last = round((high - low) / lattice.step)
    first, final = 0, last
    if reach.lo > low:
        first = max(math.floor((reach.lo - low) / lattice.step) - 1, 0)
        while first <= last and point.value(lattice.point(const(float(first)))) < reach.lo:
            first += 1
    if reach.hi < high:
        final = min(math.ceil((reach.hi - low) / lattice.step) + 1, last)
        while final >= first and point.value(lattice.point(const(float(final)))) > reach.hi:
            final -= 1
    if first > final:
        return None
    if first == 0 and final == last:
        return dist
    new = const(point.value(lattice.point(const(float(first)))))
    return replace(
        dist,
        lo=new,
        hi=const(point.value(lattice.point(const(float(final))))),
        lattice=Lattice(lattice.step, new, (start + first * step, step)),
    )


def share(part: Dist, whole: Dist) -> float:
    """The probability of a truncated prior's range under the whole prior."""
    assert isinstance(part, Numeric | Power) and isinstance(whole, Numeric | Power)
    a = part.exponent if isinstance(part, Power) else part
    b = whole.exponent if isinstance(whole, Power) else whole
    result = (a.total() / b.total()).constant
    return 1.0 if result is None or math.isnan(result) or math.isinf(result) else min(max(result, 0.0), 1.0)
