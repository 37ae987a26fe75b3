"""`Arena`: one claim as functions of the u codes of the parameters that can break it, many codes at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.graph import entries
from hpdsl.graph.components import components
from hpdsl.program.program import lower, run
from hpdsl.semantics.model import Claim, Requirement
from hpdsl.semantics.witness import ancestors
from hpdsl.terms import Term, apply, columns_of
from hpdsl.testing.atoms import Probe, movers
from hpdsl.testing.attack.formulas import DEEPEST, Literal
from hpdsl.testing.builder import Matrix
from hpdsl.testing.landmarks import Landmarks

# An unknown comparison is this much worse than any known one, so that activity is sought first.
UNKNOWN = 10.0


class Arena:
    """Where one claim is attacked. Codes have shape (k, n): the parameters that matter, in `moving`."""

    def __init__(self, marks: Landmarks, claim: Claim) -> None:
        self.marks = marks
        self.model = marks.model
        self.claim = claim
        columns = columns_of(claim.condition) | (claim.guard.columns() if claim.guard else frozenset())
        touching = self._tied(columns)
        self.requirements = tuple(touching)
        for r in touching:
            columns |= r.columns()
        self.moving = np.array(movers(self.model, columns), dtype=np.int64)
        needed = ancestors(self.model.symbols, columns)
        paths = {s.path for s in needed} | {self.model.parameters[i].path for i in self.moving}
        self._table = lower(entries.decode(self.model, [s for s in self.model.symbols if s.path in paths]))
        self._checks = Probe(self.model, [violation(claim), met(claim), *map(broken, self.requirements)])
        self.operations = max(len(self._table.code), 1)
        self.spoken = False

    def _tied(self, columns: frozenset[int]) -> list[Requirement]:
        """The requirements that bear on some columns."""
        reached = {s.path for s in ancestors(self.model.symbols, columns)}
        found: list[Requirement] = []
        for part in components(self.model)[0]:
            if reached & {s.path for s in part.symbols}:
                found.extend(part.requirements)
        return found

    @property
    def k(self) -> int:
        """How many parameters matter."""
        return len(self.moving)

    @property
    def base(self) -> NDArray[np.float64]:
        """The simplest codes (k,)."""
        return self.marks.base[self.moving]

    def whole(self, codes: Matrix) -> Matrix:
        """Codes of all free parameters (d, n), what doesn't matter at its simplest."""
        full = np.repeat(self.marks.base[:, None], codes.shape[1], axis=1)
        full[self.moving] = codes
        return full

    def decode(self, codes: Matrix) -> Matrix:
        """The columns that matter at codes (k, n); the others are NaN."""
        n = codes.shape[1]
        uniforms = np.full((len(self.model.parameters), n), 0.5)
        uniforms[: self.marks.d] = self.whole(codes)
        matrix = np.full((self.model.n_columns, n), np.nan)
        run(self._table, matrix, uniforms=np.ascontiguousarray(uniforms))
        return matrix

    def refuting(self, matrix: Matrix) -> NDArray[np.bool_]:
        """Where the claim fails and no requirement that bears on it does."""
        checks = self._checks(matrix)
        feasible = ~(checks[2:] == 1.0).any(axis=0)
        # That it holds somewhere tells a claim that was attacked from one that never says anything.
        self.spoken = self.spoken or bool(((checks[1] == 1.0) & feasible).any())
        return np.asarray((checks[0] == 1.0) & feasible)

    def judged(self, matrix: Matrix) -> NDArray[np.bool_]:
        """Where the claim is definitely true or false; elsewhere something that it reads is inactive."""
        checks = self._checks(matrix)
        return np.asarray((checks[0] == 1.0) | (checks[1] == 1.0))


class Gaps:
    """How far configurations are from every literal of one path, and from the requirements.

    A gap is the difference of a literal's sides by their usual size: an inequality holds below 0 (`le`: at 0), an
    equation at 0. It is NaN where unknown or undefined.
    """

    def __init__(self, arena: Arena, path: tuple[Literal, ...]) -> None:
        self.ops = np.array([x.op for x in path] + ["lt"] * len(arena.requirements))
        self.m = len(self.ops)
        self._n = len(path)
        sides = [t for x in path for t in (x.a, x.b)]
        needs = [t for r in arena.requirements for t in (broken(r), shortfall(r.condition))]
        self._probe = Probe(arena.model, [*sides, *needs])
        self._scales = np.ones((self.m, 1))

    def scale(self, matrix: Matrix) -> None:
        """Measure gaps from now on by their medians at some configurations."""
        gaps = np.abs(self(matrix))
        for j, gap in enumerate(gaps):
            seen = gap[np.isfinite(gap) & (gap > 0.0)]
            self._scales[j] = np.median(seen) if seen.size and j < self._n else 1.0

    def __call__(self, matrix: Matrix) -> Matrix:
        """The gaps of configurations (columns, n), shape (m, n)."""
        values = self._probe(matrix)
        a, b = values[0 : 2 * self._n : 2], values[1 : 2 * self._n : 2]
        with np.errstate(invalid="ignore", over="ignore"):
            literal = np.where(np.isfinite(a) & np.isfinite(b), a - b, np.nan)
        fails, lacking = values[2 * self._n :: 2], values[2 * self._n + 1 :: 2]
        needs = np.where(fails == 1.0, np.where(np.isfinite(lacking), np.maximum(lacking, 0.0), 1.0), -1.0)
        return np.asarray(np.concatenate([literal, needs]) / self._scales)

    def hinge(self, gaps: Matrix, room: NDArray[np.float64] | float = 0.0) -> Matrix:
        """What is left to do, shape (m, n): 0 where a literal holds with so much room."""
        equal, unequal = (self.ops == "eq")[:, None], (self.ops == "ne")[:, None]
        inside = np.maximum(gaps + room, 0.0)
        left = np.where(equal, gaps, np.where(unequal, np.where(gaps == 0.0, np.finfo(float).eps, 0.0), inside))
        return np.where(np.isnan(gaps), UNKNOWN, left)


def violation(claim: Claim) -> Term:
    """1 where a claim's guard holds and the claim does not."""
    failed = apply("violated", claim.condition)
    return failed if claim.guard is None else apply("and", claim.guard.holds(), failed)


def met(claim: Claim) -> Term:
    """1 where a claim's guard holds and the claim does."""
    true = apply("holds", claim.condition)
    return true if claim.guard is None else apply("and", claim.guard.holds(), true)


def broken(requirement: Requirement) -> Term:
    """1 where a requirement's guard holds and the requirement does not."""
    failed = apply("violated", requirement.condition)
    return failed if requirement.guard is None else apply("and", requirement.guard.holds(), failed)


def shortfall(term: Term) -> Term:
    """By how much a condition fails: at most 0 where it holds. Truth values count 1."""
    args = term.args
    if term.depth > DEEPEST:
        return 1.0 - term
    match term.op:
        case "lt" | "le":
            return args[0] - args[1]
        case "not" if args[0].op in ("lt", "le"):
            return args[0].args[1] - args[0].args[0]
        case "eq":
            return abs(args[0] - args[1])
        case "and":
            return apply("max", shortfall(args[0]), shortfall(args[1]))
        case "or":
            return apply("min", shortfall(args[0]), shortfall(args[1]))
    return 1.0 - term
