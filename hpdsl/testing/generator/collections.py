"""Arrays, labelled vectors, weights, subsets and permutations."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from hpdsl.testing.generator import names
from hpdsl.testing.generator.laws import Law, laws
from hpdsl.testing.generator.names import fresh, pick, rarely, spelled
from hpdsl.testing.generator.parameters import modified
from hpdsl.testing.generator.scope import Scope, Symbol
from hpdsl.testing.generator.values import OPEN, UNKNOWN, At, Value, binary, constant

MOST = 4


def length(draw: st.DrawFn, scope: Scope, least: int = 0) -> Value:
    """The length of an array: a number, or what another parameter says."""
    found = [s for s in scope.of("number") if s.whole and least <= s.lo and s.hi < MOST]
    if scope.index is not None and rarely(draw, 3) and scope.index.hi < MOST:
        return binary("+", scope.index, constant(1.0))
    if found and rarely(draw, 2):
        n = pick(draw, found).value
        return binary("+", n, constant(1.0)) if rarely(draw, 4) else n
    return constant(float(draw(st.integers(max(least, 1), 3)) if not rarely(draw, 20) else least))


def _inside(scope: Scope, n: Value) -> Scope:
    """The scope of an element, which knows its index."""
    index = Value("index", lo=0.0, hi=max(n.hi - 1.0, 0.0), whole=True, at=OPEN)
    return scope.inner(index=index)


def array(draw: st.DrawFn, scope: Scope) -> str:
    """An array of numbers, in order or not, or of labels."""
    n = length(draw, scope)
    if not scope.room(int(n.hi)):
        return vector(draw, scope)
    how = draw(st.integers(0, 5))
    inside = _inside(scope, n)
    if how == 5:
        return _labelled(draw, scope, n)
    law = draw(laws(inside if how < 4 else scope, fixed=how == 4))
    ordered = how == 4 and law.hi - law.lo >= 6 and law.step is None
    word = pick(draw, ("increasing ", "decreasing ")) if ordered else ""
    name = fresh(draw, scope, opens=True)
    tail, condition = modified(draw, inside if not ordered else scope)
    if "index" in tail:
        condition = replace(condition, at=OPEN) if condition else None
    symbol = Symbol(name, "array", law.lo, law.hi, law.whole, at=_elements(law, n, word), length=_reach(n))
    scope.add(symbol, int(n.hi), condition)
    text = f"{name}[{n.text}] ~ {word}{law.text}{tail}"
    if condition is None and rarely(draw, 5):
        text += "\n" + _derived_array(draw, scope, symbol, n)
    return text


def _reach(n: Value) -> tuple[int, int]:
    return int(n.lo), int(n.hi)


def _elements(law: Law, n: Value, word: str) -> At:
    """The elements at the witness."""
    count, x = n.number, law.at
    if count is None:
        return n.at
    if not isinstance(x, float):
        return x
    k = int(count)
    if not word:
        return (x,) * k
    low, high = (law.lo, law.hi)
    points = [low + (high - low) * (i + 0.5) / max(k, 1) for i in range(k)]
    if law.whole:
        points = [float(round(p)) for p in points]
    return tuple(points if word.startswith("inc") else points[::-1])


def _derived_array(draw: st.DrawFn, scope: Scope, symbol: Symbol, n: Value) -> str:
    """An array that follows another, element by element."""
    name = fresh(draw, scope, opens=True)
    body = binary(
        pick(draw, "+*-"),
        replace(symbol.value, text=f"{symbol.path}[index]", at=OPEN, kind="number"),
        names.anything(draw),
    )
    made = Symbol(name, "array", body.lo, body.hi, body.whole, at=OPEN, length=_reach(n))
    scope.add(made)
    return f"{name}[{n.text}] = {body.text}"


def _labelled(draw: st.DrawFn, scope: Scope, n: Value) -> str:
    """An array of choices or of truth values, read by its first element."""
    name = fresh(draw, scope, opens=True)
    labels = names.several(draw, names.LABELS, 2, 3)
    boolean = rarely(draw, 2)
    kind, text = ("bool", "bool()") if boolean else ("label", f"choice({', '.join(map(spelled, labels))})")
    if n.hi >= 1:
        at: At = (True if boolean else labels[0]) if n.number else OPEN if n.at is OPEN else UNKNOWN
        first = Symbol(f"{name}[0]", kind, 0, 1, boolean, () if boolean else labels, at=at)
        condition = None if n.lo >= 1 else Value("", at=True if n.number else at)
        scope.add(first, int(n.hi), condition)
    return f"{name}[{n.text}] ~ {text}"


def vector(draw: st.DrawFn, scope: Scope) -> str:
    """A labelled vector of numbers, or of weights that sum to one."""
    fields = [str(x) for x in names.several(draw, ("red", "green", "blue", "k-nn", "chat"), 2, 3)]
    words = [f if f.isidentifier() else f"`{f}`" for f in fields]
    if not scope.room(len(words)):
        return simple_flag(draw, scope)
    if rarely(draw, 2):
        return _weights(draw, scope, words)
    law = draw(laws(scope))
    name = fresh(draw, scope, opens=True)
    tail, condition = modified(draw, scope)
    comma = "," if rarely(draw) else ""
    for w in words:
        scope.add(Symbol(f"{name}.{w}", "number", law.lo, law.hi, law.whole, at=law.at), 1, condition)
    return f"{name}[{', '.join(words)}{comma}] ~ {law.text}{tail}"


def _weights(draw: st.DrawFn, scope: Scope, words: list[str]) -> str:
    """Weights, at the witness one half and the rest in equal parts."""
    name = fresh(draw, scope, opens=True)
    k = len(words)
    one = pick(draw, ("1", "4", "0.5"))
    arguments = one if rarely(draw, 2) else ", ".join(pick(draw, ("1", "2", "0.5", "4")) for _ in range(k))
    tail, condition = modified(draw, scope)
    numbered = rarely(draw, 3)
    for i, w in enumerate(words):
        path = f"{name}[{i}]" if numbered else f"{name}.{w}"
        at = 0.5 if i == 0 else 0.5 / (k - 1)
        scope.add(Symbol(path, "number", 0.0, 1.0, at=at), 1, condition)
    return f"{name}[{k if numbered else ', '.join(words)}] ~ dirichlet({arguments}){tail}"


def simple_flag(draw: st.DrawFn, scope: Scope) -> str:
    """A derived number, where there is no room for parameters."""
    name = fresh(draw, scope, opens=True)
    scope.add(Symbol(name, "number", 1.0, 1.0, True, at=1.0))
    return f"{name} = 1"


def subset(draw: st.DrawFn, scope: Scope) -> str:
    """A subset of labels or of numbers."""
    name = fresh(draw, scope, opens=True)
    ranged = rarely(draw, 5)
    labels = (0.0, 1.0, 2.0) if ranged else names.several(draw, names.LABELS, 2, 4)
    if not scope.room(len(labels)):
        return vector(draw, scope)
    listed = "0 .. 2" if ranged else ", ".join(map(spelled, labels))
    k = len(labels)
    sizes = [s for s in scope.of("number") if s.whole and s.lo >= 0 and s.hi <= k]
    options: list[tuple[str, int]] = [("", 1), (", size = 1", 1), (f", size = 1 .. {k - 1}", 1), (f", size = {k}", k)]
    options += [(", size = 1 ..", 1), (f", size = .. {k - 1}", 1)]
    text, count = pick(draw, options)
    at: At = tuple(labels[:count])
    if sizes and rarely(draw, 3):
        s = pick(draw, sizes)
        text = f", size = {s.path}"
        at = tuple(labels[: int(s.value.number)]) if s.value.number is not None else s.at
    default = f"[{', '.join(map(spelled, labels[:count]))}]" if isinstance(at, tuple) and not sizes else None
    tail, condition = modified(draw, scope, default)
    scope.add(Symbol(name, "set", labels=labels, at=at), k, condition)
    return f"{name} ~ subset({listed}{text}){tail}"


def permutation(draw: st.DrawFn, scope: Scope) -> str:
    """An order of labels."""
    labels = names.several(draw, names.LABELS, 2, 4)
    if not scope.room(len(labels)):
        return subset(draw, scope)
    name = fresh(draw, scope, opens=True)
    tail, condition = modified(draw, scope, f"[{', '.join(map(spelled, labels))}]")
    scope.add(Symbol(name, "order", labels=labels, at=labels), len(labels), condition)
    return f"{name} ~ permutation({', '.join(map(spelled, labels))}){tail}"
