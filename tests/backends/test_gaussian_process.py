"""The surrogate against finite differences, scikit-learn and its naive twin."""

import math

import naive_gp as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Matern
from spaces import SPACES

import hpdsl
from hpdsl.backends.bayes import arrays, kernels
from hpdsl.backends.bayes.embedding import Embedding
from hpdsl.backends.bayes.surrogate import JITTER, Posterior, Priors, fit, negative_log_posterior

MIXED = SPACES["union"] + "k ~ int uniform(1, 9)\nc ~ choice(p, q, r)\ng ~ choice(0, uniform(1, 2))\n"


def data(text=MIXED, n=25, seed=0):
    space = hpdsl.loads(text)
    embedding = Embedding(space)
    E = embedding.of_configs(space.sample(n, seed=seed))
    y = np.random.default_rng(seed).normal(size=n)
    P = np.empty((n * (n - 1) // 2, embedding.n_groups))
    arrays.pair_distances(E, embedding.starts, 0, P)
    theta = np.random.default_rng(seed + 1).normal(0, 0.5, embedding.n_groups + 2) + Priors(4.0).start(
        embedding.n_groups
    )
    return embedding, E, y, P, theta


def test_gradient_is_that_of_finite_differences():
    _, _, y, P, theta = data()
    _, gradient = negative_log_posterior(theta, P, y, Priors(4.0))
    step = 1e-6
    for j in range(len(theta)):
        up, down = theta.copy(), theta.copy()
        up[j] += step
        down[j] -= step
        slope = (
            negative_log_posterior(up, P, y, Priors(4.0))[0] - negative_log_posterior(down, P, y, Priors(4.0))[0]
        ) / (2 * step)
        assert gradient[j] == pytest.approx(slope, rel=1e-5, abs=1e-6)


def test_likelihood_and_posterior_are_the_naive_ones():
    embedding, E, y, P, theta = data()
    value, _ = negative_log_posterior(theta, P, y, Priors(4.0))
    assert value == pytest.approx(
        naive.negative_log_posterior(E, y, theta, embedding.owner, Priors(4.0), JITTER), rel=1e-9
    )
    X = embedding.of_configs(embedding.space.sample(7, seed=9))
    mean, sd = Posterior(E, y, theta, embedding.owner).predict(X)
    slow_mean, slow_sd = naive.posterior(E, y, theta, embedding.owner, X, JITTER)
    np.testing.assert_allclose(mean[:, 0], slow_mean, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(sd, slow_sd, rtol=1e-6)


def test_posterior_is_scikit_learns():
    embedding, E, y, _, theta = data("".join(f"x{i} ~ uniform(0, 1)\n" for i in range(4)), n=30)
    theta[-2] = 0.0
    lengths = np.exp(-0.5 * theta[:-2])
    reference = GaussianProcessRegressor(
        Matern(length_scale=lengths, nu=2.5), alpha=math.exp(theta[-1]) + JITTER, optimizer=None
    ).fit(E, y)
    X = np.random.default_rng(3).random((20, 4))
    mean, sd = Posterior(E, y, theta, embedding.owner).predict(X)
    expected_mean, expected_sd = reference.predict(X, return_std=True)
    np.testing.assert_allclose(mean[:, 0], expected_mean, rtol=0, atol=1e-8)
    np.testing.assert_allclose(sd, expected_sd, rtol=0, atol=1e-8)


def test_the_fit_finds_a_stationary_point_no_worse_than_its_starts():
    _, _, y, P, theta = data()
    priors = Priors(4.0)
    best = fit(P, y, priors, [theta, priors.start(P.shape[1])], iterations=200)
    value, _ = negative_log_posterior(best, P, y, priors)
    for start in (theta, priors.start(P.shape[1])):
        assert value <= negative_log_posterior(start, P, y, priors)[0]


@pytest.mark.parametrize("loops", ["pair_distances", "cross", "matern_and_slope", "spread", "pack_residual"])
def test_compiled_loops_give_the_bits_of_their_twins(loops):
    embedding, E, y, P, _ = data()
    rng = np.random.default_rng(0)
    n = len(y)

    def both(*make):
        results = []
        for module in (arrays, kernels):
            arguments = [m() for m in make]
            getattr(module, loops)(*arguments)
            results.append(arguments)
        for a, b in zip(*results, strict=True):
            np.testing.assert_array_equal(a, b)

    r2 = np.concatenate([[0.0], rng.exponential(3.0, len(P) - 1)])
    if loops == "pair_distances":
        both(lambda: E, lambda: embedding.starts, lambda: 0, lambda: np.zeros_like(P))
    elif loops == "cross":
        products = E @ E.T
        lengths = (E * E).sum(axis=1)
        both(products.copy, lambda: lengths, lambda: lengths, lambda: 1.3)
    elif loops == "matern_and_slope":
        both(lambda: r2, lambda: np.zeros_like(r2), lambda: np.zeros_like(r2))
    elif loops == "spread":
        both(lambda: r2, lambda: 1.7, lambda: 1.9, lambda: np.zeros((n, n), order="F"))
    else:
        inverse = np.asfortranarray(rng.random((n, n)))
        both(lambda: y, lambda: inverse, lambda: np.zeros_like(r2))


@settings(max_examples=60)
@given(st.sampled_from(sorted(SPACES)), st.integers(0, 2**32), st.floats(-3, 3))
def test_kernel_matrices_are_positive_semi_definite(name, seed, log_weight):
    space = hpdsl.loads(SPACES[name])
    embedding = Embedding(space)
    E = embedding.of_configs(space.sample(20, seed=seed))
    theta = np.concatenate([np.full(embedding.n_groups, log_weight), [0.0, -20.0]])
    K = naive.covariance(E, E, theta, embedding.owner)
    assert np.linalg.eigvalsh(K).min() > -1e-10


def test_activity_sets_apart_what_is_active_and_what_is_not():
    space = hpdsl.loads("a ~ choice(p, q)\nx ~ uniform(0, 1) when a == p\ny ~ uniform(0, 1)\n")
    embedding = Embedding(space, activity=0.25)
    on, other, off = embedding.of_features(
        space.features([{"a": "p", "x": 0.9, "y": 0.5}, {"a": "p", "x": 0.4, "y": 0.5}, {"a": "q", "y": 0.5}])
    )
    group = slice(embedding.starts[1], embedding.starts[2])
    assert ((on - off)[group] ** 2).sum() == pytest.approx(0.4**2 + 0.25)
    assert ((on - other)[group] ** 2).sum() == pytest.approx(0.5**2)
    assert ((on - off)[: embedding.starts[1]] ** 2).sum() == pytest.approx(1.0)
    assert embedding.n_groups == 3


def test_shadows_never_matter():
    """What an inactive parameter would hold leaves no trace in the embedded point."""
    space = hpdsl.loads(SPACES["union"])
    embedding = Embedding(space)
    u = np.random.default_rng(0).random((50, len(space.code_names)))
    inactive = np.isnan(space.encode(space.decode(u)))
    other = np.where(inactive, np.random.default_rng(1).random(u.shape), u)
    np.testing.assert_array_equal(embedding.of_configs(space.decode(u)), embedding.of_configs(space.decode(other)))


def test_the_order_of_trials_leaves_the_posterior_alone():
    embedding, E, y, _, theta = data()
    order = np.random.default_rng(5).permutation(len(y))
    X = embedding.of_configs(embedding.space.sample(5, seed=9))
    one = Posterior(E, y, theta, embedding.owner).predict(X)
    two = Posterior(E[order], y[order], theta, embedding.owner).predict(X)
    np.testing.assert_allclose(one[0], two[0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(one[1], two[1], rtol=1e-7)
