"""Exact conditioning: settle one parameter after the other, and count what every choice leaves possible.

What the rest of a component still needs to know of the parameters settled so far is a state. States are
expanded layer by layer, equal ones merged, those that fail a clause dropped; backward sums of the prior
weights then give every option its probability given that all clauses hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hpdsl.constraints.clauses import Clause
from hpdsl.constraints.frontier import Frontiers
from hpdsl.constraints.options import Options, inactive, joined, options, points
from hpdsl.constraints.reach import Reach, Reaches, exactly
from hpdsl.constraints.vectors import Values
from hpdsl.semantics.model import Dist, Parameter
from hpdsl.terms import Term, load

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]

# Pairs of a state and an option that are visited at once.
_CHUNK = 1 << 17
# So few rows are sooner compared one by one.
_SHORT = 128
# So few combinations in all are sooner listed than thought about.
_FEW = 1024


class TooManyStatesError(Exception):
    """Expansion would visit more than it may; it stopped at `layer`."""

    def __init__(self, layer: int) -> None:
        super().__init__()
        self.layer = layer


class InfeasibleError(Exception):
    """No state is left; `requirements` are those that were looked at so far."""

    def __init__(self, requirements: frozenset[int]) -> None:
        super().__init__()
        self.requirements = requirements


@dataclass(frozen=True)
class Step:
    """What is settled in one layer: a parameter, or a factor that only weighs states."""

    name: str
    parameter: Parameter | None
    pieces: tuple[tuple[Term, Dist], ...] = ()
    cuts: tuple[Term, ...] | None = None
    factor: Callable[[Callable[[Term], Floats]], Floats] | None = None
    inputs: tuple[Term, ...] = ()

    @property
    def columns(self) -> tuple[int, ...]:
        """The columns it settles."""
        p = self.parameter
        return () if p is None else tuple(c for c in (p.value, p.code) if c is not None)


@dataclass(frozen=True)
class Layer:
    """One settled step: edges from every state, in the order of the states."""

    step: Step
    offsets: Ints
    """The first edge of each state, and the number of edges."""
    cumulative: Floats
    probability: Floats
    choice: Options
    after: Ints
    """The state each edge leads to."""

    @property
    def states(self) -> int:
        """How many states there are before the step."""
        return len(self.offsets) - 1


@dataclass(frozen=True)
class Automaton:
    """All layers; `log_mass` is the logarithm of the probability that every clause holds."""

    layers: tuple[Layer, ...]
    log_mass: float
    visited: int

    def marginals(self) -> Iterator[tuple[Step, Options, Floats]]:
        """Every step with its options and the probability that each is drawn."""
        reached: Floats = np.ones(1)
        for k, layer in enumerate(self.layers):
            share = reached[layer.choice.state] * layer.probability
            yield layer.step, layer.choice, share
            # States that only an edge of vanishing mass leads to have none here.
            size = self.layers[k + 1].states if k + 1 < len(self.layers) else int(layer.after.max(initial=0)) + 1
            reached = np.bincount(layer.after, share, minlength=size).astype(np.float64)


@dataclass
class _Edges:
    step: Step
    before: int
    choice: Options
    after: Ints


def build(
    steps: Sequence[Step],
    clauses: Sequence[Clause],
    reach: Mapping[int, Reach],
    limit: int,
) -> Automaton:
    """The automaton of steps in the order given, under clauses over their columns.

    `reach` says what each column can hold at all. Raises `TooManyStatesError` beyond `limit` visited pairs,
    `InfeasibleError` where nothing satisfies every clause, `EndlessError` where a prior can't be listed.
    """
    expansion = _Expansion(steps, clauses, reach, limit)
    edges = [expansion.layer(k) for k in range(len(steps))]
    return _weigh(edges, expansion)


class _Expansion:
    def __init__(
        self, steps: Sequence[Step], clauses: Sequence[Clause], reach: Mapping[int, Reach], limit: int
    ) -> None:
        self.frontiers = Frontiers(steps, clauses, reach)
        self.steps = self.frontiers.steps
        self.reach = {load(c): r for c, r in reach.items()}
        self.limit = limit
        self.visited = 0
        self.seen: set[int] = set()
        self.clauses = clauses
        self.count = 1
        self.known: dict[Term, Floats] = {}
        self.settled: dict[int, Truths] = {}
        self.few = math.prod(self.frontiers.sizes) <= _FEW

    def layer(self, k: int) -> _Edges:
        """Settle step k: the edges from every present state; what they lead to becomes present."""
        f = self.frontiers
        kept: list[Options] = []
        columns: list[dict[Term, Floats]] = []
        flags: list[dict[int, Truths]] = []
        if self.visited + self.count * max(f.least[k], f.tried[k]) > self.limit:
            raise TooManyStatesError(k)
        for low, high in self._chunks(k):
            choice = self._options(k, low, high)
            self.visited += max(len(choice), (high - low) * f.tried[k])
            if self.visited > self.limit:
                raise TooManyStatesError(k)
            values = self._values(k, choice)
            fine = np.ones(len(choice), dtype=np.bool_)
            for j in f.completed[k]:
                bad = values.full(f.violated[j]) == 1.0
                if j in self.settled:
                    bad = bad & ~self.settled[j][choice.state]
                fine &= ~bad
            choice, values = _filtered(choice, values, fine)
            settled: dict[int, Truths] = {}
            if not self.few:
                settled, fine = self._look_ahead(k, choice, values)
                if not fine.all():
                    choice, values = _filtered(choice, values, fine)
                    settled = {j: s[fine] for j, s in settled.items()}
            kept.append(choice)
            columns.append({t: values.full(t) for t in f.after[k]})
            flags.append(settled)
        choice = joined(kept) if len(kept) > 1 else kept[0]
        known = {t: np.concatenate([c[t] for c in columns]) for t in f.after[k]}
        settled = {j: np.concatenate([s[j] for s in flags]) for j in flags[0]}
        if not len(choice):
            raise InfeasibleError(frozenset(self.clauses[j].requirement for j in self.frontiers.begun(k)))
        for term, users in f.after[k].items():
            if users and all(j in settled for j in users):
                idle = np.logical_and.reduce([settled[j] for j in users])
                known[term] = np.where(idle, np.nan, known[term])
        for group in f.alike[k]:
            if not any(settled[j].any() for t in group for j in f.after[k][t] if j in settled):
                known.update(zip(group, np.sort([known[t] for t in group], axis=0), strict=True))
        after, first = _merged([*known.values(), *(s.astype(np.float64) for s in settled.values())], len(choice))
        before, self.count = self.count, len(first)
        self.known = {t: x[first] for t, x in known.items()}
        self.settled = {j: s[first] for j, s in settled.items()}
        return _Edges(self.steps[k], before, choice, after)

    def _chunks(self, k: int) -> Iterator[tuple[int, int]]:
        size = max(_CHUNK // max(self.frontiers.sizes[k], 1), 1)
        for low in range(0, self.count, size):
            yield low, min(low + size, self.count)

    def _options(self, k: int, low: int, high: int) -> Options:
        step = self.steps[k]
        states = np.arange(low, high)
        at = Values({t: x[low:high] for t, x in self.known.items()}, high - low)
        if step.factor is not None:
            nothing = np.full(len(states), np.nan)
            return points(states, nothing, nothing, step.factor(at.full))
        free = np.ones(len(states), dtype=np.bool_)
        parts: list[Options] = []
        for number, (guard, dist) in enumerate(step.pieces):
            here = free & (at.full(guard) == 1.0)
            free &= ~here
            rows = np.flatnonzero(here)
            if not len(rows):
                continue
            fixed = self.frontiers.fixed[k][number]
            if fixed is not None:
                parts.append(_spread(fixed, states[rows]))
                continue
            some = Values({t: x if len(x) == 1 else x[rows] for t, x in at.known.items()}, len(rows))
            parts.append(options(dist, states[rows], some, step.cuts, number))
        if free.any():
            parts.append(inactive(states[free]))
        return parts[0] if len(parts) == 1 else joined(parts)

    def _values(self, k: int, choice: Options) -> Values:
        known = {t: x[choice.state] for t, x in self.known.items()}
        p = self.steps[k].parameter
        if p is not None:
            if p.value is not None:
                known[load(p.value)] = choice.value
            if p.code is not None:
                known[load(p.code)] = choice.code
        return Values(known, len(choice))

    def _look_ahead(self, k: int, choice: Options, values: Values) -> tuple[dict[int, Truths], Truths]:
        """Which clauses can't fail any more, and which choices can still satisfy all."""
        f = self.frontiers
        fine = np.ones(len(choice), dtype=np.bool_)
        settled: dict[int, Truths] = {}
        for j in f.open[k]:
            was = self.settled.get(j)
            done = np.zeros(len(choice), dtype=np.bool_) if was is None else was[choice.state]
            if j in f.touched[k] and not done.all():
                known = {**self.reach, **{t: exactly(values.full(t)) for t in f.parts[k][j]}}
                outcome = Reaches(known).of(f.violated[j])
                fine &= done | np.broadcast_to(outcome.can_be_false, fine.shape)
                done = done | ~np.broadcast_to(outcome.can_be_true, fine.shape)
            if done.any():
                settled[j] = done
        # A flag that one chunk needs, all have.
        return {j: settled.get(j, np.zeros(len(choice), dtype=np.bool_)) for j in f.open[k]}, fine


