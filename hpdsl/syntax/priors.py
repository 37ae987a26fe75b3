"""Parser callbacks for what stands to the right of `~`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpdsl.syntax import nodes
from hpdsl.syntax.findings import NO_PRIOR, Slip
from hpdsl.syntax.parts import Group, Parts, Suffix, Weight, group, listed, once, plain, span
from hpdsl.syntax.tokens import Token


def suffix(parts: Parts) -> Suffix:
    """`in lo .. hi`, `step q`."""
    return Suffix(parts[0].text, parts[1], span(parts))


def distribution(parts: Parts) -> nodes.Prior:
    """`[int] name(args) [in lo .. hi] [step q]`."""
    integer = isinstance(parts[1], Token)
    name: Token = parts[1] if integer else parts[0]
    arguments: Group = parts[2] if integer else parts[1]
    if name.text == "choice" and not integer:
        help = "write, for example, increasing int uniform(1, 10)"
        raise Slip(NO_PRIOR, "a `choice` has no order to draw its values in", parts[0].span, "no numeric law", help)
    if name.text == "choice":
        help = "write `int` before the priors inside, as in choice(0, int loguniform(1, 64))"
        raise Slip(NO_PRIOR, "`choice` takes no `int`", parts[0].span, "not before a choice", help)
    given = once(parts[3 if integer else 2 :])
    return nodes.Prior(name.text, name.span, arguments.parts, integer, given.get("in"), given.get("step"), span(parts))


def ordered(parts: Parts) -> nodes.Ordered:
    """`increasing prior`, `decreasing prior`."""
    return nodes.Ordered(parts[0].text == "increasing", parts[1], span(parts))


def weight(parts: Parts) -> Weight:
    """`: e`."""
    return Weight(parts[1], span(parts))


def item(parts: Parts) -> nodes.Item:
    """One item of `choice( )`: a value or a prior, with its weight."""
    given = None
    if isinstance(parts[-1], Weight):
        *parts, last = parts
        given = last.value
    value: nodes.Expr | nodes.Prior = distribution(parts) if isinstance(parts[0], Token) else _valued(parts)
    return nodes.Item(value, given, value.span if given is None else value.span.to(given.span))


def _valued(parts: Parts) -> nodes.Expr | nodes.Prior:
    """A value; or a prior with suffixes, of which `f(a, b) in 0 .. 1` reads as a comparison at first."""
    value, suffixes = parts[0], parts[1:]
    if isinstance(value, nodes.Compare) and value.ops == ("in",) and isinstance(value.operands[1], nodes.Range):
        value, within = value.operands
        suffixes = [Suffix("in", within, within.span), *suffixes]
    if not suffixes:
        return parts[0]  # type: ignore[no-any-return] # an expression, by the grammar
    if not isinstance(value, nodes.Call) or len(value.function.parts) > 1:
        message = f"`{suffixes[0].word}` belongs to a prior"
        raise Slip(NO_PRIOR, message, value.span, "this is no prior", "write it like uniform(0, 1) step 0.1")
    return _from_call(value, suffixes)


def _from_call(call: nodes.Call, suffixes: Sequence[Suffix]) -> nodes.Prior:
    given = once(suffixes)
    where = call.span.to(suffixes[-1].span)
    name = call.function
    return nodes.Prior(name.text, name.span, call.args, False, given.get("in"), given.get("step"), where)


def choice(parts: Parts) -> nodes.Choice:
    """`choice(a, b: 2)`."""
    return nodes.Choice(listed(parts), span(parts))


def union(parts: Parts) -> nodes.Union:
    """`choice { a { … } b }`."""
    return nodes.Union(listed(parts), span(parts))


def branch(parts: Parts) -> nodes.Branch:
    """`label[: weight] [{ … }]`."""
    given: Any = next((p.value for p in parts if isinstance(p, Weight)), None)
    body: Any = next((p.parts for p in parts if isinstance(p, Group)), ())
    return nodes.Branch(plain(parts[0]), parts[0].span, given, body, span(parts))


CALLBACKS = {
    "arguments": group,
    "within": suffix,
    "step": suffix,
    "distribution": distribution,
    "ordered": ordered,
    "weight": weight,
    "item": item,
    "choice": choice,
    "union": union,
    "branch": branch,
}
