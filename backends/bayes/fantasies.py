"""Fantasies: joint samples of what pending trials may give."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.surrogate import Posterior

Floats = NDArray[np.float64]

FANTASIES = 8


def fantasies(posterior: Posterior, X: Floats, rng: np.random.Generator) -> Floats:
    """Joint samples of the values at pending points, shape (len(X), FANTASIES)."""
    mean, covariance = posterior.covariance(X)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(mean[:, None] + root @ rng.standard_normal((len(X), FANTASIES)))
