"""Which told trials are better than others, where there are several objectives, or bounds; everything is minimised."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.doubles import in_reach

Floats = NDArray[np.float64]


def non_dominated(values: Floats) -> NDArray[np.bool_]:
    """True for each row, of shape (n, m) without NaN, that no other row dominates; equal rows stand or fall together.

    A row dominates another where it is nowhere larger and somewhere smaller.
    """
    if not len(values):
        return np.zeros(0, dtype=np.bool_)
    # Sorted by the first column, then the second, …: what dominates a row stands before it.
    rows, inverse = np.unique(values, axis=0, return_inverse=True)
    keep = np.ones(len(rows), dtype=np.bool_)
    if rows.shape[1] == 1:
        keep[1:] = False
    elif rows.shape[1] == 2:
        keep[1:] = rows[1:, 1] < np.minimum.accumulate(rows[:-1, 1])
    else:
        for k in range(1, len(rows)):
            keep[k] = not (rows[:k][keep[:k]] <= rows[k]).all(axis=1).any()
    return np.asarray(keep[inverse.reshape(-1)])


def front_order(values: Floats) -> NDArray[np.int64]:
    """The indices of the rows that are not dominated, by the first column, then by index."""
    members = np.flatnonzero(non_dominated(values))
    return np.asarray(members[np.argsort(values[members, 0], kind="stable")], dtype=np.int64)


def excess(violations: Floats) -> Floats:
    """How much each row breaks its bounds in all, each in units of its median violation; 0 where it keeps them.

    Violations have the shape (n, bounds), at most 0 where a bound is kept.
    """
    c = np.maximum(violations, 0.0)
    total = np.zeros(len(c))
    for column in c.T:
        broken = column[(column > 0.0) & np.isfinite(column)]
        unit = max(float(np.quantile(broken, 0.5, method="lower")), 1e-300) if len(broken) else 1.0
        with np.errstate(over="ignore"):
            total += np.log1p(np.minimum(column / unit, 1e300))
    return total


def layers(values: Floats) -> NDArray[np.int64]:
    """For each row 0 where nothing dominates it, 1 where only rows of layer 0 do, and so on (Deb et al. 2002)."""
    found = np.full(len(values), -1, dtype=np.int64)
    layer = 0
    while (left := np.flatnonzero(found < 0)).size:
        found[left[non_dominated(values[left])]] = layer
        layer += 1
    return found


def crowding(values: Floats) -> Floats:
    """How far apart the neighbours of each row are, summed over objectives in ranges; infinite at either end."""
    total = np.zeros(len(values))
    for whole in values.T:
        column, _ = in_reach(whole)
        order = np.argsort(whole, kind="stable")
        span = float(column[order[-1]] - column[order[0]]) if len(order) else 0.0
        total[order[[0, -1]]] = np.inf
        if span > 0.0:
            total[order[1:-1]] += (column[order[2:]] - column[order[:-2]]) / span
    return total


def ranking(values: Floats, violations: Floats) -> NDArray[np.int64]:
    """The indices of rows (n, objectives), the best first; those with NaN last.

    What breaks bounds less comes before what is better. Of several objectives the layer counts, then how far a row
    lies from others of its layer: good ones should stand for the whole front.
    """
    n = len(values)
    last = np.isnan(values).any(axis=1)
    broken = np.where(np.isnan(violations).any(axis=1), np.inf, excess(np.nan_to_num(violations, nan=0.0)))
    if values.shape[1] == 1:
        return np.lexsort((values[:, 0], broken, last))
    layer, spread = np.zeros(n, dtype=np.int64), np.zeros(n)
    good = np.flatnonzero(~last)
    layer[good] = layers(values[good])
    for k in np.unique(layer[good]):
        members = good[layer[good] == k]
        spread[members] = crowding(values[members])
    return np.lexsort((-spread, layer, broken, last))
