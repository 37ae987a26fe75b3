"""Joint laws against what they should be: subsets, permutations, weights, ordered arrays, copulas, requirements."""

import itertools
import math

import numpy as np
from checks import Check, chi_square, independent, own_seed, uniform
from scipy import special, stats

import hpdsl


def columns(text, n, seed):
    """Samples of a space, as columns."""
    return hpdsl.loads(text).sample(n, seed=own_seed(text, seed)).columns


def counted(subject, keys, n, masses):
    """A check that rows of small numbers come as often as they should; `masses` by row."""
    found = dict(zip(*[x.tolist() for x in np.unique(keys, return_counts=True)], strict=True))
    yield Check(subject, "values are legal", float(set(found) <= set(masses)), n)
    yield chi_square(subject, "counts", [found.get(k, 0) for k in masses], [n * p for p in masses.values()])


def number(digits, base):
    """Rows of digits as one number."""
    return sum(np.asarray(d).astype(np.int64) * base**k for k, d in enumerate(digits))


def subsets(n, seed):
    """Subsets: uniform over the admissible ones, of sizes that are fixed, bounded, or follow a parameter."""
    for size, low, high in (("", 0, 6), (", size = 3", 3, 3), (", size = 2 .. 4", 2, 4)):
        members = columns(f"s ~ subset(a, b, c, d, e, f{size})\n", n, seed)["s"]
        legal = [c for c in itertools.product((0, 1), repeat=6) if low <= sum(c) <= high]
        yield from counted(f"subset{size}", number(members.T, 2), n, {number(c, 2): 1 / len(legal) for c in legal})
    found = columns("k ~ int uniform(0, 4)\ns ~ subset(a, b, c, d, size = k)\n", n, seed)
    keys = number([*found["s"].T, found["k"]], 8)
    masses = {number([*c, sum(c)], 8): 0.2 / math.comb(4, sum(c)) for c in itertools.product((0, 1), repeat=4)}
    yield from counted("subset of size k", keys, n, masses)


def permutations(n, seed):
    """Permutations: all orders alike, and all places of a long one."""
    found = columns("p ~ permutation(a, b, c, d, e, f)\n", n, seed)["p"]
    masses = {number(p, 6): 1 / 720 for p in itertools.permutations(range(6))}
    yield from counted("permutation of 6", number(found.T, 6), n, masses)
    long = columns(f"p ~ permutation({', '.join(map(str, range(30)))})\n", n // 4, seed)["p"]
    for place in (0, 14, 28, 29):
        counts = np.bincount(long[:, place], minlength=30)
        yield chi_square("permutation of 30", f"place {place}", counts, np.full(30, len(long) / 30))
    pairs = np.bincount(long[:, 28] * 30 + long[:, 29], minlength=900).reshape(30, 30)
    yield chi_square(
        "permutation of 30", "last two places", pairs[~np.eye(30, dtype=bool)], np.full(870, len(long) / 870)
    )


def weights(n, seed):
    """Dirichlet weights: beta marginals, shares that are independent of sums."""
    for alphas in ((4, 2, 1), (1, 1, 1, 1), (0.5, 0.5), (0.3, 5, 2, 1)):
        text = f"dirichlet{alphas}"
        found = columns(f"w[{', '.join('abcd'[: len(alphas)])}] ~ {text}\n", n, seed)
        w = np.array([found[f"w.{x}"] for x in "abcd"[: len(alphas)]])
        yield Check(text, "weights sum to 1", float(np.allclose(w.sum(axis=0), 1.0, rtol=1e-12)), n)
        for a, x in zip(alphas, w, strict=True):
            yield from uniform(f"{text}, weight of {a}", stats.beta(a, sum(alphas) - a).cdf(x))
        if len(alphas) > 2:
            both = w[0] + w[1]
            share = stats.beta(alphas[0], alphas[1]).cdf(w[0] / both)
            total = stats.beta(alphas[0] + alphas[1], sum(alphas[2:])).cdf(both)
            yield from uniform(f"{text}, share", share)
            yield independent(f"{text}, share and sum", share, total)


def ordered(n, seed):
    """Ordered arrays: order statistics, element by element and pair by pair; integers by enumeration."""
    laws = {
        "uniform(2, 5)": stats.uniform(2, 3),
        "normal(0, 1)": stats.norm,
        "loguniform(1e-3, 1)": stats.loguniform(1e-3, 1),
    }
    for word, (text, law) in itertools.product(("increasing", "decreasing"), laws.items()):
        found = columns(f"x[5] ~ {word} {text}\n", n, seed)["x"].T
        u = law.cdf(found if word == "increasing" else found[::-1])
        yield Check(f"{word} {text}", "order", float((np.diff(u, axis=0) >= 0).all()), n)
        for k in range(5):
            yield from uniform(f"{word} {text}, element {k}", stats.beta(k + 1, 5 - k).cdf(u[k]))
        # Given the next one, the k lower ones' greatest is the greatest of k uniforms below it.
        ratios = [(u[k] / u[k + 1]) ** (k + 1) for k in range(4)]
        for a, b in itertools.combinations(range(4), 2):
            yield independent(f"{word} {text}, gaps {a} and {b}", ratios[a], ratios[b])
    found = columns("n ~ int uniform(1, 3)\nx[n] ~ decreasing int loguniform(1, 9)\n", n, seed)
    mass = {k: math.log((k + 0.5) / (k - 0.5)) for k in range(1, 10)}
    masses = {}
    for length in (1, 2, 3):
        every = {t[::-1]: math.prod(mass[k] for k in t) for t in itertools.combinations(mass, length)}
        masses.update({number([*t, *[0] * (3 - length)], 10): p / sum(every.values()) / 3 for t, p in every.items()})
    x = np.where(np.arange(3) < found["n"][:, None], found["x"], 0)
    yield from counted("decreasing int loguniform(1, 9), n of them", number(x.T, 10), n, masses)


COPULA = """
a ~ normal(1, 2)
b ~ loguniform(1e-4, 1)
c ~ beta(2, 5)
k ~ int uniform(1, 4)
m ~ ordinal(1, 2, 3)
correlate a, b = 0.6
correlate b, c = -0.4
correlate k, m = 0.5
"""


def copulas(n, seed):
    """Gaussian copulas: marginals, independence behind them, cells of discrete members."""
    found = columns(COPULA, n, seed)
    laws = {"a": stats.norm(1, 2), "b": stats.loguniform(1e-4, 1), "c": stats.beta(2, 5)}
    u = np.array([law.cdf(found[name]) for name, law in laws.items()])
    for name, places in zip(laws, u, strict=True):
        yield from uniform(f"member {name} of a copula", places)
    matrix = np.eye(3)
    for i, j, r in ((0, 1, 0.6), (1, 2, -0.4)):
        matrix[i, j] = matrix[j, i] = 2 * math.sin(math.pi * r / 6)
    behind = special.ndtr(np.linalg.solve(np.linalg.cholesky(matrix), special.ndtri(np.clip(u, 1e-16, 1 - 1e-16))))
    for i, j in itertools.combinations(range(3), 2):
        yield from uniform(f"behind member {'abc'[j]} of a copula", behind[j])
        yield independent(f"behind members {'abc'[i]} and {'abc'[j]} of a copula", behind[i], behind[j])
    rho = 2 * math.sin(math.pi * 0.5 / 6)
    law = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]])
    xs, ys = special.ndtri(np.arange(5) / 4), special.ndtri(np.arange(4) / 3)
    corner = np.array([[law.cdf([min(max(x, -9), 9), min(max(y, -9), 9)]) for y in ys] for x in xs])
    expected = np.diff(np.diff(corner, axis=0), axis=1)
    counts = np.bincount((found["k"] - 1) * 3 + found["m"].astype(np.int64) - 1, minlength=12)
    yield chi_square("discrete members of a copula", "counts", counts, n * expected / expected.sum())


