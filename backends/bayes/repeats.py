"""`Repeats`: whether what a model takes for noise is noise.

A process can't tell noise from a function that is rougher than its kernel. Two trials a hair apart can: of a function,
however rough, they have (nearly) the same value; under noise they do not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.moves import EDGE
from hpdsl.configs import Config
from hpdsl.space import Space

Floats = NDArray[np.float64]

# How far apart, in u codes and in scale codes: less matters to no function that a model could follow, and a number in
# single precision still sees it.
HAIR, CLOSE = 1e-7, 1e-5
# Values of a pair differ by noise where they differ by more than this share of the spread of the good half.
SAME = 1e-4
# Pairs that must agree: values on a coarse scale, like errors in a thousand cases, agree by chance now and then.
PAIRS = 2
# Trials between one pair and the next.
PAUSE = 5


class Repeats:
    """What pairs among the trials told so far say.

    `exact` is True where values are without noise, False where they are not, None while no pair says no and too few
    say yes.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.exact: bool | None = None
        self._seen = self._agreed = 0
        self._last = -PAUSE
        d = len(space.code_names)
        self._continuous = np.array([space.cells(j) is None for j in range(d)], dtype=np.bool_)

    def update(self, points: Floats, values: list[float]) -> None:
        """Take in what is new among all trials with a value: embedded points (n, q) and values."""
        for k in range(self._seen, len(values)):
            gaps = np.abs(points[:k] - points[k]).max(axis=1, initial=0.0)
            if self.exact is None and k and gaps.min() < CLOSE:
                self._pair(np.array(values[: k + 1]), int(gaps.argmin()))
        self._seen = len(values)

    def _pair(self, y: Floats, partner: int) -> None:
        self._last = len(y)
        # Values of 1e308 and -1e308 are infinitely far apart, which is not the same.
        with np.errstate(over="ignore", invalid="ignore"):
            differ = abs(y[-1] - y[partner]) > SAME * (np.median(y) - np.quantile(y, 0.1))
        self._agreed += not differ
        if differ or self._agreed == PAIRS:
            self.exact = not differ

    def due(self, n: int) -> bool:
        """Whether after n trials with a value another pair would tell more."""
        return self.exact is None and n - self._last >= PAUSE

    def beside(self, config: Config) -> Config | None:
        """A configuration a hair beside another; None where nothing continuous is active, or requirements forbid it."""
        u = self.space.encode([config])[0]
        move = self._continuous & ~np.isnan(u)
        if not move.any():
            return None
        step = HAIR * (1 + self._agreed)
        rows = np.tile(np.where(np.isnan(u), 0.5, u), (2, 1))
        for k, sign in enumerate((1.0, -1.0)):
            moved = u[move] + sign * step
            inside = (moved > EDGE) & (moved < 1.0 - EDGE)
            rows[k, move] = np.where(inside, moved, u[move] - sign * step)
        there = self.space.decode(rows)
        fine = np.flatnonzero(self.space.satisfies(there))
        return there[int(fine[0])] if len(fine) else None
