"""Steps, their order, and the automaton over them: which parameters to count, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hpdsl.constraints.automaton import Automaton, Step, TooManyStatesError, build
from hpdsl.constraints.clauses import Clause
from hpdsl.constraints.elimination import Node, elimination_orders
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
    guards = [g for f in forests for g in f.guards]
    sources = support.ancestors([*(c.violated for c in clauses), *guards])
    known = cuts(sources, clauses, guards)
    steps = [Step(s.parameter.path, s.parameter, s.pieces, known.get(s.parameter.index)) for s in sources]
    for f in forests:
        names = ", ".join(s.parameter.path for s in f.members)
        steps.append(Step(f"order of {names}", None, factor=f.probability, inputs=f.guards))
    terms = [*(c.violated for c in clauses), *(t for s in steps for t in _inputs(s))]
    if len(steps) * sum(1 for t in terms for _ in walk(t)) > _LARGEST:
        raise TooManyStatesError(0)
    place = {c: k for k, s in enumerate(steps) for c in s.columns}
    nodes = [Node(s.name, frozenset(place[c] for t in _inputs(s) for c in columns_of(t)), _size(s)) for s in steps]
    orders = elimination_orders(nodes, {frozenset(place[c] for c in clause.columns) for clause in clauses})
    if not orders:
        raise EndlessError
    for stage, limit in enumerate(limits):
        got: dict[int, int] = {}
        for k, order in enumerate(orders):
            try:
                return build([steps[i] for i in order], clauses, reach, limit)
            except TooManyStatesError as error:
                got[k] = error.layer
        # The one that got furthest first; the last, long try is for it alone.
        orders = [orders[k] for k in sorted(got, key=lambda k: -got[k])][: None if stage == 0 else 1]
    raise TooManyStatesError(0)


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
