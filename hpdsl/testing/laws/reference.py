"""Distribution functions of numeric priors by scipy's special functions, apart from the kernels that draw them.

A place x divides a law into what lies below x, at x and above x: three probabilities, of which the smaller ones keep
their relative accuracy. Arrays have one entry a row; what is constant may be a scalar.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from hpdsl.priors.bases import Beta, Normal, Uniform
from hpdsl.priors.custom import Custom
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.tails import Exponential, Gamma, Triangular
from hpdsl.semantics.model import Model
from hpdsl.terms import Term, as_term, load
from hpdsl.testing.atoms import Probe
from hpdsl.testing.builder import Matrix

Array = NDArray[np.float64]
Tails = tuple[Array, Array]
"""The probabilities below and above a place."""


class Split(NamedTuple):
    """The probabilities of what lies below a place, at it, and above it."""

    below: Array
    inside: Array
    above: Array


class Rows:
    """Terms on the rows of a matrix, each evaluated once; `column` is that of the values under examination."""

    def __init__(self, model: Model, matrix: Matrix, column: int) -> None:
        self.model, self.matrix, self.column = model, matrix, column
        self._known: dict[Term, Array] = {}

    @property
    def values(self) -> Array:
        """The values under examination (n,)."""
        return np.asarray(self.matrix[self.column])

    def at(self, term: Term) -> Array:
        """The values (n,) of a term; a scalar where it is constant."""
        if term.constant is not None:
            return np.asarray(term.constant)
        if term.op == "load":
            return np.asarray(self.matrix[int(term.data[0])])
        if term not in self._known:
            self._known[term] = Probe(self.model, [term])(self.matrix)[0]
        return self._known[term]

    def cdf(self, base: Custom, y: Array) -> Array:
        """The distribution function that a prior was registered with."""
        moved = self.matrix.copy()
        moved[self.column] = y
        return Rows(self.model, moved, self.column).at(as_term(base.law.cdf(load(self.column), *base.arguments)))


def numeric(dist: Numeric, value: Array, rows: Rows) -> Split:
    """How values divide a numeric prior."""
    half = dist.half_step
    lo = np.asarray(-np.inf) if dist.lo is None else rows.at(dist.lo)
    hi = np.asarray(np.inf) if dist.hi is None else rows.at(dist.hi)
    left = right = value
    point = np.zeros(value.shape, dtype=np.bool_)
    if dist.lattice is not None:
        step = dist.lattice.step
        anchor = np.asarray(0.0) if dist.lattice.anchor is None else rows.at(dist.lattice.anchor)
        if step != 1.0 and dist.dependent:
            hi = anchor + np.floor((hi - anchor) / step + 1e-9) * step
        place = (value - anchor) / step
        # Whole up to the last digits of what it is computed from.
        digits = np.spacing(np.maximum(np.abs(value), np.abs(anchor))) / step + np.spacing(np.abs(place))
        point = np.abs(place - np.rint(place)) <= 8.0 * digits
        left = np.where(point, value, anchor + np.ceil(place) * step) - half
        right = np.where(point, value, anchor + np.floor(place) * step) + half
    left, right = np.clip(left, lo - half, hi + half), np.clip(right, lo - half, hi + half)
    if isinstance(dist.base, Uniform) and dist.linear:
        start, total = lo - half, hi - lo + 2.0 * half
        # Half steps around huge integers could not be told apart.
        inside = np.where(right > left, 2.0 * half / total, 0.0) if half else np.zeros_like(value)
        below = np.where(point, np.clip((value - lo) / total, 0.0, 1.0), (left - start) / total)
        return Split(below, inside, np.clip(1.0 - below - inside, 0.0, 1.0))
    tails = _tails(dist, rows)
    first, last, at, after = tails(lo - half), tails(hi + half), tails(left), tails(right)
    total = between(first, last)
    inside = between(at, after) / total if half else np.zeros_like(value)
    return Split(*(np.clip(p, 0.0, 1.0) for p in (between(first, at) / total, inside, between(after, last) / total)))


def between(s: Tails, t: Tails) -> Array:
    """The probability between two places, by the tail that both lie in."""
    return np.asarray(np.where(s[0] < 0.5, t[0] - s[0], s[1] - t[1]))


def _warped(name: str, y: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        match name:
            case "linear":
                return y
            case "log":
                return np.asarray(np.log(np.maximum(y, 0.0)))
            case "revlog":
                return np.asarray(-np.log1p(-np.minimum(y, 1.0)))
            case _:
                inside = np.clip(y, 0.0, 1.0)
                return np.asarray(np.log(inside) - np.log1p(-inside))


def _tails(dist: Numeric, rows: Rows) -> Callable[[Array], Tails]:
    """The tails of an untruncated law at values; differences only, where its bounds make it a law."""
    loc, scale, at = rows.at(dist.loc), rows.at(dist.scale), rows.at

    def place(y: Array) -> Array:
        # The largest number is the end of what has none, and farther than any number from a narrow law.
        with np.errstate(over="ignore"):
            return np.asarray((_warped(dist.warp.name, y) - loc) / scale)

    base = dist.base
    match base:
        case Uniform():
            return lambda y: (place(y), -place(y))
        case Normal():
            return lambda y: (special.ndtr(place(y)), special.ndtr(-place(y)))
        case Beta(a, b):
            alpha, beta = at(a), at(b)
            return lambda y: _both(special.betainc, special.betaincc, (alpha, beta), np.clip(place(y), 0.0, 1.0))
        case Gamma(k):
            shape = at(k)
            return lambda y: _both(special.gammainc, special.gammaincc, (shape,), np.maximum(place(y), 0.0))
        case Exponential():
            return lambda y: (-np.expm1(-np.maximum(place(y), 0.0)), np.exp(-np.maximum(place(y), 0.0)))
        case Triangular(c):
            mode = at(c)
            return lambda y: (_triangle(place(y), mode), _triangle(1.0 - place(y), 1.0 - mode))
        case Custom() as registered:
            return lambda y: _complete(rows.cdf(registered, y), y)
    raise TypeError(f"no reference for {type(base).__name__}")


def _both(lower: Any, upper: Any, shapes: tuple[Array, ...], t: Array) -> Tails:
    return np.asarray(lower(*shapes, t)), np.asarray(upper(*shapes, t))


def _complete(p: Array, y: Array) -> Tails:
    """Both tails from the lower one; a registered function need not know of infinities."""
    p = np.where(np.isposinf(y), 1.0, np.where(np.isneginf(y), 0.0, p))
    return p, 1.0 - p


def _triangle(t: Array, mode: Array) -> Array:
    """The lower tail of the triangular law on 0 .. 1."""
    t = np.clip(t, 0.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rising, falling = t * t / mode, 1.0 - (1.0 - t) ** 2 / (1.0 - mode)
    return np.asarray(np.select([t >= 1.0, t < mode], [1.0, rising], falling))
