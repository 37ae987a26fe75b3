"""`choice`, `bool` and `ordinal` of the AST to `Items`."""

from __future__ import annotations

import math
from itertools import pairwise

from hpdsl.diagnostics import Label
from hpdsl.intervals import bounds
from hpdsl.priors.items import Atom, Items, Range
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.table import DISCRETE, NUMERIC
from hpdsl.semantics.distributions import Priors
from hpdsl.semantics.report import (
    ARGUMENT_VALUE,
    BAD_CHOICE,
    PRIOR_ARGUMENTS,
    TOO_LARGE,
    WANTS_ORDINAL,
    WRONG_KIND,
)
from hpdsl.semantics.typed import number, show
from hpdsl.source import Span
from hpdsl.syntax import nodes
from hpdsl.terms import Term, const

MAX_ITEMS = 10_000
# Each range nests the expression for the value one level deeper.
MAX_RANGES = 100
ONE = const(1.0)


def choice(priors: Priors, node: nodes.Choice) -> Items:
    """The distribution of `choice(…)`."""
    report = priors.report
    if len(node.items) > MAX_ITEMS:
        raise report.error(
            TOO_LARGE,
            f"a choice of {len(node.items)} items; the limit is {MAX_ITEMS}",
            node.span,
            help="use a range",
        )
    n_ranges = sum(isinstance(i.value, nodes.Prior | nodes.Call) for i in node.items)
    if n_ranges > MAX_RANGES:
        raise report.error(
            TOO_LARGE, f"a choice of {n_ranges} ranges; the limit is {MAX_RANGES}", node.span, help="use one wide range"
        )
    items: list[Atom | Range] = []
    seen: dict[tuple[type, object], Span] = {}
    for item in node.items:
        value = _item(priors, item)
        items.append(value)
        if isinstance(value, Range):
            continue
        key = (float if isinstance(value, int) and not isinstance(value, bool) else type(value), value)
        if key in seen:
            rest = (i for i in node.items if i is not item)
            once = (f"{show(value)}: 2" if i.span == seen[key] else report.text(i.span) for i in rest)
            report.error(
                BAD_CHOICE,
                f"`{show(value)}` stands twice in one choice",
                item.span,
                note="again here",
                labels=(Label(seen[key], "first here"),),
                help=f"write it once, with a weight: choice({', '.join(once)})",
            )
        seen[key] = item.span
    result = Items(tuple(items), weights(priors, [i.weight for i in node.items], node.span))
    _hint_ordinal(priors, node, result)
    return result


def union(priors: Priors, node: nodes.Union) -> Items:
    """The distribution of a tagged union's branch."""
    labels = tuple(b.label for b in node.branches)
    return Items(labels, weights(priors, [b.weight for b in node.branches], node.span))


def weights(priors: Priors, exprs: list[nodes.Expr | None], span: Span) -> tuple[Term, ...]:
    """The weights of alternatives, 1 where none is written."""
    terms = []
    for expr in exprs:
        if expr is None:
            terms.append(ONE)
            continue
        term = priors.argument(expr).term
        assert term is not None
        reach = bounds(term, priors.facts)
        if reach.lo < 0.0 or math.isinf(reach.hi):
            raise priors.report.error(
                ARGUMENT_VALUE,
                "a weight must be a finite number, 0 or more",
                expr.span,
                note=f"this lies in {number(reach.lo)} .. {number(reach.hi)}",
                help="write a weight such as 2, or leave it out for 1",
            )
        terms.append(term)
    if all(t.constant == 0.0 for t in terms):
        raise priors.report.error(
            ARGUMENT_VALUE,
            "every weight is 0",
            span,
            note="nothing can be chosen",
            help="give one item a weight",
        )
    return tuple(terms)


def boolean(priors: Priors, prior: nodes.Prior) -> Items:
    """The distribution of `bool(p)`, true with probability p."""
    plain(priors, prior)
    if len(prior.args) > 1 or any(a.name not in (None, "p") for a in prior.args):
        raise priors.report.error(
            PRIOR_ARGUMENTS,
            "`bool` takes one argument, the probability of true",
            prior.span,
            help="write bool(0.5)",
        )
    p = const(0.5)
    if prior.args:
        expr = prior.args[0].value
        term = priors.argument(expr).term
        assert term is not None
        p = term
        reach = bounds(p, priors.facts)
        if reach.lo < 0.0 or reach.hi > 1.0:
            raise priors.report.error(
                ARGUMENT_VALUE,
                "a probability lies between 0 and 1",
                expr.span,
                note=f"this lies in {number(reach.lo)} .. {number(reach.hi)}",
                help="write, for example, bool(0.5)",
            )
    return Items((False, True), (1.0 - p, p))


