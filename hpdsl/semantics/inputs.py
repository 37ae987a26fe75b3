"""The value of a `given` input: from the caller, else what the file says."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpdsl.semantics.report import GIVEN
from hpdsl.semantics.scopes import Alias
from hpdsl.semantics.typed import Typed, number, show
from hpdsl.syntax import nodes
from hpdsl.terms import const

if TYPE_CHECKING:
    from hpdsl.semantics.resolver import Resolver


# Other values of one input that are tried.
_MOST = 12
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\w)")
_TEXT = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'")


def given_value(resolver: Resolver, alias: Alias) -> Typed:
    """The typed constant of an input; reported where there is none, or where it is out of range."""
    node, scope = alias.node, alias.scope
    assert node is not None and scope is not None
    table, report = resolver.table, resolver.report
    if scope is table.root and alias.name in table.given:
        typed = _typed(table.given[alias.name], node)
        if typed is None:
            value = table.given[alias.name]
            raise report.error(
                GIVEN,
                f"`{alias.name}` can't be {value!r}",
                node.name_span,
                note="a number, true, false or a text is needed",
                help=f"load it with such a value: {alias.name}=32",
            )
    elif node.value is not None:
        typed = resolver.expressions.resolve(node.value, scope, {})
        if typed.kind not in ("atom",) and (typed.term is None or typed.term.constant is None):
            raise report.error(
                GIVEN,
                f"the value of `{alias.name}` must be a constant",
                node.value.span,
                note="an input is fixed before anything is drawn",
                help=f"write a number, or derive it: {alias.name} = …, without `given`",
            )
    else:
        reach = f" in {report.text(node.within.span)}" if node.within is not None else ""
        raise report.error(
            GIVEN,
            f"the input `{alias.name}` has no value",
            node.span,
            note="nothing fills it",
            help=f"write a value here, `given {alias.name}{reach} = …`, or pass one: load(…, {alias.name}=…), "
            f"on the command line --given {alias.name}=…",
        )
    _within(resolver, alias, typed)
    return typed


def _typed(value: object, node: nodes.Given) -> Typed | None:
    if isinstance(value, (bool,)) or type(value).__name__ in ("bool_", "bool"):
        return Typed("bool", node.name_span, const(1.0 if value else 0.0))
    if isinstance(value, str):
        return Typed("atom", node.name_span, labels=(value,))
    if isinstance(value, numbers.Real):
        try:
            x = float(value)
        except OverflowError:
            return None
        if math.isfinite(x):
            return Typed("number", node.name_span, const(x), integer=x == math.floor(x))
    return None


def _within(resolver: Resolver, alias: Alias, typed: Typed) -> None:
    node, scope = alias.node, alias.scope
    assert node is not None and scope is not None
    if node.within is None:
        return
    if typed.term is None or typed.term.constant is None:
        raise resolver.report.error(
            GIVEN,
            f"`{alias.name}` must be a number within its range",
            node.name_span,
            note=f"this is {typed.described}",
            help="give it a number, or drop the range",
        )
    x = typed.term.constant
    ends = []
    for edge in (node.within.lo, node.within.hi):
        term = resolver.expressions.number(edge, scope, {}).term if edge is not None else None
        ends.append(None if term is None else term.constant)
    lo, hi = ends
    if (lo is not None and x < lo) or (hi is not None and x > hi):
        low, high = (show(e) if e is None else number(e) for e in ends)
        at = node.value if node.value is not None and alias.name not in resolver.table.given else node.within
        nearest = lo if lo is not None and x < lo else hi
        raise resolver.report.error(
            GIVEN,
            f"`{alias.name}` = {number(x)} is outside its range",
            at.span,
            note=f"it lies in {low if lo is not None else ''} .. {high if hi is not None else ''}",
            help=f"give it {number(nearest if nearest is not None else x)}, or widen the range",
        )


def others(typed: Typed, ends: tuple[float | None, float | None], text: str) -> Sequence[float | str | bool]:
    """Other values of an input, on all of which a remark about the space must hold.

    These are the ends of its range, and what the file may compare it with: the numbers (or texts) written in it.
    """
    if typed.kind == "bool":
        return [typed.term is not None and typed.term.constant == 0.0]
    if typed.kind == "atom":
        texts = dict.fromkeys([a or b for a, b in _TEXT.findall(text)])
        # Some other text, and a number where nothing is the value.
        more: list[float | str | bool] = [1.0] if typed.labels == (None,) else []
        return [*more, f"not {typed.labels[0]}", *[t for t in texts if t not in typed.labels][:_MOST]]
    if typed.kind != "number" or typed.term is None or typed.term.constant is None:
        return []
    low, high = (-math.inf if ends[0] is None else ends[0]), (math.inf if ends[1] is None else ends[1])
    written = [float(x) for x in dict.fromkeys(_NUMBER.findall(text))]
    near = [x for n in written for x in (n, n + 1.0, n - 1.0)]
    value = typed.term.constant
    found = dict.fromkeys([x for x in ends if x is not None] + sorted(near, key=lambda x: abs(x - value)))
    fine = [x for x in found if low <= x <= high and math.isfinite(x) and (x == math.floor(x) or not typed.integer)]
    return [x for x in fine if x != value][:_MOST]


def ranged(resolver: Resolver, alias: Alias) -> dict[str, tuple[float | None, float | None]]:
    """The constant ends of an input's range under its name; empty where it has none."""
    if alias.node is None or alias.node.within is None or alias.scope is None:
        return {}
    ends = []
    for edge in (alias.node.within.lo, alias.node.within.hi):
        term = resolver.expressions.number(edge, alias.scope, {}).term if edge is not None else None
        ends.append(None if term is None else term.constant)
    return {alias.name: (ends[0], ends[1])}
