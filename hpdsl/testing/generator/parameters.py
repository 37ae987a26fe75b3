"""`x ~ prior`: numbers, choices, ordinals and truth values, with their modifiers."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from hpdsl.testing.generator import names
from hpdsl.testing.generator.expressions import conditions
from hpdsl.testing.generator.laws import Law, laws, power
from hpdsl.testing.generator.names import fresh, pick, rarely, spelled
from hpdsl.testing.generator.scope import Label, Scope, Symbol
from hpdsl.testing.generator.values import At, Value, plain

_UNITS = ("s", "GiB", '"1/step"', "`a b`")


def modified(draw: st.DrawFn, scope: Scope, default: str | None = None, guard: bool = True) -> tuple[str, Value | None]:
    """Modifiers behind a sentence, in any order, and the condition of the `when` among them."""
    found = []
    condition = None
    if default is not None and rarely(draw, 4):
        found.append(f"default {default}")
    if guard and rarely(draw, 6):
        condition = draw(conditions(scope, 1))
        found.append(f"when {condition.text}")
    if rarely(draw, 12):
        found.append(f"unit {pick(draw, _UNITS)}")
    if len(found) > 1 and rarely(draw, 3):
        found.reverse()
    gap = "\n  " if found and found[0].startswith("default") and rarely(draw, 8) else "  "
    return "".join((gap if k == 0 else "  ") + m for k, m in enumerate(found)), condition


def shown_default(law: Law) -> str | None:
    """The witness as a default; None where the law's ends may exclude it."""
    return plain(law.at) if law.fixed and isinstance(law.at, float) else None


def number_of(law: Law, path: str, **more: object) -> Symbol:
    """The symbol of a parameter with a numeric law."""
    return Symbol(path, "number", law.lo, law.hi, law.whole, at=law.at, drawn=law.fixed, **more)  # type: ignore[arg-type]  # fields of Symbol


def numeric(draw: st.DrawFn, scope: Scope) -> str:
    """A parameter with a numeric prior."""
    law = draw(laws(scope)) if not rarely(draw, 10) else power(draw, scope)
    name = fresh(draw, scope)
    tail, condition = modified(draw, scope, shown_default(law))
    scope.add(number_of(law, name, rankable=True), 1, condition)
    return f"{name} ~ {law.text}{tail}"


def flag(draw: st.DrawFn, scope: Scope) -> str:
    """A parameter that is true or false."""
    text, at = "bool()", pick(draw, (True, False))
    if rarely(draw, 3):
        chances = [s for s in scope.of("number") if s.lo >= 0 and s.hi <= 1]
        p = pick(draw, chances).path if chances else pick(draw, ("0.5", "0.25", "0.9"))
        text = f"bool({p})"
    name = fresh(draw, scope)
    tail, condition = modified(draw, scope, str(at).lower())
    scope.add(Symbol(name, "bool", 0, 1, True, at=at, drawn=True, rankable=True), 1, condition)
    return f"{name} ~ {text}{tail}"


def ordinal(draw: st.DrawFn, scope: Scope) -> str:
    """An ordinal of labels or of numbers."""
    name = fresh(draw, scope)
    if rarely(draw, 2):
        some = st.lists(st.sampled_from((1.0, 2.0, 5.0, 0.5, -3.0)), min_size=2, max_size=4, unique=True)
        values = sorted(draw(some))
        at: At = values[0]
        whole = all(v == math.floor(v) for v in values)
        tail, condition = modified(draw, scope, plain(values[0]))
        symbol = Symbol(name, "number", values[0], values[-1], whole, at=at, drawn=True, rankable=True)
        scope.add(symbol, 1, condition)
        return f"{name} ~ ordinal({', '.join(map(plain, values))}){tail}"
    labels = names.several(draw, names.LABELS, 2, 4)
    at = pick(draw, labels)
    tail, condition = modified(draw, scope, spelled(at))
    scope.add(Symbol(name, "label", labels=labels, ordered=True, at=at, drawn=True, rankable=True), 1, condition)
    return f"{name} ~ ordinal({', '.join(spelled(x, draw) for x in labels)}){tail}"


def weights(draw: st.DrawFn, scope: Scope, count: int, zero: bool = True) -> list[str]:
    """The weight behind each of some alternatives, most of them empty; the first is never 0."""
    if not rarely(draw, 3):
        return [""] * count
    shares = [s for s in scope.of("number") if s.lo >= 0 and s.hi <= 1 and s.value.bounded]
    found = []
    for k in range(count):
        options = ["", ": 2", ": 0.5", ": 1 + 2"]
        if k and zero:
            options.append(": 0")
        if shares:
            options.append(f": 1 + {pick(draw, shares).path}")
        found.append(pick(draw, options))
    return found


def choice(draw: st.DrawFn, scope: Scope) -> str:
    """A choice between labels, or of atoms and ranges."""
    name = fresh(draw, scope)
    if rarely(draw, 3):
        return _mixed(draw, scope, name)
    labels = names.several(draw, names.LABELS, 1 if rarely(draw) else 2, 4)
    shares = weights(draw, scope, len(labels))
    at = labels[0] if any(shares) else pick(draw, labels)
    tail, condition = modified(draw, scope, spelled(at))
    scope.add(Symbol(name, "label", labels=labels, at=at, drawn=True), 1, condition)
    comma = "," if rarely(draw) else ""
    items = ", ".join(spelled(x, draw) + w for x, w in zip(labels, shares, strict=True))
    return f"{name} ~ choice({items}{comma}){tail}"


def _mixed(draw: st.DrawFn, scope: Scope, name: str) -> str:
    atoms = names.several(draw, names.ATOMS, 1, 3)
    items = [spelled(a) for a in atoms]
    ranges: list[Law] = []
    while len(ranges) < 2 and rarely(draw, 2):
        law = draw(laws(scope))
        ranges.append(law)
        items.append(law.text)
    shares = weights(draw, scope, len(items))
    numbers = [float(a) for a in atoms if isinstance(a, float)]
    tail, condition = modified(draw, scope, spelled(atoms[0]))
    text = f"{name} ~ choice({', '.join(i + w for i, w in zip(items, shares, strict=True))}){tail}"
    if len(numbers) == len(atoms):
        lo, hi = min([*numbers, *(r.lo for r in ranges)]), max([*numbers, *(r.hi for r in ranges)])
        whole = all(n == math.floor(n) for n in numbers) and all(r.whole for r in ranges)
        scope.add(Symbol(name, "number", lo, hi, whole, at=numbers[0], drawn=True), 1, condition)
    else:
        labels: tuple[Label, ...] = tuple(a for a in atoms if not isinstance(a, float))
        at: At = atoms[0] if not isinstance(atoms[0], float) else "\0"
        scope.add(Symbol(name, "label", labels=labels, at=at, drawn=not isinstance(atoms[0], float)), 1, condition)
    return text
