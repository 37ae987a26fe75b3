"""`lower`: every component's requirements to a sampler that preserves the law, by what is recognised in them.

What is recognised conditions the proposal exactly; what is not is left to rejection. In order: bounds on single
parameters truncate, ordered parameters are drawn as order statistics, bounded sums from a simplex, and what has
finitely many values is conditioned by counting.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hpdsl.constraints.moved import Moved
from hpdsl.constraints.plan import Infeasible, Plan
from hpdsl.constraints.rewrite import Inliner
from hpdsl.graph.components import components
from hpdsl.graph.entries import Component
from hpdsl.graph.graph import Statement
from hpdsl.semantics.model import Model, Requirement, Symbol


@dataclass(frozen=True)
class Lowered:
    """A component with its sampler: statements that draw it, and requirements that may still fail on them."""

    component: Component
    plan: Plan

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The symbols it holds."""
        return self.component.symbols

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """The requirements that tie it together."""
        return self.component.requirements

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What draws it."""
        return self.plan.statements

    @property
    def leftover(self) -> tuple[Requirement, ...]:
        """What must still be checked; nothing where every draw holds."""
        return self.plan.leftover

    @property
    def strategy(self) -> str:
        """How it is drawn, in words."""
        return ", ".join(self.plan.techniques) or "nothing to condition"

    @property
    def acceptance(self) -> float | None:
        """The probability that the prior satisfies all requirements; None where a null event is among them."""
        return self.plan.acceptance

    @property
    def exact(self) -> bool:
        """True where the acceptance is computed, not estimated."""
        return not self.plan.leftover

    @property
    def cost(self) -> float:
        """Expected draws for one configuration."""
        return 1.0 / self.plan.accepted if self.plan.accepted > 0.0 else float("inf")

    @property
    def moved(self) -> tuple[Moved, ...]:
        """How far each discrete marginal lies from its prior."""
        return self.plan.moved

    @property
    def infeasible(self) -> Infeasible | None:
        """Why nothing satisfies the requirements, where that was found."""
        return self.plan.infeasible


@dataclass(frozen=True)
class Lowering:
    """The samplers of a model's components, and the symbols that no requirement reaches."""

    components: tuple[Lowered, ...]
    free: tuple[Symbol, ...] = field(default=())


def lower(model: Model) -> Lowering:
    """The samplers of all components of a model. Depends on the model alone, never on time."""
    found, free = components(model)
    inliner = Inliner(model)
    return Lowering(tuple(Lowered(c, Plan(model, c, inliner)) for c in found), free)
