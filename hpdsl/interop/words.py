"""Names, values, conditions and priors as .hp text."""

from __future__ import annotations

import math
import re
from collections.abc import Collection

from hpdsl.errors import UsageError
from hpdsl.interop.domains import sorts
from hpdsl.interop.draft import (
    Active,
    Among,
    Compare,
    Every,
    Formula,
    Law,
    Listed,
    Negation,
    Relation,
    Text,
    Value,
)
from hpdsl.syntax.spelling import bare, quoted

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
# The characters that no .hp file may hold, in names and strings neither.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def name(text: str) -> str:
    """A name, in backticks where it needs them."""
    if bare(text):
        return text
    if not text or "`" in text or "\n" in text or "\t" in text or _FORBIDDEN.search(text):
        raise UsageError(f"{text!r} can't be a name in a .hp file; rename it: no backticks, tabs or line breaks")
    return quoted(text)


def string(text: str) -> str:
    """A quoted string."""
    if _FORBIDDEN.search(text):
        raise UsageError(f"the value {text!r} holds a control character, which a .hp file can't")
    return '"' + "".join(_ESCAPES.get(c, c) for c in text) + '"'


def number(value: int | float) -> str:
    """A number; its type stays, so that 1.0 is not an integer."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        raise UsageError(f"{value} is no number a .hp file can hold; give a finite one")
    digits, _, exponent = repr(value).partition("e")
    return f"{digits}e{int(exponent)}" if exponent else digits


def amount(value: int | float | str) -> str:
    """A number whose type says nothing: `1` for 1.0; an expression as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e9:
        return str(int(value))
    return number(value)


class Printer:
    """Expressions over the declared names of one file: a label that is also one of them is quoted."""

    def __init__(self, declared: Collection[str]) -> None:
        self.declared = frozenset(declared)

    def value(self, value: Value) -> str:
        """A value of a choice, of a comparison or of a default."""
        if value is None:
            return "none"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return value if bare(value) and value not in self.declared else string(value)
        return number(value)

    def constant(self, value: Value) -> str:
        """The right side of `name = value`, where a bare word would be another name."""
        return string(value) if isinstance(value, str) else self.value(value)

    def formula(self, formula: Formula, tight: bool = False) -> str:
        """An expression; `tight` asks for brackets around what binds less than a comparison."""
        match formula:
            case Compare():
                return f"{name(formula.name)} {formula.op} {self.value(formula.value)}"
            case Among():
                values = ", ".join(self.value(v) for v in formula.values)
                return f"{name(formula.name)} {'not in' if formula.negated else 'in'} [{values}]"
            case Relation():
                return f"{name(formula.left)} {formula.op} {name(formula.right)}"
            case Active():
                return f"active({name(formula.name)})"
            case Text():
                return f"({formula.text})" if tight else formula.text
            case Negation():
                text = f"not {self.formula(formula.part, True)}"
                return f"({text})" if tight else text
        if not formula.parts:
            return "true" if isinstance(formula, Every) else "false"
        if len(formula.parts) == 1:
            return self.formula(formula.parts[0], tight)
        word = " and " if isinstance(formula, Every) else " or "
        text = word.join(self.formula(p, True) for p in formula.parts)
        return f"({text})" if tight else text

    def prior(self, prior: Law | Listed) -> str:
        """What stands after `~`."""
        if isinstance(prior, Law):
            return law(prior)
        items = [law(i) if isinstance(i, Law) else self.value(i) for i in prior.items]
        if prior.weights is not None:
            items = [f"{item}: {amount(w)}" for item, w in zip(items, prior.weights, strict=True)]
        elif len(prior.items) == 2 and all(isinstance(i, bool) for i in prior.items) and not prior.ordered:
            return "bool()"
        return f"{'ordinal' if sorts(prior) else 'choice'}({', '.join(items)})"


def law(law: Law) -> str:
    """`int normal(3, 1) in 0 .. 10`."""
    text = f"{'int ' if law.integer else ''}{law.name}({', '.join(map(amount, law.arguments))})"
    if law.within is not None and law.within != (None, None):
        low, high = (None if e is None or math.isinf(e) else amount(e) for e in law.within)
        text += " in " + " ".join(part for part in (low, "..", high) if part is not None)
    if law.step is not None:
        text += f" step {amount(law.step)}"
    return text
