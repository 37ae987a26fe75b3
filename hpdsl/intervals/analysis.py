"""Interval analysis of terms: every value an expression can take, given what is known at its place.

The result is a superset: an interval may be wider than the truth, never narrower. Truth values are intervals
within 0 .. 1.
"""

from __future__ import annotations

import math
from collections import ChainMap
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any

from hpdsl.intervals.interval import BINARY, INF, TOP, UNARY, ZERO, Facts, Interval, arithmetic, both, either
from hpdsl.terms import DEEP, LARGE, Term


def bounds(term: Term, facts: Facts, found: dict[Term, Interval] | None = None) -> Interval:
    """The interval of a term where `facts` hold; facts about a subterm narrow it.

    Terms that share much are looked at one after the other with one `found`, which the same facts have filled.
    """
    if found is not None or term.depth >= DEEP or term.size > LARGE:
        return _deep_bounds(term, facts, found if found is not None else {})
    known = facts.get(term)
    computed = _bounds(term, facts, None)
    return computed.meet(known) if known is not None else computed


def _deep_bounds(term: Term, facts: Facts, found: dict[Term, Interval]) -> Interval:
    """`bounds` without recursion, what is shared computed once."""
    stack: list[tuple[Term, bool]] = [(term, False)]
    while stack:
        node, ready = stack.pop()
        # The sides of a condition are looked at under what it says, not here.
        args = node.args[:1] if node.op == "if" else node.args
        if ready:
            computed = _bounds(node, facts, [found[a] for a in args])
            known = facts.get(node)
            found[node] = computed.meet(known) if known is not None else computed
        elif node not in found:
            stack.append((node, True))
            stack.extend((a, False) for a in args)
    return found[term]


def _bounds(term: Term, facts: Facts, args: list[Interval] | None) -> Interval:
    op = term.op
    if op == "const":
        value = term.data[0]
        if math.isnan(value):
            return Interval(INF, -INF, unknown=True)
        if math.isinf(value):
            return Interval(INF, -INF, undefined=True)
        return Interval(value, value, value == math.floor(value))
    if op in ("load", "draw"):
        return TOP
    if args is None:
        args = [bounds(a, facts) for a in (term.args[:1] if op == "if" else term.args)]
    if op in ("known", "holds", "violated", "undefined"):
        return Interval(0.0, 1.0, True)
    if op == "coalesce":
        joined = args[0] if args[1].empty else args[1] if args[0].empty else args[0].join(args[1])
        return replace(joined, unknown=args[0].unknown and args[1].unknown)
    if op == "if":
        return _conditional(term, args, facts)
    if op == "and" or op == "or":
        decided = both(*args) if op == "and" else either(*args)
        return _marked(decided, args)
    if op == "take":
        values = [v for v in term.data if not math.isnan(v)]
        index = args[0]
        if math.isfinite(index.lo) and math.isfinite(index.hi):
            values = [v for v in term.data[int(index.lo) : int(index.hi) + 1] if not math.isnan(v)]
        marked = len(values) < len(term.data)
        if not values:
            return Interval(INF, -INF, unknown=True)
        whole = all(v == math.floor(v) for v in values)
        return _marked(Interval(min(values), max(values), whole, unknown=marked), args)
    if any(a.empty for a in args):
        return _marked(Interval(INF, -INF), args)
    if len(args) == 1 and op in UNARY:
        return _marked(UNARY[op](args[0]), args)
    if op in BINARY:
        result = _marked(BINARY[op](args[0], args[1]), args)
        if op in ("div", "floordiv", "mod") and result.undefined and _known_nonzero(term.args[1], facts):
            near = result.overflow or op != "mod"
            result = replace(result, undefined=any(a.undefined for a in args), overflow=near)
        return result
    return TOP


def _known_nonzero(term: Term, facts: Facts) -> bool:
    """True where an enclosing condition says that the term is not zero."""
    told = facts.get(Term("ne", (term, ZERO)))
    untold = facts.get(Term("eq", (term, ZERO)))
    return (told is not None and told.lo == 1.0) or (untold is not None and untold.hi == 0.0)


def _marked(result: Interval, args: list[Interval]) -> Interval:
    unknown, undefined, overflow = result.unknown, result.undefined, result.overflow
    for a in args:
        unknown = unknown or a.unknown
        undefined = undefined or a.undefined
        overflow = overflow or a.overflow
    if unknown == result.unknown and undefined == result.undefined and overflow == result.overflow:
        return result
    return Interval(result.lo, result.hi, result.integer, unknown, undefined, overflow)


def _conditional(term: Term, args: list[Interval], facts: Facts) -> Interval:
    test = args[0]
    sides = []
    if test.hi >= 1.0:
        sides.append(bounds(term.args[1], assume(term.args[0], True, facts)))
    if test.lo <= 0.0:
        sides.append(bounds(term.args[2], assume(term.args[0], False, facts)))
    if not sides:
        return _marked(Interval(INF, -INF), [test])
    result = sides[0] if len(sides) == 1 or sides[1].empty else sides[1] if sides[0].empty else sides[0].join(sides[1])
    # A side without a value can still be unknown or undefined.
    return _marked(result, [test, *sides])


# ---- narrowing --------------------------------------------------------------------------------------


class _Narrowed(ChainMap[Term, Interval]):
    """Facts over others; looked up more often than anything else, and so without the detours of its base."""

    def get(self, key: Term, default: Any = None) -> Any:
        for facts in self.maps:
            found = facts.get(key)
            if found is not None:
                return found
        return default


