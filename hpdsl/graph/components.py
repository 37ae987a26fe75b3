"""Connected components: which parameters must be drawn again together when a requirement fails."""

from __future__ import annotations

from hpdsl.graph.copula import blocks
from hpdsl.graph.entries import Component
from hpdsl.semantics.model import Derived, Model, Parameter, Symbol
from hpdsl.semantics.reading import inputs


def components(model: Model) -> tuple[tuple[Component, ...], tuple[Symbol, ...]]:
    """The components, and the free symbols that no requirement reaches.

    A requirement conditions the joint law of everything above it in the graph, so a component holds all
    ancestors. What only follows from a component is drawn once, given its accepted values.
    """
    owners = {c: s.path for c, s in model.by_column().items()}
    beside: dict[str, set[str]] = {s.path: {owners[c] for c in inputs(s)} for s in model.symbols}
    for block in blocks(model):
        # Members of a copula are drawn from each other's streams.
        for p in block:
            beside[p.path].update(q.path for q in block)
    group = _Groups()
    for k, requirement in enumerate(model.requirements):
        group.join([f"#{k}"])  # a requirement over nothing is a component of its own
        reached = {owners[c] for c in requirement.columns()}
        todo = list(reached)
        while todo:
            new = beside[todo.pop()] - reached
            reached |= new
            todo.extend(new)
        group.join([f"#{k}", *reached])
    numbers: dict[str, list[int]] = {}
    for k in range(len(model.requirements)):
        numbers.setdefault(group.root(f"#{k}"), []).append(k)
    members: dict[str, list[Symbol]] = {root: [] for root in numbers}
    free: list[Symbol] = []
    for s in model.symbols:
        members.get(group.root(s.path), free).append(s)
    found = tuple(
        Component(tuple(members[root]), tuple(model.requirements[k] for k in group_numbers))
        for root, group_numbers in numbers.items()
    )
    return found, tuple(free)


class _Groups:
    """Sets of names that grow together (union-find)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def root(self, name: str) -> str:
        """The name that stands for a name's set."""
        path = []
        while (above := self._above.get(name, name)) != name:
            path.append(name)
            name = above
        for passed in path:
            self._above[passed] = name
        return name

    def join(self, names: list[str]) -> None:
        """Make one set of the sets of some names."""
        root = self.root(names[0])
        for name in names[1:]:
            self._above[self.root(name)] = root


def searched(component: Component) -> tuple[Parameter, ...]:
    """The parameters of a component."""
    return tuple(s for s in component.symbols if not isinstance(s, Derived))
