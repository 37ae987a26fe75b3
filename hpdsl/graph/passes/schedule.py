"""`schedule`: reorder statements so that those under one guard stand together.

Entering a guard costs a gather of its rows, so each should be entered once.

Before: `a := …`, `x := … when p`, `b := …`, `y := … when p`
After:  `a := …`, `b := …`, `x := … when p`, `y := … when p`
"""

from __future__ import annotations

import heapq

from hpdsl.graph.graph import Graph
from hpdsl.semantics.model import Guard


def schedule(graph: Graph) -> Graph:
    """The same graph with few changes of guard; dependencies are kept."""
    statements = graph.statements
    writers: dict[int, list[int]] = {}
    for k, s in enumerate(statements):
        writers.setdefault(s.column, []).append(k)
    waiting = [0] * len(statements)
    followers: list[list[int]] = [[] for _ in statements]
    for k, s in enumerate(statements):
        for column in s.reads():
            for w in writers.get(column, ()):
                waiting[k] += 1
                followers[w].append(k)
    ready: dict[Guard | None, list[int]] = {}
    for k, s in enumerate(statements):
        if waiting[k] == 0:
            heapq.heappush(ready.setdefault(s.guard, []), k)
    order = []
    current: Guard | None = None
    while ready:
        if current not in ready:
            current = min(ready, key=lambda g: ready[g][0])
        k = heapq.heappop(ready[current])
        if not ready[current]:
            del ready[current]
        order.append(k)
        for f in followers[k]:
            waiting[f] -= 1
            if waiting[f] == 0:
                heapq.heappush(ready.setdefault(statements[f].guard, []), f)
    return Graph(graph.n_columns, graph.given, tuple(statements[k] for k in order))
