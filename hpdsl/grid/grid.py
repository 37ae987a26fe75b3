"""`Grid`: every distinct feasible configuration of a grid, counted exactly and addressed by index.

Parameters are taken in dependency order. What the rest of the space still needs to know of the ones before,
the frontier, is a state; states are expanded layer by layer and counted backwards. Conditions and
requirements are thereby exact, and the size of the grid does not matter, only the number of states.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, overload

import numpy as np

from hpdsl.configs import Config, Configs
from hpdsl.constraints.lowering import Lowering
from hpdsl.constraints.number import feasible
from hpdsl.diagnostics import counted
from hpdsl.errors import UsageError
from hpdsl.grid.levels import CountlessError, Level, count, levels
from hpdsl.priors.numeric import Numeric
from hpdsl.semantics.evaluate import active_piece, broken, derive, put
from hpdsl.semantics.model import Derived, Model, Parameter, Requirement, Symbol
from hpdsl.semantics.reading import inputs
from hpdsl.terms import Evaluator

MAX_NODES = 500_000
# Counting all values is a courtesy of `size` and `explain`; it may not take long.
MAX_COUNTED = 10_000

# So many rows are turned into configurations together.
BLOCK = 64

State = tuple[float | None, ...]
Step = tuple[Level, State, int]  # what was set, the state after, how many values this stands for


class TooManyStatesError(UsageError):
    """The requirements tie so many values together that the grid can't be counted."""


class _Layer:
    """One symbol: which columns the state holds before it, and the steps from every state."""

    def __init__(self, symbol: Symbol, live: tuple[int, ...], checks: tuple[Requirement, ...]) -> None:
        self.symbol = symbol
        self.live = live
        self.checks = checks
        self.inputs = inputs(symbol)
        self.options: dict[State, list[Level]] = {}
        """The levels by the values of what they follow."""
        self.steps: dict[State, list[Step]] = {}
        self.totals: dict[State, list[int]] = {}


class _Automaton:
    """All layers of a model; `m` levels a parameter, or all values where None.

    Columns in `kept` stay in the state to its end, so that what they hold is told apart there.
    """

    def __init__(self, model: Model, m: int | None, limit: int, kept: tuple[int, ...] = ()) -> None:
        self.limit = limit
        self.model = model
        self.m = m
        self.kept = tuple(sorted(kept))
        self.layers = _layers(model, self.kept)
        self._expand()
        self.size = self._count()

    def _expand(self) -> None:
        states: dict[State, None] = {(): None}
        nodes = 0
        for k, layer in enumerate(self.layers):
            after = self.layers[k + 1].live if k + 1 < len(self.layers) else self.kept
            following: dict[State, None] = {}
            for state in states:
                steps = list(self._steps(layer, state, after))
                layer.steps[state] = steps
                nodes += len(steps)
                if nodes > self.limit:
                    raise TooManyStatesError(
                        f"this grid needs more than {self.limit:,} combinations to be counted; use fewer levels, "
                        "or tie fewer parameters together in one `require`"
                    )
                following.update((s, None) for _, s, _ in steps)
            states = following
        self.ends = states

    def _steps(self, layer: _Layer, state: State, after: tuple[int, ...]) -> Iterator[Step]:
        known = {c: math.nan if x is None else x for c, x in zip(layer.live, state, strict=True)}
        row = Evaluator(dict(known))
        symbol = layer.symbol
        options: list[Level] = [(None, None)]
        weight = 1
        if isinstance(symbol, Derived):
            derive(symbol, row)
        else:
            piece = active_piece(symbol, row)
            if piece is not None:
                if self.m is None and not layer.checks and not set(_columns(symbol)) & set(after):
                    # Nothing looks at the value: its number is all that counts.
                    weight = count(piece.dist, row)
                    options = [(None, None)] if weight else []
                else:
                    held = dict(zip(layer.live, state, strict=True))
                    key = tuple(held.get(c) for c in layer.inputs)
                    if key not in layer.options:
                        layer.options[key] = levels(piece.dist, self.m, row)
                    options = layer.options[key]
        for option in options:
            if isinstance(symbol, Parameter):
                put(symbol, *option, row)
            if layer.checks and broken(layer.checks, row.columns):
                continue
            values = (row.columns.get(c, math.nan) for c in after)
            yield option, tuple(None if math.isnan(x) else x for x in values), weight

    def _count(self) -> int:
        counts: dict[State, int] = dict.fromkeys(self.ends, 1)
        for layer in reversed(self.layers):
            earlier = {}
            for state, steps in layer.steps.items():
                totals = list(itertools.accumulate(weight * counts[after] for _, after, weight in steps))
                layer.totals[state] = totals
                earlier[state] = totals[-1] if totals else 0
            counts = earlier
        return counts.get((), 0) if self.layers else 1

    def representatives(self) -> list[dict[int, float]]:
        """The columns of one configuration for each state at the end."""
        ways: dict[State, tuple[Any, Level]] = {(): ((), (None, None))}
        for layer in self.layers:
            following: dict[State, tuple[Any, Level]] = {}
            for state, way in ways.items():
                for option, after, _ in layer.steps[state]:
                    following.setdefault(after, (way, option))
            ways = following
        found = []
        for way in ways.values():
            options: list[Level] = []
            while way[0]:
                way, option = way
                options.append(option)
            row = Evaluator({})
            for layer, option in zip(self.layers, reversed(options), strict=True):
                _set(layer.symbol, option, row)
            found.append(row.columns)
        return found

    def row(self, index: int) -> dict[int, float]:
        """The columns of the configuration at an index."""
        row = Evaluator({})
        state: State = ()
        for layer in self.layers:
            totals = layer.totals[state]
            k = bisect_right(totals, index)
            index -= totals[k - 1] if k else 0
            option, state, _ = layer.steps[state][k]
            _set(layer.symbol, option, row)
        return row.columns

    def rows(self) -> Iterator[list[float]]:
        """The columns of every configuration in the order of their indices; what two have in common is set once."""
        row = Evaluator(dict.fromkeys(range(self.model.n_columns), math.nan))
        if not self.layers:
            yield list(row.columns.values())
            return
        last = len(self.layers) - 1
        left = [iter(self.layers[0].steps[()])]
        while left:
            step = next(left[-1], None)
            if step is None:
                left.pop()
                continue
            k = len(left) - 1
            option, state, _ = step
            if k < last and not any(self.layers[k + 1].totals[state][-1:]):
                continue
            _set(self.layers[k].symbol, option, row)
            if k < last:
                left.append(iter(self.layers[k + 1].steps[state]))
            else:
                yield list(row.columns.values())


