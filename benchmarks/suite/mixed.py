"""Functions of real, integer and categorical parameters together."""

from __future__ import annotations

import math
from itertools import pairwise

from suite.problem import linear, logarithmic

# The handicap of each optimiser, and where on the logarithmic axis its best rate lies.
OPTIMIZERS = {"sgd": (0.18, 0.85), "adam": (0.0, 0.48), "rmsprop": (0.07, 0.40), "lion": (0.03, 0.27)}
SCHEDULES = {"constant": 0.10, "cosine": 0.0, "step": 0.04}
NORMS = {"without": 0.15, "batch": 0.0, "layer": 0.02}
# What two neighbouring parts cost together: no part is best whatever its neighbour is.
PAIRS = {"ab": 0.0, "bd": 0.0, "dc": 0.0, "ba": 0.2, "cc": 0.1, "ac": 0.3, "da": 0.25}


def training(config):
    handicap, peak = OPTIMIZERS[config["optimizer"]]
    rate = logarithmic(config["rate"], 1e-5, 1)
    decay = logarithmic(config["decay"], 1e-7, 1e-1)
    width = logarithmic(config["width"], 8, 1024)
    batch = logarithmic(config["batch"], 16, 512)
    capacity = width + 0.08 * (config["layers"] - 5)
    # Larger batches want larger rates, wider networks more dropout, and without a norm the rate matters more.
    sharp = 9.0 if config["norm"] == "without" else 4.0
    value = sharp * (rate - peak - 0.15 * (batch - 0.4)) ** 2
    value += 0.8 * (decay - 0.65 + 0.3 * (rate - peak)) ** 2
    value += 1.2 * (capacity - 0.7) ** 2 + 0.015 * (config["layers"] - 4) ** 2
    value += 0.9 * (config["dropout"] - 0.3 * width) ** 2 + 0.1 * (batch - 0.4) ** 2
    value += 0.02 * (1 - math.cos(12 * math.pi * (width - 0.7)))
    return handicap + SCHEDULES[config["schedule"]] + NORMS[config["norm"]] + value


def vessel(config):
    shell, head = config["shell"] / 16, config["head"] / 16
    r, length = config["radius"], config["length"]
    cost = 0.6224 * shell * r * length + 1.7781 * head * r * r
    cost += 3.1661 * shell * shell * length + 19.84 * shell * shell * r
    volume = math.pi * r * r * length + 4 / 3 * math.pi * r**3
    excess = max(0.0193 * r - shell, 0) + max(0.00954 * r - head, 0) + max(1 - volume / 1_296_000, 0)
    # Costs span orders of magnitude; the penalty is large enough that the best design keeps the limits.
    return math.log(cost + 1e5 * excess)


def wiring(config):
    parts = config["part"]
    pairs = pairwise(parts)
    value = sum(PAIRS.get(a + b, 0.15 if a < b else 0.35) for a, b in pairs)
    value += 0.2 * (config["flag"][0] == config["flag"][1]) + 0.1 * (parts[0] == "c") * config["flag"][0]
    gain = logarithmic(config["gain"], 1e-3, 1e3)
    buffers = logarithmic(config["buffers"], 1, 4096)
    count = linear(config["count"], 1, 40)
    value += 2 * (gain - (0.6 if config["flag"][0] else 0.35)) ** 2 + 1.5 * (buffers - 0.5 * gain - 0.3) ** 2
    value += (count - 0.4) ** 2 + 0.05 * (config["count"] % 4 != 0)
    return value + 0.5 * (config["offset"] - 0.2 + 0.5 * (count - 0.4)) ** 2


FUNCTIONS = {f.__name__: f for f in (training, vessel, wiring)}
