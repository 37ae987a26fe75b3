"""The law that every parameter follows its declared prior given what it depends on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.diagnostics import counted
from hpdsl.priors.items import Range
from hpdsl.semantics.model import Parameter
from hpdsl.semantics.typed import number, show
from hpdsl.testing.laws.chances import Comparisons, chance, chance_of_gap
from hpdsl.testing.laws.fault import Fault
from hpdsl.testing.laws.law import Held, Result, Skipped, law
from hpdsl.testing.laws.positions import Standing
from hpdsl.testing.laws.subject import Matrix, Subject

# Equal parts of a prior whose rows are counted, and values of a discrete one that are counted one by one.
PARTS, VALUES = 16, 64
# Rows below which nothing could be seen.
FEWEST = 30


@law("marginals", "before `require`, every parameter follows its declared prior given what it depends on")
def marginals(subject: Subject) -> Result:
    """See `says`."""
    if not subject.model.free:
        return Skipped("there is no parameter")
    found = Comparisons()
    seen = [s for s in subject.standings if s.rows.size >= FEWEST]
    if not seen:
        return Skipped(too_few(subject))
    for s in seen:
        _compare(found, s, subject.prior[:, s.rows])
    if found.refuted and isinstance(found.about, Standing):
        p = found.about.parameter
        return Fault(found.said, found.about.piece.span, note=f"this would happen {found.odds}", parameter=p)
    rest = sum(len(p.pieces) for p in subject.model.free) - len(seen)
    more = f"; {counted(rest, 'prior')} in force in fewer than {FEWEST} rows left out" if rest else ""
    return Held(f"{counted(subject.prior.shape[1], 'row')}, {found.power}{more}")


def too_few(subject: Subject) -> str:
    """Why statistics of a subject are skipped."""
    rows = counted(subject.prior.shape[1], "row")
    return f"{rows} of the prior are too few to judge it, where {FEWEST} are needed: ask for more examples"


def _compare(found: Comparisons, s: Standing, matrix: Matrix) -> None:
    n = s.rows.size
    values = _values(s, matrix)
    for at, mass in values:
        count = int(at.sum())
        found.add(chance(count, n, mass), [_said(s.parameter, _named(s.parameter, matrix[:, at]), count, n, mass)], s)
    if values:
        observed = sum(mass for _, mass in values)
        said = f"values of `{s.parameter.path}` never come, to which its prior gives {1.0 - observed:.3g}"
        found.add(chance(n, n, min(observed, 1.0)), [said], s)
    if values and float(np.min(s.split.inside)) > 0.0:
        return
    first, last = s.bounds
    low, high = _edges(n)
    least = ((first >= low[:, None]) & (last < high[:, None])).sum(axis=1)
    most = ((last >= low[:, None]) & (first < high[:, None])).sum(axis=1)
    # Of all counts that rounding leaves open the likeliest.
    counts = np.clip(n * (high - low), least, most)
    chances = chance(counts, n, high - low)
    k = int(chances.argmin())
    where = _range(s.parameter, matrix, s.places, low[k], high[k])
    found.add(chances, [_said(s.parameter, where, round(counts[k]), n, high[k] - low[k])] * chances.size, s)
    upto, beyond = np.arange(1, n + 1) / n - np.sort(last), np.sort(first) - np.arange(n) / n
    gap = max(float(upto.max()), float(beyond.max()), 0.0)
    said = f"the distribution of `{s.parameter.path}` is off by {gap:.3g} somewhere"
    found.add(chance_of_gap(gap, n), [said], s)


def _edges(n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ends of the parts of the unit interval that are counted: equal ones, and both tails ever further out."""
    equal = np.arange(PARTS) / PARTS
    tails = 0.5 ** np.arange(np.log2(PARTS) + 1, max(np.log2(n) - 1, np.log2(PARTS) + 2))
    low = np.concatenate([equal, np.zeros_like(tails), 1.0 - tails])
    high = np.concatenate([equal + 1.0 / PARTS, tails, np.ones_like(tails)])
    # What stands at the very end belongs to the last part.
    return low, np.where(high == 1.0, np.nextafter(1.0, 2.0), high)


def _values(s: Standing, matrix: Matrix) -> list[tuple[NDArray[np.bool_], float]]:
    """Where each value that has a mass comes, and that mass; nothing where there are many, or masses vary."""
    p, inside = s.parameter, s.split.inside
    solid = inside > 0.0
    if not solid.any():
        return []
    columns = [c for c in (p.value, p.code) if c is not None]
    keys = np.nan_to_num(matrix[columns], nan=-1e308)
    distinct, which = np.unique(keys[:, solid], axis=1, return_inverse=True)
    if distinct.shape[1] > VALUES:
        return []
    found = []
    for k in range(distinct.shape[1]):
        at = np.zeros(s.rows.size, dtype=np.bool_)
        at[np.flatnonzero(solid)[which.ravel() == k]] = True
        masses = inside[at]
        if np.ptp(masses) > 1e-9 * masses[0]:
            return []
        found.append((at, float(masses[0])))
    if sum(mass for _, mass in found) > 1.0 + 1e-9:
        # Which values have a mass depends on what stands before.
        return []
    if not solid.all():
        # Ranges beside alternatives: what has no mass is no value that never comes.
        found.append((~solid, 1.0 - sum(mass for _, mass in found)))
    return found


def _said(p: Parameter, where: str, count: int, n: int, mass: float) -> str:
    return f"`{p.path}` is {where} in {count:,} of {counted(n, 'row')}, where its prior puts {n * mass:,.1f}"


def _named(p: Parameter, matrix: Matrix) -> str:
    """A value, of which all rows of a matrix are."""
    if not matrix.shape[1]:
        return "any other"
    if p.code is not None and p.items is not None:
        item = p.items.items[int(matrix[p.code, 0])]
        if not isinstance(item, Range):
            return show(item)
        assert p.value is not None
        xs = matrix[p.value]
        return number(float(xs[0])) if np.ptp(xs) == 0.0 else "in a range"
    assert p.value is not None
    return show(bool(matrix[p.value, 0])) if p.kind == "bool" else number(float(matrix[p.value, 0]))


def _range(p: Parameter, matrix: Matrix, places: NDArray[np.float64], low: float, high: float) -> str:
    """A part of the unit interval by the values that stand there or, where none does, by what that means."""
    inside = (places >= low) & (places < high)
    x = matrix[p.value, inside] if p.value is not None else matrix[p.main, :0]
    x = x[~np.isnan(x)]
    if not x.size:
        return f"between the {_percent(low)} and {_percent(high)} quantiles"
    return f"between {x.min():.4g} and {x.max():.4g}"


def _percent(u: float) -> str:
    return f"{100.0 * min(u, 1.0):.4g} %"
