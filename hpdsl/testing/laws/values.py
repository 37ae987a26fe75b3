"""Laws about the values of configurations: where they lie, when they exist, and what is required of them."""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from hpdsl.diagnostics import counted
from hpdsl.priors.items import Items
from hpdsl.semantics.entry import enter, violations
from hpdsl.semantics.evaluate import broken
from hpdsl.semantics.model import Model, Parameter, Piece, Requirement, Symbol, guard_facts
from hpdsl.terms import Term, load
from hpdsl.testing.atoms import Probe
from hpdsl.testing.laws.fault import Fault
from hpdsl.testing.laws.law import Held, Result, Skipped, law
from hpdsl.testing.laws.positions import in_force
from hpdsl.testing.laws.smallest import Fails, smallest
from hpdsl.testing.laws.subject import Matrix, Subject

# Configurations that are looked at one at a time, by the slow evaluation of single rows.
SINGLE = 300


# ---- support ----------------------------------------------------------------------------------------


@law("support", "every value lies where its prior allows it")
def support(subject: Subject) -> Result:
    """See `says`."""
    for p in subject.model.parameters:
        row = smallest(subject, subject.rows, _outside(subject.model, p))
        if row is not None:
            return Fault(f"a value of `{p.path}` is none that its prior allows", row=row, parameter=p)
        row = smallest(subject, subject.rows, _beyond(subject.model, p))
        if row is not None:
            return Fault(f"a value of `{p.path}` lies outside the range that checks rely on", row=row, parameter=p)
    return Held(f"in {counted(subject.rows.shape[1], 'configuration')}")


def _outside(model: Model, p: Parameter) -> Fails:
    """Where a parameter has a value that the prior in force excludes."""
    holds, legal = in_force(model, p), Probe(model, [_legal(p, piece) for piece in p.pieces])

    def fails(matrix: Matrix) -> NDArray[np.bool_]:
        bad = ((holds(matrix) == 1.0) & (legal(matrix) != 1.0)).any(axis=0)
        return np.asarray(bad & ~np.isnan(matrix[p.main]))

    return fails


def _legal(p: Parameter, piece: Piece) -> Term:
    if isinstance(piece.dist, Items):
        return piece.dist.contains(p.reading)
    return piece.dist.contains(load(p.main))


def _beyond(model: Model, p: Parameter) -> Fails:
    """Where a number leaves the static hull of the prior in force."""
    holds = in_force(model, p)
    hulls = [piece.dist.hull(guard_facts(piece.guard, model.facts)) for piece in p.pieces]
    low, high = np.array([[h.lo] for h in hulls]), np.array([[h.hi] for h in hulls])

    def fails(matrix: Matrix) -> NDArray[np.bool_]:
        if p.value is None:
            return np.zeros(matrix.shape[1], dtype=np.bool_)
        x = matrix[p.value]
        return np.asarray(((holds(matrix) == 1.0) & ((x < low) | (x > high))).any(axis=0))

    return fails


# ---- guards -----------------------------------------------------------------------------------------


@law("guards", "what is inactive is absent, and nothing else is")
def guards(subject: Subject) -> Result:
    """See `says`."""
    model = subject.model
    for s in model.symbols:
        row = smallest(subject, subject.rows, _unguarded(model, s))
        if row is not None:
            there = "is missing" if np.isnan(row[s.main]) else "has a value, though no condition for it holds"
            return Fault(f"`{s.path}` {there}", s.span, row=row, parameter=s if isinstance(s, Parameter) else None)
        if isinstance(s, Parameter):
            row = smallest(subject, subject.rows, _halved(s))
            if row is not None:
                return Fault(f"`{s.path}` has a number, and no alternative", s.span, row=row, parameter=s)
    conditional = sum(p.conditional for p in model.parameters)
    if not conditional:
        return Skipped("nothing is conditional")
    seen = counted(subject.rows.shape[1], "configuration")
    return Held(f"in {seen}, for {counted(conditional, 'conditional parameter')}")


def _unguarded(model: Model, s: Symbol) -> Fails:
    """Where a symbol is active without a guard that holds, or a parameter inactive with one, or two hold at once."""
    holds = in_force(model, s)

    def fails(matrix: Matrix) -> NDArray[np.bool_]:
        active, held = ~np.isnan(matrix[s.main]), (holds(matrix) == 1.0).sum(axis=0)
        if not isinstance(s, Parameter):
            # What follows may be unknown for reasons of its own.
            return np.asarray(active & (held == 0))
        return np.asarray((active != (held > 0)) | (held > 1))

    return fails


def _halved(p: Parameter) -> Fails:
    """Where one of a parameter's columns is filled, and the one that says whether it is active is not."""
    columns = [c for c in (p.value, p.code) if c is not None]

    def fails(matrix: Matrix) -> NDArray[np.bool_]:
        return np.asarray(np.isnan(matrix[p.main]) & ~np.isnan(matrix[columns]).all(axis=0))

    return fails


# ---- requirements -----------------------------------------------------------------------------------


@law("constraints", "every requirement holds on every sample")
def constraints(subject: Subject) -> Result:
    """See `says`."""
    model, program = subject.model, subject.program
    if not model.requirements:
        return Skipped("nothing is required")
    for k, requirement in enumerate(model.requirements):

        def fails(matrix: Matrix, k: int = k) -> NDArray[np.bool_]:
            return np.asarray(program.violated(matrix)[k])

        row = smallest(subject, subject.rows, fails)
        if row is not None:
            return _unmet(requirement, row)
    for k in range(min(SINGLE, subject.rows.shape[1])):
        column = subject.rows[:, -1 - k]
        found = broken(model.requirements, dict(enumerate(column.tolist())))
        if found:
            return _unmet(found[0], column)
    return Held(f"in {counted(subject.rows.shape[1], 'configuration')}")


def _unmet(requirement: Requirement, row: NDArray[np.float64]) -> Fault:
    return Fault(f"a sample violates `{requirement.message}`", requirement.span, row=row)


# ---- configurations as dicts -----------------------------------------------------------------------


@law("membership", "samples are valid configurations, and stay so as JSON")
def membership(subject: Subject) -> Result:
    """See `says`."""
    model = subject.model
    count = min(SINGLE, subject.rows.shape[1])
    step = max(1, subject.rows.shape[1] // count)
    rows = subject.rows[:, ::step]
    for k, config in enumerate(subject.configs(rows)):
        found = violations(model, config)
        if found:
            return Fault("a sample is refused: " + "; ".join(found), row=rows[:, k])
        written = json.loads(json.dumps(config))
        columns, problems = enter(model, written)
        if problems:
            return Fault("written as JSON and read again, a sample is refused: " + "; ".join(problems), row=rows[:, k])
        for p in model.parameters:
            if not _same(p, columns, rows[:, k]):
                return Fault(f"written as JSON and read again, `{p.path}` has another value", row=rows[:, k])
    return Held(f"for {counted(rows.shape[1], 'configuration')}")


def _same(p: Parameter, columns: dict[int, float], row: NDArray[np.float64]) -> bool:
    """Whether a parameter has the same value in both; of two alternatives with one number either may be meant."""
    if p.value is not None and columns.get(p.value, np.nan) == row[p.value]:
        return True
    found = [c for c in (p.value, p.code) if c is not None]
    return np.array_equal([columns.get(c, np.nan) for c in found], row[found], equal_nan=True)
