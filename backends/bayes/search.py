"""Maximising the acquisition: candidates from all over the space and near the best, then local search.

Every candidate is decoded by the space itself, so that it is in its support and satisfies its requirements.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes import sobol
from hpdsl.backends.bayes.ascent import ascend
from hpdsl.backends.bayes.hypervolume import HypervolumeModel
from hpdsl.backends.bayes.model import Model
from hpdsl.backends.bayes.moves import Moves
from hpdsl.backends.prior import up_to
from hpdsl.configs import Configs
from hpdsl.space import Space

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Candidates: from all over the space, near the best observed, and the best observed themselves.
BROAD, LOCAL, INCUMBENTS = 384, 256, 10
# Where requirements leave fewer candidates than this, so many rows of the prior join them, if found in time.
SCARCE, SAMPLED, ATTEMPTS = 64, 64, 20_000
# Starts of the local search: the best candidates, and some drawn by their scores. The incumbent joins them.
BEST, DRAWN = 3, 3
# Rounds of local search: an ascent, then Gaussian steps from every start together with exchanges.
ROUNDS, STEPS = 3, 28
# A lengthscale says how far to go; a flat direction says nothing.
LONGEST_STEP = 0.5
# Secant steps from scale codes back to u codes; when they are close enough, and what is no progress any more.
SECANTS, CLOSE, STUCK = 12, 1e-7, 0.9
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
    """One maximisation over a space. `observed` are latent rows of told configurations, the best first.

    `avoided` is a branch, by which parameters are active there, that no candidate may lie in.
    """

    def __init__(
        self,
        space: Space,
        model: Model | HypervolumeModel,
        rng: np.random.Generator,
        observed: Floats,
        avoided: NDArray[np.bool_] | None = None,
    ) -> None:
        self.space = space
        self.model = model
        self.score = model.score
        self.rng = rng
        self.observed = observed
        self.moves = Moves(space, rng, observed)
        self.avoided = avoided

    def run(self, seed: int, index: int) -> Pool:
        """Candidates, screened and improved; the pool holds everything that was scored and feasible."""
        pool = self._screened(seed, index)
        pools = [pool]
        if len(pool.rows):
            starts = self._starts(pool)
            rows, values = pool.rows[starts], pool.scores[starts]
            scale = np.full(len(rows), SCALE)
            # Only where a start has moved since is there anything new around it.
            moved = np.arange(len(rows))
            for _ in range(ROUNDS):
                pools.append(self._ascended(rows[moved], moved))
                self._climb(rows, values, scale, pools[-1])
                before = values.copy()
                near, owners = self.moves.steps(rows, scale, STEPS)
                flipped, flippers = self.moves.exchanges(rows[moved])
                pools.append(self._scored(np.vstack([near, flipped]), np.concatenate([owners, moved[flippers]])))
                self._climb(rows, values, scale, pools[-1])
                moved = np.flatnonzero(values > before)
                if not len(moved):
                    break
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
        if self.model.belief is not None:
            # Where the priors are wrong nothing of theirs comes near.
            broad[::2] = self.model.belief[0].flattened(broad[::2])
        rows = np.vstack([broad, self.moves.mutations(LOCAL), self.observed[:INCUMBENTS][::-1]])
        pool = self._scored(rows)
        if len(pool.rows) >= SCARCE:
            return pool
        start = ROWS + index * SAMPLED
        drawn = list(up_to(self.space, SAMPLED, seed=seed, start=start, max_attempts=ATTEMPTS))
        if not drawn:
            return pool
        u = np.vstack([self.space.encode(configs) for configs in drawn])
        return self._scored(np.vstack([np.where(np.isnan(u), self.rng.random(u.shape), u), rows]))

    def _scored(self, rows: Floats, owners: Ints | None = None) -> Pool:
        """The feasible ones among latent rows, outside of what is avoided, scored."""
        rows = self.moves.clipped(rows)
        owners = np.zeros(len(rows), dtype=np.int64) if owners is None else owners
        configs = self.space.decode(rows)
        allowed = self.space.satisfies(configs)
        if self.avoided is not None:
            allowed &= (np.isnan(self.space.encode(configs)) == self.avoided).any(axis=1)
        if not allowed.all():
            keep = np.flatnonzero(allowed)
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

    def _ascended(self, rows: Floats, owners: Ints) -> Pool:
        """Where an ascent over the continuous parameters leads from latent rows; `owners` says whose they are."""
        embedding = self.model.embedding
        columns = embedding.columns
        if not len(columns):
            return self._scored(rows[:0])
        rows = self.moves.clipped(rows)
        z = embedding.codes(self.space.decode(rows))
        E = embedding.of_features(z)
        active = ~np.isnan(z[:, embedding.features[columns]])

        def objective(x: Floats, which: Ints) -> tuple[Floats, Floats]:
            points = E[which]
            points[:, columns] = x
            score, slope = self.model.score_and_slope(points)
            return score, slope[:, columns]

        scale = np.minimum(self.model.lengthscales[columns], LONGEST_STEP)
        target = ascend(self.model.hill(E) or objective, E[:, columns], active, scale)
        here = z[:, embedding.features[columns]]
        return self._scored(self._retraced(rows, here, np.where(active, target, np.nan)), owners)

    def _retraced(self, rows: Floats, z: Floats, target: Floats) -> Floats:
        """Latent rows whose scale codes, now z, are the targets, by secants: every code rises with its u."""
        embedding = self.model.embedding
        low, high = self.moves.low[embedding.parameters], self.moves.high[embedding.parameters]
        where, columns = embedding.parameters, embedding.features[embedding.columns]

        def codes(u: Floats) -> Floats:
            full = rows.copy()
            full[:, where] = u
            return embedding.codes(self.space.decode(full))[:, columns]

        u = rows[:, where]
        # The first steps go as far as they would with all others at their medians.
        rate = np.ones_like(u)
        gap = _open(target, z)
        there = np.where(np.isnan(target) | np.isnan(z), z, target)
        for k, (known_z, known_u) in enumerate(embedding.quantiles):
            if len(known_z):
                run = np.interp(there[:, k], known_z, known_u) - np.interp(z[:, k], known_z, known_u)
                rate[:, k] = np.where(np.abs(gap[:, k]) > CLOSE, run / np.where(gap[:, k] == 0.0, 1.0, gap[:, k]), 1.0)
        last = np.full_like(u, np.inf)
        for _ in range(SECANTS):
            # Numbers with gaps between them never fit; bounds that depend on others move as these do.
            if not ((np.abs(gap) > CLOSE) & (np.abs(gap) < STUCK * last)).any():
                break
            last = np.abs(gap)
            moved = np.clip(u + np.clip(gap * rate, -0.5, 0.5), low, high)
            there = codes(moved)
            run, rise = moved - u, np.nan_to_num(there - z, nan=0.0)
            known = np.abs(rise) > 1e-3 * np.abs(run)
            rate = np.where(known, run / np.where(known, rise, 1.0), rate)
            u, z = moved, there
            gap = _open(target, z)
        # Secants come close to an end only; the ends of a range are where many optima are.
        u = np.where(target <= 0.0, low, np.where(target >= 1.0, high, u))
        full = rows.copy()
        full[:, where] = u
        return full

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


def _open(target: Floats, z: Floats) -> Floats:
    """What scale codes lack to their targets; nothing where that is unknown, or an end, which needs no search."""
    gap = np.nan_to_num(target - z, nan=0.0)
    return np.where((target <= 0.0) | (target >= 1.0), 0.0, gap)
