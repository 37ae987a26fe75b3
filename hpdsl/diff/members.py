"""Subsets and permutations, whose parameters configurations don't name: they are compared as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from hpdsl.diff.change import Change
from hpdsl.diff.laws import Side
from hpdsl.diff.words import label
from hpdsl.semantics.model import Collection, Model, Parameter


def chosen(model: Model) -> dict[str, Collection]:
    """The subsets and permutations of a model by path."""
    return {c.path: c for c in model.collections if c.kind != "array"}


def moved_members(old: Model, new: Model) -> dict[str, str]:
    """Old path to new path, of members and lengths too, where a collection has got another name."""
    before, after = chosen(old), chosen(new)
    gone = [c for c in before.values() if c.path not in after]
    come = [c for c in after.values() if c.path not in before]
    found: dict[str, str] = {}
    for a in gone:
        same = [b for b in come if (b.kind, b.values) == (a.kind, a.values)]
        rivals = [c for c in gone if (c.kind, c.values) == (a.kind, a.values)]
        if len(same) == len(rivals) == 1:
            (b,) = same
            found |= {a.path: b.path, f"{a.path}#": f"{b.path}#"}
            found |= dict(zip(a.members, b.members, strict=True))
    return found


def collection_changes(old: Side, new: Side, renamed: dict[str, str]) -> Iterator[Change]:
    """Changes of all subsets and permutations."""
    before = {renamed.get(path, path): c for path, c in chosen(old.model).items()}
    after = chosen(new.model)
    for path, b in after.items():
        if path in before:
            yield from _changes(old, before[path], new, b)
        else:
            yield Change("added", path, "", _law(new, b), None, new.words.place(b.span))
    for path, a in before.items():
        if path not in after:
            yield Change("removed", path, _law(old, a), "", old.words.place(a.span), None)


def _changes(old: Side, a: Collection, new: Side, b: Collection) -> Iterator[Change]:
    places = old.words.place(a.span), new.words.place(b.span)
    if a.path != b.path:
        yield Change("moved", b.path, a.path, b.path, *places)
    gone = [label(v) for v in a.values if v not in b.values]
    come = [label(v) for v in b.values if v not in a.values]
    if gone:
        yield Change("labels removed", b.path, ", ".join(gone), "", *places)
    if come:
        yield Change("labels added", b.path, "", ", ".join(come), *places)
    olds, news = _members(old, a), _members(new, b)
    if [v for v in a.values if v in b.values] != [v for v in b.values if v in a.values]:
        yield Change("labels reordered", b.path, _law(old, a), _law(new, b), *places)
    elif not gone and not come and _laws(old, olds) != _laws(new, news):
        yield Change("prior", b.path, _law(old, a), _law(new, b), *places)
    if _guards(old, olds) != _guards(new, news):
        guards = old.words.guards(olds[0].pieces), new.words.guards(news[0].pieces)
        yield Change("guard", b.path, *guards, *places)
    if _default(a, olds) != _default(b, news):
        yield Change("default", b.path, _default(a, olds), _default(b, news), *places)


def _members(side: Side, c: Collection) -> list[Parameter]:
    by_path = {p.path: p for p in side.model.parameters}
    return [by_path[path] for path in c.members]


def _law(side: Side, c: Collection) -> str:
    """The prior as it was written."""
    return side.words.text(_members(side, c)[0].pieces[0].span)


def _laws(side: Side, members: list[Parameter]) -> list[list[str]]:
    return [[side.digests.law(piece.dist) for piece in p.pieces] for p in members]


def _guards(side: Side, members: list[Parameter]) -> list[str]:
    return [side.digests.guard(piece.guard) for piece in members[0].pieces]


def _default(c: Collection, members: list[Parameter]) -> str:
    """The default as a list of labels, empty where there is none."""
    values = [p.pieces[0].default for p in members]
    known = [v for v in values if v is not None]
    if len(known) < len(values):
        return ""
    if c.kind == "subset":
        return f"[{', '.join(label(x) for x, v in zip(c.values, known, strict=True) if v)}]"
    return f"[{', '.join(label(c.values[int(v)]) for v in known)}]"
