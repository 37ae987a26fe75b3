"""`Ordered`: increasing and decreasing arrays, every element given the one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpdsl.priors.numeric import Numeric
from hpdsl.priors.ranked import Ranked, RankedPoints, Sums, points
from hpdsl.priors.table import DISCRETE
from hpdsl.semantics.distributions import Priors
from hpdsl.semantics.joint import Joint
from hpdsl.semantics.report import (
    JOINT,
    TOO_LARGE,
    AbandonedError,
)
from hpdsl.semantics.scopes import Declaration
from hpdsl.source import Span
from hpdsl.syntax import nodes
from hpdsl.terms import Term, const, load

if TYPE_CHECKING:
    from hpdsl.semantics.resolver import Resolver

# Points times longest array: what the tables of an ordered integer array may hold.
MAX_POINTS = 1_000_000


class Ordered(Joint):
    """Arrays in order."""

    def __init__(self, resolver: Resolver) -> None:
        super().__init__(resolver)
        self._sums: dict[tuple[Declaration, Span], Sums | None] = {}

    def element(self, priors: Priors, node: nodes.Ordered, element: Declaration) -> Ranked:
        """An element of an array in order, given the one before it and the length."""
        report, prior = self.resolver.report, node.prior
        word = "increasing" if node.rising else "decreasing"
        d = element.array
        # A single value in order has been refused where it is read.
        assert d is not None
        if prior.name in DISCRETE or _mentions_index(prior):
            what = "`index`" if prior.name not in DISCRETE else f"`{prior.name}`"
            raise report.error(
                JOINT,
                f"the elements of an ordered array follow one numeric law, not {what}",
                prior.span,
                note="not ordered this way",
                help=f"write, for example, {word} int uniform(1, 10); or order them with `require {word}({d.name})`",
            )
        law = priors.numeric(prior)
        assert isinstance(law, Numeric)
        length: Term = const(float(len(d.elements)))
        if d.kind == "array":
            length = self._length(element, node)
        before = None
        if element.place:
            previous = self.resolver.symbol(d.elements[element.place - 1])
            before = load(previous.main)
        rest = length - float(element.place)
        if law.lattice is None:
            return Ranked(law, node.rising, before, rest)
        longest = len(d.elements)
        count = law.count()
        if count is None or any(t.constant is None for t in (law.loc, law.scale)):
            raise report.error(
                JOINT,
                "an ordered array of integers needs constant bounds",
                prior.span,
                note="these depend on parameters, or are open",
                help=f"bound the law with constants, or order the values with `require {word}({d.name})`",
            )
        if count < longest:
            raise report.error(
                JOINT,
                f"{longest} different values can't be drawn from {count}",
                prior.span,
                note=f"{count} values in all",
                help="widen the range, or shorten the array",
            )
        if count * (longest + 1) > MAX_POINTS:
            raise report.error(
                TOO_LARGE,
                f"an ordered array of up to {longest} among {count} integers needs too large a table",
                prior.span,
                note=f"at most {MAX_POINTS // (longest + 1):,} values",
                help="use a coarser `step`, or a continuous law",
            )
        key = (d, node.span)
        if key not in self._sums:
            self._sums[key] = points(law, longest, node.rising)
        sums = self._sums[key]
        if sums is None:
            raise AbandonedError
        return RankedPoints(law, node.rising, before, rest, sums)

    def _length(self, element: Declaration, node: nodes.Ordered) -> Term:
        for o in element.occurrences:
            if isinstance(o.node, nodes.Parameter) and o.node.prior is node and o.context.element is not None:
                return self.resolver.arrays.length_of(o.context.element[0])
        raise AbandonedError


def _mentions_index(prior: nodes.Prior) -> bool:
    from hpdsl.semantics.arrays import mentions

    return mentions((*prior.args, prior.within, prior.step), "index")
