"""`Surrogate`: the model of a backend, open to questions: what it predicts, and which parameters matter to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes import sobol
from hpdsl.backends.bayes.data import Data
from hpdsl.backends.bayes.fitting import posterior_of
from hpdsl.backends.bayes.moves import EDGE
from hpdsl.backends.bayes.threads import one_thread
from hpdsl.backends.bayes.transform import restore
from hpdsl.backends.outcomes import columns_of
from hpdsl.configs import Configs

Floats = NDArray[np.float64]

# Pairs of configurations behind each importance.
PAIRS = 512


class Surrogate:
    """The posterior given every told trial, in the units of the objective. `sign` is -1 where it is maximised."""

    def __init__(self, data: Data, theta: Floats, sign: float) -> None:
        self._data = data
        # Trials told later belong to another posterior.
        self._values = list(data.values)
        self._sign = sign
        with one_thread():
            self._posterior = posterior_of(data, theta)

    @property
    def noise(self) -> float:
        """The share of noise in the variance of the (transformed) values."""
        return self._posterior.v / (self._posterior.v + self._posterior.s)

    def predict(self, configs: Sequence[Mapping[str, Any]] | Configs) -> tuple[Floats, Floats]:
        """Means and standard deviations (without noise) at configurations, shape (n,) each.

        The model works on transformed values: a mean is taken back, a standard deviation is half of what lies
        between one below the mean and one above; it is 0 only where all told values are equal, which gives them no
        scale. Raises `InvalidConfiguration` for what does not belong to the space. Of `Configs`, which `decode` makes
        whatever is required, those that break a requirement have NaN.
        """
        known = columns_of(self._data.space, configs)
        with one_thread():
            mean, sd = self._posterior.predict(self._data.embedding.of_configs(known))
        mean = np.where(self._data.space.satisfies(known), mean[:, 0], np.nan)
        values = self._values
        low, middle, high = (restore(mean + k * sd, values) for k in (-1.0, 0.0, 1.0))
        return self._sign * middle, 0.5 * high - 0.5 * low

    def importance(self) -> dict[str, float]:
        """For each parameter its total effect: the share of the mean's variance that goes where it is held fixed.

        Over the prior, given the requirements (Jansen 1999; Saltelli et al. 2010). Shares overlap where parameters
        interact, so that they may add up to more than 1. The largest first.
        """
        space = self._data.space
        names = space.code_names
        d = len(names)
        both = np.clip(sobol.points(0, 0, PAIRS, 2 * d), EDGE, 1.0 - EDGE)
        one, other = both[:, :d], both[:, d:]
        mean, fine = self._means(one)
        spread = float(mean[fine].var()) if fine.any() else 0.0
        found: dict[str, float] = {}
        for j, name in enumerate(names):
            changed = one.copy()
            changed[:, j] = other[:, j]
            there, allowed = self._means(changed)
            pairs = fine & allowed
            gap = there[pairs] - mean[pairs]
            found[name] = float((gap @ gap) / (2.0 * len(gap) * spread)) if spread > 0.0 and len(gap) else 0.0
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def _means(self, rows: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Means at latent rows, and which of these satisfy the requirements."""
        space = self._data.space
        configs = space.decode(rows)
        with one_thread():
            mean, _ = self._posterior.predict(self._data.embedding.of_configs(configs))
        return mean[:, 0], np.asarray(space.satisfies(configs))
