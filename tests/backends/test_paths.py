"""Functions drawn from the posterior, and Thompson sampling by them."""

import numpy as np
import pytest

import hpdsl
from hpdsl.backends.bayes.paths import Path
from hpdsl.backends.bayes.surrogate import Posterior


@pytest.fixture(params=[1e-4, 0.3])
def posterior(request):
    rng = np.random.default_rng(0)
    E = rng.random((12, 2))
    theta = np.log([6.0, 3.0, 1.4, request.param])
    return Posterior(E, np.sin(5 * E[:, 0]) + E[:, 1], theta, np.arange(2))


def test_draws_have_the_moments_of_the_posterior(posterior):
    """400 draws at 8 points: each mean and variance within 6 standard errors, a false alarm below 1e-6 in all."""
    X = np.random.default_rng(1).random((8, 2))
    n = 400
    draws = np.array([Path(posterior, np.random.default_rng(k)).values(X) for k in range(n)])
    mean, sd = posterior.predict(X)
    # Features stand for the kernel up to 1 / sqrt(their number), a part that differs from draw to draw.
    assert (np.abs(draws.mean(axis=0) - mean[:, 0]) < 6.0 * sd / np.sqrt(n) + 0.01).all()
    ratio = draws.var(axis=0, ddof=1) / sd**2
    assert (np.abs(ratio - 1.0) < 6.0 * np.sqrt(2.0 / n) + 0.05).all()


def test_slopes_are_those_of_differences(posterior):
    path = Path(posterior, np.random.default_rng(3))
    X = np.random.default_rng(2).random((5, 2))
    value, slope = path.slopes(X)
    assert value == pytest.approx(path.values(X), abs=1e-9)
    for j in range(2):
        step = np.zeros(2)
        step[j] = 1e-5
        numeric = (path.values(X + step) - path.values(X - step)) / 2e-5
        assert slope[:, j] == pytest.approx(numeric, rel=1e-5, abs=1e-6)


def test_thompson_sampling_finds_a_minimum_and_spreads_batches():
    opt = hpdsl.backend(
        "bayes", hpdsl.loads("x ~ uniform(-1, 1)\ny ~ uniform(-1, 1)\n"), seed=0, acquisition="thompson"
    )
    for _ in range(25):
        config = opt.ask()
        opt.tell(config, (config["x"] - 0.3) ** 2 + (config["y"] + 0.2) ** 2)
    assert opt.best[1] < 1e-3
    assert len({repr(c) for c in opt.ask(6)}) == 6
