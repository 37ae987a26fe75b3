"""Parser callbacks for expressions: each takes the tokens and nodes its rule matched, in order.

They keep no state, and raise `Slip` for what the grammar lets through.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from hpdsl.source import Span
from hpdsl.syntax import nodes
from hpdsl.syntax.findings import HUGE, UNCLOSED_TEXT, Slip
from hpdsl.syntax.parts import Parts, listed, plain, span
from hpdsl.syntax.tokens import Token

_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", '"': '"', "'": "'"}
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "none": None}

# ---- operands ---------------------------------------------------------------------------------------


def number(parts: Parts) -> nodes.Number:
    """`3`, `0.5`, `2e-4`."""
    text = parts[0].text
    value = float(text)
    if math.isinf(value):
        shown = text if len(text) <= 20 else text[:17] + "…"
        note = "numbers end at about 1.8e308"
        raise Slip(HUGE, f"{shown} is too large for a double", parts[0].span, note, "write a smaller one, such as 1e9")
    return nodes.Number(int(text) if text.isdigit() else value, parts[0].span)


def string(parts: Parts) -> nodes.String:
    """`"text"` or `'text'`."""
    return nodes.String(unquoted(parts[0]), parts[0].span)


def unquoted(token: Token) -> str:
    r"""What a quoted string says; the escapes are `\n \t \\ \" \'`."""
    body = token.text[1:-1]
    if "\\" not in body:
        return body

    def unescape(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPES:
            start = token.start + 1 + match.start()
            help = r"the escapes are \n \t \\ \" \'; a backslash itself is \\"
            raise Slip(UNCLOSED_TEXT, f"`{match[0]}` is no escape", Span(start, start + 2), help=help)
        return _ESCAPES[match[1]]

    return re.sub(r"\\(.)", unescape, body)


def constant(parts: Parts) -> nodes.Constant:
    """`true`, `false` or `none`."""
    return nodes.Constant(_CONSTANTS[parts[0].text], parts[0].span)


def path(parts: Parts) -> nodes.Path:
    """`a.b.c`."""
    if len(parts) == 1:
        return nodes.Path((plain(parts[0]),), parts[0].span)
    return nodes.Path(tuple([plain(t) for t in parts[::2]]), span(parts))


def call(parts: Parts) -> nodes.Call:
    """`f(a, b)`."""
    return nodes.Call(parts[0], parts[1].parts, span(parts))


def argument(parts: Parts) -> nodes.Argument:
    """`e`, `lo .. hi`, or `name = e`."""
    if len(parts) == 1:
        return nodes.Argument(None, parts[0], parts[0].span)
    return nodes.Argument(parts[0].text, parts[2], span(parts))


def element(parts: Parts) -> nodes.Index:
    """`a[i]`."""
    return nodes.Index(parts[0], parts[2], span(parts))


def field(parts: Parts) -> nodes.Index:
    """`a[i].b`, which is element i of column a.b."""
    indexes = []
    target = parts[0]
    while isinstance(target, nodes.Index):
        indexes.append(target)
        target = target.target
    inner: nodes.Expr = nodes.Path((*target.parts, plain(parts[2])), target.span)
    for at in reversed(indexes):
        inner = nodes.Index(inner, at.index, span(parts))
    assert isinstance(inner, nodes.Index)
    return inner


def list_(parts: Parts) -> nodes.ListExpr:
    """`[a, b]`."""
    return nodes.ListExpr(listed(parts), span(parts))


def parenthesised(parts: Parts) -> nodes.Expr:
    """`(e)`, which is e; its place includes the brackets."""
    inner: nodes.Expr = parts[1]
    return replace(inner, span=span(parts))


def range_(parts: Parts) -> nodes.Range:
    """`lo .. hi`, `lo ..` or `.. hi`."""
    lo = None if isinstance(parts[0], Token) else parts[0]
    hi = None if isinstance(parts[-1], Token) else parts[-1]
    return nodes.Range(lo, hi, span(parts))


# ---- operators --------------------------------------------------------------------------------------


def unary(parts: Parts) -> nodes.Unary:
    """`-x`, `+x`, `not x`."""
    return nodes.Unary(parts[0].text, parts[1], span(parts))


def binary(parts: Parts) -> nodes.Binary:
    """`a op b`."""
    return nodes.Binary(parts[1].text, parts[0], parts[2], span(parts))


def chain(parts: Parts) -> nodes.Expr:
    """`a and b and c` as a balanced tree: long chains are common, and the operation is associative."""
    return _balanced(parts[1].text, parts[::2])


def _balanced(op: str, operands: Sequence[nodes.Expr]) -> nodes.Expr:
    if len(operands) == 1:
        return operands[0]
    middle = (len(operands) + 1) // 2
    left, right = _balanced(op, operands[:middle]), _balanced(op, operands[middle:])
    return nodes.Binary(op, left, right, left.span.to(right.span))


def conditional(parts: Parts) -> nodes.IfElse:
    """`a if c else b`."""
    return nodes.IfElse(parts[2], parts[0], parts[4], span(parts))


def compared(parts: Parts) -> tuple[str, nodes.Expr]:
    """An operator, and what stands to its right."""
    return " ".join([p.text for p in parts[:-1]]), parts[-1]


def comparison(parts: Parts) -> nodes.Compare:
    """`a < b <= c`."""
    operands = (parts[0], *[right for _, right in parts[1:]])
    return nodes.Compare(operands, tuple([op for op, _ in parts[1:]]), operands[0].span.to(operands[-1].span))


CALLBACKS = {
    "number": number,
    "string": string,
    "constant": constant,
    "path": path,
    "call": call,
    "argument": argument,
    "element": element,
    "field": field,
    "list": list_,
    "parenthesised": parenthesised,
    "range": range_,
    "unary": unary,
    "binary": binary,
    "conjunction": chain,
    "disjunction": chain,
    "conditional": conditional,
    "compared": compared,
    "comparison": comparison,
}
