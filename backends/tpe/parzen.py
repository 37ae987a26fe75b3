"""`Parzen`: told configurations split into good and other, a density of each, and candidates weighed by both."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.design import probes
from hpdsl.backends.outcomes import Observation, configs_of
from hpdsl.backends.prior import up_to
from hpdsl.backends.ranking import ranking
from hpdsl.backends.rows import Rows
from hpdsl.backends.tpe.mixture import Dimension, Layout, Mixture
from hpdsl.configs import Config, Configs
from hpdsl.space import Space

Floats = NDArray[np.float64]

# At most so many configurations count as good (Watanabe 2023).
MOST_GOOD = 25
# Candidates are drawn again where requirements refuse most of them, and taken from the prior where all are.
DRAWS, SAMPLED, ATTEMPTS = 4, 64, 20_000
# Uniforms stay clear of the ends, where unbounded priors have no value.
EDGE = 1e-9
# Rows of the seed's sample used here lie far from those proposed as they are.
ROWS = 2**49


class Parzen:
    """Grows by one trial at a time; `gamma`, `candidates` and `blur` are the options of `TPE`."""

    def __init__(
        self,
        space: Space,
        seed: int,
        gamma: float = 0.15,
        candidates: int | None = None,
        blur: float | None = None,
    ) -> None:
        self.space = space
        self.seed = seed
        self.gamma = gamma
        d = len(space.code_names)
        # More candidates exploit more (Watanabe 2023).
        self.candidates = round(24 * max(1.0, math.sqrt(d / 5.0))) if candidates is None else candidates
        self.blur = blur
        self._rows = Rows(d)
        self._values: list[tuple[float, ...]] = []
        self._violations: list[tuple[float, ...]] = []

    @property
    def rows(self) -> Floats:
        """The u codes of every told configuration, NaN where inactive."""
        return self._rows.first(len(self._values))

    @property
    def n_good(self) -> int:
        """How many trials have a value."""
        return sum(not any(map(math.isnan, v)) for v in self._values)

    def append(self, observation: Observation) -> None:
        """Take in one told trial."""
        self._rows.extend(self.space.encode(configs_of(self.space, [observation])))
        self._values.append(observation.values)
        self._violations.append(observation.violations)

    def propose(
        self, index: int, rng: np.random.Generator, pending: list[Config], is_new: Callable[[Config], bool]
    ) -> Config | None:
        """The new candidate that looks most like the good and least like the others; None where none is new."""
        good, other = self.split(pending)
        for draw in range(DRAWS):
            latent = np.clip(good.draw(self.candidates, rng), EDGE, 1.0 - EDGE)
            configs = self.space.decode(latent)
            keep = np.flatnonzero(self.space.satisfies(configs))
            if not len(keep) and draw == DRAWS - 1:
                start = ROWS + index * SAMPLED
                drawn = list(up_to(self.space, SAMPLED, seed=self.seed, start=start, max_attempts=ATTEMPTS))
                if not drawn:
                    return None
                configs = Configs(self.space.compilation.model, np.hstack([c.matrix for c in drawn]))
                keep = np.arange(len(configs))
            if not len(keep):
                continue
            u = self.space.encode(configs)[keep]
            spread = self.layout.spread(u)
            gain = good.log_density(u, spread) - other.log_density(u, spread)
            order = np.argsort(-gain, kind="stable")
            for k in keep[order]:
                config = configs[int(k)]
                if is_new(config):
                    return config
        return None

    def split(self, pending: list[Config]) -> tuple[Mixture, Mixture]:
        """The mixtures of good configurations, and of the others with failed and pending ones."""
        n_good = min(max(math.ceil(self.gamma * self.n_good), 1), MOST_GOOD)
        order = ranking(np.array(self._values), np.array(self._violations))
        good, other = order[:n_good], order[n_good:]
        # A pending configuration is not to be proposed again: it counts as bad until it is known.
        waiting = self.space.encode(pending) if pending else self.rows[:0]
        spread = self._up_to_date()
        return self._mixture(self.rows[good], spread[good]), self._mixture(
            np.vstack([self.rows[other], waiting]), np.vstack([spread[other], self.layout.spread(waiting)])
        )

    def _up_to_date(self) -> Floats:
        """Every told configuration as `Layout.spread` gives it."""
        self._spread.extend(self.layout.spread(self.rows[len(self._spread) :]))
        return self._spread.first(len(self.rows))

    @cached_property
    def _spread(self) -> Rows:
        return Rows(len(self.layout.block))

    def _mixture(self, rows: Floats, spread: Floats) -> Mixture:
        n, d = len(rows), self._mean_active
        # Scott's rule for d dimensions, relative to a uniform's spread; floor by Watanabe 2023.
        width = max(0.2 * max(n, 1) ** (-1.0 / (d + 4.0)), 0.03)
        # Few kernels say little about values they have not seen.
        share = 1.0 / (1.0 + n) ** 0.5 if self.blur is None else self.blur
        return Mixture(self.layout, rows, spread, np.ones(n + 1), width, share)

    @cached_property
    def layout(self) -> Layout:
        """The dimensions, laid out for mixtures."""
        return Layout(self.dimensions)

    @cached_property
    def dimensions(self) -> list[Dimension]:
        """Every parameter's cells."""
        numeric = {g.parameter for g in self.space.feature_groups if g.kind == "numeric"}
        found = []
        for j in range(len(self.space.code_names)):
            edges = self.space.edges(j)
            found.append(Dimension(edges, edges is None or j in numeric))
        return found

    @cached_property
    def _mean_active(self) -> float:
        """How many parameters are active on average."""
        if not self.space.conditional:
            return float(len(self.space.code_names))
        return float((~np.isnan(self.space.encode(probes(self.space)))).sum(axis=1).mean())
