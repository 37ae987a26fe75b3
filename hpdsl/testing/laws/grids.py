"""The law about grids: they hold every combination of levels that is feasible, once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpdsl.diagnostics import counted
from hpdsl.errors import UsageError
from hpdsl.grid.grid import Grid, TooManyStatesError
from hpdsl.grid.levels import levels
from hpdsl.priors.numeric import Numeric
from hpdsl.semantics.evaluate import active_piece, broken, derive, put
from hpdsl.semantics.model import Derived, Model, Parameter
from hpdsl.terms import Evaluator, const
from hpdsl.testing.laws.fault import Fault
from hpdsl.testing.laws.law import Held, Result, Skipped, law
from hpdsl.testing.laws.subject import Subject

# Levels that are tried; configurations of a grid that are compared one by one, combinations that are enumerated for
# that, and configurations of a larger grid that are looked at.
LEVELS, COMPARED, ENUMERATED, LOOKED = (2, 3, 5), 1500, 12_000, 150
# Ranges in which the step between two doubles is a larger share have no equally spaced levels.
FINEST = 1e-3
# No finer grid is made beside one of more configurations.
FURTHER = 200
# Combinations that are followed to count a grid; with quantiles that take long, some seconds.
EXAMINED = 25_000
Columns = dict[int, float]


@law("grid", "a grid holds every feasible combination of levels, each once")
def grid(subject: Subject) -> Result:
    """See `says`."""
    done: list[str] = []
    refusal = ""
    for m in LEVELS:
        try:
            found = Grid(subject.model, m, EXAMINED)
        except TooManyStatesError:
            refusal = f"with {m} levels more than {EXAMINED:,} combinations would have to be counted"
            break
        except UsageError as error:
            refusal = str(error)
            break
        fault = _spread(subject.model, m) or _looked_at(subject, found, m)
        if fault is None and found.size <= COMPARED:
            fault = _compared(subject, found, m)
        if fault is not None:
            return fault
        done.append(f"{found.size:,} with {m} levels")
        if found.size > FURTHER:
            break
    left = f"; {refusal}" if refusal else ""
    return Held("configurations: " + ", ".join(done) + left) if done else Skipped(refusal)


def _spread(model: Model, m: int) -> Fault | None:
    """Whether levels between constant bounds are equally spaced on the scale of the prior, ends included."""
    for p in model.free:
        for piece in p.pieces:
            dist = piece.dist
            if not isinstance(dist, Numeric) or dist.lattice is not None or dist.lo is None or dist.hi is None:
                continue
            low, high = dist.lo.constant, dist.hi.constant
            if low is None or high is None or not low < high:
                continue
            values = [x for x, _ in levels(dist, m, Evaluator({})) if x is not None]
            places = np.array([dist.view.to(const(x)).constant for x in (low, high, *values)], dtype=np.float64)
            # What the next double is worth on that scale.
            beside = [dist.view.to(const(float(np.nextafter(x, 0.5 * low + 0.5 * high)))).constant for x in (low, high)]
            width, digit = places[1] - places[0], np.abs(places[:2] - np.array(beside, dtype=np.float64)).max()
            if not digit < FINEST * width:
                continue
            z = (places[2:] - places[0]) / width
            uneven = len(values) != m or np.abs(z - np.linspace(0.0, 1.0, m)).max() > 1e-9 + 2.0 * digit / width
            if uneven or values[-1] != high:
                shown = ", ".join(f"{x:.6g}" for x in values)
                return Fault(f"the {m} levels of `{p.path}` are {shown}: not equally spaced", piece.span, parameter=p)
    return None


def _looked_at(subject: Subject, found: Grid, m: int) -> Fault | None:
    """Whether some configurations of a grid are valid, and different ones."""
    rng = np.random.default_rng([subject.seed % 2**64, m])
    count = min(found.size, LOOKED)
    if not found.size:
        return None
    at = sorted({0, found.size - 1, *(int(k) for k in rng.integers(0, min(found.size, 2**62), count))})
    seen: dict[str, int] = {}
    for k in at:
        config = found[k]
        if not subject.space.is_valid(config):
            return Fault(f"configuration {k} of the grid of {m} levels does not belong to the space: {config}")
        other = seen.setdefault(repr(config), k)
        if other != k:
            return Fault(f"configurations {other} and {k} of the grid of {m} levels are the same: {config}")
    return None


def _compared(subject: Subject, found: Grid, m: int) -> Fault | None:
    """Whether a grid holds exactly what enumeration finds; None where that would be too much."""
    every = _enumerated(subject.model, m)
    if every is None:
        return None
    expected = {_key(row): row for row in every if not broken(subject.model.requirements, row)}
    rows = [found._automaton.row(k) for k in range(found.size)]
    mine = {_key(row): row for row in rows}
    if len(mine) < found.size:
        return Fault(
            f"the grid of {m} levels repeats itself: {counted(found.size, 'configuration')}, {len(mine)} different ones"
        )
    for keys, said in (
        (expected.keys() - mine.keys(), "lacks a configuration"),
        (mine.keys() - expected.keys(), "has a configuration that is none of its combinations"),
    ):
        if keys:
            row = {**expected, **mine}[min(keys, key=repr)]
            return Fault(f"the grid of {m} levels {said}", row=_column(subject.model, row))
    return None


def _enumerated(model: Model, m: int) -> list[Columns] | None:
    """Every combination of levels, feasible or not; None where there are too many."""
    rows: list[Columns] = [{}]
    for symbol in model.symbols:
        following: list[Columns] = []
        for row in rows:
            following.extend(_continued(symbol, row, m))
            if len(following) > ENUMERATED:
                return None
        rows = following
    return rows


def _continued(symbol: Parameter | Derived, row: Columns, m: int) -> list[Columns]:
    """A row with each level of a symbol."""
    at = Evaluator(dict(row))
    if isinstance(symbol, Derived):
        derive(symbol, at)
        return [at.columns]
    piece = active_piece(symbol, at)
    if piece is None:
        return [row]
    found = []
    for value, code in levels(piece.dist, m, at):
        put(symbol, value, code, at)
        found.append(dict(at.columns))
    return found


def _key(row: Columns) -> tuple[tuple[int, float], ...]:
    return tuple(sorted((c, x) for c, x in row.items() if x == x))


def _column(model: Model, row: Columns) -> NDArray[np.float64]:
    return np.array([row.get(c, np.nan) for c in range(model.n_columns)])
