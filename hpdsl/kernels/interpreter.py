"""The compiled executor: one program for every space, an instruction at a time over chunks of lanes.

Registers are columns of a chunk. An instruction writes into a spare column, which then trades places with its
destination: operands and results never overlap, which is what lets the loops use vector instructions.
Importing this module imports Numba.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.kernels import loops
from hpdsl.kernels.jit import jit
from hpdsl.ops import OPS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CHUNK = 1024

_NAN = np.nan


def _code(name: str) -> int:
    return OPS[name].code


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
_LATTICE = _code("lattice")
_CLAMP = _code("clamp")
_PICK = _code("pick")
_TAKE = _code("take")
_FIND = _code("find")
_NORMAL_CDF = _code("normal_cdf")
_NORMAL_PPF = _code("normal_ppf")
_BETA_CDF = _code("beta_cdf")
_BETA_PPF = _code("beta_ppf")
_LOG_BETA = _code("log_beta")
_SEARCH = _code("search")
_GAMMA_CDF = _code("gamma_cdf")
_GAMMA_SF = _code("gamma_sf")
_GAMMA_PPF = _code("gamma_ppf")
_GAMMA_ISF = _code("gamma_isf")
_LOG_GAMMA = _code("log_gamma")


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
    ahead = len(code) - 1
    for first in range(low, high, width):
        chunk = min(width, high - first)
        for i in range(chunk):
            lanes[0, i] = first + i
        counts[0] = chunk
        current = 0
        n = chunk
        prepared = -1
        stored = False
        for k in range(len(code)):
            if stored:
                stored = False
                continue
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
            # A result that is only stored goes straight into its column; odd draws write one lane too many.
            if current == 0 and k < ahead and n & 1 == 0:
                then = code[k + 1]
                if then[0] == _STORE and then[2] == dst and then[3] == 1:
                    out = M[then[5], first : first + chunk]
                    stored = True
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
                        loops.each_draw_pairs(out, k0, k1, (start + first) >> 1, (n + 1) >> 1)
                    else:
                        loops.each_draw_pairs(pairs, k0, k1, (start + first) >> 1, (n + 2) >> 1)
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
                    loops.each_draw_lanes(out, k0, k1, row, attempt, n)
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
                loops.each_affine(out, R[place[a]], consts[imm], consts[imm + 1], n)
            elif op == _CLIP:
                loops.each_clip(out, R[place[a]], consts[imm], consts[imm + 1], n)
            elif op == _LATTICE:
                x = R[place[a]]
                loops.each_lattice(out, x, consts[imm], consts[imm + 1], consts[imm + 2], consts[imm + 3], n)
            elif op == _PICK:
                loops.each_pick(out, R[place[a]], tables, imm, b - 1, n)
            elif op == _TAKE:
                loops.each_take(out, R[place[a]], tables, imm, b, n)
            elif op == _FIND:
                loops.each_find(out, R[place[a]], tables, imm, b, n)
            elif op == _ADD:
                loops.each_add(out, R[place[a]], R[place[b]], n)
            elif op == _SUB:
                loops.each_sub(out, R[place[a]], R[place[b]], n)
            elif op == _MUL:
                loops.each_mul(out, R[place[a]], R[place[b]], n)
            elif op == _DIV:
                loops.each_div(out, R[place[a]], R[place[b]], n)
            elif op == _FLOORDIV:
                loops.each_floordiv(out, R[place[a]], R[place[b]], n)
            elif op == _MOD:
                loops.each_mod(out, R[place[a]], R[place[b]], n)
            elif op == _POW:
                loops.each_pow(out, R[place[a]], R[place[b]], n)
            elif op == _NEG:
                loops.each_neg(out, R[place[a]], n)
            elif op == _ABS:
                loops.each_abs(out, R[place[a]], n)
            elif op == _MIN:
                loops.each_min(out, R[place[a]], R[place[b]], n)
            elif op == _MAX:
                loops.each_max(out, R[place[a]], R[place[b]], n)
            elif op == _FLOOR:
                loops.each_floor(out, R[place[a]], n)
            elif op == _CEIL:
                loops.each_ceil(out, R[place[a]], n)
            elif op == _ROUND:
                loops.each_round(out, R[place[a]], n)
            elif op == _EXP:
                loops.each_exp(out, R[place[a]], n)
            elif op == _LOG:
                loops.each_log(out, R[place[a]], n)
            elif op == _LOG2:
                loops.each_log2(out, R[place[a]], n)
            elif op == _LOG10:
                loops.each_log10(out, R[place[a]], n)
            elif op == _SQRT:
                loops.each_sqrt(out, R[place[a]], n)
            elif op == _LT:
                loops.each_lt(out, R[place[a]], R[place[b]], n)
            elif op == _LE:
                loops.each_le(out, R[place[a]], R[place[b]], n)
            elif op == _EQ:
                loops.each_eq(out, R[place[a]], R[place[b]], n)
            elif op == _NE:
                loops.each_ne(out, R[place[a]], R[place[b]], n)
            elif op == _NOT:
                loops.each_not(out, R[place[a]], n)
            elif op == _AND:
                loops.each_and(out, R[place[a]], R[place[b]], n)
            elif op == _OR:
                loops.each_or(out, R[place[a]], R[place[b]], n)
            elif op == _IF:
                loops.each_if(out, R[place[a]], R[place[b]], R[place[c]], n)
            elif op == _KNOWN:
                loops.each_known(out, R[place[a]], n)
            elif op == _HOLDS:
                loops.each_holds(out, R[place[a]], n)
            elif op == _VIOLATED:
                loops.each_violated(out, R[place[a]], n)
            elif op == _UNDEFINED:
                loops.each_undefined(out, R[place[a]], n)
            elif op == _COALESCE:
                loops.each_coalesce(out, R[place[a]], R[place[b]], n)
            elif op == _CLAMP:
                loops.each_clamp(out, R[place[a]], R[place[b]], R[place[c]], n)
            elif op == _NORMAL_CDF:
                loops.each_normal_cdf(out, R[place[a]], n)
            elif op == _NORMAL_PPF:
                loops.each_normal_ppf(out, R[place[a]], n)
            elif op == _BETA_CDF:
                loops.each_beta_cdf(out, R[place[a]], R[place[b]], R[place[c]], n)
            elif op == _BETA_PPF:
                loops.each_beta_ppf(out, R[place[a]], R[place[b]], R[place[c]], n)
            elif op == _LOG_BETA:
                loops.each_log_beta(out, R[place[a]], R[place[b]], n)
            elif op == _SEARCH:
                loops.each_search(out, R[place[a]], R[place[b]], tables, imm, c, n)
            elif op == _GAMMA_CDF:
                loops.each_gamma_cdf(out, R[place[a]], R[place[b]], n)
            elif op == _GAMMA_SF:
                loops.each_gamma_sf(out, R[place[a]], R[place[b]], n)
            elif op == _GAMMA_PPF:
                loops.each_gamma_ppf(out, R[place[a]], R[place[b]], n)
            elif op == _GAMMA_ISF:
                loops.each_gamma_isf(out, R[place[a]], R[place[b]], n)
            elif op == _LOG_GAMMA:
                loops.each_log_gamma(out, R[place[a]], n)
            else:
                raise ValueError("an operation's code is not in the table")
            if stored:
                continue
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
