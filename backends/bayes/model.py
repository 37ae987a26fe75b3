"""The model of one proposal: posterior given data and fantasies, chances of success, and the acquisition as a score."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.acquisition import ACQUISITIONS, log_mean_exp, mean_exp_and_slope, with_slopes
from hpdsl.backends.bayes.arrays import loops
from hpdsl.backends.bayes.belief import Belief
from hpdsl.backends.bayes.climb import BOUNDLESS, Hill
from hpdsl.backends.bayes.data import Data
from hpdsl.backends.bayes.fantasies import FANTASIES, fantasies
from hpdsl.backends.bayes.feasibility import Feasibility
from hpdsl.backends.bayes.fitting import EXACT, QUIET, subset, worth
from hpdsl.backends.bayes.paths import Path
from hpdsl.backends.bayes.success import Failures, Success
from hpdsl.backends.bayes.surrogate import Posterior
from hpdsl.backends.bayes.trust import STEEP, Trust, trust_of
from hpdsl.configs import Config, Configs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Embedded points closer than this in every column are the same point but for rounding.
SAME = 1e-9
# Every so manieth proposal polishes the best, however little that is worth, once there are more trials than this.
POLISHING, SETTLED = 3, 20


class Model:
    """Scores configurations. Pending ones count through fantasies: joint samples of what they may give.

    `exact` says that values are without noise, so that the least one is the incumbent's whatever the process makes of
    it.
    """

    def __init__(
        self,
        data: Data,
        theta: Floats,
        rng: np.random.Generator,
        pending: list[Config],
        options: dict[str, Any],
        feasibility: Feasibility | None = None,
        belief: tuple[Belief, float] | None = None,
        exact: bool = False,
    ) -> None:
        self.belief = belief
        self.space = data.space
        self.embedding = data.embedding
        self.acquisition = str(options["acquisition"])
        self.kappa = float(options["kappa"])
        everything = data.points(data.n_good)
        at = subset(data.values, EXACT)
        E, y = everything[at], data.targets(data.n_good)[at]
        posterior = Posterior(E, y, theta, self.embedding.owner)
        self.path = Path(posterior, rng) if self.acquisition == "thompson" else None
        waiting = data.waiting(pending)
        if pending:
            E = np.vstack([E, waiting])
            y = np.vstack([np.repeat(y[:, None], FANTASIES, axis=1), fantasies(posterior, waiting, rng)])
            posterior = posterior.extended(waiting, y)
        self.posterior = posterior
        quiet = exact or posterior.v < QUIET
        # Under noise the smallest observation is a lucky one; the smallest mean is not.
        self.levels = y.reshape(len(y), -1) if quiet else posterior.predict(E)[0]
        if feasibility is not None:
            self.levels = np.where(feasibility.kept, self.levels, np.inf)
        n = data.n_good + len(pending)
        polishing = quiet and n > SETTLED and n % POLISHING == 0
        self.best = self.levels.min(axis=0) - (0.0 if polishing else worth(data, float(options["worth"])))
        self._known = np.vstack([everything, waiting, data.bad_points()])
        failures = Failures(data, theta) if data.bad else None
        self.success = Success(failures, feasibility, trust_of(data, self._known))

    @property
    def lengthscales(self) -> Floats:
        """One for each embedded column."""
        return np.asarray(1.0 / self.posterior.root_w)

    def repeats(self, configs: Configs) -> bool:
        """Whether one of the configurations is a told, failed or pending one but for rounding."""
        gaps = np.abs(self.embedding.of_configs(configs)[:, None, :] - self._known[None, :, :])
        return bool((gaps.max(axis=2) < SAME).any())

    def score(self, configs: Configs) -> Floats:
        """The acquisition of each configuration; larger is better."""
        return self._score(self.embedding.of_configs(configs), self.log_prior(configs))

    def _score(self, E: Floats, prior: Floats, predicted: tuple[Floats, Floats] | None = None) -> Floats:
        success = self.success.log(E) + prior
        if self.success.hopeless:
            return success[:, 0]
        if self.path is not None:
            return np.asarray(success.mean(axis=1) - self.path.values(E))
        mean, sd = predicted or self.posterior.predict(E)
        values = ACQUISITIONS[self.acquisition](mean, sd[:, None], self.best[None, :], self.kappa)
        if self.acquisition == "lcb":
            return np.asarray((values + success).mean(axis=1))
        if self.acquisition == "ei":
            return np.asarray((values * np.exp(success)).mean(axis=1))
        return log_mean_exp(values + success)

    def score_and_slope(self, E: Floats) -> tuple[Floats, Floats]:
        """The acquisition at embedded points (m, q) but for what priors add, and its gradient (m, q).

        Where it is an average over fantasies of an improvement itself, its logarithm: that climbs the same hills.
        """
        success, success_by = self.success.log_and_slope(E)
        if self.success.hopeless:
            return success[:, 0], success_by[:, 0]
        if self.path is not None:
            value, slope = self.path.slopes(E)
            return success.mean(axis=1) - value, success_by.mean(axis=1) - slope
        mean, sd, mean_by, sd_by = self.posterior.slopes(E)
        name = "logei" if self.acquisition == "ei" else self.acquisition
        values, by_mean, by_sd = with_slopes(name, mean, sd[:, None], self.best[None, :], self.kappa)
        values = values + success
        each = by_mean[:, :, None] * mean_by + by_sd[:, :, None] * sd_by[:, None, :] + success_by
        return (values.mean(axis=1), each.mean(axis=1)) if name == "lcb" else mean_exp_and_slope(values, each)

    def hill(self, E: Floats) -> Hill | None:
        """What `climb` needs to ascend from embedded points (m, q); None where `score_and_slope` must do."""
        success = self.success
        if self.path is not None or self.acquisition not in ("logei", "ei") or not success.certain:
            return None
        return hill_of(self.posterior, self.best, success.trust, E, self.embedding.columns)

    def log_prior(self, configs: Configs) -> Floats:
        """What the priors add to the score, shape (m, 1)."""
        if self.belief is None:
            return np.zeros((len(configs), 1))
        belief, weight = self.belief
        return np.asarray(weight * belief.log_prior(self.space.encode(configs))[:, None])

    def terms(self, configs: Configs) -> dict[str, float]:
        """What the score of one configuration is made of, in units of the transformed values."""
        E = self.embedding.of_configs(configs)
        mean, sd = self.posterior.predict(E)
        incumbent = float(self.best.mean())
        found = {"mean": float(mean.mean()), "sd": float(sd[0]), "noise": self.posterior.v}
        if np.isfinite(incumbent):
            found |= {"incumbent": incumbent, "z": (incumbent - found["mean"]) / found["sd"]}
        score = self._score(E, self.log_prior(configs), (mean, sd))[0]
        return found | {self.acquisition: float(score)} | self.modifiers(configs)

    def modifiers(self, configs: Configs) -> dict[str, float]:
        """What chances of success and priors add to the score of one configuration, where they are in play."""
        found = {}
        if self.belief is not None:
            found["log_prior"] = float(self.log_prior(configs)[0, 0])
        if not self.success.certain:
            found["log_success"] = float(self.success.log(self.embedding.of_configs(configs)).mean())
        return found


def hill_of(posterior: Posterior, best: Floats, trust: Trust | None, E: Floats, columns: Ints) -> Hill:
    """What `climb` climbs from embedded points E (m, q), of which the given columns may move."""
    rest = np.delete(np.arange(E.shape[1]), columns)
    root = posterior.root_w[columns]
    # Distances in columns that stay are the same at every step.
    here, data = E[:, rest] * posterior.root_w[rest], posterior.X[:, rest]
    fixed = (here * here).sum(axis=1)[:, None] + (data * data).sum(axis=1) - 2.0 * (here @ data.T)
    return (
        loops().routines(),
        np.ascontiguousarray(np.maximum(fixed, 0.0)),
        np.ascontiguousarray(posterior.X[:, columns].T),
        root,
        posterior.inverse,
        np.ascontiguousarray(posterior.alpha.T),
        np.ascontiguousarray(best),
        posterior.s,
        np.empty((len(columns), 0)) if trust is None else trust.known,
        BOUNDLESS if trust is None else trust.radius,
        STEEP,
    )
