"""`try` points: configurations to evaluate first, as written, to columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpdsl.diagnostics import counted
from hpdsl.semantics.defaults import literal
from hpdsl.semantics.distributions import Priors
from hpdsl.semantics.model import Parameter, TryPoint, guard_facts
from hpdsl.semantics.report import BAD_TRY, AbandonedError, Report
from hpdsl.semantics.scopes import Declaration, Table, dotted
from hpdsl.semantics.targets import targets
from hpdsl.semantics.weights import check_sum, weighted
from hpdsl.syntax import nodes

if TYPE_CHECKING:
    from hpdsl.semantics.resolver import Resolver

Written = tuple[float | None, float | None]
_LISTS = ("array", "vector", "subset", "permutation")


def tries(table: Table, resolver: Resolver) -> tuple[TryPoint, ...]:
    """The `try` points of a file."""
    points = []
    loud = resolver.report
    if resolver.edits:
        # In a smaller space a point may have no place any more; that is no mistake of the file.
        resolver.report = Report(loud.source)
    try:
        for node in table.tries:
            point = _point(node, table, resolver)
            if point is not None:
                points.append(point)
    finally:
        resolver.report = loud
    return tuple(points)


def _point(node: nodes.Try, table: Table, resolver: Resolver) -> TryPoint | None:
    given: dict[str, Written] = {}
    spans = {}
    whole = True
    for assign in node.assignments:
        try:
            assigned = _assigned(assign, node, table, resolver)
        except AbandonedError:
            whole = False
            continue
        for parameter, written in assigned:
            if parameter.fixed:
                continue
            if parameter.path in given:
                text = f"`{resolver.report.text(assign.path.span)}` is set twice"
                help = "leave it out, or the one before it"
                resolver.report.error(BAD_TRY, text, assign.span, note="again here", help=help)
            given[parameter.path] = written
            spans[parameter.path] = assign.span
    return TryPoint(given, spans, node.span) if whole else None


def _assigned(
    assign: nodes.Assign, point: nodes.Try, table: Table, resolver: Resolver
) -> list[tuple[Parameter, Written]]:
    """The parameters that an assignment sets, with their values."""
    report = resolver.report
    text = report.text(assign.path.span)
    found = _meant(targets(resolver.names, assign.path, table.root), point, report)
    if len(found) == 1 and found[0].kind in _LISTS:
        return _several(assign.value, found[0], assign, point, table, resolver)
    if any(d.kind in _LISTS for d in found):
        raise _ambiguous(assign, dotted(found[0].path), report)
    if len(found) == 1 and found[0].kind == "group":
        raise report.error(
            BAD_TRY,
            f"`{text}` is a group",
            assign.path.span,
            note="not a value",
            help=f"set its members, as in {text}.{next(iter(found[0].scopes[0].names), 'x')} = …",
        )
    return [_one(found, assign.value, assign, table, resolver)]


def _meant(found: list[Declaration], point: nodes.Try, report: Report) -> list[Declaration]:
    """Those in the branches that a point says it takes, or all where it says nothing of them."""
    if len(found) == 1:
        return found
    chosen = tuple(
        f"{report.text(a.path.span)}.{a.value.text if isinstance(a.value, nodes.Path) else a.value.value}."
        for a in point.assignments
        if isinstance(a.value, nodes.Path | nodes.String)
    )
    return [d for d in found if dotted(d.path).startswith(chosen)] or found


def _ambiguous(assign: nodes.Assign, path: str, report: Report) -> AbandonedError:
    return report.error(
        BAD_TRY,
        f"`{report.text(assign.path.span)}` stands in several branches",
        assign.path.span,
        help=f"name the branch: `{path}`",
    )


def _several(
    value: nodes.Expr, d: Declaration, assign: nodes.Assign, point: nodes.Try, table: Table, resolver: Resolver
) -> list[tuple[Parameter, Written]]:
    """The elements of a collection, from a list."""
    resolver.settle(d)
    report = resolver.report
    text = report.text(assign.path.span)
    if d.kind in ("subset", "permutation"):
        entries = resolver.subsets.members(d, value, "value")
    elif isinstance(value, nodes.ListExpr):
        entries = list(value.items)
    else:
        raise report.error(
            BAD_TRY,
            f"`{text}` takes a list",
            value.span,
            note="a single value",
            help=f"write {text} = [{report.text(value.span)}]",
        )
    if len(entries) > len(d.elements) or (d.kind == "vector" and len(entries) < len(d.elements)):
        fitting = ", ".join(report.text(entry.span) for entry in entries[: len(d.elements)])
        raise report.error(
            BAD_TRY,
            f"`{text}` has {'at most ' if d.kind == 'array' else ''}{counted(len(d.elements), 'element')}",
            value.span,
            note=f"{len(entries)} given",
            help=f"write {text} = [{fitting}]"
            if len(entries) > len(d.elements)
            else f"give all {len(d.elements)} of them, as in {text} = [{fitting}, …]",
        )
    if weighted(d.occurrences[0].node):
        check_sum(resolver, value, d.name, table.root, BAD_TRY)
    result: list[tuple[Parameter, Written]] = []
    for element, entry in zip(d.elements, entries, strict=False):
        if element.kind != "value":
            result += _several(entry, element, assign, point, table, resolver)
        elif isinstance(element.occurrences[0].node, nodes.Parameter) and isinstance(
            resolver.symbol(element), Parameter
        ):
            result.append(_one([element], entry, assign, table, resolver))
    return result


def _one(
    found: list[Declaration],
    value: nodes.Expr,
    assign: nodes.Assign,
    table: Table,
    resolver: Resolver,
) -> tuple[Parameter, Written]:
    report = resolver.report
    parameters = [s for s in (resolver.symbol(d) for d in found) if isinstance(s, Parameter)]
    if not parameters:
        raise report.error(
            BAD_TRY,
            f"`{report.text(assign.path.span)}` is derived, so it can't be set",
            assign.span,
            help="set the parameters it follows from",
        )
    if len(parameters) > 1:
        raise _ambiguous(assign, parameters[0].path, report)
    parameter = parameters[0]
    if parameter.fixed:
        # The caller has decided.
        return parameter, (None, None)
    failure: AbandonedError | None = None
    for piece in parameter.pieces:
        priors = Priors(resolver, table.root, guard_facts(piece.guard, resolver.facts))
        quiet = Report(report.source)
        loud, resolver.report = resolver.report, quiet
        try:
            return parameter, literal(resolver, value, piece.dist, priors, parameter.key)
        except AbandonedError as error:
            failure = error
        finally:
            resolver.report = loud
        if piece is parameter.pieces[-1]:
            for d in quiet.found:
                report.error(d.code, d.message, d.span, note=d.note, labels=d.labels, help=d.help)
    assert failure is not None
    raise failure
