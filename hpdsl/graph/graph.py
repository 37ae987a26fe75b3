"""`Graph`: what one entry point computes, as statements that store terms into columns under guards."""

from __future__ import annotations

from dataclasses import dataclass

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
