"""Expected hypervolume improvement for two objectives, exact, and the model that scores by it.

With the front sorted by the first objective, (a_1, b_1) … (a_n, b_n), a rising and b falling, and a reference point
r, what a new point (y, z) adds is the sum over the strips a_k < y <= a_(k+1), a_0 = -inf, a_(n+1) = r_1, b_0 = r_2, of

    [(a_(k+1) - y)+ - (a_k - y)+] (b_k - z)+

For independent normal y and z the expectation is a sum of products of expected improvements: n + 1 terms.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.acquisition import log_h, log_mean_exp, log_ndtr, mean_exp_and_slope
from hpdsl.backends.bayes.belief import Belief
from hpdsl.backends.bayes.embedding import Embedding
from hpdsl.backends.bayes.model import Model
from hpdsl.backends.ranking import non_dominated
from hpdsl.configs import Configs

Floats = NDArray[np.float64]

# How far behind the worst of the front the reference point lies, in ranges.
MARGIN = 0.1


def reference(values: Floats) -> Floats:
    """The reference point: for each objective the worst of the front, and a tenth of its range behind.

    A front of one point has no range: then that of all values counts.
    """
    front = values[non_dominated(values)]
    worst, best = front.max(axis=0), front.min(axis=0)
    span = np.where(worst > best, worst - best, values.max(axis=0) - values.min(axis=0))
    return np.asarray(worst + MARGIN * np.where(span > 0.0, span, 1.0))


def log_ehvi(mean: Floats, sd: Floats, values: Floats, r: Floats) -> Floats:
    """log of the expected hypervolume improvement, shape (m,), of predictions (m, 2) over values (n, 2)."""
    strips = _Strips(mean, sd, values, r)
    return _log_sum_exp(strips.widths + strips.heights)


def log_ehvi_and_slopes(mean: Floats, sd: Floats, values: Floats, r: Floats) -> tuple[Floats, Floats, Floats]:
    """`log_ehvi`, and its derivatives by mean and standard deviation, shape (m, 2) each.

    Those of an expected improvement are -Phi(z) and phi(z).
    """
    strips = _Strips(mean, sd, values, r)
    total = _log_sum_exp(strips.widths + strips.heights)[:, None]
    z, y = strips.z, strips.y
    below, density = log_ndtr(z), _log_phi(z)
    risen = below.copy()
    risen[:, 1:] += _log1mexp(np.minimum(below[:, :-1] - below[:, 1:], 0.0))
    share = strips.heights - total
    by_mean = np.column_stack([-np.exp(share + risen).sum(axis=1), -_sum_exp(strips.widths - total + log_ndtr(y))])
    first = np.exp(share + density).sum(axis=1) - np.exp(share[:, 1:] + density[:, :-1]).sum(axis=1)
    by_sd = np.column_stack([first, _sum_exp(strips.widths - total + _log_phi(y))])
    return total[:, 0], by_mean, by_sd


class _Strips:
    """The logarithms of each strip's expected width and height, shape (m, n + 1), and the z of either."""

    def __init__(self, mean: Floats, sd: Floats, values: Floats, r: Floats) -> None:
        front = values[(values < r).all(axis=1)]
        front = np.unique(front[non_dominated(front)], axis=0)
        self.z = (np.append(front[:, 0], r[0]) - mean[:, :1]) / sd[:, :1]
        self.y = (np.insert(front[:, 1], 0, r[1]) - mean[:, 1:]) / sd[:, 1:]
        self.heights = log_h(self.y) + np.log(sd[:, 1:])
        self.widths = log_h(self.z) + np.log(sd[:, :1])
        # Differences of rising numbers; rounding may leave nothing of them, as in a strip without width.
        self.widths[:, 1:] += _log1mexp(np.minimum(self.widths[:, :-1] - self.widths[:, 1:], 0.0))


def _log_phi(z: Floats) -> Floats:
    """log of the standard normal density."""
    return np.asarray(-0.5 * z * z - 0.5 * math.log(2.0 * math.pi))


def _sum_exp(terms: Floats) -> Floats:
    return np.asarray(np.exp(terms).sum(axis=1))


