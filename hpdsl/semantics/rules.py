"""Rules about a whole model, one function each; `RULES` is their order."""

from __future__ import annotations

from collections.abc import Callable

from hpdsl.diagnostics import Label
from hpdsl.intervals import Facts, Interval, assume, bounds
from hpdsl.priors.items import Items
from hpdsl.semantics.evaluate import active_piece, broken, complete, illegal
from hpdsl.semantics.model import Guard, Model, Parameter, Requirement, Symbol, guard_facts
from hpdsl.semantics.report import (
    ALWAYS_TRUE,
    BAD_TRY,
    CONTRADICTION,
    INFEASIBLE_DEFAULT,
    NEVER_ACTIVE,
    Report,
)
from hpdsl.semantics.typed import number, show
from hpdsl.semantics.values import shown_values
from hpdsl.terms import Evaluator, columns_of, load

Rule = Callable[[Model, Report], None]


def contradictions(model: Model, report: Report) -> None:
    """A `require` that can't hold, alone or together with the ones before it."""
    facts = dict(model.facts)
    owners = model.by_column()
    before: list[Requirement] = []
    for r in model.requirements:
        if r.implied:
            continue
        alone = bounds(r.condition, guard_facts(r.guard, model.facts))
        together = bounds(r.condition, guard_facts(r.guard, facts))
        if _is_false(alone) and r.guard is None:
            report.error(
                CONTRADICTION,
                "no configuration satisfies this",
                r.span,
                note=_reach(r, model, owners),
                help="widen the ranges it speaks about, or remove it",
            )
        elif _is_false(together) and r.guard is None:
            partners = [p for p in before if columns_of(p.condition) & _linked(r, before)]
            report.error(
                CONTRADICTION,
                "no configuration satisfies these sentences together",
                r.span,
                note="this leaves nothing",
                labels=tuple(Label(p.span, "together with this") for p in partners),
                help="relax one of them, or guard them with `when`",
            )
        elif _is_false(alone):
            report.warning(
                CONTRADICTION,
                "this can't hold, so its `when` never may",
                r.span,
                note="always false here",
                help="remove the block, or relax the sentence",
            )
        elif alone.is_true:
            report.warning(
                ALWAYS_TRUE,
                "this always holds",
                r.span,
                note=_reach(r, model, owners) or "it excludes nothing",
                help="remove it",
            )
        # What is unknown holds as well, so that it teaches nothing.
        if r.guard is None and not report.failed and not together.unknown:
            # Only what the condition speaks of is narrowed: copying all facts would cost their number every time.
            facts.update(assume(r.condition, True, facts).maps[0])
            before.append(r)
            empty = _emptied(facts, [owners[c] for c in sorted(columns_of(r.condition))])
            if empty is not None:
                report.error(
                    CONTRADICTION,
                    f"{'these sentences leave' if len(before) > 1 else 'this leaves'} no value for `{empty.key}`",
                    r.span,
                    labels=tuple(Label(p.span, "together with this") for p in before[:-1]),
                    help="relax one of them",
                )


def _is_false(outcome: Interval) -> bool:
    return outcome.hi < 1.0 and not outcome.unknown and not outcome.empty


def _emptied(facts: Facts, symbols: list[Symbol]) -> Parameter | None:
    for p in symbols:
        if not isinstance(p, Parameter):
            continue
        reach = bounds(load(p.value), facts) if p.value is not None and p.code is None else None
        if reach is not None and reach.empty and not p.conditional:
            return p
    return None


def _linked(r: Requirement, before: list[Requirement]) -> frozenset[int]:
    """Columns connected with a requirement through the ones before it."""
    linked = columns_of(r.condition)
    for p in reversed(before):
        if columns_of(p.condition) & linked:
            linked |= columns_of(p.condition)
    return linked


def _reach(r: Requirement, model: Model, owners: dict[int, Symbol]) -> str:
    facts = guard_facts(r.guard, model.facts)
    parts = []
    for column in sorted(columns_of(r.condition)):
        symbol = owners[column]
        reach = bounds(load(column), facts)
        if isinstance(symbol, Parameter) and column == symbol.code:
            continue
        parts.append(f"`{symbol.key}` lies in {number(reach.lo)} .. {number(reach.hi)}")
    return ", ".join(parts[:3])


