"""Priors of the AST to distributions: arguments bound and checked, bounds, integers and steps worked out."""

from __future__ import annotations

import math
from collections import ChainMap
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from hpdsl.diagnostics import suggest
from hpdsl.intervals import Facts, Interval, bounds, linear_bounds
from hpdsl.priors.bases import Uniform
from hpdsl.priors.numeric import Lattice, Numeric
from hpdsl.priors.power import Power
from hpdsl.priors.scales import LINEAR
from hpdsl.priors.table import DISCRETE, NUMERIC, Entry, Shape
from hpdsl.semantics.report import (
    ARGUMENT_VALUE,
    EMPTY_RANGE,
    INACTIVE_ARGUMENT,
    MAYBE_UNDEFINED,
    NON_POSITIVE,
    PRIOR_ARGUMENTS,
    STEP,
    UNKNOWN_PRIOR,
    AbandonedError,
    Report,
)
from hpdsl.semantics.scopes import Scope
from hpdsl.semantics.typed import Typed, number
from hpdsl.semantics.witness import witness
from hpdsl.source import Span
from hpdsl.syntax import nodes
from hpdsl.terms import Term, apply, columns_of, const, load

if TYPE_CHECKING:
    from hpdsl.semantics.resolver import Resolver


@dataclass
class Need:
    """What must hold for a prior to make sense, where that could not be proved."""

    condition: Term
    message: str
    span: Span


