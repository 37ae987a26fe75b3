"""`diff`: everything that two spaces say differently, by path."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from hpdsl.diff.change import Change, Place
from hpdsl.diff.digest import Digests
from hpdsl.diff.experiment import experiment_changes, requirement_changes
from hpdsl.diff.laws import Side, law_changes
from hpdsl.diff.match import moves, visible
from hpdsl.diff.members import collection_changes
from hpdsl.errors import UsageError
from hpdsl.semantics.identity import space_id
from hpdsl.semantics.model import Model, Parameter, Piece, Score, Symbol

if TYPE_CHECKING:
    from hpdsl.space import Space

_ELEMENT = re.compile(r"\[(\d+)\]")


def diff(old: Space, new: Space) -> list[Change]:
    """The differences between two spaces; empty where both mean the same, the experiment included.

    Raises `UsageError` for what is no space.
    """
    for space in (old, new):
        if not hasattr(space, "compilation"):
            raise UsageError(f"diff() compares two spaces, not {type(space).__name__}; use load() for a path")
    return differences(old.compilation.model, new.compilation.model)


def differences(old: Model, new: Model) -> list[Change]:
    """The differences between two models: parameters and derived values, requirements, the experiment."""
    renamed = moves(old, new)
    before, after = Side(old, Digests(old, renamed)), Side(new, Digests(new, {}))
    symbols = [*_symbol_changes(before, after, renamed), *collection_changes(before, after, renamed)]
    symbols.sort(key=lambda c: (c.new_place is None, c.new_place or c.old_place or Place("", 0)))
    changes = [*_merged(symbols), *requirement_changes(before, after, renamed)]
    if not changes and space_id(old) != space_id(new):
        # Better to say so than to be silent about it.
        changes.append(Change("other", "", f"identity {space_id(old)[:16]}", f"identity {space_id(new)[:16]}"))
    return [*changes, *experiment_changes(before, after, renamed)]


def _symbol_changes(old: Side, new: Side, renamed: dict[str, str]) -> Iterator[Change]:
    olds = {renamed.get(s.path, s.path): s for s in visible(old.model)}
    news = {s.path: s for s in visible(new.model)}
    for path, b in news.items():
        if path in olds:
            yield from _changes(old, olds[path], new, b)
        else:
            yield Change("added", path, "", _whole(new, b), None, new.words.place(b.span))
    for path, a in olds.items():
        if path not in news:
            yield Change("removed", a.path, _whole(old, a), "", old.words.place(a.span), None)


def _whole(side: Side, symbol: Symbol) -> str:
    if isinstance(symbol, Parameter):
        return side.words.parameter(symbol)
    return " | ".join(dict.fromkeys(side.words.text(piece.span) for piece in symbol.pieces))


def _changes(old: Side, a: Symbol, new: Side, b: Symbol) -> Iterator[Change]:
    """Changes of a symbol that both models have."""
    places = old.words.place(a.span), new.words.place(b.span)
    guards = [_guards(side, s) for side, s in ((old, a), (new, b))]
    was, now = old.words.guards(a.pieces), new.words.guards(b.pieces)
    if a.path != b.path:
        if guards[0] == guards[1]:
            was = now = ""
        yield Change("moved", b.path, f"{a.path} {was}".strip(), f"{b.path} {now}".strip(), *places)
    elif guards[0] != guards[1]:
        yield Change("guard", b.path, was, now, *places)
    if isinstance(a, Parameter) and isinstance(b, Parameter):
        yield from _parameter(old, a, new, b, places)
    elif type(a) is not type(b):
        yield Change("prior", b.path, _whole(old, a), _whole(new, b), *places)
    elif old.digests.symbol(a, guarded=False) != new.digests.symbol(b, guarded=False):
        yield Change("derived", b.path, _whole(old, a), _whole(new, b), *places)


def _guards(side: Side, symbol: Symbol) -> list[str]:
    return sorted(side.digests.guard(piece.guard) for piece in symbol.pieces)


def _parameter(old: Side, a: Parameter, new: Side, b: Parameter, places: tuple[Place, Place]) -> Iterator[Change]:
    changed = False
    for x, y in _paired(old, a.pieces, new, b.pieces):
        if x is None or y is None:
            continue  # a guard has come or gone, and is told as such
        where = old.words.place(x.span), new.words.place(y.span)
        for kind, was, now in law_changes(old, x, new, y):
            changed = True
            yield Change(kind, b.path, was, now, *where)
        defaults = old.words.default(a, x), new.words.default(b, y)
        if defaults[0] != defaults[1]:
            yield Change("default", b.path, *defaults, *where)
    if a.kind != b.kind and not changed:
        yield Change("prior", b.path, f"{_whole(old, a)}, {a.kind}", f"{_whole(new, b)}, {b.kind}", *places)
    tied = _correlated(a.score), _correlated(b.score)
    if tied[0] != tied[1] and not _only_renamed(old, a.score, b.score):
        yield Change("correlation", b.path, *tied, *places)


def _paired(
    old: Side, a: Sequence[Piece], new: Side, b: Sequence[Piece]
) -> Iterator[tuple[Piece | None, Piece | None]]:
    """Pieces under the same guard, then the others in their order."""
    left, right = list(a), list(b)
    for x in a:
        guard = old.digests.guard(x.guard)
        y = next((y for y in right if new.digests.guard(y.guard) == guard), None)
        if y is not None:
            left.remove(x)
            right.remove(y)
            yield x, y
    yield from zip_longest(left, right)


def _correlated(score: Score | None) -> str:
    """The correlation of a parameter with those before it."""
    if score is None or len(score.members) < 2:
        return ""
    said = f"correlate {', '.join(score.members)}"
    if len(score.members) == 2:
        # Spearman's coefficient, from that of the normal scores.
        return f"{said} = {6.0 / math.pi * math.asin(score.row[0] / 2.0):.6g}"
    return f"{said}, factor {', '.join(f'{x:.6g}' for x in score.row)}"


def _only_renamed(old: Side, a: Score | None, b: Score | None) -> bool:
    return a is not None and b is not None and a.row == b.row and old.digests.renamed(a.members) == b.members


# ---- elements of arrays -----------------------------------------------------------------------------


def _merged(changes: Sequence[Change]) -> Iterator[Change]:
    """The changes, with one in the place of those that all elements of an array have in common."""
    groups: dict[tuple[str, ...], list[Change]] = {}
    for c in changes:
        words = [_ELEMENT.sub("[*]", text) for text in (c.path, c.old, c.new)]
        key = (c.kind, *words, str(c.old_place), str(c.new_place)) if _ELEMENT.search(c.path) else (c.kind, c.path)
        groups.setdefault(key if len(key) > 2 else (*key, c.old, c.new), []).append(c)
    for group in groups.values():
        first = group[0]
        if len(group) == 1:
            yield first
            continue
        old, new = (_ELEMENT.sub("[*]", text) for text in (first.old, first.new))
        yield replace(first, path=_together([c.path for c in group]), old=old, new=new)


def _together(paths: Sequence[str]) -> str:
    """`a[0]`, `a[1]`, `a[2]` as `a[0 .. 2]`; `a[*]` where the numbers are not in a row."""
    numbers = [tuple(map(int, _ELEMENT.findall(path))) for path in paths]
    texts = iter([_in_a_row([n[k] for n in numbers]) for k in range(len(numbers[0]))])
    return _ELEMENT.sub(lambda m: f"[{next(texts)}]", paths[0])


def _in_a_row(numbers: Sequence[int]) -> str:
    found = sorted(set(numbers))
    if len(found) == 1:
        return str(found[0])
    return f"{found[0]} .. {found[-1]}" if found[-1] - found[0] == len(found) - 1 else "*"
