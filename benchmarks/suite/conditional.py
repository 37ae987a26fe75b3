"""Functions of parameters that are there only under a condition."""

from __future__ import annotations

import math

from suite.problem import linear, logarithmic

SCALES = {"raw": 0.12, "standard": 0.0, "ranks": 0.03}


def _svm(config):
    cost = logarithmic(config["learner.cost"], 1e-3, 1e3)
    if config["learner.kernel"] == "linear":
        return 0.2 + 0.6 * (cost - 0.4) ** 2
    gamma = logarithmic(config["learner.gamma"], 1e-5, 10)
    value = 0.7 * (cost - 0.7) ** 2 + 2.5 * (gamma - 0.5 + 0.6 * (cost - 0.7)) ** 2
    if config["learner.kernel"] == "radial":
        return 0.04 + value
    return 0.1 + value + 0.03 * (config["learner.degree"] - 3) ** 2


def _boosting(config):
    trees = logarithmic(config["learner.trees"], 10, 1000)
    eta = logarithmic(config["learner.eta"], 1e-3, 1)
    value = 1.5 * (eta + 0.6 * trees - 0.95) ** 2 + 0.2 * (1 - trees) ** 2
    value += 0.4 * (linear(config["learner.depth"], 1, 12) - 0.4) ** 2
    value += 0.3 * (config["learner.rows"] - 0.7) ** 2 + 0.2 * (config["learner.columns"] - 0.6) ** 2
    value += 0.2 * (logarithmic(config["learner.leaf"], 1, 64) - 0.3) ** 2
    return 0.08 + value + 0.1 * (logarithmic(config["learner.shrinkage"], 1e-6, 10) - 0.5) ** 2


def cash(config):
    learner = config["learner"]
    if learner == "svm":
        return SCALES[config["scale"]] + _svm(config)
    if learner == "neighbours":
        return 2 * SCALES[config["scale"]] + 0.15 + 0.5 * (logarithmic(config["learner.k"], 1, 100) - 0.45) ** 2
    return 0.02 * (config["scale"] == "ranks") + _boosting(config)


def tree(config):
    c = {name.rpartition(".")[2]: value for name, value in config.items()}
    value = 0.5 * (c["start"] - 0.3) ** 2
    if c["first"] == "right":
        value += 0.1 + (c["h"] - c["start"]) ** 2 + 0.02 * abs(c["k"] - 6)
        if c["other"] == "narrow":
            return value + 0.1 + 0.3 * (c["q"] - 0.8) ** 2
        return value + (c["m"] - 0.2) ** 2 + (c["n"] - 0.5 * c["m"]) ** 2 + 0.5 * (c["o"] - 0.9) ** 2
    value += (c["a"] - 0.6) ** 2
    if c["second"] == "down":
        return value + 0.12 + 0.4 * (c["g"] - c["a"]) ** 2
    value += 1.2 * (logarithmic(c["b"], 1e-4, 1) - 0.35) ** 2
    if c["third"] == "rough":
        return value + 0.06 + 0.01 * abs(c["d"] - 13)
    value += 0.8 * (c["c"] - 0.7) ** 2 + 0.8 * (c["e"] - c["c"] ** 2) ** 2
    return value + (0.03 if c["fourth"] == "far" else 0.5 * (c["f"] - 0.45) ** 2)


def network(config):
    widths = [logarithmic(w, 8, 512) for w in config["width"]]
    rate = logarithmic(config["rate"], 1e-5, 1e-1)
    value = 3 * (rate - 0.6 + 0.05 * len(widths)) ** 2 + 0.04 * abs(len(widths) - 3)
    # Every layer wants to be a little narrower than the one before.
    aims = (0.75 - 0.1 * k for k in range(len(widths)))
    value += sum((w - aim) ** 2 for w, aim in zip(widths, aims, strict=True)) / math.sqrt(len(widths))
    return value + (0.3 * (config["dropout"] - 0.25) ** 2 if config["drop"] else 0.05)


FUNCTIONS = {f.__name__: f for f in (cash, tree, network)}
