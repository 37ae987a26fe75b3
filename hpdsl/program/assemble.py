"""`assemble`: instructions on virtual registers to an op table with few registers, constants and tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpdsl.constraints.tables import Table
from hpdsl.graph.passes.number import Instruction
from hpdsl.ops import OPS


@dataclass(frozen=True)
class OpTable:
    """What the kernels execute: rows (code, dst, a, b, c, imm), constants, tables and sizes."""

    code: NDArray[np.int32]
    consts: NDArray[np.float64]
    tables: NDArray[np.float64]
    n_registers: int
    n_regions: int
    n_columns: int


_IMMEDIATE = {"enter", "region", "fill", "load", "store", "draw", "override"}
_CONSTANTS = {"const", "affine", "clip", "lattice"}
_TABLES = {"pick", "take", "find", "search"}


def assemble(instructions: tuple[Instruction, ...], n_columns: int) -> OpTable:
    """The op table of a list of instructions."""
    physical, n_registers = _allocate(instructions)
    last = {a: k for k, i in enumerate(instructions) for a in i.args}
    consts: list[float] = []
    places: dict[tuple[object, ...], int] = {}
    found: dict[object, tuple[int, Table]] = {}
    size = 0
    rows: list[tuple[int, ...]] = []
    n_regions = 1
    for k, i in enumerate(instructions):
        operands = [physical[a] for a in i.args] + [0] * (3 - len(i.args))
        immediate = 0
        if i.op in _IMMEDIATE:
            immediate = int(i.data[0])
            n_regions = max(n_regions, immediate + 1) if i.op == "region" else n_regions
            operands[1] = int(i.op == "store" and last[i.args[0]] == k)
        elif i.op in _CONSTANTS:
            if i.data not in places:
                places[i.data] = len(consts)
                consts.extend(i.data)
            immediate = places[i.data]
        elif i.op in _TABLES:
            handle: object = i.data[0] if i.data else None
            key = handle if isinstance(handle, Table) else i.data
            if key not in found:
                found[key] = size, handle if isinstance(handle, Table) else Table(i.data)
                size += len(found[key][1].values)
            immediate, table = found[key]
            if i.op == "search":
                operands[2] = table.rows
            else:
                operands[1] = len(table.values) + (1 if i.op == "pick" else 0)
        rows.append((OPS[i.op].code, physical.get(i.dst, 0), *operands, immediate))
    return OpTable(
        np.array(rows, dtype=np.int32).reshape(-1, 6),
        np.array(consts, dtype=np.float64),
        np.concatenate([t.values for _, t in found.values()]) if found else np.empty(0),
        n_registers,
        n_regions,
        n_columns,
    )


def _allocate(instructions: tuple[Instruction, ...]) -> tuple[dict[int, int], int]:
    """Physical registers, reused after a virtual register's last use (linear scan)."""
    last: dict[int, int] = {}
    for k, i in enumerate(instructions):
        for a in i.args:
            last[a] = k
        if i.dst >= 0:
            last.setdefault(i.dst, k)
    physical: dict[int, int] = {}
    free: list[int] = []
    size = 0
    for k, i in enumerate(instructions):
        # An operation may write over an operand that dies here: kernels work element by element.
        free.extend(physical[a] for a in sorted(set(i.args)) if last[a] == k)
        if i.dst >= 0:
            if free:
                physical[i.dst] = free.pop()
            else:
                physical[i.dst] = size
                size += 1
            if last[i.dst] == k:
                free.append(physical[i.dst])
    return physical, max(size, 1)