def _spread(fixed: Options, states: Ints) -> Options:
    """The same options for every state."""
    n, m = len(states), len(fixed)
    where = np.tile(np.arange(m), n)
    return Options(
        np.repeat(states, m),
        fixed.value[where],
        fixed.code[where],
        fixed.weight[where],
        fixed.low[where],
        fixed.high[where],
        fixed.source[where],
    )


def _filtered(choice: Options, values: Values, fine: Truths) -> tuple[Options, Values]:
    if fine.all():
        return choice, values
    known = {t: x if len(x) == 1 else x[fine] for t, x in values.known.items()}
    return choice.take(fine), Values(known, int(fine.sum()))


def _merged(columns: list[Floats], n: int) -> tuple[Ints, Ints]:
    """Numbers of the distinct rows of some columns, and the first row of each."""
    if n <= _SHORT:
        return _told_apart(columns, n)
    key = np.zeros(n, dtype=np.int64)
    size = 1
    for x in columns:
        codes, count = _coded(x)
        if count == 1:
            continue
        if size * count > 2**62:
            _, key = np.unique(key, return_inverse=True)
            size = int(key.max()) + 1
        key = key * count + codes
        size *= count
    if size <= 4 * n + 1024:
        first = np.full(size, n, dtype=np.int64)
        first[key[::-1]] = np.arange(n)[::-1]
        present = np.flatnonzero(first < n)
        number = np.zeros(size, dtype=np.int64)
        number[present] = np.arange(len(present))
        return number[key], first[present]
    _, firsts, inverse = np.unique(key, return_index=True, return_inverse=True)
    return inverse.astype(np.int64), firsts.astype(np.int64)


