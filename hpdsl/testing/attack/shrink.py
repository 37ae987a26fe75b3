"""The smallest counterexample near one that was found: few parameters away from the simplest, in round numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hpdsl.semantics.evaluate import Given, Row, broken, fill, holds, illegal
from hpdsl.semantics.model import Claim, Model, Parameter
from hpdsl.terms import Evaluator, apply
from hpdsl.testing.attack.arena import Arena
from hpdsl.testing.attack.descent import Descent, FoundError
from hpdsl.testing.attack.formulas import ways
from hpdsl.testing.builder import Matrix
from hpdsl.testing.landmarks import written

Codes = NDArray[np.float64]

# Significant digits that a value is rounded to, fewest first.
DIGITS = range(1, 16)
# Ways along which the others are moved when one parameter is put back, starts, and rounds and steps.
WAYS, STARTS, ROUNDS, ITERATIONS = 4, 12, 1, 15


def refutes(model: Model, claim: Claim, row: Row) -> bool:
    """Whether a configuration belongs to the space and breaks a claim, by the slow evaluation of single rows."""
    at = Evaluator(row)
    return (
        holds(claim.guard, at)
        and at.value(apply("violated", claim.condition)) == 1.0
        and not broken(model.requirements, row)
        and not illegal(model, row)
    )


def simplest(arena: Arena, codes: Codes) -> Codes:
    """Refuting codes (k,) with as many parameters as possible at the base, and else at plain places."""
    best = _put_back(arena, codes)
    while True:
        moved = _moved_along(arena, best)
        if moved is None:
            return best
        best = _put_back(arena, moved)


def _put_back(arena: Arena, codes: Codes) -> Codes:
    """Single parameters put to the base or to a plain place, where that refutes too."""
    best = codes.copy()
    for _ in range(2):
        before = best.copy()
        for k in range(arena.k):
            for value in (arena.base[k], *arena.marks.plain(arena.marks.free[arena.moving[k]])):
                if best[k] == value:
                    break
                tried = best.copy()
                tried[k] = value
                if arena.refuting(arena.decode(tried[:, None]))[0]:
                    best = tried
                    break
        if np.array_equal(before, best):
            break
    return best


def _moved_along(arena: Arena, codes: Codes) -> Codes | None:
    """Refuting codes with one more parameter at the base, for which others had to move; None where none are near."""
    rng = np.random.default_rng(0)
    away = np.flatnonzero(codes != arena.base)
    if len(away) < 2:
        return None
    every = ways(arena.model, arena.claim.guard, arena.claim.condition, WAYS)
    for k in away:
        held = codes == arena.base
        held[k] = True
        starts = np.repeat(codes[:, None], STARTS, axis=1)
        starts[k] = arena.base[k]
        starts[:, 1:] = np.where(held[:, None], starts[:, 1:], rng.random((arena.k, STARTS - 1)))
        for path in every:
            try:
                Descent(arena, path, rng, held).run(starts, STARTS, ROUNDS, ITERATIONS)
            except FoundError as found:
                return found.codes
    return None


def rounded(arena: Arena, row: Row) -> Row:
    """The same counterexample with values in as few digits as possible, where that is a counterexample too."""
    model = arena.model
    given: dict[int, tuple[float | None, float | None]] = {p.index: _columns(p, row) for p in model.parameters}
    base = arena.decode(arena.base[:, None])[:, 0]
    moving = [p for p in map(model.parameters.__getitem__, arena.moving) if p.value is not None]
    unmoved = [p for p in moving if written(p) and given[p.index][0] == base[p.value or 0]]
    # A default as it is written: what its code decodes to may be off by a rounding.
    tried = {**given, **{p.index: _columns(p, arena.marks.completed) for p in unmoved}}
    found = _refilled(model, tried)
    if refutes(model, arena.claim, found):
        given, row = tried, found
    loose = [p.index for p in moving if p not in unmoved and _long(given[p.index][0])]
    for digits in DIGITS if len(loose) > 1 else ():
        # On a diagonal no value can be rounded without the others.
        tried = {**given, **{i: (_nearest(given[i][0], digits), given[i][1]) for i in loose}}
        found = _refilled(model, tried)
        if refutes(model, arena.claim, found):
            return found
    for index in loose:
        value, code = given[index]
        for short in _shorter(value or 0.0):
            tried = {**given, index: (short, code)}
            found = _refilled(model, tried)
            if refutes(model, arena.claim, found):
                given, row = tried, found
                break
    return row


def _long(value: float | None) -> bool:
    return value is not None and math.isfinite(value) and value != round(value)


def _nearest(value: float | None, digits: int) -> float:
    return float(f"{value:.{digits - 1}e}")


def _columns(p: Parameter, row: Row | Matrix) -> tuple[float | None, float | None]:
    """The value and the code of a parameter, NaN where inactive, None where it has no such column."""
    value, code = (None if c is None else float(_at(row, c)) for c in (p.value, p.code))
    return value, code


def _at(row: Row | Matrix, column: int) -> float:
    return row.get(column, math.nan) if isinstance(row, dict) else float(row[column])


def _shorter(value: float) -> Iterator[float]:
    """Numbers around a value in ever more digits, those above and below it in each, the nearer first."""
    for digits in DIGITS:
        near = _nearest(value, digits)
        if near == value:
            return
        unit = 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1)
        yield near
        yield _nearest(near + unit if near < value else near - unit, digits)


def _refilled(model: Model, given: Given) -> Row:
    """The row of given values, with what follows from them."""
    return fill(model.symbols, lambda p, piece, row: 0.5, given)