@dataclass
class Priors:
    """Builds the distribution of one `~` sentence; `needs` collects what remains to be required."""

    resolver: Resolver
    scope: Scope
    facts: Facts
    needs: list[Need] = field(default_factory=list)
    known: list[Term] = field(default_factory=list)
    """Arguments that can be inactive: where one is, so is the parameter."""

    def numeric(self, prior: nodes.Prior) -> Numeric | Power:
        """The distribution of a numeric prior."""
        entry = self.entry(prior.name, prior.name_span)
        arguments = self.bind(entry.arguments, prior.args, prior)
        for name, limit, typed in zip(entry.arguments, entry.above, arguments, strict=True):
            if limit is not None:
                self._above(prior, name, limit, typed)
        for name, limit, typed in zip(entry.arguments, entry.below, arguments, strict=False):
            if limit is not None:
                self._below(prior, name, limit, typed)
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

    # ---- arguments -------------------------------------------------------------------------------

    @property
    def report(self) -> Report:
        """Where findings go."""
        return self.resolver.report

    def entry(self, name: str, span: Span) -> Entry:
        """The table entry of a prior."""
        if name in NUMERIC:
            return NUMERIC[name]
        raise self.unknown(name, span)

    def unknown(self, name: str, span: Span) -> AbandonedError:
        """Report a prior that does not exist, or not yet."""
        known = [*NUMERIC, *DISCRETE]
        near = suggest(name, known)
        examples = {**{k: e.example for k, e in NUMERIC.items()}, **DISCRETE}
        text = f"write `{near}`, as in {examples[near]}" if near in examples else f"the priors are {', '.join(known)}"
        return self.report.error(UNKNOWN_PRIOR, f"unknown prior `{name}`", span, note="no such prior", help=text)

    def bind(self, names: tuple[str, ...], given: tuple[nodes.Argument, ...], prior: nodes.Prior) -> list[Typed]:
        """The arguments in the order of their names."""
        usage = f"{prior.name}({', '.join(names)})"
        if prior.name in NUMERIC and NUMERIC[prior.name].example:
            usage += f", as in {NUMERIC[prior.name].example}"
        bound: dict[str, nodes.Argument] = {}
        for k, argument in enumerate(given):
            name = argument.name or (names[k] if k < len(names) else None)
            if name is None:
                raise self.report.error(
                    PRIOR_ARGUMENTS,
                    f"`{prior.name}` takes {len(names)} arguments, not {len(given)}",
                    argument.span,
                    note="one too many",
                    help=f"write {usage}",
                )
            if name not in names:
                raise self.report.error(
                    PRIOR_ARGUMENTS,
                    f"`{prior.name}` has no argument `{name}`",
                    argument.span,
                    note="no such argument",
                    help=f"write {usage}",
                )
            if name in bound:
                raise self.report.error(
                    PRIOR_ARGUMENTS,
                    f"the argument `{name}` is given twice",
                    argument.span,
                    help=f"write {usage}",
                )
            bound[name] = argument
        missing = [n for n in names if n not in bound]
        if missing:
            raise self.report.error(
                PRIOR_ARGUMENTS,
                f"`{prior.name}` needs {len(names)} arguments, {len(bound)} given",
                prior.span,
                note=f"`{missing[0]}` is missing",
                help=f"write {usage}",
            )
        typed = []
        failure: AbandonedError | None = None
        for n in names:
            try:
                typed.append(self.argument(bound[n].value))
            except AbandonedError as error:
                failure = error
        if failure is not None:
            raise failure
        return typed

    def argument(self, expr: nodes.Expr) -> Typed:
        """A number among a prior's arguments."""
        typed = self.resolver.expressions.number(expr, self.scope, self.facts)
        reach = bounds(self._term(typed), self._with_active(self._term(typed)))
        if reach.unknown and not reach.empty:
            self.known.append(self._term(typed))
            self.report.warning(
                INACTIVE_ARGUMENT,
                "this argument can be inactive",
                typed.span,
                note="where it is, the parameter is inactive too",
                help=_when_inactive(expr),
            )
        if reach.undefined:
            term = apply("not", apply("undefined", self._term(typed)))
            self.needs.append(Need(term, "a prior's argument is undefined", typed.span))
        return typed

    def _with_active(self, term: Term) -> Facts:
        """The facts here, where what the same guards make active is known."""
        known: dict[Term, Interval] = {}
        for column in columns_of(term):
            fact = self.facts.get(load(column))
            if fact is not None and fact.unknown:
                chains = (g.chain() if g else () for g in self.resolver.guards.get(column, ()))
                if any(all(bounds(condition, self.facts).is_true for condition in chain) for chain in chains):
                    known[load(column)] = replace(fact, unknown=False)
        return ChainMap(known, self.facts) if known else self.facts  # type: ignore[arg-type]  # only read

    def _term(self, typed: Typed) -> Term:
        assert typed.term is not None
        return typed.term

    def constant(self, expr: nodes.Expr, what: str) -> float:
        """The value of an expression that may not depend on parameters."""
        typed = self.resolver.expressions.number(expr, self.scope, self.facts)
        value = self._term(typed).constant
        if value is None:
            raise self.report.error(
                PRIOR_ARGUMENTS,
                f"{what} must be a constant",
                expr.span,
                note="this depends on a parameter",
                help="write a number",
            )
        return value

    # ---- rules -----------------------------------------------------------------------------------

    def _above(self, prior: nodes.Prior, name: str, limit: float, typed: Typed) -> None:
        term = self._term(typed)
        reach = bounds(term, self.facts)
        if reach.lo > limit:
            return
        logarithmic = prior.name == "loguniform"
        code = NON_POSITIVE if logarithmic or limit == 0.0 else ARGUMENT_VALUE
        rule = f"the {name} of `{prior.name}` must be greater than {number(limit)}"
        if term.constant is not None or reach.hi <= limit:
            value = number(term.constant) if term.constant is not None else f"at most {number(reach.hi)}"
            text = f"write a number above {number(limit)} for the {name}, such as {number(limit + 1.0)}"
            if logarithmic and name == "low":
                high = self.report.text(prior.args[-1].span)
                text = f"start above 0, as in loguniform(1e-6, {high})"
                text += f"; for an exact zero too: choice(0, loguniform(1e-6, {high}))"
            raise self.report.error(code, rule, typed.span, note=f"this is {value}", help=text)
        self._possible(apply("lt", const(limit), term), rule, typed.span, f"{name} > {number(limit)}")

    def _possible(self, condition: Term, rule: str, span: Span, short: str) -> None:
        """A rule that intervals can't prove: an error with a witness, else a requirement with a warning."""
        found, labels = witness(self.resolver, condition, self.facts)
        if found:
            raise self.report.error(
                EMPTY_RANGE if "bound" in rule else ARGUMENT_VALUE,
                rule,
                span,
                note=f"broken when {found}",
                labels=labels,
                help="narrow the parameters it depends on, or limit it with min( ) and max( )",
            )
        self.needs.append(Need(condition, rule, span))
        self.report.warning(
            MAYBE_UNDEFINED,
            f"could not prove that {short}",
            span,
            note="configurations where it fails will be refused",
            help="narrow the parameters it depends on, or limit it with min( ) and max( )",
        )

    def _order(self, low: Term, high: Term, prior: nodes.Prior, span: Span, *, continuous: bool) -> None:
        reach = linear_bounds(high - low, self.facts)
        if low.constant is not None and high.constant is not None:
            a, b = low.constant, high.constant
            if a > b:
                raise self.report.error(
                    EMPTY_RANGE,
                    "the lower bound is above the upper bound",
                    span,
                    note=f"{number(a)} .. {number(b)} is empty",
                    help=f"swap them: {number(b)}{' .. ' if '..' in self.report.text(span) else ', '}{number(a)}",
                )
            if math.isinf(b - a):
                raise self.report.error(
                    ARGUMENT_VALUE,
                    "the range is wider than any double",
                    span,
                    note=f"{number(b)} - {number(a)} overflows",
                    help="use smaller bounds, or a logarithmic prior",
                )
            if a == b and continuous:
                raise self.report.error(
                    EMPTY_RANGE,
                    "the range holds a single value",
                    span,
                    note=f"{number(a)} .. {number(b)} leaves nothing to choose",
                    help=f"write a constant, `name = {number(a)}`, or widen the range",
                )
            return
        if reach.hi < 0.0:
            raise self.report.error(
                EMPTY_RANGE,
                "the lower bound is always above the upper bound",
                span,
                note=f"the upper bound is lower by at least {number(-reach.hi)}",
                help="swap the bounds, or widen the range",
            )
        if reach.lo < 0.0:
            low_reach, high_reach = bounds(low, self.facts), bounds(high, self.facts)
            found, labels = witness(self.resolver, apply("le", low, high), self.facts)
            ends = f"the lower bound reaches {number(low_reach.hi)}, the upper one {number(high_reach.lo)}"
            fix = self._kept_below(prior, span)
            if found:
                raise self.report.error(
                    EMPTY_RANGE,
                    "the upper bound can fall below the lower bound",
                    span,
                    note=f"when {found} the range is empty: {ends}",
                    labels=labels,
                    help=fix,
                )
            self.needs.append(Need(apply("le", low, high), "the upper bound falls below the lower bound", span))
            self.report.warning(
                EMPTY_RANGE,
                "could not prove that the upper bound stays above the lower bound",
                span,
                note=ends + "; configurations where it does not will be refused",
                help=fix,
            )

    def _kept_below(self, prior: nodes.Prior, span: Span) -> str:
        """How to write bounds that can't invert."""
        texts = [self.report.text(a.value.span) for a in prior.args]
        if len(texts) != 2 or (prior.within is not None and span == prior.within.span):
            return "limit a bound, for example with min( ) or max( )"
        integer = "int " if prior.integer else ""
        return (
            f"keep the lower bound below the upper one: {integer}{prior.name}(min({texts[0]}, {texts[1]}), {texts[1]})"
        )

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
                    note=f"{float(count):.3g} points",
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

    def _below(self, prior: nodes.Prior, name: str, limit: float, typed: Typed) -> None:
        term = self._term(typed)
        reach = bounds(term, self.facts)
        if reach.hi < limit:
            return
        rule = f"the {name} of `{prior.name}` must be less than {number(limit)}"
        if term.constant is not None or reach.lo >= limit:
            value = number(term.constant) if term.constant is not None else f"at least {number(reach.lo)}"
            help = f"write a number below {number(limit)} for the {name}, such as {number(0.99 * limit)}"
            raise self.report.error(ARGUMENT_VALUE, rule, typed.span, note=f"this is {value}", help=help)
        self._possible(apply("lt", term, const(limit)), rule, typed.span, f"{name} < {number(limit)}")

    def _sorted(self, prior: nodes.Prior, entry: Entry, arguments: list[Typed]) -> None:
        """The arguments between the bounds must lie between them."""
        names = entry.arguments
        for k, (a, b) in enumerate(pairwise(arguments)):
            low, high = self._term(a), self._term(b)
            if linear_bounds(high - low, self.facts).lo >= 0.0:
                continue
            rule = f"the {names[k + 1]} of `{prior.name}` lies below its {names[k]}"
            if low.constant is not None and high.constant is not None:
                raise self.report.error(
                    ARGUMENT_VALUE,
                    rule,
                    a.span.to(b.span),
                    note=f"{number(high.constant)} is less than {number(low.constant)}",
                    help=f"write them in order, as in {entry.example}",
                )
            self._possible(apply("le", low, high), rule, a.span.to(b.span), f"{names[k]} <= {names[k + 1]}")


def _when_inactive(expr: nodes.Expr) -> str:
    """What to write for an argument that can be inactive."""
    if isinstance(expr, nodes.Path):
        value = f"`{expr.text} if active({expr.text}) else 1`"
        return f"fine if that is meant; else say what holds instead, for example {value}"
    return "fine if that is meant; else use parameters that are always active"
