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
from hpdsl.backends.bayes.search import ATTEMPTS
from hpdsl.backends.bayes.threads import one_thread
from hpdsl.backends.bayes.transform import restore
from hpdsl.backends.outcomes import columns_of
from hpdsl.configs import Configs
from hpdsl.errors import SamplingError

Floats = NDArray[np.float64]

# Pairs of configurations behind each importance.
PAIRS = 2048
# Values of a parameter that are tried beside those of the others before these are held to pin it down.
TRIES = 32


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
        """For each parameter its total effect: the share of the variance of the mean, of transformed values, due to it.

        That is what is left of it, on average, where all others are held fixed, over the prior given the requirements
        (Jansen 1999; Saltelli et al. 2010): a parameter takes the values only that these leave it beside the others.
        Shares overlap where parameters interact, so that they may add up to more than 1. What follows a parameter, as
        bounds, conditions and the later places of a permutation do, moves along with it, and that counts as its
        effect. The largest first.
        """
        space = self._data.space
        rows, other = self._rows()
        mean = self._means(space.decode(rows))
        spread = float(mean.var()) if len(mean) else 0.0
        found: dict[str, float] = {}
        for j, name in enumerate(space.code_names):
            changed, places = rows.copy(), other[:, j]
            rng = np.random.Generator(np.random.Philox(j))
            open_ = np.arange(len(rows))
            # Drawn until it fits the rest, it has the law that the rest leaves it; where nothing else fits it stays.
            for _ in range(TRIES):
                changed[open_, j] = places
                open_ = open_[~space.satisfies(space.decode(changed[open_]))]
                if not len(open_):
                    break
                places = np.clip(rng.random(len(open_)), EDGE, 1.0 - EDGE)
            changed[open_] = rows[open_]
            gap = self._means(space.decode(changed)) - mean
            found[name] = float((gap @ gap) / (2.0 * len(gap) * spread)) if spread > 0.0 else 0.0
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def _rows(self) -> tuple[Floats, Floats]:
        """Latent rows of configurations that satisfy the requirements, and as many others; shape (PAIRS, d) or less."""
        space, d = self._data.space, len(self._data.space.code_names)
        both = np.clip(sobol.points(0, 0, PAIRS, 2 * d), EDGE, 1.0 - EDGE)
        rows, other = both[:, :d], both[:, d:]
        allowed = space.satisfies(space.decode(rows))
        if not allowed.all():
            try:
                u = space.encode(space.sample(PAIRS, max_attempts=ATTEMPTS))
            except SamplingError:
                return rows[allowed], other[allowed]
            rows = np.where(np.isnan(u), rows, u)
        return rows, other

    def _means(self, configs: Configs) -> Floats:
        with one_thread():
            return self._posterior.means(self._data.embedding.of_configs(configs))
