"""`Hunt`: the search for a configuration that refutes one claim: corners, the sample, then descent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice, product

import numpy as np
from numpy.typing import NDArray

from hpdsl.semantics.evaluate import Row
from hpdsl.testing.attack.arena import Arena
from hpdsl.testing.attack.descent import Descent, FoundError
from hpdsl.testing.attack.formulas import ways
from hpdsl.testing.attack.shrink import refutes, rounded, simplest
from hpdsl.testing.builder import Matrix

# Work of the directed search for each random configuration: operations of the op table times codes looked at. Passes
# over all ways to refute a claim end with the one in which it is spent.
WORK = 12_000
# Ways to refute a claim that are tried, starts kept for each in turn, rounds for each and steps in a round.
WAYS, KEPT, ROUNDS, ITERATIONS = 64, (16, 64, 256), 2, 25


@dataclass
class Tally:
    """What a hunt has looked at: random configurations, those the claim speaks about, and directed tries."""

    rows: int
    reached: int = 0
    looked: int = 0
    known: bool = False
    """Whether the claim was true or false anywhere."""


class Hunt:
    """The search for a counterexample to the claim of an arena, `share` times the usual work; `sample` (columns, n)."""

    def __init__(self, arena: Arena, sample: Matrix, tries: float, rng: np.random.Generator) -> None:
        self.arena = arena
        self.sample = sample
        self.tries = max(int(tries), 16)
        self.rng = rng
        self.tally = Tally(sample.shape[1])

    def counterexample(self) -> Row | None:
        """The smallest refuting configuration found, as columns; None if none was."""
        for search in (self._corners, self._sample, self._directed):
            codes = search()
            row = self._shrunk(codes) if codes is not None else None
            if row is not None:
                return row
        self.tally.known = bool(self.tally.reached) or self.arena.spoken
        return None

    # ---- phases ----------------------------------------------------------------------------------

    def _corners(self) -> NDArray[np.float64] | None:
        """The landmarks of the parameters that matter, all combined where these are few."""
        arena = self.arena
        special = [arena.marks.special[i] for i in arena.moving]
        lanes = list(islice(product(*special), self.tries))
        codes = np.array(lanes).T.reshape(arena.k, len(lanes))
        self.tally.looked += len(lanes)
        hits = np.flatnonzero(arena.refuting(arena.decode(codes)))
        return codes[:, int(hits[0])] if hits.size else None

    def _sample(self) -> NDArray[np.float64] | None:
        """Random configurations of the space itself."""
        self.tally.reached = int(self.arena.judged(self.sample).sum())
        hits = np.flatnonzero(self.arena.refuting(self.sample))
        if not hits.size:
            return None
        return self.arena.marks.codes_of(self.sample[:, int(hits[0])])[self.arena.moving]

    def _directed(self) -> NDArray[np.float64] | None:
        """Descent along every way to refute the claim: all of them briefly, then from more starts."""
        arena = self.arena
        every = ways(arena.model, arena.claim.guard, arena.claim.condition, WAYS)
        most = WORK * self.tries // arena.operations
        passes = 0
        while every and (passes < 1 or self.tally.looked < most):
            keep = KEPT[min(passes, len(KEPT) - 1)]
            for path in every:
                descent = Descent(arena, path, self.rng)
                try:
                    descent.run(self._starts(), keep, ROUNDS, ITERATIONS)
                except FoundError as found:
                    return found.codes
                finally:
                    self.tally.looked += descent.looked
            passes += 1
            if not arena.k:
                break
        return None

    def _starts(self) -> NDArray[np.float64]:
        """Codes (k, n) to start from: the base, known rows, landmarks mixed, and any."""
        arena, n, rng = self.arena, max(self.tries // 2, 16), self.rng
        codes = rng.random((arena.k, n))
        for k, index in enumerate(arena.moving):
            special = arena.marks.special[index]
            at = rng.random(n) < 0.5
            codes[k, at] = special[rng.integers(0, len(special), int(at.sum()))]
        codes[:, 0] = arena.base
        known = arena.marks.space._program.encode(arena.marks.builder.pool)[arena.moving]
        known = np.where(np.isnan(known), arena.base[:, None], known)
        return np.concatenate([codes, known], axis=1)

    # ---- what was found --------------------------------------------------------------------------

    def _shrunk(self, codes: NDArray[np.float64]) -> Row | None:
        """The smallest counterexample near refuting codes, completed to a configuration and checked apart."""
        arena = self.arena
        for at in (simplest(arena, codes), codes):
            matrix = arena.marks.builder.build(arena.whole(at[:, None]), np.zeros(1, dtype=np.int64))
            row = {c: float(x) for c, x in enumerate(matrix[:, 0]) if not math.isnan(x)}
            if refutes(arena.model, arena.claim, row):
                return rounded(arena, row)
        return None
