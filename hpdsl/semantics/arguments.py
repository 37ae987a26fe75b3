"""`Arguments`: what stands in a prior's brackets, bound to names and held against the rules of the prior."""

from __future__ import annotations

import math
from collections import ChainMap
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from hpdsl.diagnostics import counted, suggest
from hpdsl.intervals import Facts, Interval, bounds, gap
from hpdsl.priors.table import DISCRETE, NUMERIC, Entry
from hpdsl.semantics.model import Guard
from hpdsl.semantics.report import (
    ARGUMENT_VALUE,
    EMPTY_RANGE,
    INACTIVE_ARGUMENT,
    MAYBE_UNDEFINED,
    NON_POSITIVE,
    PRIOR_ARGUMENTS,
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


# Values derived from values: looked through this deep for what makes them active.
_DEEPEST = 20
# The least double that has all its digits.
_LEAST = 2.0**-1022


@dataclass
class Need:
    """What must hold for a prior to make sense, where that could not be proved."""

    condition: Term
    message: str
    span: Span


@dataclass
class Arguments:
    """The arguments of one `~` sentence; `needs` collects what remains to be required."""

    resolver: Resolver
    scope: Scope
    facts: Facts
    needs: list[Need] = field(default_factory=list)
    known: list[Term] = field(default_factory=list)
    """Arguments that can be inactive: where one is, so is the parameter."""
    _seen: dict[int, bool] = field(default_factory=dict)

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
                    f"`{prior.name}` takes {counted(len(names), 'argument')}, not {len(given)}",
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
                f"`{prior.name}` needs {counted(len(names), 'argument')}, {len(bound)} given",
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
        self._full(self._term(typed).constant, typed.span)
        reach = bounds(self._term(typed), self._with_active(self._term(typed)))
        if reach.unknown:
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

    def _full(self, value: float | None, span: Span, what: str = "this") -> None:
        """Below the least normal double numbers lose digits, and their quotients overflow."""
        if value is not None and 0.0 < abs(value) < _LEAST:
            raise self.report.error(
                ARGUMENT_VALUE,
                "too close to 0 for doubles, which lose digits below 2.2e-308",
                span,
                note=f"{what} is {number(value)}",
                help="draw in a larger unit, and divide where the value is used",
            )

    def _with_active(self, term: Term, depth: int = 0) -> Facts:
        """The facts here, where what the same guards make active is known."""
        known: dict[Term, Interval] = {}
        for column in columns_of(term):
            fact = self.facts.get(load(column))
            if fact is not None and fact.unknown and self._active(column, depth):
                known[load(column)] = replace(fact, unknown=False)
        return ChainMap(known, self.facts) if known else self.facts  # type: ignore[arg-type]  # only read

    def _active(self, column: int, depth: int) -> bool:
        """True where a column certainly has a value here."""
        if column not in self._seen:
            self._seen[column] = depth < _DEEPEST and any(
                self._gives(guard, made_of, depth) for guard, made_of in self.resolver.sources.get(column, ())
            )
        return self._seen[column]

    def _gives(self, guard: Guard | None, made_of: Term | None, depth: int) -> bool:
        if not all(bounds(condition, self.facts).is_true for condition in (guard.chain() if guard else ())):
            return False
        return made_of is None or not bounds(made_of, self._with_active(made_of, depth + 1)).unknown

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

    def _above(self, prior: nodes.Prior, name: str, limit: float, typed: Typed, high: Term) -> None:
        term = self._term(typed)
        reach = bounds(term, self.facts)
        if reach.lo > limit:
            return
        logarithmic = prior.name == "loguniform"
        code = NON_POSITIVE if logarithmic or limit == 0.0 else ARGUMENT_VALUE
        rule = f"the {name} of `{prior.name}` must be greater than {number(limit)}"
        if term.constant is not None or reach.hi <= limit:
            value = number(term.constant) if term.constant is not None else f"at most {number(reach.hi)}"
            example = limit + 1.0
            if name == "low" and high.constant is not None and limit < high.constant <= example:
                example = limit + 0.5 * (high.constant - limit)
            text = f"write a number above {number(limit)} for the {name}, such as {number(example)}"
            if logarithmic and name == "low":
                end = self.report.text(prior.args[-1].span)
                text = f"start above 0, as in loguniform(1e-6, {end})"
                text += f"; for an exact zero too: choice(0, loguniform(1e-6, {end}))"
            raise self.report.error(code, rule, typed.span, note=f"this is {value}", help=text)
        self._possible(apply("lt", const(limit), term), rule, typed.span, f"{name} > {number(limit)}")

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
        reach = gap(low, high, self.facts)
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
            if continuous:
                self._full(b - a, span, "the width of this range")
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

    def _sorted(self, prior: nodes.Prior, entry: Entry, arguments: list[Typed]) -> None:
        """The arguments between the bounds must lie between them."""
        names = entry.arguments
        for k, (a, b) in enumerate(pairwise(arguments)):
            low, high = self._term(a), self._term(b)
            if gap(low, high, self.facts).lo >= 0.0:
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
