"""Laws about codes: `encode` and `decode` are inverse to each other, and features are what models can take."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from hpdsl.diagnostics import counted
from hpdsl.graph.features import FeatureGroup
from hpdsl.semantics.model import Parameter
from hpdsl.testing.laws.fault import Fault
from hpdsl.testing.laws.law import Held, Result, Skipped, law
from hpdsl.testing.laws.smallest import smallest
from hpdsl.testing.laws.subject import Matrix, Subject

# By how much values may differ on the way there and back, relatively; and codes, where a value is worth less.
TOLERANCE = 1e-9
# What the last digit of a code near 1 is worth, twice.
DIGIT = 2.0**-52


@law("round-trip", "decode(encode(x)) is x, and codes lie in 0 .. 1")
def round_trip(subject: Subject) -> Result:
    """See `says`."""
    model, program = subject.model, subject.program
    if not model.free:
        return Skipped("there is no parameter")
    row = smallest(subject, subject.rows, lambda matrix: np.asarray(_uncoded(subject, matrix).any(axis=0)))
    if row is not None:
        p = model.free[int(np.flatnonzero(_uncoded(subject, row[:, None])[:, 0])[0])]
        code = program.encode(row[:, None])[p.index, 0]
        return Fault(f"the code of `{p.path}` is {code:.17g}", row=row, parameter=p)
    for p in model.parameters:
        row = smallest(subject, subject.ends, partial(_moved, subject, p))
        if row is not None:
            return _lost(subject, row, p)
    flipped = np.flatnonzero(_flipped(subject, subject.sample, _again(subject, subject.sample)))
    if flipped.size:
        return Fault("decoded from its codes, other parameters are active", row=subject.sample[:, int(flipped[0])])
    return Held(f"for {counted(subject.ends.shape[1], 'configuration')}")


def _uncoded(subject: Subject, matrix: Matrix) -> NDArray[np.bool_]:
    """Where an active parameter has no code within 0 .. 1, or an inactive one has a code, shape (parameters, n)."""
    u = subject.program.encode(matrix)
    active = ~np.isnan(matrix[[p.main for p in subject.model.free]])
    return np.asarray(np.where(active, ~((u >= 0.0) & (u <= 1.0)), ~np.isnan(u)))


def _again(subject: Subject, matrix: Matrix, nudged: tuple[int, ...] = (), toward: float = 0.5) -> Matrix:
    """Encoded and decoded; the codes of some parameters one digit nearer to some place."""
    u = subject.program.encode(matrix)
    uniforms = np.full((len(subject.model.parameters), matrix.shape[1]), 0.5)
    uniforms[: len(u)] = np.clip(np.where(np.isnan(u), 0.5, u), 0.0, 1.0)
    for k in nudged:
        uniforms[k] = np.clip(uniforms[k] + np.where(uniforms[k] < toward, DIGIT, -DIGIT), 0.0, 1.0)
    return subject.program.decode(uniforms)


def _partners(subject: Subject, p: Parameter) -> tuple[int, ...]:
    """The numbers of those that a parameter is correlated with and drawn after."""
    members = () if p.score is None else p.score.members
    return tuple(q.index for q in subject.model.free if q.path in members and q is not p)


def _flipped(subject: Subject, matrix: Matrix, again: Matrix) -> NDArray[np.bool_]:
    """Where others are active than before."""
    mains = [p.main for p in subject.model.parameters]
    return np.asarray((np.isnan(matrix[mains]) != np.isnan(again[mains])).any(axis=0))


def _moved(subject: Subject, p: Parameter, matrix: Matrix) -> NDArray[np.bool_]:
    """Where a parameter has another value after a round trip, and another code too.

    At the very boundary of a condition the last digit of a value decides what is active: there nothing is compared.
    At the end of a range the last digit of a code moves a normal score, and so what is correlated with it: as much as
    that is allowed.
    """
    again = _again(subject, matrix)
    partners = _partners(subject, p)
    nudged = _again(subject, matrix, partners) if partners else again
    bad = np.zeros(matrix.shape[1], dtype=np.bool_)
    for column in (p.value, p.code):
        if column is not None:
            before, after = matrix[column], again[column]
            close = np.abs(after - before) <= TOLERANCE * np.maximum(np.abs(before), 1e-3)
            close |= np.abs(after - before) <= np.abs(nudged[column] - after)
            bad |= ~(close | (np.isnan(before) & np.isnan(after)))
    if p.value is not None and p.code is not None:
        # Of two alternatives with one value the first listed is taken.
        bad &= ~(matrix[p.value] == again[p.value])
    if not p.fixed and bad.any():
        # Where a law is steep, the last digits of a code are worth more than those of the value; and at the end of an
        # alternative they may be those with which the next begins.
        below = _again(subject, matrix, (p.index,), toward=0.0)
        u, *found = (subject.program.encode(x)[p.index] for x in (matrix, again, below))
        discrete = all(x.dist.count() is not None for x in p.pieces)
        bad &= ~np.logical_or.reduce([np.abs(u - v) <= TOLERANCE for v in found]) | discrete
    return np.asarray(bad & ~_flipped(subject, matrix, again))


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
        p, columns = model.free[group.parameter], list(group.columns)
        row = smallest(subject, subject.rows, partial(_out_of_range, subject, group))
        if row is not None:
            z = subject.program.features(row[:, None])[columns, 0]
            shown = ", ".join(f"{x:.6g}" for x in z)
            return Fault(f"the features of `{p.path}` are {shown}", row=row, parameter=p)
    return Held(f"for {counted(subject.rows.shape[1], 'configuration')}")


def _out_of_range(subject: Subject, group: FeatureGroup, matrix: Matrix) -> NDArray[np.bool_]:
    """Where an active parameter has a feature outside 0 .. 1, or an inactive one has any."""
    p = subject.model.free[group.parameter]
    z = subject.program.features(matrix)[list(group.columns)]
    inside = (z >= 0.0) & (z <= 1.0)
    if group.kind == "mixed" and p.items is not None:
        # Columns of ranges that are not the chosen one are absent.
        inside[len(p.items.items) :] |= np.isnan(z[len(p.items.items) :])
    active = ~np.isnan(matrix[p.main])
    return np.asarray(np.where(active, ~inside.all(axis=0), ~np.isnan(z).all(axis=0)))
