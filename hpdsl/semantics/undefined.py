"""Arithmetic without a value: what is said where it can happen, and why it did in a configuration."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

from hpdsl.intervals import Interval
from hpdsl.semantics.report import MAYBE_UNDEFINED, NON_POSITIVE, Report
from hpdsl.semantics.typed import Typed, number
from hpdsl.source import Span
from hpdsl.terms import Evaluator, Term, walk

LARGEST = sys.float_info.max
_DIVISIONS = ("div", "floordiv", "mod")
_LOGARITHMS = ("log", "log2", "log10")
_NOUNS = {
    "add": "sum",
    "sub": "difference",
    "mul": "product",
    "div": "division",
    "floordiv": "division",
    "mod": "division",
    "pow": "power",
    "exp": "exponential",
    "log": "logarithm",
    "log2": "logarithm",
    "log10": "logarithm",
    "sqrt": "square root",
}


# ---- before anything is drawn -------------------------------------------------------------------------


def undefined(
    report: Report, op: str, operands: Sequence[Typed], parts: Sequence[Interval], span: Span, *, certain: bool
) -> None:
    """Say that an operation on operands between some bounds can be undefined; raises where it is so `certain`ly."""
    divided = op in _DIVISIONS
    at = parts[1] if divided else parts[0]
    reach = f"{number(at.lo)} .. {number(at.hi)}"
    if certain or _hopeless(op, parts):
        what = "division by zero" if divided else f"`{'power' if op == 'pow' else op}` of {reach}"
        raise report.error(
            NON_POSITIVE,
            f"{what} has no value",
            span,
            note="undefined everywhere",
            help="change the expression so that its operand stays positive"
            if not divided
            else "divide by something that is never zero",
        )
    rule = _rule(op, parts)
    if rule:
        lies = f"lies in {reach}" if at.point is None else f"is {number(at.point)}"
        note = f"its {'divisor' if divided else 'operand'} {lies}, and {rule}"
        sign = ">=" if op == "sqrt" else ">"
        if divided and at.lo < 0.0:
            sign = "<" if at.hi <= 0.0 else "!="
        guard = f"{report.text(operands[divided].span)} {sign} 0" if at.point is None else ""
    else:
        note = f"its value can pass {LARGEST:.2g}, the largest number"
        guard = _small_enough(report, op, operands, parts)
    advice = f"guard the sentence: `when {guard} {{ … }}`" if guard else "narrow the ranges that it speaks about"
    report.warning(
        MAYBE_UNDEFINED,
        f"this {_NOUNS.get(op, op)} can be undefined",
        span,
        note=note,
        help=f"{advice}; where it is undefined the configuration is refused",
    )


def _hopeless(op: str, parts: Sequence[Interval]) -> bool:
    if op in _LOGARITHMS:
        return parts[0].hi <= 0.0
    if op == "sqrt":
        return parts[0].hi < 0.0
    return op in _DIVISIONS and parts[1].point == 0.0


def _rule(op: str, parts: Sequence[Interval]) -> str:
    """The rule that an operand can break; empty where only the size of the result is to blame."""
    if op in _DIVISIONS:
        return "it is undefined at 0" if parts[1].lo <= 0.0 <= parts[1].hi else ""
    if op in _LOGARITHMS:
        return "it is undefined for zero and negative numbers"
    if op == "sqrt":
        return "it is undefined for negative numbers"
    if op == "pow":
        base, exponent = parts
        fraction = base.lo < 0.0 and not exponent.integer
        if fraction or (base.lo <= 0.0 <= base.hi and exponent.lo < 0.0):
            return "a power of a negative number, or of 0 with a negative exponent, can be undefined"
    return ""


def _small_enough(report: Report, op: str, operands: Sequence[Typed], parts: Sequence[Interval]) -> str:
    """When an exponential stays below the largest number; empty for other operations."""
    if op == "exp":
        return f"{report.text(operands[0].span)} <= {math.floor(math.log(LARGEST))}"
    base = parts[0].point
    if op == "pow" and base is not None and base > 1.0:
        return f"{report.text(operands[1].span)} <= {math.floor(math.log(LARGEST) / math.log(base))}"
    return ""


# ---- in one configuration -----------------------------------------------------------------------------


def cause(term: Term, row: Evaluator) -> str:
    """Why a term has no value in a configuration, such as "it divides by 0"; empty where it has one."""
    if not math.isinf(row.value(term)):
        return ""
    for node in walk(term):
        values = [row.value(a) for a in node.args]
        if not math.isinf(row.value(node)) or any(map(math.isinf, values)):
            continue
        if node.op in _DIVISIONS and values[1] == 0.0:
            return "it divides by 0"
        if node.op in _LOGARITHMS or node.op == "sqrt":
            return f"it takes the {_NOUNS[node.op]} of {number(values[0])}"
        if node.op == "pow" and values[0] <= 0.0:
            return f"it raises {number(values[0])} to {number(values[1])}"
        return f"its {_NOUNS.get(node.op, 'value')} passes {LARGEST:.2g}, the largest number"
    return "its arithmetic is undefined"
