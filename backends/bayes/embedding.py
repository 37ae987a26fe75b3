"""`Embedding`: features to points whose weighted Euclidean distance is the kernel's, inactive values included.

Distances between points are squared differences within groups of columns, and each group has one weight, so
any set of configurations has a positive semi-definite kernel matrix.

| parameter | columns | distance |
|---|---|---|
| numeric | z, or 1/2 where inactive | (z - z')² |
| unordered, of K alternatives | one-hot / √2, "inactive" being one more alternative | 1 where different |
| choice with ranges | one-hot / √2, and z of each range, 1/2 elsewhere, in a group of its own | both |

A law without an end has scale codes over its central quantiles, and so has here one whose ends lie far beyond them, as
those of `normal(5, 2) in 0 .. 1000`: else all that it ever draws would be one place. What lies beyond goes on below 0
and above 1, more and more slowly: whatever is told far out keeps a place of its own, and the tails stay small beside
the rest.

With `activity` > 0 a numeric parameter that can be inactive has a second column in its group, so that the distance
between active and inactive is larger by so much.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.backends.bayes import design, sobol
from hpdsl.backends.bayes.belief import says_nothing
from hpdsl.configs import Configs
from hpdsl.graph.features import unbounded
from hpdsl.space import Space

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Parameters with more values than this are moved by steps and slopes only.
LISTED = 50
# Rows that show where laws lie.
PROBES = 256
# Points of a table of quantiles, and how much scale codes differ from u codes at least.
POINTS, SAME = 257, 1e-9
# A law is seen through the window of its central quantiles where these hold less than this share of its range.
CENTRAL, SHARE = 0.499, 0.5
# How far beyond an end codes go on nearly linearly; and where they stop, which is as far as doubles go.
TAIL, LARGEST = 0.05, 1e300


class Embedding:
    """Maps configurations of one space to rows of q columns in G groups."""

    def __init__(self, space: Space, activity: float = 0.0) -> None:
        self.space = space
        pieces: list[list[tuple[str, int]]] = []  # groups of (what, feature column)
        for group in space.feature_groups:
            if group.kind == "numeric":
                column = group.columns[0]
                conditional = space.compilation.model.parameters[group.parameter].conditional
                pieces.append([("z", column), ("active", column)] if activity and conditional else [("z", column)])
                continue
            hot = [
                c
                for c in group.columns
                if "[" not in space.feature_names[c].removeprefix(space.code_names[group.parameter])
            ]
            if group.kind == "onehot":
                hot = list(group.columns)
            pieces.append([*(("hot", c) for c in hot), ("absent", hot[0])])
            pieces.extend([("z", c)] for c in group.columns if c not in hot)
        flat = [piece for group in pieces for piece in group]
        self.features = np.array([c for _, c in flat], dtype=np.int64)
        self.starts = np.cumsum([0] + [len(group) for group in pieces]).astype(np.int64)
        self.owner = np.repeat(np.arange(len(pieces)), np.diff(self.starts))
        root = math.sqrt(0.5)
        # What a column makes of a feature: feature · factor + offset, or `absent` where there is none.
        of = {"z": (1.0, 0.0, 0.5), "hot": (root, 0.0, 0.0), "absent": (0.0, 0.0, root)}
        of["active"] = (0.0, math.sqrt(activity), 0.0)
        self._factor, self._offset, self._absent = np.array([of[what] for what, _ in flat]).T

        # Columns that an ascent may move, and the parameter of each: numbers with more values than are listed.
        numeric = {g.columns[0]: g.parameter for g in space.feature_groups if g.kind == "numeric"}
        cells = {c: space.cells(j) for c, j in numeric.items()}
        fine = [c for c, found in cells.items() if found is None or len(found) > LISTED]
        self.columns = np.array([k for k, (what, c) in enumerate(flat) if what == "z" and c in fine], dtype=np.int64)
        self.parameters = np.array([numeric[c] for c in self.features[self.columns]], dtype=np.int64)

    @cached_property
    def _windows(self) -> tuple[Ints, Floats, Floats]:
        """Features seen through a window, with its lower end and its width, in scale codes."""
        parameters = self.space.compilation.model.parameters
        groups = [
            g
            for g in self.space.feature_groups
            if g.kind == "numeric" and not all(says_nothing(piece.dist) for piece in parameters[g.parameter].pieces)
        ]
        if not groups:
            return np.empty(0, dtype=np.int64), np.empty(0), np.empty(0)
        moved, columns = [g.parameter for g in groups], np.array([g.columns[0] for g in groups], dtype=np.int64)
        rows = sobol.points(0, 0, PROBES, len(self.space.code_names))
        # Laws that follow others are seen with these at either end.
        rows[:, moved] = np.where(rows[:, moved] < 0.5, 0.5 - CENTRAL, 0.5 + CENTRAL)
        z = self.space.features(self.space.decode(rows))[:, columns]
        low, high = np.where(np.isnan(z), np.inf, z).min(axis=0), np.where(np.isnan(z), -np.inf, z).max(axis=0)
        narrow = (high > low) & (high - low < SHARE)
        columns, low, high = columns[narrow], low[narrow], high[narrow]
        # Ends that are as good as reached are ends here too: many optima lie at one.
        slack = TAIL * (high - low)
        low, high = np.where(low < slack, 0.0, low), np.where(high > 1.0 - slack, 1.0, high)
        return columns, low, high - low

    def codes(self, configs: Configs | Sequence[Mapping[str, Any]], *, clipped: bool = True) -> Floats:
        """Scale codes as `space.features` has them, but through windows."""
        z = self.space.features(configs, clipped=clipped)
        columns, low, width = self._windows
        if len(columns):
            seen = (z[:, columns] - low) / width
            z[:, columns] = np.clip(seen, 0.0, 1.0) if clipped else seen
        return z

    @cached_property
    def open(self) -> Ints:
        """The features whose values may lie beyond the ends of their codes."""
        return np.union1d(np.array(unbounded(self.space.compilation.model), dtype=np.int64), self._windows[0])

    @cached_property
    def quantiles(self) -> list[tuple[Floats, Floats]]:
        """For each of `columns` its scale codes at some u codes, and these: the other parameters are at their medians.

        Both rise; empty where the two are the same, and where the parameter is inactive at the medians.
        """
        grid = np.linspace(0.0, 1.0, POINTS)
        # Denser towards the ends, where tails are.
        grid = np.clip(grid * grid * (3.0 - 2.0 * grid), 1e-9, 1.0 - 1e-9)
        found = []
        for column, parameter in zip(self.features[self.columns], self.parameters, strict=True):
            rows = np.full((POINTS, len(self.space.code_names)), 0.5)
            rows[:, parameter] = grid
            z = self.codes(self.space.decode(rows))[:, column]
            telling = not np.isnan(z).any() and np.abs(z - grid).max() > SAME
            found.append((z, grid) if telling else (z[:0], grid[:0]))
        return found

    @property
    def n_groups(self) -> int:
        """The number of weights."""
        return len(self.starts) - 1

    def of_configs(self, configs: Configs | Sequence[Mapping[str, Any]]) -> Floats:
        """Embedded configurations, shape (n, q)."""
        z = self.codes(configs)
        if len(self.open):
            inside = z[:, self.open]
            if ((inside <= 0.0) | (inside >= 1.0)).any():
                whole = self.codes(configs, clipped=False)[:, self.open]
                beyond = np.clip(whole, -LARGEST, LARGEST) - inside
                z[:, self.open] = inside + np.sign(beyond) * TAIL * np.log1p(np.abs(beyond) / TAIL)
        return self.of_features(z)

    def in_tail(self, config: Mapping[str, Any]) -> NDArray[np.bool_]:
        """Which parameters of a configuration lie beyond an end of their scale codes, shape (d,)."""
        found = np.zeros(len(self.space.code_names), dtype=np.bool_)
        if len(self.open):
            z = self.codes([config], clipped=False)[0, self.open]
            found[self._tailed[(z < 0.0) | (z > 1.0)]] = True
        return found

    @cached_property
    def _tailed(self) -> Ints:
        """The parameters of `open`."""
        return np.array([g.parameter for c in self.open for g in self.space.feature_groups if c in g.columns])

    def of_features(self, z: Floats) -> Floats:
        """Embedded rows of features, NaN where inactive."""
        columns = np.take(z, self.features, axis=1)
        missing = np.isnan(columns)
        columns *= self._factor
        columns += self._offset
        if missing.any():
            np.copyto(columns, self._absent, where=missing)
        return columns

    @cached_property
    def mean_active(self) -> float:
        """How many groups are active on average, under the prior without its requirements."""
        z = self.space.features(design.probes(self.space))[:, self.features[self.starts[:-1]]]
        return float((~np.isnan(z)).mean(axis=0).sum())
