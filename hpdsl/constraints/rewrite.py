"""Rewriting of terms without change of meaning: derived values inlined, operands regrouped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import reduce
from typing import Any

from hpdsl.constraints.reach import Reach, Reaches
from hpdsl.priors.items import Items, Range
from hpdsl.priors.numeric import Lattice, Numeric
from hpdsl.priors.place import Place
from hpdsl.priors.power import Power
from hpdsl.priors.ranked import Ranked
from hpdsl.semantics.model import Derived, Dist, Guard, Model
from hpdsl.terms import Term, apply, columns_of, const, load

UNKNOWN = const(float("nan"))
# Integers up to here add up exactly in any order.
_EXACT = 2.0**52
_LONGEST = 4096


class Inliner:
    """Replaces derived values and constants by what they are, so that terms speak of parameters only."""

    def __init__(self, model: Model) -> None:
        self._known: dict[Term, Term] = {}
        for p in model.parameters:
            for column in (p.value, p.code):
                fact = None if column is None else model.facts.get(load(column))
                if column is not None and fact is not None and fact.lo == fact.hi and not fact.unknown:
                    self._known[load(column)] = const(fact.lo)
        for symbol in model.symbols:
            if isinstance(symbol, Derived):
                term = UNKNOWN
                for piece in reversed(symbol.pieces):
                    value = self.term(piece.term)
                    guard = self.guard(piece.guard)
                    term = value if guard.constant == 1.0 else apply("if", guard, value, term)
                self._known[load(symbol.column)] = term

    def term(self, term: Term) -> Term:
        """A term over parameters."""
        return rebuild(term, self._known)

    def guard(self, guard: Guard | None) -> Term:
        """1 where a guard holds, else 0."""
        return const(1.0) if guard is None else self.term(guard.holds())

    def dist(self, dist: Dist) -> Dist:
        """A prior whose arguments speak of parameters only."""
        return map_dist(dist, self.term)


def rebuild(term: Term, known: dict[Term, Term]) -> Term:
    """A term with known subterms replaced; what was rebuilt is added to `known`."""
    stack = [term]
    while stack:
        node = stack[-1]
        if node in known:
            stack.pop()
            continue
        missing = [a for a in node.args if a not in known]
        if missing:
            stack.extend(missing)
            continue
        args = [known[a] for a in node.args]
        same = all(a is b for a, b in zip(args, node.args, strict=True))
        known[node] = node if same else apply(node.op, *args, data=node.data)
        stack.pop()
    return known[term]


def map_dist(dist: Dist, change: Callable[[Term], Term]) -> Dist:
    """A prior with every argument changed."""
    if isinstance(dist, Power):
        return replace(dist, exponent=_numeric(dist.exponent, change))
    if isinstance(dist, Items):
        items = tuple(Range(_numeric(i.dist, change)) if isinstance(i, Range) else i for i in dist.items)
        return Items(items, tuple(change(w) for w in dist.weights), dist.ordered)
    if isinstance(dist, Place):
        return replace(dist, used=tuple(change(t) for t in dist.used))
    if isinstance(dist, Ranked):
        before = None if dist.before is None else change(dist.before)
        return replace(dist, law=_numeric(dist.law, change), before=before, rest=change(dist.rest))
    return _numeric(dist, change)


def _numeric(dist: Numeric, change: Callable[[Term], Term]) -> Numeric:
    def deep(part: object) -> object:
        if isinstance(part, Term):
            return change(part)
        return tuple(deep(x) for x in part) if isinstance(part, tuple) else part

    def maybe(term: Term | None) -> Term | None:
        return None if term is None else change(term)

    base: Any = dist.base
    lattice: Lattice | None = dist.lattice
    if lattice is not None:
        lattice = replace(lattice, anchor=maybe(lattice.anchor))
    return replace(
        dist,
        base=replace(base, **{f.name: deep(getattr(base, f.name)) for f in fields(base) if f.init}),
        loc=change(dist.loc),
        scale=change(dist.scale),
        lo=maybe(dist.lo),
        hi=maybe(dist.hi),
        lattice=lattice,
    )


def arguments(dist: Dist) -> tuple[Term, ...]:
    """The terms a prior depends on."""
    found: list[Term] = []

    def note(term: Term) -> Term:
        found.append(term)
        return term

    map_dist(dist, note)
    return tuple(t for t in dict.fromkeys(found) if t.constant is None)


# ---- regrouping ------------------------------------------------------------------------------------


class Regrouper:
    """Folds long sums, products, conjunctions … in the order in which columns get known.

    `place` is the position of each column in that order, `reach` what it can hold.
    """

    def __init__(self, place: Mapping[int, int], reach: Mapping[int, Reach]) -> None:
        self._place = place
        self._reaches = Reaches({load(c): r for c, r in reach.items()})
        self._known: dict[Term, Term] = {}
        self._operands: dict[Term, tuple[Term, ...]] = {}
        self._ready: dict[Term, int] = {}

    def term(self, term: Term) -> Term:
        """The regrouped term; its values are the same to the bit."""
        known = self._known
        stack = [term]
        while stack:
            node = stack[-1]
            if node in known:
                stack.pop()
                continue
            if node not in self._operands:
                self._operands[node] = self._chain(node)
            operands = self._operands[node]
            missing = [a for a in operands if a not in known]
            if missing:
                stack.extend(missing)
                continue
            parts = [known[a] for a in operands]
            if operands is not node.args:
                parts.sort(key=self._when)
                op = "add" if node.op == "sub" else node.op
                known[node] = reduce(lambda a, b: apply(op, a, b), parts)
            else:
                same = all(a is b for a, b in zip(parts, node.args, strict=True))
                known[node] = node if same else apply(node.op, *parts, data=node.data)
            stack.pop()
        return known[term]

    def _when(self, term: Term) -> int:
        if term not in self._ready:
            self._ready[term] = max((self._place.get(c, -1) for c in columns_of(term)), default=-1)
        return self._ready[term]

    def _chain(self, node: Term) -> tuple[Term, ...]:
        """The operands of a chain of one associative and commutative operation, else the node's own."""
        if node.op not in ("and", "or", "min", "max", "add", "sub", "mul"):
            return node.args
        parts = _flatten(node, "add" if node.op == "sub" else node.op)
        if len(parts) < 3 or (node.op in ("add", "sub", "mul") and not self._exact(node.op, parts)):
            return node.args
        return parts

    def _exact(self, op: str, parts: tuple[Term, ...]) -> bool:
        """True where no order of the operation can round."""
        size = 1.0 if op == "mul" else 0.0
        for part in parts:
            reach = self._reaches.of(part)
            if not reach.integer or reach.undefined.any():
                return False
            most = max(abs(float(reach.lo[0])), abs(float(reach.hi[0])), 1.0) if reach.lo[0] <= reach.hi[0] else 1.0
            size = size * most if op == "mul" else size + most
        return size < _EXACT


def _flatten(node: Term, op: str) -> tuple[Term, ...]:
    found: list[Term] = []
    stack = [(node, True)]
    while stack:
        part, positive = stack.pop()
        if part.op == op or (op == "add" and part.op == "sub"):
            stack.append((part.args[1], positive != (part.op == "sub")))
            stack.append((part.args[0], positive))
        else:
            found.append(part if positive else apply("neg", part))
        if len(found) + len(stack) > _LONGEST:
            # A value used over and over unfolds without end.
            return ()
    return tuple(found)