def ordinal(priors: Priors, prior: nodes.Prior) -> Items:
    """The distribution of `ordinal(a, b, c)`: equally likely, in their order."""
    plain(priors, prior)
    report = priors.report
    if len(prior.args) < 1 or any(a.name is not None for a in prior.args):
        raise report.error(
            PRIOR_ARGUMENTS, "`ordinal` takes a list of values", prior.span, help="write ordinal(1, 2, 5)"
        )
    if len(prior.args) > MAX_ITEMS:
        raise report.error(
            TOO_LARGE,
            f"an ordinal of {len(prior.args)} values; the limit is {MAX_ITEMS}",
            prior.span,
            help="use a range",
        )
    values = [atom(priors, a.value) for a in prior.args]
    numbers = [v for v in values if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if len(numbers) not in (0, len(values)):
        raise report.error(
            BAD_CHOICE,
            "an ordinal mixes numbers and labels",
            prior.span,
            help="use numbers only, or labels only",
        )
    rising = all(a < b for a, b in pairwise(numbers))
    falling = all(a > b for a, b in pairwise(numbers))
    if numbers and not (rising or falling):
        ordered = ", ".join(show(v) for v in sorted(set(numbers)))
        raise report.error(
            BAD_CHOICE,
            "the values of an ordinal must stand in order",
            prior.span,
            note="neither rising nor falling",
            help=f"write ordinal({ordered})",
        )
    if not numbers and len(set(values)) < len(values):
        raise report.error(BAD_CHOICE, "a label stands twice in one ordinal", prior.span, help="write each label once")
    return Items(tuple(values), (ONE,) * len(values), ordered=True)


def plain(priors: Priors, prior: nodes.Prior) -> None:
    """Refuse `int`, `step` and `in` where listed values leave them no meaning."""
    for present, word in (
        (prior.integer, "int"),
        (prior.step is not None, "step"),
        (prior.within is not None, "in"),
    ):
        if present:
            raise priors.report.error(
                PRIOR_ARGUMENTS,
                f"`{word}` does not apply to `{prior.name}`",
                prior.span,
                note="its values are listed already",
                help=f"remove `{word}`, and list just the values you want",
            )


def _item(priors: Priors, item: nodes.Item) -> Atom | Range:
    value = item.value
    if isinstance(value, nodes.Call) and (value.function.text in NUMERIC or value.function.text in DISCRETE):
        value = nodes.Prior(value.function.text, value.function.span, value.args, False, None, None, value.span)
    if isinstance(value, nodes.Prior):
        if value.name in DISCRETE:
            listed = ", ".join(priors.report.text(a.span) for a in value.args)
            raise priors.report.error(
                BAD_CHOICE,
                f"`{value.name}` can't be an item of a choice",
                value.span,
                note="a range is needed here",
                help=f"list its values as items of their own: {listed}",
            )
        dist = priors.numeric(value)
        assert isinstance(dist, Numeric)
        return Range(dist)
    return atom(priors, value)


def atom(priors: Priors, expr: nodes.Expr) -> Atom:
    """A label (a bare name, always) or a constant."""
    if isinstance(expr, nodes.Path):
        return expr.text
    if isinstance(expr, (nodes.String, nodes.Constant)):
        return expr.value
    if isinstance(expr, nodes.Number):
        return expr.value
    if isinstance(expr, (nodes.ListExpr, nodes.Range)):
        raise priors.report.error(
            WRONG_KIND,
            "an item must be a label, a value or a prior",
            expr.span,
            help="write, for example, `choice(a, 0, int uniform(1, 4))`",
        )
    x = priors.constant(expr, "an item")
    whole = x == math.floor(x) and priors.resolver.expressions.number(expr, priors.scope, priors.facts).integer
    return int(x) if whole else x


def _hint_ordinal(priors: Priors, node: nodes.Choice, items: Items) -> None:
    numbers = items.values
    fixed = items.fixed_weights()
    if not items.numeric or len(numbers) < 3 or fixed is None or len(set(fixed)) > 1:
        return
    if all(a < b for a, b in pairwise(numbers)):
        listed = ", ".join(show(i) for i in items.items)
        priors.report.warning(
            WANTS_ORDINAL,
            "a choice of rising numbers forgets their order",
            node.span,
            note="a model can't tell that neighbours are alike",
            help=f"write ordinal({listed})",
        )
