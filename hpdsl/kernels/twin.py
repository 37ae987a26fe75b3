"""The numpy executor: the cold path, and the oracle the compiled one is tested against.

An instruction runs over all lanes of a chunk as array operations. `execute` has the contract of
`hpdsl.kernels.engine.run`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.kernels import arithmetic, philox
from hpdsl.kernels.primitives import INF, NAN, Primitives
from hpdsl.ops import OPS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CHUNK = 8192


def _marks(fine: Any, a: Any, b: Any, result: Any) -> Any:
    if fine.all():
        return result
    return np.where(fine, result, np.where((a != a) | (b != b), NAN, INF))


ARRAYS = Primitives(
    function=lambda f: f,
    routine=lambda f: f,
    where=np.where,
    divide=np.divide,
    sqrt=np.sqrt,
    floor=np.floor,
    fmod=np.fmod,
    bits=lambda a: a.view(np.int64),
    value=lambda i: i.view(np.float64),
    marks=_marks,
    every=np.all,
)

FUNCTIONS = arithmetic.build(ARRAYS, *arithmetic.formulas(ARRAYS))
_philox = philox.build(ARRAYS)

_PLAIN: dict[int, tuple[int, Callable[..., Floats]]] = {
    op.code: (op.arity, FUNCTIONS[name])
    for name, op in OPS.items()
    if name in FUNCTIONS and name not in {"affine", "clip", "lattice"}
}
_CODE = {name: op.code for name, op in OPS.items()}
_ENTER, _REGION, _FILL, _CONST = _CODE["enter"], _CODE["region"], _CODE["fill"], _CODE["const"]
_LOAD, _STORE, _DRAW, _OVERRIDE = _CODE["load"], _CODE["store"], _CODE["draw"], _CODE["override"]


def uniforms(keys: NDArray[np.uint32], rows: Ints, attempts: Ints) -> Floats:
    """Uniforms of every key (k, 2) at every (row, attempt), shape (k, n); attempts may be empty, for 0."""
    counter = rows >> 1
    k = keys.astype(np.int64)
    tries = attempts if len(attempts) else np.zeros(1, np.int64)
    with np.errstate(over="ignore"):
        w0, w1, w2, w3 = _philox.block(
            counter & philox.MASK,
            (counter >> 32) & philox.MASK,
            tries & philox.MASK,
            (tries >> 32) & philox.MASK,
            k[:, :1],
            k[:, 1:],
        )
    odd = (rows & 1).astype(np.bool_)
    result: Floats = _philox.uniform(np.where(odd, w2, w0), np.where(odd, w3, w1))
    return result


def _consecutive(keys: NDArray[np.uint32], first: int, n: int) -> Floats:
    """As `uniforms` for rows first .. first + n - 1 at attempt 0; a block serves two rows."""
    k = keys.astype(np.int64)
    counter = np.arange(first >> 1, ((first + n - 1) >> 1) + 1, dtype=np.int64)
    zero = np.zeros(1, np.int64)
    w0, w1, w2, w3 = _philox.block(counter & philox.MASK, (counter >> 32) & philox.MASK, zero, zero, k[:, :1], k[:, 1:])
    both = np.empty((len(keys), 2 * len(counter)))
    both[:, 0::2] = _philox.uniform(w0, w1)
    both[:, 1::2] = _philox.uniform(w2, w3)
    skip = first & 1
    return both[:, skip : skip + n]


def pick(a: Floats, thresholds: Floats) -> Floats:
    """How many of the thresholds are <= a."""
    count = np.searchsorted(thresholds, a, side="right").astype(np.float64)
    return np.where(a == a, count, NAN)


def take(a: Floats, entries: Floats) -> Floats:
    """The entry with the number a, the last one beyond the end."""
    inside = np.where(a < INF, a, 0.0)
    index = np.minimum(np.maximum(inside, 0.0), len(entries) - 1.0).astype(np.int64)
    return np.where(a < INF, entries[index], a)


def find(a: Floats, entries: Floats) -> Floats:
    """The number of the first entry that equals a, or -1; marks stay."""
    found = np.full(len(a), -1.0)
    for j in range(len(entries) - 1, -1, -1):
        found = np.where(a == entries[j], float(j), found)
    return np.where(a < INF, found, a)


def search(u: Floats, row: Floats, rows: int, table: Floats) -> Floats:
    """The number of the first entry of a row that is > u, the row's last one beyond its end."""
    fine = (u < INF) & (row < INF)
    at = np.minimum(np.maximum(np.where(fine, row, 0.0), 0.0), rows - 1.0).astype(np.int64)
    low = table[at].astype(np.int64)
    high = table[at + 1].astype(np.int64) - 1
    while (low < high).any():
        middle = (low + high) >> 1
        below = (u < table[rows + 1 + middle]) | (low >= high)
        high = np.where(below, np.minimum(middle, high), high)
        low = np.where(below, low, middle + 1)
    return np.where(fine, low.astype(np.float64), np.where((u != u) | (row != row), NAN, INF))


