"""Parameters gathered under their conditions: the blocks of a file, nested where conditions are shared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from hpdsl.interop.draft import Active, Among, Compare, Every, Formula, Parameter, Relation, Some


@dataclass
class Block:
    """Parameters and inner blocks under one condition, in order; `otherwise` is the `else`."""

    condition: Formula | None
    members: list[Parameter | Block] = field(default_factory=list)
    otherwise: Block | None = None


Opposite = Callable[[Formula, Collection[Formula]], Formula | None]


def gather(parameters: Sequence[Parameter], opposite: Opposite) -> Block:
    """The outermost block; `opposite` finds the one that is another's `else`."""
    implications = _Implications(parameters)
    waiting = [(p, implications.of_parameter(p.name)) for p in parameters]
    return _Gathering(implications, opposite).block(None, waiting, frozenset())


def conjuncts(condition: Formula | None) -> tuple[Formula, ...]:
    """What must hold together."""
    if condition is None:
        return ()
    return condition.parts if isinstance(condition, Every) else (condition,)


class _Implications:
    """What a condition implies, since it is true only where the parameters it reads are active."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self._conditions = {p.name: conjuncts(p.condition) for p in parameters}
        self._known: dict[str, tuple[Formula, ...]] = {}
        self._open: set[str] = set()

    def of_parameter(self, name: str) -> tuple[Formula, ...]:
        """All that holds where a parameter is active, the outer conditions first."""
        if name in self._known:
            return self._known[name]
        if name in self._open:
            return ()  # a cycle, which the compiler reports
        self._open.add(name)
        found: dict[Formula, None] = {}
        for part in self._conditions.get(name, ()):
            found.update(dict.fromkeys((*self.of_formula(part), part)))
        self._open.discard(name)
        self._known[name] = tuple(found)
        return self._known[name]

    def of_formula(self, formula: Formula) -> tuple[Formula, ...]:
        """What holds besides where a formula is true."""
        if isinstance(formula, (Compare, Among, Active)):
            return self.of_parameter(formula.name)
        if isinstance(formula, Relation):
            both = (*self.of_parameter(formula.left), *self.of_parameter(formula.right))
            return tuple(dict.fromkeys(both))
        if isinstance(formula, Every):
            return tuple(dict.fromkeys(f for p in formula.parts for f in (*self.of_formula(p), p)))
        if isinstance(formula, Some) and formula.parts:
            sides = [self._with_itself(p) for p in formula.parts]
            return tuple(f for f in sides[0] if all(f in side for side in sides[1:]))
        return ()

    def _with_itself(self, formula: Formula) -> tuple[Formula, ...]:
        return self.of_formula(formula) if isinstance(formula, Every) else (*self.of_formula(formula), formula)


Waiting = tuple[Parameter, tuple[Formula, ...]]


@dataclass
class _Gathering:
    implications: _Implications
    opposite: Opposite

    def block(self, condition: Formula | None, waiting: list[Waiting], held: frozenset[Formula]) -> Block:
        """The parameters in their order, each with the conditions that are still to be opened for it."""
        count: dict[Formula, int] = {}
        for _, missing in waiting:
            for part in missing:
                count[part] = count.get(part, 0) + 1
        groups: dict[Formula, list[Waiting]] = {}
        result = Block(condition)
        places: list[Parameter | Formula] = []
        for parameter, missing in waiting:
            if not missing:
                places.append(parameter)
                continue
            ready = [f for f in missing if all(i in held for i in self.implications.of_formula(f))]
            chosen = max(ready or missing, key=lambda f: count[f])
            if chosen not in groups:
                groups[chosen] = []
                places.append(chosen)
            groups[chosen].append((parameter, tuple(f for f in missing if f != chosen)))
        inner = {f: self.block(f, members, held | {f}) for f, members in groups.items()}
        for place in places:
            if isinstance(place, Parameter):
                result.members.append(place)
            elif place in inner:
                self._add(result, place, inner)
        return result

    def _add(self, result: Block, condition: Formula, inner: dict[Formula, Block]) -> None:
        block = inner.pop(condition)
        other = self.opposite(condition, inner)
        if other is not None:
            block.otherwise = inner.pop(other)
        elif len(block.members) == 1 and isinstance(only := block.members[0], Block) and only.otherwise is None:
            assert block.condition is not None and only.condition is not None
            block = Block(Every((*conjuncts(block.condition), *conjuncts(only.condition))), only.members)
        result.members.append(block)
