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

from hpdsl.backends.bayes.acquisition import log_h, log_h_and_ndtr, log_mean_exp, mean_exp_and_slope
from hpdsl.backends.bayes.belief import Belief
from hpdsl.backends.bayes.embedding import Embedding
from hpdsl.backends.bayes.model import Model
from hpdsl.backends.ranking import non_dominated
from hpdsl.configs import Configs

Floats = NDArray[np.float64]

# How far behind the worst of the front the reference point lies, in ranges.
MARGIN = 0.1
# Numbers computed at once: half a megabyte of them.
BLOCK = 65_536


def reference(values: Floats) -> Floats:
    """The reference point: for each objective the worst of the front, and a tenth of its range behind.

    A front of one point has no range: then that of all values counts.
    """
    front = values[non_dominated(values)]
    worst, best = front.max(axis=0), front.min(axis=0)
    span = np.where(worst > best, worst - best, values.max(axis=0) - values.min(axis=0))
    return np.asarray(worst + MARGIN * np.where(span > 0.0, span, 1.0))


class Fronts:
    """Fronts side by side, each with a reference point: the strips of all of them, which scores of all points share.

    Those of shorter fronts are filled up by strips that do not count.
    """

    def __init__(self, fronts: list[tuple[Floats, Floats]]) -> None:
        members = [np.unique(values[(values < r).all(axis=1)], axis=0) for values, r in fronts]
        members = [front[non_dominated(front)] for front in members]
        shape = len(fronts), max((len(front) for front in members), default=0) + 1
        # Where each strip ends, and how high it reaches.
        self.ends, self.tops = np.empty(shape), np.empty(shape)
        self.counted = np.zeros(shape, dtype=np.bool_)
        for k, (front, (_, r)) in enumerate(zip(members, fronts, strict=True)):
            n = len(front)
            self.ends[k], self.tops[k] = r
            self.ends[k, :n], self.tops[k, 1 : n + 1] = front.T
            self.counted[k, : n + 1] = True

    def __len__(self) -> int:
        return len(self.ends)

    def standardised(self, mean: Floats, sd: Floats) -> tuple[Floats, Floats]:
        """How far each strip's end and top lie from the means, in standard deviations, shape (m, fronts, n + 1)."""
        return (self.ends - mean[:, :, :1]) / sd[:, None, :1], (self.tops - mean[:, :, 1:]) / sd[:, None, 1:]

    def strips(self, h_ends: Floats, h_tops: Floats, sd: Floats) -> tuple[Floats, Floats]:
        """The logarithms of each strip's expected width and height, given `log_h` of what `standardised` returns."""
        widths, heights = h_ends + np.log(sd[:, None, :1]), h_tops + np.log(sd[:, None, 1:])
        heights[:, ~self.counted] = -np.inf
        # Differences of rising numbers; rounding may leave nothing of them, as in a strip without width.
        widths[..., 1:] += _log1mexp(np.minimum(widths[..., :-1] - widths[..., 1:], 0.0))
        return widths, heights

    def blocks(self, m: int) -> list[slice]:
        """Parts of m points, few enough for all that is computed of them to stay in the cache."""
        step = max(1, BLOCK // self.ends.size)
        return [slice(first, first + step) for first in range(0, m, step)]


def log_ehvi(mean: Floats, sd: Floats, fronts: Fronts) -> Floats:
    """log of the expected hypervolume improvement over each front, shape (m, fronts).

    Predictions are means (m, fronts, 2), one for each front, and standard deviations (m, 2).
    """
    found = np.empty(mean.shape[:2])
    for at in fronts.blocks(len(mean)):
        z, y = fronts.standardised(mean[at], sd[at])
        widths, heights = fronts.strips(log_h(z), log_h(y), sd[at])
        found[at] = _log_sum_exp(widths + heights)
    return found


def log_ehvi_and_slopes(mean: Floats, sd: Floats, fronts: Fronts) -> tuple[Floats, Floats, Floats]:
    """`log_ehvi`, and its derivatives by mean and standard deviation, shape (m, fronts, 2) each.

    Those of an expected improvement are -Phi(z) and phi(z).
    """
    value, by_mean, by_sd = np.empty(mean.shape[:2]), np.empty(mean.shape), np.empty(mean.shape)
    for at in fronts.blocks(len(mean)):
        z, y = fronts.standardised(mean[at], sd[at])
        (h, risen), (h_y, below) = log_h_and_ndtr(z), log_h_and_ndtr(y)
        widths, heights = fronts.strips(h, h_y, sd[at])
        value[at] = _log_sum_exp(widths + heights)
        widths -= value[at][..., None]
        heights -= value[at][..., None]
        risen[..., 1:] += _log1mexp(np.minimum(risen[..., :-1] - risen[..., 1:], 0.0))
        density = _log_phi(z)
        by_mean[at, :, 0] = -np.exp(heights + risen).sum(axis=-1)
        by_mean[at, :, 1] = -np.exp(widths + below).sum(axis=-1)
        by_sd[at, :, 0] = np.exp(heights + density).sum(axis=-1)
        by_sd[at, :, 0] -= np.exp(heights[..., 1:] + density[..., :-1]).sum(axis=-1)
        by_sd[at, :, 1] = np.exp(widths + _log_phi(y)).sum(axis=-1)
    return value, by_mean, by_sd


def _log_phi(z: Floats) -> Floats:
    """log of the standard normal density."""
    return np.asarray(-0.5 * z * z - 0.5 * math.log(2.0 * math.pi))


def _log1mexp(x: Floats) -> Floats:
    """log(1 - exp(x)) for x <= 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(x > -0.7, np.log(-np.expm1(x)), np.log1p(-np.exp(x))))


def _log_sum_exp(terms: Floats) -> Floats:
    """log of the sum of exp along the last axis; the largest term is finite."""
    top = terms.max(axis=-1)
    return np.asarray(top + np.log(np.exp(terms - top[..., None]).sum(axis=-1)))


class HypervolumeModel:
    """Scores configurations by log EHVI: two models, independent given the trials, and the chances of success.

    Pending configurations count through joint samples of what they may give, each with a front of its own.
    """

    def __init__(self, first: Model, second: Model, *, logarithmic: bool) -> None:
        self._models = first, second
        self._logarithmic = logarithmic
        fronts = []
        for s in range(first.levels.shape[1]):
            values = np.column_stack([first.levels[:, s], second.levels[:, s]])
            values = values[np.isfinite(values).all(axis=1)]
            if len(values):
                fronts.append((values, reference(values)))
        self._fronts = Fronts(fronts)

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
        mean = np.stack([mean_a, mean_b], axis=2)
        score = log_mean_exp(log_ehvi(mean, np.column_stack([sd_a, sd_b]), self._fronts) + success)
        return score if self._logarithmic else np.exp(score)

    def score_and_slope(self, E: Floats) -> tuple[Floats, Floats]:
        """The logarithm of the score at embedded points (m, q) but for what priors add, and its gradient (m, q)."""
        first, second = self._models
        success, success_by = first.success.log_and_slope(E)
        if first.success.hopeless:
            return success[:, 0], success_by[:, 0]
        a, b = first.posterior.slopes(E), second.posterior.slopes(E)
        mean, sd = np.stack([a[0], b[0]], axis=2), np.column_stack([a[1], b[1]])
        value, by_mean, by_sd = log_ehvi_and_slopes(mean, sd, self._fronts)
        slope = by_mean[:, :, :1] * a[2] + by_mean[:, :, 1:] * b[2]
        slope += by_sd[:, :, :1] * a[3][:, None] + by_sd[:, :, 1:] * b[3][:, None]
        return mean_exp_and_slope(value + success, slope + success_by)

    def terms(self, configs: Configs) -> dict[str, float]:
        """What the score of one configuration is made of, in units of the transformed values."""
        found: dict[str, float] = {}
        for k, model in enumerate(self._models, start=1):
            mean, sd = model.posterior.predict(self.embedding.of_configs(configs))
            found |= {f"mean_{k}": float(mean.mean()), f"sd_{k}": float(sd[0]), f"noise_{k}": model.posterior.v}
        return found | {"ehvi": float(self.score(configs)[0])} | self._models[0].modifiers(configs)
