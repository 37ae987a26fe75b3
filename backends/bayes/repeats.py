"""`Repeats`: whether what a model takes for noise is noise.

A process can't tell noise from a function that is rougher than its kernel. Two trials a hair apart can: of a function,
however rough, they have (nearly) the same value; under noise they do not.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.moves import EDGE
from hpdsl.configs import Config, Configs
from hpdsl.space import Space

Floats = NDArray[np.float64]

# How far apart, in u codes and in scale codes: less matters to no function that a model could follow, and a number in
# single precision still sees it. What a search comes upon while it polishes lies farther apart, and differs.
HAIR, CLOSE = 1e-7, 3e-7
# Values of a pair differ by noise where they differ by more than this share of the spread of the good half.
SAME = 1e-3
# Pairs that must agree: values on a coarse scale, like errors in a thousand cases, agree by chance now and then.
PAIRS = 2
# Trials between one pair and the next.
PAUSE = 5


class Repeats:
    """What pairs among the trials told so far say.

    `exact` is True where values are without noise, False where they are not, None while no pair says no and too few
    say yes. What is told twice with different values takes back a True.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.exact: bool | None = None
        self._seen = self._agreed = 0
        self._last = -PAUSE
        d = len(space.code_names)
        self._continuous = np.array([space.cells(j) is None for j in range(d)], dtype=np.bool_)
        numeric = [g for g in space.feature_groups if g.kind == "numeric" and self._continuous[g.parameter]]
        self._codes = [g.columns[0] for g in numeric]
        self._parameters = [g.parameter for g in numeric]

    def update(self, points: Floats, config: Callable[[int], Config], values: list[float]) -> None:
        """Take in what is new among all trials with a value: embedded points (n, q), configurations, values."""
        for k in range(self._seen, len(values)):
            gaps = np.abs(points[:k] - points[k]).max(axis=1, initial=0.0)
            limit = CLOSE if self.exact is None else 0.0
            if self.exact is not False and k and gaps.min() <= limit:
                partner = int(gaps.argmin())
                if self._beside(config(k), config(partner)):
                    self._pair(np.array(values[: k + 1]), partner)
        self._seen = len(values)

    def _beside(self, one: Config, other: Config) -> bool:
        """Whether configurations of nearly equal codes are nearly equal: an end's code stands for a whole tail."""
        u = self.space.encode([one, other])
        held = self._in_tail(one, u[0])
        return bool((u[0, held] == u[1, held]).all())

    def _in_tail(self, config: Config, u: Floats) -> NDArray[np.bool_]:
        """The parameters whose scale codes are at an end where their u codes are not."""
        codes = self.space.features([config])[0, self._codes]
        found = np.zeros(len(self._continuous), dtype=np.bool_)
        u = u[self._parameters]
        found[self._parameters] = ((codes <= 0.0) & (u > 0.0)) | ((codes >= 1.0) & (u < 1.0))
        return found

    def _pair(self, y: Floats, partner: int) -> None:
        self._last = len(y)
        # Values of 1e308 and -1e308 are infinitely far apart, which is not the same.
        with np.errstate(over="ignore", invalid="ignore"):
            differ = abs(y[-1] - y[partner]) > SAME * (np.median(y) - np.quantile(y, 0.1))
        self._agreed += not differ
        if differ:
            self.exact = False
        elif self._agreed >= PAIRS:
            self.exact = True

    def due(self, n: int) -> bool:
        """Whether after n trials with a value another pair would tell more."""
        return self.exact is None and n - self._last >= PAUSE

    def beside(self, config: Config) -> Config | None:
        """A configuration a hair beside another; None where nothing continuous is active, or requirements forbid it."""
        u = self.space.encode([config])[0]
        move = self._continuous & ~np.isnan(u) & ~self._in_tail(config, u)
        if not move.any():
            return None
        codes = self.space.features([config])[0, self._codes]
        step = HAIR * (1 + self._agreed)
        there = self._moved(u, move, step)
        # In a tail a hair in u codes is a strand in scale codes.
        gap = np.nan_to_num(np.abs(self.space.features(there)[:, self._codes] - codes)).max(initial=0.0)
        if gap > step:
            there = self._moved(u, move, step * step / gap)
        fine = np.flatnonzero(self.space.satisfies(there))
        return there[int(fine[0])] if len(fine) else None

    def _moved(self, u: Floats, move: NDArray[np.bool_], step: float) -> Configs:
        """Both neighbours of a row of u codes."""
        rows = np.tile(np.where(np.isnan(u), 0.5, u), (2, 1))
        for k, sign in enumerate((1.0, -1.0)):
            moved = u[move] + sign * step
            inside = (moved > EDGE) & (moved < 1.0 - EDGE)
            rows[k, move] = np.where(inside, moved, u[move] - sign * step)
        return self.space.decode(rows)
