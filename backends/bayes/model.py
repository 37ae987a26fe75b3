"""The model of one proposal: posterior given data and fantasies, failures, and the acquisition as a score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.acquisition import ACQUISITIONS, log_mean_exp, log_ndtr
from hpdsl.backends.bayes.arrays import loops
from hpdsl.backends.bayes.surrogate import Posterior, fit
from hpdsl.backends.bayes.transform import squeeze, standardise
from hpdsl.configs import Config, Configs

if TYPE_CHECKING:
    from hpdsl.backends.bayes.backend import _Rows

Floats = NDArray[np.float64]

# Joint samples of pending values.
FANTASIES = 8
# What the failure model never claims to know better than this.
SUREST = 0.05
# Below this noise variance the smallest observation is trusted as the incumbent's value.
QUIET = 0.01


def targets(values: list[float]) -> Floats:
    """What the process models: values squeezed and standardised."""
    return standardise(squeeze(np.array(values)))


def refit(rows: _Rows, n: int, last: Floats | None) -> Floats:
    """Hyperparameters given the first n values, from the last ones and, at times, from the prior's mean."""
    y = targets(rows.values[:n])
    E = rows.points(n)
    P = np.empty((n * (n - 1) // 2, rows.embedding.n_groups))
    loops().pair_distances(E, rows.embedding.starts, 0, P)
    mean = rows.priors.start(rows.embedding.n_groups)
    starts = [mean] if last is None else [last]
    # The second start leads out of the optimum that explains everything as noise.
    if last is not None and (n < 20 or n % 5 == 0):
        starts.append(mean)
    return fit(P, y, rows.priors, starts)


class Model:
    """Scores configurations. Pending ones count through fantasies: joint samples of what they may give."""

    def __init__(
        self, rows: _Rows, theta: Floats, rng: np.random.Generator, pending: list[Config], options: dict[str, Any]
    ) -> None:
        self.rows = rows
        self.theta = theta
        self.acquisition = ACQUISITIONS[options["acquisition"]]
        self.logarithmic = options["acquisition"] in ("logei", "pi")
        self.lcb = options["acquisition"] == "lcb"
        self.kappa = float(options["kappa"])
        E, y = rows.points(rows.n_good), targets(rows.values)
        owner = rows.embedding.owner
        posterior = Posterior(E, y, theta, owner)
        if pending:
            X = rows.embedded(pending)
            E = np.vstack([E, X])
            y = np.vstack([np.repeat(y[:, None], FANTASIES, axis=1), _fantasies(posterior, X, rng)])
            posterior = Posterior(E, y, theta, owner)
        self.posterior = posterior
        Y = y.reshape(len(y), -1)
        if posterior.v < QUIET:
            self.best = Y.min(axis=0)
        else:
            # Under noise the smallest observation is a lucky one; the smallest mean is not.
            self.best = posterior.predict(E)[0].min(axis=0)
        self.failures = self._failure_model(owner) if rows.bad else None

    def score(self, configs: Configs) -> Floats:
        """The acquisition of each configuration; larger is better."""
        E = self.rows.configs(configs)
        mean, sd = self.posterior.predict(E)
        values = self.acquisition(mean, sd[:, None], self.best[None, :], self.kappa)
        score = log_mean_exp(values) if self.logarithmic else values.mean(axis=1)
        if self.failures is None:
            return np.asarray(score)
        failing, doubt = self.failures.predict(E)
        # The probability that the smooth share of failures is below one half.
        success = log_ndtr((0.5 - self._rate - failing[:, 0]) / np.maximum(doubt, SUREST))
        if self.logarithmic or self.lcb:
            return np.asarray(score + success)
        return np.asarray(score * np.exp(success))

    def _failure_model(self, owner: NDArray[np.int64]) -> Posterior:
        """A process on failed (1) or not (0), around the smoothed rate."""
        good, bad = self.rows.points(self.rows.n_good), self.rows.embedded(self.rows.bad)
        outcome = np.concatenate([np.zeros(len(good)), np.ones(len(bad))])
        self._rate = (len(bad) + 0.5) / (len(outcome) + 1.0)  # Jeffreys
        # Regions that fail are seldom finer than the prior's lengthscales, and flat directions stay flat.
        theta = np.minimum(self.theta, self.rows.priors.start(self.rows.embedding.n_groups))
        # A yes-or-no outcome has a spread of its own, and what failed once need not fail beside it.
        theta[-2:] = np.log([0.25, 0.05])
        return Posterior(np.vstack([good, bad]), outcome - self._rate, theta, owner)


def _fantasies(posterior: Posterior, X: Floats, rng: np.random.Generator) -> Floats:
    """Joint samples of the values at pending points, shape (len(X), FANTASIES)."""
    mean, covariance = posterior.covariance(X)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(mean[:, None] + root @ rng.standard_normal((len(X), FANTASIES)))
