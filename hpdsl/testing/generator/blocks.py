"""Blocks: groups, arrays of groups, tagged unions, `when` and `else`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from hpdsl.testing.generator import names
from hpdsl.testing.generator.collections import length
from hpdsl.testing.generator.expressions import conditions
from hpdsl.testing.generator.laws import laws
from hpdsl.testing.generator.names import fresh, pick, rarely, spelled
from hpdsl.testing.generator.parameters import modified, number_of, weights
from hpdsl.testing.generator.scope import Scope, Symbol
from hpdsl.testing.generator.values import OPEN, UNKNOWN, Value, inverted

Body = Callable[[Scope], st.SearchStrategy[list[str]]]


def braced(draw: st.DrawFn, sentences: list[str]) -> str:
    """Sentences between braces, on one line where that is possible and chosen."""
    if not sentences:
        return "{ }"
    flat = "; ".join(sentences)
    if "\n" not in flat and "#" not in flat and len(flat) < 90 and rarely(draw, 3):
        return f"{{ {flat} }}"
    lines = "\n".join("  " + line if line else "" for s in sentences for line in s.split("\n"))
    return f"{{\n{lines}\n}}"


def group(draw: st.DrawFn, scope: Scope, body: Body) -> str:
    """A group, or an array of groups."""
    name = fresh(draw, scope, opens=True)
    if rarely(draw, 3) and scope.times == 1:
        return _groups(draw, scope, body, name)
    condition = draw(conditions(scope, 1)) if rarely(draw, 6) else None
    guard, live = scope.guarded(condition)
    inner = scope.inner(guard=guard, live=live)
    text = braced(draw, draw(body(inner)))
    _export(scope, inner.own, name)
    return f"{name} {text}" + (f" when {condition.text}" if condition else "")


def _groups(draw: st.DrawFn, scope: Scope, body: Body, name: str) -> str:
    n = length(draw, scope, 1)
    index = Value("index", lo=0.0, hi=n.hi - 1, whole=True, at=OPEN)
    inner = scope.inner(index=index, times=max(int(n.hi), 1))
    if n.lo < 1:
        inner.live, inner.guard = None, (*scope.guard, scope.world.condition())
    text = braced(draw, draw(body(inner)))
    if n.lo >= 1:
        _export(scope, inner.own, f"{name}[0]")
    return f"{name}[{n.text}] {text}"


def _export(scope: Scope, symbols: list[Symbol], name: str) -> None:
    """Make what a group declares readable from outside; elements of arrays can be neither tried nor correlated."""
    single = "[" not in name
    for s in symbols:
        scope.own.append(replace(s, path=f"{name}.{s.path}", drawn=s.drawn and single, rankable=s.rankable and single))


def union(draw: st.DrawFn, scope: Scope, body: Body) -> str:
    """A tagged union; what a branch declares is read through the union's name."""
    name = fresh(draw, scope, opens=True)
    labels = [str(x) for x in names.several(draw, names.LABELS[:8], 1 if rarely(draw) else 2, 3)]
    words = [x if x.isidentifier() else f"`{x}`" for x in labels]
    shares = weights(draw, scope, len(labels), zero=False)
    at = pick(draw, labels)
    symbol = scope.add(Symbol(name, "label", labels=tuple(labels), at=at, drawn=True), 1)
    own: list[tuple[str, list[Symbol]]] = []
    texts = []
    taken: list[str] = []
    for label, word, share in zip(labels, words, shares, strict=True):
        live = label == symbol.at if isinstance(symbol.at, str) else False if symbol.at is UNKNOWN else None
        inner = scope.inner(guard=(*scope.guard, scope.world.condition()), live=live, reuse=list(taken))
        text = f"{word}{share}"
        if draw(st.integers(0, 2)):
            text += " " + braced(draw, draw(body(inner)))
        texts.append(text)
        own.append((word, inner.own))
        taken = [s.path for s in inner.own if "." not in s.path and "[" not in s.path]
    _read(scope, name, own)
    flat = ", ".join(texts)
    tail, _ = modified(draw, scope, spelled(at), guard=False)
    if "\n" not in flat and len(flat) < 90:
        return f"{name} ~ choice {{ {flat}{',' if rarely(draw) else ''} }}{tail}"
    lines = "\n".join("  " + line for t in texts for line in t.split("\n"))
    return f"{name} ~ choice {{\n{lines}\n}}{tail}"


def _read(scope: Scope, name: str, own: list[tuple[str, list[Symbol]]]) -> None:
    """The names of branches as they are read from outside."""
    roots = [{s.path.partition(".")[0].partition("[")[0] for s in symbols} for _, symbols in own]
    for k, (word, symbols) in enumerate(own):
        for s in symbols:
            root = s.path.partition(".")[0].partition("[")[0]
            alone = sum(root in r for r in roots) == 1
            scope.own.append(replace(s, path=f"{name}.{s.path}" if alone and k % 2 == 0 else f"{name}.{word}.{s.path}"))


def when(draw: st.DrawFn, scope: Scope, body: Body) -> str:
    """A block under a condition, perhaps with an `else`; a parameter may have a prior on both sides."""
    condition = draw(conditions(scope, 1))
    guard, live = scope.guarded(condition)
    inner = scope.inner(guard=guard, live=live)
    text = f"when {condition.text} {braced(draw, draw(body(inner)))}"
    how = draw(st.integers(0, 4))
    if how < 3:
        scope.own += inner.own
        return text
    other = inverted(condition)
    guard, live = scope.guarded(other)
    second = scope.inner(guard=guard, live=live)
    if how == 4:
        further = draw(conditions(scope, 0))
        guard, live = second.guarded(further)
        third = scope.inner(guard=guard, live=live)
        text += f" else when {further.text} {braced(draw, draw(body(third)))}"
        scope.own += inner.own + third.own
        return text
    shared = [s for s in inner.own if s.drawn and s.kind == "number" and s.guard == inner.guard and "." not in s.path]
    sentences: list[str] = []
    if shared and shared[0].rankable:
        s = shared[0]
        law = draw(laws(scope))
        sentences.append(f"{s.path} ~ {law.text}")
        made = number_of(law, s.path)
        both = replace(
            made,
            lo=min(s.lo, law.lo),
            hi=max(s.hi, law.hi),
            whole=s.whole and law.whole,
            at=s.at if inner.live is True else law.at if live is True else UNKNOWN if live is False else OPEN,
            guard=(*scope.guard, scope.world.condition()),
            drawn=False,
        )
        inner.own.remove(s)
        inner.own.append(both)
    sentences += draw(body(second))
    scope.own += inner.own + second.own
    return f"{text} else {braced(draw, sentences)}"