def _log1mexp(x: Floats) -> Floats:
    """log(1 - exp(x)) for x <= 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(x > -0.7, np.log(-np.expm1(x)), np.log1p(-np.exp(x))))


def _log_sum_exp(terms: Floats) -> Floats:
    """log of the sum of exp along the last axis; the largest term is finite."""
    top = terms.max(axis=1)
    return np.asarray(top + np.log(np.exp(terms - top[:, None]).sum(axis=1)))


class HypervolumeModel:
    """Scores configurations by log EHVI: two models, independent given the trials, and the chances of success.

    Pending configurations count through joint samples of what they may give, each with a front of its own.
    """

    def __init__(self, first: Model, second: Model, *, logarithmic: bool) -> None:
        self._models = first, second
        self._logarithmic = logarithmic
        self._fronts = []
        for s in range(first.levels.shape[1]):
            values = np.column_stack([first.levels[:, s], second.levels[:, s]])
            values = values[np.isfinite(values).all(axis=1)]
            if len(values):
                self._fronts.append((values[non_dominated(values)], reference(values)))

    @property
    def belief(self) -> tuple[Belief, float] | None:
        """The priors and their weight."""
        return self._models[0].belief

    @property
    def embedding(self) -> Embedding:
        """The embedding of the space."""
        return self._models[0].embedding

    @property
    def lengthscales(self) -> Floats:
        """One for each embedded column: the shorter of the two."""
        return np.minimum(self._models[0].lengthscales, self._models[1].lengthscales)

    def hill(self, E: Floats) -> None:
        """None: there is no quicker way up than `score_and_slope`."""

    def repeats(self, configs: Configs) -> bool:
        """Whether one of the configurations is a told, failed or pending one but for rounding."""
        return self._models[0].repeats(configs)

    def score(self, configs: Configs) -> Floats:
        """The acquisition of each configuration; larger is better."""
        first, second = self._models
        E = first.embedding.of_configs(configs)
        success = first.success.log(E) + first.log_prior(configs)
        if first.success.hopeless:
            return success[:, 0]
        (mean_a, sd_a), (mean_b, sd_b) = first.posterior.predict(E), second.posterior.predict(E)
        sd = np.column_stack([sd_a, sd_b])
        improvements = [
            log_ehvi(np.column_stack([mean_a[:, s], mean_b[:, s]]), sd, values, r)
            for s, (values, r) in enumerate(self._fronts)
        ]
        score = log_mean_exp(np.column_stack(improvements) + success)
        return score if self._logarithmic else np.exp(score)

    def score_and_slope(self, E: Floats) -> tuple[Floats, Floats]:
        """The logarithm of the score at embedded points (m, q) but for what priors add, and its gradient (m, q)."""
        first, second = self._models
        success, success_by = first.success.log_and_slope(E)
        if first.success.hopeless:
            return success[:, 0], success_by[:, 0]
        a, b = first.posterior.slopes(E), second.posterior.slopes(E)
        sd = np.column_stack([a[1], b[1]])
        values, slopes = [], []
        for s, (front, r) in enumerate(self._fronts):
            value, by_mean, by_sd = log_ehvi_and_slopes(np.column_stack([a[0][:, s], b[0][:, s]]), sd, front, r)
            values.append(value)
            slopes.append(
                by_mean[:, :1] * a[2][:, s] + by_mean[:, 1:] * b[2][:, s] + by_sd[:, :1] * a[3] + by_sd[:, 1:] * b[3]
            )
        return mean_exp_and_slope(np.column_stack(values) + success, np.stack(slopes, axis=1) + success_by)

    def terms(self, configs: Configs) -> dict[str, float]:
        """What the score of one configuration is made of, in units of the transformed values."""
        found: dict[str, float] = {}
        for k, model in enumerate(self._models, start=1):
            mean, sd = model.posterior.predict(self.embedding.of_configs(configs))
            found |= {f"mean_{k}": float(mean.mean()), f"sd_{k}": float(sd[0]), f"noise_{k}": model.posterior.v}
        return found | {"ehvi": float(self.score(configs)[0])} | self._models[0].modifiers(configs)
