"""`targets`: the declarations that a sentence such as `try` or `correlate` speaks about, elements included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpdsl.diagnostics import suggest
from hpdsl.intervals import bounds
from hpdsl.semantics.report import ARRAY, UNKNOWN_NAME, AbandonedError
from hpdsl.semantics.scopes import Declaration, Scope
from hpdsl.semantics.typed import show
from hpdsl.syntax import nodes
from hpdsl.terms import load

if TYPE_CHECKING:
    from hpdsl.semantics.names import Names


def targets(names: Names, target: nodes.Path | nodes.Index, scope: Scope) -> list[Declaration]:
    """The declarations that a path, perhaps with constant indices, can mean."""
    indices: list[nodes.Expr] = []
    path: nodes.Expr = target
    while isinstance(path, nodes.Index):
        indices.append(path.index)
        path = path.target
    assert isinstance(path, nodes.Path)
    first = scope.find(path.parts[0])
    if not indices or not isinstance(first, Declaration) or first.scope.detached:
        return names.candidates(path, scope, {})
    found = [first]
    for name in path.parts[1:]:
        if len(found) == 1 and found[0].kind == "groups" and indices:
            found = [_member(names, found[0], indices.pop(), name, target, scope)]
        else:
            found = names.deeper(path, found, name, {})
    while indices:
        if found[0].kind not in ("array", "vector"):
            raise _no_array(names, found[0], path, target)
        names.resolver.settle(found[0])
        found = [found[0].elements[_place(names, found[0], indices.pop(), scope)]]
    return [d for d in found if d.kind == "group" or names.is_value(d, path)]


def _member(
    names: Names, d: Declaration, index: nodes.Expr, name: str, target: nodes.Path | nodes.Index, scope: Scope
) -> Declaration:
    """What an element of an array of groups declares under a name."""
    names.resolver.settle(d)
    inside = d.scopes[_place(names, d, index, scope)].names
    if name not in inside:
        before = names.report.text(target.span).rpartition(f".{name}")[0]
        near = suggest(name, list(inside)) or next(iter(inside), "x")
        raise names.report.error(
            UNKNOWN_NAME,
            f"unknown name `{name}` in `{before}`",
            target.span,
            note="nothing declares this",
            help=f"write `{before}.{near}`",
        )
    return inside[name]


def _no_array(names: Names, d: Declaration, path: nodes.Path, target: nodes.Path | nodes.Index) -> AbandonedError:
    text, inside = names.report.text(target.span), next(iter(d.scopes[0].names if d.scopes else ()), "x")
    if d.kind == "groups":
        rule, note, help = f"`{text}` is a group", "not a value", f"name a member, as in {text}.{inside}"
    elif d.kind in ("subset", "permutation"):
        rule, note = f"the elements of a {d.kind} are not named one by one", "not an array"
        help = f"write the whole list, `{path.text} = [{', '.join(show(v) for v in d.values)}]`"
    else:
        rule, note, help = (
            f"`{path.text}` has no elements",
            "no array",
            f"write `{path.text}`, without the brackets",
        )
    return names.report.error(ARRAY, rule, target.span, note=note, help=help)


def _place(names: Names, d: Declaration, index: nodes.Expr, scope: Scope) -> int:
    """The number of an element that a constant names."""
    count = max(len(d.elements), len(d.scopes))
    label = getattr(index, "text" if isinstance(index, nodes.Path) else "value", None)
    if label in d.labels:
        return d.labels.index(str(label))
    at = names.resolver.expressions.number(index, scope, {}).term
    k = at.constant if at is not None else None
    if k is not None and k < 0.0 and (d.length is None or bounds(load(d.length.column), names.resolver.facts).point):
        k += count
    if k is None or k not in range(count):
        raise names.report.error(
            ARRAY,
            f"`{d.name}` has no such element",
            index.span,
            note="no constant" if k is None else f"its elements are numbered from 0 to {count - 1}",
            help=f"write an index from 0 to {count - 1}" if count else "give the array a length above 0",
        )
    return int(k)
