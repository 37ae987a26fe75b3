"""Comparisons with labels: equality and membership of choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpdsl.diagnostics import suggest
from hpdsl.intervals import Facts
from hpdsl.priors.items import UNKNOWN, Range
from hpdsl.semantics.report import NO_SUCH_LABEL, WRONG_KIND, AbandonedError, Report
from hpdsl.semantics.scopes import Scope
from hpdsl.semantics.sums import constant_sum, null_event
from hpdsl.semantics.typed import Typed, number, show
from hpdsl.source import Span
from hpdsl.syntax import nodes
from hpdsl.terms import Term, apply, const, total

if TYPE_CHECKING:
    from hpdsl.semantics.expressions import Expressions


def label_index(report: Report, choice: Typed, label: object, span: Span) -> int:
    """The code of a label; reported where the choice has no such label."""
    for k, item in enumerate(choice.labels):
        if type(item) is type(label) and item == label:
            return k
    names = [show(item) for item in choice.labels if not isinstance(item, Range)]
    near = suggest(str(label), names)
    raise report.error(
        NO_SUCH_LABEL,
        f"`{show(label)}` is not one of the alternatives",
        span,
        note="this can't match",
        help=(f"write `{near}`; " if near else "") + f"the alternatives are {', '.join(names)}",
    )


def equal(expressions: Expressions, a: Typed, b: Typed, facts: Facts, *, negated: bool = False) -> Term:
    """1 where both sides are the same value."""
    report = expressions.report
    for side in (a, b):
        if side.kind in ("array", "set"):
            raise report.error(
                WRONG_KIND,
                f"{side.described} can't be compared as a whole",
                side.span,
                note="several values",
                help="compare an element, or ask with `in`, len( ) or sum( )",
            )
    if a.kind != "label" and b.kind == "label":
        a, b = b, a
    if a.kind == "label":
        return _label_equal(report, a, b)
    if a.kind == "atom" or b.kind == "atom":
        side, other = (a, b) if a.kind == "atom" else (b, a)
        if other.kind == "atom":
            # The text of an input, most likely.
            return const(1.0 if a.labels == b.labels else 0.0)
        if side.labels == (None,) and other.term is not None and other.term.constant is not None:
            return const(0.0)
        raise report.error(
            WRONG_KIND,
            f"{other.described} is never equal to {side.described}",
            side.span,
            note="this can't match",
            help="compare values of one kind",
        )
    assert a.term is not None and b.term is not None
    if not negated and (a.continuous or b.continuous):
        same = constant_sum(a.term, b.term, facts)
        if not expressions.filters:
            # Beside a sum that is held at its constant, rounding is no violation.
            if same is not None and same in {required for required, _, _ in expressions.sums}:
                return same
            expressions.nulls += 1
            return apply("eq", a.term, b.term)
        if same is not None:
            # A law where it is required of a sum; whether it is shows when all sentences are known.
            expressions.sums.append((same, a.span, b.span))
            return same
        raise null_event(report, a.span, b.span)
    return apply("eq", a.term, b.term)


def _label_equal(report: Report, a: Typed, b: Typed) -> Term:
    assert a.code is not None
    if b.kind == "atom":
        return apply("eq", a.code, const(float(label_index(report, a, b.labels[0], b.span))))
    if b.kind == "label":
        assert b.code is not None
        if a.labels == b.labels:
            return apply("eq", a.code, b.code)
        if a.term is not None or b.term is not None:
            raise report.error(
                WRONG_KIND,
                "two choices with ranges and different alternatives can't be compared",
                a.span.to(b.span),
                help="compare each with a label or a number",
            )
        places = tuple(float(a.labels.index(x)) if x in a.labels else -1.0 for x in b.labels)
        if all(p < 0 for p in places):
            raise report.error(
                NO_SUCH_LABEL,
                "these two choices have no alternative in common",
                a.span.to(b.span),
                note="never equal",
                help="compare choices that share labels",
            )
        return apply("eq", a.code, apply("take", b.code, data=places))
    assert b.term is not None
    fixed = b.term.constant
    ranged = any(isinstance(item, Range) for item in a.labels)
    if fixed is not None and not ranged:
        want: object = bool(fixed) if b.kind == "bool" else fixed
        for k, item in enumerate(a.labels):
            if isinstance(item, bool) == (b.kind == "bool") and item == want:
                return apply("eq", a.code, const(float(k)))
        label_index(report, a, want if b.kind == "bool" else number(fixed), b.span)
    if a.term is None:
        raise report.error(
            WRONG_KIND,
            f"a label is never equal to {b.described}",
            b.span,
            note="this can't match",
            help="compare it with one of its labels",
        )
    # While it is a label it differs from every number; while inactive it is unknown.
    return apply("coalesce", apply("eq", a.term, b.term), apply("eq", a.code, const(-1.0)))


def membership(expressions: Expressions, left: nodes.Expr, right: nodes.Expr, scope: Scope, facts: Facts) -> Term:
    """1 where the left side is in a list or range."""
    if isinstance(right, nodes.Range):
        x = expressions.number(left, scope, facts)
        assert x.term is not None
        inside: Term | None = None
        for edge, above in ((right.lo, True), (right.hi, False)):
            if edge is None:
                continue
            limit = expressions.number(edge, scope, facts).term
            assert limit is not None
            part = apply("le", limit, x.term) if above else apply("le", x.term, limit)
            inside = part if inside is None else apply("and", inside, part)
        assert inside is not None
        return inside
    if not isinstance(right, nodes.ListExpr):
        inside_of = expressions.resolve(right, scope, facts)
        if inside_of.kind == "set":
            return _in_set(expressions, left, inside_of, scope, facts)
        if inside_of.kind == "array":
            return _in_array(expressions, left, inside_of, scope, facts)
        raise expressions.report.error(
            WRONG_KIND,
            "`in` needs a list, a range or a subset",
            right.span,
            note=f"this is {inside_of.described}",
            help="write `in [a, b]` or `in lo .. hi`",
        )
    if not right.items:
        return const(0.0)
    parts: list[Term] = []
    failure: AbandonedError | None = None
    for item in right.items:
        try:
            a, b = expressions.pair(left, item, scope, facts)
            parts.append(equal(expressions, a, b, facts))
        except AbandonedError as error:
            # The other items of the list may be wrong as well.
            failure = error
    if failure is not None:
        raise failure
    return total(parts, "or")


def _in_set(expressions: Expressions, left: nodes.Expr, within: Typed, scope: Scope, facts: Facts) -> Term:
    """1 where a value is in a subset."""
    # A subset's values read like the labels of a choice.
    choice = Typed("label", within.span, labels=within.labels, code=UNKNOWN)
    a = expressions.beside(left, choice, scope, facts)
    if a.kind in ("array", "set"):
        raise expressions.report.error(
            WRONG_KIND,
            f"{a.described} can't be an element of a subset",
            left.span,
            note="several values",
            help="ask for one value at a time",
        )
    expressions.see(len(within.items), left.span)
    members = [m.term for m in within.items if m.term is not None]
    if a.kind == "label":
        assert a.code is not None
        result = const(0.0)
        for k, label in enumerate(a.labels):
            if label in within.labels:
                here = apply("eq", a.code, const(float(k)))
                result = apply("or", result, apply("and", here, members[within.labels.index(label)]))
        return result
    if a.kind != "atom" and (a.term is None or a.term.constant is None):
        result = const(0.0)
        assert a.term is not None
        for value, member in zip(within.labels, members, strict=True):
            if isinstance(value, (int, float)):
                same = apply("eq", a.term, const(float(value)))
                result = apply("or", result, apply("and", same, member))
        return result
    wanted: object = a.labels[0] if a.kind == "atom" else a.term and a.term.constant
    if a.kind == "bool":
        wanted = bool(wanted)
    for value, member in zip(within.labels, members, strict=True):
        if isinstance(value, bool) == isinstance(wanted, bool) and value == wanted:
            return member
    if a.kind == "number" and isinstance(left, nodes.Path):
        # An element's number, for one, may lie outside.
        return apply("and", const(0.0), members[0])
    raise label_index(expressions.report, choice, wanted, left.span)  # type: ignore[misc]  # it always raises here


def _in_array(expressions: Expressions, left: nodes.Expr, within: Typed, scope: Scope, facts: Facts) -> Term:
    """1 where a value is one of an array's active elements."""
    expressions.see(len(within.items), left.span)
    result: Term = const(0.0)
    if within.length is not None:
        # Nothing is known of an array that is inactive as a whole.
        result = apply("if", apply("known", within.length), const(0.0), within.length)
    for item in within.items:
        a = expressions.beside(left, item, scope, facts)
        same = equal(expressions, a, item, facts)
        result = apply("or", result, apply("coalesce", same, const(0.0)))
    return result
