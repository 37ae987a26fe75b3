"""Flat continuous test functions, of the optimisation literature."""

from __future__ import annotations

import math

import numpy as np

from suite.problem import linear, logarithmic

HEIGHTS = np.array([1.0, 1.2, 3.0, 3.2])
STEEPNESS = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
PEAKS = np.array(
    [
        [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
        [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
        [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
        [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
    ]
)
# Where the shifted functions have their minimum, as places between the ends of each axis.
ACKLEY = np.array([0.23, 0.71, 0.38, 0.62, 0.81, 0.27, 0.55, 0.17, 0.66, 0.42])
GRIEWANK = np.array([0.31, 0.62, 0.45, 0.74, 0.22, 0.57])


def branin_at(x, y):
    """Branin's function of two numbers."""
    bowl = (y - 5.1 * x * x / (4 * math.pi**2) + 5 * x / math.pi - 6) ** 2
    return bowl + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def branin(config):
    return branin_at(config["x"], config["y"])


def hartmann_at(x):
    """Hartmann's function of six numbers."""
    return -float(HEIGHTS @ np.exp(-(STEEPNESS * (x - PEAKS) ** 2).sum(axis=1)))


def hartmann6(config):
    return hartmann_at(np.array(config["x"]))


def ackley10(config):
    places = [logarithmic(v, 1e-5, 10) for v in config["rate"]] + [linear(v, -30, 30) for v in config["x"]]
    z = 30 * (np.array(places) - ACKLEY)
    hill = 20 * math.exp(-0.2 * math.sqrt(float((z * z).mean())))
    return 20 + math.e - hill - math.exp(float(np.cos(2 * math.pi * z).mean()))


def rosenbrock5(config):
    x = np.array(config["x"])
    return float((100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum())


def levy_at(x):
    """The terms of Levy's function, one for each number."""
    w = 1 + (x - 1) / 4
    inner = (w[:-1] - 1) ** 2 * (1 + 10 * np.sin(math.pi * w[:-1] + 1) ** 2)
    inner[0] += math.sin(math.pi * w[0]) ** 2
    last = (w[-1] - 1) ** 2 * (1 + math.sin(2 * math.pi * w[-1]) ** 2)
    return np.append(inner, last)


def levy8(config):
    return float(levy_at(np.array(config["x"])).sum())


def griewank6(config):
    z = np.array(config["x"]) - (120 * GRIEWANK - 60)
    waves = np.cos(z / np.sqrt(np.arange(1, z.size + 1)))
    return 1 + float((z * z).sum()) / 4000 - float(waves.prod())


FUNCTIONS = {f.__name__: f for f in (branin, hartmann6, ackley10, rosenbrock5, levy8, griewank6)}
