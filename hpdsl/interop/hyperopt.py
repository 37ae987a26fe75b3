"""Hyperopt's spaces: dictionaries whose values are graphs of `hp.uniform(…)`, `hp.choice(…)` and the like.

A graph node has `name`, `pos_args`, `named_args` and, where it is a literal, `obj`; it is read by these alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from hpdsl.errors import UsageError
from hpdsl.interop.domains import is_finite
from hpdsl.interop.draft import Compare, Draft, Every, Formula, Law, Listed, Parameter, Some, Value

_DEPTH = 50


def read(space: Any) -> Draft:
    """The space of a dictionary, list or single expression; names are Hyperopt's labels."""
    reader = _Reader()
    reader.walk(space, (), 0)
    draft = reader.draft
    for parameter in draft.parameters:
        ways = reader.ways[parameter.name]
        parts = tuple(w[0] if len(w) == 1 else Every(w) for w in ways)
        if () in ways:
            parameter.condition = None
        else:
            parameter.condition = parts[0] if len(parts) == 1 else Some(parts)
    if not draft.parameters:
        raise UsageError("the space holds no hyperparameters")
    return draft


class _Reader:
    def __init__(self) -> None:
        self.draft = Draft()
        self.ways: dict[str, list[tuple[Formula, ...]]] = {}

    def walk(self, node: Any, guards: tuple[Formula, ...], depth: int) -> None:
        """Add everything below a node, active where all guards hold."""
        if depth > _DEPTH:
            raise UsageError(f"the space is nested more than {_DEPTH} deep")
        if isinstance(node, Mapping):
            for value in node.values():
                self.walk(value, guards, depth + 1)
        elif isinstance(node, (list, tuple)):
            for value in node:
                self.walk(value, guards, depth + 1)
        elif _is_node(node):
            self.node(node, guards, depth)

    def node(self, node: Any, guards: tuple[Formula, ...], depth: int) -> None:
        """Add a parameter, or what lies below another node."""
        if node.name == "switch":
            self.choice(node, guards, depth)
        elif node.name == "hyperopt_param":
            self.parameter(node, guards, integer=False)
        elif node.name in ("int", "float") and _is_node(node.pos_args[0]) and node.pos_args[0].name != "switch":
            inner = _unwrapped(node)
            if inner.name == "hyperopt_param":
                self.parameter(inner, guards, integer=_whole(node))
            else:
                self.refuse(node)
        elif node.name in ("dict", "pos_args", "literal"):
            for child in _children(node):
                self.walk(child, guards, depth + 1)
            if node.name == "literal":
                self.walk(node.obj, guards, depth + 1) if isinstance(node.obj, (Mapping, list, tuple)) else None
        else:
            self.refuse(node)

    def refuse(self, node: Any) -> None:
        """Functions of parameters have no place in a space; what they work on has."""
        raise UsageError(f"`{node.name}` is computed by Hyperopt; derive it in the .hp file instead")

    def parameter(self, node: Any, guards: tuple[Formula, ...], integer: bool) -> None:
        """Add a single parameter."""
        label, law = _literal(node.pos_args[0]), node.pos_args[1]
        if not isinstance(label, str):
            raise UsageError(f"a label is {label!r}; labels are strings")
        if self.again(label, guards):
            return
        arguments = [_literal(a) for a in law.pos_args] + [_literal(a) for _, a in law.named_args]
        prior = _law(law.name, arguments, integer, label, self.draft.notes)
        if isinstance(prior, Law):
            self.draft.parameters.append(Parameter(label, prior))
        else:
            self.draft.parameters.append(Parameter(label, Listed(prior)))

    def again(self, label: str, guards: tuple[Formula, ...]) -> bool:
        """Note one more way in which a label is active; True where it was known already."""
        known = label in self.ways
        self.ways.setdefault(label, []).append(guards)
        return known

    def choice(self, node: Any, guards: tuple[Formula, ...], depth: int) -> None:
        """Add a choice and what its options hold."""
        chosen, *options = node.pos_args
        chosen = _unwrapped(chosen)
        if chosen.name != "hyperopt_param":
            self.refuse(node)
        label, law = _literal(chosen.pos_args[0]), chosen.pos_args[1]
        names = _names(options)
        weights = None
        if law.name == "categorical":
            probabilities = _literal(law.pos_args[0]) if law.pos_args else _literal(dict(law.named_args)["p"])
            weights = tuple(float(p) for p in probabilities)
        if not self.again(label, guards):
            self.draft.parameters.append(Parameter(label, Listed(tuple(names), weights)))
        for name, option in zip(names, options, strict=True):
            self.walk(option, (*guards, Compare(label, "==", name)), depth + 1)


