"""`Landmarks`: the u codes at which something happens in a space: defaults, ends, cells, boundaries of conditions."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hpdsl.priors.items import Items, Range
from hpdsl.semantics.evaluate import complete
from hpdsl.semantics.model import Parameter
from hpdsl.space import Space
from hpdsl.terms import Evaluator, Term, draw
from hpdsl.testing.atoms import Atom, Probe, atoms
from hpdsl.testing.builder import Builder, Matrix

# Discrete parameters up to so many values have each of them as a landmark; boundaries kept for one parameter.
CELLS, BOUNDARIES = 32, 64
# Places at which the sign of an atom is looked up along one parameter before it is bisected, ends included.
SCAN = 33
# Halvings from 1 / 32 to neighbouring doubles near 1; nearer to 0 they are the neighbours of 2 ** -53.
HALVINGS = 48
# Rows of the sample in which atoms that are unknown in the base row are looked for, and used for each of them.
ROWS, CONTEXTS = 256, 3


class Landmarks:
    """What is special about each parameter of one space, in u codes."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.model = space._model
        self.builder = Builder(space)
        self.free: tuple[Parameter, ...] = self.model.free
        self.d = len(self.free)

    # ---- the simplest configuration --------------------------------------------------------------

    @cached_property
    def base(self) -> NDArray[np.float64]:
        """The codes (d,) of written defaults; elsewhere of what leaves fewest parameters active, else of medians."""
        codes = self.codes_of(self.completed)
        for p in self.free:
            if not written(p) and self._steers(p):
                codes[p.index] = self._fewest(codes, p)
        return self._fewest_elsewhere(self._written_elsewhere(codes))

    def _fewest_elsewhere(self, codes: NDArray[np.float64]) -> NDArray[np.float64]:
        """The codes with those of fewest active for what one other parameter has to make active first."""
        asleep = np.isnan(self.builder.decode(codes[:, None])[[p.main for p in self.free], 0])
        left = [p for p in self.free if asleep[p.index] and not written(p) and self._steers(p)]
        for q in self.free if left else ():
            for u in dict.fromkeys(self.plain(q)):
                lane = codes.copy()
                lane[q.index] = u
                column = self.builder.decode(lane[:, None])[:, 0]
                for p in [p for p in left if not np.isnan(column[p.main])]:
                    lane[p.index] = codes[p.index] = self._fewest(lane, p)
                    left.remove(p)
        return codes

    def _written_elsewhere(self, codes: NDArray[np.float64]) -> NDArray[np.float64]:
        """The codes with the written defaults of what one other parameter has to make active first."""
        missing = {p.index for p in self.free if written(p) and np.isnan(self.completed[p.main])}
        for p in self.free if missing else ():
            for u in dict.fromkeys(self.plain(p)):
                lane = codes.copy()
                lane[p.index] = u
                column = self.builder.decode(lane[:, None])[:, 0]
                told = missing & set(np.flatnonzero(~np.isnan(column[[q.main for q in self.free]])))
                if not told:
                    continue
                value, code = (None if c is None else float(column[c]) for c in (p.value, p.code))
                row = complete(self.model, {p.index: (value, code)})
                full = np.array([row.get(c, np.nan) for c in range(self.model.n_columns)])
                found = self.space._program.encode(full[:, None])[:, 0]
                for k in told:
                    if not np.isnan(found[k]):
                        codes[k] = found[k]
                        missing.discard(k)
        return codes

    @cached_property
    def completed(self) -> NDArray[np.float64]:
        """The columns of written defaults, and of medians where none is written."""
        row = complete(self.model, {})
        return np.array([row.get(c, np.nan) for c in range(self.model.n_columns)])

    @cached_property
    def default(self) -> Matrix | None:
        """The row (columns, 1) of written defaults and medians, where it is feasible and its codes are the base."""
        column = self.completed
        if not np.array_equal(self.codes_of(column), self.base) or not self.builder.feasible(self.base[:, None])[0]:
            return None
        return column[:, None]

    def row(self, number: int) -> NDArray[np.float64]:
        """The codes (d,) of a known configuration: the base for 0, then rows of the sample."""
        pool = self.builder.pool
        return self.base.copy() if number == 0 else self.codes_of(pool[:, number % pool.shape[1]])

    def codes_of(self, column: NDArray[np.float64]) -> NDArray[np.float64]:
        """The codes (d,) of one configuration, 0.5 where inactive."""
        found = self.space._program.encode(column[:, None])[:, 0]
        return np.where(np.isnan(found), 0.5, found)

    def active(self, matrix: Matrix) -> NDArray[np.int64]:
        """How many parameters are active in each configuration."""
        return np.asarray((~np.isnan(matrix[[p.main for p in self.free]])).sum(axis=0))

    def _steers(self, p: Parameter) -> bool:
        """True where a parameter decides whether others are active, or how long something is."""
        return any(p.index in a.parameters for a in self.atoms) or self.model.collections != ()

    def _fewest(self, codes: NDArray[np.float64], p: Parameter) -> float:
        """The code of a parameter with fewest others active, its present one where several have."""
        candidates = np.array([codes[p.index], *self.plain(p)])
        lanes = np.repeat(codes[:, None], len(candidates), axis=1)
        lanes[p.index] = candidates
        return float(candidates[int(self.active(self.builder.decode(lanes)).argmin())])

    # ---- one parameter ---------------------------------------------------------------------------

    def plain(self, p: Parameter) -> list[float]:
        """Cells where there are few, else the first, the second and the last; ends; the middle."""
        cells = self.space.cells(p.index)
        found: list[float] = []
        if cells is not None and cells.size:
            found += list(cells if cells.size <= CELLS else cells[[0, 1, -1]])
        return [*found, 0.0, 1.0, 0.5, *_ends_of_ranges(p)]

    @cached_property
    def special(self) -> tuple[NDArray[np.float64], ...]:
        """For each parameter its landmarks, the simplest first."""
        found = []
        for p in self.free:
            near = sorted(self.boundaries[p.index], key=lambda u: abs(u - self.base[p.index]))
            step = max(1, -(-len(near) // BOUNDARIES))
            every = [self.base[p.index], *self.plain(p), *near[::step]]
            found.append(np.array(list(dict.fromkeys(map(float, every)))))
        return tuple(found)

    # ---- boundaries ------------------------------------------------------------------------------

    @cached_property
    def atoms(self) -> tuple[Atom, ...]:
        """What the space compares."""
        return atoms(self.model)

    @cached_property
    def probe(self) -> Probe:
        """The signs' values of all atoms."""
        return Probe(self.model, [a.gap for a in self.atoms])

    def signs(self, codes: Matrix) -> NDArray[np.float64]:
        """The sign of every atom at codes (d, n), requirements or not: shape (atoms, n), NaN where unknown."""
        return np.asarray(np.sign(self.probe(self.builder.decode(codes))))

    @cached_property
    def boundaries(self) -> tuple[tuple[float, ...], ...]:
        """For each parameter the codes on both sides of where it changes the sign of an atom."""
        found: list[set[float]] = [set() for _ in self.free]
        for codes, which, k in self._lines():
            for low, high in crossings(self, codes, which, k):
                found[which].update((low, high))
        return tuple(tuple(sorted(f)) for f in found)

    def _lines(self) -> list[tuple[NDArray[np.float64], int, int]]:
        """Lines along which to look: codes, the parameter that moves, the atom."""
        if not self.atoms:
            return []
        rows = np.random.default_rng(0).random((self.d, ROWS))
        known = ~np.isnan(self.signs(np.column_stack([self.base, rows])))
        every = np.column_stack([self.base, rows])
        lines = []
        for k, atom in enumerate(self.atoms):
            contexts = np.flatnonzero(known[k])[: CONTEXTS if len(atom.parameters) > 1 else 1]
            lines += [(every[:, c], p, k) for c in contexts for p in atom.parameters]
        return lines


def crossings(marks: Landmarks, codes: NDArray[np.float64], which: int, k: int) -> list[tuple[float, float]]:
    """Neighbouring codes of parameter `which` between which the sign of atom `k` changes, the others at `codes`."""
    at = np.linspace(0.0, 1.0, SCAN)
    lanes = np.repeat(codes[:, None], SCAN, axis=1)
    lanes[which] = at
    sign = marks.signs(lanes)[k]
    change = np.flatnonzero((sign[1:] != sign[:-1]) & ~(np.isnan(sign[1:]) & np.isnan(sign[:-1])))
    low, high, left = at[change], at[change + 1], sign[change]
    lanes = np.repeat(codes[:, None], change.size, axis=1)
    for _ in range(HALVINGS if change.size else 0):
        middle = 0.5 * (low + high)
        lanes[which] = middle
        found = marks.signs(lanes)[k]
        same = (found == left) | (np.isnan(found) & np.isnan(left))
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return [(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def _ends_of_ranges(p: Parameter) -> list[float]:
    """The first and the last code of every range in a choice with constant weights."""
    found: list[float] = []
    for piece in p.pieces:
        weights = piece.dist.fixed_weights() if isinstance(piece.dist, Items) else None
        if weights is None or not isinstance(piece.dist, Items):
            continue
        index = piece.dist.index(draw(0))
        edges = [0.0, *np.cumsum(weights)]
        for k, item in enumerate(piece.dist.items):
            if isinstance(item, Range) and weights[k] > 0.0:
                middle = 0.5 * (edges[k] + edges[k + 1])
                found += [_last(index, k, middle, max(end, 0.0)) for end in (edges[k] - 1e-9, edges[k + 1] + 1e-9)]
    return found


def _last(index: Term, k: int, inside: float, outside: float) -> float:
    """The code nearest to `outside` at which alternative k is chosen, as it is `inside`."""
    outside = min(outside, 1.0)
    if Evaluator({}, {0: outside}).value(index) == k:
        return outside
    for _ in range(HALVINGS + 8):
        middle = 0.5 * (inside + outside)
        if Evaluator({}, {0: middle}).value(index) == k:
            inside = middle
        else:
            outside = middle
    return inside


def written(p: Parameter) -> bool:
    """True where a default is written."""
    return any(piece.default is not None or piece.default_code is not None for piece in p.pieces)
