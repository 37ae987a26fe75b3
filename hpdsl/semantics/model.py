"""The checked model of a space: what the compiler lowers and what every later stage asks about."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from hpdsl.intervals import Facts, Interval, assume
from hpdsl.priors.items import Items, Reading
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.place import Place
from hpdsl.priors.power import Power
from hpdsl.priors.ranked import Ranked
from hpdsl.source import Source, Span
from hpdsl.terms import Term, apply, columns_of, const, load

Dist = Numeric | Power | Items | Ranked | Place
# Names from the outermost inwards; a number is an element of an array.
Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Guard:
    """A condition under which sentences hold, within its parent's; equal chains are equal guards."""

    parent: Guard | None
    condition: Term

    def chain(self) -> tuple[Term, ...]:
        """The conditions from the outermost inwards."""
        return (*(self.parent.chain() if self.parent else ()), self.condition)

    def columns(self) -> frozenset[int]:
        """The columns all conditions read."""
        return frozenset().union(*(columns_of(c) for c in self.chain()))

    def holds(self) -> Term:
        """1 where every condition is true, else 0."""
        result = const(1.0)
        for condition in self.chain():
            part = apply("holds", condition)
            result = part if result.constant == 1.0 else apply("and", result, part)
        return result


def guard_facts(guard: Guard | None, facts: Facts) -> Facts:
    """The facts inside a guard."""
    for condition in guard.chain() if guard else ():
        facts = assume(condition, True, facts)
    return facts


@dataclass(frozen=True)
class Piece:
    """One prior of a parameter, under one guard; `need` must hold for the prior to be legal there."""

    guard: Guard | None
    dist: Dist
    span: Span
    default: float | None = None
    default_code: float | None = None
    default_span: Span | None = None


@dataclass(frozen=True)
class Score:
    """A parameter's place in a Gaussian copula: its normal score is the sum of `row` times those of `members`.

    `members` are the paths of this parameter and those before it in path order; `row` is the parameter's row of
    the Cholesky factor of their correlation matrix. The last of them is the parameter itself.
    """

    members: tuple[str, ...]
    row: tuple[float, ...]


@dataclass(frozen=True)
class Parameter:
    """A hyperparameter: `path` with branch names, `key` without, as configurations name it."""

    index: int
    path: str
    key: str
    kind: str  # "float", "int", "bool", "number" (listed), "ordinal", "choice", "mixed", "union"
    value: int | None  # column of the number
    code: int | None  # column of the alternative's code
    pieces: tuple[Piece, ...]
    unit: str | None
    doc: str
    span: Span
    steps: Steps = ()
    order: tuple[int, ...] = ()
    member: bool = False
    """An element of a subset or a permutation, which configurations don't name."""
    score: Score | None = None
    fixed: bool = False
    """Pinned by a caller: a value in configurations, no dimension of the search."""

    @property
    def main(self) -> int:
        """The column that is NaN exactly where the parameter is inactive."""
        column = self.code if self.code is not None else self.value
        assert column is not None
        return column

    @property
    def reading(self) -> Reading:
        """What its columns hold."""
        return Reading(
            load(self.value) if self.value is not None else None,
            load(self.code) if self.code is not None else None,
        )

    @property
    def items(self) -> Items | None:
        """The alternatives, where it is a choice (all pieces have the same)."""
        dist = self.pieces[0].dist
        return dist if isinstance(dist, Items) else None

    @property
    def conditional(self) -> bool:
        """True where it can be inactive."""
        return all(p.guard is not None for p in self.pieces)


@dataclass(frozen=True)
class DerivedPiece:
    """One defining expression of a derived value, under one guard."""

    guard: Guard | None
    term: Term
    span: Span


@dataclass(frozen=True)
class Derived:
    """A value that follows from parameters; `labels` where it is one of several labels (the column is a code)."""

    path: str
    key: str
    kind: str  # "float", "int", "bool", "label"
    column: int
    pieces: tuple[DerivedPiece, ...]
    labels: tuple[str | bool | int | float | None, ...]
    unit: str | None
    doc: str
    span: Span
    steps: Steps = ()
    order: tuple[int, ...] = ()
    hidden: bool = False
    """The length of a collection, which configurations don't hold."""

    @property
    def main(self) -> int:
        """The column that is NaN where the value is inactive."""
        return self.column


Symbol = Parameter | Derived


