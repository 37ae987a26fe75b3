"""Local ascent of an acquisition function from several starts: `descent` of minus it, within the unit cube."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes import descent
from hpdsl.backends.bayes.arrays import add, loops
from hpdsl.backends.bayes.climb import Hill
from hpdsl.kernels.primitives import PYTHON

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]

# Values (m,) and gradients (m, p) of a function to maximise, at m points, each on its way from a start.
Objective = Callable[[Floats, Ints], tuple[Floats, Floats]]

EVALUATIONS = 16
# The first steps' least and any steps' greatest length, in units of the lengthscale.
REACH = (0.1, 1.0)
# A thousandth of an improvement, where its logarithm is what is climbed.
GAIN = 1e-3


def ascend(hill: Hill | Objective, points: Floats, free: Truths, scale: Floats, gain: float = GAIN) -> Floats:
    """Points moved uphill within the unit cube; `free` (m, p) says which coordinates may move.

    `scale` (p,) are lengthscales: steps are measured in them. A start rests where a step gains less than `gain`.
    """
    x = np.array(points, order="C")
    m, p = x.shape
    H, fresh = np.tile(np.eye(p), (m, 1, 1)), np.ones(m, dtype=np.bool_)
    unit = np.where(free, scale, 0.0)
    descend = _descend if callable(hill) else loops().climb
    descend(hill, x, H, fresh, np.zeros(p), np.ones(p), unit, gain, REACH, EVALUATIONS)
    return x


def _evaluate(task: Objective, x: Floats, which: Ints, value: Floats, slope: Floats) -> None:
    score, by = task(x, which)
    value[:], slope[:] = np.where(np.isfinite(score), -score, np.inf), -by


_descend = descent.build(PYTHON, _evaluate, add)
