"""`Edits`: what a caller makes of a space: parameters fixed at a value, or restricted to part of their range."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from hpdsl.diagnostics import suggest
from hpdsl.errors import UsageError
from hpdsl.priors.items import Atom, Items, Range
from hpdsl.priors.numeric import Lattice, Numeric
from hpdsl.priors.place import Place
from hpdsl.priors.power import Power
from hpdsl.priors.ranked import Ranked
from hpdsl.semantics.arguments import Need
from hpdsl.semantics.distributions import Priors
from hpdsl.semantics.model import Dist
from hpdsl.semantics.scopes import Declaration, dotted
from hpdsl.semantics.typed import number, show
from hpdsl.source import Span
from hpdsl.terms import Term, apply, compute, const

if TYPE_CHECKING:
    from hpdsl.semantics.resolver import Resolver

ONE, ZERO = const(1.0), const(0.0)


@dataclass
class Edits:
    """Values by parameter, and ranges `(low, high)` or lists of alternatives by parameter."""

    fixed: dict[str, object] = field(default_factory=dict)
    limits: dict[str, object] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    misfits: dict[str, UsageError] = field(default_factory=dict)
    """By name, why a value fits no list of it, where all are in branches that are fixed away."""

    def __bool__(self) -> bool:
        return bool(self.fixed or self.limits)

    def merged(self, fixed: Mapping[str, object], limits: Mapping[str, object]) -> Edits:
        """These and more; what is fixed already stays fixed."""
        return Edits({**fixed, **self.fixed}, {**self.limits, **limits})

    def is_fixed(self, declaration: Declaration) -> bool:
        """True where a value is written for a parameter."""
        return self._name(declaration, self.fixed) is not None

    def applied(self, resolver: Resolver, declaration: Declaration, dist: Dist, priors: Priors, span: Span) -> Dist:
        """A distribution with what concerns it."""
        name = self._name(declaration, self.limits)
        if name is not None:
            self.used.add(name)
            dist = _restricted(name, dist, self.limits[name])
        name = self._name(declaration, self.fixed)
        if name is not None:
            try:
                value = _own(name, declaration, self.fixed[name])
                fixed = dist if value is _ABSENT else _fixed(name, dist, value, priors, span)
            except UsageError as error:
                owner = _outermost(declaration)
                if self._fixed_away(owner):
                    self.misfits.setdefault(name, error)
                    return dist
                path = dotted(owner.path)
                if name == dotted(owner.key) != path:
                    raise UsageError(
                        f"{error}, in the branch of `{path}`; fix the branch too, or a single one's by its path"
                    ) from None
                raise
            self.used.add(name)
            return fixed
        return dist

    def _fixed_away(self, d: Declaration) -> bool:
        """True in a branch other than the one at which its choice is fixed."""
        key: list[int | str] = []
        for k, step in enumerate(d.path):
            if len(key) < len(d.key) and step == d.key[len(key)]:
                key.append(step)
                continue
            # What is in the path alone is the name of a branch.
            for name in (dotted(tuple(key)), dotted(d.path[:k])):
                chosen = self.fixed.get(name)
                if isinstance(chosen, str) and chosen != step:
                    return True
        return False

    def _name(self, d: Declaration, among: Mapping[str, object]) -> str | None:
        if not among:
            return None
        names = [dotted(d.path), dotted(d.key)]
        at = d
        while at.array is not None:
            at = at.array
            names += [dotted(at.path), dotted(at.key)]
        # A member of every element of an array of groups goes by its name without the numbers.
        names.append(".".join(str(s) for s in d.path if isinstance(s, str)))
        return next((n for n in names if n in among), None)

    def check_used(self, known: Sequence[str]) -> None:
        """Raise `UsageError` for a name that no parameter has."""
        for name in [*self.fixed, *self.limits]:
            if name not in self.used and name in self.misfits:
                raise self.misfits[name]
            if name not in self.used:
                near = suggest(name, known)
                hint = f"did you mean `{near}`?" if near else f"the parameters are {', '.join(known[:12])}"
                raise UsageError(f"`{name}` is not a parameter of this space; {hint}")


_ABSENT = object()


def _outermost(d: Declaration) -> Declaration:
    """The collection that a declaration is an element of, or itself."""
    while d.array is not None:
        d = d.array
    return d


def _own(name: str, d: Declaration, value: object) -> object:
    """What a value says about one element of the collection it is written for."""
    if d.array is None or name in (dotted(d.path), dotted(d.key)):
        return value
    collection = d.array
    if not isinstance(value, (list, tuple)):
        if collection.kind in ("subset", "permutation"):
            raise UsageError(f"`{name}` takes a list of its values, not {value!r}")
        return value
    if collection.kind in ("subset", "permutation"):
        listed = list(value)
        unknown = [v for v in listed if not any(_same(v, w) for w in collection.values)]
        if unknown or len({str(v) for v in listed}) < len(listed):
            known = ", ".join(show(v) for v in collection.values)
            raise UsageError(f"`{name}` = {value!r}: it takes different values out of {known}")
        if collection.kind == "subset":
            return any(_same(v, collection.values[d.place]) for v in listed)
        if len(listed) != len(collection.values):
            raise UsageError(f"`{name}` takes all of its {len(collection.values)} values, in some order")
        return next(k for k, w in enumerate(collection.values) if _same(listed[d.place], w))
    count = len(collection.elements)
    if len(value) > count:
        raise UsageError(f"`{name}` = {value!r} has {len(value)} values; it takes at most {count}")
    return value[d.place] if d.place < len(value) else _ABSENT


def _same(a: object, b: object) -> bool:
    return isinstance(a, bool) == isinstance(b, bool) and isinstance(a, str) == isinstance(b, str) and a == b


# ---- one value --------------------------------------------------------------------------------------


def _fixed(name: str, dist: Dist, value: object, priors: Priors, span: Span) -> Dist:
    if isinstance(dist, Items):
        return _fixed_item(name, dist, value, priors, span)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise UsageError(f"`{name}` = {value!r} must be a number")
    x = float(value)
    legal = dist.contains(const(x))
    if legal.constant == 0.0 or (dist.integer and x != math.floor(x)):
        hull = dist.hull(priors.facts)
        raise UsageError(f"`{name}` = {number(x)} is outside its prior, {number(hull.lo)} .. {number(hull.hi)}")
    if legal.constant is None:
        priors.needs.append(Need(legal, f"`{name}` = {number(x)} is outside its range", span))
    return Items((int(x) if dist.integer else x,), (ONE,))


def _fixed_item(name: str, dist: Items, value: object, priors: Priors, span: Span) -> Items:
    for k, item in enumerate(dist.items):
        if not isinstance(item, Range) and _same(item, value):
            if dist.weights[k].constant == 0.0:
                raise UsageError(f"`{name}` = {show(value)} has weight 0")
            return _only(dist, frozenset({k}))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        for k, item in enumerate(dist.items):
            if isinstance(item, Range):
                legal = item.dist.contains(const(float(value)))
                if legal.constant == 0.0:
                    continue
                if legal.constant is None:
                    priors.needs.append(Need(legal, f"`{name}` = {show(value)} is outside its range", span))
                point: Atom = int(value) if item.dist.integer else float(value)
                items = tuple(point if j == k else i for j, i in enumerate(dist.items))
                return _only(replace(dist, items=items), frozenset({k}))
    shown = ", ".join(show(i) if not isinstance(i, Range) else "a range" for i in dist.items[:12])
    raise UsageError(f"`{name}` = {value!r} is not one of its alternatives: {shown}")


def _only(dist: Items, kept: frozenset[int]) -> Items:
    """The same alternatives with weight on some of them only."""
    weights = tuple(w if k in kept else ZERO for k, w in enumerate(dist.weights))
    if len(kept) == 1:
        weights = tuple(ONE if k in kept else ZERO for k in range(len(dist.weights)))
    return replace(dist, weights=weights)


# ---- part of a range --------------------------------------------------------------------------------


def _restricted(name: str, dist: Dist, limit: object) -> Dist:
    if isinstance(dist, Place):
        raise UsageError(f"`{name}` is a permutation, which can't be restricted; use `fix`, or a `require`")
    if isinstance(dist, Items):
        return _restricted_items(name, dist, limit)
    low, high = _ends(name, limit)
    if isinstance(dist, Ranked):
        raise UsageError(f"`{name}` is an ordered array, which can't be restricted; narrow its prior in the file")
    if isinstance(dist, Power):
        inner = _narrowed(
            name,
            dist.exponent,
            None if low is None else compute("log2", [low]) if low > 0 else None,
            None if high is None else compute("log2", [high]) if high > 0 else -math.inf,
        )
        return replace(dist, exponent=inner)
    return _narrowed(name, dist, low, high)


def _narrowed(name: str, dist: Numeric, low: float | None, high: float | None) -> Numeric:
    lo, hi = dist.lo, dist.hi
    if low is not None:
        lo = _up(dist, low) if lo is None else apply("max", lo, _up(dist, low))
    if high is not None:
        hi = _down(dist, high) if hi is None else apply("min", hi, _down(dist, high))
    if lo is not None and hi is not None:
        a, b = lo.constant, hi.constant
        if a is not None and b is not None and (a > b or (a == b and dist.lattice is None)):
            raise UsageError(f"restrict: nothing of `{name}` lies within {number(low or 0)} .. {number(high or 0)}")
    lattice = dist.lattice
    if lattice is not None and lattice.anchor is not None and lo is not None:
        # Points are counted from the lower bound.
        start = None if lo.constant is None or lattice.fraction is None else Fraction(repr(lo.constant))
        lattice = Lattice(lattice.step, lo, None if start is None else (start, Fraction(repr(lattice.step))))
    result = replace(dist, lo=lo, hi=hi, lattice=lattice)
    if result.total().constant == 0.0:
        raise UsageError(f"restrict: the prior of `{name}` has no probability there")
    return result


def _up(dist: Numeric, x: float) -> Term:
    """The first legal value at or above x."""
    if dist.lattice is None or math.isinf(x):
        return const(x)
    if dist.lattice.anchor is None:
        return const(float(math.ceil(x)))
    index = apply("ceil", (const(x) - dist.lattice.anchor) / dist.lattice.step - 1e-9)
    return dist.lattice.point(index)


def _down(dist: Numeric, x: float) -> Term:
    """The last legal value at or below x."""
    if dist.lattice is None or math.isinf(x):
        return const(x)
    if dist.lattice.anchor is None:
        return const(float(math.floor(x)))
    index = apply("floor", (const(x) - dist.lattice.anchor) / dist.lattice.step + 1e-9)
    return dist.lattice.point(index)


def _ends(name: str, limit: object) -> tuple[float | None, float | None]:
    if not isinstance(limit, (tuple, list)) or len(limit) != 2:
        raise UsageError(f"restrict takes a pair (low, high) for `{name}`, not {limit!r}")
    ends: list[float | None] = []
    for end in limit:
        if end is not None and (isinstance(end, bool) or not isinstance(end, (int, float)) or math.isnan(end)):
            raise UsageError(f"restrict takes numbers for `{name}`, not {end!r}")
        ends.append(None if end is None else float(end))
    low, high = ends
    if low is not None and high is not None and low > high:
        raise UsageError(f"restrict: {number(low)} .. {number(high)} is empty; swap the ends of `{name}`")
    return low, high


def _restricted_items(name: str, dist: Items, limit: object) -> Items:
    if isinstance(limit, (str, bool, int, float)) or limit is None:
        limit = [limit]
    if not isinstance(limit, (list, tuple, set, frozenset)):
        raise UsageError(f"restrict takes a list of alternatives for `{name}`, not {limit!r}")
    numbers = [v for v in dist.values if not math.isnan(v)]
    pair = isinstance(limit, tuple) and len(limit) == 2 and dist.numeric
    if pair and numbers:
        low, high = _ends(name, limit)
        kept = {
            k
            for k, v in enumerate(dist.values)
            if (low is None or v >= low) and (high is None or v <= high) and dist.weights[k].constant != 0.0
        }
    else:
        kept = set()
        for wanted in limit:
            k = next(
                (k for k, i in enumerate(dist.items) if not isinstance(i, Range) and _same(i, wanted)),
                None,
            )
            if k is None:
                shown = ", ".join(show(i) if not isinstance(i, Range) else "a range" for i in dist.items[:12])
                raise UsageError(f"restrict: `{name}` has no alternative {wanted!r}; they are {shown}")
            if dist.weights[k].constant != 0.0:
                kept.add(k)
    if not kept:
        raise UsageError(f"restrict: nothing of `{name}` is left")
    weights = tuple(w if k in kept else ZERO for k, w in enumerate(dist.weights))
    return replace(dist, weights=weights)
