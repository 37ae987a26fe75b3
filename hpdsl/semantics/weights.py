"""`Weights`: Dirichlet weights, each a beta share of what those before it leave."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hpdsl.diagnostics import counted
from hpdsl.intervals import bounds
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.table import LARGEST_SHAPE
from hpdsl.priors.weight import Share, Weight
from hpdsl.semantics.distributions import Priors
from hpdsl.semantics.joint import ONE, ZERO, Joint
from hpdsl.semantics.model import Derived, DerivedPiece, guard_facts
from hpdsl.semantics.report import (
    ARGUMENT_VALUE,
    JOINT,
    NON_POSITIVE,
    PRIOR_ARGUMENTS,
    TOO_LARGE,
)
from hpdsl.semantics.scopes import Declaration, Scope
from hpdsl.semantics.typed import number
from hpdsl.syntax import nodes
from hpdsl.terms import Term, apply, load

if TYPE_CHECKING:
    from hpdsl.semantics.resolver import Resolver

MAX_WEIGHTS = 200
# Written decimals such as 0.333333 may miss 1 by their last digit.
SUM_TOLERANCE = 1e-5


def weighted(node: nodes.Sentence) -> bool:
    """True of a vector of Dirichlet weights."""
    prior = node.prior if isinstance(node, nodes.Parameter) else None
    return isinstance(prior, nodes.Prior) and prior.name == "dirichlet"


class Weights(Joint):
    """Simplex weights."""

    def weight(self, priors: Priors, prior: nodes.Prior, element: Declaration) -> Numeric:
        """A Dirichlet weight given those before it: a beta share of what they leave."""
        d = self._vector(prior, element)
        alphas = self._alphas(priors, prior, d)
        k = element.place
        rest = self._rest(d, k)
        after = alphas[k + 1]
        for a in alphas[k + 2 :]:
            after = after + a
        return Weight.of(Share(alphas[k], after), rest)

    def last(self, element: Declaration) -> Derived | None:
        """The last weight of a Dirichlet vector, which follows from the others; None for any other element."""
        node = element.occurrences[0].node
        if not (isinstance(node, nodes.Parameter) and isinstance(node.prior, nodes.Prior)):
            return None
        if node.prior.name != "dirichlet":
            return None
        d = self._vector(node.prior, element)
        if element.place < len(d.elements) - 1:
            return None
        pieces = []
        for o in element.occurrences:
            guard = self.resolver.guarded(o)
            assert isinstance(o.node, nodes.Parameter) and isinstance(o.node.prior, nodes.Prior)
            facts = guard_facts(guard, self.resolver.facts)
            self._alphas(Priors(self.resolver, o.context.scope, facts), o.node.prior, d)
            rest = self._rest(d, element.place)
            pieces.append(DerivedPiece(guard, apply("max", rest, ZERO), o.node.span))
        return self.resolver.follow(element, "float", tuple(pieces))

    def _rest(self, d: Declaration, k: int) -> Term:
        return ONE if k == 0 else apply("max", ONE - self._before(d, k), ZERO)

    def _vector(self, prior: nodes.Prior, element: Declaration) -> Declaration:
        d = element.array
        report = self.resolver.report
        if d is None or d.kind not in ("vector", "array"):
            raise report.error(
                JOINT,
                "`dirichlet` gives several weights, not a single value",
                prior.span,
                note="a vector is needed",
                help=f"write {element.name}[{_labels(len(prior.args))}] ~ {report.text(prior.span)}",
            )
        if d.kind == "array" and (d.length is None or bounds(load(d.length.column), self.resolver.facts).point is None):
            raise report.error(
                JOINT,
                "the number of Dirichlet weights must be fixed",
                prior.span,
                note="this length depends on a parameter",
                help=f"write a constant length, or labels: {d.name}[a, b] ~ {report.text(prior.span)}",
            )
        return d

    def _alphas(self, priors: Priors, prior: nodes.Prior, d: Declaration) -> list[Term]:
        report = self.resolver.report
        n = len(d.elements)
        if prior.integer or prior.step is not None or prior.within is not None:
            raise report.error(
                PRIOR_ARGUMENTS,
                "`int`, `step` and `in` do not apply to `dirichlet`",
                prior.span,
                note="weights sum to one",
                help=f"write dirichlet({', '.join(report.text(a.span) for a in prior.args)}), "
                "and bound a weight with `require`",
            )
        if len(prior.args) not in (1, n) or any(a.name is not None for a in prior.args):
            ones = ", ".join(["1"] * n)
            raise report.error(
                PRIOR_ARGUMENTS,
                f"`dirichlet` takes a concentration for each of the {counted(n, 'weight')}, or one for all",
                prior.span,
                note=f"{len(prior.args)} given",
                help=f"write dirichlet({ones})",
            )
        if n > MAX_WEIGHTS:
            raise report.error(
                TOO_LARGE,
                f"a vector of {n} Dirichlet weights; the limit is {MAX_WEIGHTS}",
                prior.span,
                note="too many",
                help="give it fewer entries",
            )
        if n < 2:
            help = f"give the vector two entries or more: {d.name}[a, b] ~ {report.text(prior.span)}"
            raise report.error(JOINT, "a single Dirichlet weight is always 1", prior.span, help=help)
        terms = []
        for a in prior.args:
            typed = priors.argument(a.value)
            assert typed.term is not None
            reach = bounds(typed.term, priors.facts)
            if not reach.lo > 0.0 or math.isinf(reach.hi):
                raise report.error(
                    NON_POSITIVE,
                    "a Dirichlet concentration must be positive",
                    a.span,
                    note=f"this lies in {number(reach.lo)} .. {number(reach.hi)}",
                    help="write a number above 0, such as 1",
                )
            terms.append(typed.term)
        alphas = terms * n if len(terms) == 1 else terms
        most = [bounds(t, priors.facts).hi for t in alphas]
        if min(max(most), math.fsum(most) - max(most)) >= LARGEST_SHAPE:
            raise report.error(
                ARGUMENT_VALUE,
                f"at most one Dirichlet concentration may reach {number(LARGEST_SHAPE)}, and the others less in all",
                prior.span,
                note=f"up to {number(max(most))}, and {number(math.fsum(most) - max(most))} for the others",
                help="divide all of them by the same number, or write the weights as constants",
            )
        return alphas


def _labels(count: int) -> str:
    """Labels for a vector, at least two."""
    return ", ".join("abcdefgh"[: max(count, 2)])


def check_sum(resolver: Resolver, written: nodes.Expr | None, name: str, scope: Scope, code: str) -> None:
    """Report written weights that do not sum to one; the last would silently be what is left."""
    if not isinstance(written, nodes.ListExpr):
        return
    terms = [resolver.expressions.number(item, scope, resolver.facts).term for item in written.items]
    values = [t.constant for t in terms if t is not None and t.constant is not None]
    total = math.fsum(values)
    if len(values) == len(terms) and not abs(total - 1.0) <= SUM_TOLERANCE:
        rest = 1.0 - math.fsum(values[:-1])
        raise resolver.report.error(
            code,
            f"the weights of `{name}` sum to {number(total)}, not 1",
            written.span,
            note="written here",
            help=f"the last one would be {number(rest)}" if rest >= 0.0 else "write weights that sum to 1",
        )
