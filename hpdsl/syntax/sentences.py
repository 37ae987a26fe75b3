"""Parser callbacks for sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hpdsl.source import Span
from hpdsl.syntax import nodes
from hpdsl.syntax.expressions import unquoted
from hpdsl.syntax.findings import MODIFIER, NAME, Slip
from hpdsl.syntax.parts import Group, Parts, Suffix, bounded, group, once, plain, span
from hpdsl.syntax.tokens import Token

_OPERATOR_WORDS = frozenset({"and", "or", "not", "in", "if", "else"})


@dataclass(frozen=True, slots=True)
class Declared:
    """The left side of a sentence: its name, and what stands in [ ] after it."""

    name: str
    index: Group | None
    quoted: bool
    doc: str
    span: Span


def declared(parts: Parts) -> Declared:
    """`name`, `name[n]`, `name[a, b]`."""
    index = parts.pop() if isinstance(parts[-1], Group) else None
    name = plain(parts[0])
    if len(parts) > 1:
        whole = ".".join(plain(t) for t in parts[::2])
        help = f"declare `{plain(parts[-1])}` inside the block of `{name}`, or quote the whole name in backticks"
        raise Slip(NAME, f"`{whole}` can't be declared from outside", span(parts), "a new name has no dots", help)
    return Declared(name, index, parts[0].type == "QUOTED", parts[0].doc, parts[0].span)


# ---- the three sentences ----------------------------------------------------------------------------


def modifier(parts: Parts) -> Suffix:
    """`default e`, `when e`."""
    return Suffix(parts[0].text, parts[1], span(parts))


def unit(parts: Parts) -> Suffix:
    """`unit u`."""
    text = unquoted(parts[1]) if parts[1].type == "STRING" else plain(parts[1])
    return Suffix("unit", text, span(parts))


def parameter(parts: Parts) -> nodes.Parameter | nodes.Later:
    """`name ~ prior modifiers`."""
    left, _, prior, *modifiers = parts
    given = once(modifiers)
    for m in modifiers:
        _no_suffix_inside(m)
    if left.index is not None:
        return _array(left, span(parts))
    node = nodes.Parameter(
        left.name, left.span, prior, given.get("default"), given.get("when"), given.get("unit"), left.doc, span(parts)
    )
    return bounded(node)


def _no_suffix_inside(m: Suffix) -> None:
    """`default 0.5 in 0 .. 1` reads as a comparison, and is never meant."""
    value = m.value
    if m.word == "default" and isinstance(value, nodes.Compare) and isinstance(value.operands[-1], nodes.Range):
        message = "`in` belongs to the prior, before `default`"
        where = Span(value.operands[-1].span.start, value.span.end)
        raise Slip(
            MODIFIER, message, where, "a truncation in the wrong place", "write it as ~ prior in lo .. hi default e"
        )


def _array(left: Declared, where: Span) -> nodes.Later:
    assert left.index is not None
    several = len(left.index.parts) > 1
    what = f"a vector with labels (`{left.name}[a, b]`)" if several else f"an array (`{left.name}[n]`)"
    return nodes.Later(what, where, (left.name,))


def derived(parts: Parts) -> nodes.Derived | nodes.Later:
    """`name = expr modifiers`."""
    left, _, value, *modifiers = parts
    given = once(modifiers)
    for m in modifiers:
        if m.word == "default":
            help = f"write `{left.name} ~ …` for a parameter, or leave `default` out"
            raise Slip(MODIFIER, "a derived value has no default", m.span, "it always follows its expression", help)
    if left.index is not None:
        return _array(left, span(parts))
    node = nodes.Derived(left.name, left.span, value, given.get("when"), given.get("unit"), left.doc, span(parts))
    return bounded(node)


def message(parts: Parts) -> Suffix:
    """`: "text"`."""
    return Suffix(":", unquoted(parts[1]), span(parts))


def require(parts: Parts) -> nodes.Require:
    """`require e`, `forbid e`."""
    text = parts[2].value if len(parts) > 2 else None
    return bounded(nodes.Require(parts[1], parts[0].text == "forbid", text, span(parts)))


# ---- blocks -----------------------------------------------------------------------------------------


def when(parts: Parts) -> nodes.When:
    """`when e { … } [else { … } | else when …]`."""
    orelse: tuple[Any, ...] = ()
    if len(parts) > 3:
        orelse = parts[4].parts if isinstance(parts[4], Group) else (parts[4],)
    return bounded(nodes.When(parts[1], parts[2].parts, orelse, span(parts)))


def named_group(parts: Parts) -> nodes.Later:
    """`name { … }`, `name[n] { … }`."""
    left = parts[0]
    if left.name in _OPERATOR_WORDS and not left.quoted:
        help = f"quote it in backticks; a block under a condition is `when … {{ }}`, not `{left.name}`"
        raise Slip(NAME, f"`{left.name}` is a reserved word", left.span, "can't name a group", help)
    what = "a group" if left.index is None else "an array of groups"
    return nodes.Later(f"{what} (`{left.name} {{ }}`)", span(parts), (left.name,))


def template(parts: Parts) -> nodes.Later:
    """`space N(args) { … }`; what its body declares may be used wherever the template is."""
    return nodes.Later("`space`", span(parts), (plain(parts[1]), *_names(parts[-1].parts)))


def _names(sentences: tuple[Any, ...]) -> tuple[str, ...]:
    names: list[str] = []
    for s in sentences:
        match s:
            case nodes.Parameter() | nodes.Derived():
                names.append(s.name)
            case nodes.When():
                names.extend(_names(s.body + s.orelse))
            case nodes.Later():
                names.extend(s.names)
    return tuple(names)


# ---- sentences of a later version -------------------------------------------------------------------


def later(parts: Parts) -> nodes.Later:
    """A sentence that declares nothing: `use`, `assert`, `correlate`, `subject to`."""
    word = "subject to" if parts[0].text == "subject" else parts[0].text
    return nodes.Later(f"`{word}`", span(parts))


def later_name(parts: Parts) -> nodes.Later:
    """`given n …`, `fidelity n = …`."""
    return nodes.Later(f"`{parts[0].text}`", span(parts), (plain(parts[1]),))


def import_(parts: Parts) -> nodes.Later:
    """`import "f.hp" as n`."""
    return nodes.Later("`import`", span(parts), (plain(parts[3]),) if len(parts) > 3 else ())


# ---- the experiment ---------------------------------------------------------------------------------


def objective(parts: Parts) -> nodes.Objective | nodes.Later:
    """`minimize name`, `maximize name`."""
    if len(parts) > 2:
        return nodes.Later(f"`until` after `{parts[0].text}`", span(parts))
    return nodes.Objective(parts[0].text == "maximize", plain(parts[1]), span(parts))


def assign(parts: Parts) -> nodes.Assign:
    """`path = e`."""
    return nodes.Assign(parts[0], parts[2], span(parts))


def attempt(parts: Parts) -> nodes.Try:
    """`try { a = 1, b.c = 2 }`."""
    inside = tuple([p for p in parts if not isinstance(p, Token)])
    return bounded(nodes.Try(inside, span(parts)))


def start(parts: Parts) -> nodes.Sentence:
    """One outermost sentence."""
    sentence: nodes.Sentence = parts[0]
    return sentence


CALLBACKS = {
    "start": start,
    "block": group,
    "declared": declared,
    "index": group,
    "default": modifier,
    "guard": modifier,
    "unit": unit,
    "parameter": parameter,
    "derived": derived,
    "message": message,
    "require": require,
    "when": when,
    "group": named_group,
    "template": template,
    "parameters": group,
    "formal": group,
    "use": later,
    "assertion": later,
    "correlate": later,
    "subject": later,
    "given": later_name,
    "fidelity": later_name,
    "import_": import_,
    "objective": objective,
    "assign": assign,
    "attempt": attempt,
}
