"""`Bayes`: the loop of Bayesian optimisation, from data to the next configuration."""

from __future__ import annotations

import math
from collections.abc import Hashable
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.base import Backend, Observation, identity
from hpdsl.backends.bayes import design
from hpdsl.configs import Config, Configs
from hpdsl.errors import SpaceExhausted, UsageError
from hpdsl.space import Space

Floats = NDArray[np.float64]

# Purposes of random streams.
_SHADOW, _SEARCH, _FANTASY = 1, 2, 3


class Bayes(Backend):
    """A Gaussian process on mixed, conditional spaces, and an acquisition function maximised on its posterior.

    Options: `acquisition` (logei, ei, pi, lcb), `kappa` (of lcb), `n_start` (trials before the first model).
    """

    name: ClassVar[str] = "bayes"
    OPTIONS: ClassVar[dict[str, Any]] = {"acquisition": "logei", "kappa": 2.0, "n_start": None}

    def __init__(self, space: Space, *, seed: int = 0, **options: Any) -> None:
        super().__init__(space, seed=seed, **options)
        known = ("logei", "ei", "pi", "lcb")
        if self.options["acquisition"] not in known:
            raise UsageError(f"acquisition must be one of {', '.join(known)}, not {self.options['acquisition']!r}")
        kappa, n_start = self.options["kappa"], self.options["n_start"]
        if isinstance(kappa, bool) or not isinstance(kappa, (int, float)) or not 0 <= kappa < math.inf:
            raise UsageError(f"kappa must be a number, 0 or more, not {kappa!r}")
        if n_start is not None and (isinstance(n_start, bool) or not isinstance(n_start, int) or n_start < 1):
            raise UsageError(f"n_start must be a positive integer, not {n_start!r}")
        self._thetas: dict[int, Floats] = {}
        self._rows = _Rows(self)

    # ---- the next configuration ------------------------------------------------------------------

    def _propose(self, index: int) -> Config:
        seen = self.seen()
        if len(seen) >= self.space.size:
            raise SpaceExhausted(f"all {self.space.size} configurations of this space have been proposed")
        if index < self.n_start or self._rows.n_good < 2:
            config = design.propose(self.space, self.seed, index, seen)
            return config if config is not None else self._fresh(index, seen)
        return self._by_model(index, seen)

    @cached_property
    def n_start(self) -> int:
        """Trials before the first model."""
        given = self.options["n_start"]
        return int(given) if given is not None else design.size(self.space, self._d_active)

    @cached_property
    def _d_active(self) -> float:
        if not self.space.conditional:
            return float(len(self.space.names))
        u = self.space.encode(self.space.sample(256, seed=0))
        return float((~np.isnan(u)).mean(axis=0).sum())

    def _fresh(self, index: int, seen: set[Hashable]) -> Config:
        """A new configuration from the prior."""
        for start in range(0, 100_000, 256):
            for config in self.space.sample(256, seed=self.seed ^ 0xF5E54, start=index * 256 + start):
                if identity(config) not in seen:
                    return config
        if math.isfinite(self.space.size):
            return next(c for c in self.space.grid(levels=100_000) if identity(c) not in seen)
        raise SpaceExhausted("no configuration was found that has not been proposed")

    def _by_model(self, index: int, seen: set[Hashable]) -> Config:
        # SciPy and the model load only now: the first trials of a study don't wait for them.
        from hpdsl.backends.bayes.model import Model
        from hpdsl.backends.bayes.search import Search

        model = Model(self._rows, self._theta(), self.generator(_FANTASY, index), self.pending, self.options)
        search = Search(self.space, model.score, self.generator(_SEARCH, index), self._rows.by_value())
        pool = search.run(self.seed, index)
        for k in pool.order():
            config = pool.configs[int(k)]
            if identity(config) not in seen:
                return config
        return self._fresh(index, seen)

    # ---- hyperparameters -------------------------------------------------------------------------

    def _theta(self) -> Floats:
        """MAP hyperparameters: a chain of fits at fixed numbers of observations, each started from the last.

        The chain depends on the order of tells only, never on when somebody asked, so that a resumed study
        computes the same one.
        """
        from hpdsl.backends.bayes.model import refit

        theta = None
        for n in checkpoints(self._rows.n_good):
            if n not in self._thetas:
                self._thetas[n] = refit(self._rows, n, theta)
            theta = self._thetas[n]
        assert theta is not None
        return theta

    def _observe(self, observation: Observation) -> None:
        self._rows.append(observation)


def checkpoints(n: int) -> list[int]:
    """The numbers of observations, up to n, at which hyperparameters are fitted: each to 60, then every +5 %."""
    found, at = [], 2
    while at <= n:
        found.append(at)
        at += max(1, at // 20 if at >= 60 else 1)
    return found


class _Rows:
    """What was told, as arrays: latent rows, embedded points, values; failed trials apart."""

    def __init__(self, backend: Bayes) -> None:
        self.backend = backend
        self.space = backend.space
        self.good: list[Config] = []
        self.values: list[float] = []
        self.bad: list[Config] = []
        self._latent: list[Floats] = []

    @property
    def n_good(self) -> int:
        """Trials with a value."""
        return len(self.values)

    @cached_property
    def embedding(self) -> Any:
        """The embedding of the space."""
        from hpdsl.backends.bayes.embedding import Embedding

        return Embedding(self.space)

    @cached_property
    def priors(self) -> Any:
        """The priors of the hyperparameters."""
        from hpdsl.backends.bayes.surrogate import Priors

        return Priors(self.embedding.mean_active())

    def append(self, observation: Observation) -> None:
        """Take in one told trial."""
        if observation.failed:
            self.bad.append(observation.config)
            return
        number = len(self.values)
        self.good.append(observation.config)
        self.values.append(observation.value)
        u = self.space.encode(observation.config)[0]
        shadow = self.backend.uniforms(_SHADOW, number, (len(u),))
        self._latent.append(np.where(np.isnan(u), shadow, u))

    def embedded(self, configs: list[Config]) -> Floats:
        """Embedded points of dicts."""
        points: Floats = self.embedding.of_features(self.space.features(configs))
        return points

    @cached_property
    def _points(self) -> list[Floats]:
        return []

    def points(self, n: int) -> Floats:
        """Embedded points of the first n trials with a value."""
        have = len(self._points)
        if have < n:
            self._points.extend(self.embedded(self.good[have:n]))
        return np.array(self._points[:n])

    def by_value(self) -> Floats:
        """Latent rows, the best first."""
        order = np.argsort(self.values, kind="stable")
        return np.array([self._latent[k] for k in order])

    def configs(self, configs: Configs) -> Floats:
        """Embedded points of a batch."""
        points: Floats = self.embedding.of_configs(configs)
        return points
