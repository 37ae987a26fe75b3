"""Slow, obvious twins of the Gaussian process: loops over pairs, dense solves, no cleverness."""

import math

import numpy as np


def matern(r2):
    r = math.sqrt(r2)
    return (1 + math.sqrt(5) * r + 5 * r2 / 3) * math.exp(-math.sqrt(5) * r)


def distance(a, b, w, owner):
    return sum(w[owner[c]] * (a[c] - b[c]) ** 2 for c in range(len(a)))


def covariance(A, B, theta, owner):
    w, s = np.exp(theta[:-2]), math.exp(theta[-2])
    return np.array([[s * matern(distance(a, b, w, owner)) for b in B] for a in A])


def posterior(E, y, theta, owner, X, jitter):
    K = covariance(E, E, theta, owner) + (math.exp(theta[-1]) + jitter) * np.eye(len(E))
    k = covariance(X, E, theta, owner)
    mean = k @ np.linalg.solve(K, y)
    variance = math.exp(theta[-2]) - np.einsum("ij,ij->i", k, np.linalg.solve(K, k.T).T)
    return mean, np.sqrt(variance)


def minus_log_prior(theta, priors):
    lengths = -0.5 * theta[:-2] - math.log(0.25 * math.sqrt(priors.d_active))
    noise = (theta[-1] - priors.log_noise) / priors.log_noise_sd
    return 0.5 * (lengths @ lengths + (theta[-2] / 0.7) ** 2 + noise**2)


def negative_log_posterior(E, y, theta, owner, priors, jitter):
    K = covariance(E, E, theta, owner) + (math.exp(theta[-1]) + jitter) * np.eye(len(E))
    _, log_determinant = np.linalg.slogdet(K)
    return 0.5 * y @ np.linalg.solve(K, y) + 0.5 * log_determinant + minus_log_prior(theta, priors)
