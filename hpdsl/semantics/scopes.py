"""Declarations and scopes: who declares which name where, and under which conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hpdsl.source import Span
from hpdsl.syntax import nodes

# Names from the outermost inwards; a number is an element of an array.
Steps = tuple[str | int, ...]


class Mark(str):
    """A step to one of the values of a subset, shown in brackets."""


def dotted(steps: Steps) -> str:
    """A path as it is written: `optim.adam.lr`, `width[2]`, `layer[0].act`."""
    text = ""
    for step in steps:
        if isinstance(step, (int, Mark)):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


@dataclass(eq=False)
class Context:
    """Where a sentence stands: its scope, and the chain of conditions around it."""

    scope: Scope
    parent: Context | None = None
    condition: nodes.Expr | None = None
    negated: bool = False
    branch: tuple[Declaration, int] | None = None
    sides: tuple[tuple[int, int], ...] = ()  # (number of a `when`, 0 for its block or 1 for its `else`)
    element: tuple[Occurrence, int] | None = None  # the array's sentence, and the number of the element
    condition_scope: Scope | None = None  # where the condition's names are looked up, if not in the parent's scope


@dataclass(eq=False)
class Occurrence:
    """One sentence that declares a name."""

    node: nodes.Parameter | nodes.Derived | nodes.Group
    context: Context


@dataclass(eq=False)
class Declaration:
    """A name with all sentences that declare it.

    kind "value": a single parameter or derived value, perhaps a tagged union with `branches`. "array": `elements`
    by number. "vector": `elements` by label, in `labels`. "subset": an element for each of its `values`.
    "permutation": an element for each place. "group": `scopes[0]`. "groups": an array of `scopes`. All but values
    and groups are filled in by the resolver, which knows lengths.
    """

    name: str
    path: Steps
    key: Steps
    scope: Scope
    order: tuple[int, ...]
    kind: str = "value"
    occurrences: list[Occurrence] = field(default_factory=list)
    branches: dict[str, Scope] = field(default_factory=dict)
    elements: list[Declaration] = field(default_factory=list)
    labels: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    scopes: list[Scope] = field(default_factory=list)
    settled: bool = False
    length: Any = None  # the symbol that holds an array's length, once settled
    array: Declaration | None = None  # what this is an element of
    place: int = 0  # and which one

    @property
    def span(self) -> Span:
        """Where the name first stands."""
        return self.occurrences[0].node.name_span


@dataclass(eq=False)
class Alias:
    """A name for an expression of another scope: a template's argument, `index`, an input, a module's constant."""

    name: str
    span: Span
    expr: nodes.Expr | None = None
    scope: Scope | None = None
    value: Any = None  # the typed constant, where there is one
    node: nodes.Given | None = None
    used: bool = False


@dataclass(eq=False)
class Module:
    """An imported file under a name: its scope, and its sentences for `use`."""

    name: str
    span: Span
    scope: Scope
    file: nodes.File
    used: bool = False


@dataclass(eq=False)
class Template:
    """A `space` sentence, and the scope whose names its body can use."""

    node: nodes.Template
    scope: Scope
    used: bool = False


@dataclass(eq=False)
class Scope:
    """Names declared at one level; a branch of a union, a group and an element of an array are levels of their own."""

    parent: Scope | None
    path: Steps = ()
    key: Steps = ()
    names: dict[str, Declaration] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    detached: bool = False
    """The outermost level of an imported file: its names are part of no space until they are used."""

    def find(self, name: str) -> Declaration | Alias | Module | None:
        """What a name means here, the innermost first."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.aliases.get(name) or scope.names.get(name) or scope.modules.get(name)
            if found is not None:
                return found
            scope = scope.parent
        return None

    def template(self, name: str) -> Template | None:
        """The template a name means here."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.templates:
                return scope.templates[name]
            scope = scope.parent
        return None

    def visible(self) -> list[str]:
        """Every name that can be used here."""
        names: list[str] = []
        scope: Scope | None = self
        while scope is not None:
            names.extend([*scope.names, *scope.aliases, *scope.modules])
            scope = scope.parent
        return names

    def inside(self, name: str) -> list[Steps]:
        """The branches and groups of this level that declare a name, as one comes to them from here."""
        found: dict[Steps, None] = {}
        for owner in self.names.values():
            inner = [*owner.branches.values(), *(owner.scopes if owner.kind == "group" else ())]
            if any(name in scope.names for scope in inner):
                found[owner.name,] = None
            else:
                found.update(((owner.name, *steps), None) for scope in inner for steps in scope.inside(name))
        return list(found)


@dataclass(eq=False)
class Table:
    """All declarations of a file, and the other sentences with their contexts."""

    root: Scope
    given: Mapping[str, object]
    declarations: list[Declaration] = field(default_factory=list)
    requires: list[tuple[nodes.Require, Context]] = field(default_factory=list)
    assertions: list[tuple[nodes.Assert, Context]] = field(default_factory=list)
    correlations: list[tuple[nodes.Correlate, Context]] = field(default_factory=list)
    objectives: list[nodes.Objective] = field(default_factory=list)
    outcomes: list[tuple[nodes.Subject, Context]] = field(default_factory=list)
    fidelities: list[nodes.Fidelity] = field(default_factory=list)
    tries: list[nodes.Try] = field(default_factory=list)
    whens: list[tuple[nodes.When, Context]] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    templates: list[Template] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    n_whens: int = 0
    full: bool = False
    """True once too much was declared; nothing more is looked at."""
    ends: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    """The ranges of the inputs that have one."""
    others: dict[str, Sequence[float | str | bool]] = field(default_factory=dict)
    """Other values that the inputs might have."""
