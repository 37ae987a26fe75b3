"""Every prior against scipy.stats, and the integer law against its definition."""

import math

import numpy as np
import pytest
from scipy import stats

import hpdsl

N = 20_000
# Each Kolmogorov-Smirnov or chi-square test below fails by chance with probability 1e-8; there are fewer than 50.
ALPHA = 1e-8

CONTINUOUS = {
    "uniform(-5, 5)": stats.uniform(-5, 10),
    "loguniform(1e-5, 10)": stats.loguniform(1e-5, 10),
    "normal(1, 2)": stats.norm(1, 2),
    "normal(0, 1) in -1 .. 3": stats.truncnorm(-1, 3),
    "normal(0, 1) in 6 .. 9": stats.truncnorm(6, 9),
    "normal(0, 1) in .. -2": stats.truncnorm(-math.inf, -2),
    "lognormal(2, 1.5)": stats.lognorm(math.log(1.5), scale=2),
    "beta(2, 5)": stats.beta(2, 5),
    "beta(0.5, 0.5)": stats.beta(0.5, 0.5),
    "beta(1, 10)": stats.beta(1, 10),
}


@pytest.mark.parametrize("text", CONTINUOUS)
def test_samples_follow_the_law(text):
    x = hpdsl.loads(f"x ~ {text}\n").sample(N, seed=11).columns["x"]
    assert stats.kstest(x, CONTINUOUS[text].cdf).pvalue > ALPHA


@pytest.mark.parametrize("text", CONTINUOUS)
def test_codes_and_densities_are_scipys(text):
    law = CONTINUOUS[text]
    space = hpdsl.loads(f"x ~ {text}\n")
    x = law.ppf(np.linspace(0.001, 0.999, 41))
    configs = [{"x": float(v)} for v in x]
    np.testing.assert_allclose(space.encode(configs)[:, 0], law.cdf(x), rtol=2e-9, atol=1e-12)
    np.testing.assert_allclose(space.log_density(configs), law.logpdf(x), rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(
        space.decode(np.linspace(0.001, 0.999, 41)[:, None]).columns["x"], x, rtol=1e-8, atol=1e-12
    )


def cells(law, low, high, step=1.0, truncated=None):
    """P(k) is what the widened, truncated law gives to half a step around k."""
    a, b = truncated if truncated else (low, high)
    points = np.arange(a, b + step / 2, step)
    mass = law.cdf(points + step / 2) - law.cdf(points - step / 2)
    return points, mass / mass.sum()


LATTICES = {
    "int uniform(1, 3)": cells(stats.uniform(0.5, 3), 1, 3),
    "int loguniform(1, 64)": cells(stats.loguniform(0.5, 64.5), 1, 64),
    "int normal(5, 2) in 0 .. 10": cells(stats.norm(5, 2), 0, 10),
    "int uniform(1, 10) in 2 .. 5": cells(stats.uniform(0.5, 10), 1, 10, truncated=(2, 5)),
    "uniform(0, 1) step 0.1": cells(stats.uniform(-0.05, 1.1), 0, 1, step=0.1),
    "int uniform(1, 9) step 2": cells(stats.uniform(0, 10), 1, 9, step=2.0),
    "normal(0, 1) in -2 .. 2 step 0.5": cells(stats.norm(0, 1), -2, 2, step=0.5),
    "ordinal(1, 2, 5, 10)": (np.array([1.0, 2, 5, 10]), np.full(4, 0.25)),
    "pow2(4, 64)": (np.array([4.0, 8, 16, 32, 64]), np.full(5, 0.2)),
    "choice(3, 1.5: 2, 7)": (np.array([3, 1.5, 7]), np.array([0.25, 0.5, 0.25])),
}


@pytest.mark.parametrize("text", LATTICES)
def test_lattices_follow_the_cell_law(text):
    points, mass = LATTICES[text]
    space = hpdsl.loads(f"x ~ {text}\n")
    x = space.sample(N, seed=12).columns["x"]
    counts = np.array([(np.abs(x - p) < 1e-9).sum() for p in points])
    assert counts.sum() == N
    enough = mass * N > 5
    if enough.sum() > 1:
        expected = mass[enough] / mass[enough].sum() * counts[enough].sum()
        assert stats.chisquare(counts[enough], expected).pvalue > ALPHA
    density = space.log_density([{"x": float(p) if p != int(p) else int(p)} for p in points])
    np.testing.assert_allclose(np.exp(density), mass, rtol=1e-9)


def test_points_of_a_step_are_the_nearest_decimals():
    x = hpdsl.loads("x ~ uniform(0, 1) step 0.1\n").grid(levels=100)
    assert [c["x"] for c in x] == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


def test_weights_and_truth():
    configs = hpdsl.loads("c ~ choice(a, b: 3, z: 0)\nt ~ bool(0.3)\n").sample(N, seed=5)
    c = np.bincount(configs.columns["c"], minlength=3)
    assert c[2] == 0
    # Binomial n = 20000: 6 standard deviations, false alarm below 2e-9.
    assert abs(c[1] / N - 0.75) < 6 * math.sqrt(0.75 * 0.25 / N)
    assert abs(configs.columns["t"].mean() - 0.3) < 6 * math.sqrt(0.3 * 0.7 / N)


def test_mixed_choices_have_atoms_and_densities():
    space = hpdsl.loads("a ~ choice(0, loguniform(1e-6, 10))\nd ~ choice(auto, uniform(1, 2), uniform(1.5, 4))\n")
    configs = space.sample(N, seed=7)
    a = configs.columns["a"]
    assert abs((a == 0).mean() - 0.5) < 6 * math.sqrt(0.25 / N)
    assert stats.kstest(a[a > 0], stats.loguniform(1e-6, 10).cdf).pvalue > ALPHA
    density = np.exp(space.log_density([{"a": 0, "d": "auto"}, {"a": 0, "d": 1.7}, {"a": 0, "d": 3.0}]))
    np.testing.assert_allclose(density, [0.5 / 3, 0.5 * (1 + 1 / 2.5) / 3, 0.5 / 2.5 / 3], rtol=1e-9)


def test_an_atom_inside_an_integer_range_adds():
    space = hpdsl.loads("e ~ choice(2: 1, int uniform(0, 4): 3)\n")
    mass = np.exp(space.log_density([{"e": k} for k in range(5)]))
    np.testing.assert_allclose(mass, [0.15, 0.15, 0.25 + 0.15, 0.15, 0.15], rtol=1e-12)
    e = space.sample(N, seed=1).columns["e"]
    assert abs((e == 2).mean() - 0.4) < 6 * math.sqrt(0.24 / N)


def test_a_dependent_bound_is_not_a_requirement():
    """b ~ uniform(0, a) leaves a alone; require b <= a conditions it."""
    drawn = hpdsl.loads("a ~ uniform(0, 1)\nb ~ uniform(0, a)\n").sample(N, seed=1).columns["a"]
    tied = hpdsl.loads("a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nrequire b <= a\n").sample(N, seed=1).columns["a"]
    assert stats.kstest(drawn, "uniform").pvalue > ALPHA
    assert stats.kstest(tied, stats.beta(2, 1).cdf).pvalue > ALPHA


def test_rejection_keeps_the_joint_law():
    configs = hpdsl.loads("c ~ int uniform(1, 6)\nd ~ int uniform(1, 6)\nforbid c == d\n").sample(N, seed=2)
    pairs = (configs.columns["c"] - 1) * 6 + configs.columns["d"] - 1
    counts = np.bincount(pairs, minlength=36)
    allowed = np.array([c != d for c in range(6) for d in range(6)])
    assert counts[~allowed].sum() == 0
    assert stats.chisquare(counts[allowed]).pvalue > ALPHA


def test_what_has_no_weight_has_no_cell_at_the_ends():
    """Sampling never draws 0 or 1, but searches decode them."""
    space = hpdsl.loads("k ~ int uniform(0, 1)\ns ~ subset(0 .. 2, size = k)\nc ~ choice(a: k, b: 1, d: k, e: 2 * k)\n")
    ends = np.array([0.0, 0.25, 0.75, 1.0])
    codes = np.array(np.meshgrid(*[ends] * len(space.code_names))).reshape(len(space.code_names), -1).T
    for config in space.decode(codes):
        space.validate(config)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("x ~ uniform(0.5, 3.5) step 1\n", [0.5, 1.5, 2.5, 3.5]),
        ("x ~ normal(0, 1) in -1.5 .. 1.5 step 1\n", [-1.5, -0.5, 0.5, 1.5]),
        ("y ~ choice(0.25)\nx ~ uniform(y, y + 2) step 1\n", [0.25, 1.25, 2.25]),
    ],
)
def test_steps_of_one_are_anchored_at_the_lower_bound(text, points):
    space = hpdsl.loads(text)
    configs = space.sample(500, seed=0)
    assert sorted({c["x"] for c in configs}) == points
    assert all(space.is_valid(c) for c in configs)


