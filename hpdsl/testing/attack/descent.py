"""`Descent`: many starts towards one way of refuting a claim: scans of single parameters, then Gauss-Newton steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hpdsl.testing.attack.arena import Arena, Gaps
from hpdsl.testing.attack.formulas import Literal
from hpdsl.testing.builder import Matrix

Codes = NDArray[np.float64]

# Discrete parameters with more values than this are walked like continuous ones, a cell or two at a time.
FEW = 32
# A step small enough for the slope of a smooth function, large enough that rounding (2 ** -53) is 1e-9 of it.
STEP = 1e-7
# How far inside strict comparisons different starts aim: wide regions and slivers alike.
ROOMS = (1e-3, 1e-6, 1e-9, 1e-12, 0.0)
# Offsets of a scan around a code: down to neighbouring doubles.
OFFSETS = np.concatenate([-(0.5 ** np.arange(1, 54)), 0.5 ** np.arange(53, 0, -1)])
# Damping of a step where slopes depend on each other, by the size of their products.
DAMPING = 1e-12


class FoundError(Exception):
    """Refuting codes were found: `codes` (k,)."""

    def __init__(self, codes: Codes) -> None:
        super().__init__(codes)
        self.codes = codes


class Descent:
    """The search along one path of literals; parameters in `held` (k,) stay where the starts have them.

    Counts the codes it has looked at in `looked`.
    """

    def __init__(
        self,
        arena: Arena,
        path: tuple[Literal, ...],
        rng: np.random.Generator,
        held: NDArray[np.bool_] | None = None,
    ) -> None:
        self.arena = arena
        self.rng = rng
        self.held = np.zeros(arena.k, dtype=np.bool_) if held is None else held
        self.gaps = Gaps(arena, path)
        self.looked = 0
        space = arena.marks.space
        counts = [space.cardinalities[i] for i in arena.moving]
        self.walked = np.array(
            [k for k, c in enumerate(counts) if (c is None or c > FEW) and not self.held[k]], dtype=np.int64
        )
        self.steps = np.array([STEP if c is None else 1.5 / c for c in counts])

    def look(self, codes: Codes) -> Matrix:
        """The gaps at codes (k, n). Raises `FoundError` where one refutes the claim."""
        matrix = self.arena.decode(codes)
        self.looked += codes.shape[1]
        hits = np.flatnonzero(self.arena.refuting(matrix))
        if hits.size:
            raise FoundError(codes[:, int(hits[0])])
        return self.gaps(matrix)

    def merit(self, gaps: Matrix) -> NDArray[np.float64]:
        """How much is left to do, (n,)."""
        return np.asarray(np.abs(self.gaps.hinge(gaps)).sum(axis=0))

    # ---- the search ------------------------------------------------------------------------------

    def run(self, starts: Codes, keep: int, rounds: int, iterations: int) -> None:
        """Walk from the best of some starts (k, n); ends by `FoundError` where something is found."""
        if not self.arena.k:
            self.look(starts[:, :1])
            return
        self.gaps.scale(self.arena.decode(starts))
        merit = self.merit(self.look(starts))
        best = np.argsort(merit, kind="stable")[: max(keep - keep // 4, 1)]
        other = self.rng.choice(starts.shape[1], size=keep // 4)
        codes = starts[:, np.concatenate([best, other])].copy()
        room = np.resize(np.array(ROOMS), codes.shape[1])
        codes = self._scan(codes, self._places)
        for _ in range(rounds):
            codes = self._walk(codes, room, iterations)
            codes = self._scan(codes, self._around)

    def _places(self, which: int, codes: Codes) -> Matrix:
        """Landmarks of a parameter and places between, the same for every start: (lanes, n)."""
        special = self.arena.marks.special[self.arena.moving[which]][:40]
        every = np.concatenate([special, (np.arange(16) + 0.5) / 16])
        return np.repeat(every[:, None], codes.shape[1], axis=1)

    def _around(self, which: int, codes: Codes) -> Matrix:
        """Places ever closer to a parameter's codes: (lanes, n)."""
        return np.asarray(np.clip(codes[which][None, :] + OFFSETS[:, None], 0.0, 1.0))

    def _scan(self, codes: Codes, places: Callable[[int, Codes], Matrix]) -> Codes:
        """Each parameter in turn at the best of some places."""
        k, n = codes.shape
        for which in self.rng.permutation(np.flatnonzero(~self.held)):
            tried = np.vstack([codes[which][None, :], places(int(which), codes)])
            lanes = np.repeat(codes[:, None, :], len(tried), axis=1)
            lanes[which] = tried
            merit = self.merit(self.look(lanes.reshape(k, -1))).reshape(len(tried), n)
            codes[which] = tried[merit.argmin(axis=0), np.arange(n)]
        return codes

    def _walk(self, codes: Codes, room: NDArray[np.float64], iterations: int) -> Codes:
        """Damped Gauss-Newton steps on what is left to do, within [0, 1]; of full and shorter steps the best."""
        if not self.walked.size:
            return codes
        for _ in range(iterations):
            step = self._step(codes, room)
            if not np.abs(step).any():
                break
            shares = np.array([1.0, 0.5, 0.1])
            tried = np.clip(codes[:, None, :] + shares[None, :, None] * step[:, None, :], 0.0, 1.0)
            left = self.gaps.hinge(self.look(tried.reshape(len(codes), -1)), np.tile(room, len(shares)))
            best = (left**2).sum(axis=0).reshape(len(shares), -1).argmin(axis=0)
            codes = tried[:, best, np.arange(codes.shape[1])]
        return codes

    def _step(self, codes: Codes, room: NDArray[np.float64]) -> Codes:
        """The step of least length that solves what is left to do in first order, (k, n)."""
        n, q = codes.shape[1], self.walked.size
        h = np.where(codes[self.walked] > 0.5, -1.0, 1.0) * self.steps[self.walked][:, None]
        lanes = np.repeat(codes[:, None, :], q + 1, axis=1)
        for j, which in enumerate(self.walked):
            lanes[which, j + 1] += h[j]
        gaps = self.look(lanes.reshape(len(codes), -1)).reshape(-1, q + 1, n)
        left = self.gaps.hinge(gaps[:, 0], room)
        slopes = (gaps[:, 1:] - gaps[:, :1]) / h[None]
        active = (left != 0.0)[:, None, :] & np.isfinite(slopes)
        slopes = np.where(active, slopes, 0.0).transpose(2, 0, 1)  # (n, m, q)
        right = np.where(np.isnan(gaps[:, 0]), 0.0, left).T  # (n, m)
        at = codes[self.walked].T
        for _ in range(2):
            step = _least(slopes, right)
            # What leaves the cube stays where it is, and the others do its part.
            outward = ((at <= 0.0) & (step < 0.0)) | ((at >= 1.0) & (step > 0.0))
            slopes = np.where(outward[:, None, :], 0.0, slopes)
        whole = np.zeros_like(codes)
        whole[self.walked] = _least(slopes, right).T
        return whole


def _least(slopes: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """The damped least-length solutions (n, q) of slopes (n, m, q) times step = -right (n, m)."""
    normal = slopes @ slopes.transpose(0, 2, 1)
    size = np.trace(normal, axis1=1, axis2=2)
    damped = normal + np.where(size > 0.0, DAMPING * size, 1.0)[:, None, None] * np.eye(normal.shape[1])
    solved = np.linalg.solve(damped, -right[:, :, None])
    step = (slopes.transpose(0, 2, 1) @ solved)[:, :, 0]
    return np.asarray(np.where(np.isfinite(step), step, 0.0))
