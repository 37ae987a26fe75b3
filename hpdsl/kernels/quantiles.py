"""Inverse distribution functions as piecewise polynomials, for laws whose shapes are constant.

The log-odds of a beta variate are a smooth function of the log-odds of its probability: analytic within π of the
real axis, and straight in both tails. So polynomials on short pieces reach the accuracy of the exact inverse.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hpdsl.kernels import twin

Floats = NDArray[np.float64]

# Log-odds of probabilities between which pieces lie: a uniform draw of 53 bits lies within ±37.5.
REACH = 40.0
PIECES = 160
DEGREE = 11
# Of the larger of 1 and the log-odds: what rounding leaves in the exact inverse.
_ACCURACY = 1e-11


@lru_cache(maxsize=256)
def beta_log_odds(a: float, b: float) -> tuple[tuple[float, ...], ...] | None:
    """The polynomials' coefficients, lowest first, each for all pieces and the two tails; None where they miss.

    The argument runs from -1 to 1 on a piece; on the tails, which are the first and last entry, as it would there.
    """
    ends = _log_odds(np.array([-REACH, REACH]), a, b)
    if not np.isfinite(ends).all():
        # A quantile leaves the doubles, which takes the exact inverse seconds to find out for all of them.
        return None
    half = REACH / PIECES
    centres = -REACH + half * (2.0 * np.arange(PIECES) + 1.0)
    nodes = _nodes()
    values = _log_odds(centres[:, None] + half * nodes, a, b)
    fits = _solved(np.vander(nodes, increasing=True), values.T)
    between = np.array([-0.97, -0.31, 0.0, 0.52, 0.99])
    exact = _log_odds(centres[:, None] + half * between, a, b)
    with np.errstate(all="ignore"):
        error = np.abs(_along(fits, between) - exact)
    if not (error <= _ACCURACY * np.maximum(1.0, np.abs(exact))).all():
        return None
    tails = np.zeros((DEGREE + 1, 2))
    # Straight on from the outermost points: the first tail's own -1 .. 1 ends, the last one's starts there.
    tails[1] = half / a, half / b
    tails[0] = ends[0] - tails[1, 0], ends[1] + tails[1, 1]
    table = np.column_stack([tails[:, :1], fits, tails[:, 1:]])
    return tuple(tuple(float(c) for c in row) for row in table)


def _nodes() -> Floats:
    """Chebyshev's, rounded to 30 bits, so that no cosine's last digits are in them."""
    nodes: Floats = np.rint(np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1)) * 2.0**30) * 2.0**-30
    return nodes


def _solved(matrix: Floats, right: Floats) -> Floats:
    """The solution of linear equations by elimination with pivots; LAPACK's bits depend on the processor."""
    rows = np.concatenate([matrix, right], axis=1)
    size = len(rows)
    for k in range(size):
        pivot = k + int(np.abs(rows[k:, k]).argmax())
        rows[[k, pivot]] = rows[[pivot, k]]
        for i in range(k + 1, size):
            rows[i, k:] -= rows[k, k:] * (rows[i, k] / rows[k, k])
    for k in reversed(range(size)):
        for i in range(k + 1, size):
            rows[k, size:] -= rows[i, size:] * rows[k, i]
        rows[k, size:] /= rows[k, k]
    return rows[:, size:]


def _along(fits: Floats, at: Floats) -> Floats:
    """The polynomials' values, shape (pieces, points)."""
    total = np.zeros((fits.shape[1], len(at)))
    for row in fits[::-1]:
        total = total * at + row[:, None]
    return total


def _log_odds(w: Floats, a: float, b: float) -> Floats:
    """The log-odds of the beta quantiles at probabilities of log-odds w; each tail is solved from its own end."""
    flat = w.ravel()
    p = 1.0 / (1.0 + twin.FUNCTIONS["exp"](np.abs(flat)))
    low = flat < 0.0
    ends = np.where(low, a, b), np.where(low, b, a)
    with np.errstate(all="ignore"):
        x = twin.FUNCTIONS["beta_ppf"](p, *ends)
        # The quantile of a probability below one half may lie beyond the middle.
        z = twin.FUNCTIONS["log"](x) - twin.FUNCTIONS["log"](1.0 - x)
    result: Floats = np.where(low, z, -z).reshape(w.shape)
    return result
