"""`Subsets`: subsets and permutations of listed values, element by element."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from hpdsl.diagnostics import counted, suggest
from hpdsl.intervals import bounds
from hpdsl.priors.items import Atom, Items
from hpdsl.priors.place import Place, inserted
from hpdsl.priors.table import DISCRETE
from hpdsl.semantics.distributions import Priors
from hpdsl.semantics.joint import Joint
from hpdsl.semantics.model import guard_facts
from hpdsl.semantics.report import (
    ARGUMENT_VALUE,
    BAD_CHOICE,
    BAD_DEFAULT,
    PRIOR_ARGUMENTS,
    TOO_LARGE,
)
from hpdsl.semantics.scopes import Declaration, Mark, Occurrence
from hpdsl.semantics.typed import number, show
from hpdsl.syntax import nodes
from hpdsl.terms import Term, apply, const, load

if TYPE_CHECKING:
    from hpdsl.semantics.resolver import Resolver

MAX_SUBSET = 200
MAX_PERMUTATION = 64


class Subsets(Joint):
    """Subsets and permutations."""

    def __init__(self, resolver: Resolver) -> None:
        super().__init__(resolver)
        self._used: dict[Declaration, list[tuple[Term, ...]]] = {}

    def values(self, d: Declaration) -> tuple[Atom, ...]:
        """What a subset or permutation chooses from, as written."""
        report = self.resolver.report
        found: tuple[Atom, ...] | None = None
        for o in d.occurrences:
            node = o.node
            assert isinstance(node, nodes.Parameter) and isinstance(node.prior, nodes.Prior)
            prior = node.prior
            priors = Priors(self.resolver, o.context.scope, {})
            if prior.integer or prior.step is not None or prior.within is not None:
                raise report.error(
                    PRIOR_ARGUMENTS,
                    f"`int`, `step` and `in` do not apply to `{prior.name}`",
                    prior.span,
                    note="its values are listed already",
                    help=f"write {DISCRETE[prior.name]}",
                )
            values: list[Atom] = []
            for a in prior.args:
                if a.name is None:
                    values.extend(self._entries(priors, a.value))
                elif a.name != "size" or d.kind != "subset":
                    raise report.error(
                        PRIOR_ARGUMENTS,
                        f"`{prior.name}` has no argument `{a.name}`",
                        a.span,
                        note="no such argument",
                        help=f"write {DISCRETE[prior.name]}",
                    )
            self._check_values(d, prior, values)
            if found is not None and tuple(values) != found:
                raise report.error(
                    BAD_CHOICE,
                    f"`{d.name}` has other values under `else`",
                    prior.span,
                    note="not the same list",
                    help="use the same values on both sides, or two names",
                )
            found = tuple(values)
        assert found is not None
        return found

    def _check_values(self, d: Declaration, prior: nodes.Prior, values: list[Atom]) -> None:
        report = self.resolver.report
        if not values:
            raise report.error(
                PRIOR_ARGUMENTS, f"`{prior.name}` needs values", prior.span, help=f"write {DISCRETE[prior.name]}"
            )
        seen: list[tuple[type, Atom]] = []
        for v in values:
            if (type(v), v) in seen:
                raise report.error(
                    BAD_CHOICE,
                    f"`{show(v)}` stands twice in one {d.kind}",
                    prior.span,
                    help=f"write {self._once(prior, values)}",
                )
            seen.append((type(v), v))
        limit = MAX_SUBSET if d.kind == "subset" else MAX_PERMUTATION
        if len(values) > limit:
            raise report.error(
                TOO_LARGE,
                f"a {d.kind} of {len(values)} values; the limit is {limit}",
                prior.span,
                note="too many",
                help="list fewer values",
            )

    def _entries(self, priors: Priors, expr: nodes.Expr) -> list[Atom]:
        from hpdsl.semantics.choices import atom

        if not isinstance(expr, nodes.Range):
            return [atom(priors, expr)]
        ends = []
        for edge in (expr.lo, expr.hi):
            x = priors.constant(edge, "an end of the range") if edge is not None else math.nan
            if not math.isfinite(x) or x != math.floor(x) or abs(x) > 2.0**53:
                raise priors.report.error(
                    ARGUMENT_VALUE,
                    "a range of values goes from one integer to another",
                    expr.span,
                    note="not two integers",
                    help="write 0 .. 3",
                )
            ends.append(int(x))
        if ends[1] - ends[0] >= MAX_SUBSET:
            raise priors.report.error(
                TOO_LARGE,
                f"a range of {counted(ends[1] - ends[0] + 1, 'value')}",
                expr.span,
                help=f"write a range of at most {MAX_SUBSET} values, such as {ends[0]} .. {ends[0] + MAX_SUBSET - 1}",
            )
        return list(range(ends[0], ends[1] + 1))

    def mark(self, value: Atom) -> Mark:
        """The step of a path that stands for a value of a subset."""
        return Mark(show(value))

    def _once(self, prior: nodes.Prior, values: list[Atom]) -> str:
        """The prior with each of its values once."""
        sizes = [self.resolver.report.text(a.span) for a in prior.args if a.name is not None]
        return f"{prior.name}({', '.join([*dict.fromkeys(map(show, values)), *sizes])})"

    def members(self, d: Declaration, expr: nodes.Expr, what: str = "default") -> list[nodes.Expr]:
        """The value of each element that a written list stands for."""
        report = self.resolver.report
        example = ", ".join(show(v) for v in d.values[:2])
        if not isinstance(expr, nodes.ListExpr):
            raise report.error(
                BAD_DEFAULT,
                f"the {what} of a {d.kind} is a list",
                expr.span,
                note="no list",
                help=f"write [{example}]",
            )
        written: list[int] = []
        for item in expr.items:
            value = self._written(item)
            k = next((k for k, v in enumerate(d.values) if type(v) is type(value) and v == value), None)
            if k is None:
                near = suggest(str(value), [show(v) for v in d.values])
                raise report.error(
                    BAD_DEFAULT,
                    f"`{report.text(item.span)}` is none of the values of `{d.name}`",
                    item.span,
                    note="not listed",
                    help=f"write `{near}`" if near else f"the values are {', '.join(show(v) for v in d.values[:12])}",
                )
            if k in written:
                raise report.error(
                    BAD_DEFAULT, f"`{show(value)}` stands twice", item.span, note="again here", help="write it once"
                )
            written.append(k)
        if d.kind == "subset":
            return [nodes.Constant(k in written, expr.span) for k in range(len(d.values))]
        if len(written) < len(d.values):
            missing = next(v for k, v in enumerate(d.values) if k not in written)
            raise report.error(
                BAD_DEFAULT,
                f"a permutation of `{d.name}` has all {len(d.values)} values",
                expr.span,
                note=f"`{show(missing)}` is missing",
                help=f"write [{', '.join(show(v) for v in d.values)}]",
            )
        return [nodes.Number(k, expr.span) for k in written]

    def _written(self, item: nodes.Expr) -> object:
        if isinstance(item, nodes.Path):
            return item.text
        if isinstance(item, (nodes.String, nodes.Constant, nodes.Number)):
            return item.value
        if isinstance(item, nodes.Unary) and isinstance(item.operand, nodes.Number) and item.op == "-":
            return -item.operand.value
        return item

    def default_member(self, d: Declaration, node: nodes.Parameter, k: int) -> nodes.Expr | None:
        """The default of an element of a subset or permutation."""
        return None if node.default is None else self.members(d, node.default)[k]

    def size(self, d: Declaration, occurrence: Occurrence) -> Term:
        """The length of a subset or permutation, as one of its sentences has it."""
        if d.kind == "permutation":
            return const(float(len(d.values)))
        total = self._before(d, len(d.elements))
        facts = guard_facts(self.resolver.guarded(occurrence), self.resolver.facts)
        node = occurrence.node
        assert isinstance(node, nodes.Parameter) and isinstance(node.prior, nodes.Prior)
        low, high, exact = self._sizes(d, node.prior, Priors(self.resolver, occurrence.context.scope, facts))
        if exact is not None or (low, high) == (0, len(d.values)):
            return total
        # No sum lies outside; saying so lets intervals know it.
        return apply("min", apply("max", total, const(float(low))), const(float(high)))

    def member(self, priors: Priors, prior: nodes.Prior, element: Declaration) -> Items:
        """Whether a value is in, given the values before it: uniform over the admissible subsets."""
        d, k = self._home(element), element.place
        taken = self._before(d, k)
        low, high, exact = self._sizes(d, prior, priors)
        left = len(d.values) - k
        if exact is not None:
            p = (exact - taken) / float(left)
        else:
            table = []
            for c in range(k + 1):
                ways = _ways(left, low - c, high - c)
                table.append(_ways(left - 1, low - c - 1, high - c - 1) / ways if ways else 0.0)
            p = apply("take", taken, data=tuple(table))
        return Items((False, True), (1.0 - p, p))

    def _sizes(self, d: Declaration, prior: nodes.Prior, priors: Priors) -> tuple[int, int, Term | None]:
        """The least and the greatest size; the size itself where it depends on parameters."""
        report = self.resolver.report
        expr = next((a.value for a in prior.args if a.name == "size"), None)
        if expr is None:
            return 0, len(d.values), None
        edges = (expr.lo, expr.hi) if isinstance(expr, nodes.Range) else (expr, expr)
        ends = [float(e) for e in (0, len(d.values))]
        for k, edge in enumerate(edges):
            if edge is None:
                continue
            typed = priors.argument(edge)
            assert typed.term is not None
            reach = bounds(typed.term, priors.facts)
            if not typed.integer or reach.lo < 0.0 or reach.hi > len(d.values):
                raise report.error(
                    ARGUMENT_VALUE,
                    f"the size of a subset lies between 0 and {len(d.values)}",
                    edge.span,
                    note=f"this lies in {number(reach.lo)} .. {number(reach.hi)}",
                    help=f"write size = 1 .. {len(d.values)}",
                )
            if typed.term.constant is None:
                if isinstance(expr, nodes.Range):
                    raise report.error(
                        ARGUMENT_VALUE,
                        "the ends of a subset's size must be constants",
                        edge.span,
                        note="this depends on a parameter",
                        help="write one size, `size = n`, or constant ends",
                    )
                return 0, 0, typed.term
            ends[k] = typed.term.constant
        if ends[0] > ends[1]:
            raise report.error(
                ARGUMENT_VALUE,
                "the least size is above the greatest",
                expr.span,
                note=f"{number(ends[0])} .. {number(ends[1])} is empty",
                help=f"swap them: size = {number(ends[1])} .. {number(ends[0])}",
            )
        return int(ends[0]), int(ends[1]), None

    def place(self, element: Declaration) -> Place:
        """A place of a permutation, given the places before it."""
        d, k = self._home(element), element.place
        used = self._used.setdefault(d, [()])
        while len(used) <= k:
            before = self.resolver.symbol(d.elements[len(used) - 1])
            used.append(inserted(used[-1], load(before.main)))
        return Place(len(d.values), used[k])


def _ways(n: int, low: int, high: int) -> int:
    """How many subsets of n values have a size within low .. high."""
    up_to = _up_to(n)
    return max(up_to[max(min(high, n) + 1, 0)] - up_to[min(max(low, 0), n + 1)], 0)


@lru_cache(MAX_SUBSET + 1)
def _up_to(n: int) -> tuple[int, ...]:
    """How many subsets of n values have a size below 0, 1, … n + 1."""
    return (0, *accumulate(math.comb(n, s) for s in range(n + 1)))