def never_active(model: Model, report: Report) -> None:
    """A parameter none of whose guards can hold; `when` modifiers were told about where they stand."""
    told = {d.message for d in report.found if d.code == NEVER_ACTIVE}
    # Of an array some elements may well be ruled out, by a condition on `index` say.
    elements = [s for s in model.symbols if s.steps and isinstance(s.steps[-1], int)]
    alive = {s.steps[:-1] for s in elements if _can_be(s, model.facts)}
    for symbol in model.symbols:
        if symbol.path.endswith("#"):
            continue  # the length of an array, which nobody wrote
        if symbol.steps and isinstance(symbol.steps[-1], int) and symbol.steps[:-1] in alive:
            continue
        message = f"`{symbol.path.rpartition('.')[2]}` is never active"
        for piece in symbol.pieces:
            if _holds_never(piece.guard, model.facts) and message not in told:
                report.warning(
                    NEVER_ACTIVE,
                    message,
                    symbol.span,
                    note="the conditions around it can't hold together",
                    help="change the conditions, or remove it",
                )


def _can_be(symbol: Symbol, facts: Facts) -> bool:
    """True where some piece of a symbol may be active."""
    return not all(_holds_never(piece.guard, facts) for piece in symbol.pieces)


def _holds_never(guard: Guard | None, facts: Facts) -> bool:
    """True where a guard's conditions can't hold together."""
    for condition in guard.chain() if guard else ():
        if bounds(condition, facts).never_true:
            return True
        facts = assume(condition, True, facts)
    return False


def weightless_guards(model: Model, report: Report) -> None:
    """A branch of weight 0 that still declares parameters."""
    for p in model.parameters:
        if p.kind != "union" or not isinstance(p.items, Items):
            continue
        fixed = p.items.fixed_weights()
        for k, label in enumerate(p.items.items):
            if fixed is not None and fixed[k] == 0.0:
                report.warning(
                    NEVER_ACTIVE,
                    f"the branch `{show(label)}` of `{p.key}` has weight 0",
                    p.span,
                    note="it is never chosen",
                    help="give it a weight, or remove it",
                )


def infeasible_default(model: Model, report: Report) -> None:
    """The default configuration, where one is written, should be legal."""
    if not has_default(model):
        return
    row = complete(model, {})
    for r in broken(model.requirements, row):
        report.warning(
            INFEASIBLE_DEFAULT,
            "the default configuration violates this",
            r.span,
            note=shown_values(model, r.columns(), row),
            help="change a `default`, or relax the sentence",
        )
    for p in illegal(model, row):
        piece = active_piece(p, Evaluator(row))
        span = piece.default_span if piece is not None and piece.default_span is not None else p.span
        report.warning(
            INFEASIBLE_DEFAULT,
            f"the default of `{p.key}` is outside its range at the default configuration",
            span,
            note=shown_values(model, frozenset({p.main}), row),
            help="change this default, or those its bounds follow",
        )


def has_default(model: Model) -> bool:
    """True where some parameter has a written default."""
    return any(x.default is not None or x.default_code is not None for p in model.parameters for x in p.pieces)


def try_points(model: Model, report: Report) -> None:
    """A `try` point names active parameters only, with legal values."""
    by_path = {p.path: p for p in model.parameters}
    for point in model.tries:
        given = {by_path[path].index: written for path, written in point.given.items()}
        row = complete(model, given)
        evaluator = Evaluator(row)
        whole = True
        for path, span in point.spans.items():
            p = by_path[path]
            if active_piece(p, evaluator) is None:
                report.error(
                    BAD_TRY,
                    f"`{p.key}` is inactive in this `try` point",
                    span,
                    note="its condition does not hold here",
                    help="leave it out, or set what makes it active",
                )
                whole = False
        for p in illegal(model, row):
            if p.path in point.spans:
                report.error(
                    BAD_TRY,
                    f"`{p.key}` is outside its range in this `try` point",
                    point.spans[p.path],
                    note=shown_values(model, frozenset({p.main}), row),
                    help="choose a value within its bounds at this point",
                )
                whole = False
        fixed = frozenset(c for path in point.given for c in _columns(by_path[path]))
        for r in broken(model.requirements, row) if whole else ():
            if _settled(r, fixed, model):
                report.error(
                    BAD_TRY,
                    "this `try` point violates a requirement",
                    point.span,
                    note=shown_values(model, r.columns(), row),
                    labels=(Label(r.span, "violated"),),
                    help="change its values, or relax the sentence",
                )


def _settled(r: Requirement, fixed: frozenset[int], model: Model) -> bool:
    """True where everything a requirement depends on was written, so that nothing can repair it."""
    owners = model.by_column()
    todo, seen = list(r.columns()), set()
    while todo:
        column = todo.pop()
        if column in seen or column in fixed:
            continue
        seen.add(column)
        symbol = owners[column]
        if isinstance(symbol, Parameter):
            return False
        todo.extend(c for piece in symbol.pieces for c in columns_of(piece.term))
    return True


def _columns(p: Parameter) -> tuple[int, ...]:
    return tuple(c for c in (p.value, p.code) if c is not None)


RULES: tuple[Rule, ...] = (contradictions, never_active, weightless_guards, infeasible_default, try_points)
