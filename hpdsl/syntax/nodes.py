"""The abstract syntax tree of a .hp file: frozen dataclasses, each with the span of its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from hpdsl.source import Span

# ---- expressions ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Number:
    """A literal number; `value` is an int where it was written without point and exponent."""

    value: int | float
    span: Span


@dataclass(frozen=True)
class String:
    """A quoted string."""

    value: str
    span: Span


@dataclass(frozen=True)
class Constant:
    """`true`, `false` or `none`."""

    value: bool | None
    span: Span


@dataclass(frozen=True)
class Path:
    """A dotted name; quoted parts stand without their backticks."""

    parts: tuple[str, ...]
    span: Span

    @property
    def text(self) -> str:
        """The parts joined by dots."""
        return ".".join(self.parts)


@dataclass(frozen=True)
class Unary:
    """`-x`, `+x` or `not x`."""

    op: str
    operand: Expr
    span: Span


@dataclass(frozen=True)
class Binary:
    """`+ - * / // % ** and or =>`."""

    op: str
    left: Expr
    right: Expr
    span: Span


@dataclass(frozen=True)
class Compare:
    """A chain such as `a < b <= c`; `ops[i]` stands between `operands[i]` and `operands[i + 1]`.

    Operators: `< <= > >= == != in "not in"`.
    """

    operands: tuple[Expr, ...]
    ops: tuple[str, ...]
    span: Span


@dataclass(frozen=True)
class IfElse:
    """`body if test else orelse`."""

    test: Expr
    body: Expr
    orelse: Expr
    span: Span


@dataclass(frozen=True)
class Call:
    """A call in an expression, or a prior without `int`, `in` or `step` in a `choice`."""

    function: Path
    args: tuple[Argument, ...]
    span: Span


@dataclass(frozen=True)
class Index:
    """`target[index]`."""

    target: Expr
    index: Expr
    span: Span


@dataclass(frozen=True)
class ListExpr:
    """`[a, b, c]`."""

    items: tuple[Expr, ...]
    span: Span


@dataclass(frozen=True)
class Range:
    """`lo .. hi`, both inclusive; `None` where a side is open."""

    lo: Expr | None
    hi: Expr | None
    span: Span


Expr: TypeAlias = (
    Number | String | Constant | Path | Unary | Binary | Compare | IfElse | Call | Index | ListExpr | Range
)


@dataclass(frozen=True)
class Argument:
    """An argument of a call: positional where `name` is None."""

    name: str | None
    value: Expr
    span: Span


# ---- priors -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prior:
    """`[int] name(args) [in lo .. hi] [step q]`, suffixes in either order."""

    name: str
    name_span: Span
    args: tuple[Argument, ...]
    integer: bool
    within: Range | None
    step: Expr | None
    span: Span


@dataclass(frozen=True)
class Item:
    """One item of a `choice( )`: a label or value (an expression) or a range (a prior), with its weight."""

    value: Expr | Prior
    weight: Expr | None
    span: Span


@dataclass(frozen=True)
class Choice:
    """`choice(a: 3, b, 0, uniform(1, 2))`."""

    items: tuple[Item, ...]
    span: Span


@dataclass(frozen=True)
class Branch:
    """One branch of a `choice { }`; `body` is empty where no block was written."""

    label: str
    label_span: Span
    weight: Expr | None
    body: tuple[Sentence, ...]
    span: Span


@dataclass(frozen=True)
class Union:
    """`choice { a { … } b: 2 { … } c }`, a tagged union."""

    branches: tuple[Branch, ...]
    span: Span


@dataclass(frozen=True)
class Ordered:
    """`increasing prior` or `decreasing prior` of an array, ordered given its length."""

    rising: bool
    prior: Prior
    span: Span


PriorExpr: TypeAlias = Prior | Choice | Union | Ordered


# ---- sentences --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parameter:
    """`name[index] ~ prior [default e] [when e] [unit u]`; `doc` is the text of the `##` lines above it.

    `index` holds one expression, a length, or several names, the labels of a vector; None for a single value.
    """

    name: str
    name_span: Span
    prior: PriorExpr
    default: Expr | None
    guard: Expr | None
    unit: str | None
    doc: str
    span: Span
    index: tuple[Expr, ...] | None = None


@dataclass(frozen=True)
class Derived:
    """`name[index] = expr [when e] [unit u]`."""

    name: str
    name_span: Span
    value: Expr
    guard: Expr | None
    unit: str | None
    doc: str
    span: Span
    index: tuple[Expr, ...] | None = None


@dataclass(frozen=True)
class Require:
    """`require e [: "msg"]`, or `forbid` where `negated`."""

    condition: Expr
    negated: bool
    message: str | None
    span: Span


@dataclass(frozen=True)
class When:
    """`when e { … } [else { … }]`; `else when` nests a single `When` in `orelse`."""

    condition: Expr
    body: tuple[Sentence, ...]
    orelse: tuple[Sentence, ...]
    span: Span


@dataclass(frozen=True)
class Objective:
    """`minimize name` or `maximize name`."""

    maximize: bool
    name: str
    span: Span


@dataclass(frozen=True)
class Assign:
    """`path = e` in a `try` block; the path may have indices."""

    path: Path | Index
    value: Expr
    span: Span


@dataclass(frozen=True)
class Try:
    """`try { a = 1, b = 2 }`, a configuration to evaluate first."""

    assignments: tuple[Assign, ...]
    span: Span


@dataclass(frozen=True)
class Group:
    """`name[index] { … } [when e]`: a named scope, or an array of them where `index` is a length."""

    name: str
    name_span: Span
    index: tuple[Expr, ...] | None
    body: tuple[Sentence, ...]
    guard: Expr | None
    doc: str
    span: Span


@dataclass(frozen=True)
class Formal:
    """A parameter of a template, with its default."""

    name: str
    default: Expr | None
    span: Span


@dataclass(frozen=True)
class Template:
    """`space name(formals) { … }`."""

    name: str
    name_span: Span
    formals: tuple[Formal, ...]
    body: tuple[Sentence, ...]
    span: Span


@dataclass(frozen=True)
class Use:
    """`use path(args) [{ … }]`: a template's sentences here; those of the block take the place of its own."""

    path: Path
    args: tuple[Argument, ...]
    body: tuple[Sentence, ...]
    span: Span


