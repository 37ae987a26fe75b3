"""`element`: indexing of arrays, vectors and permutations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hpdsl.diagnostics import counted, suggest
from hpdsl.intervals import Facts, bounds
from hpdsl.priors.items import UNKNOWN
from hpdsl.semantics.report import ARRAY, TOO_LARGE, WRONG_KIND, AbandonedError
from hpdsl.semantics.scopes import Scope
from hpdsl.semantics.typed import Typed, number
from hpdsl.syntax import nodes
from hpdsl.terms import Term, apply, const, total

if TYPE_CHECKING:
    from hpdsl.semantics.expressions import Expressions


# Elements that all computed indices of a space look through.
MAX_LOOKUPS = 5_000


def element(expressions: Expressions, expr: nodes.Index, scope: Scope, facts: Facts) -> Typed:
    """The typed value of `target[index]`; unknown where the element does not exist."""
    report = expressions.report
    if expressions.looked_up > MAX_LOOKUPS:
        # It was said already.
        raise AbandonedError
    target = expressions.resolve(expr.target, scope, facts)
    if target.kind != "array":
        raise report.error(
            WRONG_KIND,
            "only an array has elements",
            expr.target.span,
            note=f"this is {target.described}",
            help=f"write `{report.text(expr.target.span)}`, without the brackets",
        )
    if target.labels and isinstance(expr.index, (nodes.Path, nodes.String)):
        label = expr.index.value if isinstance(expr.index, nodes.String) else expr.index.text
        if label in target.labels:
            return replace(target.items[target.labels.index(label)], span=expr.span)
        if isinstance(expr.index, nodes.String) or scope.find(label) is None:
            near = suggest(label, [str(x) for x in target.labels])
            raise report.error(
                ARRAY,
                f"`{report.text(expr.target.span)}` has no entry `{label}`",
                expr.index.span,
                note="no such label",
                help=f"write `{near}`" if near else f"its entries are {', '.join(map(str, target.labels))}",
            )
    at = expressions.number(expr.index, scope, facts)
    assert at.term is not None
    reach = bounds(at.term, facts)
    count = len(target.items)
    if not at.integer:
        raise report.error(
            ARRAY,
            "an index must be an integer",
            expr.index.span,
            note=f"this lies in {number(reach.lo)} .. {number(reach.hi)}",
            help=f"round it: floor({report.text(expr.index.span)})",
        )
    fixed = at.term.constant
    if fixed is not None:
        return _fixed(expressions, expr, target, fixed, facts)
    if reach.lo >= count or reach.hi < 0.0 or not count:
        raise _outside(expressions, expr, f"{number(reach.lo)} .. {number(reach.hi)}", count)
    low, high = max(0, int(reach.lo)), int(min(count - 1.0, reach.hi))
    return _chosen(expressions, expr, tuple(target.items[low : high + 1]), at.term, low)


def _fixed(expressions: Expressions, expr: nodes.Index, target: Typed, at: float, facts: Facts) -> Typed:
    count = len(target.items)
    if at < 0.0:
        length = bounds(target.length, facts).point if target.length is not None else None
        if length is None:
            text = expressions.report.text(expr.target.span)
            raise expressions.report.error(
                ARRAY,
                "an index from the end needs a fixed length",
                expr.index.span,
                note="the length of this array varies",
                help=f"write `{text}[len({text}) - {number(-at)}]`",
            )
        at += length
    if not 0.0 <= at < count:
        raise _outside(expressions, expr, number(at), count)
    return replace(target.items[int(at)], span=expr.span)


def _outside(expressions: Expressions, expr: nodes.Index, shown: str, count: int) -> Exception:
    return expressions.report.error(
        ARRAY,
        f"the index {shown} is outside the array",
        expr.index.span,
        note=f"it has at most {counted(count, 'element')}",
        help=f"write an index from 0 to {count - 1}" if count else "give the array a length above 0",
    )


def _chosen(expressions: Expressions, expr: nodes.Index, items: tuple[Typed, ...], at: Term, low: int) -> Typed:
    """Whichever element a computed index says."""
    expressions.looked_up += len(items)
    if expressions.looked_up > MAX_LOOKUPS:
        raise expressions.report.error(
            TOO_LARGE,
            f"computed indices look through more than {MAX_LOOKUPS:,} elements in all",
            expr.span,
            note="this one is too much",
            help="shorten the arrays, or use constant indices",
        )
    first = items[0]
    for item in items:
        if item.kind != first.kind or (item.kind == "label" and item.labels != first.labels) or item.kind == "array":
            raise expressions.report.error(
                WRONG_KIND,
                "the elements are of different kinds",
                expr.span,
                note=f"{first.described} and {item.described}",
                help="write a constant index",
            )
    coded = all(i.code is not None for i in items)
    valued = all(i.term is not None for i in items)
    here = [apply("eq", at, const(float(low + k))) for k in range(len(items))]

    def pick(options: list[Term]) -> Term:
        # All but the one that is meant are unknown.
        return total([apply("if", h, o, UNKNOWN) for h, o in zip(here, options, strict=True)], "coalesce")

    code = pick([i.code for i in items if i.code is not None]) if coded else None
    term = pick([i.term for i in items if i.term is not None]) if valued else None
    return Typed(
        first.kind,
        expr.span,
        term,
        all(i.integer for i in items),
        first.labels,
        code,
        any(i.continuous for i in items),
        first.ordered,
    )
