"""Positions: where values stand in their priors given what stands before them; independent uniforms, if all is well."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hpdsl.semantics.model import Model, Parameter, Piece, Symbol
from hpdsl.terms import const
from hpdsl.testing.atoms import Probe
from hpdsl.testing.builder import Matrix
from hpdsl.testing.laws.conditional import Divide, divide
from hpdsl.testing.laws.reference import Split

# Doubles below this may count as 0.
SMALLEST = float(np.finfo(np.float64).tiny)
LARGEST = float(np.finfo(np.float64).max)
# Share of a prior beyond which the cell of one double is a mass of its own.
COARSE = 1e-3


@dataclass(frozen=True)
class Standing:
    """Where the values of a parameter stand in one of its priors, on the rows of a matrix where that is in force."""

    parameter: Parameter
    piece: Piece
    rows: NDArray[np.int64]
    split: Split
    jitter: NDArray[np.float64]
    divided: Divide
    matrix: Matrix

    @cached_property
    def places(self) -> NDArray[np.float64]:
        """Uniform on 0 .. 1 under the prior: a value with a mass stands anywhere within it."""
        places: NDArray[np.float64] = self.split.below + self.split.inside * self.jitter
        return places

    @cached_property
    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Between what the places lie: a continuous value may be rounded to the next double, or to 0."""
        spread = self.split.inside == 0.0
        if self.parameter.value is None or not spread.any():
            return self.places, self.places
        low, high = (self._moved(side) for side in (-1.0, 1.0))
        return np.where(spread, low.below, self.places), np.where(spread, 1.0 - high.above, self.places)

    @cached_property
    def coarse(self) -> bool:
        """True where some doubles are so far apart that places are known but roughly."""
        low, high = self.bounds
        return bool((high - low > COARSE).any())

    def _moved(self, side: float) -> Split:
        assert self.parameter.value is not None
        matrix = self.matrix[:, self.rows]
        value = matrix[self.parameter.value]
        beside = np.nextafter(value, side * np.inf) + side * SMALLEST
        matrix[self.parameter.value] = np.clip(beside, -LARGEST, LARGEST)
        return self.divided(matrix)


def in_force(model: Model, symbol: Symbol) -> Probe:
    """Whether the guard of each piece of a symbol holds, shape (pieces, n)."""
    return Probe(model, [piece.guard.holds() if piece.guard else const(1.0) for piece in symbol.pieces])


def standings(model: Model, matrix: Matrix, seed: int) -> list[Standing]:
    """The standings of every free parameter's pieces that are in force somewhere."""
    found = []
    for p in model.free:
        holds = in_force(model, p)(matrix) == 1.0
        for k, piece in enumerate(p.pieces):
            rows = np.flatnonzero(holds[k] & ~np.isnan(matrix[p.main]))
            if rows.size:
                divided = divide(model, p, piece)
                split = divided(matrix[:, rows])
                jitter = np.random.default_rng([seed % 2**64, p.index, k]).random(rows.size)
                # Where what stands before leaves a single value there is no law to hold that to.
                known = ~np.isnan(split.below)
                found.append(
                    Standing(
                        p, piece, rows[known], Split(*(part[known] for part in split)), jitter[known], divided, matrix
                    )
                )
    return found


def table(model: Model, found: list[Standing], n: int) -> Matrix:
    """The places of every free parameter, shape (parameters, n); NaN where inactive."""
    places = np.full((len(model.free), n), np.nan)
    for s in found:
        places[s.parameter.index, s.rows] = s.places
    return places
