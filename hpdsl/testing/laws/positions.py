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
from hpdsl.testing.laws.conditional import divide
from hpdsl.testing.laws.reference import Split


@dataclass(frozen=True)
class Standing:
    """Where the values of a parameter stand in one of its priors, on the rows where that is in force."""

    parameter: Parameter
    piece: Piece
    rows: NDArray[np.int64]
    split: Split
    jitter: NDArray[np.float64]

    @cached_property
    def places(self) -> NDArray[np.float64]:
        """Uniform on 0 .. 1 under the prior: a value with a mass stands anywhere within it."""
        places: NDArray[np.float64] = self.split.below + self.split.inside * self.jitter
        return places


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
                split = divide(model, p, piece)(matrix[:, rows])
                jitter = np.random.default_rng([seed % 2**64, p.index, k]).random(rows.size)
                found.append(Standing(p, piece, rows, split, jitter))
    return found


def table(model: Model, found: list[Standing], n: int) -> Matrix:
    """The places of every free parameter, shape (parameters, n); NaN where inactive."""
    places = np.full((len(model.free), n), np.nan)
    for s in found:
        places[s.parameter.index, s.rows] = s.places
    return places
