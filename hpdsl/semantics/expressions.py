"""Expressions of the AST to typed terms: names, labels, comparisons and arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from hpdsl.diagnostics import Label, suggest
from hpdsl.intervals import Facts, assume, bounds
from hpdsl.priors.items import Atom
from hpdsl.semantics.elements import element
from hpdsl.semantics.functions import call
from hpdsl.semantics.labels import equal, label_index, membership
from hpdsl.semantics.report import (
    AMBIGUOUS_LABEL,
    TOO_LARGE,
    UNKNOWN_NAME,
    WRONG_KIND,
    AbandonedError,
    Report,
)
from hpdsl.semantics.scopes import Alias, Declaration, Module, Scope, Steps, dotted
from hpdsl.semantics.typed import Typed, show
from hpdsl.semantics.undefined import undefined
from hpdsl.source import Span
from hpdsl.syntax import nodes
from hpdsl.syntax.spelling import quoted, spelt
from hpdsl.terms import Term, apply, const, total


class Names(Protocol):
    """What expressions need from the resolver."""

    @property
    def report(self) -> Report:
        """Where findings go."""

    @property
    def lost_names(self) -> frozenset[str]:
        """Names in sentences that did not parse."""

    def read(self, path: nodes.Path, scope: Scope, facts: Facts) -> Typed:
        """The typed value of a declared name."""

    def is_active(self, path: nodes.Path, scope: Scope, facts: Facts) -> Term:
        """1 where a declared name is active, else 0."""


_ARITHMETIC = {"+": "add", "-": "sub", "*": "mul", "/": "div", "//": "floordiv", "%": "mod", "**": "pow"}
_ORDER = {"<": "lt", "<=": "le", ">": "lt", ">=": "le"}


MAX_CHAIN = 1_000
# Elements and pairs of them that all functions over lists of a space see.
MAX_SEEN = 10_000


class Expressions:
    """Resolves expressions in a scope, where `facts` hold."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.looked_up = 0
        self._seen = 0
        # Equalities of continuous sums, with the spans of their sides: see `sums`.
        self.sums: list[tuple[Term, Span, Span]] = []
        # Whether configurations are left out where what is resolved is false: then none would be left by an equality.
        self.filters = True
        # Equalities of continuous quantities that were let through where nothing is left out.
        self.nulls = 0

    @property
    def report(self) -> Report:
        """Where findings go."""
        return self.names.report

    def see(self, count: int, span: Span) -> None:
        """Count elements, or pairs of them, that something looks at; raises where it is too much in all."""
        if self._seen > MAX_SEEN:
            # It was said already.
            raise AbandonedError
        self._seen += count
        if self._seen > MAX_SEEN:
            raise self.report.error(
                TOO_LARGE,
                f"what looks at all elements of arrays sees more than {MAX_SEEN:,} in all",
                span,
                note="this is too much",
                help="derive it once, as in `total = sum(x)`, and use that; or shorten the arrays",
            )

    # ---- entry points ----------------------------------------------------------------------------

    def resolve(self, expr: nodes.Expr, scope: Scope, facts: Facts) -> Typed:
        """The typed term of any expression."""
        match expr:
            case nodes.Number(value=value):
                return Typed("number", expr.span, const(float(value)), integer=float(value).is_integer())
            case nodes.String(value=text):
                return Typed("atom", expr.span, labels=(text,))
            case nodes.Constant(value=None):
                return Typed("atom", expr.span, labels=(None,))
            case nodes.Constant(value=truth):
                return Typed("bool", expr.span, const(1.0 if truth else 0.0))
            case nodes.Path():
                return self.names.read(expr, scope, facts)
            case nodes.Unary():
                return self._unary(expr, scope, facts)
            case nodes.Binary():
                return self._binary(expr, scope, facts)
            case nodes.Compare():
                return self._chain(expr, scope, facts)
            case nodes.IfElse():
                return self._if_else(expr, scope, facts)
            case nodes.Call():
                return call(self, expr, scope, facts)
            case nodes.Index():
                return element(self, expr, scope, facts)
            case nodes.ListExpr() | nodes.Range():
                what = "a list" if isinstance(expr, nodes.ListExpr) else "a range"
                raise self.report.error(
                    WRONG_KIND, f"{what} can't be used as a value", expr.span, help="use it behind `in`"
                )

    def condition(self, expr: nodes.Expr, scope: Scope, facts: Facts) -> Term:
        """The truth value of an expression that must be a condition."""
        typed = self.resolve(expr, scope, facts)
        if typed.kind == "bool":
            assert typed.term is not None
            return typed.term
        text = self.report.text(expr.span)
        hint = (
            f"compare it, for example `{text} > 0`"
            if typed.kind == "number"
            else f"compare it with `==`: `{text} == {show(typed.labels[0]) if typed.labels else '…'}`"
        )
        raise self.report.error(
            WRONG_KIND, "a condition is needed here", expr.span, note=f"this is {typed.described}", help=hint
        )

    def number(self, expr: nodes.Expr, scope: Scope, facts: Facts) -> Typed:
        """The number an expression must be; truth values count as 0 and 1."""
        typed = self.resolve(expr, scope, facts)
        if typed.term is None:
            raise self.report.error(
                WRONG_KIND,
                "a number is needed here",
                expr.span,
                note=f"this is {typed.described}",
                help="use a number, or turn a condition into one with `1 if … else 0`",
            )
        return replace(typed, kind="number", integer=typed.integer or typed.kind == "bool")

    # ---- arithmetic and truth --------------------------------------------------------------------

    def _unary(self, expr: nodes.Unary, scope: Scope, facts: Facts) -> Typed:
        if expr.op == "not":
            return Typed("bool", expr.span, apply("not", self.condition(expr.operand, scope, facts)))
        operand = self.number(expr.operand, scope, facts)
        assert operand.term is not None
        term = apply("neg", operand.term) if expr.op == "-" else operand.term
        return Typed("number", expr.span, term, operand.integer, continuous=operand.continuous)

    def _binary(self, expr: nodes.Binary, scope: Scope, facts: Facts) -> Typed:
        if expr.op in ("and", "or", "=>"):
            left = self.condition(expr.left, scope, facts)
            # The right side matters only where the left does not decide.
            inside = assume(left, expr.op != "or", facts)
            right = self.condition(expr.right, scope, inside)
            if expr.op == "=>":
                left = apply("not", left)
            return Typed("bool", expr.span, apply("and" if expr.op == "and" else "or", left, right))
        left_number = self.number(expr.left, scope, facts)
        right_number = self.number(expr.right, scope, facts)
        return self.arithmetic(_ARITHMETIC[expr.op], (left_number, right_number), expr.span, facts)

    def arithmetic(self, op: str, operands: tuple[Typed, ...], span: Span, facts: Facts) -> Typed:
        """An operation on numbers; reported where it is, or can be, undefined."""
        terms = tuple(o.term for o in operands if o.term is not None)
        term = apply(op, *terms)
        result = bounds(term, facts)
        parts = [bounds(t, facts) for t in terms]
        if result.undefined and not any(p.undefined for p in parts):
            undefined(self.report, op, operands, parts, span, certain=result.empty)
        whole = all(o.integer for o in operands)
        integer = whole and op not in ("div", "exp", "log", "log2", "log10", "sqrt")
        if op == "pow":
            integer = whole and parts[1].lo >= 0
        if op in ("floor", "ceil", "round", "floordiv"):
            integer = True
        atomic = op in ("floor", "ceil", "round", "floordiv", "min", "max")
        return Typed("number", span, term, integer, continuous=not atomic and any(o.continuous for o in operands))

    # ---- comparisons -----------------------------------------------------------------------------

    def _chain(self, expr: nodes.Compare, scope: Scope, facts: Facts) -> Typed:
        if len(expr.ops) > MAX_CHAIN:
            raise self.report.error(
                TOO_LARGE,
                f"a chain of more than {MAX_CHAIN} comparisons",
                expr.span,
                note=f"this has {len(expr.ops):,}",
                help="put the values into an array, and require increasing(x) of it",
            )
        parts = [
            self._comparison(left, op, right, scope, facts)
            for left, op, right in zip(expr.operands, expr.ops, expr.operands[1:], strict=False)
        ]
        return Typed("bool", expr.span, total(parts, "and"))

    def _comparison(self, left: nodes.Expr, op: str, right: nodes.Expr, scope: Scope, facts: Facts) -> Term:
        if op in ("in", "not in"):
            inside = membership(self, left, right, scope, facts)
            return apply("not", inside) if op == "not in" else inside
        a, b = self.pair(left, right, scope, facts)
        if op in ("==", "!="):
            same = equal(self, a, b, facts, negated=op == "!=")
            return apply("not", same) if op == "!=" else same
        if op in (">", ">="):
            a, b = b, a
        if a.kind == "label" and a.ordered and b.kind in ("label", "atom"):
            return self._ordered(a, b, op)
        if b.kind == "label" and b.ordered and a.kind == "atom":
            return self._ordered(b, a, op, flipped=True)
        for side in (a, b):
            if side.term is None:
                several = side.kind in ("array", "set")
                raise self.report.error(
                    WRONG_KIND,
                    f"`{op}` compares numbers",
                    side.span,
                    note=f"this is {side.described}",
                    help="compare an element, or its sum( ), max( ) or len( )"
                    if several
                    else "labels have no order; use `==`, `!=` or `in`, or declare the parameter with `ordinal`",
                )
        assert a.term is not None and b.term is not None
        return apply(_ORDER[op], a.term, b.term)

    def _ordered(self, a: Typed, b: Typed, op: str, *, flipped: bool = False) -> Term:
        assert a.code is not None
        if b.kind == "label":
            if a.labels != b.labels or b.code is None:
                raise self.report.error(
                    WRONG_KIND,
                    "these two ordinals have different labels",
                    b.span,
                    note="no common order",
                    help="compare each with a label",
                )
            other = b.code
        else:
            other = const(float(label_index(self.report, a, b.labels[0], b.span)))
        return apply(_ORDER[op], other, a.code) if flipped else apply(_ORDER[op], a.code, other)

    def pair(self, left: nodes.Expr, right: nodes.Expr, scope: Scope, facts: Facts) -> tuple[Typed, Typed]:
        """Both sides of a comparison; a bare name beside a choice is a label."""
        if self._bare_unknown(left, scope) and not self._bare_unknown(right, scope):
            b = self.resolve(right, scope, facts)
            return self.beside(left, b, scope, facts), b
        a = self.resolve(left, scope, facts)
        b = self.beside(right, a, scope, facts)
        if b.kind == "label" and a.kind != "label" and isinstance(left, nodes.Path):
            # The name of a number may be a label of the other side too: which of the two is meant?
            a = self.beside(left, b, scope, facts)
        return a, b

    def beside(self, expr: nodes.Expr, other: Typed, scope: Scope, facts: Facts) -> Typed:
        """An operand whose other side is known: a bare name that is one of its labels is that label."""
        if isinstance(expr, nodes.Path) and len(expr.parts) == 1:
            alias = scope.find(expr.parts[0])
            if isinstance(alias, Alias) and isinstance(alias.expr, nodes.Path) and alias.node is None:
                # A template's argument may be a label.
                assert alias.scope is not None
                alias.used = True
                return replace(self.beside(alias.expr, other, alias.scope, facts), span=expr.span)
        if other.kind != "label" or not isinstance(expr, nodes.Path) or len(expr.parts) != 1:
            return self.resolve(expr, scope, facts)
        name = expr.parts[0]
        declared = scope.find(name)
        if name in other.labels:
            if declared is not None:
                raise self._ambiguous(name, declared, expr.span)
            return Typed("atom", expr.span, labels=(name,))
        if declared is not None:
            return self.resolve(expr, scope, facts)
        # Not a name either: let the label check say what the choice has.
        label_index(self.report, other, name, expr.span)
        raise AbandonedError

    def _bare_unknown(self, expr: nodes.Expr, scope: Scope) -> bool:
        if not isinstance(expr, nodes.Path) or len(expr.parts) > 1:
            return False
        found = scope.find(expr.parts[0])
        if isinstance(found, Alias) and found.node is None and found.expr is not None and found.scope is not None:
            return self._bare_unknown(found.expr, found.scope)
        return found is None

    def _ambiguous(self, name: str, declared: Declaration | Alias | Module, span: Span) -> AbandonedError:
        labels = (Label(declared.span, f"`{name}` is also declared here"),)
        return self.report.error(
            AMBIGUOUS_LABEL,
            f"`{name}` is a label and a declared name",
            span,
            note="which of the two is meant?",
            labels=labels,
            help=f'write "{name}" for the label',
        )

    def _if_else(self, expr: nodes.IfElse, scope: Scope, facts: Facts) -> Typed:
        test = self.condition(expr.test, scope, facts)
        yes = self.resolve(expr.body, scope, assume(test, True, facts))
        no = self.resolve(expr.orelse, scope, assume(test, False, facts))
        if yes.kind in ("label", "atom") or no.kind in ("label", "atom"):
            return self._labels_of_both(expr, test, yes, no)
        assert yes.term is not None and no.term is not None
        kind = "bool" if yes.kind == no.kind == "bool" else "number"
        return Typed(kind, expr.span, apply("if", test, yes.term, no.term), yes.integer and no.integer)

    def _labels_of_both(self, expr: nodes.IfElse, test: Term, yes: Typed, no: Typed) -> Typed:
        labels: list[Atom | object] = []
        codes: list[Term] = []
        for side in (yes, no):
            if side.kind == "atom":
                own: tuple[Atom | object, ...] = side.labels
                code = const(0.0)
            elif side.kind == "label" and side.code is not None and side.term is None:
                own, code = side.labels, side.code
            else:
                raise self.report.error(
                    WRONG_KIND,
                    "both sides of `if … else` must be of one kind",
                    side.span,
                    note=f"this is {side.described}",
                    help="use labels on both sides, or numbers on both",
                )
            places = []
            for label in own:
                if label not in labels:
                    labels.append(label)
                places.append(float(labels.index(label)))
            codes.append(apply("take", code, data=tuple(places)))
        return Typed("label", expr.span, labels=tuple(labels), code=apply("if", test, *codes))


