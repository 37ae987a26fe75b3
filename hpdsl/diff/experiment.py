"""What two models say differently about requirements and the experiment: sentences without a path."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from hpdsl.diff.change import Change
from hpdsl.diff.laws import Side
from hpdsl.semantics.model import Requirement, TryPoint

_T = TypeVar("_T")


def requirement_changes(old: Side, new: Side, renamed: Mapping[str, str]) -> Iterator[Change]:
    """Conditions that came, went, or took the place of another on the same quantities."""
    gone, come = _unmatched(_written(old), _key(old), _written(new), _key(new))
    for same in (_text, _reads):
        for b in [*come]:
            olds = [a for a in gone if same(old, a, renamed) == same(new, b, {})]
            if len(olds) == 1 == sum(same(new, c, {}) == same(new, b, {}) for c in come):
                gone.remove(olds[0])
                come.remove(b)
                yield _replaced(old, olds[0], new, b)
    for b in come:
        yield _changed("requirement added", "", old, None, new, b)
    for a in gone:
        yield _changed("requirement removed", "", old, a, new, None)


def experiment_changes(old: Side, new: Side, renamed: Mapping[str, str]) -> Iterator[Change]:
    """Changes of objectives, bounds on outcomes, fidelity and `try` points."""
    was, now = _goals(old), _goals(new)
    for name in [*now, *(n for n in was if n not in now)]:
        if was.get(name) != now.get(name):
            yield Change("objective", name, was.get(name, ""), now.get(name, ""))
    gone, come = _unmatched(
        old.model.outcomes, lambda o: (o.name, o.op, o.bound), new.model.outcomes, lambda o: (o.name, o.op, o.bound)
    )
    for b in [*come]:
        same = [a for a in gone if a.name == b.name]
        if same:
            gone.remove(same[0])
        yield _changed("outcome", b.name, old, same[0] if same else None, new, b)
    for a in gone:
        yield _changed("outcome", a.name, old, a, new, None)
    yield from _fidelity(old, new)
    tried, tries = _unmatched(
        old.model.tries, lambda t: _values(old, t, renamed), new.model.tries, lambda t: _values(new, t, {})
    )
    if len(tried) == len(tries) == 1:
        yield _changed("try", "", old, tried[0], new, tries[0])
        return
    for t in tries:
        yield _changed("try", "", old, None, new, t)
    for t in tried:
        yield _changed("try", "", old, t, new, None)


def _goals(side: Side) -> dict[str, str]:
    return {o.name: f"{'maximize' if o.maximize else 'minimize'} {o.name}" for o in side.model.objectives}


def _fidelity(old: Side, new: Side) -> Iterator[Change]:
    def key(side: Side) -> Hashable:
        f = side.model.fidelity
        return f and (f.name, f.lo, f.hi, f.integer, f.by, f.cost and side.digests.term(f.cost))

    a, b = old.model.fidelity, new.model.fidelity
    known = b or a
    if known is not None and key(old) != key(new):
        yield _changed("fidelity", known.name, old, a, new, b)


def _written(side: Side) -> list[Requirement]:
    return [r for r in side.model.requirements if not r.implied]


def _key(side: Side) -> Callable[[Requirement], Hashable]:
    return lambda r: (side.digests.guard(r.guard), side.digests.term(r.condition))


def _replaced(old: Side, a: Requirement, new: Side, b: Requirement) -> Change:
    change = _changed("requirement changed", "", old, a, new, b)
    if change.old == change.new:
        # The text is the same, but not what its names stand for.
        said = [side.words.term(r.condition) for side, r in ((old, a), (new, b))]
        guards = [side.words.guard(r.guard) for side, r in ((old, a), (new, b))]
        was, now = said if said[0] != said[1] else [f"when {g}" if g else "always" for g in guards]
        change = replace(change, old=f"{change.old}, which is {was}", new=f"{change.new}, which is {now}")
    return change


def _text(side: Side, r: Requirement, renamed: Mapping[str, str]) -> Hashable:
    return side.words.text(r.span)


def _reads(side: Side, r: Requirement, renamed: Mapping[str, str]) -> Hashable:
    owners = side.model.by_column()
    paths = [owners[c].path for c in r.columns() if c in owners]
    return frozenset(renamed.get(path, path) for path in paths)


def _values(side: Side, point: TryPoint, renamed: Mapping[str, str]) -> Hashable:
    by_path = {p.path: p for p in side.model.parameters}
    return frozenset((renamed.get(k, k), side.words.value(by_path[k], *v)) for k, v in point.given.items())


def _unmatched(
    olds: Iterable[_T], old_key: Callable[[_T], Hashable], news: Iterable[_T], new_key: Callable[[_T], Hashable]
) -> tuple[list[_T], list[_T]]:
    """What of each side has no equal on the other; equal ones cancel one for one."""
    gone: list[_T] = list(olds)
    come: list[_T] = []
    keys = [old_key(x) for x in gone]
    for x in news:
        key = new_key(x)
        if key in keys:
            at = keys.index(key)
            del keys[at], gone[at]
        else:
            come.append(x)
    return gone, come


def _changed(kind: str, path: str, old: Side, a: object, new: Side, b: object) -> Change:
    """A change of a sentence, in its own words."""
    sides = []
    for side, x in ((old, a), (new, b)):
        span = getattr(x, "span", None)
        sides.append(("", None) if span is None else (side.words.text(span), side.words.place(span)))
    return Change(kind, path, sides[0][0], sides[1][0], sides[0][1], sides[1][1])