@dataclass(frozen=True)
class Collection:
    """What configurations hold as a list.

    kind "array": `length` elements, each a value, a list or (groups) a dict. "subset": those of `values` whose
    parameter in `members` is true. "permutation": `values` in the order that `members` say. `length` is the
    column of the length, NaN where the collection is inactive. `whole` says that every element below the length
    exists; else single ones can be missing.
    """

    kind: str
    path: str
    steps: Steps
    order: tuple[int, ...]
    length: int
    members: tuple[str, ...]
    values: tuple[str | bool | int | float | None, ...]
    groups: bool
    whole: bool
    unit: str | None
    doc: str
    span: Span


@dataclass(frozen=True)
class Requirement:
    """A condition on configurations: written (`require`, `forbid`) or implied by another sentence."""

    guard: Guard | None
    condition: Term
    message: str
    span: Span
    implied: bool = False

    def columns(self) -> frozenset[int]:
        """Every column it depends on."""
        return columns_of(self.condition) | (self.guard.columns() if self.guard else frozenset())


@dataclass(frozen=True)
class Claim:
    """An `assert`: a condition that every configuration must satisfy; `verdict` is "proved" or "" (open).

    `null`: it speaks of the equality of continuous quantities, and could not be a `require`.
    """

    guard: Guard | None
    condition: Term
    message: str
    span: Span
    verdict: str = ""
    null: bool = False


@dataclass(frozen=True)
class Fidelity:
    """How much an evaluation may be cut short: `name` from `lo` to `hi`, by a factor `by` where one is written.

    `cost` is the cost of an evaluation as a term; `column` is where it reads the fidelity.
    """

    name: str
    lo: float
    hi: float
    integer: bool
    by: float | None
    cost: Term | None
    column: int
    unit: str | None
    doc: str
    span: Span

    @property
    def full(self) -> float:
        """The full value, an int where the fidelity is whole."""
        return int(self.hi) if self.integer else self.hi


@dataclass(frozen=True)
class Outcome:
    """A bound on a measured outcome (`subject to`); `op` is one of `< <= > >=`."""

    name: str
    op: str
    bound: float
    span: Span

    @property
    def text(self) -> str:
        """The bound as a file writes it."""
        return f"{self.name} {self.op} {self.bound:g}"

    def holds(self, value: float) -> bool:
        """True where a measured value keeps the bound; NaN never does."""
        match self.op:
            case "<":
                return value < self.bound
            case "<=":
                return value <= self.bound
            case ">":
                return value > self.bound
            case _:
                return value >= self.bound


@dataclass(frozen=True)
class Objective:
    """A measured outcome to optimise."""

    name: str
    maximize: bool


@dataclass(frozen=True)
class TryPoint:
    """A configuration to evaluate first, as written: parameter path to (value, code)."""

    given: dict[str, tuple[float | None, float | None]]
    spans: dict[str, Span]
    span: Span


@dataclass(frozen=True, eq=False)
class Model:
    """Everything a file says, checked. `symbols` stands in dependency order, `parameters` as written."""

    source: Source
    parameters: tuple[Parameter, ...]
    symbols: tuple[Symbol, ...]
    requirements: tuple[Requirement, ...]
    objectives: tuple[Objective, ...]
    tries: tuple[TryPoint, ...]
    n_columns: int
    facts: dict[Term, Interval] = field(default_factory=dict)
    doc: str = ""
    collections: tuple[Collection, ...] = ()
    claims: tuple[Claim, ...] = ()
    fidelity: Fidelity | None = None
    outcomes: tuple[Outcome, ...] = ()
    given: tuple[tuple[str, object], ...] = ()

    @property
    def free(self) -> tuple[Parameter, ...]:
        """The dimensions of the search: all parameters but the fixed ones, which come last."""
        return tuple(p for p in self.parameters if not p.fixed)

    @cached_property
    def written(self) -> tuple[Symbol, ...]:
        """What configurations name, in the order of the file: no lengths, no members of subsets and permutations."""
        named = [s for s in self.symbols if not (s.member if isinstance(s, Parameter) else s.hidden)]
        return tuple(sorted(named, key=lambda s: s.order))

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The parameters' numbers by path."""
        return {p.path: p.index for p in self.parameters}

    def by_column(self) -> dict[int, Symbol]:
        """Which symbol owns each column."""
        owners: dict[int, Symbol] = {}
        for s in self.symbols:
            columns = (s.value, s.code) if isinstance(s, Parameter) else (s.column,)
            owners.update({c: s for c in columns if c is not None})
        return owners
