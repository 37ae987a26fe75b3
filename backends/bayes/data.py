"""`Data`: what was told, as arrays: embedded points, values and latent rows; failed trials apart."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.embedding import Embedding
from hpdsl.backends.bayes.transform import targets
from hpdsl.backends.outcomes import Observation, configs_of
from hpdsl.backends.ranking import excess
from hpdsl.backends.rows import Rows
from hpdsl.configs import Config, Configs
from hpdsl.space import Space

Floats = NDArray[np.float64]


def judged(observation: Observation) -> bool:
    """Whether a trial has a value and is known to keep its bounds or not.

    What can't be judged can't be best: to look for more of it would lead nowhere.
    """
    return not (observation.failed or any(math.isnan(v) for v in observation.violations))


class Data:
    """Grows by one trial at a time. `shadow(number, d)` gives the codes of what is inactive in a latent row."""

    def __init__(self, space: Space, activity: float, shadow: Callable[[int, int], Floats]) -> None:
        self.space = space
        self.values: list[float] = []
        self.objectives: list[tuple[float, ...]] = []
        self.violations: list[tuple[float, ...]] = []
        self.bad: list[Observation] = []
        self._activity = activity
        self._shadow = shadow
        self._good: list[Observation] = []
        self._latent = Rows(len(space.code_names))
        self._targets: tuple[int, Floats] = (0, np.empty(0))
        self._waiting: list[tuple[Config, Floats]] = []

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
        if not judged(observation):
            self.bad.append(observation)
            return
        self._good.append(observation)
        self.values.append(observation.value)
        self.objectives.append(observation.values)
        self.violations.append(observation.violations)

    def with_values(self, values: Floats) -> Data:
        """The same trials with other values; what is computed of them is shared, later trials are not its own."""
        # Copies share what is there before they are made.
        _ = self.embedding, self._points, self._bad_points, self._pairs
        other = copy.copy(self)
        other.values, other._targets = values.tolist(), (0, np.empty(0))
        return other

    def targets(self, n: int) -> Floats:
        """What the process models of the first n values; not to be written to."""
        if self._targets[0] != n:
            self._targets = n, targets(self.values[:n])
        return self._targets[1]

    @property
    def feasible(self) -> NDArray[np.bool_]:
        """Which of the trials with a value keep every bound."""
        return np.array([all(c <= 0.0 for c in v) for v in self.violations[: self.n_good]], dtype=np.bool_)

    def config(self, number: int) -> Config:
        """The configuration of the trial with value `number`."""
        return self._good[number].config

    def embedded(self, configs: Configs | list[Config]) -> Floats:
        """Embedded points of configurations."""
        return self.embedding.of_configs(configs)

    def waiting(self, pending: list[Config]) -> Floats:
        """Embedded points of pending configurations; those that were pending before are known."""
        known = {id(config): row for config, row in self._waiting}
        new = [config for config in pending if id(config) not in known]
        if new:
            known |= zip(map(id, new), self.embedded(new), strict=True)
        # One list, which copies of these data share; it keeps the configurations, so that their ids stay theirs.
        self._waiting[:] = [(config, known[id(config)]) for config in pending]
        return np.array([row for _, row in self._waiting]).reshape(len(pending), len(self.embedding.owner))

    def points(self, n: int) -> Floats:
        """Embedded points of the first n trials with a value: a view."""
        return self._up_to(self._points, self._good[:n])

    def bad_points(self) -> Floats:
        """Embedded points of the failed trials: a view."""
        return self._up_to(self._bad_points, self.bad)

    def pairs(self, n: int) -> Floats:
        """For every pair of the first n trials the squared distance in each group of columns, shape (groups, pairs)."""
        from hpdsl.backends.bayes.arrays import loops  # not before the start design is over

        have, wanted = self._pairs[0].shape[1], n * (n - 1) // 2
        if have < wanted:
            P = np.empty((self.embedding.n_groups, wanted))
            P[:, :have] = self._pairs[0]
            loops().pair_distances(self.points(n), self.embedding.starts, (1 + math.isqrt(1 + 8 * have)) // 2, P)
            self._pairs[0] = P
        return np.ascontiguousarray(self._pairs[0][:, :wanted])

    def by_value(self) -> Floats:
        """Latent rows of the trials with a value, the best first; what breaks bounds least before what is better."""
        have = len(self._latent)
        if have < self.n_good:
            u = self.space.encode(configs_of(self.space, self._good[have : self.n_good]))
            shadows = np.array([self._shadow(number, u.shape[1]) for number in range(have, self.n_good)])
            self._latent.extend(np.where(np.isnan(u), shadows, u))
        broken = np.array(self.violations[: self.n_good]).reshape(self.n_good, -1)
        order = np.lexsort((np.array(self.values), excess(broken)))
        return self._latent.first(self.n_good)[order]

    @cached_property
    def _points(self) -> Rows:
        return Rows(len(self.embedding.owner))

    @cached_property
    def _bad_points(self) -> Rows:
        return Rows(len(self.embedding.owner))

    @cached_property
    def _pairs(self) -> list[Floats]:
        """One matrix, in a list that copies of these data share."""
        return [np.empty((self.embedding.n_groups, 0))]

    def _up_to(self, rows: Rows, observations: list[Observation]) -> Floats:
        have = len(rows)
        if have < len(observations):
            rows.extend(self.embedded(configs_of(self.space, observations[have:])))
        return rows.first(len(observations))
