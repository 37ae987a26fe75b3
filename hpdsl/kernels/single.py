"""The executor for a handful of lanes: plain Python, one lane at a time, the obvious reading of an op table.

Below about ten lanes it is quicker than arrays. `execute` has the contract of `hpdsl.kernels.engine.run`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.kernels import philox
from hpdsl.kernels.primitives import INF, NAN, PYTHON
from hpdsl.kernels.scalar import SCALAR
from hpdsl.ops import OPS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_philox = philox.build(PYTHON)
_NAMES = {op.code: name for name, op in OPS.items()}
_PLAIN = {
    OPS[name].code: (OPS[name].arity, function)
    for name, function in SCALAR.items()
    if name in OPS and name not in {"affine", "clip", "lattice"}
}


def uniform(key: Sequence[int], row: int, attempt: int) -> float:
    """The uniform of a Philox key at a row and an attempt."""
    counter = row >> 1
    mask = philox.MASK
    words = _philox.block(
        counter & mask, (counter >> 32) & mask, attempt & mask, (attempt >> 32) & mask, int(key[0]), int(key[1])
    )
    low, high = words[2:] if row & 1 else words[:2]
    return float(_philox.uniform(low, high))


def pick(a: float, thresholds: Sequence[float] | Floats) -> float:
    """How many of the thresholds are <= a."""
    return NAN if a != a else float(bisect_right(thresholds, a))


def take(a: float, entries: Sequence[float] | Floats) -> float:
    """The entry with the number a, the last one beyond the end."""
    return float(entries[int(min(max(a, 0.0), len(entries) - 1.0))]) if a < INF else a


def find(a: float, entries: Sequence[float]) -> float:
    """The number of the first entry that equals a, or -1."""
    return next((float(j) for j, entry in enumerate(entries) if entry == a), -1.0) if a < INF else a


def search(u: float, row: float, rows: int, table: Floats) -> float:
    """The number of the first entry of a row that is > u, the row's last one beyond its end; marks stay."""
    if u != u or row != row:
        return NAN
    if u == INF or row == INF:
        return INF
    at = int(min(max(row, 0.0), rows - 1.0))
    low, high = int(table[at]), int(table[at + 1]) - 1
    while low < high:
        middle = (low + high) >> 1
        if u < table[rows + 1 + middle]:
            high = middle
        else:
            low = middle + 1
    return float(low)


_TABLES: dict[int, Callable[[float, Any], float]] = {
    OPS["pick"].code: pick,
    OPS["take"].code: take,
    OPS["find"].code: find,
}


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
    program: list[list[int]] = code.tolist()
    numbers: list[float] = consts.tolist()
    key: list[list[int]] = keys.tolist()
    for lane in range(low, high):
        row = int(rows[lane]) if len(rows) else start + lane
        attempt = int(attempts[lane]) if len(attempts) else 0
        _lane(program, numbers, tables, key, [0.0] * registers, [True] * max(regions, 1), row, attempt, lane, U, G, M)


def _lane(
    program: list[list[int]],
    consts: list[float],
    tables: Floats,
    keys: list[list[int]],
    r: list[float],
    member: list[bool],
    row: int,
    attempt: int,
    lane: int,
    U: Floats,
    G: Floats,
    M: Floats,
) -> None:
    here = True
    for op, dst, a, b, c, imm in program:
        name = _NAMES.get(op, "")
        if name == "enter":
            here = member[imm]
        elif name == "region":
            member[imm] = here and r[a] == 1.0
        elif name == "fill":
            M[imm, lane] = NAN
        elif not here:
            continue
        elif op in _PLAIN:
            arity, function = _PLAIN[op]
            operands = (r[a],) if arity == 1 else (r[a], r[b]) if arity == 2 else (r[a], r[b], r[c])
            r[dst] = function(*operands)
        elif name == "const":
            r[dst] = consts[imm]
        elif name == "load":
            r[dst] = float(M[imm, lane])
        elif name == "store":
            M[imm, lane] = r[a]
        elif name == "draw":
            r[dst] = float(U[imm, lane]) if U.shape[1] else uniform(keys[imm], row, attempt)
        elif name == "override":
            given = float(G[imm, lane]) if G.shape[1] else NAN
            r[dst] = given if given == given else r[a]
        elif name in ("affine", "clip"):
            r[dst] = SCALAR[name](r[a], consts[imm], consts[imm + 1])
        elif name == "lattice":
            r[dst] = SCALAR[name](r[a], *consts[imm : imm + 4])
        elif op in _TABLES:
            size = b - 1 if name == "pick" else b
            entries = tables[imm : imm + size]
            # Halving a list of entries, or taking one, needs no copy of them.
            r[dst] = _TABLES[op](r[a], entries.tolist() if name == "find" else entries)
        elif name == "search":
            r[dst] = search(r[a], r[b], c, tables[imm:])
        else:
            raise ValueError(f"operation {op} is not in the table: codes are 0 .. {len(OPS) - 1}")
