"""`Repeats`: whether what a model takes for noise is noise.

A process can't tell noise from a function that is rougher than its kernel. Two trials a hair apart can: of a function,
however rough, they have (nearly) the same value; under noise they do not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.data import Data
from hpdsl.backends.bayes.moves import EDGE
from hpdsl.configs import Config, Configs

Floats = NDArray[np.float64]

# How far apart, in u codes and in scale codes: less matters to no function that a model could follow, and a number in
# single precision still sees it. What a search comes upon while it polishes lies farther apart, and differs.
HAIR, CLOSE = 1e-7, 3e-7
# Values of a pair differ by noise where they differ by more than this share of the spread of the good half.
SAME = 1e-3
# Pairs that must agree, and at most: values on a coarse scale, like errors in a hundred cases, agree by chance now and
# then, all of them together with this probability at most.
PAIRS, MANY, CHANCE = 2, 4, 1e-3
# Trials between one pair and the next.
PAUSE = 5


class Repeats:
    """What pairs among the trials told so far say.

    `exact` is True where values are without noise, False where they are not, None while no pair says no and too few
    say yes. What is told twice with different values takes back a True.
    """

    def __init__(self, data: Data) -> None:
        self.data = data
        self.space = data.space
        self.exact: bool | None = None
        self._seen = self._agreed = 0
        self._last = -PAUSE
        # Trials that repeat others.
        self._again: list[int] = []
        d = len(self.space.code_names)
        self._continuous = np.array([self.space.cells(j) is None for j in range(d)], dtype=np.bool_)

    def update(self) -> None:
        """Take in what is new among all trials with a value."""
        n = self.data.n_good
        points = self.data.points(n)
        for k in range(self._seen, n):
            if self.exact is False:
                break
            gaps = np.abs(points[:k] - points[k]).max(axis=1, initial=0.0)
            near = np.flatnonzero(gaps <= (CLOSE if self.exact is None else 0.0))
            for partner in near[np.argsort(gaps[near], kind="stable")]:
                # Where a condition lies between the two, a jump is no noise.
                if self.data.config(k).keys() == self.data.config(int(partner)).keys():
                    self._pair(np.array(self.data.values[: k + 1]), int(partner))
                    break
        self._seen = n

    def _pair(self, y: Floats, partner: int) -> None:
        self._last = len(y)
        self._again.append(len(y) - 1)
        # Values of 1e308 and -1e308 are infinitely far apart, which is not the same.
        with np.errstate(over="ignore", invalid="ignore"):
            same = SAME * (np.median(y) - np.quantile(y, 0.1))
            differ = abs(y[-1] - y[partner]) > same
        self._agreed += not differ
        if differ:
            self.exact = False
        elif self._agreed >= _enough(np.delete(y, self._again), same):
            self.exact = True

    @property
    def stepped(self) -> bool:
        """Whether values stand on steps too few for noise, in a space where no two trials can be a hair apart.

        Half of the good ones equal others, of other configurations: noise, even on a coarse scale, spreads more.
        """
        if self._continuous.any():
            return False
        good = np.sort(np.array(self.data.values))[: (self.data.n_good + 1) // 2]
        return 2 * len(np.unique(good)) <= len(good)

    def due(self, n: int) -> bool:
        """Whether after n trials with a value another pair would tell more."""
        return self.exact is None and n - self._last >= PAUSE

    def beside(self, config: Config) -> Config | None:
        """A configuration a hair beside another; None where nothing continuous is active, or requirements forbid it."""
        u = self.space.encode([config])[0]
        # In a tail a hair in u codes is a strand, or nothing at all.
        move = self._continuous & ~np.isnan(u) & ~self.data.embedding.in_tail(config)
        if not move.any():
            return None
        here = self.data.embedded([config])
        step = HAIR * (1 + self._agreed)
        there = self._moved(u, move, step)
        # Towards a tail it is one already.
        gap = np.abs(self.data.embedded(there) - here).max(initial=0.0)
        if gap > step:
            there = self._moved(u, move, step * step / gap)
        # So far out that u codes no longer tell, nothing leads back; nor where a step takes to the next integer.
        near = np.abs(self.data.embedded(there) - here).max(axis=1) <= CLOSE
        for k in np.flatnonzero(near & self.space.satisfies(there)):
            if there[int(k)].keys() == config.keys():
                return there[int(k)]
        return None

    def _moved(self, u: Floats, move: NDArray[np.bool_], step: float) -> Configs:
        """Both neighbours of a row of u codes."""
        rows = np.tile(np.where(np.isnan(u), 0.5, u), (2, 1))
        for k, sign in enumerate((1.0, -1.0)):
            moved = u[move] + sign * step
            inside = (moved > EDGE) & (moved < 1.0 - EDGE)
            rows[k, move] = np.where(inside, moved, u[move] - sign * step)
        return self.space.decode(rows)


def _enough(y: Floats, same: float) -> int:
    """How many pairs must agree, given how often good values of different configurations do."""
    good = np.sort(y)[: (len(y) + 1) // 2]
    pairs = len(good) * (len(good) - 1) / 2
    agreeing = float((np.searchsorted(good, good + same, side="right") - np.arange(1, len(good) + 1)).sum())
    if not 0.0 < agreeing < pairs:
        return PAIRS if agreeing == 0.0 else MANY
    return int(np.clip(np.ceil(np.log(CHANCE) / np.log(agreeing / pairs)), PAIRS, MANY))
