"""The order in which parameters are settled: one that keeps few of them in mind at any time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

# Frontiers wider than this, in bits, are all the same: too wide.
_HOPELESS = 60.0
# An order this cheap needs no other.
_CHEAP = 20_000.0
# A frontier and a step this wide, in bits, can be borne where there is no better way: 2^14 pairs a step.
_BEARABLE = 14.0
# Scopes up to which all of them are compared at every step.
_FEW = 120
# Looks at scopes up to which greedy rules are fast; beyond, the written order has to do.
_LOOKS = 300_000


@dataclass(frozen=True)
class Node:
    """Something to settle: its name, which breaks ties, what must come before, how many values it has."""

    name: str
    needs: frozenset[int]
    size: float


def elimination_orders(nodes: Sequence[Node], scopes: Iterable[frozenset[int]]) -> list[list[int]]:
    """Topological orders with a small frontier, by several greedy rules; the most promising first.

    `scopes` are the sets of nodes that something looks at together. A settled node is live until everything
    that looks at it is settled. There is no order where needs go round in a circle.
    """
    problem = _Problem(nodes, scopes)
    if any(k in before for k, before in enumerate(problem.before)):
        return []
    if problem.looks > _LOOKS:
        return [_as_written(problem)]
    orders = [_by_node(problem, _stay_close)]
    if problem.cost(orders[0]) <= _CHEAP:
        return orders
    orders.append(_by_node(problem, _slowest_growth))
    if len(problem.scopes) <= _FEW:
        orders.append(_by_scope(problem))
    distinct = {tuple(o): o for o in orders}
    return sorted(distinct.values(), key=problem.cost)


def cost(nodes: Sequence[Node], scopes: Iterable[frozenset[int]], order: list[int]) -> float:
    """Roughly how many pairs of a state and a value an order visits."""
    return _Problem(nodes, scopes).cost(order)


def narrow_scopes(nodes: Sequence[Node], scopes: Iterable[frozenset[int]]) -> set[frozenset[int]]:
    """Some of `scopes`, dropped one by one until no step of a good order visits more than `_BEARABLE` bits.

    Where a frontier is too wide, the scope that stays open longest is dropped.
    """
    problem = _Problem(nodes, scopes)
    if problem.looks > _LOOKS or any(k in before for k, before in enumerate(problem.before)):
        return set()
    order = min((_by_node(problem, rank) for rank in (_stay_close, _slowest_growth)), key=problem.cost)
    when = {k: i for i, k in enumerate(order)}
    # What a node needs can't be dropped.
    needed = {n.needs | {k} for k, n in enumerate(nodes) if n.needs}
    kept = dict.fromkeys(problem.scopes)
    closes = {w: max(when[k] for k in w) for w in kept}
    opens = {w: min(when[k] for k in w) for w in kept}
    for i, k in enumerate(order):
        while True:
            live = {m for w in kept if opens[w] < i <= closes[w] for m in w if when[m] < i}
            if sum(problem.logs[m] for m in sorted(live)) + problem.logs[k] <= _BEARABLE:
                break
            loose = [w for w in kept if opens[w] < i <= closes[w] and w not in needed]
            if not loose:
                return set()
            del kept[max(loose, key=lambda w: (closes[w], sorted(w)))]
    return set(kept)


class _Problem:
    def __init__(self, nodes: Sequence[Node], scopes: Iterable[frozenset[int]]) -> None:
        self.nodes = nodes
        self.logs = [math.log2(max(n.size, 1.0)) for n in nodes]
        found = set(scopes) | {n.needs | {k} for k, n in enumerate(nodes) if n.needs}
        names = [n.name for n in nodes]
        self.scopes = sorted(found, key=lambda s: sorted(names[k] for k in s))
        self.of_node: list[list[int]] = [[] for _ in nodes]
        for w, scope in enumerate(self.scopes):
            for k in scope:
                self.of_node[k].append(w)
        self.before: list[frozenset[int]] = [frozenset()] * len(nodes)
        for k in range(len(nodes)):
            self._ancestors(k)

    @property
    def looks(self) -> int:
        """Roughly how often a greedy rule looks at a scope's members."""
        busiest = max((sum(len(self.scopes[w]) for w in scopes) for scopes in self.of_node), default=0)
        return busiest * len(self.nodes)

    def _ancestors(self, k: int) -> None:
        stack, seen = list(self.nodes[k].needs), set(self.nodes[k].needs)
        while stack:
            for needed in self.nodes[stack.pop()].needs:
                if needed not in seen:
                    seen.add(needed)
                    stack.append(needed)
        self.before[k] = frozenset(seen)

    def cost(self, order: list[int]) -> float:
        """Roughly how many pairs of a state and a value an order visits."""
        frontier = _Frontier(self)
        total = 0.0
        for k in order:
            total += 2.0 ** min(frontier.width + self.logs[k], _HOPELESS)
            frontier.settle(k)
        return total


