"""Moves in the unit cube: from known latent rows to new candidates.

A latent row holds a u code for every parameter, active or not: what an inactive one holds (its shadow) comes to
life when its parent flips.
"""

from __future__ import annotations

import itertools
import math
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes.belief import says_nothing
from hpdsl.backends.bayes.embedding import LISTED
from hpdsl.space import Space

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Codes stay clear of the ends by so much. Where a law is not uniform on its scale a tail may hold the optimum: once the
# farthest told lies within `NEAR` of the end, the wall recedes to that distance to the power of `RECEDE`, so that a
# model sees values all along. A normal value then goes on by a fifth.
EDGE, NEAR, RECEDE = 1e-9, 2e-9, 1.5
# Shares of a tail below these have no codes of their own, at the lower end and at the upper.
LOWEST, HIGHEST = 1e-300, 2.0**-53
# The share of a tail from which on steps go along its logarithm; by a step of 0.1 that becomes some e times as large
# or as small.
TAIL, ALONG = 1e-3, 10.0
# What a mutation oversteps an end by leads into the tail, by 0.4 to its last digits.
DEPTH = 80.0
# How often each of the best observed rows is mutated.
WEIGHTS = np.array([0.4, 0.2, 0.15, 0.15, 0.1])

# Of a parameter with more alternatives: the neighbours where it is ordered, else some at random.
MANY_ORDERED, MANY_UNORDERED = 17, 25


class Moves:
    """The moves of one space. `observed` are latent rows of told configurations, the best first."""

    def __init__(self, space: Space, rng: np.random.Generator, observed: Floats) -> None:
        self.space = space
        self.rng = rng
        self.observed = observed
        self.d = len(space.code_names)
        self.unordered, self._value_of, self._place, self._count, self._code = _listed(space)
        pieces = [p.pieces for p in space.compilation.model.parameters[: self.d]]
        self._tailed = np.array([not all(says_nothing(piece.dist) for piece in found) for found in pieces], np.bool_)
        self.low = _walls(observed, self._tailed, LOWEST)
        self.high = 1.0 - _walls(1.0 - observed, self._tailed, HIGHEST)

    def mutations(self, n: int) -> Floats:
        """Copies of the best observed rows with some coordinates moved a little or a lot."""
        top = min(len(WEIGHTS), len(self.observed))
        if not top:
            return np.empty((0, self.d))
        rows = self.observed[self.rng.choice(top, size=n, p=WEIGHTS[:top] / WEIGHTS[:top].sum())]
        rate = np.maximum(self.rng.choice([0.15, 0.4, 1.0], size=n), 1.5 / self.d)[:, None]
        hit = self.rng.random((n, self.d)) < rate
        sigma = self.rng.choice([0.02, 0.08, 0.25], size=n)[:, None]
        beyond = rows + sigma * self.rng.standard_normal((n, self.d))
        moved = np.where(self._tailed & (np.abs(beyond - 0.5) > 0.5), _far_out(beyond), _reflect(beyond))
        fresh = self.rng.random((n, self.d))
        redraw = self.unordered & (self.rng.random((n, self.d)) < 0.5)
        stay = self.unordered & ~redraw
        return np.where(hit & ~stay, np.where(redraw, fresh, moved), rows)

    def steps(self, rows: Floats, scale: Floats, n: int) -> tuple[Floats, Ints]:
        """n Gaussian steps from every row, of all or of one coordinate; and the row each came from.

        Unordered parameters stay as they are.
        """
        movable = np.flatnonzero(~self.unordered)
        if not len(movable):
            return np.empty((0, self.d)), np.empty(0, dtype=np.int64)
        shape = (len(rows), n, self.d)
        steps = scale[:, None, None] * self.rng.standard_normal(shape)
        single = self.rng.random(shape[:2]) < 0.5
        only = self.rng.choice(movable, size=shape[:2])
        steps[single[:, :, None] & (np.arange(self.d) != only[:, :, None])] = 0.0
        steps[:, :, self.unordered] = 0.0
        moved = _reflect(rows[:, None, :] + steps)
        for k, j in zip(*np.nonzero(self._in_tail(rows)), strict=True):
            moved[k, :, j] = _along(rows[k, j], steps[k, :, j])
        return moved.reshape(-1, self.d), np.repeat(np.arange(len(rows)), n)

    def exchanges(self, rows: Floats) -> tuple[Floats, Ints]:
        """Every row with every other value of each listed parameter; and the row each came from.

        A flip that brings parameters to life comes three times: with their shadows, with the best observed
        values of that branch, and with fresh ones. Otherwise the branches not taken look worse than they are.
        """
        owners, which = np.nonzero(self._allowed(rows))
        j = self._value_of[which]
        flipped = rows[owners]
        flipped[np.arange(len(j)), j] = self._code[which]
        if not self.space.conditional or not len(j):
            return flipped, owners
        flips = np.flatnonzero(self.unordered[j])
        born = self._active(flipped[flips]) & ~self._active(rows)[owners[flips]]
        flips, born = flips[born.any(axis=1)], born[born.any(axis=1)]
        known = np.where(born & ~np.isnan(self._best_known), self._best_known, flipped[flips])
        fresh = np.where(born, self.rng.random(known.shape), flipped[flips])
        return np.vstack([flipped, known, fresh]), np.concatenate([owners, owners[flips], owners[flips]])

    def _allowed(self, rows: Floats) -> NDArray[np.bool_]:
        """Which of all listed values may replace what each row has, shape (len(rows), values)."""
        gaps = np.abs(rows[:, self._value_of] - self._code)
        here = np.zeros((len(rows), self.d), dtype=np.int64)
        # The values of a parameter stand together.
        starts = np.flatnonzero(np.diff(self._value_of, prepend=-1))
        for first, last in itertools.pairwise([*starts, len(self._value_of)]):
            here[:, self._value_of[first]] = gaps[:, first:last].argmin(axis=1)
        distance = np.abs(self._place - here[:, self._value_of])
        ordered = ~self.unordered[self._value_of]
        far = ordered & (self._count > MANY_ORDERED) & (distance > 2)
        allowed = np.array((distance > 0) & ~far, dtype=np.bool_)
        crowded = ~ordered & (self._count > MANY_UNORDERED)
        if crowded.any():
            share = (MANY_UNORDERED - 1) / self._count[crowded]
            allowed[:, crowded] &= self.rng.random((len(rows), int(crowded.sum()))) < share
        return allowed

    def clipped(self, rows: Floats) -> Floats:
        """Latent rows within the ends that candidates may reach."""
        return np.clip(rows, self.low, self.high)

    def _in_tail(self, rows: Floats) -> NDArray[np.bool_]:
        """Which codes lie so far out that steps of codes lead nowhere but back."""
        return np.asarray(self._tailed & (np.minimum(rows, 1.0 - rows) < TAIL))

    def _active(self, rows: Floats) -> NDArray[np.bool_]:
        """Which parameters are active in each latent row."""
        if not len(rows):
            return np.empty((0, self.d), dtype=np.bool_)
        return np.asarray(~np.isnan(self.space.encode(self.space.decode(self.clipped(rows)))))

    @cached_property
    def _best_known(self) -> Floats:
        """For each parameter its code in the best observed row where it is active, NaN where there is none."""
        active = self._active(self.observed)
        codes = np.full(self.d, np.nan)
        for j in np.flatnonzero(active.any(axis=0)):
            codes[j] = self.observed[active[:, j].argmax(), j]
        return codes