@dataclass(frozen=True)
class Import:
    """`import "f.hp" [as alias]`."""

    file: str
    file_span: Span
    alias: str | None
    span: Span


@dataclass(frozen=True)
class Given:
    """`given name [in lo .. hi] [= e] [unit u]`, an input fixed when the spec is loaded."""

    name: str
    name_span: Span
    within: Range | None
    value: Expr | None
    unit: str | None
    doc: str
    span: Span


@dataclass(frozen=True)
class Assert:
    """`assert e [: "msg"]`, a claim about every configuration."""

    condition: Expr
    message: str | None
    span: Span


@dataclass(frozen=True)
class Correlate:
    """`correlate a, b = e [by method()]`; paths may have indices."""

    paths: tuple[Path | Index, ...]
    value: Expr
    method: str | None
    method_span: Span | None
    span: Span


@dataclass(frozen=True)
class Fidelity:
    """`fidelity name = lo .. hi [by e] [cost e] [unit u]`."""

    name: str
    name_span: Span
    value: Expr
    by: Expr | None
    cost: Expr | None
    unit: str | None
    doc: str
    span: Span


@dataclass(frozen=True)
class Subject:
    """`subject to name op e`, a bound on a measured outcome; `op` one of `< <= > >=`."""

    name: str
    name_span: Span
    op: str
    bound: Expr
    span: Span


Sentence: TypeAlias = (
    Parameter
    | Derived
    | Require
    | When
    | Group
    | Template
    | Use
    | Import
    | Given
    | Assert
    | Correlate
    | Fidelity
    | Objective
    | Subject
    | Try
)


@dataclass(frozen=True)
class File:
    """All sentences of a file; `doc` is the `##` text at its head that belongs to no sentence.

    `lost_names` are identifiers in sentences that did not parse: uses of them are not reported as unknown.
    """

    sentences: tuple[Sentence, ...]
    doc: str
    span: Span
    lost_names: frozenset[str] = frozenset()
