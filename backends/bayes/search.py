"""Maximising the acquisition: candidates from all over the space and near the best, then local search.

Every candidate is decoded by the space itself, so that it is in its support and satisfies its requirements.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes import sobol
from hpdsl.backends.bayes.moves import EDGE, Moves
from hpdsl.configs import Configs
from hpdsl.errors import SamplingError
from hpdsl.space import Space

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Score = Callable[[Configs], Floats]

# Candidates: from all over the space, near the best observed, and the best observed themselves.
BROAD, LOCAL, INCUMBENTS = 384, 256, 10
# Where requirements leave fewer candidates than this, so many rows of the prior join them, if found in time.
SCARCE, SAMPLED, ATTEMPTS = 64, 64, 20_000
# Starts of the local search: the best candidates, and some drawn by their scores. The incumbent joins them.
BEST, DRAWN = 3, 3
# Rounds of local search, Gaussian steps from every start in each, and the rounds with exchanges.
ROUNDS, STEPS, EXCHANGES = 7, 28, (0, 2, 4)
# The first steps' scale in the unit cube, and what becomes of it where no step was better.
SCALE, SHRINK = 0.1, 0.4
# Rows of the seed's sample used here lie far from those proposed as they are.
ROWS = 2**50


@dataclass
class Pool:
    """Scored candidates: latent rows, their configurations, acquisition values and the start each came from."""

    rows: Floats
    configs: Configs
    scores: Floats
    owners: Ints

    def order(self) -> Ints:
        """Indices from the best down; ties by position."""
        return np.argsort(-self.scores, kind="stable")


class Search:
    """One maximisation over a space. `observed` are latent rows of told configurations, the best first."""

    def __init__(self, space: Space, score: Score, rng: np.random.Generator, observed: Floats) -> None:
        self.space = space
        self.score = score
        self.rng = rng
        self.observed = observed
        self.moves = Moves(space, rng, observed)

    def run(self, seed: int, index: int) -> Pool:
        """Candidates, screened and improved; the pool holds everything that was scored and feasible."""
        pool = self._screened(seed, index)
        pools = [pool]
        if len(pool.rows):
            starts = self._starts(pool)
            rows, values = pool.rows[starts], pool.scores[starts]
            scale = np.full(len(rows), SCALE)
            for r in range(ROUNDS):
                near, owners = self.moves.steps(rows, scale, STEPS)
                if r in EXCHANGES:
                    flipped, flippers = self.moves.exchanges(rows)
                    near, owners = np.vstack([near, flipped]), np.concatenate([owners, flippers])
                pools.append(self._scored(near, owners))
                self._climb(rows, values, scale, pools[-1])
        return Pool(
            np.vstack([p.rows for p in pools]),
            Configs(self.space.compilation.model, np.hstack([p.configs.matrix for p in pools])),
            np.concatenate([p.scores for p in pools]),
            np.concatenate([p.owners for p in pools]),
        )

    # ---- parts -----------------------------------------------------------------------------------

    def _screened(self, seed: int, index: int) -> Pool:
        """Candidates from everywhere; the incumbent is the last of them."""
        broad = sobol.points(seed ^ 0x5EED, index * BROAD, BROAD, self.moves.d)
        rows = np.vstack([broad, self.moves.mutations(LOCAL), self.observed[:INCUMBENTS][::-1]])
        pool = self._scored(rows)
        if len(pool.rows) >= SCARCE:
            return pool
        try:
            start = ROWS + index * SAMPLED
            u = self.space.encode(self.space.sample(SAMPLED, seed=seed, start=start, max_attempts=ATTEMPTS))
        except SamplingError:
            return pool
        return self._scored(np.vstack([np.where(np.isnan(u), self.rng.random(u.shape), u), rows]))

    def _scored(self, rows: Floats, owners: Ints | None = None) -> Pool:
        """The feasible ones among latent rows, scored."""
        rows = np.clip(rows, EDGE, 1.0 - EDGE)
        owners = np.zeros(len(rows), dtype=np.int64) if owners is None else owners
        configs = self.space.decode(rows)
        feasible = self.space.satisfies(configs)
        if not feasible.all():
            keep = np.flatnonzero(feasible)
            rows, configs, owners = rows[keep], configs[keep], owners[keep]
        scores = self.score(configs) if len(configs) else np.empty(0)
        return Pool(rows, configs, scores, owners)

    def _starts(self, pool: Pool) -> Ints:
        """Where local search begins: the best candidates, some more by their scores, and the incumbent."""
        order = pool.order()
        # The largest of score + Gumbel noise is a draw by exp(score); so are those after it, without replacement.
        drawn = np.argsort(-(pool.scores + self.rng.gumbel(size=len(order))), kind="stable")
        picked = dict.fromkeys([*order[:BEST].tolist(), *drawn[:DRAWN].tolist(), len(order) - 1])
        return np.array(list(picked), dtype=np.int64)

    def _climb(self, rows: Floats, values: Floats, scale: Floats, found: Pool) -> None:
        """Move every start to the best neighbour found from it; steps shrink where none was better."""
        order = found.order()
        owners, at = np.unique(found.owners[order], return_index=True)
        best = np.full(len(rows), -1, dtype=np.int64)
        best[owners] = order[at]
        better = best >= 0
        better[better] = found.scores[best[better]] > values[better]
        rows[better], values[better] = found.rows[best[better]], found.scores[best[better]]
        scale[~better] *= SHRINK
