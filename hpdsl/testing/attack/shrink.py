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
    """Refuting codes (k,) with little active, as many parameters as possible at the base, and else at plain places."""
    simple = _Simple(arena)
    best = simple.settled(codes)
    while True:
        for moved in _moved_along(arena, best, simple):
            found = simple.settled(moved)
            if simple.size(found) < simple.size(best):
                best = found
                break
        else:
            return best


class _Simple:
    """What is simple for the parameters of an arena: `plain` codes of each, the simplest first."""

    def __init__(self, arena: Arena) -> None:
        self.arena = arena
        marks = arena.marks
        free = [marks.free[i] for i in arena.moving]
        self.defaults = np.array([written(p) for p in free], dtype=np.bool_)
        subsets = {m for c in marks.model.collections if c.kind == "subset" for m in c.members}
        # Of these the fewest, as no default says which.
        self.members = [k for k, p in enumerate(free) if p.path in subsets and not self.defaults[k]]
        self.plain = [list(dict.fromkeys([float(u), *marks.plain(p)])) for u, p in zip(arena.base, free, strict=True)]

    def size(self, codes: Codes) -> tuple[int, int, int]:
        """How much there is, how many parameters are away from the base, and how far these are."""
        ranks = [p.index(x) if x in p else len(p) for x, p in zip(codes.tolist(), self.plain, strict=True)]
        return self.active(codes), sum(map(bool, ranks)), sum(ranks)

    def active(self, codes: Codes) -> int:
        """How many parameters are active, without members that are absent."""
        matrix = self.arena.decode(codes[:, None])
        absent = sum(bool(matrix[self._main(k), 0] == 0.0) for k in self.members)
        return int(self.arena.marks.active(matrix)[0]) - absent

    def settled(self, codes: Codes) -> Codes:
        """Single parameters put to the base or to a plain place, and members left out, where that refutes too."""
        best = codes.copy()
        for _ in range(2):
            before = best.copy()
            for k in range(self.arena.k):
                if k not in self.members:
                    best = self._put_back(best, k)
            for k in self.members:
                best = self._left_out(best, k)
            if np.array_equal(before, best):
                break
        for k in range(self.arena.k):
            best = self._nearer(best, k)
        return best

    def _put_back(self, codes: Codes, k: int) -> Codes:
        for value in self.plain[k]:
            if codes[k] == value:
                break
            tried = self._changed(codes, k, value)
            if self._refutes(tried):
                return tried
        return codes

    def _nearer(self, codes: Codes, k: int) -> Codes:
        """One of many cells as near to the base as bisection finds it."""
        cells = self.arena.marks.space.cells(int(self.arena.moving[k]))
        if cells is None or len(cells) <= len(self.plain[k]):
            return codes
        near, far = (int(np.abs(cells - u).argmin()) for u in (self.arena.base[k], codes[k]))
        while abs(far - near) > 1:
            middle = (near + far) // 2
            tried = self._changed(codes, k, float(cells[middle]))
            if self._refutes(tried):
                codes, far = tried, middle
            else:
                near = middle
        return codes

    def _left_out(self, codes: Codes, k: int) -> Codes:
        """Without one member, or with the base's where it is absent already."""
        for value in self.plain[k]:
            tried = self._changed(codes, k, value)
            if self.active(tried) < self.active(codes) and self._refutes(tried):
                return tried
        return codes

    def _main(self, k: int) -> int:
        return self.arena.marks.free[int(self.arena.moving[k])].main

    def _refutes(self, codes: Codes) -> bool:
        return bool(self.arena.refuting(self.arena.decode(codes[:, None]))[0])

    def _changed(self, codes: Codes, k: int, value: float) -> Codes:
        tried = codes.copy()
        tried[k] = value
        return tried


def _moved_along(arena: Arena, codes: Codes, simple: _Simple) -> Iterator[Codes]:
    """Refuting codes with one more parameter at a simpler place, for which others had to move."""
    rng = np.random.default_rng(0)
    every = ways(arena.model, arena.claim.guard, arena.claim.condition, WAYS)
    for k in np.flatnonzero(codes != arena.base):
        for value in _simpler(arena, int(k), float(codes[k]), simple.plain[k]):
            held = codes == arena.base
            tried = codes.copy()
            tried[k] = value
            if simple.active(tried) < simple.active(codes):
                # What has no default may stand anywhere, if that spares others.
                held &= simple.defaults
            held[k] = True
            if held.all():
                continue
            starts = np.repeat(codes[:, None], STARTS, axis=1)
            starts[:, 1:] = np.where(held[:, None], starts[:, 1:], rng.random((arena.k, STARTS - 1)))
            starts[k] = value
            for path in every:
                try:
                    Descent(arena, path, rng, held).run(starts, STARTS, ROUNDS, ITERATIONS)
                except FoundError as found:
                    yield found.codes


def _simpler(arena: Arena, k: int, code: float, plain: list[float]) -> list[float]:
    """The base; of a parameter with cells also one half way there, and the one before the present one."""
    cells = arena.marks.space.cells(int(arena.moving[k]))
    if cells is None:
        return plain[:1]
    near, far = (int(np.abs(cells - u).argmin()) for u in (arena.base[k], code))
    between = {near + (far - near) // 2, far - int(np.sign(far - near))}
    return list(dict.fromkeys([plain[0], *(float(cells[i]) for i in sorted(between, key=lambda i: abs(i - near)))]))


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
