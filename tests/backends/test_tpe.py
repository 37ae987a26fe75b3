"""The Parzen estimator: densities that integrate to one on every branch, and proposals worth their trials."""

import itertools
import math
import statistics

import numpy as np
import pytest
from scipy.stats import norm

import hpdsl
from hpdsl.backends.base import Observation
from hpdsl.backends.tpe.mixture import Mixture
from hpdsl.backends.tpe.parzen import Parzen

TREE = (
    "algo ~ choice {\n  svm { C ~ loguniform(1e-3, 1e3); kind ~ choice(a: 3, b, c) when C > 1 }\n"
    "  forest { depth ~ int uniform(2, 7) }\n}\nlevel ~ ordinal(low, mid, high)\n"
)


def conditional(c):
    level = {"low": 0.2, "mid": 0.0, "high": 0.1}[c["level"]]
    if c["algo"] == "svm":
        return level + (math.log10(c["algo.C"]) - 1.5) ** 2 / 9 + 0.1 * (c.get("algo.kind") != "b")
    return 0.3 + level + (c["algo.depth"] - 5) ** 2 / 25


def parzen(text, f, n, seed=0):
    space = hpdsl.loads(text)
    found = Parzen(space, seed)
    for config in space.sample(n, seed=seed):
        found.append(Observation(config, (f(config),)))
    return space, found


def slow(mixture, x):
    """The density of one row of u codes, one kernel at a time."""
    total = mixture.weights[-1]
    for row, weight in zip(mixture.rows, mixture.weights, strict=False):
        product = 1.0
        for j, dimension in enumerate(mixture.dimensions):
            if math.isnan(x[j]) or math.isnan(row[j]):
                continue
            edges, s = dimension.edges, mixture.width
            if edges is None:
                inside = norm.cdf((1 - row[j]) / s) - norm.cdf(-row[j] / s)
                product *= norm.pdf((x[j] - row[j]) / s) / s / inside
                continue
            k = max(i for i in range(len(edges) - 1) if edges[i] <= x[j])
            own = max(i for i in range(len(edges) - 1) if edges[i] <= row[j])
            mass = edges[k + 1] - edges[k]
            if not dimension.ordered:
                product *= mixture.blur + (1 - mixture.blur) * (k == own) / mass
                continue
            s = max(s, 0.5 / dimension.count)
            middle = (edges[own] + edges[own + 1]) / 2
            share = norm.cdf((edges[k + 1] - middle) / s) - norm.cdf((edges[k] - middle) / s)
            product *= share / (norm.cdf((1 - middle) / s) - norm.cdf(-middle / s)) / mass
        total += weight * product
    return total


MANY = "m ~ int uniform(1, 300)\n" + f"w ~ choice({', '.join(f'v{k}' for k in range(40))}) when algo == svm\n"


@pytest.mark.parametrize("more", ["", MANY])
def test_densities_are_those_of_the_slow_sum(more):
    space, found = parzen(TREE + more, conditional, 40)
    for mixture in found.split([space.sample(1, seed=5)[0]]):
        x = space.encode(space.sample(60, seed=1))
        expected = [math.log(slow(mixture, row)) for row in x]
        assert mixture.log_density(x) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_densities_integrate_to_one_and_on_every_branch_to_its_mass():
    space, found = parzen(TREE, conditional, 30)
    names = space.code_names
    good, _ = found.split([])
    n = 150
    continuous = (np.arange(n) + 0.5) / n
    codes = [space.cells(j) if space.cells(j) is not None else continuous for j in range(len(names))]
    masses = []
    for j in range(len(names)):
        edges = good.dimensions[j].edges
        masses.append(np.full(n, 1.0 / n) if edges is None else np.diff(edges))
    points = np.array(list(itertools.product(*codes)))
    mass = np.array([math.prod(m) for m in itertools.product(*masses)])
    density = np.exp(good.log_density(space.encode(space.decode(points)))) * mass
    assert density.sum() == pytest.approx(1.0, abs=2e-4)
    root = names.index("algo")
    for k, code in enumerate(codes[root]):
        on_branch = density[points[:, root] == code].sum()
        # Of the root alone: the other parameters' kernels integrate to one.
        x = np.full((1, len(names)), np.nan)
        x[0, root] = code
        assert on_branch == pytest.approx(math.exp(good.log_density(x)[0]) * masses[root][k], abs=2e-4)