def test_true_and_one_are_two_alternatives():
    space = hpdsl.loads("a ~ choice(auto: 2, 1: 2, true: 2, int uniform(1, 2): 2)\n")
    configs = list(space.sample(500, seed=0))
    assert {(type(c["a"]), c["a"]) for c in configs} == {(str, "auto"), (int, 1), (bool, True), (int, 2)}
    assert list(space.decode(space.encode(configs))) == configs
    masses = np.exp(space.log_density([{"a": "auto"}, {"a": 1}, {"a": True}, {"a": 2}]))
    np.testing.assert_allclose(masses, [0.25, 0.375, 0.25, 0.125])


@pytest.mark.parametrize(
    ("prior", "legal", "illegal"),
    [
        ("lognormal(1, 2)", 1e-9, -1e-9),
        ("int lognormal(1, 2)", 0, -1),
        ("lognormal(1, 2) in .. 3", 0.5, -0.5),
        ("gamma(1, 2)", 0.1, -0.1),
    ],
)
def test_what_lies_below_a_law_is_illegal(prior, legal, illegal):
    space = hpdsl.loads(f"x ~ {prior}\n")
    assert space.is_valid({"x": legal})
    assert not space.is_valid({"x": illegal})


@pytest.mark.parametrize("other", ["uniform(0, 1)", "int uniform(2, 5)", "gamma(2, 1)"])
def test_a_label_beside_two_ranges_of_which_one_is_open_stays_a_label(other):
    space = hpdsl.loads(f"c ~ choice(auto, {other}, normal(0, 1))\n")
    configs = space.sample(N, seed=3)
    labels = configs.codes["c"] == 0
    assert abs(labels.mean() - 1 / 3) < 6 * math.sqrt(2 / 9 / N)
    np.testing.assert_array_equal(np.isnan(configs.columns["c"]), labels)
    for config in configs[:50]:
        space.validate(config)