# What a space lists is the same at every proposal.
_known_lists: WeakKeyDictionary[Space, tuple[NDArray[np.bool_], Ints, Ints, Ints, Floats]] = WeakKeyDictionary()


def _listed(space: Space) -> tuple[NDArray[np.bool_], Ints, Ints, Ints, Floats]:
    """Which parameters are unordered, and all values of listed ones: of which, the how-manieth, of how many, u."""
    if space not in _known_lists:
        cells = [space.cells(j) for j in range(len(space.code_names))]
        listed = [j for j, c in enumerate(cells) if c is not None and len(c) <= LISTED]
        numeric = {g.parameter for g in space.feature_groups if g.kind == "numeric"}
        values = [(j, k, len(found), u) for j in listed if (found := cells[j]) is not None for k, u in enumerate(found)]
        _known_lists[space] = (
            np.array([j in listed and j not in numeric for j in range(len(cells))]),
            np.array([j for j, *_ in values], dtype=np.int64),
            np.array([k for _, k, *_ in values], dtype=np.int64),
            np.array([n for *_, n, _ in values], dtype=np.int64),
            np.array([u for *_, u in values]),
        )
    return _known_lists[space]


def _walls(shares: Floats, tailed: NDArray[np.bool_], least: float) -> Floats:
    """How near to an end codes may come, given how near the told ones came; shape (d,)."""
    nearest = shares.min(axis=0, initial=1.0)
    found = np.where(nearest < NEAR, np.maximum(nearest, least) ** RECEDE, EDGE)
    return np.where(tailed, np.where(found < least, 0.0, found), EDGE)


def _along(u: float, steps: Floats) -> Floats:
    """Codes from a code in a tail, by steps along the logarithm of its share; at most to the median."""
    share = max(min(u, 1.0 - u), LOWEST)
    moved = np.minimum(np.exp(math.log(share) * np.exp(ALONG * steps)), 0.5)
    return np.asarray(np.where(steps == 0.0, u, 1.0 - moved if u > 0.5 else moved))


def _far_out(u: Floats) -> Floats:
    """Codes in the tails for what oversteps an end: the farther, the farther out."""
    share = TAIL * np.exp(-DEPTH * (np.abs(u - 0.5) - 0.5))
    return np.asarray(np.where(u > 0.5, 1.0 - share, share))


def _reflect(u: Floats) -> Floats:
    """Uniforms folded back into the unit interval."""
    u = np.abs(u)
    if (u >= 2.0).any():
        # Division is the slowest of all, and steps so long are rare.
        u %= 2.0
    return np.asarray(np.where(u > 1.0, 2.0 - u, u))
