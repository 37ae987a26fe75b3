"""From told values to hyperparameters: what the process models, which trials it rests on, and its fits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.arrays import loops
from hpdsl.backends.bayes.data import Data
from hpdsl.backends.bayes.surrogate import Fit, Posterior, Priors, fit, negative_log_posterior
from hpdsl.backends.bayes.transform import restore
from hpdsl.backends.doubles import in_reach

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Trials that hyperparameters are fitted to, and that the posterior rests on; more are represented by so many. A fit
# that starts from nothing begins with fewer.
FITTED, EXACT, ROUGH = 400, 1000, 120
# Trials up to which other starts are tried beside the last fit.
SEARCHED = 250
# The first values, which no model has chosen yet.
FIRST = 10
# Below this noise variance the smallest observation is trusted as the incumbent's value.
QUIET = 0.01
# Noise is more than a guess where it explains values better by so many nats than a function as rough as it takes:
# odds of four or five to one. Lengthscales are so free in that comparison that their prior does not decide it.
EVIDENT, FREE = 1.5, 3.0
# The logarithm of a noise variance far below `QUIET`, and how firmly it is held there.
SILENT, HELD = -10.0, 0.3
# Logarithms of weights and of noise from which fits of that comparison start, beside the prior's mean.
STEEP, LOUD = 2.0, -1.0


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


def worth(data: Data, share: float) -> float:
    """The improvement that is worth a trial, in units of the targets.

    It is a share of what lies between the median of the first values and the best. Without it the search goes on
    polishing one optimum by ever smaller amounts: as values gather there, so shrinks the scale of the targets.
    """
    (y, _), t = in_reach(np.array(data.values)), data.targets(data.n_good)
    gap = max(float(np.median(y[:FIRST])) - float(y.min()), 0.0)
    order = np.argsort(y, kind="stable")
    low, middle = order[0], order[len(order) // 2]
    span = y[middle] - y[low]
    if not span > 0.0:
        return 0.0
    # From the best to the median, targets are linear in values. An infinite quotient says nothing.
    with np.errstate(over="ignore", invalid="ignore"):
        found = share * (gap / span) * (t[middle] - t[low])
    return float(found) if np.isfinite(found) else 0.0


def distances(data: Data, at: Ints) -> Floats:
    """For every pair of the trials `at`, the squared distance in each group of columns, shape (groups, pairs)."""
    n = int(at[-1]) + 1
    if n == len(at):
        return data.pairs(n)
    P = np.empty((data.embedding.n_groups, len(at) * (len(at) - 1) // 2))
    loops().pair_distances(data.points(n)[at], data.embedding.starts, 1, P)
    return P


def refit(data: Data, n: int, last: Fit | None) -> Fit:
    """Hyperparameters given the first n values, from the last ones and, at times, from the prior's mean."""
    at = subset(data.values[:n], FITTED)
    priors = Priors(data.embedding.mean_active)
    n_groups = data.embedding.n_groups
    mean = Fit(priors.start(n_groups))
    starts = [mean] if last is None else [last]
    # The other starts lead out of the optimum that explains everything as noise, and of the one that takes noise
    # for signal.
    if last is not None and (n < 20 or (n % 5 == 0 and n < SEARCHED)):
        starts.append(mean)
    if n >= 20 and (last is None or (n % 5 == 0 and n < SEARCHED)):
        starts.append(Fit(priors.start(n_groups, log_noise=LOUD)))
    y = data.targets(n)
    if last is None and len(at) > ROUGH:
        few = subset(data.values[:n], ROUGH)
        starts = [fit(distances(data, few), y[few], priors, starts)]
    return fit(distances(data, at), y[at], priors, starts)


def posterior_of(data: Data, theta: Floats) -> Posterior:
    """The process given every trial with a value, or those that stand for all."""
    at = subset(data.values, EXACT)
    return Posterior(data.points(data.n_good)[at], data.targets(data.n_good)[at], theta, data.embedding.owner)


def evident(data: Data) -> bool:
    """Whether noise explains the values much better than a function without noise, however rough.

    Where no two trials are close together, a rough function and noise explain values equally well, and the noise that
    is found is that of its prior.
    """
    at = subset(data.values, ROUGH)
    P, y = distances(data, at), data.targets(data.n_good)[at]
    n_groups = data.embedding.n_groups
    found = []
    for priors in (
        Priors(data.embedding.mean_active, log_length_sd=FREE),
        Priors(data.embedding.mean_active, SILENT, HELD, FREE),
    ):
        starts = [Fit(priors.start(n_groups, noise)) for noise in (priors.log_noise, LOUD)]
        starts += [Fit(np.concatenate([np.full(n_groups, STEEP), start.theta[-2:]])) for start in starts]
        found.append(negative_log_posterior(fit(P, y, priors, starts).theta, P, y, priors)[0])
    return found[1] - found[0] > EVIDENT


def steady(data: Data, theta: Floats) -> tuple[int, float] | None:
    """The told trial with the best posterior mean, and that mean as a value, of those that keep every bound.

    None where no noise is found, or no trial keeps the bounds.
    """
    at = subset(data.values, EXACT)
    E = data.points(data.n_good)[at]
    posterior = Posterior(E, data.targets(data.n_good)[at], theta, data.embedding.owner)
    if posterior.v < QUIET or not data.feasible.any():
        return None
    if not data.feasible[at].any():
        at = np.flatnonzero(data.feasible)
        E = data.points(data.n_good)[at]
    means = np.where(data.feasible[at], posterior.predict(E)[0][:, 0], np.inf)
    k = int(means.argmin())
    return int(at[k]), float(restore(means[k], data.values))
