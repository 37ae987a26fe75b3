"""`Feasibility`: how likely measured outcomes keep their bounds; one Gaussian process for each bound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.acquisition import log_ndtr, log_ndtr_slope
from hpdsl.backends.bayes.data import Data
from hpdsl.backends.bayes.fantasies import FANTASIES, fantasies
from hpdsl.backends.bayes.fitting import EXACT, FITTED, distances, subset
from hpdsl.backends.bayes.surrogate import Fit, Posterior, Priors, fit
from hpdsl.backends.doubles import in_reach
from hpdsl.configs import Config

Floats = NDArray[np.float64]

# Bounds are fitted with half the iterations of an objective.
ITERATIONS = 25
# Trials that tell the scale of violations.
EARLY = 10


def targets(violations: Floats) -> tuple[Floats, float]:
    """What a process models, and the level up to which the bound is kept.

    sign(c) log(1 + |c|) (BilogY, Eriksson & Poloczek 2021) of violations c in units of their size, so that the unit
    of the outcome does not matter; then standardised. Infinite ones count as the largest finite ones.
    """
    sizes = np.abs(violations)
    finite = sizes[np.isfinite(sizes) & (sizes > 0.0)]
    # Of the first trials only: later ones crowd where the bound is tight, and say nothing of its scale.
    early, factor = in_reach(finite[:EARLY])
    unit = float(np.median(early)) * factor if len(finite) else 1.0
    # A violation may be a denormal number, which nothing can be divided by.
    with np.errstate(over="ignore"):
        c = np.clip(violations, -finite.max(initial=unit), finite.max(initial=unit)) / max(unit, 1e-300)
    t = np.sign(c) * np.log1p(np.minimum(np.abs(c), 1e300))
    spread = float(t.std())
    if t.min() == t.max() or spread == 0.0:
        spread = abs(float(t[0])) or 1.0
    return np.asarray((t - t.mean()) / spread), -float(t.mean()) / spread


def refit(data: Data, bound: int, n: int, last: Fit | None) -> Fit:
    """Hyperparameters of one bound's process given the first n trials, from the last ones or the prior's mean."""
    at = subset(data.values[:n], FITTED)
    priors = Priors(data.embedding.mean_active)
    start = Fit(priors.start(data.embedding.n_groups)) if last is None else last
    y, _ = targets(np.array([v[bound] for v in data.violations[:n]]))
    return fit(distances(data, at), y[at], priors, [start], iterations=ITERATIONS)


class Feasibility:
    """The bounds' processes given all trials with a value, or those that stand for all.

    Pending trials count as for objectives, through joint samples of what they may measure. `told` says which of the
    trials keep every bound, `kept` the same of pending ones too, which follow, in every sample;
    shape (all, samples or 1).
    """

    def __init__(self, data: Data, thetas: list[Floats], pending: list[Config], rng: np.random.Generator) -> None:
        at = subset(data.values, EXACT)
        self.told = data.feasible[at]
        # True once some trial has kept every bound.
        self.any = bool(self.told.any())
        E, owner = data.points(data.n_good)[at], data.embedding.owner
        X = data.waiting(pending) if pending else None
        kept = self.told[:, None]
        if X is not None:
            kept = np.vstack([kept.repeat(FANTASIES, axis=1), np.ones((len(X), FANTASIES), dtype=np.bool_)])
        self._processes = []
        for c, theta in zip(np.array(data.violations).T, thetas, strict=True):
            y, level = targets(c)
            y = y[at]
            posterior = Posterior(E, y, theta, owner)
            if X is not None:
                if self.any:
                    more = fantasies(posterior, X, rng)
                    kept[len(E) :] &= more <= level
                else:
                    # Else a second proposal would hope for the same place as the first: take it that this fails.
                    mean, sd = posterior.predict(X)
                    more = (np.maximum(mean[:, 0], level) + sd)[:, None]
                y = np.vstack([np.repeat(y[:, None], more.shape[1], axis=1), more])
                posterior = posterior.extended(X, y)
            self._processes.append((posterior, level))
        self.kept: NDArray[np.bool_] = kept

    def log_probability(self, E: Floats) -> Floats:
        """log of the probability that a trial keeps every bound, shape (len(E), samples or 1)."""
        total = np.zeros((len(E), 1))
        for posterior, level in self._processes:
            mean, sd = posterior.predict(E)
            # Noise counts: what is measured is what is judged.
            total = total + log_ndtr((level - mean) / np.sqrt(sd * sd + posterior.v)[:, None])
        return total

    def probability_and_slope(self, E: Floats) -> tuple[Floats, Floats]:
        """`log_probability` and its gradient, shapes (m, samples or 1) and (m, samples or 1, q)."""
        total, by = np.zeros((len(E), 1)), np.zeros((len(E), 1, E.shape[1]))
        for posterior, level in self._processes:
            mean, sd, mean_by, sd_by = posterior.slopes(E)
            spread = np.sqrt(sd * sd + posterior.v)
            spread_by = (sd / spread)[:, None] * sd_by
            z = (level - mean) / spread[:, None]
            z_by = -(mean_by + z[:, :, None] * spread_by[:, None, :]) / spread[:, None, None]
            total, by = total + log_ndtr(z), by + log_ndtr_slope(z)[:, :, None] * z_by
        return total, by
