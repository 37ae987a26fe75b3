"""`check`: the AST of a file to its checked model, with every finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from hpdsl.diagnostics import Label
from hpdsl.intervals import Facts, assume, bounds
from hpdsl.semantics.claims import claims, judged
from hpdsl.semantics.copula import correlated
from hpdsl.semantics.declare import declare
from hpdsl.semantics.edits import Edits
from hpdsl.semantics.experiment import experiment
from hpdsl.semantics.inputs import ranged
from hpdsl.semantics.model import Guard, Model, Parameter, Requirement, Symbol, TryPoint, guard_facts
from hpdsl.semantics.report import DUPLICATE, UNUSED, AbandonedError, Report
from hpdsl.semantics.resolver import Resolver
from hpdsl.semantics.rules import RULES, try_points
from hpdsl.semantics.scopes import Context, Declaration, Steps, Table, dotted
from hpdsl.semantics.sums import null_event, required
from hpdsl.semantics.tries import tries
from hpdsl.source import Span
from hpdsl.syntax import nodes
from hpdsl.syntax.files import Files
from hpdsl.terms import apply


def check(
    file: nodes.File,
    report: Report,
    files: Files,
    given: Mapping[str, object] | None = None,
    edits: Edits | None = None,
    defer: bool = False,
) -> tuple[Model | None, Table]:
    """The model of a file (None where errors were found), and what it declares; findings go to the report.

    `defer` leaves claims that fail to those who attack them.
    """
    table = declare(file, report, files, given or {})
    edits = edits or Edits()
    resolver = Resolver(table, report, file.lost_names, files, edits)
    whole = _settle(table, resolver)
    if not report.failed:
        edits.check_used([s.path for s in resolver.order if isinstance(s, Parameter)])
    requirements = _requirements(table, resolver)
    for _, context in table.whens:
        _attempt(lambda c=context: resolver.guard(c))  # type: ignore[misc]  # bound on purpose
    for alias in table.aliases:
        if alias.node is not None and alias.scope is table.root:
            used = alias.used
            _attempt(lambda a=alias: resolver.names.value(a, {}))  # type: ignore[misc]  # bound on purpose
            alias.used = used
            _attempt(lambda a=alias: table.ends.update(ranged(resolver, a)))  # type: ignore[misc]  # likewise
    symbols = correlated(table, resolver)
    told = claims(table, resolver)
    objectives, outcomes, fidelity = experiment(table, resolver)
    points = tries(table, resolver)
    if not report.failed:
        _unused(table, report)
    if edits:
        symbols = [_pinned(s, resolver.facts) for s in symbols]
    numbered = _numbered(symbols)
    model = Model(
        report.source,
        tuple(sorted((s for s in numbered if isinstance(s, Parameter)), key=lambda p: p.index)),
        numbered,
        (*requirements, *resolver.needs),
        objectives,
        points,
        resolver.n_columns,
        resolver.facts,
        file.doc,
        tuple(sorted(resolver.collections, key=lambda c: c.order)),
        told,
        fidelity,
        outcomes,
        _inputs(table),
    )
    for term, left, right in resolver.expressions.sums:
        if not required(term, model):
            null_event(report, left, right)
    # Half a model would only draw false conclusions.
    if whole and all(s is not None for s in resolver.symbols.values()) and not report.failed:
        if edits:
            model = replace(model, tries=tuple(p for p in model.tries if _feasible(model, p)))
        for rule in RULES:
            rule(model, report)
        if not report.failed:
            model = replace(model, claims=judged(model, Report(model.source) if defer else report))
    return (None if report.failed else model), table


def _feasible(model: Model, point: TryPoint) -> bool:
    """True where a `try` point belongs to the space."""
    quiet = Report(model.source)
    try_points(replace(model, tries=(point,)), quiet)
    return not quiet.failed


def _settle(table: Table, resolver: Resolver) -> bool:
    """Resolve every declaration, elements of arrays included as they come; False where one could not be."""
    whole = True
    k = 0
    while k < len(table.declarations) and not table.full:
        declaration = table.declarations[k]
        if not _attempt(lambda d=declaration: resolver.settle(d)):  # type: ignore[misc]  # bound on purpose
            whole = False
        k += 1
    return _told_apart(table, resolver.report) and whole and not table.full


def _told_apart(table: Table, report: Report) -> bool:
    """False where a quoted name such as `a.b` reads like the path of another: configurations have one key for both."""
    apart = True
    # Configurations name no members of subsets and permutations.
    keyed = [d for d in table.declarations if d.array is None or d.array.kind not in ("subset", "permutation")]
    for ways in ([(d, d.path) for d in table.declarations], [(d, d.key) for d in keyed]):
        seen: dict[str, tuple[Declaration, Steps]] = {}
        for d, way in ways:
            first, same = seen.setdefault(dotted(way), (d, way))
            if same == way or not (d.occurrences and first.occurrences) or not apart:
                continue
            report.error(
                DUPLICATE,
                f"`{dotted(way)}` names two things",
                _name_span(d),
                note="this one",
                labels=(Label(_name_span(first), "and this one"),),
                help="rename one of them",
            )
            apart = False
    return apart


def _name_span(d: Declaration) -> Span:
    node = d.occurrences[0].node
    return node.name_span if isinstance(node, (nodes.Parameter, nodes.Derived)) else node.span


def _attempt(step: Callable[[], object]) -> bool:
    try:
        step()
    except AbandonedError:
        return False
    return True


def _pinned(symbol: Symbol, facts: Facts) -> Symbol:
    """A parameter that can't be active any more is no dimension of the search."""
    if not isinstance(symbol, Parameter) or not all(_impossible(p.guard, facts) for p in symbol.pieces):
        return symbol
    return replace(symbol, fixed=True)


