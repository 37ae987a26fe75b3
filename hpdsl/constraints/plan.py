"""The plan of one component: which technique draws which parameters, and what is left to check."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from hpdsl.constraints.automaton import Automaton, InfeasibleError, TooManyStatesError, build
from hpdsl.constraints.clauses import Clause, clauses
from hpdsl.constraints.emit import emit
from hpdsl.constraints.estimate import Estimate, estimate
from hpdsl.constraints.moved import Moved, counted, discrete, distance, simulated
from hpdsl.constraints.options import EndlessError
from hpdsl.constraints.order import Forest, continuous, cycles, edges, forests, orderable
from hpdsl.constraints.reach import Reach, Reaches, between
from hpdsl.constraints.rewrite import Inliner
from hpdsl.constraints.settle import same_cells, settle, settle_some
from hpdsl.constraints.simplex import draw_sum, find_sum, recognise_simplex
from hpdsl.constraints.support import Source, Support
from hpdsl.constraints.truncate import EmptyError, narrow, share
from hpdsl.graph import entries
from hpdsl.graph.entries import Component
from hpdsl.graph.graph import Statement, in_order
from hpdsl.intervals import Interval, bounds
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.power import Power
from hpdsl.semantics.model import Dist, Model, Parameter, Requirement
from hpdsl.terms import load

# Pairs of a state and an option that a component's expansion may visit: first few, for every order to have its
# chance, then more. The expansion of a prior alone is a courtesy.
LIMITS = (50_000, 400_000, 3_000_000)
PRIOR_LIMIT = 200_000
# A truncation of ordered parameters that takes less than this off is rounding, not a bound.
_SLIVER = 1e-9


@dataclass(frozen=True)
class Infeasible:
    """Requirements (by number in the component) that nothing satisfies together, and how that is known."""

    requirements: frozenset[int]
    parameter: Parameter | None = None
    """The parameter that is left without a value, where it is a single one."""
    circle: tuple[Parameter, ...] = ()
    """The parameters that would each have to be smaller than the next."""


class InfeasiblePlanError(Exception):
    """Nothing satisfies the requirements."""

    def __init__(self, why: Infeasible) -> None:
        super().__init__()
        self.why = why


class Plan:
    """How a component is drawn.

    `requirements` (by number) restricts it to some of the component's; `quick` gives up counting early.
    """

    def __init__(
        self,
        model: Model,
        component: Component,
        inliner: Inliner,
        requirements: frozenset[int] | None = None,
        *,
        quick: bool = False,
    ) -> None:
        self.limits = LIMITS[:1] if quick else LIMITS
        self.model = model
        self.component = component
        self.techniques: list[str] = []
        self.mass: float | None = 1.0
        """The probability of what the proposal conditions on; None where that is a null event."""
        self.infeasible: Infeasible | None = None
        self.automaton: Automaton | None = None
        self.requirements = component.requirements
        self.chosen = frozenset(range(len(self.requirements))) if requirements is None else requirements
        parameters = [s for s in component.symbols if isinstance(s, Parameter)]
        self.prior = {
            p.index: Source(p, tuple((inliner.guard(x.guard), inliner.dist(x.dist)) for x in p.pieces))
            for p in parameters
        }
        self.sources = dict(self.prior)
        self.clauses = [c for k in sorted(self.chosen) for c in clauses(self.requirements[k], k, inliner, model.facts)]
        self._done: set[int] = set()
        self._drawn: dict[int, list[Statement]] = {}
        self._checks: list[Requirement] = []
        try:
            self._make()
        except InfeasiblePlanError as error:
            self.infeasible = error.why
            # Nothing is lowered: whoever draws all the same finds out by rejection.
            self.techniques, self.mass = [], 0.0
            self.sources = dict(self.prior)
            self._done.clear()
            self._drawn.clear()
            self._checks.clear()

    # ---- what it comes to --------------------------------------------------------------------------

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """What draws the component; derived values follow their parameters."""
        found: list[Statement] = []
        for symbol in self.component.symbols:
            if not isinstance(symbol, Parameter):
                found.extend(entries.statements(self.model, [symbol]))
            elif symbol.index in self._drawn:
                found.extend(self._drawn[symbol.index])
            else:
                found.extend(entries.statements(self.model, [self._truncated(symbol)]))
        # Counting and order statistics draw in orders of their own.
        return in_order(found)

    def _truncated(self, p: Parameter) -> Parameter:
        source = self.sources[p.index]
        if source is self.prior[p.index]:
            return p
        return replace(p, pieces=(replace(p.pieces[0], dist=source.pieces[0][1]),))

    @cached_property
    def leftover(self) -> tuple[Requirement, ...]:
        """What must still be checked on every draw."""
        open_now = {c.requirement for k, c in enumerate(self.clauses) if k not in self._done}
        return (*(self.requirements[k] for k in sorted(open_now)), *self._checks)

    @property
    def unheld(self) -> tuple[Requirement, ...]:
        """Requirements that hold a sum at a constant, and that no draw would satisfy by chance."""
        found = set()
        for _, clause in self._open():
            form = recognise_simplex(clause.condition)
            if form is not None:
                reaches = [bounds(load(c), self.model.facts) for c in form.columns]
                if form.thin(sum(max(abs(r.lo), abs(r.hi)) for r in reaches)) and not all(r.integer for r in reaches):
                    found.add(clause.requirement)
        return tuple(self.requirements[k] for k in sorted(found))

    @cached_property
    def simulated(self) -> Estimate:
        """Draws, and which of them satisfy what is left."""
        return estimate(self.statements, self.leftover)

    @property
    def accepted(self) -> float:
        """The share of draws that satisfies what is left; an estimate where anything is."""
        return self.simulated.accepted if self.leftover else 1.0

    @property
    def acceptance(self) -> float | None:
        """The probability that the prior satisfies every requirement; None where a null event is among them."""
        return None if self.mass is None else self.mass * self.accepted

    @cached_property
    def moved(self) -> tuple[Moved, ...]:
        """How far each discrete marginal moved, where that can be told."""
        parameters = [s.parameter for s in self.prior.values()]
        if self.leftover:
            if not any(discrete(p) for p in parameters):
                return ()
            before = estimate(entries.statements(self.model, self.component.symbols), ())
            return simulated(parameters, before, self.simulated)
        found = []
        if self.automaton is not None:
            found.extend(self._counted(self.automaton))
        for index, source in self.sources.items():
            if source is not self.prior[index] and index not in self._drawn and discrete(source.parameter):
                found.append(Moved(source.parameter, 1.0 - self._share(index)))
        return tuple(sorted(found, key=lambda m: m.parameter.index))

    def _counted(self, automaton: Automaton) -> list[Moved]:
        layers = [x for x in automaton.layers if x.step.parameter is not None]
        try:
            steps = [x.step for x in layers]
            before = counted(build(steps, (), self._reach(self.sources.values()), PRIOR_LIMIT))
        except (TooManyStatesError, EndlessError):
            return []
        after = counted(automaton)
        found = []
        for layer in layers:
            p = layer.step.parameter
            assert p is not None
            source = self.sources[p.index]
            # Cells tell values apart only where they are the same in every state.
            told = bool((layer.choice.source == -1).all()) or same_cells(source, layer.step)
            if p.index in after and told:
                kept = self._share(p.index) if source is not self.prior[p.index] else 1.0
                inside = {k: kept * q for k, q in before[p.index].items()}
                found.append(Moved(p, distance(inside, after[p.index]) + 0.5 * (1.0 - kept)))
        return found

    # ---- how it is made ----------------------------------------------------------------------------

    def _make(self) -> None:
        self._find_circles()
        narrowed = self._narrow()
        held = self._held()
        ordered = self._order(narrowed, held)
        for index, dist in narrowed.items():
            self.sources[index] = replace(self.sources[index], pieces=((self.sources[index].pieces[0][0], dist),))
            self._multiply(self._share(index))
        if narrowed:
            self.techniques.append("truncation")
        plain = [f for f in ordered if not f.guards]
        for forest in plain:
            self._draw_forest(forest)
        self._sums(frozenset(k for f in ordered for k in f.parent))
        self._discharge()
        self._count([f for f in ordered if f.guards])
        if self.leftover:
            self.techniques.append("rejection")

    def _multiply(self, factor: float | None) -> None:
        self.mass = None if factor is None or self.mass is None else self.mass * factor

    def _open(self) -> list[tuple[int, Clause]]:
        return [(k, c) for k, c in enumerate(self.clauses) if k not in self._done]

    def _owners(self) -> dict[int, Source]:
        return {c: s for s in self.sources.values() for c in (s.parameter.value, s.parameter.code) if c is not None}

    def _find_circles(self) -> None:
        """Continuous parameters can't each be smaller than the next, nor equal."""
        always = [(k, c) for k, c in self._open() if c.guard.constant == 1.0]
        found = edges(always, self._owners(), lambda s: continuous(s) and not s.parameter.conditional)
        for circle in cycles(found):
            numbers = frozenset(self.clauses[e.clause].requirement for e in circle)
            members = tuple(self.sources[e.below].parameter for e in circle)
            raise InfeasiblePlanError(Infeasible(numbers, circle=members))

    def _narrow(self) -> dict[int, Dist]:
        sources = sorted(self.sources.values(), key=lambda s: s.parameter.path)
        try:
            return narrow(sources, self.clauses, self.model.facts)
        except EmptyError as error:
            raise InfeasiblePlanError(Infeasible(self.chosen, parameter=error.source.parameter)) from None

    def _share(self, index: int) -> float:
        return share(self.sources[index].pieces[0][1], self.prior[index].pieces[0][1])

    def _held(self) -> frozenset[int]:
        """The members of sums that are held at a constant: only these sums can be drawn at all."""
        owners = self._owners()
        found = (find_sum(c, owners) for _, c in self._open())
        return frozenset(m for s in found if s is not None and s.form.exact for m in s.members)

    def _order(self, narrowed: dict[int, Dist], held: frozenset[int]) -> list[Forest]:
        """The ordered groups to draw as such; takes the truncations that go with them out of `narrowed`."""
        found = edges(self._open(), self._owners(), lambda s: orderable(s) and s.parameter.index not in held)
        while circles := cycles(found):
            # Of parameters that are never active together; drawing finds that out.
            found = [e for e in found if not any(e in circle for circle in circles)]
        if not found:
            return []
        members = {k for e in found for k in (e.below, e.above)}
        shares = {k: share(narrowed[k], self.prior[k].pieces[0][1]) for k in members if k in narrowed}
        slivers = [k for k, s in shares.items() if s > 1.0 - _SLIVER]
        for k in slivers:
            del narrowed[k]
            del shares[k]
        kept: list[Forest] = []
        for forest in forests(found, self.sources, self.model.facts):
            cut = [k for k in forest.parent if k in narrowed]
            ends = {narrowed.get(k) for k in forest.parent}
            if cut and len(ends) > 1:
                gained = math.prod(shares[k] for k in cut)
                if gained < forest.chance:
                    continue
                for k in cut:
                    del narrowed[k]
            elif cut:
                forest = forest.under(narrowed)
            kept.append(forest)
        return kept

    def _draw_forest(self, forest: Forest) -> None:
        for index, term in forest.values().items():
            value = self.sources[index].parameter.value
            assert value is not None
            self._drawn[index] = [Statement(value, term, None)]
        self._done |= forest.settled
        if not forest.guards:
            self._multiply(forest.chance)
        self.techniques.append("order statistics")

    def _sums(self, taken: frozenset[int]) -> None:
        """Draw sums of uniforms that are bounded by a constant, unless other sums share their members."""
        owners = self._owners()
        found = [(k, s) for k, c in self._open() if (s := find_sum(c, owners)) is not None]
        found.sort(key=lambda pair: (not pair[1].form.exact, [self.sources[m].parameter.path for m in pair[1].members]))
        used = set(taken)
        for number, form in found:
            if used & set(form.members):
                continue
            priors = {m: d for m in form.members if isinstance(d := self.sources[m].pieces[0][1], Numeric)}
            simplex = draw_sum(form, self.sources, priors)
            if simplex is None:
                continue
            used |= set(form.members)
            for index, term in simplex.values.items():
                value = self.sources[index].parameter.value
                assert value is not None
                self._drawn[index] = [Statement(value, term, None)]
            requirement = self.requirements[self.clauses[number].requirement]
            if simplex.certain:
                self._done.add(number)
            for p, check in simplex.checks:
                self._checks.append(Requirement(None, check, requirement.message, p.span, implied=True))
            self._multiply(None if form.form.exact else simplex.share)
            self.techniques.append("simplex")

    def _reach(self, sources: Iterable[Source]) -> dict[int, Reach]:
        """What every column can hold."""
        found: dict[int, Reach] = {}
        for s in sources:
            for column in (s.parameter.value, s.parameter.code):
                if column is None:
                    continue
                fact = self.model.facts.get(load(column), Interval(-math.inf, math.inf, unknown=True))
                dist = s.pieces[0][1]
                if column == s.parameter.value and s is not self.prior[s.parameter.index]:
                    assert isinstance(dist, Numeric | Power)
                    hull = dist.hull(self.model.facts)
                    fact = replace(fact, lo=max(fact.lo, hull.lo), hi=min(fact.hi, hull.hi))
                found[column] = between(
                    fact.lo, fact.hi, unknown=fact.unknown, undefined=fact.undefined, integer=fact.integer
                )
        return found

    def _discharge(self) -> None:
        """Clauses that intervals prove, or refute."""
        reaches = Reaches({load(c): r for c, r in self._reach(self.sources.values()).items()})
        for k, clause in self._open():
            outcome = reaches.of(clause.violated)
            if not outcome.can_be_true.any():
                self._done.add(k)
            elif not outcome.can_be_false.any():
                raise InfeasiblePlanError(Infeasible(frozenset({clause.requirement})))

    # ---- counting ----------------------------------------------------------------------------------

    def _count(self, guarded: Sequence[Forest]) -> None:
        """Condition what can be settled exactly; guarded orders weigh the guards they hang on."""
        barred = set(self._drawn) | {k for f in guarded for k in f.parent}
        support = Support(self.sources.values(), barred)
        able = [f for f in guarded if all(support.term(g) for g in f.guards)]
        ordered = {k for f in able for k in f.settled}
        chosen = [(k, c) for k, c in self._open() if k not in ordered and support.term(c.violated)]
        if not chosen and not able:
            return
        try:
            automaton = settle(support, [c for _, c in chosen], able, self._reach(self.sources.values()), self.limits)
        except InfeasibleError as error:
            raise InfeasiblePlanError(Infeasible(error.requirements)) from None
        except EndlessError:
            if guarded:
                self._count(())
            return
        except TooManyStatesError:
            if guarded:
                self._count(())
            else:
                self._count_some(support, chosen)
            return
        self._settled(automaton, [k for k, _ in chosen], able)

    def _count_some(self, support: Support, chosen: Sequence[tuple[int, Clause]]) -> None:
        """Condition on those clauses that can be counted together; the others are left to rejection."""
        reach = self._reach(self.sources.values())
        try:
            automaton, kept = settle_some(support, [c for _, c in chosen], reach, self.limits[-1])
        except InfeasibleError as error:
            raise InfeasiblePlanError(Infeasible(error.requirements)) from None
        except (TooManyStatesError, EndlessError):
            return
        self._settled(automaton, [chosen[k][0] for k in kept], ())

    def _settled(self, automaton: Automaton, clauses: Sequence[int], able: Sequence[Forest]) -> None:
        """Draw with an automaton of these clauses and ordered groups."""
        for forest in able:
            self._draw_forest(forest)
        dists = {k: tuple(d for _, d in s.pieces) for k, s in self.sources.items()}
        self._drawn.update(emit(automaton, dists))
        self._done.update(clauses)
        self._multiply(math.exp(automaton.log_mass))
        self.automaton = automaton
        self.techniques.append("counting")