def assume(condition: Term, outcome: bool, facts: Facts) -> ChainMap[Term, Interval]:
    """The facts, narrowed by what follows when a condition is definitely true (or definitely false).

    What is learnt stands in the first map; what is learnt of the facts underneath later on shows through.
    """
    narrowed = _Narrowed({}, facts)  # type: ignore[arg-type]  # only the first is written
    before: dict[Term, Interval] = {}
    if condition.depth >= DEEP or condition.size > LARGE:
        _deep_bounds(condition, facts, before)
    _assume(condition, outcome, narrowed, before)
    return narrowed


_OPPOSITE = {"lt": "ge", "le": "gt", "eq": "ne", "ne": "eq"}


def _assume(
    condition: Term, outcome: bool, facts: MutableMapping[Term, Interval], before: dict[Term, Interval]
) -> None:
    """Note what follows in `facts`; `before` holds what long conditions were when nothing had been learnt."""
    op, args = condition.op, condition.args
    truth = Interval(1.0, 1.0, True) if outcome else Interval(0.0, 0.0, True)
    if op in ("and", "or", "not") and condition in before:
        # Computed anew for every link, a chain would take the square of its length.
        facts[condition] = before[condition].meet(truth)
    else:
        _narrow(condition, truth, facts)
    if op == "not":
        _assume(args[0], not outcome, facts, before)
    elif (op == "and" and outcome) or (op == "or" and not outcome):
        _assume(args[0], outcome, facts, before)
        _assume(args[1], outcome, facts, before)
    elif op == "or" and outcome:
        # One side known to be false leaves the other.
        for this, other in ((0, 1), (1, 0)):
            if bounds(args[this], facts).never_true:
                _assume(args[other], True, facts, before)
    elif op in _OPPOSITE:
        _compare(op if outcome else _OPPOSITE[op], args[0], args[1], facts)
    elif op == "known" and outcome:
        facts[args[0]] = replace(bounds(args[0], facts), unknown=False)


def _compare(relation: str, left: Term, right: Term, facts: MutableMapping[Term, Interval]) -> None:
    a, b = bounds(left, facts), bounds(right, facts)
    if relation in ("ge", "gt"):
        relation = "le" if relation == "ge" else "lt"
        left, right, a, b = right, left, b, a
    if relation == "eq":
        _narrow(left, b, facts)
        _narrow(right, a, facts)
    elif relation == "ne":
        _exclude(left, a, b, facts)
        _exclude(right, b, a, facts)
    else:
        top, bottom = b.hi, a.lo
        if relation == "lt":
            whole = a.integer and b.integer
            top = top - 1.0 if whole else math.nextafter(top, -INF)
            bottom = bottom + 1.0 if whole else math.nextafter(bottom, INF)
        _narrow(left, Interval(-INF, top), facts)
        _narrow(right, Interval(bottom, INF), facts)


def _exclude(term: Term, mine: Interval, other: Interval, facts: MutableMapping[Term, Interval]) -> None:
    point = other.point
    if point is None:
        return
    gap = 1.0 if mine.integer else 0.0
    if gap and mine.lo == point:
        _narrow(term, Interval(point + gap, INF), facts)
    elif gap and mine.hi == point:
        _narrow(term, Interval(-INF, point - gap), facts)
    elif point == 0.0 and mine.lo == 0.0:
        # Open at zero: what divides or takes logarithms must know.
        _narrow(term, Interval(math.ulp(0.0), INF), facts)
    elif point == 0.0 and mine.hi == 0.0:
        _narrow(term, Interval(-INF, -math.ulp(0.0)), facts)


def _narrow(term: Term, to: Interval, facts: MutableMapping[Term, Interval]) -> None:
    """Note that a term, now known and defined, lies in `to`; push the news through simple arithmetic."""
    if term.op == "const":
        return
    now = bounds(term, facts).meet(Interval(to.lo, to.hi))
    if now.integer and math.isfinite(now.lo) and math.isfinite(now.hi):
        now = replace(now, lo=float(math.ceil(now.lo)), hi=float(math.floor(now.hi)))
    facts[term] = now
    if term.op in ("add", "sub", "neg", "mul") and not now.empty:
        _push(term, now, facts)


def _push(term: Term, now: Interval, facts: MutableMapping[Term, Interval]) -> None:
    if term.op == "neg":
        _narrow(term.args[0], Interval(-now.hi, -now.lo), facts)
        return
    left, right = term.args
    a, b = bounds(left, facts), bounds(right, facts)
    if a.empty or b.empty:
        return
    # What is rounded into the interval may lie up to half a step of its ends outside.
    now = _outward(now)
    if term.op == "add":
        _narrow(left, _outward(arithmetic("sub", now, b)), facts)
        _narrow(right, _outward(arithmetic("sub", now, a)), facts)
    elif term.op == "sub":
        _narrow(left, _outward(arithmetic("add", now, b)), facts)
        _narrow(right, _outward(arithmetic("sub", a, now)), facts)
    else:
        for part, factor in ((left, b), (right, a)):
            if factor.lo > 0.0 or factor.hi < 0.0:
                _narrow(part, _outward(arithmetic("div", now, factor)), facts)


def _outward(a: Interval) -> Interval:
    """The interval with its ends a rounding error further out, so that no legal end point is cut off."""
    return Interval(math.nextafter(a.lo, -INF), math.nextafter(a.hi, INF))
