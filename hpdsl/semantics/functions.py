"""The functions of the expression language."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from hpdsl.diagnostics import counted, suggest
from hpdsl.intervals import Facts, bounds
from hpdsl.priors.table import DISCRETE, NUMERIC
from hpdsl.semantics.labels import equal
from hpdsl.semantics.report import TOO_LARGE, UNKNOWN_FUNCTION, WRONG_KIND
from hpdsl.semantics.scopes import Scope
from hpdsl.semantics.typed import Typed
from hpdsl.source import Span
from hpdsl.syntax import nodes
from hpdsl.terms import Term, apply, const, total

if TYPE_CHECKING:
    from hpdsl.semantics.expressions import Expressions

# Every pair of values is compared.
MAX_PAIRS = 64

UNARY = ("exp", "log", "log2", "log10", "sqrt", "abs", "floor", "ceil", "round")


def call(expressions: Expressions, expr: nodes.Call, scope: Scope, facts: Facts) -> Typed:
    """The typed term of a call."""
    report, name = expressions.report, expr.function.text
    for argument in expr.args:
        if argument.name is not None:
            raise report.error(
                UNKNOWN_FUNCTION,
                f"`{name}` takes no named argument `{argument.name}`",
                argument.span,
                help=f"write the value alone: {name}({report.text(argument.value.span)})",
            )
    values = tuple(a.value for a in expr.args)
    if name in UNARY:
        _arity(expressions, expr, 1)
        operand = expressions.number(values[0], scope, facts)
        return expressions.arithmetic(name, (operand,), expr.span, facts)
    if name == "active":
        _arity(expressions, expr, 1)
        if isinstance(values[0], nodes.Index):
            inner = expressions.resolve(values[0], scope, facts)
            at = inner.code if inner.code is not None else inner.term if inner.term is not None else inner.length
            assert at is not None
            return Typed("bool", expr.span, apply("known", at))
        if not isinstance(values[0], nodes.Path):
            raise report.error(WRONG_KIND, "`active` asks about a name", values[0].span, help="write active(name)")
        return Typed("bool", expr.span, expressions.names.is_active(values[0], scope, facts))
    if name in ("min", "max"):
        _arity(expressions, expr, 1, at_least=True)
    if name in _OVER_LISTS:
        return _over_list(expressions, expr, name, values, scope, facts)
    known = [*UNARY, "active", "min", "max", *_OVER_LISTS]
    near = suggest(name, known)
    if name in NUMERIC or name in DISCRETE:
        text = f"`{name}` is a prior: give it a name of its own, `x ~ {report.text(expr.span)}`, and use that name"
    else:
        text = f"write `{near}`" if near else f"the functions are {', '.join(sorted(known))}"
    raise report.error(
        UNKNOWN_FUNCTION, f"unknown function `{name}`", expr.function.span, note="no such function", help=text
    )


def _over_list(
    expressions: Expressions, expr: nodes.Call, name: str, values: tuple[nodes.Expr, ...], scope: Scope, facts: Facts
) -> Typed:
    report = expressions.report
    whole: Typed | None = None
    if len(values) == 1 and isinstance(values[0], nodes.ListExpr):
        items = [expressions.resolve(v, scope, facts) for v in values[0].items]
    else:
        items = [expressions.resolve(v, scope, facts) for v in values]
        if len(items) == 1 and items[0].kind in ("array", "set"):
            whole = items[0]
            if name == "len" and (whole.kind == "set" or whole.prefix):
                assert whole.length is not None
                return Typed("number", expr.span, whole.length, integer=True)
            expressions.see(_work(name, whole), expr.span)
            items = list(whole.items)
        elif len(items) == 1 and name not in ("distinct", "min", "max"):
            raise report.error(
                WRONG_KIND,
                f"`{name}` needs a list",
                values[0].span,
                help=f"write {name}([{report.text(values[0].span)}])",
            )
    if whole is not None and whole.kind == "set" and name != "len":
        raise report.error(
            WRONG_KIND,
            f"`{name}` needs numbers",
            expr.span,
            note=f"`{report.text(values[0].span)}` is a subset",
            help=f"write len({report.text(values[0].span)}), the number of its values",
        )
    if name == "distinct" and len(items) > MAX_PAIRS:
        raise report.error(
            TOO_LARGE, f"`distinct` compares at most {MAX_PAIRS} values", values[0].span, help="use a permutation"
        )
    if whole is None and name in ("increasing", "decreasing"):
        expressions.see(len(items) * (len(items) - 1) // 2, expr.span)
    if whole is None and name in ("min", "max"):
        for item in items:
            if item.term is None:
                _terms(expressions, items)
        if not isinstance(values[0], nodes.ListExpr):
            return reduce(lambda a, b: expressions.arithmetic(name, (a, b), expr.span, facts), items)
    if whole is not None and whole.prefix and name in ("increasing", "decreasing"):
        typed = _neighbours(expressions, items, rising=name == "increasing", span=expr.span)
    elif whole is not None and not items and name in ("min", "max"):
        typed = Typed("number", expr.span, const(math.nan))
    else:
        typed = _OVER_LISTS[name](expressions, items, expr.span, facts)
    if whole is not None and whole.length is not None and bounds(whole.length, facts).unknown:
        # An array that is inactive as a whole is unknown, not empty.
        assert typed.term is not None
        return replace(typed, term=apply("if", apply("known", whole.length), typed.term, whole.length))
    return typed


def _work(name: str, whole: Typed) -> int:
    """How many elements, or pairs of them, a function over a whole array looks at."""
    count = len(whole.items)
    return count * (count - 1) // 2 if name in ("increasing", "decreasing") and not whole.prefix else count


def _neighbours(expressions: Expressions, items: list[Typed], *, rising: bool, span: Span) -> Typed:
    """Order of an array whose elements end at one place: neighbours say all."""
    parts = [
        apply("coalesce", apply("lt", a, b) if rising else apply("lt", b, a), const(1.0))
        for a, b in pairwise(_terms(expressions, items))
    ]
    return Typed("bool", span, total(parts or [const(1.0)], "and"))


def _arity(expressions: Expressions, expr: nodes.Call, n: int, *, at_least: bool = False) -> None:
    if len(expr.args) == n or (at_least and len(expr.args) > n):
        return
    raise expressions.report.error(
        UNKNOWN_FUNCTION,
        f"`{expr.function.text}` takes {counted(n, 'argument')}{' or more' if at_least else ''}, not {len(expr.args)}",
        expr.span,
        help=f"write {expr.function.text}(x)",
    )


# ---- functions over lists see the active elements only ------------------------------------------------


def _terms(expressions: Expressions, items: list[Typed]) -> list[Term]:
    terms = []
    for item in items:
        if item.term is None:
            raise expressions.report.error(
                WRONG_KIND,
                "a number is needed here",
                item.span,
                note=f"this is {item.described}",
                help="list numbers only",
            )
        terms.append(item.term)
    return terms


def _integer(items: list[Typed]) -> bool:
    return all(i.integer or i.kind == "bool" for i in items)


def _sum(expressions: Expressions, items: list[Typed], span: Span, facts: Facts) -> Typed:
    present = [apply("coalesce", t, const(0.0)) for t in _terms(expressions, items)]
    result = total([const(0.0), *present]) if len(present) < 3 else total(present)
    return Typed("number", span, result, _integer(items), continuous=any(i.continuous for i in items))


def _prod(expressions: Expressions, items: list[Typed], span: Span, facts: Facts) -> Typed:
    present = [apply("coalesce", t, const(1.0)) for t in _terms(expressions, items)]
    return Typed("number", span, total(present or [const(1.0)], "mul"), _integer(items))


def _len(expressions: Expressions, items: list[Typed], span: Span, facts: Facts) -> Typed:
    known = [apply("known", i.code if i.term is None and i.code is not None else i.term or const(1.0)) for i in items]
    return Typed("number", span, total(known or [const(0.0)]), integer=True)


def _extreme(op: str) -> Callable[[Expressions, list[Typed], Span, Facts], Typed]:
    def build(expressions: Expressions, items: list[Typed], span: Span, facts: Facts) -> Typed:
        terms = _terms(expressions, items)
        if not terms:
            raise expressions.report.error(
                WRONG_KIND,
                f"`{op}` of an empty list has no value",
                span,
                note="nothing to compare",
                help="list at least one number",
            )
        while len(terms) > 1:
            pairs = [_either(op, a, b) for a, b in zip(terms[::2], terms[1::2], strict=False)]
            terms = pairs + terms[len(pairs) * 2 :]
        return Typed("number", span, terms[0], _integer(items))

    return build


def _either(op: str, a: Term, b: Term) -> Term:
    """The more extreme of two numbers that are known, else the one that is."""
    return apply("coalesce", apply(op, a, b), apply("coalesce", a, b))


def _pairwise(op: str) -> Callable[[Expressions, list[Typed], Span, Facts], Typed]:
    def build(expressions: Expressions, items: list[Typed], span: Span, facts: Facts) -> Typed:
        if op == "ne":
            pairs = [apply("not", equal(expressions, a, b, facts, negated=True)) for a, b in combinations(items, 2)]
        else:
            terms = _terms(expressions, items)
            ordered = terms if op == "lt" else terms[::-1]
            pairs = [apply("lt", a, b) for a, b in combinations(ordered, 2)]
        # A pair with an inactive element says nothing.
        parts = [apply("coalesce", pair, const(1.0)) for pair in pairs]
        result = total(parts or [const(1.0)], "and")
        return Typed("bool", span, result)

    return build


_OVER_LISTS: dict[str, Callable[[Expressions, list[Typed], Span, Facts], Typed]] = {
    "sum": _sum,
    "prod": _prod,
    "len": _len,
    "min": _extreme("min"),
    "max": _extreme("max"),
    "increasing": _pairwise("lt"),
    "decreasing": _pairwise("gt"),
    "distinct": _pairwise("ne"),
}
