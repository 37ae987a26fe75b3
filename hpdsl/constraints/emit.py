"""Automata as statements: one search and a few look-ups a parameter, on the parameter's own stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hpdsl.constraints.automaton import Automaton, Layer
from hpdsl.constraints.tables import Table, lookup, search
from hpdsl.graph.graph import Statement
from hpdsl.priors.items import Items, Range
from hpdsl.priors.numeric import Numeric
from hpdsl.semantics.model import Dist, Parameter
from hpdsl.terms import Term, apply, const, draw

Floats = NDArray[np.float64]


def emit(automaton: Automaton, dists: Mapping[int, tuple[Dist, ...]]) -> dict[int, list[Statement]]:
    """The statements of every parameter (by index); `dists` are its priors, as cells count them."""
    found: dict[int, list[Statement]] = {}
    state = const(0.0)
    for layer in automaton.layers:
        edge = _edge(layer, state)
        p = layer.step.parameter
        if p is not None:
            found[p.index] = _statements(layer, p, edge, dists[p.index])
        after = layer.after
        if int(after.max(initial=0)) == 0:
            state = const(0.0)
        elif edge.op == "const" or not np.array_equal(after, np.arange(len(after))):
            state = _entry(edge, after.astype(np.float64))
        else:
            state = edge
    return found


def _edge(layer: Layer, state: Term) -> Term:
    """The number of the edge taken."""
    p = layer.step.parameter
    if len(layer.after) == layer.states or p is None:
        # One way on from every state.
        return state
    table = Table(np.concatenate([layer.offsets.astype(np.float64), layer.cumulative]), layer.states)
    return search(draw(p.index), state, table)


def _entry(index: Term, entries: Floats) -> Term:
    first = entries[0]
    if bool(((entries == first) | (np.isnan(entries) & np.isnan(first))).all()):
        return const(float(first))
    if index.constant is not None:
        return const(float(entries[int(index.constant)]))
    return lookup(index, Table(entries))


def _statements(layer: Layer, p: Parameter, edge: Term, dists: tuple[Dist, ...]) -> list[Statement]:
    choice = layer.choice
    statements = []
    if p.value is not None:
        value = _entry(edge, choice.value) if (choice.source == -1).all() else _within(layer, p, edge, dists)
        statements.append(Statement(p.value, value, None))
    if p.code is not None:
        statements.append(Statement(p.code, _entry(edge, choice.code), None))
    return statements


def _within(layer: Layer, p: Parameter, edge: Term, dists: tuple[Dist, ...]) -> Term:
    """The value inside the cell of an edge: what is left of the uniform decides where."""
    choice = layer.choice
    rest = (draw(p.index) - _entry(edge, _starts(layer))) / _entry(edge, layer.probability)
    u = apply("clip", rest, data=(0.0, 1.0))
    low, high = _entry(edge, choice.low), _entry(edge, choice.high)
    source = _entry(edge, choice.source.astype(np.float64))
    value = _entry(edge, np.where(choice.source == -1, choice.value, np.nan))
    for k in sorted(set(choice.source.tolist()) - {-1}):
        inside = replace(_range(dists[k]), lo=low, hi=high).decode(u)
        value = apply("if", apply("eq", source, const(float(k))), inside, value)
    return value


def _starts(layer: Layer) -> Floats:
    """The running sum of probabilities before each edge, within its state."""
    before = np.concatenate([[0.0], layer.cumulative[:-1]])
    before[layer.offsets[:-1]] = 0.0
    return before


def _range(dist: Dist) -> Numeric:
    if isinstance(dist, Items):
        return next(i.dist for i in dist.items if isinstance(i, Range))
    assert isinstance(dist, Numeric)
    return dist
