"""Sampling of joint priors against hand-written numpy and scipy, one thread, in one run.

python benchmarks/joint.py [n]
"""

import math
import sys

import numpy as np
from measure import instruction_set, side_by_side, table
from scipy import special, stats

import hpdsl

N = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000

COPULA = """
lr ~ loguniform(1e-5, 1e-1)
decay ~ loguniform(1e-6, 1e-2)
warmup ~ beta(2, 5)
drop ~ uniform(0, 0.5)
correlate lr, decay = 0.5
correlate lr, warmup = -0.3
correlate decay, drop = 0.2
"""
RANKS = {(0, 1): 0.5, (0, 2): -0.3, (1, 3): 0.2}
WEIGHTS = (4.0, 2.0, 1.0, 0.5)
DIRICHLET = "mix[a, b, c, d] ~ dirichlet(4, 2, 1, 0.5)\n"
FLAT = "mix[a, b, c, d] ~ dirichlet(1)\n"


def copula_by_hand(n, rng):
    matrix = np.eye(4)
    for (i, j), r in RANKS.items():
        matrix[i, j] = matrix[j, i] = 2.0 * math.sin(math.pi * r / 6.0)
    u = special.ndtr(rng.standard_normal((n, 4)) @ np.linalg.cholesky(matrix).T)
    low, high = np.log(1e-5), np.log(1e-1)
    less, more = np.log(1e-6), np.log(1e-2)
    return [
        np.exp(low + u[:, 0] * (high - low)),
        np.exp(less + u[:, 1] * (more - less)),
        stats.beta.ppf(u[:, 2], 2.0, 5.0),
        0.5 * u[:, 3],
    ]


def columns(space, n, seed):
    configs = space.sample(n, seed=seed)
    return [configs.columns[name] for name in space.code_names]


def main():
    cases = {
        "copula, 4 members": (COPULA, copula_by_hand),
        "dirichlet(4, 2, 1, 0.5)": (DIRICHLET, lambda n, rng: rng.dirichlet(WEIGHTS, n)),
        "dirichlet(1), 4 weights": (FLAT, lambda n, rng: rng.dirichlet([1.0] * 4, n)),
    }
    hpdsl.warmup()
    rng = np.random.default_rng(0)
    rows = []
    for name, (text, by_hand) in cases.items():
        space = hpdsl.loads(text)
        seeds = iter(range(1_000_000))
        candidates = {
            "hpdsl": lambda s=space, k=seeds: columns(s, N, next(k)),
            "by hand": lambda f=by_hand: f(N, rng),
        }
        for work in candidates.values():
            work()
        times = side_by_side(candidates)
        ours, theirs = times["hpdsl"], times["by hand"]
        rows.append([name, f"{ours / N * 1e9:.0f}", f"{theirs / N * 1e9:.0f}", f"{ours / theirs:.2f}"])
    print(f"{N} rows, one thread, {instruction_set()}; the two take turns, medians")
    table(["law", "hpdsl ns/row", "numpy/scipy ns/row", "ratio"], rows)


if __name__ == "__main__":
    main()
