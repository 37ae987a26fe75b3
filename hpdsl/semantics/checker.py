"""`check`: the AST of a file to its checked model, with every finding."""

from __future__ import annotations

from collections.abc import Callable

from hpdsl.diagnostics import Label
from hpdsl.semantics.defaults import literal
from hpdsl.semantics.distributions import Priors
from hpdsl.semantics.expressions import unknown_name
from hpdsl.semantics.model import Model, Objective, Parameter, Requirement, TryPoint, guard_facts
from hpdsl.semantics.report import BAD_TRY, OBJECTIVE, TOO_LARGE, AbandonedError, Report
from hpdsl.semantics.resolver import Resolver
from hpdsl.semantics.rules import RULES
from hpdsl.semantics.scopes import Table, declare
from hpdsl.source import Source
from hpdsl.syntax import nodes
from hpdsl.terms import apply

MAX_PARAMETERS = 10_000


def check(source: Source, file: nodes.File, report: Report) -> Model | None:
    """The model of a file, or None where errors were found; findings go to the report."""
    table = declare(file, report)
    resolver = Resolver(table, report, file.lost_names)
    if len(table.declarations) > MAX_PARAMETERS:
        report.error(
            TOO_LARGE,
            f"{len(table.declarations)} names are declared; the limit is {MAX_PARAMETERS}",
            table.declarations[MAX_PARAMETERS].span,
            help="split the space",
        )
        return None
    for declaration in table.declarations:
        _attempt(lambda d=declaration: resolver.symbol(d))  # type: ignore[misc]  # bound on purpose
    requirements = _requirements(table, resolver)
    for _, context in table.whens:
        _attempt(lambda c=context: resolver.guard(c))  # type: ignore[misc]  # bound on purpose
    objectives = _objectives(table, report)
    tries = _tries(table, resolver)
    parameters = tuple(sorted((s for s in resolver.order if isinstance(s, Parameter)), key=lambda p: p.index))
    model = Model(
        source,
        parameters,
        tuple(resolver.order),
        (*requirements, *resolver.needs),
        objectives,
        tries,
        resolver.n_columns,
        resolver.facts,
        file.doc,
    )
    # Half a model would only draw false conclusions.
    whole = all(s is not None for s in resolver.symbols.values()) and not report.failed
    if whole:
        for rule in RULES:
            rule(model, report)
    return None if report.failed else model


def _attempt(step: Callable[[], object]) -> bool:
    try:
        step()
    except AbandonedError:
        return False
    return True


def _requirements(table: Table, resolver: Resolver) -> tuple[Requirement, ...]:
    found: list[Requirement] = []

    def one(node: nodes.Require, scope_context: object) -> None:
        context = scope_context
        guard = resolver.guard(context)  # type: ignore[arg-type]  # a Context, see the caller
        facts = guard_facts(guard, resolver.facts)
        condition = resolver.expressions.condition(node.condition, context.scope, facts)  # type: ignore[attr-defined]  # likewise
        if node.negated:
            condition = apply("not", condition)
        message = node.message or resolver.report.text(node.span)
        found.append(Requirement(guard, condition, message, node.span))

    for node, context in table.requires:
        _attempt(lambda n=node, c=context: one(n, c))  # type: ignore[misc]  # bound on purpose
    return tuple(found)


def _objectives(table: Table, report: Report) -> tuple[Objective, ...]:
    seen: dict[str, nodes.Objective] = {}
    for node in table.objectives:
        if node.name in seen:
            report.error(
                OBJECTIVE,
                f"the objective `{node.name}` stands twice",
                node.span,
                labels=(Label(seen[node.name].span, "first here"),),
                help="name each outcome once",
            )
        seen[node.name] = node
    return tuple(Objective(n.name, n.maximize) for n in seen.values())


def _tries(table: Table, resolver: Resolver) -> tuple[TryPoint, ...]:
    points = []
    for node in table.tries:
        given: dict[str, tuple[float | None, float | None]] = {}
        spans = {}
        whole = True
        for assign in node.assignments:
            try:
                parameter, written = _assignment(assign, node, table, resolver)
            except AbandonedError:
                whole = False
                continue
            if parameter.path in given:
                resolver.report.error(BAD_TRY, f"`{assign.path.text}` is set twice", assign.span, help="set it once")
            given[parameter.path] = written
            spans[parameter.path] = assign.span
        if whole:
            points.append(TryPoint(given, spans, node.span))
    return tuple(points)


def _assignment(
    assign: nodes.Assign, point: nodes.Try, table: Table, resolver: Resolver
) -> tuple[Parameter, tuple[float | None, float | None]]:
    report = resolver.report
    found = [resolver.symbol(d) for d in resolver.candidates(assign.path, table.root, {})]
    parameters = [s for s in found if isinstance(s, Parameter)]
    if not parameters:
        raise report.error(
            BAD_TRY,
            f"`{assign.path.text}` is derived, so it can't be set",
            assign.span,
            help="set the parameters it follows from",
        )
    if len(parameters) > 1:
        # A point that says which branch it takes means that branch's parameter.
        chosen = tuple(
            f"{a.path.text}.{a.value.text if isinstance(a.value, nodes.Path) else a.value.value}."
            for a in point.assignments
            if isinstance(a.value, nodes.Path | nodes.String)
        )
        parameters = [p for p in parameters if p.path.startswith(chosen)] or parameters
    if len(parameters) > 1:
        raise report.error(
            BAD_TRY,
            f"`{assign.path.text}` stands in several branches",
            assign.path.span,
            help=f"name the branch: `{parameters[0].path}`",
        )
    parameter = parameters[0]
    failure: AbandonedError | None = None
    for piece in parameter.pieces:
        priors = Priors(resolver, table.root, guard_facts(piece.guard, resolver.facts))
        quiet = Report(report.source)
        loud, resolver.report = resolver.report, quiet
        resolver.expressions.report = quiet
        try:
            return parameter, literal(resolver, assign.value, piece.dist, priors, parameter.key)
        except AbandonedError as error:
            failure = error
        finally:
            resolver.report = loud
            resolver.expressions.report = loud
        if piece is parameter.pieces[-1]:
            for d in quiet.found:
                report.error(d.code, d.message, d.span, note=d.note, labels=d.labels, help=d.help)
    raise failure or unknown_name(resolver, assign.path, assign.path.text, [])
