"""`Resolver`: turns declarations into symbols on demand, each after those it depends on."""

from __future__ import annotations

from dataclasses import replace

from hpdsl.diagnostics import Label
from hpdsl.intervals import Facts, Interval, bounds
from hpdsl.priors.items import Items
from hpdsl.semantics import choices
from hpdsl.semantics.arrays import Arrays
from hpdsl.semantics.declare import Collector
from hpdsl.semantics.defaults import literal
from hpdsl.semantics.distributions import Priors
from hpdsl.semantics.edits import Edits
from hpdsl.semantics.expressions import Expressions
from hpdsl.semantics.model import (
    Collection,
    Derived,
    DerivedPiece,
    Dist,
    Guard,
    Parameter,
    Piece,
    Requirement,
    Symbol,
    guard_facts,
)
from hpdsl.semantics.names import Names
from hpdsl.semantics.ordered import Ordered
from hpdsl.semantics.report import BAD_CHOICE, CYCLE, NEVER_ACTIVE, WRONG_KIND, AbandonedError, Report
from hpdsl.semantics.scopes import Context, Declaration, Occurrence, Scope, Table, dotted
from hpdsl.semantics.subsets import Subsets
from hpdsl.semantics.typed import Typed
from hpdsl.semantics.weights import Weights
from hpdsl.syntax import nodes
from hpdsl.syntax.files import Files
from hpdsl.terms import Term, apply, const, load


