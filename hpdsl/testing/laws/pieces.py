"""`Examined`: one prior of one parameter on its own: its map, its density, and what a reference expects of that."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from hpdsl.graph.copula import is_discrete
from hpdsl.graph.graph import Graph, Statement
from hpdsl.grid.levels import CountlessError, count, levels
from hpdsl.priors.items import Items, Range
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.ranked import Ranked
from hpdsl.program.program import lower, run
from hpdsl.semantics.evaluate import put
from hpdsl.semantics.model import Dist, Model, Parameter, Piece
from hpdsl.terms import Evaluator, Term, load
from hpdsl.testing.atoms import Probe
from hpdsl.testing.builder import Matrix
from hpdsl.testing.laws.conditional import continuous, divide
from hpdsl.testing.laws.reference import Array, Tails, between

# Values of a discrete prior that are enumerated.
ENUMERATED = 4096
# Quantiles that divide a prior into cells: equal steps, and both tails ever further out.
_TAILS = 0.5 ** np.arange(6, 21, 0.5)
QUANTILES = np.unique(np.concatenate([np.arange(33) / 32, _TAILS, 1.0 - _TAILS]))


class Examined:
    """A piece of a parameter in the context of one row, a column of the model's matrix.

    `block` holds the members of a copula whose factor stands in the density, this parameter the last; else nothing.
    """

    def __init__(
        self, model: Model, p: Parameter, piece: Piece, density: Term, block: Sequence[Parameter], row: Array
    ) -> None:
        self.model, self.p, self.piece, self.block, self.row = model, p, piece, block, row
        self._density = Probe(model, [density])
        dist = piece.dist
        self._ranges = (
            [(k, i.dist) for k, i in enumerate(dist.items) if isinstance(i, Range)] if isinstance(dist, Items) else []
        )
        self._inside = (
            Probe(model, [law.contains(load(p.value)) for _, law in self._ranges]) if p.value is not None else None
        )
        self._divide, self._continuous = divide(model, p, piece), continuous(model, p, piece)
        self.coupled = _Coupled(model, block, row) if len(block) > 1 else None

    # ---- values ----------------------------------------------------------------------------------

    def at(self, values: Array) -> Matrix:
        """The context with other numbers in the place of the parameter's own."""
        matrix = np.repeat(self.row[:, None], len(values), axis=1)
        assert self.p.value is not None
        matrix[self.p.value] = values
        if self.p.code is not None and self._inside is not None:
            matrix[self.p.code] = [self._ranges[int(k)][0] for k in (self._inside(matrix) == 1.0).argmax(axis=0)]
        return matrix

    def edges(self) -> Array:
        """Rising numbers between which the continuous part of the prior lies: quantiles of all its laws, and ends."""
        laws: list[Dist] = [law for _, law in self._ranges] or [self.piece.dist]
        found = [
            self._quantiles(law.decode(load(self.model.n_columns)))
            for law in laws
            if isinstance(law, (Numeric, Ranked)) and law.lattice is None
        ]
        return np.unique(np.concatenate(found)) if found else np.empty(0)

    def _quantiles(self, decoded: Term) -> Array:
        n = self.model.n_columns
        table = lower(Graph(n + 2, frozenset(range(n + 1)), (Statement(n + 1, decoded, None),)))
        matrix = np.full((n + 2, len(QUANTILES)), np.nan)
        matrix[:n] = self.row[:, None]
        matrix[n] = QUANTILES
        run(table, matrix)
        return np.asarray(matrix[n + 1])

    def points(self) -> tuple[Matrix, bool]:
        """The context with each value that may have a mass, and whether these are all there are."""
        row = Evaluator({c: float(x) for c, x in enumerate(self.row) if not np.isnan(x)})
        dist = self.piece.dist
        try:
            whole = count(dist, row) <= ENUMERATED
            found = levels(dist, None, row) if whole else levels(dist, 32, row)
        except CountlessError:
            whole = False
            found = levels(dist, 32, row)
        matrix = np.repeat(self.row[:, None], len(found), axis=1)
        for k, (value, code) in enumerate(found):
            put(self.p, value, code, row)
            for column in (self.p.value, self.p.code):
                if column is not None:
                    matrix[column, k] = row.columns[column]
        return matrix, whole

    # ---- what it says, and what is expected ----------------------------------------------------------

    def density(self, matrix: Matrix) -> Array:
        """The density or mass of each column."""
        found = self._density(matrix)[0]
        # +inf marks the logarithm of zero.
        with np.errstate(over="ignore"):
            return np.asarray(np.where(np.isposinf(found), 0.0, np.exp(found)))

    def masses(self, matrix: Matrix) -> Array:
        """The masses that are expected, 0 where a value has none."""
        return self._divide(matrix).inside

    def tails(self, values: Array) -> Tails:
        """How much of the continuous part is expected below and above some numbers."""
        split = self._continuous(self.at(values))
        tails = split.below, split.above
        return tails if self.coupled is None else self.coupled.tails(tails)

    def expected(self, low: Array, high: Array) -> Array:
        """How much of the continuous part is expected between some numbers."""
        return between(self.tails(low), self.tails(high))


class _Coupled:
    """What a Gaussian copula makes of the last of its members given the others, all of them continuous."""

    def __init__(self, model: Model, block: Sequence[Parameter], row: Array) -> None:
        scores = np.array([_score(model, p, row) for p in block[:-1]])
        # At the end of a range a score is infinite, and nothing follows from it.
        self.known = bool(np.isfinite(scores).all())
        scores = np.where(np.isfinite(scores), scores, 0.0)
        factor = np.zeros((len(block), len(block)))
        for k, p in enumerate(block):
            assert p.score is not None
            factor[k, : len(p.score.row)] = p.score.row
        others = factor[:-1, :-1]
        behind = np.linalg.solve(others, scores)
        self.mean, self.sd = float(factor[-1, :-1] @ behind), float(factor[-1, -1])
        # The density of the others' copula, which the last one's column of the density has too.
        self.weight = float(
            np.exp(0.5 * (np.square(scores).sum() - np.square(behind).sum())) / np.prod(np.diag(others))
        )

    def tails(self, own: Tails) -> Tails:
        """The tails given the others, from those without them."""
        below, above = own
        z = np.where(below < 0.5, special.ndtri(below), -special.ndtri(above))
        e = (z - self.mean) / self.sd
        return self.weight * special.ndtr(e), self.weight * special.ndtr(-e)


def _score(model: Model, p: Parameter, row: Array) -> float:
    split = divide(model, p, p.pieces[0])(row[:, None])
    below, above = float(split.below[0]), float(split.above[0])
    return float(special.ndtri(below) if below < 0.5 else -special.ndtri(above))


def smooth(block: Sequence[Parameter]) -> bool:
    """True where every member of a copula is continuous."""
    return not any(is_discrete(p) for p in block)
