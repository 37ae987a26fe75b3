"""Constant sums: the one equality of continuous quantities that is a law, the uniform one on a simplex.

The sum is compared with a tolerance, since decimals that a user writes down do not add up exactly.
"""

from __future__ import annotations

import math
import re

from hpdsl.intervals import Facts, bounds
from hpdsl.semantics.model import Derived, Model
from hpdsl.semantics.report import CONTINUOUS_EQUALITY, AbandonedError, Report
from hpdsl.source import Span
from hpdsl.terms import Term, apply, const

# Columns of a sum.
MOST = 200
# Of the largest value the sum can take: far above what rounding leaves, far below what matters to anybody.
TOLERANCE = 1e-9


def linear(term: Term, weight: float, weights: dict[int, float]) -> float | None:
    """Add `weight` times a term to a linear form over distinct columns; its constant, or None where it is no such."""
    constant = 0.0
    stack = [(term, weight)]
    while stack:
        node, w = stack.pop()
        value = node.constant
        if value is not None:
            if not math.isfinite(value):
                return None
            constant += w * value
        elif node.op == "load":
            column = int(node.data[0])
            if column in weights or len(weights) >= MOST:
                return None
            weights[column] = w
        elif node.op in ("add", "sub"):
            stack.append((node.args[1], w if node.op == "add" else -w))
            stack.append((node.args[0], w))
        elif node.op == "neg":
            stack.append((node.args[0], -w))
        elif node.op == "coalesce" and node.args[1].constant == 0.0 and node.args[0].op == "load":
            stack.append((node.args[0], w))
        elif node.op == "mul" and any(a.constant is not None for a in node.args):
            k = 0 if node.args[0].constant is not None else 1
            factor = node.args[k].constant
            assert factor is not None
            stack.append((node.args[1 - k], w * factor))
        else:
            return None
    return constant


# What needs no brackets behind a minus.
_PLAIN = re.compile(r"[\w.]+(?:\[[\w.]+\])*")


def constant_sum(left: Term, right: Term, facts: Facts) -> Term | None:
    """1 where both sides are equal within the tolerance; None where their difference is no sum of columns."""
    weights: dict[int, float] = {}
    if linear(left, 1.0, weights) is None or linear(right, -1.0, weights) is None or len(set(weights.values())) != 1:
        return None
    reaches = [bounds(side, facts) for side in (left, right)]
    largest = max(abs(x) for reach in reaches for x in (reach.lo, reach.hi))
    if not 0.0 < largest < math.inf:
        return None
    return apply("le", apply("abs", left - right), const(TOLERANCE * largest))


def sides(condition: Term) -> tuple[Term, Term] | None:
    """What a condition holds equal, as `constant_sum` writes it or exactly; None for other conditions."""
    if condition.op == "eq":
        return condition.args[0], condition.args[1]
    if condition.op == "le" and condition.args[0].op == "abs" and condition.args[1].constant is not None:
        difference = condition.args[0].args[0]
        if difference.op == "sub":
            return difference.args[0], difference.args[1]
        return difference, const(0.0)
    return None


def null_event(report: Report, left: Span, right: Span) -> AbandonedError:
    """The error about two continuous quantities that are to be equal."""
    other = report.text(right)
    difference = f"abs({report.text(left)} - {other if _PLAIN.fullmatch(other) else f'({other})'})"
    return report.error(
        CONTINUOUS_EQUALITY,
        "two continuous quantities are never exactly equal",
        left.to(right),
        note="this has probability zero",
        help=f"derive one side from the other with `=`, or allow a range: {difference} <= 1e-3; "
        "a constant sum of uniforms may be a `require` of its own",
    )


def required(model: Model) -> set[Term]:
    """What is required as it stands, always, and of more than one parameter: where constant sums may stand."""
    owners = model.by_column()
    found: set[Term] = set()
    for requirement in model.requirements:
        columns = requirement.columns()
        if requirement.guard is not None or not any(
            len(columns) > 1 or isinstance(owners[c], Derived) for c in columns
        ):
            continue
        stack = [requirement.condition]
        while stack:
            node = stack.pop()
            if node.op == "and":
                stack.extend(node.args)
            else:
                found.add(node)
    return found
