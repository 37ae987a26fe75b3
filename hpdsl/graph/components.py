"""Connected components: which parameters must be drawn again together when a requirement fails."""

from __future__ import annotations

from hpdsl.graph.entries import Component
from hpdsl.semantics.model import Derived, Model, Parameter, Symbol
from hpdsl.semantics.reading import inputs


def components(model: Model) -> tuple[tuple[Component, ...], tuple[Symbol, ...]]:
    """The components, and the free symbols that no requirement reaches.

    A requirement conditions the joint law of everything above it in the graph, so a component holds all
    ancestors. What only follows from a component is drawn once, given its accepted values.
    """
    owners = model.by_column()
    ancestors: dict[str, frozenset[Symbol]] = {}
    for symbol in model.symbols:  # dependency order: parents come first
        parents = {owners[c] for c in inputs(symbol)}
        ancestors[symbol.path] = frozenset({symbol}).union(*(ancestors[p.path] for p in parents))
    groups: list[tuple[set[Symbol], list[int]]] = []
    for k, requirement in enumerate(model.requirements):
        touched = frozenset().union(*(ancestors[owners[c].path] for c in requirement.columns()), frozenset())
        members, numbers = set(touched), [k]
        separate = []
        for group in groups:
            if group[0] & members:
                members |= group[0]
                numbers += group[1]
            else:
                separate.append(group)
        groups = [*separate, (members, numbers)]
    tied: set[Symbol] = set().union(*(g[0] for g in groups)) if groups else set()
    found = tuple(
        Component(
            tuple(s for s in model.symbols if s in members),
            tuple(model.requirements[k] for k in sorted(numbers)),
        )
        for members, numbers in groups
    )
    free = tuple(s for s in model.symbols if s not in tied)
    return found, free


def searched(component: Component) -> tuple[Parameter, ...]:
    """The parameters of a component."""
    return tuple(s for s in component.symbols if not isinstance(s, Derived))
