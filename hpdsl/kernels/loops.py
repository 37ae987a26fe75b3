"""The compiled loops over columns, one for each operation; `execute` of the interpreter strings them together.

Columns are arrays of which the first n entries count; `out` never overlaps an operand.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hpdsl.kernels import arithmetic, philox
from hpdsl.kernels.jit import NATIVE, part

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Thresholds up to which a linear search beats a binary one.
_FEW = 24

_E, _N, _B, _G = arithmetic.formulas(NATIVE)
_F = arithmetic.build(NATIVE, _E, _N, _B, _G)
_lattice = _F["lattice"]
_ppf, _ppf_near, _is_far = _N.ppf, _N.ppf_near, _N.is_far
_PHILOX = philox.build(NATIVE)
_block, _uniform = _PHILOX.block, _PHILOX.uniform
_MASK = philox.MASK
_NAN = np.nan
_INF = np.inf


def _over(arity: int, f: Callable[..., float]) -> Callable[..., None]:
    """The loop that applies an operation to columns."""

    def one(out: Floats, x: Floats, n: int) -> None:
        for i in range(n):
            out[i] = f(x[i])

    def two(out: Floats, x: Floats, y: Floats, n: int) -> None:
        for i in range(n):
            out[i] = f(x[i], y[i])

    def three(out: Floats, x: Floats, y: Floats, z: Floats, n: int) -> None:
        for i in range(n):
            out[i] = f(x[i], y[i], z[i])

    return part((one, two, three)[arity - 1])


def _with_constants(f: Callable[..., float]) -> Callable[..., None]:
    """The loop that applies an operation to a column and two constants."""

    @part
    def loop(out: Floats, x: Floats, v: float, w: float, n: int) -> None:
        for i in range(n):
            out[i] = f(x[i], v, w)

    return loop


@part
def each_normal_ppf(out: Floats, x: Floats, n: int) -> None:
    """`normal_ppf`, whose far tail is computed for columns that reach it only."""
    far = 0
    for i in range(n):
        out[i] = _ppf_near(x[i])
        far += _is_far(x[i])
    if far > 0:
        for i in range(n):
            out[i] = _ppf(x[i])


@part
def each_draw_pairs(out: Floats, k0: np.int64, k1: np.int64, first: int, blocks: int) -> None:
    """The uniforms of rows 2 * first .. 2 * (first + blocks) - 1 at attempt 0; a block serves two rows."""
    for j in range(blocks):
        counter = first + j
        w0, w1, w2, w3 = _block(counter & _MASK, (counter >> 32) & _MASK, 0, 0, k0, k1)
        out[2 * j] = _uniform(w0, w1)
        out[2 * j + 1] = _uniform(w2, w3)


@part
def each_draw_lanes(out: Floats, k0: np.int64, k1: np.int64, row: Ints, attempt: Ints, n: int) -> None:
    """The uniforms of any rows and attempts."""
    for i in range(n):
        counter = row[i] >> 1
        t = attempt[i]
        w0, w1, w2, w3 = _block(counter & _MASK, (counter >> 32) & _MASK, t & _MASK, (t >> 32) & _MASK, k0, k1)
        odd = (row[i] & 1) == 1
        out[i] = _uniform(w2 if odd else w0, w3 if odd else w1)


@part
def each_pick(out: Floats, x: Floats, tables: Floats, offset: int, count: int, n: int) -> None:
    """`pick` among `count` thresholds."""
    if count <= _FEW:
        for i in range(n):
            out[i] = 0.0
        for j in range(count):
            threshold = tables[offset + j]
            for i in range(n):
                out[i] += 1.0 if threshold <= x[i] else 0.0
    else:
        for i in range(n):
            low = 0
            size = count
            while size > 0:
                half = size >> 1
                below = tables[offset + low + half] <= x[i]
                low = low + half + 1 if below else low
                size = size - half - 1 if below else half
            out[i] = low
    for i in range(n):
        out[i] = out[i] if x[i] == x[i] else _NAN


@part
def each_take(out: Floats, x: Floats, tables: Floats, offset: int, count: int, n: int) -> None:
    """`take` from `count` entries."""
    for i in range(n):
        inside = x[i] if x[i] < _INF else 0.0
        inside = inside if inside > 0.0 else 0.0
        inside = inside if inside < count - 1.0 else count - 1.0
        out[i] = tables[offset + int(inside)] if x[i] < _INF else x[i]


@part
def each_find(out: Floats, x: Floats, tables: Floats, offset: int, count: int, n: int) -> None:
    """`find` among `count` entries."""
    for i in range(n):
        out[i] = -1.0 if x[i] < _INF else x[i]
    for k in range(count):
        j = count - 1 - k
        entry = tables[offset + j] if tables[offset + j] < _INF else _NAN
        for i in range(n):
            out[i] = j if x[i] == entry else out[i]


@part
def each_search(out: Floats, x: Floats, row: Floats, tables: Floats, offset: int, rows: int, n: int) -> None:
    """`search` among the entries of `rows` rows."""
    entries = offset + rows + 1
    for i in range(n):
        fine = x[i] < _INF and row[i] < _INF
        at = row[i] if fine else 0.0
        at = at if at > 0.0 else 0.0
        at = at if at < rows - 1.0 else rows - 1.0
        low = int(tables[offset + int(at)])
        high = int(tables[offset + int(at) + 1]) - 1
        while low < high:
            middle = (low + high) >> 1
            below = x[i] < tables[entries + middle]
            high = middle if below else high
            low = low if below else middle + 1
        mark = _NAN if x[i] != x[i] or row[i] != row[i] else _INF
        out[i] = low if fine else mark


each_neg = _over(1, _F["neg"])
each_abs = _over(1, _F["abs"])
each_floor = _over(1, _F["floor"])
each_ceil = _over(1, _F["ceil"])
each_round = _over(1, _F["round"])
each_exp = _over(1, _F["exp"])
each_log = _over(1, _F["log"])
each_log2 = _over(1, _F["log2"])
each_log10 = _over(1, _F["log10"])
each_sqrt = _over(1, _F["sqrt"])
each_not = _over(1, _F["not"])
each_known = _over(1, _F["known"])
each_holds = _over(1, _F["holds"])
each_violated = _over(1, _F["violated"])
each_undefined = _over(1, _F["undefined"])
each_normal_cdf = _over(1, _F["normal_cdf"])
each_add = _over(2, _F["add"])
each_sub = _over(2, _F["sub"])
each_mul = _over(2, _F["mul"])
each_div = _over(2, _F["div"])
each_floordiv = _over(2, _F["floordiv"])
each_mod = _over(2, _F["mod"])
each_pow = _over(2, _F["pow"])
each_min = _over(2, _F["min"])
each_max = _over(2, _F["max"])
each_lt = _over(2, _F["lt"])
each_le = _over(2, _F["le"])
each_eq = _over(2, _F["eq"])
each_ne = _over(2, _F["ne"])
each_and = _over(2, _F["and"])
each_or = _over(2, _F["or"])
each_coalesce = _over(2, _F["coalesce"])
each_log_beta = _over(2, _F["log_beta"])
each_gamma_cdf = _over(2, _F["gamma_cdf"])
each_gamma_sf = _over(2, _F["gamma_sf"])
each_gamma_ppf = _over(2, _F["gamma_ppf"])
each_gamma_isf = _over(2, _F["gamma_isf"])
each_log_gamma = _over(1, _F["log_gamma"])
each_if = _over(3, _F["if"])
each_clamp = _over(3, _F["clamp"])
each_beta_cdf = _over(3, _F["beta_cdf"])
each_beta_ppf = _over(3, _F["beta_ppf"])
each_affine = _with_constants(_F["affine"])
each_clip = _with_constants(_F["clip"])


@part
def each_lattice(out: Floats, x: Floats, start: float, width: float, low: float, high: float, n: int) -> None:
    """`lattice` of a column and four constants."""
    for i in range(n):
        out[i] = _lattice(x[i], start, width, low, high)
