"""Joint laws: subsets, permutations, simplex weights, ordered arrays and copulas, against what they should be.

n = 20,000 rows a test; each test of fit fails by chance once in 1e8 runs.
"""

import itertools
import math
from collections import Counter

import mpmath
import numpy as np
import pytest
from scipy import stats

import hpdsl
from hpdsl.semantics import copula

N = 20_000
FALSE_ALARM = 1e-8


def fits(counts, expected):
    """True where observed counts agree with expected probabilities, by outcome."""
    assert set(counts) <= set(expected), "an impossible outcome"
    observed = [counts.get(k, 0) for k in expected]
    total = sum(observed)
    assert math.isclose(sum(expected.values()), 1.0, abs_tol=1e-9)
    return stats.chisquare(observed, [total * p for p in expected.values()]).pvalue > FALSE_ALARM


# ---- subsets and permutations ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "low", "high"), [("", 0, 4), (", size = 2", 2, 2), (", size = 1 .. 3", 1, 3), (", size = .. 1", 0, 1)]
)
def test_subsets_are_uniform_over_the_admissible_ones(size, low, high):
    space = hpdsl.loads(f"s ~ subset(a, b, c, d{size})\n")
    admissible = [c for n in range(low, high + 1) for c in itertools.combinations("abcd", n)]
    configs = space.sample(N, seed=1)
    counts = Counter(tuple(c["s"]) for c in configs)
    assert fits(counts, dict.fromkeys(admissible, 1 / len(admissible)))
    np.testing.assert_allclose(space.log_density(configs), -math.log(len(admissible)), rtol=1e-12)
    assert space.size == len(admissible) == len(space.grid(levels=3))


def test_the_size_of_a_subset_may_follow_a_parameter():
    space = hpdsl.loads("k ~ int uniform(0, 3)\ns ~ subset(x, y, z, size = k)\n")
    counts = Counter((c["k"], tuple(c["s"])) for c in space.sample(N, seed=2))
    expected = {(k, c): 0.25 / math.comb(3, k) for k in range(4) for c in itertools.combinations("xyz", k)}
    assert fits(counts, expected)


def test_permutations_are_uniform():
    space = hpdsl.loads("p ~ permutation(a, b, c, d)\n")
    configs = space.sample(N, seed=3)
    counts = Counter(tuple(c["p"]) for c in configs)
    assert fits(counts, dict.fromkeys(itertools.permutations("abcd"), 1 / 24))
    np.testing.assert_allclose(space.log_density(configs), -math.log(24), rtol=1e-12)
    assert space.size == 24
    assert sorted(tuple(c["p"]) for c in space.grid(levels=9)) == sorted(itertools.permutations("abcd"))


def test_a_long_permutation_round_trips():
    space = hpdsl.loads(f"p ~ permutation({', '.join(str(k) for k in range(60))})\n")
    configs = space.sample(50, seed=0)
    assert all(sorted(c["p"]) == list(range(60)) for c in configs)
    assert list(space.decode(space.encode(configs))) == list(configs)


# ---- simplex weights ----------------------------------------------------------------------------------


@pytest.mark.parametrize("alphas", [(4, 2, 1), (1, 1, 1), (0.5, 0.5), (0.3, 5, 2, 1)])
def test_dirichlet_weights(alphas):
    labels = "abcd"[: len(alphas)]
    space = hpdsl.loads(f"w[{', '.join(labels)}] ~ dirichlet({', '.join(map(str, alphas))})\n")
    configs = space.sample(N, seed=4)
    weights = np.array([configs.columns[f"w.{x}"] for x in labels])
    np.testing.assert_allclose(weights.sum(axis=0), 1.0, rtol=1e-12)
    assert (weights >= 0).all()
    total = sum(alphas)
    for a, w in zip(alphas, weights, strict=True):
        assert stats.kstest(w, stats.beta(a, total - a).cdf).pvalue > FALSE_ALARM
    # Shares of two weights are independent of their sum, which only a Dirichlet law has.
    if len(alphas) > 2:
        share = weights[0] / (weights[0] + weights[1])
        assert stats.kstest(share, stats.beta(alphas[0], alphas[1]).cdf).pvalue > FALSE_ALARM
        assert stats.spearmanr(share, weights[0] + weights[1]).pvalue > FALSE_ALARM


def test_dirichlet_density():
    space = hpdsl.loads("w[a, b, c] ~ dirichlet(4, 2, 1)\n")
    configs = space.sample(50, seed=5)
    points = np.array([configs.columns[f"w.{x}"] for x in "abc"])
    expected = [stats.dirichlet([4, 2, 1]).logpdf(p / p.sum()) for p in points.T]
    np.testing.assert_allclose(space.log_density(configs), expected, rtol=1e-9)


