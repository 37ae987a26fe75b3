"""`TPE`: what told configurations that were good have in common, against the others (Bergstra et al. 2011)."""

from __future__ import annotations

import math
import numbers
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.base import Backend, Observation, number_of
from hpdsl.backends.bayes.design import Design, recommended_size
from hpdsl.backends.tpe.mixture import Dimension, Mixture
from hpdsl.configs import Config
from hpdsl.errors import SamplingError, UsageError
from hpdsl.space import Space

Floats = NDArray[np.float64]

# Purposes of random streams.
_DRAW = 11
# At most so many configurations count as good (Watanabe 2023).
MOST_GOOD = 25
# Candidates are drawn again where requirements refuse most of them, and taken from the prior where all are.
DRAWS, SAMPLED, ATTEMPTS = 4, 64, 20_000
# Uniforms stay clear of the ends, where unbounded priors have no value.
EDGE = 1e-9
# Rows of the seed's sample used here lie far from those proposed as they are.
ROWS = 2**49


class TPE(Backend):
    """Proposes where the density of good configurations is largest against that of the others.

    Options: `candidates` drawn for each proposal; `gamma`, the share of configurations that count as good;
    `n_start`, trials before the first model (None: by the number of parameters); `blur`, how much of an unordered
    parameter's kernel is the prior's.
    """

    name: ClassVar[str] = "tpe"
    OPTIONS: ClassVar[dict[str, Any]] = {"candidates": None, "gamma": 0.15, "n_start": None, "blur": None}

    def __init__(self, space: Space, *, seed: int = 0, **options: Any) -> None:
        super().__init__(space, seed=seed, **options)
        _check(self.options)
        self._rows = np.empty((64, len(space.code_names)))
        self._values: list[float] = []

    # ---- the next configuration ------------------------------------------------------------------

    def _propose(self, index: int) -> Config:
        if index < self.design.size or sum(not math.isnan(v) for v in self._values) < 2:
            return self._by_design(index)
        return self.by_model(index)

    def _by_design(self, index: int) -> Config:
        taken = np.vstack([self.rows, self._waiting()]) if self.design.roots else self.rows[:0]
        config = self.design.propose(index, taken, self.is_new)
        return config if config is not None else self.fresh(index)

    def by_model(self, index: int) -> Config:
        """The candidate that looks most like the good and least like the others."""
        rng = self.generator(_DRAW, index)
        good, other = self.split()
        for draw in range(DRAWS):
            latent = np.clip(good.draw(self.candidates, rng), EDGE, 1.0 - EDGE)
            configs = self.space.decode(latent)
            keep = np.flatnonzero(self.space.satisfies(configs))
            if not len(keep) and draw == DRAWS - 1:
                try:
                    start = ROWS + index * SAMPLED
                    configs = self.space.sample(SAMPLED, seed=self.seed, start=start, max_attempts=ATTEMPTS)
                except SamplingError:
                    break
                keep = np.arange(SAMPLED)
            if not len(keep):
                continue
            u = self.space.encode(configs)[keep]
            order = np.argsort(-(good.log_density(u) - other.log_density(u)), kind="stable")
            for k in keep[order]:
                config = configs[int(k)]
                if self.is_new(config):
                    return config
        return self.fresh(index)

    # ---- what it rests on ------------------------------------------------------------------------

    @property
    def rows(self) -> Floats:
        """The u codes of every told configuration, NaN where inactive."""
        return self._rows[: len(self._values)]

    @property
    def candidates(self) -> int:
        """How many candidates compete for a proposal; more of them exploit more (Watanabe 2023)."""
        given = self.options["candidates"]
        return round(24 * max(1.0, math.sqrt(len(self.space.code_names) / 5.0))) if given is None else int(given)

    def split(self) -> tuple[Mixture, Mixture]:
        """The mixtures of good configurations, and of the others with failed and pending ones."""
        values = np.array(self._values)
        n = int((~np.isnan(values)).sum())
        n_good = min(max(math.ceil(float(self.options["gamma"]) * n), 1), MOST_GOOD)
        order = np.argsort(values, kind="stable")  # NaN last
        good, other = self.rows[order[:n_good]], self.rows[order[n_good:]]
        # A pending configuration is not to be proposed again: it counts as bad until it is known.
        return self._mixture(good), self._mixture(np.vstack([other, self._waiting()]))

    def _mixture(self, rows: Floats) -> Mixture:
        n, d = len(rows), self._mean_active
        # Scott's rule for d dimensions, relative to a uniform's spread; floor by Watanabe 2023.
        width = max(0.2 * max(n, 1) ** (-1.0 / (d + 4.0)), 0.03)
        blur = self.options["blur"]
        # Few kernels say little about values they have not seen.
        share = 1.0 / (1.0 + n) ** 0.5 if blur is None else float(blur)
        return Mixture(self.dimensions, rows, np.ones(n + 1), width, share)

    @cached_property
    def dimensions(self) -> list[Dimension]:
        """Every parameter's cells."""
        numeric = {g.parameter for g in self.space.feature_groups if g.kind == "numeric"}
        found = []
        for j in range(len(self.space.code_names)):
            cells = self.space.cells(j)
            if cells is None:
                found.append(Dimension(None, ordered=True))
                continue
            edges = [0.0]
            for middle in cells:
                edges.append(2.0 * float(middle) - edges[-1])
            edges[-1] = 1.0
            found.append(Dimension(np.maximum.accumulate(np.array(edges)), j in numeric))
        return found

    @cached_property
    def design(self) -> Design:
        """The start design."""
        given = self.options["n_start"]
        return Design(self.space, self.seed, recommended_size(self.space) if given is None else int(given))

    @cached_property
    def _mean_active(self) -> float:
        """How many parameters are active on average."""
        if not self.space.conditional:
            return float(len(self.space.code_names))
        from hpdsl.backends.bayes.design import probes

        return float((~np.isnan(self.space.encode(probes(self.space)))).sum(axis=1).mean())

    def _waiting(self) -> Floats:
        return self.space.encode(self.pending) if self.pending else self.rows[:0]

    def _observe(self, observation: Observation) -> None:
        n = len(self._values)
        if n == len(self._rows):
            self._rows = np.vstack([self._rows, np.empty_like(self._rows)])
        self._rows[n] = self.space.encode([observation.config])[0]
        self._values.append(observation.value)


def _check(options: dict[str, Any]) -> None:
    for name in ("candidates", "n_start"):
        n = options[name]
        if n is not None and (isinstance(n, bool) or not isinstance(n, numbers.Integral) or int(n) < 1):
            raise UsageError(f"{name} must be a positive integer, or None for the default, not {n!r}")
    for name, empty in (("gamma", False), ("blur", True)):
        x = options[name]
        number = number_of(x)
        if (x is None and empty) or (number is not None and 0.0 < number <= 1.0):
            continue
        raise UsageError(f"{name} must be a number above 0, at most 1{', or None' if empty else ''}, not {x!r}")
