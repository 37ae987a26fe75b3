"""Compiled loops of the Gaussian process; `arrays` holds their twins. Importing this module imports Numba.

| name | shape | meaning |
|---|---|---|
| E | (n, q) | embedded configurations, unweighted |
| starts | (G + 1,) | columns starts[g] .. starts[g + 1] of E form group g |
| P | (G, n (n - 1) / 2) | squared distance of every pair i > j within every group, row by row |
| K | (n, n) | a symmetric matrix or its factor, of which the lower triangle counts |
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes import climb as _climb
from hpdsl.backends.bayes import descent, formulas, likelihood, prediction
from hpdsl.backends.bayes.routines import factorise as factorise
from hpdsl.backends.bayes.routines import invert as invert
from hpdsl.backends.bayes.routines import lower as lower
from hpdsl.backends.bayes.routines import mix as mix
from hpdsl.backends.bayes.routines import multiply as multiply
from hpdsl.backends.bayes.routines import products as products
from hpdsl.backends.bayes.routines import routines as routines
from hpdsl.backends.bayes.routines import solve as solve
from hpdsl.backends.bayes.routines import weighted_sum as weighted_sum
from hpdsl.kernels.jit import NATIVE, jit, part

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_formulas = formulas.build(NATIVE)
_matern, _slope = _formulas.matern, _formulas.slope

# ---- loops -----------------------------------------------------------------------------------------


@jit
def pair_distances(E: Floats, starts: Ints, first: int, P: Floats) -> None:
    """Fill the columns of P of all pairs (i, j) with first <= i and j < i."""
    n, groups = E.shape[0], len(starts) - 1
    for g in range(groups):
        for i in range(first, n):
            row = i * (i - 1) // 2
            for j in range(i):
                total = 0.0
                for c in range(starts[g], starts[g + 1]):
                    gap = E[i, c] - E[j, c]
                    total += gap * gap
                P[g, row + j] = total


@jit
def cross(products: Floats, a: Floats, b: Floats, scale: float) -> None:
    """Replace the inner products (m, n) of two sets of points, of squared lengths a and b, by scale · matern."""
    for i in range(products.shape[0]):
        for j in range(products.shape[1]):
            # Cancellation may leave a tiny negative number where two points coincide.
            products[i, j] = scale * _matern(max(a[i] + b[j] - 2.0 * products[i, j], 0.0))


@jit
def matern_and_slope(r2: Floats, k: Floats, slope: Floats) -> None:
    """The kernel and its derivative by the squared distance, elementwise."""
    for i in range(len(r2)):
        k[i] = _matern(r2[i])
        slope[i] = _slope(r2[i])


@jit
def spread(packed: Floats, scale: float, diagonal: float, K: Floats) -> None:
    """Write `scale * packed` into the lower triangle of K, and the diagonal."""
    n = K.shape[0]
    for i in range(n):
        row = i * (i - 1) // 2
        for j in range(i):
            K[i, j] = scale * packed[row + j]
        K[i, i] = diagonal


@jit
def pack_residual(alpha: Floats, inverse: Floats, out: Floats) -> None:
    """alpha alphaᵀ - K⁻¹ for all pairs i > j; `inverse` holds the lower triangle."""
    n = len(alpha)
    for i in range(n):
        row = i * (i - 1) // 2
        for j in range(i):
            out[row + j] = alpha[i] * alpha[j] - inverse[i, j]


@jit
def nearest(E: Floats, known: Floats, distance: Floats, which: Ints, where: Ints) -> None:
    """For every row of E the nearest of the known points by the largest gap, that gap, and the column it is in.

    `known` has the shape (columns, points).
    """
    largest = np.empty(known.shape[1])
    for i in range(E.shape[0]):
        largest[:] = 0.0
        for c in range(E.shape[1]):
            here = E[i, c]
            for j in range(len(largest)):
                gap = abs(here - known[c, j])
                largest[j] = gap if gap > largest[j] else largest[j]
        best = 0
        for j in range(len(largest)):
            if largest[j] < largest[best]:
                best = j
        gap, where[i] = -1.0, 0
        for c in range(E.shape[1]):
            if abs(E[i, c] - known[c, best]) > gap:
                gap, where[i] = abs(E[i, c] - known[c, best]), c
        distance[i], which[i] = largest[best], best


@jit
def distances(x: Floats, which: Ints, fixed: Floats, X: Floats, root: Floats, r2: Floats) -> None:
    """Squared distances (m, n) of rows of x from the columns of X, of each coordinate times its root.

    They add to row which[i] of those that are fixed.
    """
    for i in range(len(x)):
        for j in range(X.shape[1]):
            r2[i, j] = fixed[which[i], j]
        for c in range(len(X)):
            here = x[i, c] * root[c]
            for j in range(X.shape[1]):
                gap = here - X[c, j]
                r2[i, j] += gap * gap


@jit
def dots(a: Floats, b: Floats, out: Floats) -> None:
    """The inner product of every row of a with that of b, summed from left to right."""
    for i in range(len(a)):
        total = 0.0
        for j in range(a.shape[1]):
            total += a[i, j] * b[i, j]
        out[i] = total


@jit
def sums(a: Floats, out: Floats) -> None:
    """The sum of every row, from left to right."""
    for i in range(len(a)):
        total = 0.0
        for j in range(a.shape[1]):
            total += a[i, j]
        out[i] = total


@jit
def total(a: Floats, b: Floats) -> float:
    """The inner product, summed from left to right."""
    result = 0.0
    for i in range(len(a)):
        result += a[i] * b[i]
    return result


@jit
def combine(by_mean: Floats, alpha: Floats, by_sd: Floats, v: Floats, out: Floats) -> None:
    """Multiply out (m, n) by by_mean (m, c) · alpha (c, n) + by_sd (m) · v (m, n)."""
    factor = np.empty(out.shape[1])
    for i in range(len(out)):
        for j in range(len(factor)):
            factor[j] = by_sd[i] * v[i, j]
        for f in range(len(alpha)):
            for j in range(len(factor)):
                factor[j] += by_mean[i, f] * alpha[f, j]
        for j in range(len(factor)):
            out[i, j] *= factor[j]


@jit
def differ(x: Floats, root: Floats, totals: Floats, factor: float, out: Floats) -> None:
    """Replace out (m, p) by factor · root · (totals · x · root - out)."""
    for i in range(len(x)):
        for c in range(len(root)):
            out[i, c] = factor * root[c] * (totals[i] * (x[i, c] * root[c]) - out[i, c])


@jit
def scale(a: Floats, b: Floats) -> None:
    """Multiply a by b, elementwise."""
    for i in range(len(a)):
        a[i] *= b[i]


@part
def add(y: Floats, a: float, x: Floats) -> None:
    """Add a x to y."""
    for i in range(len(y)):
        y[i] += a * x[i]


@jit
def mirror(K: Floats) -> None:
    """Copy the upper triangle of K to the lower one."""
    for i in range(len(K)):
        for j in range(i):
            K[i, j] = K[j, i]


@jit
def square_sums(a: Floats, out: Floats) -> None:
    """The sum of squares of every column, from top to bottom."""
    out[:] = 0.0
    for j in range(len(a)):
        for i in range(a.shape[1]):
            out[i] += a[j, i] * a[j, i]


# ---- predictions and descents --------------------------------------------------------------------------------------

_steps = sys.modules[__name__]
_predict = prediction.build(NATIVE, _steps)
_evaluate_fit = likelihood.build(NATIVE, _steps, _formulas)
_descend_fit = descent.build(NATIVE, _evaluate_fit, add)
_descend_climb = descent.build(NATIVE, _climb.build(NATIVE, _steps, _formulas), add)


@jit
def predict(task: Any, x: Floats, mean: Floats, explained: Floats) -> None:
    """See `prediction`."""
    _predict(task, x, mean, explained)


@jit
def evaluate(task: Any, x: Floats, which: Ints, value: Floats, slope: Floats) -> None:
    """See `likelihood`."""
    _evaluate_fit(task, x, which, value, slope)


@jit
def fit(*arguments: Any) -> Floats:
    """`descend` on `likelihood`; see `descent`."""
    return _descend_fit(*arguments)


@jit
def climb(*arguments: Any) -> Floats:
    """`descend` on `climb`; see `descent`."""
    return _descend_climb(*arguments)


def compile_all() -> None:
    """Compile every loop for the types it is called with."""
    E, starts = np.zeros((3, 2)), np.array([0, 1, 2])
    P = np.zeros((2, 3))
    pair_distances(E, starts, 0, P)
    packed = np.zeros(3)
    cross(np.zeros((3, 2)), packed, packed, 1.0)
    matern_and_slope(packed, np.zeros(3), np.zeros(3))
    numbers = np.zeros(3, dtype=np.int64)
    nearest(E, np.zeros((2, 3)), packed, numbers, numbers)
    one = np.ones(1)
    H, fresh = np.eye(4)[None].copy(), np.ones(1, dtype=np.bool_)
    ends = np.full(4, -1.0), np.ones(4)
    task = (routines(), P, np.array([-1.0, 0.0, 1.0]), np.ones((3, 2)), 1e-6)
    evaluate(task, np.zeros((1, 4)), numbers[:1].copy(), one, np.zeros((1, 4)))
    fit(task, np.zeros((1, 4)), H, fresh, *ends, np.ones((1, 4)), 1e-3, (0.1, 1.0), 2)
    mirror(np.eye(3))
    square, wide = np.eye(3), np.zeros((2, 3))
    predict((routines(), E, np.ones(3), np.zeros((1, 3)), square, 1.0), E, np.zeros((1, 3)), np.zeros(3))
    hill = (routines(), np.zeros((1, 3)), wide, np.ones(2), square, np.zeros((1, 3)), one, 1.0, wide, 0.1, 1.0)
    H = np.eye(2)[None].copy()
    low, high = np.full(2, -1.0), np.ones(2)
    climb(hill, np.zeros((1, 2)), H, fresh, low, high, np.ones((1, 2)), 1e-3, (0.1, 1.0), 2)
