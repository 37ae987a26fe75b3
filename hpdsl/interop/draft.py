"""`Draft`: a space as a reader of another format understood it, before it is written as a .hp file.

Names are those of the other format; the printer quotes what is no identifier.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = str | bool | int | float | None


# ---- conditions -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compare:
    """`name op value`, op one of `== != < <= > >=`."""

    name: str
    op: str
    value: Value


@dataclass(frozen=True)
class Among:
    """`name in [values]`, or `not in` where negated."""

    name: str
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True)
class Every:
    """All parts hold."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Some:
    """At least one part holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Negation:
    """The part does not hold."""

    part: Formula


@dataclass(frozen=True)
class Relation:
    """`left op right` of two parameters, op one of `== != < <= > >=`."""

    left: str
    op: str
    right: str


@dataclass(frozen=True)
class Active:
    """The parameter has a value."""

    name: str


@dataclass(frozen=True)
class Text:
    """An expression that is .hp syntax already."""

    text: str


Formula: TypeAlias = Compare | Among | Every | Some | Negation | Relation | Active | Text


# ---- priors -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Law:
    """`[int] name(arguments) [in lo .. hi] [step q]`."""

    name: str
    arguments: tuple[int | float | str, ...]
    """Numbers, or .hp expressions."""
    integer: bool = False
    within: tuple[int | float | None, int | float | None] | None = None
    step: int | float | None = None


@dataclass(frozen=True)
class Listed:
    """`choice` of values or laws with weights, or `ordinal` where ordered."""

    items: tuple[Value | Law, ...]
    weights: tuple[float, ...] | None = None
    ordered: bool = False


@dataclass
class Parameter:
    """A parameter; `condition` says when it is active. A single value becomes a derived constant."""

    name: str
    prior: Law | Listed
    default: Value = None
    has_default: bool = False
    condition: Formula | None = None
    unit: str = ""
    doc: str = ""


@dataclass
class Draft:
    """A whole space. `forbidden` never hold, `required` always; `notes` say what could not be carried over."""

    parameters: list[Parameter] = field(default_factory=list)
    constants: dict[str, Value] = field(default_factory=dict)
    derived: dict[str, str] = field(default_factory=dict)
    """Names to .hp expressions."""
    forbidden: list[Formula] = field(default_factory=list)
    required: list[tuple[Formula, str]] = field(default_factory=list)
    """Formulas with their message, empty where there is none."""
    objectives: list[tuple[str, bool]] = field(default_factory=list)
    """Names, and whether they are maximised."""
    doc: str = ""
    notes: list[str] = field(default_factory=list)
