"""Ordered parameters: `x0 <= x1 <= …` over independent continuous ones of one prior.

Where every parameter is ordered against one neighbour below (or above) it, the order is a forest, and the law
of the ordered values factors: the smallest of m independent uniforms lies below a fraction v of what is open to
it with probability 1 - (1 - v) ** m. So every parameter is drawn from its own stream, given its neighbour, and
the forest holds with probability one over the product of its subtrees' sizes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hpdsl.constraints.clauses import Clause
from hpdsl.constraints.rewrite import arguments
from hpdsl.constraints.support import Source
from hpdsl.intervals import Facts, bounds
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.ranked import Ranked
from hpdsl.semantics.model import Dist, Guard, guard_facts
from hpdsl.terms import Term, apply, const, draw

Floats = NDArray[np.float64]

# Ranges with fewer doubles than this inside show their ties.
_FINE = 2.0**32
_SMALLEST = math.ulp(0.0)


@dataclass(frozen=True)
class Edge:
    """`below` is at most `above`, wherever both are active."""

    below: int
    above: int
    clause: int


@dataclass(frozen=True)
class Forest:
    """Parameters by index, each after the one it is drawn next to; `rising` where that one is the smaller."""

    members: tuple[Source, ...]
    parent: dict[int, int | None]
    rising: bool
    settled: frozenset[int]
    """The clauses (by number) that hold on whatever it draws."""

    @property
    def children(self) -> dict[int, list[int]]:
        """The parameters drawn next to each."""
        found: dict[int, list[int]] = {s.parameter.index: [] for s in self.members}
        for k, p in self.parent.items():
            if p is not None:
                found[p].append(k)
        return found

    @property
    def guards(self) -> tuple[Term, ...]:
        """The conditions under which members are active, where they are not always."""
        return tuple(dict.fromkeys(g for s in self.members if (g := s.pieces[0][0]).constant is None))

    @property
    def chance(self) -> float:
        """The probability of the order where all members are active."""
        return float(self.probability(lambda guard: np.ones(1))[0])

    def under(self, dists: Mapping[int, Dist]) -> Forest:
        """The same order over truncated priors."""
        members = tuple(replace(s, pieces=((s.pieces[0][0], dists[s.parameter.index]),)) for s in self.members)
        return replace(self, members=members)

    def probability(self, at: Callable[[Term], Floats]) -> Floats:
        """The probability of the order, by what guards hold."""
        children = self.children
        sizes: dict[int, Floats] = {}
        result: Floats = np.ones(1)
        for s in reversed(self.members):
            k = s.parameter.index
            active = at(s.pieces[0][0])
            sizes[k] = active * (1.0 + sum((sizes[c] for c in children[k]), start=np.zeros(1)))
            result = result / np.maximum(sizes[k], 1.0)
        return result

    def values(self) -> dict[int, Term]:
        """The value of every member, by index."""
        children = self.children
        sizes: dict[int, Term] = {}
        for s in reversed(self.members):
            k, guard = s.parameter.index, s.pieces[0][0]
            size = const(1.0)
            for c in children[k]:
                size = size + sizes[c]
            sizes[k] = size if guard.constant == 1.0 else apply("if", guard, size, const(0.0))
        shares: dict[int, Term] = {}
        found: dict[int, Term] = {}
        for s in self.members:
            k, (guard, dist) = s.parameter.index, s.pieces[0]
            assert isinstance(dist, Numeric)
            share = apply("pow", draw(k), const(1.0) / sizes[k])
            parent = self.parent[k]
            beside = None if parent is None else shares[parent] * share
            shares[k] = share if beside is None else _where_active(self._guard(parent), beside, share)
            u = 1.0 - shares[k] if self.rising else shares[k]
            value = dist.inner_decode(u)
            if parent is not None:
                value = self._apart(value, found[parent], dist)
            found[k] = value if guard.constant == 1.0 else apply("if", guard, value, const(math.nan))
        return found

    def _guard(self, k: int | None) -> Term:
        return next(s.pieces[0][0] for s in self.members if s.parameter.index == k)

    def _apart(self, value: Term, neighbour: Term, dist: Numeric) -> Term:
        """The value, strictly on its side of its neighbour's even where rounding made them equal."""
        gap = apply("max", apply("abs", neighbour) * 2.0**-52, const(_SMALLEST))
        op, edge = ("max", neighbour + gap) if self.rising else ("min", neighbour - gap)
        # An inactive neighbour says nothing.
        moved = apply("coalesce", apply(op, value, edge), value)
        end = dist.hi if self.rising else dist.lo
        return moved if end is None else apply("min" if self.rising else "max", moved, end)


def _where_active(guard: Term, yes: Term, no: Term) -> Term:
    return yes if guard.constant == 1.0 else apply("if", guard, yes, no)


def continuous(source: Source) -> bool:
    """True for a parameter that takes no value with positive probability."""
    return all(isinstance(d, Numeric | Ranked) and d.lattice is None for _, d in source.pieces)


def orderable(source: Source) -> bool:
    """True for a continuous parameter whose one prior depends on nothing; it may be guarded."""
    if len(source.pieces) != 1:
        return False
    dist = source.pieces[0][1]
    if type(dist) is not Numeric or dist.lattice is not None or arguments(dist) or source.parameter.score is not None:
        return False
    if dist.lo is None or dist.hi is None:
        return True
    low, high = dist.lo.constant, dist.hi.constant
    assert low is not None and high is not None
    return high - low > math.ulp(max(abs(low), abs(high))) * _FINE


