"""The cells of discrete parameters: the part of [0, 1] that each value takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.graph.graph import Graph, Statement
from hpdsl.priors.bases import Uniform
from hpdsl.priors.items import Items
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.power import Power
from hpdsl.program.program import lower, run
from hpdsl.semantics.model import Parameter
from hpdsl.terms import columns_of, const, load

# Values of a discrete parameter that are listed: those of unequal mass take a distribution function each, once.
EQUAL_CELLS, UNEQUAL_CELLS = 100_000, 4096


def middles(p: Parameter, count: int | None) -> NDArray[np.float64] | None:
    """The mid-cell u of each of `count` values; None where they follow others, or are too many for a table."""
    if p.score is not None and len(p.score.members) > 1:
        # What is correlated has codes that follow those of its partners.
        return None
    if count is None or count > (EQUAL_CELLS if _equal(p) else UNEQUAL_CELLS):
        return None
    dist = p.pieces[0].dist
    if isinstance(dist, Numeric | Power):
        return (np.arange(count) + 0.5) / count if _equal(p) else _unequal(dist, count)
    fixed = dist.fixed_weights() if isinstance(dist, Items) else None
    if fixed is None:
        return None
    ends = np.concatenate([[0.0], np.cumsum(fixed)])
    return np.asarray((0.5 * (ends[:-1] + ends[1:]))[np.array(fixed) > 0.0])


def edges(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where cells begin and end, from 0 to 1, of which these are the middles."""
    found = [0.0]
    for middle in cells:
        found.append(2.0 * float(middle) - found[-1])
    found[-1] = 1.0
    return np.maximum.accumulate(np.array(found))


def _unequal(dist: Numeric | Power, count: int) -> NDArray[np.float64] | None:
    if columns_of(dist.middle(const(0.0))):
        return None
    matrix = np.vstack([np.arange(count, dtype=np.float64), np.empty(count)])
    run(lower(Graph(2, frozenset({0}), (Statement(1, dist.middle(load(0)), None),))), matrix)
    found: NDArray[np.float64] = matrix[1]
    return found


def _equal(p: Parameter) -> bool:
    """True where every value of a lattice has the same mass."""
    dist = p.pieces[0].dist
    inner = dist.exponent if isinstance(dist, Power) else dist
    return isinstance(inner, Numeric) and isinstance(inner.base, Uniform) and inner.linear