def test_weights_may_be_an_array_of_fixed_length():
    config = hpdsl.loads("given n = 4\nw[n] ~ dirichlet(2)\n").sample(seed=0)
    assert len(config["w"]) == 4
    assert math.isclose(sum(config["w"]), 1.0)


# ---- ordered arrays -----------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["increasing", "decreasing"])
@pytest.mark.parametrize("law", ["uniform(2, 5)", "normal(0, 1)", "loguniform(1e-3, 1)"])
def test_ordered_arrays_are_order_statistics(word, law):
    n = 4
    space = hpdsl.loads(f"x[{n}] ~ {word} {law}\n")
    configs = space.sample(N, seed=6)
    values = np.array([configs.columns[f"x[{k}]"] for k in range(n)])
    rising = values if word == "increasing" else values[::-1]
    assert (np.diff(rising, axis=0) >= 0).all()
    cdf = {"u": stats.uniform(2, 3).cdf, "n": stats.norm.cdf, "l": stats.loguniform(1e-3, 1).cdf}[law[0]]
    for k in range(n):
        assert stats.kstest(cdf(rising[k]), stats.beta(k + 1, n - k).cdf).pvalue > FALSE_ALARM
    # The joint density of order statistics is n! times the product of the densities.
    alone = hpdsl.loads("".join(f"y{k} ~ {law}\n" for k in range(n)))
    single = alone.log_density([{f"y{k}": v[k] for k in range(n)} for v in values.T[:40]])
    np.testing.assert_allclose(space.log_density(configs[:40]), single + math.log(math.factorial(n)), rtol=1e-8)


@pytest.mark.parametrize("word", ["increasing", "decreasing"])
def test_ordered_integers_are_what_conditioning_leaves(word):
    space = hpdsl.loads(f"n ~ int uniform(1, 3)\nx[n] ~ {word} int loguniform(1, 6)\n")
    mass = {k: math.log((k + 0.5) / (k - 0.5)) / math.log(6.5 / 0.5) for k in range(1, 7)}
    expected = {}
    for n in (1, 2, 3):
        tuples = [t if word == "increasing" else t[::-1] for t in itertools.combinations(range(1, 7), n)]
        weights = {t: math.prod(mass[k] for k in t) for t in tuples}
        expected.update({t: w / sum(weights.values()) / 3 for t, w in weights.items()})
    configs = space.sample(N, seed=7)
    assert fits(Counter(tuple(c["x"]) for c in configs), expected)
    np.testing.assert_allclose(
        space.log_density(configs[:200]), [math.log(expected[tuple(c["x"])]) for c in configs[:200]], rtol=1e-9
    )
    assert space.size == len(expected)


def test_order_that_leaves_a_single_choice():
    space = hpdsl.loads("x[3] ~ increasing int uniform(1, 3)\ny[2] ~ decreasing uniform(0, 1) step 0.5\n")
    for config in space.sample(200, seed=0):
        assert config["x"] == [1, 2, 3]
        assert config["y"][0] > config["y"][1]


# ---- copulas ------------------------------------------------------------------------------------------


def test_correlations_and_margins():
    text = "a ~ normal(1, 2)\nb ~ loguniform(1e-4, 1)\nc ~ beta(2, 5)\n"
    space = hpdsl.loads(text + "correlate a, b = 0.6\ncorrelate b, c = -0.4\n")
    configs = space.sample(N, seed=8)
    columns = [configs.columns[k] for k in "abc"]
    laws = [stats.norm(1, 2), stats.loguniform(1e-4, 1), stats.beta(2, 5)]
    for column, law in zip(columns, laws, strict=True):
        assert stats.kstest(column, law.cdf).pvalue > FALSE_ALARM
    found = stats.spearmanr(np.array(columns).T).statistic
    # The standard error of a rank correlation is below 1 / sqrt(n); six of them are exceeded once in 5e8 times.
    for i, j, r in ((0, 1, 0.6), (1, 2, -0.4), (0, 2, 0.0)):
        assert abs(found[i, j] - r) < 6.0 / math.sqrt(N)


def test_codes_of_correlated_parameters_are_independent():
    space = hpdsl.loads("a ~ normal(0, 1)\nb ~ uniform(0, 1)\ncorrelate a, b = 0.8\n")
    u = space.encode(space.sample(N, seed=9))
    for column in u.T:
        assert stats.kstest(column, "uniform").pvalue > FALSE_ALARM
    assert stats.spearmanr(u).pvalue > FALSE_ALARM