def unknown_name(
    names: Names, path: nodes.Path, name: str, candidates: list[str], where: str = "", inside: Sequence[Steps] = ()
) -> AbandonedError:
    """Report a name that nothing declares, with the nearest spelling, or the places `inside` which it is declared."""
    if name in names.lost_names:
        # Its own sentence did not parse; that has been said.
        return AbandonedError(name)
    # Looking for neighbours is slow; a file with so many errors has another problem.
    near = suggest(name, candidates) if len(names.report.found) < 50 else None
    # The marked text is the whole path, so the help spells the whole path.
    at = path.parts.index(name)
    before, after = path.parts[:at], path.parts[at + 1 :]
    text = f"write {_marked(spelt((*before, near, *after)))}" if near else "declare it with `~` or `=`"
    if inside and not near:
        rest = [quoted(p) for p in (name, *after)]
        text = "write " + " or ".join(_marked(dotted((*steps, *rest))) for steps in inside[:3])
        candidates = []
    if not near and candidates:
        text += f"; known here: {', '.join(spelt((*before, c)) for c in sorted(set(candidates))[:8])}"
    return names.report.error(
        UNKNOWN_NAME, f"unknown name `{name}`{where}", path.span, note="nothing declares this", help=text
    )


def _marked(text: str) -> str:
    """What is to be written, set off from the words around it; a name in backticks is that already."""
    return text if "`" in text else f"`{text}`"
