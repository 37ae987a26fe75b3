"""Latency of a warm ask at n told trials of d mixed parameters, for backends and, where installed, Optuna's samplers.

    python benchmarks/latency.py [--peers hpdsl_bayes,optuna_gp] [--n 100] [--d 20] [--core K]
    python benchmarks/latency.py --likelihood [--n 100,200,400]

Each measured ask is preceded by the tell of a new trial, so that nothing is reused that would not be in a study.
`--likelihood` measures the marginal likelihood with its gradient instead, against what it can't do without: the
Cholesky factorisation and the inverse (potrf and potri) of a matrix of that size.
"""

import argparse
import os
import time
import warnings

import numpy as np
from measure import side_by_side, table
from told import PARTS, PEERS, told

import hpdsl

SEEDS, ASKS, SLOW = 3, 8, {"optuna_gp": (1, 5)}


def seconds(name, d, n, seed, asks):
    """The CPU time of each of some asks, the first after n trials; one more before them warms up."""
    made, function = told(name, d, n - 1, seed)
    config = made.ask()
    made.tell(config, function(config))
    times = []
    for _ in range(asks):
        start = time.process_time()
        config = made.ask()
        times.append(time.process_time() - start)
        made.tell(config, function(config))
    return times


def likelihood(n, d, rounds=41):
    """CPU seconds of the likelihood with gradient at n trials, and of potrf and potri on the same matrix."""
    from scipy.linalg.lapack import dpotrf, dpotri

    from hpdsl.backends.bayes.surrogate import Priors, negative_log_posterior

    made, _ = told("hpdsl_bayes", d, n)
    P, groups = made.opt._data.pairs(n), made.opt._data.embedding.n_groups
    y, priors = np.random.default_rng(0).normal(size=n), Priors(d)
    theta = priors.start(groups)
    X = np.random.default_rng(1).random((n, d))
    K = np.asfortranarray(np.exp(-((X[:, None] - X) ** 2).sum(axis=2)) + 0.1 * np.eye(n))

    def floor():
        dpotri(dpotrf(K, lower=1, clean=0)[0], lower=1, overwrite_c=1)

    times = side_by_side({"likelihood": lambda: negative_log_posterior(theta, P, y, priors), "floor": floor}, rounds)
    return times["likelihood"], times["floor"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--n", default="10,50,100,200")
    parser.add_argument("--d", default=",".join(map(str, PARTS)))
    parser.add_argument("--likelihood", action="store_true", help="measure the marginal likelihood with its gradient")
    parser.add_argument("--core", type=int, help="stay on this core")
    arguments = parser.parse_args()
    if arguments.core is not None:
        os.sched_setaffinity(0, {arguments.core})
    warnings.filterwarnings("ignore")
    hpdsl.warmup()
    sizes = [int(n) for n in arguments.n.split(",")]
    rows = []
    if arguments.likelihood:
        for d in map(int, arguments.d.split(",")):
            for n in sizes:
                whole, floor = likelihood(n, d)
                rows.append([d, n, f"{1e3 * whole:.2f}", f"{1e3 * floor:.2f}", f"{whole / floor:.2f}"])
        print("CPU time, one thread, ms (target from n = 200: at most 2 times)\n")
        table(("d", "n", "likelihood and gradient", "potrf + potri", "times"), rows)
        return
    for d in map(int, arguments.d.split(",")):
        for name in arguments.peers.split(","):
            row = [name, d]
            seeds, asks = SLOW.get(name, (SEEDS, ASKS))
            try:
                seconds(name, d, 10, 0, 1)  # imports and compiled code
                for n in sizes:
                    times = sorted(t for seed in range(seeds) for t in seconds(name, d, n, seed, asks))
                    median, high = times[len(times) // 2], times[int(0.95 * len(times))]
                    row.append(f"{1e3 * median:.1f} / {1e3 * high:.1f}")
            except ImportError as error:
                print(f"left out: {name} ({error})")
                continue
            rows.append(row)
    print("CPU time, one thread; median / 95th percentile, ms (target at n = 100, d = 20: 10 / 25 ms)\n")
    table(("peer", "d", *(f"n = {n}" for n in sizes)), rows)


if __name__ == "__main__":
    main()
