"""Best known and median random value of problems, into suite/reference.json.

    python benchmarks/reference.py [PROBLEMS] [--yahpo FOLDER] [--random N]

The median is over random configurations. The best is the known minimum, or else what a search from the best random
ones finds: generations of smaller and smaller changes of their codes, then descents along the continuous ones.
"""

import argparse
import json
from pathlib import Path

import measure  # noqa: F401 - before numpy: one thread
import numpy as np
from suite import REFERENCE, UnavailableError, get, select

import hpdsl

# Minima that are known, where every digit counts.
KNOWN = {
    "branin": 0.39788735772973816,
    "branin_40": 0.39788735772973816,
    "hartmann6": -3.322368011415515,
    "hartmann6_30": -3.322368011415515,
    "ackley10": 0.0,
    "rosenbrock5": 0.0,
    "levy8": 0.0,
    "levy_20": 0.0,
    "griewank6": 0.0,
}
GENERATIONS, CHILDREN, PARENTS = 60, 400, 40


def search(problem, space, configs, values, seed=0):
    """The least value found, from measured configurations on."""
    rng = np.random.default_rng(seed)
    order = np.argsort(values, kind="stable")[:PARENTS]
    codes, values = space.encode([configs[int(k)] for k in order]), values[order]
    for generation in range(GENERATIONS):
        width = 0.25 * 0.85**generation + 1e-6
        children = codes[rng.integers(len(codes), size=CHILDREN)]
        # Codes of what was inactive are drawn anew: a child may take another branch.
        children = np.where(np.isnan(children), rng.random(children.shape), children)
        d = children.shape[1]
        changed = rng.random(children.shape) < np.maximum(1.5 / d, 0.15)
        leaps = changed & (rng.random(children.shape) < 0.1)
        children = np.where(changed, children + width * rng.normal(size=children.shape), children)
        children = np.where(leaps, rng.random(children.shape), np.clip(children, 0, 1))
        decoded = list(space.decode(children))
        codes = np.concatenate([codes, space.encode(decoded)])
        values = np.concatenate([values, problem.values(decoded)])
        kept = np.argsort(values, kind="stable")[:PARENTS]
        codes, values = codes[kept], values[kept]
    return float(values[0])


def reference(problem, n):
    """The two values of a problem, and how many random configurations the median is of."""
    space = hpdsl.loads(problem.text)
    configs = list(space.sample(n, seed=2**31))
    values = problem.values(configs)
    best = KNOWN.get(problem.name, problem.best)
    if best is None:
        best = min(search(problem, space, configs, values, seed) for seed in range(3))
    return {"best": best, "median": float(np.median(values)), "random": n, "best_random": float(values.min())}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("problems", nargs="?", default="flat,mixed,conditional,high,bbob,yahpo")
    parser.add_argument("--yahpo", type=Path, help="the data folder of YAHPO Gym")
    parser.add_argument("--random", type=int, default=20_000, help="how many random configurations")
    arguments = parser.parse_args()
    for name in select(arguments.problems):
        try:
            problem = get(name, arguments.yahpo)
        except UnavailableError as error:
            print(f"left out: {error}")
            continue
        found = reference(problem, arguments.random)
        # Written one by one, so that a long search loses nothing when it is stopped.
        known = json.loads(REFERENCE.read_text()) if REFERENCE.exists() else {}
        known[name] = found
        REFERENCE.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")
        print(name, *(f"{key} {value:.6g}" for key, value in found.items()), flush=True)


if __name__ == "__main__":
    main()
