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
from hpdsl.backends.bayes.surrogate import JITTER, W_BOUNDS, Fit, Posterior, Priors, fit, negative_log_posterior

MIXED = SPACES["union"] + "k ~ int uniform(1, 9)\nc ~ choice(p, q, r)\ng ~ choice(0, uniform(1, 2))\n"


def data(text=MIXED, n=25, seed=0):
    space = hpdsl.loads(text)
    embedding = Embedding(space)
    E = embedding.of_configs(space.sample(n, seed=seed))
    y = np.random.default_rng(seed).normal(size=n)
    P = np.empty((embedding.n_groups, n * (n - 1) // 2))
    arrays.pair_distances(E, embedding.starts, 0, P)
    theta = np.random.default_rng(seed + 1).normal(0, 0.5, embedding.n_groups + 2) + Priors(4.0).start(
        embedding.n_groups
    )
    return embedding, E, y, P, theta


JOINT = (
    "w[a, b, c] ~ dirichlet(4, 2, 1)\ns ~ subset(p, q, r)\no[3] ~ increasing uniform(0, 1)\nk ~ permutation(u, v, w)\n"
)
TIED = "x ~ normal(0, 1)\ny ~ gamma(2, 1)\ncorrelate x, y = 0.6\nt ~ uniform(0, y)\nn ~ int lognormal(20, 2)\n"


@pytest.mark.parametrize("text", [MIXED, SPACES["when"], JOINT, TIED, JOINT + TIED])
def test_gradient_is_that_of_finite_differences(text):
    _, _, y, P, theta = data(text)
    _, gradient = negative_log_posterior(theta, P, y, Priors(4.0))
    step = 1e-5
    for j in range(len(theta)):
        up, down = theta.copy(), theta.copy()
        up[j] += step
        down[j] -= step
        slope = (
            negative_log_posterior(up, P, y, Priors(4.0))[0] - negative_log_posterior(down, P, y, Priors(4.0))[0]
        ) / (2 * step)
        assert gradient[j] == pytest.approx(slope, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("text", [MIXED, JOINT + TIED])
def test_slopes_of_mean_and_deviation_are_those_of_differences(text):
    embedding, E, y, _, theta = data(text)
    posterior = Posterior(E, np.column_stack([y, y**2]), theta, embedding.owner)
    X = embedding.of_configs(embedding.space.sample(7, seed=9))
    mean, sd, mean_by, sd_by = posterior.slopes(X)
    exact_mean, exact_sd = posterior.predict(X)
    np.testing.assert_allclose(mean, exact_mean, rtol=0, atol=1e-8)
    np.testing.assert_allclose(sd, exact_sd, rtol=0, atol=1e-6)
    step = 1e-5
    for j in range(X.shape[1]):
        up, down = X.copy(), X.copy()
        up[:, j] += step
        down[:, j] -= step
        (mean_up, sd_up), (mean_down, sd_down) = posterior.predict(up), posterior.predict(down)
        np.testing.assert_allclose(mean_by[:, :, j], (mean_up - mean_down) / (2 * step), rtol=0, atol=1e-6)
        np.testing.assert_allclose(sd_by[:, j], (sd_up - sd_down) / (2 * step), rtol=0, atol=1e-6)


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
    starts = [theta, priors.start(len(P))]
    found = fit(P, y, priors, [Fit(s) for s in starts], iterations=200)
    value, gradient = negative_log_posterior(found.theta, P, y, priors)
    for start in starts:
        assert value <= negative_log_posterior(start, P, y, priors)[0]
    inside = (found.theta > W_BOUNDS[0]) & (found.theta < W_BOUNDS[1])
    # A step of Newton's method gains half of this, in nats.
    assert gradient[inside] @ (found.H[np.ix_(inside, inside)] @ gradient[inside]) < 0.01
    # From there, with the curvature known, a fit has nothing left to do.
    again = fit(P, y, priors, [found], iterations=3)
    assert again.theta == pytest.approx(found.theta, abs=0.05)


def tables(n):
    """A pair matrix and a well-conditioned kernel matrix."""
    rng = np.random.default_rng(n)
    X = rng.random((n, 2))
    K = np.exp(-((X[:, None] - X[None]) ** 2).sum(axis=2)) + 0.5 * np.eye(n)
    return rng.random((4, n * (n - 1) // 2)), K


@pytest.mark.parametrize("n", [3, 24, 131])
def test_compiled_loops_give_the_bits_of_their_twins(n):
    rng = np.random.default_rng(n)
    P, K = tables(n)
    pairs, m, p, c = n * (n - 1) // 2, 5, 3, 8
    r2 = np.concatenate([[0.0], rng.exponential(3.0, pairs - 1)])
    y, lengths = rng.normal(size=n), rng.random(n)
    wide, x, X = rng.random((m, n)), rng.random((m, p)), rng.random((p, n))
    which = np.arange(m)[::-1].copy()
    L = K.copy()
    assert arrays.factorise(arrays.routines(), L) == 0
    distances = [np.zeros(m), np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.int64)]
    routines = {"multiply", "mix", "lower", "weighted_sum", "products", "factorise", "invert", "solve"}
    cases = {
        "pair_distances": (rng.random((n, 5)), np.array([0, 2, 3, 5]), 1, np.zeros((3, pairs))),
        "cross": (rng.random((n, n)), lengths, lengths, 1.3),
        "matern_and_slope": (r2, np.zeros(pairs), np.zeros(pairs)),
        "spread": (r2, 1.7, 1.9, np.zeros((n, n))),
        "pack_residual": (y, K, np.zeros(pairs)),
        "nearest": (x, X, *distances),
        "distances": (x, which, wide, X, rng.random(p), np.zeros((m, n))),
        "dots": (wide, wide[::-1].copy(), np.zeros(m)),
        "sums": (wide, np.zeros(m)),
        "combine": (rng.random((m, c)), rng.random((c, n)), rng.random(m), wide, rng.random((m, n))),
        "differ": (x, rng.random(p), rng.random(m), -1.7, rng.random((m, p))),
        "scale": (r2, r2[::-1].copy()),
        "mirror": (rng.random((n, n)),),
        "multiply": (wide, rng.random((c, n)), np.zeros((m, c))),
        "mix": (wide, rng.random((n, c)), np.zeros((m, c))),
        "lower": (L, rng.random((n, m))),
        "square_sums": (wide, np.zeros(n)),
        "weighted_sum": (P, rng.random(4), np.zeros(pairs)),
        "products": (P, r2, np.zeros(4)),
        "factorise": (K,),
        "invert": (L,),
        "solve": (L, y),
    }
    for name, arguments in cases.items():
        results = []
        for module in (arrays, kernels):
            made = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
            getattr(module, name)(*([module.routines()] if name in routines else []), *made)
            results.append(made)
        for a, b in zip(*results, strict=True):
            np.testing.assert_array_equal(a, b, err_msg=name)
    assert arrays.total(r2, r2[::-1].copy()) == kernels.total(r2, r2[::-1].copy())


def test_steps_of_linear_algebra_are_numpys():
    P, K = tables(6)
    at = arrays.routines()
    w, y = np.arange(1.0, 5.0), np.arange(6.0)
    mixed, by_row, product = np.zeros(15), np.zeros(4), np.zeros((3, 2))
    arrays.weighted_sum(at, P, w, mixed)
    arrays.products(at, P, mixed, by_row)
    arrays.multiply(at, P[:3, :6].copy(), P[2:, 1:7].copy(), product)
    assert mixed == pytest.approx(w @ P)
    assert by_row == pytest.approx(P @ mixed)
    assert product == pytest.approx(P[:3, :6] @ P[2:, 1:7].T)
    mixture, triangular = np.zeros((3, 3)), P[:, :6].T.copy()
    arrays.mix(at, P[:3, :4].copy(), P[:, 1:4].copy(), mixture)
    arrays.lower(at, K, triangular)
    assert mixture == pytest.approx(P[:3, :4] @ P[:, 1:4])
    assert triangular == pytest.approx(np.tril(K) @ P[:, :6].T)
    L, solved = np.tril(K), y.copy()
    assert arrays.factorise(at, L) == 0
    arrays.solve(at, L, solved)
    assert np.tril(L) @ np.tril(L).T == pytest.approx(K)
    assert K @ solved == pytest.approx(y)
    arrays.invert(at, L)
    assert np.tril(L) == pytest.approx(np.tril(np.linalg.inv(K)))
    assert arrays.factorise(at, -K) != 0


def test_compiled_predictions_give_the_bits_of_their_twins(monkeypatch):
    embedding, E, y, _, theta = data()
    # More than one block of points, and several right-hand sides.
    X = embedding.of_configs(embedding.space.sample(150, seed=3))
    found = []
    for jit in ("0", "1"):
        monkeypatch.setenv("HPDSL_JIT", jit)
        found.append(Posterior(E, np.column_stack([y, y**2]), theta, embedding.owner).predict(X))
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


def test_compiled_descents_give_the_bits_of_their_twins():
    _, _, y, P, theta = data()
    priors = Priors(4.0)
    results = []
    for module in (arrays, kernels):
        x = np.array([theta, priors.start(len(P))])
        H, fresh = np.tile(np.eye(len(theta)), (2, 1, 1)), np.ones(2, dtype=np.bool_)
        task = (module.routines(), P, y, priors.table, JITTER)
        ends = np.full(len(theta), -9.0), np.full(len(theta), 8.0)
        value = module.fit(task, x, H, fresh, *ends, np.ones_like(x), 1e-3, (0.1, 2.0), 30)
        results.append((value, x, H, fresh))
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not results[0][3].any()


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
