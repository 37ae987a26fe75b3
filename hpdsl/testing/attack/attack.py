"""`attack`: one claim of a space, proved, refuted by the smallest configuration found, or held in so many tries."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

import numpy as np
from numpy.typing import NDArray

from hpdsl.diagnostics import Diagnostic, render
from hpdsl.semantics.evaluate import Row
from hpdsl.semantics.model import Claim
from hpdsl.semantics.report import ASSERTION
from hpdsl.semantics.values import shown_values
from hpdsl.space import Space
from hpdsl.terms import columns_of
from hpdsl.testing.attack.arena import Arena
from hpdsl.testing.attack.descent import Descent, FoundError
from hpdsl.testing.attack.formulas import ways
from hpdsl.testing.attack.shrink import refutes, rounded, simplest
from hpdsl.testing.landmarks import Landmarks
from hpdsl.testing.verdict import Verdict

# Directed codes to look at for each random configuration.
DIRECTED = 2000
# Ways to refute a claim that are tried, starts kept for each, and steps.
WAYS, KEEP, ROUNDS, ITERATIONS = 64, 16, 2, 25


def claim_name(space: Space, claim: Claim) -> str:
    """The name of a claim: its line, and its column where a line holds several."""
    line, column = space.source.position(claim.span.start)
    beside = [c for c in space._model.claims if space.source.position(c.span.start)[0] == line]
    return f"assert@{line}" if len(beside) == 1 else f"assert@{line}:{column}"


def attacks(space: Space, tries: int = 2000, seed: int = 0) -> Iterator[Verdict]:
    """A verdict on each claim, in the order of the file."""
    marks = Landmarks(space)
    for claim in space._model.claims:
        yield _attack(marks, claim, tries, seed)


def attack(space: Space, claim: Claim, tries: int = 2000, seed: int = 0) -> Verdict:
    """The verdict on one claim after `tries` random configurations and a directed search."""
    return _attack(Landmarks(space), claim, tries, seed)


def _attack(marks: Landmarks, claim: Claim, tries: int, seed: int) -> Verdict:
    name = claim_name(marks.space, claim)
    if claim.verdict == "proved":
        return Verdict(name, "assert", "proved", "proved by interval analysis: it holds everywhere")
    hunt = _Hunt(marks, claim, tries, seed)
    row = hunt.counterexample()
    if row is None:
        return Verdict(name, "assert", "held", hunt.bound())
    columns = columns_of(claim.condition) | (claim.guard.columns() if claim.guard else frozenset())
    values = shown_values(marks.model, columns, row) or "always"
    said = claim.message or marks.space.source.text[claim.span.start : claim.span.end]
    return Verdict(name, "assert", "refuted", f"refuted: {values}", _report(marks.space, claim, said, values))


def _report(space: Space, claim: Claim, said: str, values: str) -> str:
    written = space.source.text[claim.span.start : claim.span.end].replace("assert", "require", 1)
    return render(
        [
            Diagnostic(
                ASSERTION,
                "error",
                f"this does not always hold: {said}",
                space.source,
                claim.span,
                note=f"refuted by {values}",
                help=f"narrow the ranges it speaks about, or, if it should be made to hold, write `{written}`",
            )
        ]
    )


@dataclass
class _Hunt:
    """The search for a counterexample to one claim."""

    marks: Landmarks
    claim: Claim
    tries: int
    seed: int
    reached: int = 0
    looked: int = 0

    def counterexample(self) -> Row | None:
        """The smallest refuting configuration found, as columns; None if none was."""
        self.arena = Arena(self.marks, self.claim)
        for search in (self._corners, self._sample, self._directed):
            codes = search()
            if codes is None:
                continue
            row = self._shrunk(codes)
            if row is not None:
                return row
        return None

    def bound(self) -> str:
        """How often it held, and what that says."""
        directed = f"and in {self.looked:,} directed tries"
        if not self.reached:
            return f"held in {self.tries:,} random configurations, none of which reached its guard, {directed}"
        share = 100.0 * min(3.0 / self.reached, 1.0)
        where = "" if self.reached == self.tries else " of those it speaks about"
        return (
            f"held in {self.reached:,} random configurations (it fails in less than {share:.2g} %{where}, "
            f"at 95 %) {directed}"
        )

    # ---- phases ----------------------------------------------------------------------------------

    def _corners(self) -> NDArray[np.float64] | None:
        """The landmarks of the parameters that matter, all combined where these are few."""
        arena = self.arena
        special = [self.marks.special[i] for i in arena.moving]
        lanes = list(islice(product(*special), max(self.tries, 1)))
        at = np.array(lanes).T.reshape(arena.k, len(lanes))
        self.looked += len(lanes)
        return self._first(at)

    def _sample(self) -> NDArray[np.float64] | None:
        """Random configurations of the space itself."""
        matrix = self.marks.space.sample(self.tries, seed=self.seed).matrix
        if self.claim.guard is None:
            self.reached = self.tries
        else:
            from hpdsl.testing.atoms import Probe

            self.reached = int((Probe(self.marks.model, [self.claim.guard.holds()])(matrix)[0] == 1.0).sum())
        hits = np.flatnonzero(self.arena.refuting(matrix))
        return self.marks.codes_of(matrix[:, int(hits[0])])[self.arena.moving] if hits.size else None

    def _directed(self) -> NDArray[np.float64] | None:
        """Descent along every way to refute the claim, all of them briefly, then from more starts."""
        rng = np.random.default_rng([self.seed, self.claim.span.start])
        every = ways(self.marks.model, self.claim.guard, self.claim.condition, WAYS)
        budget = DIRECTED * self.tries
        for keep in (KEEP, 4 * KEEP, 16 * KEEP):
            for path in every:
                if self.looked > budget:
                    return None
                descent = Descent(self.arena, path, rng)
                try:
                    descent.run(self._starts(rng), keep, ROUNDS, ITERATIONS)
                except FoundError as found:
                    codes: NDArray[np.float64] = found.args[0]
                    return codes
                finally:
                    self.looked += descent.looked
        return None

    def _starts(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Codes (k, n) to start from: the base, known rows, landmarks mixed, and any."""
        arena, n = self.arena, max(self.tries // 2, 16)
        codes = rng.random((arena.k, n))
        for k, index in enumerate(arena.moving):
            special = self.marks.special[index]
            at = rng.random(n) < 0.5
            codes[k, at] = special[rng.integers(0, len(special), int(at.sum()))]
        codes[:, 0] = arena.base
        known = self.marks.space._program.encode(self.marks.builder.pool)[arena.moving]
        known = np.where(np.isnan(known), arena.base[:, None], known)
        return np.concatenate([codes, known], axis=1)

    # ---- what was found --------------------------------------------------------------------------

    def _first(self, codes: NDArray[np.float64]) -> NDArray[np.float64] | None:
        hits = np.flatnonzero(self.arena.refuting(self.arena.decode(codes)))
        return codes[:, int(hits[0])] if hits.size else None

    def _shrunk(self, codes: NDArray[np.float64]) -> Row | None:
        """The smallest counterexample near refuting codes, completed to a configuration and checked apart."""
        for at in (simplest(self.arena, codes), codes):
            matrix = self.marks.builder.build(self.arena.whole(at[:, None]), np.zeros(1, dtype=np.int64))
            row = {c: float(x) for c, x in enumerate(matrix[:, 0]) if not math.isnan(x)}
            if refutes(self.marks.model, self.claim, row):
                return rounded(self.arena, row)
        return None