def test_draws_follow_the_density():
    space, found = parzen(TREE, conditional, 30)
    good, _ = found.split([])
    n = 40_000
    u = space.encode(space.decode(good.draw(n, np.random.default_rng(0))))
    root = space.code_names.index("algo")
    for code in space.cells(root):
        x = np.full((1, u.shape[1]), np.nan)
        x[0, root] = code
        p = 0.5 * math.exp(good.log_density(x)[0])
        share = (np.abs(u[:, root] - code) < 1e-6).mean()
        # n = 40,000: six standard errors, a false alarm in 5e8.
        assert abs(share - p) < 6 * math.sqrt(p * (1 - p) / n)


def test_kernels_far_from_everything_stay_finite():
    space = hpdsl.loads("x ~ uniform(0, 1)\nk ~ int uniform(1, 400)\n")
    found = Parzen(space, 0)
    for k in range(30):
        found.append(Observation({"x": 1e-12, "k": 1}, (float(k),)))
    good, other = found.split([])
    x = space.encode([{"x": 1.0, "k": 400}])
    assert np.isfinite(good.log_density(x)).all() and np.isfinite(other.log_density(x)).all()


def after(backend, f, text, seed, n):
    opt = hpdsl.backend(backend, hpdsl.loads(text), seed=seed)
    for _ in range(n):
        config = opt.ask()
        opt.tell(config, f(config))
    return opt.best[1]


def bowl(c):
    return (c["x"] - 0.7) ** 2 + (c["y"] - 0.2) ** 2 + 0.1 * (c["a"] != "q")


@pytest.mark.parametrize(
    ("text", "f"),
    [("x ~ uniform(0, 1)\ny ~ uniform(0, 1)\na ~ choice(p, q, r)\n", bowl), (TREE, conditional)],
)
def test_better_than_random(text, f):
    ours = statistics.median(after("tpe", f, text, seed, 50) for seed in range(7))
    theirs = statistics.median(after("random", f, text, seed, 50) for seed in range(7))
    assert ours < 0.5 * theirs


def test_requirements_hold_and_batches_differ():
    space = hpdsl.loads("x ~ uniform(0, 1)\ny ~ uniform(0, 1)\nrequire x + y < 0.3\n")
    opt = hpdsl.backend("tpe", space, seed=0)
    for _ in range(4):
        batch = opt.ask(8)
        assert len({opt.key(c) for c in batch}) == 8
        for config in batch:
            space.validate(config)
            opt.tell(config, (config["x"] - 0.3) ** 2)


@pytest.mark.parametrize("values", [[None] * 30, [1.0] * 30, [1e300, -1e300] * 15, [0.5, *[None] * 29]])
def test_strange_values(values):
    space = hpdsl.loads(TREE)
    opt = hpdsl.backend("tpe", space, seed=0)
    for value in values:
        config = opt.ask()
        space.validate(config)
        opt.tell(config, value)


@pytest.mark.parametrize(
    "options", [{"candidates": 0}, {"gamma": 0.0}, {"gamma": 1.5}, {"blur": "x"}, {"n_start": True}, {"nope": 1}]
)
def test_options_that_make_no_sense(options):
    with pytest.raises(hpdsl.HpdslError):
        hpdsl.backend("tpe", hpdsl.loads(TREE), **options)


def test_the_split():
    _, found = parzen("x ~ uniform(0, 1)\n", lambda c: c["x"], 40)
    found.append(Observation({"x": 0.0}, (math.nan,)))
    good, other = found.split([{"x": 0.25}])
    assert isinstance(good, Mixture)
    assert len(good.rows) == 6 and len(other.rows) == 36
    assert good.rows.max() <= np.sort(found.rows[:40, 0])[5]
    assert {0.0, 0.25} <= set(other.rows[:, 0].round(9))
