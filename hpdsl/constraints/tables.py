"""`Table`: numbers that terms look up; too many to live in a term."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hpdsl.terms import Term


class Table:
    """Doubles, compared and hashed by identity; `rows` counts the rows of a table to `search`."""

    __slots__ = ("rows", "values")

    def __init__(self, values: ArrayLike, rows: int = 0) -> None:
        self.values: NDArray[np.float64] = np.ascontiguousarray(values, dtype=np.float64)
        self.rows = rows

    def __format__(self, spec: str) -> str:
        return f"<{len(self.values)} entries>"


def table_of(term: Term) -> Table | None:
    """The table a term looks up, where it has one."""
    handle: object = term.data[0] if term.data else None
    return handle if isinstance(handle, Table) else None


def lookup(index: Term, table: Table) -> Term:
    """The entry with a number; the first and last stand for what lies beyond."""
    return _with_table("take", (index,), table)


def search(u: Term, row: Term, table: Table) -> Term:
    """The number of the first entry of a row that is > u."""
    return _with_table("search", (u, row), table)


def _with_table(op: str, args: tuple[Term, ...], table: Table) -> Term:
    # A handle takes the place of the numbers it stands for; assembling unpacks it.
    return Term(op, args, cast("tuple[float, ...]", (table,)))
