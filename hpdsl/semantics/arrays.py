"""`Arrays`: arrays, labelled vectors, arrays of groups, subsets and permutations into declarations of elements.

An element is a declaration like any other, guarded by `its number < the length`; expressions, graphs and codes
know nothing else of arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hpdsl.diagnostics import counted
from hpdsl.intervals import bounds
from hpdsl.semantics.model import Collection, DerivedPiece, Guard, guard_facts
from hpdsl.semantics.report import ARRAY, BAD_DEFAULT, TOO_LARGE, AbandonedError
from hpdsl.semantics.scopes import Alias, Context, Declaration, Occurrence, Scope, dotted
from hpdsl.semantics.typed import Typed, number
from hpdsl.semantics.weights import check_sum, weighted
from hpdsl.syntax import nodes
from hpdsl.terms import Term, apply, const

if TYPE_CHECKING:
    from hpdsl.semantics.resolver import Resolver

MAX_LENGTH = 1_000


class Arrays:
    """Settles the collections of one space."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._lengths: dict[int, Term] = {}

    def settle(self, d: Declaration) -> None:
        """Fill in a declaration's elements, or the scopes of an array of groups, and its length."""
        match d.kind:
            case "array" | "groups":
                self._array(d)
            case "vector":
                self._vector(d)
            case "subset" | "permutation":
                self._chosen(d)
            case _:
                d.settled = True

    # ---- arrays ----------------------------------------------------------------------------------

    def _array(self, d: Declaration) -> None:
        pieces = []
        longest = []
        for o in d.occurrences:
            guard, term, most = self._length(d, o)
            pieces.append(DerivedPiece(guard, term, o.node.span))
            longest.append(most)
        self._limit(d, max(longest))
        d.settled = True
        table = self.resolver.table
        for k in range(max(longest)):
            occurrences = [o for o, most in zip(d.occurrences, longest, strict=True) if k < most]
            if d.kind == "array":
                element = Declaration(d.name, (*d.path, k), (*d.key, k), d.scope, (*d.order, k))
                self._element(element, d, k, occurrences)
                element.kind = collected(occurrences[0].node)
                d.elements.append(element)
                table.declarations.append(element)
            else:
                d.scopes.append(self._group_element(d, k, occurrences))
        self._finish(d, tuple(pieces), d.kind)

    def _limit(self, d: Declaration, more: int) -> None:
        """Report what would declare too much, before it does."""
        from hpdsl.semantics.declare import MAX_NAMES

        table = self.resolver.table
        if table.full:
            raise AbandonedError(d.name)
        if len(table.declarations) + more > MAX_NAMES:
            table.full = True
            raise self.resolver.report.error(
                TOO_LARGE,
                f"more than {MAX_NAMES:,} names are declared, elements of arrays included",
                d.span,
                note="this array is too much",
                help="shorten the arrays, or split the space",
            )

    def _length(self, d: Declaration, o: Occurrence) -> tuple[Guard | None, Term, int]:
        """The guard and the length of an array in one sentence, and the most elements it can have."""
        resolver, report = self.resolver, self.resolver.report
        node = o.node
        assert node.index is not None
        expr = node.index[0]
        guard = resolver.guard(o.context) if mentions(node.guard, "index") else resolver.guarded(o)
        facts = guard_facts(guard, resolver.facts)
        if len(node.index) > 1:
            raise report.error(
                ARRAY,
                f"`{d.name}` has {counted(len(node.index), 'entry')} between its brackets",
                expr.span.to(node.index[-1].span),
                note="labels make a vector of values, not of groups",
                help=f"write `{d.name}[{len(node.index)}]` for an array, or a group for each label",
            )
        if isinstance(expr, nodes.Path) and len(expr.parts) == 1 and o.context.scope.find(expr.text) is None:
            raise report.error(
                ARRAY,
                f"`{expr.text}` is no declared number",
                expr.span,
                note="the length of this array?",
                help=f"write a number, `{d.name}[3]`, or declare the length: {expr.text} ~ int uniform(1, 4)",
            )
        typed = resolver.expressions.number(expr, o.context.scope, facts)
        assert typed.term is not None
        reach = bounds(typed.term, facts)
        if not typed.integer:
            raise report.error(
                ARRAY,
                "a length must be an integer",
                expr.span,
                note=f"this lies in {number(reach.lo)} .. {number(reach.hi)}",
                help=f"round it: `{d.name}[floor({report.text(expr.span)})]`",
            )
        if reach.lo < 0.0:
            raise report.error(
                ARRAY,
                "a length can't be negative",
                expr.span,
                note=f"this reaches {number(reach.lo)}",
                help=f"keep it at 0 or above: `{d.name}[max({report.text(expr.span)}, 0)]`",
            )
        if not reach.hi <= MAX_LENGTH:
            raise report.error(
                TOO_LARGE,
                f"an array has at most {MAX_LENGTH:,} elements",
                expr.span,
                note=f"this reaches {number(reach.hi)}",
                help=f"limit it: `{d.name}[min({report.text(expr.span)}, {MAX_LENGTH})]`",
            )
        most = 0 if reach.empty else int(reach.hi)
        self._lengths[id(o)] = typed.term
        return guard, typed.term, most

    def length_of(self, o: Occurrence) -> Term:
        """The length of an array in one of its sentences."""
        return self._lengths[id(o)]

    def element_guard(self, context: Context, outer: Guard | None) -> Guard | None:
        """The guard of an element: its number lies below the length."""
        assert context.element is not None
        occurrence, k = context.element
        length = self._lengths[id(occurrence)]
        inside = apply("lt", const(float(k)), length)
        # What surely exists needs no guard, and hides no array that is always there.
        if bounds(inside, guard_facts(outer, self.resolver.facts)).is_true:
            return outer
        return Guard(outer, inside)

    def _element(self, element: Declaration, d: Declaration, k: int, occurrences: Sequence[Occurrence]) -> None:
        """Give an element the sentences of its array, with `index` standing for its number."""
        element.array, element.place = d, k
        for o in occurrences:
            node = o.node
            assert not isinstance(node, nodes.Group)
            index = _constant_alias(k, node)
            scope = Scope(o.context.scope, d.scope.path, d.scope.key, aliases={"index": index})
            context = Context(scope, o.context, element=(o, k), sides=o.context.sides)
            if isinstance(node, nodes.Parameter):
                if k == 0 and isinstance(node.default, nodes.ListExpr) and collected(node) == "value":
                    self._as_many(node.default, d, self._lengths[id(o)])
                default = self._default_of(node, k, d)
                element.occurrences.append(Occurrence(replace(node, index=None, default=default), context))
            else:
                element.occurrences.append(Occurrence(replace(node, index=None), context))

    def _group_element(self, d: Declaration, k: int, occurrences: Sequence[Occurrence]) -> Scope:
        """The scope of an element of an array of groups, its sentences declared in it."""
        node = occurrences[0].node
        assert isinstance(node, nodes.Group)
        outer = occurrences[0].context
        scope = Scope(outer.scope, (*d.path, k), (*d.key, k), aliases={"index": _constant_alias(k, node)})
        context = Context(scope, outer, element=(occurrences[0], k), sides=outer.sides)
        if node.guard is not None:
            context = Context(scope, context, node.guard, sides=outer.sides, condition_scope=scope)
        self.resolver.collector((*d.order, k)).sentences(node.body, context)
        return scope

    # ---- labelled vectors ------------------------------------------------------------------------

    def _vector(self, d: Declaration) -> None:
        report = self.resolver.report
        labels: list[str] = []
        node = d.occurrences[0].node
        for o in d.occurrences:
            assert o.node.index is not None
            names = []
            for e in o.node.index:
                if isinstance(e, nodes.Path) and len(e.parts) == 1:
                    names.append(e.text)
                elif isinstance(e, nodes.String):
                    names.append(e.value)
                else:
                    raise report.error(
                        ARRAY,
                        "the entries of a vector are labels",
                        e.span,
                        note="no label",
                        help=f"write `{d.name}[a, b]`, or one number for an array: `{d.name}[2]`",
                    )
                if names.count(names[-1]) > 1:
                    raise report.error(
                        ARRAY, f"the label `{names[-1]}` stands twice", e.span, note="again here", help="write it once"
                    )
            if labels and names != labels:
                raise report.error(
                    ARRAY,
                    f"`{d.name}` has other labels under `else`",
                    o.node.name_span,
                    note=", ".join(names),
                    help=f"use the same labels on both sides: `{d.name}[{', '.join(labels)}]`",
                )
            labels = names
        if len(labels) > MAX_LENGTH:
            raise report.error(
                TOO_LARGE, f"a vector has at most {MAX_LENGTH:,} labels", node.name_span, help="use an array"
            )
        self._limit(d, len(labels))
        d.settled = True
        d.labels = tuple(labels)
        scope = Scope(d.scope, d.path, d.key)
        d.scopes.append(scope)
        for k, label in enumerate(labels):
            element = Declaration(label, (*d.path, label), (*d.key, label), d.scope, (*d.order, k))
            element.array, element.place = d, k
            for o in d.occurrences:
                inner = o.node
                assert not isinstance(inner, nodes.Group)
                if k == 0 and isinstance(inner, nodes.Parameter) and weighted(inner):
                    check_sum(self.resolver, inner.default, d.name, o.context.scope, BAD_DEFAULT)
                index = _constant_alias(k, inner)
                at = Scope(o.context.scope, d.scope.path, d.scope.key, aliases={"index": index})
                context = Context(at, o.context, sides=o.context.sides)
                changed = replace(inner, index=None)
                if isinstance(changed, nodes.Parameter):
                    changed = replace(changed, default=self._default_of(changed, k, d))
                element.occurrences.append(Occurrence(changed, context))
            element.kind = collected(element.occurrences[0].node)
            scope.names[label] = element
            d.elements.append(element)
            self.resolver.table.declarations.append(element)

    def _as_many(self, default: nodes.ListExpr, d: Declaration, length: Term) -> None:
        """Report a default list that has not as many values as the array has elements, or more than it can have."""
        given, reach = len(default.items), bounds(length, self.resolver.facts)
        if given <= reach.hi and (length.constant is None or given == length.constant):
            return
        most = "" if length.constant is not None else "at most "
        raise self.resolver.report.error(
            BAD_DEFAULT,
            f"`{d.name}` has {most}{reach.hi:.0f} elements, and its default {given}",
            default.span,
            note="not as many",
            help="write a value for each, or a single value for all",
        )

    def _default_of(self, node: nodes.Parameter, k: int, d: Declaration) -> nodes.Expr | None:
        """The default of an element: its entry of a written list, else what is written for all."""
        default = node.default
        if not isinstance(default, nodes.ListExpr):
            return default
        if collected(node) != "value" and not all(isinstance(i, nodes.ListExpr) for i in default.items):
            return default
        count = len(d.labels) if d.labels else None
        if count is not None and len(default.items) != count:
            raise self.resolver.report.error(
                BAD_DEFAULT,
                f"`{d.name}` has {counted(count, 'entry')}, and its default {len(default.items)}",
                default.span,
                note="not as many",
                help="write a value for each, or a single value for all",
            )
        return default.items[k] if k < len(default.items) else None

    # ---- subsets and permutations ----------------------------------------------------------------

    def _chosen(self, d: Declaration) -> None:
        subsets = self.resolver.subsets
        d.values = subsets.values(d)
        self._limit(d, len(d.values))
        d.settled = True
        subset = d.kind == "subset"
        for k, value in enumerate(d.values):
            step: str | int = subsets.mark(value) if subset else k
            element = Declaration(d.name, (*d.path, step), (*d.key, step), d.scope, (*d.order, k))
            element.array, element.place = d, k
            for o in d.occurrences:
                node = o.node
                assert isinstance(node, nodes.Parameter)
                default = subsets.default_member(d, node, k)
                changed = replace(node, default=default)
                element.occurrences.append(Occurrence(changed, o.context))
            d.elements.append(element)
            self.resolver.table.declarations.append(element)
        pieces = []
        for o in d.occurrences:
            guard = self.resolver.guarded(o)
            pieces.append(DerivedPiece(guard, subsets.size(d, o), o.node.span))
        self._finish(d, tuple(pieces), d.kind)

    def _finish(self, d: Declaration, pieces: tuple[DerivedPiece, ...], kind: str) -> None:
        resolver = self.resolver
        d.length = resolver.follow(d, "int", pieces, hidden=True)
        resolver.order.append(d.length)
        first = d.occurrences[0].node
        sparse = any(mentions(o.node.guard, "index") for o in d.occurrences)
        resolver.collections.append(
            Collection(
                "array" if kind == "groups" else kind,
                dotted(d.path),
                d.key,
                d.order,
                d.length.column,
                tuple(dotted(e.path) for e in d.elements),
                d.values,
                kind == "groups",
                not sparse,
                getattr(first, "unit", None),
                first.doc,
                first.name_span,
            )
        )


def _constant_alias(k: int, node: nodes.Parameter | nodes.Derived | nodes.Group) -> Alias:
    value = Typed("number", node.name_span, const(float(k)), integer=True)
    return Alias("index", node.name_span, value=value, used=True)


def collected(node: nodes.Parameter | nodes.Derived | nodes.Group) -> str:
    """The kind of declaration that a prior without brackets makes."""
    prior = node.prior if isinstance(node, nodes.Parameter) else None
    return prior.name if isinstance(prior, nodes.Prior) and prior.name in ("subset", "permutation") else "value"


def mentions(expr: object, name: str) -> bool:
    """True where an expression reads a name."""
    if isinstance(expr, nodes.Path):
        return expr.parts[0] == name
    if isinstance(expr, tuple):
        return any(mentions(e, name) for e in expr)
    if hasattr(expr, "__dataclass_fields__"):
        return any(mentions(getattr(expr, f), name) for f in expr.__dataclass_fields__ if f != "span")
    return False
