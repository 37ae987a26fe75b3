"""`Success`: how likely a trial is of use: it does not fail, keeps the bounds, and the model can be trusted there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.acquisition import log_ndtr, log_ndtr_slope
from hpdsl.backends.bayes.data import Data
from hpdsl.backends.bayes.feasibility import Feasibility
from hpdsl.backends.bayes.fitting import EXACT
from hpdsl.backends.bayes.surrogate import Posterior, Priors
from hpdsl.backends.bayes.trust import Trust

Floats = NDArray[np.float64]

# What the failure model never claims to know better than this.
SUREST = 0.05


def kept(good: int, bad: int) -> tuple[int, int]:
    """How many of the trials that succeeded, and of those that failed, the failure model rests on: the latest ones.

    As many of both as their shares say, but of the rarer kind at least a quarter, if there are so many: they are
    what tells the regions apart.
    """
    if good + bad <= EXACT:
        return good, bad
    rarer = min(good, bad)
    rarer = min(rarer, max(EXACT // 4, EXACT * rarer // (good + bad)))
    return (rarer, EXACT - rarer) if good < bad else (EXACT - rarer, rarer)


class Failures:
    """How likely trials succeed: a process on failed (1) or not (0), around the smoothed rate."""

    def __init__(self, data: Data, theta: Floats) -> None:
        n_good, n_bad = kept(data.n_good, len(data.bad))
        good, bad = data.points(data.n_good)[data.n_good - n_good :], data.bad_points()[len(data.bad) - n_bad :]
        outcome = np.concatenate([np.zeros(len(good)), np.ones(len(bad))])
        self.rate = (len(bad) + 0.5) / (len(outcome) + 1.0)  # Jeffreys
        # Regions that fail are seldom finer than the prior's lengthscales, and flat directions stay flat.
        theta = np.minimum(theta, Priors(data.embedding.mean_active).start(data.embedding.n_groups))
        # A yes-or-no outcome has a spread of its own, and what failed once need not fail beside it.
        theta[-2:] = np.log([0.25, 0.05])
        self.posterior = Posterior(np.vstack([good, bad]), outcome - self.rate, theta, data.embedding.owner)

    def log(self, E: Floats) -> Floats:
        """log of the probability that the smooth share of failures is below one half, shape (len(E),)."""
        share, doubt = self.posterior.predict(E)
        return log_ndtr((0.5 - self.rate - share[:, 0]) / np.maximum(doubt, SUREST))

    def log_and_slope(self, E: Floats) -> tuple[Floats, Floats]:
        """`log` and its gradient."""
        share, doubt, share_by, doubt_by = self.posterior.slopes(E)
        sure = doubt < SUREST
        sd = np.where(sure, SUREST, doubt)
        z = (0.5 - self.rate - share[:, 0]) / sd
        z_by = (-share_by[:, 0, :] - z[:, None] * np.where(sure[:, None], 0.0, doubt_by)) / sd[:, None]
        return log_ndtr(z), log_ndtr_slope(z)[:, None] * z_by


class Success:
    """Failures, bounds and trust together; each may be absent."""

    def __init__(self, failures: Failures | None, feasibility: Feasibility | None, trust: Trust | None) -> None:
        self.failures = failures
        self.feasibility = feasibility
        self.trust = trust

    @property
    def hopeless(self) -> bool:
        """True while no trial has kept every bound: then there is nothing to improve on."""
        return self.feasibility is not None and not self.feasibility.any

    @property
    def certain(self) -> bool:
        """True where no trial has failed and nothing is bounded."""
        return self.failures is None and self.feasibility is None

    def log(self, E: Floats) -> Floats:
        """log of the probability, shape (m, samples or 1)."""
        total = np.zeros((len(E), 1))
        if self.failures is not None:
            total += self.failures.log(E)[:, None]
        if self.trust is not None:
            total += self.trust.log(E)[:, None]
        return total if self.feasibility is None else total + self.feasibility.log_probability(E)

    def log_and_slope(self, E: Floats) -> tuple[Floats, Floats]:
        """`log` and its gradient, shapes (m, samples or 1) and (m, samples or 1, q)."""
        total, by = np.zeros((len(E), 1)), np.zeros((len(E), 1, E.shape[1]))
        for part in (self.failures, self.trust):
            if part is not None:
                value, slope = part.log_and_slope(E)
                total, by = total + value[:, None], by + slope[:, None, :]
        if self.feasibility is not None:
            value, slope = self.feasibility.probability_and_slope(E)
            total, by = total + value, by + slope
        return total, by
