"""Clauses: requirements taken apart into conditions that must not fail, over parameters only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from hpdsl.constraints.rewrite import Inliner
from hpdsl.intervals import Facts, Interval, bounds
from hpdsl.semantics.model import Guard, Requirement
from hpdsl.terms import Term, apply, columns_of, const


@dataclass(frozen=True)
class Clause:
    """One conjunct of a requirement: where `guard` is 1, `condition` is neither 0 nor undefined."""

    requirement: int
    guard: Term
    condition: Term
    written: Guard | None
    """The guard as the requirement has it."""

    @cached_property
    def violated(self) -> Term:
        """1 where it fails, else 0."""
        broken = apply("violated", self.condition)
        return broken if self.guard.constant == 1.0 else apply("and", self.guard, broken)

    @cached_property
    def columns(self) -> frozenset[int]:
        """Every column it depends on."""
        return columns_of(self.violated)


def clauses(requirement: Requirement, number: int, inliner: Inliner, facts: Facts) -> list[Clause]:
    """The clauses of the requirement with this number."""
    guard = inliner.guard(requirement.guard)
    condition = inliner.term(requirement.condition)
    return [Clause(number, guard, part, requirement.guard) for part in _conjuncts(condition, facts)]


def _conjuncts(term: Term, facts: Facts) -> list[Term]:
    """Conditions that all hold, or are unknown, exactly where the term does or is."""
    found: list[Term] = []
    looked_at: dict[Term, Interval] = {}
    stack = [term]
    while stack:
        node = plain(stack.pop())
        parts = _parts(node)
        # `unknown and undefined` is unknown, but its parts alone would fail.
        if parts and not any(bounds(p, facts, looked_at).undefined for p in parts):
            stack.extend(reversed(parts))
        elif node.constant != 1.0:
            found.append(node)
    return found


def _parts(node: Term) -> tuple[Term, ...]:
    if node.op == "and":
        return node.args
    if node.op == "not" and node.args[0].op == "or":
        return tuple(apply("not", a) for a in node.args[0].args)
    return ()


_NEGATED = {"le": ("lt", True), "lt": ("le", True), "eq": ("ne", False), "ne": ("eq", False)}


def plain(node: Term) -> Term:
    """A condition without what does not matter to whether it fails: double negation, a default of true."""
    while True:
        if node.op == "coalesce" and node.args[1] == const(1.0):
            node = node.args[0]
        elif node.op == "not" and node.args[0].op == "not":
            node = node.args[0].args[0]
        elif node.op == "not" and node.args[0].op in _NEGATED:
            op, swapped = _NEGATED[node.args[0].op]
            a, b = node.args[0].args
            node = apply(op, b, a) if swapped else apply(op, a, b)
        else:
            return node
