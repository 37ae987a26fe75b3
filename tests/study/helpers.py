"""Spaces and objectives of the study tests."""

import math

SPEC = "x ~ uniform(-1, 1)\nk ~ choice(a, b)\nwhen k == a { depth ~ int uniform(1, 5) }\ntwice = 2 * x\nminimize loss\n"
FINITE = "k ~ choice(a, b, c)\non ~ bool(0.5)\n"


def loss(config):
    return {"loss": (config["x"] - 0.3) ** 2 + (config["k"] == "a") * 0.1, "latency_ms": 7}


def awkward(config):
    """Fails in several ways, by configuration."""
    if config["x"] < -0.6:
        raise ValueError("too far left")
    if config["x"] < -0.2:
        return math.nan
    return config["x"] ** 2


def summary(study):
    """Everything about trials that does not depend on the clock."""
    return [(t.number, t.state, t.config, repr(t.value), repr(t.outcomes), t.reason) for t in study.trials]