def _told_apart(columns: list[Floats], n: int) -> tuple[Ints, Ints]:
    """As `_merged`, row by row; states are numbered as they come."""
    if not columns:
        return np.zeros(n, dtype=np.int64), np.zeros(1, dtype=np.int64)
    # One zero, and one NaN.
    rows = np.array(columns).T + 0.0
    rows[np.isnan(rows)] = np.nan
    text, width = rows.tobytes(), 8 * len(columns)
    number: dict[bytes, int] = {}
    after = [number.setdefault(text[k * width : (k + 1) * width], len(number)) for k in range(n)]
    first = [after.index(j) for j in range(len(number))]
    return np.array(after, dtype=np.int64), np.array(first, dtype=np.int64)


def _coded(x: Floats) -> tuple[Ints, int]:
    """Small numbers that are equal where the values are; NaN equals NaN."""
    fine = np.isfinite(x)
    inside = x[fine]
    if len(inside) and (inside == np.floor(inside)).all():
        low, high = float(inside.min()), float(inside.max())
        if high - low < 4 * len(x) + 1024 and np.isnan(x[~fine]).all():
            codes = np.where(fine, x - low, high - low + 1.0).astype(np.int64)
            return codes, int(high - low) + (1 if fine.all() else 2)
    found, inverse = np.unique(x, return_inverse=True)
    return inverse.astype(np.int64), len(found)


# ---- weights ---------------------------------------------------------------------------------------


def _weigh(edges: list[_Edges], expansion: _Expansion) -> Automaton:
    """Backward sums: the probability of every edge given that the rest can be completed."""
    layers: list[Layer] = []
    ahead = np.ones(expansion.count)  # the mass of each state after the layer, up to a common factor
    log_mass = 0.0
    number = np.arange(expansion.count)
    for e in reversed(edges):
        mass = e.choice.weight * ahead[e.after]
        alive = mass > 0.0
        if not alive.any():
            every = frozenset(c.requirement for c in expansion.clauses)
            raise InfeasibleError(every)
        choice, mass, after = e.choice.take(alive), mass[alive], number[e.after[alive]]
        total = np.bincount(choice.state, mass, minlength=e.before)
        number = np.cumsum(total > 0.0) - 1
        probability = mass / total[choice.state]
        source = number[choice.state]
        counts = np.bincount(source)
        offsets = np.concatenate([[0], np.cumsum(counts)])
        choice = Options(source, choice.value, choice.code, choice.weight, choice.low, choice.high, choice.source)
        layers.append(Layer(e.step, offsets, _running(probability, offsets), probability, choice, after))
        scale = float(total.max())
        ahead = total / scale
        log_mass += float(np.log(scale))
    return Automaton(tuple(reversed(layers)), log_mass, expansion.visited)


def _running(probability: Floats, offsets: Ints) -> Floats:
    """Running sums within each state, the last of them out of reach for a uniform."""
    result = probability.copy()
    counts = np.diff(offsets)
    longest = int(counts.max())
    if longest > len(counts):
        for low, high in pairwise(offsets.tolist()):
            np.cumsum(probability[low:high], out=result[low:high])
    else:
        for j in range(1, longest):
            at = offsets[:-1][counts > j] + j
            result[at] += result[at - 1]
    result[offsets[1:] - 1] = 2.0
    return result