class Resolver:
    """Symbols, guards and facts of one space."""

    def __init__(self, table: Table, report: Report, lost_names: frozenset[str], files: Files, edits: Edits) -> None:
        self.table = table
        self.edits = edits
        self.report = report
        self.files = files
        self.lost_names = lost_names
        self.names = Names(self)
        self.expressions = Expressions(self.names)
        self.arrays = Arrays(self)
        self.subsets, self.weights, self.ordered = Subsets(self), Weights(self), Ordered(self)
        self.facts: dict[Term, Interval] = {}
        self.symbols: dict[Declaration, Symbol | None] = {}
        self.order: list[Symbol] = []
        self.collections: list[Collection] = []
        self.needs: list[Requirement] = []
        self.n_columns = 0
        self._stack: list[Declaration] = []
        self._failed: set[Declaration] = set()
        self.sources: dict[int, tuple[tuple[Guard | None, Term | None], ...]] = {}
        """By column: what makes it active, any of them: a guard, and for a derived value what it is made of."""
        self._guards: dict[int, Guard | None] = {}

    # ---- symbols on demand -----------------------------------------------------------------------

    def symbol(self, declaration: Declaration) -> Symbol:
        """The symbol of a single value, resolved now if it was not."""
        if declaration in self.symbols:
            known = self.symbols[declaration]
            if known is None:
                raise AbandonedError(declaration.name)
            return known
        with_stack = self._entered(declaration)
        try:
            if isinstance(declaration.occurrences[0].node, nodes.Parameter):
                symbol: Symbol = self.weights.last(declaration) or self._parameter(declaration)
            else:
                symbol = self._derived(declaration)
        except AbandonedError:
            self.symbols[declaration] = None
            raise
        finally:
            with_stack.pop()
        self.symbols[declaration] = symbol
        self.order.append(symbol)
        return symbol

    def settle(self, declaration: Declaration) -> None:
        """Find out what a declaration consists of; a single value is resolved."""
        if declaration.kind == "value":
            self.symbol(declaration)
        elif declaration in self._failed:
            raise AbandonedError(declaration.name)
        elif not declaration.settled:
            stack = self._entered(declaration)
            try:
                self.arrays.settle(declaration)
            except AbandonedError:
                self._failed.add(declaration)
                raise
            finally:
                stack.pop()

    def _entered(self, declaration: Declaration) -> list[Declaration]:
        if declaration in self._stack:
            raise self._cycle(declaration)
        self._stack.append(declaration)
        return self._stack

    def _cycle(self, declaration: Declaration) -> AbandonedError:
        loop = [*self._stack[self._stack.index(declaration) :], declaration]
        route = " -> ".join(dotted(d.path) for d in loop)
        labels = tuple(Label(d.span, "") for d in loop[1:-1])
        return self.report.error(
            CYCLE,
            f"`{dotted(declaration.path)}` depends on itself",
            declaration.span,
            note=route,
            labels=labels,
            help="break the circle: let one of them not use the others",
        )

    def collector(self, prefix: tuple[int, ...]) -> Collector:
        """Collects the declarations of an array's element, placed after `prefix`."""
        return Collector(self.table, self.report, self.files, prefix)

    # ---- guards ----------------------------------------------------------------------------------

    def guard(self, context: Context | None) -> Guard | None:
        """The guard of everything in a context."""
        if context is None:
            return None
        key = id(context)
        if key not in self._guards:
            self._guards[key] = self._make_guard(context)
        return self._guards[key]

    def _make_guard(self, context: Context) -> Guard | None:
        outer = self.guard(context.parent)
        if context.branch is not None:
            declaration, k = context.branch
            union = self.symbol(declaration)
            assert isinstance(union, Parameter) and union.code is not None
            return Guard(outer, apply("eq", load(union.code), const(float(k))))
        if context.element is not None:
            return self.arrays.element_guard(context, outer)
        if context.condition is None:
            return outer
        scope = context.condition_scope or (context.parent.scope if context.parent else context.scope)
        condition = self.expressions.condition(context.condition, scope, guard_facts(outer, self.facts))
        return Guard(outer, apply("not", condition) if context.negated else condition)

    def guarded(self, occurrence: Occurrence) -> Guard | None:
        """The guard of one sentence: its context's, and its own `when`."""
        outer = self.guard(occurrence.context)
        own = occurrence.node.guard
        if own is None:
            return outer
        facts = guard_facts(outer, self.facts)
        condition = self.expressions.condition(own, occurrence.context.scope, facts)
        # Whether every element of an array is ruled out is seen when all of them are known.
        if bounds(condition, facts).never_true and not occurrence.context.element:
            self.report.warning(
                NEVER_ACTIVE,
                f"`{occurrence.node.name}` is never active",
                own.span,
                note="this condition can't be true here",
                help="change the condition, or remove the sentence",
            )
        return Guard(outer, condition)

    # ---- parameters ------------------------------------------------------------------------------

    def column(self) -> int:
        """A new column."""
        self.n_columns += 1
        return self.n_columns - 1

    def _parameter(self, declaration: Declaration) -> Parameter:
        pieces: list[Piece] = []
        kinds: list[str] = []
        hulls: list[Interval] = []
        for occurrence in declaration.occurrences:
            node = occurrence.node
            assert isinstance(node, nodes.Parameter)
            guard = self.guarded(occurrence)
            facts = guard_facts(guard, self.facts)
            priors = Priors(self, occurrence.context.scope, facts)
            dist = self._dist(priors, node, declaration)
            dist = self.edits.applied(self, declaration, dist, priors, node.prior.span)
            for argument in priors.known:
                guard = Guard(guard, apply("known", argument))
            self.needs.extend(Requirement(guard, n.condition, n.message, n.span, implied=True) for n in priors.needs)
            pieces.append(self._with_default(Piece(guard, dist, node.prior.span), node, priors))
            kinds.append(_kind(dist, node))
            hulls.append(dist.hull(facts))
        kind = self._one_kind(declaration, kinds, pieces)
        first = declaration.occurrences[0].node
        assert isinstance(first, nodes.Parameter)
        dist = pieces[0].dist
        coded = isinstance(dist, Items) and dist.coded
        valued = not coded or (isinstance(dist, Items) and dist.ranged)
        value = self.column() if valued else None
        code = self.column() if coded else None
        parameter = Parameter(
            -1,  # numbered in written order once all are known
            dotted(declaration.path),
            dotted(declaration.key),
            kind,
            value,
            code,
            tuple(pieces),
            first.unit,
            first.doc,
            first.name_span,
            declaration.key,
            declaration.order,
            declaration.array is not None and declaration.array.kind in ("subset", "permutation"),
            fixed=self.edits.is_fixed(declaration),
        )
        hull = hulls[0]
        for other in hulls[1:]:
            hull = hull.join(other)
        inactive = parameter.conditional
        self.sources.update({c: tuple((d.guard, None) for d in pieces) for c in (value, code) if c is not None})
        if value is not None:
            self.facts[load(value)] = replace(hull, unknown=hull.unknown or inactive, undefined=False)
        if code is not None:
            assert isinstance(dist, Items)
            possible = [k for d in pieces if isinstance(d.dist, Items) for k in d.dist.possible()]
            low, high = (min(possible), max(possible)) if self.edits else (0, len(dist.items) - 1)
            self.facts[load(code)] = Interval(float(low), float(high), True, unknown=inactive)
        return parameter

    def _dist(self, priors: Priors, node: nodes.Parameter, declaration: Declaration) -> Dist:
        match node.prior:
            case nodes.Choice():
                return choices.choice(priors, node.prior)
            case nodes.Union():
                return choices.union(priors, node.prior)
            case nodes.Ordered():
                return self.ordered.element(priors, node.prior, declaration)
            case nodes.Prior(name="bool"):
                return choices.boolean(priors, node.prior)
            case nodes.Prior(name="ordinal"):
                return choices.ordinal(priors, node.prior)
            case nodes.Prior(name="subset"):
                return self.subsets.member(priors, node.prior, declaration)
            case nodes.Prior(name="permutation"):
                return self.subsets.place(declaration)
            case nodes.Prior(name="dirichlet"):
                return self.weights.weight(priors, node.prior, declaration)
            case nodes.Prior(name="pow2"):
                if node.prior.integer or node.prior.step is not None or node.prior.within is not None:
                    choices.plain(priors, node.prior)
                return priors.power(node.prior)
            case _:
                return priors.numeric(node.prior)

    def _one_kind(self, declaration: Declaration, kinds: list[str], pieces: list[Piece]) -> str:
        numeric = {"float", "int", "number", "ordinal"}
        if len(set(kinds)) == 1:
            dists = [p.dist for p in pieces]
            first = dists[0]
            if not isinstance(first, Items) or first.numeric:
                return kinds[0]
            if all(isinstance(d, Items) and d.items == first.items for d in dists):
                return kinds[0]
        elif set(kinds) <= {"float", "int"}:
            return "float"
        elif set(kinds) <= numeric:
            return "float" if "float" in kinds else "number"
        spans = [o.node.name_span for o in declaration.occurrences]
        raise self.report.error(
            BAD_CHOICE,
            f"`{declaration.name}` has priors of different kinds under `when` and `else`",
            spans[-1],
            note="this prior",
            labels=(Label(spans[0], "and this one"),),
            help="use the same alternatives or numbers on both sides, or two names",
        )

    def _with_default(self, piece: Piece, node: nodes.Parameter, priors: Priors) -> Piece:
        if node.default is None:
            return piece
        if self.edits:
            # A default that what the caller left does not have is none.
            loud, self.report = self.report, Report(self.report.source)
            try:
                value, code = literal(self, node.default, piece.dist, priors, node.name)
            except AbandonedError:
                return piece
            finally:
                self.report = loud
        else:
            value, code = literal(self, node.default, piece.dist, priors, node.name)
        return replace(piece, default=value, default_code=code, default_span=node.default.span)

    # ---- derived values --------------------------------------------------------------------------

    def _derived(self, declaration: Declaration) -> Derived:
        typed: list[tuple[Guard | None, Typed]] = []
        for occurrence in declaration.occurrences:
            node = occurrence.node
            assert isinstance(node, nodes.Derived)
            guard = self.guarded(occurrence)
            typed.append((guard, self._value(node, occurrence.context.scope, guard_facts(guard, self.facts))))
        kinds = {t.kind for _, t in typed}
        labels = typed[0][1].labels
        if len(kinds) > 1 or any(t.labels != labels for _, t in typed):
            raise self.report.error(
                WRONG_KIND,
                f"`{declaration.name}` is of different kinds under `when` and `else`",
                declaration.span,
                help="give it numbers on both sides, or the same labels",
            )
        kind = typed[0][1].kind
        pieces = []
        for (guard, value), occurrence in zip(typed, declaration.occurrences, strict=True):
            term = value.code if kind == "label" else value.term
            assert term is not None
            pieces.append(DerivedPiece(guard, term, occurrence.node.span))
        if kind == "number":
            kind = "int" if all(t.integer for _, t in typed) else "float"
        return self.follow(declaration, kind, tuple(pieces), labels if kind == "label" else ())  # type: ignore[arg-type]  # ranges were refused in `_value`

    def follow(
        self,
        declaration: Declaration,
        kind: str,
        pieces: tuple[DerivedPiece, ...],
        labels: tuple[str | bool | int | float | None, ...] = (),
        *,
        hidden: bool = False,
    ) -> Derived:
        """A derived symbol with a column of its own."""
        first = declaration.occurrences[0].node
        column = self.column()
        hull: Interval | None = None
        for piece in pieces:
            reach = bounds(piece.term, guard_facts(piece.guard, self.facts))
            if reach.undefined:
                text = f"`{first.name}` is undefined"
                sound = apply("not", apply("undefined", load(column)))
                self.needs.append(Requirement(piece.guard, sound, text, piece.span, implied=True))
            hull = reach if hull is None else hull.join(reach)
        assert hull is not None
        inactive = all(p.guard is not None for p in pieces)
        self.sources[column] = tuple((p.guard, p.term) for p in pieces)
        self.facts[load(column)] = replace(hull, unknown=hull.unknown or inactive, undefined=False)
        steps = (*declaration.key, "#") if hidden else declaration.key
        return Derived(
            dotted(declaration.path) + ("#" if hidden else ""),
            f"len({dotted(declaration.key)})" if hidden else dotted(declaration.key),
            kind,
            column,
            pieces,
            labels,
            getattr(first, "unit", None),
            first.doc,
            first.name_span,
            steps,
            declaration.order,
            hidden,
        )

    def _value(self, node: nodes.Derived, scope: Scope, facts: Facts) -> Typed:
        value = self.expressions.resolve(node.value, scope, facts)
        if value.kind == "atom":
            return Typed("label", value.span, labels=value.labels, code=const(0.0))
        if value.kind in ("array", "set"):
            raise self.report.error(
                WRONG_KIND,
                f"`{node.name}` would be {value.described}",
                node.value.span,
                note="not a single value",
                help=f"derive element by element, `{node.name}[n] = … [index]`, or one number, as in sum(…)",
            )
        if value.kind == "label" and value.term is not None:
            raise self.report.error(
                WRONG_KIND,
                "a choice that mixes labels and numbers has no single kind",
                node.value.span,
                help="use the parameter itself, or a condition about it",
            )
        return value


def _kind(dist: Dist, node: nodes.Parameter) -> str:
    if isinstance(dist, Items):
        if isinstance(node.prior, nodes.Union):
            return "union"
        if dist.ordered:
            return "ordinal"
        if dist.boolean:
            return "bool"
        if dist.numeric:
            return "number"
        return "mixed" if dist.ranged else "choice"
    return "int" if dist.integer else "float"
