"""`Scope` and `Symbol`: what may be read at a place of the spec being written."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from hpdsl.testing.generator.values import OPEN, OPERAND, UNKNOWN, At, Value

Label = str | float | bool | None


@dataclass(frozen=True)
class Symbol:
    """A name that can be read.

    kinds: "number", "bool", "label" (one of `labels`), "array" (of numbers), "set" (a subset of `labels`), "order"
    (a permutation of them). `at` is its value at the witness: an array's or subset's values are a tuple.
    """

    path: str
    kind: str
    lo: float = -math.inf
    hi: float = math.inf
    whole: bool = False
    labels: tuple[Label, ...] = ()
    ordered: bool = False
    at: At = OPEN
    guard: tuple[int, ...] = ()
    """The conditions it stands under, by number."""
    drawn: bool = False
    """True for a parameter that a `try` may set."""
    rankable: bool = False
    """True for a parameter that `correlate` may name."""
    length: tuple[int, int] = (0, 0)
    """The least and the greatest length of an array."""

    @property
    def value(self) -> Value:
        """The symbol as an expression."""
        return Value(self.path, OPERAND, self.kind, self.lo, self.hi, self.whole, self.at)

    def element(self, k: int) -> Symbol:
        """An element of an array, with a constant index."""
        at = self.at
        if isinstance(at, tuple):
            at = at[k] if k < len(at) else UNKNOWN  # type: ignore[assignment]  # arrays hold numbers
        guard = self.guard if k < self.length[0] else (*self.guard, -1)
        return replace(self, path=f"{self.path}[{k}]", kind="number", at=at, guard=guard, length=(0, 0))


@dataclass
class World:
    """What holds for the whole spec being written."""

    limit: int
    """How many parameters it may have in all."""
    names: set[str] = field(default_factory=set)
    parameters: int = 0
    conditions: int = 0
    requirements: int = 0
    files: dict[str, str] = field(default_factory=dict)
    templates: list[object] = field(default_factory=list)
    correlated: set[str] = field(default_factory=set)
    outcomes: set[str] = field(default_factory=set)
    measured: bool = False
    """Whether there is a fidelity."""

    def condition(self) -> int:
        """A number for a new condition."""
        self.conditions += 1
        return self.conditions


@dataclass
class Scope:
    """A block being written: its names, and those around it."""

    world: World
    parent: Scope | None = None
    own: list[Symbol] = field(default_factory=list)
    reuse: list[str] = field(default_factory=list)
    """Names of branches beside this one, which may be declared here again."""
    guard: tuple[int, ...] = ()
    live: bool | None = True
    """Whether the block is active at the witness; None where that isn't followed up."""
    times: int = 1
    """How often it stands in the space: in arrays of groups more than once."""
    index: Value | None = None
    depth: int = 0
    closed: bool = False
    """True for a template, which sees nothing around it."""

    def visible(self) -> Iterator[Symbol]:
        """Everything that may be read here, the nearest last."""
        if self.parent is not None and not self.closed:
            yield from self.parent.visible()
        yield from self.own

    def of(self, *kinds: str) -> list[Symbol]:
        """The visible symbols of some kinds."""
        return [s for s in self.visible() if s.kind in kinds]

    @property
    def top(self) -> bool:
        """True at the outermost level of the file."""
        return self.parent is None

    def room(self, parameters: int = 1) -> bool:
        """Whether so many parameters may still be declared here."""
        return self.world.parameters + parameters * self.times <= self.world.limit

    def add(self, symbol: Symbol, parameters: int = 0, condition: Value | None = None) -> Symbol:
        """Declare a symbol that takes so many parameters; it is active where the block is, and the condition holds."""
        guard, live = self.guarded(condition)
        at = symbol.at if live is True else UNKNOWN if live is False else OPEN
        symbol = replace(symbol, guard=guard, at=at)
        self.own.append(symbol)
        self.world.parameters += parameters * self.times
        return symbol

    def guarded(self, condition: Value | None) -> tuple[tuple[int, ...], bool | None]:
        """The guard and the life of what stands here under a condition."""
        if condition is None:
            return self.guard, self.live
        live: bool | None = None
        if condition.at is True:
            live = self.live
        elif condition.at is not OPEN or self.live is False:
            live = False
        return (*self.guard, self.world.condition()), live

    def inner(self, **changes: object) -> Scope:
        """A block inside this one."""
        made = Scope(self.world, self, guard=self.guard, live=self.live, times=self.times, index=self.index)
        made.depth = self.depth + 1
        for name, value in changes.items():
            setattr(made, name, value)
        return made
