"""`divide`: how the values of a parameter divide its prior given what stands before it, for priors of every kind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hpdsl.priors.items import Items, Range
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.place import Place
from hpdsl.priors.power import Power
from hpdsl.priors.ranked import Ranked, RankedPoints
from hpdsl.semantics.model import Dist, Model, Parameter, Piece
from hpdsl.terms import load
from hpdsl.testing.builder import Matrix
from hpdsl.testing.laws.reference import Array, Rows, Split, numeric

Divide = Callable[[Matrix], Split]


def divide(model: Model, p: Parameter, piece: Piece) -> Divide:
    """The division by each row's value, for rows where the piece is in force.

    Values are in the order of numbers; alternatives without a number come first, as written. NaN where what stands
    before leaves nothing to divide.
    """

    def divided(matrix: Matrix) -> Split:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            parts = _of(piece.dist, p, Rows(model, matrix, p.main if p.value is None else p.value))
        return Split(*(np.broadcast_to(part, (matrix.shape[1],)) for part in parts))

    return divided


def continuous(model: Model, p: Parameter, piece: Piece) -> Divide:
    """The division of what a prior spreads without masses, by each row's number; in all it has that part's share."""

    def divided(matrix: Matrix) -> Split:
        rows, dist = Rows(model, matrix, p.main if p.value is None else p.value), piece.dist
        parts: list[tuple[Array, Split]] = []
        if isinstance(dist, Items):
            ranges = [(i.dist, w) for i, w in zip(dist.items, _shares(dist, rows), strict=True) if isinstance(i, Range)]
            parts = [(w, numeric(d, rows.values, rows)) for d, w in ranges if d.lattice is None]
        elif isinstance(dist, (Numeric, Ranked)) and dist.lattice is None:
            parts = [(np.asarray(1.0), _of(dist, p, rows))]
        zero = np.zeros(matrix.shape[1])
        below = sum((w * x.below for w, x in parts), zero)
        return Split(below, zero, sum((w * x.above for w, x in parts), zero))

    return divided


def _of(dist: Dist, p: Parameter, rows: Rows) -> Split:
    match dist:
        case Items():
            return _ranged(dist, p, rows) if dist.ranged else _listed(dist, rows)
        case Power():
            return numeric(dist.exponent, np.log2(rows.values), rows)
        case Place():
            return _placed(dist, rows)
        case RankedPoints():
            return _ordered_points(dist, rows)
        case Ranked():
            return _ordered(dist, rows)
        case Numeric():
            return numeric(dist, rows.values, rows)


# ---- listed alternatives ------------------------------------------------------------------------------


def _shares(dist: Items, rows: Rows) -> list[Array]:
    weights = [rows.at(w) for w in dist.weights]
    # The largest doubles have no sum.
    top = np.maximum.reduce([np.broadcast_to(w, np.broadcast_shapes(*(x.shape for x in weights))) for w in weights])
    total = np.sum([w / top for w in weights], axis=0)
    return [np.asarray(w / top / total) for w in weights]


def _listed(dist: Items, rows: Rows) -> Split:
    """In written order: each alternative has the share of its weight."""
    value = rows.values
    numbers = range(len(dist.items))
    code = value if dist.coded else np.select([value == v for v in dist.values], list(numbers), -1)
    below, inside, above = np.zeros_like(value), np.zeros_like(value), np.zeros_like(value)
    for k, share in enumerate(_shares(dist, rows)):
        below, inside, above = below + share * (k < code), inside + share * (k == code), above + share * (k > code)
    return Split(below, inside, above)


def _ranged(dist: Items, p: Parameter, rows: Rows) -> Split:
    """Labels first, true and false among them, then numbers by size: alternatives and ranges that overlap add."""
    value, code = rows.values, rows.at(load(p.main))
    label = np.isin(code, np.flatnonzero(np.isnan(dist.numbers)))
    label &= ~np.isin(code, [k for k, item in enumerate(dist.items) if isinstance(item, Range)])
    below, inside, above = np.zeros_like(code), np.zeros_like(code), np.zeros_like(code)
    for k, (item, share) in enumerate(zip(dist.items, _shares(dist, rows), strict=True)):
        if isinstance(item, Range):
            part = numeric(item.dist, value, rows)
            pieces = tuple(np.where(label, at, x) for at, x in zip((0.0, 0.0, 1.0), part, strict=True))
        elif np.isnan(dist.numbers[k]):
            pieces = (np.where(label, k < code, True), label & (k == code), label & (k > code))
        else:
            v = dist.numbers[k]
            pieces = (~label & (v < value), ~label & (v == value), label | (v > value))
        below, inside, above = below + share * pieces[0], inside + share * pieces[1], above + share * pieces[2]
    return Split(below, inside, above)


def _placed(dist: Place, rows: Rows) -> Split:
    """Each value that is left is as likely as any other."""
    value, free = rows.values, float(dist.free)
    smaller = value.copy()
    for taken in dist.used:
        smaller -= rows.at(taken) < value
    return Split(smaller / free, np.full_like(value, 1.0 / free), (free - 1.0 - smaller) / free)


# ---- arrays in order ----------------------------------------------------------------------------------


def _ordered(dist: Ranked, rows: Rows) -> Split:
    """The outermost of m draws beyond the element before."""
    here, m = numeric(dist.law, rows.values, rows), rows.at(dist.rest)
    tail = here.above if dist.rising else here.below
    limit: Array = np.asarray(1.0)
    if dist.before is not None:
        previous = numeric(dist.law, rows.at(dist.before), rows)
        limit = previous.above if dist.rising else previous.below
    w = np.clip((tail / limit) ** m, 0.0, 1.0)
    zero = np.zeros_like(w)
    return Split(1.0 - w, zero, w) if dist.rising else Split(w, zero, 1.0 - w)


def _ordered_points(dist: RankedPoints, rows: Rows) -> Split:
    """By counting: what m different ones of the first j points weigh together."""
    law = dist.law
    count = law.count()
    assert count is not None and law.lo is not None and law.lattice is not None
    first, step = float(rows.at(law.lo)), law.lattice.step
    points: Array = first + step * np.arange(count, dtype=np.float64)
    every = np.full((rows.model.n_columns, count), np.nan)
    masses = np.broadcast_to(numeric(law, points, Rows(rows.model, every, rows.column)).inside, (count,))
    m = np.broadcast_to(rows.at(dist.rest), rows.values.shape).astype(np.int64)
    table = _subsets(masses[::-1] if dist.rising else masses, int(m.max()))

    def number(y: Array) -> NDArray[np.int64]:
        j = np.rint((y - first) / step).astype(np.int64)
        return count - 1 - j if dist.rising else j

    j = number(rows.values)
    limit = table[m, count if dist.before is None else number(rows.at(dist.before))]
    below, upto = table[m, j] / limit, table[m, j + 1] / limit
    parts = (below, upto - below, 1.0 - upto)
    return Split(*(parts[::-1] if dist.rising else parts))


def _subsets(masses: Array, most: int) -> Array:
    """Row m, entry j: the sum of the products of all m masses among the first j, up to one factor a row."""
    table = np.ones((most + 1, len(masses) + 1))
    for m in range(1, most + 1):
        table[m, 0] = 0.0
        np.cumsum(masses * table[m - 1, :-1], out=table[m, 1:])
        table[m] /= table[m, -1] or 1.0
    return table
