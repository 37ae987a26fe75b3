"""How far requirements move the marginals of discrete parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpdsl.constraints.automaton import Automaton
from hpdsl.constraints.estimate import Estimate
from hpdsl.constraints.options import listable
from hpdsl.priors.items import Items
from hpdsl.semantics.model import Parameter

Floats = NDArray[np.float64]

# Estimated marginals need so many draws a value.
_PER_VALUE = 60


@dataclass(frozen=True)
class Moved:
    """The total variation between a parameter's prior and what requirements leave of it."""

    parameter: Parameter
    distance: float


Marginal = Mapping[tuple[float, float], float]


def discrete(parameter: Parameter) -> bool:
    """True for a parameter of separate values, or alternatives."""
    return all(isinstance(p.dist, Items) or listable(p.dist) or _lattice(p.dist) for p in parameter.pieces)


def _lattice(dist: object) -> bool:
    return getattr(dist, "lattice", None) is not None


def distance(before: Marginal, after: Marginal) -> float:
    """Total variation."""
    return 0.5 * sum(abs(before.get(k, 0.0) - after.get(k, 0.0)) for k in {**before, **after})


def counted(automaton: Automaton) -> dict[int, Marginal]:
    """The marginals of an automaton's discrete parameters, by index."""
    found: dict[int, Marginal] = {}
    for step, choice, share in automaton.marginals():
        p = step.parameter
        if p is not None and discrete(p):
            found[p.index] = _summed(p, choice.value, choice.code, share)
    return found


def _summed(p: Parameter, value: Floats, code: Floats, share: Floats) -> Marginal:
    # Where there are codes, they tell the alternatives apart.
    main = code if p.code is not None else value
    present = ~np.isnan(main)
    values, number = np.unique(main[present], return_inverse=True)
    sums = np.bincount(number, share[present], minlength=len(values))
    found = {(float(x), 0.0): float(s) for x, s in zip(values, sums, strict=True)}
    found[0.0, 1.0] = float(share[~present].sum())
    return found


def simulated(parameters: Iterable[Parameter], before: Estimate, after: Estimate) -> tuple[Moved, ...]:
    """Distances by simulation, where there are draws enough to tell."""
    found = []
    kept = int(after.fine.sum())
    for p in parameters:
        if not discrete(p) or not kept:
            continue
        x, y = before.columns[p.main], after.columns[p.main][after.fine]
        a = _summed(p, x, x, np.full(len(x), 1.0 / len(x)))
        b = _summed(p, y, y, np.full(kept, 1.0 / kept))
        if kept >= _PER_VALUE * len({**a, **b}):
            found.append(Moved(p, distance(a, b)))
    return tuple(found)
