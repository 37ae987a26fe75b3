"""Templates and imports: `space`, `use`, `import`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from hpdsl.testing.generator.blocks import braced
from hpdsl.testing.generator.names import fresh, pick, rarely
from hpdsl.testing.generator.scope import Scope, Symbol
from hpdsl.testing.generator.values import OPEN, plain

_FILES = ("parts.hp", "common/more.hp", "b.hp")
Body = Callable[[Scope], st.SearchStrategy[list[str]]]


@dataclass
class Template:
    """A template that was written: its formals with their ranges, and what its body declares."""

    path: str
    formals: list[Symbol] = field(default_factory=list)
    optional: set[str] = field(default_factory=set)
    symbols: list[Symbol] = field(default_factory=list)
    parameters: int = 0


def template(draw: st.DrawFn, scope: Scope, body: Body, prefix: str = "") -> str:
    """A template with up to two arguments, each an integer from 1 to 3."""
    world = scope.world
    made = Template("")
    inner = Scope(world, scope, closed=True, depth=scope.depth + 1)
    texts = []
    for _ in range(draw(st.integers(0, 2))):
        formal = fresh(draw, inner)
        symbol = Symbol(formal, "number", 1.0, 3.0, True, at=OPEN)
        made.formals.append(symbol)
        optional = bool(made.optional) or rarely(draw, 3)
        texts.append(f"{formal} = {pick(draw, ('2', '1 + 1'))}" if optional else formal)
        if optional:
            made.optional.add(formal)
    inner.own += made.formals
    before = world.parameters
    # What a template declares counts where it is used.
    text = braced(draw, draw(body(inner)))
    made.parameters, world.parameters = world.parameters - before, before
    name = fresh(draw, inner)
    made.path = prefix + name
    made.symbols = inner.own[len(made.formals) :]
    world.templates.append(made)
    arguments = f"({', '.join(texts)})" if texts or rarely(draw, 3) else ""
    return f"space {name}{arguments} {text}"


def use(draw: st.DrawFn, scope: Scope) -> str | None:
    """A template put into a group of its own; None where there is none, or no room."""
    world = scope.world
    templates = [t for t in world.templates if isinstance(t, Template) and scope.room(t.parameters)]
    if not templates:
        return None
    t = pick(draw, templates)
    given: list[str] = []
    for k, f in enumerate(t.formals):
        if f.path in t.optional and rarely(draw, 2):
            continue
        sizes = [s for s in scope.of("number") if s.whole and s.lo >= 1 and s.hi <= 3]
        text = pick(draw, sizes).path if sizes and rarely(draw, 3) else plain(float(draw(st.integers(1, 3))))
        named = len(given) < k or rarely(draw, 4) or (given and " = " in given[-1])
        given.append(f"{f.path} = {text}" if named else text)
    text = f"use {t.path}" + (f"({', '.join(given)})" if given else "()" if rarely(draw) else "")
    text += _replaced(draw, t)
    name = fresh(draw, scope, opens=True)
    world.parameters += t.parameters * scope.times
    for s in t.symbols:
        guard, _ = scope.guarded(None)
        scope.own.append(replace(s, path=f"{name}.{s.path}", at=OPEN, guard=(*guard, *s.guard), drawn=False))
    return f"{name} {{ {text} }}" if "\n" not in text else f"{name} {{\n  {text}\n}}"


def _replaced(draw: st.DrawFn, t: Template) -> str:
    """A block that replaces the prior of one parameter by another of the same range."""
    numbers = [s for s in t.symbols if s.kind == "number" and s.rankable and s.drawn and not s.guard]
    plain_ones = [s for s in numbers if s.value.bounded and s.lo < s.hi]
    if not plain_ones or rarely(draw, 3):
        return ""
    s = pick(draw, plain_ones)
    whole = "int " if s.whole else ""
    return f" {{ {s.path} ~ {whole}uniform({plain(s.lo)}, {plain(s.hi)}) }}"


def imported(draw: st.DrawFn, scope: Scope, body: Body) -> str:
    """An import of a file that is written here too: a template in it, or all of it."""
    world = scope.world
    file = next(f for f in (*_FILES, f"f{len(world.files)}.hp") if f not in world.files)
    world.files[file] = ""
    alias = fresh(draw, scope)
    if rarely(draw, 2):
        inner = Scope(world, None, depth=scope.depth + 1)
        before = world.parameters
        text = "\n".join(draw(body(inner)))
        made = Template(alias, [], set(), inner.own, world.parameters - before)
        world.parameters = before
        world.templates.append(made)
    else:
        text = template(draw, Scope(world, None), body, f"{alias}.")
    world.files[file] = text + "\n"
    return f'import "{file}" as {alias}'