def _is_node(value: Any) -> bool:
    return hasattr(value, "pos_args") and hasattr(value, "name")


def _children(node: Any) -> Iterator[Any]:
    yield from node.pos_args
    for _, child in node.named_args:
        yield child


def _unwrapped(node: Any) -> Any:
    """What `int` and `float` are of."""
    while node.name in ("int", "float") and _is_node(node.pos_args[0]):
        node = node.pos_args[0]
    return node


def _whole(node: Any) -> bool:
    while node.name in ("int", "float"):
        if node.name == "int":
            return True
        node = node.pos_args[0]
    return False


def _literal(node: Any) -> Any:
    """The plain value of a node."""
    if not _is_node(node):
        return node
    if node.name == "literal":
        return node.obj
    if node.name == "pos_args":
        return [_literal(a) for a in node.pos_args]
    raise UsageError(f"`{node.name}` as an argument has no counterpart; write a number")


def _names(options: list[Any]) -> list[Value]:
    """What the options of a choice are called: their value, or a text among their constants, or their number."""
    found: list[Value] = []
    texts = [_texts(o) for o in options]
    for k, option in enumerate(options):
        value = option.obj if _is_node(option) and option.name == "literal" else option
        others = {t for i, those in enumerate(texts) for t in those if i != k}
        own = next((t for t in texts[k] if t not in others), None)
        inner = _unwrapped(option) if _is_node(option) else option
        if isinstance(value, (str, bool, int, float, type(None))):
            found.append(value)
        elif own is not None:
            found.append(own)
        elif _is_node(inner) and inner.name == "hyperopt_param":
            found.append(str(_literal(inner.pos_args[0])))
        else:
            found.append(f"option{k}")
    if len({(type(v), v) for v in found}) < len(found):
        return [f"option{k}" for k in range(len(found))]
    return found


def _texts(option: Any) -> list[str]:
    """The constant texts of a dictionary."""
    if isinstance(option, Mapping):
        pairs = list(option.values())
    elif _is_node(option) and option.name == "dict":
        pairs = list(_children(option))
    elif _is_node(option) and option.name == "literal" and isinstance(option.obj, Mapping):
        pairs = list(option.obj.values())
    else:
        return []
    values = [p.obj if _is_node(p) and p.name == "literal" else p for p in pairs]
    return [v for v in values if isinstance(v, str)]


def _law(kind: str, arguments: list[Any], integer: bool, label: str, notes: list[str]) -> Law | tuple[Value, ...]:
    what = f"`{label}`"
    for a in arguments:
        if kind != "categorical" and not is_finite(a):
            raise UsageError(f"{what}: expected finite numbers, not {a!r}")
    if kind == "randint":
        low, high = (0, arguments[0]) if len(arguments) == 1 else arguments[:2]
        if int(high) - 1 == int(low):
            return (int(low),)
        return Law("uniform", (int(low), int(high) - 1), integer=True)
    if kind == "categorical":
        return tuple(range(len(arguments[0])))
    base = kind.removeprefix("q")
    q = arguments[-1] if base != kind else None
    values = arguments[:-1] if q is not None else arguments
    if base not in ("uniform", "loguniform", "normal", "lognormal", "uniformint") or len(values) < 2:
        raise UsageError(f"{what}: `{kind}` is no distribution that can be read")
    a, b = values[:2]
    if base == "uniformint":
        return Law("uniform", (int(a), int(b)), integer=True)
    if base in ("loguniform", "lognormal"):
        a, b = _exp(a, what), _exp(b, what)
    if q is None or base in ("normal", "lognormal"):
        if q is not None and q != 1:
            notes.append(f"{label}: multiples of {q} of an unbounded law have no first one; the rounding is left out")
        return Law(base, (a, b), integer=integer or q == 1)
    first, last = round(a / q), round(b / q)
    if base == "loguniform":
        first = max(first, 1)
    if first >= last:
        return (first * q,)
    if q == 1:
        return Law(base, (first, last), integer=True)
    notes.append(f"{label}: Hyperopt rounds to multiples of {q}; here each has the mass of its cell, the ends too")
    ends = (float(f"{first * q:.12g}"), float(f"{last * q:.12g}"))
    return Law(base, ends, integer=integer and float(q).is_integer(), step=q)


def _exp(x: float, what: str) -> float:
    """E to the x, to ten digits: exponents are seldom exact."""
    if abs(x) > 700:
        raise UsageError(f"{what}: {x} is an exponent of e and too large")
    return float(f"{math.exp(x):.10g}")
