"""bbob-mixint, of the package coco-experiment: `bbob:FUNCTION:DIMENSION:INSTANCE`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from suite.problem import Problem, UnavailableError

NAMES = ["bbob:3:10:1", "bbob:8:10:1", "bbob:10:5:1", "bbob:15:10:1", "bbob:21:5:1", "bbob:24:5:1"]


def problem(name: str) -> Problem:
    """The problem of a name."""
    try:
        import cocoex
    except ImportError:
        raise UnavailableError(f"{name} needs coco-experiment") from None
    _, function, dimension, instance = name.split(":")
    chosen = f"dimensions:{dimension} function_indices:{function} instance_indices:{instance}"
    suite = cocoex.Suite("bbob-mixint", "", chosen)
    coco = suite.get_problem(0)
    n = coco.number_of_integer_variables
    lines = [
        f"x{k} ~ int uniform({int(low)}, {int(high)})" if k < n else f"x{k} ~ uniform({float(low)}, {float(high)})"
        for k, (low, high) in enumerate(zip(coco.lower_bounds, coco.upper_bounds, strict=True))
    ]
    text = "\n".join([*lines, "minimize loss", ""])

    def value(config):
        return float(coco([config[f"x{k}"] for k in range(coco.dimension)]))

    return Problem(name, "bbob", text, value, best=_optimum(coco), holds=(suite, coco))


def _optimum(coco) -> float:
    """The least value, at the point that the library writes into the working directory."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            coco._best_parameter("print")
            written = Path("._bbob_problem_best_parameter.txt").read_text()
        finally:
            os.chdir(here)
    return float(coco([float(v) for v in written.split()]))
