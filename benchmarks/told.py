"""Optimisers that have been told many trials of a mixed space, for measurements of a single ask."""

import math

import hpdsl
from hpdsl.interop import to_optuna

# For each number of parameters: floats, logarithmic floats, integers, choices of four.
PARTS = {5: (2, 1, 1, 1), 20: (8, 3, 3, 6)}
PEERS = ("hpdsl_auto", "hpdsl_bayes", "hpdsl_tpe", "hpdsl_random", "optuna_tpe", "optuna_gp")


def mixed(d):
    """A space of d parameters and a function to minimise over it."""
    floats, logs, integers, choices = PARTS[d]
    text = (
        "".join(f"x{i} ~ uniform(0, 1)\n" for i in range(floats))
        + "".join(f"l{i} ~ loguniform(1e-4, 1)\n" for i in range(logs))
        + "".join(f"k{i} ~ int uniform(1, 20)\n" for i in range(integers))
        + "".join(f"c{i} ~ choice(p, q, r, s)\n" for i in range(choices))
    )

    def function(config):
        total = sum((config[f"x{i}"] - 0.3) ** 2 for i in range(floats))
        total += sum((math.log10(config[f"l{i}"]) + 2) ** 2 / 8 for i in range(logs))
        total += sum((config[f"k{i}"] - 7) ** 2 / 400 for i in range(integers))
        return total + sum(0.2 * (config[f"c{i}"] != "q") for i in range(choices))

    return hpdsl.loads(text), function


class Ours:
    """A backend of hpdsl."""

    def __init__(self, space, backend, seed):
        self.opt = hpdsl.backend(backend, space, seed=seed)

    def feed(self, configs, values):
        for config, value in zip(configs, values, strict=True):
            self.opt.tell(config, value)

    def ask(self):
        return self.opt.ask()

    def tell(self, config, value):
        self.opt.tell(config, value)


class Optuna:
    """A sampler of Optuna, over the same parameters as distributions."""

    def __init__(self, space, sampler, seed):
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.optuna = optuna
        self.kinds = to_optuna(space)
        if sampler == "gp":
            chosen = optuna.samplers.GPSampler(seed=seed)
        else:
            chosen = optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True)
        self.study = optuna.create_study(sampler=chosen)

    def feed(self, configs, values):
        make = self.optuna.trial.create_trial
        pairs = zip(configs, values, strict=True)
        self.study.add_trials([make(params=c, distributions=self.kinds, value=v) for c, v in pairs])

    def ask(self):
        self.trial = self.study.ask(self.kinds)
        return self.trial.params

    def tell(self, config, value):
        self.study.tell(self.trial, value)


def optimiser(name, space, seed=0):
    """The optimiser of a name of `PEERS`; raises ImportError where its package is missing."""
    family, _, kind = name.partition("_")
    if family == "optuna":
        import optuna  # noqa: F401 - missing packages are found out here

        return Optuna(space, kind, seed)
    return Ours(space, kind, seed)


def told(name, d, n, seed=0):
    """An optimiser told n random trials of `mixed(d)`, and the function."""
    space, function = mixed(d)
    made = optimiser(name, space, seed)
    configs = [dict(c) for c in space.sample(n, seed=seed + 5)]
    made.feed(configs, [function(c) for c in configs])
    return made, function
