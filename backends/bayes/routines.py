"""SciPy's BLAS and LAPACK for compiled code: the steps of linear algebra in `kernels`.

The routines see the transpose of every matrix, whose lower triangle is their upper one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.kernels.jit import address, call, jit, part

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Letters that BLAS and LAPACK are told what to do with, as they read them.
_UPPER, _PLAIN, _TURNED, _RIGHT = (np.frombuffer(letter, dtype=np.uint8).copy() for letter in (b"U", b"N", b"T", b"R"))
TURNED = ord("T")
_ROUTINES = (
    ("scipy.linalg.cython_blas", "dgemm"),
    ("scipy.linalg.cython_blas", "dgemv"),
    ("scipy.linalg.cython_lapack", "dpotrf"),
    ("scipy.linalg.cython_lapack", "dpotrs"),
    ("scipy.linalg.cython_lapack", "dpotri"),
    ("scipy.linalg.cython_blas", "dtrmm"),
)


@lru_cache(maxsize=1)
def routines() -> Ints:
    """The addresses of SciPy's routines in this process, in the order in which the steps below count them."""
    return np.array([address(module, name) for module, name in _ROUTINES], dtype=np.int64)


@part
def _gemm(
    routine: int, sizes: NDArray[np.int32], scales: Floats, letters: Any, A: Floats, B: Floats, C: Floats
) -> None:
    m, n, k = sizes[0:].ctypes.data, sizes[1:].ctypes.data, sizes[2:].ctypes.data
    one, zero = scales[0:].ctypes.data, scales[1:].ctypes.data
    first, second = letters[0].ctypes.data, letters[1].ctypes.data
    a, b, c = A.ctypes.data, B.ctypes.data, C.ctypes.data
    width = k if letters[0][0] == TURNED else m
    call(routine, (first, second, m, n, k, one, a, width, b, k, zero, c, m))


@jit
def multiply(routines: Ints, A: Floats, B: Floats, out: Floats) -> None:
    """A (m, n) times Bᵀ, of B (c, n)."""
    sizes = np.array([B.shape[0], A.shape[0], A.shape[1]], dtype=np.int32)
    _gemm(routines[0], sizes, np.array([1.0, 0.0]), (_TURNED, _PLAIN), B, A, out)


@jit
def mix(routines: Ints, A: Floats, B: Floats, out: Floats) -> None:
    """A (m, n) times B (n, c)."""
    sizes = np.array([B.shape[1], A.shape[0], A.shape[1]], dtype=np.int32)
    _gemm(routines[0], sizes, np.array([1.0, 0.0]), (_PLAIN, _PLAIN), B, A, out)


@part
def _trmm(routine: int, sizes: NDArray[np.int32], scales: Floats, letters: Any, L: Floats, B: Floats) -> None:
    m, n, one = sizes[0:].ctypes.data, sizes[1:].ctypes.data, scales.ctypes.data
    side, triangle, plain = letters[0].ctypes.data, letters[1].ctypes.data, letters[2].ctypes.data
    call(routine, (side, triangle, plain, plain, m, n, one, L.ctypes.data, n, B.ctypes.data, m))


@jit
def lower(routines: Ints, L: Floats, B: Floats) -> None:
    """Replace B (n, m) by the lower triangle of L (n, n) times B."""
    sizes = np.array([B.shape[1], B.shape[0]], dtype=np.int32)
    _trmm(routines[5], sizes, np.array([1.0]), (_RIGHT, _UPPER, _PLAIN), L, B)


@part
def _gemv(routine: int, sizes: NDArray[np.int32], scales: Floats, letter: Any, P: Floats, x: Floats, y: Floats) -> None:
    m, n, step = sizes[0:].ctypes.data, sizes[1:].ctypes.data, sizes[2:].ctypes.data
    one, zero = scales[0:].ctypes.data, scales[1:].ctypes.data
    call(routine, (letter.ctypes.data, m, n, one, P.ctypes.data, m, x.ctypes.data, step, zero, y.ctypes.data, step))


@jit
def weighted_sum(routines: Ints, P: Floats, w: Floats, out: Floats) -> None:
    """The rows of P times their weights, summed."""
    sizes = np.array([P.shape[1], P.shape[0], 1], dtype=np.int32)
    _gemv(routines[1], sizes, np.array([1.0, 0.0]), _PLAIN, P, w, out)


@jit
def products(routines: Ints, P: Floats, x: Floats, out: Floats) -> None:
    """The inner product of every row of P with x."""
    sizes = np.array([P.shape[1], P.shape[0], 1], dtype=np.int32)
    _gemv(routines[1], sizes, np.array([1.0, 0.0]), _TURNED, P, x, out)


@part
def _on_matrix(routine: int, sizes: NDArray[np.int32], letter: Any, K: Floats) -> None:
    n, info = sizes[0:].ctypes.data, sizes[1:].ctypes.data
    call(routine, (letter.ctypes.data, n, K.ctypes.data, n, info))


@jit
def factorise(routines: Ints, K: Floats) -> int:
    """Replace K by its Cholesky factor; 0 where it has one."""
    sizes = np.array([len(K), 0], dtype=np.int32)
    _on_matrix(routines[2], sizes, _UPPER, K)
    return int(sizes[1])


@jit
def invert(routines: Ints, K: Floats) -> None:
    """Replace a Cholesky factor by the inverse of what it is a factor of."""
    sizes = np.array([len(K), 0], dtype=np.int32)
    _on_matrix(routines[4], sizes, _UPPER, K)


@part
def _potrs(routine: int, sizes: NDArray[np.int32], letter: Any, K: Floats, y: Floats) -> None:
    n, one, info = sizes[0:].ctypes.data, sizes[1:].ctypes.data, sizes[2:].ctypes.data
    call(routine, (letter.ctypes.data, n, one, K.ctypes.data, n, y.ctypes.data, n, info))


@jit
def solve(routines: Ints, K: Floats, y: Floats) -> None:
    """Replace y by K⁻¹ y, given the Cholesky factor of K."""
    _potrs(routines[3], np.array([len(K), 1, 0], dtype=np.int32), _UPPER, K, y)
