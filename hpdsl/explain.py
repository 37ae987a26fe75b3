"""What the compiler made of a space, as text."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from hpdsl.constraints.report import describe
from hpdsl.diagnostics import counted
from hpdsl.graph.copula import blocks
from hpdsl.intervals import bounds
from hpdsl.priors.items import Items, Range
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.place import Place
from hpdsl.priors.ranked import Ranked
from hpdsl.semantics.model import Derived, Guard, Model, Parameter, Piece, guard_facts
from hpdsl.semantics.typed import number, show
from hpdsl.terms import Term, load

if TYPE_CHECKING:
    from hpdsl.space import Space


# Characters a column is aligned for.
_WIDEST = 40


def explain(space: Space) -> str:
    """Parameters with hulls and guards, derived values, requirements with strategy and acceptance, size."""
    model = space.compilation.model
    lines = [f"space {space.source.name}", f"id    {space.id}"]
    if model.doc:
        lines.append(f"doc   {' '.join(model.doc.split())}")
    lines.append("")
    names = names_of(model)
    rows = [_parameter(model, p, names) for p in model.free if _representative(p)]
    lines += [f"{counted(len(space.names), 'parameter')}, {counted(len(model.free), 'dimension')}", *_aligned(rows)]
    pinned = [p for p in model.parameters if p.fixed]
    if pinned:
        lines += ["", f"{len(pinned)} fixed", *_aligned([_parameter(model, p, names) for p in pinned])]
    derived = [s for s in model.symbols if isinstance(s, Derived) and not s.hidden]
    lines += _lists(model, names) + _copulas(model)
    if derived:
        lines += ["", f"{len(derived)} derived", *_aligned([_derived(model, s, names) for s in derived])]
    told = describe(model, space.compilation.program.lowering)
    lines += ["", *told] if told else []
    size = space.size
    lines += [
        "",
        f"size  {'infinite (continuous, or too many to count)' if math.isinf(size) else f'{size:,}'}",
    ]
    lines += _experiment(model, names)
    if model.objectives:
        goals = ", ".join(f"{'maximize' if o.maximize else 'minimize'} {o.name}" for o in model.objectives)
        lines.append(f"goal  {goals}")
    if model.tries:
        lines.append(f"try   {counted(len(model.tries), 'configuration')} evaluated first")
    return "\n".join(lines)


def _lists(model: Model, names: dict[int, str]) -> list[str]:
    """Arrays, subsets and permutations."""
    if not model.collections:
        return []
    rows = []
    for c in model.collections:
        reach = bounds(load(c.length), model.facts)
        size = number(reach.lo)
        if reach.point is None:
            owner = model.by_column()[c.length]
            size = " | ".join(dict.fromkeys(_term(p.term, model, names) for p in owner.pieces))  # type: ignore[union-attr]  # lengths follow
            size = f"{number(reach.lo)} .. {number(reach.hi)}" + ("" if c.values else f" ({size})")
        values = "{" + ", ".join(show(v) for v in c.values) + "}" if c.values else "of groups" if c.groups else ""
        rows.append([c.path, c.kind, f"length {size}", values, f"# {' '.join(c.doc.split())}" if c.doc else ""])
    return ["", counted(len(rows), "list"), *_aligned(rows)]


def _copulas(model: Model) -> list[str]:
    """Which parameters are correlated, with the Spearman coefficients of each pair."""
    found = blocks(model)
    if not found:
        return []
    lines = ["", "correlated (Gaussian copula, Spearman)"]
    for block in found:
        rows = {p.path: p.score.row for p in block if p.score is not None}
        for a, b in combinations(block, 2):
            rho = math.fsum(x * y for x, y in zip(rows[a.path], rows[b.path], strict=False))
            if rho != 0.0:
                lines.append(f"  {a.path}, {b.path} = {6.0 / math.pi * math.asin(rho / 2.0):.3g}")
    return lines


def _experiment(model: Model, names: dict[int, str]) -> list[str]:
    """Inputs, claims, the fidelity and the bounds on outcomes."""
    lines = []
    if model.given:
        lines.append("given " + ", ".join(f"{name} = {show(value)}" for name, value in model.given))
    lines += [f"claim {c.message}: {c.verdict or 'not decided at compile time'}" for c in model.claims]
    f = model.fidelity
    if f is not None:
        by = f" by {number(f.by)}" if f.by is not None else ""
        cost = f", cost {_term(f.cost, model, {**names, f.column: f.name})}" if f.cost is not None else ""
        unit = f" {f.unit}" if f.unit else ""
        lines.append(f"fidelity {f.name} = {number(f.lo)} .. {number(f.hi)}{by}{unit}{cost}")
    lines += [f"subject to {o.text}" for o in model.outcomes]
    return lines


def _aligned(rows: list[list[str]]) -> list[str]:
    if not rows:
        return []
    # A cell that is far longer than the others only pushes its own line.
    widths = [max(min(len(row[k]), _WIDEST) for row in rows) for k in range(len(rows[0]))]
    return ["  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def names_of(model: Model) -> dict[int, str]:
    """What each column is called in conditions."""
    names = {}
    for s in model.symbols:
        for c in (s.value, s.code) if isinstance(s, Parameter) else (s.column,):
            if c is not None:
                names[c] = s.key if isinstance(s, Derived) and s.hidden else s.path
    return names


def _parameter(model: Model, p: Parameter, names: dict[int, str]) -> list[str]:
    default = [x for x in p.pieces if x.default is not None or x.default_code is not None]
    shown = f"default {_default(p, default[0])}" if default else ""
    unit = f" {p.unit}" if p.unit else ""
    hull = " | ".join(dict.fromkeys(hull_text(model, p, x) for x in p.pieces)) + unit
    guards = " | ".join(dict.fromkeys(guard_text(x.guard, model, names) for x in p.pieces))
    doc = f"# {' '.join(p.doc.split())}" if p.doc else ""
    path = "[k]".join(re.split(r"\[0\]", p.path)) if not _single(p) else p.path
    if not _single(p):
        guards = " | ".join(dict.fromkeys(guard_text(_outside(x.guard), model, names) for x in p.pieces))
        guards = guards.replace("[0]", "[k]")
    return [path, p.kind, hull, shown, f"when {guards}" if guards.strip(" |") else "", doc]


def _single(p: Parameter) -> bool:
    return all(isinstance(step, str) for step in p.steps)


def _representative(p: Parameter) -> bool:
    """True for what stands in the table: of an array its first element, of a subset or permutation none."""
    return not p.member and not any(isinstance(step, int) and step > 0 for step in p.steps)


def _outside(guard: Guard | None) -> Guard | None:
    """A guard without the conditions that elements lie below lengths, which the table of lists shows."""
    if guard is None:
        return None
    parent = _outside(guard.parent)
    condition = guard.condition
    below = condition.op == "lt" and condition.args[0].constant is not None
    return parent if below else Guard(parent, condition)


def _default(p: Parameter, piece: Piece) -> str:
    if piece.default_code is not None and p.items is not None:
        item = p.items.items[int(piece.default_code)]
        if not isinstance(item, Range):
            return show(item)
    value = piece.default if piece.default is not None else math.nan
    return show(bool(value)) if p.kind == "bool" else number(value)


def hull_text(model: Model, p: Parameter, piece: Piece) -> str:
    """The values a prior can deliver, as text."""
    facts = guard_facts(piece.guard, model.facts)
    dist = piece.dist
    if isinstance(dist, Items):
        fixed = dist.fixed_weights()
        parts = []
        for k, item in enumerate(dist.items):
            text = _range(item.dist, model) if isinstance(item, Range) else show(item)
            equal = fixed is not None and len(set(fixed)) == 1
            parts.append(text if equal or fixed is None else f"{text} ({100 * fixed[k]:.3g} %)")
        return "{" + ", ".join(parts) + "}"
    hull = dist.hull(facts)
    if isinstance(dist, Place):
        return f"one of {dist.total} values, each once"
    if isinstance(dist, Ranked):
        law = hull_text(model, p, replace(piece, dist=dist.law))
        return f"{law} {'increasing' if dist.rising else 'decreasing'}"
    scale = f" {dist.warp.name}" if isinstance(dist, Numeric) and not dist.linear else ""
    moving = " given others" if dist.dependent else ""
    return f"{number(hull.lo)} .. {number(hull.hi)}{scale}{moving}"


def _range(dist: Numeric, model: Model) -> str:
    hull = dist.hull(model.facts)
    return f"{number(hull.lo)} .. {number(hull.hi)}{'' if dist.linear else f' {dist.warp.name}'}"


def _derived(model: Model, s: Derived, names: dict[int, str]) -> list[str]:
    reach = bounds(load(s.column), model.facts)
    hull = ", ".join(show(x) for x in s.labels) if s.labels else f"{number(reach.lo)} .. {number(reach.hi)}"
    guards = " | ".join(guard_text(x.guard, model, names) for x in s.pieces)
    doc = f"# {' '.join(s.doc.split())}" if s.doc else ""
    return [s.path, s.kind, hull, f"when {guards}" if guards.strip(" |") else "", doc]


def guard_text(guard: Guard | None, model: Model, names: dict[int, str]) -> str:
    """A guard as a reader would write it."""
    return " and ".join(_term(c, model, names) for c in guard.chain()) if guard else ""


_SIGNS = {
    "lt": "<",
    "le": "<=",
    "eq": "==",
    "ne": "!=",
    "and": "and",
    "or": "or",
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
}


# How tightly an operation binds.
_STRENGTH = {"or": 0, "and": 1, "lt": 3, "le": 3, "eq": 3, "ne": 3, "add": 4, "sub": 4, "mul": 5, "div": 5}


def _term(term: Term, model: Model, names: dict[int, str]) -> str:
    """A condition as a reader would write it."""
    if term.op == "const":
        return number(term.data[0])
    if term.op == "load":
        return names[int(term.data[0])]
    if term.op == "eq" and term.args[0].op == "load" and term.args[1].constant is not None:
        owner = model.by_column()[int(term.args[0].data[0])]
        if isinstance(owner, Parameter) and owner.code == int(term.args[0].data[0]) and owner.items is not None:
            item = owner.items.items[int(term.args[1].constant)]
            return f"{owner.path} == {show(item) if not isinstance(item, Range) else 'a range'}"
    args = [_term(a, model, names) for a in term.args]
    if term.op in _SIGNS:
        strength = _STRENGTH[term.op]
        looser = [a.op in _STRENGTH and _STRENGTH[a.op] < strength + k for k, a in enumerate(term.args)]
        left, right = (f"({text})" if inside else text for text, inside in zip(args, looser, strict=True))
        return f"{left} {_SIGNS[term.op]} {right}"
    if term.op == "not":
        return f"not ({args[0]})"
    return f"{term.op}({', '.join(args)})"
