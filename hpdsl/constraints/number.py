"""How many configurations satisfy requirements that are drawn by counting."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpdsl.constraints.automaton import Automaton
from hpdsl.constraints.lowering import Lowering
from hpdsl.constraints.plan import Plan
from hpdsl.semantics.model import Parameter

# Sums below it are exact in doubles, and so fit into 64 bits.
_EXACT = 2.0**53


def feasible(lowering: Lowering) -> int | None:
    """The number of ways to satisfy every requirement; None where that is infinite, or nothing counted it."""
    total = 1
    for c in lowering.components:
        count = _of_component(c.plan)
        if count is None:
            return None
        total *= count
    return total


def _of_component(plan: Plan) -> int | None:
    """The number of values of a component's parameters."""
    if plan.infeasible is not None:
        return 0
    if plan.leftover or not set(plan.techniques) <= {"truncation", "counting"}:
        return None
    total = 1
    settled: set[int] = set()
    if plan.automaton is not None:
        ways = _paths(plan.automaton)
        if ways is None:
            return None
        total = ways
        settled = {x.step.parameter.index for x in plan.automaton.layers if x.step.parameter is not None}
    for symbol in plan.component.symbols:
        if isinstance(symbol, Parameter) and symbol.index not in settled:
            source = plan.sources[symbol.index]
            count = source.pieces[0][1].count() if source.fixed else None
            if count is None:
                return None
            total *= count
    return total


def _paths(automaton: Automaton) -> int | None:
    """The number of ways through an automaton; None where a step leads over ranges of values."""
    if any((layer.choice.source != -1).any() for layer in automaton.layers):
        return None
    exact: type = float
    while True:
        ahead: NDArray[Any] = np.ones(1, dtype=exact)
        for k, layer in enumerate(reversed(automaton.layers)):
            if k == 0:
                ahead = np.ones(int(layer.after.max()) + 1, dtype=exact)
            ahead = np.add.reduceat(ahead[layer.after], layer.offsets[:-1])
        if exact is object or ahead[0] < _EXACT:
            return int(ahead[0])
        exact = object
