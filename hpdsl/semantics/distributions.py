"""Priors of the AST to distributions: arguments bound and checked, bounds, integers and steps worked out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from hpdsl.intervals import bounds
from hpdsl.priors.bases import Uniform
from hpdsl.priors.numeric import Lattice, Numeric
from hpdsl.priors.power import Power
from hpdsl.priors.scales import LINEAR
from hpdsl.priors.table import Shape
from hpdsl.semantics.arguments import Arguments
from hpdsl.semantics.report import (
    ARGUMENT_VALUE,
    EMPTY_RANGE,
    NON_POSITIVE,
    STEP,
    AbandonedError,
)
from hpdsl.semantics.typed import Typed, number
from hpdsl.syntax import nodes
from hpdsl.terms import Term, apply, const

# Beyond this doubles have no halves; among so many integers a half more or less at the ends does not matter.
_HALVES, _MANY = 2.0**52, 2.0**40

if TYPE_CHECKING:
    pass


@dataclass
class Priors(Arguments):
    """Builds the distribution of one `~` sentence."""

    def numeric(self, prior: nodes.Prior) -> Numeric | Power:
        """The distribution of a numeric prior."""
        entry = self.entry(prior.name, prior.name_span)
        arguments = self.bind(entry.arguments, prior.args, prior)
        for name, limit, typed in zip(entry.arguments, entry.above, arguments, strict=True):
            if limit is not None:
                self._above(prior, name, limit, typed, self._term(arguments[-1]))
        for name, limit, typed in zip(entry.arguments, entry.below, arguments, strict=False):
            if limit is not None:
                self._below(prior, name, limit, typed)
        if entry.least_below is not None:
            least = apply("min", *(self._term(t) for t in arguments))
            span = arguments[0].span.to(arguments[-1].span)
            self._below(prior, "smaller argument", entry.least_below, replace(arguments[0], term=least, span=span))
        terms = tuple(self._term(t) for t in arguments)
        shape = entry.shape(terms)
        low, high = shape.lo, shape.hi
        if entry.bounds and prior.integer:
            low = self._whole(arguments[0], up=True)
            high = self._whole(arguments[-1], up=False)
        if entry.bounds:
            assert low is not None and high is not None
            self._order(
                low,
                high,
                prior,
                arguments[0].span.to(arguments[-1].span),
                continuous=not self._discrete(prior),
            )
        if entry.sorted:
            self._sorted(prior, entry, arguments)
        low, high = self._truncated(prior, low, high)
        lattice = self._lattice(prior, low, high)
        if lattice is not None and low is not None:
            self._edges(prior, shape, low, high, 0.5 * lattice.step)
        if lattice is not None and entry.sorted:
            # The law itself is widened, since its arguments are its bounds.
            half = 0.5 * lattice.step
            shape = entry.shape((terms[0] - half, *terms[1:-1], terms[-1] + half))
        if prior.integer:
            self._halves(prior, shape, low, high)
        dist = Numeric(shape.base, shape.warp, shape.loc, shape.scale, low, high, lattice, prior.integer, entry.seen)
        if dist.total().constant == 0.0:
            raise self.report.error(
                EMPTY_RANGE,
                "the prior gives this range no probability that a double can hold",
                prior.span if prior.within is None else prior.within.span,
                note="too far in the tail",
                help="move the range towards the bulk of the prior, or use a wider prior",
            )
        return dist

    def power(self, prior: nodes.Prior) -> Power:
        """The distribution of `pow2(low, high)`."""
        low, high = self.bind(("low", "high"), prior.args, prior)
        exponents = []
        for typed, up in ((low, True), (high, False)):
            term = self._term(typed)
            reach = bounds(term, self.facts)
            if reach.lo <= 0.0:
                raise self.report.error(
                    NON_POSITIVE,
                    "`pow2` needs positive bounds",
                    typed.span,
                    note=f"reaches {number(reach.lo)}",
                    help="write powers of two, as in pow2(1, 64)",
                )
            fixed = term.constant
            if fixed is not None and math.frexp(fixed)[0] != 0.5:
                below = 2.0 ** math.floor(math.log2(fixed))
                raise self.report.error(
                    ARGUMENT_VALUE,
                    "the bounds of `pow2` must be powers of two",
                    typed.span,
                    note=f"{number(fixed)} lies between {number(below)} and {number(2 * below)}",
                    help=f"write {number(below)} or {number(2 * below)}",
                )
            exponents.append(apply("ceil" if up else "floor", apply("log2", term)))
        self._order(exponents[0], exponents[1], prior, low.span.to(high.span), continuous=False)
        lattice = Lattice(1.0, None, None)
        inner = Numeric(Uniform(), LINEAR, const(0.0), const(1.0), exponents[0], exponents[1], lattice, True)
        return Power(inner, bounds(exponents[0], self.facts).lo >= 0.0)

    # ---- bounds and steps ------------------------------------------------------------------------

    def _discrete(self, prior: nodes.Prior) -> bool:
        return prior.integer or prior.step is not None

    def _whole(self, typed: Typed, *, up: bool) -> Term:
        """A bound of an integer prior; one that depends on others rounds inwards."""
        term = self._term(typed)
        fixed = term.constant
        if fixed is not None and fixed != math.floor(fixed):
            raise self.report.error(
                ARGUMENT_VALUE,
                "the bounds of an integer must be integers",
                typed.span,
                note=f"{number(fixed)} is none",
                help=f"write {math.ceil(fixed) if up else math.floor(fixed)}, or drop `int`",
            )
        if fixed is not None and abs(fixed) > 2.0**53:
            raise self.report.error(
                ARGUMENT_VALUE,
                "integers must stay within 2**53",
                typed.span,
                note="larger integers have no exact double",
                help="use a smaller bound",
            )
        return term if typed.integer else apply("ceil" if up else "floor", term)

    def _halves(self, prior: nodes.Prior, shape: Shape, low: Term | None, high: Term | None) -> None:
        """Few integers beyond 2**52 would get wrong masses: doubles have no halves there to part them."""
        if low is None or high is None:
            # On another scale these are small.
            reach, spread = bounds(shape.loc, self.facts), bounds(shape.scale, self.facts).hi
        else:
            reach = bounds(low, self.facts).join(bounds(high, self.facts))
            spread = bounds(high - low, self.facts).hi
        far = max(abs(reach.lo), abs(reach.hi))
        if _HALVES < far <= 2.0 * _HALVES and spread < _MANY:
            near = reach.lo if abs(reach.lo) < abs(reach.hi) else reach.hi
            raise self.report.error(
                ARGUMENT_VALUE,
                "few integers beyond 2**52 can't be drawn: doubles can't part them",
                prior.span,
                note=f"{far if reach.hi == far else -far:.0f} is beyond",
                help=f"draw the distance from {near:.0f}, and add it: `y = {near:.0f} + x`",
            )

    def _truncated(self, prior: nodes.Prior, low: Term | None, high: Term | None) -> tuple[Term | None, Term | None]:
        """The bounds after `in lo .. hi`."""
        if prior.within is None:
            return low, high
        ends: list[Term | None] = []
        for edge, up in ((prior.within.lo, True), (prior.within.hi, False)):
            if edge is None:
                ends.append(None)
                continue
            typed = self.argument(edge)
            ends.append(self._whole(typed, up=up) if prior.integer else self._term(typed))
        lo, hi = ends
        if lo is not None and hi is not None:
            self._order(lo, hi, prior, prior.within.span, continuous=not self._discrete(prior))
        if low is not None:
            lo = low if lo is None else apply("max", lo, low)
        if high is not None:
            hi = high if hi is None else apply("min", hi, high)
        if prior.name in ("lognormal",) and hi is not None and bounds(hi, self.facts).hi <= 0.0:
            raise self.report.error(
                EMPTY_RANGE,
                f"`{prior.name}` has positive values only",
                prior.within.span,
                note="nothing is left of it in this range",
                help="let the range reach above 0",
            )
        if lo is not None and hi is not None:
            a, b = lo.constant, hi.constant
            if a is not None and b is not None and a > b:
                fixed = [t.constant for t in (low, high) if t is not None and t.constant is not None]
                support = " .. ".join(number(x) for x in fixed) if len(fixed) == 2 else "other values"
                raise self.report.error(
                    EMPTY_RANGE,
                    "nothing of the prior lies in this range",
                    prior.within.span,
                    note=f"`{prior.name}` reaches {support} only",
                    help=f"let the two overlap, as in `in {support}`",
                )
            self._order(lo, hi, prior, prior.within.span, continuous=not self._discrete(prior))
        return lo, hi

    def _lattice(self, prior: nodes.Prior, low: Term | None, high: Term | None) -> Lattice | None:
        if prior.step is None:
            return Lattice(1.0, None, None) if prior.integer else None
        step = self.constant(prior.step, "`step`")
        if not step > 0.0 or (prior.integer and step != math.floor(step)):
            raise self.report.error(
                STEP,
                "the step of an integer must be a positive integer" if prior.integer else "a step must be positive",
                prior.step.span,
                note=f"this is {number(step)}",
                help="write `step 1`" if prior.integer else "write, for example, `step 0.1`",
            )
        if low is None:
            raise self.report.error(
                STEP,
                "a step needs a lower bound to start from",
                prior.step.span,
                note=f"`{prior.name}` has none",
                help=f"add one: {self.report.text(prior.span)} in 0 .. 10",
            )
        first, last = low.constant, high.constant if high is not None else None
        if first is None:
            return Lattice(step, low, None)
        start, width = Fraction(repr(first)), Fraction(repr(step))
        if last is not None:
            count = (Fraction(repr(last)) - start) / width
            if count > 2**52 and not prior.integer:
                raise self.report.error(
                    STEP,
                    "the step is finer than doubles can tell apart",
                    prior.step.span,
                    note=f"{float(count):.3g} points" if count < 10**300 else "more than 1e300 points",
                    help="use a coarser step, or leave it out",
                )
            if count.denominator != 1:
                below = float(start + math.floor(count) * width)
                above = float(start + math.ceil(count) * width)
                raise self.report.error(
                    STEP,
                    "the range is no multiple of the step",
                    prior.step.span,
                    note=f"from {number(first)} in steps of {number(step)}, {number(last)} is not reached",
                    help=self._ending(prior, first, (below, above), step),
                )
        return Lattice(step, low, (start, width))

    def _ending(self, prior: nodes.Prior, first: float, ends: tuple[float, float], step: float) -> str:
        """How to end a range where its steps do."""
        a, b = (number(end) for end in ends)
        if prior.name != "uniform" or prior.within is not None:
            return f"end the range at {a} or {b}"
        word = "int " if prior.integer else ""
        end = a if ends[0] > first else b
        return f"end the range at {a} or {b}: {word}uniform({number(first)}, {end}) step {number(step)}"

    def _edges(self, prior: nodes.Prior, shape: Shape, low: Term, high: Term | None, half: float) -> None:
        """Half a step beyond its bounds, a prior on another scale must still have a place there."""
        if shape.warp.low is not None and (isinstance(shape.base, Uniform) or half != 0.5):
            reach = bounds(low, self.facts).lo - half
            if reach <= shape.warp.low:
                raise self._beyond(
                    prior, "below the lower bound", reach, f"start above {number(shape.warp.low + half)}"
                )
        if shape.warp.high is not None and high is not None:
            reach = bounds(high, self.facts).hi + half
            if reach >= shape.warp.high:
                raise self._beyond(prior, "above the upper bound", reach, f"end below {number(shape.warp.high - half)}")

    def _beyond(self, prior: nodes.Prior, where: str, reach: float, fix: str) -> AbandonedError:
        what = "positive" if prior.name in ("loguniform", "lognormal") else "within its scale"
        return self.report.error(
            NON_POSITIVE,
            f"half a step {where}, `{prior.name}` must still be {what}",
            prior.span,
            note=f"the outermost cell reaches {number(reach)}",
            help=f"{fix}, or use a smaller step",
        )
