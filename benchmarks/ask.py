"""One warm ask of the Gaussian process at n = 100 observations of d = 20 mixed parameters, against peers, in one run.

    python benchmarks/ask.py

Optuna's GPSampler and scikit-learn's GaussianProcessRegressor (its fit alone) are measured where installed.
Each hpdsl ask is preceded by the tell of a new observation, so that nothing is reused that would not be in a study.
"""

import time
import warnings

from measure import table

import hpdsl

FLOATS, LOGS, INTEGERS, CHOICES = 8, 3, 3, 6
SPACE = (
    "".join(f"x{i} ~ uniform(0, 1)\n" for i in range(FLOATS))
    + "".join(f"l{i} ~ loguniform(1e-4, 1)\n" for i in range(LOGS))
    + "".join(f"k{i} ~ int uniform(1, 20)\n" for i in range(INTEGERS))
    + "".join(f"c{i} ~ choice(p, q, r, s)\n" for i in range(CHOICES))
)
N, ASKS, PEER_ASKS = 100, 41, 5


def objective(config):
    import math

    total = sum((config[f"x{i}"] - 0.3) ** 2 for i in range(FLOATS))
    total += sum((math.log10(config[f"l{i}"]) + 2) ** 2 / 8 for i in range(LOGS))
    total += sum((config[f"k{i}"] - 7) ** 2 / 400 for i in range(INTEGERS))
    return total + sum(0.2 * (config[f"c{i}"] != "q") for i in range(CHOICES))


def ours(space, configs):
    opt = hpdsl.backend("bayes", space, seed=0)
    for config in configs:
        opt.tell(config, objective(config))
    opt.tell(config := opt.ask(), objective(config))
    times = []
    for _ in range(ASKS):
        start = time.perf_counter()
        config = opt.ask()
        times.append(time.perf_counter() - start)
        opt.tell(config, objective(config))
    return times


def scikit_learn(space, configs):
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    X, y = space.features(configs), [objective(c) for c in configs]
    kernel = ConstantKernel(1.0) * Matern([1.0] * X.shape[1], nu=2.5) + WhiteKernel(1e-2)
    times = []
    for _ in range(PEER_ASKS):
        start = time.perf_counter()
        GaussianProcessRegressor(kernel, normalize_y=True).fit(X, y)
        times.append(time.perf_counter() - start)
    return times


def optuna_gp(configs):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    flat = optuna.distributions
    kinds = {f"x{i}": flat.FloatDistribution(0, 1) for i in range(FLOATS)}
    kinds |= {f"l{i}": flat.FloatDistribution(1e-4, 1, log=True) for i in range(LOGS)}
    kinds |= {f"k{i}": flat.IntDistribution(1, 20) for i in range(INTEGERS)}
    kinds |= {f"c{i}": flat.CategoricalDistribution(list("pqrs")) for i in range(CHOICES)}
    study = optuna.create_study(sampler=optuna.samplers.GPSampler(seed=0))
    for config in configs:
        study.add_trial(optuna.trial.create_trial(params=config, distributions=kinds, value=objective(config)))
    times = []
    for _ in range(PEER_ASKS):
        start = time.perf_counter()
        trial = study.ask(kinds)
        times.append(time.perf_counter() - start)
        study.tell(trial, objective(trial.params))
    return times


def main():
    warnings.filterwarnings("ignore")
    hpdsl.warmup()
    space = hpdsl.loads(SPACE)
    configs = list(space.sample(N, seed=5))
    rows = {"hpdsl ask": ours(space, configs)}
    for name, work in (
        ("scikit-learn GaussianProcessRegressor fit", lambda: scikit_learn(space, configs)),
        ("Optuna GPSampler ask", lambda: optuna_gp(configs)),
    ):
        try:
            rows[name] = work()
        except ImportError as error:
            print(f"({name}: {error})")
    base = sorted(rows["hpdsl ask"])[ASKS // 2]
    print(f"\nn = {N}, d = {FLOATS + LOGS + INTEGERS + CHOICES}, one thread (target: median 25 ms)\n")
    table(
        ("what", "median ms", "95th percentile ms", "times hpdsl's"),
        [
            (name, f"{1e3 * t[len(t) // 2]:.1f}", f"{1e3 * t[int(0.95 * len(t))]:.1f}", f"{t[len(t) // 2] / base:.1f}")
            for name, times in rows.items()
            for t in [sorted(times)]
        ],
    )


if __name__ == "__main__":
    main()
