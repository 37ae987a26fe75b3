"""Declarations and scopes: who declares which name where, and under which conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hpdsl.diagnostics import Label
from hpdsl.semantics.report import BAD_CHOICE, DUPLICATE, NOT_YET, Report
from hpdsl.source import Span
from hpdsl.syntax import nodes


@dataclass(eq=False)
class Context:
    """Where a sentence stands: its scope, and the chain of conditions around it."""

    scope: Scope
    parent: Context | None = None
    condition: nodes.Expr | None = None
    negated: bool = False
    branch: tuple[Declaration, int] | None = None
    sides: tuple[tuple[int, int], ...] = ()  # (number of a `when`, 0 for its block or 1 for its `else`)


@dataclass(eq=False)
class Occurrence:
    """One sentence that declares a name."""

    node: nodes.Parameter | nodes.Derived
    context: Context


@dataclass(eq=False)
class Declaration:
    """A name with all sentences that declare it; `branches` holds the scopes of a tagged union."""

    name: str
    path: tuple[str, ...]
    key: tuple[str, ...]
    scope: Scope
    order: int
    occurrences: list[Occurrence] = field(default_factory=list)
    branches: dict[str, Scope] = field(default_factory=dict)
    later: bool = False

    @property
    def span(self) -> Span:
        """Where the name first stands."""
        return self.occurrences[0].node.name_span


@dataclass(eq=False)
class Scope:
    """Names declared at one level; a branch of a union is a level of its own."""

    parent: Scope | None
    path: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    names: dict[str, Declaration] = field(default_factory=dict)

    def find(self, name: str) -> Declaration | None:
        """The declaration a name means here, the innermost first."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def visible(self) -> list[str]:
        """Every name that can be used here."""
        names: list[str] = []
        scope: Scope | None = self
        while scope is not None:
            names.extend(scope.names)
            scope = scope.parent
        return names


@dataclass(eq=False)
class Table:
    """All declarations of a file, and the other sentences with their contexts."""

    root: Scope
    declarations: list[Declaration] = field(default_factory=list)
    requires: list[tuple[nodes.Require, Context]] = field(default_factory=list)
    objectives: list[nodes.Objective] = field(default_factory=list)
    tries: list[nodes.Try] = field(default_factory=list)
    whens: list[tuple[nodes.When, Context]] = field(default_factory=list)


def declare(file: nodes.File, report: Report) -> Table:
    """Collect every declaration; repeats and sentences of later versions are reported."""
    table = Table(Scope(None))
    _Collector(table, report).sentences(file.sentences, Context(table.root))
    return table


class _Collector:
    def __init__(self, table: Table, report: Report) -> None:
        self.table = table
        self.report = report
        self.n_whens = 0

    def sentences(self, sentences: Sequence[nodes.Sentence], context: Context) -> None:
        for sentence in sentences:
            self._sentence(sentence, context)

    def _sentence(self, sentence: nodes.Sentence, context: Context) -> None:
        match sentence:
            case nodes.Parameter() | nodes.Derived():
                self._declaration(sentence, context)
            case nodes.Require():
                self.table.requires.append((sentence, context))
            case nodes.When():
                number, self.n_whens = self.n_whens, self.n_whens + 1
                self.table.whens.append((sentence, context))
                for side, body in enumerate((sentence.body, sentence.orelse)):
                    sides = (*context.sides, (number, side))
                    inside = Context(context.scope, context, sentence.condition, side == 1, None, sides)
                    self.sentences(body, inside)
            case nodes.Objective():
                self._top_level(context, sentence.span, "an objective")
                self.table.objectives.append(sentence)
            case nodes.Try():
                self._top_level(context, sentence.span, "`try`")
                self.table.tries.append(sentence)
            case nodes.Later():
                for name in sentence.names:
                    self._later(name, context)
                not_yet(self.report, sentence.construct, sentence.span)

    def _top_level(self, context: Context, span: Span, what: str) -> None:
        if context.parent is not None:
            self.report.error(
                BAD_CHOICE,
                f"{what} stands inside a block",
                span,
                note="belongs to the whole study",
                help="move it out of every `when` and branch",
            )

    def _later(self, name: str, context: Context) -> None:
        if name not in context.scope.names:
            scope = context.scope
            d = Declaration(name, (*scope.path, name), (*scope.key, name), scope, len(self.table.declarations))
            d.later = True
            scope.names[name] = d

    def _declaration(self, node: nodes.Parameter | nodes.Derived, context: Context) -> None:
        scope, name = context.scope, node.name
        known = scope.names.get(name)
        if known is not None and known.later:
            return
        if known is None:
            known = Declaration(name, (*scope.path, name), (*scope.key, name), scope, len(self.table.declarations))
            scope.names[name] = known
            self.table.declarations.append(known)
        elif not self._may_join(known, node, context):
            return
        known.occurrences.append(Occurrence(node, context))
        if isinstance(node, nodes.Parameter) and isinstance(node.prior, nodes.Union):
            self._branches(known, node.prior, context, node.guard)

    def _may_join(self, known: Declaration, node: nodes.Parameter | nodes.Derived, context: Context) -> bool:
        """True where every earlier declaration stands on the other side of a `when`."""
        for earlier in known.occurrences:
            theirs = dict(earlier.context.sides)
            exclusive = any(theirs.get(number, side) != side for number, side in context.sides)
            if not exclusive or type(earlier.node) is not type(node):
                self.report.error(
                    DUPLICATE,
                    f"`{known.name}` is declared twice",
                    node.name_span,
                    note="declared again here",
                    labels=(Label(earlier.node.name_span, "first declared here"),),
                    help="rename one of them, or put both under one `when … { } else { }`",
                )
                return False
        return True

    def _branches(self, union: Declaration, prior: nodes.Union, context: Context, guard: nodes.Expr | None) -> None:
        seen: dict[str, Span] = {}
        if guard is not None:
            context = Context(context.scope, context, guard, False, None, context.sides)
        for k, branch in enumerate(prior.branches):
            if branch.label in seen:
                self.report.error(
                    BAD_CHOICE,
                    f"the branch `{branch.label}` stands twice",
                    branch.label_span,
                    labels=(Label(seen[branch.label], "first here"),),
                    help="rename or remove one of them",
                )
                continue
            seen[branch.label] = branch.label_span
            inner = union.branches.get(branch.label)
            if inner is None:
                inner = Scope(context.scope, (*union.path, branch.label), union.key)
                union.branches[branch.label] = inner
            self.sentences(branch.body, Context(inner, context, None, False, (union, k), context.sides))


def not_yet(report: Report, construct: str, span: Span) -> None:
    """Report a construct that a later version will bring."""
    report.error(
        NOT_YET,
        f"{construct} is part of the language, but this version can't compile it yet",
        span,
        note="not supported yet",
        help="leave it out for now; scalar parameters, conditions and constraints are supported",
    )
