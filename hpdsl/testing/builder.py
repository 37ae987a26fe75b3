"""`Builder`: u codes to feasible configurations by construction, many at once.

What no requirement reaches is decoded as it is. What requirements tie together is decoded too where they hold then;
else it is drawn by the sampler that conditions on them; and where something is left to rejection and fails, it is
taken from the way to a feasible row that is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hpdsl.constraints.lowering import Lowered
from hpdsl.errors import SamplingError
from hpdsl.graph import entries
from hpdsl.graph.graph import Graph, Statement
from hpdsl.program.assemble import OpTable
from hpdsl.program.program import lower, run
from hpdsl.semantics.model import Parameter, Requirement
from hpdsl.space import Space

Matrix = NDArray[np.float64]

# Rows of the sample to fall back on: so many as rejection delivers within this many draws, between two ends.
DRAWS, FEWEST, MOST = 2_000_000, 8, 256
# Where requirements are hard to meet one row may find nothing and the next one something: so many are tried.
UNLUCKY = 4
# How far from the ends of the unit interval the sampler's strict orders hold.
MARGIN = 2.0**-20
# Steps on the way from a feasible row to what was asked for, and how often the last of them is divided again.
STEPS, ROUNDS = 15, 2


@dataclass(frozen=True)
class _Part:
    """A component of requirements: how its uniforms become values, and the columns and uniforms that are its own."""

    plain: OpTable
    sampler: OpTable
    conditioned: bool
    requirements: tuple[Requirement, ...]
    columns: NDArray[np.int64]
    streams: NDArray[np.int64]


class Builder:
    """The feasible configurations of one space by their u codes."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.model = space._model
        self.d = len(self.model.free)
        lowering = space._program.lowering
        self._parts = [self._part(c) for c in lowering.components]
        self._rest = lower(entries.decode(self.model, lowering.free))

    def _part(self, lowered: Lowered) -> _Part:
        model = self.model
        graph = entries.decode(model, lowered.symbols)
        columns = sorted({s.column for s in graph.statements})
        streams = [s.index for s in lowered.symbols if isinstance(s, Parameter)]
        return _Part(
            lower(entries.check(model, lowered.requirements, graph)),
            lower(entries.check(model, lowered.requirements, self._graph(lowered.statements))),
            tuple(lowered.statements) != graph.statements,
            lowered.requirements,
            np.array(columns, dtype=np.int64),
            np.array(streams, dtype=np.int64),
        )

    def _graph(self, statements: tuple[Statement, ...]) -> Graph:
        n = self.model.n_columns
        return Graph(n, frozenset(range(n)) - {s.column for s in statements}, statements)

    # ---- known rows ------------------------------------------------------------------------------

    @cached_property
    def pool(self) -> Matrix:
        """Feasible rows of the sample, shape (columns, rows). Raises `SamplingError` where its first ones find none."""
        cost = max([p.cost for p in self.space._program.lowering.components], default=1.0)
        rows = int(min(max(DRAWS / max(cost, 1.0), FEWEST), MOST))
        found: list[Matrix] = []
        done = 0
        while done < rows:
            # In blocks of 1, 1, 2, 4, …: a row that finds nothing costs only its own.
            size = min(max(done, 1), rows - done)
            try:
                found.append(self.space.sample(size, seed=0, start=done).matrix)
            except SamplingError:
                if found:
                    break
                if done + size >= UNLUCKY:
                    raise
            done += size
        return np.concatenate(found, axis=1)

    @cached_property
    def _codes(self) -> Matrix:
        """The uniforms of the pool, shape (parameters, rows); 0.5 where inactive or fixed."""
        codes = np.full((len(self.model.parameters), self.pool.shape[1]), 0.5)
        known = self.space._program.encode(self.pool)
        codes[: self.d] = np.where(np.isnan(known), 0.5, known)
        return codes

    # ---- building --------------------------------------------------------------------------------

    def decode(self, codes: Matrix) -> Matrix:
        """The configurations at u codes (d, n), requirements or not."""
        return self.space._program.decode(self._uniforms(codes))

    def build(self, codes: Matrix, anchors: NDArray[np.int64]) -> Matrix:
        """Feasible configurations at, or near, u codes of shape (d, n); one matrix of shape (columns, n).

        `anchors` (n,) chooses the known rows to fall back on, modulo their number.
        """
        uniforms = self._uniforms(codes)
        n = uniforms.shape[1]
        out = np.full((self.model.n_columns, n), np.nan)
        for part in self._parts:
            found, holds = self._run(part.plain, uniforms, len(part.requirements))
            for margin in (0.0, MARGIN) if part.conditioned else ():
                again = np.flatnonzero(~holds)
                if again.size:
                    inside = np.clip(uniforms[:, again], margin, 1.0 - margin)
                    drawn, good = self._run(part.sampler, inside, len(part.requirements))
                    found[:, again] = drawn
                    holds[again] = good
            bad = np.flatnonzero(~holds)
            if bad.size:
                found[:, bad] = self._nearest(part, uniforms[:, bad], anchors[bad])
            out[part.columns] = found[part.columns]
        run(self._rest, out, uniforms=uniforms)
        return out

    def feasible(self, codes: Matrix) -> NDArray[np.bool_]:
        """Whether each column of u codes, shape (d, n), decodes to a configuration that satisfies everything."""
        if not self.model.requirements:
            return np.ones(codes.shape[1], dtype=np.bool_)
        return np.asarray(~self.space._program.violated(self.decode(codes)).any(axis=0))

    def _uniforms(self, codes: Matrix) -> Matrix:
        uniforms = np.full((len(self.model.parameters), codes.shape[1]), 0.5)
        uniforms[: self.d] = codes
        return uniforms

    def _run(self, table: OpTable, uniforms: Matrix, checks: int) -> tuple[Matrix, NDArray[np.bool_]]:
        """The columns a table computes, and where none of its checks fails."""
        matrix = np.full((table.n_columns, uniforms.shape[1]), np.nan)
        run(table, matrix, uniforms=np.ascontiguousarray(uniforms))
        m = self.model.n_columns
        return matrix[:m], np.asarray(~(matrix[m : m + checks] == 1.0).any(axis=0))

    def _nearest(self, part: _Part, uniforms: Matrix, anchors: NDArray[np.int64]) -> Matrix:
        """Columns of a part that satisfy it: the last that do on the way from known rows to some uniforms."""
        pool = anchors % self.pool.shape[1]
        found = self.pool[:, pool].copy()
        for k in range(uniforms.shape[1]):
            low, high = self._codes[part.streams, pool[k]], uniforms[part.streams, k]
            for _ in range(ROUNDS):
                steps = np.linspace(0.0, 1.0, STEPS + 2)[1:-1]
                way = np.repeat(uniforms[:, k : k + 1], STEPS, axis=1)
                way[part.streams] = low[:, None] + (high - low)[:, None] * steps
                drawn, holds = self._run(part.plain, way, len(part.requirements))
                if not holds.any():
                    break
                last = int(np.flatnonzero(holds)[-1])
                found[:, k] = drawn[:, last]
                high = way[part.streams, last + 1] if last + 1 < STEPS else high
                low = way[part.streams, last]
        return found
