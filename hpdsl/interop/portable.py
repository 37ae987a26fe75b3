"""A space as the flat list that other formats hold: variables with static domains, guards, forbidden clauses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from hpdsl.configs import Configs, native
from hpdsl.diagnostics import counted
from hpdsl.errors import InvalidConfiguration, UsageError
from hpdsl.interop.formulas import Formula, Value
from hpdsl.priors.items import Items, Range
from hpdsl.semantics.evaluate import Row, active_piece, complete
from hpdsl.semantics.model import Parameter
from hpdsl.semantics.typed import number
from hpdsl.terms import Evaluator

if TYPE_CHECKING:
    from hpdsl.space import Space

_MOST_POINTS = 1000


@dataclass(frozen=True)
class Law:
    """A law of numbers within `lo .. hi`: "uniform", "normal" (mu `a`, sigma `b`), "beta" (shapes) or "other".

    `log` says that it lives on a logarithmic scale; `step` is the distance of its values, 0 where continuous.
    """

    name: str
    lo: float
    hi: float
    log: bool = False
    integer: bool = False
    step: float = 0.0
    a: float = 0.0
    b: float = 0.0

    @property
    def stepped(self) -> bool:
        """True where values are farther apart than integers, or are steps of floating-point numbers."""
        return self.step != 0.0 and not (self.integer and self.step == 1.0)

    def points(self) -> tuple[int | float, ...] | None:
        """All values of a stepped law, where they are not too many."""
        count = round((self.hi - self.lo) / self.step) + 1 if self.step else 0
        if not 1 <= count <= _MOST_POINTS:
            return None
        if self.integer:
            return tuple(int(self.lo + k * self.step) for k in range(count))
        return tuple(float(f"{self.lo + k * self.step:.12g}") for k in range(count))


@dataclass(frozen=True)
class Listed:
    """Values with weights, fractions of one; None where these depend on other parameters."""

    values: tuple[Value, ...]
    weights: tuple[float, ...] | None
    ordered: bool = False

    @property
    def even(self) -> bool:
        """True where every value is equally likely."""
        return self.weights is not None and max(self.weights) - min(self.weights) <= 1e-12


@dataclass(frozen=True)
class Variable:
    """One entry of the flat list; `said` is the prior as written, `guard` when it is active."""

    name: str
    law: Law | Listed
    guard: Formula
    default: Value
    said: str
    where: str
    doc: str = ""
    parameter: Parameter | None = None
    piece: int = 0
    item: int | None = None
    """Which alternative of a choice it is the number of."""

    @property
    def constant(self) -> bool:
        """True where it has one value only."""
        return len(self.law.values) == 1 if isinstance(self.law, Listed) else self.law.lo == self.law.hi


@dataclass(frozen=True)
class Forbidden:
    """What must not hold, and the sentence that says so."""

    formula: Formula
    said: str
    where: str


@dataclass
class Portable:
    """The flat list. `refused` are sentences no flat list can hold, each as "place: `text`: reason"."""

    space: Space
    variables: list[Variable] = field(default_factory=list)
    forbidden: list[Forbidden] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, where: str, said: str, reason: str) -> None:
        """Note a sentence whose meaning would be lost, once."""
        line = f"{where}: `{said}`: {reason}"
        if line not in self.refused:
            self.refused.append(line)

    def note(self, text: str) -> None:
        """Note a change that keeps the set of configurations."""
        if text not in self.notes:
            self.notes.append(text)

    def settle(self, target: str, lossy: bool, instead: str = "") -> tuple[str, ...]:
        """The notes; an error that lists every sentence that can't be held, unless losses are allowed."""
        if self.refused and not lossy:
            count = counted(len(self.refused), "sentence")
            lines = "\n  ".join(self.refused)
            raise UsageError(
                f"{target} cannot hold {count} of {self.space.source.name}:\n  {lines}\n"
                "pass lossy=True to leave these out, with a note for each" + (f"; {instead}" if instead else "")
            )
        return (*(f"lost: {line}" for line in self.refused), *self.notes)

    # ---- configurations ----------------------------------------------------------------------------

    def values(self, config: Mapping[str, object]) -> dict[str, Value]:
        """The values of the active variables in a configuration of the space."""
        matrix = self.space._matrix([dict(config)])  # the one reader of configurations
        return self._values({c: float(x) for c, x in enumerate(matrix[:, 0])})

    def _values(self, columns: Row) -> dict[str, Value]:
        row = Evaluator(columns)
        found: dict[str, Value] = {}
        for v in self.variables:
            p = v.parameter
            if p is None:
                found[v.name] = v.default
                continue
            piece = active_piece(p, row)
            if piece is None or (len(p.pieces) > 1 and p.pieces[v.piece] != piece and not shared(p)):
                continue
            value = columns.get(p.value, math.nan) if p.value is not None else math.nan
            code = columns.get(p.code, math.nan) if p.code is not None else math.nan
            dist = p.pieces[v.piece].dist
            if isinstance(dist, Items) and dist.ranged:
                if v.item is None:
                    found[v.name] = labels(self.space, dist)[int(code)]
                elif v.item == code:
                    inner = dist.items[v.item]
                    assert isinstance(inner, Range)
                    found[v.name] = int(value) if inner.dist.integer else value
            else:
                found[v.name] = native(p)(value, code)
        return found

    def config(self, values: Mapping[str, object]) -> dict[str, Any]:
        """The configuration of the space that the values of the active variables stand for, derived values too."""
        model = self.space.compilation.model
        given: dict[int, tuple[float | None, float | None]] = {}
        for v in self.variables:
            p = v.parameter
            if p is None or v.name not in values:
                continue
            given[p.index] = self._columns(v, values[v.name], given.get(p.index))
        row = complete(model, given)
        expected, known = self._values(row).keys(), {v.name for v in self.variables}
        wrong = [f"`{name}` is missing" for name in sorted(expected - values.keys())]
        wrong += [f"`{name}` is not active here" for name in sorted((values.keys() & known) - expected)]
        wrong += [f"`{name}` is not a parameter of this space" for name in sorted(values.keys() - known)]
        if wrong:
            raise InvalidConfiguration(wrong)
        matrix = np.full((model.n_columns, 1), math.nan)
        for c, x in row.items():
            matrix[c, 0] = x
        return Configs(model, matrix)[0]

    def _columns(
        self, v: Variable, value: Any, before: tuple[float | None, float | None] | None
    ) -> tuple[float | None, float | None]:
        """The value and the code of a variable's parameter."""
        assert v.parameter is not None
        dist = v.parameter.pieces[v.piece].dist
        if not isinstance(dist, Items):
            return float(value), None
        if v.item is not None:
            return float(value), float(v.item)
        shown = labels(self.space, dist) if dist.ranged else dist.items
        same = [
            k for k, x in enumerate(shown) if x == value and isinstance(x, bool) == isinstance(value, (bool, np.bool_))
        ]
        if not same:
            raise InvalidConfiguration([f"`{v.name}` = {value!r} is none of its values"])
        k = same[0]
        if before is not None and before[1] == k:
            return before
        at = None if math.isnan(dist.values[k]) else dist.values[k]
        return at, float(k)


def portable(space: Space) -> Portable:
    """The flat list of a space, with everything on it that such a list cannot say."""
    from hpdsl.interop.flatten import Builder

    return Builder(space).build()


def labels(space: Space, dist: Items) -> tuple[Value, ...]:
    """The alternatives of a choice with ranges, these as text."""
    found: list[Value] = []
    for item in dist.items:
        if isinstance(item, Range):
            hull = item.dist.hull(space.compilation.model.facts)
            text = f"{number(hull.lo)} .. {number(hull.hi)}"
            while text in found or text in dist.items:
                text += "'"
            found.append(text)
        else:
            found.append(item)
    return tuple(found)


def shared(p: Parameter) -> bool:
    """True where all pieces have the same prior, so that only their guards differ."""
    return len({x.dist for x in p.pieces}) == 1
