"""Parser callbacks for sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hpdsl.source import Span
from hpdsl.syntax import nodes
from hpdsl.syntax.expressions import unquoted
from hpdsl.syntax.findings import MODIFIER, NAME, NO_PRIOR, Slip
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

    @property
    def entries(self) -> tuple[nodes.Expr, ...] | None:
        """What stands between the brackets, None without brackets."""
        return None if self.index is None else self.index.parts


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


def parameter(parts: Parts) -> nodes.Parameter:
    """`name ~ prior modifiers`."""
    left, _, prior, *modifiers = parts
    given = once(modifiers)
    for m in modifiers:
        _no_suffix_inside(m)
    if isinstance(prior, nodes.Ordered) and left.index is None:
        help = f"write `{left.name}[n] ~ …` for an array of length n, or leave the word out"
        message = f"`{'increasing' if prior.rising else 'decreasing'}` orders the elements of an array"
        raise Slip(NO_PRIOR, message, prior.span, f"`{left.name}` is a single value", help)
    node = nodes.Parameter(
        left.name,
        left.span,
        prior,
        given.get("default"),
        given.get("when"),
        given.get("unit"),
        left.doc,
        span(parts),
        left.entries,
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


def derived(parts: Parts) -> nodes.Derived:
    """`name = expr modifiers`."""
    left, _, value, *modifiers = parts
    given = once(modifiers)
    for m in modifiers:
        if m.word == "default":
            help = f"write `{left.name} ~ …` for a parameter, or leave `default` out"
            raise Slip(MODIFIER, "a derived value has no default", m.span, "it always follows its expression", help)
    node = nodes.Derived(
        left.name, left.span, value, given.get("when"), given.get("unit"), left.doc, span(parts), left.entries
    )
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


def named_group(parts: Parts) -> nodes.Group:
    """`name { … }`, `name[n] { … }`."""
    left, body = parts[0], parts[1]
    if left.name in _OPERATOR_WORDS and not left.quoted:
        help = f"quote it in backticks; a block under a condition is `when … {{ }}`, not `{left.name}`"
        raise Slip(NAME, f"`{left.name}` is a reserved word", left.span, "can't name a group", help)
    guard = parts[2].value if len(parts) > 2 else None
    return bounded(nodes.Group(left.name, left.span, left.entries, body.parts, guard, left.doc, span(parts)))


def formal(parts: Parts) -> nodes.Formal:
    """`name` or `name = e` among a template's parameters."""
    return nodes.Formal(plain(parts[0]), parts[2] if len(parts) > 2 else None, span(parts))


def template(parts: Parts) -> nodes.Template:
    """`space name(formals) { … }`."""
    formals = parts[2].parts if len(parts) > 3 else ()
    return bounded(nodes.Template(plain(parts[1]), parts[1].span, formals, parts[-1].parts, span(parts)))


def use(parts: Parts) -> nodes.Use:
    """`use path(args) { … }`."""
    groups = [p for p in parts[2:] if isinstance(p, Group)]
    arguments = next((g.parts for g in groups if g.round), ())
    body = next((g.parts for g in groups if not g.round), ())
    return bounded(nodes.Use(parts[1], arguments, body, span(parts)))


def import_(parts: Parts) -> nodes.Import:
    """`import "f.hp" as n`."""
    return nodes.Import(unquoted(parts[1]), parts[1].span, plain(parts[3]) if len(parts) > 3 else None, span(parts))


def given(parts: Parts) -> nodes.Given:
    """`given n in lo .. hi = e unit u`."""
    within = next((p.value for p in parts if isinstance(p, Suffix) and p.word == "in"), None)
    unit = next((p.value for p in parts if isinstance(p, Suffix) and p.word == "unit"), None)
    value = next(
        (p for k, p in enumerate(parts) if k and isinstance(parts[k - 1], Token) and parts[k - 1].text == "="), None
    )
    return bounded(nodes.Given(plain(parts[1]), parts[1].span, within, value, unit, parts[0].doc, span(parts)))


def assertion(parts: Parts) -> nodes.Assert:
    """`assert e : "msg"`."""
    return bounded(nodes.Assert(parts[1], parts[2].value if len(parts) > 2 else None, span(parts)))


def correlate(parts: Parts) -> nodes.Correlate:
    """`correlate a, b = e by method()`."""
    at = next(k for k, p in enumerate(parts) if isinstance(p, Token) and p.text == "=")
    members = tuple([p for p in parts[:at] if isinstance(p, (nodes.Path, nodes.Index))])
    value = parts[at + 1]
    method = parts[at + 3] if len(parts) > at + 3 else None
    if method is not None and parts[at + 4].parts:
        message = f"`{method.text}` takes no arguments"
        raise Slip(NO_PRIOR, message, parts[at + 4].span, "nothing belongs here", f"write `by {method.text}()`")
    return bounded(nodes.Correlate(members, value, method and method.text, method and method.span, span(parts)))


# ---- the experiment ---------------------------------------------------------------------------------


def fidelity(parts: Parts) -> nodes.Fidelity:
    """`fidelity name = lo .. hi by e cost e unit u`."""
    words = {p.text: parts[k + 1] for k, p in enumerate(parts) if k > 2 and isinstance(p, Token) and k + 1 < len(parts)}
    unit = parts[-1].value if isinstance(parts[-1], Suffix) else None
    return bounded(
        nodes.Fidelity(
            plain(parts[1]),
            parts[1].span,
            parts[3],
            words.get("by"),
            words.get("cost"),
            unit,
            parts[0].doc,
            span(parts),
        )
    )


def objective(parts: Parts) -> nodes.Objective:
    """`minimize name`, `maximize name`."""
    return nodes.Objective(parts[0].text == "maximize", plain(parts[1]), span(parts))


def subject(parts: Parts) -> nodes.Subject:
    """`subject to name op e`."""
    return bounded(nodes.Subject(plain(parts[2]), parts[2].span, parts[3].text, parts[4], span(parts)))


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
    "formal": formal,
    "use": use,
    "assertion": assertion,
    "correlate": correlate,
    "subject": subject,
    "given": given,
    "fidelity": fidelity,
    "import_": import_,
    "objective": objective,
    "assign": assign,
    "attempt": attempt,
}
