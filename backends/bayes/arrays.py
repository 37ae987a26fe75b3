"""The numpy twins of `kernels`: the same bits, while compiled loops are not at hand; and the choice of either."""

from __future__ import annotations

import os
from importlib import import_module
from time import monotonic
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes import formulas
from hpdsl.kernels import engine
from hpdsl.kernels.twin import ARRAYS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_formulas = formulas.build(ARRAYS)


def pair_distances(E: Floats, starts: Ints, first: int, P: Floats) -> None:
    """See `kernels`."""
    for i in range(first, len(E)):
        row = i * (i - 1) // 2
        for g in range(len(starts) - 1):
            total = np.zeros(i)
            for c in range(starts[g], starts[g + 1]):
                gap = E[i, c] - E[:i, c]
                total += gap * gap
            P[row : row + i, g] = total


def cross(products: Floats, a: Floats, b: Floats, scale: float) -> None:
    """See `kernels`."""
    r2 = np.maximum(a[:, None] + b[None, :] - 2.0 * products, 0.0)
    products[:] = scale * _formulas.matern(r2.ravel()).reshape(r2.shape)


def matern_and_slope(r2: Floats, k: Floats, slope: Floats) -> None:
    """See `kernels`."""
    k[:] = _formulas.matern(r2)
    slope[:] = _formulas.slope(r2)


def spread(packed: Floats, scale: float, diagonal: float, K: Floats) -> None:
    """See `kernels`."""
    n = len(K)
    K[np.tril_indices(n, -1)] = scale * packed
    K[np.diag_indices(n)] = diagonal


def pack_residual(alpha: Floats, inverse: Floats, out: Floats) -> None:
    """See `kernels`."""
    i, j = np.tril_indices(len(alpha), -1)
    out[:] = alpha[i] * alpha[j] - inverse[i, j]


def nearest(E: Floats, known: Floats, distance: Floats, which: Ints, where: Ints) -> None:
    """See `kernels`."""
    largest = np.zeros((len(E), len(known)))
    for c in range(E.shape[1]):
        np.maximum(largest, np.abs(E[:, c, None] - known[None, :, c]), out=largest)
    which[:] = largest.argmin(axis=1)
    distance[:] = largest[np.arange(len(E)), which]
    where[:] = np.abs(E - known[which]).argmax(axis=1)


_ready = False
_looked = -1.0
# Seconds between looks into the cache, each of which takes longer than many a loop.
_PAUSE = 0.5


def loops() -> ModuleType:
    """The compiled loops where they are ready (or asked for by HPDSL_JIT=1), else this module."""
    global _ready, _looked
    wish = os.environ.get("HPDSL_JIT", "")
    if wish == "1":
        _ready = True
    elif wish != "0" and not _ready and monotonic() - _looked > _PAUSE:
        _looked = monotonic()
        _ready = engine.warm()
    compiled = _ready and wish != "0"
    return import_module("hpdsl.backends.bayes." + ("kernels" if compiled else "arrays"))
