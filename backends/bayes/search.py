"""Maximising the acquisition: candidates from the graph, then local search among latent rows.

A latent row holds a u code for every parameter, active or not: what an inactive one holds (its shadow) comes to
life when its parent flips. Every candidate is decoded by the space itself, so that it is in its support and
satisfies its requirements.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes import sobol
from hpdsl.configs import Configs
from hpdsl.space import Space

Floats = NDArray[np.float64]
Score = Callable[[Configs], Floats]

# Uniforms stay clear of the ends, where unbounded priors have no value.
EDGE = 1e-9


@dataclass
class Pool:
    """Scored candidates: latent rows, their configurations, acquisition values and the start each came from."""

    rows: Floats
    configs: Configs
    scores: Floats
    owners: NDArray[np.int64]

    def order(self) -> NDArray[np.int64]:
        """Indices from the best down; ties by position."""
        return np.argsort(-self.scores, kind="stable")


class Search:
    """One maximisation over a space. `observed` are latent rows of told configurations, the best first."""

    def __init__(self, space: Space, score: Score, rng: np.random.Generator, observed: Floats) -> None:
        self.space = space
        self.score = score
        self.rng = rng
        self.observed = observed
        self.d = len(space.names)
        self.cells = [space.cells(j) for j in range(self.d)]
        self.listed = np.array([c is not None and len(c) <= 50 for c in self.cells])
        kinds = [g.kind for g in space.feature_groups]
        self.unordered = np.array([k != "numeric" for k in kinds]) & self.listed

    def run(self, seed: int, index: int, n_broad: int = 384, n_local: int = 256, rounds: int = 7) -> Pool:
        """Candidates, screened and improved; the pool holds everything that was scored and feasible."""
        broad = sobol.points(seed ^ 0x5EED, index * n_broad, n_broad, self.d)
        pool = self._scored(np.vstack([broad, self._mutations(n_local), self.observed[:10]]))
        starts = pool.order()[:5]
        rows, values = pool.rows[starts], pool.scores[starts]
        pools = [pool]
        scale = np.full(len(rows), 0.1)
        for r in range(rounds):
            found = self._scored(*self._neighbours(rows, scale, exchange=r in (0, 2, 4)))
            pools.append(found)
            rows, values, scale = self._climb(rows, values, scale, found)
        return Pool(
            np.vstack([p.rows for p in pools]),
            Configs(self.space.compilation.model, np.hstack([p.configs.matrix for p in pools])),
            np.concatenate([p.scores for p in pools]),
            np.concatenate([p.owners for p in pools]),
        )

    # ---- parts -----------------------------------------------------------------------------------

    def _scored(self, rows: Floats, owners: NDArray[np.int64] | None = None) -> Pool:
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

    def _mutations(self, n: int) -> Floats:
        """Copies of the best observed rows with some coordinates moved a little or a lot."""
        if not len(self.observed):
            return np.empty((0, self.d))
        top = min(5, len(self.observed))
        weights = np.array([0.4, 0.2, 0.15, 0.15, 0.1])[:top]
        rows = self.observed[self.rng.choice(top, size=n, p=weights / weights.sum())]
        rate = np.maximum(self.rng.choice([0.15, 0.4, 1.0], size=n), 1.5 / self.d)[:, None]
        hit = self.rng.random((n, self.d)) < rate
        sigma = self.rng.choice([0.02, 0.08, 0.25], size=n)[:, None]
        moved = _reflect(rows + sigma * self.rng.standard_normal((n, self.d)))
        fresh = self.rng.random((n, self.d))
        redraw = self.unordered & (self.rng.random((n, self.d)) < 0.5)
        stay = self.unordered & ~redraw
        return np.where(hit & ~stay, np.where(redraw, fresh, moved), rows)

    def _neighbours(
        self, rows: Floats, scale: Floats, *, exchange: bool, n: int = 40
    ) -> tuple[Floats, NDArray[np.int64]]:
        """Gaussian steps around every row, of all or of one coordinate; listed values exchanged one by one."""
        out = []
        for row, sigma in zip(rows, scale, strict=True):
            steps = sigma * self.rng.standard_normal((n, self.d))
            single = self.rng.random(n) < 0.5
            only = self.rng.integers(self.d, size=n)
            steps[single] *= np.arange(self.d)[None, :] == only[single, None]
            steps[:, self.unordered] = 0.0
            out.append(_reflect(row + steps))
            if exchange:
                out.append(self._exchanges(row))
        owners = np.repeat(np.arange(len(rows)).repeat(2 if exchange else 1), [len(part) for part in out])
        return np.vstack(out), owners

    def _exchanges(self, row: Floats) -> Floats:
        """Every other value of each listed parameter; a flip that brings new children gets three completions."""
        out = []
        for j, cells in enumerate(self.cells):
            if cells is None or not self.listed[j]:
                continue
            here = int(np.abs(cells - row[j]).argmin())
            others = [k for k in range(len(cells)) if k != here]
            if not self.unordered[j] and len(others) > 16:
                others = [k for k in (here - 2, here - 1, here + 1, here + 2) if 0 <= k < len(cells)]
            if len(others) > 24:
                others = sorted(self.rng.choice(others, size=24, replace=False).tolist())
            flipped = np.repeat(row[None, :], len(others), axis=0)
            flipped[:, j] = cells[others]
            out.append(flipped)
            if self.space.conditional and self.unordered[j]:
                out.extend(self._completed(row, flipped))
        return np.vstack(out) if out else np.empty((0, self.d))

    def _completed(self, row: Floats, flipped: Floats) -> list[Floats]:
        """Flips whose newly active parameters take the best observed values, or fresh ones, not the shadows."""
        before = ~np.isnan(self.space.encode(self.space.decode(row[None, :])))[0]
        after = ~np.isnan(self.space.encode(self.space.decode(np.clip(flipped, EDGE, 1.0 - EDGE))))
        new = after & ~before
        if not new.any():
            return []
        fresh = np.where(new, self.rng.random(flipped.shape), flipped)
        known = flipped.copy()
        if len(self.observed):
            alive = ~np.isnan(self.space.encode(self.space.decode(np.clip(self.observed, EDGE, 1.0 - EDGE))))
            for k in range(len(flipped)):
                for j in np.flatnonzero(new[k]):
                    best = np.flatnonzero(alive[:, j])
                    if len(best):
                        known[k, j] = self.observed[best[0], j]
        return [known, fresh]

    def _climb(self, rows: Floats, values: Floats, scale: Floats, found: Pool) -> tuple[Floats, Floats, Floats]:
        """Move every start to the best neighbour near it; steps shrink where none was better."""
        rows, values, scale = rows.copy(), values.copy(), scale.copy()
        order = found.order()
        if not len(order):
            return rows, values, scale * 0.5
        for k in range(len(rows)):
            mine = order[found.owners[order] == k]
            if len(mine) and found.scores[mine[0]] > values[k]:
                rows[k], values[k] = found.rows[mine[0]], found.scores[mine[0]]
            else:
                scale[k] *= 0.4
        return rows, values, scale


def _reflect(u: Floats) -> Floats:
    """Uniforms folded back into the unit interval."""
    u = np.abs(u) % 2.0
    return np.asarray(np.where(u > 1.0, 2.0 - u, u))
