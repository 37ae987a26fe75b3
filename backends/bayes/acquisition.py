"""Acquisition functions of a predicted mean and standard deviation, for minimisation; larger is better.

z = (f* - mean) / sd, with f* the incumbent's value. LogEI is the logarithm of the expected improvement, kept
accurate where the improvement itself underflows (Ament et al. 2023).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]

_LOG_ROOT_2PI = 0.5 * math.log(2.0 * math.pi)
_ROOT_2PI = math.sqrt(2.0 * math.pi)
# Below this the difference phi(z) + z Phi(z) cancels, and the continued fraction takes over.
_TAIL = -2.0


def _tail_fraction(x: Floats) -> Floats:
    """c = 1 / (x + 2 / (x + 3 / (x + …))), x >= 2: the Mills ratio is 1 / (x + c).

    The number of terms for 1e-13 falls like 1 / x² (backward recurrence).
    """
    terms = int(12 + 240 / float(x.min()) ** 2)
    c = x.copy()
    for k in range(terms, 1, -1):
        c = x + k / c
    return 1.0 / c


def log_h(z: Floats) -> Floats:
    """log(phi(z) + z Phi(z)), the logarithm of the standardised expected improvement."""
    z = np.asarray(z, dtype=np.float64)
    out = np.empty_like(z)
    near = z > _TAIL
    a = z[near]
    out[near] = np.log(np.exp(-0.5 * a * a) / _ROOT_2PI + a * ndtr(a))
    if not near.all():
        x = -z[~near]
        c = _tail_fraction(x)
        # 1 - x · Mills(x) = c / (x + c): no cancellation is left.
        out[~near] = -0.5 * x * x - _LOG_ROOT_2PI + np.log(c) - np.log(x + c)
    return out


def log_ndtr(z: Floats) -> Floats:
    """log Phi(z)."""
    z = np.asarray(z, dtype=np.float64)
    out = np.empty_like(z)
    near = z > _TAIL
    # Near 1 the distance from 1 is what still tells candidates apart.
    out[near] = np.log1p(-ndtr(-z[near]))
    if not near.all():
        x = -z[~near]
        out[~near] = -0.5 * x * x - _LOG_ROOT_2PI - np.log(x + _tail_fraction(x))
    return out


def log_expected_improvement(mean: Floats, sd: Floats, best: Floats | float, kappa: float) -> Floats:
    """log EI."""
    return np.asarray(log_h((best - mean) / sd) + np.log(sd))


def expected_improvement(mean: Floats, sd: Floats, best: Floats | float, kappa: float) -> Floats:
    """EI (Mockus 1978)."""
    return np.exp(log_expected_improvement(mean, sd, best, kappa))


def probability_of_improvement(mean: Floats, sd: Floats, best: Floats | float, kappa: float) -> Floats:
    """log of the probability of an improvement (Kushner 1964)."""
    return log_ndtr((best - mean) / sd)


def lower_confidence_bound(mean: Floats, sd: Floats, best: Floats | float, kappa: float) -> Floats:
    """Minus (mean - kappa · sd), since less is better and more is proposed (Srinivas et al. 2010)."""
    return np.asarray(kappa * sd - mean)


def _log_h_slope(z: Floats) -> Floats:
    """The derivative of `log_h`: Phi / h, which is 1 / c in the tail."""
    out = np.empty_like(z)
    near = z > _TAIL
    a = z[near]
    out[near] = ndtr(a) / (np.exp(-0.5 * a * a) / _ROOT_2PI + a * ndtr(a))
    if not near.all():
        out[~near] = 1.0 / _tail_fraction(-z[~near])
    return out


def log_ndtr_slope(z: Floats) -> Floats:
    """The derivative of log Phi(z): phi / Phi."""
    out = np.empty_like(z)
    near = z > _TAIL
    a = z[near]
    out[near] = np.exp(-0.5 * a * a) / (_ROOT_2PI * ndtr(a))
    if not near.all():
        x = -z[~near]
        out[~near] = x + _tail_fraction(x)
    return out


def slopes(name: str, mean: Floats, sd: Floats, best: Floats | float, kappa: float) -> tuple[Floats, Floats]:
    """The derivatives of an acquisition function by mean and standard deviation."""
    if name == "lcb":
        return np.full_like(mean, -1.0), np.broadcast_to(kappa, mean.shape)
    z = (best - mean) / sd
    if name == "pi":
        by_z = log_ndtr_slope(z)
        return -by_z / sd, -z * by_z / sd
    by_z = _log_h_slope(z)
    by_mean, by_sd = -by_z / sd, (1.0 - z * by_z) / sd
    if name == "logei":
        return by_mean, by_sd
    improvement = np.exp(log_h(z)) * sd
    return by_mean * improvement, by_sd * improvement


ACQUISITIONS: dict[str, Callable[[Floats, Floats, Floats | float, float], Floats]] = {
    "logei": log_expected_improvement,
    "ei": expected_improvement,
    "pi": probability_of_improvement,
    "lcb": lower_confidence_bound,
}


def log_mean_exp(values: Floats) -> Floats:
    """log of the mean of exp along the last axis."""
    top = values.max(axis=-1, keepdims=True)
    return np.asarray(top[..., 0] + np.log(np.exp(values - top).mean(axis=-1)))


def mean_exp_and_slope(values: Floats, each: Floats) -> tuple[Floats, Floats]:
    """`log_mean_exp` of values (m, samples), and its gradient (m, q) from theirs (m, samples, q)."""
    top = values.max(axis=1, keepdims=True)
    share = np.exp(values - top)
    total = share.sum(axis=1)
    slope = ((share / total[:, None])[:, :, None] * each).sum(axis=1)
    return top[:, 0] + np.log(total / values.shape[1]), slope
