"""Steps, their order, and the automaton over them: which parameters to count, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from hpdsl.constraints.automaton import Automaton, Step, TooManyStatesError, build
from hpdsl.constraints.clauses import Clause
from hpdsl.constraints.elimination import Node, cost, elimination_orders, narrow_scopes
from hpdsl.constraints.options import EndlessError
from hpdsl.constraints.order import Forest
from hpdsl.constraints.reach import Reach
from hpdsl.constraints.support import Source, Support, cuts
from hpdsl.priors.items import Items
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.place import Place
from hpdsl.priors.power import Power
from hpdsl.semantics.model import Dist
from hpdsl.terms import Term, columns_of, walk

# Steps times the operations of what they look at: beyond, finding out what to remember takes longer than a second.
_LARGEST = 1_000_000

# Pairs of a state and an option, from which on an order that a first try leaves before its middle isn't tried again.
_HOPELESS = 2.0**36


def settle(
    support: Support,
    clauses: Sequence[Clause],
    forests: Sequence[Forest],
    reach: Mapping[int, Reach],
    limits: Sequence[int],
) -> Automaton:
    """The automaton of clauses, and of orders that weigh the guards they hang on.

    Raises `TooManyStatesError` where no order of the parameters stays within the last of `limits`.
    """
    made = _Problem(support, clauses, forests)
    orders = elimination_orders(made.nodes, made.scopes())
    if not orders:
        raise EndlessError
    for stage, limit in enumerate(limits):
        got: dict[int, int] = {}
        for k, order in enumerate(orders):
            try:
                return build([made.steps[i] for i in order], clauses, reach, limit)
            except TooManyStatesError as error:
                got[k] = error.layer
        if max(got.values()) < len(made.steps) / 2 and made.cost(orders[0]) > _HOPELESS:
            break
        # The one that got furthest first; the last, long try is for it alone.
        orders = [orders[k] for k in sorted(got, key=lambda k: -got[k])][: None if stage == 0 else 1]
    raise TooManyStatesError(0)


def settle_some(
    support: Support, clauses: Sequence[Clause], reach: Mapping[int, Reach], limit: int
) -> tuple[Automaton, list[int]]:
    """The automaton of clauses that can be counted together where all can't; and which these are, by number.

    Raises `TooManyStatesError` where even these visit more than `limit` pairs of a state and an option.
    """
    kept = _Problem(support, clauses, ()).affordable()
    some = [clauses[k] for k in kept]
    if not some:
        raise TooManyStatesError(0)
    return settle(support, some, (), reach, (limit,)), kept


class _Problem:
    """The steps that settle what clauses and forests look at, and which of them are looked at together."""

    def __init__(self, support: Support, clauses: Sequence[Clause], forests: Sequence[Forest]) -> None:
        self.clauses = clauses
        guards = [g for f in forests for g in f.guards]
        sources = support.ancestors([*(c.violated for c in clauses), *guards])
        known = cuts(sources, clauses, guards)
        self.steps = [Step(s.parameter.path, s.parameter, s.pieces, known.get(s.parameter.index)) for s in sources]
        for f in forests:
            names = ", ".join(s.parameter.path for s in f.members)
            self.steps.append(Step(f"order of {names}", None, factor=f.probability, inputs=f.guards))
        terms = [*(c.violated for c in clauses), *(t for s in self.steps for t in _inputs(s))]
        operations = (1 for t in terms for _ in walk(t))
        if next(islice(operations, _LARGEST // max(len(self.steps), 1), None), None) is not None:
            raise TooManyStatesError(0)
        self.place = {c: k for k, s in enumerate(self.steps) for c in s.columns}
        self.nodes = [
            Node(s.name, frozenset(self.place[c] for t in _inputs(s) for c in columns_of(t)), _size(s))
            for s in self.steps
        ]

    def scope(self, clause: Clause) -> frozenset[int]:
        """The steps that a clause looks at."""
        return frozenset(self.place[c] for c in clause.columns)

    def scopes(self) -> set[frozenset[int]]:
        """The sets of steps that some clause looks at together."""
        return {self.scope(c) for c in self.clauses}

    def cost(self, order: list[int]) -> float:
        """Roughly how many pairs of a state and an option an order visits, were no states alike."""
        return cost(self.nodes, self.scopes(), order)

    def affordable(self) -> list[int]:
        """The numbers of clauses that keep every frontier narrow."""
        kept = narrow_scopes(self.nodes, self.scopes())
        return [k for k, c in enumerate(self.clauses) if self.scope(c) in kept]


def same_cells(source: Source, step: Step) -> bool:
    """Whether a parameter's cells are the same in every state."""
    return source.fixed and all(c.constant is not None for c in step.cuts or ())


def _inputs(step: Step) -> Iterable[Term]:
    if step.parameter is not None:
        yield from Source(step.parameter, step.pieces).inputs()
    yield from step.inputs
    yield from step.cuts or ()


def _size(step: Step) -> float:
    """Roughly how many values a step has."""
    if step.parameter is None:
        return 1.0
    if step.cuts is not None:
        return len(step.cuts) + 1.0
    return max(_count(d) for _, d in step.pieces) + (0.0 if step.pieces[0][0].constant == 1.0 else 1.0)


def _count(dist: Dist) -> float:
    count = dist.count()
    if count is not None:
        return float(count)
    if isinstance(dist, Items):
        return len(dist.items) + 8.0
    if isinstance(dist, Place):
        return float(dist.total)
    inner = dist.exponent if isinstance(dist, Power) else dist
    if isinstance(inner, Numeric) and inner.lo is not None and inner.hi is not None:
        low, high = inner.lo.constant, inner.hi.constant
        if low is not None and high is not None:
            return abs(high - low) + 1.0
    return 32.0
