"""Frontiers: which parts of clauses and priors must be remembered after each step."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hpdsl.constraints.clauses import Clause
from hpdsl.constraints.options import Options, candidates, constant_options
from hpdsl.constraints.reach import Reach
from hpdsl.constraints.rewrite import Regrouper, arguments, map_dist
from hpdsl.constraints.symmetry import Roles
from hpdsl.semantics.model import Dist
from hpdsl.terms import Term, columns_of

if TYPE_CHECKING:
    from hpdsl.constraints.automaton import Step


class Frontiers:
    """For steps in an order: what is complete, open, and to be remembered after each.

    A part is a largest subterm whose columns are all settled. `after[k]` maps the parts to remember after step
    k to the open clauses that alone need them, or to nothing where a later prior does.
    """

    def __init__(self, steps: Sequence[Step], clauses: Sequence[Clause], reach: Mapping[int, Reach]) -> None:
        self.place = {c: k for k, s in enumerate(steps) for c in s.columns}
        regroup = Regrouper(self.place, reach).term
        self._ready: dict[Term, int] = {}
        self.steps = [
            replace(
                s,
                pieces=tuple((regroup(g), map_dist(d, regroup)) for g, d in s.pieces),
                inputs=tuple(regroup(t) for t in s.inputs),
                cuts=None if s.cuts is None else tuple(regroup(t) for t in s.cuts),
            )
            for s in steps
        ]
        n = len(steps)
        self.violated = [regroup(c.violated) for c in clauses]
        self.last = [self.ready(t) for t in self.violated]
        self.first = [min((self.place[c] for c in columns_of(t)), default=-1) for t in self.violated]
        # A clause over nothing is looked at in the first layer.
        self.completed = [[j for j, at in enumerate(self.last) if max(at, 0) == k] for k in range(n)]
        self.open = [[j for j in range(len(clauses)) if self.first[j] <= k < self.last[j]] for k in range(n)]
        columns = [columns_of(t) for t in self.violated]
        self.touched = [{j for j in self.open[k] if columns[j] & set(steps[k].columns)} for k in range(n)]
        self.parts: list[dict[int, list[Term]]] = []
        for k in range(n):
            # Steps that a clause does not look at leave its parts as they are.
            before = self.parts[-1] if self.parts else {}
            self.parts.append(
                {
                    j: before[j] if j in before and j not in self.touched[k] else self.largest(self.violated[j], k)
                    for j in self.open[k]
                }
            )
        self.later = [
            (k, root, min((self.place[c] for c in columns_of(root)), default=n))
            for k, s in enumerate(self.steps)
            for root in _roots(s)
        ]
        self.after = [self._after(k) for k in range(n)]
        roles = Roles(self.violated)
        self.alike = [roles.alike(self.after[k], self.parts[k]) for k in range(n)]
        self.fixed = [[self._fixed(d, s.cuts, i) for i, (_, d) in enumerate(s.pieces)] for s in self.steps]
        self.sizes = [max((len(o) if o is not None else 64 for o in row), default=1) for row in self.fixed]

        # How many options every state has at least.
        self.least = [
            len(row[0]) if len(row) == 1 and row[0] is not None and s.pieces[0][0].constant == 1.0 else 1
            for s, row in zip(self.steps, self.fixed, strict=True)
        ]
        # How many values are tried in every state to find its options.
        self.tried = [max((candidates(d) for _, d in s.pieces), default=0) for s in self.steps]

    def begun(self, k: int) -> list[int]:
        """The clauses that were looked at up to step k."""
        return [j for j, at in enumerate(self.first) if at <= k]

    def ready(self, term: Term) -> int:
        """The step after which a term is known."""
        if term not in self._ready:
            self._ready[term] = max((self.place[c] for c in columns_of(term)), default=-1)
        return self._ready[term]

    def largest(self, term: Term, k: int) -> list[Term]:
        """The largest subterms that are known after step k, other than constants."""
        found: dict[Term, None] = {}
        stack, seen = [term], {term}
        while stack:
            node = stack.pop()
            at = self.ready(node)
            if at <= k:
                if at >= 0:
                    found[node] = None
                continue
            for a in node.args:
                if a not in seen:
                    seen.add(a)
                    stack.append(a)
        return list(found)

    def _after(self, k: int) -> dict[Term, tuple[int, ...]]:
        users: dict[Term, tuple[int, ...]] = {}
        for j in self.open[k]:
            for part in self.parts[k][j]:
                users[part] = (*users.get(part, ()), j)
        seen: set[Term] = set()
        for _, root, first in self.later[bisect_right(self.later, k, key=lambda entry: entry[0]) :]:
            if first <= k and root not in seen:
                seen.add(root)
                users.update(dict.fromkeys(self.largest(root, k), ()))
        return users

    def _fixed(self, dist: Dist, cuts: tuple[Term, ...] | None, number: int) -> Options | None:
        if arguments(dist) or any(c.constant is None for c in cuts or ()):
            return None
        return constant_options(dist, cuts, number)


def _roots(step: Step) -> Iterable[Term]:
    for guard, dist in step.pieces:
        yield guard
        yield from arguments(dist)
    yield from step.inputs
    yield from step.cuts or ()
