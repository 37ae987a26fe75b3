"""The law about densities: they integrate to one, and over every range to the probability that samples follow."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hpdsl.diagnostics import counted
from hpdsl.graph import entries
from hpdsl.graph.copula import blocks
from hpdsl.terms import Term
from hpdsl.testing.laws.fault import Fault
from hpdsl.testing.laws.law import Held, Result, Skipped, law
from hpdsl.testing.laws.pieces import Examined, smooth
from hpdsl.testing.laws.positions import in_force
from hpdsl.testing.laws.reference import Array
from hpdsl.testing.laws.subject import Subject

# Rows that each prior is examined given; and by how much the integral over a cell may be off, relatively and at all.
CONTEXTS, RELATIVE, ABSOLUTE = 3, 1e-6, 1e-9
# Cells are halved where a density has a corner or a pole; where that takes more of them, it is wrong. A cell of fewer
# doubles can't be halved, nor one below the smallest of these that have all digits.
HALVINGS, CORNERS, DOUBLES, SMALLEST = 64, 64, 16, float(np.finfo(np.float64).tiny)
LARGEST = float(np.finfo(np.float64).max) / 2.0
# Share of a prior in cells that doubles can't resolve, from which on this is said.
UNRESOLVED = 1e-3
NODES, WEIGHTS = np.polynomial.legendre.leggauss(10)


@law("density", "the density before `require` integrates to one, and over every range to what samples follow")
def density(subject: Subject) -> Result:
    """See `says`."""
    if not subject.model.free:
        return Skipped("there is no parameter")
    fault = _assembled(subject)
    if fault is not None:
        return fault
    cells = left_out = rough = 0
    for examined in _pieces(subject):
        if examined is None:
            left_out += 1
            continue
        fault = _masses(examined)
        integral = fault or _integral(examined)
        if isinstance(integral, Fault):
            return integral
        cells, rough = cells + 1, rough + (integral > UNRESOLVED)
    more = f"; {counted(rough, 'density')} as far as doubles resolve the prior" if rough else ""
    more += f"; {counted(left_out, 'member')} of copulas with discrete ones left out" if left_out else ""
    return Held(f"{counted(cells, 'conditional density')}, each to a millionth of its integral over every range{more}")


def _assembled(subject: Subject) -> Fault | None:
    """Whether the density of a configuration is the product of its parts, and is there on every sample."""
    configs = subject.configs(subject.sample)
    found = subject.space.log_density(configs)
    parts = subject.program.log_density(subject.sample)
    total = np.nansum(np.where(np.isposinf(parts), -np.inf, parts), axis=0)
    for bad, said in (
        (~np.isfinite(found), "the log density of a sample is {:.6g}"),
        (
            np.abs(found - total) > 1e-9 * np.maximum(np.abs(total), 1.0),
            "the log density {:.12g} is not the sum of its parts",
        ),
    ):
        if bad.any():
            k = int(np.flatnonzero(bad)[0])
            return Fault(said.format(found[k]), row=subject.sample[:, k])
    return None


def _pieces(subject: Subject) -> Iterator[Examined | None]:
    """Every prior in a few contexts; None for one whose factor in a copula has no closed form."""
    model = subject.model
    terms: dict[int, list[Term]] = {}
    for s in entries.log_density(model).statements:
        terms.setdefault(s.column - model.n_columns, []).append(s.term)
    last = {block[-1].path: block for block in blocks(model)}
    for p in model.free:
        holds = in_force(model, p)(subject.rows) == 1.0
        for k, (piece, term) in enumerate(zip(p.pieces, terms[p.index], strict=True)):
            block = last.get(p.path, [])
            if block and not smooth(block):
                yield None
                continue
            for at in _contexts(holds[k]):
                examined = Examined(model, p, piece, term, block, subject.rows[:, at])
                if examined.coupled is None or examined.coupled.known:
                    yield examined


def _contexts(holds: NDArray[np.bool_]) -> list[int]:
    """Some rows on which a piece is in force: the first, the last, and one between them."""
    at = np.flatnonzero(holds)
    return sorted({int(at[k * (at.size - 1) // (CONTEXTS - 1)]) for k in range(CONTEXTS)}) if at.size else []


def _masses(x: Examined) -> Fault | None:
    """Whether every value has the mass it is expected to have, and nothing is left where all are known."""
    matrix, whole = x.points()
    expected, found = x.masses(matrix), x.density(matrix)
    solid = expected > 0.0
    bad = solid & ~(np.abs(found - expected) <= RELATIVE * expected + 1e-15)
    if bad.any():
        k = int(np.argmax(np.where(bad, np.abs(found - expected), -1.0)))
        said = f"the mass of a value of `{x.p.path}` is {found[k]:.9g}, where its prior gives it {expected[k]:.9g}"
        return Fault(said, x.piece.span, row=matrix[:, k], parameter=x.p)
    edges = x.edges()
    if whole and not edges.size:
        total = float(found[solid].sum())
        if abs(total - 1.0) > RELATIVE:
            return Fault(f"the masses of `{x.p.path}` add up to {total:.9g}", x.piece.span, row=x.row, parameter=x.p)
    return None


def _integral(x: Examined) -> Fault | float:
    """How the density fails to integrate over some cell to what is expected there.

    Where it does not, the share of the prior that lies in cells which doubles can't resolve.
    """
    edges = x.edges()
    if edges.size < 2:
        return 0.0
    cells = _Cells(x, edges[:-1], edges[1:])
    worst = cells.worst()
    unresolved = cells.unresolved
    for _ in range(HALVINGS):
        if not cells.bad.any():
            return unresolved
        if cells.bad.sum() > CORNERS:
            break
        cells = _Cells(x, *_halved(cells.low[cells.bad], cells.high[cells.bad]))
        unresolved += cells.unresolved
    said = f"the density of `{x.p.path}` integrates to {worst[2]:.6g} over {worst[0]:.6g} .. {worst[1]:.6g}"
    said += f", of which its prior has {worst[3]:.6g}"
    return Fault(said, x.piece.span, row=x.row, parameter=x.p)


class _Cells:
    """The integrals of a density over ranges of numbers, and what is expected of them; `bad` where these differ.

    Ranges of too few doubles are left out; `unresolved` is the share of the prior that lies in these.
    """

    def __init__(self, x: Examined, low: Array, high: Array) -> None:
        whole = x.expected(low, high)
        low = np.where((low == 0.0) & (high > SMALLEST), SMALLEST, low)
        top = np.minimum(np.maximum(np.abs(low), np.abs(high)), LARGEST)
        doubles = (high / 2.0 - low / 2.0) / np.spacing(top) * 2.0
        kept = (doubles >= DOUBLES) & (top >= SMALLEST)
        self.low, self.high = low[kept], high[kept]
        self.expected = x.expected(self.low, self.high)
        self.found = _integrated(x, self.low, self.high)
        # Within a range of few doubles, integrals are as rough as these.
        self._rough = DOUBLES / doubles[kept]
        self.unresolved = float(whole.sum() - self.expected @ (1.0 - self._rough))

    @cached_property
    def bad(self) -> NDArray[np.bool_]:
        """Where an integral is none that is expected."""
        allowed = (RELATIVE + self._rough) * self.expected + ABSOLUTE
        return np.asarray(~(np.abs(self.found - self.expected) <= allowed))

    def worst(self) -> tuple[float, float, float, float]:
        """The ends of the range that is off by most, its integral, and what is expected."""
        if not self.low.size:
            return 0.0, 0.0, 0.0, 0.0
        off = np.nan_to_num(np.abs(self.found - self.expected), nan=np.inf)
        k = int(np.argmax(np.where(self.bad, off, -1.0)))
        return float(self.low[k]), float(self.high[k]), float(self.found[k]), float(self.expected[k])


def _wide(low: Array, high: Array) -> NDArray[np.bool_]:
    """Where a range of positive numbers spans more than an octave: it is looked at on a logarithmic scale."""
    return np.asarray((low > 0.0) & (high / 2.0 > low))


def _halved(low: Array, high: Array) -> tuple[Array, Array]:
    with np.errstate(invalid="ignore"):
        middle = np.where(_wide(low, high), np.sqrt(low) * np.sqrt(high), 0.5 * low + 0.5 * high)
    return np.concatenate([low, middle]), np.concatenate([middle, high])


def _integrated(x: Examined, low: Array, high: Array) -> Array:
    """The integrals of the density over ranges."""
    wide = _wide(low, high)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        a, b = np.where(wide, np.log(low), low), np.where(wide, np.log(high), high)
        half = 0.5 * b - 0.5 * a
        y = (0.5 * a + 0.5 * b)[:, None] + half[:, None] * NODES
        values = np.where(wide[:, None], np.exp(y), y)
        slope = np.where(wide[:, None], values, 1.0)
        f = x.density(x.at(values.ravel())).reshape(values.shape)
        return np.asarray((f * slope) @ WEIGHTS * half)
