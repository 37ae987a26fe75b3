"""Acquisition functions of a predicted mean and standard deviation, for minimisation; larger is better.

z = (f* - mean) / sd, with f* the incumbent's value. LogEI is the logarithm of the expected improvement, kept
accurate where the improvement itself underflows (Ament et al. 2023).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx, ndtr

Floats = NDArray[np.float64]

_LOG_ROOT_2PI = 0.5 * math.log(2.0 * math.pi)
_ROOT_2PI = math.sqrt(2.0 * math.pi)
# Below this the difference phi(z) + z Phi(z) cancels, and the continued fraction takes over.
_TAIL = -2.0
_FAR, _TERMS = 12.0, 14
_ROOT_2_BY_PI, _HALF_ROOT = math.sqrt(2.0 / math.pi), math.sqrt(0.5)


def _tail_fraction(x: Floats) -> Floats:
    """c = 1 / (x + 2 / (x + 3 / (x + …))), x >= 2: the Mills ratio is 1 / (x + c)."""
    # From the ratio itself the difference loses about x² · 1e-16.
    c = _ROOT_2_BY_PI / erfcx(x * _HALF_ROOT) - x
    far = x > _FAR
    if far.any():
        y = x[far]
        # The number of terms for 1e-13 falls like 1 / x² (backward recurrence); from here on this many will do.
        fraction = y.copy()
        for k in range(_TERMS, 1, -1):
            fraction = y + k / fraction
        c[far] = 1.0 / fraction
    return np.asarray(c)


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


def log_h_and_ndtr(z: Floats) -> tuple[Floats, Floats]:
    """`log_h` and `log_ndtr` together, which have most of their work in common."""
    h, below = np.empty_like(z), np.empty_like(z)
    near = z > _TAIL
    a = z[near]
    h[near] = np.log(np.exp(-0.5 * a * a) / _ROOT_2PI + a * ndtr(a))
    below[near] = np.log1p(-ndtr(-a))
    far = ~near
    if far.any():
        x = -z[far]
        c = _tail_fraction(x)
        below[far] = -0.5 * x * x - _LOG_ROOT_2PI - np.log(x + c)
        h[far] = below[far] + np.log(c)
    return h, below


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


def log_h_and_slope(z: Floats) -> tuple[Floats, Floats]:
    """`log_h` and its derivative Phi / h, which is 1 / c in the tail."""
    out, slope = np.empty_like(z), np.empty_like(z)
    near = z > _TAIL
    a = z[near]
    below = ndtr(a)
    h = np.exp(-0.5 * a * a) / _ROOT_2PI + a * below
    out[near], slope[near] = np.log(h), below / h
    if not near.all():
        far = ~near
        x = -z[far]
        c = _tail_fraction(x)
        out[far] = -0.5 * x * x - _LOG_ROOT_2PI + np.log(c) - np.log(x + c)
        slope[far] = 1.0 / c
    return out, slope


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


def with_slopes(name: str, mean: Floats, sd: Floats, best: Floats | float, kappa: float) -> tuple[Floats, ...]:
    """The value of an acquisition function, and its derivatives by mean and standard deviation."""
    if name == "lcb":
        return lower_confidence_bound(mean, sd, best, kappa), np.full_like(mean, -1.0), np.full_like(mean, kappa)
    z = (best - mean) / sd
    if name == "pi":
        by_z = log_ndtr_slope(z)
        return log_ndtr(z), -by_z / sd, -z * by_z / sd
    h, by_z = log_h_and_slope(z)
    value, by_mean, by_sd = h + np.log(sd), -by_z / sd, (1.0 - z * by_z) / sd
    if name == "logei":
        return value, by_mean, by_sd
    improvement = np.exp(value)
    return improvement, by_mean * improvement, by_sd * improvement


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