def _impossible(guard: Guard | None, facts: Facts) -> bool:
    for condition in guard.chain() if guard else ():
        if bounds(condition, facts).never_true:
            return True
        facts = assume(condition, True, facts)
    return False


def _numbered(symbols: list[Symbol]) -> tuple[Symbol, ...]:
    """The symbols with parameters numbered in written order."""
    # Fixed ones come last, so that the others are the dimensions of codes.
    written = sorted((s for s in symbols if isinstance(s, Parameter)), key=lambda p: (p.fixed, p.order))
    numbers = {p.path: k for k, p in enumerate(written)}
    return tuple(replace(s, index=numbers[s.path]) if isinstance(s, Parameter) else s for s in symbols)


def _requirements(table: Table, resolver: Resolver) -> tuple[Requirement, ...]:
    found: list[Requirement] = []

    def one(node: nodes.Require, context: Context) -> None:
        guard = resolver.guard(context)
        facts = guard_facts(guard, resolver.facts)
        condition = resolver.expressions.condition(node.condition, context.scope, facts)
        if node.negated:
            condition = apply("not", condition)
        message = node.message or resolver.report.text(node.span)
        found.append(Requirement(guard, condition, message, node.span))

    for node, context in table.requires:
        _attempt(lambda n=node, c=context: one(n, c))  # type: ignore[misc]  # bound on purpose
    return tuple(found)


def _unused(table: Table, report: Report) -> None:
    """Inputs, templates and imports that nothing uses."""
    for alias in table.aliases:
        if alias.node is not None and not alias.used and alias.scope is table.root:
            report.warning(
                UNUSED,
                f"the input `{alias.name}` is never used",
                alias.node.span,
                note="has no effect",
                help="use it in a bound or a condition, or remove the sentence",
            )
    for template in table.templates:
        if not template.used and not template.scope.detached:
            report.warning(
                UNUSED,
                f"the template `{template.node.name}` is never used",
                template.node.name_span,
                note="declares nothing by itself",
                help=f"write `use {template.node.name}` where its parameters belong, or remove it",
            )
    for module in table.modules:
        if not module.used:
            report.warning(
                UNUSED,
                f"the import `{module.name}` is never used",
                module.span,
                note="has no effect",
                help=f"write `use {module.name}`, use one of its templates, or remove the sentence",
            )


def _inputs(table: Table) -> tuple[tuple[str, object], ...]:
    """The inputs of the file with their values."""
    found: list[tuple[str, object]] = []
    for alias in table.aliases:
        typed = alias.value
        if alias.node is None or typed is None or alias.scope is not table.root:
            continue
        if typed.kind == "atom":
            found.append((alias.name, typed.labels[0]))
        elif typed.term is not None and typed.term.constant is not None:
            x = typed.term.constant
            value: object = bool(x) if typed.kind == "bool" else int(x) if typed.integer else x
            found.append((alias.name, value))
    return tuple(found)
