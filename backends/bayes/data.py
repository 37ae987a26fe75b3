"""`Data`: what was told, as arrays: embedded points, values and latent rows; failed trials apart."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.base import Observation
from hpdsl.backends.bayes.embedding import Embedding
from hpdsl.backends.ranking import excess
from hpdsl.configs import Config
from hpdsl.space import Space

Floats = NDArray[np.float64]


class Data:
    """Grows by one trial at a time. `shadow(number, d)` gives the codes of what is inactive in a latent row."""

    def __init__(self, space: Space, activity: float, shadow: Callable[[int, int], Floats]) -> None:
        self.space = space
        self.values: list[float] = []
        self.objectives: list[tuple[float, ...]] = []
        self.violations: list[tuple[float, ...]] = []
        self.bad: list[Config] = []
        self._activity = activity
        self._shadow = shadow
        self._good: list[Config] = []
        self._latent: list[Floats] = []
        self._points: list[Floats] = []
        self._bad_points: list[Floats] = []

    @property
    def n_good(self) -> int:
        """Trials with a value."""
        return len(self.values)

    @cached_property
    def embedding(self) -> Embedding:
        """The embedding of the space."""
        return Embedding(self.space, self._activity)

    def append(self, observation: Observation) -> None:
        """Take in one told trial."""
        # What can't be judged can't be best: to look for more of it would lead nowhere.
        if observation.failed or any(math.isnan(v) for v in observation.violations):
            self.bad.append(observation.config)
            return
        self._good.append(observation.config)
        self.values.append(observation.value)
        self.objectives.append(observation.values)
        self.violations.append(observation.violations)

    def with_values(self, values: Floats) -> Data:
        """The same trials with other values; what is computed of them is shared."""
        other = copy.copy(self)
        other.values = values.tolist()
        return other

    @property
    def feasible(self) -> NDArray[np.bool_]:
        """Which of the trials with a value keep every bound."""
        return np.array([all(c <= 0.0 for c in v) for v in self.violations], dtype=np.bool_)

    def config(self, number: int) -> Config:
        """The configuration of the trial with value `number`."""
        return self._good[number]

    def embedded(self, configs: list[Config]) -> Floats:
        """Embedded points of dicts."""
        return self.embedding.of_features(self.space.features(configs))

    def points(self, n: int) -> Floats:
        """Embedded points of the first n trials with a value."""
        have = len(self._points)
        if have < n:
            self._points.extend(self.embedded(self._good[have:n]))
        return np.array(self._points[:n])

    def bad_points(self) -> Floats:
        """Embedded points of the failed trials."""
        have = len(self._bad_points)
        if have < len(self.bad):
            self._bad_points.extend(self.embedded(self.bad[have:]))
        return np.array(self._bad_points).reshape(len(self.bad), len(self.embedding.owner))

    def by_value(self) -> Floats:
        """Latent rows of the trials with a value, the best first; what breaks bounds least before what is better."""
        have = len(self._latent)
        if have < self.n_good:
            for number, u in enumerate(self.space.encode(self._good[have:]), start=have):
                self._latent.append(np.where(np.isnan(u), self._shadow(number, len(u)), u))
        order = np.lexsort((np.array(self.values), excess(np.array(self.violations).reshape(self.n_good, -1))))
        return np.array([self._latent[k] for k in order])
