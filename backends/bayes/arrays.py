"""The numpy twins of `kernels`: the same bits, while compiled loops are not at hand; and the choice of either."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from time import monotonic
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dgemm, dgemv, dtrmm
from scipy.linalg.lapack import dpotrf, dpotri, dpotrs

from hpdsl.backends.bayes import climb as _climb
from hpdsl.backends.bayes import descent, formulas, likelihood, prediction
from hpdsl.kernels import engine
from hpdsl.kernels.primitives import PYTHON
from hpdsl.kernels.twin import ARRAYS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_formulas = formulas.build(ARRAYS)


def routines() -> Ints:
    """Nothing: numpy and SciPy know where their routines are."""
    return np.empty(0, dtype=np.int64)


def pair_distances(E: Floats, starts: Ints, first: int, P: Floats) -> None:
    """See `kernels`."""
    for i in range(first, len(E)):
        row = i * (i - 1) // 2
        for g in range(len(starts) - 1):
            total = np.zeros(i)
            for c in range(starts[g], starts[g + 1]):
                gap = E[i, c] - E[:i, c]
                total += gap * gap
            P[g, row : row + i] = total


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
    largest = np.zeros((len(E), known.shape[1]))
    for c in range(E.shape[1]):
        np.maximum(largest, np.abs(E[:, c, None] - known[c]), out=largest)
    which[:] = largest.argmin(axis=1)
    distance[:] = largest[np.arange(len(E)), which]
    where[:] = np.abs(E - known[:, which].T).argmax(axis=1)


def distances(x: Floats, which: Ints, fixed: Floats, X: Floats, root: Floats, r2: Floats) -> None:
    """See `kernels`."""
    r2[:] = fixed[which]
    for c in range(len(X)):
        gap = (x[:, c] * root[c])[:, None] - X[c]
        r2 += gap * gap


def sums(a: Floats, out: Floats) -> None:
    """See `kernels`."""
    # Sums in numpy's own order are more accurate, but not those of a plain loop.
    out[:] = np.cumsum(a, axis=1)[:, -1]


def dots(a: Floats, b: Floats, out: Floats) -> None:
    """See `kernels`."""
    sums(a * b, out)


def total(a: Floats, b: Floats) -> float:
    """See `kernels`."""
    return float(np.cumsum(a * b)[-1])


def combine(by_mean: Floats, alpha: Floats, by_sd: Floats, v: Floats, out: Floats) -> None:
    """See `kernels`."""
    factor = by_sd[:, None] * v
    for f in range(len(alpha)):
        factor += by_mean[:, f, None] * alpha[f]
    out *= factor


def differ(x: Floats, root: Floats, totals: Floats, factor: float, out: Floats) -> None:
    """See `kernels`."""
    out[:] = factor * root * (totals[:, None] * (x * root) - out)


def scale(a: Floats, b: Floats) -> None:
    """See `kernels`."""
    a *= b


def add(y: Floats, a: float, x: Floats) -> None:
    """See `kernels`."""
    y += a * x


def mirror(K: Floats) -> None:
    """See `kernels`."""
    i, j = np.tril_indices(len(K), -1)
    K[i, j] = K[j, i]


def multiply(routines: Ints, A: Floats, B: Floats, out: Floats) -> None:
    """See `kernels`."""
    out[:] = dgemm(1.0, B.T, A.T, trans_a=1).T


def mix(routines: Ints, A: Floats, B: Floats, out: Floats) -> None:
    """See `kernels`."""
    out[:] = dgemm(1.0, B.T, A.T).T


def lower(routines: Ints, L: Floats, B: Floats) -> None:
    """See `kernels`."""
    B[:] = dtrmm(1.0, L.T, B.T, side=1).T


def square_sums(a: Floats, out: Floats) -> None:
    """See `kernels`."""
    out[:] = np.cumsum(a * a, axis=0)[-1]


def weighted_sum(routines: Ints, P: Floats, w: Floats, out: Floats) -> None:
    """See `kernels`."""
    out[:] = dgemv(1.0, P.T, w)


def products(routines: Ints, P: Floats, x: Floats, out: Floats) -> None:
    """See `kernels`."""
    out[:] = dgemv(1.0, P.T, x, trans=1)


def factorise(routines: Ints, K: Floats) -> int:
    """See `kernels`."""
    K.T[:], info = dpotrf(K.T, lower=0, clean=0)
    return int(info)


def invert(routines: Ints, K: Floats) -> None:
    """See `kernels`."""
    K.T[:], _ = dpotri(K.T, lower=0)


def solve(routines: Ints, K: Floats, y: Floats) -> None:
    """See `kernels`."""
    y[:], _ = dpotrs(K.T, y, lower=0)


_steps = sys.modules[__name__]
_numbers = formulas.build(PYTHON)
predict = prediction.build(PYTHON, _steps)
evaluate = likelihood.build(PYTHON, _steps, _numbers)
fit = descent.build(PYTHON, evaluate, add)
climb = descent.build(PYTHON, _climb.build(PYTHON, _steps, _numbers), add)


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