def edges(clauses: Iterable[tuple[int, Clause]], owner: dict[int, Source], fit: Callable[[Source], bool]) -> list[Edge]:
    """The clauses (with their numbers) that order two fitting parameters wherever both are active."""
    found = []
    for number, clause in clauses:
        node = clause.condition
        if node.op not in ("lt", "le") or any(a.op != "load" for a in node.args):
            continue
        a, b = (owner.get(int(x.data[0])) for x in node.args)
        if a is None or b is None or not (fit(a) and fit(b)) or (a is b and node.op == "le"):
            continue
        if clause.guard.constant == 1.0 or _within(clause.written, a) or _within(clause.written, b):
            found.append(Edge(a.parameter.index, b.parameter.index, number))
    return found


def _within(guard: Guard | None, source: Source) -> bool:
    """True where the parameter is active only where the guard holds."""
    own = source.parameter.pieces[0].guard
    outer = guard.chain() if guard else ()
    return (own.chain() if own else ())[: len(outer)] == outer


def cycles(found: Iterable[Edge]) -> list[list[Edge]]:
    """Circles in an order; at least one where there is any."""
    after: dict[int, list[Edge]] = {}
    for e in found:
        after.setdefault(e.below, []).append(e)
    circles: list[list[Edge]] = []
    open_now: dict[int, bool] = {}
    for root in sorted(after):
        if root in open_now:
            continue
        open_now[root] = True
        path: list[Edge] = []
        stack = [(root, iter(after[root]))]
        while stack:
            node, outgoing = stack[-1]
            edge = next(outgoing, None)
            if edge is None:
                open_now[node] = False
                stack.pop()
                if path:
                    path.pop()
            elif open_now.get(edge.above):
                start = next((i for i, e in enumerate(path) if e.below == edge.above), len(path))
                circles.append([*path[start:], edge])
            elif edge.above not in open_now:
                open_now[edge.above] = True
                path.append(edge)
                stack.append((edge.above, iter(after.get(edge.above, ()))))
    return circles


def forests(found: list[Edge], sources: dict[int, Source], facts: Facts) -> list[Forest]:
    """Forests over parameters of one prior, each settling as many of the ordering clauses as it can."""
    alike = [e for e in found if sources[e.below].pieces[0][1] == sources[e.above].pieces[0][1]]
    leader: dict[int, int] = {}

    def led(k: int) -> int:
        while leader.setdefault(k, k) != k:
            leader[k] = leader[leader[k]]
            k = leader[k]
        return k

    for e in alike:
        leader[led(e.above)] = led(e.below)
    groups: dict[int, list[int]] = {}
    for k in list(leader):
        groups.setdefault(led(k), []).append(k)
    within: dict[int, list[Edge]] = {}
    for e in alike:
        within.setdefault(led(e.below), []).append(e)
    return [_forest(within[top], {k: sources[k] for k in group}, facts) for top, group in groups.items()]


def _forest(found: list[Edge], sources: dict[int, Source], facts: Facts) -> Forest:
    """The better of the forests that grow upwards and downwards."""
    options = [_grown(found, sources, facts, rising=True), _grown(found, sources, facts, rising=False)]
    return min(options, key=lambda f: f.chance)


def _grown(found: list[Edge], sources: dict[int, Source], facts: Facts, *, rising: bool) -> Forest:
    path = {k: s.parameter.path for k, s in sources.items()}
    below: dict[int, set[int]] = {k: set() for k in sources}  # towards the roots
    for e in found:
        child, root = (e.above, e.below) if rising else (e.below, e.above)
        below[child].add(root)
    depth = _depths(below)
    order = sorted(sources, key=lambda k: (depth[k], path[k]))
    parent: dict[int, int | None] = {}
    for k in order:
        # The deepest neighbour: others are often implied by it.
        parent[k] = max(below[k], key=lambda q: (depth[q], path[q]), default=None)
    settled = set()
    for e in found:
        child, root = (e.above, e.below) if rising else (e.below, e.above)
        if _implied(child, root, parent, sources, facts):
            settled.add(e.clause)
    return Forest(tuple(sources[k] for k in order), parent, rising, frozenset(settled))


def _depths(below: dict[int, set[int]]) -> dict[int, int]:
    depth: dict[int, int] = {}
    stack = sorted(below)
    while stack:
        k = stack[-1]
        missing = [q for q in below[k] if q not in depth]
        if missing:
            stack.extend(missing)
            continue
        depth[k] = 1 + max((depth[q] for q in below[k]), default=-1)
        stack.pop()
    return depth


def _implied(child: int, root: int, parent: dict[int, int | None], sources: dict[int, Source], facts: Facts) -> bool:
    """Whether a root lies on the way down from a child, past parameters that are active if both are."""
    step = parent[child]
    while step is not None and step != root:
        if not _active_too(sources[step], sources[child], sources[root], facts):
            return False
        step = parent[step]
    return step == root


def _active_too(middle: Source, one: Source, other: Source, facts: Facts) -> bool:
    guard = middle.pieces[0][0]
    if guard.constant == 1.0 or guard in (one.pieces[0][0], other.pieces[0][0]):
        return True
    own = middle.parameter.pieces[0].guard
    if own is None or _within(own, one) or _within(own, other):
        return True
    known = guard_facts(one.parameter.pieces[0].guard, guard_facts(other.parameter.pieces[0].guard, facts))
    return all(bounds(c, known).is_true for c in own.chain())
