"""How far one term lies above another, both computed in doubles: what they share cancels, their rounding counts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from fractions import Fraction

from hpdsl.intervals.analysis import bounds
from hpdsl.intervals.interval import INF, Facts, Interval
from hpdsl.terms import Term

# Sums and products of whole numbers below this are exact; to this itself more is rounded.
WHOLE = 2.0**53
# Half the least double: what a product may lose where it is too small.
_LEAST = Fraction(1, 2**1075)
# How far rules are followed into two terms, and how many pairs are looked at.
DEPTH, PAIRS = 8, 1_000


def gap(low: Term, high: Term, facts: Facts) -> Interval:
    """Every value of `high - low`, with neither of the two rounded further; its sign is the one that comparing sees."""
    plain = bounds(high - low, facts)
    if plain.empty or plain.lo > 0.0 or plain.hi < 0.0:
        return plain
    found: dict[Term, Interval] = {}
    least, most = _Form(facts, found).of(low, high)
    order = _Order(facts, found)
    if least < 0.0 and order.holds(high, low, strict=False, depth=DEPTH):
        least = 0.0
    if least == 0.0 and order.holds(high, low, strict=True, depth=DEPTH):
        least = math.ulp(0.0)
    return replace(plain, lo=max(plain.lo, least), hi=min(plain.hi, most))


@dataclass
class _Form:
    """A linear form: its terms and their weights, and by how much rounding may miss it."""

    facts: Facts
    found: dict[Term, Interval]
    weights: dict[Term, Fraction] = field(default_factory=dict)
    offset: Fraction = Fraction(0)
    error: Fraction | None = Fraction(0)

    def of(self, low: Term, high: Term) -> tuple[float, float]:
        """The ends of `high - low`, infinite where nothing is known."""
        self._add(high, Fraction(1))
        self._add(low, Fraction(-1))
        if self.error is None:
            return -INF, INF
        least: Fraction | None = self.offset - self.error
        most: Fraction | None = self.offset + self.error
        for part, weight in self.weights.items():
            if weight:
                reach = self._bounds(part)
                ends = (reach.lo, reach.hi) if weight > 0 else (reach.hi, reach.lo)
                least = None if least is None or math.isinf(ends[0]) else least + weight * Fraction(ends[0])
                most = None if most is None or math.isinf(ends[1]) else most + weight * Fraction(ends[1])
        return -INF if least is None else _at_most(least), INF if most is None else -_at_most(-most)

    def _add(self, term: Term, weight: Fraction) -> None:
        stack = [(term, weight)]
        while stack:
            term, weight = stack.pop()
            value, op = term.constant, term.op
            if value is not None and math.isfinite(value):
                self.offset += weight * Fraction(value)
            elif op == "neg":
                stack.append((term.args[0], -weight))
            elif op in ("add", "sub"):
                self._rounded(term, weight, Fraction(0))
                stack += [(term.args[0], weight), (term.args[1], weight if op == "add" else -weight)]
            elif op == "mul" and (k := next((a for a in term.args if _finite(a)), None)) is not None:
                factor = Fraction(k.constant or 0.0)
                other = term.args[1] if k is term.args[0] else term.args[0]
                # Only the exponent changes, unless that falls below every double's.
                shifted = factor and abs(math.frexp(float(factor))[0]) == 0.5
                self._rounded(term, weight, _LEAST, exact=bool(shifted))
                stack.append((other, weight * factor))
            else:
                self.weights[term] = self.weights.get(term, Fraction(0)) + weight

    def _rounded(self, term: Term, weight: Fraction, least: Fraction, *, exact: bool = False) -> None:
        """Count what the rounding of a sum or product may change: half a unit in its last place."""
        reach = self._bounds(term)
        size = max(abs(reach.lo), abs(reach.hi))
        whole = all(self._bounds(a).integer for a in term.args)
        if self.error is None or (whole and size < WHOLE):
            return
        if math.isinf(size):
            self.error = None
            return
        self.error += abs(weight) * (least if exact else max(Fraction(math.ulp(size)) / 2, least))

    def _bounds(self, term: Term) -> Interval:
        return bounds(term, self.facts, self.found)


def _finite(term: Term) -> bool:
    return term.constant is not None and math.isfinite(term.constant)


def _at_most(value: Fraction) -> float:
    """The largest double that is no larger."""
    try:
        near = float(value)
    except OverflowError:
        return math.nextafter(INF, 0.0) if value > 0 else -INF
    return near if Fraction(near) <= value else math.nextafter(near, -INF)


class _Order:
    """Whether a term is never below another, by rules that rounding keeps: it never turns an order round."""

    def __init__(self, facts: Facts, found: dict[Term, Interval]) -> None:
        self.facts = facts
        self.found = found
        self.seen: dict[tuple[Term, Term, bool], bool] = {}

    def holds(self, high: Term, low: Term, *, strict: bool, depth: int) -> bool:
        """True where `high >= low` (or `>`) is certain wherever both have a value."""
        key = (high, low, strict)
        if key not in self.seen:
            self.seen[key] = False
            self.seen[key] = self._decide(high, low, strict, depth)
        return self.seen[key]

    def _decide(self, high: Term, low: Term, strict: bool, depth: int) -> bool:
        if high == low:
            return not strict
        above, below = self._bounds(high), self._bounds(low)
        if above.lo > below.hi or (above.lo == below.hi and not strict):
            return True
        if depth == 0 or len(self.seen) > PAIRS:
            return False
        pairs = [[(t, low)] for t in self._parts(high, 1.0)] + [[(high, t)] for t in self._parts(low, -1.0)]
        if high.op in ("min", "max"):
            sides = [(t, low) for t in high.args]
            pairs += [sides] if high.op == "min" else [[side] for side in sides]
        if low.op in ("min", "max"):
            sides = [(high, t) for t in low.args]
            pairs += [sides] if low.op == "max" else [[side] for side in sides]
        if any(all(self.holds(a, b, strict=strict, depth=depth - 1) for a, b in several) for several in pairs):
            return True
        return not strict and high.op == low.op and self._alike(high, low, depth - 1)

    def _parts(self, term: Term, sign: float) -> list[Term]:
        """Parts that a term is never below (`sign` 1), or never above (-1)."""
        op, args = term.op, term.args
        if op in ("floor", "ceil", "abs"):
            return list(args) if (op == "floor") == (sign < 0.0) else []
        if op not in ("add", "sub", "mul", "div"):
            return []
        first, second = args
        if op == "add":
            return [x for x, other in ((first, second), (second, first)) if self._signed(other, sign)[0] >= 0.0]
        if op == "sub":
            return [first] if self._signed(second, sign)[1] <= 0.0 else []
        pairs = [(first, second)] if op == "div" else [(first, second), (second, first)]
        return [x for x, factor in pairs if self._grows(x, factor, sign, op)]

    def _signed(self, term: Term, sign: float) -> tuple[float, float]:
        reach = self._bounds(term)
        return (reach.lo, reach.hi) if sign > 0.0 else (-reach.hi, -reach.lo)

    def _grows(self, term: Term, factor: Term, sign: float, op: str) -> bool:
        """True where the factor (or divisor) never takes a term that is not negative below itself, or above."""
        if self._bounds(term).lo < 0.0:
            return False
        reach = self._bounds(factor)
        if op == "div":
            return reach.lo > 0.0 and reach.hi <= 1.0 if sign > 0.0 else reach.lo >= 1.0
        return reach.lo >= 1.0 if sign > 0.0 else reach.hi <= 1.0

    def _alike(self, high: Term, low: Term, depth: int) -> bool:
        """Two of the same operation, argument by argument."""
        op = high.op
        if op in ("floor", "ceil", "round", "sqrt"):
            return self.holds(high.args[0], low.args[0], strict=False, depth=depth)
        if op not in ("add", "sub", "mul", "div"):
            return False
        (p, q), (s, t) = high.args, low.args
        if op == "add":
            return any(
                self.holds(p, x, strict=False, depth=depth) and self.holds(q, y, strict=False, depth=depth)
                for x, y in ((s, t), (t, s))
            )
        if op == "sub":
            return self.holds(p, s, strict=False, depth=depth) and self.holds(t, q, strict=False, depth=depth)
        factors = [(p, q, s, t)] if op == "div" else [(p, q, s, t), (q, p, t, s), (p, q, t, s), (q, p, s, t)]
        return any(
            k == m and self._bounds(k).lo >= 0.0 and self.holds(x, y, strict=False, depth=depth)
            for x, k, y, m in factors
        )

    def _bounds(self, term: Term) -> Interval:
        return bounds(term, self.facts, self.found)
