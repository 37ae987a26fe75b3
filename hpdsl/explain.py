"""What the compiler made of a space, as text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from hpdsl.graph.components import components, searched
from hpdsl.intervals import bounds
from hpdsl.priors.items import Items, Range
from hpdsl.priors.numeric import Numeric
from hpdsl.semantics.model import Derived, Guard, Model, Parameter, Piece, guard_facts
from hpdsl.semantics.typed import number, show
from hpdsl.terms import Term, load

if TYPE_CHECKING:
    from hpdsl.space import Space

# Rows whose first attempt estimates acceptance: the standard error is below 0.8 %.
ROWS = 4096


def explain(space: Space) -> str:
    """Parameters with hulls and guards, derived values, requirements with strategy and acceptance, size."""
    model = space.compilation.model
    lines = [f"space {space.source.name}", f"id    {space.id}"]
    if model.doc:
        lines.append(f"doc   {' '.join(model.doc.split())}")
    lines.append("")
    names = _names(model)
    rows = [_parameter(model, p, names) for p in model.parameters]
    lines += [f"{len(model.parameters)} parameters", *_aligned(rows)]
    derived = [s for s in model.symbols if isinstance(s, Derived)]
    if derived:
        lines += ["", f"{len(derived)} derived", *_aligned([_derived(model, s, names) for s in derived])]
    lines += _requirements(space, names)
    size = space.size
    lines += [
        "",
        f"size  {'infinite (continuous, or too many to count)' if math.isinf(size) else f'{size:,}'}",
    ]
    if model.objectives:
        goals = ", ".join(f"{'maximize' if o.maximize else 'minimize'} {o.name}" for o in model.objectives)
        lines.append(f"goal  {goals}")
    if model.tries:
        lines.append(f"try   {len(model.tries)} configuration{'s' if len(model.tries) > 1 else ''} evaluated first")
    return "\n".join(lines)


def _aligned(rows: list[list[str]]) -> list[str]:
    if not rows:
        return []
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return ["  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def _names(model: Model) -> dict[int, str]:
    names = {}
    for s in model.symbols:
        for c in (s.value, s.code) if isinstance(s, Parameter) else (s.column,):
            if c is not None:
                names[c] = s.path
    return names


def _parameter(model: Model, p: Parameter, names: dict[int, str]) -> list[str]:
    default = [x for x in p.pieces if x.default is not None or x.default_code is not None]
    shown = f"default {_default(p, default[0])}" if default else ""
    unit = f" {p.unit}" if p.unit else ""
    hull = " | ".join(dict.fromkeys(_hull(model, p, x) for x in p.pieces)) + unit
    guards = " | ".join(dict.fromkeys(_guard(x.guard, model, names) for x in p.pieces))
    doc = f"# {' '.join(p.doc.split())}" if p.doc else ""
    return [p.path, p.kind, hull, shown, f"when {guards}" if guards.strip(" |") else "", doc]


def _default(p: Parameter, piece: Piece) -> str:
    if piece.default_code is not None and p.items is not None:
        item = p.items.items[int(piece.default_code)]
        if not isinstance(item, Range):
            return show(item)
    value = piece.default if piece.default is not None else math.nan
    return show(bool(value)) if p.kind == "bool" else number(value)


def _hull(model: Model, p: Parameter, piece: Piece) -> str:
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
    scale = " log" if isinstance(dist, Numeric) and dist.log else ""
    moving = " given others" if dist.dependent else ""
    return f"{number(hull.lo)} .. {number(hull.hi)}{scale}{moving}"


def _range(dist: Numeric, model: Model) -> str:
    hull = dist.hull(model.facts)
    return f"{number(hull.lo)} .. {number(hull.hi)}{' log' if dist.log else ''}"


def _derived(model: Model, s: Derived, names: dict[int, str]) -> list[str]:
    reach = bounds(load(s.column), model.facts)
    hull = ", ".join(show(x) for x in s.labels) if s.labels else f"{number(reach.lo)} .. {number(reach.hi)}"
    guards = " | ".join(_guard(x.guard, model, names) for x in s.pieces)
    doc = f"# {' '.join(s.doc.split())}" if s.doc else ""
    return [s.path, s.kind, hull, f"when {guards}" if guards.strip(" |") else "", doc]


def _guard(guard: Guard | None, model: Model, names: dict[int, str]) -> str:
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
}


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
        return f"{args[0]} {_SIGNS[term.op]} {args[1]}"
    if term.op == "not":
        return f"not ({args[0]})"
    return f"{term.op}({', '.join(args)})"


def _requirements(space: Space, names: dict[int, str]) -> list[str]:
    model = space.compilation.model
    found, _ = components(model)
    if not found:
        return []
    lines = ["", f"{len(model.requirements)} requirements in {len(found)} components, by rejection"]
    # Rows of the unconditioned law: what share of them each component accepts.
    loose = space.compilation.program.loose(ROWS)
    violated = space.compilation.program.violated(loose)
    places = {id(r): k for k, r in enumerate(model.requirements)}
    for component in found:
        rows = [places[id(r)] for r in component.requirements]
        accepted = float(np.mean(~violated[rows].any(axis=0)))
        ties = ", ".join(p.path for p in searched(component)) or "constants"
        lines.append(f"  {100 * accepted:.3g} % accepted: {ties}")
        for r in component.requirements:
            share = float(np.mean(~violated[places[id(r)]]))
            implied = " (implied)" if r.implied else ""
            lines.append(f"    {100 * share:.3g} % hold: {r.message}{implied}")
    return lines