def test_the_density_of_a_copula():
    space = hpdsl.loads("a ~ normal(0, 1)\nb ~ normal(0, 2)\nc ~ normal(0, 1)\ncorrelate a, b, c = 0.5\n")
    rho = 2 * math.sin(math.pi * 0.5 / 6)
    scale = np.array([1.0, 2.0, 1.0])
    covariance = (np.full((3, 3), rho) + (1 - rho) * np.eye(3)) * np.outer(scale, scale)
    configs = space.sample(50, seed=1)
    points = [[c["a"], c["b"], c["c"]] for c in configs]
    expected = stats.multivariate_normal(np.zeros(3), covariance).logpdf(points)
    np.testing.assert_allclose(space.log_density(configs), expected, rtol=1e-8, atol=1e-8)


def test_discrete_members_of_a_copula():
    space = hpdsl.loads("a ~ int uniform(1, 3)\nb ~ ordinal(1, 2)\nc ~ bool(0.3)\ncorrelate a, b, c = 0.6\n")
    everything = [{"a": a, "b": b, "c": c} for a in (1, 2, 3) for b in (1, 2) for c in (False, True)]
    masses = np.exp(space.log_density(everything))
    assert math.isclose(masses.sum(), 1.0, abs_tol=1e-9)
    counts = Counter((c["a"], c["b"], c["c"]) for c in space.sample(N, seed=3))
    assert fits(counts, {tuple(c.values()): m for c, m in zip(everything, masses, strict=True)})
    by_a = [masses[[k for k, c in enumerate(everything) if c["a"] == a]].sum() for a in (1, 2, 3)]
    np.testing.assert_allclose(by_a, 1 / 3, atol=1e-9)


def test_discrete_and_continuous_members_together():
    space = hpdsl.loads("x ~ uniform(0, 1)\nk ~ int uniform(1, 4)\ncorrelate x, k = 0.7\n")
    nodes, weights = np.polynomial.legendre.leggauss(400)
    xs = 0.5 + 0.5 * nodes
    for k in (1, 2, 3, 4):
        mass = np.exp(space.log_density([{"x": x, "k": k} for x in xs])) @ (0.5 * weights)
        assert math.isclose(mass, 0.25, abs_tol=1e-5)
    configs = space.sample(N, seed=4)
    half = configs.columns["k"][configs.columns["x"] < 0.5]
    inside = [np.exp(space.log_density([{"x": x / 2, "k": k} for x in xs])) @ (0.25 * weights) for k in (1, 2, 3, 4)]
    assert fits(Counter(half.tolist()), {k + 1: p / sum(inside) for k, p in enumerate(inside)})


def test_correlated_parameters_change_no_other():
    alone = hpdsl.loads("a ~ uniform(0, 1)\nb ~ uniform(0, 1)\n").sample(50, seed=1)
    tied = hpdsl.loads("a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nc ~ uniform(0, 1)\ncorrelate b, c = 0.9\n").sample(50, 1)
    np.testing.assert_array_equal(alone.columns["a"], tied.columns["a"])


def test_correlation_within_a_requirement_is_kept():
    space = hpdsl.loads("a ~ uniform(0, 1)\nb ~ uniform(0, 1)\ncorrelate a, b = 0.9\nrequire a * a > 0.25\n")
    configs = space.sample(N, seed=5)
    free = hpdsl.loads("a ~ uniform(0, 1)\nb ~ uniform(0, 1)\ncorrelate a, b = 0.9\n").sample(4 * N, seed=6)
    kept = free.columns["a"] ** 2 > 0.25
    assert stats.ks_2samp(configs.columns["b"], free.columns["b"][kept]).pvalue > FALSE_ALARM


def test_claims_may_be_about_one_member_of_a_copula():
    text = "b ~ uniform(0, 1)\nc ~ uniform(0, 1)\ncorrelate b, c = 0.5\nassert min(c, 0.25) < {}\n"
    assert hpdsl.loads(text.format(2)).names == ("b", "c")
    with pytest.raises(hpdsl.SpecError, match=r"HP058.*does not always hold"):
        hpdsl.loads(text.format(0.2))


def test_the_sine_of_correlations_is_within_two_ulps():
    for k in range(-300, 301):
        x = math.pi * k / 1800
        assert abs(copula._sine(x) - mpmath.sin(x)) <= 2 * math.ulp(x)


@pytest.mark.parametrize(
    ("prior", "n", "said"),
    [("int uniform(1, 5)", 4, "4 discrete parameters are correlated"), ("uniform(1, 5)", 201, "the limit is 200")],
)
def test_more_correlated_parameters_than_can_be_drawn_are_refused(prior, n, said):
    text = "".join(f"k{i} ~ {prior}\n" for i in range(n))
    text += "".join(f"correlate k{i}, k{i + 1} = 0.1\n" for i in range(n - 1))
    with pytest.raises(hpdsl.SpecError, match=said):
        hpdsl.loads(text)
