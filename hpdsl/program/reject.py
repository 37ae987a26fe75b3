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
    high = n_columns + len(tied.requirements)
    run(tied.table, scratch[:high], keys=keys, start=start)
    pending = np.flatnonzero((scratch[n_columns:high] == 1.0).any(axis=0))
    broken = (scratch[n_columns:high] == 1.0).sum(axis=1)
    tried, drawn = 1, scratch.shape[1]
    while pending.size:
        if tried >= max_attempts:
            raise _exhausted(tied, broken, drawn, max_attempts)
        chunk = pending[:LANES]
        per_row = min(max(LANES // chunk.size, 1), max_attempts - tried)
        settled = []
        for first in range(0, pending.size, LANES):
            chunk = pending[first : first + LANES]
            matrix = np.empty((high, chunk.size * per_row))
            rows = np.repeat(chunk + start, per_row)
            attempts = np.tile(np.arange(tried, tried + per_row), chunk.size)
            run(tied.table, matrix, keys=keys, rows=rows, attempts=attempts)
            bad = matrix[n_columns:] == 1.0
            broken += bad.sum(axis=1)
            drawn += bad.shape[1]
            good = ~bad.any(axis=0).reshape(chunk.size, per_row)
            found = good.any(axis=1)
            picked = np.flatnonzero(found) * per_row + good.argmax(axis=1)[found]
            scratch[np.ix_(tied.columns, chunk[found])] = matrix[np.ix_(tied.columns, picked)]
            settled.append(chunk[found])
        pending = np.setdiff1d(pending, np.concatenate(settled), assume_unique=True)
        tried += per_row


def _exhausted(tied: Tied, broken: NDArray[np.int64], drawn: int, max_attempts: int) -> SamplingError:
    k = int(broken.argmax())
    share = 100.0 * float(broken[k]) / max(drawn, 1)
    return SamplingError(
        f"no feasible configuration within {max_attempts} attempts a row: the tightest requirement, "
        f"`{tied.requirements[k].message}`, failed in {share:.3g} % of {drawn} draws; "
        "relax it, narrow the ranges towards where it holds, or derive one side from the other with `=`"
    )