class _Frontier:
    """What is live after some nodes are settled."""

    def __init__(self, problem: _Problem) -> None:
        self.problem = problem
        self.settled: set[int] = set()
        self.left = [len(s) for s in problem.scopes]
        self.open_at = [0] * len(problem.nodes)
        self.width = 0.0

    def growth(self, k: int) -> float:
        """By how much settling a node widens the frontier, in bits."""
        p = self.problem
        closing: dict[int, int] = {}
        stays = False
        for w in p.of_node[k]:
            if self.left[w] > 1:
                stays = True
                continue
            for other in p.scopes[w]:
                if other != k:
                    closing[other] = closing.get(other, 0) + 1
        freed = sum(p.logs[other] for other, n in sorted(closing.items()) if self.open_at[other] == n)
        return (p.logs[k] if stays else 0.0) - freed

    def touched(self, k: int) -> bool:
        """Whether something looks at the node together with a settled one."""
        p = self.problem
        return any(self.left[w] < len(p.scopes[w]) for w in p.of_node[k])

    def settle(self, k: int) -> set[int]:
        """Note that a node is settled; the nodes for which that makes a difference."""
        p = self.problem
        changed = {k}
        self.width += self.growth(k)
        self.settled.add(k)
        for w in p.of_node[k]:
            self.left[w] -= 1
            if self.left[w] == 0:
                changed |= p.scopes[w]
                for other in p.scopes[w]:
                    if other != k:
                        self.open_at[other] -= 1
            else:
                self.open_at[k] += 1
        return {other for c in changed for w in p.of_node[c] if self.left[w] for other in p.scopes[w]}


_Rank = tuple[float, float, float, str]


def _slowest_growth(f: _Frontier, k: int) -> _Rank:
    p = f.problem
    return (round(f.growth(k), 6), 0.0 if f.touched(k) else 1.0, round(p.logs[k], 6), p.nodes[k].name)


def _stay_close(f: _Frontier, k: int) -> _Rank:
    p = f.problem
    return (0.0 if f.touched(k) else 1.0, round(f.growth(k), 6), round(p.logs[k], 6), p.nodes[k].name)


def _by_node(problem: _Problem, rank: Callable[[_Frontier, int], _Rank]) -> list[int]:
    """Settle one best node at a time."""
    frontier = _Frontier(problem)
    order: list[int] = []
    waiting = [len(n.needs) for n in problem.nodes]
    followers: list[list[int]] = [[] for _ in problem.nodes]
    for k, n in enumerate(problem.nodes):
        for needed in n.needs:
            followers[needed].append(k)
    ready = {k: rank(frontier, k) for k, n in enumerate(waiting) if n == 0}
    while ready:
        chosen = min(ready, key=lambda k: ready[k])
        del ready[chosen]
        order.append(chosen)
        changed = frontier.settle(chosen)
        for k in followers[chosen]:
            waiting[k] -= 1
            if waiting[k] == 0:
                ready[k] = rank(frontier, k)
        for k in changed & ready.keys():
            ready[k] = rank(frontier, k)
    return order


def _as_written(problem: _Problem) -> list[int]:
    """The first node whose needs are settled, then the next."""
    order = TopologicalSorter({k: sorted(n.needs) for k, n in enumerate(problem.nodes)})
    return list(order.static_order())


def _by_scope(problem: _Problem) -> list[int]:
    """Settle everything that one scope looks at, then the next: the one that is cheapest to complete."""
    frontier = _Frontier(problem)
    order: list[int] = []
    pending = dict.fromkeys(range(len(problem.scopes)))
    names = [n.name for n in problem.nodes]

    def settle(members: frozenset[int]) -> None:
        todo = {m for k in members for m in (*problem.before[k], k)} - frontier.settled
        while todo:
            ready = [k for k in todo if problem.nodes[k].needs <= frontier.settled]
            chosen = min(ready, key=lambda k: _slowest_growth(frontier, k))
            todo.remove(chosen)
            order.append(chosen)
            frontier.settle(chosen)

    def price(w: int) -> tuple[float, float, int]:
        todo = {m for k in problem.scopes[w] for m in (*problem.before[k], k)} - frontier.settled
        bits = sum(problem.logs[k] for k in sorted(todo))
        # Nodes that only this scope still looks at are forgotten again.
        kept = sum(
            problem.logs[k] for k in sorted(todo) if any(o != w and frontier.left[o] > 0 for o in problem.of_node[k])
        )
        return (round(kept, 6), round(bits, 6), w)

    while pending:
        best = min(pending, key=price)
        del pending[best]
        settle(problem.scopes[best])
    for k in sorted(set(range(len(problem.nodes))) - frontier.settled, key=lambda k: names[k]):
        settle(frozenset({k}))
    return order
