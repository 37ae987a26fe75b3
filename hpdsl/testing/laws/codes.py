"""Laws about codes: `encode` and `decode` are inverse to each other, and features are what models can take."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.semantics.model import Parameter
from hpdsl.testing.laws.fault import Fault
from hpdsl.testing.laws.law import Held, Result, Skipped, law
from hpdsl.testing.laws.smallest import smallest
from hpdsl.testing.laws.subject import Matrix, Subject

# By how much values may differ on the way there and back, relatively; and codes, where a value is worth less.
TOLERANCE = 1e-9


@law("round-trip", "decode(encode(x)) is x, and codes lie in 0 .. 1")
def round_trip(subject: Subject) -> Result:
    """See `says`."""
    model, program = subject.model, subject.program
    if not model.free:
        return Skipped("there is no parameter")

    def outside(matrix: Matrix) -> NDArray[np.bool_]:
        u = program.encode(matrix)
        active = ~np.isnan(matrix[[p.main for p in model.free]])
        return np.asarray(((active & ~((u >= 0.0) & (u <= 1.0))) | (~active & ~np.isnan(u))).any(axis=0))

    row = smallest(subject, subject.rows, outside)
    if row is not None:
        u = program.encode(row[:, None])[:, 0]
        active = ~np.isnan(row[[p.main for p in model.free]])
        at = int(np.flatnonzero(active != ((u >= 0.0) & (u <= 1.0)))[0])
        return Fault(f"the code of `{model.free[at].path}` is {u[at]:.17g}", row=row, parameter=model.free[at])

    for p in model.parameters:

        def moved(matrix: Matrix, p: Parameter = p) -> NDArray[np.bool_]:
            return _moved(subject, matrix, p)

        row = smallest(subject, subject.ends, moved)
        if row is not None:
            return _lost(subject, row, p)
    return Held(f"for {subject.ends.shape[1]:,} configurations")


def _again(subject: Subject, matrix: Matrix) -> Matrix:
    """Encoded and decoded."""
    u = subject.program.encode(matrix)
    uniforms = np.full((len(subject.model.parameters), matrix.shape[1]), 0.5)
    uniforms[: len(u)] = np.clip(np.where(np.isnan(u), 0.5, u), 0.0, 1.0)
    return subject.program.decode(uniforms)


def _moved(subject: Subject, matrix: Matrix, p: Parameter) -> NDArray[np.bool_]:
    """Where a parameter has another value after a round trip, and another code too."""
    again = _again(subject, matrix)
    bad = np.zeros(matrix.shape[1], dtype=np.bool_)
    for column in (p.value, p.code):
        if column is not None:
            before, after = matrix[column], again[column]
            close = np.abs(after - before) <= TOLERANCE * np.maximum(np.abs(before), 1e-3)
            bad |= ~(close | (np.isnan(before) & np.isnan(after)))
    if not p.fixed and bad.any():
        # Where a law is steep, the last digits of a code are worth more than those of the value.
        u, v = subject.program.encode(matrix)[p.index], subject.program.encode(again)[p.index]
        discrete = all(x.dist.count() is not None for x in p.pieces)
        bad &= ~(np.abs(u - v) <= TOLERANCE) | discrete
    return bad


def _lost(subject: Subject, row: NDArray[np.float64], p: Parameter) -> Fault:
    again = _again(subject, row[:, None])[:, 0]
    values = [x[p.main if p.value is None else p.value] for x in (row, again)]
    code = subject.program.encode(row[:, None])[p.index, 0]
    said = f"`{p.path}` = {values[0]:.17g} has the code {code:.17g}, which decodes to {values[1]:.17g}"
    return Fault(said, row=row, parameter=p)


@law("features", "features lie in 0 .. 1, and are absent exactly where a parameter is inactive")
def features(subject: Subject) -> Result:
    """See `says`."""
    model, space = subject.model, subject.space
    if not model.free:
        return Skipped("there is no parameter")
    for group in space.feature_groups:
        p = model.free[group.parameter]
        columns = list(group.columns)

        def wrong(
            matrix: Matrix, p: Parameter = p, columns: list[int] = columns, kind: str = group.kind
        ) -> NDArray[np.bool_]:
            z = subject.program.features(matrix)[columns]
            active = ~np.isnan(matrix[p.main])
            inside = (z >= 0.0) & (z <= 1.0)
            if kind == "mixed":
                # Columns of ranges that are not the chosen one are absent.
                inside |= np.isnan(z)
                inside[: len(p.items.items) if p.items else 0] &= ~np.isnan(z[: len(p.items.items) if p.items else 0])
            return np.asarray((active & ~inside.all(axis=0)) | (~active & ~np.isnan(z).all(axis=0)))

        row = smallest(subject, subject.rows, wrong)
        if row is not None:
            z = subject.program.features(row[:, None])[columns, 0]
            shown = ", ".join(f"{x:.6g}" for x in z)
            return Fault(f"the features of `{p.path}` are {shown}", row=row, parameter=p)
    return Held(f"for {subject.rows.shape[1]:,} configurations")
