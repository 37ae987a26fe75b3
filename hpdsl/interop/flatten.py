"""Builds the flat list of a space: its domains, its guards, and what it forbids."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hpdsl.configs import native
from hpdsl.diff.words import Words, label
from hpdsl.errors import UsageError
from hpdsl.interop.conditions import Case, Conditions, Number
from hpdsl.interop.formulas import ALWAYS, NEVER, Among, Formula, InexpressibleError, Value, clauses, some
from hpdsl.interop.portable import Forbidden, Law, Listed, Portable, Variable, labels, shared
from hpdsl.intervals import bounds
from hpdsl.priors.bases import Beta, Normal, Uniform
from hpdsl.priors.items import Items, Range
from hpdsl.priors.numeric import Numeric
from hpdsl.priors.power import Power
from hpdsl.priors.ranked import Ranked
from hpdsl.semantics.evaluate import Row, active_piece, broken, complete, illegal
from hpdsl.semantics.model import Derived, Guard, Parameter, Piece, guard_facts
from hpdsl.semantics.typed import number
from hpdsl.source import Span
from hpdsl.terms import Evaluator, const, load

if TYPE_CHECKING:
    from hpdsl.space import Space

_NUMBER = re.compile(r"\[\d+\]")
# Of an unbounded law, what lies outside these quantiles is cut off where that was asked for.
_TAIL = 1e-6
# Draws for the one feasible configuration that formats ask for. The tools that read them draw and reject as well: where
# this many find nothing, theirs wouldn't, and a refusal must not take longer than a second where draws are dear.
_ATTEMPTS = 25_000


class Builder:
    """Builds the flat list of a space."""

    def __init__(self, space: Space) -> None:
        self.model = space.compilation.model
        self.result = Portable(space)
        self.words = Words(self.model)
        self.conditions = Conditions()
        self.free = self.model.n_columns
        self.rows = _start(space)

    def build(self) -> Portable:
        """Variables in dependency order, then what they must not be."""
        for s in self.model.symbols:
            if isinstance(s, Derived):
                self._derived(s)
            else:
                self._parameter(s)
        for r in self.model.requirements:
            where, said = self.where(r.span), self.words.text(r.span)
            if r.implied and any(line.startswith(f"{where}: ") for line in self.result.refused):
                continue  # what implies it is refused itself
            try:
                formula = self.conditions.violated(r.guard.chain() if r.guard else (), r.condition)
            except InexpressibleError as error:
                self.result.refuse(where, said, str(error))
                continue
            if formula != NEVER:
                self.result.forbidden.append(Forbidden(formula, said, where))
        for p in self.model.parameters:
            if p.score is not None and len(p.score.members) > 1:
                others = ", ".join(f"`{m}`" for m in p.score.members[:-1])
                self.result.note(f"`{p.path}` is drawn independently of {others}: the correlation is left out")
        self._experiment()
        return self.result

    def _experiment(self) -> None:
        model = self.model
        if model.fidelity is not None:
            self.result.note(f"the fidelity `{model.fidelity.name}` belongs to the experiment and is left out")
        names = ", ".join(f"`{n}`" for n in (*(o.name for o in model.objectives), *(o.name for o in model.outcomes)))
        if names:
            self.result.note(f"the outcomes {names} belong to the experiment and are left out")

    def where(self, span: Span) -> str:
        """The file and line of a sentence."""
        return str(self.words.place(span))

    # ---- values that follow --------------------------------------------------------------------------

    def _derived(self, s: Derived) -> None:
        cond = self.conditions
        pieces = []
        whole: list[Formula] = []
        for piece in s.pieces:
            try:
                guard = cond.true(piece.guard.chain() if piece.guard else ())
            except InexpressibleError:
                return  # a condition that reads it says so
            pieces.append((guard, piece.term))
            whole.append(guard)
        cond.derived[s.column] = pieces
        cond.guards[s.column] = some(whole)
        value = pieces[0][1].constant
        if s.hidden or any(isinstance(step, int) for step in s.steps):
            return
        if len(pieces) == 1 and pieces[0][0] == ALWAYS and value is not None and math.isfinite(value):
            held = native(s)(value, math.nan)
            text = self.words.text(s.pieces[0].span)
            law = Listed((held,), (1.0,))
            self.result.variables.append(Variable(s.path, law, ALWAYS, held, text, self.where(s.span), s.doc))
        else:
            self.result.note(f"the derived value `{s.path}` is left out: it follows from the others")

    # ---- parameters ----------------------------------------------------------------------------------

    def _parameter(self, p: Parameter) -> None:
        cases: list[Case] = []
        whole: list[Formula] = []
        pieces = p.pieces[:1] if shared(p) else p.pieces
        for k, piece in enumerate(pieces):
            guards = [x.guard for x in p.pieces] if shared(p) else [piece.guard]
            guard = self._guard(p, piece, guards)
            if guard == NEVER:
                continue
            name = p.path if len(pieces) == 1 else f"{p.path}.{k + 1}"
            whole.append(guard)
            cases += self._variables(p, k, piece, name, guard)
        if len(whole) > 1:
            names = ", ".join(f"`{p.path}.{k + 1}`" for k in range(len(pieces)))
            self.result.note(f"`{p.path}` has several priors: it becomes {names}, one for each `when`")
        for column in (p.value, p.code):
            if column is not None:
                self.conditions.cases[column] = cases
                self.conditions.guards[column] = some(whole)

    def _guard(self, p: Parameter, piece: Piece, guards: Iterable[Guard | None]) -> Formula:
        try:
            guard = some(self.conditions.true(g.chain() if g else ()) for g in guards)
        except InexpressibleError as error:
            said = f"{p.path} ~ … when {self.words.guard(piece.guard)}"
            self.result.refuse(self.where(p.span), said, str(error))
            return ALWAYS
        with suppress(InexpressibleError):  # too many clauses to look through
            if not clauses(guard):
                return NEVER  # they contradict one another, each of them
        return guard

    def _variables(self, p: Parameter, k: int, piece: Piece, name: str, guard: Formula) -> list[Case]:
        dist = piece.dist
        make = Variable(name, Listed((), None), guard, None, self._said(p, piece), self.where(p.span), p.doc, p, k)
        if not isinstance(dist, Items):
            law = self._law(make, dist, piece)
            if isinstance(law, Law):
                default = self._default(make, law)
                self.result.variables.append(replace(make, law=law, default=default))
                at = self._number(name, law, guard)
                return [Case(ALWAYS, {p.main: at})]
            self.result.variables.append(replace(make, law=law, default=self._default(make, law)))
            self._listed(name, len(law.values), guard)
            return [Case(Among(name, (i,)), {p.main: const(float(v))}) for i, v in enumerate(law.values)]  # type: ignore[arg-type]  # numbers
        return self._items(p, make, dist, piece)

    def _items(self, p: Parameter, make: Variable, dist: Items, piece: Piece) -> list[Case]:
        facts = guard_facts(piece.guard, self.model.facts)
        keep = dist.possible()
        weights = dist.fixed_weights()
        if weights is None and any(bounds(dist.weights[i], facts).lo <= 0.0 for i in keep):
            self.result.refuse(make.where, make.said, "which values are possible depends on other parameters")
        shown = labels(self.result.space, dist) if dist.ranged else dist.items
        values = tuple(shown[i] for i in keep)
        law = Listed(values, tuple(weights[i] for i in keep) if weights else None, dist.ordered)  # type: ignore[arg-type]  # no ranges left
        variable = replace(make, law=law)
        self.result.variables.append(replace(variable, default=self._default(variable, law)))
        self._listed(make.name, len(values), make.guard)
        cases = []
        ranges = [i for i in keep if isinstance(dist.items[i], Range)]
        for n, i in enumerate(keep):
            item = dist.items[i]
            columns = {} if p.code is None else {p.code: const(float(i))}
            if isinstance(item, Range):
                suffix = "range" if len(ranges) == 1 else f"range{ranges.index(i) + 1}"
                inner = replace(make, name=f"{make.name}.{suffix}", guard=Among(make.name, (n,)), item=i)
                inner_law = self._law(inner, item.dist, piece)
                if not isinstance(inner_law, Law):
                    raise UsageError(f"`{p.path}`: a range of powers has no place in a choice")
                said = label(shown[i])
                self.result.note(f"the number of `{make.name}` stands in `{inner.name}` where `{make.name}` is {said}")
                self.result.variables.append(replace(inner, law=inner_law, default=self._default(inner, inner_law)))
                assert p.value is not None
                columns[p.value] = self._number(inner.name, inner_law, inner.guard)
            elif p.value is not None:
                columns[p.value] = const(dist.values[i])
            cases.append(Case(Among(make.name, (n,)), columns))
        return cases

    def _said(self, p: Parameter, piece: Piece) -> str:
        path = p.path.rpartition("[")[0] if p.member else p.path
        if p.kind == "union":
            return f"{path} ~ choice {{ … }}"
        return f"{_NUMBER.sub('[…]', path)} ~ {self.words.text(piece.span)}"

    def _number(self, name: str, law: Law, guard: Formula) -> Any:
        at = load(self.free)
        self.conditions.numbers[self.free] = Number(
            name, self.free, law.lo, law.hi, law.integer and law.step <= 1.0, guard
        )
        self.conditions.guard_of[name] = guard
        self.free += 1
        return at

    def _listed(self, name: str, count: int, guard: Formula) -> None:
        self.conditions.sizes[name] = count
        self.conditions.guard_of[name] = guard

    # ---- laws ------------------------------------------------------------------------------------------

    def _law(self, v: Variable, dist: Any, piece: Piece) -> Law | Listed:
        facts = guard_facts(piece.guard, self.model.facts)
        if isinstance(dist, Ranked):
            self.result.refuse(v.where, v.said, "the elements are ordered")
            dist = dist.law
        hull = dist.hull(facts)
        if isinstance(dist, Power):
            if dist.dependent:
                self.result.refuse(v.where, v.said, "its bounds depend on other parameters")
            # A bound that depends on what has none may be infinite, or below every number.
            ends = (math.log2(x) if x > 0.0 else -math.inf for x in (hull.lo, hull.hi))
            low, high = (round(min(max(e, -1022.0), 1023.0)) for e in ends)
            powers = tuple(int(2**e) if dist.integer else 2.0**e for e in range(low, high + 1))
            return Listed(powers, (1.0 / len(powers),) * len(powers), ordered=True)
        if not isinstance(dist, Numeric):
            self.result.refuse(v.where, v.said, "the elements of a permutation depend on one another")
            return Law("uniform", hull.lo, hull.hi, integer=True, step=1.0)
        if dist.dependent:
            self.result.refuse(v.where, v.said, "its bounds depend on other parameters")
        lo, hi = self._ends(v, dist, hull.lo, hull.hi)
        name, a, b = _shape(dist)
        step = dist.lattice.step if dist.lattice is not None else 0.0
        log = dist.log
        if log and lo <= 0.0:
            # An integer of a logarithmic law may be 0, which no other tool has on such a scale.
            name, log = "other", False
        return Law(name, lo, hi, log, dist.integer, step, a, b)

    def _ends(self, v: Variable, dist: Numeric, lo: float, hi: float) -> tuple[float, float]:
        """Finite bounds; of an unbounded law those of far quantiles, which is a loss."""
        open_ends = dist.lo is None or dist.hi is None or math.isinf(lo) or math.isinf(hi)
        inside = isinstance(dist.base, Beta) and dist.lo is None and dist.hi is None and dist.linear
        if inside and dist.loc.constant is not None and dist.scale.constant is not None:
            return dist.loc.constant, dist.loc.constant + dist.scale.constant
        if not open_ends:
            return lo, hi
        ends = [dist.decode(const(u)).constant for u in (_TAIL, 1.0 - _TAIL)]
        known = [x for x in ends if x is not None]
        if len(known) < 2:
            facts = guard_facts(v.parameter.pieces[v.piece].guard, self.model.facts) if v.parameter else {}
            known = [dist.view.inverse(y) for y in dist.scale_range(facts)]
            if dist.integer:
                known = [float(round(x)) if math.isfinite(x) else x for x in known]
        low = lo if dist.lo is not None and math.isfinite(lo) else float(f"{known[0]:.6g}")
        high = hi if dist.hi is not None and math.isfinite(hi) else float(f"{known[1]:.6g}")
        self.result.refuse(
            v.where,
            v.said,
            f"it has no bounds; write `in {number(low)} .. {number(high)}`, say, which is nearly all of it",
        )
        return low, high

    def _default(self, v: Variable, law: Law | Listed) -> Value:
        """The value in the starting configuration, else the written default, else the median."""
        assert v.parameter is not None
        p = v.parameter
        piece = p.pieces[v.piece]
        found = [self.rows]
        alone = Evaluator(dict(self.rows))
        if active_piece(p, alone) != piece:
            found = []
        if not found and (piece.default is not None or piece.default_code is not None):
            found = [
                {
                    c: x
                    for c, x in ((p.value, piece.default), (p.code, piece.default_code))
                    if c is not None and x is not None
                }
            ]
        for row in found:
            value = row.get(p.value, math.nan) if p.value is not None else math.nan
            code = row.get(p.code, math.nan) if p.code is not None else math.nan
            if isinstance(piece.dist, Items) and piece.dist.ranged:
                if v.item is None and code == code:
                    return labels(self.result.space, piece.dist)[int(code)]
                if v.item == code and isinstance(law, Law):
                    return int(value) if law.integer else value
            elif value == value or code == code:
                return native(p)(value, code)
        if isinstance(law, Listed):
            weights = law.weights or (1.0,) * len(law.values)
            return law.values[(len(weights) - 1) // 2 if law.ordered else weights.index(max(weights))]
        return _middle(law)


def _middle(law: Law) -> int | float:
    middle = math.sqrt(law.lo * law.hi) if law.log and law.lo > 0.0 else 0.5 * (law.lo + law.hi)
    if law.name == "normal" and not law.log:
        middle = min(max(law.a, law.lo), law.hi)
    points = law.points() if law.step and law.step != 1.0 else None
    if points:
        return min(points, key=lambda x: abs(x - middle))
    return round(middle) if law.integer else middle


def _shape(dist: Numeric) -> tuple[str, float, float]:
    """The name of a law and its two numbers, "other" where these depend on other parameters."""
    loc, scale = dist.loc.constant, dist.scale.constant
    base = dist.base
    if isinstance(base, Uniform) and (dist.linear or dist.log):
        return "uniform", 0.0, 0.0
    if isinstance(base, Normal) and loc is not None and scale is not None and (dist.linear or dist.log):
        return "normal", loc, scale
    if type(base) is Beta and dist.linear and loc == 0.0 and scale == 1.0 and dist.lattice is None:
        a, b = base.alpha.constant, base.beta.constant
        if a is not None and b is not None:
            return "beta", a, b
    return "other", 0.0, 0.0


def _start(space: Space) -> Row:
    """The columns of a feasible configuration: defaults and medians where these are feasible, else a sample."""
    model = space.compilation.model
    row = complete(model, {})
    if not broken(model.requirements, row) and not illegal(model, row):
        return row
    return {c: float(x) for c, x in enumerate(space.sample(1, max_attempts=_ATTEMPTS).matrix[:, 0])}
