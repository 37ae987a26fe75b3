"""Sampling speed: hpdsl against hand-written numpy and installed peers, one thread, in one run.

    python benchmarks/sampling.py [n]

Peers (ConfigSpace, Optuna, scikit-learn) are measured where they are installed, on fewer rows.
"""

import math
import sys
import warnings
from pathlib import Path

from measure import instruction_set, side_by_side, table

import hpdsl

SPACES = Path(__file__).parent / "spaces"
N = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
SLOW = 300


def typed(space, n, seed):
    """Every column in its own type, as a user of arrays would take them."""
    configs = space.sample(n, seed=seed)
    return [configs.columns[name] for name in space.names]


def by_hand(n, rng):
    """The flat space as a careful numpy user writes it: typed columns, end integers not starved."""
    import numpy as np

    low, high = math.log(15.5), math.log(1024.5)
    return [
        rng.random(n),
        rng.uniform(-5.0, 5.0, n),
        np.exp(rng.uniform(math.log(1e-4), 0.0, n)),
        np.exp(rng.uniform(math.log(1e-6), 0.0, n)),
        rng.integers(1, 101, n),
        np.clip(np.rint(np.exp(rng.uniform(low, high, n))), 16, 1024).astype(np.int64),
        rng.integers(0, 10, n),
        rng.integers(0, 3, n),
        rng.integers(0, 5, n),
        rng.random(n) < 0.5,
    ]


def config_space(n):
    import ConfigSpace

    space = ConfigSpace.ConfigurationSpace(seed=0)
    space.add(
        [
            ConfigSpace.Float("a", (0.0, 1.0)),
            ConfigSpace.Float("b", (-5.0, 5.0)),
            ConfigSpace.Float("c", (1e-4, 1.0), log=True),
            ConfigSpace.Float("d", (1e-6, 1.0), log=True),
            ConfigSpace.Integer("e", (1, 100)),
            ConfigSpace.Integer("f", (16, 1024), log=True),
            ConfigSpace.Integer("g", (0, 9)),
            ConfigSpace.Categorical("h", ["x", "y", "z"]),
            ConfigSpace.Categorical("i", ["p", "q", "r", "s", "t"]),
            ConfigSpace.Categorical("j", [True, False]),
        ]
    )
    return lambda: space.sample_configuration(n)


def optuna_random(n):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def work():
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        for _ in range(n):
            t = study.ask()
            t.suggest_float("a", 0, 1)
            t.suggest_float("b", -5, 5)
            t.suggest_float("c", 1e-4, 1, log=True)
            t.suggest_float("d", 1e-6, 1, log=True)
            t.suggest_int("e", 1, 100)
            t.suggest_int("f", 16, 1024, log=True)
            t.suggest_int("g", 0, 9)
            t.suggest_categorical("h", ["x", "y", "z"])
            t.suggest_categorical("i", ["p", "q", "r", "s", "t"])
            t.suggest_categorical("j", [True, False])

    return work


def parameter_sampler(n):
    from scipy.stats import loguniform, randint, uniform
    from sklearn.model_selection import ParameterSampler

    space = {
        "a": uniform(0, 1),
        "b": uniform(-5, 10),
        "c": loguniform(1e-4, 1),
        "d": loguniform(1e-6, 1),
        "e": randint(1, 101),
        "f": loguniform(16, 1024),
        "g": randint(0, 10),
        "h": list("xyz"),
        "i": list("pqrst"),
        "j": [True, False],
    }
    return lambda: list(ParameterSampler(space, n, random_state=0))


def main():
    warnings.filterwarnings("ignore")
    import numpy as np

    hpdsl.warmup()
    flat, learners = hpdsl.load(SPACES / "flat.hp"), hpdsl.load(SPACES / "learners.hp")
    rng = np.random.default_rng(0)
    seeds = iter(range(10**6))
    candidates = {
        "hpdsl": lambda: typed(flat, N, next(seeds)),
        "numpy by hand": lambda: by_hand(N, rng),
        "hpdsl, 38 conditional": lambda: learners.sample(N, seed=next(seeds)),
    }
    for work in candidates.values():
        work()
    fast = side_by_side(candidates, rounds=21)
    per_row = {name: 1e9 * t / N for name, t in fast.items()}
    slow = {}
    for name, make in (
        ("ConfigSpace", config_space),
        ("Optuna RandomSampler", optuna_random),
        ("scikit-learn ParameterSampler", parameter_sampler),
    ):
        try:
            slow[name] = make(SLOW)
        except ImportError:
            print(f"({name} is not installed)")
    per_row |= {name: 1e9 * t / SLOW for name, t in side_by_side(slow, rounds=3).items()}
    print(f"\nSampling, one thread, n = {N} (peers: {SLOW}), {instruction_set()}\n")
    base = per_row["hpdsl"]
    table(
        ("sampler", "ns a configuration", "ns a value", "times hpdsl's"),
        [
            (name, f"{t:.1f}", f"{t / 10:.2f}", f"{t / base:.1f}")
            for name, t in per_row.items()
            if name != "hpdsl, 38 conditional"
        ],
    )
    print(f"\n38 conditional parameters: {per_row['hpdsl, 38 conditional']:.1f} ns a configuration (target: 100)")


if __name__ == "__main__":
    main()
