"""`declare`: every declaration of a file, with templates filled in and imported files read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from hpdsl.diagnostics import Label, suggest
from hpdsl.semantics.report import BAD_CHOICE, DUPLICATE, GROUP, TEMPLATE, TOO_LARGE, AbandonedError, Report
from hpdsl.semantics.scopes import (
    Alias,
    Context,
    Declaration,
    Module,
    Occurrence,
    Scope,
    Steps,
    Table,
    Template,
)
from hpdsl.semantics.templates import EXPERIMENT, bound, used
from hpdsl.source import Span
from hpdsl.syntax import nodes
from hpdsl.syntax.files import Files

# Names a space may declare; arrays count with all their elements.
MAX_NAMES = 5_000
MAX_DEPTH = 16
# Imports and uses of templates, those within others counted each time.
MAX_EXPANSIONS = 3_000


def declare(file: nodes.File, report: Report, files: Files, given: Mapping[str, object]) -> Table:
    """Collect every declaration; repeats are reported."""
    table = Table(Scope(None), given)
    Collector(table, report, files).sentences(file.sentences, Context(table.root))
    return table


class Collector:
    """Walks sentences in the order of the text; `prefix` places what it finds among the declarations of a file."""

    def __init__(self, table: Table, report: Report, files: Files, prefix: tuple[int, ...] = ()) -> None:
        self.table = table
        self.report = report
        self.files = files
        self.prefix = prefix
        self.count = 0
        self.using: list[object] = []
        self.replaced: list[frozenset[str]] = []

    def sentences(self, sentences: Sequence[nodes.Sentence], context: Context) -> None:
        """Declare what some sentences say, definitions first, since their order does not matter."""
        for step in (self._definition, self._sentence):
            for sentence in sentences:
                # What is wrong has been reported.
                with suppress(AbandonedError):
                    step(sentence, context)

    def _definition(self, sentence: nodes.Sentence, context: Context) -> None:
        match sentence:
            case nodes.Import():
                self._import(sentence, context)
            case nodes.Template():
                self._template(sentence, context)
            case nodes.Given():
                self._given(sentence, context)

    def _sentence(self, sentence: nodes.Sentence, context: Context) -> None:
        match sentence:
            case nodes.Parameter() | nodes.Derived():
                self._declaration(sentence, context)
            case nodes.Group():
                self._group(sentence, context)
            case nodes.Require():
                self.table.requires.append((sentence, context))
            case nodes.Assert():
                self.table.assertions.append((sentence, context))
            case nodes.Correlate():
                self.table.correlations.append((sentence, context))
            case nodes.When():
                number, self.table.n_whens = self.table.n_whens, self.table.n_whens + 1
                self.table.whens.append((sentence, context))
                for side, body in enumerate((sentence.body, sentence.orelse)):
                    sides = (*context.sides, (number, side))
                    inside = Context(context.scope, context, sentence.condition, side == 1, None, sides)
                    self.sentences(body, inside)
            case nodes.Use():
                self._use(sentence, context)
            case nodes.Import() if sentence.alias is None:
                self._included(sentence, context)
            case _ if isinstance(sentence, EXPERIMENT):
                self._experiment(sentence, context)

    def _experiment(
        self, sentence: nodes.Objective | nodes.Try | nodes.Fidelity | nodes.Subject, context: Context
    ) -> None:
        match sentence:
            case nodes.Objective():
                self._top_level(context, sentence.span, "an objective")
                self.table.objectives.append(sentence)
            case nodes.Try():
                self._top_level(context, sentence.span, "`try`")
                self.table.tries.append(sentence)
            case nodes.Fidelity():
                self._top_level(context, sentence.span, "a fidelity")
                self.table.fidelities.append(sentence)
            case nodes.Subject():
                self._top_level(context, sentence.span, "`subject to`")
                self.table.outcomes.append((sentence, context))

    def _top_level(self, context: Context, span: Span, what: str) -> None:
        if context.parent is not None or context.scope.path:
            self.report.error(
                BAD_CHOICE,
                f"{what} stands inside a block",
                span,
                note="belongs to the whole study",
                help="move it out of every `when`, branch and group",
            )

    # ---- names -----------------------------------------------------------------------------------

    def _new(self, name: str, span: Span, scope: Scope, kind: str) -> Declaration:
        path: Steps = (*scope.path, name)
        if self.table.full:
            raise AbandonedError(name)
        if len(self.table.declarations) >= MAX_NAMES:
            self.table.full = True
            raise self.report.error(
                TOO_LARGE,
                f"more than {MAX_NAMES:,} names are declared, elements of arrays included",
                span,
                note="too large a space",
                help="split the space, or shorten its arrays",
            )
        order = (*self.prefix, self.count)
        self.count += 1
        found = Declaration(name, path, (*scope.key, name), scope, order, kind)
        scope.names[name] = found
        self.table.declarations.append(found)
        return found

    def _free(self, name: str, span: Span, context: Context) -> None:
        """Report a name that is an input or an argument here already."""
        known = context.scope.aliases.get(name)
        if known is not None:
            raise self.report.error(
                DUPLICATE,
                f"`{name}` is declared twice",
                span,
                note="declared again here",
                labels=(Label(known.span, "first declared here"),),
                help="rename one of them",
            )

    def _declaration(self, node: nodes.Parameter | nodes.Derived, context: Context) -> None:
        scope, name = context.scope, node.name
        if self.replaced and name in self.replaced[-1]:
            return
        self._free(name, node.name_span, context)
        known = scope.names.get(name)
        if known is None:
            known = self._new(name, node.name_span, scope, _kind(node))
        elif not self._may_join(known, node, context):
            return
        known.occurrences.append(Occurrence(node, context))
        if isinstance(node, nodes.Parameter) and isinstance(node.prior, nodes.Union):
            if node.index is not None:
                length = ", ".join(self.report.text(e.span) for e in node.index)
                union = self.report.text(node.prior.span)
                raise self.report.error(
                    GROUP,
                    "an array of unions is written as an array of groups",
                    node.name_span,
                    help=f"write `{name}[{length}] {{ kind ~ {union} }}`",
                )
            self._branches(known, node.prior, context, node.guard)

    def _group(self, node: nodes.Group, context: Context) -> None:
        if self.replaced and node.name in self.replaced[-1]:
            return
        self._free(node.name, node.name_span, context)
        known = context.scope.names.get(node.name)
        kind = "group" if node.index is None else "groups"
        if known is None:
            known = self._new(node.name, node.name_span, context.scope, kind)
        elif known.kind != "group" or not self._may_join(known, node, context):
            if known.kind != "group":
                self._twice(known, node.name_span)
            return
        known.occurrences.append(Occurrence(node, context))
        if kind == "group":
            if not known.scopes:
                known.scopes.append(Scope(context.scope, known.path, known.key))
            inner = Context(known.scopes[0], context, node.guard, False, None, context.sides)
            inner.condition_scope = context.scope
            self.sentences(node.body, inner)

    def _twice(self, known: Declaration, span: Span) -> None:
        self.report.error(
            DUPLICATE,
            f"`{known.name}` is declared twice",
            span,
            note="declared again here",
            labels=(Label(known.span, "first declared here"),),
            help="rename one of them, or put both under one `when … { } else { }`",
        )

    def _may_join(self, known: Declaration, node: nodes.Sentence, context: Context) -> bool:
        """True where every earlier declaration stands on the other side of a `when`."""
        assert isinstance(node, (nodes.Parameter, nodes.Derived, nodes.Group))
        for earlier in known.occurrences:
            theirs = dict(earlier.context.sides)
            exclusive = any(theirs.get(number, side) != side for number, side in context.sides)
            if not exclusive or type(earlier.node) is not type(node) or known.kind != _kind(node):
                self._twice(known, node.name_span)
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
                    note="again here",
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

    # ---- templates -------------------------------------------------------------------------------

    def _template(self, node: nodes.Template, context: Context) -> None:
        scope = context.scope
        if node.name in scope.templates:
            raise self.report.error(
                DUPLICATE,
                f"the template `{node.name}` is declared twice",
                node.name_span,
                note="declared again here",
                labels=(Label(scope.templates[node.name].node.name_span, "first declared here"),),
                help="rename one of them",
            )
        template = Template(node, scope)
        scope.templates[node.name] = template
        self.table.templates.append(template)

    def _expand(self, span: Span) -> None:
        """Count an import or a use; raises where there are too many in all."""
        self.files.expanded += 1
        if self.files.expanded == MAX_EXPANSIONS + 1:
            self.report.error(
                TEMPLATE,
                f"imports and uses come to more than {MAX_EXPANSIONS:,} once those within others are counted",
                span,
                note="this one is too much",
                help="let files import, and templates use, fewer others",
            )
        if self.files.expanded > MAX_EXPANSIONS:
            raise AbandonedError

    def _use(self, node: nodes.Use, context: Context) -> None:
        self._expand(node.span)
        home, formals, body = used(node, context.scope, self.report)
        if any(body is b for b in self.using) or len(self.using) >= MAX_DEPTH:
            raise self.report.error(
                TEMPLATE,
                f"`{node.path.text}` uses itself"
                if any(body is b for b in self.using)
                else f"templates are nested more than {MAX_DEPTH} deep",
                node.span,
                note="this would never end",
                help="break the circle: let one template not use the other",
            )
        scope = context.scope
        arguments = bound(node, formals, home, scope, self.report)
        inner = Scope(home, scope.path, scope.key, scope.names, arguments)
        replaced = frozenset(s.name for s in node.body if isinstance(s, (nodes.Parameter, nodes.Derived, nodes.Group)))
        for name in sorted(replaced - {getattr(s, "name", "") for s in body}):
            near = suggest(name, [s.name for s in body if isinstance(s, (nodes.Parameter, nodes.Derived, nodes.Group))])
            self.report.error(
                TEMPLATE,
                f"`{node.path.text}` declares no `{name}` that could be replaced",
                next(s.name_span for s in node.body if getattr(s, "name", None) == name),  # type: ignore[union-attr]  # it has one
                note="nothing to replace",
                help=f"write `{near}`" if near else "declare it after the `use` sentence, outside its block",
            )
        self.using.append(body)
        self.replaced.append(replaced)
        try:
            self.sentences(body, Context(inner, context, None, False, None, context.sides))
        finally:
            self.using.pop()
            self.replaced.pop()
        self.sentences(node.body, context)

    # ---- inputs and imports ----------------------------------------------------------------------

    def _given(self, node: nodes.Given, context: Context) -> None:
        if context.parent is not None and not isinstance(context, _Included):
            self.report.error(
                BAD_CHOICE,
                "`given` stands inside a block",
                node.span,
                note="an input belongs to the whole file",
                help="move it out of every `when`, branch and group",
            )
            return
        self._free(node.name, node.name_span, context)
        alias = Alias(node.name, node.name_span, node.value, context.scope, node=node)
        context.scope.aliases[node.name] = alias
        self.table.aliases.append(alias)

    def _import(self, node: nodes.Import, context: Context) -> None:
        if context.parent is not None and not isinstance(context, _Included):
            self.report.error(
                BAD_CHOICE,
                "`import` stands inside a block",
                node.span,
                note="belongs to the whole file",
                help="move it to the top of the file, and `use` what it brings inside the block",
            )
            return
        file = self.files.imported(node, self.report)
        if file is None or node.alias is None:
            return
        self._expand(node.span)
        self._free(node.alias, node.span, context)
        module = Module(node.alias, node.span, Scope(None, detached=True), file)
        # What it declares belongs to no space until it is used.
        inner = Collector(Table(module.scope, {}), self.report, self.files)
        inner.sentences(file.sentences, Context(module.scope))
        context.scope.modules[node.alias] = module
        self.table.modules.append(module)

    def _included(self, node: nodes.Import, context: Context) -> None:
        if context.parent is not None and not isinstance(context, _Included):
            return
        file = self.files.imported(node, self.report)
        if file is not None:
            self.sentences(file.sentences, _Included(context.scope, context.parent))


class _Included(Context):
    """The outermost level of a file that another one takes in."""


def _kind(node: nodes.Parameter | nodes.Derived | nodes.Group) -> str:
    if isinstance(node, nodes.Group):
        return "group" if node.index is None else "groups"
    if node.index is not None:
        return "vector" if len(node.index) > 1 else "array"
    prior = node.prior if isinstance(node, nodes.Parameter) else None
    return prior.name if isinstance(prior, nodes.Prior) and prior.name in ("subset", "permutation") else "value"
