"""Written values: the constant after `default` or in `try`, as columns of the parameter it is for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpdsl.priors.items import Items, Range
from hpdsl.semantics.labels import label_index
from hpdsl.semantics.model import Dist
from hpdsl.semantics.report import BAD_DEFAULT, AbandonedError
from hpdsl.semantics.scopes import Alias, Scope
from hpdsl.semantics.typed import Typed, number, show
from hpdsl.syntax import nodes
from hpdsl.terms import const

if TYPE_CHECKING:
    from hpdsl.semantics.distributions import Priors
    from hpdsl.semantics.resolver import Resolver

Written = tuple[float | None, float | None]


def literal(resolver: Resolver, expr: nodes.Expr, dist: Dist, priors: Priors, name: str) -> Written:
    """The (value, code) of a written constant; reported where the prior can't deliver it."""
    if isinstance(dist, Items):
        return _item(resolver, expr, dist, priors, name)
    return _number(resolver, expr, dist, priors, name), None


def _number(resolver: Resolver, expr: nodes.Expr, dist: Dist, priors: Priors, name: str) -> float:
    assert not isinstance(dist, Items)
    typed = resolver.expressions.number(expr, priors.scope, priors.facts)
    assert typed.term is not None
    x = typed.term.constant
    if x is None or not math.isfinite(x):
        raise _refused(resolver, expr, f"a written value of `{name}` must be a constant", "write a number")
    inside = dist.contains(const(x)).constant
    if inside == 0.0:
        hull = dist.hull(priors.facts)
        reach = f"{number(hull.lo)} .. {number(hull.hi)}"
        if hull.lo <= x <= hull.hi:
            rule = "the prior never gives this value"
        else:
            rule = f"the prior reaches {reach} only"
        near = number(min(max(x, hull.lo), hull.hi)) if not hull.lo <= x <= hull.hi else _point(dist, x)
        raise _refused(resolver, expr, f"{number(x)} is outside the range of `{name}`", f"write {near}", rule)
    return x


def _point(dist: Dist, x: float) -> str:
    """The nearest value a prior can give, where it is near in sight."""
    assert not isinstance(dist, Items)
    powers = (2.0**k for k in (math.floor(math.log2(x)), math.ceil(math.log2(x)))) if x > 0.0 else ()
    near = [v for v in (math.floor(x), math.ceil(x), *powers) if dist.contains(const(float(v))).constant == 1.0]
    return number(min(near, key=lambda v: abs(v - x))) if near else "one of its points"


def _item(resolver: Resolver, expr: nodes.Expr, dist: Items, priors: Priors, name: str) -> Written:
    report = resolver.report
    scope = priors.scope
    named = _alias(expr, scope, dist)
    while named is not None and named.expr is not None and named.scope is not None and named.node is None:
        # A template's argument, which may be a label.
        named.used = True
        expr, scope = named.expr, named.scope
        named = _alias(expr, scope, dist)
    if isinstance(expr, nodes.Path) and named is None:
        wanted: object = expr.text
    else:
        typed = resolver.expressions.resolve(expr, scope, priors.facts)
        wanted = _constant(typed)
        if wanted is None and typed.kind != "atom":
            raise _refused(resolver, expr, f"a written value of `{name}` must be a constant", "write one of its values")
    code, value = None, None
    for k, item in enumerate(dist.items):
        if isinstance(item, Range) or isinstance(item, bool) != isinstance(wanted, bool):
            continue
        if item == wanted and isinstance(item, str) == isinstance(wanted, str):
            code = float(k)
            break
    if code is not None:
        fixed = dist.fixed_weights()
        if fixed is not None and fixed[int(code)] == 0.0:
            raise _refused(
                resolver, expr, f"`{show(wanted)}` has weight 0", f"give it a weight, or write {_another(dist, fixed)}"
            )
        at = dist.values[int(code)]
        value = None if math.isnan(at) else at
    elif isinstance(wanted, float):
        for k, item in enumerate(dist.items):
            if isinstance(item, Range) and item.dist.contains(const(wanted)).constant != 0.0:
                code, value = float(k), wanted
                break
    if code is None:
        label_index(report, Typed("label", expr.span, labels=dist.items), wanted, expr.span)
    return (value if not dist.coded or dist.ranged else None), (code if dist.coded else None)


def _alias(expr: nodes.Expr, scope: Scope, dist: Items) -> Alias | None:
    """The input or argument that a bare name stands for, unless it is a label."""
    if not isinstance(expr, nodes.Path) or len(expr.parts) != 1 or expr.parts[0] in dist.items:
        return None
    found = scope.find(expr.parts[0])
    return found if isinstance(found, Alias) else None


def _another(dist: Items, weights: Sequence[float]) -> str:
    """An alternative that can be chosen."""
    possible = (k for k, w in enumerate(weights) if w > 0.0)
    item = dist.items[next(possible)]
    return "a value in its range" if isinstance(item, Range) else show(item)


def _constant(typed: Typed) -> object:
    if typed.kind == "atom":
        return typed.labels[0]
    if typed.term is None or typed.term.constant is None:
        return None
    return bool(typed.term.constant) if typed.kind == "bool" else typed.term.constant


def _refused(resolver: Resolver, expr: nodes.Expr, message: str, help: str, note: str = "") -> AbandonedError:
    return resolver.report.error(BAD_DEFAULT, message, expr.span, note=note, help=help)
