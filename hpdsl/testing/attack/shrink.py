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

# Significant digits that a value is rounded to, fewest first.
DIGITS = range(1, 16)


def refutes(model: Model, claim: Claim, row: Row) -> bool:
    """Whether a configuration belongs to the space and breaks a claim, by the slow evaluation of single rows."""
    at = Evaluator(row)
    return (
        holds(claim.guard, at)
        and at.value(apply("violated", claim.condition)) == 1.0
        and not broken(model.requirements, row)
        and not illegal(model, row)
    )


def simplest(arena: Arena, codes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Refuting codes (k,) with as many parameters as possible at the base."""
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


def rounded(arena: Arena, row: Row) -> Row:
    """The same counterexample with values in as few digits as possible, where that is a counterexample too."""
    model = arena.model
    given: dict[int, tuple[float | None, float | None]] = {p.index: _columns(p, row) for p in model.parameters}
    for index in arena.moving:
        p = model.parameters[index]
        value = given[p.index][0]
        if value is None or math.isnan(value) or value == round(value) or p.code is not None:
            continue
        for short in _shorter(value):
            tried = {**given, p.index: (short, None)}
            found = _refilled(model, tried)
            if refutes(model, arena.claim, found):
                given, row = tried, found
                break
    return row


def _columns(p: Parameter, row: Row) -> tuple[float | None, float | None]:
    return (
        None if p.value is None else row.get(p.value, math.nan),
        None if p.code is None else row.get(p.code, math.nan),
    )


def _shorter(value: float) -> Iterator[float]:
    seen = set()
    for digits in DIGITS:
        short = float(f"{value:.{digits - 1}e}")
        if short == value:
            return
        if short not in seen:
            seen.add(short)
            yield short


def _refilled(model: Model, given: Given) -> Row:
    """The row of given values, with what follows from them."""
    return fill(model.symbols, lambda p, piece, row: 0.5, given)
