"""Terms of a model, turned into formulas over the variables of a flat list."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from hpdsl.interop.formulas import (
    ALWAYS,
    NEVER,
    OPPOSITE,
    TEST,
    TURNED,
    Among,
    Compare,
    Every,
    Formula,
    InexpressibleError,
    Relation,
    Some,
    every,
    some,
)
from hpdsl.terms import Term, apply, columns_of, const, walk

_COMPARISONS = {"lt": "<", "le": "<=", "eq": "==", "ne": "!="}
# Operations that can be known although an operand is unknown.
_LAZY = frozenset({"and", "or", "not", "coalesce", "if", "known", "holds"})
# How many cases a condition may be taken apart into, and how many values a number may have to be listed.
_MOST_CASES = 4096
_MOST_VALUES = 256


@dataclass(frozen=True)
class Number:
    """A numeric variable: `column` stands for it in terms."""

    name: str
    column: int
    lo: float
    hi: float
    integer: bool
    guard: Formula


@dataclass(frozen=True)
class Case:
    """One way in which a parameter can have a value: what it then is, where the condition holds."""

    when: Formula
    columns: Mapping[int, Term]


class Conditions:
    """Formulas of terms. `cases` lists, by column, how its parameter can have a value; inactive is none of them."""

    def __init__(self) -> None:
        self.cases: dict[int, list[Case]] = {}
        self.guards: dict[int, Formula] = {}
        """When the parameter or value in a column is active."""
        self.numbers: dict[int, Number] = {}
        """By their own columns, which no column of the model is."""
        self.guard_of: dict[str, Formula] = {}
        self.sizes: dict[str, int] = {}
        """How many values each listed variable has."""
        self.derived: dict[int, list[tuple[Formula, Term]]] = {}
        self._strict = False
        self._budget = 0

    # ---- entry points ------------------------------------------------------------------------------

    def true(self, terms: Iterable[Term]) -> Formula:
        """When all of a guard's conditions are true; undefined ones are not."""
        return self._start([(t, True) for t in terms], strict=False)

    def violated(self, guard: Iterable[Term], condition: Term) -> Formula:
        """When a requirement is definitely broken."""
        return every([self.true(guard), self._start([(condition, False)], strict=True)])

    def inactive(self, formula: Formula) -> Formula:
        """When a formula is not definitely true."""
        if isinstance(formula, Every):
            return some(self.inactive(p) for p in formula.parts)
        if isinstance(formula, Some):
            return every(self.inactive(p) for p in formula.parts)
        if isinstance(formula, Compare):
            return some([Compare(formula.name, OPPOSITE[formula.op], formula.value), self._absent(formula.name)])
        if isinstance(formula, Among):
            rest = tuple(k for k in range(self.sizes[formula.name]) if k not in formula.indices)
            return some([Among(formula.name, rest) if rest else NEVER, self._absent(formula.name)])
        flipped = Relation(formula.left, OPPOSITE[formula.op], formula.right)
        return some([flipped, self._absent(formula.left), self._absent(formula.right)])

    def _start(self, terms: list[tuple[Term, bool]], *, strict: bool) -> Formula:
        self._strict, self._budget = strict, _MOST_CASES
        return every([self._formula(t, want) for t, want in terms])

    def _absent(self, name: str) -> Formula:
        guard = self.guard_of[name]
        return NEVER if guard == ALWAYS else self.inactive(guard)

    # ---- logic -------------------------------------------------------------------------------------

    def _formula(self, term: Term, want: bool) -> Formula:
        """When a term is definitely true, or definitely false."""
        self._budget -= 1
        if self._budget < 0:
            raise InexpressibleError("it has too many cases")
        if term.constant is not None:
            return self._constant(term.constant, want)
        match term.op:
            case "and" | "or":
                parts = [self._formula(a, want) for a in term.args]
                return every(parts) if (term.op == "and") == want else some(parts)
            case "not":
                return self._formula(term.args[0], not want)
            case "known":
                return self._known(term.args[0]) if want else self._unknown(term.args[0])
            case "holds":
                inside = self._formula(term.args[0], True)
                return inside if want else self.inactive(inside)
            case _:
                return self._atom(term, want)

    def _constant(self, value: float, want: bool) -> Formula:
        if math.isinf(value) and self._strict:
            raise InexpressibleError("it can be undefined")
        return ALWAYS if value == (1.0 if want else 0.0) else NEVER

    def _known(self, term: Term) -> Formula:
        if term.op == "coalesce":
            return some([self._known(a) for a in term.args])
        self._refuse_lazy(term)
        return every([self.guards[c] if c in self.guards else self.numbers[c].guard for c in sorted(columns_of(term))])

    def _unknown(self, term: Term) -> Formula:
        return self.inactive(self._known(term))

    def _refuse_lazy(self, term: Term) -> None:
        found = next((t.op for t in walk(term) if t.op in _LAZY), None)
        if found is not None:
            raise InexpressibleError(f"it computes with the result of `{found}`")

    def _atom(self, term: Term, want: bool) -> Formula:
        """A comparison, or another operation whose result is a truth value."""
        lifted = next((t for t in walk(term) if t.op in ("coalesce", "if")), None)
        if lifted is not None:
            return self._lift(term, lifted, want)
        self._refuse_lazy(term)
        columns = sorted(columns_of(term))
        for c in columns:
            if c in self.derived:
                parts = [
                    every([guard, self._formula(substitute(term, {c: inner}), want)])
                    for guard, inner in self.derived[c]
                ]
                return some(parts)
        for c in columns:
            if c in self.cases:
                return self._split([(x.when, substitute(term, x.columns)) for x in self.cases[c]], want)
        return self._numeric(term, [self.numbers[c] for c in columns], want)

    def _lift(self, term: Term, inner: Term, want: bool) -> Formula:
        """An operation that chooses between operands, taken out of the term."""

        def with_part(part: Term) -> Formula:
            return self._formula(replaced(term, inner, part), want)

        if inner.op == "if":
            test, yes, no = inner.args
            chosen = every([self._formula(test, True), with_part(yes)])
            return some([chosen, every([self._formula(test, False), with_part(no)])])
        first, second = inner.args
        if first.constant is not None:
            return with_part(second if math.isnan(first.constant) else first)
        one, other = with_part(first), with_part(second)
        if other == NEVER:
            return one
        if second.constant is None and self._exclusive(first, second):
            return some([one, other])
        return some([one, every([self._unknown(first), other])])

    def _exclusive(self, first: Term, second: Term) -> bool:
        """True where the two can't both be known: they read different branches of a union, or of a `when`."""
        try:
            return every([self._known(first), self._known(second)]) == NEVER
        except InexpressibleError:
            return False

    def _split(self, cases: Iterable[tuple[Formula, Term]], want: bool) -> Formula:
        """The cases of a parameter, those with the same consequence together."""
        found: dict[Formula, list[Formula]] = {}
        for when, term in cases:
            found.setdefault(self._formula(term, want), []).append(when)
        return some(every([some(whens), inner]) for inner, whens in found.items() if inner != NEVER)

    # ---- numbers -----------------------------------------------------------------------------------

    def _numeric(self, term: Term, numbers: list[Number], want: bool) -> Formula:
        op = _COMPARISONS.get(term.op)
        if op is not None:
            sign = op if want else OPPOSITE[op]
            left, right = term.args
            if left.op == "load" and right.constant is not None:
                return self.compare(self.numbers[int(left.data[0])], sign, right.constant)
            if right.op == "load" and left.constant is not None:
                return self.compare(self.numbers[int(right.data[0])], TURNED[sign], left.constant)
            if left.op == right.op == "load":
                pair = [self.numbers[int(t.data[0])] for t in (left, right)]
                return Relation(pair[0].name, sign, pair[1].name)
        listed = [n for n in numbers if n.integer and n.hi - n.lo < _MOST_VALUES]
        if not listed:
            names = " and ".join(f"`{n.name}`" for n in numbers)
            raise InexpressibleError(f"it computes with {names}")
        chosen = min(listed, key=lambda n: n.hi - n.lo)
        values = range(int(chosen.lo), int(chosen.hi) + 1)
        found: dict[Formula, list[int]] = {}
        for v in values:
            inner = self._formula(substitute(term, {chosen.column: const(float(v))}), want)
            found.setdefault(inner, []).append(v)
        return some(every([self._spans(chosen, vs), f]) for f, vs in found.items() if f != NEVER)

    def compare(self, number: Number, op: str, value: float) -> Formula:
        """A comparison with a constant, settled where the range of the variable does so."""
        if math.isnan(value):
            return NEVER
        if math.isinf(value):
            return self._constant(value, True) if self._strict else NEVER
        ends = [TEST[op](number.lo, value), TEST[op](number.hi, value)]
        if op in ("==", "!="):
            possible = number.lo <= value <= number.hi and (not number.integer or value == math.floor(value))
            if not possible:
                return NEVER if op == "==" else number.guard
            if number.lo == number.hi:
                return number.guard if op == "==" else NEVER
        elif all(ends):
            return number.guard
        elif not any(ends):
            return NEVER
        if number.integer and op in ("<", "<=", ">", ">="):
            # The bound as an integer, with a strict sign: not every format has the others.
            bound = math.ceil(value) if op in ("<", ">=") else math.floor(value)
            return Compare(number.name, "<" if op[0] == "<" else ">", bound + {"<=": 1, ">=": -1}.get(op, 0))
        return Compare(number.name, op, int(value) if number.integer else value)

    def _spans(self, number: Number, values: list[int]) -> Formula:
        """A set of values of an integer variable, as few comparisons."""
        if len(values) == int(number.hi - number.lo) + 1:
            return number.guard
        runs: list[list[int]] = []
        for v in values:
            if runs and runs[-1][-1] == v - 1:
                runs[-1].append(v)
            else:
                runs.append([v])
        parts = []
        for run in runs:
            if len(run) == 1:
                parts.append(self.compare(number, "==", run[0]))
            else:
                parts.append(every([self.compare(number, ">=", run[0]), self.compare(number, "<=", run[-1])]))
        return some(parts)


def substitute(term: Term, columns: Mapping[int, Term]) -> Term:
    """A term with columns replaced, constants folded."""
    return _rebuilt(term, lambda t: columns.get(int(t.data[0])) if t.op == "load" else None)


def replaced(term: Term, old: Term, new: Term) -> Term:
    """A term with a subterm replaced, constants folded."""
    return _rebuilt(term, lambda t: new if t == old else None)


def _rebuilt(term: Term, change: Callable[[Term], Term | None]) -> Term:
    built: dict[Term, Term] = {}
    for node in walk(term):
        new = change(node)
        if new is None:
            new = apply(node.op, *(built[a] for a in node.args), data=node.data) if node.args else node
        built[node] = new
    return built[term]
