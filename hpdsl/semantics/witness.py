"""Examples that refute: configurations at the corners of a space where a condition fails."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from hpdsl.diagnostics import Label
from hpdsl.intervals import Facts, Interval
from hpdsl.semantics import reading
from hpdsl.semantics.evaluate import broken, fill, holds, illegal
from hpdsl.semantics.model import Guard, Model, Parameter, Symbol
from hpdsl.semantics.typed import number
from hpdsl.semantics.undefined import cause
from hpdsl.semantics.values import shown_values
from hpdsl.terms import Evaluator, Term, apply, columns_of

if TYPE_CHECKING:
    from hpdsl.semantics.resolver import Resolver

MAX_TRIALS = 2_000


def witness(resolver: Resolver, condition: Term, facts: Facts) -> tuple[str, tuple[Label, ...]]:
    """Values of parameters that make a condition false, as text and as labels; empty if none was found."""
    symbols = ancestors(resolver.order, columns_of(condition))
    parameters = [s for s in symbols if isinstance(s, Parameter)]
    guards = [(t, i) for t, i in facts.items() if _is_guard(t, i)] if parameters else []
    for at in _trials(parameters) if parameters else ():
        columns = _filled(symbols, at)
        row = Evaluator(columns)
        if row.value(condition) != 0.0:
            continue
        if all(row.value(t) == i.point for t, i in guards):
            direct = [p for p in parameters if p.value is not None and p.value in columns_of(condition)]
            values = {p: columns.get(p.value, math.nan) for p in direct if p.value is not None}
            reached = {p: number(x) for p, x in values.items() if not math.isnan(x)}
            labels = tuple(Label(p.pieces[0].span, f"`{p.key}` reaches {x} here") for p, x in reached.items())
            return " and ".join(f"{p.key} = {x}" for p, x in reached.items()), labels
    return "", ()


def counterexample(model: Model, guard: Guard | None, condition: Term) -> tuple[str, str] | None:
    """The values at a feasible corner of the space where a condition is false or undefined, and why it is undefined.

    Where all that it reads is inactive, the values are those that make it so. The former is empty where it reads
    nothing, the latter where it is false; None if no such corner was found.
    """
    columns = columns_of(condition) | (guard.columns() if guard else frozenset())
    needed = ancestors(model.symbols, columns)
    parameters = [s for s in needed if isinstance(s, Parameter)]
    violated = apply("violated", condition)
    for at in _trials(parameters):
        partial = _filled(needed, at)
        row = Evaluator(partial)
        if not holds(guard, row) or row.value(violated) != 1.0:
            continue
        whole = _filled(model.symbols, at)
        if not broken(model.requirements, whole) and not illegal(model, whole):
            shown = shown_values(model, columns, whole)
            behind = frozenset(s.main for s in needed)
            return shown or shown_values(model, behind, whole), cause(condition, row)
    return None


Corner = dict[str, float]


def _trials(parameters: Sequence[Parameter]) -> Iterator[Corner]:
    """Uniforms at the ends and the middle of the unit interval, by parameter path."""
    corners = (0.0, 1.0, 0.5)
    for trial in itertools.islice(itertools.product(corners, repeat=min(len(parameters), 12)), MAX_TRIALS):
        yield {p.path: u for p, u in zip(parameters, trial, strict=False)}


def _filled(symbols: Iterable[Symbol], at: Corner) -> dict[int, float]:
    return fill(symbols, lambda p, piece, row: at.get(p.path, 0.5))


def ancestors(order: Iterable[Symbol], columns: frozenset[int]) -> list[Symbol]:
    """The symbols that some columns depend on, partners in a copula among them, in dependency order."""
    symbols = list(order)
    owners: dict[int, Symbol] = {}
    by_path: dict[str, Parameter] = {}
    for s in symbols:
        if isinstance(s, Parameter):
            by_path[s.path] = s
        for c in (s.value, s.code) if isinstance(s, Parameter) else (s.column,):
            if c is not None:
                owners[c] = s
    result: set[str] = set()
    todo = [c for c in columns if c in owners]
    while todo:
        symbol = owners[todo.pop()]
        if symbol.path not in result:
            result.add(symbol.path)
            todo.extend(c for c in reading.inputs(symbol) if c in owners)
            if isinstance(symbol, Parameter) and symbol.score is not None:
                todo.extend(by_path[member].main for member in symbol.score.members)
    return [s for s in symbols if s.path in result]


def _is_guard(term: Term, interval: Interval) -> bool:
    """Facts that a guard has added are about truth values."""
    return term.op in ("lt", "le", "eq", "ne", "and", "or", "not") and interval.point is not None
