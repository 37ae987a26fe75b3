"""`Path`: one function drawn from the posterior, for Thompson sampling.

A draw from the prior, by random Fourier features (Rahimi & Recht 2007), moved by what the data say of it
(pathwise conditioning, Wilson et al. 2020, eq. 11).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.surrogate import Posterior

Floats = NDArray[np.float64]

FEATURES = 1024


class Path:
    """f(x) + k(x, X) K⁻¹ (y - f(X) - noise), f from the prior; `y` has one column."""

    def __init__(self, posterior: Posterior, rng: np.random.Generator) -> None:
        self.posterior = posterior
        q = posterior.X.shape[1]
        # The spectral density of Matérn 5/2 is Student's t with five degrees of freedom (R&W eq. 4.15).
        t = rng.standard_normal((q, FEATURES)) * np.sqrt(5.0 / rng.chisquare(5.0, FEATURES))
        self._frequencies = t
        self._phases = rng.uniform(0.0, 2.0 * math.pi, FEATURES)
        self._weights = rng.standard_normal(FEATURES) * math.sqrt(2.0 * posterior.s / FEATURES)
        prior = np.cos(posterior.X @ t + self._phases) @ self._weights
        noise = rng.standard_normal(len(prior)) * math.sqrt(posterior.v)
        self._update = posterior.solve(posterior.y[:, 0] - prior - noise)

    def values(self, E: Floats) -> Floats:
        """The function at embedded points, shape (m,)."""
        X = E * self.posterior.root_w
        prior = np.cos(X @ self._frequencies + self._phases) @ self._weights
        return np.asarray(prior + self.posterior.kernel(X, self.posterior.X) @ self._update)

    def slopes(self, E: Floats) -> tuple[Floats, Floats]:
        """The function and its gradient, shapes (m,) and (m, q)."""
        posterior = self.posterior
        X = E * posterior.root_w
        angles = X @ self._frequencies + self._phases
        prior_by = -(np.sin(angles) * self._weights) @ self._frequencies.T
        k, slope = posterior.kernel_and_slope(X)
        weighted = slope * self._update
        data_by = weighted.sum(axis=1)[:, None] * X - weighted @ posterior.X
        return np.cos(angles) @ self._weights + k @ self._update, (prior_by + data_by) * posterior.root_w
