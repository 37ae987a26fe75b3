"""Conditions of a model as trees of comparisons, the form in which other formats hold them.

A formula says when something is *definitely true*. It has no negation, so that what touches an inactive
variable can simply count as false: that is what the formats do, and agrees with three-valued logic.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

Value: TypeAlias = str | bool | int | float | None


@dataclass(frozen=True)
class Compare:
    """`name op value` of a number, op one of `== != < <= > >=`."""

    name: str
    op: str
    value: int | float


@dataclass(frozen=True)
class Among:
    """A listed variable has one of the values with these numbers."""

    name: str
    indices: tuple[int, ...]


@dataclass(frozen=True)
class Relation:
    """`left op right` of two numeric variables."""

    left: str
    op: str
    right: str


@dataclass(frozen=True)
class Every:
    """All parts hold; without parts it always does."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Some:
    """At least one part holds; without parts none does."""

    parts: tuple[Formula, ...]


Literal: TypeAlias = Compare | Among | Relation
Formula: TypeAlias = Literal | Every | Some

ALWAYS = Every(())
NEVER = Some(())
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
TEST: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class InexpressibleError(Exception):
    """A condition has no such form; the text says why."""


def every(parts: Iterable[Formula]) -> Formula:
    """The conjunction, flattened, without what says nothing."""
    kept: dict[Formula, None] = {}
    for part in parts:
        kept.update(dict.fromkeys(part.parts if isinstance(part, Every) else (part,)))
    if NEVER in kept:
        return NEVER
    narrowed = _merged(list(kept), lambda a, b: tuple(i for i in a if i in b))
    if any(isinstance(p, Among) and not p.indices for p in narrowed):
        return NEVER
    return narrowed[0] if len(narrowed) == 1 else Every(tuple(narrowed))


def some(parts: Iterable[Formula]) -> Formula:
    """The disjunction, flattened, without what says nothing."""
    kept: dict[Formula, None] = {}
    for part in parts:
        kept.update(dict.fromkeys(part.parts if isinstance(part, Some) else (part,)))
    if ALWAYS in kept:
        return ALWAYS
    joined = _merged(list(kept), lambda a, b: tuple(sorted({*a, *b})))
    return joined[0] if len(joined) == 1 else Some(tuple(joined))


_Indices: TypeAlias = tuple[int, ...]


def _merged(parts: list[Formula], join: Callable[[_Indices, _Indices], _Indices]) -> list[Formula]:
    """Parts with one `Among` for each variable."""
    result: list[Formula] = []
    where: dict[str, int] = {}
    for part in parts:
        if isinstance(part, Among) and part.name in where:
            k = where[part.name]
            old = result[k]
            assert isinstance(old, Among)
            result[k] = Among(part.name, join(old.indices, part.indices))
            continue
        if isinstance(part, Among):
            where[part.name] = len(result)
        result.append(part)
    return result


def clauses(formula: Formula, most: int = 256) -> list[tuple[Literal, ...]]:
    """The formula as alternatives of literals that hold together; more than `most` are not expressible."""
    result = _clauses(formula, most)
    return list(dict.fromkeys(result))


def _clauses(formula: Formula, most: int) -> list[tuple[Literal, ...]]:
    if isinstance(formula, Some):
        found = [c for part in formula.parts for c in _clauses(part, most)]
    elif isinstance(formula, Every):
        sides = [_clauses(part, most) for part in formula.parts]
        if math.prod(map(len, sides)) > most:
            raise InexpressibleError(f"it needs more than {most} clauses")
        found = []
        for combination in product(*sides):
            whole = every(literal for side in combination for literal in side)
            if whole != NEVER:
                found.append(whole.parts if isinstance(whole, Every) else (whole,))  # type: ignore[arg-type]  # literals
    else:
        found = [(formula,)]
    if len(found) > most:
        raise InexpressibleError(f"it needs more than {most} clauses")
    return found


def literals(formula: Formula) -> Iterator[Literal]:
    """Every comparison in a formula."""
    if isinstance(formula, (Every, Some)):
        for part in formula.parts:
            yield from literals(part)
    else:
        yield formula
