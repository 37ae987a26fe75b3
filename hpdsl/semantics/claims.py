"""`assert`: claims about every configuration, proved by intervals or refuted by an example where that is in reach."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hpdsl.intervals import Facts, bounds, gap
from hpdsl.semantics.model import Claim, Model, guard_facts
from hpdsl.semantics.report import ASSERTION, AbandonedError, Report
from hpdsl.semantics.scopes import Table
from hpdsl.semantics.witness import counterexample
from hpdsl.terms import Term

if TYPE_CHECKING:
    from hpdsl.semantics.resolver import Resolver


def claims(table: Table, resolver: Resolver) -> tuple[Claim, ...]:
    """The claims of a file."""
    found = []
    # A claim filters nothing: that two numbers are equal may be claimed, or be a case that it leaves out.
    expressions = resolver.expressions
    expressions.filters = False
    for node, context in table.assertions:
        try:
            guard = resolver.guard(context)
            facts = guard_facts(guard, resolver.facts)
            before = expressions.nulls
            condition = expressions.condition(node.condition, context.scope, facts)
        except AbandonedError:
            continue
        message = node.message or resolver.report.text(node.span)
        found.append(Claim(guard, condition, message, node.span, null=expressions.nulls > before))
    expressions.filters = True
    return tuple(found)


def judged(model: Model, report: Report) -> tuple[Claim, ...]:
    """The claims with what could be decided about them; a refuted one is an error that shows where it fails."""
    found = []
    for claim in model.claims:
        facts = guard_facts(claim.guard, model.facts)
        reach = bounds(claim.condition, facts)
        if _never_false(claim.condition, facts):
            found.append(replace(claim, verdict="proved"))
            continue
        refuting = counterexample(model, claim.guard, claim.condition)
        if refuting is not None:
            report.error(
                ASSERTION,
                f"this does not always hold: {claim.message}" if claim.message else "this does not always hold",
                claim.span,
                note=how_it_fails(*refuting),
                help=made_to_hold(report, claim) if reach.hi >= 1.0 else "correct the claim, or remove it",
            )
        elif reach.hi < 1.0 and not reach.unknown and not reach.empty and claim.guard is None:
            report.error(
                ASSERTION,
                "this never holds",
                claim.span,
                note="false wherever a configuration exists",
                help="correct the claim, or remove it",
            )
        found.append(claim)
    return tuple(found)


def how_it_fails(shown: str, undefined: str) -> str:
    """What is said beside a claim that fails at some values; `undefined`: why it has no value there, if it has none."""
    where = f"when {shown}" if shown else "everywhere"
    return f"undefined {where}: {undefined}" if undefined else f"false {where}"


def made_to_hold(report: Report, claim: Claim) -> str:
    """What to do about a claim that fails somewhere."""
    if claim.null:
        return "narrow the ranges it speaks about, or correct the claim"
    required = report.text(claim.span).replace("assert", "require", 1)
    return f"narrow the ranges it speaks about, or, if it should be made to hold, write `{required}`"


def _never_false(condition: Term, facts: Facts) -> bool:
    """True where intervals prove that a condition can't fail: its parts one by one, and comparisons by differences."""
    reach = bounds(condition, facts)
    if reach.never_false:
        return True
    if reach.undefined or reach.overflow:
        return False
    if condition.op == "and":
        return all(_never_false(part, facts) for part in condition.args)
    if condition.op in ("lt", "le"):
        # What both sides have in common cancels.
        low, high = condition.args
        apart = gap(low, high, facts)
        return apart.lo > 0.0 or (condition.op == "le" and apart.lo >= 0.0)
    return False
