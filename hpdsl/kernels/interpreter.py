"""The compiled executor: one program for every space, an instruction at a time over chunks of lanes.

Registers are columns of a chunk. An instruction writes into a spare column, which then trades places with its
destination: operands and results never overlap, which is what lets the loops use vector instructions.
Importing this module imports Numba.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hpdsl.kernels import arithmetic, philox
from hpdsl.kernels.jit import NATIVE, jit, part
from hpdsl.ops import OPS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CHUNK = 1024

# Thresholds up to which a linear search beats a binary one.
_FEW = 24

_E, _N, _B = arithmetic.formulas(NATIVE)
_F = arithmetic.build(NATIVE, _E, _N, _B)
_ppf, _ppf_near, _is_far = _N.ppf, _N.ppf_near, _N.is_far
_PHILOX = philox.build(NATIVE)
_block, _uniform = _PHILOX.block, _PHILOX.uniform
_MASK = philox.MASK
_NAN = np.nan
_INF = np.inf


def _code(name: str) -> int:
    return OPS[name].code


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
def _normal_ppf(out: Floats, x: Floats, n: int) -> None:
    far = 0
    for i in range(n):
        out[i] = _ppf_near(x[i])
        far += _is_far(x[i])
    if far > 0:
        for i in range(n):
            out[i] = _ppf(x[i])


@part
def _draw_pairs(out: Floats, k0: np.int64, k1: np.int64, first: int, blocks: int) -> None:
    """The uniforms of rows 2 * first .. 2 * (first + blocks) - 1 at attempt 0; a block serves two rows."""
    for j in range(blocks):
        counter = first + j
        w0, w1, w2, w3 = _block(counter & _MASK, (counter >> 32) & _MASK, 0, 0, k0, k1)
        out[2 * j] = _uniform(w0, w1)
        out[2 * j + 1] = _uniform(w2, w3)


@part
def _draw_lanes(out: Floats, k0: np.int64, k1: np.int64, row: Ints, attempt: Ints, n: int) -> None:
    for i in range(n):
        counter = row[i] >> 1
        t = attempt[i]
        w0, w1, w2, w3 = _block(counter & _MASK, (counter >> 32) & _MASK, t & _MASK, (t >> 32) & _MASK, k0, k1)
        odd = (row[i] & 1) == 1
        out[i] = _uniform(w2 if odd else w0, w3 if odd else w1)


@part
def _pick(out: Floats, x: Floats, tables: Floats, offset: int, count: int, n: int) -> None:
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
def _take(out: Floats, x: Floats, tables: Floats, offset: int, count: int, n: int) -> None:
    for i in range(n):
        inside = x[i] if x[i] < _INF else 0.0
        inside = inside if inside > 0.0 else 0.0
        inside = inside if inside < count - 1.0 else count - 1.0
        out[i] = tables[offset + int(inside)] if x[i] < _INF else x[i]


@part
def _find(out: Floats, x: Floats, tables: Floats, offset: int, count: int, n: int) -> None:
    for i in range(n):
        out[i] = -1.0 if x[i] < _INF else x[i]
    for k in range(count):
        j = count - 1 - k
        entry = tables[offset + j] if tables[offset + j] < _INF else _NAN
        for i in range(n):
            out[i] = j if x[i] == entry else out[i]


_ENTER = _code("enter")
_REGION = _code("region")
_FILL = _code("fill")
_CONST = _code("const")
_LOAD = _code("load")
_STORE = _code("store")
_DRAW = _code("draw")
_OVERRIDE = _code("override")
_ADD = _code("add")
_SUB = _code("sub")
_MUL = _code("mul")
_DIV = _code("div")
_FLOORDIV = _code("floordiv")
_MOD = _code("mod")
_POW = _code("pow")
_NEG = _code("neg")
_ABS = _code("abs")
_MIN = _code("min")
_MAX = _code("max")
_FLOOR = _code("floor")
_CEIL = _code("ceil")
_ROUND = _code("round")
_EXP = _code("exp")
_LOG = _code("log")
_LOG2 = _code("log2")
_LOG10 = _code("log10")
_SQRT = _code("sqrt")
_LT = _code("lt")
_LE = _code("le")
_EQ = _code("eq")
_NE = _code("ne")
_NOT = _code("not")
_AND = _code("and")
_OR = _code("or")
_IF = _code("if")
_KNOWN = _code("known")
_HOLDS = _code("holds")
_VIOLATED = _code("violated")
_UNDEFINED = _code("undefined")
_COALESCE = _code("coalesce")
_AFFINE = _code("affine")
_CLIP = _code("clip")
_CLAMP = _code("clamp")
_PICK = _code("pick")
_TAKE = _code("take")
_FIND = _code("find")
_NORMAL_CDF = _code("normal_cdf")
_NORMAL_PPF = _code("normal_ppf")
_BETA_CDF = _code("beta_cdf")
_BETA_PPF = _code("beta_ppf")
_LOG_BETA = _code("log_beta")

_neg = _over(1, _F["neg"])
_abs = _over(1, _F["abs"])
_floor = _over(1, _F["floor"])
_ceil = _over(1, _F["ceil"])
_round = _over(1, _F["round"])
_exp = _over(1, _F["exp"])
_log = _over(1, _F["log"])
_log2 = _over(1, _F["log2"])
_log10 = _over(1, _F["log10"])
_sqrt = _over(1, _F["sqrt"])
_not = _over(1, _F["not"])
_known = _over(1, _F["known"])
_holds = _over(1, _F["holds"])
_violated = _over(1, _F["violated"])
_undefined = _over(1, _F["undefined"])
_normal_cdf = _over(1, _F["normal_cdf"])
_add = _over(2, _F["add"])
_sub = _over(2, _F["sub"])
_mul = _over(2, _F["mul"])
_div = _over(2, _F["div"])
_floordiv = _over(2, _F["floordiv"])
_mod = _over(2, _F["mod"])
_pow = _over(2, _F["pow"])
_min = _over(2, _F["min"])
_max = _over(2, _F["max"])
_lt = _over(2, _F["lt"])
_le = _over(2, _F["le"])
_eq = _over(2, _F["eq"])
_ne = _over(2, _F["ne"])
_and = _over(2, _F["and"])
_or = _over(2, _F["or"])
_coalesce = _over(2, _F["coalesce"])
_log_beta = _over(2, _F["log_beta"])
_if = _over(3, _F["if"])
_clamp = _over(3, _F["clamp"])
_beta_cdf = _over(3, _F["beta_cdf"])
_beta_ppf = _over(3, _F["beta_ppf"])
_affine = _with_constants(_F["affine"])
_clip = _with_constants(_F["clip"])


@jit
def execute(
    code: NDArray[np.int32],
    consts: Floats,
    tables: Floats,
    keys: NDArray[np.uint32],
    registers: int,
    regions: int,
    start: int,
    rows: Ints,
    attempts: Ints,
    U: Floats,
    G: Floats,
    M: Floats,
    low: int,
    high: int,
) -> None:
    """Run an op table over the lanes low .. high - 1 of M; see `hpdsl.kernels.engine.run`."""
    width = max(1, min(CHUNK, high - low))
    # Two more lanes, since rows are drawn in pairs.
    R = np.empty((registers + 1, width + 2))
    place = np.arange(registers + 1)
    lanes = np.empty((max(regions, 1), width), np.int64)
    counts = np.zeros(max(regions, 1), np.int64)
    row = np.empty(width, np.int64)
    attempt = np.empty(width, np.int64)
    pairs = np.empty(width + 2)
    consecutive = len(rows) == 0 and len(attempts) == 0
    for first in range(low, high, width):
        chunk = min(width, high - first)
        for i in range(chunk):
            lanes[0, i] = first + i
        counts[0] = chunk
        current = 0
        n = chunk
        prepared = -1
        for k in range(len(code)):
            op, dst, a, b, c, imm = code[k]
            if op == _ENTER:
                current = imm
                n = counts[imm]
                continue
            if op == _REGION:
                found = 0
                if n > 0:
                    x = R[place[a]]
                    for i in range(n):
                        lanes[imm, found] = lanes[current, i]
                        found += x[i] == 1.0
                counts[imm] = found
                prepared = -1
                continue
            if op == _FILL:
                for i in range(chunk):
                    M[imm, first + i] = _NAN
                continue
            if n == 0:
                continue
            if op == _STORE:
                x = R[place[a]]
                column = M[imm]
                if current == 0:
                    for i in range(n):
                        column[first + i] = x[i]
                else:
                    here = lanes[current]
                    for i in range(n):
                        column[here[i]] = x[i]
                continue
            out = R[place[registers]]
            if op == _LOAD:
                column = M[imm]
                if current == 0:
                    for i in range(n):
                        out[i] = column[first + i]
                else:
                    here = lanes[current]
                    for i in range(n):
                        out[i] = column[here[i]]
            elif op == _DRAW:
                if U.shape[1] > 0:
                    for i in range(n):
                        out[i] = U[imm, lanes[current, i]]
                elif consecutive and current == 0:
                    k0, k1 = np.int64(keys[imm, 0]), np.int64(keys[imm, 1])
                    skip = (start + first) & 1
                    if skip == 0:
                        _draw_pairs(out, k0, k1, (start + first) >> 1, (n + 1) >> 1)
                    else:
                        _draw_pairs(pairs, k0, k1, (start + first) >> 1, (n + 2) >> 1)
                        for i in range(n):
                            out[i] = pairs[i + 1]
                else:
                    if prepared != current:
                        prepared = current
                        for i in range(n):
                            lane = lanes[current, i]
                            row[i] = rows[lane] if len(rows) > 0 else start + lane
                            attempt[i] = attempts[lane] if len(attempts) > 0 else 0
                    k0, k1 = np.int64(keys[imm, 0]), np.int64(keys[imm, 1])
                    _draw_lanes(out, k0, k1, row, attempt, n)
            elif op == _CONST:
                for i in range(n):
                    out[i] = consts[imm]
            elif op == _OVERRIDE:
                x = R[place[a]]
                for i in range(n):
                    out[i] = x[i]
                if G.shape[1] > 0:
                    for i in range(n):
                        given = G[imm, lanes[current, i]]
                        out[i] = given if given == given else x[i]
            elif op == _AFFINE:
                _affine(out, R[place[a]], consts[imm], consts[imm + 1], n)
            elif op == _CLIP:
                _clip(out, R[place[a]], consts[imm], consts[imm + 1], n)
            elif op == _PICK:
                _pick(out, R[place[a]], tables, imm, b - 1, n)
            elif op == _TAKE:
                _take(out, R[place[a]], tables, imm, b, n)
            elif op == _FIND:
                _find(out, R[place[a]], tables, imm, b, n)
            elif op == _ADD:
                _add(out, R[place[a]], R[place[b]], n)
            elif op == _SUB:
                _sub(out, R[place[a]], R[place[b]], n)
            elif op == _MUL:
                _mul(out, R[place[a]], R[place[b]], n)
            elif op == _DIV:
                _div(out, R[place[a]], R[place[b]], n)
            elif op == _FLOORDIV:
                _floordiv(out, R[place[a]], R[place[b]], n)
            elif op == _MOD:
                _mod(out, R[place[a]], R[place[b]], n)
            elif op == _POW:
                _pow(out, R[place[a]], R[place[b]], n)
            elif op == _NEG:
                _neg(out, R[place[a]], n)
            elif op == _ABS:
                _abs(out, R[place[a]], n)
            elif op == _MIN:
                _min(out, R[place[a]], R[place[b]], n)
            elif op == _MAX:
                _max(out, R[place[a]], R[place[b]], n)
            elif op == _FLOOR:
                _floor(out, R[place[a]], n)
            elif op == _CEIL:
                _ceil(out, R[place[a]], n)
            elif op == _ROUND:
                _round(out, R[place[a]], n)
            elif op == _EXP:
                _exp(out, R[place[a]], n)
            elif op == _LOG:
                _log(out, R[place[a]], n)
            elif op == _LOG2:
                _log2(out, R[place[a]], n)
            elif op == _LOG10:
                _log10(out, R[place[a]], n)
            elif op == _SQRT:
                _sqrt(out, R[place[a]], n)
            elif op == _LT:
                _lt(out, R[place[a]], R[place[b]], n)
            elif op == _LE:
                _le(out, R[place[a]], R[place[b]], n)
            elif op == _EQ:
                _eq(out, R[place[a]], R[place[b]], n)
            elif op == _NE:
                _ne(out, R[place[a]], R[place[b]], n)
            elif op == _NOT:
                _not(out, R[place[a]], n)
            elif op == _AND:
                _and(out, R[place[a]], R[place[b]], n)
            elif op == _OR:
                _or(out, R[place[a]], R[place[b]], n)
            elif op == _IF:
                _if(out, R[place[a]], R[place[b]], R[place[c]], n)
            elif op == _KNOWN:
                _known(out, R[place[a]], n)
            elif op == _HOLDS:
                _holds(out, R[place[a]], n)
            elif op == _VIOLATED:
                _violated(out, R[place[a]], n)
            elif op == _UNDEFINED:
                _undefined(out, R[place[a]], n)
            elif op == _COALESCE:
                _coalesce(out, R[place[a]], R[place[b]], n)
            elif op == _CLAMP:
                _clamp(out, R[place[a]], R[place[b]], R[place[c]], n)
            elif op == _NORMAL_CDF:
                _normal_cdf(out, R[place[a]], n)
            elif op == _NORMAL_PPF:
                _normal_ppf(out, R[place[a]], n)
            elif op == _BETA_CDF:
                _beta_cdf(out, R[place[a]], R[place[b]], R[place[c]], n)
            elif op == _BETA_PPF:
                _beta_ppf(out, R[place[a]], R[place[b]], R[place[c]], n)
            elif op == _LOG_BETA:
                _log_beta(out, R[place[a]], R[place[b]], n)
            else:
                raise ValueError("an operation's code is not in the table")
            spare = place[registers]
            place[registers] = place[dst]
            place[dst] = spare


def compile_all() -> None:
    """Compile or load `execute`."""
    none = np.empty((0, 0))
    execute(
        np.empty((0, 6), np.int32),
        np.empty(0),
        np.empty(0),
        np.empty((0, 2), np.uint32),
        0,
        1,
        0,
        np.empty(0, np.int64),
        np.empty(0, np.int64),
        none,
        none,
        none,
        0,
        0,
    )
