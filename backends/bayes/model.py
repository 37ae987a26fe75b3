"""The model of one proposal: posterior given data and fantasies, failures, and the acquisition as a score."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.acquisition import ACQUISITIONS, log_mean_exp, log_ndtr, log_ndtr_slope, slopes
from hpdsl.backends.bayes.arrays import loops
from hpdsl.backends.bayes.belief import Belief
from hpdsl.backends.bayes.data import Data
from hpdsl.backends.bayes.surrogate import Posterior, Priors, fit
from hpdsl.backends.bayes.transform import restore, squeeze, standardise
from hpdsl.configs import Config, Configs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Trials that hyperparameters are fitted to, and that the posterior rests on; more are represented by so many.
FITTED, EXACT = 400, 1000
# The first values, which no model has chosen yet.
FIRST = 10
# Joint samples of pending values.
FANTASIES = 8
# What the failure model never claims to know better than this.
SUREST = 0.05
# Below this noise variance the smallest observation is trusted as the incumbent's value.
QUIET = 0.01
# Embedded points closer than this in every column are the same point but for rounding.
SAME = 1e-9


def targets(values: list[float]) -> Floats:
    """What the process models: values squeezed and standardised."""
    return standardise(squeeze(np.array(values)))


def subset(values: list[float], size: int) -> Ints:
    """At most `size` trials that stand for all, by number: the best, the latest, and the rest at even steps."""
    n = len(values)
    if n <= size:
        return np.arange(n)
    order = np.argsort(values, kind="stable")
    chosen = dict.fromkeys([*order[: size // 4].tolist(), *range(n - size // 4, n)])
    rest = np.array([k for k in range(n) if k not in chosen])
    # In the order of values: every level of them is there.
    rest = rest[np.argsort(np.array(values)[rest], kind="stable")]
    steps = np.linspace(0, len(rest) - 1, size - len(chosen)).round().astype(np.int64)
    return np.sort(np.concatenate([np.array(list(chosen), dtype=np.int64), rest[steps]]))


def worth(values: list[float], share: float) -> float:
    """The improvement that is worth a trial, in units of the targets.

    It is a share of what lies between the median of the first values and the best. Without it the search goes on
    polishing one optimum by ever smaller amounts: as values gather there, so shrinks the scale of the targets.
    """
    y = np.array(values)
    gap = max(float(np.median(y[:FIRST])) - float(y.min()), 0.0)
    t = targets(values)
    order = np.argsort(y, kind="stable")
    low, middle = order[0], order[len(order) // 2]
    span = y[middle] - y[low]
    # From the best to the median, targets are linear in values.
    rate = (t[middle] - t[low]) / span if span > 0.0 else 0.0
    return float(np.nan_to_num(share * gap * rate, posinf=0.0))


def refit(data: Data, n: int, last: Floats | None) -> Floats:
    """Hyperparameters given the first n values, from the last ones and, at times, from the prior's mean."""
    at = subset(data.values[:n], FITTED)
    y = targets(data.values[:n])[at]
    embedding = data.embedding
    P = np.empty((len(at) * (len(at) - 1) // 2, embedding.n_groups))
    loops().pair_distances(data.points(n)[at], embedding.starts, 0, P)
    priors = Priors(embedding.mean_active)
    mean = priors.start(embedding.n_groups)
    starts = [mean] if last is None else [last]
    # The other starts lead out of the optimum that explains everything as noise, and of the one that takes noise
    # for signal.
    if last is not None and (n < 20 or n % 5 == 0):
        starts.append(mean)
    if n >= 20 and n % 5 == 0:
        starts.append(priors.start(embedding.n_groups, log_noise=-1.0))
    return fit(P, y, priors, starts)


def posterior_of(data: Data, theta: Floats) -> Posterior:
    """The process given every trial with a value, or those that stand for all."""
    at = subset(data.values, EXACT)
    return Posterior(data.points(data.n_good)[at], targets(data.values)[at], theta, data.embedding.owner)


def steady(data: Data, theta: Floats) -> tuple[int, float] | None:
    """The told trial with the best posterior mean, and that mean as a value; None where no noise is found."""
    at = subset(data.values, EXACT)
    E = data.points(data.n_good)[at]
    posterior = Posterior(E, targets(data.values)[at], theta, data.embedding.owner)
    if posterior.v < QUIET:
        return None
    means = posterior.predict(E)[0][:, 0]
    k = int(means.argmin())
    return int(at[k]), restore(float(means[k]), data.values)


class Model:
    """Scores configurations. Pending ones count through fantasies: joint samples of what they may give."""

    def __init__(
        self,
        data: Data,
        theta: Floats,
        rng: np.random.Generator,
        pending: list[Config],
        options: dict[str, Any],
        belief: tuple[Belief, float] | None = None,
    ) -> None:
        self.belief = belief
        self.space = data.space
        self.embedding = data.embedding
        self.acquisition_name = str(options["acquisition"])
        self.acquisition = ACQUISITIONS[options["acquisition"]]
        self.logarithmic = options["acquisition"] in ("logei", "pi")
        self.lcb = options["acquisition"] == "lcb"
        self.kappa = float(options["kappa"])
        everything = data.points(data.n_good)
        at = subset(data.values, EXACT)
        E, y = everything[at], targets(data.values)[at]
        posterior = Posterior(E, y, theta, self.embedding.owner)
        if pending:
            X = data.embedded(pending)
            E = np.vstack([E, X])
            y = np.vstack([np.repeat(y[:, None], FANTASIES, axis=1), _fantasies(posterior, X, rng)])
            posterior = Posterior(E, y, theta, self.embedding.owner)
        self.posterior = posterior
        Y = y.reshape(len(y), -1)
        if posterior.v < QUIET:
            self.best = Y.min(axis=0)
        else:
            # Under noise the smallest observation is a lucky one; the smallest mean is not.
            self.best = posterior.predict(E)[0].min(axis=0)
        self.best = self.best - worth(data.values, float(options["worth"]))
        waiting = data.embedded(pending) if pending else everything[:0]
        self._known = np.vstack([everything, waiting, data.bad_points()])
        self.failures = Failures(data, theta) if data.bad else None

    def repeats(self, configs: Configs) -> bool:
        """Whether one of the configurations is a told, failed or pending one but for rounding."""
        gaps = np.abs(self.embedding.of_configs(configs)[:, None, :] - self._known[None, :, :])
        return bool((gaps.max(axis=2) < SAME).any())

    def score(self, configs: Configs) -> Floats:
        """The acquisition of each configuration; larger is better."""
        E = self.embedding.of_configs(configs)
        mean, sd = self.posterior.predict(E)
        values = self.acquisition(mean, sd[:, None], self.best[None, :], self.kappa)
        score = log_mean_exp(values) if self.logarithmic else values.mean(axis=1)
        success = np.zeros(len(E)) if self.failures is None else self.failures.log_success(E)
        if self.belief is not None:
            belief, weight = self.belief
            success += weight * belief.log_prior(self.space.encode(configs))
        if self.logarithmic or self.lcb:
            return np.asarray(score + success)
        return np.asarray(score * np.exp(success))

    def terms(self, configs: Configs) -> dict[str, float]:
        """What the score of one configuration is made of, in units of the transformed values."""
        E = self.embedding.of_configs(configs)
        mean, sd = self.posterior.predict(E)
        z = (float(self.best.mean()) - float(mean.mean())) / float(sd[0])
        found = {
            "mean": float(mean.mean()),
            "sd": float(sd[0]),
            "incumbent": float(self.best.mean()),
            "z": z,
            "noise": self.posterior.v,
            self.acquisition_name: float(self.score(configs)[0]),
        }
        if self.belief is not None:
            belief, weight = self.belief
            found["log_prior"] = weight * float(belief.log_prior(self.space.encode(configs))[0])
        if self.failures is not None:
            found["log_success"] = float(self.failures.log_success(E)[0])
        return found

    def score_and_slope(self, E: Floats) -> tuple[Floats, Floats]:
        """The acquisition at embedded points (m, q), and its gradient (m, q).

        Where it is an average over fantasies of an improvement itself, its logarithm: that climbs the same hills.
        """
        mean, sd, mean_by, sd_by = self.posterior.slopes(E)
        name = "logei" if self.acquisition_name == "ei" else self.acquisition_name
        values = ACQUISITIONS[name](mean, sd[:, None], self.best[None, :], self.kappa)
        by_mean, by_sd = slopes(name, mean, sd[:, None], self.best[None, :], self.kappa)
        each = by_mean[:, :, None] * mean_by + by_sd[:, :, None] * sd_by[:, None, :]
        if name == "lcb":
            score, slope = values.mean(axis=1), each.mean(axis=1)
        else:
            top = values.max(axis=1, keepdims=True)
            share = np.exp(values - top)
            total = share.sum(axis=1)
            score = top[:, 0] + np.log(total / values.shape[1])
            slope = ((share / total[:, None])[:, :, None] * each).sum(axis=1)
        if self.failures is not None:
            success, by = self.failures.success_and_slope(E)
            score, slope = score + success, slope + by
        return score, slope


class Failures:
    """How likely trials succeed: a process on failed (1) or not (0), around the smoothed rate."""

    def __init__(self, data: Data, theta: Floats) -> None:
        good, bad = data.points(data.n_good)[-EXACT:], data.bad_points()[-EXACT:]
        outcome = np.concatenate([np.zeros(len(good)), np.ones(len(bad))])
        self.rate = (len(bad) + 0.5) / (len(outcome) + 1.0)  # Jeffreys
        # Regions that fail are seldom finer than the prior's lengthscales, and flat directions stay flat.
        theta = np.minimum(theta, Priors(data.embedding.mean_active).start(data.embedding.n_groups))
        # A yes-or-no outcome has a spread of its own, and what failed once need not fail beside it.
        theta[-2:] = np.log([0.25, 0.05])
        self.posterior = Posterior(np.vstack([good, bad]), outcome - self.rate, theta, data.embedding.owner)

    def log_success(self, E: Floats) -> Floats:
        """log of the probability that the smooth share of failures is below one half, shape (len(E),)."""
        share, doubt = self.posterior.predict(E)
        return log_ndtr((0.5 - self.rate - share[:, 0]) / np.maximum(doubt, SUREST))

    def success_and_slope(self, E: Floats) -> tuple[Floats, Floats]:
        """`log_success` and its gradient."""
        share, doubt, share_by, doubt_by = self.posterior.slopes(E)
        sure = doubt < SUREST
        sd = np.where(sure, SUREST, doubt)
        z = (0.5 - self.rate - share[:, 0]) / sd
        z_by = (-share_by[:, 0, :] - z[:, None] * np.where(sure[:, None], 0.0, doubt_by)) / sd[:, None]
        return log_ndtr(z), log_ndtr_slope(z)[:, None] * z_by


def _fantasies(posterior: Posterior, X: Floats, rng: np.random.Generator) -> Floats:
    """Joint samples of the values at pending points, shape (len(X), FANTASIES)."""
    mean, covariance = posterior.covariance(X)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(mean[:, None] + root @ rng.standard_normal((len(X), FANTASIES)))
