"""What the parameters of a draft can be, and conditions settled as far as that decides them."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeGuard

from hpdsl.interop.draft import (
    Active,
    Among,
    Compare,
    Draft,
    Every,
    Formula,
    Law,
    Listed,
    Negation,
    Parameter,
    Relation,
    Some,
    Text,
    Value,
)

TRUE, FALSE = Every(()), Some(())
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_TEST: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_BOUNDED = ("uniform", "loguniform", "revloguniform", "logituniform", "triangular")


def same(value: Value) -> tuple[str, object]:
    """What two values share exactly where they are one: 1 is 1.0, but neither "1" nor true."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return type(value).__name__, value
    return "number", float(value) if abs(value) < 2**53 else value


def is_number(value: object) -> TypeGuard[int | float]:
    """True for an int or float; booleans are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_finite(value: object) -> TypeGuard[int | float]:
    """True for a number that a double can hold, if only nearly."""
    return is_number(value) and abs(value) <= sys.float_info.max


def sorts(prior: Listed) -> bool:
    """Whether `ordinal` can hold the values: labels in any order, or rising numbers."""
    if all(isinstance(v, str) for v in prior.items):
        return prior.ordered
    numbers = [v for v in prior.items if is_number(v)]
    return prior.ordered and len(numbers) == len(prior.items) and all(a < b for a, b in pairwise(numbers))


def negated(formula: Formula) -> Formula:
    """A formula that is true where the other is definitely false, negations pushed to the comparisons."""
    match formula:
        case Compare():
            return Compare(formula.name, _OPPOSITE[formula.op], formula.value)
        case Among():
            return Among(formula.name, formula.values, not formula.negated)
        case Relation():
            return Relation(formula.left, _OPPOSITE[formula.op], formula.right)
        case Every():
            return Some(tuple(negated(p) for p in formula.parts))
        case Some():
            return Every(tuple(negated(p) for p in formula.parts))
        case Negation():
            return pushed(formula.part)
    return Negation(formula)


def pushed(formula: Formula) -> Formula:
    """The formula with negations pushed to the comparisons; the same in three-valued logic."""
    if isinstance(formula, (Every, Some)):
        return type(formula)(tuple(pushed(p) for p in formula.parts))
    return negated(formula.part) if isinstance(formula, Negation) else formula


def every(parts: Iterable[Formula]) -> Formula:
    """The conjunction, flattened, each part once."""
    return _joined(parts, Every, FALSE)


def some(parts: Iterable[Formula]) -> Formula:
    """The disjunction, flattened, each part once."""
    return _joined(parts, Some, TRUE)


def _joined(parts: Iterable[Formula], kind: type[Every] | type[Some], ruling: Formula) -> Formula:
    kept: dict[Formula, None] = {}
    for part in parts:
        kept.update(dict.fromkeys(part.parts if isinstance(part, kind) else (part,)))
    if ruling in kept:
        return ruling
    return next(iter(kept)) if len(kept) == 1 else kind(tuple(kept))


class Domains:
    """The values that each parameter of a draft can take."""

    def __init__(self, draft: Draft) -> None:
        self.parameters = {p.name: p for p in draft.parameters}
        self.constants = draft.constants
        self.null: dict[Formula, None] = {}
        """Comparisons met so far that ask whether a continuous parameter equals one number."""
        self._keys: dict[str, dict[tuple[str, object], int]] = {}

    # ---- values ------------------------------------------------------------------------------------

    def constant(self, parameter: Parameter) -> tuple[Value] | None:
        """The only value of a parameter, if that is so."""
        items = self.listed(parameter)
        return (items[0],) if items is not None and len(items) == 1 else None

    def listed(self, parameter: Parameter) -> tuple[Value, ...] | None:
        """The values of a parameter that are single ones, in its order."""
        prior = parameter.prior
        if isinstance(prior, Listed):
            plain = tuple(i for i in prior.items if not isinstance(i, Law))
            return plain if len(plain) == len(prior.items) else None
        if prior.name in ("uniform", "loguniform") and len(prior.arguments) == 2 and not prior.within:
            low, high = prior.arguments
            if isinstance(low, str) or isinstance(high, str):
                return None
            return (int(low) if prior.integer else low,) if low == high else None
        return None

    def keys(self, name: str) -> dict[tuple[str, object], int] | None:
        """The position of each value of a listed parameter, by what is the same."""
        if name not in self._keys:
            items = self.listed(self.parameters[name]) if name in self.parameters else None
            if items is None:
                return None
            self._keys[name] = {same(v): i for i, v in enumerate(items)}
        return self._keys[name]

    def bounds(self, law: Law) -> tuple[float, float]:
        """The ends of a prior, infinite where it has none."""
        low, high = float("-inf"), float("inf")
        if law.name in _BOUNDED and len(law.arguments) >= 2:
            # An end that follows another parameter may be anything.
            low, high = (
                e if isinstance(a, str) else float(a) for a, e in zip(law.arguments, (low, high), strict=False)
            )
        if law.name == "beta":
            low, high = 0.0, 1.0
        if law.within is not None:
            low = max(low, float("-inf") if law.within[0] is None else law.within[0])
            high = min(high, float("inf") if law.within[1] is None else law.within[1])
        return low, high

    # ---- conditions --------------------------------------------------------------------------------

    def settle(self, formula: Formula) -> Formula:
        """A formula that is true in the same cases; where it is not, false and unknown may change places."""
        formula = pushed(formula)
        match formula:
            case Every():
                return every(self.settle(p) for p in formula.parts)
            case Some():
                return some(self.settle(p) for p in formula.parts)
            case Compare():
                return self._compare(formula)
            case Among():
                return self._among(formula)
            case Active() if formula.name in self.parameters:
                return self._active(formula.name)
        return formula

    def _active(self, name: str) -> Formula:
        return TRUE if self.parameters[name].condition is None else Active(name)

    def _compare(self, atom: Compare) -> Formula:
        if atom.name in self.constants:
            return TRUE if _decided(self.constants[atom.name], atom.op, atom.value) else FALSE
        parameter = self.parameters.get(atom.name)
        if parameter is None:
            return atom
        items = self.listed(parameter)
        if items is None:
            return self._numeric(parameter, atom) if isinstance(parameter.prior, Law) else atom
        if atom.op in ("==", "!="):
            return self._among(Among(atom.name, (atom.value,), atom.op == "!="))
        held = self._ordered(parameter, items, atom)
        short = min(len(held), len(items) - len(held)) <= 1
        keep = not short and isinstance(parameter.prior, Listed) and sorts(parameter.prior)
        return atom if keep else self.member(atom.name, held)

    def _ordered(self, parameter: Parameter, items: Sequence[Value], atom: Compare) -> list[int]:
        """The positions of the values that compare so: by their order where they have one, else as numbers."""
        keys = self.keys(parameter.name) or {}
        place = keys.get(same(atom.value))
        if place is not None and isinstance(parameter.prior, Listed) and parameter.prior.ordered:
            return [i for i in range(len(items)) if _TEST[atom.op](i, place)]
        value = atom.value
        return [i for i, v in enumerate(items) if is_number(v) and is_number(value) and _TEST[atom.op](v, value)]

    def _among(self, atom: Among) -> Formula:
        if atom.name in self.constants:
            found = same(self.constants[atom.name]) in {same(v) for v in atom.values}
            return TRUE if found != atom.negated else FALSE
        parameter = self.parameters.get(atom.name)
        if parameter is None:
            return atom
        keys = self.keys(atom.name)
        if keys is not None:
            held = {keys[same(v)] for v in atom.values if same(v) in keys}
            return self.member(atom.name, [i for i in range(len(keys)) if (i in held) != atom.negated])
        if not isinstance(parameter.prior, Law):
            return atom
        if not parameter.prior.integer and parameter.prior.step is None:
            self.null[Among(atom.name, atom.values)] = None
            return self._active(atom.name) if atom.negated else FALSE
        low, high = self.bounds(parameter.prior)
        kept = [v for v in atom.values if is_number(v) and low <= v <= high and v == int(v)]
        if parameter.prior.step is not None:
            return atom
        if not kept:
            return self._active(atom.name) if atom.negated else FALSE
        values = tuple(sorted({int(v) for v in kept}))
        if len(values) == 1:
            return Compare(atom.name, "!=" if atom.negated else "==", values[0])
        if len(values) == high - low + 1:
            return FALSE if atom.negated else self._active(atom.name)
        return Among(atom.name, values, atom.negated)

    def _numeric(self, parameter: Parameter, atom: Compare) -> Formula:
        prior = parameter.prior
        assert isinstance(prior, Law)
        if atom.op in ("==", "!="):
            return self._among(Among(atom.name, (atom.value,), atom.op == "!="))
        if not is_number(atom.value):
            return FALSE
        low, high = self.bounds(prior)
        ends = [_TEST[atom.op](end, atom.value) for end in (low, high)]
        if all(ends):
            return self._active(atom.name)
        if not any(ends):
            return FALSE
        return atom

    def member(self, name: str, held: Sequence[int]) -> Formula:
        """That a listed parameter has one of the values at these positions, said shortly."""
        items = self.listed(self.parameters[name])
        if items is None:
            return self._among(Among(name, tuple(held)))
        rest = [i for i in range(len(items)) if i not in set(held)]
        if not held:
            return FALSE
        if len(items) == 1:
            return TRUE if self.parameters[name].condition is None else Compare(name, "==", items[0])
        if not rest:
            return self._active(name)
        if len(held) == 1:
            return Compare(name, "==", items[held[0]])
        if len(rest) == 1:
            return Compare(name, "!=", items[rest[0]])
        if len(rest) * 2 < len(held):
            return Among(name, tuple(items[i] for i in rest), True)
        return Among(name, tuple(items[i] for i in held))

    def held(self, atom: Formula) -> frozenset[int] | None:
        """The positions of the values for which a comparison holds, or the values of an integer themselves."""
        if isinstance(atom, (Compare, Among)) and self._integer(atom.name):
            values = (atom.value,) if isinstance(atom, Compare) else atom.values
            plain = atom.op == "==" if isinstance(atom, Compare) else not atom.negated
            return frozenset(int(v) for v in values if is_number(v)) if plain else None
        return self.positions(atom)

    def _integer(self, name: str) -> bool:
        prior = self.parameters[name].prior if name in self.parameters else None
        return isinstance(prior, Law) and prior.integer and prior.step is None and self.keys(name) is None

    def positions(self, atom: Formula) -> frozenset[int] | None:
        """The positions of the values of a listed parameter for which a comparison holds."""
        if not isinstance(atom, (Compare, Among)) or (keys := self.keys(atom.name)) is None:
            return None
        if isinstance(atom, Compare) and atom.op not in ("==", "!="):
            parameter = self.parameters[atom.name]
            return frozenset(self._ordered(parameter, self.listed(parameter) or (), atom))
        values = (atom.value,) if isinstance(atom, Compare) else atom.values
        held = {keys[same(v)] for v in values if same(v) in keys}
        turned = atom.op == "!=" if isinstance(atom, Compare) else atom.negated
        return frozenset(i for i in range(len(keys)) if (i in held) != turned)

    def opposite(self, one: Formula, others: Collection[Formula]) -> Formula | None:
        """The one among `others` that is definitely false exactly where the first is true, and the reverse."""
        if not isinstance(one, (Compare, Among)):
            return None
        held = self.positions(one)
        if held is None:
            turned = negated(one)
            return turned if turned in others else None
        rest = frozenset(range(len(self.keys(one.name) or ()))) - held
        same_name = (f for f in others if isinstance(f, (Compare, Among)) and f.name == one.name)
        return next((f for f in same_name if self.positions(f) == rest), None)


def _decided(left: Value, op: str, right: Value) -> bool:
    if op in ("==", "!="):
        return (same(left) == same(right)) == (op == "==")
    return is_number(left) and is_number(right) and _TEST[op](left, right)


def names_in(formula: Formula) -> set[str]:
    """The parameters that a formula reads, but for what `Text` holds."""
    match formula:
        case Compare() | Among() | Active():
            return {formula.name}
        case Relation():
            return {formula.left, formula.right}
        case Every() | Some():
            return {n for p in formula.parts for n in names_in(p)}
        case Negation():
            return names_in(formula.part)
        case Text():
            return set()
