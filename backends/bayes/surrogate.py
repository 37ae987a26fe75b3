"""The Gaussian process: marginal likelihood with gradients, MAP hyperparameters, posterior.

Notation of Rasmussen & Williams 2006 (R&W). theta = (log w_1 … log w_G, log s, log v): weights (inverse squared
lengthscales), signal variance, noise variance. k(x, x') = s · matern(r²), r² = Σ_g w_g δ_g(x, x').
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotri, dpotrs, dtrtri, dtrtrs

from hpdsl.backends.bayes.arrays import loops

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Added to the diagonal: keeps the factorisation of repeated points stable, far below any noise that matters.
JITTER = 1e-6
# log w, log s, log v; wide enough never to be the answer, narrow enough that nothing overflows.
W_BOUNDS = (-9.0, 8.0)
S_BOUNDS = (-5.0, 5.0)
V_BOUNDS = (math.log(1e-6), 2.0)
# A fit ends where a step gains less than so many nats; how far its first steps go at least, and any at most.
GAIN, REACH = 1e-3, (0.1, 2.0)
FIRST = np.zeros(1, dtype=np.int64)


@dataclass(frozen=True)
class Priors:
    """Normal priors of the logarithms: log lengthscale, log s, log v.

    The lengthscale's median grows with √d, so that correlations do not vanish in many dimensions
    (Hvarfner et al. 2024).
    """

    d_active: float
    log_noise: float = -4.0
    log_noise_sd: float = 2.0
    log_length_sd: float = 1.0

    def start(self, n_groups: int, log_noise: float | None = None) -> Floats:
        """The prior mean, or the same with another noise."""
        noise = self.log_noise if log_noise is None else log_noise
        return np.concatenate([np.full(n_groups, -2.0 * self._log_length()), [0.0, noise]])

    def _log_length(self) -> float:
        return math.log(0.25) + 0.5 * math.log(max(self.d_active, 1.0))

    @property
    def table(self) -> Floats:
        """Mean and standard deviation of each of the three, as `likelihood` takes them."""
        return np.array([[self._log_length(), self.log_length_sd], [0.0, 0.7], [self.log_noise, self.log_noise_sd]])


def negative_log_posterior(theta: Floats, P: Floats, y: Floats, priors: Priors) -> tuple[float, Floats]:
    """-log p(y | theta) - log p(theta) up to a constant, and its gradient (R&W eq. 5.8, 5.9)."""
    value, slope = np.empty(1), np.empty((1, len(theta)))
    kernels = loops()
    kernels.evaluate(
        (kernels.routines(), P, y, priors.table, JITTER), np.asarray(theta)[None].copy(), FIRST, value, slope
    )
    return float(value[0]), slope[0]


@dataclass(frozen=True)
class Fit:
    """MAP hyperparameters, and the inverse Hessian of the negative log posterior there as far as descent learnt it."""

    theta: Floats
    H: Floats | None = None


def fit(P: Floats, y: Floats, priors: Priors, starts: list[Fit], iterations: int = 50) -> Fit:
    """The best end of descents from the given starts; P are squared distances, of shape (groups, pairs)."""
    kernels = loops()
    m, size = len(starts), len(P) + 2
    low, high = np.array([W_BOUNDS] * len(P) + [S_BOUNDS, V_BOUNDS]).T.copy()
    x = np.clip(np.array([start.theta for start in starts]), low, high)
    H = np.array([np.eye(size) if start.H is None else start.H for start in starts])
    fresh = np.array([start.H is None for start in starts])
    task = (kernels.routines(), P, np.ascontiguousarray(y), priors.table, JITTER)
    value = kernels.fit(task, x, H, fresh, low, high, np.ones((m, size)), GAIN, REACH, iterations)
    best = int(np.argmin(value))
    return Fit(x[best], None if fresh[best] else H[best])


class Posterior:
    """The process given data (R&W algorithm 2.1); several right-hand sides share one factorisation."""

    def __init__(self, E: Floats, y: Floats, theta: Floats, owner: Ints) -> None:
        self.root_w = np.exp(0.5 * theta[:-2])[owner]
        self.s, self.v = math.exp(theta[-2]), math.exp(theta[-1])
        self.X = E * self.root_w
        self._lengths = (self.X * self.X).sum(axis=1)
        self.y = np.asfortranarray(y.reshape(len(y), -1))
        self.L = self._factor(self.kernel(self.X, self.X))
        self.alpha, _ = dpotrs(self.L, self.y, lower=1)

    def extended(self, E: Floats, y: Floats) -> Posterior:
        """The same process given further points E (m, q), whose rows append to L; y are the values of all (n + m, c).

        K' = [K B; Bᵀ C] has the factor [L 0; Aᵀ M], with L A = B and M Mᵀ = C - Aᵀ A.
        """
        other = copy.copy(self)
        for cached in ("inverse", "_inverse_factor", "_alpha"):
            vars(other).pop(cached, None)
        X = E * self.root_w
        half, _ = dtrtrs(self.L, self.kernel(self.X, X), lower=1)
        n, m = len(self.X), len(X)
        other.L = np.zeros((n + m, n + m), order="F")
        other.L[:n, :n] = self.L
        other.L[n:, :n] = half.T
        other.L[n:, n:] = self._factor(self.kernel(X, X) - half.T @ half)
        other.X = np.vstack([self.X, X])
        other._lengths = np.concatenate([self._lengths, (X * X).sum(axis=1)])
        other.y = np.asfortranarray(y.reshape(n + m, -1))
        other.alpha, _ = dpotrs(other.L, other.y, lower=1)
        return other

    def _factor(self, K: Floats) -> Floats:
        for power in range(8):
            # The ladder ends where the matrix is plainly diagonal.
            noise = self.v + JITTER + (self.s * 1e-8 * 10.0**power if power else 0.0)
            L, info = dpotrf(np.asfortranarray(K + noise * np.eye(len(K))), lower=1, clean=1)
            if info == 0:
                return np.asarray(L)
        raise FloatingPointError("the kernel matrix can't be factorised")

    def kernel(self, A: Floats, B: Floats) -> Floats:
        """s · matern between weighted rows, shape (len(A), len(B))."""
        k = A @ B.T
        loops().cross(k, (A * A).sum(axis=1), (B * B).sum(axis=1), self.s)
        return np.asarray(k)

    def kernel_and_slope(self, X: Floats) -> tuple[Floats, Floats]:
        """The kernel between weighted rows and the data, and c so that its gradient by X_i is Σ_j c_ij (X_i - X'_j)."""
        r2 = np.maximum((X * X).sum(axis=1)[:, None] + self._lengths - 2.0 * (X @ self.X.T), 0.0)
        k, slope = np.empty_like(r2), np.empty_like(r2)
        loops().matern_and_slope(r2.reshape(-1), k.reshape(-1), slope.reshape(-1))
        # d r² / d X_i = 2 (X_i - X'_j)
        return k * self.s, slope * (2.0 * self.s)

    def solve(self, y: Floats) -> Floats:
        """(K + v I)⁻¹ y."""
        solution, _ = dpotrs(self.L, np.asfortranarray(y.reshape(len(y), -1)), lower=1)
        return np.asarray(solution.reshape(y.shape))

    def predict(self, E: Floats) -> tuple[Floats, Floats]:
        """Means, shape (m, columns of y), and standard deviations without noise, shape (m,) (R&W eq. 2.25, 2.26)."""
        kernels = loops()
        process = kernels.routines(), self.X, self._lengths, self._alpha, self._inverse_factor, self.s
        mean, explained = np.empty((len(self._alpha), len(E))), np.empty(len(E))
        kernels.predict(process, np.ascontiguousarray(E * self.root_w), mean, explained)
        return mean.T, np.sqrt(np.maximum(self.s - explained, 1e-12 * self.s))

    @cached_property
    def _inverse_factor(self) -> Floats:
        # For many points at once a product with it is faster than a solution, and as accurate.
        inverse, _ = dtrtri(self.L, lower=1)
        return np.ascontiguousarray(inverse)

    @cached_property
    def _alpha(self) -> Floats:
        """The columns of alpha as rows."""
        return np.ascontiguousarray(self.alpha.T)

    @cached_property
    def inverse(self) -> Floats:
        """K⁻¹, with both triangles."""
        inverse, _ = dpotri(self.L, lower=1)
        # In rows, which is the order of its transpose, the known triangle is the upper one.
        loops().mirror(inverse.T)
        return np.asarray(inverse.T)

    def slopes(self, E: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Means (m, c), standard deviations (m,), and their gradients by E: (m, c, q) and (m, q).

        The variance comes from K⁻¹ here, which is faster and good to about 1e-8 · s.
        """
        X = E * self.root_w
        k, slope = self.kernel_and_slope(X)
        v = k @ self.inverse
        variance = np.maximum(self.s - np.einsum("ij,ij->i", k, v), 1e-12 * self.s)
        sd = np.sqrt(variance)
        weights = slope[:, None, :] * self.alpha.T[None]
        mean_by = (weights.sum(axis=2)[:, :, None] * X[:, None, :] - weights @ self.X) * self.root_w
        weights = slope * v
        variance_by = -2.0 * (weights.sum(axis=1)[:, None] * X - weights @ self.X) * self.root_w
        return k @ self.alpha, sd, mean_by, variance_by / (2.0 * sd[:, None])

    def means(self, E: Floats) -> Floats:
        """Means of the first right-hand side, shape (m,)."""
        return np.asarray(self.kernel(E * self.root_w, self.X) @ self.alpha[:, 0])

    def covariance(self, E: Floats) -> tuple[Floats, Floats]:
        """Mean (m,) of the first right-hand side and the joint covariance (m, m)."""
        X = E * self.root_w
        k = self.kernel(X, self.X)
        mean = (k @ self.alpha)[:, 0]
        half, _ = dtrtrs(self.L, k.T, lower=1)
        return mean, self.kernel(X, X) - half.T @ half