def _set(symbol: Symbol, option: Level, row: Evaluator) -> None:
    if isinstance(symbol, Derived):
        derive(symbol, row)
    else:
        put(symbol, *option, row)


def _columns(symbol: Symbol) -> tuple[int, ...]:
    found = (symbol.value, symbol.code) if isinstance(symbol, Parameter) else (symbol.column,)
    return tuple(c for c in found if c is not None)


def _layers(model: Model, kept: tuple[int, ...]) -> list[_Layer]:
    """Every symbol with the live columns before it, and the requirements that are complete after it.

    Columns in `kept` stay alive.
    """
    place = {c: k for k, s in enumerate(model.symbols) for c in _columns(s)}
    checks: dict[int, list[Requirement]] = {}
    last_use = dict.fromkeys(place, -1)
    for k, s in enumerate(model.symbols):
        for c in inputs(s):
            last_use[c] = max(last_use[c], k)
    for r in model.requirements:
        columns = r.columns()
        at = max((place[c] for c in columns), default=0)
        checks.setdefault(at, []).append(r)
        for c in columns:
            last_use[c] = max(last_use[c], at)
    last_use |= dict.fromkeys(kept, len(model.symbols))
    return [
        _Layer(
            s,
            tuple(sorted(c for c in place if place[c] < k <= last_use[c])),
            tuple(checks.get(k, ())),
        )
        for k, s in enumerate(model.symbols)
    ]


class Grid(Sequence[Config]):
    """A lazy, exact grid. `size` is its length, of any magnitude; `len()` stops at 2**63."""

    def __init__(self, model: Model, m: int, limit: int = MAX_NODES) -> None:
        self._model = model
        self._automaton = _Automaton(model, m, limit)
        self.size = self._automaton.size

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> Config: ...

    @overload
    def __getitem__(self, index: slice) -> list[Config]: ...

    def __getitem__(self, index: int | slice) -> Config | list[Config]:
        if isinstance(index, slice):
            return list(self._configs(range(*index.indices(self.size))))
        at = index + self.size if index < 0 else index
        if not 0 <= at < self.size:
            raise IndexError(f"index {index} is outside a grid of {counted(self.size, 'configuration')}")
        return self._configs([at])[0]

    def _configs(self, indices: Sequence[int]) -> Configs:
        return _configs(self._model, [self._automaton.row(index) for index in indices])

    def __iter__(self) -> Iterator[Config]:
        rows = self._automaton.rows()
        while block := list(itertools.islice(rows, BLOCK)):
            yield from Configs(self._model, np.array(block).T)

    def __repr__(self) -> str:
        return f"Grid({counted(self.size, 'configuration')})"


def projected(model: Model, m: int, parameters: Sequence[int], limit: int = MAX_NODES) -> Configs:
    """For each combination of values that some parameters take in a grid one of its configurations.

    The others are not listed, so that the size of the grid does not matter.
    """
    kept = tuple(c for j in parameters for c in _columns(model.parameters[j]))
    return _configs(model, _Automaton(model, m, limit, kept).representatives())


def _configs(model: Model, rows: Sequence[dict[int, float]]) -> Configs:
    matrix = np.full((model.n_columns, len(rows)), math.nan)
    for k, row in enumerate(rows):
        for c, x in row.items():
            matrix[c, k] = x
    return Configs(model, matrix)


def count_all(model: Model, lowering: Lowering | None) -> int | float:
    """The number of distinct feasible configurations; infinite where continuous or too many to count."""
    if any(isinstance(x.dist, Numeric) and x.dist.lattice is None for p in model.free for x in p.pieces):
        return math.inf
    try:
        return _Automaton(model, None, MAX_COUNTED).size
    except CountlessError:
        return math.inf
    except UsageError:
        found = None if lowering is None else _apart(model, lowering)
        return math.inf if found is None else found


def _apart(model: Model, lowering: Lowering) -> int | None:
    """The count from what lowering counted, where the rest of the space does not look at it."""
    own = {c for s in lowering.free for c in _columns(s)}
    if any(not set(inputs(s)) <= own for s in lowering.free if isinstance(s, Parameter)):
        return None
    tied = feasible(lowering)
    if tied is None:
        return None
    free = tuple(s for s in lowering.free if set(inputs(s)) <= own)
    try:
        return tied * _Automaton(replace(model, symbols=free, requirements=()), None, MAX_COUNTED).size
    except (CountlessError, UsageError):
        return None
