"""`Graph`: what one entry point computes, as statements that store terms into columns under guards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from hpdsl.semantics.model import Guard
from hpdsl.terms import Term, columns_of


@dataclass(frozen=True)
class Statement:
    """`column := term` on the rows where the guard holds."""

    column: int
    term: Term
    guard: Guard | None

    def reads(self) -> frozenset[int]:
        """The columns it needs."""
        return columns_of(self.term) | (self.guard.columns() if self.guard else frozenset())


@dataclass(frozen=True)
class Graph:
    """Statements in an order in which they can run; `given` columns are filled by the caller.

    A column that no statement stores on a row is NaN there: inactive.
    """

    n_columns: int
    given: frozenset[int]
    statements: tuple[Statement, ...]

    @property
    def stored(self) -> frozenset[int]:
        """The columns that statements fill."""
        return frozenset(s.column for s in self.statements)

    @property
    def partial(self) -> tuple[int, ...]:
        """Stored columns that stay NaN on some rows."""
        whole = {s.column for s in self.statements if s.guard is None}
        return tuple(sorted(self.stored - whole))


def verify(graph: Graph) -> None:
    """Check the invariants that every pass relies on and must keep."""
    last = {s.column: k for k, s in enumerate(graph.statements)}
    for k, s in enumerate(graph.statements):
        assert 0 <= s.column < graph.n_columns, f"column {s.column} does not exist"
        assert s.column not in graph.given, f"column {s.column} is given, and stored too"
        for column in s.reads():
            ready = column in graph.given or last.get(column, k) < k
            assert ready, f"column {column} is read before it is complete"


def in_order(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Statements such that no column is read before it is complete; those of one column keep their order."""
    by_column: dict[int, list[Statement]] = {}
    for s in statements:
        by_column.setdefault(s.column, []).append(s)
    waits = {c: {r for s in group for r in s.reads() if r in by_column and r != c} for c, group in by_column.items()}
    readers: dict[int, list[int]] = {}
    for c, needed in waits.items():
        for r in needed:
            readers.setdefault(r, []).append(c)
    rank = {c: k for k, c in enumerate(by_column)}
    columns = list(by_column)
    ready = [rank[c] for c, needed in waits.items() if not needed]
    result: list[Statement] = []
    while ready:
        column = columns[heappop(ready)]
        result.extend(by_column[column])
        for c in readers.get(column, ()):
            waits[c].discard(column)
            if not waits[c]:
                heappush(ready, rank[c])
    assert len(result) == len(statements), "statements read each other in a circle"
    return tuple(result)
