"""`Trust`: at first proposals stay near what is known (the L∞ rule of Vizier, Song et al. 2024).

With few trials and many dimensions the model is most uncertain in the corners of the space, and an acquisition
function leads there, one corner after another. A proposal that is farther from every known configuration, in its
farthest coordinate, than r = 0.2 + 0.3 n / (5 (d + 1)) is held for the less promising the farther it is. Beyond
r = 1/2 there is no limit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.arrays import loops
from hpdsl.backends.bayes.data import Data

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEAREST, FARTHEST, TRIALS = 0.2, 0.5, 5
# What the logarithm of the acquisition loses for each unit of distance; its own slopes are seldom so steep.
STEEP = 100.0


class Trust:
    """The rule for proposals given embedded points; distances are over the coordinates of numbers."""

    def __init__(self, radius: float, columns: Ints, known: Floats) -> None:
        self.radius = radius
        self.columns = columns
        self.known = np.ascontiguousarray(known[:, columns].T)

    def log(self, E: Floats) -> Floats:
        """What embedded points lose, shape (m,): 0 within the radius."""
        return self._loss(E)[0]

    def log_and_slope(self, E: Floats) -> tuple[Floats, Floats]:
        """`log` and its gradient, shapes (m,) and (m, q)."""
        loss, nearest, farthest = self._loss(E)
        slope = np.zeros_like(E)
        rows = np.arange(len(E))
        column = self.columns[farthest]
        away = np.sign(E[rows, column] - self.known[farthest, nearest])
        slope[rows, column] = np.where(loss < 0.0, -STEEP * away, 0.0)
        return loss, slope

    def _loss(self, E: Floats) -> tuple[Floats, Ints, Ints]:
        m = len(E)
        distance, nearest, farthest = np.empty(m), np.empty(m, dtype=np.int64), np.empty(m, dtype=np.int64)
        loops().nearest(np.ascontiguousarray(E[:, self.columns]), self.known, distance, nearest, farthest)
        return -STEEP * np.maximum(distance - self.radius, 0.0), nearest, farthest


def trust_of(data: Data, known: Floats) -> Trust | None:
    """The rule given the trials told so far; None where there is no limit (any more)."""
    columns = data.embedding.columns
    share = data.n_good / (TRIALS * (data.embedding.mean_active + 1.0))
    if share > 1.0 or not len(columns):
        return None
    return Trust(NEAREST + (FARTHEST - NEAREST) * share, columns, known)
