"""`number`: statements to instructions, computing every distinct term once for each guard.

Before: `a := exp(load 0)`, `b := 1 + exp(load 0)`
After:  `r0 = load 0; r1 = exp r0; store a r1; r2 = const 1; r3 = add r2 r1; store b r3`
"""

from __future__ import annotations

from dataclasses import dataclass

from hpdsl.graph.graph import Graph
from hpdsl.semantics.model import Guard
from hpdsl.terms import Term, load, walk


@dataclass(frozen=True, slots=True)
class Instruction:
    """One operation on virtual registers; `dst` is -1 where nothing is computed."""

    op: str
    dst: int
    args: tuple[int, ...]
    data: tuple[float, ...] = ()


def number(graph: Graph) -> tuple[Instruction, ...]:
    """The instructions of a graph; each virtual register is assigned once."""
    return tuple(_Numbering(graph).run())


class _Numbering:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.code: list[Instruction] = []
        self.regions: dict[Guard | None, int] = {None: 0}
        self.values: dict[int, dict[Term, int]] = {0: {}}
        self.region = 0
        self.n_registers = 0

    def run(self) -> list[Instruction]:
        for column in self.graph.partial:
            self.code.append(Instruction("fill", -1, (), (column,)))
        for s in self.graph.statements:
            self._enter(s.guard)
            register = self._compute(s.term)
            self.code.append(Instruction("store", -1, (register,), (s.column,)))
            # On these rows the column now holds just this.
            self.values[self.region][load(s.column)] = register
        return self.code

    def _enter(self, guard: Guard | None) -> None:
        if guard not in self.regions:
            assert guard is not None
            self._enter(guard.parent)
            mask = self._compute(guard.condition)
            number = len(self.regions)
            self.regions[guard] = number
            self.values[number] = {}
            self.code.append(Instruction("region", -1, (mask,), (number,)))
        if self.regions[guard] != self.region:
            self.region = self.regions[guard]
            self.code.append(Instruction("enter", -1, (), (self.region,)))

    def _compute(self, term: Term) -> int:
        known = self.values[self.region]
        for node in walk(term, known):
            register = self.n_registers
            self.n_registers += 1
            self.code.append(Instruction(node.op, register, tuple(known[a] for a in node.args), node.data))
            known[node] = register
        return known[term]
