"""Compiled loops of the Gaussian process; `arrays` holds their twins. Importing this module imports Numba.

| name | shape | meaning |
|---|---|---|
| E | (n, q) | embedded configurations, unweighted |
| starts | (G + 1,) | columns starts[g] .. starts[g + 1] of E form group g |
| P | (n (n - 1) / 2, G) | squared distance of every pair i > j within every group, row by row |
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes import formulas
from hpdsl.kernels.jit import NATIVE, jit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_matern = formulas.build(NATIVE).matern
_slope = formulas.build(NATIVE).slope


@jit
def pair_distances(E: Floats, starts: Ints, first: int, P: Floats) -> None:
    """Fill the rows of P of all pairs (i, j) with first <= i and j < i."""
    n, groups = E.shape[0], len(starts) - 1
    for i in range(first, n):
        row = i * (i - 1) // 2
        for j in range(i):
            for g in range(groups):
                total = 0.0
                for c in range(starts[g], starts[g + 1]):
                    gap = E[i, c] - E[j, c]
                    total += gap * gap
                P[row + j, g] = total


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
    """For every row of E the nearest of the known rows by the largest gap, that gap, and the column it is in."""
    for i in range(E.shape[0]):
        best, best_j, best_c = np.inf, 0, 0
        for j in range(known.shape[0]):
            gap, at = -1.0, 0
            for c in range(E.shape[1]):
                here = abs(E[i, c] - known[j, c])
                if here > gap:
                    gap, at = here, c
                    if gap >= best:
                        break
            if gap < best:
                best, best_j, best_c = gap, j, at
        distance[i], which[i], where[i] = best, best_j, best_c


def compile_all() -> None:
    """Compile every loop for the types it is called with."""
    E, starts = np.zeros((3, 2)), np.array([0, 1, 2])
    P = np.zeros((3, 2))
    pair_distances(E, starts, 0, P)
    packed = np.zeros(3)
    cross(np.zeros((3, 2)), packed, packed, 1.0)
    matern_and_slope(packed, np.zeros(3), np.zeros(3))
    K = np.zeros((3, 3), order="F")
    spread(packed, 1.0, 1.0, K)
    pack_residual(np.zeros(3), K, packed)
    numbers = np.zeros(3, dtype=np.int64)
    nearest(E, E, packed, numbers, numbers)
