"""Priors as belief: the densities of scale codes, decisive at first, forgotten later."""

import numpy as np
import pytest
from scipy import stats

import hpdsl
from hpdsl.backends.bayes.belief import Belief


def test_flat_priors_say_nothing():
    text = (
        "a ~ uniform(0, 1)\nb ~ loguniform(1e-5, 1)\nc ~ int uniform(1, 99)\nd ~ choice(p, q)\ne ~ ordinal(1, 2, 3)\n"
    )
    assert not Belief(
        hpdsl.loads(text + "f ~ pow2(1, 64)\ng ~ uniform(0, 1) step 0.1\nh ~ uniform(0, 1) when d == q\n")
    )


@pytest.mark.parametrize(
    "prior",
    [
        "int loguniform(1, 2)",
        "int uniform(4503599627370480, 4503599627370490)",
        "int loguniform(8, 1024)",
        "int loguniform(1, 1000)",
        "int loguniform(1, 1000000)",
        "loguniform(1, 100) step 0.5",
        "loguniform(0.001, 10) step 0.001",
    ],
)
def test_integers_and_steps_on_a_flat_scale_say_nothing(prior):
    assert not Belief(hpdsl.loads(f"x ~ {prior}\n"))


@pytest.mark.parametrize(
    ("prior", "density"),
    [
        ("int normal(50, 12) in 1 .. 99", lambda x: stats.norm.logpdf(x, 50, 12)),
        ("int normal(50, 12)", lambda x: stats.norm.logpdf(x, 50, 12)),
        ("normal(50, 12) in 0 .. 100 step 0.5", lambda x: stats.norm.logpdf(x, 50, 12)),
    ],
)
def test_belief_in_integers_follows_the_law(prior, density):
    space = hpdsl.loads(f"x ~ {prior}\n")
    x = np.arange(25, 76)
    found = Belief(space).log_prior(space.encode([{"x": int(v)} if "int" in prior else {"x": float(v)} for v in x]))
    # Up to a constant, and what a cell of mass averages.
    assert np.ptp(found - density(x)) < 0.08


@pytest.mark.parametrize(
    ("prior", "density"),
    [
        ("normal(0.3, 0.1) in 0 .. 1", lambda x: stats.norm.logpdf(x, 0.3, 0.1)),
        ("beta(2, 5)", lambda x: stats.beta.logpdf(x, 2, 5)),
        # In log x, which is its scale code.
        ("lognormal(10, 2) in 1 .. 100", lambda x: stats.norm.logpdf(np.log(x), np.log(10), np.log(2))),
    ],
)
def test_log_priors_are_densities_of_scale_codes(prior, density):
    space = hpdsl.loads(f"x ~ {prior}\n")
    configs = space.sample(200, seed=0)
    found = Belief(space).log_prior(space.encode(configs))
    expected = density(configs.columns["x"])
    gap = found - expected
    # Up to a constant, and the resolution of the table.
    assert np.ptp(gap) < 0.05
    assert found.max() <= 0.0


@pytest.mark.parametrize("prior", ["beta(0.5, 0.5)", "beta(0.01, 0.01)", "gamma(0.01, 1)", "gamma(0.5, 1)"])
def test_densities_without_end_still_tell_values_apart(prior):
    belief = Belief(hpdsl.loads(f"x ~ {prior}\n"))
    found = belief.log_prior(np.array([[1e-6], [0.1], [0.3], [0.5]]))
    assert np.isfinite(found).all()
    assert len(set(found.tolist())) > 2 or prior.startswith(("beta(0.01", "gamma(0.01"))


def test_alternatives_are_weighed_by_their_mass():
    space = hpdsl.loads("a ~ choice(p: 6, q: 3, r)\n")
    found = Belief(space).log_prior(space.encode([{"a": "p"}, {"a": "q"}, {"a": "r"}]))
    assert np.exp(found) == pytest.approx([1.0, 0.5, 1 / 6])


def test_inactive_parameters_say_nothing():
    space = hpdsl.loads("a ~ choice(p, q)\nx ~ normal(0, 1) when a == p\n")
    assert Belief(space).log_prior(space.encode([{"a": "q"}])) == 0.0


def test_flattened_rows_are_uniform_in_scale_codes():
    space = hpdsl.loads("x ~ normal(0.3, 0.15) in 0 .. 1\na ~ choice(p: 9, q)\n")
    rows = Belief(space).flattened(np.random.default_rng(0).random((4000, 2)))
    columns = space.decode(rows).columns
    # n = 4,000: Kolmogorov-Smirnov with a false alarm of 1e-9, the table's resolution apart.
    assert stats.kstest(columns["x"], "uniform").statistic < 0.052
    assert abs((columns["a"] == 0).mean() - 0.5) < 6 * 0.5 / np.sqrt(4000)


def bowl(c):
    return (c["x"] - 0.7) ** 2 + (c["y"] - 0.7) ** 2 + (c["z"] - 0.2) ** 2 + (c.get("w", 0.5) - 0.5) ** 2


def test_an_overwhelming_belief_proposes_the_mode():
    space = hpdsl.loads("x ~ normal(0.25, 0.1) in 0 .. 1\ny ~ beta(3, 2)\nz ~ uniform(0, 1)\n")
    opt = hpdsl.backend("bayes", space, seed=0, belief=1e6, n_start=4)
    for _ in range(4):
        config = opt.ask()
        opt.tell(config, bowl(config))
    config = opt.ask()
    assert config["x"] == pytest.approx(0.25, abs=0.03)
    assert config["y"] == pytest.approx(2 / 3, abs=0.05)


@pytest.mark.parametrize(("mode", "n", "better"), [(0.7, 10, True), (0.3, 40, False)])
def test_a_good_belief_pays_and_a_wrong_one_is_forgotten(mode, n, better):
    text = f"x ~ normal({mode}, 0.1) in 0 .. 1\ny ~ normal({mode}, 0.1) in 0 .. 1\n"
    text += "z ~ uniform(0, 1)\nw ~ uniform(0, 1)\n"

    def median(belief):
        found = []
        for seed in range(5):
            opt = hpdsl.backend("bayes", hpdsl.loads(text), seed=seed, belief=belief)
            for _ in range(n):
                config = opt.ask()
                opt.tell(config, bowl(config))
            found.append(opt.best[1])
        return np.median(found)

    if better:
        assert median(5.0) < median(0.0)
    else:
        # A random point of the prior, far from the optimum, has 0.3.
        assert median(5.0) < 0.003
