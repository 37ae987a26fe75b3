"""Functions of many parameters, few of which matter."""

from __future__ import annotations

import numpy as np

from suite.flat import branin_at, hartmann_at, levy_at
from suite.mixed import training


def hartmann6_30(config):
    return hartmann_at(np.array(config["x"][2::5]))


def branin_40(config):
    return branin_at(15 * config["x"][11] - 5, 15 * config["x"][28])


def levy_20(config):
    # An order that is not the written one, so that position says nothing about importance.
    x = np.array(config["x"])[(7 * np.arange(20) + 3) % 20]
    return float(0.5 ** np.arange(20) @ levy_at(x))


FUNCTIONS = {"hartmann6_30": hartmann6_30, "branin_40": branin_40, "levy_20": levy_20, "training_25": training}
