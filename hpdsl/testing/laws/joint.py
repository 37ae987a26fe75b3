"""Laws about parameters together: they are independent given what they depend on, and `require` conditions them."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy import special

from hpdsl.diagnostics import counted
from hpdsl.graph.copula import blocks, is_discrete
from hpdsl.testing.laws.chances import Comparisons, chance, chance_of_two
from hpdsl.testing.laws.fault import Fault
from hpdsl.testing.laws.law import Held, Result, Skipped, law
from hpdsl.testing.laws.marginals import FEWEST as ROWS
from hpdsl.testing.laws.marginals import too_few
from hpdsl.testing.laws.positions import standings, table
from hpdsl.testing.laws.subject import Matrix, Subject

# Parameters of which all pairs are compared, and parts of each that are counted.
MOST, PARTS = 150, 16
# Feasible rows of the prior below which conditioning can't be judged.
FEWEST = 300
Signs = NDArray[np.int8]


@law("independence", "before `require`, parameters are independent given what they depend on, and so are rows")
def independence(subject: Subject) -> Result:
    """See `says`."""
    names = [p.path for p in subject.model.free]
    if not names:
        return Skipped("there is no parameter")
    if subject.prior.shape[1] < ROWS:
        return Skipped(too_few(subject))
    places = decoupled(subject, table(subject.model, subject.standings, subject.prior.shape[1]))
    coarse = {s.parameter.index for s in subject.standings if s.coarse}
    for block in blocks(subject.model):
        coarse |= {p.index for p in block} if coarse & {p.index for p in block} else set()
    places[sorted(coarse)] = np.nan
    kept = np.flatnonzero((~np.isnan(places)).any(axis=1))[:MOST]
    if not kept.size:
        return Skipped("all values are too far apart for their priors")
    halves, quarters = _signs(places[kept])
    found = Comparisons()
    for a, b in itertools.product((halves, quarters), repeat=2):
        same, both = _agreements(a, b)
        i, j = np.nonzero(np.triu(both, 1))
        if i.size:
            pairs = [
                f"`{names[kept[x]]}` and `{names[kept[y]]}` are not independent" for x, y in zip(i, j, strict=True)
            ]
            found.add(chance(same[i, j], both[i, j], 0.5), pairs, None)
        # The next row: the halves and quarters of one parameter, and of any two.
        same, both = _agreements(a[:, :-1], b[:, 1:])
        i, j = np.nonzero(both)
        if i.size:
            pairs = [
                f"`{names[kept[x]]}` in one row and `{names[kept[y]]}` in the next are not independent"
                for x, y in zip(i, j, strict=True)
            ]
            found.add(chance(same[i, j], both[i, j], 0.5), pairs, None)
    if found.refuted:
        return Fault(found.said, note=f"this would happen {found.odds}")
    more = f"; {counted(len(coarse), 'parameter')} with values too far apart for the prior left out" if coarse else ""
    return Held(f"{counted(places.shape[1], 'row')}, {found.power}{more}")


def _signs(places: Matrix) -> tuple[Signs, Signs]:
    """Whether each place lies in the lower half, and in the lower half of its half: 1 or -1, and 0 where inactive."""
    active = ~np.isnan(places)
    u = np.where(active, places, 0.0)
    halves = np.where(u < 0.5, 1, -1) * active
    quarters = np.where((2.0 * u) % 1.0 < 0.5, 1, -1) * active
    return halves.astype(np.int8), quarters.astype(np.int8)


def _agreements(a: Signs, b: Signs) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """In how many rows two parameters' signs agree, and in how many both are active, each shape (d, d)."""
    # Sums of so many ones are exact in single precision.
    x, y = a.astype(np.float32), b.astype(np.float32)
    both = np.abs(x) @ np.abs(y).T
    return (both + x @ y.T) / 2.0, both


def decoupled(subject: Subject, places: Matrix) -> Matrix:
    """Places with those of a copula's members replaced by the independent ones behind them.

    Members of a copula that has discrete members are left out but for the first of it, whose score is its own.
    """
    places = places.copy()
    for block in blocks(subject.model):
        rows = [p.index for p in block]
        if any(is_discrete(p) for p in block):
            places[rows[1:]] = np.nan
            continue
        factor = np.zeros((len(block), len(block)))
        for k, p in enumerate(block):
            assert p.score is not None
            factor[k, : len(p.score.row)] = p.score.row
        scores = special.ndtri(np.clip(places[rows], 1e-16, 1.0 - 1e-16))
        places[rows] = special.ndtr(np.linalg.solve(factor, scores))
    return places


# ---- conditioning -----------------------------------------------------------------------------------


@law("conditioning", "samples follow the prior conditioned by `require`: as if it were drawn until all holds")
def conditioning(subject: Subject) -> Result:
    """See `says`."""
    model = subject.model
    if not model.requirements:
        return Skipped("nothing is required")
    kept = subject.prior[:, ~subject.program.violated(subject.prior).any(axis=0)]
    n, m = subject.many.shape[1], kept.shape[1]
    if m < FEWEST:
        return Skipped(
            f"only {m} of {counted(subject.prior.shape[1], 'row')} of the prior are feasible, too few to compare with"
        )
    names = [p.path for p in model.free]
    mine, other = (
        table(model, standings(model, matrix, subject.seed + k), matrix.shape[1])
        for k, matrix in enumerate((subject.many, kept))
    )
    found = Comparisons()
    active = [(~np.isnan(x)).sum(axis=1) for x in (mine, other)]
    said = [f"`{name}` is active in {a:,} of {counted(n, 'sample')}" for name, a in zip(names, active[0], strict=True)]
    found.add(chance_of_two(active[0], n, active[1], m), said, list(range(len(names))))
    for k, name in enumerate(names):
        counts = [_counted(x[k]) for x in (mine, other)]
        said = [
            f"{c:,} of {counted(n, 'sample')} have `{name}` in part {i + 1} of {PARTS} of its prior"
            for i, c in enumerate(counts[0])
        ]
        found.add(chance_of_two(counts[0], active[0][k], counts[1], active[1][k]), said, k)
    signs = [_signs(x[:MOST]) for x in (mine, other)]
    for a, b in itertools.product((0, 1), repeat=2):
        (same, both), (same_other, both_other) = (_agreements(s[a], s[b]) for s in signs)
        i, j = np.nonzero(np.triu(np.minimum(both, both_other), 1))
        if i.size:
            pairs = [f"`{names[x]}` and `{names[y]}` go together otherwise" for x, y in zip(i, j, strict=True)]
            found.add(chance_of_two(same[i, j], both[i, j], same_other[i, j], both_other[i, j]), pairs, None)
    if found.refuted:
        note = f"than in the {m:,} feasible of {counted(subject.prior.shape[1], 'row')} of the prior; {found.odds}"
        return Fault(
            f"samples are not the prior conditioned by `require`: {found.said}", model.requirements[0].span, note
        )
    return Held(f"{counted(n, 'sample')} against {counted(m, 'feasible row')} of the prior, {found.power}")


def _counted(places: NDArray[np.float64]) -> NDArray[np.int64]:
    inside = places[~np.isnan(places)]
    return np.bincount(np.minimum((inside * PARTS).astype(np.int64), PARTS - 1), minlength=PARTS)