class _Streams:
    """The uniforms of a chunk; those of one region are drawn together when the first is asked for.

    A region goes by the position of the instruction that made it, since its number may be used again.
    """

    def __init__(self, program: list[list[int]], keys: NDArray[np.uint32]) -> None:
        self.keys = keys
        self.members: dict[int, list[int]] = {}
        made = {0: -1}
        region = -1
        for k, (code, _, _, _, _, imm) in enumerate(program):
            if code == _REGION:
                made[imm] = k
            elif code == _ENTER:
                region = made[imm]
            elif code == _DRAW:
                self.members.setdefault(region, []).append(imm)
        self.drawn: dict[tuple[int, int], Floats] = {}

    def get(self, region: int, stream: int, rows: tuple[int, int] | Ints, attempts: Ints) -> Floats:
        """A stream's uniforms; consecutive rows are given as the first and their number."""
        if (region, stream) not in self.drawn:
            members = self.members[region]
            keys = self.keys[members]
            if isinstance(rows, tuple):
                block = _consecutive(keys, *rows)
            else:
                block = uniforms(keys, rows, attempts)
            self.drawn.update(((region, s), block[i]) for i, s in enumerate(members))
        return self.drawn[region, stream]


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
    streams = _Streams(program, keys)
    with np.errstate(all="ignore"):
        for first in range(low, high, CHUNK):
            streams.drawn.clear()
            part = slice(first, min(first + CHUNK, high))
            _chunk(program, numbers, tables, streams, registers, start, rows, attempts, part, U, G, M)


def _chunk(
    program: list[list[int]],
    consts: list[float],
    tables: Floats,
    streams: _Streams,
    registers: int,
    start: int,
    rows: Ints,
    attempts: Ints,
    part: slice,
    U: Floats,
    G: Floats,
    M: Floats,
) -> None:
    lanes: dict[int, Ints] = {0: np.arange(part.start, part.stop)}
    r: list[Any] = [None] * registers
    current, count = 0, part.stop - part.start
    here: Any = part
    made = {0: -1}
    for k, (op, dst, a, b, c, imm) in enumerate(program):
        if op == _ENTER:
            current, count = imm, len(lanes[imm])
            here = part if imm == 0 else lanes[imm]
        elif op == _REGION:
            lanes[imm] = lanes[current][r[a] == 1.0] if count else lanes[current]
            made[imm] = k
        elif op == _FILL:
            M[imm, part] = NAN
        elif not count:
            continue
        elif op in _PLAIN:
            arity, function = _PLAIN[op]
            if arity == 2:
                r[dst] = function(r[a], r[b])
            elif arity == 1:
                r[dst] = function(r[a])
            else:
                r[dst] = function(r[a], r[b], r[c])
        elif op == _CONST:
            r[dst] = np.full(count, consts[imm])
        elif op == _LOAD:
            r[dst] = M[imm, here].copy()
        elif op == _STORE:
            M[imm, here] = r[a]
        elif op == _DRAW:
            if U.shape[1]:
                r[dst] = U[imm, here]
            else:
                plain = current == 0 and not len(rows) and not len(attempts)
                which = (start + part.start, count) if plain else _rows(rows, start, lanes[current])
                tries = attempts[here] if len(attempts) else attempts
                r[dst] = streams.get(made[current], imm, which, tries)
        elif op == _OVERRIDE:
            given = G[imm, here] if G.shape[1] else r[a]
            r[dst] = np.where(given == given, given, r[a])
        elif op == _CODE["affine"]:
            r[dst] = FUNCTIONS["affine"](r[a], consts[imm], consts[imm + 1])
        elif op == _CODE["clip"]:
            r[dst] = FUNCTIONS["clip"](r[a], consts[imm], consts[imm + 1])
        elif op == _CODE["lattice"]:
            r[dst] = FUNCTIONS["lattice"](r[a], *consts[imm : imm + 4])
        elif op == _CODE["pick"]:
            r[dst] = pick(r[a], tables[imm : imm + b - 1])
        elif op == _CODE["take"]:
            r[dst] = take(r[a], tables[imm : imm + b])
        elif op == _CODE["find"]:
            r[dst] = find(r[a], tables[imm : imm + b])
        elif op == _CODE["search"]:
            r[dst] = search(r[a], r[b], c, tables[imm:])
        else:
            raise ValueError(f"operation {op} is not in the table: codes are 0 .. {len(OPS) - 1}")


def _rows(rows: Ints, start: int, lanes: Ints) -> Ints:
    return rows[lanes] if len(rows) else start + lanes
