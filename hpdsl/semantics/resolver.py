"""`Resolver`: turns declarations into symbols on demand, each after those it depends on."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

from hpdsl.diagnostics import Label
from hpdsl.intervals import Facts, Interval, bounds
from hpdsl.priors.items import Items
from hpdsl.semantics import choices, reading
from hpdsl.semantics.defaults import literal
from hpdsl.semantics.distributions import Priors
from hpdsl.semantics.evaluate import fill
from hpdsl.semantics.expressions import Expressions, unknown_name
from hpdsl.semantics.model import (
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
from hpdsl.semantics.report import BAD_CHOICE, CYCLE, NEVER_ACTIVE, WRONG_KIND, AbandonedError, Report
from hpdsl.semantics.scopes import Context, Declaration, Occurrence, Scope, Table, not_yet
from hpdsl.semantics.typed import Typed, number
from hpdsl.syntax import nodes
from hpdsl.terms import Evaluator, Term, apply, columns_of, const, load


class Resolver:
    """Symbols, guards and facts of one file."""

    def __init__(self, table: Table, report: Report, lost_names: frozenset[str]) -> None:
        self.table = table
        self.report = report
        self.lost_names = lost_names
        self.expressions = Expressions(self)
        self.facts: dict[Term, Interval] = {}
        self.symbols: dict[Declaration, Symbol | None] = {}
        self.order: list[Symbol] = []
        self.needs: list[Requirement] = []
        self.n_columns = 0
        self._stack: list[Declaration] = []
        self._guards: dict[int, Guard | None] = {}
        self._indices = {
            d: k
            for k, d in enumerate(d for d in table.declarations if isinstance(d.occurrences[0].node, nodes.Parameter))
        }

    # ---- names -----------------------------------------------------------------------------------

    def read(self, path: nodes.Path, scope: Scope, facts: Facts) -> Typed:
        """The typed value of a declared name."""
        found = [self.symbol(d) for d in self.candidates(path, scope, facts)]
        return reading.read(self.report, path, found)

    def is_active(self, path: nodes.Path, scope: Scope, facts: Facts) -> Term:
        """1 where a declared name is active, else 0."""
        found = [self.symbol(d) for d in self.candidates(path, scope, {})]
        term = const(0.0)
        for symbol in found:
            part = apply("known", load(symbol.main))
            term = part if term.constant == 0.0 else apply("or", term, part)
        return term

    def candidates(self, path: nodes.Path, scope: Scope, facts: Facts) -> list[Declaration]:
        """The declarations a dotted path can mean: more than one where branches share a name."""
        first = scope.find(path.parts[0])
        if first is None:
            raise unknown_name(self, path, path.parts[0], scope.visible())
        if first.later:
            raise AbandonedError(first.name)
        found = [first]
        for name in path.parts[1:]:
            deeper: list[Declaration] = []
            members: list[str] = []
            owners = found
            for owner in owners:
                inner = owner.branches.get(name)
                if inner is not None:
                    deeper.append(_BranchView(inner, owner))
                    continue
                scopes = [owner.scope_of] if isinstance(owner, _BranchView) else self._live(owner, facts)
                for s in scopes:
                    members.extend(s.names)
                    if name in s.names:
                        deeper.append(s.names[name])
                members.extend(owner.branches)
            if not deeper:
                before = path.text.rsplit(".", 1)[0] if len(path.parts) == 2 else path.text
                raise unknown_name(self, path, name, members, f" in `{before}`")
            found = deeper
        if any(d.later for d in found):
            raise AbandonedError
        views = [d for d in found if isinstance(d, _BranchView)]
        if views:
            raise self.report.error(
                WRONG_KIND,
                f"`{path.text}` names a branch, not a value",
                path.span,
                help=f"write `{'.'.join(path.parts[:-1])} == {path.parts[-1]}` to ask for it",
            )
        return found

    def _live(self, union: Declaration, facts: Facts) -> list[Scope]:
        """The branches that what is known here leaves possible."""
        scopes = list(union.branches.values())
        symbol = self.symbols.get(union)
        if isinstance(symbol, Parameter) and symbol.code is not None:
            reach = bounds(load(symbol.code), facts)
            if symbol.items is not None and math.isfinite(reach.lo) and math.isfinite(reach.hi):
                labels = symbol.items.items[int(reach.lo) : int(reach.hi) + 1]
                scopes = [union.branches[str(label)] for label in labels if str(label) in union.branches]
        return scopes

    def symbol(self, declaration: Declaration) -> Symbol:
        """The symbol of a declaration, resolved now if it was not."""
        if declaration in self.symbols:
            known = self.symbols[declaration]
            if known is None:
                raise AbandonedError(declaration.name)
            return known
        if declaration in self._stack:
            raise self._cycle(declaration)
        self._stack.append(declaration)
        try:
            if isinstance(declaration.occurrences[0].node, nodes.Parameter):
                symbol: Symbol = self._parameter(declaration)
            else:
                symbol = self._derived(declaration)
        except AbandonedError:
            self.symbols[declaration] = None
            raise
        finally:
            self._stack.pop()
        self.symbols[declaration] = symbol
        self.order.append(symbol)
        return symbol

    def _cycle(self, declaration: Declaration) -> AbandonedError:
        loop = [*self._stack[self._stack.index(declaration) :], declaration]
        route = " -> ".join(".".join(d.path) for d in loop)
        labels = tuple(Label(d.span, "") for d in loop[1:-1])
        return self.report.error(
            CYCLE,
            f"`{'.'.join(declaration.path)}` depends on itself",
            declaration.span,
            note=route,
            labels=labels,
            help="break the circle: let one of them not use the others",
        )

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
        if context.condition is None:
            return outer
        scope = context.parent.scope if context.parent else context.scope
        condition = self.expressions.condition(context.condition, scope, guard_facts(outer, self.facts))
        return Guard(outer, apply("not", condition) if context.negated else condition)

    def guarded(self, occurrence: Occurrence) -> Guard | None:
        """The guard of one sentence: its context's, and its own `when`."""
        outer = self.guard(occurrence.context)
        own = occurrence.node.guard
        if own is None:
            return outer
        condition = self.expressions.condition(own, occurrence.context.scope, guard_facts(outer, self.facts))
        result = Guard(outer, condition)
        if bounds(condition, guard_facts(outer, self.facts)).never_true:
            self.report.warning(
                NEVER_ACTIVE,
                f"`{occurrence.node.name}` is never active",
                own.span,
                note="this condition can't be true here",
                help="change the condition, or remove the sentence",
            )
        return result

    # ---- symbols ---------------------------------------------------------------------------------

    def _column(self) -> int:
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
            dist = self._dist(priors, node)
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
        value = self._column() if valued else None
        code = self._column() if coded else None
        parameter = Parameter(
            self._indices[declaration],
            ".".join(declaration.path),
            ".".join(declaration.key),
            kind,
            value,
            code,
            tuple(pieces),
            first.unit,
            first.doc,
            first.name_span,
        )
        hull = hulls[0]
        for other in hulls[1:]:
            hull = hull.join(other)
        inactive = parameter.conditional
        if value is not None:
            self.facts[load(value)] = replace(hull, unknown=hull.unknown or inactive, undefined=False)
        if code is not None:
            assert isinstance(dist, Items)
            self.facts[load(code)] = Interval(0.0, len(dist.items) - 1.0, True, unknown=inactive)
        return parameter

    def _dist(self, priors: Priors, node: nodes.Parameter) -> Dist:
        match node.prior:
            case nodes.Choice():
                return choices.choice(priors, node.prior)
            case nodes.Union():
                return choices.union(priors, node.prior)
            case nodes.Prior(name="bool"):
                return choices.boolean(priors, node.prior)
            case nodes.Prior(name="ordinal"):
                return choices.ordinal(priors, node.prior)
            case nodes.Prior(name="pow2"):
                if node.prior.integer or node.prior.step is not None or node.prior.within is not None:
                    choices.plain(priors, node.prior)
                return priors.power(node.prior)
            case nodes.Prior():
                return priors.numeric(node.prior)
            case _:
                not_yet(self.report, node.prior.construct, node.prior.span)
                raise AbandonedError

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
        value, code = literal(self, node.default, piece.dist, priors, node.name)
        return replace(piece, default=value, default_code=code, default_span=node.default.span)

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
        first = declaration.occurrences[0].node
        assert isinstance(first, nodes.Derived)
        column = self._column()
        pieces = []
        hull: Interval | None = None
        for (guard, value), occurrence in zip(typed, declaration.occurrences, strict=True):
            term = value.code if kind == "label" else value.term
            assert term is not None
            reach = bounds(term, guard_facts(guard, self.facts))
            pieces.append(DerivedPiece(guard, term, occurrence.node.span))
            if reach.undefined:
                text = f"`{first.name}` is undefined"
                sound = apply("not", apply("undefined", load(column)))
                self.needs.append(Requirement(guard, sound, text, occurrence.node.span, implied=True))
            hull = reach if hull is None else hull.join(reach)
        assert hull is not None
        inactive = all(p.guard is not None for p in pieces)
        self.facts[load(column)] = replace(hull, unknown=hull.unknown or inactive, undefined=False)
        if kind == "number":
            kind = "int" if all(t.integer for _, t in typed) else "float"
        return Derived(
            ".".join(declaration.path),
            ".".join(declaration.key),
            kind,
            column,
            tuple(pieces),
            labels if kind == "label" else (),  # type: ignore[arg-type]  # ranges were refused in `_value`
            first.unit,
            first.doc,
            first.name_span,
        )

    def _value(self, node: nodes.Derived, scope: Scope, facts: Facts) -> Typed:
        value = self.expressions.resolve(node.value, scope, facts)
        if value.kind == "atom":
            return Typed("label", value.span, labels=value.labels, code=const(0.0))
        if value.kind == "label" and value.term is not None:
            raise self.report.error(
                WRONG_KIND,
                "a choice that mixes labels and numbers has no single kind",
                node.value.span,
                help="use the parameter itself, or a condition about it",
            )
        return value

    # ---- witnesses -------------------------------------------------------------------------------

    def witness(self, condition: Term, facts: Facts) -> tuple[str, tuple[Label, ...]]:
        """Values of parameters that make a condition false, as text and as labels; empty if none was found."""
        needed = self._ancestors(columns_of(condition))
        symbols = [s for s in self.order if s in needed]
        parameters = [s for s in symbols if isinstance(s, Parameter)]
        if not parameters:
            return "", ()
        corners = (0.0, 1.0, 0.5)
        trials = itertools.islice(itertools.product(corners, repeat=min(len(parameters), 12)), 2000)
        tiny = 2.0**-53
        for trial in trials:
            at = {p.index: u for p, u in zip(parameters, trial, strict=False)}

            def uniform(p: Parameter, piece: Piece, row: Evaluator, at: dict[int, float] = at) -> float:
                return min(max(at.get(p.index, 0.5), tiny), 1.0 - tiny)

            columns = fill(symbols, uniform)
            row = Evaluator(columns)
            inside = all(row.value(t) >= i.lo and row.value(t) <= i.hi for t, i in facts.items() if _is_guard(t, i))
            if inside and row.value(condition) == 0.0:
                direct = [p for p in parameters if p.value is not None and p.value in columns_of(condition)]
                values = {p: columns.get(p.value, math.nan) for p in direct if p.value is not None}
                reached = {p: number(x) for p, x in values.items() if not math.isnan(x)}
                labels = tuple(Label(p.pieces[0].span, f"`{p.key}` reaches {x} here") for p, x in reached.items())
                return " and ".join(f"{p.key} = {x}" for p, x in reached.items()), labels
        return "", ()

    def _ancestors(self, columns: frozenset[int]) -> set[Symbol]:
        owners: dict[int, Symbol] = {}
        for s in self.order:
            for c in (s.value, s.code) if isinstance(s, Parameter) else (s.column,):
                if c is not None:
                    owners[c] = s
        result: set[Symbol] = set()
        todo = [c for c in columns if c in owners]
        while todo:
            symbol = owners[todo.pop()]
            if symbol not in result:
                result.add(symbol)
                todo.extend(c for c in reading.inputs(symbol) if c in owners)
        return result


class _BranchView(Declaration):
    """A branch named in a path, on the way to a member."""

    def __init__(self, scope: Scope, owner: Declaration) -> None:
        super().__init__(owner.name, owner.path, owner.key, scope, owner.order)
        self.scope_of = scope


def _is_guard(term: Term, interval: Interval) -> bool:
    """Facts that a guard has added are about truth values."""
    return term.op in ("lt", "le", "eq", "ne", "and", "or", "not") and interval.point is not None


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
