"""Bounded rejection: parameters that requirements tie together are drawn again, as one, until they hold.

Attempt k of a row is the same whoever asks and however rows are batched, so what is delivered, the first
attempt that holds, is a pure function of seed and row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpdsl.errors import SamplingError
from hpdsl.program.assemble import OpTable
from hpdsl.semantics.model import Requirement

# Lanes of one retry: enough to vectorise well, small enough to stay in cache.
LANES = 4096


@dataclass(frozen=True)
class Tied:
    """A component compiled for rejection: its op table, the columns it stores, its requirements."""

    table: OpTable
    columns: NDArray[np.int64]
    requirements: tuple[Requirement, ...]


def draw_tied(
    tied: Tied,
    scratch: NDArray[np.float64],
    n_columns: int,
    keys: NDArray[np.uint32],
    start: int,
    max_attempts: int,
    run: Callable[..., None],
) -> None:
    """Fill the component's columns of `scratch`, whose lanes are rows start, start + 1, …; every requirement holds."""
    draws = _Draws(tied, scratch, n_columns, keys, start, run)
    pending = draws.first()
    tried = 1
    if pending.size == scratch.shape[1] and pending.size > 1:
        # Nothing was accepted at all: one row alone tells soonest whether anything ever is.
        draws.until_accepted(pending[:1], tried, max_attempts)
        pending = pending[1:]
    while pending.size:
        if tried >= max_attempts:
            raise draws.exhausted(max_attempts)
        per_row = min(max(LANES // pending.size, 1), max_attempts - tried)
        parts = [draws.again(pending[k : k + LANES], tried, per_row) for k in range(0, pending.size, LANES)]
        pending = np.concatenate(parts)
        tried += per_row


class _Draws:
    """Attempts at the rows of one batch, and how often each requirement failed in them."""

    def __init__(
        self,
        tied: Tied,
        scratch: NDArray[np.float64],
        n_columns: int,
        keys: NDArray[np.uint32],
        start: int,
        run: Callable[..., None],
    ) -> None:
        self.tied, self.scratch, self.n_columns, self.keys, self.start, self.run = (
            tied,
            scratch,
            n_columns,
            keys,
            start,
            run,
        )
        self.high = n_columns + len(tied.requirements)
        self.broken = np.zeros(len(tied.requirements), dtype=np.int64)
        self.drawn = 0

    def first(self) -> NDArray[np.int64]:
        """Attempt 0 of every row; the rows on which something fails."""
        self.run(self.tied.table, self.scratch[: self.high], keys=self.keys, start=self.start)
        return np.flatnonzero(self._bad(self.scratch[self.n_columns : self.high]).any(axis=0))

    def again(self, rows: NDArray[np.int64], tried: int, per_row: int) -> NDArray[np.int64]:
        """The next attempts of some rows, from number `tried` on; the rows on which all of them failed."""
        matrix = np.empty((self.high, rows.size * per_row))
        attempts = np.tile(np.arange(tried, tried + per_row), rows.size)
        lanes = np.repeat(rows + self.start, per_row)
        self.run(self.tied.table, matrix, keys=self.keys, rows=lanes, attempts=attempts)
        good = ~self._bad(matrix[self.n_columns :]).any(axis=0).reshape(rows.size, per_row)
        found = good.any(axis=1)
        picked = np.flatnonzero(found) * per_row + good.argmax(axis=1)[found]
        columns = self.tied.columns
        self.scratch[np.ix_(columns, rows[found])] = matrix[np.ix_(columns, picked)]
        return rows[~found]

    def until_accepted(self, rows: NDArray[np.int64], tried: int, max_attempts: int) -> None:
        """Go on with one row until an attempt holds."""
        while rows.size:
            if tried >= max_attempts:
                raise self.exhausted(max_attempts)
            per_row = min(LANES, max_attempts - tried)
            rows = self.again(rows, tried, per_row)
            tried += per_row

    def _bad(self, checks: NDArray[np.float64]) -> NDArray[np.bool_]:
        bad: NDArray[np.bool_] = checks == 1.0
        self.broken += bad.sum(axis=1)
        self.drawn += bad.shape[1]
        return bad

    def exhausted(self, max_attempts: int) -> SamplingError:
        """The error that names the requirement that failed most often."""
        k = int(self.broken.argmax())
        share = 100.0 * float(self.broken[k]) / max(self.drawn, 1)
        return SamplingError(
            f"no feasible configuration within {max_attempts} attempts a row: the tightest requirement, "
            f"`{self.tied.requirements[k].message}`, failed in {share:.3g} % of {self.drawn} draws; "
            "relax it, narrow the ranges towards where it holds, or derive one side from the other with `=`"
        )
