"""Partial configurations and `try` points, completed to whole rows."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hpdsl.errors import InvalidConfiguration, SamplingError
from hpdsl.graph.graph import Graph, Statement
from hpdsl.program.program import Program, lower, run
from hpdsl.semantics.entry import UnfitError, columns_of_value
from hpdsl.semantics.evaluate import Row, broken, complete, fill
from hpdsl.semantics.model import Model, Parameter, Piece, TryPoint
from hpdsl.semantics.places import MISSING, Places, address
from hpdsl.terms import Evaluator, draw

Given = dict[int, tuple[float | None, float | None]]
# Rows in which a completion of a `try` point is looked for, and how many are drawn at once.
_ROWS, _BLOCK = 4096, 256


def completed(model: Model, partial: Mapping[str, object]) -> Row:
    """A partial configuration with the rest at defaults or medians; `require` is not applied.

    Raises `InvalidConfiguration` for names and values that the space does not have.
    """
    places = Places(model, partial)
    given: Given = {}
    row: Row = {}
    # Members last: whose list it is depends on what is active.
    for p in sorted(model.parameters, key=lambda p: p.member):
        if p.member:
            row = row or complete(model, given)
            if math.isnan(row.get(p.main, math.nan)):
                continue
        value = places.get(p)
        if value is MISSING:
            continue
        places.use(p)
        try:
            given[p.index] = columns_of_value(p, p.pieces[0], value)
        except UnfitError as error:
            raise InvalidConfiguration([str(error)]) from None
    places.used.update(str(address(c.steps)[0]) for c in model.collections)
    unknown = [f"`{name}` is not a parameter of this space" for name in partial if name not in places.used]
    if places.problems or unknown:
        raise InvalidConfiguration([*places.problems, *unknown])
    return complete(model, given)


def tried(model: Model, program: Program, point: TryPoint) -> Row:
    """A `try` point, completed: defaults, else medians, else the first feasible row of seed 0.

    Raises `SamplingError` where none is found.
    """
    by_path = {p.path: p for p in model.parameters}
    given = {by_path[path].index: written for path, written in point.given.items()}
    row = complete(model, given)
    return _feasible(model, program, given, point) if broken(model.requirements, row) else row


def _feasible(model: Model, program: Program, given: Given, point: TryPoint) -> Row:
    """The first row of seed 0, given the written values, that satisfies every requirement."""
    keys = program.keys(0)
    for block in range(0, _ROWS, _BLOCK):
        uniforms = _uniforms(keys, block, _BLOCK)
        for k in range(_BLOCK):
            at: NDArray[np.float64] = uniforms[:, k]

            def uniform(p: Parameter, piece: Piece, row: Evaluator, at: NDArray[np.float64] = at) -> float:
                return float(at[p.index])

            row = fill(model.symbols, uniform, given)
            if not broken(model.requirements, row):
                return row
    line = model.source.position(point.span.start)[0]
    raise SamplingError(f"nothing completes the `try` point at line {line} to a feasible configuration")


def _uniforms(keys: NDArray[np.uint32], start: int, n: int) -> NDArray[np.float64]:
    """Uniforms of rows start .. start + n - 1, shape (d, n), as sampling draws them."""
    d = len(keys)
    table = lower(Graph(d, frozenset(), tuple(Statement(j, draw(j), None) for j in range(d))))
    out = np.empty((d, n))
    run(table, out, keys=keys, start=start)
    return out
