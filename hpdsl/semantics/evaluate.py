"""One configuration at a time, by the obvious reading of the model: no vectors, no kernels.

It fills in configurations (`default`, `try`), looks for witnesses, and serves single configurations, where
array machinery would only cost.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from hpdsl.priors.bases import INNER_HIGH, INNER_LOW
from hpdsl.priors.items import Items, Reading
from hpdsl.semantics.model import Derived, Dist, Guard, Model, Parameter, Piece, Requirement, Symbol
from hpdsl.terms import Evaluator, Term, apply, compute, draw

Row = dict[int, float]


def holds(guard: Guard | None, row: Evaluator) -> bool:
    """True where every condition of a guard is true."""
    return guard is None or all(row.value(c) == 1.0 for c in guard.chain())


def active_piece(parameter: Parameter, row: Evaluator) -> Piece | None:
    """The prior in force, or None where the parameter is inactive."""
    return next((p for p in parameter.pieces if holds(p.guard, row)), None)


@lru_cache(maxsize=4096)
def _decoded(dist: Dist) -> Reading:
    result = dist.decode(draw(0))
    return result if isinstance(result, Reading) else Reading(result, None)


@lru_cache(maxsize=4096)
def _contained(dist: Dist, reading: Reading) -> Term:
    if isinstance(dist, Items):
        return dist.contains(reading)
    assert reading.value is not None
    return dist.contains(reading.value)


def contains(parameter: Parameter, piece: Piece, row: Evaluator) -> float:
    """Whether the parameter's value is legal under a prior: 1 if so; NaN where that is unknown."""
    return row.value(_contained(piece.dist, parameter.reading))


def median_uniform(piece: Piece, row: Evaluator) -> float:
    """The uniform of the prior's median at this row."""
    dist = piece.dist
    if isinstance(dist, Items):
        return dist.median_uniform([row.value(w) for w in dist.weights])
    return dist.median_uniform()


def place(parameter: Parameter, piece: Piece, u: float, row: Evaluator) -> None:
    """Set a parameter to the value at the uniform u."""
    row.uniforms[0] = u
    reading = _decoded(piece.dist)
    put(parameter, _value(reading.value, row), _value(reading.code, row), row)


def _value(term: Term | None, row: Evaluator) -> float | None:
    return None if term is None else row.value(term)


def put(parameter: Parameter, value: float | None, code: float | None, row: Evaluator) -> None:
    """Set a parameter's columns."""
    for column, x in ((parameter.value, value), (parameter.code, code)):
        if column is not None:
            row.columns[column] = math.nan if x is None else x


def derive(symbol: Derived, row: Evaluator) -> None:
    """Set a derived value's column."""
    row.columns[symbol.column] = math.nan
    for piece in symbol.pieces:
        if holds(piece.guard, row):
            row.columns[symbol.column] = row.value(piece.term)
            return


Uniforms = Callable[[Parameter, Piece, Evaluator], float]
Given = Mapping[int, tuple[float | None, float | None]]


def fill(symbols: Iterable[Symbol], uniforms: Uniforms, given: Given | None = None) -> Row:
    """The columns of one configuration: given parameters (by index) as they are, others from their uniforms."""
    row = Evaluator({})
    given = given or {}
    symbols = tuple(symbols)
    by_path = {s.path: s for s in symbols if isinstance(s, Parameter)}
    for symbol in symbols:
        if isinstance(symbol, Derived):
            derive(symbol, row)
            continue
        piece = active_piece(symbol, row)
        if piece is None:
            continue
        if symbol.index in given:
            put(symbol, *given[symbol.index], row)
        else:
            place(symbol, piece, _uniform(symbol, piece, row, uniforms, by_path), row)
    return row.columns


def _uniform(p: Parameter, piece: Piece, row: Evaluator, uniforms: Uniforms, by_path: Mapping[str, Parameter]) -> float:
    """The uniform a parameter decodes: its own, or that of its score in a copula."""
    if p.score is None or len(p.score.members) == 1:
        return uniforms(p, piece, row)
    total = 0.0
    for path, weight in zip(p.score.members, p.score.row, strict=True):
        if weight != 0.0:
            member = by_path[path]
            u = min(max(uniforms(member, member.pieces[0], row), INNER_LOW), INNER_HIGH)
            total += compute("normal_ppf", [u]) * weight
    return compute("normal_cdf", [total])


def complete(model: Model, given: Given) -> Row:
    """What a partial configuration leaves open takes its default, else its prior's median given its parents."""
    row = Evaluator({})
    for symbol in model.symbols:
        if isinstance(symbol, Derived):
            derive(symbol, row)
            continue
        piece = active_piece(symbol, row)
        if piece is None:
            continue
        if symbol.index in given:
            put(symbol, *given[symbol.index], row)
        elif piece.default is not None or piece.default_code is not None:
            put(symbol, piece.default, piece.default_code, row)
        else:
            place(symbol, piece, median_uniform(piece, row), row)
    return row.columns


@lru_cache(maxsize=4096)
def _violated(condition: Term) -> Term:
    return apply("violated", condition)


def broken(requirements: Iterable[Requirement], columns: Row) -> list[Requirement]:
    """The requirements a configuration violates."""
    row = Evaluator(columns)
    return [r for r in requirements if holds(r.guard, row) and row.value(_violated(r.condition)) == 1.0]


def illegal(model: Model, columns: Row) -> list[Parameter]:
    """The active parameters whose value lies outside their prior's support."""
    row = Evaluator(columns)
    found = []
    for p in model.parameters:
        piece = active_piece(p, row)
        if piece is not None and contains(p, piece, row) != 1.0:
            found.append(p)
    return found
