"""Latency of a warm ask at n told trials of d mixed parameters, for backends and, where installed, Optuna's samplers.

    python benchmarks/latency.py [--peers hpdsl_bayes,optuna_gp] [--n 100] [--d 20] [--core K]

Each measured ask is preceded by the tell of a new trial, so that nothing is reused that would not be in a study.
"""

import argparse
import os
import time
import warnings

from measure import table
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--n", default="10,50,100,200")
    parser.add_argument("--d", default=",".join(map(str, PARTS)))
    parser.add_argument("--core", type=int, help="stay on this core")
    arguments = parser.parse_args()
    if arguments.core is not None:
        os.sched_setaffinity(0, {arguments.core})
    warnings.filterwarnings("ignore")
    hpdsl.warmup()
    sizes = [int(n) for n in arguments.n.split(",")]
    rows = []
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
    print("CPU time, one thread; median / 95th percentile, ms (target at n = 100, d = 20: median 25 ms)\n")
    table(("peer", "d", *(f"n = {n}" for n in sizes)), rows)


if __name__ == "__main__":
    main()
