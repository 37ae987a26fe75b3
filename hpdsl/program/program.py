"""`Program`: the compiled entry points of a space over batches of configurations.

A batch is a matrix M of shape (m, n): one row for each column of the model, one column for each configuration,
NaN where inactive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hpdsl.constraints.lowering import Lowering
from hpdsl.constraints.lowering import lower as lower_requirements
from hpdsl.graph import entries
from hpdsl.graph.features import features
from hpdsl.graph.graph import Graph, Statement, verify
from hpdsl.graph.passes.number import number
from hpdsl.graph.passes.schedule import schedule
from hpdsl.kernels import engine
from hpdsl.program.assemble import OpTable, assemble
from hpdsl.program.reject import Tied, draw_tied
from hpdsl.semantics.model import Model

Matrix = NDArray[np.float64]
NO_ROWS = np.empty(0, dtype=np.int64)
NO_GIVEN = np.empty((0, 0))


def lower(graph: Graph) -> OpTable:
    """A graph through every pass, down to its op table."""
    verify(graph)
    scheduled = schedule(graph)
    verify(scheduled)
    return assemble(number(scheduled), graph.n_columns)


def run(
    table: OpTable,
    matrix: Matrix,
    *,
    keys: NDArray[np.uint32] | None = None,
    start: int = 0,
    rows: NDArray[np.int64] = NO_ROWS,
    attempts: NDArray[np.int64] = NO_ROWS,
    uniforms: Matrix | None = None,
) -> None:
    """Execute an op table on a matrix of `table.n_columns` rows, in place."""
    engine.run(
        table.code,
        table.consts,
        table.tables,
        keys if keys is not None else np.zeros((0, 2), dtype=np.uint32),
        table.n_registers,
        table.n_regions,
        start,
        rows,
        attempts,
        uniforms if uniforms is not None else np.empty((0, 0)),
        NO_GIVEN,
        matrix,
    )


class Program:
    """The entry points of one model; each is lowered when first used."""

    def __init__(self, model: Model, lowering: Lowering | None = None) -> None:
        self.model = model
        self._lowering = lowering
        self.n_columns = model.n_columns
        self.n_parameters = len(model.parameters)

    # ---- op tables -------------------------------------------------------------------------------

    @cached_property
    def _decode(self) -> OpTable:
        return lower(entries.decode(self.model))

    @cached_property
    def _encode(self) -> OpTable:
        return lower(entries.encode(self.model))

    @cached_property
    def _log_density(self) -> OpTable:
        return lower(entries.log_density(self.model))

    @cached_property
    def _features(self) -> OpTable:
        return lower(features(self.model))

    @cached_property
    def _unclipped(self) -> OpTable:
        return lower(features(self.model, clipped=False))

    @cached_property
    def _check(self) -> OpTable:
        return lower(entries.check(self.model, self.model.requirements, entries.derived_values(self.model)))

    @cached_property
    def lowering(self) -> Lowering:
        """How each component of requirements is drawn."""
        return self._lowering if self._lowering is not None else lower_requirements(self.model)

    @cached_property
    def tied(self) -> tuple[Tied, ...]:
        """The components on which something may still fail, compiled for rejection."""
        return tuple(
            Tied(
                lower(entries.check(self.model, c.leftover, self._graph(c.statements))),
                np.array(sorted({s.column for s in c.statements}), dtype=np.int64),
                c.leftover,
            )
            for c in self.lowering.components
            if c.leftover
        )

    @cached_property
    def _free(self) -> OpTable:
        """Everything that is drawn once: what no requirement reaches, and what is drawn so that all hold."""
        if not self.model.requirements:
            return self._decode
        exact = {s.path: k for k, c in enumerate(self.lowering.components) if not c.leftover for s in c.symbols}
        free = {s.path for s in self.lowering.free}
        statements: list[Statement] = []
        drawn: set[int] = set()
        for symbol in self.model.symbols:
            if symbol.path in free:
                statements.extend(entries.statements(self.model, [symbol]))
            elif symbol.path in exact and exact[symbol.path] not in drawn:
                # A component depends on nothing outside, so that it can stand in one place.
                drawn.add(exact[symbol.path])
                statements.extend(self.lowering.components[exact[symbol.path]].statements)
        return lower(self._graph(statements))

    def _graph(self, statements: Iterable[Statement]) -> Graph:
        found = tuple(statements)
        stored = frozenset(s.column for s in found)
        return Graph(self.n_columns, frozenset(range(self.n_columns)) - stored, found)

    def table(self, name: str) -> OpTable:
        """The op table of an entry point by name, for inspection."""
        tables: OpTable = getattr(self, f"_{name}")
        return tables

    # ---- entry points ----------------------------------------------------------------------------

    def keys(self, seed: int) -> NDArray[np.uint32]:
        """The Philox key of every parameter's stream, shape (d, 2): a hash of the seed and its path."""
        digests = [hashlib.blake2b(f"{seed}\0{p.path}".encode(), digest_size=8).digest() for p in self.model.parameters]
        return np.frombuffer(b"".join(digests), dtype="<u4").reshape(-1, 2).astype(np.uint32)

    def sample(self, n: int, seed: int, start: int, max_attempts: int) -> Matrix:
        """Rows start .. start + n - 1 of the seed's sample; every requirement holds on them."""
        keys = self.keys(seed)
        out = np.empty((self.n_columns, n))
        if not self.tied:
            run(self._free, out, keys=keys, start=start)
            return out
        block = 16384
        extra = max(len(t.requirements) for t in self.tied)
        scratch = np.empty((self.n_columns + extra, min(block, n)))
        for low in range(0, n, block):
            size = min(block, n - low)
            if size < scratch.shape[1]:
                scratch = np.empty((self.n_columns + extra, size))
            for tied in self.tied:
                draw_tied(tied, scratch, self.n_columns, keys, start + low, max_attempts, run)
            run(self._free, scratch[: self.n_columns], keys=keys, start=start + low)
            out[:, low : low + size] = scratch[: self.n_columns]
        return out

    def loose(self, n: int, seed: int = 0) -> Matrix:
        """n rows of a seed from the prior before requirements condition it."""
        out = np.empty((self.n_columns, n))
        run(self._decode, out, keys=self.keys(seed))
        return out

    def decode(self, uniforms: Matrix) -> Matrix:
        """The configurations at uniforms of shape (d, n)."""
        out = np.empty((self.n_columns, uniforms.shape[1]))
        run(self._decode, out, uniforms=np.ascontiguousarray(uniforms))
        return out

    def _outputs(self, table: OpTable, values: Matrix) -> Matrix:
        matrix = np.empty((table.n_columns, values.shape[1]))
        matrix[: self.n_columns] = values
        run(table, matrix)
        return matrix[self.n_columns :]

    def encode(self, values: Matrix) -> Matrix:
        """u codes, shape (d, n)."""
        return self._outputs(self._encode, values)

    def features(self, values: Matrix, *, clipped: bool = True) -> Matrix:
        """Features, shape (p, n)."""
        return self._outputs(self._features if clipped else self._unclipped, values)

    def log_density(self, values: Matrix) -> Matrix:
        """Log density or mass of every parameter, shape (d, n)."""
        return self._outputs(self._log_density, values)

    def violated(self, values: Matrix) -> NDArray[np.bool_]:
        """Which requirement each configuration violates, shape (requirements, n)."""
        result: NDArray[np.bool_] = self._outputs(self._check, values) == 1.0
        return result
