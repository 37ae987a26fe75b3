"""What is measured and how much of it: objectives, bounds on outcomes, the fidelity."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hpdsl.diagnostics import Label
from hpdsl.intervals import Interval, bounds
from hpdsl.semantics.model import Fidelity, Objective, Outcome
from hpdsl.semantics.report import FIDELITY, NON_POSITIVE, OBJECTIVE, OUTCOME, AbandonedError
from hpdsl.semantics.scopes import Alias, Declaration, Scope, Table
from hpdsl.semantics.typed import Typed, number
from hpdsl.syntax import nodes
from hpdsl.terms import Term, load

if TYPE_CHECKING:
    from hpdsl.semantics.resolver import Resolver


def experiment(table: Table, resolver: Resolver) -> tuple[tuple[Objective, ...], tuple[Outcome, ...], Fidelity | None]:
    """The objectives, the bounds on outcomes, and the fidelity of a file."""
    objectives = _objectives(table, resolver)
    outcomes = _outcomes(table, resolver, {o.name for o in objectives})
    fidelity: Fidelity | None = None
    for k, node in enumerate(table.fidelities):
        if k:
            resolver.report.error(
                FIDELITY,
                "a space has one fidelity",
                node.span,
                note="a second one",
                labels=(Label(table.fidelities[0].span, "the first"),),
                help="remove one, or make it a parameter with `~`",
            )
            break
        try:
            fidelity = _fidelity(node, table, resolver)
        except AbandonedError:
            continue
    return objectives, outcomes, fidelity


def _objectives(table: Table, resolver: Resolver) -> tuple[Objective, ...]:
    seen: dict[str, nodes.Objective] = {}
    for node in table.objectives:
        if node.name in seen:
            resolver.report.error(
                OBJECTIVE,
                f"the objective `{node.name}` stands twice",
                node.span,
                labels=(Label(seen[node.name].span, "first here"),),
                help="remove it: an outcome is named once",
            )
        seen[node.name] = node
    return tuple(Objective(n.name, n.maximize) for n in seen.values())


def _outcomes(table: Table, resolver: Resolver, objectives: set[str]) -> tuple[Outcome, ...]:
    report = resolver.report
    found = []
    for node, context in table.outcomes:
        try:
            declared = context.scope.find(node.name)
            if isinstance(declared, (Declaration, Alias)):
                raise report.error(
                    OUTCOME,
                    f"`{node.name}` is known before anything is measured",
                    node.name_span,
                    note="no measured outcome",
                    labels=(Label(declared.span, "declared here"),),
                    help=f"write `require {node.name} {node.op} {report.text(node.bound.span)}`",
                )
            typed = resolver.expressions.number(node.bound, context.scope, resolver.facts)
            assert typed.term is not None
            x = typed.term.constant
            if x is None or not math.isfinite(x):
                raise report.error(
                    OUTCOME,
                    "the bound of a measured outcome must be a constant",
                    node.bound.span,
                    note="this depends on a parameter",
                    help="write a number, such as 1, or an input declared with `given`",
                )
            found.append(Outcome(node.name, node.op, x, node.span))
        except AbandonedError:
            continue
    return tuple(found)


def _fidelity(node: nodes.Fidelity, table: Table, resolver: Resolver) -> Fidelity:
    report, scope = resolver.report, table.root
    declared = scope.find(node.name)
    if declared is not None:
        raise report.error(
            FIDELITY,
            f"`{node.name}` is a fidelity and a declared name",
            node.name_span,
            note="which of the two?",
            labels=(Label(declared.span, "declared here"),),
            help="rename one of them",
        )
    if not isinstance(node.value, nodes.Range) or node.value.lo is None or node.value.hi is None:
        raise report.error(
            FIDELITY,
            "a fidelity has a least and a full value",
            node.value.span,
            note="no range",
            help=f"write `fidelity {node.name} = 1 .. {report.text(node.value.span)}`",
        )
    lo, whole_lo = _constant(resolver, node.value.lo, scope)
    hi, whole_hi = _constant(resolver, node.value.hi, scope)
    if not 0.0 < lo < hi:
        raise report.error(
            FIDELITY,
            "the range of a fidelity rises from a number above 0",
            node.value.span,
            note=f"{number(lo)} .. {number(hi)}",
            help="write, for example, 1 .. 27",
        )
    by = None
    if node.by is not None:
        by, _ = _constant(resolver, node.by, scope)
        if not by > 1.0:
            raise report.error(
                FIDELITY,
                "`by` is the factor from one rung to the next, above 1",
                node.by.span,
                note=f"this is {number(by)}",
                help="write `by 3`",
            )
    # Behind all columns of configurations, which don't hold it.
    column = resolver.n_columns
    cost: Term | None = None
    resolver.facts[load(column)] = Interval(lo, hi, whole_lo and whole_hi)
    if node.cost is not None:
        value = Typed("number", node.name_span, load(column), whole_lo and whole_hi, continuous=True)
        inside = Scope(scope, aliases={node.name: Alias(node.name, node.name_span, value=value)})
        cost = resolver.expressions.number(node.cost, inside, resolver.facts).term
        assert cost is not None
        reach = bounds(cost, resolver.facts)
        if reach.hi <= 0.0:
            raise report.error(
                NON_POSITIVE,
                "a cost must be positive",
                node.cost.span,
                note=f"this is at most {number(reach.hi)}",
                help=f"write, for example, `cost {node.name}`",
            )
    return Fidelity(node.name, lo, hi, whole_lo and whole_hi, by, cost, column, node.unit, node.doc, node.span)


def _constant(resolver: Resolver, expr: nodes.Expr, scope: Scope) -> tuple[float, bool]:
    typed = resolver.expressions.number(expr, scope, resolver.facts)
    assert typed.term is not None
    x = typed.term.constant
    if x is None or not math.isfinite(x):
        raise resolver.report.error(
            FIDELITY,
            "the range of a fidelity must be constant",
            expr.span,
            note="this depends on a parameter",
            help="write a number, such as 1, or an input declared with `given`",
        )
    return x, typed.integer