def requirements(n, seed):
    """Conditioned laws: order, sums, finite parts by enumeration, bounds, and cells of open laws."""
    three = "a ~ uniform(0, 1)\nb ~ uniform(0, 1)\nc ~ uniform(0, 1)\n"
    found = columns(three + "require a < b < c\n", n, seed)
    for k, name in enumerate("abc"):
        yield from uniform(f"require a < b < c: {name}", stats.beta(k + 1, 3 - k).cdf(found[name]))
    found = columns(three + "require a + b + c <= 1\n", n, seed)
    total = found["a"] + found["b"] + found["c"]
    yield from uniform("require a + b + c <= 1: the sum", total**3)
    yield from uniform("require a + b + c <= 1: a", stats.beta(1, 3).cdf(found["a"]))
    yield independent(
        "require a + b + c <= 1: a's share and the sum", stats.beta(1, 2).cdf(found["a"] / total), total**3
    )
    found = columns(three + "require a + b + c == 1\n", n, seed)
    for name in "abc":
        yield from uniform(f"require a + b + c == 1: {name}", stats.beta(1, 2).cdf(found[name]))
    found = columns(
        "i ~ int uniform(1, 9)\nj ~ int loguniform(1, 9)\nk ~ bool(0.2)\nforbid i == j\nrequire k or i + j < 12\n",
        n,
        seed,
    )
    every = {
        (i, j, k): math.log((j + 0.5) / (j - 0.5)) * (0.2 if k else 0.8)
        for i, j, k in itertools.product(range(1, 10), range(1, 10), (0, 1))
        if i != j and (k or i + j < 12)
    }
    masses = {number(t, 16): p / sum(every.values()) for t, p in every.items()}
    yield from counted("finite parts", number([found["i"], found["j"], found["k"]], 16), n, masses)
    found = columns("x ~ normal(0, 0.1)\nk ~ bool()\nrequire not k or x > 0.2\n", n, seed)
    x, k = found["x"], found["k"]
    yield from uniform("an open cell", stats.norm.sf(x[k] / 0.1) / stats.norm.sf(2))
    yield from uniform("a whole law beside it", stats.norm.cdf(x[~k] / 0.1))
    found = columns(three + "require a * b < 0.1\n", n, seed)
    # P(a b < t) = t (1 - log t); given b, a is uniform below min(1, 0.1 / b).
    yield from uniform("require a * b < 0.1: a given b", found["a"] / np.minimum(1.0, 0.1 / found["b"]))
    b = found["b"]
    below = np.where(b < 0.1, b, 0.1 * (1.0 + np.log(np.maximum(b, 0.1) / 0.1))) / (0.1 * (1.0 - math.log(0.1)))
    yield from uniform("require a * b < 0.1: b", below)


PARTS = (subsets, permutations, weights, ordered, copulas, requirements)
