"""Local ascent of an acquisition function: projected BFGS on several starts at once.

All starts move together, so that every evaluation is one matrix product instead of many small ones. The steps
of a line search are likewise tried at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]

# Values (m,) and gradients (m, p) of a function to maximise, at m points.
Objective = Callable[[Floats], tuple[Floats, Floats]]

ITERATIONS = 12
# Fractions of a quasi-Newton step that are tried, and its longest component in units of the lengthscale.
FRACTIONS = np.array([1.0, 0.35, 0.1, 0.01])
LONGEST = 1.0
# A thousandth of an improvement, where its logarithm is what is climbed.
GAIN = 1e-3


def ascend(objective: Objective, points: Floats, free: Truths, scale: Floats, gain: float = GAIN) -> Floats:
    """Points moved uphill within the unit cube; `free` (m, p) says which coordinates may move.

    `scale` (p,) are lengthscales: steps are measured in them. It ends where no start gains more than `gain` in a step.
    """
    x = points.copy()
    m, p = x.shape
    unit = np.where(free, scale, 0.0)
    value, slope = objective(x)
    H = np.tile(np.eye(p), (m, 1, 1))
    for _ in range(ITERATIONS):
        g = slope * unit
        # Coordinates at a bound that the gradient pushes against stay there.
        held = ((x <= 0.0) & (g < 0.0)) | ((x >= 1.0) & (g > 0.0)) | ~free
        g = np.where(held, 0.0, g)
        step = np.where(held, 0.0, np.einsum("ijk,ik->ij", H, g))
        uphill = np.einsum("ij,ij->i", step, g)
        lost = ~(uphill > 1e-12 * np.einsum("ij,ij->i", g, g))
        if lost.any():
            H[lost] = np.eye(p)
            step[lost] = g[lost]
        longest = np.abs(step).max(axis=1, initial=0.0)
        step *= np.minimum(1.0, LONGEST / np.maximum(longest, 1e-300))[:, None]
        tried = np.clip(x[None] + FRACTIONS[:, None, None] * step[None] * unit, 0.0, 1.0)
        values, slopes = objective(tried.reshape(-1, p))
        values = np.where(np.isfinite(values), values, -np.inf).reshape(len(FRACTIONS), m)
        best = values.argmax(axis=0)
        rows = np.arange(m)
        gained = values[best, rows] - value
        better = gained > 0.0
        if not (gained > gain).any():
            break
        new_x = np.where(better[:, None], tried[best, rows], x)
        new_slope = np.where(better[:, None], slopes.reshape(len(FRACTIONS), m, p)[best, rows], slope)
        H = _updated(H, (new_x - x) / np.where(unit > 0.0, unit, 1.0), (slope - new_slope) * unit)
        x, slope, value = new_x, new_slope, np.where(better, values[best, rows], value)
    return x


def _updated(H: Floats, s: Floats, y: Floats) -> Floats:
    """The BFGS update of inverse Hessians of minus the objective (Nocedal & Wright 2006, eq. 6.17)."""
    sy = np.einsum("ij,ij->i", s, y)
    fine = sy > 1e-12 * np.sqrt(np.einsum("ij,ij->i", s, s) * np.einsum("ij,ij->i", y, y)) + 1e-300
    rho = np.where(fine, 1.0 / np.where(fine, sy, 1.0), 0.0)
    Hy = np.einsum("ijk,ik->ij", H, y)
    yHy = np.einsum("ij,ij->i", y, Hy)
    outer = np.einsum("ij,ik->ijk", s, Hy)
    return np.asarray(
        H
        + (rho * (1.0 + rho * yHy))[:, None, None] * np.einsum("ij,ik->ijk", s, s)
        - rho[:, None, None] * (outer + outer.transpose(0, 2, 1))
    )
